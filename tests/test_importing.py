"""Files of publishers on their way in: read, scoped, freed of personal data, accepted, published, undone."""

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
from openpyxl import Workbook

from leedskg.importers.files import InputFile
from leedskg.importers.persons import is_nobody, is_person, without_person
from leedskg.importers.registry import recognise
from leedskg.importers.report import ReadingReport
from tests.contributing import NAMESPACES, Town
from tests.sample_imports import (
    BOMB,
    CHARITIES_CSV,
    GTR_CSV,
    NIHR_CSV,
    REFUSED,
    RELEASES_CSV,
    TAKEN,
    body,
    gtr_project,
    zipped,
)
from tests.sample_knowledge import write_sample

OPEN_DATA = Path(__file__).parents[2] / "shared" / "open-data"
GRAPH = ox.NamedNode(NAMESPACES.graph("source/gtr"))


@pytest.fixture(scope="module")
def reading(tmp_path_factory) -> Town:
    """A town on which nothing is ever recorded."""
    folder = tmp_path_factory.mktemp("reading")
    return Town(write_sample(folder), folder)


def facts(town: Town) -> set[ox.Quad]:
    """What is published but for what is said of contributions, and the counts that include those."""
    about = ("/contribution/", "/account/", "/graph/void#")
    return {quad for quad in town.quads() if not any(each in str(quad) for each in about)}


def private(case: str) -> dict[str, str]:
    """The setting without which some sources are refused for their licence."""
    return {} if "licence" in case else {"LEEDSKG_PRIVATE_SITE": "1"}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_with_its_place_and_leaves_nothing(reading, case):
    name, content, said = REFUSED[case]
    result = reading.run(
        "import", "--everything", reading.write(name, content), "--as", "mary", code=1, **private(case)
    )
    assert said in result.output
    assert not reading.ledger.exists()


def test_a_bomb_is_refused_before_it_goes_off(reading):
    path = reading.write("b.xml", gtr_project(before=BOMB))
    result = reading.run("import", "gtr", "--everything", path, code=1)
    assert "declares a document type or entities" in result.output


def test_a_file_of_another_source_is_recognised_and_said(reading):
    result = reading.run("import", "nihr", reading.write("c.csv", CHARITIES_CSV), code=1)
    assert "not of NIHR Open Data: awards. Import it as charities" in result.output
    result = reading.run("import", "nhir", reading.write("c.csv", CHARITIES_CSV), code=1)
    assert "Is nihr meant?" in result.output


@pytest.mark.parametrize("case", TAKEN)
def test_what_can_be_read_in_one_way_is_read_and_said(reading, case):
    name, content, said = TAKEN[case]
    found = json.loads(
        reading.run(
            "import", "--everything", "--dry-run", reading.write(name, content), "--format", "json", **private(case)
        ).stdout
    )
    assert found["new"] == found["kept"] >= 1
    assert said in " ".join(found["notes"])


def test_personal_data_is_dropped_counted_and_written_nowhere(reading, tmp_path):
    town = Town(write_sample(tmp_path), tmp_path)
    bodies = (body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-3", "Pat Example, Clinician", "COLLABORATOR"),
              body("ORG-4", "Unlisted", "COLLABORATOR"))  # fmt: skip
    path = town.write("g.zip", zipped(("a.xml", gtr_project("EP/1", *bodies))))
    found = json.loads(town.run("import", path, "--as", "mary", "--format", "json").stdout)
    assert found["personal"] == {"bodies that are a person": 1}
    assert found["dropped"] == {"names of nobody": 1}
    csv_found = json.loads(
        town.run("import", "--everything", "--dry-run", town.write("g.csv", GTR_CSV), "--format", "json").stdout
    )
    assert csv_found["personal"] == {"PISurname": 1}
    for kept in town.ledger.rglob("*"):
        content = kept.read_bytes() if kept.is_file() else b""
        if content.startswith(b"PK"):
            content = b"".join(
                zipfile.ZipFile(io.BytesIO(content)).read(name) for name in ("participants.csv", "records.csv")
            )
            assert b"Institute" in content
        assert b"Pat Example" not in content


