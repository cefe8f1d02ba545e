"""Routes between entities: the strongest simple paths over relationships, and why each hop weighs what it does.

The cost of a hop from u to v over relation r, in bits, adds up along a route (DESIGN, section 6):

    cost = -log2 S + β·log2(out_r(u) + in_r(v) - 1) + λ
    S    = τ_r · (1 - Π(1 - confidence of each independent source)) · 2^(-age / H_r)

τ, H, β and λ are data in `ontology/edges.ttl`. The β term is the exclusivity of Hulpuş et al. 2015, "Path-based
semantic relatedness on linked data": a relation says more where few like it meet. A source is independent when it is
another document. The age counts the years since a relationship ended; one that has not ended has none.

The search is exact. Partial routes wait in a queue in the order of what they cost so far plus the least that can still
come: the cost of the cheapest walk to the goal in the steps that are left, found backwards from the goal beforehand,
over the entities that one of the ends can reach in half the steps. So whole routes leave the queue cheapest first.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from leedskg.errors import RequestError
from leedskg.network import EdgePattern, Network, Tie

MOST_STEPS = 5
#: Routes from which the few that differ are picked.
POOL = 30
#: Bits that a route loses against one that shares all its intermediate entities with a route already picked.
OVERLAP_PENALTY = 4.0

Costs = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Hop:
    """One step of a route: the relationships of one kind between two entities, and what they cost."""

    source: str
    target: str
    words: str
    along: bool
    ties: tuple[Tie, ...]
    cost: float
    reasons: tuple[str, ...]
    others: tuple[Hop, ...] = ()


@dataclass(frozen=True)
class Route:
    """A simple path, hop by hop."""

    hops: tuple[Hop, ...]

    @property
    def cost(self) -> float:
        """Bits, summed over the hops."""
        return sum(hop.cost for hop in self.hops)

    @property
    def strength(self) -> float:
        """2 to the power of minus the cost: between 0 and 1, and comparable only within one graph."""
        return math.exp2(-self.cost)

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities in order, both ends included."""
        return (self.hops[0].source, *(hop.target for hop in self.hops))

    @property
    def between(self) -> frozenset[str]:
        """The entities that the route leads through."""
        return frozenset(self.entities[1:-1])


class RouteFinder:
    """Finds routes in one network as at one date."""

    def __init__(self, network: Network, as_at: date) -> None:
        self._network = network
        self._as_at = as_at
        self._out, self._in = self._degrees()
        self._hops: dict[str, dict[str, list[Hop]]] = {}
        for (source, target, _), ties in self._groups().items():
            cost, reasons = self._cost(source, target, ties)
            pattern = ties[0].pattern
            for hop in (
                Hop(source, target, pattern.words, True, ties, cost, reasons),
                Hop(target, source, pattern.words_back, pattern.mutual, ties, cost, reasons),
            ):
                self._hops.setdefault(hop.source, {}).setdefault(hop.target, []).append(hop)
        for targets in self._hops.values():
            for hops in targets.values():
                hops.sort(key=lambda hop: (hop.cost, hop.words))
        self.costs: dict[str, dict[str, float]] = {
            source: {target: hops[0].cost for target, hops in targets.items()} for source, targets in self._hops.items()
        }

    def find(self, start: str, goal: str, *, most_steps: int = 4, count: int = 5) -> list[Route]:
        """The `count` strongest routes that differ, of at most `most_steps` hops, the strongest first.

        Raises RequestError for a route from an entity to itself and for numbers out of bounds.
        """
        if start == goal:
            raise RequestError("Both ends are the same entity; choose two different ones.")
        if not 1 <= most_steps <= MOST_STEPS:
            raise RequestError(f"A route has 1 to {MOST_STEPS} steps, not {most_steps}.")
        if not 1 <= count <= POOL:
            raise RequestError(f"Ask for 1 to {POOL} routes, not {count}.")
        paths = cheapest_paths(self.costs, start, goal, most_steps, max(POOL, count))
        return pick_different([self._route(path) for path in paths], count)

    def _route(self, path: tuple[str, ...]) -> Route:
        hops = []
        for source, target in itertools.pairwise(path):
            best, *others = self._hops[source][target]
            hops.append(replace(best, others=tuple(others)))
        return Route(tuple(hops))

    def _groups(self) -> dict[tuple[str, str, str], tuple[Tie, ...]]:
        """The ties of each pair of entities by relation; a mutual relation is one, whichever way its ties point."""
        groups: dict[tuple[str, str, str], list[Tie]] = {}
        for source, target, tie in self._network.ties():
            ends = sorted((source, target)) if tie.pattern.mutual else (source, target)
            groups.setdefault((ends[0], ends[1], tie.pattern.edge), []).append(tie)
        return {key: tuple(ties) for key, ties in groups.items()}

    def _degrees(self) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
        """How many different neighbours each entity has along and against each relation."""
        ahead: dict[tuple[str, str], set[str]] = {}
        behind: dict[tuple[str, str], set[str]] = {}
        for source, target, tie in self._network.ties():
            edge = tie.pattern.edge
            for one, other in ((source, target), (target, source))[: 1 + tie.pattern.mutual]:
                ahead.setdefault((one, edge), set()).add(other)
                behind.setdefault((other, edge), set()).add(one)
        return {key: len(found) for key, found in ahead.items()}, {key: len(found) for key, found in behind.items()}

    def _exclusivity(self, source: str, target: str, pattern: EdgePattern) -> list[str]:
        """How many edges of this kind meet at the two ends, in words."""
        out, into = self._out[source, pattern.edge], self._in[target, pattern.edge]
        if out == into == 1:
            return ["the only one of its kind at either end"]
        if pattern.mutual:
            return [f"{pattern.words} {out} at one end and {into} at the other"]
        return _in_all(pattern.words, out) + _in_all(pattern.words_back, into)

    def _cost(self, source: str, target: str, ties: tuple[Tie, ...]) -> tuple[float, tuple[str, ...]]:
        edge = ties[0].pattern.edge
        sources: dict[str, float] = {}
        for tie in ties:
            for document in tie.sources or {tie.relationship}:
                sources[document] = max(sources.get(document, 0.0), tie.confidence)
        belief = 1.0 - math.prod(1.0 - confidence for confidence in sources.values())
        ages = [years_since(tie.valid_to, self._as_at) for tie in ties]
        age = min(ages)
        freshest = ties[ages.index(age)]
        strength = max(tie.pattern.relevance for tie in ties) * belief * math.exp2(-age / freshest.pattern.half_life)
        crowd = self._out[source, edge] + self._in[target, edge] - 1
        model = self._network.model
        cost = -math.log2(strength) + model.exclusivity_weight * math.log2(crowd) + model.hop_penalty
        reasons = ["one source" if len(sources) == 1 else f"{len(sources)} sources"]
        if belief < 1.0:
            reasons.append(f"confidence {belief:.2g}")
        if freshest.valid_to:
            reasons.append(f"ended {freshest.valid_to}")
        reasons.extend(self._exclusivity(source, target, ties[0].pattern))
        return cost, tuple(reasons)


