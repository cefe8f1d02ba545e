"""The cheapest simple paths between two sets of nodes, exactly, and how many simple paths there are."""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from leedskg import asker
from leedskg.errors import LimitReachedError
from leedskg.routes.bounds import BY_STEPS, Bounds, Ends, Rest
from leedskg.routes.kernels import FAR, PLAIN, Costs, HopGraph, Kernels, Nodes, Room, Sums

#: Beyond so many paths the rest is not counted.
CAP = 10_000
#: Hops that are added up before the sum is compared with the cap for the first time; then twice as many, and so on.
_PART = 4096


class _EnoughError(Exception):
    """There are more paths than are counted."""


class Counter:
    """Counts on the graph of a search, one question at a time."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._room: list[Sums] = []

    @property
    def _graph(self) -> HopGraph:
        return self._search.graph

    def count(self, ends: Ends, most_steps: int, cap: int = CAP) -> int:
        """Count the simple paths of at most `most_steps` (1 to 5) hops from a start to a goal; `cap` + 1 for more.

        Paths as in `Search.cheapest`. The starts and the goals have no node in common.
        """
        self._room = self._room or [np.zeros(self._graph.size) for _ in range(5)]
        with self._search.closed(ends):
            sums = _Walks(self._search, ends, cap, self._room)
            try:
                return sums.upto(most_steps)
            except _EnoughError:
                return cap + 1
            finally:
                sums.clear()


class _Walks:
    """The sums of one question. `room` are five arrays, zero for each node, which `clear` leaves so again."""

    def __init__(self, search: Search, ends: Ends, cap: int, room: list[Sums]) -> None:
        self._search, self._graph, self._kernels = search, search.graph, search.kernels
        self._ends, self._cap = ends, cap
        #: Of each node, the walks of one hop from a start, of one to a goal, of two to a goal; the hops to what is left
        #: out; and room for the longest walks and for marks.
        self._from, self._into, self._into2, self._barred, self._rest = room
        self._touched: list[tuple[Sums, Nodes]] = []
        self._total = 0.0

    def upto(self, most_steps: int) -> int:
        """Count the paths. Raises _EnoughError beyond the cap."""
        starts, goals = self._ends.starts, self._ends.goals
        near, there = self._spread(starts, np.ones(len(starts)), self._from), self._spread(
            goals, np.ones(len(goals)), self._into)  # fmt: skip
        self._more(float(self._into[starts].sum()))
        for sums in (self._from, self._into):
            sums[self._ends.closed] = 0.0
        if most_steps == 1:
            return int(self._total)
        if self._graph.work(near) < self._graph.work(there):
            # Paths are the same both ways: the end with less work around it is taken for the goal.
            near, there, self._from, self._into = there, near, self._into, self._from
        self._more(float((self._from[there] * self._into[there]).sum()))
        if most_steps > 2:
            self._longer(near, there, most_steps)
        return int(self._total)

    def clear(self) -> None:
        """Leave the room as it was."""
        for sums, nodes in self._touched:
            sums[nodes] = 0.0

    def _longer(self, near: Nodes, there: Nodes, most_steps: int) -> None:
        """Count the paths of three hops and more. `near` is beside a start, `there` beside a goal."""
        graph, from_, into, into2 = self._graph, self._from, self._into, self._into2
        from2 = self._gather(there, into[there], from_)  # of each node beside a goal, the walks of two hops to it
        joined = float((into[there] * from2).sum())
        self._more(joined)
        if most_steps == 3:
            return
        # s-a-b-c-t meets itself only as a = c.
        self._spread(self._ends.without, np.ones(len(self._ends.without)), self._barred)
        both = there[from_[there] > 0]
        weights, degrees = from_[both] * into[both], self._degrees(both)
        second = self._spread(there, into[there], into2)
        into2[self._ends.closed] = 0.0
        but = float((weights * degrees).sum())
        if graph.work(near) <= graph.work(second):
            middle = from_[near] * self._gather(near, from_[near], into2, but)
        else:
            middle = into2[second] * self._gather(second, into2[second], from_, but)
        self._more(float(middle.sum()) - but)
        if most_steps == 4:
            return
        # s-a-b-c-d-t does so as a = c, as b = d, as both, which would be taken out twice, and as a = d, a triangle.
        but = float((from_[near] * self._degrees(near) * into2[near]).sum()) - joined
        but += float((from2 * self._degrees(there) * into[there]).sum())
        but += sum(weight * self._triangles(node) for node, weight in zip(both, weights.tolist(), strict=True))
        sides = [(near, from_[near]), (second, into2[second])]
        (fewer, values), (more, others) = sorted(sides, key=lambda side: graph.work(side[0]))
        self._spread(fewer, values, self._rest)
        self._rest[self._ends.closed] = 0.0
        self._more(float((others * self._gather(more, others, self._rest, but)).sum()) - but)

    def _more(self, paths: float) -> None:
        self._total += paths
        if self._total > self._cap:
            raise _EnoughError

    def _spread(self, nodes: Nodes, values: Sums, into: Sums) -> Nodes:
        reached = self._kernels.spread(self._graph, nodes, values, into, self._search.room)
        self._touched += [(into, reached), (into, self._ends.closed)]
        return reached

    def _gather(self, nodes: Nodes, weights: Sums, sums: Sums, but: float = 0.0) -> Sums:
        """Return for each node the total of `sums` over its neighbours.

        Raises _EnoughError as soon as these, times the weights and but for so many, make more paths than the cap.
        """
        begins = np.cumsum(self._graph.indptr[nodes + 1] - self._graph.indptr[nodes])
        found, at, part, left = [], 0, _PART, self._cap - self._total + but
        while at < len(nodes):
            end = max(int(np.searchsorted(begins, (begins[at - 1] if at else 0) + part)), at + 1)
            found.append(self._kernels.total(self._graph, nodes[at:end], sums))
            left -= float((found[-1] * weights[at:end]).sum())
            if left < 0:
                raise _EnoughError
            at, part = end, 2 * part
        return np.concatenate(found) if found else np.empty(0)

    def _degrees(self, nodes: Nodes) -> Sums:
        """Return how many neighbours of each a path may lead through: all but the ends and what is left out."""
        degrees = self._graph.indptr[nodes + 1] - self._graph.indptr[nodes]
        return np.asarray(degrees - self._from[nodes] - self._into[nodes] - self._barred[nodes])

    def _triangles(self, node: int) -> float:
        """Return twice the number of triangles that a node is a corner of, all corners open."""
        beside = self._graph.heads[self._graph.indptr[node] : self._graph.indptr[node + 1]]
        beside = beside[~self._search.room.blocked[beside]]
        self._rest[beside] = 1.0
        found = self._kernels.total(self._graph, beside, self._rest).sum()
        self._rest[beside] = 0.0
        return float(found)


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
        """Return the `count` cheapest simple paths from a start to a goal of at most `most_steps` hops, cheapest first.

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
            if number % 256 == 255:
                asker.check()
                if time.monotonic() > deadline:
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
