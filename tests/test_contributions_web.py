"""Contributions on the site: ways in, the queue, deciding, taking back, history, and bad input; over HTTP."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from werkzeug.test import TestResponse

from leedskg.accounts.model import Actor, Role
from leedskg.contributions.form_fields import FormFields
from leedskg.contributions.reading import read_contribution
from leedskg.namespaces import Namespaces
from tests.contributing import award, bobbin
from tests.sample_accounts import HTML, Browser
from tests.sample_contributions import TownSite, town_site
from tests.sample_knowledge import Sample

NAMESPACES = Namespaces()
_numbers = count(1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), contributions_per_hour=1000) as found:
        found.add("stella", Role.STEWARD)
        found.add("sam", Role.STEWARD)
        found.add("carl")
        yield found


def signed_in(site: TownSite, name: str) -> Browser:
    browser = site.browser()
    browser.sign_in(name)
    return browser


@pytest.fixture
def carl(site: TownSite) -> Browser:
    return signed_in(site, "carl")


@pytest.fixture
def stella(site: TownSite) -> Browser:
    return signed_in(site, "stella")


def main(answer: TestResponse) -> str:
    """The text of a page's content, its markup gone."""
    content = answer.text.partition("<main")[2].partition("</main")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def upload(browser: Browser, name: str, content: bytes | str, status: int = 303, **more: str) -> TestResponse:
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    return browser.send(
        "/contribute/file", status, page="/contribute/file", file=(io.BytesIO(data), name), **more
    )  # fmt: skip


def entity(name: str, note: str = "Made up for a test and printed nowhere.") -> str:
    return f"name,kind,description,note\n{name},charity,Made up by the testers.,{note}\n"


def sent(browser: Browser, name: str = "", content: str = "") -> int:
    """Send something new; give the number of the contribution."""
    answer = upload(browser, name or "facts.csv", content or entity(f"Charity number {next(_numbers)}"))
    return int(re.search(r"/contributions/(\d+)", answer.headers["Location"])[1])


def decide(browser: Browser, number: int, deed: str, status: int = 303, **fields: Any) -> TestResponse:
    """Send one of the forms of a contribution's page, as the page has it now."""
    page = browser.page(f"/contributions/{number}").text
    version = re.search(r'name="version" value="(\d+)"', page)
    given = {"version": version[1] if version else "1"} | fields
    return browser.send(f"/contributions/{number}/{deed}", status, page=f"/contributions/{number}", **given)


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
        "shapes/relationships.ttl", "sh:in ( role:funder role:funded )", "sh:in ( role:funder role:funded role:host )"
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
    assert "No entity goes by “The Lom”; did you mean Loom Charity (charity, id:loom-charity)" in main(answer)
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
    assert "Nothing that fits goes by “qqqq”" in main(nothing)


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
    assert "is retired" in told
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
        "the description changes from “Made up for tests.” to “Looks at hearts.”",
    ),
    "retirement": (
        {"f-record": "Millbrook Hospital", "f-replaced-by": "", "f-reason": "It was never built."},
        "Millbrook Hospital (NHS organisation) is retired",
    ),
}  # fmt: skip


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


# Deciding


def test_from_sending_to_taking_back(site: TownSite, carl: Browser, stella: Browser) -> None:
    number = sent(carl, "walk.csv", entity("Walking Charity"))
    nobody = site.browser()
    nobody.page("/id/walking-charity", 404)
    page = main(stella.page(f"/contributions/{number}"))
    assert "Walking Charity (charity)" in page
    assert re.search(r"0 violations, \d warnings?.*Checked: 4 statements, \d+ records?, \d+ shapes", page), page
    decide(stella, number, "notes", note="Is this the one on Mill Lane?")
    assert "Is this the one on Mill Lane?" in main(carl.page(f"/contributions/{number}"))
    answer = decide(stella, number, "accept", reason="It is.")
    assert "done=accepted" in answer.headers["Location"]
    assert "Walking Charity" in nobody.page("/id/walking-charity").text
    page = main(nobody.page(f"/contributions/{number}"))
    assert re.search(r"Readers see it since generation \d+ of the graph, published on", page)
    assert "Mill Lane" not in page, "the conversation is for those with an account"
    history = main(nobody.page("/id/walking-charity/history"))
    assert f"contribution {number} was merged by somebody with an account" in history
    assert "Say why it is taken back." in main(decide(stella, number, "undo", 400))
    decide(stella, number, "undo", why_undo="It closed.")
    nobody.page("/id/walking-charity", 404)
    assert "Readers do not see it any more since generation" in main(nobody.page(f"/contributions/{number}"))
    assert f"contribution {number} was taken back" in main(nobody.page("/id/walking-charity/history"))
    kinds = [event.kind for event in site.ledger.events(number)]
    assert kinds == ["submitted", "checked", "note", "accepted", "merged", "published", "undone", "published"]
    assert [line.partition(": ")[2] for line in site.audit() if line.endswith(f"contribution: {number}")] == [
        f"undid contribution: {number}", f"accepted contribution: {number}",
    ]  # fmt: skip


