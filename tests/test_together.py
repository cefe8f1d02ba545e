"""Projects that bodies have together: one tie, weighted, in routes, pages and pictures, with its projects on demand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contribution_pages import main
from tests.sample_accounts import HTML
from tests.sample_contributions import Town, TownSite, town_site
from tests.sample_imports import body, gtr_project

ZOE, WEFT, WARP = body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-2", "Weft Ltd", "PROJECT_PARTNER"), body(
    "ORG-3", "Warp University", "PROJECT_PARTNER"
)  # fmt: skip
#: Thirty-one bodies: too many to tie any two.
HUGE = (ZOE, WEFT, *(body(f"ORG-{at}", f"Loom Number {at} Ltd", "PROJECT_PARTNER") for at in range(10, 39)))
TIE = "/together/gtr-org-2/zoe-institute"


def imported(town: Town) -> None:
    projects = {
        "a.xml": gtr_project("EP/1", ZOE, WEFT, title="Hearts of looms", start="2006-10-01"),
        "b.xml": gtr_project("EP/2", ZOE, WEFT, WARP, title="Lungs of looms", amount="12000000"),
        "c.xml": gtr_project("EP/3", *HUGE, title="Everything of looms", amount="7"),
    }
    town.run("import", "--into-files", *(town.write(name, text) for name, text in projects.items()))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), imported) as found:
        yield found


def test_two_bodies_with_projects_are_one_tie_whose_projects_are_on_demand(site: TownSite) -> None:
    page = site.browser().page(TIE)
    text = main(page)
    assert "2 projects together, 2006 to 2030, £12.1m of awards" in text
    assert text.index("Lungs of looms") < text.index("Hearts of looms")
    assert "Everything of looms" not in text
    assert "1 more project of both with more than 30 bodies" in text
    assert "as many as 1.50 of the two alone" in text
    rows = site.browser().get(f"{TIE}?format=json").json
    assert "Newman" in str(rows)
    assert site.browser().get(f"{TIE}?format=csv").text.count("\n") == 3
    assert site.browser().get(f"{TIE}?page=9").status_code == 200
    for nothing in ("/together/nobody", "/together/nobody/zoe-institute", "/together/zoe-institute/zoe-institute"):
        assert site.browser().get(nothing, headers=HTML).status_code == 404
    of_one = main(site.browser().page("/together/zoe-institute"))
    assert "2 bodies take part" in of_one
    assert of_one.index("Weft Ltd") < of_one.index("Warp University")


def test_a_route_takes_joint_projects_as_a_hop_and_says_what_each_hop_rests_on(site: TownSite) -> None:
    answer = site.browser().get("/api/routes?from=Zo%C3%AB+Institute&to=Weft+Ltd&steps=1").json
    hop = answer["routes"][0]["hops"][0]
    assert hop["kind"] == "joint projects"
    assert hop["basis"] == ["records of a register"]
    assert hop["projects"] == {
        "number": 2, "from": "2006", "to": "2030", "pounds": 12120000, "weight": 1.5, "page": TIE,
    }  # fmt: skip
    assert hop["relationships"][0]["amount"] == "£12.1m of awards"
    text = main(site.browser().page("/routes?from=Zo%C3%AB+Institute&to=Weft+Ltd&steps=1"))
    assert "has projects with" in text
    assert "told by records of a register" in text
    huge = site.browser().get("/api/routes?from=Zo%C3%AB+Institute&to=Loom+Number+12+Ltd&steps=1").json
    assert huge["routes"] == []


def test_the_page_of_a_body_groups_its_projects_and_leads_to_all_of_them(site: TownSite) -> None:
    text = main(site.browser().page("/id/zoe-institute"))
    assert "3 projects, 2006 to 2030" in text
    assert "2 projects together" in text
    assert '"/together/gtr-org-2/zoe-institute"' in site.browser().page("/id/zoe-institute").text
    assert "Hearts of looms" in text
    assert "Weft Ltd" in main(site.browser().page("/id/gtr-ep-1"))
    every = main(site.browser().page("/projects/zoe-institute"))
    assert "1 to 3 of 3 projects" in every
    assert every.index("Everything of looms") < every.index("Hearts of looms")
    assert "No project of a register" in main(site.browser().page("/projects/millbrook-hospital"))
