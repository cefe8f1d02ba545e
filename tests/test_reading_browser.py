"""Documents in a real browser: a copy of one's own that nothing is sent of, and words that become a statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from leedskg.accounts.model import COMMAND_LINE, Role
from tests.browser import WatchedPage, served
from tests.real_inputs import DOCUMENTS, RealSite, real_site
from tests.sample_contributions import TownSite, town_site
from tests.sample_reading import LETTER, MADE_BY, PART, prepare

pytestmark = pytest.mark.slow

NewPage = Callable[..., WatchedPage]


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TownSite, str]]:
    """A site that shows its documents to nobody."""
    with town_site(tmp_path_factory.mktemp("town"), prepare) as site, served(site.app) as address:
        yield site, address


@pytest.fixture(scope="module")
def read(unread: tuple[TownSite, str]) -> Iterator[tuple[TownSite, str]]:
    """The same site, where all may read them."""
    site = TownSite(unread[0].town, replace(unread[0].settings, documents_shown="all"), unread[0].pool)
    with served(site.app) as address:
        yield site, address
    site.accounts.close()
    site.app.extensions["leedskg.steward"].steward.close()


def look(watched: WatchedPage) -> None:
    """Clean, accessible, within its window, and whole at 400 % zoom with its text spaced."""
    watched.assert_clean()
    watched.assert_reflows()
    for width in (390, 1280):
        watched.page.set_viewport_size({"width": width, "height": 900})
        watched.assert_fits()
        watched.assert_accessible()


def own_status(page: Page) -> Locator:
    return page.get_by_role("region", name="Open your own copy").get_by_role("status")


def open_copy(page: Page, content: bytes) -> str:
    """Open a copy of the document; return what the page says of it. Nothing but the icon is requested meanwhile."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.get_by_label("The document as a text file").set_input_files(
        [{"name": "copy.txt", "mimeType": "text/plain", "buffer": content}]
    )
    status = own_status(page)
    expect(status.locator("p").first).to_be_visible()
    assert not [each for each in requested if not each.partition("?")[0].endswith("/assets/mark.svg")]
    return status.inner_text()


def marks(page: Page, look: str) -> str:
    return "".join(page.locator(f".kg-reading mark.kg-reading__mark--{look}").all_inner_texts())


def test_a_copy_of_ones_own_is_checked_and_marked_and_stays(unread: tuple[TownSite, str], new_page: NewPage) -> None:
    watched = new_page()
    watched.open(f"{unread[1]}/read/letter")
    look(watched)
    said = open_copy(watched.page, LETTER.encode())
    assert "This is the same document" in said
    assert "All 3 passages are marked." in said
    assert marks(watched.page, "cited") == MADE_BY + PART.removeprefix("the Loom Charity")
    assert marks(watched.page, "silent") == "Thank you for reading."
    row = watched.page.locator(".kg-reading__row", has_text="𝛽-blockers")
    expect(row).to_contain_text("Loom Charity, purpose: Makes medicine for hearts.")
    expect(watched.page.get_by_role("heading", level=2, name="Letter 🏥")).to_be_visible()
    number = row.get_by_role("link", name="Note 1")
    number.press("Enter")
    expect(watched.page.locator(f"[id='{(number.get_attribute('href') or '')[1:]}']")).to_contain_text("hearts")
    look(watched)


def test_the_marks_are_those_of_the_server(
    unread: tuple[TownSite, str], read: tuple[TownSite, str], new_page: NewPage
) -> None:
    found = []
    for address in (unread[1], read[1]):
        watched = new_page()
        watched.open(f"{address}/read/letter")
        if address == unread[1]:
            open_copy(watched.page, LETTER.encode())
        rows = watched.page.locator(".kg-reading__row")
        found.append(
            rows.evaluate_all(
                "rows => rows.map(row => [row.textContent.split(/\\s+/).join(' ').trim(), "
                "[...row.querySelectorAll('.kg-reading__text > *')].map(each => each.localName + each.className "
                "+ each.id)])"
            )
        )
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("content", "words", "lost"),
    [
        (LETTER.replace("since 2020", "since 2021").encode(), "2 of 3 passages hold and are marked. Passage 2 has", 1),
        (LETTER.replace("Letter", "A letter").encode(), "Even so, every passage has the same words.", 0),
        (b"\xef\xbb\xbf" + LETTER.replace("\n", "\r\n").encode(), "This is the document, saved with other line", 0),
        (LETTER.encode("utf-16"), "This is the document, saved with other line ends or in another encoding", 0),
        (b"Once upon a time.", "None of the passages is in it. Is it the right document?", 3),
        (b"", "None of the passages is in it", 3),
    ],
)
def test_a_copy_that_differs_says_which_passages_hold(
    unread: tuple[TownSite, str], new_page: NewPage, content: bytes, words: str, lost: int
) -> None:
    watched = new_page()
    watched.open(f"{unread[1]}/read/letter")
    assert words in open_copy(watched.page, content)
    assert watched.page.locator(".kg-reading__notes--list > li").count() == lost
    assert watched.page.locator(".kg-reading .kg-reading__notes > li").count() == 3 - lost
    look(watched)