def test_names_of_persons_are_told_from_those_of_bodies():
    assert all(
        map(is_person, ["Dr J Weaver", "Prof. Ann Loom", "Mark Warp", "Weaver, J. K.", "Sue Weft, Physiotherapist"])
    )
    assert not any(
        map(is_person, ["John Innes Centre", "Anthony Nolan", "Dr Foster Intelligence", "Marks & Spencer", "Leeds"])
    )
    assert all(map(is_nobody, ["Freelancer", "UNLISTED", "n/a", "-"]))
    beside = ["Dr J. Weaver, Weft University", "Weft University; John Loom", "Prof. Ann Loom - Weft University"]
    assert {without_person(each) for each in beside} == {"Weft University"}
    whole = ["Institute Max von Laue - Paul Langevin", "Loom, Warp & Weft Ltd", "John Laing / Weft", "Leeds, City of"]
    assert [without_person(each) for each in whole] == whole


def test_an_import_is_accepted_published_renewed_and_undone(tmp_path):
    town = Town(write_sample(tmp_path), tmp_path)
    town.build()
    before = facts(town)
    first = gtr_project(spin_out="Heartstrings Ltd")
    far = gtr_project("EP/FAR", body("ORG-9", "Bobbin University", "LEAD_RO"))
    path = town.write("g.zip", zipped(("a.xml", first), ("b.xml", far)))
    result = town.run("import", path, "--as", "mary", "--had-on", "2026-11-01")
    assert "2 records read, 1 within the scope" in result.output
    assert "1 new, 0 changed, 0 gone" in result.output
    town.run("contributions", "accept", "1", "--as", "sam")
    said = {quad.triple for quad in town.quads() if quad.graph_name == GRAPH}
    term = NAMESPACES.term
    zoe, project = NAMESPACES.entity("zoe-institute"), NAMESPACES.entity("gtr-ep-x000001-1")
    confidence = {
        triple.object.value for triple in said if triple.predicate.value == term("confidence")
    }  # award, partner, spin-out
    assert confidence == {"1", "0.9", "0.7"}
    edges = {
        (quad.subject.value, quad.predicate.value.rpartition("#")[2], quad.object.value)
        for quad in town.quads()
        if isinstance(quad.object, ox.NamedNode)
    }
    assert (zoe, "holdsAwardFor", project) in edges
    assert (NAMESPACES.entity("gtr-org-2"), "involvedIn", project) in edges
    assert (NAMESPACES.entity("gtr-heartstrings"), "grewOutOf", project) in edges
    assert not any(predicate == "spunOutOf" for _, predicate, _ in edges)
    keys = {triple.object.value for triple in said if triple.predicate.value == term("recordKey")}
    assert keys == {"EP/X000001/1"}

    # The same again, then a newer file: one record changed, one new, one gone.
    again = town.run("import", path, "--as", "mary", code=2)
    assert "Nothing new" in again.output
    newer = zipped(("c.xml", gtr_project("EP/NEW")))
    result = town.run("import", town.write("h.zip", newer), "--as", "mary", "--had-on", "2026-11-20")
    assert "1 new, 0 changed, 1 gone (ended, not deleted)" in result.output
    town.run("contributions", "accept", "2", "--as", "sam")
    ends = {q.object.value for q in town.quads() if q.graph_name == GRAPH and q.predicate.value == term("validTo")}
    assert ends == {"2026-11-20", "2030-12-31"}

    town.run("contributions", "undo", "2", "--as", "sam", "--reason", "too soon")
    assert {quad.triple for quad in town.quads() if quad.graph_name == GRAPH} == said
    town.run("contributions", "undo", "1", "--as", "sam", "--reason", "all of it")
    assert facts(town) == before


BODIES = (body("ORG-1", "Zoë Institute", "LEAD_RO", "COLLABORATOR"), body("ORG-2", "Weft Ltd", "PROJECT_PARTNER"),
          body("ORG-3", "Spool Trust", "CO_FUNDER"))  # fmt: skip
#: A file with every role that its source has: what is derived of it, in statements, is at least so much.
EVERY_ROLE = {
    "gtr": ("g.xml", gtr_project("EP/1", *BODIES, spin_out="Heartstrings Ltd"), 50),
    "data-releases": ("d.csv", RELEASES_CSV, 30),
}


