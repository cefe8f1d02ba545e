"""Routes: the search against brute force, and the cost against sums worked by hand."""

import itertools
import math
from datetime import date

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leedskg.errors import RequestError
from leedskg.network import EdgePattern, Network, RouteModel, Tie
from leedskg.routes import Hop, Route, RouteFinder, cheapest_paths, pick_different, years_since

TODAY = date(2026, 11, 21)
FUNDS = EdgePattern("p:funding", "funding", "FundingAward", "funder", "funded", "funds", "funds", "funded by",
                    False, True, 0.9, 5.0)  # fmt: skip
PARTNER = EdgePattern("p:partnership", "partnership", "Partnership", "partner", "partner", "partnerOf", "partner of",
                      "partner of", True, True, 0.9, 8.0)  # fmt: skip


@st.composite
def small_graphs(draw):
    """Undirected weighted graphs of up to eight nodes, with two different ends and a bound on the steps."""
    size = draw(st.integers(2, 8))
    pairs = list(itertools.combinations([f"n{number}" for number in range(size)], 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs)))
    # Whole eighths, so that sums are exact and equal costs are really equal.
    weights = draw(st.lists(st.integers(1, 40), min_size=len(chosen), max_size=len(chosen)))
    costs: dict[str, dict[str, float]] = {}
    for (one, other), weight in zip(chosen, weights, strict=True):
        costs.setdefault(one, {})[other] = weight / 8
        costs.setdefault(other, {})[one] = weight / 8
    return costs, "n0", f"n{draw(st.integers(1, size - 1))}", draw(st.integers(1, 5)), draw(st.integers(1, 30))


def by_brute_force(costs, start, goal, most_steps):
    graph = nx.Graph()
    graph.add_nodes_from([start, goal])
    for one, others in costs.items():
        for other, cost in others.items():
            graph.add_edge(one, other, cost=cost)
    paths = nx.all_simple_paths(graph, start, goal, cutoff=most_steps)
    return sorted((sum(costs[a][b] for a, b in itertools.pairwise(path)), tuple(path)) for path in paths)


@settings(max_examples=2000, deadline=None)
@given(small_graphs())
def test_the_search_finds_what_brute_force_finds(case):
    costs, start, goal, most_steps, count = case
    wanted = by_brute_force(costs, start, goal, most_steps)[:count]
    found = [
        (sum(costs[a][b] for a, b in itertools.pairwise(path)), path)
        for path in cheapest_paths(costs, start, goal, most_steps, count)
    ]
    assert found == wanted


def network(*ties):
    graph = nx.MultiDiGraph()
    for number, (source, target, pattern, confidence, sources, valid_to) in enumerate(ties):
        tie = Tie(f"assertion:{number}", pattern, confidence, "", valid_to, frozenset(sources))
        graph.add_edge(source, target, key=str(number), tie=tie)
    return Network(graph, (FUNDS, PARTNER), RouteModel(0.4, 0.5))


def only_hop(finder, start, goal):
    (route,) = finder.find(start, goal, most_steps=1)
    return route.hops[0]


def test_a_hop_costs_what_the_formula_says():
    hop = only_hop(RouteFinder(network(("a", "b", FUNDS, 1.0, ["doc"], "")), TODAY), "a", "b")
    assert hop.cost == pytest.approx(-math.log2(0.9) + 0.4 * math.log2(1) + 0.5)


def test_two_documents_count_more_than_one_and_two_statements_of_one_document_do_not():
    one = network(("a", "b", FUNDS, 0.5, ["doc"], ""))
    twice = network(("a", "b", FUNDS, 0.5, ["doc"], ""), ("a", "b", FUNDS, 0.5, ["doc"], ""))
    two = network(("a", "b", FUNDS, 0.5, ["doc"], ""), ("a", "b", FUNDS, 0.5, ["other"], ""))
    costs = [only_hop(RouteFinder(each, TODAY), "a", "b").cost for each in (one, twice, two)]
    assert costs[0] == costs[1]
    assert costs[2] == pytest.approx(costs[0] - math.log2(0.75 / 0.5))


