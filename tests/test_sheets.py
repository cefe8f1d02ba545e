"""A colleague's spreadsheet through the pages to the graph: mapped, asked about, sent, remembered; and bad ones."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator

import openpyxl
import pytest

from leedskg.accounts.model import Role
from tests.contribution_pages import decide, main, signed_in, token, upload
from tests.sample_accounts import Browser
from tests.sample_contributions import TownSite, town_site
from tests.sample_sheets import of_cells, old_workbook, open_document, university_list

XLSX = "list.xlsx"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), contributions_per_hour=1000) as found:
        found.add("stella", Role.STEWARD)
        found.add("carl")
        yield found


def fields(page: str) -> dict[str, str]:
    """What the form of the page would send if nothing on it were changed."""
    form = page.partition('<form class="kg-form kg-form--facts kg-form--table"')[2].partition("</form>")[0]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and name[1] != "form_token":
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def choices(page: str, name: str) -> list[str]:
    select = re.search(rf'<select [^>]*name="{name}"[^>]*>(.*?)</select>', page, re.DOTALL)
    return [html.unescape(each) for each in re.findall(r'<option value="([^"]*)"', select[1])]


def asked(sent: dict[str, str]) -> dict[str, str]:
    """The names that are asked: what each is called, by its field."""
    return {name.replace("nv-", "n-"): value for name, value in sent.items() if name.startswith("nv-")}


def opened(browser: Browser, name: str, content: bytes | str) -> tuple[str, str]:
    """Upload a file that is to be mapped; give the address of its page, and the page."""
    address = upload(browser, name, content).headers["Location"]
    assert "/contribute/table/" in address
    path = "/contribute/table/" + address.rpartition("/")[2]
    return path, browser.page(path).text


def book(*sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.slow
def test_a_university_s_list_reaches_the_graph_without_being_edited(site: TownSite) -> None:
    carl, stella = signed_in(site, "carl"), signed_in(site, "stella")
    path, page = opened(carl, XLSX, university_list())  # requests 1 and 2
    sent = fields(page)
    assert "Above the headings: Our partners in health, spring 2026" in main(carl.page(path))
    meant = {name: sent[name] for name in sent if re.match(r"s\dc?-c", name)}
    assert list(meant.values()) == [
        "name", "kind", "aside", "company number", "postcode", "note",
        "from", "relation", "to", "valid from", "amount", "aside",
    ]  # fmt: skip
    assert sent["s1-order"] == "", "1/4/2019 can be read in two ways: it is asked once for the column"
    names = asked(sent)
    misspelt = {"Lomm Charity", "Millbrok Hospital", "Zoe Institutte", "Spindel Works Ltd", "Cardar Care Trust"}
    unknown = {"Quillon Observatory", "Hexham Foundry", "Ouse Valley Panel"}
    assert set(names.values()) == misspelt | unknown
    refused = carl.send(path, 422, page=path, **sent, do="send")
    assert "can be read in two ways" in main(refused)
    assert "Say who “Lomm Charity” is." in main(refused)
    assert not site.ledger.contributions()
    for field, name in names.items():
        sent[field] = choices(page, field)[1] if name in misspelt else "new:company"
    sent |= {"s1-order": "day", "publisher": "Zoë Institute", "date": "April 2026"}
    answer = carl.send(path, 303, page=path, **sent, do="send")  # request 3
    number = int(re.search(r"/contributions/(\d+)", answer.headers["Location"])[1])
    text = main(carl.page(f"/contributions/{number}"))
    assert "Kept aside, and not in the graph: the column “Contact”" in text
    decide(stella, number, "accept", reason="Held against the list.")
    quads = site.town.quads()
    values = {getattr(quad.object, "value", "") for quad in quads}
    assert "01234570" in values, "the zero that the spreadsheet dropped is there"
    assert {"2019", "2019-03", "2019-04-01", "2020-12", "2021-05-06"} <= values
    assert {f"sheet Who works with whom, row {row}" for row in range(2, 62)} <= values, "each row is cited"
    assert not misspelt & values
    carl.page(path, 404)
    # The same form once more, and forgotten.
    _, page = opened(carl, "again.xlsx", university_list())
    sent = fields(page)
    assert "what was said of it is proposed again" in page
    assert sent["s1-order"] == "day"
    assert sent["publisher"] == "Zoë Institute"
    assert not [asked(sent)[name] for name in asked(sent) if not sent[name]], "every name was decided on before"
    changed = opened(
        carl, "more.csv", "Partner A,How,Partner B,Since,Amount,Contact\nA Ltd,funds,B Ltd,1/4/2020,5,x\n"
    )[1]
    assert "or most of them, was sent before" in changed
    assert fields(changed)["s0-order"] == "day"
    forms = carl.page("/contribute/table").text
    assert "list.xlsx" in forms
    for form in set(re.findall(r'name="form" value="([^"]+)"', forms)):
        carl.send("/contribute/table/forget", 303, page="/contribute/table", form=form)
    assert "There is none." in main(carl.page("/contribute/table"))
    assert "proposed again" not in opened(carl, "again.xlsx", university_list())[1]


def test_bad_tables_are_told_with_a_sentence(site: TownSite) -> None:
    carl = signed_in(site, "carl")
    path, page = opened(carl, "bare.xlsx", book([["Loom Works", "SME", 1234567], ["Mill Works", "SME", 1234568]]))
    assert fields(page)["s0-header"] == "0"
    assert "Column A" in page
    path, page = opened(carl, "two.csv", "Organisation;Type;Full title\nLoom Works;SME;Loom Works Limited\n")
    sent = fields(page) | {"s0-c2": "name"}
    told = main(carl.send(path, 422, page=path, **sent, do="send"))
    assert "“Organisation” and “Full title” both mean “name”. Choose one of them." in told
    refused = upload(carl, "empty.xlsx", book([["Organisation", "Type of firm"]]), 422)
    assert "no row below it" in main(refused)
    _, page = opened(
        carl, "sum.xlsx", book([["Firm", "Sort", "Firm"], ["Loom Works", "=A1&B1", "x"], ["Mill", "SME", "y"]])
    )
    assert fields(page)["s0-header"] == "1"
    assert "This cell holds a formula" in page
    links = (
        'A,What,B,Since,Sum\nZoë Institute,funds,Loom Charity,31/12/2019,"£1,600"\n'
        '"Zoë\nInstitute",funds,Millbrook Hospital,13.13.2019,2019-01-02\n'
    )
    path, page = opened(carl, "links.csv", links)
    text = main(carl.page(path))
    for said in ("“2019-01-02” is a date, in a column of money", "“13.13.2019” is no day of the calendar"):
        assert said in text


def test_a_list_in_windows_1252_says_with_whom_each_works_in_one_cell(site: TownSite) -> None:
    carl = signed_in(site, "carl")
    rows = (
        "Firm;Sort;Works with;Since;Until;Active?\n"
        'Café Bobbin Ltd;SMEs;"Loom Charity; Millbrook Hospital";2017/18;ongoing;Y\n'
        'Warp Ltd;SMEs;"Loom Charity, Zoë Institute";Spring 2019;2021;N\n'
    )
    path, page = opened(carl, "latin.csv", rows.encode("cp1252"))
    assert "The file is not UTF-8 and was read as Windows-1252" in main(carl.page(path))
    sent = fields(page) | {"publisher": "Loom Charity", "date": "2026"}
    meant = [sent[f"s0-c{column}"] for column in range(6)]
    assert meant == ["name", "kind", "to", "valid from", "valid to", "aside"]
    answer = carl.send(path, 303, page=path, **sent, do="send")
    page = main(carl.page(answer.headers["Location"].partition("?")[0]))
    for ends in ("Café Bobbin Ltd", "Warp Ltd"):
        assert re.search(f"{ends} .{{0,20}}partner of Loom Charity", page) or f"Loom Charity and {ends}" in page, page
    assert "Millbrook Hospital" in page
    assert "Zoë Institute" in page


def proposed(site: TownSite, name: str, content: bytes | str, status: int = 200):
    """What a table is proposed to be, as a program is told it."""
    data = {"file": (io.BytesIO(content.encode() if isinstance(content, str) else content), name)}
    header = token(site, "carl", "contribute")
    answer = site.app.test_client().post("/api/contributions/table", data=data, headers=header)
    assert answer.status_code == status, answer.text
    return answer.json


def columns(said) -> list[str]:
    return list(said["mapping"]["sheets"][0]["columns"].values())


LIST = """Our partners,,,,,
Organisation A,How,Organisation B,Period,,Sure?
,,,From,To,Y/N
Zoë Institute,works with,"Loom Charity
Millbrook Hospital",2019,ongoing,Y
Zoë Institute,works with,"Loom
Charity",2020,2021,N
Loom Charity,works with,Zoë Institute and Millbrook Hospital,2020,tbc,Y
Loom Charity,works with,"Zoë Institute, Quillon Panel & Millbrook Hospital",2020,2021,N
Organisation A,How,Organisation B,Period,,Sure?
Millbrook Hospital,works with,• Zoë Institute,2018,2019,Y
Total,,,,,3

