"""The questions on bodies of an import: a queue of one key each, kept in the ledger, undone and taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

from leedskg.accounts.model import Role
from leedskg.ledger.export import export
from leedskg.ledger.stewardship import Stewardship
from tests.contribution_pages import decide, main, signed_in
from tests.sample_accounts import HTML, Browser
from tests.sample_contributions import TownSite, town_site
from tests.sample_imports import body, gtr_project

#: Names that may be bodies of the sample graph, one that is, and one that is nobody's.
BODIES = (
    body("ORG-1", "Zoë Institute", "LEAD_RO"),
    body("ORG-2", "Lomm Charity", "PROJECT_PARTNER"),
    body("ORG-3", "Loom Charety", "PROJECT_PARTNER"),
    body("ORG-5", "Loom Charety", "COLLABORATOR"),
    body("ORG-4", "Milbrok Hospital", "PROJECT_PARTNER"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), contributions_per_hour=1000) as found:
        found.add("stella", Role.STEWARD)
        found.add("carl")
        yield found


def sent(browser: Browser, content: str, status: int = 303, **more: str):
    data = {"file": (io.BytesIO(content.encode()), "g.xml"), "form_token": browser.token("/imports")} | more
    answer = browser.post("/imports", data=data, headers=HTML | {"Origin": "http://localhost"})
    assert answer.status_code == status, main(answer)
    return answer


def press(browser: Browser, path: str, key: str, status: int = 303) -> str:
    """Press a button of the question that a page shows; give the page that it leads to."""
    page = browser.page(path)
    action = re.search(r'action="(/imports/\d+/questions/\w+)" method="post" data-questions ', page.text)[1]
    assert f'value="{key}" data-key="{key}"' in page.text or status != 303
    answer = browser.send(action, status, page=path, key=key)
    return answer.headers.get("Location", "")


def test_questions_are_answered_undone_kept_and_taken_back(site: TownSite) -> None:
    carl, stella = signed_in(site, "carl"), signed_in(site, "stella")
    sent(stella, gtr_project("EP/1", *BODIES), had_on="2026-11-01")
    carl.page("/imports/1/questions", 403)
    assert "Answer them, one key each" in main(stella.page("/imports/1"))
    first = stella.page("/imports/1/questions")
    total = int(re.search(r"Question 1 of (\d+)", main(first))[1])
    assert total == 4
    assert "questions.js" in first.text
    assert "Undo this" not in first.text

    press(stella, "/imports/1/questions", "9", 400)
    second = press(stella, "/imports/1/questions", "1")
    text = main(stella.page(second))
    assert "Question 1 of 3" in text
    assert "is Loom Charity." in text
    third = press(stella, second, "n")
    text = main(stella.page(third))
    assert "Question 1 of 1" in text, "the other record of that name is answered by the name"
    assert "That question was answered already." not in text
    end = press(stella, third, "s")
    text = main(stella.page(end))
    assert "That was the last. 1 question waits" in text

    back = stella.send("/imports/1/questions/undo", 303, page=end).headers["Location"]
    assert "Question 1 of 3" in main(stella.page(back))
    press(stella, back, "n")
    assert "That question was answered already." in main(stella.page(back))

    decide(stella, 1, "accept")
    listed = stella.page("/imports/judgements")
    assert "Taken back by" in main(listed)
    assert "Publish them" not in main(listed)
    names = [each.judgements[0].name for each in site.ledger.judged.decisions() if each.holds]
    assert len(names) == 2

    newer = sent(stella, gtr_project("EP/2", *BODIES), had_on="2026-11-20").headers["Location"]
    text = main(stella.page(f"{newer}/questions"))
    assert "Question 1 of 1" in text, "what was decided holds for the next file"

    number = next(each.number for each in site.ledger.judged.decisions() if each.holds)
    stella.send(f"/imports/judgements/{number}", 303, page="/imports/judgements", why="Another town")
    listed = main(stella.page("/imports/judgements"))
    assert "Another town" in listed
    assert "Publish them" in listed
    assert "Question 1 of 2" in main(stella.page(f"{newer}/questions"))
    stella.send("/imports/judgements/publish", 303, page="/imports/judgements")
    assert "Publish them" not in main(stella.page("/imports/judgements"))
    stella.send(f"/imports/judgements/{number}", 400, page="/imports/judgements")


def test_an_export_writes_what_holds(site: TownSite, tmp_path) -> None:
    export(Stewardship(site.settings).publication.replay(), tmp_path)
    table = (tmp_path / "imports" / "matches.sssom.tsv").read_text(encoding="utf-8")
    held = [each for each in site.ledger.judged.decisions() if each.holds]
    assert held
    assert sum(len(each.judgements) for each in held) == len(
        [line for line in table.splitlines() if not line.startswith("#")][1:]
    )


def test_what_takes_longer_than_a_page_can_wait_is_said_on_the_page(site: TownSite, monkeypatch) -> None:
    stella = signed_in(site, "stella")
    sent(stella, gtr_project("EP/9", *BODIES), had_on="2026-11-29")
    number = max(each.id for each in site.ledger.contributions())
    monkeypatch.setattr(site.app.extensions["leedskg.steward"].steward, "_patience", 0.0)
    for page in ("", "/questions"):
        assert "a moment" in main(stella.page(f"/imports/{number}{page}"))
    assert "Decisions on names" in main(stella.page("/imports/judgements"))
    stella.page(f"/contributions/{number}")
