"""The questions and tasks of a partnership lead, walked from the start page over the real knowledge, clicks counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import WatchedPage, served_by_the_program
from tests.project_graph import PublishProject
from tests.ten_tasks import TEN
from tests.walking import TASKS, Walk, evidence, send_this, timed

pytestmark = pytest.mark.slow

NewPage = Callable[..., WatchedPage]
MOST_CLICKS = 4


@pytest.fixture(scope="module")
def address(publish_project: PublishProject) -> Iterator[str]:
    with served_by_the_program(publish_project()) as address:
        yield address


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("task", TASKS)
def test_the_answer_with_its_evidence_is_four_clicks_away_at_most(
    address: str, new_page: NewPage, task: str, width: int
) -> None:
    watched = new_page(width)
    taken = timed(Walk(watched.page, address), TASKS[task][1])
    assert 0 < taken.clicks <= MOST_CLICKS
    watched.page.set_viewport_size({"width": width, "height": 900})
    watched.assert_fits()
    assert not watched.console


@pytest.mark.parametrize("task", TEN)
def test_each_of_ten_tasks_is_done_by_who_has_never_been_here(address: str, new_page: NewPage, task: str) -> None:
    watched = new_page()
    way, most = TEN[task]
    taken = timed(Walk(watched.page, address), way)
    assert 0 < taken.clicks <= most
    watched.page.set_viewport_size({"width": 390, "height": 900})
    watched.assert_fits()
    assert not watched.console


@pytest.mark.parametrize("task", ["which partners two big bodies share", "regulatory advice and clinical trials"])
def test_tasks_by_keyboard_alone(address: str, new_page: NewPage, task: str) -> None:
    walk = Walk(new_page().page, address, by_keyboard=True)
    walk.begin()
    TEN[task][0](walk)
    assert walk.clicks == 0


@pytest.mark.parametrize("task", TASKS)
def test_by_keyboard_alone(address: str, new_page: NewPage, task: str) -> None:
    """Tab and Enter, letters where a name is typed; every stop is seen to have the focus, and none keeps it."""
    watched = new_page()
    walk = Walk(watched.page, address, by_keyboard=True)
    walk.begin()
    TASKS[task][1](walk)
    assert walk.clicks == 0


def test_by_keyboard_alone_in_forced_colours(address: str, new_page: NewPage) -> None:
    """Where shadows and backgrounds are gone, what has the focus is still marked."""
    walk = Walk(new_page(forced_colors="active").page, address, by_keyboard=True)
    walk.begin()
    TASKS["e"][1](walk)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/id/leeds",
        "/id/university-of-leeds",
        "/id/savills-leeds-health-tech",
        "/routes?from=Mimetrik&to=any+investor",
        "/support?need=work-space",
        "/support/needs",
        "/network",
        "/network/communities",
        "/places",
        "/figures",
        "/help",
    ],
)
def test_long_names_and_addresses_fit_a_small_window(address: str, new_page: NewPage, path: str) -> None:
    watched = new_page(320, 256)
    watched.open(address + path)
    watched.assert_reflows()
    watched.assert_clean()


@pytest.mark.parametrize("script", [True, False])
def test_the_ways_of_the_site_on_a_phone(address: str, new_page: NewPage, *, script: bool) -> None:
    """Behind a button that says whether they are shown; without a script they are there."""
    watched = new_page(390, java_script_enabled=script)
    page = watched.page
    watched.open(f"{address}/")
    ways, menu = (
        page.get_by_role("navigation", name="Site").get_by_role("link"),
        page.get_by_role("button", name="Menu"),
    )
    assert ways.count() == (0 if script else 8)
    if script:
        menu.click()
        assert ways.count() == 8
        watched.assert_accessible()
        page.keyboard.press("Tab")
        expect(ways.first).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).to_be_focused()
        assert ways.count() == 0
        menu.click()
    ways.filter(has_text="Who can help").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who can help")
    watched.assert_clean()


def test_the_focus_goes_to_what_is_wrong(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    watched.open(f"{address}/routes?from=nobody+at+all&to=Nexus")
    expect(page.get_by_role("combobox", name="From")).to_be_focused()
    expect(page).to_have_title("Error: Who connects whom – Leeds Health Innovation Knowledge Graph")
    watched.assert_accessible()


def test_the_link_shows_a_colleague_exactly_this(address: str, new_page: NewPage) -> None:
    """In a browser that was never here: the same words in sight, the same drawers open."""
    mine = new_page(permissions=["clipboard-read", "clipboard-write"])
    walk = Walk(mine.page, address)
    walk.begin()
    link = send_this(walk, "Work space")
    expect(mine.page.get_by_role("status").filter(has_text="Link copied")).to_be_visible()
    assert mine.page.evaluate("navigator.clipboard.readText()") == link
    expect(mine.page).to_have_url(link)
    theirs = new_page()
    theirs.open(link)
    assert theirs.page.locator("details[open]").count() == mine.page.locator("details[open]").count() == 1
    seen = "[...document.querySelectorAll('main > div > :not(.kg-share)')].map((part) => part.innerText)"
    assert theirs.page.evaluate(seen) == mine.page.evaluate(seen)
    expect(theirs.page.locator("details[open]")).to_be_in_viewport()
    evidence(theirs.page.locator(".kg-offer").first).click()
    # A browser tells of a drawer a moment after it is closed.
    expect(theirs.page, "what is closed again is not in the address").to_have_url(link.split("#")[0])


def test_without_the_clipboard_the_link_is_there_to_take(address: str, new_page: NewPage) -> None:
    """As on a page that came by plain HTTP from another machine."""
    watched = new_page()
    watched.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined}); document.execCommand = () => false;"
    )
    watched.open(f"{address}/support?need=work-space")
    watched.page.get_by_role("button", name="Copy link to this view").click()
    field = watched.page.get_by_label("Link to this view", exact=True)
    expect(field).to_be_focused()
    assert field.input_value() == f"{address}/support?need=work-space"
    assert watched.page.evaluate("getSelection().toString()") == field.input_value()
    expect(watched.page.get_by_role("status").filter(has_text="Press Ctrl and C")).to_be_visible()


def test_a_message_is_copied_with_the_keyboard(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched.open(f"{address}/support?q=regulatory+advice+and+clinical+trials")
    page.locator("summary", has_text="A message with these facts").focus()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Copy the message")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    expect(button).to_be_focused()
    text = page.get_by_label("The message").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == text
    assert "KPMG" in text


def test_without_the_clipboard_the_message_is_selected(address: str, new_page: NewPage) -> None:
    watched = new_page()
    watched.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined}); document.execCommand = () => false;"
    )
    watched.open(f"{address}/support?need=work-space")
    watched.page.get_by_text("A message with these facts").click()
    watched.page.get_by_role("button", name="Copy the message").click()
    expect(watched.page.get_by_label("The message")).to_be_focused()
    expect(watched.page.get_by_role("status").filter(has_text="press Ctrl and C")).to_be_visible()


def test_what_was_left_empty_is_not_in_the_link(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    watched.open(f"{address}/routes")
    page.get_by_role("combobox", name="From").fill("Mimetrik")
    page.get_by_role("combobox", name="To", exact=True).fill("any investor")
    page.get_by_role("button", name="Show routes").click()
    assert page.url == f"{address}/routes?from=Mimetrik&to=any+investor&steps=4&count=5#answer"
    expect(page.locator("#answer")).to_be_in_viewport()