@pytest.mark.parametrize(("content", "words"), [(b"%PDF-1.7\n", "This is a PDF"), (bytes(range(256)), "in UTF-8")])
def test_what_is_no_text_is_refused_and_another_can_be_chosen(
    unread: tuple[TownSite, str], new_page: NewPage, content: bytes, words: str
) -> None:
    watched = new_page()
    watched.open(f"{unread[1]}/read/letter")
    assert words in open_copy(watched.page, content)
    assert watched.page.locator("[data-reading-list] li[data-start]").count() == 3, "the list stays"
    open_copy(watched.page, LETTER.encode())
    expect(own_status(watched.page)).to_contain_text("the same document")
    watched.assert_clean()


def test_selected_words_become_a_statement(read: tuple[TownSite, str], new_page: NewPage) -> None:
    site, address = read
    watched = new_page()
    page = watched.page
    account = site.accounts.people.add(COMMAND_LINE, "stella", "Stella", Role.STEWARD)
    watched.open(f"{address}/sign-in/once?token={site.accounts.links.make(COMMAND_LINE, account)}")
    page.get_by_role("button").filter(has_text="Sign in").click()
    watched.open(f"{address}/read/letter")
    bar = page.get_by_role("region", name="Make a statement")
    expect(bar).to_contain_text("Select words in the text")
    look(watched)
    # A sentence that the letter prints twice, the second of them, by the browser's own triple click.
    page.locator(".kg-reading__text").last.click(click_count=3)
    expect(bar).to_contain_text("“The Loom Charity is proud of it.”")
    bar.get_by_role("link", name="a relationship").click()
    page.get_by_role("link", name="Operation", exact=True).click()
    expect(page.get_by_label("Passage")).to_have_value("The Loom Charity is proud of it.")
    expect(page.get_by_label("Document", exact=True)).to_have_value("letter.txt")
    expect(page.get_by_label("Which of the places")).to_have_value("2")
    page.locator("#f-operator-1").fill("Loom Charity")
    page.locator("#f-operated-1").fill("Heartbeat Study")
    page.get_by_role("button", name="Send it").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Operation")
    watched.assert_clean()


def test_words_across_marks_and_numbers_are_the_words_alone(read: tuple[TownSite, str], new_page: NewPage) -> None:
    site, address = read
    watched = new_page()
    page = watched.page
    account = site.accounts.people.add(COMMAND_LINE, "sven", "Sven", Role.CONTRIBUTOR)
    watched.open(f"{address}/sign-in/once?token={site.accounts.links.make(COMMAND_LINE, account)}")
    page.get_by_role("button").filter(has_text="Sign in").click()
    watched.open(f"{address}/read/letter")
    page.evaluate("document.getSelection().selectAllChildren(document.querySelectorAll('.kg-reading__text')[1])")
    link = page.get_by_role("region", name="Make a statement").get_by_role("link", name="a figure")
    expect(link).to_have_attribute("href", re.compile("f-passage="))
    asked = parse_qs(urlsplit(link.get_attribute("href") or "").query)
    line = LETTER.splitlines()[2]
    assert asked == {"f-document": ["letter.txt"], "f-passage": [line]}
    page.evaluate("document.getSelection().selectAllChildren(document.querySelector('.kg-reading'))")
    expect(page.get_by_role("region", name="Make a statement")).to_contain_text("“Letter 🏥 𝛽-blockers")


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the documents that the graph is curated from are not here")
def test_every_passage_of_the_documents_of_the_graph_is_marked_by_both(
    tmp_path_factory: pytest.TempPathFactory, new_page: NewPage
) -> None:
    with real_site(tmp_path_factory.mktemp("real"), documents_shown="no") as real, served(real.site.app) as address:
        for document in ("health-innovation-leeds-brochure", "savills-leeds-health-tech"):
            marked_whole(real, address, document, new_page())


def marked_whole(real: RealSite, address: str, document: str, watched: WatchedPage) -> None:
    watched.open(f"{address}/read/{document}")
    notes = watched.page.locator("[data-reading-list] li[data-start]").count()
    content = (DOCUMENTS / f"{document}.txt").read_bytes()
    assert f"All {notes} passages are marked." in open_copy(watched.page, content)
    expect(watched.page.locator(".kg-reading__row .kg-reading__notes > li")).to_have_count(notes)
    # Every word of the document is on the page, in its order.
    text = watched.page.evaluate(
        "[...document.querySelectorAll('.kg-reading__text')].map(each => { const own = each.cloneNode(true);"
        " own.querySelectorAll('.kg-reading__ref').forEach(one => one.remove()); return own.textContent }).join(' ')"
    )
    assert text.split() == content.decode().split()
    watched.assert_clean()
    assert "kg-reading__text" not in real.client.get(f"/read/{document}").text
    site = TownSite(real.town, replace(real.site.settings, documents_shown="all"), real.site.pool)
    of_the_server = site.app.test_client().get(f"/read/{document}").text
    assert of_the_server.count('<span id="p-') == notes
    site.accounts.close()
    site.app.extensions["leedskg.steward"].steward.close()
