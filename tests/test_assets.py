"""What the pages load: there after an install, all from here; and a picture that draws under the strict policy."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template

from leedskg.picture import PictureEdge, PictureNode, draw_routes
from leedskg.web.assets import STATIC, asset_files
from leedskg.web.pages.views import EntityView
from tests.browser import WatchedPage, served
from tests.sample_page import sample_app, sample_picture, sample_site

NewPage = Callable[..., WatchedPage]
HOSTILE = '<img src=x onerror="document.title=1">{}</script><script>document.title=2</script><!--'


@pytest.fixture(scope="module")
def page_address() -> Iterator[str]:
    with served(sample_app(sample_picture())) as address:
        yield address


def hostile_app() -> Flask:
    nodes = [PictureNode(name, HOSTILE.format(name), HOSTILE.format(name), "javascript:alert(1)") for name in "ab"]
    return sample_app(
        draw_routes(nodes, [PictureEdge("a", "b", HOSTILE.format("words"), "javascript:alert(1)")], "a", "b")
    )


def click(watched: WatchedPage, part: str) -> None:
    """Click on a node, or on the words of a line, of a picture that is shown whole and from left to right."""
    stage = watched.page.locator("[data-picture-stage]")
    layout = json.loads(watched.page.locator("[data-picture] script").inner_text())["layouts"]["wide"]
    (left, top, width, height), (x, y) = layout["frame"], layout["positions"][part]
    box = stage.bounding_box()
    assert box
    scale = min(1.5, (box["width"] - 36) / width, (box["height"] - 36) / height)
    place = box["width"] / 2 + (x - left - width / 2) * scale, box["height"] / 2 + (y - top - height / 2) * scale
    stage.click(position={"x": place[0], "y": place[1]})


@pytest.mark.parametrize("name", asset_files())
def test_every_asset_is_there_after_the_install(name: str) -> None:
    path = asset_files()[name]
    assert path.is_file(), f"{path} is missing: the install did not build it; see hatch_build.py"
    assert path.stat().st_size > 200


def test_the_style_sheet_fetches_nothing() -> None:
    styles = (STATIC / "vendor" / "leedskg.css").read_text(encoding="utf-8")
    assert ".nhsuk-button" in styles
    assert ".kg-picture" in styles
    assert not re.search(r"url\(|@import|@font-face|https?://", styles)


def test_no_font_and_no_mark_of_the_nhs_is_among_the_assets() -> None:
    names = [path.name for path in STATIC.rglob("*") if path.is_file()]
    assert not [name for name in names if re.search(r"\.(woff2?|ttf|otf|eot)$|logo|favicon|crest", name)]
    assert "frutiger" not in (STATIC / "vendor" / "leedskg.css").read_text(encoding="utf-8").lower()


def test_an_asset_is_kept_by_its_content(page_address: str) -> None:
    client = sample_app(sample_picture()).test_client()
    address = re.search(r'href="(/assets/leedskg\.css\?v=[0-9a-f]{12})"', client.get("/").text)
    assert address
    with client.get(address[1]) as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/assets/other.js").status_code == 404


def test_pages_do_without_an_asset_that_an_update_is_replacing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = asset_files() | {"leedskg.css": tmp_path / "leedskg.css"}
    monkeypatch.setattr("leedskg.web.assets.asset_files", lambda: files)
    client = sample_app(sample_picture()).test_client()
    page = client.get("/")
    assert page.status_code == 200
    assert 'href="/assets/leedskg.css"' in page.text
    assert client.get("/assets/leedskg.css").status_code == 404


@pytest.mark.parametrize("name", asset_files())
def test_an_asset_is_sent_compressed_to_those_who_take_that(name: str) -> None:
    client = sample_app(sample_picture()).test_client()
    plain = client.get(f"/assets/{name}")
    small = client.get(f"/assets/{name}", headers={"Accept-Encoding": "br, gzip"})
    refused = client.get(f"/assets/{name}", headers={"Accept-Encoding": "gzip;q=0"})
    assert plain.data == refused.data == asset_files()[name].read_bytes()
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) == len(small.data)
    assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != small.headers["ETag"]
    assert plain.headers["Content-Type"] == small.headers["Content-Type"]
    for seen, accepted in ((small, "gzip"), (plain, "identity")):
        again = {"If-None-Match": seen.headers["ETag"], "Accept-Encoding": accepted}
        assert client.get(f"/assets/{name}", headers=again).status_code == 304


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_is_clean_and_accessible_at_every_width(page_address: str, new_page: NewPage, width: int) -> None:
    watched = new_page(width)
    watched.open(page_address)
    expected = "horizontal" if width == 1280 else "vertical"
    watched.page.wait_for_selector(f"[data-picture-drawn={expected}]")
    for drawer in watched.page.locator("details").all():
        drawer.evaluate("drawer => { drawer.open = true }")
    watched.assert_clean()
    watched.assert_fits()
    watched.assert_accessible()


def test_the_picture_is_drawn_and_tells_what_is_clicked(page_address: str, new_page: NewPage) -> None:
    watched = new_page()
    watched.open(page_address)
    colours = """() => {
        const c = document.querySelector("[data-picture-stage] canvas")
        const painted = c && c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer
        return painted && new Set(new Uint32Array(painted)).size > 10
    }"""
    watched.page.wait_for_function(colours)  # else the canvas is blank
    click(watched, "/id/digibete")
    detail = watched.page.locator("[data-picture-detail]")
    assert detail.inner_text() == "Digibete (product) Open its page"
    assert detail.locator("a").get_attribute("href") == "/id/digibete"
    watched.assert_clean()


def test_the_picture_obeys_the_keyboard_and_gives_the_focus_back(page_address: str, new_page: NewPage) -> None:
    watched = new_page()
    watched.open(page_address)
    stage = watched.page.locator("[data-picture-stage]")
    stage.focus()
    seen = {stage.screenshot()}
    for key in ("+", "Shift+ArrowRight", "Shift+ArrowDown", "0", "ArrowRight", "ArrowRight"):
        watched.page.keyboard.press(key)
        seen.add(stage.screenshot())
    assert len(seen) == 7, "a key changed nothing"
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate("document.activeElement.dataset.pictureAct") == "in"
    watched.assert_clean()


def test_a_picture_turns_with_its_room(page_address: str, new_page: NewPage) -> None:
    watched = new_page()
    watched.open(page_address)
    watched.page.set_viewport_size({"width": 390, "height": 900})
    watched.page.wait_for_selector("[data-picture-drawn=vertical]")
    watched.assert_fits()
    watched.assert_clean()


def test_script_in_every_label_stays_text(new_page: NewPage) -> None:
    with served(hostile_app()) as address:
        watched = new_page()
        watched.open(address)
        detail = watched.page.locator("[data-picture-detail]")
        for part in ("a", "line0/words", "b"):
            click(watched, part)
            assert 'onerror="document.title=1"' in detail.inner_text()
        assert watched.page.title().startswith("Digibete")
        assert watched.page.locator("figure img, figure a[href^='javascript']").count() == 0
        watched.assert_clean()


@pytest.mark.parametrize("preference", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}])
def test_the_page_keeps_to_what_its_reader_prefers(
    page_address: str, new_page: NewPage, preference: dict[str, str]
) -> None:
    watched = new_page(**preference)
    watched.open(page_address)
    watched.page.wait_for_selector("[data-picture-drawn]")
    watched.assert_clean()
    watched.assert_accessible()


def test_an_error_is_told_in_the_same_frame(new_page: NewPage) -> None:
    app = sample_app(sample_picture())

    @app.get("/wrong")
    def wrong() -> str:
        told = {"title": "No such entity", "message": "“Leds” names nothing.", "status": 404, "line": 3, "column": 7}
        suggestions = [EntityView("Leeds <City>", "/id/leeds", "city")]
        return render_template("error.html", **told, suggestions=suggestions, reference="a1b2", site=sample_site())

    with served(app) as address:
        watched = new_page(390)
        watched.open(f"{address}/wrong")
        assert watched.page.get_by_role("link", name="Leeds <City>").get_attribute("href") == "/id/leeds"
        assert watched.page.get_by_text("The fault is in line 3, column 7.").is_visible()
        assert watched.page.get_by_text("give the reference a1b2").is_visible()
        watched.assert_clean()
        watched.assert_fits()
        watched.assert_accessible()


def test_without_script_the_page_points_from_the_picture_to_the_list(page_address: str, new_page: NewPage) -> None:
    watched = new_page(java_script_enabled=False)
    watched.open(page_address)
    assert not watched.page.locator("[data-picture-stage]").is_visible()
    assert watched.page.get_by_text("The picture needs JavaScript.").is_visible()
    assert watched.page.locator("#routes").is_visible()
    assert not watched.strangers
    assert not watched.failures


def test_a_picture_is_walked_and_opened_by_the_keyboard(page_address: str, new_page: NewPage) -> None:
    watched = new_page()
    watched.open(page_address)
    watched.page.locator("[data-picture-stage]").focus()
    told = []
    for _ in range(2):
        watched.page.keyboard.press("ArrowRight")
        told.append(watched.page.locator("[data-picture-detail]").inner_text())
    assert told[0] == "Digibete (product) Open its page"
    assert told[1] != told[0]
    watched.page.keyboard.press("Escape")
    watched.page.keyboard.press("ArrowRight")
    assert watched.page.locator("[data-picture-detail]").inner_text() == told[0]
    with watched.page.expect_request("**/id/digibete"):
        watched.page.keyboard.press("Enter")
