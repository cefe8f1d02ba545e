"""The names in the graph: finding an entity by label, variant or IRI, and searching for one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from leedskg.errors import Candidate, UnknownNameError
from leedskg.kinds import FAMILIES
from leedskg.namespaces import Namespaces
from leedskg.store import Reader

#: Letters of a word that is not taken for a plural.
_SHORT = 3
#: Characters that join words in print and part them in a search.
_PARTING = str.maketrans(dict.fromkeys("-–—/,.:;()[]'‘’\"“”", " ") | {"&": " and "})


def folded(text: str) -> str:
    """A name as it is compared: without case, accents, punctuation or runs of white space."""
    plain = unicodedata.normalize("NFKD", text.translate(_PARTING))
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).casefold().split())


def fits(words: Iterable[str], name: str) -> bool:
    """Whether each word begins one of the words of a folded name, or all of them together begin the name."""
    parts, words = name.split(), list(words)
    return bool(words) and ("".join(parts).startswith("".join(words)) or _begin(words, parts))


def beginnings(words: Iterable[str]) -> list[str]:
    """The words without an English plural's ending: what `labs`, `charity` and `charities` have in common."""
    return [re.sub("(?:ies|y|s)$", "", word) if len(word) > _SHORT else word for word in words]


@dataclass(frozen=True)
class Entry:
    """An entity in the catalogue: its IRI, names, and kinds as classes and in words."""

    iri: str
    label: str
    variants: tuple[str, ...]
    kinds: tuple[str, ...]
    kind_labels: tuple[str, ...]
    description: str = ""
    replaced_by: str = ""

    @property
    def kind(self) -> str:
        """The kinds in words, such as `university` or `facility, organisational collaboration`."""
        return ", ".join(self.kind_labels)

    @property
    def names(self) -> tuple[str, ...]:
        """The label and every variant."""
        return (self.label, *self.variants)

    @property
    def actor(self) -> bool:
        """Whether it is a body that acts: an organisation of some kind, and not a place, product or figure."""
        return any(kind in FAMILIES["Organisations"] for kind in self.kind_labels)


@dataclass(frozen=True)
class KindCount:
    """A kind in words and as a class, and how many entities are of it."""

    label: str
    iri: str
    number: int


@dataclass(frozen=True)
class Match:
    """An entity that a search found, and by which of its names."""

    entry: Entry
    name: str
    score: float


