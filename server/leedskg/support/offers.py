"""Who can help: each need of innovators with who helps, through what and where, and at which stage if a source says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.record import Name, RecordReader, ShownAssertion
from leedskg.store import Reader
from leedskg.support.words import Meaning, Wording


@dataclass(frozen=True)
class Need:
    """A concept of the scheme of needs, with the texts that it may be looked for by."""

    iri: str
    label: str
    definition: str
    texts: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The last part of its IRI, which addresses name it by."""
        return self.iri.rpartition("/")[2]


@dataclass(frozen=True)
class Offer:
    """That a provider helps with a need: the statement, and the services and stages that it names."""

    statement: ShownAssertion
    need: Name
    provider: Name
    services: tuple[Name, ...]
    stages: tuple[Name, ...]
    places: tuple[Name, ...]
    operators: tuple[Name, ...]
    planned: bool


@dataclass(frozen=True)
class Support:
    """All needs, the stages that any source ties help to, and all offers of one generation."""

    needs: tuple[Need, ...]
    stages: tuple[Name, ...]
    offers: tuple[Offer, ...]

    def for_need(self, need: str, stage: str = "") -> list[Offer]:
        """Return who helps with a need, by name; with a stage, only what a source ties to that stage."""
        return [
            offer
            for offer in self.offers
            if offer.need.iri == need and (not stage or any(each.iri == stage for each in offer.stages))
        ]

    def bodies(self, need: str) -> int:
        """Return how many bodies help with a need, each counted once: the count that every page gives."""
        return len({offer.provider.iri for offer in self.for_need(need)})

    def find(self, text: str) -> Need | None:
        """Return the need of this IRI, or of this last part of one."""
        return next((each for each in self.needs if text in (each.iri, each.slug)), None)

    def stage(self, text: str) -> Name | None:
        """Return the stage of this IRI, or of this last part of one."""
        return next((each for each in self.stages if text in (each.iri, each.iri.rpartition("/")[2])), None)

    def meant_by(self, text: str) -> tuple[list[Need], Meaning]:
        """Find the needs these words may mean, the likeliest first, and how the words were read; none for no match."""
        meaning = self._wording.read(text)
        return [self.needs[number] for number in meaning.fits], meaning

    @cached_property
    def _wording(self) -> Wording:
        return Wording([need.texts for need in self.needs])


def read_support(reader: Reader, records: RecordReader, namespaces: Namespaces) -> Support:
    """Read every need, also those that nobody helps with, the stages that are used, and every offer still held."""
    base = namespaces.base
    rows = reader.rows(query_beside(__file__, "offers") % base)
    providers = _providers(reader, base)
    offers: dict[tuple[str, str], Offer] = {}
    for statement in records.statements(row["support"].value for row in rows).values():
        for offer in _offers(statement, namespaces, providers):
            offers[statement.iri, offer.provider.iri] = offer
    ordered = tuple(sorted(offers.values(), key=lambda offer: (_by_label(offer.need), _by_label(offer.provider))))
    concepts = _concepts(reader, base)
    return Support(_needs(concepts["need"], ordered), _stages(concepts["stage"], ordered), ordered)


def _offers(
    statement: ShownAssertion, namespaces: Namespaces, providers: dict[str, dict[str, tuple[Name, ...]]]
) -> list[Offer]:
    """Return an offer for each provider that a statement names."""
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
    """Return where each provider is, who runs it, and its status, by the words of the query."""
    found: dict[str, dict[str, tuple[Name, ...]]] = {}
    for row in reader.rows(query_beside(__file__, "offers_providers") % base):
        told = found.setdefault(row["provider"].value, {})
        value = row["value"]
        name = Name(value.value if value.is_iri else "", row["label"].value if "label" in row else value.value)
        told[row["what"].value] = (*told.get(row["what"].value, ()), name)
    return found


def _concepts(reader: Reader, base: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Read the texts of every need and stage by scheme, IRI and property."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {"need": {}, "stage": {}}
    for row in reader.rows(query_beside(__file__, "offers_concepts") % base):
        texts = found[row["scheme"].value].setdefault(row["concept"].value, {})
        texts.setdefault(row["what"].value, []).append(row["text"].value)
    return found


def _needs(concepts: dict[str, dict[str, list[str]]], offers: tuple[Offer, ...]) -> tuple[Need, ...]:
    """Return the needs with their texts: their own, those a curator gave for finding, and those of their services."""
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
    """Return the stages that a source ties help to, in the order of their numbers."""
    used = {stage.iri: stage for offer in offers for stage in offer.stages}
    return tuple(used[iri] for iri in sorted(used, key=lambda iri: (_first(concepts, iri), used[iri].label)))


def _first(concepts: dict[str, dict[str, list[str]]], iri: str) -> int:
    number = min(concepts.get(iri, {}).get("number", [""]))
    return int(number) if number.isascii() and number.isdecimal() else 0


def _by_label(name: Name) -> str:
    return name.label.casefold()
