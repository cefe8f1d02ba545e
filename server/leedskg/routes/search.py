"""The cheapest simple paths between two sets of nodes, exactly.

Partial paths wait in a queue in the order of what they cost so far plus what it costs at least from there to a goal
(`leedskg.routes.bounds`), so that whole paths leave it cheapest first, and little more is looked at than what is
answered (A*). The neighbours of a hub are put in order a few at a time, for most of them are never needed. Before a
long search a shorter one gives the cost that no answer exceeds, and what exceeds it is left out on the way.

Costs are whole numbers, so sums are exact and equal costs are really equal; ties go by the numbers of the nodes.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from leedskg.errors import LimitReachedError
from leedskg.routes.bounds import BY_STEPS, Bounds, Ends, Rest
from leedskg.routes.kernels import FAR, PLAIN, Costs, HopGraph, Kernels, Nodes, Room

#: The steps of the first search, where nothing is known of what the answers cost: its answers bound the longer ones.
_SHORT = 3
#: Neighbours of one node that are put in order at once.
_FIRST = 48
Path = tuple[int, ...]


class Search:
    """Answers searches on one graph, one at a time: it keeps room for a few numbers for each node."""

    def __init__(self, graph: HopGraph, kernels: Kernels = PLAIN) -> None:
        self.kernels = kernels
        self.room = Room(np.zeros(graph.size, bool), np.zeros(graph.size, bool))
        self._bounds = Bounds(graph, kernels, self.room)

    @property
    def graph(self) -> HopGraph:
        """The graph that is searched; another one with the same nodes may take its place."""
        return self._bounds.graph

    @graph.setter
    def graph(self, graph: HopGraph) -> None:
        self._bounds.graph = graph

    def cheapest(self, ends: Ends, most_steps: int, count: int, deadline: float = math.inf) -> list[Path]:
        """The `count` cheapest simple paths from a start to a goal of at most `most_steps` hops, cheapest first.

        A path leads through no start and no goal: it ends at the first goal that it meets. Where a node is both, a
        path between two such is given in one direction. Raises LimitReachedError past the `deadline`, a time of
        `time.monotonic`.
        """
        with self.closed(ends):
            limit = self._bounds.limit(ends, most_steps, count)
            shortest = min(_SHORT if limit == FAR - 1 else BY_STEPS, most_steps)
            for steps in range(shortest, most_steps + 1):
                with self._bounds.measured(ends, steps, limit) as rest:
                    found = self._follow(ends, rest, count, limit, deadline)
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

    def _follow(self, ends: Ends, rest: Rest, count: int, limit: int, deadline: float) -> list[tuple[int, Path]]:
        graph = self.graph
        goals = set(ends.goals.tolist())
        both = goals.intersection(ends.starts.tolist())
        found: list[tuple[int, Path]] = []
        queue: list[_Waiting] = []
        _offer(queue, (), (ends.starts, np.zeros(len(ends.starts), np.int32), rest.from_starts), limit)
        for number in itertools.count():
            if not queue or len(found) >= count:
                break
            if number % 256 == 255 and time.monotonic() > deadline:
                raise LimitReachedError(
                    "the search for routes took too long; ask for fewer steps, or for one entity instead of any"
                )
            _, _, path, spent, waiting = heapq.heappop(queue)
            if waiting is not None:
                _offer(queue, path, waiting, limit)
            elif len(path) > 1 and path[-1] in goals:
                if not (path[0] in both and path[-1] in both and path[0] > path[-1]):
                    found.append((spent, path))
            else:
                row = slice(graph.indptr[path[-1]], graph.indptr[path[-1] + 1])
                heads, costs = graph.heads[row], graph.costs[row] + spent
                _offer(queue, path, (heads, costs, costs + rest.after[len(path)][heads]), limit)
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
