"""Contributions in a real browser: from a one-time link to a fact in the graph and out of it, without script too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from leedskg.accounts.model import COMMAND_LINE, Role
from tests.browser import WatchedPage, served
from tests.contributing import award, bobbin
from tests.sample_contributions import TownSite, town_site
from tests.sample_imports import body, gtr_project

pytestmark = pytest.mark.slow

NewPage = Callable[..., WatchedPage]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TownSite, str]]:
    with town_site(tmp_path_factory.mktemp("town"), single_steward="yes") as site, served(site.app) as address:
        yield site, address


def look(watched: WatchedPage) -> None:
    """Clean, accessible, within its window at three widths, and whole at 400 % zoom with its text spaced."""
    watched.assert_clean()
    watched.assert_reflows()
    with watched.drawers_open():
        for width in (320, 390, 1280):
            watched.page.set_viewport_size({"width": width, "height": 900})
            watched.assert_fits()
            if width != 320:
                watched.assert_accessible()


def enter(watched: WatchedPage, site: TownSite, address: str, name: str, role: Role) -> Page:
    account = site.accounts.people.add(COMMAND_LINE, name, name.title(), role)
    watched.open(f"{address}/sign-in/once?token={site.accounts.links.make(COMMAND_LINE, account)}")
    watched.page.get_by_role("button").filter(has_text="Sign in").click()
    return watched.page


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


@pytest.mark.parametrize("script", [True, False])
def test_from_here_is_something_to_it_is_in_the_graph_and_back(  # noqa: PLR0915 - one way through, step by step
    running: tuple[TownSite, str], new_page: NewPage, *, script: bool
) -> None:
    site, address = running
    name = "Scripted Charity" if script else "Plain Charity"
    watched = new_page(java_script_enabled=script)

    def seen() -> None:
        watched.assert_clean()
        if script:
            look(watched)

    page = enter(watched, site, address, f"walker{script}".lower(), Role.STEWARD)
    page.get_by_role("link", name="Contribute", exact=False).first.click()
    heading(page, "Contribute")
    seen()
    page.get_by_role("link", name="Add an organisation, place or programme").click()
    heading(page, "Add an organisation, place or programme")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Kind").select_option("charity")
    page.get_by_label("Description").fill("Made up by the testers.")
    page.get_by_label("Document").select_option(label="Sample text")
    seen()
    watched.refused = True
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("alert").get_by_role("link", name="does not print").click()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page.get_by_label("Description")).to_have_value("Made up by the testers.")
    seen()
    watched.refused = False
    page.get_by_label("Document").select_option("")
    page.get_by_label("Note").fill("Printed nowhere: it is made up.")
    page.get_by_role("button", name="Send it").last.click()
    heading(page, f"New: {name}")
    expect(page.get_by_text(f"{name} (charity).")).to_be_visible()
    seen()
    page.get_by_text("Choose single statements").click()
    chosen = page.get_by_role("checkbox", name=re.compile("is of the kind"))
    chosen.focus()
    page.keyboard.press("Space")
    expect(chosen).not_to_be_checked()
    seen()
    page.get_by_label("Why it is right").fill("For the test.")
    watched.refused = True
    page.get_by_role("button", name="Accept and publish").click()
    expect(page.get_by_role("alert")).to_contain_text("What is left is not sound by itself")
    expect(page.get_by_label("Why it is right")).to_have_value("For the test.")
    seen()
    watched.refused = False
    page.get_by_role("checkbox", name=re.compile("is of the kind")).check()
    page.get_by_role("button", name="Accept and publish").click()
    expect(page.get_by_role("status")).to_have_text("Accepted. Readers see it now.")
    seen()
    page.get_by_role("link", name="Its page").first.click()
    heading(page, name)
    page.get_by_role("link", name="History").click()
    heading(page, f"History of {name}")
    seen()
    page.get_by_role("link", name=re.compile("^contribution")).first.click()
    watched.refused = True
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why it is taken back.")
    seen()
    watched.refused = False
    page.get_by_label("Why it is taken back").fill("The test is over.")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("status")).to_have_text("Taken back. Readers no longer see what it changed.")
    seen()
    watched.open(f"{address}/id/{name.lower().replace(' ', '-')}", 410)


def test_every_other_page_and_state(running: tuple[TownSite, str], new_page: NewPage, tmp_path: Path) -> None:
    site, address = running
    nobody = new_page()
    for path in ("/contribute", "/contributions", "/id/loom-charity/history?as-at=2026-11-21"):
        nobody.open(address + path)
        look(nobody)
    steward = new_page()
    page = enter(steward, site, address, "looker", Role.STEWARD)
    for path in (
        "/contribute/relationship",
        "/contribute/relationship?kind=Support",
        "/contribute/figure",
        "/contribute/correction?f-record=id:loom-charity",
        "/contribute/retirement",
        "/contributions?state=all",
    ):
        steward.open(address + path)
        look(steward)
    steward.open(f"{address}/contribute/relationship?kind=FundingAward")
    page.get_by_label("Funder, 1 of 2").fill("loom")
    page.get_by_role("button", name="Look up Funder").click()
    page.get_by_role("button", name="Loom Charity", exact=True).click()
    expect(page.get_by_label("Funder, 1 of 2")).to_have_value("Loom Charity")
    look(steward)
    for name, text, title in (
        ("bobbin.ttl", bobbin(), "Bobbin"),
        ("bad.ttl", "<a> <b> <c> .", "Bad"),
        ("award.ttl", award(), "Award"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        steward.open(f"{address}/contribute/file")
        page.get_by_label("File", exact=True).set_input_files(tmp_path / name)
        page.get_by_label("What it is").fill(title)
        steward.refused = True
        page.get_by_role("button", name="Send it").click()
        heading(page, "Upload a file" if title == "Bad" else title)
        look(steward)
        steward.refused = False
    page.get_by_role("link", name="Show them").click()
    heading(page, "Award")
    look(steward)
    (tmp_path / "own.csv").write_text("Firm,Sort\nLomm Charity,charitable\n", encoding="utf-8")
    steward.open(f"{address}/contribute/file")
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "own.csv")
    page.get_by_role("button", name="Send it").click()
    heading(page, "What own.csv says")
    look(steward)
    page.get_by_label("Lomm Charity").select_option(index=1)
    page.get_by_label("Who made it").fill("Loom Charity")
    page.get_by_label("When it was made").fill("2026")
    page.get_by_role("button", name="Update this page").click()
    heading(page, "What own.csv says")
    steward.open(f"{address}/contribute/table")
    look(steward)


def test_the_pages_of_imports(running: tuple[TownSite, str], new_page: NewPage, tmp_path: Path) -> None:
    site, address = running
    watched = new_page(java_script_enabled=True)
    page = enter(watched, site, address, "importer", Role.STEWARD)
    bodies = (body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-2", "Lomm Charity", "PROJECT_PARTNER"))
    for name, text, title in (("bad.csv", "who,what\nx,y\n", "Imports"), ("g.xml", gtr_project("EP/1", *bodies), "")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        watched.open(f"{address}/imports")
        page.get_by_label("File", exact=True).set_input_files(tmp_path / name)
        watched.refused = bool(title)
        page.get_by_role("button", name="Read it").click()
        heading(page, title or "Import: Gateway to Research")
        look(watched)
    of_import = page.url
    page.get_by_role("link", name="one key each").click()
    expect(page.get_by_role("form", name="Lomm Charity")).to_be_focused()
    look(watched)
    for key, said in (("s", "That was the last."), ("", "Question 1 of 1"), ("1", "No question is left."),
                      ("u", "Question 1 of 1"), ("n", "No question is left.")):  # fmt: skip
        if key:
            page.keyboard.press(key)
        else:
            page.get_by_role("link", name="Begin again").click()
        expect(page.get_by_text(said)).to_be_visible()
    look(watched)
    page.goto(of_import)
    page.get_by_role("button", name="Accept it").click()
    expect(page.get_by_text("Accepted. Readers see it now.")).to_be_visible()
    for url in (f"{address}/imports", of_import, f"{address}/imports/judgements", f"{address}/attribution"):
        watched.open(url)
        look(watched)
