"""From the numbers of a search back to hops with relationships: why each costs what it does, why there is no route."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from leedskg.network import EdgePattern, Tie
from leedskg.record import certainty
from leedskg.routes.bounds import Ends
from leedskg.routes.index import RouteIndex
from leedskg.routes.kernels import FAR, HopGraph, slots
from leedskg.routes.question import Band, Bridge, Hop, Misses, Route, RouteQuery, SharedEdges, Weight
from leedskg.routes.ties import tie_at
from leedskg.routes.weights import DAYS_IN_A_YEAR, UNIT, Filter, Weighed

#: Ends of the bands of strength, in per cent of the routes compared with.
_BANDS = (0, 10, 25, 50, 75, 90, 95, 99, 100)
#: Fewer routes than this say nothing of where one stands among them.
_ENOUGH = 20
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Explainer:
    """Tells routes of one index, under one filter."""

    def __init__(self, index: RouteIndex, weighed: Weighed, wanted: Filter) -> None:
        self._index = index
        self._weighed = weighed
        self._filter = wanted

    def route(self, path: Sequence[int]) -> Route:
        """Return the route along a path of entities."""
        hops = tuple(self._hop(one, other) for one, other in itertools.pairwise(path))
        return Route(hops, self._band(sum(round(hop.cost * UNIT) for hop in hops)))

    def _band(self, cost: int) -> Band | None:
        reference = self._index.reference
        if len(reference) < _ENOUGH:
            return None
        weaker = len(reference) - int(np.searchsorted(reference, cost, "right"))
        percent = 100 * weaker / len(reference)
        low = max(each for each in _BANDS[:-1] if each <= percent)
        return Band(low, _BANDS[_BANDS.index(low) + 1])

    def _hop(self, one: int, other: int) -> Hop:
        index = self._index
        groups = index.run(index.pair_group, index.pair(one, other), len(index.group_tie))
        hops = [self._of_group(group, one) for group in groups if self._weighed.group_costs[group] < FAR]
        best, *others = sorted(hops, key=lambda hop: (hop.cost, hop.words))
        return Hop(best.source, best.target, best.words, best.along, best.ties, best.cost, best.weight, tuple(others))

    def _of_group(self, group: int, one: int) -> Hop:
        index = self._index
        numbers = [each for each in index.run(index.group_tie, group, index.ties) if self._weighed.kept[each]]
        first = numbers[0]
        source, target = int(index.tie_source[first]), int(index.tie_target[first])
        pattern = index.patterns[index.tie_pattern[first]]
        # A tie of equals is the same both ways.
        along = pattern.mutual or source == one
        ends = (source, target) if source == one else (target, source)
        ties = tuple(self._tie(each) for each in numbers)
        cost = int(self._weighed.group_costs[group]) / UNIT
        weight = self._weight(group, numbers, ties)
        words = pattern.words if along else pattern.words_back
        return Hop(index.entities[ends[0]], index.entities[ends[1]], words, along, ties, cost, weight)

    def _tie(self, number: int) -> Tie:
        """Return a tie, told by the sources that count."""
        tie, among = tie_at(self._index, number), self._filter.sources
        return replace(tie, sources=tie.sources & among) if among else tie

    def _weight(self, group: int, numbers: list[int], ties: tuple[Tie, ...]) -> Weight:
        index, model = self._index, self._index.model
        out, into = int(index.group_out[group]), int(index.group_in[group])
        ends = [index.entities[int(end[numbers[0]])] for end in (index.tie_source, index.tie_target)]
        surest: dict[str, float] = {}
        for tie in ties:
            for source in tie.sources:
                surest[source] = max(surest.get(source, 0.0), tie.confidence)
        belief = 1.0 - math.prod(1.0 - each for each in surest.values())
        day = self._filter.as_at.toordinal()
        ages = [max(day - int(index.tie_ended[each]), 0) / DAYS_IN_A_YEAR if index.tie_ended[each] else 0.0
                for each in numbers]  # fmt: skip
        faded = [age / tie.pattern.half_life for age, tie in zip(ages, ties, strict=True)]
        freshest = faded.index(min(faded))
        ended = ties[freshest].valid_to if ages[freshest] > 0 else ""
        reasons = [f"counts as {each.weight:.2g} projects of the two alone" for each in ties if each.projects]
        reasons.append("one source" if len(surest) == 1 else f"{_number(len(surest))} sources")
        if belief < 0.995:
            reasons.append(certainty(max(surest.values())).words)
        if ended:
            reasons.append(f"ended {ended}")
        return Weight(
            len(surest),
            belief,
            ages[freshest],
            ended,
            out,
            into,
            max(-math.log2(max(tie.pattern.relevance * tie.share for tie in ties)), 0.0),
            max(-math.log2(belief), 0.0) if belief else math.inf,
            faded[freshest],
            model.exclusivity_weight * math.log2(max(out + into - 1, 1)),
            model.hop_penalty,
            tuple(reasons),
            _crowds(ties[0].pattern, (out, ends[0]), (into, ends[1])),
        )


def _crowds(pattern: EdgePattern, source: tuple[int, str], target: tuple[int, str]) -> tuple[SharedEdges, ...]:
    """Return how many edges of this kind meet at the two ends, where there is more than one."""
    (out, one), (into, other) = source, target
    if pattern.mutual:
        many = _many(pattern.from_label or "neighbour")
        found = [(number, many, end) for number, end in ((out, one), (into, other))]
    else:
        found = [(into, _many(pattern.from_label or pattern.words), other),
                 (out, _many(pattern.to_label or pattern.words_back), one)]  # fmt: skip
    return tuple(
        SharedEdges(f"1 of {number} {words}", end, pattern.mutual) for number, words, end in found if number > 1
    )


def _many(role: str) -> str:
    """Return the plural of a role's name; what is said of something that was done to it stays: `8 funded`."""
    if role.endswith("ed"):
        return role
    return f"{role[:-1]}ies" if role.endswith("y") and role[-2:-1] not in "aeiou" else f"{role}s"


