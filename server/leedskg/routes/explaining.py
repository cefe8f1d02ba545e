"""From the numbers of a search back to hops with their relationships, and why each weighs what it does."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from leedskg.network import EdgePattern, Tie
from leedskg.routes.index import RouteIndex
from leedskg.routes.kernels import FAR
from leedskg.routes.question import Band, Crowd, Hop, Route, Weight
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
        """The route along a path of entities."""
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
        index = self._index
        begun, ended = index.dates[int(index.tie_dates[number])].split("\n")
        backing = np.flatnonzero(index.backing_tie[self._backing_of(number)] == number) + self._backing_of(number).start
        sources = frozenset(index.documents[int(index.backing_document[each])] for each in backing)
        return Tie(
            index.relationships[number],
            index.patterns[index.tie_pattern[number]],
            float(index.tie_confidence[number]),
            begun,
            ended,
            sources,
        )

    def _backing_of(self, tie: int) -> slice:
        """Where the backing of a tie's group stands."""
        index = self._index
        group = int(np.searchsorted(index.group_tie, tie, "right")) - 1
        runs = index.run(index.group_backing, group, len(index.backing_begins))
        begin = int(index.backing_begins[runs.start])
        end = int(index.backing_begins[runs.stop]) if runs.stop < len(index.backing_begins) else len(index.backing_tie)
        return slice(begin, end)

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
        reasons = ["one source" if len(surest) == 1 else f"{_number(len(surest))} sources"]
        if belief < 0.995:
            reasons.append(f"confidence {belief:.2f}")
        if ended:
            reasons.append(f"ended {ended}")
        return Weight(
            len(surest),
            belief,
            ages[freshest],
            ended,
            out,
            into,
            max(-math.log2(max(tie.pattern.relevance for tie in ties)), 0.0),
            max(-math.log2(belief), 0.0) if belief else math.inf,
            faded[freshest],
            model.exclusivity_weight * math.log2(max(out + into - 1, 1)),
            model.hop_penalty,
            tuple(reasons),
            _crowds(ties[0].pattern, (out, ends[0]), (into, ends[1])),
        )


def _crowds(pattern: EdgePattern, source: tuple[int, str], target: tuple[int, str]) -> tuple[Crowd, ...]:
    """How many edges of this kind meet at the two ends, where there is more than one."""
    (out, one), (into, other) = source, target
    if pattern.mutual:
        many = _many(pattern.from_label or "neighbour")
        found = [(number, many, end) for number, end in ((out, one), (into, other))]
    else:
        found = [(into, _many(pattern.from_label or pattern.words), other),
                 (out, _many(pattern.to_label or pattern.words_back), one)]  # fmt: skip
    return tuple(Crowd(f"1 of {number} {words}", end, pattern.mutual) for number, words, end in found if number > 1)


def _many(role: str) -> str:
    """The plural of a role's name; what is said of something that was done to it stays: `8 funded`."""
    if role.endswith("ed"):
        return role
    return f"{role[:-1]}ies" if role.endswith("y") and role[-2:-1] not in "aeiou" else f"{role}s"


def _number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
