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
    "maker": ("company",), "rival": ("spin-out company",), "sibling": ("spin-out company",),
    "fund": ("company", "investor"),
    "bank": ("investor",), "trust": ("NHS organisation",), "near-trust": ("NHS organisation",), "uni": ("university",),
    "unit": ("research centre",), "centre": ("research centre",),
}  # fmt: skip
BODIES = {name: CatalogueEntry(name, name.title(), (), (), kinds) for name, kinds in KINDS.items()}


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
    ties: Network, matrix: Matrix = NO_THEMES, **statements: str
) -> dict[tuple[str, str], tuple[PartnerReason, ...]]:
    taking_part = {body: frozenset(each.split()) for body, each in statements.items()}
    found = potential_partners(ties, BODIES, matrix, taking_part)
    assert [pair.score for pair in found] == sorted((pair.score for pair in found), reverse=True)
    return {(pair.one, pair.other): pair.reasons for pair in found}


def test_two_work_on_one_theme() -> None:
    found = pairs(network(), themes(sight="maker unit", hearing="maker fund bank"))
    assert set(found) == {("maker", "unit"), ("fund", "maker"), ("bank", "maker")}, "two investors are no partners"
    assert found["maker", "unit"] == (PartnerReason("theme", ("sight",), 2),)
    (first, *_), (rare, common) = found, (found["maker", "unit"][0], found["fund", "maker"][0])
    assert first == ("maker", "unit")
    assert rare.weight > common.weight, "the fewer work on it, the more it says"


def test_an_investor_meets_another_spin_out_of_the_same_body() -> None:
    ties = network(("rival", "spin-out", "uni"), ("sibling", "spin-out", "uni"), ("fund", "funding", "sibling"))
    assert pairs(ties) == {("fund", "rival"): (PartnerReason("investor", ("sibling", "uni"), 2),)}
    sold = network(*[(a, t.pattern.label, b) for a, b, t in ties.ties()], ("rival", "composition", "maker"))
    assert pairs(sold) == {}, "it has been bought"


def test_a_company_meets_a_partner_of_the_trust_that_it_works_with() -> None:
    ties = network(("maker", "partnership", "trust"), ("trust", "partnership", "near-trust"))
    assert pairs(ties) == {("maker", "near-trust"): (PartnerReason("adoption", ("trust",), 2),)}
    assert pairs(network(("maker", "membership", "trust"), ("trust", "partnership", "near-trust"))) == {}


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
    ],
    ids=["a tie", "one statement", "a part", "a part of a part", "two parts", "the whole is tied", "one house"],
)
def test_what_is_joined_already_is_not_suggested(ties: list[tuple[str, str, str]], statements: dict[str, str]) -> None:
    matrix = themes(sight="maker unit")
    assert ("maker", "unit") in pairs(network(), matrix)
    assert ("maker", "unit") not in pairs(network(*ties), matrix, **statements)


def test_no_body_fills_the_list_and_what_was_dismissed_makes_room() -> None:
    reason = (PartnerReason("theme", ("sight",), 2),)
    every = [PotentialPartners("a", other, reason) for other in "bcde"]
    assert [pair.other for pair in suggested(every)] == ["b", "c"]
    assert [pair.other for pair in suggested(every, {("a", "b")})] == ["c", "d"]
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
