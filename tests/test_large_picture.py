"""Networks beyond 300 nodes: their places, their data, and sigma's stage in a browser with and without WebGL."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest

from leedskg.identity import mint
from leedskg.layout import by_communities
from leedskg.picture import PictureNode
from leedskg.picture.large import large_data
from leedskg.publishing import build
from tests import drawn_text
from tests.browser import WatchedPage, served_by_the_program
from tests.sample_knowledge import NAMESPACES, entity, relationship, write_sample
from tests.sample_site import MORE_PREFIXES, surroundings

pytestmark = pytest.mark.slow

FIRMS = 320


def made_up(nodes: int) -> tuple[nx.Graph[str], list[list[str]]]:
    source = random.Random(1)
    graph: nx.Graph[str] = nx.Graph()
    groups = [[f"{group}-{at}" for at in range(nodes // 20)] for group in range(20)]
    for group in groups:
        graph.add_edges_from((source.choice(group), name) for name in group[1:])
        graph.add_edge(group[0], source.choice(source.choice(groups)))
    graph.add_edge("alone", "too")
    return graph, groups


def test_every_node_has_a_place_of_its_own_and_communities_stand_apart() -> None:
    graph, groups = made_up(1000)
    places = by_communities(graph, groups)
    assert places.keys() == set(graph)
    assert places == by_communities(graph, groups)
    assert len({(round(x, 3), round(y, 3)) for x, y in places.values()}) == len(places)
    discs = []
    for group in groups:
        x, y = (sum(places[name][axis] for name in group) / len(group) for axis in (0, 1))
        discs.append((x, y, sum(math.hypot(places[name][0] - x, places[name][1] - y) for name in group) / len(group)))
    for at, (x, y, reach) in enumerate(discs):
        for other_x, other_y, other_reach in discs[:at]:
            assert math.hypot(x - other_x, y - other_y) > reach + other_reach


def test_the_data_has_each_pair_once_and_no_address_that_runs() -> None:
    nodes = [PictureNode("a", "<b>", "company", "javascript:alert(1)"), PictureNode("b", "B", "charity", "/id/b")]
    data = json.loads(large_data(nodes, [("a", "b"), ("b", "a"), ("a", "a")], {"a": (1, 2)}))
    assert data["pairs"] == [0, 1]
    assert data["ties"] == [1, 1]
    assert data["href"] == ["", "/id/b"]
    assert [data["kinds"][kind]["words"] for kind in data["kind"]] == ["company", "charity"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("large")
    sample = write_sample(folder)
    more = "\n".join(
        [entity("fair", "OrganisationalCollaboration", "Trade Fair", "partners")]
        + [entity(f"mill-{at}", "Company", f"Mill {at:03}", "firms") for at in range(FIRMS)]
        + [
            relationship(f"at-{at}", "Membership", "firms", ("member", f"mill-{at}"), ("group", "fair"))
            for at in range(FIRMS)
        ]
    )
    text = mint(MORE_PREFIXES + "\n" + more, "graph/mills.ttl", NAMESPACES)[0]
    (sample.root / "graph" / "surroundings.ttl").write_text(surroundings(), encoding="utf-8")
    (sample.root / "graph" / "mills.ttl").write_text(text, encoding="utf-8")
    build(sample.read(), folder / "state", keep=2)
    with served_by_the_program(folder / "state") as address:
        yield address


@pytest.mark.parametrize("path", ["/network/whole", "/network/around?of=Trade+Fair&all=1"])
def test_a_large_network_is_drawn_and_told_by_keyboard(
    address: str, new_page: Callable[..., WatchedPage], path: str
) -> None:
    watched = new_page()
    page = watched.page
    watched.open(address + path)
    page.wait_for_selector("[data-picture-drawn=large]")
    page.locator("[data-large-stage]").focus()
    page.keyboard.press("ArrowRight")
    detail = page.locator("[data-large-detail]")
    assert "Trade Fair (organisational collaboration), tied to 320" in detail.inner_text()
    page.keyboard.press("Escape")
    assert detail.inner_text() == "Select a shape for details."
    watched.assert_clean()
    watched.assert_accessible()
    watched.assert_fits()


def test_a_picture_around_one_of_hundreds_shows_the_strongest_and_says_what_it_leaves_out(
    address: str, new_page: Callable[..., WatchedPage]
) -> None:
    watched = new_page()
    watched.open(f"{address}/network/around?of=Trade+Fair")
    text = watched.page.locator("main").inner_text()
    assert "The drawing shows the 100 others that are tied most strongly, and leaves out 220." in text
    watched.assert_clean()
    watched.assert_accessible()
    watched.assert_fits()
    watched.page.get_by_role("link", name="One large picture of all").click()
    watched.page.wait_for_selector("[data-picture-drawn=large]")


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_large_network_is_accessible_in_every_state(
    address: str, new_page: Callable[..., WatchedPage], width: int
) -> None:
    watched = new_page(width)
    page = watched.page
    watched.open(f"{address}/network/whole")
    page.wait_for_selector("[data-picture-drawn=large]")
    for drawer in page.locator("details").all():
        drawer.evaluate("drawer => { drawer.open = true }")
    watched.assert_accessible()
    watched.assert_fits()
    page.locator("[data-large-stage]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("+")
    assert "Trade Fair" in page.locator("[data-large-detail]").inner_text()
    watched.assert_accessible()
    watched.assert_fits()
    page.keyboard.press("Enter")
    page.wait_for_url("**/id/fair")
    watched.assert_clean()


def test_a_large_network_follows_the_colours_and_the_rest_that_its_reader_asks_for(
    address: str, new_page: Callable[..., WatchedPage]
) -> None:
    watched = new_page(390, forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    page = watched.page
    drawn_text.record(watched)
    watched.open(f"{address}/network/whole")
    page.wait_for_selector("[data-picture-drawn=large]")
    found = drawn_text.contrasts(watched)
    assert min(found.values()) >= 4.5, found
    page.emulate_media(forced_colors="none", color_scheme="light")
    page.wait_for_selector("[data-picture-colours=own]")
    assert min(drawn_text.contrasts(watched).values()) >= 4.5, "also in the colours of the palette"
    assert watched.violations == []
    assert watched.failures == []


def test_a_large_network_is_printed_as_it_is_seen(address: str, new_page: Callable[..., WatchedPage]) -> None:
    watched = new_page()
    page = watched.page
    watched.open(f"{address}/network/whole")
    page.wait_for_selector("[data-picture-drawn=large]")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    paper = page.locator("[data-large-paper]")
    assert paper.is_visible()
    assert not page.locator("[data-large-stage]").is_visible()
    assert paper.evaluate(
        "(paper) => paper.getContext('2d').getImageData(0, 0, paper.width, paper.height).data.some((part) => part > 0)"
    )


def test_the_file_of_a_large_network_has_all_of_it(address: str, new_page: Callable[..., WatchedPage]) -> None:
    watched = new_page()
    answer = watched.page.request.get(f"{address}/network/whole?format=svg")
    drawing = ElementTree.fromstring(answer.text())
    shapes = [each for each in drawing.iter() if each.tag.endswith(("}circle", "}polygon"))]
    assert len(shapes) > FIRMS
    assert "Trade Fair" in "".join(drawing.itertext())


def test_a_large_network_is_there_without_a_script(address: str, new_page: Callable[..., WatchedPage]) -> None:
    watched = new_page(390, java_script_enabled=False)
    watched.open(f"{address}/network/whole")
    drawing = watched.page.locator("img.kg-drawing")
    drawing.scroll_into_view_if_needed()
    assert drawing.is_visible()
    assert drawing.get_attribute("alt")
    watched.assert_clean()


def test_without_webgl_the_table_stands_and_the_page_says_why(
    address: str, new_page: Callable[..., WatchedPage]
) -> None:
    watched = new_page(390)
    watched.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    watched.open(f"{address}/network/whole")
    watched.page.wait_for_selector("[data-picture-drawn=none]")
    assert watched.page.get_by_text("This browser has no WebGL").is_visible()
    watched.page.wait_for_function("document.querySelector('img.kg-drawing').naturalWidth > 0")
    assert watched.page.get_by_role("link", name="Trade Fair", exact=True).is_visible()
    watched.assert_clean()
    watched.assert_fits()
