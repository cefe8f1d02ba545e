"""The result of any query as a picture: what fits its columns, what is said where nothing does, and its files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from leedskg.picture.bars import NARROW, WIDE, Bar, draw_bars, number_words
from leedskg.picture.result import DateColumns, Misfit, NetworkColumns, NumberColumns, ResultTable
from leedskg.store import Row, Term
from tests.page import Page
from tests.sample_knowledge import NAMESPACES
from tests.sample_site import HOSTILE, publish_sample
from tests.test_pictures import text_of
from tests.test_site import client_of, get

XSD = "http://www.w3.org/2001/XMLSchema#"
TIES = f"SELECT ?body ?relation ?other {{ VALUES ?relation {{ <{NAMESPACES.term('partnerOf')}> " + (
    f"<{NAMESPACES.term('memberOf')}> }} ?body ?relation ?other }}"
)
NAMES = (
    f"SELECT ?one ?other {{ ?a <{NAMESPACES.term('memberOf')}> ?b . "
    "?a <http://www.w3.org/2004/02/skos/core#prefLabel> ?one . "
    "?b <http://www.w3.org/2004/02/skos/core#prefLabel> ?other }"
)
PLACES = f"SELECT ?body ?place {{ ?body <{NAMESPACES.term('locatedIn')}> ?place }}"


def values(names: str, *rows: str) -> str:
    return f"SELECT * {{ VALUES ({names}) {{ {' '.join(f'({row})' for row in rows)} }} }}"


COORDINATES = values("?name ?lat ?long", "'One' 53.8 -1.55", "'Two' 51.5 -0.12", "'Beyond' 153.8 -1.55")
CHANGES = values("?name ?change", "'Up' 12.5", "'Down' -7", "'Nought' 0", "'Word' 'x'")
DATES = values(
    "?what ?when", f"'year' '2001'^^<{XSD}gYear>", f"'day' '2003-04-05+01:00'^^<{XSD}date>", "'month' '2002-06'",
    f"'time' '1999-01-01T10:00:00Z'^^<{XSD}dateTime>", "'decade' '201X'", "'doubt' '2005?'", "'none' 'never'",
)  # fmt: skip
TEXTS = values("?one ?other", "'a' 'b'", "'c' 'd'")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    yield from client_of(publish_sample(tmp_path_factory.mktemp("results")))


def address(query: str, **more: str) -> str:
    return f"/query/picture?{urlencode({'query': query, **more})}"


def ways(page: Page) -> list[str]:
    """The ways that the page offers to draw its result, the one that it is drawn in first."""
    links = [link for link in page.all("a") if "kg-tool" in link.attributes.get("class", "")]
    return [link.words for link in sorted(links, key=lambda link: "aria-current" not in link.attributes)]


@pytest.mark.parametrize(
    ("query", "offered", "said"),
    [
        (TIES, ["Network", "Table"], "Lines run from ?body to ?other, in the words of ?relation."),
        (NAMES, ["Network", "Table"], "Millbrook Guild"),
        (PLACES, ["Places", "Network", "Table"], "no source read here gives coordinates for all of these"),
        (COORDINATES, ["Places", "Table"], "1 row is not drawn: it has no latitude from -90 to 90"),
        (CHANGES, ["Bars", "Table"], "1 row is not drawn: ?change has no number there"),
        (DATES, ["Time line", "Table"], "1 row is not drawn: it has no date of the years 1 to 9999"),
    ],
    ids=["things", "their names", "places", "coordinates", "numbers", "dates"],
)  # fmt: skip
def test_a_result_is_drawn_as_its_columns_allow(client: FlaskClient, query: str, offered: list[str], said: str) -> None:
    page = get(client, address(query))
    assert ways(page) == offered
    assert said in text_of(page)
    assert '<svg class="kg-drawing kg-drawing--wide"' in client.get(address(query)).text
    assert page.all("table"), "its table stands beside it"


def test_where_nothing_fits_it_says_what_would(client: FlaskClient) -> None:
    page = get(client, address(TEXTS))
    assert ways(page) == ["Table"]
    words = text_of(page)
    for part in ("This result cannot be drawn", "two columns of things", "column of dates", "column of numbers",
                 "coordinates", "?one holds texts, ?other holds texts"):  # fmt: skip
        assert part in words
    assert client.get(address(TEXTS, format="svg")).status_code == 400
    rows = list(csv.reader(io.StringIO(client.get(address(TEXTS, format="csv")).data.decode("utf-8-sig"))))
    assert [row[:2] for row in rows] == [["one", "other"], ["a", "b"], ["c", "d"]]
    taken = client.get(address(TEXTS.replace("?other", "?attribution"), format="csv")).data.decode("utf-8-sig")
    assert taken.splitlines()[0].endswith("attribution_")


def test_a_way_that_does_not_fit_is_told_with_those_that_do(client: FlaskClient) -> None:
    page = get(client, address(CHANGES, **{"as": "network"}))
    assert "This result cannot be drawn so" in text_of(page)
    assert "two columns of things" in text_of(page)
    assert ways(page) == ["Bars", "Table"]


def test_a_view_has_an_address_of_its_own_and_an_embed(client: FlaskClient) -> None:
    page = get(client, address(PLACES, **{"as": "network"}))
    assert "2 columns" in text_of(page)
    assert "Lines run from ?body to ?place" in text_of(page)
    (code,) = [each for each in page.all("code") if "<iframe" in each.text]
    (source,) = re.findall(r'src="(http[^"]*)"', code.text)
    assert "as=network" in source
    assert "embed=1" in source
    embedded = client.get(address(PLACES, embed="1"))
    assert "frame-ancestors *" in embedded.headers["Content-Security-Policy"]
    assert "<nav" not in embedded.text
    assert "<table" in embedded.text


def test_a_network_is_a_file_for_other_programs(client: FlaskClient) -> None:
    page = get(client, address(TIES))
    ElementTree.fromstring(client.get(address(TIES, format="graphml")).text)
    found = client.get(address(TIES, format="json", **{"as": "network"})).get_json()
    rows = list(csv.reader(io.StringIO(client.get(address(TIES, format="csv")).data.decode("utf-8-sig"))))
    assert rows[0] == ["body", "relation", "other", "attribution"]
    assert len(rows) - 1 == len(found["rows"])
    assert f"{len(rows) - 1} rows" in text_of(page)
    answer = client.get(address(CHANGES, format="gexf"))
    assert answer.status_code == 400
    assert "Only a network" in answer.text


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 400, "There is no query in the address"),
        ("SELECT * { ?s ?p }", 400, "line 1, column 18"),
        ("ASK { ?s ?p ?o }", 400, "Only rows can be drawn, and this query is an ASK"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", 400, "Only rows can be drawn, and this query is a CONSTRUCT"),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", 403, "read-only"),
        ("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }", 403, "SERVICE"),
        ("SELECT * { ?s <a:nothing> ?o }", 200, "The query ran; no rows"),
        ("SELECT ?unbound {}", 200, "?unbound holds nothing"),
    ],
)
def test_a_query_that_has_no_rows_is_told_why(client: FlaskClient, query: str, status: int, said: str) -> None:
    page = get(client, address(query), status)
    assert said in text_of(page)
    assert any("/query" in link for link in page.links), "the way back to the query"
    if status != 200:
        assert client.get(address(query, format="csv")).status_code == status


@pytest.mark.parametrize("wrong", [{"as": "pie"}, {"format": "xlsm"}])
def test_what_the_address_gets_wrong_is_told(client: FlaskClient, wrong: dict[str, str]) -> None:
    assert "is one of" in text_of(get(client, address(TEXTS, **wrong), 400))


def test_more_rows_than_a_picture_can_show_are_bounded_and_said(client: FlaskClient) -> None:
    page = get(client, address("SELECT ?s ?p ?o { ?s ?p ?o . ?x ?y ?z } LIMIT 100000"))
    words = text_of(page)
    assert "10,000 rows, the first of more" in words
    assert "CSV of all rows" in words
    assert "The drawing has the first" in words
    assert "The first 500 of 10,000 rows" in words


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (<javascript:alert(1)> AS ?a) (<http://x.example/y> AS ?b) {}",
        "SELECT (BNODE() AS ?a) (BNODE() AS ?b) {}",
        f"SELECT (<{NAMESPACES.base}assertion/0000000000000000> AS ?a) (<{NAMESPACES.base}id/nobody> AS ?b) {{}}",
        values("?name ?n", "'a' 1e300", f"'b' 'INF'^^<{XSD}double>", "'c' 123456789012345678901234567890", "'d' -1"),
        values("?name ?n", f"'a' '{'9' * 900}'^^<{XSD}integer>", "'b' 1"),
        values("?from ?to", f"'-0044'^^<{XSD}gYear> '2020'^^<{XSD}gYear>", "'2021' '1999'"),
        values("?place", "'53.8,-1.5'", "'POINT(-1.5 53.8)'", "'153.8,-1.5'"),
        values("?a ?b", "'x'@en 'y'@de", "UNDEF 1", "2 UNDEF"),
    ],
)
def test_odd_values_are_shown_and_do_no_harm(client: FlaskClient, query: str) -> None:
    for way in ("", "network", "timeline", "bars", "places"):
        answer = client.get(address(query, **({"as": way} if way else {})))
        assert answer.status_code == 200
        assert 'href="javascript' not in answer.text
        assert "kg-table" in answer.text


def test_names_that_are_script_are_text(tmp_path_factory: pytest.TempPathFactory) -> None:
    for client in client_of(publish_sample(tmp_path_factory.mktemp("hostile-results"), HOSTILE)):
        for way in ("network", "bars", "places"):
            text = client.get(address(PLACES, **{"as": way})).text
            for name in HOSTILE.values():
                assert name not in text.replace("javascript:alert(3)' onclick='alert(4)", "")
        told = values("?name ?n", "'<script>alert(1)</script>' 1", "'b' 2")
        assert "<script>alert(1)" not in client.get(address(told)).text


# What the columns hold


def literal(value: str, datatype: str = "") -> Term:
    return Term(value, "literal", f"{XSD}{datatype}" if datatype else "")


def table(*rows: Row) -> ResultTable:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    return ResultTable(columns, rows, lambda term: term.value if term and term.is_iri else "")


def test_a_column_of_properties_has_the_words_of_the_lines() -> None:
    found = table({"a": Term("x:a", "iri"), "how": Term("x:p", "iri"), "b": Term("x:b", "iri")})
    assert found.network(frozenset({"x:p"})) == NetworkColumns("a", "b", "how")
    assert found.network(frozenset()) == NetworkColumns("a", "how", ""), "where none is known as a property"
    told = table({"a": Term("x:a", "iri"), "b": Term("x:b", "iri"), "role": literal("funder"), "bLabel": literal("B")})
    assert told.network(frozenset()) == NetworkColumns("a", "b", "role")


def test_beginnings_and_ends_are_told_apart_by_their_names() -> None:
    found = table({"what": literal("a"), "validTo": literal("2020", "gYear"), "validFrom": literal("2019-01")})
    assert found.dates() == DateColumns("validFrom", "validTo", "what")
    alone = table({"what": literal("a"), "to": literal("2020", "gYear")})
    assert alone.dates() == DateColumns("to", "", "what")


def test_a_whole_number_is_a_year_only_where_its_column_says_so() -> None:
    assert isinstance(table({"n": literal("1998", "integer")}).dates(), Misfit)
    assert table({"year": literal("1998", "integer")}).dates() == DateColumns("year", "", "")


def test_bars_take_the_column_that_is_asked_for() -> None:
    found = table({"name": literal("a"), "one": literal("1", "integer"), "two": literal("2", "decimal")})
    assert found.numbers() == NumberColumns("two", ("name",), ("one",))
    assert found.numbers("one") == NumberColumns("one", ("name",), ("two",))
    assert found.numbers("name") == NumberColumns("two", ("name",), ("one",))


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_bars_are_as_long_as_their_numbers_and_stay_in_the_drawing(numbers: list[Decimal]) -> None:
    for form in (WIDE, NARROW):
        drawing = draw_bars([Bar("a", each, number_words(each)) for each in numbers], form)
        assert len(number_words(numbers[0])) < 30
        found = re.findall(r'<rect x="([^"]+)" y="[^"]+" width="([^"]+)"', drawing.inside)
        boxes = [(float(x), float(width)) for x, width in found]
        assert len(boxes) == len(numbers)
        for x, width in boxes:
            assert x >= drawing.left
            assert x + width <= drawing.left + drawing.width + 1
        ranked = sorted(zip(map(abs, numbers), [width for _, width in boxes], strict=True))
        assert [width for _, width in ranked] == sorted(width for _, width in boxes)
