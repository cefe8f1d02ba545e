"""The search for routes against brute force, on thousands of small random graphs; numpy's loops and numba's alike."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from leedskg.errors import LimitReachedError
from leedskg.routes import RouteFinder, RouteIndex
from leedskg.routes.bounds import Ends
from leedskg.routes.compiled import CompiledKernels
from leedskg.routes.kernels import FAR, PLAIN, HopGraph, Kernels
from leedskg.routes.search import Counter, Search
from tests.route_samples import MEMBER, TODAY, ask, by_brute_force, cost_of, finder, index_of, networks, questions, row

pytestmark = pytest.mark.slow

needs_numba = pytest.mark.skipif(
    find_spec("numba") is None, reason="numba is not installed: pip install 'leedskg[fast]'"
)


@pytest.fixture(scope="module", params=["numpy", pytest.param("numba", marks=needs_numba)])
def kernels(request: pytest.FixtureRequest) -> Kernels:
    return PLAIN if request.param == "numpy" else CompiledKernels()


def hop_graph(size: int, costs: dict[tuple[int, int], int]) -> HopGraph:
    rows = sorted((one, cost, other) for pair, cost in costs.items() for one, other in (pair, pair[::-1]))
    indptr = np.cumsum([0, *(sum(1 for one, _, _ in rows if one == node) for node in range(size))])
    heads, hops = (np.array([each[at] for each in rows], np.int32) for at in (2, 1))
    return HopGraph(indptr.astype(np.int64), heads, hops)


Case = tuple[int, dict[tuple[int, int], int], list[list[int]], int, int]


def case(chance: random.Random) -> Case:
    """A graph of up to eleven nodes with whole costs, many of them equal, and ends that may be several or overlap."""
    size = chance.randint(2, 11)
    density = chance.random()
    pairs = itertools.combinations(range(size), 2)
    costs = {pair: chance.randint(1, 8) for pair in pairs if chance.random() < density}
    nodes = chance.sample(range(size), size)
    first, second = chance.choice([1, 1, 1, 2, 3]), chance.choice([1, 1, 1, 2, 3])
    goals = nodes[first : first + second] if chance.random() < 0.8 else chance.sample(nodes, min(size, second))
    rest = [node for node in nodes[first + second :] if node not in goals]
    ends = [sorted(nodes[:first]), sorted(goals), sorted(rest[: chance.choice([0, 0, 1, 2])])]
    return size, costs, ends, chance.randint(1, 5), chance.choice([1, 3, 30, 200])


def every_path(
    size: int, costs: dict[tuple[int, int], int], ends: list[list[int]], most_steps: int
) -> list[tuple[int, tuple[int, ...]]]:
    starts, goals, without = map(set, ends)
    beside: dict[int, dict[int, int]] = {node: {} for node in range(size)}
    for (one, other), cost in costs.items():
        beside[one][other] = beside[other][one] = cost
    found = []

    def walk(path: tuple[int, ...], spent: int) -> None:
        for node, cost in beside[path[-1]].items():
            if node in path:
                continue
            twice = {path[0], node} <= starts & goals and path[0] > node
            if node in goals and not twice:
                found.append((spent + cost, (*path, node)))
            if node not in starts | goals | without and len(path) < most_steps:
                walk((*path, node), spent + cost)

    for start in starts:
        walk((start,), 0)
    return sorted(found)


def arrays(ends: list[list[int]]) -> Ends:
    return Ends(*(np.array(each, np.int32) for each in ends))


def test_the_cheapest_paths_and_their_number_are_what_brute_force_finds(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On 2,000 random graphs: loops of our own rather than hypothesis, which would take ten times as long."""
    chance = random.Random(20261121)
    for _ in range(2000):
        size, costs, ends, most_steps, count = case(chance)
        wanted = every_path(size, costs, ends, most_steps)
        search = Search(hop_graph(size, costs), kernels)
        for module in ("bounds", "search"):  # sums are made in parts, which small graphs would not fill
            monkeypatch.setattr(f"leedskg.routes.{module}._PART", chance.choice([1, 3, 1024]))
        told = f"{costs} {ends} {most_steps} {count}"
        for _ in range(2):  # what one search leaves behind must not reach the next
            assert search.cheapest(arrays(ends), most_steps, count) == [path for _, path in wanted[:count]], told
            if not set(ends[0]) & set(ends[1]):
                assert Counter(search).count(arrays(ends), most_steps) == len(wanted), told
                assert Counter(search).count(arrays(ends), most_steps, cap=3) == min(len(wanted), 4), told


