"""Lists of entities: columns, order, facets whose counts are SPARQL's, and lists that an address carries."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.sample_site import publish_sample

NAMED = re.compile(r'<input type="checkbox" id="[^"]+" name="of" value="([^"]+)"')
SOURCE = "source=id/sample-text"
OPTION = re.compile(r'<li><a href="([^"]+)" rel="nofollow">[^<]+</a> <span class="kg-count">([\d,]+)</span>')


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    settings = Settings(state=str(publish_sample(tmp_path_factory.mktemp("lists"))), workers=1)
    with QueryPool(settings) as pool:
        yield create_app(settings, pool).test_client()


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text[:500]
    return html.unescape(answer.text)


def kind(client: FlaskClient, name: str) -> str:
    found = re.search(rf'href="(/search\?kind=[^"]+%23{name})"', page(client, "/"))
    assert found
    return found[1]


def rows(client: FlaskClient, path: str) -> list[dict[str, str]]:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}format=csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/search?kind=nonsense", "kind of thing in the graph: “kind” is "),
        ("/search?q=loom&kind=nonsense", "kind of thing in the graph"),
        ("/search?q=loom&place=nonsense", "place in the graph: “place” is the IRI of one, or what stands behind the"),
        ("/search?q=loom&theme=nonsense", "theme in the graph"), ("/search?q=loom&need=nonsense", "need in the graph"),
        ("/search?q=loom&source=nonsense", "source in the graph"),
        ("/list?of=loom&place=nonsense", "place in the graph"),
        ("/search?q=loom&place=id/millbrook&place=nonsense", "place in the graph"),
        ("/figures?place=nonsense", "place that a figure is about. There are: millbrook"),
        ("/places?kind=nonsense", "kind of thing in the graph. There are: "),
        ("/network/around?of=loom-charity&kind=nonsense", "kind of thing in the graph"),
        ("/network/around?of=loom-charity&relation=nonsense", "kind of relationship. There are: "),
        ("/contributions?state=nonsense", "state of contributions. There are: all, waiting, "),
        ("/contributions?of=nonsense", "choice of senders. There are: everybody, me"),
    ],
)  # fmt: skip
def test_an_unknown_value_of_a_filter_is_named_with_what_there_is(client: FlaskClient, path: str, what: str) -> None:
    told = page(client, path, 400)
    assert re.search(rf"“[^”]*nonsense” is no {re.escape(what)}", told), told[-3000:]


@pytest.mark.parametrize("name", ["Company", "Charity", "ResearchCentre", "SupportService"])
def test_a_narrowed_list_has_what_the_query_beside_it_finds(client: FlaskClient, name: str) -> None:
    found = 0
    for value in ("place=id/millbrook", "theme=scheme/theme/heart-disease", "need=scheme/need/work-space", SOURCE):
        address = f"{kind(client, name)}&{value}"
        narrowed = page(client, address)
        link = re.search(r'<a href="(/query\?query=[^"]+)" rel="nofollow">This list as a query', narrowed)
        assert link
        query = parse_qs(urlsplit(link[1]).query)["query"][0]
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
        told = re.search(r"<span>([\d,]+) results?", narrowed)
        assert told
        number = int(told[1].replace(",", ""))
        assert len(answer.text.strip().splitlines()) - 1 == number == len(rows(client, address))
        found += number
    assert found


def test_each_facet_counts_what_it_leads_to(client: FlaskClient) -> None:
    options = OPTION.findall(page(client, "/search?q=m"))
    assert len(options) > 1
    for address, number in options:
        assert f"<span>{number} result" in page(client, address)


def test_a_list_is_sorted_by_a_column_both_ways_with_empty_cells_last(client: FlaskClient) -> None:
    for column in ("name", "kind", "parent", "place", "since"):
        up, down = (rows(client, f"/search?q=mill&sort={sign}{column}") for sign in ("", "-"))
        filled = [row[column] for row in up if row[column]]
        assert [row[column] for row in up[: len(filled)]] == filled
        assert sorted(filled, key=str.casefold) == filled
        assert [row[column] for row in down if row[column]] == filled[::-1]
    assert 'aria-sort="descending"' in page(client, "/search?q=mill&sort=-since")
    assert "“sort” is one of" in page(client, "/search?q=mill&sort=colour", 400)


def test_what_is_picked_is_a_list_that_its_address_carries(client: FlaskClient) -> None:
    first = NAMED.findall(page(client, "/search?q=loom"))
    own = page(client, f"/list?{urlencode([('of', first[0]), ('of', 'zoe-institute')])}")
    assert "Loom Charity" in own
    assert "Zoë Institute" in own
    for link in re.findall(r'<a href="((?:/compare|/network/list)\?[^"]+)">', own):
        told = page(client, link)
        assert "Loom Charity" in told
        assert "Zoë Institute" in told
    assert "mailto:?subject=" in own
    without = re.search(r'<a href="(/list\?of=zoe-institute)" rel="nofollow">Remove', own)
    assert without
    assert "Loom Charity" not in page(client, without[1])
    more = page(client, f"/search?{urlencode({'q': 'guild', 'of': f'{first[0]},zoe-institute'})}")
    assert more.count('<input type="hidden" name="of"') == 2
    assert [row["name"] for row in rows(client, f"/list?of={first[0]},zoe-institute")] == [
        "Loom Charity", "Zoë Institute",
    ]  # fmt: skip


def test_what_a_list_cannot_have_is_said_and_the_rest_is_shown(client: FlaskClient) -> None:
    told = page(client, f"/list?{urlencode({'of': 'nobody,Twin,zoe-institute,<b>x</b>,zoe-institute'})}")
    assert "We could not find “nobody”; it is left out." in told
    assert "may be any of" in told
    assert "1 entry." in told
    assert "“<b>x</b>”" in told  # unescaped here; the page has it escaped
    assert "<b>x</b>" not in client.get("/list?of=<b>x</b>", headers={"Accept": "text/html"}).text
    assert "A list has up to 500 members; 501 are named." in page(
        client, f"/list?{urlencode({'of': ','.join(map(str, range(501)))})}", 400
    )
    assert page(client, f"/list?{urlencode({'of': ','.join(f'a-name-of-some-length-{n}' for n in range(500))})}")
    assert "Your list is empty" in page(client, "/list")
    assert "Nothing matches all of these" in page(client, "/search?q=loom&place=id/zoe-institute")
    assert "A picture needs two things" in page(client, "/network/list?of=zoe-institute")
