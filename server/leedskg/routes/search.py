"""The cheapest simple paths between two sets of nodes, exactly.

Meeting in the middle gives the bound, and the bound gives the order. Backwards from the goals, the cheapest walk to a
goal in so many steps is found for every node near them; forwards from the starts, for the nodes near the starts, each
side as far as is less work. Then partial paths wait in a queue in the order of what they cost so far plus that bound,
so that whole paths leave it cheapest first, and little more is looked at than what is answered (A*). The neighbours
of a hub are put in order a few at a time, for most of them are never needed. Before a long search a shorter one gives
the cost that no answer exceeds, and what exceeds it is left out on the way.

Costs are whole numbers, so sums are exact and equal costs are really equal; ties go by the numbers of the nodes.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from leedskg.errors import LimitReachedError
from leedskg.routes.kernels import FAR, PLAIN, Costs, HopGraph, Kernels, Nodes, Room

#: Neighbours of one node that are put in order at once.
_FIRST = 48
#: The steps of the first search, whose answers bound those of the longer ones.
_SHORT = 3
#: What a hop costs to pull over, in hops to push over: a limit keeps pushing from most of them, pulling from few.
_PULL = 16

Path = tuple[int, ...]


@dataclass(frozen=True)
class Ends:
    """Where paths begin and end, and the nodes that they must not lead through. Each in rising order."""

    starts: Nodes
    goals: Nodes
    without: Nodes = field(default_factory=lambda: np.empty(0, np.int32))

    @cached_property
    def closed(self) -> Nodes:
        """What no path leads through."""
        return np.concatenate((self.starts, self.goals, self.without))


class _Levels:
    """For each number of steps and each node the cost of the cheapest walk in at most so many, FAR for none."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._costs: list[Costs] = []
        self._touched: list[list[Nodes]] = []

    def __getitem__(self, steps: int) -> Costs:
        while len(self._costs) <= steps:
            self._costs.append(np.full(self._size, FAR, np.int32))
            self._touched.append([])
        return self._costs[steps]

    def put(self, steps: int, nodes: Nodes, costs: Costs | int) -> None:
        self[steps][nodes] = costs
        self._touched[steps].append(nodes)

    def step(  # noqa: PLR0913, PLR0917 - both directions hand over all that they share
        self, graph: HopGraph, kernels: Kernels, room: Room, steps: int, reached: Nodes, limit: int
    ) -> Nodes:
        """From walks of at most `steps` steps to those of one more; gives the nodes that these lead to."""
        here, there = self[steps], self[steps + 1]
        for known in tuple(self._touched[steps]):
            self.put(steps + 1, known, here[known])
        further = kernels.push(graph, reached, here, there, room, limit)
        self._touched[steps + 1].append(further)
        return further

    def clear(self) -> None:
        for costs, touched in zip(self._costs, self._touched, strict=True):
            for nodes in touched:
                costs[nodes] = FAR
            touched.clear()


