"""What can be asked of an entity by reconciliation: its identifiers, names, kind, description and direct edges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leedskg.generation_view import GenerationView
from leedskg.query_files import query_beside

#: Values that stand in the catalogue of names.
_OWN = {"kind": "kind", "description": "description", "other-names": "other names", "iri": "IRI"}


@dataclass(frozen=True)
class Property:
    """A property by its id, what it is called, and the IRI of its identifiers' scheme or of its edge."""

    id: str
    name: str
    scheme: str = ""
    edge: str = ""


def properties(view: GenerationView) -> dict[str, Property]:
    """Return every property by its id."""
    namespaces = view.namespaces
    found = {name: Property(name, words) for name, words in _OWN.items()}
    for row in view.reader.rows(_SCHEMES % namespaces.base):
        iri = row["scheme"].value
        name = iri.rpartition("/")[2]
        found[name] = Property(name, row["label"].value, scheme=iri)
    for row in view.reader.rows(query_beside(__file__, "properties_edges") % namespaces.base):
        iri = row["edge"].value
        name = iri.rpartition("#")[2]
        found[name] = Property(name, row["label"].value, edge=iri)
    return found


def used_by(view: GenerationView, kinds: Iterable[str]) -> list[Property]:
    """Return the properties that entities of these kinds have, those of most entities first."""
    known = properties(view)
    by_iri = {each.scheme or each.edge: each for each in known.values() if each.scheme or each.edge}
    wanted = " ".join(f"<{each}>" for each in kinds)
    rows = view.reader.rows(query_beside(__file__, "properties_used").replace("KINDS", wanted) % view.namespaces.base)
    used = [by_iri[row["what"].value] for row in rows if row["what"].value in by_iri]
    return [*(known[name] for name in _OWN), *used]


def values(
    view: GenerationView, iris: Iterable[str], asked: Iterable[Property]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the values of entities by property, as the protocol has them."""
    entities, wanted = list(iris), list(asked)
    found: dict[str, dict[str, list[dict[str, Any]]]] = {
        iri: {each.id: _own(view, iri, each.id) for each in wanted} for iri in entities
    }
    by_iri = {each.scheme or each.edge: each.id for each in wanted if each.scheme or each.edge}
    if not entities or not by_iri:
        return found
    query = query_beside(__file__, "properties_values").replace("ENTITIES", " ".join(f"<{each}>" for each in entities))
    schemes = " ".join(f"<{each.scheme}>" for each in wanted if each.scheme)
    edges = " ".join(f"<{each.edge}>" for each in wanted if each.edge)
    for row in view.reader.rows(query.replace("SCHEMES", schemes).replace("EDGES", edges) % view.namespaces.base):
        cell = found[row["entity"].value][by_iri[row["what"].value]]
        if row["value"].is_iri:
            other = view.catalogue.entries.get(row["value"].value)
            if other and other.in_use:
                cell.append({"id": short_id(view, other.iri), "name": other.label})
        else:
            cell.append({"str": row["value"].value})
    return found


def _own(view: GenerationView, iri: str, name: str) -> list[dict[str, Any]]:
    entry = view.catalogue.entries[iri]
    texts = {
        "kind": entry.kind_labels,
        "description": [entry.description] if entry.description else [],
        "other-names": entry.variants,
        "iri": [iri],
    }
    return [{"str": text} for text in texts.get(name, ())]


def short_id(view: GenerationView, iri: str) -> str:
    """Return the id of an entity in the protocol: its IRI without the identifier space."""
    return iri.removeprefix(view.namespaces.entity(""))


_SCHEMES = """
BASE <%s>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?scheme ?label WHERE { ?scheme skos:inScheme <scheme/identifier> ; skos:prefLabel ?label } ORDER BY ?label
"""
