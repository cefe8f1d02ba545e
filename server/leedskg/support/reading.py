"""Needs, stages and offers of the published graph."""

from __future__ import annotations

from leedskg.namespaces import Namespaces
from leedskg.record import Name, RecordReader, Statement
from leedskg.store import Reader
from leedskg.support.model import Need, Offer, Support


def read_support(reader: Reader, records: RecordReader, namespaces: Namespaces) -> Support:
    """Read every need, also those that nobody helps with, the stages that are used, and every offer still held."""
    base = namespaces.base
    rows = reader.rows(_OFFERS % base)
    providers = _providers(reader, base)
    offers: dict[tuple[str, str], Offer] = {}
    for statement in records.statements(row["support"].value for row in rows).values():
        for offer in _offers(statement, namespaces, providers):
            offers[statement.iri, offer.provider.iri] = offer
    ordered = tuple(sorted(offers.values(), key=lambda offer: (_by_label(offer.need), _by_label(offer.provider))))
    concepts = _concepts(reader, base)
    return Support(_needs(concepts["need"], ordered), _stages(concepts["stage"], ordered), ordered)


def _offers(
    statement: Statement, namespaces: Namespaces, providers: dict[str, dict[str, tuple[Name, ...]]]
) -> list[Offer]:
    """An offer for each provider that a statement names."""
    need = statement.detail(namespaces.term("need"))
    if need is None:
        return []
    by_role: dict[str, list[Name]] = {}
    for part in statement.parts:
        by_role.setdefault(part.role.iri, []).append(part.entity)
    services = tuple(sorted(by_role.get(namespaces.concept("role", "service"), ()), key=_by_label))
    stages = tuple(each.value for each in statement.details if each.field.iri == namespaces.term("stage"))
    offers = []
    for provider in by_role.get(namespaces.concept("role", "provider"), ()):
        told = providers.get(provider.iri, {})
        planned = any(each.label.casefold() == "planned" for each in told.get("status", ()))
        places, operators = told.get("place", ()), told.get("operator", ())
        offers.append(Offer(statement, need, provider, services, stages, places, operators, planned))
    return offers


def _providers(reader: Reader, base: str) -> dict[str, dict[str, tuple[Name, ...]]]:
    """Where each provider is, who runs it, and its status, by the words of the query."""
    found: dict[str, dict[str, tuple[Name, ...]]] = {}
    for row in reader.rows(_PROVIDERS % base):
        told = found.setdefault(row["provider"].value, {})
        value = row["value"]
        name = Name(value.value if value.is_iri else "", row["label"].value if "label" in row else value.value)
        told[row["what"].value] = (*told.get(row["what"].value, ()), name)
    return found


def _concepts(reader: Reader, base: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    """The texts of every need and stage by scheme, IRI and property."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {"need": {}, "stage": {}}
    for row in reader.rows(_CONCEPTS % base):
        texts = found[row["scheme"].value].setdefault(row["concept"].value, {})
        texts.setdefault(row["what"].value, []).append(row["text"].value)
    return found


def _needs(concepts: dict[str, dict[str, list[str]]], offers: tuple[Offer, ...]) -> tuple[Need, ...]:
    """The needs with their texts: their own, those a curator gave to look for them by, and those of their services."""
    services: dict[str, list[str]] = {}
    for offer in offers:
        services.setdefault(offer.need.iri, []).extend(service.label for service in offer.services)
    needs = [
        Need(
            iri,
            min(texts["label"]),
            min(texts.get("definition", [""])),
            tuple(text for each in texts.values() for text in each) + tuple(services.get(iri, ())),
        )
        for iri, texts in concepts.items()
        if "label" in texts
    ]
    return tuple(sorted(needs, key=lambda need: (need.label.casefold(), need.iri)))


def _stages(concepts: dict[str, dict[str, list[str]]], offers: tuple[Offer, ...]) -> tuple[Name, ...]:
    """The stages that a source ties help to, in the order of their numbers."""
    used = {stage.iri: stage for offer in offers for stage in offer.stages}
    return tuple(used[iri] for iri in sorted(used, key=lambda iri: (_first(concepts, iri), used[iri].label)))


def _first(concepts: dict[str, dict[str, list[str]]], iri: str) -> int:
    number = min(concepts.get(iri, {}).get("number", [""]))
    return int(number) if number.isascii() and number.isdecimal() else 0


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

_CONCEPTS = (
    _PREFIXES
    + """
SELECT DISTINCT ?scheme ?concept ?what ?text WHERE {
  VALUES (?in ?scheme) { (<scheme/need> "need") (<scheme/stage> "stage") }
  VALUES (?property ?what) {
    (skos:prefLabel "label") (skos:altLabel "also") (skos:hiddenLabel "hidden") (skos:definition "definition")
    (skos:notation "number")
  }
  ?concept skos:inScheme ?in ; ?property ?text .
} ORDER BY ?concept ?text
"""
)

_PROVIDERS = (
    _PREFIXES
    + """
SELECT DISTINCT ?provider ?what ?value ?label WHERE {
  VALUES (?property ?what) { (lhi:locatedIn "place") (lhi:operatedBy "operator") (lhi:status "status") }
  ?provider lhi:helpsWith ?need ; ?property ?value .
  OPTIONAL { ?value skos:prefLabel ?label }
} ORDER BY ?label ?value
"""
)