class Search:
    """Answers searches on one graph, one at a time: it keeps room for a few numbers for each node."""

    def __init__(self, graph: HopGraph, kernels: Kernels = PLAIN) -> None:
        self.graph = graph
        self.kernels = kernels
        self.room = Room(np.zeros(graph.size, bool), np.zeros(graph.size, bool))
        self._near, self._far = _Levels(graph.size), _Levels(graph.size)

    def cheapest(self, ends: Ends, most_steps: int, count: int, deadline: float = math.inf) -> list[Path]:
        """The `count` cheapest simple paths from a start to a goal of at most `most_steps` hops, cheapest first.

        A path leads through no start and no goal: it ends at the first goal that it meets. Where a node is both, a
        path between two such is given in one direction. Raises LimitReachedError past the `deadline`, a time of
        `time.monotonic`.
        """
        limit = FAR - 1
        with self.closed(ends):
            for steps in _passes(most_steps):
                try:
                    self._measure(ends, steps, limit)
                    found = self._follow(ends, steps, count, limit, deadline)
                finally:
                    self._near.clear()
                    self._far.clear()
                if len(found) >= count:
                    limit = found[-1][0]
        return [path for _, path in found]

    @contextmanager
    def closed(self, ends: Ends) -> Iterator[None]:
        """Let no path lead through the ends and what is to be left out."""
        self.room.blocked[ends.closed] = True
        try:
            yield
        finally:
            self.room.blocked[ends.closed] = False

    def _measure(self, ends: Ends, most_steps: int, limit: int) -> None:
        """Fill `_far[j]` with the cost of the cheapest walk to a goal in at most j steps, where a path may need it."""
        graph, near, far = self.graph, self._near, self._far
        for steps in range(most_steps):
            far.put(steps, ends.goals, 0)
        near.put(0, ends.starts, 0)
        first, last = self._least_hop(ends.starts), self._least_hop(ends.goals)
        layers, reached = [ends.starts], ends.goals
        back, more = 0, most_steps - 1
        while back + len(layers) <= more:
            # The first step back is always made: `pull` counts on what leads to a goal at once.
            if not back or graph.work(reached) <= _PULL * graph.work(layers[-1]):
                reached = far.step(graph, self.kernels, self.room, back, reached, limit - first)
                back += 1
            else:
                forth = len(layers) - 1
                layers.append(near.step(graph, self.kernels, self.room, forth, layers[-1], limit - last))
        for depth in range(len(layers) - 1, -1, -1):
            nodes, base, behind = layers[depth], near[depth][layers[depth]], far[most_steps - depth - 1]
            if depth:
                costs = self.kernels.pull(graph, nodes, far[1][nodes], base, behind, last, limit)
                far.put(most_steps - depth, nodes, costs)
            else:
                unknown = np.full(len(nodes), FAR, np.int32)
                self._from_starts = self.kernels.pull(graph, nodes, unknown, base, behind, 0, limit)

    def _least_hop(self, nodes: Nodes) -> int:
        graph = self.graph
        begins = graph.indptr[nodes][graph.indptr[nodes] < graph.indptr[nodes + 1]]
        return int(graph.costs[begins].min()) if len(begins) else 0

    def _follow(self, ends: Ends, most_steps: int, count: int, limit: int, deadline: float) -> list[tuple[int, Path]]:
        graph = self.graph
        goals = set(ends.goals.tolist())
        both = goals.intersection(ends.starts.tolist())
        found: list[tuple[int, Path]] = []
        queue: list[_Waiting] = []
        _offer(queue, (), (ends.starts, np.zeros(len(ends.starts), np.int32), self._from_starts), limit)
        for number in itertools.count():
            if not queue or len(found) >= count:
                break
            if number % 256 == 255 and time.monotonic() > deadline:
                raise LimitReachedError(
                    "the search for routes took too long; ask for fewer steps, or for one entity instead of any"
                )
            _, _, path, spent, rest = heapq.heappop(queue)
            if rest is not None:
                _offer(queue, path, rest, limit)
            elif len(path) > 1 and path[-1] in goals:
                if not (path[0] in both and path[-1] in both and path[0] > path[-1]):
                    found.append((spent, path))
            else:
                row = slice(graph.indptr[path[-1]], graph.indptr[path[-1] + 1])
                heads, costs = graph.heads[row], graph.costs[row] + spent
                _offer(queue, path, (heads, costs, costs + self._far[most_steps - len(path)][heads]), limit)
        return found


#: Neighbours that a path may go on to, what the path then costs, and the bounds of what it will cost.
_Onward = tuple[Nodes, Costs, Costs]
#: What waits: its bound, 0 for neighbours not yet in order and 1 for a path, the path, its cost, the neighbours.
_Waiting = tuple[int, int, Path, int, _Onward | None]


def _offer(queue: list[_Waiting], path: Path, onward: _Onward, limit: int) -> None:
    """Put the paths that go on from `path` into the queue: the most promising ones, and all others as one."""
    heads, spent, bounds = onward
    if len(heads) > _FIRST:
        possible = np.flatnonzero(bounds <= limit)
        if len(possible) > _FIRST:
            possible = possible[np.argpartition(bounds[possible], _FIRST)]
            rest = possible[_FIRST:]
            least = int(bounds[rest[0]])  # where argpartition puts the next one
            heapq.heappush(queue, (least, 0, path, 0, (heads[rest], spent[rest], bounds[rest])))
            possible = possible[:_FIRST]
        heads, spent, bounds = heads[possible], spent[possible], bounds[possible]
    for head, cost, bound in zip(heads.tolist(), spent.tolist(), bounds.tolist(), strict=True):
        if bound <= limit and head not in path:
            heapq.heappush(queue, (bound, 1, (*path, head), cost, None))


def _passes(most_steps: int) -> range:
    return range(min(most_steps, _SHORT), most_steps + 1)
