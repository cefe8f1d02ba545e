"""What stands around an entity in the network: everything within so many steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leedskg.catalogue import Catalogue
from leedskg.network import Network, Tie
from leedskg.picture.dates import DateSpan, may_hold


@dataclass(frozen=True)
class NetworkChoice:
    """Which part of the network is asked for. An empty set of relations or kinds means all of them.

    `relations` are words as a relationship is read, such as `funds`; `kinds` are those of entities, such as `company`.
    """

    depth: int = 1
    relations: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    when: DateSpan | None = None


@dataclass(frozen=True)
class EntityNetwork:
    """An entity's network: how many steps away each entity is, nearest first, and the relationships between them.

    `undated` counts those kept without a date although one was asked for, `outside` those that did not hold then.
    `relations` and `kinds` count what is there before one of them is chosen.
    """

    steps: Mapping[str, int]
    ties: tuple[tuple[str, str, Tie], ...]
    undated: int = 0
    outside: int = 0
    relations: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)


def surroundings(network: Network, catalogue: Catalogue, middle: str, choice: NetworkChoice) -> EntityNetwork:
    """Return everything within `choice.depth` steps of `middle`, over the relationships and entities that are chosen.

    Entities of kinds that are not chosen are left out and not walked through; `middle` is always there.
    """
    ties = _Ties(network, choice)
    reached = _reached(ties, middle, choice.depth, lambda iri: True)
    relations = Counter(tie.pattern.words for _, _, tie in ties.between(reached))
    kinds = Counter(kind for iri in reached if iri != middle for kind in kinds_of(catalogue, iri))
    if choice.relations:
        ties = _Ties(network, choice, choice.relations)
    steps = _reached(
        ties, middle, choice.depth, lambda iri: not choice.kinds or bool(choice.kinds & set(kinds_of(catalogue, iri)))
    )
    found = tuple(ties.between(steps))
    undated = sum(not (tie.valid_from or tie.valid_to) for _, _, tie in found) if choice.when else 0
    outside = sum(middle in (one, other) for one, other, _ in ties.outside)
    return EntityNetwork(steps, found, undated, outside, relations, kinds)


def strongest(ties: Sequence[tuple[str, str, Tie]], middle: str, most: int) -> list[tuple[str, str, Tie]]:
    """Return up to `most` relationships in their order: first those of `middle`, then stated ones, then by weight."""

    def strength(each: tuple[str, str, Tie]) -> tuple[float, ...]:
        one, other, tie = each
        return middle in (one, other), not tie.projects, tie.weight, tie.confidence

    kept = {id(each) for each in sorted(ties, key=strength, reverse=True)[:most]}
    return [each for each in ties if id(each) in kept]


def nearest(found: EntityNetwork, middle: str, most: int) -> EntityNetwork:
    """Return the `most` others that are tied most strongly, those of fewer steps first, with what is between them.

    An other is as strong as its strongest relationship with one that is a step nearer, stated ones before projects.
    """
    steps = found.steps
    strength: dict[str, tuple[float, ...]] = {}
    for one, other, tie in found.ties:
        for near, far in ((one, other), (other, one)):
            if steps[near] < steps[far]:
                own = (not tie.projects, tie.weight, tie.confidence)
                strength[far] = max(strength.get(far, ()), own)
    others = sorted(strength, key=lambda iri: (-steps[iri], strength[iri]), reverse=True)[:most]
    kept = {iri: steps[iri] for iri in (middle, *others)}
    return replace(found, steps=kept, ties=tuple(each for each in found.ties if each[0] in kept and each[1] in kept))


def among(network: Network, iris: Iterable[str]) -> tuple[tuple[str, str, Tie], ...]:
    """Return the relationships between any two of these entities."""
    return tuple(_Ties(network, NetworkChoice()).between(dict.fromkeys(iris, 0)))


def kinds_of(catalogue: Catalogue, iri: str) -> tuple[str, ...]:
    """Return the kinds of an entity in words; none for one that the catalogue does not know."""
    entry = catalogue.entries.get(iri)
    return entry.kind_labels if entry else ()


class _Ties:
    """The ties of a network that are chosen, by either end."""

    def __init__(self, network: Network, choice: NetworkChoice, relations: frozenset[str] = frozenset()) -> None:
        self._network = network
        self._relations = relations
        self._when = choice.when
        self.outside: list[tuple[str, str, Tie]] = []

    def of(self, iri: str) -> Iterable[tuple[str, str, Tie]]:
        graph = self._network.graph
        if iri not in graph:
            return
        for one, other, data in (*graph.out_edges(iri, data=True), *graph.in_edges(iri, data=True)):
            tie: Tie = data["tie"]
            if self._relations and tie.pattern.words not in self._relations:
                continue
            if self._when and not may_hold(tie.valid_from, tie.valid_to, self._when):
                if (one, other, tie) not in self.outside:
                    self.outside.append((one, other, tie))
                continue
            yield one, other, tie

    def between(self, iris: Mapping[str, int]) -> Iterable[tuple[str, str, Tie]]:
        for iri in iris:
            found = [(one, other, tie) for one, other, tie in self.of(iri) if one == iri and other in iris]
            yield from sorted(found, key=lambda each: (each[2].pattern.words, each[1], each[2].relationship))


def _reached(ties: _Ties, middle: str, depth: int, wanted: Callable[[str], bool]) -> dict[str, int]:
    steps, here = {middle: 0}, [middle]
    for step in range(1, depth + 1):
        near = {other if one == iri else one for iri in here for one, other, _ in ties.of(iri)}
        here = sorted(iri for iri in near if iri not in steps and wanted(iri))
        steps |= dict.fromkeys(here, step)
    return steps