def test_a_relationship_that_ended_loses_half_its_weight_in_its_half_life():
    ended = network(("a", "b", FUNDS, 1.0, ["doc"], "2021-11-21"))
    hop = only_hop(RouteFinder(ended, TODAY), "a", "b")
    assert hop.cost == pytest.approx(-math.log2(0.9) + 1.0 + 0.5, abs=0.001)
    assert "ended 2021-11-21" in hop.reasons


def test_a_crowded_end_makes_a_hop_dearer_in_the_same_way_from_both_ends():
    crowd = network(*[("hub", f"m{number}", FUNDS, 1.0, ["doc"], "") for number in range(8)])
    finder = RouteFinder(crowd, TODAY)
    there, back = only_hop(finder, "hub", "m0"), only_hop(finder, "m0", "hub")
    assert there.cost == back.cost == pytest.approx(-math.log2(0.9) + 0.4 * math.log2(8) + 0.5)
    assert "funds 8 in all" in there.reasons
    assert (there.words, back.words) == ("funds", "funded by")


def test_a_mutual_relation_counts_the_partners_of_both():
    partners = network(("a", "b", PARTNER, 1.0, ["doc"], ""), ("c", "b", PARTNER, 1.0, ["doc"], ""))
    finder = RouteFinder(partners, TODAY)
    costs = [only_hop(finder, *pair).cost for pair in (("a", "b"), ("b", "a"), ("b", "c"), ("c", "b"))]
    assert costs == [pytest.approx(-math.log2(0.9) + 0.4 * math.log2(2) + 0.5)] * 4


def test_the_strongest_of_several_relations_is_the_hop_and_the_others_are_kept():
    both = network(("a", "b", FUNDS, 0.5, ["doc"], ""), ("a", "b", PARTNER, 1.0, ["doc"], ""))
    hop = only_hop(RouteFinder(both, TODAY), "a", "b")
    assert hop.words == "partner of"
    assert [other.words for other in hop.others] == ["funds"]


def test_routes_that_lead_through_the_same_entities_give_way_to_one_that_does_not():
    def route(*entities, cost):
        steps = list(itertools.pairwise(entities))
        return Route(tuple(Hop(a, b, "", True, (), cost / len(steps), ()) for a, b in steps))

    strongest, alike, different = (
        route("a", "m", "n", "z", cost=2.0), route("a", "n", "m", "z", cost=2.5), route("a", "q", "z", cost=4.0),
    )  # fmt: skip
    assert pick_different([strongest, alike, different], 2) == [strongest, different]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"most_steps": 0}, "1 to 5 steps"), ({"most_steps": 6}, "1 to 5 steps"), ({"count": 0}, "1 to 30 routes")],
)
def test_numbers_out_of_bounds_are_refused(options, words):
    finder = RouteFinder(network(("a", "b", FUNDS, 1.0, ["doc"], "")), TODAY)
    with pytest.raises(RequestError, match=words):
        finder.find("a", "b", **options)


def test_a_route_from_a_thing_to_itself_is_refused():
    with pytest.raises(RequestError, match="same entity"):
        RouteFinder(network(("a", "b", FUNDS, 1.0, ["doc"], "")), TODAY).find("a", "a")


def test_an_entity_without_relationships_has_no_routes():
    assert RouteFinder(network(("a", "b", FUNDS, 1.0, ["doc"], "")), TODAY).find("a", "elsewhere") == []


@pytest.mark.parametrize(
    ("when", "years"),
    [("", 0), ("..", 0), ("2030", 0), ("2025-11-21", 1), ("2021-11-21~", 5), ("2024-12-31", 1.89), ("2024", 1.89)],
)
def test_years_since_an_edtf_date(when, years):
    assert years_since(when, TODAY) == pytest.approx(years, abs=0.01)
