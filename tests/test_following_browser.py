"""Following in a real browser: by keyboard, with and without script, on the page of a thing and on one's own page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import WatchedPage, served
from tests.contributing import bobbin
from tests.sample_accounts import PASSWORD
from tests.sample_contributions import town_site
from tests.test_following import QUERIES, merge

pytestmark = pytest.mark.slow


def press(page: Page, words: str) -> None:
    """Go to a button by the keyboard alone, from where one is, and press it."""
    button = page.get_by_role("button", name=words)
    for _ in range(80):
        if button.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


def look(watched: WatchedPage) -> None:
    watched.assert_clean()
    watched.assert_reflows()
    watched.assert_accessible()
    for width in (320, 390, 1280):
        watched.page.set_viewport_size({"width": width, "height": 900})
        watched.assert_fits()
    watched.assert_accessible()


@pytest.mark.parametrize("script", [True, False])
def test_follow_see_and_stop_by_keyboard(  # noqa: PLR0915 - one way through, step by step
    tmp_path: Path, new_page: Callable[..., WatchedPage], *, script: bool
) -> None:  # fmt: skip
    def prepare(town) -> None:
        (town.sample.root / "queries" / "names.rq").write_text(QUERIES["names"], encoding="utf-8")

    with (
        town_site(tmp_path, prepare, smtp_host="localhost", smtp_sender="graph@example.org") as site,
        served(site.app) as address,
    ):
        site.add("zoe")
        watched = new_page(java_script_enabled=script)
        page = watched.page

        def seen() -> None:
            watched.assert_clean()
            if script:
                look(watched)

        watched.open(f"{address}/sign-in")
        page.get_by_label("Sign-in name").fill("zoe")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Your account").click()
        page.get_by_role("link", name="What you follow").click()
        expect(page.get_by_text("You follow nothing yet")).to_be_visible()
        seen()
        for path, words in (
            ("/id/loom-charity", "Follow Loom Charity"),
            ("/list?of=loom-charity,millbrook", "Follow this list"),
            ("/query/names", "Follow this answer"),
        ):
            watched.open(f"{address}{path}")
            press(page, words)
            expect(page.get_by_role("button", name="Stop following")).to_be_visible()
            watched.assert_clean()
            if script:
                watched.assert_accessible()
        merge(site, bobbin(), "A new fund")
        watched.open(f"{address}/")
        page.get_by_role("link", name="What you follow: 2 new").click()
        expect(page.get_by_role("heading", name="Merged contribution 1: A new fund")).to_have_count(2)
        seen()
        press(page, "I have seen all this")
        expect(page.get_by_role("status").filter(has_text="All that was new is marked as seen.")).to_be_visible()
        expect(page.get_by_text("Nothing is new.")).to_be_visible()
        seen()
        page.get_by_label("E-mail address").fill("zoe@example")
        watched.refused = True
        page.get_by_role("button", name="Send alerts there").click()
        page.get_by_role("alert").get_by_role("link").click()
        expect(page.get_by_label("E-mail address")).to_be_focused()
        seen()
        page.get_by_label("E-mail address").fill("zoe@example.org")
        page.keyboard.press("Enter")
        expect(page.get_by_text("A message will go to zoe@example.org")).to_be_visible()
        press(page, "Make the address of a feed")
        expect(page.get_by_role("region", name="The address of your feed")).to_contain_text("/alerts/feed.atom?token=")
        seen()
        (recipient,) = site.accounts.addresses.to_ask()
        for what, button, done in (
            ("confirm", "Send me alerts", "You will hear from the next change"),
            ("stop", "Stop my alerts", "we have deleted your address"),
        ):
            watched.open(f"{address}/alerts/{what}?token={site.accounts.addresses.link(recipient, what)}")
            seen()
            press(page, button)
            expect(page.get_by_role("status").filter(has_text=done)).to_be_visible()
            seen()
        watched.open(f"{address}/account/following")
        press(page, "Stop following Loom Charity")
        expect(page.get_by_role("status").filter(has_text="You no longer follow it.")).to_be_visible()
        expect(page.get_by_role("heading", name="Loom Charity", exact=True)).to_have_count(0)
