"""What a lean import keeps: projects on health, the bodies of the graph in them, who pays, and how many others."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest

from leedskg.importers.scope import Scope
from tests.contributing import NAMESPACES, Town
from tests.contribution_pages import main
from tests.sample_contributions import town_site
from tests.sample_imports import CHARITIES_CSV, body, gtr_project, zipped
from tests.sample_knowledge import write_sample

HEALTH = "Medical &amp; health interface"
ZOE, MILLBROOK = body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-2", "Millbrook Hospital", "COLLABORATOR")
LOOM, WEFT = body("ORG-4", "Loom Charity", "COLLABORATOR"), body("ORG-3", "Weft Ltd", "PROJECT_PARTNER")
#: The first two are on health and have two bodies of the graph; of the others each lacks one of these.
PROJECTS = zipped(
    ("a.xml", gtr_project("EP/SUBJECT", ZOE, MILLBROOK, WEFT, subject=HEALTH, spin_out="Heartstrings Ltd")),
    ("b.xml", gtr_project("MR/FUNDER", ZOE, MILLBROOK, LOOM, title="Heartbeat study", funder="MRC")),
    ("c.xml", gtr_project("EP/LOOMS", ZOE, MILLBROOK, title="Looms", subject="Textiles")),
    ("d.xml", gtr_project("MR/PAYS", ZOE, LOOM, title="Of one who pays", funder="MRC")),
    ("e.xml", gtr_project("EP/LOOM", ZOE, title="Paid for by the charity", funder="Loom Charity")),
)
LEAN = ("--into-files", "--lean", "--health", "--at-least", "2", "--covers", "Grants of looms up to mid 2018.")


def rows(town: Town, source: str, name: str) -> list[dict[str, str]]:
    with town.sample.path(f"graph/imports/{source}/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(write_sample(tmp_path), tmp_path)


def test_a_lean_import_keeps_projects_on_health_of_two_bodies_of_the_graph(town: Town) -> None:
    told = town.run("import", *LEAN, town.write("g.zip", PROJECTS)).output
    assert "5 records read, 2 within the scope: records of health research in which 2 bodies of the graph" in told
    assert {each["id"]: each["other-bodies"] for each in rows(town, "gtr", "records")} == {
        "EP/SUBJECT": "1", "MR/FUNDER": "",
    }  # fmt: skip
    assert {(each["record"], each["role"], each["name"]) for each in rows(town, "gtr", "participants")} == {
        ("EP/SUBJECT", "funder", "Council of Looms"),
        ("EP/SUBJECT", "lead", "Zoë Institute"),
        ("EP/SUBJECT", "collaborator", "Millbrook Hospital"),
        ("MR/FUNDER", "funder", "MRC"),
        ("MR/FUNDER", "lead", "Zoë Institute"),
        ("MR/FUNDER", "collaborator", "Millbrook Hospital"),
    }, "who pays for a record of the file takes part in none, and what came of a project is left out"


def test_a_later_import_goes_on_as_the_table_in_force_was_made_unless_told_otherwise(town: Town) -> None:
    town.run("import", *LEAN, town.write("g.zip", PROJECTS))
    again = town.run("import", town.write("g.zip", PROJECTS), "--dry-run").output
    assert "Read as the import in force was: --at-least 2 --health --lean." in again
    assert "Nothing new: every record is as it is in the import that is in force." in again
    otherwise = town.run("import", town.write("g.zip", PROJECTS), "--no-lean", "--dry-run").output
    assert "was made with --at-least 2 --health --lean; this one with --at-least 2 --health." in otherwise
    assert "2 changed" in otherwise
    other = town.write("o.xml", gtr_project("EP/O", ZOE, title="Looms alone"))
    refused = town.run("import", "--into-files", other, code=None).output
    assert "All 2 records in force would end, so nothing was recorded." in refused
    assert "Read as the import in force was" in refused


def test_the_words_of_a_scope_tell_its_choices() -> None:
    for least, *flags in itertools.product((1, 2, 12), *[(False, True)] * 3):
        scope = Scope(frozenset(["E08000035"]), least=1 if flags[0] else least, everything=flags[0],
                      health=flags[1], lean=flags[2])  # fmt: skip
        assert Scope().like(scope.in_words()).as_options() == scope.as_options()
    assert Scope().like(Scope(lean=True).in_words("organisation")).lean


def test_of_a_bodys_own_record_its_name_and_numbers_are_kept(town: Town) -> None:
    told = town.run("import", "--into-files", "--lean", town.write("c.csv", CHARITIES_CSV)).output
    assert "1 within the scope: records of bodies of the graph" in told
    assert rows(town, "charities", "records") == [
        {
            "id": "GB-CHC-1000001", "kind": "organisation", "name": "The Loom Charity", "type": "Charity",
            "companies-house": "00644831", "charity-ew": "1000001",
        }
    ]  # fmt: skip


def test_the_bodies_that_were_only_counted_weigh_and_every_page_says_what_is_covered(tmp_path: Path) -> None:
    with town_site(tmp_path, lambda town: town.run("import", *LEAN, town.write("g.zip", PROJECTS))) as site:
        browser = site.browser()
        address = "/together/millbrook-hospital/zoe-institute"
        assert "count as 1.50 projects of the two alone" in main(browser.page(address))
        project = main(browser.page("/id/gtr-ep-subject"))
        assert "1 more body takes part, not named here" in project
        assert "Funded by" in project
        pages = (address, "/together/zoe-institute", "/projects/zoe-institute", "/id/zoe-institute",
                 "/id/gtr-ep-subject", "/network", "/network/whole", "/network/around?of=Zo%C3%AB+Institute",
                 "/routes?from=Zo%C3%AB+Institute&to=Millbrook+Hospital",
                 "/attribution")  # fmt: skip
        for each in pages:
            assert "Grants of looms up to mid 2018." in main(browser.page(each)), each
        assert "Grants of looms" not in main(browser.page("/id/loom-charity"))
        for each in (f"{address}?format=json", "/projects/zoe-institute?format=json"):
            assert "Grants of looms up to mid 2018." in str(browser.get(each).json)
        for each in ("/network", "/network/whole", "/network/around?of=Zo%C3%AB+Institute"):
            assert "MR/FUNDER" not in main(browser.page(each)), (
                "a picture or measure is of bodies, which the project ties"
            )
        assert "Zoë Institute" in main(browser.page("/network/around?of=Heartbeat+study+(MR/FUNDER)")), (
            "a title that is a name already"
        )


def test_grants_of_a_register_take_nothing_from_how_exclusive_other_awards_are(town: Town) -> None:
    def route() -> str:
        return town.run("route", "Zoë Institute", "Loom Charity").output.split("bits)")[0]

    town.build()
    before = route()
    assert "Heartbeat Study" in before
    paid = [
        gtr_project(f"EP/{each}", ZOE, MILLBROOK, title=f"Grant {each}", funder="Loom Charity") for each in range(4)
    ]
    town.run(
        "import", "--into-files", "--everything", *(town.write(f"{each}.xml", text) for each, text in enumerate(paid))
    )
    town.run("build")
    assert NAMESPACES.entity("gtr-ep-3") in {quad.subject.value for quad in town.quads()}
    after = town.run("route", "Zoë Institute", "Loom Charity").output
    assert _bits(after, "Heartbeat Study") == _bits(before + "bits)", "Heartbeat Study")


def _bits(told: str, through: str) -> str:
    line = next(each for each in told.splitlines() if f"– {through} –" in each)
    return line.rpartition("; ")[2]
