"""The query page in a real browser: typed, run, corrected, cancelled, opened again from its address."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from leedskg.queries import read_queries
from tests.browser import WatchedPage, served_by_the_program
from tests.sample_graph import RUNAWAY
from tests.sample_knowledge import NAMESPACES, PROJECT
from tests.sample_site import HOSTILE, publish_sample

pytestmark = pytest.mark.slow

NewPage = Callable[..., WatchedPage]
PREFIXES = f"PREFIX lhi: <{NAMESPACES.prefixes['lhi']}>\nPREFIX skos: <{NAMESPACES.prefixes['skos']}>\n"
FUNDS = PREFIXES + "SELECT * { ?a lhi:funds ?b }"
COUNTS = PREFIXES + "SELECT ?kind (COUNT(*) AS ?number) { ?s a ?kind } GROUP BY ?kind ORDER BY DESC(?number) LIMIT 10"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_by_the_program(publish_sample(tmp_path_factory.mktemp("query"))) as address:
        yield address


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Query", exact=True)


def state(page: Page) -> Locator:
    return page.locator("[data-query-state]")


def asked(address: str, query: str) -> str:
    return f"{address}/query?{urlencode({'query': query})}"


def write(page: Page, query: str) -> None:
    """Put a query in the place of what stands in the editor, as by pasting."""
    editor(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(query)


def run(page: Page, words: str) -> None:
    page.get_by_role("button", name="Run the query").click()
    expect(state(page)).to_contain_text(words)


def look(watched: WatchedPage) -> None:
    watched.assert_clean()
    watched.assert_fits()
    watched.assert_accessible()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_query_is_typed_run_and_shown_with_labels(address: str, new_page: NewPage, width: int) -> None:
    watched = new_page(width)
    page = watched.page
    watched.open(f"{address}/query")
    look(watched)
    editor(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT * {\n?a lhi:fund")
    option = page.get_by_role("option", name="lhi:funds funds (property)")
    expect(option).to_be_visible()
    look(watched)
    option.click()
    page.keyboard.type(" ?b }")
    expect(editor(page)).to_contain_text("PREFIX lhi:")
    page.keyboard.press("Control+Enter")
    expect(state(page)).to_contain_text(re.compile(r"2 columns, in \d+\.\d\d s\."))
    funder = page.get_by_role("link", name="Loom Charity").first
    assert funder.get_attribute("href") == "/id/loom-charity"
    assert page.get_by_text("id:loom-charity").first.is_visible()
    look(watched)
    watched.open(page.url)
    expect(state(page)).to_contain_text("2 columns")
    expect(editor(page)).to_contain_text("lhi:funds ?b }")
    funder.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Loom Charity")
    watched.assert_clean()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_saved_query_is_found_opened_and_asked_with_a_value(address: str, new_page: NewPage, width: int) -> None:
    watched = new_page(width)
    page = watched.page
    watched.open(f"{address}/query")
    page.get_by_label("Only those with these words").fill("PARTNERSHIP says")
    expect(page.locator("[data-query-filtered]")).to_have_text(
        re.compile(rf"^[12] of {len(read_queries(PROJECT))} saved queries$")
    )
    page.get_by_role("link", name="Direct partners of an organisation").click()
    expect(state(page)).to_contain_text("No rows")
    expect(page.get_by_role("heading", name="The query ran; no rows, and this is likely why")).to_be_visible()
    expect(page.locator("[data-query-shown] li")).to_contain_text("Nothing here has the IRI")
    look(watched)
    page.get_by_role("combobox", name="Organisation").fill("Zoë Institute")
    page.get_by_role("button", name="Ask with this value").click()
    expect(state(page)).to_contain_text(re.compile(r"\d+ rows?, 2 columns"))
    expect(page.get_by_role("cell", name="Millbrook Hospital").first).to_be_visible()
    look(watched)
    assert parse_qs(urlsplit(page.url).query) == {"organisation": ["Zoë Institute"]}
    page.get_by_role("combobox", name="Organisation").fill("Twin")
    page.get_by_role("button", name="Ask with this value").click()
    expect(page.get_by_text("is a name of 2 entities")).to_be_visible()
    expect(state(page)).to_have_text("")
    look(watched)


def test_a_slip_is_told_marked_and_mended(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    watched.open(f"{address}/query")
    write(page, 'SELECT * {\n  # 😀 is one\n  ?a skos:prefLabel "😀" ; rdfs:label ?b }')
    watched.refused = True
    run(page, "the prefix skos: is not declared")
    assert page.locator(".kg-editor__wrong").inner_text() == "skos:prefLabel"
    expect(editor(page)).to_have_attribute("aria-invalid", "true")
    watched.assert_accessible()
    page.get_by_role("button", name="Go to line 3, column 6").click()
    expect(editor(page)).to_be_focused()
    page.get_by_role("button", name="Add missing prefixes").click()
    expect(state(page)).to_have_text("Added 2 lines.")
    assert page.locator(".kg-editor__wrong").count() == 0
    assert editor(page).get_attribute("aria-invalid") is None
    run(page, "No rows")
    assert [line for line in watched.console if "400" not in line] == []
    assert not watched.strangers + watched.violations + watched.failures


def test_the_place_of_a_slip_counts_characters(address: str, new_page: NewPage) -> None:
    watched = new_page()
    watched.open(asked(address, 'SELECT * { ?a ?b "😀😀" , nonsense }'))
    expect(state(watched.page)).to_contain_text("line 1, column 25")
    assert watched.page.locator(".kg-editor__wrong").inner_text() == "nonsense"


def test_two_columns_are_bars_and_any_result_is_raw_and_a_download(address: str, new_page: NewPage) -> None:
    watched = new_page(390)
    page = watched.page
    watched.open(asked(address, COUNTS))
    expect(state(page)).to_contain_text("10 rows, 2 columns")
    page.get_by_role("button", name="Chart").click()
    assert page.locator(".kg-bars rect").count() == 10
    assert page.locator(".kg-bars rect").first.get_attribute("width") == "100%"
    look(watched)
    page.get_by_role("button", name="Raw").click()
    assert json.loads(page.get_by_role("region", name="The result as it came").inner_text())["head"]["vars"]
    look(watched)
    for words, beginning in (("CSV", "kind,number"), ("TSV", "?kind\t?number"), ("JSON", '{"head"'), ("XML", "<?xml")):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=f"Download as {words}").click()
        assert Path(waiting.value.path()).read_text(encoding="utf-8").startswith(beginning)
    watched.failures = [
        failure for failure in watched.failures if "format=" not in failure
    ]  # a download leaves the page
    write(page, f"DESCRIBE <{NAMESPACES.entity('loom-charity')}>")
    run(page, "A graph, in")
    assert "<https://" in page.get_by_role("region", name="The result as it came").inner_text()
    assert page.get_by_role("link", name="Download as Turtle").is_visible()
    write(page, "ASK { ?s ?p ?o }")
    run(page, "The answer is yes")
    look(watched)


def test_a_result_leads_to_its_picture(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    watched.open(asked(address, COUNTS))
    expect(state(page)).to_contain_text("10 rows, 2 columns")
    page.get_by_role("link", name="Picture", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Result of a query: kind, number")
    assert page.locator(".kg-drawing--wide rect").count() == 10
    page.get_by_role("link", name="Open the query").click()
    expect(state(page)).to_contain_text("10 rows, 2 columns")
    write(page, "ASK { ?s ?p ?o }")
    run(page, "The answer is yes")
    assert not page.get_by_role("link", name="Picture", exact=True).is_visible(), "there are no rows to draw"


def test_a_long_result_comes_in_parts(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    watched.open(asked(address, "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 450"))
    expect(state(page)).to_contain_text("450 rows")
    rows = page.locator("[data-query-shown] tbody tr")
    assert rows.count() == 200
    page.get_by_role("button", name="Show 200 more of 250").click()
    page.get_by_role("button", name="Show 50 more of 50").click()
    assert rows.count() == 450
    watched.assert_clean()


def test_the_lines_for_elsewhere_follow_the_editor(address: str, new_page: NewPage) -> None:
    watched = new_page(390)
    page = watched.page
    watched.open(f"{address}/query")
    write(page, FUNDS)
    page.get_by_text("From Python").click()
    lines = page.get_by_role("region", name="The query from Python")
    expect(lines).to_contain_text("SELECT * { ?a lhi:funds ?b }")
    write(page, "ASK {}")
    run(page, "The answer is yes")
    expect(lines).to_contain_text('query = """ASK {}"""')
    look(watched)


def test_a_query_is_cancelled(tmp_path: Path, new_page: NewPage) -> None:
    with served_by_the_program(publish_sample(tmp_path)) as address:
        watched = new_page()
        page = watched.page
        watched.open(f"{address}/query")
        write(page, RUNAWAY)
        with page.expect_request(lambda request: "queryId=" in request.url) as sent:
            run(page, "Running the query")
        [query_id] = parse_qs(urlsplit(sent.value.url).query)["queryId"]
        watched.assert_accessible()
        assert is_under_way(page, address, query_id)
        page.get_by_role("button", name="Cancel").click()
        expect(state(page)).to_have_text(re.compile(r"Cancelled after \d+\.\d\d s\."))
        assert soon_over(page, address, query_id), "it runs on in the server"
        expect(page.get_by_role("button", name="Run the query")).to_be_focused()
        assert not page.get_by_role("button", name="Cancel").is_visible()
        # The connection is closed too, and the query may have ended by that before it is cancelled by its name.
        console = [each for each in watched.console if "404 (Not Found)" not in each]
        assert not console + watched.violations + watched.strangers
        assert all("ERR_ABORTED" in failure for failure in watched.failures)


def test_a_query_ends_with_the_page_that_asked_it(tmp_path: Path, new_page: NewPage) -> None:
    with served_by_the_program(publish_sample(tmp_path)) as address:
        page = new_page().page
        page.goto(f"{address}/query")
        write(page, RUNAWAY)
        with page.expect_request(lambda request: "queryId=" in request.url) as sent:
            run(page, "Running the query")
        [query_id] = parse_qs(urlsplit(sent.value.url).query)["queryId"]
        assert is_under_way(page, address, query_id)
        page.goto(f"{address}/search")
        assert soon_over(page, address, query_id), "it runs on in the server"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_query_that_is_too_heavy_is_told_why(
    tmp_path: Path, new_page: NewPage, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("LEEDSKG_QUERY_TIMEOUT", "1")
    with served_by_the_program(publish_sample(tmp_path)) as address:
        watched = new_page(width)
        watched.open(f"{address}/query")
        write(watched.page, RUNAWAY)
        run(watched.page, "The query was stopped after 1 second")
        expect(state(watched.page).get_by_role("listitem").first).to_contain_text("share no variable")
        watched.assert_accessible()
        watched.assert_fits()


def is_under_way(page: Page, address: str, query_id: str) -> bool:
    """Whether the server has a query of this id: it takes no second one then."""
    return page.request.get(f"{address}/sparql", params={"query": "ASK {}", "queryId": query_id}).status == 409


def soon_over(page: Page, address: str, query_id: str) -> bool:
    end = time.monotonic() + 5
    while is_under_way(page, address, query_id):
        if time.monotonic() > end:
            return False
    return page.request.delete(f"{address}/sparql/queries/{query_id}").status == 404


def test_the_keyboard_goes_in_and_out_of_the_editor(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    watched.open(f"{address}/query")
    page.get_by_role("link", name="How to use the endpoint").focus()
    page.keyboard.press("Tab")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run the query")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="How to use the endpoint")).to_be_focused()


def test_without_script_the_form_asks_the_endpoint(address: str, new_page: NewPage) -> None:
    watched = new_page(390, java_script_enabled=False)
    page = watched.page
    watched.open(f"{address}/query/08-partners-of-the-university-of-leeds")
    assert not page.get_by_role("button", name="Cancel").is_visible()
    assert not page.get_by_label("Only those with these words").is_visible()
    page.get_by_role("combobox", name="Organisation").fill("Zoë Institute")
    page.get_by_role("button", name="Ask with this value").click()
    page.get_by_label("Answer as").select_option("json")
    with page.expect_response(lambda response: "/sparql" in response.url) as waiting:
        page.get_by_role("button", name="Run the query").click()
    assert waiting.value.status == 200
    assert not watched.strangers


@pytest.mark.parametrize("preference", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}])
def test_the_page_keeps_to_what_its_reader_prefers(address: str, new_page: NewPage, preference: dict[str, str]) -> None:
    watched = new_page(**preference)
    watched.open(asked(address, COUNTS))
    expect(state(watched.page)).to_contain_text("10 rows")
    look(watched)


def test_names_that_are_script_run_nowhere(tmp_path: Path, new_page: NewPage) -> None:
    with served_by_the_program(publish_sample(tmp_path, HOSTILE)) as address:
        watched = new_page()
        page = watched.page
        page.on("dialog", lambda dialog: pytest.fail(f"a script said {dialog.message}"))
        everything = PREFIXES + "SELECT ?s ?name { ?s skos:prefLabel|skos:definition ?name }"
        watched.open(asked(address, everything))
        expect(state(page)).to_contain_text("rows, 2 columns")
        assert page.get_by_text("<script>alert(1)</script>").first.is_visible()
        assert page.locator("main img, main iframe, main b").count() == 0
        watched.open(
            asked(address, 'SELECT (IRI("javascript:alert(1)") AS ?a) ("<img src=x onerror=alert(2)>" AS ?b) {}')
        )
        expect(state(page)).to_contain_text("1 row")
        assert page.locator("[data-query-shown] a, main img").count() == 0
        write(page, "alert")
        page.keyboard.press("Control+ ")
        expect(page.get_by_role("option").first).to_be_visible()
        watched.assert_clean()


def test_a_result_that_does_not_end_is_not_waited_for(new_page: NewPage, address: str) -> None:
    watched = new_page()
    watched.open(f"{address}/query")
    write(watched.page, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    watched.page.get_by_role("button", name="Run the query").click()
    expect(state(watched.page)).to_contain_text("larger than a page can show", timeout=25_000)
