"""Routes: the cost of a hop against sums worked by hand, why it weighs what it does, and which routes are picked."""

import itertools
import math
from dataclasses import replace
from datetime import date

import pytest

from leedskg.errors import RequestError
from leedskg.routes import Band, Hop, Route, RouteFinder
from leedskg.routes.building import first_day, last_day
from leedskg.routes.finder import kinds_among, pick_different
from tests.route_samples import FUNDS, MEMBER, PARTNER, STRATEGIC, ask, finder, index_of, row


def only_hop(found, start, goal, **more):
    (route,) = found.answer(ask(start, goal, most_steps=1, **more)).routes
    return route.hops[0]


def test_a_hop_costs_what_the_formula_says():
    hop = only_hop(finder(row("a", "b", FUNDS)), "a", "b")
    assert hop.cost == pytest.approx(-math.log2(0.9) + 0.4 * math.log2(1) + 0.5, abs=1e-6)
    assert hop.reasons == ("one source", "the only one of its kind at either end")


def test_two_documents_count_more_than_one_and_two_statements_of_one_document_do_not():
    one = finder(row("a", "b", FUNDS, 0.5))
    twice = finder(row("a", "b", FUNDS, 0.5), row("a", "b", FUNDS, 0.5))
    two = finder(row("a", "b", FUNDS, 0.5), row("a", "b", FUNDS, 0.5, ("other",)))
    hops = [only_hop(each, "a", "b") for each in (one, twice, two)]
    assert hops[0].cost == hops[1].cost
    assert hops[2].cost == pytest.approx(hops[0].cost - math.log2(0.75 / 0.5), abs=1e-6)
    assert hops[2].reasons[:2] == ("two sources", "one reading of two")


def test_a_relationship_that_ended_loses_half_its_weight_in_its_half_life():
    hop = only_hop(finder(row("a", "b", FUNDS, ended="2021-11-21")), "a", "b")
    assert hop.cost == pytest.approx(-math.log2(0.9) + 1.0 + 0.5, abs=0.001)
    assert "ended 2021-11-21" in hop.reasons


def test_as_at_an_earlier_day_nothing_has_faded_and_what_began_later_is_not_there():
    found = finder(row("a", "b", FUNDS, begun="2015", ended="2021-11-21"))
    assert only_hop(found, "a", "b", as_at=date(2018, 1, 1)).cost == pytest.approx(-math.log2(0.9) + 0.5, abs=1e-6)
    assert not [each for each in only_hop(found, "a", "b", as_at=date(2018, 1, 1)).reasons if "ended" in each]
    assert found.answer(ask("a", "b", as_at=date(2014, 12, 31))).total == 0


def test_a_crowded_end_makes_a_hop_dearer_in_the_same_way_from_both_ends():
    crowd = finder(*(row(f"m{number}", "hub", MEMBER) for number in range(42)))
    there, back = only_hop(crowd, "hub", "m0"), only_hop(crowd, "m0", "hub")
    assert there.cost == back.cost == pytest.approx(-math.log2(0.5) + 0.4 * math.log2(42) + 0.5, abs=1e-6)
    assert there.reasons == ("one source", "1 of 42 members")
    assert (there.words, there.along, back.words, back.along) == ("has member", False, "member of", True)


def test_a_filter_does_not_make_a_crowd_smaller():
    crowd = finder(*(row("hub", f"m{number}", FUNDS, 1.0 if number == 0 else 0.5) for number in range(8)))
    hops = [only_hop(crowd, "hub", "m0", min_confidence=least) for least in (0.0, 0.9)]
    assert hops[0].cost == hops[1].cost


def test_a_mutual_relation_counts_the_partners_of_both():
    partners = finder(row("a", "b", PARTNER), row("c", "b", PARTNER))
    hops = [only_hop(partners, *pair) for pair in (("a", "b"), ("b", "a"), ("b", "c"), ("c", "b"))]
    assert [hop.cost for hop in hops] == [pytest.approx(-math.log2(0.9) + 0.4 * math.log2(2) + 0.5, abs=1e-6)] * 4
    assert {hop.reasons for hop in hops} == {("one source", "1 of 2 partners at one end")}


def test_relationships_by_one_edge_are_one_hop_which_the_most_relevant_weighs():
    both = finder(row("b", "a", STRATEGIC, 0.5), row("a", "b", PARTNER, 0.5, ("other",)))
    hop = only_hop(both, "a", "b")
    assert len(hop.ties) == 2
    assert hop.cost == pytest.approx(-math.log2(1.0 * 0.75) + 0.5, abs=1e-6)


def test_the_strongest_of_several_relations_is_the_hop_and_the_others_are_kept():
    hop = only_hop(finder(row("a", "b", FUNDS, 0.5), row("a", "b", PARTNER)), "a", "b")
    assert hop.words == "partner of"
    assert [other.words for other in hop.others] == ["funds"]