@dataclass
class Catalogue:
    """Every entity of one generation by name."""

    namespaces: Namespaces
    entries: dict[str, Entry]
    _by_label: dict[str, list[Entry]] = field(default_factory=dict, repr=False)
    _with_kind: dict[str, list[Entry]] = field(default_factory=dict, repr=False)
    _by_name: dict[str, list[Entry]] = field(default_factory=dict, repr=False)
    _folded: list[tuple[str, str, Entry]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        for entry in self.entries.values():
            self._by_label.setdefault(folded(entry.label), []).append(entry)
            self._with_kind.setdefault(folded(f"{entry.label} ({entry.kind})"), []).append(entry)
            for name in dict.fromkeys(entry.names):
                found = self._by_name.setdefault(folded(name), [])
                if entry not in found:
                    found.append(entry)
                self._folded.append((folded(name), name, entry))

    @classmethod
    def read(cls, reader: Reader, namespaces: Namespaces) -> Catalogue:
        """Read every entity with its names and narrowest kinds from the published graph."""
        gathered: dict[str, dict[str, set[str]]] = {}
        # Two questions: as one, with UNION, they took four times as long (12,500 entities).
        for query in (_NAMES, _KINDS_OF):
            for row in reader.rows(query % namespaces.base):
                about = gathered.setdefault(row["entity"].value, {})
                about.setdefault(row["what"].value, set()).add(row["value"].value)
        kind_labels = {row["kind"].value: row["label"].value for row in reader.rows(_KINDS % namespaces.base)}
        entries = {}
        for iri, about in gathered.items():
            label = min(about.get("label", {namespaces.shorten(iri)}))
            kinds = sorted(about.get("kind", ()))
            entries[iri] = Entry(
                iri,
                label,
                tuple(sorted(about.get("variant", set()) - {label})),
                tuple(kinds),
                tuple(kind_labels.get(kind, namespaces.shorten(kind)) for kind in kinds),
                min(about.get("description", {""})),
                min(about.get("replacement", {""})),
            )
        return cls(namespaces, dict(sorted(entries.items(), key=lambda item: (folded(item[1].label), item[0]))))

    @cached_property
    def kinds(self) -> tuple[KindCount, ...]:
        """Every kind that an entity is of, by its label; replaced entities do not count."""
        entries = [entry for entry in self.entries.values() if not entry.replaced_by]
        found = Counter(kind for entry in entries for kind in zip(entry.kind_labels, entry.kinds, strict=True))
        return tuple(KindCount(label, iri, number) for (label, iri), number in sorted(found.items()))

    def find(self, name: str) -> Entry:
        """The one entity that goes by this name; a replaced one gives its replacement.

        An IRI, a short IRI (`id:nexus`) and the last part of one are names too, and so is a name with its kind in
        brackets. A label written exactly so comes before labels and variants that differ in case or accents. Raises
        UnknownNameError, with candidates, for a name that fits none or several.
        """
        name = name.strip()
        if not name:
            raise UnknownNameError("Give the name of an organisation, facility or programme.")
        entry = self._by_iri(name)
        if entry is None:
            found = self._by_text(name)
            if len(found) > 1:
                raise UnknownNameError(
                    f"“{name}” is a name of {len(found)} entities; say which one is meant.",
                    candidates=_candidates(found),
                    ambiguous=True,
                )
            if not found:
                near = [match.entry for match in self.search(name, 6)]
                hint = "It may be one of these." if near else "Try a part of the name."
                raise UnknownNameError(f"Nothing in the graph goes by “{name}”. {hint}", candidates=_candidates(near))
            entry = found[0]
        return self.entries.get(entry.replaced_by, entry)

    def unique_name(self, entry: Entry) -> str:
        """A name by which `find` gives this very entity: the label, with the kind where others have the label too."""
        for name in (entry.label, f"{entry.label} ({entry.kind})"):
            if self._by_text(name) == [entry]:
                return name
        return self.namespaces.shorten(entry.iri)

    def _by_text(self, name: str) -> list[Entry]:
        """The entities that a name may mean, the strictest reading first that has any."""
        alike = self._by_label.get(folded(name), [])
        exact = [entry for entry in alike if entry.label == name]
        with_kind = [entry for entry in self._with_kind.get(folded(name), []) if not alike]
        return exact or alike or with_kind or self._by_name.get(folded(name), [])

    def _by_iri(self, name: str) -> Entry | None:
        prefix, colon, local = name.strip("<>").partition(":")
        if colon and prefix in self.namespaces.prefixes:
            return self.entries.get(self.namespaces.prefixes[prefix] + local)
        return self.entries.get(name.strip("<>")) or self.entries.get(self.namespaces.entity(name))

    def search(self, text: str, limit: int = 50, kind: str = "") -> list[Match]:
        """Entities with a name that has every word of `text`, the closest first; a near miss when none has.

        Where none has them as they are, plurals count for the beginnings that they share. `kind` is the IRI of a class:
        only its entities count. An empty text finds every entity of the kind. The name of a replaced entity finds its
        replacement.
        """
        words = folded(text).split()
        best = self._fitting(words, kind) or self._fitting(beginnings(words), kind)
        if not best and words and limit > 0:
            names = [plain for plain, _, entry in self._folded if not kind or kind in entry.kinds]
            for near in get_close_matches(" ".join(words), names, n=limit, cutoff=0.7):
                for entry in self._by_name[near]:
                    best.setdefault(entry.iri, Match(entry, near, 0.1))
        return sorted(best.values(), key=lambda match: (-match.score, folded(match.entry.label), match.entry.iri))[
            :limit
        ]

    def _fitting(self, words: list[str], kind: str) -> dict[str, Match]:
        """Entities with a name that has these words, each with the name that fits best, by IRI."""
        best: dict[str, Match] = {}
        for plain, name, named in self._folded:
            entry = self.entries.get(named.replaced_by, named)
            if (kind and kind not in entry.kinds) or (named.replaced_by and not words):
                continue
            score = _score(plain, words)
            if score and score > (best[entry.iri].score if entry.iri in best else 0):
                best[entry.iri] = Match(entry, name, score)
        return best


def _begin(words: list[str], parts: list[str]) -> bool:
    """Whether each of the words begins one of the parts."""
    return all(any(part.startswith(word) for part in parts) for word in words)


def _score(name: str, words: list[str]) -> float:
    """How well a folded name fits the words, 0 for not at all: whole names first, then beginnings, then the shorter."""
    if not words:
        return 1.0
    if not _begin(words, name.split()):
        return 0.0
    text = " ".join(words)
    return (2.0 if name == text else 1.0 if name.startswith(text) else 0.5) + len(text) / (10.0 * max(len(name), 1))


def _candidates(entries: Iterable[Entry]) -> tuple[Candidate, ...]:
    unique = {entry.iri: entry for entry in entries}
    return tuple(Candidate(entry.iri, entry.label, entry.kind) for entry in unique.values())


_NAMES = """
PREFIX lhi: <%sdef#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?entity ?what ?value WHERE {
  VALUES (?property ?what) {
    (skos:prefLabel "label") (skos:altLabel "variant") (dcterms:description "description")
    (dcterms:isReplacedBy "replacement")
  }
  ?entity a lhi:Entity ; ?property ?value .
}
"""

_KINDS_OF = """
PREFIX lhi: <%sdef#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?entity ("kind" AS ?what) ?value WHERE {
  ?entity a lhi:Entity , ?value .
  FILTER(STRSTARTS(STR(?value), STR(lhi:)))
  FILTER NOT EXISTS { ?entity a ?narrower . ?narrower rdfs:subClassOf ?value }
}
"""

_KINDS = """
PREFIX lhi: <%sdef#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?kind ?label WHERE { ?kind rdfs:subClassOf* lhi:Entity ; rdfs:label ?label }
"""
