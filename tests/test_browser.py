"""The site as a person meets it: served by the program, in a real browser, by mouse, by keyboard and without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests import drawn_text
from tests.browser import WatchedPage, served_by_the_program
from tests.sample_knowledge import NAMESPACES
from tests.sample_site import HOSTILE, publish_sample

pytestmark = pytest.mark.slow

NewPage = Callable[..., WatchedPage]
COMPANIES = urlencode({"kind": NAMESPACES.term("Company")})


def route(start: str, goal: str, **more: str) -> str:
    return f"/routes?{urlencode({'from': start, 'to': goal, **more})}"


def result(query: str, **more: str) -> str:
    return f"/query/picture?{urlencode({'query': query, **more})}"


MEMBERS = f"SELECT ?a ?b {{ ?a <{NAMESPACES.term('memberOf')}> ?b }}"

#: Every page in every state: its address and its status.
STATES = {
    "start": ("/", 200),
    "search": ("/search", 200),
    "results": ("/search?q=millbrook", 200),
    "results of a kind, the second page": (f"/search?{COMPANIES}&page=2", 200),
    "a theme among the results": ("/search?q=heart", 200),
    "a kind among the results": ("/search?q=companies", 200),
    "near misses": ("/search?q=millbruk+hospital", 200),
    "nothing found": ("/search?q=xyzzy", 200),
    "research centre": ("/id/zoe-institute", 200),
    "charity with registers": ("/id/loom-charity", 200),
    "many members": ("/id/guild", 200),
    "city with figures": ("/id/millbrook", 200),
    "indicator": ("/id/indicator-firms", 200),
    "document": ("/id/sample-text", 200),
    "document, its passages": ("/read/sample-text", 200),
    "nothing said": ("/id/lonely-mill", 200),
    "record of a register": ("/evidence/aaaaaaaaaaaa", 200),
    "need": ("/scheme/need/work-space", 200),
    "theme that nobody works on": ("/scheme/theme/idle", 200),
    "routes": ("/routes", 200),
    "routes found": (route("Loom Charity", "Millbrook Hospital"), 200),
    "routes, name of two and name of none": (route("Twin", "nobody at all"), 200),
    "routes, the same twice": (route("Loom Charity", "The Loom"), 200),
    "routes, from any of a kind": (route("any company", "Loom Charity"), 200),
    "routes, filters that are wrong": (route("Loom Charity", "Firm 01", as_at="soon", **{"not": "xyzzy"}), 400),
    "routes, none": (route("Loom Charity", "Firm 01", steps="2"), 200),
    "routes, out of bounds": (route("Loom Charity", "Firm 01", steps="9"), 400),
    "disagreements": ("/disagreements", 200),
    "results narrowed and sorted": ("/search?q=millbrook&sort=-since&place=id/millbrook", 200),
    "a list of one's own": ("/list?of=zoe-institute,loom-charity,nobody", 200),
    "network of a list": ("/network/list?of=zoe-institute,loom-charity&between=1", 200),
    "compared": ("/compare?of=id:zoe-institute&of=Loom+Charity&of=nobody+at+all", 200),
    "brief of an entity": ("/brief?of=zoe-institute", 200),
    "brief of a list": ("/brief?of=zoe-institute,loom-charity,millbrook,guild,nobody", 200),
    "brief of a comparison": ("/brief?of=id:zoe-institute&of=id:loom-charity&as=comparison", 200),
    "brief of routes": (route("Loom Charity", "Millbrook Hospital").replace("/routes", "/brief"), 200),
    "brief of nothing yet": ("/brief", 200),
    "brief of nobody": ("/brief?of=nobody", 400),
    "who matters": ("/network", 200),
    "pictures": ("/pictures", 200),
    "network around nobody yet": ("/network/around", 200),
    "network around one of two": ("/network/around?of=Twin", 200),
    "network of an entity": ("/network/around?of=Millbrook+Guild&depth=3", 200),
    "network of an entity, some kinds, at a date": (
        "/network/around?of=Millbrook+Guild&depth=2&kind=company&relation=member+of&as-at=2020",
        200,
    ),
    "network of an entity, nothing left": ("/network/around?of=id:twin-limited&as-at=2010", 200),
    "picture of routes": (route("Loom Charity", "Millbrook Hospital").replace("/routes", "/routes/picture"), 200),
    "picture of routes, none": (route("Loom Charity", "Firm 01", steps="2").replace("/routes", "/routes/picture"), 200),
    "picture of routes, in a frame": (
        route("Loom Charity", "Millbrook Hospital", embed="1").replace("/routes", "/routes/picture"),
        200,
    ),
    "network of an entity, in a frame": ("/network/around?of=Zo%C3%AB+Institute&embed=1", 200),
    "communities": ("/network/communities", 200),
    "communities, one open": ("/network/communities?open=1", 200),
    "the whole network, one kind": ("/network/whole?kind=charity", 200),
    "communities, in a frame": ("/network/communities?embed=1", 200),
    "money": ("/network/money", 200),
    "money, in a frame": ("/network/money?embed=1", 200),
    "places, in a frame": ("/places?embed=1", 200),
    "timeline": ("/timeline", 200),
    "timeline, no such years": ("/timeline?from=1700&to=1750", 200),
    "timeline, in a frame": ("/timeline?embed=1", 200),
    "places": ("/places", 200),
    "places, one that is none": ("/places?in=nowhere", 200),
    "the whole network": ("/network/whole", 200),
    "pictures, out of bounds": ("/network/communities?open=99", 400),
    "result as a network": (result(MEMBERS), 200),
    "result as a network, in a frame": (result(MEMBERS, embed="1"), 200),
    "result by place": (result(f"SELECT ?a ?b {{ ?a <{NAMESPACES.term('locatedIn')}> ?b }}"), 200),
    "result on a map": (result("SELECT * { VALUES (?name ?lat ?long) { ('One' 53.8 -1.5) ('Two' 51.5 -0.1) } }"), 200),
    "result in time": (result("SELECT * { VALUES (?name ?when) { ('One' '2001-02') ('Two' '2003?') } }"), 200),
    "result as bars": (result("SELECT * { VALUES (?name ?one ?two) { ('One' 5 1) ('Two' -3 2) } }"), 200),
    "result that cannot be drawn": (result("SELECT * { VALUES ?word { 'one' } }"), 200),
    "result of nothing": (result("SELECT * { ?s <x:nothing> ?o }"), 200),
    "result of a slip": (result("SELECT * { ?s }"), 400),
    "figures": ("/figures", 200),
    "who can help": ("/support", 200),
    "who can help with a need": ("/support?need=work-space&from=The+Loom", 200),
    "who can help, in words of one's own": ("/support?q=a+notry+xyzzy&from=Zo%C3%AB+Institute", 200),
    "who can help, several things": ("/support?q=work+space+and+heart+disease+and+xyzzy&from=The+Loom", 200),
    "who can help, on a theme": ("/support?theme=heart-disease", 200),
    "who can help, a need and a stage": ("/support?need=work-space&stage=first-idea&from=Firm+01", 200),
    "who can help, no such stage": ("/support?need=work-space&stage=never", 404),
    "who can help, words for no need": ("/support?q=xyzzy&from=nobody+at+all", 200),
    "providers by needs": ("/support/needs", 200),
    "themes by kinds": ("/support/themes", 200),
    "figures, none fits": ("/figures?q=xyzzy", 200),
    "query, by the address of the endpoint": ("/sparql", 200),
    "help": ("/help", 200),
    "the model by example": ("/model", 200),
    "property": ("/def/funds", 200),
    "pattern": ("/def/pattern-funding", 200),
    "prefixes": ("/query/prefixes", 200),
    "shape": ("/shape/assertion", 200),
    "rule": ("/rule/20-edges", 200),
    "named graph": ("/graph/inferred", 200),
    "data set": ("/dataset", 200),
    "changes": ("/changes", 200),
    "versions": ("/versions", 200),
    "citation": ("/cite?of=/id/loom-charity", 200),
    "mistyped term": ("/def/fundz", 404),
    "unknown entity": ("/id/zoe", 404),
    "unknown page": ("/nothing", 404),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_by_the_program(publish_sample(tmp_path_factory.mktemp("site"))) as address:
        yield address


def look(watched: WatchedPage) -> None:
    """The page as it stands now is clean, accessible, and no wider than its window."""
    watched.assert_clean()
    watched.assert_fits()
    watched.assert_accessible()


@pytest.mark.parametrize("state", STATES)
def test_every_page_in_every_state(address: str, new_page: NewPage, state: str) -> None:
    path, status = STATES[state]
    watched = new_page()
    watched.open(address + path, status)
    look(watched)
    watched.assert_reflows()
    with watched.drawers_open():
        for width in (320, 390):
            watched.page.set_viewport_size({"width": width, "height": 900})
            watched.assert_fits()
        look(watched)


@pytest.mark.parametrize("links", ["Statement", "Evidence details"])
def test_the_pages_behind_a_fact(address: str, new_page: NewPage, links: str) -> None:
    """A relationship, a fact and a figure that sources disagree on; and the passages that they rest on."""
    watched = new_page()
    for path, words in (("/id/loom-charity", "Heartbeat"), ("/id/zoe-institute", "heart"), ("/id/millbrook", "firms")):
        watched.open(address + path)
        found = watched.page.get_by_role("link", name=links, include_hidden=True)
        if links == "Statement":
            found = found.filter(has_text=words)
        watched.open(address + str(found.first.get_attribute("href")))
        look(watched)


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_start_page_to_a_route_and_its_evidence(address: str, new_page: NewPage, width: int) -> None:
    watched = new_page(width)
    page = watched.page
    watched.open(f"{address}/")
    page.get_by_role("searchbox").fill("loom")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Loom Charity").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Loom Charity")
    page.get_by_text("Evidence for: funds Heartbeat Study").click()
    assert page.get_by_text("Sample text, section “A made-up town”").first.is_visible()
    look(watched)
    page.get_by_role("link", name="Find a route from here").click()
    page.get_by_role("combobox", name="To").fill("millbrook hospital")
    page.get_by_role("button", name="Show routes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("From Loom Charity to Millbrook Hospital")
    page.wait_for_selector(f"[data-picture-drawn={'horizontal' if width > 1000 else 'vertical'}]")
    look(watched)
    page.get_by_role("link", name="Routes, step by step").last.click()
    assert page.url.endswith("#routes")
    hop = page.locator(".kg-route__hop").first
    assert not hop.is_visible(), "the steps are closed until somebody wants them"
    page.get_by_text("Show evidence of route 1").click()
    look(watched)
    hop.get_by_role("link", name="Evidence details").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A passage in Sample text")
    page.get_by_role("link", name="Loom Charity funds Heartbeat Study").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Loom Charity funds Heartbeat Study")
    look(watched)


def press_until(page: Page, key: str, wanted: str, most: int = 60) -> None:
    """Press a key until the element with the focus has these words, or this name."""
    focused = "(e => (e.name || '') + ' ' + (e.innerText || ''))(document.activeElement)"
    for _ in range(most):
        page.keyboard.press(key)
        if wanted in page.evaluate(focused):
            return
    pytest.fail(f"“{wanted}” cannot be reached with {key}")


def test_by_keyboard_alone(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    watched.open(f"{address}/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="From")).to_be_focused()
    page.keyboard.type("Loom Charity")
    press_until(page, "Tab", "to", 1)
    page.keyboard.type("Millbrook Hospital")
    press_until(page, "Tab", "Show routes", 1)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-picture-drawn]")
    press_until(page, "Tab", "Show evidence")
    page.keyboard.press("Enter")
    # The station, the document and the passage of its first step come before.
    press_until(page, "Tab", "Evidence details", 3 + 1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A passage in Sample text")
    press_until(page, "Tab", "q", 4)
    page.keyboard.type("twin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search for “twin”")
    look(watched)


def test_a_community_opens_by_keyboard(address: str, new_page: NewPage) -> None:
    watched = new_page()
    page = watched.page
    watched.open(f"{address}/network/communities")
    page.locator("[data-picture-stage]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-picture-detail]")).to_contain_text("community")
    page.keyboard.press("Enter")
    page.wait_for_url("**/network/communities?open=*")
    page.wait_for_selector("[data-picture-drawn]")
    watched.assert_clean()


@pytest.mark.parametrize("path", ["/timeline", "/places", "/network/money"])
@pytest.mark.parametrize("width", [390, 320])
def test_a_drawing_is_read_whole_on_a_narrow_screen(address: str, new_page: NewPage, path: str, width: int) -> None:
    """Nothing of it is beside the screen, its letters are no smaller than 12 px, and no name is cut."""
    watched = new_page(width)
    page = watched.page
    watched.open(address + path)
    assert not page.locator(".kg-drawing--wide").is_visible()
    drawing = page.locator(".kg-drawing--narrow")
    room = drawing.bounding_box()
    assert room
    assert room["x"] >= 0
    assert room["x"] + room["width"] <= width
    frame = page.locator(".kg-picture__still")
    assert frame.evaluate("(frame) => frame.scrollWidth <= frame.clientWidth")
    assert room["width"] / drawing.evaluate("(drawing) => drawing.viewBox.baseVal.width") * 13 >= 12
    assert "…" not in (drawing.text_content() or "")
    for text in drawing.locator("text").all():
        box = text.bounding_box()
        assert box
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("path", ["/timeline", "/network/money"])
def test_a_drawing_is_as_wide_as_the_page_at_a_desk_and_as_long_as_it_is_on_a_phone(
    address: str, new_page: NewPage, path: str
) -> None:
    watched = new_page()
    page = watched.page
    watched.open(address + path)
    sides = "(frame) => [frame.scrollWidth, frame.clientWidth, frame.scrollHeight, frame.clientHeight]"
    frame, drawing = page.locator(".kg-picture__still"), page.locator(".kg-drawing--wide").bounding_box()
    assert drawing
    assert drawing["width"] >= 0.95 * frame.evaluate("(frame) => frame.clientWidth")
    for width in (900, 390):
        page.set_viewport_size({"width": width, "height": 700})
        inside, seen, long, tall = frame.evaluate(sides)
        assert inside <= seen
        assert long <= tall, "the frame does not scroll within the page"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_picture_that_is_seen_whole_names_what_is_tied_to_most(address: str, new_page: NewPage, width: int) -> None:
    rows = " ".join(
        f"(<x:hub> <x:a-part-{at}>) (<x:a-part-{at}> <x:an-end-{at}-{end}>)" for at in range(30) for end in range(3)
    )
    watched = new_page(width)
    page = watched.page
    drawn_text.record(watched)
    watched.open(address + result(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {rows} }} }}"))
    page.wait_for_selector("[data-picture-drawn]")
    page.evaluate("window.drawn.clear()")
    page.get_by_role("button", name="Show all").click()
    sizes = drawn_text.sizes(watched)
    assert "<x:hub>" in sizes
    assert 1 < len(sizes) < 121, "not all fit"
    assert min(sizes.values()) >= 11.5, sizes
    for _ in range(9):
        page.get_by_role("button", name="Larger").click()
    drawn_text.sizes(watched)
    page.evaluate("window.drawn.clear()")
    page.get_by_role("button", name="Larger").click()
    assert min(drawn_text.sizes(watched).values()) >= 11.5
    look(watched)


def test_pictures_follow_forced_colours(address: str, new_page: NewPage) -> None:
    watched = new_page(forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    page = watched.page
    words = "(text) => getComputedStyle(text).fill"
    for path in ("/timeline", "/places", "/network/money"):
        watched.open(address + path)
        # axe reads the colours of the style sheet and not the forced ones, so it is not asked here.
        assert page.locator(".kg-drawing--wide text").first.evaluate(words) != "rgb(23, 33, 43)"
        watched.assert_clean()
    drawn_text.record(watched)
    watched.open(f"{address}/network/around?of=Millbrook+Guild")
    page.wait_for_selector("[data-picture-drawn]")
    found = drawn_text.contrasts(watched)
    assert "Millbrook Guild" in " ".join(found)
    assert min(found.values()) >= 4.5, found
    page.emulate_media(forced_colors="none", color_scheme="light")
    page.wait_for_selector("[data-picture-colours=own]")
    look(watched)


def test_without_script(address: str, new_page: NewPage) -> None:
    watched = new_page(390, java_script_enabled=False)
    page = watched.page
    watched.open(f"{address}/")
    page.get_by_role("combobox", name="From").fill("Loom Charity")
    page.get_by_role("combobox", name="To").fill("Millbrook Hospital")
    page.get_by_role("button", name="Show routes").click()
    assert page.locator(".kg-picture__still svg").is_visible()
    assert not page.locator("[data-picture-stage]").is_visible()
    hop = page.locator(".kg-route__hop").first
    page.get_by_text("Show evidence of route 1").click()
    assert hop.get_by_text("Sample text, section “A made-up town”").is_visible()
    page.get_by_role("searchbox").fill("zoe")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Zoë Institute").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Institute")
    watched.assert_clean()


def test_names_that_are_script_run_nowhere(tmp_path_factory: pytest.TempPathFactory, new_page: NewPage) -> None:
    with served_by_the_program(publish_sample(tmp_path_factory.mktemp("hostile"), HOSTILE)) as address:
        watched = new_page()
        watched.page.on("dialog", lambda dialog: pytest.fail(f"a script said {dialog.message}"))
        for path in ("/", "/id/zoe-institute", "/id/loom-charity", "/id/millbrook", "/id/sample-text",
                     route("id:loom-charity", "id:millbrook-hospital"), route("<script>", "{{7*7}}")):  # fmt: skip
            watched.open(address + path)
            look(watched)