@settings(max_examples=400, deadline=None)
@given(case=questions())
def test_routes_under_filters_are_what_brute_force_finds(case: Any) -> None:
    rows, question = case
    wanted = by_brute_force(rows, question)
    alone = {"starts": 1, "goals": 1}
    if any(len(getattr(question, name)) == alone[name] and set(getattr(question, name)) & set(question.without)
           for name in alone):  # fmt: skip
        return
    finder = RouteFinder(index_of(*rows))
    finder.answer(replace(question, min_confidence=0.0, kinds=frozenset(), without=()))  # another filter before it
    answer = finder.answer(question)
    assert (answer.total, answer.more) == (len(wanted), False)
    found = [(route.cost, route.entities) for route in answer.routes]
    # Costs are kept in millionths of a bit, so equal ones may change places with those a hair away.
    assert [cost for cost, _ in found] == pytest.approx([cost for cost, _ in wanted[:30]], abs=1e-5)
    assert all(cost == pytest.approx(cost_of(rows, question, path), abs=1e-5) for cost, path in found)
    assert len({path for _, path in found}) == len(found)
    assert {path for _, path in found} <= {path for _, path in wanted}
    assert bool(answer.misses) == (not wanted)


@needs_numba
@settings(max_examples=60, deadline=None)
@given(case=questions())
def test_numba_gives_the_same_answers(case: Any) -> None:
    rows, question = case
    index = index_of(*rows)
    assert RouteFinder(index, CompiledKernels()).answer(question) == RouteFinder(index).answer(question)


@settings(max_examples=25, deadline=None)
@given(rows=networks())
def test_an_index_read_back_from_its_files_is_the_same(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> None:
    folder = tmp_path_factory.mktemp("index") / "1-a"
    index = index_of(*rows)
    index.write(folder)
    read = RouteIndex.open(folder)
    assert read
    question = ask("n0", "n1", most_steps=5, count=30)
    assert RouteFinder(read).answer(question) == RouteFinder(index).answer(question)
    assert (list(read.entities), read.patterns, read.model) == (list(index.entities), index.patterns, index.model)


def test_a_broken_or_missing_index_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "routes" / "1-a"
    assert RouteIndex.open(folder) is None
    folder.parent.mkdir()
    index_of(row("a", "b", MEMBER)).write(folder)
    (folder / "tie_source.npy").write_bytes(b"cut")
    assert RouteIndex.open(folder) is None


def test_a_hub_is_walked_in_order_without_looking_at_all_of_it(kernels: Kernels) -> None:
    """Two hubs with two thousand members in common: as many routes, of which the thirty cheapest are given."""
    members = 2000
    costs = {(hub, 2 + number): 10 + number for hub in (0, 1) for number in range(members)}
    search = Search(hop_graph(2 + members, costs), kernels)
    ends = arrays([[0], [1], []])
    assert search.cheapest(ends, 4, 30) == [(0, 2 + number, 1) for number in range(30)]
    assert Counter(search).count(ends, 2) == members
    # Over two hubs, each way of going in and out of them is a route of no more than five hops.
    assert Counter(search).count(ends, 5) == members
    assert Counter(search).count(ends, 5, cap=100) == 101


def test_a_search_that_takes_too_long_is_stopped() -> None:
    size = 60
    costs = dict.fromkeys(itertools.combinations(range(size), 2), 1)
    with pytest.raises(LimitReachedError, match="fewer steps"):
        Search(hop_graph(size, costs)).cheapest(arrays([[0], [1], []]), 5, 100_000, deadline=0.0)


def test_far_is_beyond_any_route() -> None:
    weak = row("a", "b", MEMBER, 0.001, ended="0001")
    answer = finder(weak).answer(ask("a", "b"))
    assert 0 < answer.routes[0].cost * 1_000_000 * 5 < FAR
    assert answer.routes[0].hops[0].ties[0].valid_to == "0001"
    assert answer.routes[0].cost <= 200
    assert finder(weak).answer(ask("a", "b", as_at=TODAY, min_confidence=0.5)).total == 0
