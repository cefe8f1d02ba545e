"""Accounts in a real browser: from the first link to an account with a token and a colleague, without script too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from leedskg.accounts.model import COMMAND_LINE, Role
from leedskg.sparql.execution import QueryPool
from tests.browser import WatchedPage, served
from tests.sample_accounts import PASSWORD, AccountSite, account_site
from tests.sample_graph import settings_for
from tests.sample_site import publish_sample

pytestmark = pytest.mark.slow

NewPage = Callable[..., WatchedPage]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, QueryPool]]:
    state = publish_sample(tmp_path_factory.mktemp("site"))
    with QueryPool(settings_for(state)) as pool:
        yield state, pool


@contextmanager
def running(published: tuple[Path, QueryPool], ledger: Path) -> Iterator[tuple[AccountSite, str]]:
    with account_site(published[0], ledger, published[1]) as site, served(site.app) as address:
        yield site, address


def look(watched: WatchedPage) -> None:
    """Clean, accessible, within its window at three widths, and whole at 400 % zoom with its text spaced."""
    watched.assert_clean()
    watched.assert_reflows()
    with watched.drawers_open():
        watched.assert_accessible()
        for width in (320, 390, 1280):
            watched.page.set_viewport_size({"width": width, "height": 900})
            watched.assert_fits()
        watched.assert_accessible()


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


@pytest.mark.parametrize("script", [True, False])
def test_from_the_first_link_to_a_colleague(  # noqa: PLR0915 - one way through, step by step
    published: tuple[Path, QueryPool], new_page: NewPage, tmp_path: Path, *, script: bool
) -> None:
    with running(published, tmp_path / "ledger") as (site, address):
        watched = new_page(java_script_enabled=script)
        page = watched.page

        def seen() -> None:
            watched.assert_clean()
            if script:
                look(watched)

        watched.open(f"{address}/sign-in")
        expect(page.get_by_text("There is no account here yet.")).to_be_visible()
        seen()
        watched.open(f"{address}/sign-in/once?token={site.accounts.links.first()}")
        seen()
        page.get_by_role("button", name="Make the account and sign in").click()
        heading(page, "Your account")
        seen()
        page.get_by_label("New password", exact=True).fill("short")
        page.get_by_label("New password again").fill("short")
        watched.refused = True
        page.get_by_role("button", name="Set a password").click()
        expect(page).to_have_title(re.compile("^Error: "))
        page.get_by_role("alert").get_by_role("link").click()
        expect(page.get_by_label("New password", exact=True)).to_be_focused()
        seen()
        page.get_by_label("New password", exact=True).fill(PASSWORD)
        page.get_by_label("New password again").fill(PASSWORD)
        page.get_by_role("button", name="Set a password").click()
        expect(page.get_by_role("status")).to_have_text("The password is set. Every other browser is signed out.")
        page.get_by_label("Name of the token").fill("nightly")
        page.get_by_role("button", name="Make a token").click()
        expect(page.get_by_role("region", name="Your new API token")).to_contain_text("leedskg_")
        seen()
        page.get_by_role("link", name="Accounts of others").click()
        page.get_by_label("Name", exact=True).fill("Zoë Müller")
        page.get_by_label("Sign-in name").fill("zoe")
        page.get_by_label("Steward: ").check()
        page.get_by_role("button", name="Add the account").click()
        heading(page, "Zoë Müller")
        seen()
        page.get_by_role("link", name="All accounts").click()
        seen()
        page.get_by_role("link", name="Audit log").click()
        seen()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()
        watched.open(f"{address}/account")
        heading(page, "Sign in")
        page.get_by_label("Sign-in name").fill("steward")
        page.get_by_label("Password", exact=True).fill("wrong")
        watched.refused = True
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The sign-in name or the password is not right.")
        seen()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        heading(page, "Your account")
        watched.open(f"{address}/")
        expect(page.get_by_role("link", name="Your account: Steward")).to_be_visible()
        seen()


def test_a_link_on_another_site_arrives_signed_in(
    published: tuple[Path, QueryPool], new_page: NewPage, tmp_path: Path
) -> None:
    """SameSite=Strict holds the cookie back at first; the page between brings it along, without script as well."""
    with running(published, tmp_path / "ledger") as (site, address):
        site.add("ada", Role.ADMINISTRATOR)
        watched = new_page(java_script_enabled=False)
        page = watched.page
        watched.open(f"{address}/sign-in")
        page.get_by_label("Sign-in name").fill("ada")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        # Else the way there is still under way, and breaks off the next.
        expect(page.get_by_role("link", name="Your account")).to_be_visible()
        body = f'<a href="{address}/part/review?of=7">A contribution waits</a>'
        page.route("http://mail.example/", lambda route: route.fulfill(content_type="text/html", body=body))
        page.goto("http://mail.example/")
        page.get_by_role("link").click()
        expect(page.get_by_text("done by ada")).to_be_visible()
        assert page.url == f"{address}/part/review?of=7"


def test_a_form_on_another_site_does_nothing(
    published: tuple[Path, QueryPool], new_page: NewPage, tmp_path: Path
) -> None:
    with running(published, tmp_path / "ledger") as (site, address):
        account = site.add("ada", Role.ADMINISTRATOR)
        watched = new_page()
        page = watched.page
        secret = site.accounts.links.make(COMMAND_LINE, account)
        watched.open(f"{address}/sign-in/once?token={secret}")
        page.get_by_role("button", name="Sign in as Ada").click()
        fields = {"sign_in_name": "eve", "name": "Eve", "role": "administrator"}
        inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
        body = f'<form method="post" action="{address}/accounts">{inputs}<button>A prize</button></form>'
        page.route("http://evil.example/", lambda route: route.fulfill(content_type="text/html", body=body))
        page.goto("http://evil.example/")
        page.get_by_role("button").click()
        heading(page, "This is not allowed")
        assert [each.sign_in_name for each in site.accounts.people.everyone()] == ["ada"]
