"""The five loops over a graph's hops that a search spends its time in, written with numpy.

`leedskg.routes.compiled` has the same five for numba, when the extra `leedskg[fast]` is installed. All of them add and
compare whole numbers, so both give the same answers to the last bit.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop over arrays takes each of them by itself

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Nodes = NDArray[np.int32]
Costs = NDArray[np.int32]
Sums = NDArray[np.float64]
Marks = NDArray[np.bool_]

#: More than any route costs: no way there.
FAR = 2**30
#: Sorting finds the different ones among few nodes sooner than marking does; among this part of all, marking.
_SPARSE = 20
#: Hops of a node beyond which it is sooner to look for the first that costs too much than to look at all.
_LONG = 32


@dataclass(frozen=True)
class HopGraph:
    """Which nodes are a hop apart and the least that the hop costs, in both directions, as compressed rows.

    The neighbours of node `v` are `heads[indptr[v]:indptr[v + 1]]`, and `costs` their costs, in rising order: whole
    numbers above 0, of which five stay below FAR.
    """

    indptr: Ints
    heads: Nodes
    costs: Costs

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self.indptr) - 1

    def work(self, nodes: Nodes) -> int:
        """Return how many hops lead from these nodes."""
        return int((self.indptr[nodes + 1] - self.indptr[nodes]).sum())


@dataclass(frozen=True)
class Room:
    """A mark for each node: whether no path leads through it, and one for the loops' own use, false between them."""

    blocked: Marks
    seen: Marks


class Kernels(Protocol):
    """The loops. `nodes` hold no node twice; what they give has none twice either, in any order."""

    name: str

    def push(self, graph: HopGraph, nodes: Nodes, near: Costs, far: Costs, room: Room, limit: int) -> Nodes:
        """Lower `far` at each neighbour to `near` of the node plus the hop; the neighbours where that was less.

        What is blocked, or comes to more than `limit`, is left alone.
        """

    def pull(
        self, graph: HopGraph, nodes: Nodes, known: Costs, base: Costs, far: Costs, least: int, limit: int
    ) -> Costs:
        """Return for each node the least of what is `known` of it and a hop's cost plus `far` behind it; FAR for none.

        `base` is what it costs to come to each node, and what with it comes to more than `limit` is none. `least` is
        the least of `far` at any neighbour that is not in what is known already.
        """

    def join(self, graph: HopGraph, nodes: Nodes, base: Costs, there: Costs, limit: int) -> Costs:
        """Return for each hop of a node its cost plus the node's `base` and what is `there` behind, up to `limit`."""

    def spread(self, graph: HopGraph, nodes: Nodes, values: Sums, sums: Sums, room: Room) -> Nodes:
        """Add each node's value, above 0, to `sums` at each of its neighbours; gives those neighbours.

        `sums` is 0 everywhere before. What is blocked is added to as well, and is not given.
        """

    def total(self, graph: HopGraph, nodes: Nodes, sums: Sums) -> Sums:
        """Return for each node the total of `sums` over its neighbours."""


def slots(indptr: Ints, nodes: Nodes) -> tuple[Ints, Ints]:
    """Return the places of all hops of `nodes` in the rows of a graph, and how many each node has."""
    begins = indptr[nodes]
    return _places(begins, indptr[nodes + 1] - begins)


def _cheap_slots(graph: HopGraph, nodes: Nodes, most: Costs) -> tuple[Ints, Ints]:
    """Do the same for the hops that cost at most so much, and maybe some more of nodes that have few hops."""
    begins = graph.indptr[nodes]
    lengths = graph.indptr[nodes + 1] - begins
    long = np.flatnonzero(lengths > _LONG)
    if len(long):
        low, high, most = begins[long], begins[long] + lengths[long], most[long]
        while len(open_ := np.flatnonzero(low < high)):  # each row is in the order of cost: halve it
            middle = (low[open_] + high[open_]) // 2
            fits = graph.costs[middle] <= most[open_]
            low[open_[fits]] = middle[fits] + 1
            high[open_[~fits]] = middle[~fits]
        lengths[long] = low - begins[long]
    return _places(begins, lengths)


def _places(begins: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(begins - ends + lengths, lengths) + np.arange(total), lengths


class PlainKernels:
    """The loops as numpy has them."""

    name = "numpy"

    def push(self, graph: HopGraph, nodes: Nodes, near: Costs, far: Costs, room: Room, limit: int) -> Nodes:
        """Compute what Kernels says."""
        at, lengths = _cheap_slots(graph, nodes, limit - near[nodes])
        heads, reached = graph.heads[at], np.repeat(near[nodes], lengths) + graph.costs[at]
        wanted = ~room.blocked[heads]
        if limit < FAR:
            wanted &= reached <= limit
        wanted &= reached < far[heads]
        heads = heads[wanted]
        np.minimum.at(far, heads, reached[wanted])
        return _different(heads, room)

    def pull(
        self, graph: HopGraph, nodes: Nodes, known: Costs, base: Costs, far: Costs, least: int, limit: int
    ) -> Costs:
        """Compute what Kernels says; drop what is over the limit in the end."""
        at, lengths = _cheap_slots(graph, nodes, np.minimum(limit - base, known) - least)
        costs = _by_node(np.minimum, graph.costs[at] + far[graph.heads[at]], lengths, known)
        costs[costs > limit - base] = FAR
        return costs

    def join(self, graph: HopGraph, nodes: Nodes, base: Costs, there: Costs, limit: int) -> Costs:
        """Compute what Kernels says."""
        at, lengths = _cheap_slots(graph, nodes, limit - base)
        found: Costs = np.repeat(base, lengths) + graph.costs[at] + there[graph.heads[at]]
        return found[found <= limit]

    def spread(self, graph: HopGraph, nodes: Nodes, values: Sums, sums: Sums, room: Room) -> Nodes:
        """Compute what Kernels says."""
        at, lengths = slots(graph.indptr, nodes)
        heads = graph.heads[at]
        np.add.at(sums, heads, np.repeat(values, lengths))
        return _different(heads, room)

    def total(self, graph: HopGraph, nodes: Nodes, sums: Sums) -> Sums:
        """Compute what Kernels says."""
        at, lengths = slots(graph.indptr, nodes)
        return _by_node(np.add, sums[graph.heads[at]], lengths, np.zeros(len(nodes)))


def _different(found: Nodes, room: Room) -> Nodes:
    if len(found) * _SPARSE < len(room.seen):
        found = np.unique(found)
    else:
        room.seen[found] = True
        found = np.flatnonzero(room.seen).astype(np.int32)
        room.seen[found] = False
    return found[~room.blocked[found]]


def _by_node(combine: np.ufunc, values: NDArray[Any], lengths: Ints, into: NDArray[Any]) -> NDArray[Any]:
    """Return what `combine` makes of each node's values, which stand one node's after the other's."""
    some = np.flatnonzero(lengths)
    if len(some):
        found = combine.reduceat(values, (np.cumsum(lengths) - lengths)[some])
        into = into.copy()
        into[some] = combine(into[some], found)
    return into


PLAIN = PlainKernels()
