"""Evidence that can be read: web pages that open at once, and documents with their passages marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.page import Page
from tests.sample_contributions import TownSite, town_site
from tests.sample_reading import LETTER, MADE_BY, PAGE, PART, THANKS, prepare


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    with town_site(tmp_path_factory.mktemp("town"), prepare) as site:
        yield site


@pytest.fixture(scope="module")
def shown_to(town: TownSite) -> Iterator[Callable[..., TownSite]]:
    """The same town under other settings."""
    made = []

    def site(who: str, **options: str) -> TownSite:
        made.append(TownSite(town.town, replace(town.settings, documents_shown=who, **options), town.pool))
        return made[-1]

    yield site
    for each in made:
        each.accounts.close()
        each.app.extensions["leedskg.steward"].steward.close()


def shown(site: TownSite, path: str, status: int = 200) -> Page:
    return Page(site.browser().page(path, status).text)


def test_a_web_page_opens_at_once_at_the_names_with_the_day_it_was_seen(town: TownSite) -> None:
    page = shown(town, "/id/loom-charity")
    (link,) = [each for each in page.all("a") if each.attributes["href"].startswith(PAGE)]
    assert link.words.startswith("Looms for hospitals")
    assert link.attributes["href"] == f"{PAGE}#:~:text=Loom%20Charity&text=Zo%C3%AB%20Institute"
    assert "Looms for hospitals (www.example.org), seen on 28 November 2026" in page.text


def test_the_section_stands_in_the_line_and_the_offsets_behind_it(town: TownSite) -> None:
    page = shown(town, "/id/loom-charity")
    assert "Letter, section “Letter 🏥”" in page.text
    assert "characters " not in page.text
    places = {each.attributes["href"] for each in page.all("a") if "Evidence details: Letter" in each.words}
    drawers = [each.words for place in places for each in shown(town, place).all("details")]
    assert sorted(each.partition(" of letter.txt")[0] for each in drawers if "of letter.txt" in each) == [
        f"Offsets and digest Characters {LETTER.index(text)} to {LETTER.index(text) + len(text)}"
        for text in (MADE_BY, PART)
    ]


def place_of(site: TownSite, words: str) -> str:
    """The address of the evidence of the passage of the letter that begins so."""
    start = f"haracters {LETTER.index(words)} to {LETTER.index(words) + len(words)} "
    page = shown(site, "/id/loom-charity")
    places = {each.attributes["href"] for each in page.all("a") if "Evidence details: Letter" in each.words}
    (found,) = [place for place in places if start in shown(site, place).text]
    return found


def marked(page: Page, look: str) -> list[str]:
    return [
        each.text for each in page.with_class(f"kg-reading__mark--{look}") if "kg-reading__legend" not in each.around
    ]


def test_the_whole_document_is_marked_with_the_statements_beside_it(shown_to: Callable[..., TownSite]) -> None:
    page = shown(shown_to("all"), "/read/letter")
    assert page.headings[0] == (1, "Letter")
    assert (2, "Letter 🏥") in page.headings, "a section that evidence names is a heading"
    # Two passages overlap: the text is marked once, and the words that both have are a piece of their own.
    assert "".join(marked(page, "cited")[1:]) == f"{MADE_BY}{PART.removeprefix('the Loom Charity')}"
    assert marked(page, "silent")[1:] == [THANKS]
    assert "No claim: rhetoric" in page.text
    assert "2 passages are cited; 1 was read and found to make no claim" in page.text
    assert "Loom Charity, purpose: Makes medicine for hearts." in page.text
    ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    missing = {link[1:] for link in page.links if link.startswith("#")} - set(ids)
    assert not missing, "each number leads to its note, and back"


def test_evidence_leads_to_its_passage_in_the_document(shown_to: Callable[..., TownSite]) -> None:
    site = shown_to("all")
    page = shown(site, place_of(site, PART))
    (quote,) = page.all("blockquote")
    assert quote.text == LETTER.split("\n\n")[1], "the passage stands in its paragraph"
    assert [each.text for each in page.with_class("kg-reading__mark")] == [PART]
    there = shown(site, page.link("Read it in the whole document").partition("#")[0])
    assert "".join(marked(there, "chosen")[1:]) == PART
    assert page.link("Read it in the whole document").partition("#")[2] in [
        each.attributes.get("id") for each in there.elements
    ]


def test_a_passage_without_a_claim_says_why(shown_to: Callable[..., TownSite]) -> None:
    site = shown_to("all")
    (note,) = [each for each in shown(site, "/read/letter").with_class("kg-reading__note") if "No claim" in each.words]
    page = shown(site, f"/evidence/{note.attributes['data-name']}")
    assert "it was read and found to make no claim (rhetoric)" in page.text
    assert [each.text for each in page.all("blockquote")] == [THANKS]


@pytest.mark.parametrize("who", ["no", "quotation", "signed-in"])
def test_nobody_reads_more_than_they_may(shown_to: Callable[..., TownSite], who: str) -> None:
    site = shown_to(who)
    place = shown(site, place_of(site, PART))
    assert [each.text for each in place.all("blockquote")] == ([PART] if who == "quotation" else [])
    whole = shown(site, "/read/letter")
    for words in ("proud of it", "most of them", "Thank you"):
        assert words not in whole.source
    assert "Loom Charity, purpose: Makes medicine for hearts." in whole.text, "what it is cited for is told"
    assert ("Sign in" in whole.with_class("kg-notice")[0].words) if who == "signed-in" else True


def test_who_is_signed_in_reads_the_document_and_no_cache_keeps_it(shown_to: Callable[..., TownSite]) -> None:
    site = shown_to("signed-in")
    site.add("reader")
    browser = site.browser()
    browser.sign_in("reader")
    answer = browser.page("/read/letter")
    assert "proud of it" in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "proud of it" in browser.page("/read/letter").text
    token = browser.get("/read/letter", headers={"Authorization": "Bearer leedskg_" + "x" * 43})
    assert "proud of it" not in token.text


def test_a_copy_that_differs_says_which_passages_hold(shown_to: Callable[..., TownSite]) -> None:
    folder = shown_to("all").town.folder / "other"
    folder.mkdir()
    (folder / "letter.txt").write_bytes(LETTER.replace("since 2020", "since 2021").encode())
    page = shown(shown_to("all", documents=str(folder)), "/read/letter")
    (notice,) = page.with_class("kg-notice")
    assert "2 of 3 passages still have the same words" in notice.words
    assert "".join(marked(page, "cited")[1:]) == MADE_BY
    assert (2, "Passages missing from this copy") in page.headings


def test_documents_that_cannot_be_read_are_as_good_as_none(shown_to: Callable[..., TownSite]) -> None:
    folder = shown_to("all").town.folder / "broken"
    folder.mkdir()
    (folder / "letter.txt").write_bytes(b"\xff\xfe")
    for documents in (str(folder), str(folder / "gone")):
        page = shown(shown_to("all", documents=documents), "/read/letter")
        assert "Loom Charity, purpose: Makes medicine for hearts." in page.text
        assert not page.with_class("kg-reading__text")


@pytest.mark.parametrize("slug", ["nothing", "loom-charity", "%3Cscript%3E", "..", "x" * 300])
def test_what_is_no_document_cannot_be_read(town: TownSite, slug: str) -> None:
    assert "leedskg" in shown(town, f"/read/{slug}", 404).text


def test_the_setting_is_one_of_four_words(town: TownSite) -> None:
    done = town.town.run("settings", code=None, LEEDSKG_DOCUMENTS_SHOWN="everybody")
    assert "LEEDSKG_DOCUMENTS_SHOWN has to be no, quotation, signed-in or all, not 'everybody'" in done.output