def test_the_second_of_two_stewards_is_told_and_loses_nothing(site: TownSite, carl: Browser, stella: Browser) -> None:
    number = sent(carl)
    sam = signed_in(site, "sam")
    seen = re.search(r'name="version" value="(\d+)"', sam.page(f"/contributions/{number}").text)[1]
    decide(stella, number, "accept", reason="Fine.")
    answer = sam.send(
        f"/contributions/{number}/reject", 409, page=f"/contributions/{number}", version=seen, why_not="A long reason."
    )
    assert "Stella (stella)" in main(answer)
    assert "Nothing was changed; look at it again." in main(answer)
    assert "Somebody else was first" in main(answer)
    assert "A long reason.</textarea>" in answer.text, "as a note, for there is nothing to reject any more"
    assert site.ledger.contribution(number).state == "merged"
    number = sent(carl)
    seen = re.search(r'name="version" value="(\d+)"', sam.page(f"/contributions/{number}").text)[1]
    carl.send(f"/contributions/{number}/check", page=f"/contributions/{number}")
    answer = sam.send(
        f"/contributions/{number}/accept", 409, page=f"/contributions/{number}", version=seen, reason="A long reason."
    )
    assert "A long reason.</textarea>" in answer.text
    assert "Contribution" in main(answer)
    assert site.ledger.contribution(number).state == "checked"


def test_a_violation_is_never_accepted_and_a_warning_needs_a_reason(
    site: TownSite, carl: Browser, stella: Browser
) -> None:
    number = sent(carl, "award.ttl", award(4_000_000).replace("bobbin-fund", "missing-fund"))
    page = stella.page(f"/contributions/{number}")
    assert "It cannot be accepted: the check found" in main(page)
    assert "Accept and publish" not in page.text
    refused = decide(stella, number, "accept", 422, reason="I insist.")
    assert "has violations and cannot be accepted" in main(refused)
    assert "Say why it is not taken" in main(decide(stella, number, "reject", 400))
    decide(stella, number, "reject", why_not="No such fund.")
    assert "No such fund." in main(carl.page(f"/contributions/{number}"))

    twin = "name,kind,id,description,note\nZoe Institute,research centre,zoe-2,Made up by us.,Printed nowhere.\n"
    number = sent(carl, "twin.csv", twin)
    report = site.ledger.contribution(number).report
    assert any(finding["severity"] == "warning" for finding in report["findings"]), report["findings"]
    assert "To accept it all the same, give a reason." in main(decide(stella, number, "accept", 422))
    assert site.ledger.contribution(number).state == "checked"
    decide(stella, number, "accept", reason="It is another one.")
    decide(stella, number, "undo", why_undo="It was not.")


def test_single_statements_are_left_out(site: TownSite, carl: Browser, stella: Browser) -> None:
    text = "name,kind,description,note\n" + "".join(
        f"{name} Taken,charity,Made up by us.,Printed nowhere.\n" for name in ("First", "Second")
    )
    number = sent(carl, "two.csv", text)
    first, second = (NAMESPACES.entity(f"{name}-taken") for name in ("first", "second"))
    page = stella.page(f"/contributions/{number}").text
    assert page.count('name="take"') == 2
    decide(stella, number, "accept", offered=[first, second], take=[second], reason="One of them.")
    assert site.browser().get("/id/first-taken", headers=HTML).status_code == 404
    assert site.browser().get("/id/second-taken", headers=HTML).status_code == 200
    decisions = {each.decision for each in site.ledger.statements(number) if str(each.triple.subject) == f"<{first}>"}
    assert decisions == {"rejected"}


def test_what_others_build_on_is_not_taken_back(site: TownSite, carl: Browser, stella: Browser) -> None:
    below = sent(carl, "bobbin.ttl", bobbin())
    decide(stella, below, "accept", reason="Right.")
    above = sent(carl, "award.ttl", award())
    decide(stella, above, "accept", reason="Right.")
    answer = decide(stella, below, "undo", 409, why_undo="A reason that took time.")
    assert "later ones build on it" in main(answer)
    assert f'<a href="/contributions/{above}">contribution {above}</a>' in answer.text
    assert "A reason that took time.</textarea>" in answer.text
    decide(stella, above, "undo", why_undo="First this.")
    decide(stella, below, "undo", why_undo="Then that.")


# History


