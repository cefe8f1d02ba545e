"""What lists of entities can be narrowed by: place, theme, need and source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.store import Reader

#: Each facet, and how SPARQL says that `?thing` has a value of it, which facets.rq says too.
FACETS: Mapping[str, str] = {
    "place": "?thing lhi:within <%s> .",
    "theme": "?thing lhi:hasTheme <%s> .",
    "need": "?thing lhi:helpsWith|lhi:meetsNeed <%s> .",
    "source": "?thing (lhi:namedAt|^lhi:participant/^lhi:hasParticipation/lhi:hasEvidence)/oa:hasSource <%s> .",
}

#: The values that are asked for, by facet. All of them have to hold.
Chosen = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet, and how many of the entities in question have it."""

    iri: str
    label: str
    number: int


@dataclass(frozen=True)
class Facets:
    """Which entities have which value of which facet."""

    #: By facet and the IRI of a value, the IRIs of the entities.
    having: Mapping[str, Mapping[str, frozenset[str]]]
    labels: Mapping[str, str]

    @classmethod
    def read(cls, reader: Reader, namespaces: Namespaces) -> Facets:
        """Read the facets of every entity."""
        found: dict[str, dict[str, set[str]]] = {facet: {} for facet in FACETS}
        labels: dict[str, str] = {}
        for row in reader.rows(query_beside(__file__, "facets") % namespaces.base):
            value = row["value"].value
            found[row["facet"].value].setdefault(value, set()).add(row["thing"].value)
            labels[value] = row["label"].value if "label" in row else namespaces.shorten(value)
        having = {
            facet: {value: frozenset(things) for value, things in values.items()} for facet, values in found.items()
        }
        return cls(having, labels)

    def keeps(self, iri: str, chosen: Chosen) -> bool:
        """Return whether an entity has every value that is asked for."""
        return all(
            iri in self.having[facet].get(value, frozenset()) for facet, values in chosen.items() for value in values
        )

    def counted(self, facet: str, iris: Iterable[str]) -> list[FacetValue]:
        """Return the values that any of the entities has, the most frequent first."""
        among = frozenset(iris)
        counts = ((value, len(things & among)) for value, things in self.having[facet].items())
        found = [FacetValue(value, self.labels[value], number) for value, number in counts if number]
        return sorted(found, key=lambda each: (-each.number, each.label.casefold(), each.iri))
