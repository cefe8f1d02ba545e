"""Contributions for programs: sending, deciding and taking back with a token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leedskg.accounts.model import Actor, Role
from leedskg.namespaces import Namespaces
from tests.contribution_pages import entity, signed_in
from tests.sample_accounts import HTML, Browser
from tests.sample_contributions import TownSite, town_site

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