def test_history_needs_no_contribution_and_answers_for_any_date(site: TownSite) -> None:
    nobody = site.browser()
    page = nobody.page("/id/loom-charity")
    assert 'href="/id/loom-charity/history"' in page.text
    told = main(nobody.page("/id/loom-charity/history"))
    assert "as curated in the files, recorded by leedskg curators" in told
    said = main(nobody.page("/id/loom-charity/history?as-at=2026-11-21"))
    assert "What was said at the end of 2026-11-21" in said
    assert "Loom Charity funds Heartbeat Study" in said.partition("What changed")[0]
    early = main(nobody.page("/id/loom-charity/history?as-at=2020"))
    assert "Loom Charity funds" not in early.partition("What changed")[0]
    wrong = nobody.page("/id/loom-charity/history?as-at=yesterday", 400)
    assert "Write a date as 2026, 2026-11 or 2026-11-21." in main(wrong)
    nobody.page("/id/nobody-knows/history", 404)


# For programs


def token(site: TownSite, name: str, *deeds: str) -> dict[str, str]:
    account = site.accounts.people.named(name)
    return {"Authorization": f"Bearer {site.accounts.tokens.make(Actor(account, 'test'), 'test', list(deeds))}"}


def test_a_program_sends_decides_and_takes_back(site: TownSite) -> None:
    client = site.app.test_client()
    carl, stella = token(site, "carl", "contribute"), token(site, "stella", "contribute", "review")
    made = client.post("/api/contributions", headers=carl, json={"name": "p.csv", "content": entity("Program Charity"),
                                                                 "title": "From a program"})  # fmt: skip
    assert made.status_code == 201, made.text
    path = made.headers["Location"]
    known = client.get(path, headers=carl).json
    assert known["title"] == "From a program"
    assert known["state"] == "checked"
    assert known["changes"][0]["words"] == "Program Charity (charity)."
    assert known["report"]["checked"]["shape"] > 0
    assert client.post(f"{path}/accept", headers=carl, json={}).status_code == 403
    limited = token(site, "stella", "contribute")
    refused = client.post(f"{path}/accept", headers=limited, json={})
    assert (refused.status_code, refused.content_type) == (403, "application/problem+json")
    assert refused.json["detail"] == "This API token was not given the right to review."
    stale = client.post(f"{path}/accept", headers=stella, json={"reason": "Yes.", "version": 1})
    assert stale.status_code == 409
    assert client.post(f"{path}/notes", headers=carl, json={"text": "Soon, please."}).status_code == 201
    accepted = client.post(f"{path}/accept", headers=stella, json={"reason": "Yes.", "version": known["version"]})
    assert (accepted.status_code, accepted.json["published"]) == (200, True)
    assert client.get("/id/program-charity", headers=HTML).status_code == 200
    assert client.post(f"{path}/undo", headers=stella, json={"reason": "No."}).json["state"] == "undone"
    shacl = client.get(f"{path}/report", headers=stella | {"Accept": "text/turtle"})
    assert (shacl.status_code, shacl.mimetype) == (200, "text/turtle")
    assert "sh:ValidationReport" in shacl.text
    assert client.get(f"{path}/report", headers=stella).json["checked"]
    assert client.get(f"{path}/report").status_code == 401, "the report is for those with an account"
    public = client.get(path).json
    assert public["sent_by"] == "somebody with an account"
    assert not {"report", "events"} & set(public)
    listed = client.get("/api/contributions?state=undone&limit=1").json
    assert listed["total"] >= 1
    assert len(listed["contributions"]) == 1


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400, "not valid JSON"),
        ({"json": []}, 400, "has to be a JSON object"),
        ({"json": {"nmae": "x"}}, 400, "There is no 'nmae' here"),
        ({"json": {"name": "x.ttl"}}, 400, "and `content`, its text"),
        ({"data": b"x", "content_type": "image/png"}, 400, "Send a file as multipart/form-data"),
        ({"data": {}, "content_type": "multipart/form-data"}, 400, "no file in its field `file`"),
        ({"data": b"<a> <b> <c> .", "content_type": "text/turtle"}, 422, "was not taken"),
        ({"data": b"#" * 17 * 2**20, "content_type": "text/turtle"}, 422, "was not taken"),
        ({"data": b"x" * 2**20 * 22, "content_type": "text/csv"}, 413, "20 MiB"),
        ({"json": {"name": "x.ttl", "content": "", "title": "t" * 300}}, 400, "200 is the most"),
    ],
)
def test_a_program_is_told_what_is_wrong(site: TownSite, options: dict[str, Any], status: int, words: str) -> None:
    answer = site.app.test_client().post("/api/contributions", headers=token(site, "carl", "contribute"), **options)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert words in answer.json["detail"]
    if words == "was not taken":
        finding = answer.json["report"]["findings"][0]
        assert (finding["line"], finding["severity"]) == (1, "violation")


def test_programs_need_a_token_that_counts(site: TownSite) -> None:
    client = site.app.test_client()
    answer = client.post("/api/contributions", headers={"Authorization": "Bearer leedskg_x"}, json={})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert client.get("/api/contributions/999999").status_code == 404
    assert client.get("/api/contributions?state=lost").status_code == 400
