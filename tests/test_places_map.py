"""The map: what sources give coordinates for, and what is said to be there; boxes in boxes where they give none."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from leedskg.identity import mint
from leedskg.picture import PictureNode
from leedskg.picture.places import Location
from leedskg.picture.places_map import NARROW, WIDE, MapView, Point, Position, draw_map, in_degrees, on_the_map
from leedskg.publishing import build
from tests.browser import WatchedPage, served_by_the_program
from tests.page import Page
from tests.sample_knowledge import NAMESPACES, entity, relationship, write_sample
from tests.sample_site import MORE_PREFIXES, attribute
from tests.test_site import client_of, get


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("map")
    sample = write_sample(folder)
    text = [
        entity("far-town", "City", "Far Town", "firms"),
        entity("lost-town", "City", "Lost Town", "firms"),
        entity("quarter", "Place", "Loom Quarter", "firms"),
        attribute("town", "millbrook", "position", 'lhi:literalValue "53.8,-1.55"'),
        attribute("far", "far-town", "position", 'lhi:literalValue "51.5,-0.12"'),
        attribute("hospital", "millbrook-hospital", "position", 'lhi:literalValue "53.81,-1.52"'),
        attribute("hospital-too", "millbrook-hospital", "position", 'lhi:literalValue "53.7,-1.6"'),
        relationship("in-quarter", "Location", "partners", ("located", "loom-charity"), ("place", "quarter")),
        relationship("in-town", "Location", "partners", ("located", "quarter"), ("place", "millbrook")),
        relationship("lost", "Location", "partners", ("located", "zoe-institute"), ("place", "lost-town")),
        relationship("hospital", "Location", "partners", ("located", "millbrook-hospital"), ("place", "millbrook")),
    ]
    minted = mint(MORE_PREFIXES + "\n" + "\n".join(text), "graph/map.ttl", NAMESPACES)[0]
    (sample.root / "graph" / "map.ttl").write_text(minted, encoding="utf-8")
    build(sample.read(), folder / "state", keep=2)
    return folder / "state"


@pytest.fixture(scope="module")
def client(state: Path) -> Iterator[FlaskClient]:
    yield from client_of(state)


def told(page: Page) -> str:
    return " ".join(page.text.split())


def test_the_map_shows_what_has_coordinates_and_lists_what_has_none(client: FlaskClient) -> None:
    page = told(get(client, "/places"))
    assert "53.8° N, 1.55° W" in page
    assert "51.5° N, 0.12° W" in page
    on_map, _, rest = page.partition("Not on the map")
    assert "Loom Charity" in on_map, "it is in a quarter, which is in a town that has coordinates"
    assert "Zoë Institute" in rest
    assert "Lost Town" in rest


def test_two_sources_that_disagree_are_two_points(client: FlaskClient) -> None:
    page = told(get(client, "/places"))
    assert "53.81° N, 1.52° W" in page
    assert "53.7° N, 1.6° W" in page
    drawing = client.get("/places?format=svg").text
    assert drawing.count(">Millbrook Hospital<") == 2


def test_boxes_in_boxes_are_still_there(client: FlaskClient) -> None:
    page = get(client, "/places?as=boxes")
    assert "nested boxes" in told(page)
    assert any("as=map" in link for link in page.links)
    assert "nested boxes" in told(get(client, "/places?in=Millbrook"))
    assert "Far Town" not in client.get("/places?as=boxes&format=svg").text


def test_every_file_has_the_coordinates_and_says_whose_they_are(client: FlaskClient) -> None:
    text = client.get("/places?format=csv").data.decode("utf-8-sig")
    rows = {row["thing_label"]: row for row in csv.DictReader(io.StringIO(text))}
    charity = rows["Loom Charity"]
    assert (charity["latitude"], charity["longitude"]) == ("53.8", "-1.55")
    assert charity["position_of"] == NAMESPACES.entity("millbrook")
    assert rows["Far Town"]["position_statement"].startswith(f"{NAMESPACES.base}assertion/")
    assert rows["Zoë Institute"]["latitude"] == ""
    records = json.loads(client.get("/places?format=json").text)["rows"]
    assert len(records) == len(rows)
    graphml = nx.parse_graphml(client.get("/places?format=graphml").text, force_multigraph=True)
    gexf = nx.read_gexf(io.BytesIO(client.get("/places?format=gexf").data), version="1.2draft")
    for graph in (graphml, gexf):
        assert graph.nodes[NAMESPACES.entity("millbrook")]["latitude"] == 53.8
        assert {data["label"] for _, _, data in graph.edges(data=True)} == {"located in"}


def test_kinds_are_chosen_on_the_map_too(client: FlaskClient) -> None:
    page = told(get(client, "/places?kind=charity"))
    assert "Loom Charity" in page.partition("Not on the map")[0]
    assert "Millbrook Hospital" not in page.partition("Organisations without")[0]


def test_the_graph_has_latitude_and_longitude_unless_sources_disagree(client: FlaskClient) -> None:
    query = "SELECT ?s WHERE { ?s <http://www.w3.org/2003/01/geo/wgs84_pos#lat> ?lat } ORDER BY ?s"
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"}).text
    assert answer.split()[1:] == [NAMESPACES.entity("far-town"), NAMESPACES.entity("millbrook")]


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.slow
def test_the_map_in_a_browser(state: Path, new_page: Callable[..., WatchedPage], width: int) -> None:
    with served_by_the_program(state) as address:
        watched = new_page(width)
        for path in ("/places", "/places?as=boxes", "/places?embed=1", "/places?kind=charity"):
            watched.open(address + path)
            for drawer in watched.page.locator("details").all():
                drawer.evaluate("drawer => { drawer.open = true }")
            watched.assert_clean()
            watched.assert_accessible()
            watched.assert_fits()
            frame = watched.page.locator(".kg-picture__still")
            assert frame.evaluate("(frame) => frame.scrollWidth <= frame.clientWidth")


# What the map is made with


def test_a_thing_stands_at_the_nearest_place_that_has_coordinates() -> None:
    positions = [Position("city", 53.0, -1.0, "p1"), Position("country", 52.0, -2.0, "p2")]
    locations = [
        Location("body", "quarter", "l1"), Location("quarter", "city", "l2"), Location("city", "country", "l3"),
        Location("stray", "ring", "l4"), Location("ring", "stray", "l5"),
    ]  # fmt: skip
    points, elsewhere = on_the_map(positions, locations)
    inside = {point.position.thing: [each.thing for each in point.inside] for point in points}
    assert inside == {"city": ["body", "quarter"], "country": []}
    assert [each.thing for each in elsewhere] == ["stray", "ring"], "a circle of places ends"


def test_the_projection_is_mercators() -> None:
    # 45° north stands at 0.8813736 radians of the equator (asinh of 1), so above the middle of 0 and 60 (1.3169579).
    view = MapView.of([(0, 0), (60, 10)], WIDE)
    share = (view.y(0) - view.y(45)) / (view.y(0) - view.y(60))
    assert share == pytest.approx(0.8813735870 / 1.3169578969)
    assert view.x(5) == pytest.approx((view.x(0) + view.x(10)) / 2)


def test_the_scale_is_true_in_the_middle() -> None:
    view = MapView.of([(53, -2), (54, -1)], WIDE)
    found = re.search(r"h([\d.]+)v-5.*?>(\d+) km<", view.scale_bar())
    assert found
    kilometres_a_degree = 66.3  # along the parallel of 53.5°: 111.32 km times its cosine
    assert float(found[2]) / float(found[1]) == pytest.approx(kilometres_a_degree / view.scale, rel=0.02)


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=12))
def test_any_positions_make_a_drawing_that_can_be_read(places: list[tuple[float, float]]) -> None:
    points = [Point(Position(f"n{at}", *place, f"s{at}"), ()) for at, place in enumerate(places)]
    nodes = {f"n{at}": PictureNode(f"n{at}", f"<b>{at}</b>", "city") for at in range(len(places))}
    for form in (WIDE, NARROW):
        drawing = draw_map(points, nodes, form)
        root = ElementTree.fromstring(f"<svg>{drawing.inside}</svg>")
        assert len(root.findall("circle")) == len(places)
        assert all(0 < float(each.get("cx", "")) < drawing.width for each in root.findall("circle"))


def test_names_do_not_stand_on_each_other() -> None:
    points = [Point(Position(f"n{at}", 53.8 + at / 1000, -1.5, f"s{at}"), ()) for at in range(5)]
    nodes = {f"n{at}": PictureNode(f"n{at}", f"A body with a name {at}", "charity") for at in range(5)}
    root = ElementTree.fromstring(f"<svg>{draw_map(points, nodes).inside}</svg>")
    lines = [each for each in root.iter("tspan") if each.text and each.text.startswith("A body")]
    spots = [(float(each.get("x", "")), float(each.get("y", ""))) for each in lines]
    assert len(spots) == 5
    assert all(abs(one[1] - other[1]) >= 13 or abs(one[0] - other[0]) > 100 for one, other in combinations(spots, 2))


def test_degrees_are_told_as_the_source_has_them() -> None:
    assert in_degrees(Position("x", -53.79648, 0.5, "s")) == "53.79648° S, 0.5° E"
