"""Contributions on the site: who may, the forms, files, and bad input; over HTTP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

import openpyxl
import pytest
from markupsafe import escape

from leedskg.accounts.model import Role
from leedskg.agents import AskedGraph, call
from leedskg.contributions.file_reader import read_contribution
from leedskg.contributions.form_fields import FormFields
from leedskg.generation_view import GenerationView
from leedskg.namespaces import Namespaces
from tests.contribution_pages import decide, entity, main, sent, signed_in, upload
from tests.sample_accounts import HTML, Browser
from tests.sample_contributions import TownSite, town_site
from tests.sample_knowledge import Sample

NAMESPACES = Namespaces()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), contributions_per_hour=1000) as found:
        found.add("stella", Role.STEWARD)
        found.add("sam", Role.STEWARD)
        found.add("carl")
        yield found


@pytest.fixture
def carl(site: TownSite) -> Browser:
    return signed_in(site, "carl")


@pytest.fixture
def stella(site: TownSite) -> Browser:
    return signed_in(site, "stella")


# Programs draft, people send


def test_a_program_drafts_and_a_person_sends(site: TownSite, carl: Browser, stella: Browser) -> None:
    graph = AskedGraph(GenerationView(site.pool, NAMESPACES), site.pool, site.settings, "https://graph.example.org/")
    fields = {"funder": "the loom", "funded": "Zoë Institute", "amount": 1234, "currency": "GBP",
              "document": "sample.txt", "passage": "The Loom Charity gave"}  # fmt: skip
    asked = {"form": "relationship", "kind": "funding award", "fields": fields, "why": "It was asked.", "by": "Bot <7>"}

    def bytes_of_ledger() -> dict[str, bytes]:
        files = (each for each in site.settings.ledger_path.rglob("*") if each.is_file())
        return {str(each): each.read_bytes() for each in files if not each.name.startswith("accounts.")}

    before = bytes_of_ledger()
    answer = call(graph, "prepare_contribution", asked)
    assert answer.text.startswith("prepared: Nothing is recorded."), answer.text
    address = answer.structured["address"].replace("https://graph.example.org", "")
    assert answer.structured["address"] in answer.text
    away = site.browser().get(address, headers=HTML)
    assert away.status_code == 303, "it asks who they are, and comes back to the form"
    assert "drafted-by" in unquote(away.headers["Location"])
    page = carl.page(address)
    assert "A program filled this form in: “Bot &lt;7&gt;”." in page.text
    assert 'value="Loom Charity"' in page.text, "by the name that is its own"
    assert bytes_of_ledger() == before, "nothing is recorded until somebody sends it"
    given = dict(parse_qsl(urlsplit(address).query))
    assert f'name="drafted-by" value="{escape(given["drafted-by"])}"' in page.text
    done = carl.send("/contribute/relationship", 303, page=address, do="send", **given)
    shown = main(stella.page(done.headers["Location"]))
    assert "It was asked. Drafted by a program (Bot &lt;7&gt;); read and sent by the person" in shown
    assert "carl" in shown.casefold(), "and who sent it"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"form": "poem", "fields": {"name": "x"}}, "organisation, relationship"),
        ({"form": "relationship", "fields": {"funder": "x"}}, "FundingAward"),
        ({"form": "organisation", "fields": {"colour": "red"}}, "It has: name, kind"),
        ({"form": "organisation", "fields": {}}, "The form has: name, kind"),
        ({"form": "organisation", "fields": {"name": {"a": 1}}}, "a text, a number"),
        ({"form": "organisation", "fields": "name"}, "an object of names and values"),
        ({"form": "organisation", "fields": {"name": "x" * 3000}}, "shorten"),
    ],
)
def test_a_draft_that_fits_no_form_is_told_what_the_form_has(site: TownSite, asked: dict, words: str) -> None:
    graph = AskedGraph(GenerationView(site.pool, NAMESPACES), site.pool, site.settings)
    answer = call(graph, "prepare_contribution", asked)
    assert answer.is_error
    assert words in answer.text


# Who may


def test_everybody_learns_how_to_contribute_and_that_it_needs_an_account(site: TownSite) -> None:
    nobody = site.browser()
    page = nobody.page("/contribute")
    assert "Contributing needs an account; reading never does." in main(page)
    assert '<a href="/contribute" aria-current="page">Contribute</a>' in page.text
    for path in ("/contribute/file", "/contribute/organisation"):
        answer = nobody.get(path, headers=HTML)
        assert answer.status_code == 303
        assert "/sign-in" in answer.headers["Location"]
    assert nobody.post("/contributions/1/accept", headers=HTML).status_code == 403, "no form token"
    assert nobody.post("/api/contributions", json={}).status_code == 403


@pytest.mark.parametrize("path", ["/contribute/file", "/contribute/organisation", "/contributions/1/notes"])
def test_a_form_without_its_token_changes_nothing(site: TownSite, carl: Browser, path: str) -> None:
    before = len(site.ledger.events())
    assert carl.post(path, data={"note": "x", "f-name": "X"}, headers=HTML).status_code == 403
    assert len(site.ledger.events()) == before


def test_what_waits_is_for_its_sender_and_the_stewards(site: TownSite, carl: Browser, stella: Browser) -> None:
    number = sent(carl)
    path = f"/contributions/{number}"
    site.add(f"nosy{number}")
    nosy = signed_in(site, f"nosy{number}")
    for stranger in (site.browser(), nosy):
        stranger.page(path, 404)
        stranger.page(f"{path}/statements", 404)
        assert stranger.get(f"/api{path}").status_code == 404
        assert path not in stranger.page("/contributions?state=all").text
    assert nosy.get(f"{path}/file", headers=HTML).status_code == 404
    assert path in carl.page("/contributions").text
    assert path in stella.page("/contributions").text
    assert "waiting for a steward</span>" in stella.page("/").text, "the navigation counts what waits"
    assert "waiting for a steward" not in carl.page("/").text
    decide(stella, number, "accept")
    page = site.browser().page(path)
    assert "somebody with an account" in main(page)
    assert "Carl" not in page.text
    assert "Stella" not in page.text
    assert path in nosy.page("/contributions?of=everybody").text
    assert site.browser().get(f"{path}/file", headers=HTML).status_code == 303


def test_nobody_accepts_their_own_while_there_is_another_steward(site: TownSite, stella: Browser) -> None:
    number = sent(stella)
    assert "It is your own contribution; somebody else has to review it: Sam (sam)." in main(
        stella.page(f"/contributions/{number}")
    )
    for deed in ("accept", "reject"):
        answer = decide(stella, number, deed, 403, reason="Because.", why_not="Because.")
        assert "somebody else has to review it" in answer.text
    assert site.ledger.contribution(number).state == "checked"


# The forms


def test_the_fields_of_a_form_are_what_the_shapes_say(sample: Sample) -> None:
    sample.change(
        "shapes/relationships.ttl",
        "sh:in ( role:funder role:funded role:recipient )",
        "sh:in ( role:funder role:funded role:host )",
    )
    sample.change("shapes/entities.ttl", "The name as the best source prints it.", "What people call it.")
    forms = FormFields(sample.read())
    fields = {field.column: field for field in forms.fields("relationships", "FundingAward")}
    assert {"funder", "funded", "host", "amount", "currency"} <= set(fields)
    assert fields["funder"].needed
    assert not fields["host"].needed
    assert "need" not in fields
    name = forms.fields("entities")[0]
    assert (name.column, name.hint, name.needed) == ("name", "What people call it.", True)
    observation = {field.column: field for field in forms.fields("observations")}
    assert observation["unit"].control == "choice"
    assert ("companies", "companies") in [
        (value.lower(), words.lower()) for value, words in observation["unit"].options
    ]
    assert NAMESPACES.term("Indicator") in observation["indicator"].kinds
    assert NAMESPACES.term("City") in observation["geography"].kinds


def test_a_record_of_a_register_is_evidence_too(sample: Sample) -> None:
    sample.append(
        "graph/sources.ttl",
        'id:register-of-firms a lhi:RegisterSource ;\n    skos:prefLabel "Register of firms"@en ;\n'
        '    dcterms:description "Made up for tests."@en .\n',
    )
    knowledge = sample.read()
    fields = {field.column: field for field in FormFields(knowledge).fields("relationships", "Operation")}
    assert fields["register"].options == (("Register of firms", "Register of firms"),)
    head = "kind,operator,operated,document,passage,register,record key,confidence,reading note\n"
    row = "operation,Loom Charity,Heartbeat Study,,,Register of firms,{},0.9,As the register has it.\n"
    change = read_contribution((head + row.format("0815")).encode(), "firms.csv", knowledge)
    assert change.sound, change.report.as_text()
    stated = " ".join(str(triple) for triple in change.added)
    assert 'def#recordKey> "0815"' in stated
    assert NAMESPACES.entity("register-of-firms") in stated
    without = read_contribution((head + row.format("")).encode(), "firms.csv", knowledge)
    assert "Write the key of the record" in without.report.as_text()
    unknown = read_contribution(
        (head + row.format("1")).replace("of firms", "of fims").encode(), "firms.csv", knowledge
    )
    assert "did you mean Register of firms?" in unknown.report.as_text()


def test_every_form_says_what_is_missing_beside_its_field_and_keeps_what_was_typed(carl: Browser) -> None:
    path = "/contribute/relationship?kind=FundingAward"
    answer = carl.send(
        path, 422, page=path, kind="FundingAward", do="send",
        **{"f-funder": ["Loom Charity", "The Lom"], "f-amount": "£2m", "f-passage": "no such words"},
        message="Look & see",
    )  # fmt: skip
    page = answer.text
    assert "<title>Error: Add a relationship: funding award" in page
    for field in ("f-funder", "f-amount", "f-document"):
        assert f'<li><a href="#{field}">' in page, field
        assert f'id="{field}-problem"' in page
    assert "We found no entity called “The Lom”; did you mean Loom Charity (charity, id:loom-charity)" in main(answer)
    assert "Write 2000000" in main(answer)
    for typed in ('value="The Lom"', 'value="£2m"', "\nno such words</textarea>", "\nLook &amp; see</textarea>"):
        assert typed in page, typed


def test_names_are_looked_up_without_script(carl: Browser) -> None:
    path = "/contribute/relationship?kind=Operation"
    given = {"kind": "Operation", "f-operator": "insti", "f-reading-note": "Kept."}
    found = carl.send(path, 200, page=path, do="look:f-operator", **given).text
    assert "use:f-operator=Zoë Institute" in found
    taken = carl.send(path, 200, page=path, do="use:f-operator=Zoë Institute", **given).text
    assert 'name="f-operator" autocomplete="off" value="Zoë Institute"' in taken
    assert "Kept.</textarea>" in taken
    more = carl.send(path, 200, page=path, do="more:f-operator", **given).text
    assert more.count('name="f-operator"') > taken.count('name="f-operator"')
    nothing = carl.send(path, 200, page=path, do="look:f-operator", kind="Operation", **{"f-operator": "qqqq"})
    assert "We found nothing suitable called “qqqq”" in main(nothing)


def test_a_correction_offers_the_fields_that_the_record_has(site: TownSite, carl: Browser) -> None:
    name = next(iri for iri in site.town.sample.read().graph.assertions() if "FundingAward" in str(
        site.town.sample.read().graph.statements.about(iri))).rpartition("/")[2]  # fmt: skip
    path = f"/contribute/correction?f-record=assertion:{name}"
    page = carl.page(path).text
    assert '<option value="amount = 2000000">amount: 2000000</option>' in page
    assert '<option value="funder = Loom Charity">funder: Loom Charity</option>' in page
    answer = carl.send(
        path, 303, page=path, do="send",
        **{"f-record": f"assertion:{name}", "f-field": "amount = 2000000", "f-new-value": "2500000",
           "f-reason": "The report was misread."},
    )  # fmt: skip
    told = main(carl.page(answer.headers["Location"]))
    assert "Loom Charity funds Heartbeat Study, with 2500000 GBP" in told
    assert "the amount changes from “2000000” to “2500000”: The report was misread." in told
    assert "Source: Sample text, A made-up town" in told, "beside the claim, not counted below"
    assert "is retired" not in told
    assert told.index("Decide") < told.index("What it changes"), "the decision is in view"
    by_hand = carl.send(
        path, 422, page=path, do="send", **{"f-record": "Heartbeat Study", "f-field": "colour", "f-new-value": "red"}
    )
    assert "Say why, and on what ground." in main(by_hand)


FORMS = {
    "relationship?kind=Partnership": (
        {"f-partner": ["Loom Charity", "Zoë Institute"], "f-document": "sample.txt", "f-confidence": "0.5",
         "f-passage": "The Loom Charity gave £2 million to the Heartbeat Study", "f-reading-note": "Made up.",
         "kind": "Partnership"},
        "Loom Charity becomes partner of Zoë Institute",
    ),
    "figure": (
        {"f-indicator": "Number of device firms", "f-value": "251", "f-unit": "companies", "f-qualifier": "exact",
         "f-geography": "Millbrook", "f-document": "sample.txt", "f-passage": "More than 250 firms in Millbrook"},
        "Number of device firms: exact",
    ),
    "correction": (
        {"f-record": "Heartbeat Study", "f-field": "description", "f-new-value": "Looks at hearts.",
         "f-reason": "Better."},
        "the description changes from “Made up for tests as Heartbeat Study.” to “Looks at hearts.”",
    ),
    "retirement": (
        {"f-record": "Millbrook Hospital", "f-replaced-by": "", "f-reason": "It was never built."},
        "Millbrook Hospital (NHS organisation) is retired",
    ),
}  # fmt: skip


def test_a_template_from_the_site_is_filled_in_and_sent(carl: Browser) -> None:
    page = carl.page("/contribute/organisation").text
    assert "/contribute/template/organisation.xlsx" in page
    content = carl.page("/contribute/template/organisation.xlsx").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["entities"]
    columns = [cell.value for cell in sheet[1]]
    rules = {str(rule.sqref).split("2:")[0] for rule in sheet.data_validations.dataValidation}
    assert sheet.cell(1, columns.index("kind") + 1).column_letter in rules
    row = {"name": "Template Charity", "kind": "charity", "description": "Made up.", "note": "Printed nowhere."}
    for column, value in row.items():
        sheet.cell(2, columns.index(column) + 1, value)
    filled = io.BytesIO()
    book.save(filled)
    number = int(upload(carl, "filled.xlsx", filled.getvalue()).headers["Location"].split("/")[2].partition("?")[0])
    assert "Template Charity (charity)" in main(carl.page(f"/contributions/{number}"))
    assert carl.page("/contribute/template/organisation.csv").data.startswith("\ufeffname,kind".encode())
    kind = carl.page("/contribute/template/relationship.csv?kind=Partnership").data.decode("utf-8-sig")
    assert kind.startswith("kind,")
    assert "partner" in kind
    carl.page("/contribute/template/relationship.csv", 404)
    carl.page("/contribute/template/nonsense.csv", 404)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_sends_its_fact(site: TownSite, carl: Browser, form: str) -> None:
    fields, words = FORMS[form]
    path = f"/contribute/{form}"
    answer = carl.send(path, 303, page=path, do="send", source="A meeting", message="As agreed.", **fields)
    page = carl.page(answer.headers["Location"])
    for expected in (words, "Sent. It is recorded and checked", "A meeting", "As agreed.", "-form.csv"):
        assert expected in main(page), (expected, main(page))
    again = carl.send(path, 422, page=path, do="send", **fields)
    assert "This very file is contribution" in main(again), "the same form twice"
    assert f'href="{answer.headers["Location"].partition("?")[0]}"' in again.text


# Files


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("facts.pdf", b"%PDF", "What kind of file facts.pdf is cannot be told from its name"),
        ("empty.ttl", b"", "The file is empty"),
        ("latin.csv", "name,kind\nZoë,charity\n".encode("latin-1"), "The file is not UTF-8"),
        ("formula.csv", b"name,kind\n=1+1,charity\n", "which a spreadsheet takes for a formula"),
        ("blank.ttl", b"_:a <urn:p> _:b .\n" * 20_000, "This statement has a blank node"),
        ("remote.jsonld", b'{"@context": "https://example.org/c.json"}', "would have to be fetched, which is not done"),
        ("relative.ttl", b"<a> <b> <c> .", "This is a relative IRI"),
        ("../../etc/facts.ttl", b"<a> <b> <c> .", "facts.ttl:1"),
        (
            "collision.ttl",
            f'<{NAMESPACES.entity("loom-charity")}> <{NAMESPACES.prefixes["skos"]}prefLabel> "Other"@en .'.encode(),
            "id:loom-charity is in the graph with the label “Loom Charity”",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[-8:] else "",
)
def test_a_file_that_cannot_be_taken_is_refused_whole(
    site: TownSite, carl: Browser, name: str, content: bytes, message: str
) -> None:
    before = site.ledger.counts()
    answer = upload(carl, name, content, 422, title="Kept title", message="Kept message")
    assert message in main(answer)
    assert 'value="Kept title"' in answer.text
    assert "Kept message</textarea>" in answer.text
    assert site.ledger.counts() == before


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "old.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40),
            "is damaged, or needs a password. Open it and save it as",
        ),
        (
            "office.ODS",
            b"PK",
            "This is no workbook that can be read, whatever its name ends in. Save it again as .xlsx",
        ),
    ],
)
def test_a_list_that_cannot_be_read_is_told_why_where_its_columns_would_be(
    site: TownSite, carl: Browser, name: str, content: bytes, message: str
) -> None:
    before = site.ledger.counts()
    answer = carl.page(upload(carl, name, content, 303).headers["Location"], 422)
    assert message in main(answer)
    assert site.ledger.counts() == before


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(carl: Browser) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    assert "the workbook is larger than 64 MB" in main(upload(carl, "bomb.xlsx", packed.getvalue(), 422))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_can_be_read_in_one_way_only_is_read(carl: Browser, encoding: str) -> None:
    text = entity(f"Charity of {encoding}").replace(",", ";")
    upload(carl, f"{encoding}.csv", text.encode(encoding))


def test_a_file_must_be_chosen_and_what_is_said_of_it_is_short(carl: Browser) -> None:
    answer = carl.send("/contribute/file", 400, page="/contribute/file", title="t" * 201)
    assert "Choose a file." in main(answer)
    assert "This has 201 characters; 200 is the most." in main(answer)


def test_script_in_labels_stays_text(site: TownSite, carl: Browser, stella: Browser) -> None:
    number = sent(
        carl, "<script>alert(1)</script>.csv", entity("<script>alert(2)</script>", "<img src=x onerror=alert(3)>")
    )
    for path in (f"/contributions/{number}?statements", "/contributions"):
        page = stella.page(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;alert(2)&lt;/script&gt; (charity)" in stella.page(f"/contributions/{number}").text
    assert stella.get(f"/contributions/{number}/statements").content_type.startswith("text/plain")
    file = stella.get(f"/contributions/{number}/file")
    assert file.headers["Content-Disposition"].startswith("attachment")
