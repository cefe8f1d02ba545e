"""Numbers that no table can hold and letters that no header can: in every address, filter, body and file name."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leedskg.accounts.model import Actor, Role
from tests.contribution_pages import entity, signed_in
from tests.sample_accounts import Browser
from tests.sample_contributions import TownSite, town_site

HUGE = ("9" * 16, "9223372036854775808", "-9223372036854775809", "9" * 30, "9" * 5000, "1e400", "٣", "NaN", "%ED%A0%80")
#: What is read out of addresses anywhere on the site.
NAMES = (
    "page", "limit", "offset", "before", "steps", "count", "depth", "from", "to", "as_at", "as-at", "since", "until",
    "confidence", "kind", "of", "state", "q", "need", "stage", "place", "open", "in", "table", "version", "done", "not",
    "f-record", "statements", "next", "token", "relation", "theme", "query", "timeout", "graph",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), contributions_per_hour=100_000) as found:
        found.add("stella", Role.STEWARD)
        found.add("carl")
        yield found


@pytest.fixture(scope="module")
def stella(site: TownSite) -> Browser:
    return signed_in(site, "stella")


def bearer(site: TownSite, name: str, *deeds: str) -> dict[str, str]:
    account = site.accounts.people.named(name)
    return {"Authorization": f"Bearer {site.accounts.tokens.make(Actor(account, 'test'), 'test', list(deeds))}"}


def paths(site: TownSite, number: str) -> list[str]:
    """Every address that is read, with a number in the place of each of its names."""
    rules = [rule for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return ["".join(number if name else part for name, part in rule._trace[1:] if part != "|") for rule in rules]


@pytest.mark.parametrize("number", HUGE[:-1])
def test_a_number_in_any_address_is_found_or_not_found(site, stella, number):
    for path in paths(site, number):
        answer = stella.get(path)
        assert answer.status_code < 500, (path[:80], answer.text[:300])


@pytest.mark.parametrize("value", HUGE)
def test_a_number_in_any_filter_is_answered_or_refused(site, stella, value):
    filters = "&".join(f"{name}={value}" for name in NAMES if name not in {"from", "to"})
    for path in paths(site, "1"):
        if path not in {"/sparql"}:
            answer = stella.get(f"{path}?{filters}")
            assert answer.status_code < 500, (path, answer.text[:300])
    for path in ("/contributions", "/api/contributions", "/search", "/api/contributions/1", "/network/whole"):
        for name in NAMES:
            assert stella.get(f"{path}?{name}={value}").status_code < 500, (path, name)


@pytest.mark.parametrize("version", [2**63, -(2**70), 10**400])
def test_a_number_in_a_body_is_refused(site, version):
    made = site.app.test_client().post(
        "/api/contributions", headers=bearer(site, "carl", "contribute"),
        json={"name": "n.csv", "content": entity(f"Number Charity {version % 997}")},
    )  # fmt: skip
    for deed in ("accept", "reject", "undo"):
        answer = site.app.test_client().post(
            f"{made.headers['Location']}/{deed}", headers=bearer(site, "stella", "review"),
            data=json.dumps({"version": version, "reason": "No."}), content_type="application/json",
        )  # fmt: skip
        assert (answer.status_code, "whole number" in answer.json["detail"]) == (400, True)


@pytest.mark.parametrize("field", ["name", "content", "title", "message", "source"])
def test_half_a_character_in_a_body_is_refused_and_nothing_recorded(site, field):
    before = sum(site.ledger.counts("").values())
    sent = {"name": "h.csv", "content": entity("Half Charity"), "title": "T"} | {field: "a\ud800b"}
    answer = site.app.test_client().post(
        "/api/contributions", headers=bearer(site, "carl", "contribute"),
        data=json.dumps(sent), content_type="application/json",
    )  # fmt: skip
    assert (answer.status_code, "half of a character" in answer.json["detail"]) == (400, True), answer.text
    assert sum(site.ledger.counts("").values()) == before


@pytest.mark.parametrize("deed", ["accept", "reject", "undo", "notes"])
def test_half_a_character_in_a_decision_is_refused(site, deed):
    made = site.app.test_client().post(
        "/api/contributions", headers=bearer(site, "carl", "contribute"),
        json={"name": "n.csv", "content": entity(f"Decision Charity {deed}")},
    )  # fmt: skip
    answer = site.app.test_client().post(
        f"{made.headers['Location']}/{deed}", headers=bearer(site, "stella", "review", "contribute"),
        data='{"reason": "\\udfff"}' if deed != "notes" else '{"text": "\\udfff"}', content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 400


#: Whatever a file may be called, but for what ends a path.
FILE_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0\r\n"), min_size=1, max_size=30)


@given(name=st.sampled_from(["Partners – 2025", "Łódź", "日本", 'a"b;c', "é", "\u202ex"]) | FILE_NAMES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_comes_back_under_its_name_whatever_its_letters(site, stella, name):
    content = entity(f"Charity {name.encode().hex()[:40]}").encode()
    sent = stella.post(
        "/contribute/file", content_type="multipart/form-data",
        data={"file": (io.BytesIO(content), f"{name}.csv"), "form_token": stella.token("/contribute/file")},
    )  # fmt: skip
    assert sent.status_code < 500, sent.text[:500]
    if sent.status_code != 303:
        return
    number = sent.headers["Location"].partition("?")[0].rpartition("/")[2]
    back = stella.get(f"/contributions/{number}/file")
    assert (back.status_code, back.data) == (200, content)
    said = back.headers["Content-Disposition"]
    assert said.encode("latin-1").isascii()
    kept = site.ledger.contribution(int(number)).file_name
    shown = unquote(said.rpartition("''")[2]) if "''" in said else said.partition('"')[2].rstrip('"')
    assert shown.replace("-", "") == "".join(
        each for each in kept if each not in '-"\\/%' and ord(each) > 31 and ord(each) != 127
    )


@pytest.mark.parametrize("text", ["\ud800", "%ED%A0%80", quote("Łódź"), "%00", "%FF", "%E2%80%AE"])
def test_letters_in_any_address_are_found_or_not_found(site, stella, text):
    text = text.encode("utf-8", "surrogatepass").decode("latin-1") if "\ud800" in text else text
    for path in paths(site, text):
        assert stella.get(path).status_code < 500, path