Source: the survey of spring 2026,,,,,
These are the partners that we know of today,,,,,
"""


def test_several_names_in_a_cell_and_what_stands_around_a_table_are_told_apart(site: TownSite) -> None:
    said = proposed(site, "around.csv", LIST)
    assert columns(said) == ["from", "relation", "to", "valid from", "valid to", "aside"]
    assert said["headings"][0][3] == "Period: From"
    (question,) = said["names"]
    assert question["name"] == "Zoë Institute, Quillon Panel & Millbrook Hospital"
    several = question["choices"][0]
    assert several["label"] == "Several: Zoë Institute; Quillon Panel; Millbrook Hospital"
    aside = " ".join(each["message"] for each in said["aside"])
    for why in ("it is a total", "it repeats the headings", "a heading: “Source: the survey", "a heading: “These are"):
        assert why in aside, aside
    said["mapping"]["names"][question["name"]] = several["value"]
    header = token(site, "carl", "contribute")
    data = {"file": (io.BytesIO(LIST.encode()), "around.csv"), "mapping": json.dumps(said["mapping"])}
    after = site.app.test_client().post("/api/contributions/table", data=data, headers=header).json
    assert {each["name"]: each["answer"] for each in after["names"]} == {
        question["name"]: "several",
        "Quillon Panel": "",
    }


def test_workbooks_of_other_programs_are_read_as_they_are(site: TownSite) -> None:
    for name in ("old.xls", "misnamed.ods"):
        said = proposed(site, name, old_workbook())
        assert columns(said) == ["from", "relation", "to", "valid from"]
        assert not said["names"]
    headings = of_cells("Partner A", "How", "Partner B", "Since")
    names = "Zoë<text:s/>Institute</text:p><text:p>Millbrook Hospital"
    body = headings + of_cells("Loom Charity", "works with", names, "2021-05-06")
    said = proposed(site, "open.ods", open_document(body + of_cells("", times=1_048_574)))
    assert columns(said) == ["from", "relation", "to", "valid from"]
    assert not said["names"]
    assert proposed(site, "much.ods", open_document(of_cells("x", times=1_048_574)))
    for name, content in {
        "damaged.xls": old_workbook()[:3000], "cut.ods": open_document(body)[:-30],
        "entity.ods": open_document(body).replace(b"<office:document-content", b"<!DOCTYPE x><office:document-content"),
        "page.xls": b"<html><table><tr><td>Firm</td></tr></table></html>",
    }.items():  # fmt: skip
        refused = proposed(site, name, content, 422)
        assert "Save it" in refused["detail"] + str(refused.get("report")) or "save it" in str(refused), refused
    assert columns(proposed(site, "text.xls", "Firm\tSort\nBobbin Works\tSME\nWarp Works\tSME\n")) == ["name", "kind"]


def test_programs_send_a_mapping_with_a_table(site: TownSite) -> None:
    header = token(site, "carl", "contribute")
    rows = b"Firm;Sort;Founded\nBobbin Works;SME;1901\nLoom Chraity;Charitable;1880\n"

    def send(path: str, **more: str):
        data = {"file": (io.BytesIO(rows), "firms.csv")} | more
        return site.app.test_client().post(path, data=data, headers=header)

    refused = send("/api/contributions")
    assert refused.status_code == 422
    assert "POST /api/contributions/table" in refused.text
    proposed = send("/api/contributions/table").json
    mapping = proposed["mapping"]
    assert proposed["names"][0]["choices"][0]["label"].startswith("Loom Charity")
    mapping["names"]["Loom Chraity"] = proposed["names"][0]["choices"][0]["value"]
    mapping["report"] |= {"publisher": "Loom Charity", "date": "2026"}
    assert not send("/api/contributions/table", mapping=json.dumps(mapping)).json["problems"]
    assert send("/api/contributions", mapping="[]").status_code == 400
    made = send("/api/contributions", mapping=json.dumps(mapping))
    assert made.status_code == 201, made.text
    assert any("Bobbin Works" in each["words"] for each in made.json["changes"])
    file, said = site.town.write("firms.csv", rows), site.town.write("m.json", json.dumps(mapping))
    printed = site.town.run("contribute", file, "--propose")
    assert '"sheets"' in printed.stdout
    assert (
        "This very file is contribution"
        in site.town.run("contribute", file, "--mapping", said, "--dry-run", code=1).stdout
    )
    assert "--propose" in site.town.run("contribute", file, code=1).stderr
