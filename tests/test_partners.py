"""Potential partners: what speaks for two, what joins two already, and what a steward dismisses."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import pytest

from leedskg.accounts.model import Role
from leedskg.analysis.partners import PartnerReason, PotentialPartners, potential_partners, suggested
from leedskg.catalogue import CatalogueEntry
from leedskg.matrix import Matrix
from leedskg.network import EdgePattern, Network, RouteModel, Tie
from leedskg.record import Name
from tests.contribution_pages import main, signed_in
from tests.sample_contributions import TownSite, town_site
from tests.sample_knowledge import NAMESPACES

NO_THEMES = Matrix((), (), {})
KINDS = {
    "maker": ("Company",), "rival": ("SpinOutCompany",), "sibling": ("SpinOutCompany",),
    "fund": ("Company", "Investor"),
    "bank": ("Investor",), "trust": ("NHSOrganisation",), "near-trust": ("NHSOrganisation",), "uni": ("University",),
    "unit": ("ResearchCentre",), "centre": ("ResearchCentre",),
}  # fmt: skip
BODIES = {
    name: CatalogueEntry(name, name.title(), (), tuple(map(NAMESPACES.term, kinds)), kinds)
    for name, kinds in KINDS.items()
}


def network(*ties: tuple[str, str, str]) -> Network:
    """A network of ties, each as source, pattern and target."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number, (source, name, target) in enumerate(ties):
        pattern = EdgePattern(f"x/pattern-{name}", name, "t", "a", "b", "e", name, name, False, True, 1, 10)
        graph.add_edge(source, target, key=str(number), tie=Tie(str(number), pattern, 1.0, "", "", frozenset()))
    return Network(graph, (), RouteModel(0.4, 0.5, 30, 4.0, 500, 4))


def themes(**working: str) -> Matrix:
    rows = tuple(Name(theme, theme) for theme in working)
    cells = {(theme, "kind"): tuple(Name(each, each) for each in who.split()) for theme, who in working.items()}
    return Matrix(rows, (Name("kind", "kind"),), cells)


def pairs(
    ties: Network,
    matrix: Matrix = NO_THEMES,
    *,
    wider: dict[str, frozenset[str]] | None = None,
    helpers: tuple[str, ...] = (),
    **statements: str,
) -> dict[tuple[str, str], tuple[PartnerReason, ...]]:
    taking_part = {body: frozenset(each.split()) for body, each in statements.items()}
    found = potential_partners(ties, BODIES, matrix, lambda _: taking_part, wider or {}, helpers)
    assert [pair.score for pair in found] == sorted((pair.score for pair in found), reverse=True)
    return {(pair.one, pair.other): pair.reasons for pair in found}


def test_two_work_on_one_theme() -> None:
    found = pairs(network(), themes(sight="maker unit", hearing="maker fund bank"))
    assert set(found) == {("maker", "unit"), ("fund", "maker"), ("bank", "maker")}, "two investors are no partners"
    assert found["maker", "unit"] == (PartnerReason("theme", ("sight",), 2),)
    (first, *_), (rare, common) = found, (found["maker", "unit"][0], found["fund", "maker"][0])
    assert first == ("maker", "unit")
    assert rare.weight > common.weight, "the fewer work on it, the more it says"


def test_one_works_on_a_part_of_what_the_other_works_on() -> None:
    matrix = themes(eyes="maker rival", sight="unit rival")
    found = pairs(network(), matrix, wider={"eyes": frozenset({"sight"})})
    assert found["maker", "unit"] == (PartnerReason("wider theme", ("maker", "eyes", "sight"), 3),)
    assert [each.kind for each in found["maker", "rival"]] == ["theme"], "what is shared whole is told once"


@pytest.mark.parametrize("nothing_to_back", ["bank", "unit", "trust", "uni"])
def test_a_theme_brings_an_investor_to_companies_alone(nothing_to_back: str) -> None:
    found = pairs(network(), themes(sight=f"fund maker {nothing_to_back}"))
    assert ("fund", "maker") in found
    assert not {("fund", nothing_to_back), (nothing_to_back, "fund")} & set(found)


def test_of_a_part_and_its_whole_one_is_suggested_to_the_same_body() -> None:
    found = pairs(network(("unit", "composition", "centre")), themes(sight="unit centre maker"))
    assert len(found) == 1, "the part and the whole are one suggestion"


def test_an_investor_meets_another_spin_out_of_the_same_body() -> None:
    ties = network(("rival", "spin-out", "uni"), ("sibling", "spin-out", "uni"), ("fund", "funding", "sibling"))
    meeting = {("fund", "rival"): (PartnerReason("investor", ("sibling", "uni"), 2),)}
    known = [(source, tie.pattern.label, target) for source, target, tie in ties.ties()]
    assert pairs(ties) == {}, "one investment says nothing of the next"
    assert pairs(ties, helpers=("fund",)) == meeting, "it offers to invest"
    assert pairs(network(*known, ("fund", "funding", "maker"))) == meeting, "it has invested again"
    assert pairs(network(*known, ("rival", "composition", "maker")), helpers=("fund",)) == {}, "it has been bought"


