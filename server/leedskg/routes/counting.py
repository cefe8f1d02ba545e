"""How many simple paths there are between two sets of nodes, without walking them.

Walks of up to five hops are counted by adding along the hops from both ends to the middle; the walks that meet
themselves are then taken out. With the ends closed to the middle, a walk s-a-b-c-d-t can only meet itself as a = c,
b = d or a = d, and each of these is again a sum. So the work grows with the hops near the ends, not with the number
of paths, of which a hub makes millions.
"""

from __future__ import annotations

import itertools

import numpy as np

from leedskg.routes.kernels import HopGraph, Nodes, Sums, slots
from leedskg.routes.search import Ends, Search

#: Beyond so many paths the rest is not counted.
CAP = 10_000


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
        touched: list[Nodes] = []
        with self._search.closed(ends):
            try:
                return self._count(ends, most_steps, cap, touched)
            finally:
                for sums, nodes in itertools.product(self._room, touched):
                    sums[nodes] = 0.0

    def _count(self, ends: Ends, most_steps: int, cap: int, touched: list[Nodes]) -> int:
        forth, back, forth2, back2, marks = self._room
        goal = back2  # borrowed until it is needed
        goal[ends.goals] = 1.0
        total = self._total(ends.starts, goal).sum()
        goal[ends.goals] = 0.0
        touched.append(ends.closed)
        if most_steps == 1:
            return _capped(total, cap)
        near, there = (self._spread(nodes, np.ones(len(nodes)), into, ends, touched)
                       for nodes, into in ((ends.starts, forth), (ends.goals, back)))  # fmt: skip
        total += (forth[near] * back[near]).sum()
        if most_steps == 2 or total > cap:
            return _capped(total, cap)
        one, one_sums, other_sums = (
            (near, forth, back) if self._work(near) <= self._work(there) else (there, back, forth)
        )
        joined = (one_sums[one] * self._total(one, other_sums)).sum()
        total += joined
        if most_steps == 3 or total > cap:
            return _capped(total, cap)
        both = near[back[near] > 0]
        degrees = self._degrees(both, ends)
        # s-a-b-c-t: from the nearer side two steps, from the other one.
        second = self._spread(near, forth[near], forth2, ends, touched)
        second_back = self._spread(there, back[there], back2, ends, touched)
        fewer = second if len(second) <= len(second_back) else second_back
        total += (forth2[fewer] * back2[fewer]).sum() - (forth[both] * back[both] * degrees).sum()
        if most_steps == 4 or total > cap:
            return _capped(total, cap)
        fewer, mine, others = ((second, forth2, back2) if self._work(second) <= self._work(second_back)
                               else (second_back, back2, forth2))  # fmt: skip
        walks = (mine[fewer] * self._total(fewer, others)).sum()
        walks -= (forth[near] * self._degrees(near, ends) * back2[near]).sum()  # a = c
        walks -= (forth2[there] * self._degrees(there, ends) * back[there]).sum()  # b = d
        walks += joined  # both, taken out twice
        weights = forth[both] * back[both]
        if total + walks - (weights * degrees * degrees).sum() <= cap:
            walks -= sum(
                weight * self._triangles(node, marks) for node, weight in zip(both, weights.tolist(), strict=True)
            )  # a = d
        return _capped(total + walks, cap)

    def _spread(self, nodes: Nodes, values: Sums, into: Sums, ends: Ends, touched: list[Nodes]) -> Nodes:
        kernels = self._search.kernels
        reached = kernels.reach(self._graph, nodes, self._search.room)
        kernels.add(self._graph, nodes, values, into)
        into[ends.closed] = 0.0
        touched.append(reached)
        return reached

    def _total(self, nodes: Nodes, sums: Sums) -> Sums:
        return self._search.kernels.total(self._graph, nodes, sums)

    def _degrees(self, nodes: Nodes, ends: Ends) -> Sums:
        """How many neighbours a path may lead through each has."""
        at, lengths = slots(self._graph.indptr, nodes)
        is_open = ~self._search.room.blocked[self._graph.heads[at]]
        counts = np.zeros(len(nodes))
        np.add.at(counts, np.repeat(np.arange(len(nodes)), lengths), is_open)
        return counts

    def _triangles(self, node: int, room: Sums) -> float:
        """Twice the number of triangles that a node is a corner of, all corners open. `room` is all zero."""
        beside = self._search.kernels.reach(self._graph, np.array([node], np.int32), self._search.room)
        room[beside] = 1.0
        found = self._total(beside, room).sum()
        room[beside] = 0.0
        return float(found)

    def _work(self, nodes: Nodes) -> int:
        return self._graph.work(nodes)


def _capped(total: float, cap: int) -> int:
    return int(min(total, cap + 1))