@pytest.mark.parametrize("source", EVERY_ROLE)
def test_what_is_derived_conforms_to_the_shapes_and_names_of_the_graph(tmp_path, source):
    name, content, least = EVERY_ROLE[source]
    town = Town(write_sample(tmp_path), tmp_path)
    town.run("import", "--into-files", town.write(name, content))
    folder = town.sample.path(f"graph/imports/{source}")
    assert sorted(path.name for path in folder.iterdir()) == ["participants.csv", "records.csv", "source.ttl"]
    town.run("build")
    graph = ox.NamedNode(NAMESPACES.graph(f"source/{source}"))
    derived = [quad.triple for quad in town.quads() if quad.graph_name == graph]
    assert len(derived) > least
    (tmp_path / "other").mkdir()
    other = write_sample(tmp_path / "other")
    (other.path("graph/source.ttl")).write_text((folder / "source.ttl").read_text())
    (other.path("graph/derived.ttl")).write_text("".join(f"{triple} .\n" for triple in derived))
    result = Town(other, tmp_path / "other").run("check")
    assert "0 violations, 0 warnings" in result.output


def test_releases_of_one_project_are_one_with_their_recipient_and_source_and_without_sentences(tmp_path):
    town = Town(write_sample(tmp_path), tmp_path)
    again = RELEASES_CSV.splitlines()[1].replace("/A1", "/A3/R1").replace("2017-04-24", "2016-12-01")
    found = town.run("import", town.write("d.csv", f"{RELEASES_CSV}{again}\n"), "--as", "mary", "--format", "json")
    assert (json.loads(found.stdout)["read"], json.loads(found.stdout)["new"]) == (2, 1)
    town.run("contributions", "accept", "1", "--as", "sam")
    project, hearts = (NAMESPACES.entity(f"data-releases-{each}") for each in ("odr1-002", "register-of-hearts-data"))
    quads = set(town.quads())
    edges = {
        (quad.subject.value, quad.predicate.value.rpartition("#")[2], quad.object.value)
        for quad in quads
        if isinstance(quad.object, ox.NamedNode)
    }
    assert (NAMESPACES.entity("millbrook-hospital"), "involvedIn", project) in edges
    assert {(project, "uses", hearts), (hearts, "kind", NAMESPACES.term("DataAsset"))} <= edges
    assert {q.object.value for q in quads if q.predicate.value == NAMESPACES.term("validFrom")} == {"2016-12-01"}
    assert not any(word in str(quad) for quad in quads for word in ("Bobbin", "Weft"))


GIVING_JSON = json.dumps({"grants": [{
    "id": "360G-1", "title": "Of wefts", "currency": "GBP", "amountAwarded": 5, "awardDate": "05/06/2014",
    "fundingOrganization": [{"id": "GB-CHC-1000001", "name": "The Loom Charity"}],
    "recipientOrganization": [{"id": "GB-SC-SC049217", "name": "Bobbin Fund"}],
}]})  # fmt: skip
#: The same with the standard's titles, and a grant to a person.
GIVING_CSV = (
    "Identifier;Title;Currency;Amount Awarded;Award Date;Funding Org:Identifier;Funding Org:Name;"
    "Recipient Org:Identifier;Recipient Org:0:Name;Recipient Org:Email;"
    "Recipient Ind:Identifier;Beneficiary Location:0:Name\n"
    "360G-1;Of wefts;GBP;£5.00;05/06/2014;GB-CHC-1000001;The Loom Charity;"
    "GB-SC-SC049217;Bobbin Fund;a@b.example;;Leeds\n"
    "360G-2;Of warps;GBP;6;05/06/2014;GB-CHC-1000001;The Loom Charity;;;;360G-Ind-1;\n"
)
TRIALS_CSV = "trial_id,sponsor_as_registered\n2010-021430-64,Millbrook Hospital\n"
#: What was misread once: a file, the table it is read into, and what the row there must say.
ONCE_MISREAD = {
    "a start that a script wrote with day and month changed about keeps its year": (
        GTR_CSV.replace("01/02/2015,31/01/2018", "2015-01-10,2015-01-10"), "gtr/records", {"start": "2015"}),
    "who pays too is a co-funder": (
        NIHR_CSV.replace("Funder;", "Funder;Co_funders;").replace("NIHR;£", "NIHR;Not Applicable;£")
        + "NIHR2;Of lungs;NIHR;The Loom Charity;1;2017-06-26;Millbrook Hospital\n",
        "nihr/participants", {"role": "co-funder", "name": "The Loom Charity"}),
    "a number of Scotland's register is a charity's": (
        GIVING_JSON, "360giving/participants", {"name": "Bobbin Fund", "type": "Charity"}),
    "a trial is called a trial": (TRIALS_CSV, "eu-trials/records", {"category": "Clinical trial"}),
    "a small word in capitals is small": (
        CHARITIES_CSV.replace("THE LOOM CHARITY", "MISSION TO LOOMS"), "charities/records",
        {"name": "Mission to Looms"}),
}  # fmt: skip


