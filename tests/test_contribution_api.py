"""Contributions for programs: sending, deciding and taking back with a token."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from leedskg.accounts.model import Role
from leedskg.namespaces import Namespaces
from tests.contribution_pages import entity, signed_in, token
from tests.sample_accounts import HTML, Browser
from tests.sample_contributions import TownSite, town_site

NAMESPACES = Namespaces()
PACKED = {"Content-Encoding": "gzip"}
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


# For programs


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
    wrong = client.post(f"{path}/accept", headers=stella, json={"without": ["1"]})
    assert (wrong.status_code, wrong.json["detail"]) == (400, "without is a list of the numbers of statements.")
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
        ({"data": b"{", "content_type": "application/json"}, 400, "not JSON that can be read"),
        ({"json": []}, 400, "has to be a JSON object"),
        ({"json": {"nmae": "x"}}, 400, "There is no 'nmae' here"),
        ({"json": {"name": "x.ttl"}}, 400, "and `content`, its text"),
        ({"data": b"x", "content_type": "image/png"}, 400, "Send a file as multipart/form-data"),
        ({"data": {}, "content_type": "multipart/form-data"}, 400, "no file in its field `file`"),
        ({"data": b"<a> <b> <c> .", "content_type": "text/turtle"}, 422, "was not taken"),
        ({"data": b"#" * 17 * 2**20, "content_type": "text/turtle"}, 422, "was not taken"),
        ({"data": b"x" * 2**20 * 22, "content_type": "text/csv"}, 413, "20 MiB"),
        (
            {"data": gzip.compress(b"<a> <b> <c> ."), "content_type": "text/turtle", "headers": PACKED},
            415,
            "A body in Content-Encoding gzip is not read here, and nothing was recorded. Send it plain.",
        ),
        ({"json": {"name": "x.ttl", "content": "", "title": "t" * 300}}, 400, "200 is the most"),
    ],
)
def test_a_program_is_told_what_is_wrong(site: TownSite, options: dict[str, Any], status: int, words: str) -> None:
    options = options | {"headers": token(site, "carl", "contribute") | options.get("headers", {})}
    answer = site.app.test_client().post("/api/contributions", **options)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert words in answer.json["detail"]
    if words == "was not taken":
        finding = answer.json["report"]["findings"][0]
        assert (finding["line"], finding["severity"]) == (1, "violation")


def test_a_name_or_title_that_turns_the_direction_of_reading_is_shown_as_it_is(site: TownSite) -> None:
    carl = token(site, "carl", "contribute")
    sent = {"name": "fund\u202evsc.csv", "content": entity("Turned Charity"), "title": "Not \u202edna\u202c this"}
    made = site.app.test_client().post("/api/contributions", headers=carl, json=sent)
    assert made.status_code == 201, made.text
    page = signed_in(site, "carl").page(made.headers["Location"].removeprefix("/api"))
    assert "fundvsc.csv" in page.text
    assert "Not dna this" in page.text
    file = signed_in(site, "carl").get(f"{made.headers['Location'].removeprefix('/api')}/file")
    assert "202e" not in file.headers["Content-Disposition"].casefold()
    assert "fundvsc.csv" in file.headers["Content-Disposition"]


def test_who_retires_what_was_retired_meanwhile_is_told_so(site: TownSite) -> None:
    client, carl = site.app.test_client(), token(site, "carl", "contribute")
    stella = token(site, "stella", "contribute", "review")

    def sent(name: str, content: str) -> str:
        made = client.post("/api/contributions", headers=carl, json={"name": name, "content": content})
        assert made.status_code == 201, made.text
        return str(made.headers["Location"])

    def accept(path: str, reason: str = "") -> tuple[int, str]:
        answer = client.post(f"{path}/accept", headers=stella, json={"reason": reason})
        return answer.status_code, answer.text

    assert accept(sent("weary.csv", entity("Weary Charity")))[0] == 200
    first, second = (sent(f"{why}.csv", f"record,reason\nWeary Charity,{why}\n") for why in ("Closed", "Gone"))
    assert accept(first)[0] == 200
    status, words = accept(second)
    assert status == 422
    assert "Weary Charity is retired already" in words
    assert accept(second, "The other reason.")[0] == 200


def test_programs_need_a_token_that_counts(site: TownSite) -> None:
    client = site.app.test_client()
    answer = client.post("/api/contributions", headers={"Authorization": "Bearer leedskg_x"}, json={})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert client.get("/api/contributions/999999").status_code == 404
    assert client.get("/api/contributions?state=lost").status_code == 400


def test_what_was_left_out_of_an_accepted_contribution_is_at_no_address_of_others(site: TownSite) -> None:
    client = site.app.test_client()
    carl, stella = token(site, "carl", "contribute"), token(site, "stella", "contribute", "review")
    table = (
        "name,kind,description,note,# who said so\nKept Charity,charity,Made up.,Printed nowhere.,Unwanted Ann\n"
        "Unwanted Zephyr,charity,Said by nobody.,Printed nowhere.,Ben\n"
    )
    sent = {"name": "unwanted-names-of-people.csv", "content": table, "title": "Two charities"}
    path = client.post("/api/contributions", headers=carl, json=sent).headers["Location"]
    number = int(path.rpartition("/")[2])
    unwanted = str(NAMESPACES.entity("unwanted-zephyr"))
    done = client.post(f"{path}/accept", headers=stella, json={"left_out": [unwanted], "reason": "One of them."})
    assert done.status_code == 200, done.text
    assert done.json["added"] == len(client.get(f"{path}/statements").json["statements"])

    rules = [rule for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    of_one = {rule.rule.replace("<int:number>", str(number)) for rule in rules if rule.arguments == {"number"}}
    plain = {rule.rule for rule in rules if not rule.arguments}
    looked = 0
    site.add("nosy")
    site.add("other", Role.STEWARD)
    for headers in ({}, token(site, "nosy", "contribute"), token(site, "other", "contribute")):
        for address in sorted(of_one | plain | {f"/contributions/{number}?statements=", "/id/unwanted-zephyr/history"}):
            text = client.get(address, headers=headers).text
            assert "nwanted" not in text.replace(address, ""), (address, headers)
            looked += f"/{number}" in address
    assert looked >= 3 * 6
    query = "SELECT * { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?o), 'nwanted')) }"
    assert client.get("/sparql", query_string={"query": query, "format": "csv"}).text.strip() == "g,s,p,o"
    for reader in (carl, stella):
        assert "Unwanted Zephyr" in client.get(f"{path}/statements", headers=reader).text
    browser = signed_in(site, "nosy")
    page = f"/contributions/{number}"
    assert "Unwanted" not in browser.get(f"{page}?statements=", headers=HTML).text
    assert browser.get(f"{page}/file", headers=HTML).status_code == 403
    assert "Unwanted" in signed_in(site, "carl").get(f"{page}/file", headers=HTML).text


def test_a_token_to_contribute_sees_what_a_contributor_sees(site: TownSite) -> None:
    client = site.app.test_client()
    carl, full = token(site, "carl", "contribute"), token(site, "stella", "contribute", "review")
    narrow = token(site, "stella", "contribute")
    sent = {"name": "waits.csv", "content": entity("Waiting Charity"), "title": "Waits"}
    path = client.post("/api/contributions", headers=carl, json=sent).headers["Location"]
    assert client.get(path, headers=full).json["title"] == "Waits"
    assert client.get(path, headers=narrow).status_code == 404
    assert client.get(f"{path}/statements", headers=narrow).status_code == 404
    numbers = [
        each["href"] for each in client.get("/api/contributions?state=checked", headers=narrow).json["contributions"]
    ]
    assert path not in numbers
    assert client.post(f"{path}/notes", headers=narrow, json={"text": "Hello"}).status_code == 404
    again = client.post("/api/contributions", headers=narrow, json=sent)
    assert again.status_code == 422
    assert "This very file is contribution" in again.text
    assert "arl" not in again.text, "who sent it first is not told"


def test_a_program_answers_whether_it_is_there_already(site: TownSite) -> None:
    sender, steward = token(site, "carl", "contribute"), token(site, "stella", "contribute", "review")
    client = site.app.test_client()
    text = "name,kind,description,note\nZoe Institutte,research centre,Made up by us.,Printed nowhere.\n"
    sent = client.post("/api/contributions?name=slips.csv", data=text, headers=sender | {"Content-Type": "text/csv"})
    path = sent.headers["Location"]
    refused = client.post(f"{path}/accept", json={"reason": "Fine."}, headers=steward)
    assert refused.status_code == 422
    assert "1 question to be answered" in refused.json["detail"]
    asked = next(each for each in refused.json["report"]["findings"] if each["rule"] == "likely duplicate")
    said = {"record": asked["record"], "other": asked["other"]}
    for wrong in ({}, {"answers": ["same"]}, {"answers": [said | {"says": "maybe"}]}, {"answers": []},
                  {"answers": [said | {"says": "same"}, said | {"says": "apart"}]},
                  {"answers": [said | {"says": "same", "other": "nonsense\ud800"}]}):  # fmt: skip
        assert client.post(f"{path}/answers", json=wrong, headers=sender).status_code == 400, wrong
    told = client.post(f"{path}/answers", json={"answers": [said | {"says": "same"}]}, headers=sender)
    assert told.status_code == 200, told.json
    assert [each["kind"] for each in told.json["changes"]] == ["changed"]
    assert "printed variant “Zoe Institutte”" in told.json["changes"][0]["words"]
    assert client.post(f"{path}/accept", json={"reason": "Fine."}, headers=steward).status_code == 200
    assert client.get("/id/zoe-institutte").status_code == 404
    client.post(f"{path}/undo", json={"reason": "A test."}, headers=steward)


@pytest.mark.parametrize("path", ["/contribute/file", "/contribute/organisation"])
def test_what_becomes_public_is_said_before_sending(carl: Browser, path: str) -> None:
    text = carl.page(path).text
    assert "become public" in text
    assert "Your name is shown to people with an account and to nobody else" in text


def test_the_words_of_a_large_contribution_come_in_parts(site: TownSite) -> None:
    client = site.app.test_client()
    rows = "".join(f"Part {number} of {number * 7919:x},charity,Made up.,Printed nowhere.\n" for number in range(205))
    carl = token(site, "carl", "contribute")
    sent = {"name": "many.csv", "content": f"name,kind,description,note\n{rows}"}
    made = client.post("/api/contributions", headers=carl, json=sent).json
    assert (len(made["changes"]), made["more_changed_records"]) == (200, 5)
    rest = client.get(f"{made['href']}?offset=200", headers=carl).json
    assert (len(rest["changes"]), rest["more_changed_records"]) == (5, 0)
    assert "5 more records" in signed_in(site, "carl").get(made["page"], headers=HTML).text


def ended(site: TownSite, href: str, headers: dict[str, str]) -> Any:
    client = site.app.test_client()
    for _ in range(600):
        told = client.get(href, headers=headers).json
        if told["state"] != "under way":
            return told
        time.sleep(0.1)
    raise AssertionError(told)


def test_what_takes_long_says_where_to_look_and_what_came_of_it(site: TownSite) -> None:
    client = site.app.test_client()
    carl, stella = token(site, "carl", "contribute"), token(site, "stella", "contribute", "review")
    process = site.app.extensions["leedskg.steward"].steward
    numbers = count(1)
    before, process._patience = process._patience, 0.0
    try:
        content = {"name": "l.csv", "content": entity("Long Charity")}
        sent = client.post("/api/contributions", headers=carl, json=content)
        assert (sent.status_code, sent.headers["Location"]) == (202, sent.json["task"])
        assert client.get(sent.json["task"]).status_code == 401
        site.add("unrelated")
        assert client.get(sent.json["task"], headers=token(site, "unrelated", "contribute")).status_code == 404
        told = ended(site, sent.json["task"], carl)
        assert told["state"] == "done", told
        number, path = told["number"], told["contribution"]

        def keep_busy() -> None:
            """What is asked next waits behind this, so that it is not done at once."""
            other = {"name": "b.csv", "content": entity(f"Busy Charity {next(numbers)}")}
            assert client.post("/api/contributions", headers=carl, json=other).status_code == 202

        keep_busy()
        wrong = client.post("/api/contributions", headers=carl, json={"name": "w.csv", "content": "name,kind\n,x\n"})
        refused = ended(site, wrong.json["task"], carl)
        assert refused["state"] == "refused"
        assert refused["report"]["findings"]
        keep_busy()
        late = client.post(f"{path}/accept", headers=stella, json={"version": 1})
        assert late.status_code == 202
        told = ended(site, late.json["task"], stella)
        assert (told["state"], told["number"]) == ("refused", number)
        assert "has changed since you looked" in told["problem"]
        browser = signed_in(site, "stella")
        page = browser.get(late.json["task"].replace("/api", ""), headers=HTML).text
        assert "It was not done." in page
        keep_busy()
        done = client.post(f"{path}/accept", headers=stella, json={})
        assert ended(site, done.json["task"], stella)["generation"] > 0
        line = f"accepted contribution: {number}"
        assert sum(each.endswith(line) for each in site.audit()) == 2, "decided twice, whatever came of it"
        shown = browser.get(done.json["task"].replace("/api", ""), headers=HTML)
        assert shown.headers["Location"].endswith(f"/contributions/{number}?done=accepted")
    finally:
        process._patience = before
    events = client.get(path, headers=stella).json["events"]
    assert "has changed since you looked" in next(each["reason"] for each in events if each["kind"] == "refused")
    assert "asked to accept it, which was refused" in browser.get(f"/contributions/{number}", headers=HTML).text


def test_a_publication_that_was_killed_is_told_as_it_is_and_finished_by_a_program(site: TownSite) -> None:
    client = site.app.test_client()
    stella = token(site, "stella", "contribute", "review")
    content = {"name": "k.csv", "content": entity("Killed Charity")}
    sent = client.post("/api/contributions", headers=stella, json=content)
    ledger, number = site.ledger, sent.json["number"]
    held = ledger.contribution(number)
    numbers = [each.number for each in ledger.statements(number)]
    ledger.merge(
        number,
        numbers,
        version=held.version,
        head=ledger.head(),
        who=held.who,
        reason="",
        report=held.report,
        shapes="",
    )
    page = signed_in(site, "stella").get(f"/contributions/{number}", headers=HTML).text
    assert "nothing is publishing it now" in page
    assert client.post("/api/contributions/publish", headers=token(site, "carl", "contribute")).status_code == 403
    made = client.post("/api/contributions/publish", headers=stella)
    assert made.json["published"] is True
    assert client.get(f"/api/contributions/{number}").json["generation"] == made.json["generation"]
    assert client.get("/id/killed-charity", headers=HTML).status_code == 200
