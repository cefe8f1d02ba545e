"""Deciding on contributions on the site, taking back, and history; over HTTP."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from leedskg.accounts.model import Role
from leedskg.namespaces import Namespaces
from tests.contributing import award, bobbin
from tests.contribution_pages import decide, entity, main, sent, signed_in
from tests.sample_accounts import HTML, Browser
from tests.sample_contributions import TownSite, town_site
from tests.sample_knowledge import PREFIXES

NAMESPACES = Namespaces()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), contributions_per_hour=1000) as found:
        found.add("stella", Role.STEWARD)
        found.add("sam", Role.STEWARD)
        found.add("carl")
        found.add("dora")
        yield found


@pytest.fixture
def carl(site: TownSite) -> Browser:
    return signed_in(site, "carl")


@pytest.fixture
def stella(site: TownSite) -> Browser:
    return signed_in(site, "stella")


# Deciding


def test_from_sending_to_taking_back(site: TownSite, carl: Browser, stella: Browser) -> None:
    number = sent(carl, "walk.csv", entity("Walking Charity"))
    nobody = site.browser()
    nobody.page("/id/walking-charity", 404)
    page = main(stella.page(f"/contributions/{number}"))
    assert "Walking Charity (charity)" in page
    assert re.search(r"0 violations, \d warnings?.*Checked: 1 row, 4 statements, \d+ records?, \d+ shapes", page), page
    decide(stella, number, "notes", note="Is this the one on Mill Lane?")
    assert "Is this the one on Mill Lane?" in main(carl.page(f"/contributions/{number}"))
    answer = decide(stella, number, "accept", reason="It is.")
    assert "done=accepted" in answer.headers["Location"]
    page = nobody.page("/id/walking-charity")
    assert "Walking Charity" in page.text
    assert "/contribute/retirement?f-record=id%3Awalking-charity" in page.text
    page = main(nobody.page(f"/contributions/{number}"))
    assert re.search(r"Readers see it since generation \d+ of the graph, published on", page)
    assert "Mill Lane" not in page, "the conversation is for those with an account"
    history = main(nobody.page("/id/walking-charity/history"))
    assert f"contribution {number} was merged by somebody with an account" in history
    assert "Say why it is taken back." in main(decide(stella, number, "undo", 400))
    decide(stella, number, "undo", why_undo="It closed.")
    gone = nobody.page("/id/walking-charity", 410)
    assert "/id/walking-charity/history" in gone.text, "where it went"
    told = nobody.get("/id/walking-charity.ttl", headers={"Accept": "application/json"})
    assert (told.status_code, told.json["elsewhere"]) == (410, "/id/walking-charity/history")
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
    assert "1 question to be answered" in main(decide(stella, number, "accept", 422, reason="It is fine."))
    assert site.ledger.contribution(number).state == "checked"
    page = stella.page(f"/contributions/{number}").text
    assert "Accept and publish" not in page
    apart = re.search(r'value="(apart [^"]+)"', page)[1]
    decide(stella, number, "answers", **{"answer-1": apart})
    assert "Is this one there already?" not in stella.page(f"/contributions/{number}").text
    decide(stella, number, "accept", reason="It is another one.")
    assert "Not the same as" in main(site.browser().page("/id/zoe-2"))
    decide(stella, number, "undo", why_undo="It was not.")


def test_what_is_there_under_another_spelling_becomes_an_alternative_name(
    site: TownSite, carl: Browser, stella: Browser
) -> None:
    body = (
        bobbin()
        .replace("Bobbin Fund", "Zoe Instittute")
        .replace("bobbin-fund", "zoee")
        .replace("Investor", "ResearchCentre")
    )
    number = sent(carl, "misspelt.ttl", body)
    page = stella.page(f"/contributions/{number}").text
    same = re.search(r'value="(same [^"]+)"', page)[1]
    assert "Somebody else" not in page
    nobody = site.browser()
    nobody.sign_in("dora")
    before = site.ledger.contribution(number).version
    nobody.send(f"/contributions/{number}/answers", 404, page="/contribute", version=str(before), **{"answer-1": same})
    strange = same.rpartition(" ")[0] + f" {NAMESPACES.entity('loom-charity')}"
    assert "does not ask" in main(decide(stella, number, "answers", 400, **{"answer-1": strange}))
    assert "Answer at least one" in main(decide(stella, number, "answers", 400))
    assert site.ledger.contribution(number).version == before, "a refused answer changes nothing"
    decide(stella, number, "answers", **{"answer-1": same})
    page = main(stella.page(f"/contributions/{number}"))
    assert "gets the printed variant “Zoe Instittute”" in page
    assert "answered what the check asked" in page
    other = same.split(" ")[2]
    decide(stella, number, "accept", reason="A slip.")
    shown = main(site.browser().page(f"/id/{other.rpartition('/')[2]}"))
    assert "Zoe Instittute" in shown
    assert "Loom Charity" in shown, "and its relationship is one of the body that was there"
    assert site.browser().get("/id/zoee", headers=HTML).status_code == 404
    decide(stella, number, "undo", why_undo="Only a test.")


def test_who_sent_it_withdraws_it_while_it_waits(site: TownSite, carl: Browser, stella: Browser) -> None:
    number = sent(carl)
    assert "Withdraw it" not in stella.page(f"/contributions/{number}").text
    assert "withdrawn by whoever sent it" in main(decide(stella, number, "withdraw", 403))
    assert "Withdraw it" in carl.page(f"/contributions/{number}").text
    decide(carl, number, "withdraw", why_withdrawn="It is all wrong.")
    page = main(stella.page(f"/contributions/{number}"))
    assert "withdrew it" in page
    assert "It is all wrong." in page
    assert "Accept and publish" not in page
    assert site.ledger.contribution(number).state == "rejected"
    seen = str(site.ledger.contribution(number).version)
    page = f"/contributions/{number}"
    answer = carl.send(f"{page}/withdraw", 409, page=page, version=seen)
    assert "(carl) withdrew it at" in main(answer)


def test_the_queue_is_searched_by_words_number_and_sender(site: TownSite, carl: Browser, stella: Browser) -> None:
    number = sent(carl, "odd.csv", entity("Searchable Charity"))
    for text in ("ODD.CSV", str(number), "carl"):
        assert f"{number}: odd.csv" in main(stella.page(f"/contributions?state=all&q={text}")), text
    for text in ("nothing%like_it", "sam", "\ud800".encode("utf-8", "surrogatepass").hex(), "'"):
        assert f"{number}: odd.csv" not in main(stella.page(f"/contributions?state=all&q={text}")), text
    assert f"{number}: odd.csv" not in main(site.browser().page("/contributions?q=odd.csv")), "it waits"
    assert 'value="&lt;b&gt;"' in stella.page("/contributions?q=<b>").text


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


def choices(page: str) -> dict[str, str]:
    """The statements that a page offers one by one: each number by its words."""
    return {
        html.unescape(words): number for number, words in re.findall(r'<label for="keep-(\d+)">(.*?)</label>', page)
    }


def test_some_statements_of_a_record_are_taken_and_others_left(site: TownSite, carl: Browser, stella: Browser) -> None:
    text = PREFIXES + 'id:loom-charity skos:altLabel "Loomers"@en , "The Looms"@en .\n'
    number = sent(carl, "variants.ttl", text)
    assert "Choose single statements" not in carl.page(f"/contributions/{number}").text, "that is for stewards"
    page = stella.page(f"/contributions/{number}").text
    offered = choices(page)
    left = offered["Loom Charity – printed variant – “The Looms”"]
    listed = " ".join(offered.values())
    assert f'name="listed" value="{listed}"' in page
    keep = [each for each in offered.values() if each != left]
    decide(stella, number, "accept", listed=listed, keep=keep, reason="One is printed.")
    names = site.browser().page("/id/loom-charity").text
    assert "Loomers" in names
    assert "The Looms" not in names
    decisions = {each.number: each.decision for each in site.ledger.statements(number)}
    assert decisions == {int(each): "rejected" if each == left else "open" for each in offered.values()}


def test_a_choice_that_leaves_no_sound_record_changes_nothing(site: TownSite, carl: Browser, stella: Browser) -> None:
    number = sent(carl, "halves.csv", entity("Whole Charity"))
    offered = choices(stella.page(f"/contributions/{number}").text)
    kind = offered["Whole Charity – is of the kind – charity"]
    listed, keep = " ".join(offered.values()), [each for each in offered.values() if each != kind]
    answer = decide(stella, number, "accept", 422, listed=listed, keep=keep, reason="Kept reason.")
    assert "What is left is not sound by itself, so nothing was changed." in main(answer)
    assert "Kept reason.</textarea>" in answer.text
    assert re.search(rf'value="{kind}" id="keep-{kind}">', answer.text), "what was unticked stays so"
    assert '<details class="kg-drawer" open>' in answer.text
    assert "Accept and publish" in answer.text, "the whole is as sound as before"
    found = site.ledger.contribution(number)
    assert found.state == "checked"
    assert {each.decision for each in site.ledger.statements(number)} == {"open"}
    decide(stella, number, "accept", 400, listed="1 x", keep=[], reason="Bad.")
    decide(stella, number, "accept", 400, listed="99999", keep=[], reason="None such.")
    decide(stella, number, "accept", listed=listed, keep=list(offered.values()), reason="Whole.")
    site.browser().page("/id/whole-charity")


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