@pytest.mark.parametrize("case", ONCE_MISREAD)
def test_a_record_is_read_as_the_publisher_means_it(tmp_path, case):
    content, table, said = ONCE_MISREAD[case]
    town = Town(write_sample(tmp_path), tmp_path)
    path = town.write("f.json" if content.startswith("{") else "f.csv", content)
    town.run("import", "--everything", "--into-files", path, LEEDSKG_PRIVATE_SITE="1")
    with town.sample.path(f"graph/imports/{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any(said.items() <= row.items() for row in rows), rows


def giving_workbook() -> bytes:
    """Grants in a sheet behind one of notes, the headings as the standard's JSON names them."""
    book = Workbook()
    book.active.append(["About this file"])
    sheet = book.create_sheet("grants")
    names = ["id", "title", "currency", "amountAwarded", "awardDate", "fundingOrganization/0/id"]
    sheet.append([*names, "fundingOrganization/0/name", "recipientOrganization/0/id", "recipientOrganization/0/name"])
    bodies = ["GB-CHC-1000001", "The Loom Charity", "GB-SC-SC049217", "Bobbin Fund"]
    sheet.append(["360G-1", "Of wefts", "GBP", 5, date(2014, 6, 5), *bodies])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_grants_in_a_table_are_read_as_those_in_json(reading):
    contents = {"grants.json": GIVING_JSON, "grants.csv": GIVING_CSV, "grants.xlsx": giving_workbook()}
    files = [InputFile.at(Path(reading.write(name, content))) for name, content in contents.items()]
    reports = [ReadingReport() for _ in files]
    made = [list(recognise(file).read(file, report)) for file, report in zip(files, reports, strict=True)]
    first = [(each.id, each.values, each.participants) for each in made[0]]
    assert [[(each.id, each.values, each.participants) for each in records] for records in made] == [first] * 3
    assert reports[1].personal["grants to individuals"] == reports[1].personal["email"] == 1
    assert dict(reports[1].dropped) == {"Beneficiary Location:0:Name": 1}


def test_an_import_that_was_merged_is_exported_with_its_table(tmp_path):
    town = Town(write_sample(tmp_path), tmp_path)
    bodies = (body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-2", "Weft Ltd", "PROJECT_PARTNER"))
    town.run("import", town.write("g.xml", gtr_project("EP/1", *bodies)), "--as", "mary")
    town.run("contributions", "accept", "1", "--as", "sam")
    derived = {quad.triple for quad in town.quads() if quad.graph_name == GRAPH}
    assert derived
    town.run("export")
    folder = town.sample.path("graph/imports/gtr")
    assert sorted(path.name for path in folder.iterdir()) == ["participants.csv", "records.csv", "source.ttl"]
    town.run("contributions", "settle")
    # The files stand by themselves: another ledger, the same graph.
    alone = Town(town.sample, tmp_path / "alone")
    alone.folder.mkdir()
    alone.run("build")
    assert {quad.triple for quad in alone.quads() if quad.graph_name == GRAPH} == derived
    assert "Nothing new" in alone.run("import", str(tmp_path / "g.xml"), "--as", "mary", code=2).output


def test_what_people_have_said_of_matches_holds_and_what_is_unclear_is_asked(tmp_path):
    town = Town(write_sample(tmp_path), tmp_path)
    bodies = (body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-2", "Lomm Charity", "PROJECT_PARTNER"),
              body("ORG-3", "The Weavers", "PROJECT_PARTNER"))  # fmt: skip
    path = town.write("g.xml", gtr_project("EP/1", *bodies))
    asked = json.loads(town.run("import", path, "--dry-run", "--format", "json").stdout)["questions"]
    assert [(each["name"], each["record"]) for each in asked] == [("Lomm Charity", "gtr:ORG-2")]
    assert asked[0]["proposals"][0]["label"] == "Loom Charity"
    assert "1 body may be of the graph under another name" in town.run("import", path, "--into-files").output

    def taking_part() -> set[str]:
        town.run("build")
        participant = NAMESPACES.term("participant")
        return {q.object.value for q in town.quads() if q.graph_name == GRAPH and q.predicate.value == participant}

    assert NAMESPACES.entity("gtr-org-2") in taking_part()
    matches = town.sample.path("graph/imports/matches.sssom.tsv")
    matches.write_text(
        "subject_id\tsubject_label\tpredicate_id\tpredicate_modifier\tobject_id\n"
        "gtr:ORG-2\tLomm Charity\tskos:exactMatch\t\tid:loom-charity\n"
        "gtr:ORG-1\tZoë Institute\tskos:exactMatch\tNot\tid:zoe-institute\n"
    )
    found = taking_part()
    assert {NAMESPACES.entity("loom-charity"), NAMESPACES.entity("gtr-org-1")} <= found
    assert not {NAMESPACES.entity("gtr-org-2"), NAMESPACES.entity("zoe-institute")} & found
    matches.write_text("subject_label\tobject_id\nx\tid:loom-charity\n")
    assert "matches.sssom.tsv:1" in town.run("build", code=2).output


def test_a_table_that_was_changed_by_hand_is_told(tmp_path):
    town = Town(write_sample(tmp_path), tmp_path)
    town.run("import", "--into-files", town.write("g.xml", gtr_project("EP/1")))
    table = town.sample.path("graph/imports/gtr/participants.csv")
    table.write_text(table.read_text().replace("project-partner", "lead"))
    result = town.run("build", code=2)
    assert "were changed without their source.ttl" in result.output


def test_a_role_that_nothing_is_derived_from_is_said(reading, monkeypatch):
    path = reading.write("d.csv", RELEASES_CSV)
    said = reading.run("import", path, "--dry-run").output
    assert "Taking part: data-recipient (1), data-source (1)." in said
    assert "nothing is derived" not in said
    monkeypatch.setattr("leedskg.ledger.importing.derived_roles", lambda _: frozenset(["data-source"]))
    said = reading.run("import", path, "--dry-run").output
    assert "Kept in the table, and nothing is derived from it: data-recipient." in said


#: Why nothing is derived from these is in decision 0171.
STAY_IN_THE_TABLE = {"further-funder", "related"}
REAL = {
    "gtr/2018-04/wy-projects-2018-04.tar.xz": ("gtr", 2116),
    "gtr/GtR_yorkshire_25col.csv": ("gtr", 885),
    "gtr/gtr_search_project_page.json": ("gtr", 8),
    "ror/ror-v2-gb-from-ror-records.json": ("ror", 1279),
    "nhs_ods/etr_2025-12.csv": ("ods", 273),
    "innovate_uk/innovate_uk_fixture.xlsx": ("innovate-uk", 10),
    "nihr/nihr-partnerships.csv": ("nihr", 34),
    "360giving/a002400000KeYdsAAF.json": ("360giving", 379),
    "charities/charities-wy-and-funders.csv": ("charities", 168),
    "employers/gender-pay-gap-2021-wy.csv": ("gender-pay-gap", 373),
    "isrctn/isrctn15375673_trimmed.xml": ("isrctn", 1),
    "trials/euctr_wy_trials.csv": ("eu-trials", 111),
    "gov_orgs/digital-land-local-authority.csv": ("local-authorities", 380),
    "data_releases/phe-odr-2017-2020-wy.csv": ("data-releases", 25),
}


@pytest.mark.skipif(not OPEN_DATA.is_dir(), reason="the publishers' files are not beside this checkout")
@pytest.mark.parametrize("name", REAL)
def test_the_publishers_own_files_are_recognised_and_read(reading, name):
    source, kept = REAL[name]
    path = OPEN_DATA / name
    assert recognise(InputFile.at(path)).about.name == source
    found = json.loads(
        reading.run(
            "import", "--everything", "--dry-run", str(path), "--format", "json", LEEDSKG_PRIVATE_SITE="1"
        ).stdout
    )
    assert (found["source"], found["kept"]) == (source, kept)
    assert set(found["roles"]) - set(found["roles_derived"]) <= STAY_IN_THE_TABLE
