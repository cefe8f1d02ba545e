"""The pictures' pages through the front door: what they show, what they leave out, their files and their frames."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import combinations
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import networkx as nx
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from leedskg.layout import Body, spread_out
from leedskg.picture.dates import may_hold, span
from leedskg.picture.files import table_file
from leedskg.picture.svg import DrawingDetails
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.page import Page
from tests.sample_graph import settings_for
from tests.sample_site import HOSTILE, MEMBERS, publish_sample
from tests.test_site import client_of, get

NETWORKS = (
    "/network/around?of=Zo%C3%AB+Institute&depth=2", "/network/communities", "/network/money", "/network/whole",
    "/routes/picture?from=id:loom-charity&to=id:millbrook-hospital",
)  # fmt: skip
SHEETS = ("/timeline", "/places")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    yield from client_of(publish_sample(tmp_path_factory.mktemp("pictures")))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    yield from client_of(publish_sample(tmp_path_factory.mktemp("hostile-pictures"), HOSTILE))


def text_of(page: Page) -> str:
    return " ".join(page.text.split())


def file(client: FlaskClient, path: str, name: str) -> str:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}format={name}")
    assert answer.status_code == 200, answer.text[:500]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Content-Disposition"].endswith(f'.{name}"')
    assert 'rel="license"' in answer.headers["Link"]
    return answer.data.decode("utf-8-sig" if name == "csv" else "utf-8")


def json_of(client: FlaskClient, path: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(file(client, path, "json"))
    return found


def labels(client: FlaskClient, path: str) -> set[str]:
    return {node["label"] for node in json_of(client, path)["nodes"]}


# The network around an entity


def test_an_entity_leads_to_the_picture_of_its_network(client: FlaskClient) -> None:
    (way,) = [link for link in get(client, "/id/guild").links if link.startswith("/network/around")]
    page = get(client, way)
    assert "Network of Millbrook Guild" in text_of(page)
    assert text_of(page).count("member of") >= MEMBERS


def test_each_step_reaches_further(client: FlaskClient) -> None:
    near, far = (labels(client, f"/network/around?of=Loom+Charity&depth={depth}") for depth in (1, 3))
    assert near < far
    assert "Loom Charity" in near


def test_the_table_says_all_that_the_picture_shows(client: FlaskClient) -> None:
    path = "/network/around?of=Zo%C3%AB+Institute&depth=2"
    data, page = json_of(client, path), get(client, path)
    rows = [element for element in page.all("tr") if "tbody" in element.around]
    assert len(rows) == len(data["edges"])
    said = text_of(page)
    assert all(node["label"] in said for node in data["nodes"])


def test_kinds_of_relationship_and_of_entity_are_chosen(client: FlaskClient) -> None:
    everything = json_of(client, "/network/around?of=Zo%C3%AB+Institute&depth=3")
    words = {edge["words"] for edge in everything["edges"]}
    assert len(words) > 1
    one = min(words)
    chosen = json_of(client, f"/network/around?of=Zo%C3%AB+Institute&depth=3&relation={one.replace(' ', '+')}")
    assert {edge["words"] for edge in chosen["edges"]} <= {one}
    companies = json_of(client, "/network/around?of=Millbrook+Guild&kind=company")
    assert {node["kind"] for node in companies["nodes"][1:]} == {"company"}


@pytest.mark.parametrize(("when", "there"), [("2018", False), ("2020", True), ("2021-09", True), ("2021-10-01", False)])
def test_what_did_not_hold_then_is_left_out_and_counted(client: FlaskClient, when: str, there: bool) -> None:
    path = f"/network/around?of=id:twin-limited&as-at={when}"
    assert (len(json_of(client, path)["nodes"]) == 2) is there
    said = text_of(get(client, path))
    assert ("fits what you chose" in said) is not there


def test_undated_relationships_are_kept_and_said_to_be(client: FlaskClient) -> None:
    assert "no date in any source" in text_of(get(client, "/network/around?of=Millbrook+Guild&as-at=1999"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("of=nobody+at+all", "We could not find"),
        ("of=Twin", "say which one is meant"),
        ("of=Lonely+Mill", "No relationship of Lonely Mill is recorded"),
        ("", "Around whom"),
        (f"of={'x' * 300}", "no more than 200"),
    ],
)
def test_what_cannot_be_drawn_says_why(client: FlaskClient, query: str, said: str) -> None:
    assert said in text_of(get(client, f"/network/around?{query}"))


@pytest.mark.parametrize(
    "path",
    [
        "/network/around?of=Loom+Charity&depth=4",
        "/network/around?of=Loom+Charity&depth=x",
        "/network/around?of=Loom+Charity&as-at=soon",
        "/network/around?of=Loom+Charity&format=exe",
        "/network/around?format=csv",
        "/network/communities?open=99",
        "/network/communities?open=-1",
        "/timeline?from=20",
        "/timeline?from=2020&to=2010",
        "/places?as=globe",
    ],
)
def test_an_address_that_asks_for_what_there_is_not_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 400


# The other pictures


def test_a_community_opens_and_closes_by_a_link(client: FlaskClient) -> None:
    closed = json_of(client, "/network/communities")
    assert {node["kind"] for node in closed["nodes"]} == {"community"}
    page = get(client, "/network/communities")
    way = next(link for link in page.links if link.endswith("open=1"))
    opened = json_of(client, way)
    assert "company" in {node["kind"] for node in opened["nodes"]}
    assert "/network/communities" in get(client, way).links


def test_communities_within_limits_are_tied_to_those_there_are(client: FlaskClient) -> None:
    get(client, "/network/communities")  # what is worked out for all of it is kept
    for relation in ("Partnership", "Membership", "FundingAward", "Hosting", "Development", "Support"):
        get(client, f"/network/communities?relation={relation}")


def test_an_amount_belongs_to_its_award_and_is_never_added_up(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(file(client, "/network/money", "csv"))))
    page = text_of(get(client, "/network/money"))
    assert rows
    assert "nothing is split or added up" in page
    assert all(row["funders"] in page for row in rows)
    assert ("amount not stated" in page) is any(not row["amount"] for row in rows)


def test_money_is_read_from_who_gives_to_who_gets(client: FlaskClient) -> None:
    """The keyboard and a screen reader follow the order of the links, whatever their places."""
    drawing = client.get("/network/money").text
    row = next(csv.DictReader(io.StringIO(file(client, "/network/money", "csv"))))
    names = row["funders"].partition(";")[0], "Award: ", row["funded"].partition(";")[0]
    places = [drawing.index(f'aria-label="{name}') for name in names]
    assert places == sorted(places)


def test_the_timeline_has_each_date_as_its_source_gives_it(client: FlaskClient) -> None:
    page = text_of(get(client, "/timeline"))
    assert "Zoë Institute began" in page
    assert "1998-04-01" in page
    assert "2019/2021-09" in page
    assert "Zoë Institute" not in text_of(get(client, "/timeline?from=2015&to=2020")).partition("Timeline")[2]
    assert "no source gives a date" in text_of(get(client, "/timeline?from=1700&to=1750"))


def test_places_are_nested_and_say_that_they_are_no_map(client: FlaskClient) -> None:
    page = text_of(get(client, "/places"))
    assert "No source we have read gives coordinates" in page
    rows = list(csv.DictReader(io.StringIO(file(client, "/places", "csv"))))
    assert all(row["thing_label"] in page for row in rows)
    assert "We could not find" in text_of(get(client, "/places?in=nowhere"))


def test_the_list_of_pictures_leads_to_each(client: FlaskClient) -> None:
    links = get(client, "/pictures").links
    assert {"/routes", "/network/around", "/network/communities", "/network/money", "/timeline", "/places"} <= set(
        links
    )


# Files and frames


@pytest.mark.parametrize("path", [*NETWORKS, *SHEETS])
def test_the_drawing_is_there_without_a_script(client: FlaskClient, path: str) -> None:
    page = get(client, path)
    assert any("kg-drawing" in element.attributes.get("class", "") for element in page.all("svg"))
    drawing = ElementTree.fromstring(file(client, path, "svg"))
    assert drawing.tag == f"{SVG}svg"
    assert "CC BY 4.0" in "".join(drawing.itertext())
    assert not drawing.findall(f".//{SVG}a")


@pytest.mark.parametrize("path", NETWORKS)
def test_a_network_is_the_same_in_every_format(client: FlaskClient, path: str) -> None:
    data = json_of(client, path)
    graphml = nx.parse_graphml(file(client, path, "graphml"), force_multigraph=True)
    gexf = nx.read_gexf(io.BytesIO(file(client, path, "gexf").encode()), version="1.2draft")
    rows = list(csv.reader(io.StringIO(file(client, path, "csv"))))
    if "nodes" in data:
        assert set(graphml) == set(gexf) == {node["id"] for node in data["nodes"]}
        assert graphml.number_of_edges() == len(data["edges"]) == len(rows) - 1
    else:
        assert len(rows) - 1 == len(data["rows"])
    assert graphml.graph["licence"].startswith("https://creativecommons.org/")
    assert graphml.graph["built_on"] == data["built_on"]
    (attribution,) = data["attribution"]  # no register was imported
    assert "CC BY 4.0" in attribution
    assert rows[0][-1] == "attribution"
    assert {row[-1] for row in rows[1:]} <= {attribution}
    assert graphml.graph["attribution"] == attribution


def test_what_is_dated_is_a_network_in_the_files_for_networks(client: FlaskClient) -> None:
    graphml = nx.parse_graphml(file(client, "/timeline", "graphml"), force_multigraph=True)
    gexf = nx.read_gexf(io.BytesIO(file(client, "/timeline", "gexf").encode()), version="1.2draft")
    for graph in (graphml, gexf):
        begun = {data["label"]: data["begun"] for _, data in graph.nodes(data=True) if "begun" in data}
        assert begun == {"Zoë Institute": "1998-04-01"}
        assert {(data["valid_from"], data["valid_to"]) for _, _, data in graph.edges(data=True)} == {
            ("2019", "2021-09")
        }


def test_the_picture_of_routes_says_where_to_find_more_and_leads_back(client: FlaskClient) -> None:
    answer = get(client, "/routes?from=Loom+Charity&to=Millbrook+Hospital&steps=3")
    (way,) = [link for link in answer.links if link.startswith("/routes/picture")]
    assert "/routes?from=Loom+Charity&to=Millbrook+Hospital&steps=3" in get(client, way).links
    assert client.get("/routes/picture?from=Loom+Charity").status_code == 400
    assert client.get("/routes/picture?from=nobody+at+all&to=The+Loom").status_code == 404
    assert client.get("/routes/picture?from=Loom+Charity&to=Firm+01&steps=2&format=svg").status_code == 400
    assert "We found no route" in text_of(get(client, "/routes/picture?from=Loom+Charity&to=Firm+01&steps=2"))


def test_a_cell_that_a_spreadsheet_would_run_is_not_one() -> None:
    told = DrawingDetails("Sums", "https://kg.example/", "CC BY 4.0", "https://kg.example/by", "2026-11-01", "The town")
    text = table_file(told, ("a", "b"), [("=1+1", "plain"), ("@SUM(A1)", 3), ("-2", "\tx")])
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[:2] for row in rows[1:]] == [["'=1+1", "plain"], ["'@SUM(A1)", "3"], ["'-2", "'\tx"]]


@pytest.mark.parametrize("path", [*NETWORKS, *SHEETS])
def test_only_the_embeddable_view_may_stand_in_a_frame(client: FlaskClient, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    answer = client.get(f"{path}{'&' if '?' in path else '?'}embed=1")
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    page = Page(answer.text)
    assert not page.all("nav", "form")
    assert "Sign in" not in page.text


@pytest.mark.parametrize(
    ("setting", "allowed"), [
        ("none", "'none'"),
        ("https://a.example https://b.example:8443", None),
        ("*; script-src *", "* script-src *"),
    ]
)  # fmt: skip
def test_a_setting_says_who_may_frame_a_picture(
    tmp_path_factory: pytest.TempPathFactory, setting: str, allowed: str | None
) -> None:
    from dataclasses import replace  # noqa: PLC0415

    state = publish_sample(tmp_path_factory.mktemp("framed"))
    configured = replace(settings_for(state), picture_frames=setting)
    pool = QueryPool(configured)
    try:
        policy = create_app(configured, pool).test_client().get("/timeline?embed=1").headers["Content-Security-Policy"]
    finally:
        pool.close()
    assert policy.endswith(f"frame-ancestors {allowed or setting}")
    assert policy.count("script-src 'self'") == 1


@pytest.mark.parametrize("path", [*NETWORKS, *SHEETS])
@pytest.mark.parametrize("name", ["", "svg"])
def test_a_name_that_is_markup_stays_text(hostile: FlaskClient, path: str, name: str) -> None:
    path = path.replace("Zo%C3%AB+Institute", "id:zoe-institute")
    if name:
        drawing = ElementTree.fromstring(file(hostile, path, name))
        tags = {element.tag.removeprefix(SVG) for element in drawing.iter()}
        assert not tags & {"script", "img", "iframe", "foreignObject", "a"}
        assert not [key for element in drawing.iter() for key in element.attrib if key.startswith("on")]
    else:
        page = get(hostile, path)
        assert not page.all("img", "iframe")[1:]


# What the pictures are made with


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1998-04-01", "1998-04-01", "1998-04-01"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2019", "2019-01-01", "2019-12-31"),
        ("201X", "2010-01-01", "2019-12-31"),
        ("2018-21", "2018-03-01", "2018-05-31"),
        ("2018/2020-06", "2018-01-01", "2020-06-30"),
    ],
)
def test_a_date_covers_every_day_that_it_may_mean(text: str, first: str, last: str) -> None:
    found = span(text)
    assert found
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert span(f"{text}?" if "/" not in text else text)


@pytest.mark.parametrize("text", ["", "soon", "2019-13", "2019-02-30", "0000", "2019/..", "2019-99"])
def test_what_is_no_date_has_no_span(text: str) -> None:
    assert span(text) is None


def test_a_relationship_without_dates_may_hold_at_any_time() -> None:
    when = span("2020")
    assert when
    assert may_hold("", "", when)
    assert not may_hold("2021", "", when)
    assert not may_hold("", "2019", when)


@given(st.integers(0, 40), st.data())
@settings(max_examples=25, deadline=None)
def test_nothing_stands_on_anything_else(count: int, data: st.DataObject) -> None:
    names = [f"n{at}" for at in range(count)]
    bodies = {name: Body(data.draw(st.floats(1, 160)), 13, data.draw(st.floats(13, 70))) for name in names}
    index = st.integers(0, max(0, count - 1))
    pairs = (
        [(names[one], names[other]) for one, other in data.draw(st.lists(st.tuples(index, index), max_size=60))]
        if count
        else []
    )
    places = spread_out(bodies, pairs, names[0] if names else "", aspect=1.7)
    assert places.keys() == bodies.keys()
    assert places == spread_out(bodies, pairs, names[0] if names else "", aspect=1.7)
    for one, other in combinations(names, 2):
        (x, y), (other_x, other_y) = places[one], places[other]
        apart_x = abs(x - other_x) >= (bodies[one].width + bodies[other].width) / 2
        upper, lower = (one, other) if y <= other_y else (other, one)
        assert apart_x or places[upper][1] + bodies[upper].below <= places[lower][1] - bodies[lower].above, (one, other)


# What other programs fetch


def gephi_link(page: Page) -> str:
    (found,) = [link for link in page.links if "lite.gephi.org" in link] or [""]
    return found


@pytest.mark.parametrize("path", [*NETWORKS, *SHEETS])
def test_gephi_lite_is_given_the_whole_address_of_a_file_that_it_may_fetch(client: FlaskClient, path: str) -> None:
    (address,) = parse_qs(urlsplit(gephi_link(get(client, path))).query)["file"]
    assert address.startswith("http://localhost/")
    answer = client.get(address.removeprefix("http://localhost"), headers={"Origin": "https://lite.gephi.org"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.mimetype == "application/gexf+xml"
    assert nx.read_gexf(io.BytesIO(answer.data), version="1.2draft").number_of_nodes()
    whole = client.get(address.removeprefix("http://localhost").replace("format=gexf", "format=graphml"))
    assert whole.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("public", "is_offered"), [("https://graph.example/", True), ("http://graph.example/", False)])
def test_gephi_lite_is_offered_where_its_page_may_fetch_the_file(
    tmp_path_factory: pytest.TempPathFactory, public: str, is_offered: bool
) -> None:
    state = publish_sample(tmp_path_factory.mktemp("public"))
    told = replace(settings_for(state), public_address=public)
    with closing(QueryPool(told)) as pool:
        link = gephi_link(get(create_app(told, pool).test_client(), "/network/money"))
    assert bool(link) == is_offered
    assert not link or parse_qs(urlsplit(link).query)["file"] == [f"{public}network/money?format=gexf"]
