"""How many simple paths there are between two sets of nodes, without walking them.

Walks of up to five hops are counted by adding along the hops from both ends to the middle; the walks that meet
themselves are then taken out. With the ends closed to the middle, a walk s-a-b-c-d-t can only meet itself as a = c,
b = d or a = d, and each of these is again a sum. So the work grows with the hops near the ends, not with the number
of paths, of which a hub makes millions.

Nor does it grow with what is not asked: beyond a cap the rest is not counted. So the walks of one length are added up
a part at a time, from the side where that is less work, after what is to be taken out from them is known; and where
the part so far is over the cap, that is the answer. Beside hubs, where the sums are long, this is soon.
"""

from __future__ import annotations

import numpy as np

from leedskg.routes.bounds import Ends
from leedskg.routes.kernels import HopGraph, Nodes, Sums
from leedskg.routes.search import Search

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
        """How many simple paths of at most `most_steps` (1 to 5) hops lead from a start to a goal; `cap` + 1 for more.

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
        """The number of paths. Raises _EnoughError beyond the cap."""
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
        """For each node the total of `sums` over its neighbours.

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
        """How many neighbours of each a path may lead through: all but the ends and what is left out."""
        degrees = self._graph.indptr[nodes + 1] - self._graph.indptr[nodes]
        return np.asarray(degrees - self._from[nodes] - self._into[nodes] - self._barred[nodes])

    def _triangles(self, node: int) -> float:
        """Twice the number of triangles that a node is a corner of, all corners open."""
        beside = self._graph.heads[self._graph.indptr[node] : self._graph.indptr[node + 1]]
        beside = beside[~self._search.room.blocked[beside]]
        self._rest[beside] = 1.0
        found = self._kernels.total(self._graph, beside, self._rest).sum()
        self._rest[beside] = 0.0
        return float(found)