def test_the_terms_of_a_hop_add_up_to_its_cost():
    hop = only_hop(finder(row("a", "b", MEMBER, 0.7, ended="2020"), row("c", "b", MEMBER)), "a", "b")
    weight = hop.weight
    terms = (weight.relevance_bits, weight.confidence_bits, weight.age_bits, weight.exclusivity_bits, weight.hop_bits)
    assert sum(terms) == pytest.approx(hop.cost, abs=1e-6)
    assert all(terms)


def path(*entities, cost):
    steps = list(itertools.pairwise(entities))
    tie = only_hop(finder(row("a", "b", FUNDS)), "a", "b").ties
    return Route(tuple(Hop(a, b, "", True, tie, cost / len(steps)) for a, b in steps))


def test_routes_that_lead_through_the_same_entities_give_way_to_one_that_does_not():
    strongest, alike, different = (
        path("a", "m", "n", "z", cost=2.0), path("a", "n", "m", "z", cost=2.5), path("a", "q", "z", cost=4.0),
    )  # fmt: skip
    assert pick_different([strongest, alike, different], 2, 4.0) == [strongest, different]
    assert kinds_among([strongest, alike]) == ((("funding",), 2),)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"most_steps": 0}, "1 to 5 steps"),
        ({"most_steps": 6}, "1 to 5 steps"),
        ({"count": 0}, "1 to 30 routes"),
        ({"min_confidence": 1.5}, "from 0 to 1"),
        ({"without": ("a",)}, "under “from” and under “not through”"),
        ({"without": ("b",)}, "under “to” and under “not through”"),
        ({"without": tuple(f"n{number}" for number in range(51))}, "up to 50"),
        ({"starts": tuple(f"n{number}" for number in range(50_001))}, "narrower kind"),
        ({"goals": ("a",)}, "same entity"),
    ],
)
def test_a_question_without_an_answer_is_refused(options, words):
    question = replace(ask("a", "b"), **options)
    with pytest.raises(RequestError, match=words):
        finder(row("a", "b", FUNDS)).answer(question)


def test_a_route_to_any_ends_at_the_first_that_it_meets():
    found = finder(row("a", "x", FUNDS), row("x", "y", FUNDS), row("a", "z", FUNDS), row("z", "y", FUNDS))
    answer = found.answer(replace(ask("a", "y"), goals=("x", "y")))
    assert [route.entities for route in answer.routes] == [("a", "x"), ("a", "z", "y")]
    assert (answer.total, answer.more) == (2, False)


def test_no_route_says_what_a_filter_took_how_far_it_is_and_what_would_bridge_it():
    kinds = {"a": "Company", "b": "Charity", "c": "Charity", "p": "Company", "q": "Charity", "far": "Company"}
    chain = [row("a", "b", FUNDS), row("b", "c", PARTNER), row("c", "far", FUNDS), row("p", "q", PARTNER)]
    found = RouteFinder(index_of(*chain, kinds=kinds))
    misses = found.answer(ask("a", "far", kinds=frozenset({"FundingAward"}))).misses
    assert misses.relaxed == (("kinds", 1),)
    misses = found.answer(ask("a", "far", most_steps=2)).misses
    assert misses.further == 3
    misses = found.answer(ask("a", "q")).misses
    assert (misses.further, misses.alone) == (0, ())
    first = misses.bridges[0]
    assert (first.near, first.far, first.steps) == ("a", "q", 1)
    assert ("partnership", 1) in [(pattern.label, number) for pattern, number in first.links]
    assert found.answer(ask("a", "elsewhere")).misses.alone == ("elsewhere",)


def test_strength_is_told_against_the_routes_of_random_pairs():
    ring = [row(f"n{number}", f"n{(number + 1) % 30}", PARTNER, 0.3 + 0.02 * number) for number in range(30)]
    found = finder(*ring).compared()
    assert found.index.sampled > 200
    assert list(found.index.reference) == sorted(found.index.reference)
    best, worst = (found.answer(ask(*ends)).routes[0].band for ends in (("n28", "n29"), ("n0", "n4")))
    assert best.low >= 90
    assert worst.high <= 25
    assert Band(90, 95).words == "among the strongest 10%"
    assert Band(10, 25).words == "among the weakest 25%"
    assert finder(*ring).answer(ask("n0", "n1")).routes[0].band is None


def test_the_empty_graph_has_no_routes():
    answer = RouteFinder(index_of()).compared().answer(ask("a", "b"))
    assert (answer.routes, answer.total, answer.misses.alone) == ((), 0, ("a", "b"))


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ("", None, None),
        ("..", None, None),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 28)),
        ("2021-11-21~", date(2021, 11, 21), date(2021, 11, 21)),
        ("2018/2023", date(2018, 1, 1), date(2023, 12, 31)),
        ("2018/..", date(2018, 1, 1), None),
        ("2023-02-31", None, None),
    ],
)
def test_the_days_of_an_edtf_date(when, first, last):
    assert [first_day(when), last_day(when)] == [each.toordinal() if each else 0 for each in (first, last)]