def _number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


#: Steps beyond which nobody asks how far apart two entities are.
_FURTHEST = 12
#: Neighbours of an end that a bridge is looked for from; bridges told; kinds of link named for each.
_NEIGHBOURS, _BRIDGES, _LINKS = 4, 12, 2


def nearest_misses(
    index: RouteIndex, graph: HopGraph, ends: Ends, question: RouteQuery, count: Callable[[RouteQuery], int]
) -> Misses:
    """Find what comes closest to a route where there is none. `count` tells how many routes another question has."""
    relaxed = tuple((name, number) for name, other in _unfiltered(question) if (number := count(other)))
    alone = tuple(
        iris[0]
        for iris, nodes in ((question.starts, ends.starts), (question.goals, ends.goals))
        if len(iris) == 1 and not (len(nodes) and graph.work(nodes))
    )
    return Misses(relaxed, _distance(graph, ends, question.most_steps), alone, _bridges(index, graph, ends, question))


def _unfiltered(question: RouteQuery) -> list[tuple[str, RouteQuery]]:
    """Return the question without each of its filters by itself, and what that filter is called."""
    others = {
        "kinds": (question.kinds, replace(question, kinds=frozenset())),
        "confidence": (question.min_confidence, replace(question, min_confidence=0.0)),
        "without": (question.without, replace(question, without=())),
        "sources": (question.sources, replace(question, sources=frozenset())),
        "years": (question.since or question.until, replace(question, since=0, until=0)),
    }
    return [(name, other) for name, (filtered, other) in others.items() if filtered]


def _distance(graph: HopGraph, ends: Ends, most_steps: int) -> int:
    """Return the steps of the shortest route beyond `most_steps`, 0 when there is none of up to _FURTHEST."""
    seen = np.zeros(graph.size, bool)
    seen[ends.without] = True
    seen[ends.starts] = True
    edge = ends.starts
    goals = np.zeros(graph.size, bool)
    goals[ends.goals] = True
    for steps in range(1, _FURTHEST + 1):
        found = np.unique(graph.heads[slots(graph.indptr, edge)[0]])
        if goals[found].any() and steps > most_steps:
            return steps
        edge = found[~seen[found]].astype(np.int32)
        seen[edge] = True
        if not len(edge):
            return 0
    return 0


def _bridges(index: RouteIndex, graph: HopGraph, ends: Ends, question: RouteQuery) -> tuple[Bridge, ...]:
    found = []
    for near, before in _around(graph, ends.starts, ends):
        for far, after in _around(graph, ends.goals, ends):
            if near == far or before + after + 1 > question.most_steps:
                continue
            links = _usual_links(index, near, far, question.kinds)
            if links:
                found.append(Bridge(index.entities[near], index.entities[far], before + after + 1, links))
    return tuple(sorted(found, key=lambda each: (each.steps, -each.links[0][1], each.near, each.far))[:_BRIDGES])


def _around(graph: HopGraph, nodes: np.ndarray[tuple[int], np.dtype[np.int32]], ends: Ends) -> list[tuple[int, int]]:
    """Return an end and the entities closest to it, with their steps from it; nothing for an end that is many."""
    if len(nodes) != 1:
        return []
    node = int(nodes[0])
    closed = set(ends.closed.tolist())
    beside = [each for each in graph.heads[graph.indptr[node] : graph.indptr[node + 1]].tolist() if each not in closed]
    return [(node, 0), *((each, 1) for each in beside[:_NEIGHBOURS])]


def _usual_links(index: RouteIndex, one: int, other: int, kinds: frozenset[str]) -> tuple[tuple[EdgePattern, int], ...]:
    """Find the edge patterns that most often join entities of these two kinds, and how many relationships each has."""
    kind = index.entity_kind
    source, target = kind[index.tie_source], kind[index.tie_target]
    alike = ((source == kind[one]) & (target == kind[other])) | ((source == kind[other]) & (target == kind[one]))
    numbers = np.bincount(index.tie_pattern[alike], minlength=len(index.patterns))
    if kinds:
        numbers[[each.relationship_type not in kinds for each in index.patterns]] = 0
    best = np.argsort(-numbers, kind="stable")[:_LINKS].tolist()
    return tuple((index.patterns[each], int(numbers[each])) for each in best if numbers[each])
