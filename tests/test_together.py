"""Projects that bodies have together: one tie, weighted, in routes, pages and pictures, with its projects on demand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest

from tests.contribution_pages import main
from tests.page import Page
from tests.sample_accounts import HTML
from tests.sample_contributions import Town, TownSite, town_site
from tests.sample_imports import body, gtr_project
from tests.sample_knowledge import write_sample

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
    assert "count as 1.50 projects of the two alone" in text
    assert f"{TIE}.ttl" not in page.text, "the tie is worked out, and no document tells of it"
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
    assert "based on records of a register" in text
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
    assert "No project in a register" in main(site.browser().page("/projects/millbrook-hospital"))


def test_the_dates_of_a_project_are_not_said_of_those_who_take_part_in_it(site: TownSite) -> None:
    text = main(site.browser().page("/routes?from=Weft+Ltd&to=Hearts+of+looms&steps=1"))
    assert "in a project of 2006 to 2030" in text
    assert "1 October 2006 to 31 December 2030" not in text
    award = main(site.browser().page("/routes?from=Zo%C3%AB+Institute&to=Hearts+of+looms&steps=1"))
    assert "1 October 2006 to 31 December 2030" in award, "an award has the dates of its project"


LINE = "Contains public sector information licensed under the Open Government Licence v3.0: Gateway to Research"


TABLES = (TIE, "/search?q=institute", "/support", "/projects/zoe-institute")
PICTURES = ("/network/money", "/network/around?of=Zo%C3%AB+Institute", "/network/whole", "/network/communities",
            "/timeline", "/places")  # fmt: skip


@pytest.mark.parametrize(
    ("path", "form"),
    [
        *((path, form) for path in TABLES for form in ("csv", "json", "xlsx")),
        *((path, form) for path in PICTURES for form in ("csv", "json", "svg", "graphml", "gexf")),
    ],
)
def test_every_export_carries_the_lines_that_registers_ask_for(site: TownSite, path: str, form: str) -> None:
    answer = site.browser().get(f"{path}{'&' if '?' in path else '?'}format={form}")
    assert answer.status_code == 200, answer.text[:300]
    if form == "xlsx":
        (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[1:]
        assert any(LINE in str(value) for what, value in sheet.iter_rows(values_only=True) if what == "Attribution")
    elif form == "csv":
        rows = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
        assert (rows.fieldnames or ())[-1] == "attribution"
        assert all(LINE in row["attribution"] and "CC BY 4.0" in row["attribution"] for row in rows)
    elif form == "json":
        assert any(each.startswith(LINE) for each in answer.json["attribution"])
    else:
        root = ElementTree.fromstring(answer.data)
        assert LINE in " ".join("".join(root.itertext()).split())
    if form == "svg":
        drawn = [" ".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
        assert any(LINE in text for text in drawn), "it is seen, and not in the metadata alone"


def test_a_version_names_the_line_of_each_register_that_is_in_it(tmp_path: Path) -> None:
    town = Town(write_sample(tmp_path), tmp_path)
    imported(town)
    town.run("build")
    town.run("release", "2026.1", LEEDSKG_VERSIONS=str(tmp_path / "versions"))
    (said,) = (tmp_path / "versions").rglob("ATTRIBUTION.md")
    assert LINE in said.read_text(encoding="utf-8")
    assert "publisher: UK Research and Innovation" in said.read_text(encoding="utf-8")
    with (next((tmp_path / "versions").rglob("sources.csv"))).open(encoding="utf-8", newline="") as file:
        (row,) = [each for each in csv.DictReader(file) if each["iri"].endswith("/register-gtr")]
    assert row["attribution"].startswith(LINE)
    assert row["publisher"] == "UK Research and Innovation"


SOURCED = """PREFIX lhi: <%sdef#> PREFIX oa: <http://www.w3.org/ns/oa#>
SELECT DISTINCT ?one WHERE { %s ?one lhi:hasEvidence/oa:hasSource ?source .
  FILTER(EXISTS { ?source a lhi:RegisterSource } = %s) }"""


def stated(site: TownSite, pattern: str, *, registers: bool) -> set[str]:
    """What SPARQL finds of statements of a sort that rest on registers, or on anything else."""
    query = SOURCED % (site.settings.namespaces.base, pattern, "true" if registers else "false")
    return {row["one"].value for row in site.pool.rows(query)}


def told(site: TownSite, address: str, column: str) -> list[str]:
    text = site.browser().get(f"{address}{'&' if '?' in address else '?'}format=csv").text
    return [row[column] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))]


@pytest.mark.parametrize("registers", [True, False], ids=["registers", "documents"])
def test_a_view_within_limits_holds_what_sparql_finds_within_them(site: TownSite, registers: bool) -> None:
    source = f"source={'registers' if registers else 'documents'}"
    awards = stated(site, "?one a lhi:FundingAward .", registers=registers)
    assert awards
    assert {*told(site, f"/network/money?{source}", "award")} == awards & {*told(site, "/network/money", "award")}
    dated = stated(site, "?one lhi:validFrom|lhi:validTo ?any .", registers=registers)
    events = stated(site, "?one lhi:property lhi:begun .", registers=registers)
    timeline = {*told(site, "/timeline", "statement")}
    assert {*told(site, f"/timeline?{source}", "statement")} == (dated | events) & timeline
    ties = stated(site, "?one a lhi:Relationship .", registers=registers)
    for view in ("/network/around?of=Zo%C3%AB+Institute&depth=3", "/network/whole"):
        within = {*told(site, f"{view}{'&' if '?' in view else '?'}{source}", "relationship")}
        everything = {*told(site, view, "relationship")}
        joint = {each for each in everything if "/together/" in each}
        assert within <= everything
        assert joint
        assert joint & within == (joint if registers else set()), "a hop through a grant is told apart"
        assert within - joint <= ties
    whole = {*told(site, "/network/whole", "relationship")}
    assert {*told(site, f"/network/whole?{source}", "relationship")} - joint == ties & whole
    assert ("Weft Ltd" in str(told(site, f"/network?table=communities&{source}", "member"))) == registers


def test_within_years_two_bodies_have_the_projects_of_these_years(site: TownSite) -> None:
    query = """PREFIX lhi: <%sdef#> SELECT DISTINCT ?one WHERE {
      ?one a lhi:Project . ?r lhi:hasParticipation/lhi:participant ?one ; lhi:validFrom ?from .
      FILTER(SUBSTR(?from, 1, 4) <= "2010") }"""
    early = [row["one"].value for row in site.pool.rows(query % site.settings.namespaces.base)]
    assert len(early) == 1
    assert told(site, f"{TIE}?until=2010", "iri") == early
    assert "1 project together, 2006 to 2030, £120k of awards" in main(site.browser().page(f"{TIE}?until=2010"))
    assert told(site, "/together/zoe-institute?until=2010", "projects") == ["1"]
    assert "Lungs of looms" not in main(site.browser().page("/projects/zoe-institute?until=2010"))
    none = site.browser().get(f"{TIE}?until=2001", headers=HTML)
    assert none.status_code == 200
    assert "No project together within these limits." in none.text


def test_a_route_is_within_the_limits_and_says_which_of_them_was_in_the_way(site: TownSite) -> None:
    ends = "/api/routes?from=Zo%C3%AB+Institute&to=Weft+Ltd&steps=1"
    found = site.browser().get(f"{ends}&relation=JointProjects&source=register-gtr&since=2000").json
    assert [each["hops"][0]["kind"] for each in found["routes"]] == ["joint projects"]
    assert [each.rpartition("/")[2] for each in found["sources"]] == ["register-gtr"]
    none = site.browser().get(f"{ends}&source=documents").json
    assert none["routes"] == []
    assert none["misses"]["without_filter"] == [{"filter": "sources", "routes": 1}]


def test_what_is_no_limit_is_told_and_a_page_leads_back_to_everything(site: TownSite) -> None:
    for wrong, said in (
        ("source=nonsense", "“nonsense” is no source of the graph"),
        ("since=20x5", "“From the year” (“since” in the address) has to be a year"),
        ("since=2018&until=2010", "has to come before"),
        ("relation=Nonsense", "is no kind of relationship. There are:"),
    ):
        for view in ("/network/whole", "/timeline", "/api/routes?from=Zo%C3%AB+Institute&to=Weft+Ltd"):
            answer = site.browser().get(f"{view}{'&' if '?' in view else '?'}{wrong}")
            assert answer.status_code == 400
            assert said in answer.text.replace("\\u201c", "“")
    page = site.browser().page("/network/around?of=Zo%C3%AB+Institute&source=registers&since=2000")
    assert "Limited to: registers only; 2000 and later." in main(page)
    elements = Page(page.text).elements
    links = {each.attributes.get("href", "") for each in elements if each.name == "a"}
    assert "/network/around?of=Zo%C3%AB+Institute" in links
    assert "/network/around?of=Zo%C3%AB+Institute&since=2000&source=documents" in links
    sent = {each.attributes["name"] for each in elements if each.attributes.get("type") == "hidden"}
    assert {"of", "source", "since"} <= sent, "each form of the page keeps what the other asked for"


def test_every_page_with_projects_of_a_register_says_what_they_cover(site: TownSite) -> None:
    cover = "partners are those of the proposal"
    award = told(site, "/network/money?source=registers", "award")[0]
    for page in (
        "/network/money", "/network/list?of=zoe-institute,gtr-org-2",
        f"/assertion/{award.rpartition('/')[2]}",
        "/compare?of=Zo%C3%AB+Institute&of=Weft+Ltd", "/search?q=looms", "/list?of=gtr-ep-1",
    ):  # fmt: skip
        assert cover in main(site.browser().page(page)), page
        if "/network" in page or "/compare" in page:
            assert cover not in main(site.browser().page(f"{page}{'&' if '?' in page else '?'}source=documents")), page