def _in_all(words: str, number: int) -> list[str]:
    return [f"{words} {number} in all"] if number > 1 else []


def years_since(when: str, as_at: date) -> float:
    """Years from the end of an EDTF date to `as_at`; 0 for no date, an open one, or one still to come."""
    numbers = [int(part) for part in when.rstrip("~?%").split("-") if part.isdecimal()]
    if not numbers:
        return 0.0
    year, month, day = [*numbers, 12, 31][:3] if len(numbers) != 2 else [*numbers, 28]
    return max(0.0, (as_at - date(year, month, day)).days / 365.25)


def cheapest_paths(costs: Costs, start: str, goal: str, most_steps: int, count: int) -> list[tuple[str, ...]]:
    """The `count` cheapest simple paths of at most `most_steps` steps, the cheapest first; ties by the names on them.

    `costs[u][v]` is the positive cost of a step from u to v.
    """
    region = _reach(costs, start, -(-most_steps // 2)) | _reach(costs, goal, most_steps // 2)
    if start not in costs or goal not in costs:
        return []
    left = _least_left(costs, region, goal, most_steps)
    found: list[tuple[str, ...]] = []
    queue: list[tuple[float, tuple[str, ...], float]] = []
    if start in left[most_steps]:
        queue.append((left[most_steps][start], (start,), 0.0))
    while queue and len(found) < count:
        _, path, spent = heapq.heappop(queue)
        if path[-1] == goal:
            found.append(path)
            continue
        remaining = left[most_steps - len(path)]
        for neighbour, cost in costs[path[-1]].items():
            if neighbour in remaining and neighbour not in path:
                heapq.heappush(queue, (spent + cost + remaining[neighbour], (*path, neighbour), spent + cost))
    return found


def _reach(costs: Costs, start: str, steps: int) -> set[str]:
    """The entities within `steps` of `start`."""
    reached, edge = {start}, {start}
    for _ in range(steps):
        edge = {neighbour for node in edge for neighbour in costs.get(node, ())} - reached
        reached |= edge
    return reached


def _least_left(costs: Costs, region: set[str], goal: str, most_steps: int) -> list[dict[str, float]]:
    """For each number of steps, the cost of the cheapest walk to the goal in at most so many, inside the region."""
    left: list[dict[str, float]] = [{goal: 0.0}]
    edge = {goal}
    for _ in range(most_steps):
        least = dict(left[-1])
        changed = set()
        for node in edge:
            for neighbour, cost in costs[node].items():  # steps cost the same in both directions
                if neighbour in region and left[-1][node] + cost < least.get(neighbour, math.inf):
                    least[neighbour] = left[-1][node] + cost
                    changed.add(neighbour)
        left.append(least)
        edge = changed
    return left


def pick_different(routes: Iterable[Route], count: int) -> list[Route]:
    """Pick routes that are strong and share few intermediate entities with those already picked, strongest first.

    Each pick is the cheapest after adding up to OVERLAP_PENALTY bits for the share of intermediate entities (Jaccard)
    in common with the most similar route picked before: maximal marginal relevance.
    """
    waiting = list(routes)
    picked: list[Route] = []
    while waiting and len(picked) < count:
        best = min(waiting, key=lambda route: route.cost + OVERLAP_PENALTY * _overlap(route, picked))
        waiting.remove(best)
        picked.append(best)
    return sorted(picked, key=lambda route: route.cost)


def _overlap(route: Route, picked: list[Route]) -> float:
    shares = [
        len(route.between & other.between) / len(route.between | other.between)
        for other in picked
        if route.between | other.between
    ]
    return max(shares, default=0.0)
