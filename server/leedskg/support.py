"""Who can help: each need of innovators with who helps, through what and where, and at which stage if a source says."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from leedskg.catalogue import folded
from leedskg.namespaces import Namespaces
from leedskg.record import Name, RecordReader, Statement
from leedskg.store import Reader, Row

#: How alike two words are for one to pass as a slip of the other (difflib's ratio).
_ALIKE = 0.82
#: Words that say nothing about a need.
_EMPTY_WORDS = frozenset(
    {"a", "access", "an", "and", "find", "for", "get", "help", "i", "in", "me", "my", "need", "of", "on", "or", "our"}
    | {"some", "someone", "the", "to", "us", "want", "we", "who", "with"}
)


@dataclass(frozen=True)
class Need:
    """A concept of the scheme of needs, with the words that it may be looked for by."""

    iri: str
    label: str
    definition: str
    words: frozenset[str]


@dataclass(frozen=True)
class Offer:
    """That a provider helps with a need: the statement, and the services and stages that it names."""

    statement: Statement
    need: Name
    provider: Name
    services: tuple[Name, ...]
    stages: tuple[Name, ...]
    places: tuple[Name, ...]
    operators: tuple[Name, ...]
    planned: bool


@dataclass(frozen=True)
class Support:
    """All needs, stages and offers of one generation."""

    needs: tuple[Need, ...]
    stages: tuple[Name, ...]
    offers: tuple[Offer, ...]

    def for_need(self, need: str, stage: str = "") -> list[Offer]:
        """Who helps with a need, by name; with a stage, only what a source ties to that stage."""
        return [
            offer
            for offer in self.offers
            if offer.need.iri == need and (not stage or any(each.iri == stage for each in offer.stages))
        ]

    def like(self, text: str) -> list[Need]:
        """The needs that these words may mean, best first; none when no word is known, for a guess would mislead."""
        asked = [word for word in folded(text).split() if word not in _EMPTY_WORDS]
        scored = [(sum(_knows(need.words, word) for word in asked), need) for need in self.needs]
        best = max((score for score, _ in scored), default=0)
        return [need for score, need in scored if score == best and best > 0]


def _knows(words: frozenset[str], word: str) -> float:
    """1 for a word, half for its beginning or a slip of it, 0 when it is not among the words."""
    if word in words or word.removesuffix("s") in words or f"{word.removesuffix('ies')}y" in words:
        return 1
    if len(word) >= 3 and any(each.startswith(word) or word.startswith(each) for each in words if len(each) >= 3):
        return 0.5
    return 0.5 if len(word) >= 5 and get_close_matches(word, words, 1, _ALIKE) else 0


def read_support(reader: Reader, records: RecordReader, namespaces: Namespaces) -> Support:
    """Read every need, also those that nobody helps with, every stage, and every offer that is not deprecated."""
    base = namespaces.base
    rows = reader.rows(_OFFERS % base)
    statements = records.statements(row["support"].value for row in rows)
    places, operators = _told(reader.rows(_PLACES % base)), _told(reader.rows(_OPERATORS % base))
    planned = {row["thing"].value for row in reader.rows(_PLANNED % base)}
    offers: dict[tuple[str, str], Offer] = {}
    for row in rows:
        statement = statements.get(row["support"].value)
        need = statement.detail(namespaces.term("need")) if statement else None
        if statement is None or need is None:
            continue
        by_role: dict[str, list[Name]] = {}
        for part in statement.parts:
            by_role.setdefault(part.role.iri, []).append(part.entity)
        stages = tuple(each.value for each in statement.details if each.field.iri == namespaces.term("stage"))
        for provider in by_role.get(namespaces.concept("role", "provider"), ()):
            offers[statement.iri, provider.iri] = Offer(
                statement,
                need,
                provider,
                tuple(sorted(by_role.get(namespaces.concept("role", "service"), ()), key=_by_label)),
                stages,
                places.get(provider.iri, ()),
                operators.get(provider.iri, ()),
                provider.iri in planned,
            )
    ordered = sorted(offers.values(), key=lambda offer: (_by_label(offer.need), _by_label(offer.provider)))
    return Support(_needs(reader, base, ordered), _stages(reader, base), tuple(ordered))


def _needs(reader: Reader, base: str, offers: list[Offer]) -> tuple[Need, ...]:
    """The needs with their words: their own, those a curator gave to look for them by, and those of their services."""
    texts: dict[str, list[str]] = {}
    own: dict[str, tuple[str, str]] = {}
    for row in reader.rows(_NEEDS % base):
        iri, definition = row["need"].value, row["definition"].value if "definition" in row else ""
        own[iri] = (row["label"].value, definition)
        texts.setdefault(iri, [row["label"].value, definition]).extend(
            row[name].value for name in ("hidden", "also") if name in row
        )
    for offer in offers:
        texts.get(offer.need.iri, []).extend(service.label for service in offer.services)
    return tuple(
        Need(iri, label, definition, frozenset(folded(" ".join(texts[iri])).split()) - _EMPTY_WORDS)
        for iri, (label, definition) in sorted(own.items(), key=lambda item: item[1][0].casefold())
    )


def _stages(reader: Reader, base: str) -> tuple[Name, ...]:
    return tuple(Name(row["stage"].value, row["label"].value) for row in reader.rows(_STAGES % base))


def _told(rows: list[Row]) -> dict[str, tuple[Name, ...]]:
    found: dict[str, tuple[Name, ...]] = {}
    for row in rows:
        name = Name(row["other"].value, row["label"].value)
        found[row["thing"].value] = (*found.get(row["thing"].value, ()), name)
    return found


def _by_label(name: Name) -> str:
    return name.label.casefold()


_PREFIXES = """
BASE <%s>
PREFIX lhi: <def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""

_OFFERS = (
    _PREFIXES
    + """
SELECT DISTINCT ?support WHERE {
  ?support a lhi:Support ; lhi:need ?need .
  FILTER NOT EXISTS { ?support lhi:rank <scheme/rank/deprecated> }
} ORDER BY ?support
"""
)

_NEEDS = (
    _PREFIXES
    + """
SELECT ?need ?label ?definition ?hidden ?also WHERE {
  ?need skos:inScheme <scheme/need> ; skos:prefLabel ?label .
  OPTIONAL { ?need skos:definition ?definition }
  OPTIONAL { ?need skos:hiddenLabel ?hidden }
  OPTIONAL { ?need skos:altLabel ?also }
}
"""
)

_STAGES = (
    _PREFIXES
    + """
SELECT ?stage ?label WHERE {
  ?stage skos:inScheme <scheme/stage> ; skos:prefLabel ?label .
  FILTER EXISTS { ?support lhi:stage ?stage }
} ORDER BY ?label
"""
)

_PLACES = (
    _PREFIXES
    + """
SELECT DISTINCT ?thing ?other ?label WHERE {
  ?thing lhi:helpsWith ?need ; lhi:locatedIn ?other . ?other skos:prefLabel ?label .
} ORDER BY ?label
"""
)

_OPERATORS = (
    _PREFIXES
    + """
SELECT DISTINCT ?thing ?other ?label WHERE {
  ?thing lhi:helpsWith ?need ; lhi:operatedBy ?other . ?other skos:prefLabel ?label .
} ORDER BY ?label
"""
)

_PLANNED = (
    _PREFIXES
    + """
SELECT DISTINCT ?thing WHERE {
  ?thing lhi:helpsWith ?need ; lhi:status ?status . FILTER(LCASE(STR(?status)) = "planned")
}
"""
)
