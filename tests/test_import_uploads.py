"""What is wrong with a publisher's file that is sent to the site: a sentence with its place, and nothing half done."""

from __future__ import annotations

import html
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from leedskg.accounts.model import Role
from tests.contribution_pages import decide, main, signed_in, upload
from tests.sample_accounts import HTML
from tests.sample_contributions import TownSite, town_site
from tests.sample_imports import BOMB, REFUSED, TAKEN, body, gtr_project


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), contributions_per_hour=1000, private_site=True) as found:
        found.add("stella", Role.STEWARD)
        found.add("carl")
        yield found


def send(browser, content: bytes | str, name: str, status: int):
    data = content.encode() if isinstance(content, str) else content
    sent = {"file": (io.BytesIO(data), name), "form_token": browser.token("/imports"), "had_on": "2026-11-01"}
    answer = browser.post("/imports", data=sent, headers=HTML | {"Origin": "http://localhost"})
    assert answer.status_code == status, main(answer)
    return answer


def test_a_file_that_cannot_be_taken_is_told_with_its_place_and_nothing_is_recorded(site):
    carl = signed_in(site, "carl")
    cases = {case: found for case, found in REFUSED.items() if "licence" not in case}
    cases["a bomb"] = ("b.xml", gtr_project(before=BOMB), "b.xml: the XML declares a document type or entities")
    cases["an empty file"] = ("e.csv", "", "e.csv")
    for case, (name, content, said) in cases.items():
        page = html.unescape(main(send(carl, content, name, 422)))
        assert said in page, case
        assert name in page, case
    assert not site.ledger.contributions()


def test_what_is_odd_is_told_on_the_page_of_the_import(site):
    carl = signed_in(site, "carl")
    for case, (name, content, said) in TAKEN.items():
        found = send(carl, content, name, 303).headers["Location"]
        page = main(carl.page(found))
        assert said in page, case
        assert ("What is odd in the file" in page) == bool(said), case


def test_the_name_of_a_file_which_may_be_a_person_s_is_not_in_the_log_of_tasks(site):
    send(signed_in(site, "carl"), gtr_project("EP/9"), "Wilhelmina Weaver.xml", 303)
    kept = b"".join(each.read_bytes() for each in Path(site.settings.state).glob("tasks.sqlite3*"))
    assert b"import_file" in kept
    assert b"Wilhelmina" not in kept


def test_an_import_whose_bodies_are_used_later_is_undone_after_these(site):
    stella = signed_in(site, "stella")
    bodies = (body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-7", "Weft Ltd", "PROJECT_PARTNER"))
    number = int(send(stella, gtr_project("EP/1", *bodies), "g.xml", 303).headers["Location"].rpartition("/")[2])
    text = main(stella.page(f"/imports/{number}"))
    assert "Accept it" in text
    decide(stella, number, "accept")
    weft = site.settings.namespaces.entity("gtr-org-7")
    said = f'<{weft}> <http://www.w3.org/2004/02/skos/core#altLabel> "Weft and Warp"@en .'
    later = int(upload(stella, "weft.nt", said).headers["Location"].rpartition("/")[2].partition("?")[0])
    decide(stella, later, "accept", reason="Known here")
    text = main(stella.page(f"/imports/{number}"))
    assert "It cannot be undone by itself" in text
    assert "Weft Ltd" in text
    refused = decide(stella, number, "undo", 409, why_undo="Sent too soon")
    assert "later contributions use its bodies" in main(refused)
    decide(stella, later, "undo", why_undo="First this")
    decide(stella, number, "undo", why_undo="Sent too soon")
    assert site.ledger.contribution(number).state == "undone"
