"""Who matters in the network: each measure against its definition, worked out the long way on small networks."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations

import networkx as nx
import pytest

from leedskg.analysis.brokers import brokers, constraint, cut_off_by, cut_points
from leedskg.analysis.communities import communities, unlinked
from leedskg.analysis.ties import TieGraph, theme_gaps
from leedskg.matrix import Matrix
from leedskg.network import EdgePattern, Network, RouteModel, Tie
from leedskg.record import Name
from tests.sample_knowledge import NAMESPACES

PATTERN = EdgePattern("p", "p", "t", "a", "b", "e", "works with", "works with", True, True, 1, 10)
NO_THEMES = Matrix((), (), {})


def network(pairs: list[tuple[str, str]]) -> Network:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number, (one, other) in enumerate(pairs):
        graph.add_edge(one, other, key=str(number), tie=Tie(str(number), PATTERN, 1.0, "", "", frozenset({"s"})))
    return Network(graph, (PATTERN,), RouteModel(0.4, 0.5, 30, 4.0, 500, 4))


def ties(*pairs: str) -> TieGraph:
    return TieGraph.of(network([(one, other) for one, other in (pair.split("-") for pair in pairs)]))


def random_ties(seed: int) -> TieGraph:
    source = random.Random(seed)
    names = [f"n{number}" for number in range(source.randint(4, 9))]
    pairs = [pair for pair in combinations(names, 2) if source.random() < 0.4] or [("n0", "n1")]
    source.shuffle(pairs)
    return TieGraph.of(network([pair if source.random() < 0.5 else pair[::-1] for pair in pairs]))


def shortest_ways(found: TieGraph) -> Iterator[tuple[int, int, list[list[int]]]]:
    for one, other in combinations(found.graph, 2):
        if nx.has_path(found.graph, one, other):
            ways = nx.all_simple_paths(found.graph, one, other)
            every = list(ways)
            least = min(map(len, every))
            yield one, other, [way for way in every if len(way) == least]


@pytest.mark.parametrize("seed", range(40))
def test_betweenness_is_the_share_of_shortest_ways(seed: int) -> None:
    found = random_ties(seed)
    count = len(found.graph)
    share = dict.fromkeys(found.graph, 0.0)
    for one, other, ways in shortest_ways(found):
        for node in set(found.graph) - {one, other}:
            share[node] += sum(node in way for way in ways) / len(ways) / ((count - 1) * (count - 2) / 2)
    table, starts = brokers(found)
    assert starts == 0, "exact"
    assert {each.iri: pytest.approx(each.share) for each in table} == {
        found.names[node]: value for node, value in share.items() if value > 1e-12
    }


@pytest.mark.parametrize("seed", range(40))
def test_a_cut_point_cuts_off_what_it_says(seed: int) -> None:
    found = random_ties(seed)
    table = {each.iri: set(each.cut_off) for each in cut_points(found)[0]}
    for node in found.graph:
        left = found.graph.copy()
        component = nx.node_connected_component(left, node) - {node}
        left.remove_node(node)
        parts = [part for part in nx.connected_components(left) if part <= component]
        if len(parts) < 2:
            assert found.names[node] not in table
        else:
            cut_off = table[found.names[node]]
            assert len(cut_off) == len(component) - max(map(len, parts))
            assert cut_off <= {found.names[each] for each in component}


@pytest.mark.parametrize("seed", range(40))
def test_how_many_are_cut_off_is_read_from_the_tree_of_blocks(seed: int) -> None:
    graph: nx.Graph[int] = nx.gnp_random_graph(60, 0.03, seed=seed)
    expected = {}
    for point in nx.articulation_points(graph):
        component = nx.node_connected_component(graph, point) - {point}
        parts = [len(part) for part in nx.connected_components(graph.subgraph(component))]
        expected[point] = sum(parts) - max(parts)
    assert cut_off_by(graph) == expected
    names = tuple(map(str, graph))
    table, every = cut_points(TieGraph(graph, names, {name: number for number, name in enumerate(names)}), 10)
    assert every == len(expected)
    assert [len(each.cut_off) for each in table] == sorted(expected.values(), reverse=True)[:10]
    for each in table:
        left = graph.copy()
        left.remove_node(int(each.iri))
        outside = set(nx.node_connected_component(graph, int(each.iri))) - {int(each.iri)} - set(map(int, each.cut_off))
        assert nx.is_connected(left.subgraph(outside)), "the rest holds together without it"
        assert not list(nx.edge_boundary(left, outside)), "and has no way to whom it cuts off"


@pytest.mark.parametrize("seed", range(10))
def test_constraint_is_that_of_networkx(seed: int) -> None:
    graph: nx.Graph[int] = nx.gnp_random_graph(30, 0.15, seed=seed)
    for node in graph:
        if graph.degree[node]:
            assert constraint(graph, node) == pytest.approx(nx.constraint(graph, [node])[node])


def test_an_estimate_says_so() -> None:
    found = random_ties(3)
    _, exactly = brokers(found)
    table, starts = brokers(found, exact_up_to=1)
    assert exactly == 0
    assert starts == len(found.graph), "all there are, so that the estimate is exact here"
    assert [each.iri for each in table] == [each.iri for each in brokers(found)[0]]


def test_a_bridge_between_two_groups_is_the_first_broker() -> None:
    found = ties("a-b", "b-c", "a-c", "c-x", "x-d", "d-e", "e-f", "d-f")
    table, _ = brokers(found)
    assert table[0].iri == "x"
    assert table[0].contacts == 2
    groups = communities(found)
    assert sorted(map(len, (group.members for group in groups))) == [3, 4]


def test_communities_without_a_tie_between_them() -> None:
    found = ties("a-b", "b-c", "a-c", "d-e", "e-f", "d-f")
    groups = communities(found)
    assert [(one.number, other.number) for one, other in unlinked(found, groups)] == [(1, 2)]
    assert communities(TieGraph.of(network([]))) == ()


def test_themes_that_miss_a_family() -> None:
    both, one, none = (Name(label, label) for label in ("both", "one", "none"))
    company, university = (Name(NAMESPACES.term(each), each) for each in ("Company", "University"))
    cells = {
        ("both", company.iri): (Name("x", "x"),),
        ("both", university.iri): (Name("y", "y"),),
        ("one", company.iri): (Name("x", "x"),),
    }
    gaps = theme_gaps(Matrix((both, one, none), (company, university), cells))
    assert [(gap.label, gap.missing) for gap in gaps] == [
        ("both", ("NHS organisations",)),
        ("one", ("universities, colleges and research centres", "NHS organisations")),
    ]


SAME = """
import random
from tests.test_analysis import ties
from leedskg.analysis.communities import communities
source = random.Random(7)
pairs = [f"n{source.randint(0, 30)}-m{source.randint(0, 30)}" for _ in range(80)]
print([each.members for each in communities(ties(*pairs))])
"""


def test_every_process_finds_the_same_communities() -> None:
    """Sets of strings go another way in each process, and the method goes through sets."""
    said = {
        subprocess.run(
            [sys.executable, "-c", SAME], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