def test_a_company_meets_a_partner_of_the_trust_that_it_works_with() -> None:
    neighbours, product = ("trust", "partnership", "near-trust"), ("maker", "development", "scanner")
    ties = network(("maker", "partnership", "trust"), neighbours, product)
    assert pairs(ties) == {("maker", "near-trust"): (PartnerReason("adoption", ("trust",), 2),)}
    assert pairs(network(("maker", "membership", "trust"), neighbours, product)) == {}
    assert pairs(network(("maker", "partnership", "trust"), neighbours)) == {}, "there is nothing to take up"


@pytest.mark.parametrize(
    ("ties", "statements"),
    [
        ([("maker", "partnership", "unit")], {}),
        ([], {"maker": "award other", "unit": "award"}),
        ([("unit", "composition", "maker")], {}),
        ([("unit", "composition", "uni"), ("uni", "composition", "maker")], {}),
        ([("unit", "composition", "uni"), ("maker", "composition", "uni")], {}),
        ([("unit", "composition", "uni"), ("uni", "funding", "maker")], {}),
        ([("maker", "spin-out", "uni"), ("unit", "spin-out", "uni")], {}),
        ([("uni", "hosting", "maker"), ("uni", "hosting", "unit")], {}),
        ([("maker", "membership", "centre"), ("unit", "membership", "centre")], {}),
    ],
    ids=[
        "a tie",
        "one statement",
        "a part",
        "a part of a part",
        "two parts",
        "the whole is tied",
        "one house",
        "one host",
        "one group",
    ],
)
def test_what_is_joined_already_is_not_suggested(ties: list[tuple[str, str, str]], statements: dict[str, str]) -> None:
    matrix = themes(sight="maker unit")
    assert ("maker", "unit") in pairs(network(), matrix)
    assert ("maker", "unit") not in pairs(network(*ties), matrix, **statements)


def test_no_body_fills_the_list_and_what_was_dismissed_makes_room() -> None:
    reason = (PartnerReason("theme", ("sight",), 2),)
    every = [PotentialPartners("a", other, reason) for other in "bcde"]
    assert [pair.other for pair in suggested(every)] == ["b", "c", "d"]
    assert [pair.other for pair in suggested(every, {("a", "b")})] == ["c", "d", "e"]
    many = [PotentialPartners(f"a{at}", f"b{at}", reason) for at in range(100)]
    assert len(suggested(many)) == 60


# On the site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town")) as found:
        found.add("stella", Role.STEWARD)
        found.add("carl")
        yield found


LOOM, HOSPITAL = NAMESPACES.entity("loom-charity"), NAMESPACES.entity("millbrook-hospital")
LIST = "/network/dismissals"


def test_a_steward_dismisses_a_suggestion_with_a_reason_and_takes_it_back(site: TownSite) -> None:
    carl, stella = signed_in(site, "carl"), signed_in(site, "stella")
    carl.page(LIST, 403)
    carl.send(LIST, 403, page="/account", one=LOOM, other=HOSPITAL, why="No")
    assert "Nobody has dismissed anything yet" in main(stella.page(LIST))
    answer = stella.send(LIST, 303, page="/account", one=LOOM, other=HOSPITAL, why="They  parted in 2019")
    assert "Dismissed." in main(stella.page(answer.headers["Location"].split("#")[0]))
    assert site.ledger.dismissed.pairs() == {(LOOM, HOSPITAL)}
    listed = main(stella.page(LIST))
    assert "They parted in 2019" in listed
    assert "stella" in listed
    number = site.ledger.dismissed.dismissals()[0].number
    stella.send(f"{LIST}/{number}", 303, page=LIST, why="They met again")
    assert site.ledger.dismissed.pairs() == frozenset()
    assert "They met again" in main(stella.page(LIST)), "the first reason and the second are both kept"
    assert "They parted in 2019" in main(stella.page(LIST))


def test_a_dismissal_that_cannot_be_kept_is_told(site: TownSite) -> None:
    stella = signed_in(site, "stella")
    before = len(site.ledger.dismissed.dismissals())
    for one, other, why in ((LOOM, HOSPITAL, "  "), (LOOM, LOOM, "No"), (LOOM, "x:nobody", "No"), ("", "", "")):
        stella.send(LIST, 400, page="/account", one=one, other=other, why=why)
    assert len(site.ledger.dismissed.dismissals()) == before
    stella.send(LIST, 303, page="/account", one=HOSPITAL, other=LOOM, why="<script>alert(1)</script>" + "x" * 900)
    stella.send(LIST, 400, page="/account", one=LOOM, other=HOSPITAL, why="Again")
    assert "<script>alert(1)" not in stella.page(LIST).text
    (held,) = (each for each in site.ledger.dismissed.dismissals() if each.holds)
    assert len(held.why) == 500
    stella.send(f"{LIST}/{held.number}", 303, page=LIST)
    stella.send(f"{LIST}/{held.number}", 400, page=LIST)
    stella.send(f"{LIST}/999999999999999", 400, page=LIST)
