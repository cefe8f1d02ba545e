"""Who can help: each need of innovators with who helps, through what and where, and at which stage if a source says.

A person's own words are matched with the words of each need: decision 0034.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import OSA

from leedskg.catalogue import folded
from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.record import Name, RecordReader, ShownAssertion
from leedskg.store import Reader

#: Words that say nothing about a need.
_EMPTY_WORDS = frozenset(
    folded(
        "a about access all am an and any anyone are around as at be business by can company could do does "
        "find firm for from get getting give has have he help helps how i idea if in innovation innovator "
        "innovators into is it its leeds like look looking make me my need needs new not of on or our out "
        "people place please put she so some somebody someone something start that the their them there they "
        "thing this through to up us use want wants was we what where which who whom will with would "
        "yorkshire you your"
    ).split()
)
#: A need is offered when it fits at least so well, against the one that fits best.
_NEARLY = 0.5
#: A beginning that two words share makes them the same root when it is this long, and this part of the longer one.
_ROOT, _ROOT_PART = 5, 0.66
#: Letters from which on a word may have one slip, and two.
_ONE_SLIP, _TWO_SLIPS = 5, 8
#: American spellings and plurals, as they are written here. Each word is folded first, so all letters are small.
_SPELLINGS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"iz(?=e|a|i)", "is"),
        (r"our(?=s?$|al|able)", "or"),
        (r"tre(?=s?$)", "ter"),
        (r"mme(?=s?$)", "m"),
        (r"(?<=[cf])en[cs]e(?=[sd]?$)", "ens"),
        (r"ae", "e"),
        (r"ll(?=ing$|ed$|er$)", "l"),
        (r"ies$", "y"),
        (r"(?<=ss|ch|sh)es$", ""),
        (r"(?<=[^suiy])s$", ""),
    )
)


@dataclass(frozen=True)
class Meaning:
    """How a text was read: the numbers of what it fits, the likeliest first, and its words, known and not."""

    fits: tuple[int, ...]
    known: tuple[str, ...]
    unknown: tuple[str, ...]


def written(word: str) -> str:
    """Write a folded word as it is compared: British, and in the singular."""
    for pattern, instead in _SPELLINGS:
        if len(word) > 3:
            word = pattern.sub(instead, word)
    return word


def words_of(text: str) -> list[str]:
    """Return the words of a text that say something, as they are compared, each once."""
    return list(dict.fromkeys(written(word) for word in folded(text).split() if word not in _EMPTY_WORDS))


class Wording:
    """The words of several things, to find which of them a text may mean."""

    def __init__(self, texts: Sequence[Iterable[str]]) -> None:
        self._having: dict[str, set[int]] = {}
        for number, told in enumerate(texts):
            for word in words_of(" ".join(told)):
                self._having.setdefault(word, set()).add(number)

    def read(self, text: str) -> Meaning:
        """Find what a text fits. A word counts the less, the more things have it; one that is not exact counts half.

        Nothing fits a text of which no word is known: a guess would mislead.
        """
        scores: dict[int, float] = {}
        known: list[str] = []
        unknown: list[str] = []
        for said in dict.fromkeys(folded(text).split()):
            if said in _EMPTY_WORDS:
                continue
            having, weight = self._reading(written(said))
            (known if having else unknown).append(said)
            for number in having:
                scores[number] = scores.get(number, 0.0) + weight / len(having)
        best = max(scores.values(), default=0.0)
        fits = sorted(
            (number for number in scores if scores[number] >= best * _NEARLY), key=lambda at: (-scores[at], at)
        )
        return Meaning(tuple(fits), tuple(known), tuple(unknown))

    def _reading(self, word: str) -> tuple[set[int], float]:
        """Find what has a word: exactly if anything has, else one of its root, else one that it may be a slip of."""
        if word in self._having:
            return self._having[word], 1.0
        for alike in (_same_root, _a_slip):
            found = [having for known, having in self._having.items() if alike(word, known)]
            if found:
                return set().union(*found), 0.5
        return set(), 0.0


def _same_root(word: str, other: str) -> bool:
    shared = next((at for at, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), None)
    length = min(len(word), len(other)) if shared is None else shared
    if shared is None and length >= 4 and len(word) < len(other):  # the beginning of a word, as one types it
        return True
    return length >= _ROOT and length >= _ROOT_PART * max(len(word), len(other))


def _a_slip(word: str, other: str) -> bool:
    """Whether letters were left out, added, changed or swapped (optimal string alignment)."""
    shorter = min(len(word), len(other))
    most = 2 if shorter >= _TWO_SLIPS else 1 if shorter >= _ONE_SLIP else 0
    return bool(most) and word[0] == other[0] and OSA.distance(word, other, score_cutoff=most) <= most


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
        """Who helps with a need, by name; with a stage, only what a source ties to that stage."""
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
    rows = reader.rows(query_beside(__file__, "support_offers") % base)
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
    """Where each provider is, who runs it, and its status, by the words of the query."""
    found: dict[str, dict[str, tuple[Name, ...]]] = {}
    for row in reader.rows(query_beside(__file__, "support_providers") % base):
        told = found.setdefault(row["provider"].value, {})
        value = row["value"]
        name = Name(value.value if value.is_iri else "", row["label"].value if "label" in row else value.value)
        told[row["what"].value] = (*told.get(row["what"].value, ()), name)
    return found


def _concepts(reader: Reader, base: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Read the texts of every need and stage by scheme, IRI and property."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {"need": {}, "stage": {}}
    for row in reader.rows(query_beside(__file__, "support_concepts") % base):
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


__all__ = ["Meaning", "Need", "Offer", "Support", "read_support"]
