"""The loops of `leedskg.routes.kernels` compiled by numba, for graphs of a million entities.

numba is the optional extra `leedskg[fast]`. Compiling takes some seconds once; the result is kept where numba keeps it.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop over arrays takes each of them by itself

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from leedskg.routes.index import RouteIndex
from leedskg.routes.kernels import FAR, PLAIN, Costs, HopGraph, Kernels, Nodes, Room, Sums

_log = logging.getLogger(__name__)


#: Ties below which numpy is quick enough, and numba not worth the second that it takes to load.
_FEW = 50_000


def kernels_for(index: RouteIndex) -> Kernels:
    """Choose the loops for a graph of this size."""
    return PLAIN if index.ties < _FEW else best_kernels()


@cache
def best_kernels() -> Kernels:
    """Return the compiled loops where numba is installed, else those of numpy."""
    if find_spec("numba") is None:
        return PLAIN
    try:
        return CompiledKernels()
    except Exception as error:
        _log.warning("numba is installed but cannot compile (%s); routes are searched with numpy", error)
        return PLAIN


class CompiledKernels:
    """The loops, compiled when this is made. Raises ImportError when numba is not installed."""

    name = "numba"

    def __init__(self) -> None:
        import numba  # noqa: PLC0415 - optional, and slow to import

        whole, number, real = numba.int64, numba.int32, numba.float64
        # The arrays of the index are mapped from a file, and read-only.
        rows = [(numba.types.Array(whole, 1, "C", readonly=fixed), numba.types.Array(number, 1, "C", readonly=fixed))
                for fixed in (False, True)]  # fmt: skip
        nodes, marks, reals = number[::1], numba.boolean[::1], real[::1]

        def compiled(loop: Callable[..., Any], result: Any, costs: bool, *rest: Any) -> Any:
            kinds = [result(a, b, *((b,) if costs else ()), *rest) for a, b in rows]
            return numba.njit(kinds, cache=True, nogil=True)(loop)

        self._push = compiled(_push, nodes, True, nodes, nodes, nodes, marks, marks, whole)
        self._pull = compiled(_pull, nodes, True, *(nodes,) * 4, whole, whole)
        self._join = compiled(_join, nodes, True, nodes, nodes, nodes, whole)
        self._spread = compiled(_spread, nodes, False, nodes, reals, reals, marks)
        self._total = compiled(_total, reals, False, nodes, reals)

    def push(self, graph: HopGraph, nodes: Nodes, near: Costs, far: Costs, room: Room, limit: int) -> Nodes:
        """Compute what Kernels says."""
        found: Nodes = self._push(graph.indptr, graph.heads, graph.costs, nodes, near, far, *_marks(room), limit)
        return found

    def pull(
        self, graph: HopGraph, nodes: Nodes, known: Costs, base: Costs, far: Costs, least: int, limit: int
    ) -> Costs:
        """Compute what Kernels says."""
        found: Costs = self._pull(graph.indptr, graph.heads, graph.costs, nodes, known, base, far, least, limit)
        return found

    def join(self, graph: HopGraph, nodes: Nodes, base: Costs, there: Costs, limit: int) -> Costs:
        """Compute what Kernels says."""
        found: Costs = self._join(graph.indptr, graph.heads, graph.costs, nodes, base, there, limit)
        return found

    def spread(self, graph: HopGraph, nodes: Nodes, values: Sums, sums: Sums, room: Room) -> Nodes:
        """Compute what Kernels says."""
        found: Nodes = self._spread(graph.indptr, graph.heads, nodes, values, sums, room.blocked)
        return found

    def total(self, graph: HopGraph, nodes: Nodes, sums: Sums) -> Sums:
        """Compute what Kernels says."""
        found: Sums = self._total(graph.indptr, graph.heads, nodes, sums)
        return found


def _marks(room: Room) -> tuple[Any, Any]:
    return room.blocked, room.seen


# What numba compiles: plain loops over arrays.


def _push(
    indptr: Any, heads: Any, costs: Any, nodes: Any, near: Any, far: Any, blocked: Any, seen: Any, limit: Any
) -> Any:
    most = 0
    for node in nodes:
        most += indptr[node + 1] - indptr[node]
    found = np.empty(most, np.int32)
    count = 0
    for node in nodes:
        here = near[node]
        for at in range(indptr[node], indptr[node + 1]):
            reached = here + costs[at]
            if reached > limit:
                break  # the rows are in the order of cost
            head = heads[at]
            if blocked[head] or reached >= far[head]:
                continue
            far[head] = reached
            if not seen[head]:
                seen[head] = True
                found[count] = head
                count += 1
    for number in range(count):
        seen[found[number]] = False
    return found[:count]


def _pull(
    indptr: Any, heads: Any, costs: Any, nodes: Any, known: Any, base: Any, far: Any, least_far: Any, limit: Any
) -> Any:
    least = np.full(len(nodes), FAR, np.int32)
    for number in range(len(nodes)):
        node = nodes[number]
        best = min(known[number], limit - base[number] + 1)
        for at in range(indptr[node], indptr[node + 1]):
            if costs[at] + least_far >= best:
                break  # the rows are in the order of cost
            best = min(best, far[heads[at]] + costs[at])
        if best <= limit - base[number]:
            least[number] = best
    return least


def _join(indptr: Any, heads: Any, costs: Any, nodes: Any, base: Any, there: Any, limit: Any) -> Any:
    most = 0
    for node in nodes:
        most += indptr[node + 1] - indptr[node]
    found = np.empty(most, np.int32)
    count = 0
    for number in range(len(nodes)):
        node, here = nodes[number], base[number]
        for at in range(indptr[node], indptr[node + 1]):
            if here + costs[at] > limit:
                break  # the rows are in the order of cost
            cost = here + costs[at] + there[heads[at]]
            if cost <= limit:
                found[count] = cost
                count += 1
    return found[:count]


def _spread(indptr: Any, heads: Any, nodes: Any, values: Any, sums: Any, blocked: Any) -> Any:
    most = 0
    for node in nodes:
        most += indptr[node + 1] - indptr[node]
    found = np.empty(most, np.int32)
    count = 0
    for number in range(len(nodes)):
        node, value = nodes[number], values[number]
        for at in range(indptr[node], indptr[node + 1]):
            head = heads[at]
            before = sums[head]
            sums[head] = before + value
            if before == 0.0 and not blocked[head]:
                found[count] = head
                count += 1
    return found[:count]


def _total(indptr: Any, heads: Any, nodes: Any, sums: Any) -> Any:
    found = np.zeros(len(nodes))
    for number in range(len(nodes)):
        node = nodes[number]
        total = 0.0
        for at in range(indptr[node], indptr[node + 1]):
            total += sums[heads[at]]
        found[number] = total
    return found
