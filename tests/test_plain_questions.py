"""Plain questions in the search box: how they are read, what answers, and the query that is ready to change."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.sample_site import publish_sample

#: Questions about the town, how they are read, and what answers.
ASKED = [
    ("who funds the Heartbeat Study?", "who or what funds Heartbeat Study", ["Loom Charity"]),
    ("What does The Loom fund", "what Loom Charity funds", ["Heartbeat Study"]),
    ("who is heartbeat study funded by", "what Heartbeat Study is funded by", ["Loom Charity"]),
    ("funders of Heartbeat Study", "funders of Heartbeat Study", ["Loom Charity"]),
    ("who runs heartbeat study", "who or what operates Heartbeat Study", ["Zoë Institute"]),
    ("Partners of Zoe Institute", "partners of Zoë Institute", ["Millbrook Hospital"]),
    ("Zoë Institute's partners", "partners of Zoë Institute", ["Millbrook Hospital"]),
    ("members of the Guild", "members of Millbrook Guild", ["Firm 01", "Firm 11", "Zoë Institute"]),
    ("Zoë Institute and Millbrook Hospital", "what ties Zoë Institute and Millbrook Hospital", ["Partnership"]),
    ("how is Zoë Institute connected to Millbrook Hospital", "what ties Zoë Institute and", ["Partnership"]),
    ("who offers work space", "who helps with Work space", ["Zoë Institute", "Loom Charity"]),
    ("who offers work space near Millbrook", "who helps with Work space, in Millbrook", ["Loom Charity"]),
    ("where can I find a notary", "who helps with Legal advice", []),
    ("who works on heart disease", "what works on heart disease", ["Zoë Institute", "Millbrook Hospital"]),
    ("charities in Millbrook", "charities in Millbrook", ["Loom Charity"]),
    ("how many device firms are there in Millbrook", "figures on Number of device firms, for Millbrook",
     ["more than 250 companies", "200 companies"]),
    ("website of Zoë Institute", "website of Zoë Institute", ["https://zoe.example/"]),
    ("where is the Loom Charity", "the place of Loom Charity", ["Millbrook"]),
    ("spin-outs of Zoë Institute", "spin-outs of Zoë Institute", []),
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("questions")
    settings = Settings(state=str(publish_sample(folder)), ledger=str(folder / "ledger"), workers=1)
    with QueryPool(settings) as pool, create_app(settings, pool).test_client() as client:
        yield client


def answer(client: FlaskClient, text: str) -> str:
    """The part of the page that answers, or nothing."""
    page = client.get("/search", query_string={"q": text})
    assert page.status_code == 200
    found = re.search(r'<section class="kg-answer".*?</section>', page.text, re.DOTALL)
    return html.unescape(found[0]) if found else ""


@pytest.mark.parametrize(("text", "read_as", "found"), ASKED, ids=[text for text, _, _ in ASKED])
def test_a_question_is_read_answered_and_shown_as_a_query(client, text, read_as, found):
    said = answer(client, text)
    assert f"Read as the question: <strong>{read_as}" in said
    for name in found:
        assert name in said
    assert ("We have no record of any" in said) == (not found)
    href = re.search(r'href="([^"]+)">Change it on the query page', said)
    assert href
    query = parse_qs(urlsplit(href[1]).query)["query"][0]
    rows = client.get("/sparql", query_string={"query": query}, headers={"Accept": "application/json"})
    assert rows.status_code == 200, query
    assert bool(rows.json["results"]["bindings"]) == bool(found), "the query gives what the page shows"
    if found and "website" not in text:
        assert "Evidence" in said or "kg-drawer" in said


def test_a_name_that_nothing_goes_by_is_told_with_those_that_may_be_meant(client):
    said = answer(client, "who funds Heartbeet Studie")
    assert "could not find “Heartbeet Studie”" in said
    assert '<a href="/search?q=who+funds+Heartbeat+Study">who funds Heartbeat Study</a>' in said
    asked = answer(client, "partners of Atlantis")
    assert "could not find “Atlantis”" in asked
    assert "The nearest" not in asked


@pytest.mark.parametrize("text", [
    "Zoë Institute", "firm", "", "who", "who funds", "and", "cats and dogs", "of", "how many", "heart disease",
    "who funds " + "x" * 185, "' } DROP ALL #", "who funds \" ; DROP", "partners of <script>", "who offers zebras",
    "who funds (", "[", "\\", "a and b and c and d and e and f and g",
])  # fmt: skip
def test_what_is_no_question_is_searched_for_as_ever(client, text):
    assert "Read as the question" not in answer(client, text)
    assert "<script>" not in client.get("/search", query_string={"q": text}).text


def test_a_question_of_two_bodies_leads_on_to_routes_and_comparison(client):
    said = answer(client, "Zoë Institute and Millbrook Hospital")
    for path in re.findall(r'href="(/(?:routes|compare)\?[^"]+)"', said):
        assert client.get(path).status_code == 200
    assert said.count('href="/routes?') == 1
    assert said.count('href="/compare?') == 1
