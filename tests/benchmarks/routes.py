"""Measure the search for routes beside networkx, igraph and scipy, on the same graphs, in one run.

    python -m tests.benchmarks.routes --sizes 1000 100000 1000000

The graphs are made up: degrees follow a power law as in our own graph, cut at a fiftieth of the entities, so that there
are hubs. Half of the ends are picked at random among the entities, half along the hops, which finds the hubs. Times are
CPU of the one thread that searches. The other libraries are asked for the same five cheapest simple paths; they know no
limit of steps, so their answers are compared where the cheapest ones keep within it.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import random
import time
from collections.abc import Callable
from importlib.metadata import version

import igraph
import networkx as nx
import numpy as np
import scipy.sparse

from leedskg.routes.bounds import Ends
from leedskg.routes.compiled import CompiledKernels
from leedskg.routes.kernels import PLAIN, HopGraph
from leedskg.routes.search import Counter, Path, Search

#: How many cheapest paths; a page asks for thirty and picks from them.
COUNT, POOL = 5, 30
#: Questions that the slow ones are asked, and seconds after which no further one is.
FEW, PATIENCE = 6, 20.0


def main() -> None:
    options = _options()
    packages = ("numpy", "numba", "networkx", "igraph", "scipy")
    print(f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in packages))
    for size in options.sizes:
        steps = options.steps or (5 if size >= 1_000_000 else 4)
        graph = made_up(size)
        degrees = np.diff(graph.indptr)
        print(
            f"\n{size:,} entities, {len(graph.heads) // 2:,} pairs, largest hub {degrees.max():,}; up to {steps} steps"
        )
        ends = pairs(graph, options.questions)
        first = _ours(graph, ends, steps)
        if not options.alone:
            _others(graph, ends, steps, first)


def _ours(graph: HopGraph, ends: list[tuple[int, int]], steps: int) -> list[list[Path]]:
    first: list[list[Path]] | None = None
    for kernels in (PLAIN, CompiledKernels()):
        search = Search(graph, kernels)
        counter = Counter(search)
        searched, counted, found = [], [], []
        for one, other in [ends[0], *ends]:  # the first once more, to make room and warm up
            asked = Ends(np.array([one], np.int32), np.array([other], np.int32))
            begun = time.process_time()
            found.append(search.cheapest(asked, steps, POOL))
            searched.append(time.process_time() - begun)
            begun = time.process_time()
            counter.count(asked, steps)
            counted.append(time.process_time() - begun)
        _line(f"leedskg, {kernels.name}: {POOL} cheapest", searched[1:])
        _line(f"leedskg, {kernels.name}: their number", counted[1:])
        _line(
            f"leedskg, {kernels.name}: both, as a page asks",
            [sum(each) for each in zip(searched, counted, strict=True)][1:],
        )
        if first is not None and found[1:] != first:
            raise SystemExit("numpy and numba differ")
        first = found[1:]
    assert first is not None
    return first


def _others(graph: HopGraph, ends: list[tuple[int, int]], steps: int, first: list[list[Path]]) -> None:
    tails = np.repeat(np.arange(graph.size), np.diff(graph.indptr))
    half = tails < graph.heads
    edges, costs = np.column_stack((tails[half], graph.heads[half])), graph.costs[half]
    matrix = scipy.sparse.csr_array(
        (graph.costs.astype(float), graph.heads, graph.indptr.astype(np.int32)), shape=(graph.size,) * 2
    )
    begun = time.process_time()
    drawn = igraph.Graph(n=graph.size, edges=edges, directed=False)
    drawn.es["cost"] = costs.tolist()
    print(f"  (igraph's graph made in {time.process_time() - begun:.1f} s)")
    askers: dict[str, Callable[[int, int], list[Path]]] = {
        "igraph, Yen": lambda one, other: [
            tuple(path) for path in drawn.get_k_shortest_paths(one, to=other, k=COUNT, weights="cost", output="vpath")
        ],
        "scipy, Yen": lambda one, other: _by_scipy(matrix, one, other),
    }
    if graph.size <= 100_000:
        network = nx.Graph()
        network.add_weighted_edges_from(
            zip(edges[:, 0].tolist(), edges[:, 1].tolist(), costs.tolist(), strict=True), weight="cost"
        )
        askers["networkx, Yen"] = lambda one, other: _by_networkx(network, one, other)
    for name, ask in askers.items():
        taken, same, compared = [], 0, 0
        for number, (one, other) in enumerate(ends[:FEW]):
            begun = time.process_time()
            found = ask(one, other)
            taken.append(time.process_time() - begun)
            if len(found) == COUNT and all(len(path) <= steps + 1 for path in found):
                compared += 1
                same += [_cost(graph, path) for path in found] == [_cost(graph, path) for path in first[number][:COUNT]]
            if sum(taken) > PATIENCE:
                break
        _line(f"{name}: {COUNT} cheapest", taken)
        print(f"      the same costs in {same} of {compared} questions whose answers keep within {steps} steps")


def _by_scipy(matrix: scipy.sparse.csr_array, one: int, other: int) -> list[Path]:
    from scipy.sparse.csgraph import yen  # noqa: PLC0415 - newer than the rest

    distances, before = yen(matrix, one, other, COUNT, directed=False, return_predecessors=True)
    paths = []
    for number in range(len(distances)):
        path = [other]
        while path[-1] != one:
            path.append(int(before[number, path[-1]]))
        paths.append(tuple(reversed(path)))
    return paths


def _by_networkx(network: nx.Graph, one: int, other: int) -> list[Path]:
    if one not in network or other not in network or not nx.has_path(network, one, other):
        return []
    return [tuple(path) for path in itertools.islice(nx.shortest_simple_paths(network, one, other, "cost"), COUNT)]


def _cost(graph: HopGraph, path: Path) -> int:
    total = 0
    for one, other in itertools.pairwise(path):
        row = slice(graph.indptr[one], graph.indptr[one + 1])
        total += int(graph.costs[row][graph.heads[row] == other][0])
    return total


def _line(name: str, seconds: list[float]) -> None:
    half, most, worst = np.percentile(np.array(seconds) * 1000, [50, 99, 100])
    print(f"  {name:40} median {half:10.2f} ms   p99 {most:10.2f} ms   worst {worst:10.2f} ms   of {len(seconds)}")


def made_up(size: int, seed: int = 1) -> HopGraph:
    """A graph of `size` nodes whose degrees follow a power law (exponent 2.3), with costs as hops have them."""
    chance = np.random.default_rng(seed)
    degrees = np.minimum((chance.pareto(1.3, size) + 1) * 2.0, max(size / 50, 4)).astype(np.int64)
    stubs = np.repeat(np.arange(size), degrees)
    chance.shuffle(stubs)
    half = len(stubs) // 2
    one, other = stubs[:half], stubs[half : 2 * half]
    keys = np.unique((np.minimum(one, other) * size + np.maximum(one, other))[one != other])
    low, high = keys // size, keys % size
    met = np.bincount(np.concatenate((low, high)), minlength=size)
    alike = np.maximum((met[low] + met[high] - 1) * chance.choice([1.0, 0.5, 0.2], len(low)), 1)
    bits = 0.5 + chance.choice([0.05, 0.15, 0.3, 0.5, 1.0], len(low)) + 0.4 * np.log2(alike)
    costs = np.rint(bits * 1e6).astype(np.int32)
    tails, heads, both = np.concatenate((low, high)), np.concatenate((high, low)), np.concatenate((costs, costs))
    order = np.lexsort((heads, both, tails))
    indptr = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(tails, minlength=size), out=indptr[1:])
    return HopGraph(indptr, heads[order].astype(np.int32), both[order])


def pairs(graph: HopGraph, number: int, seed: int = 7) -> list[tuple[int, int]]:
    """Ends by turns at random among the nodes, and among the heads of hops, where hubs come often."""
    chance = random.Random(seed)
    found = []
    while len(found) < number:
        if len(found) % 2:
            one, other = chance.randrange(graph.size), chance.randrange(graph.size)
        else:
            one, other = (int(graph.heads[chance.randrange(len(graph.heads))]) for _ in range(2))
        if one != other:
            found.append((one, other))
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--steps", type=int, default=0, help="4, and 5 from a million entities on, if not given")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--alone", action="store_true", help="leave the other libraries out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
