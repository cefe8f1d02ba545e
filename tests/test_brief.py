"""Briefs: all of an entity, a list, a comparison or routes on one page, with footnotes that lead there and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.page import Page
from tests.sample_site import COMPANIES, MEMBERS, publish_sample

SITE = "https://kg.example"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    state = str(publish_sample(tmp_path_factory.mktemp("brief")))
    settings = Settings(state=state, workers=1, public_address=f"{SITE}/")
    with QueryPool(settings) as pool:
        yield create_app(settings, pool).test_client()


def brief(client: FlaskClient, *of: str, status: int = 200, **more: str) -> Page:
    asked = urlencode([*(("of", each) for each in of), *more.items()])
    answer = client.get(f"/brief?{asked}", headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text[:500]
    return Page(answer.text)


def noted(page: Page) -> None:
    """Every mark leads to a note and every note back to all of its marks, in the order of the text."""
    marks = [each for each in page.all("a") if each.attributes.get("role") == "doc-noteref"]
    backs = [each for each in page.all("a") if each.attributes.get("role") == "doc-backlink"]
    notes = [each for each in page.all("li") if each.attributes.get("id", "").startswith("note-")]
    assert marks
    assert {each.attributes["href"] for each in backs} == {f"#{each.attributes['id']}" for each in marks}
    first = list(dict.fromkeys(each.attributes["href"] for each in marks))
    assert first == [f"#{each.attributes['id']}" for each in notes] == [f"#note-{n + 1}" for n in range(len(notes))]
    for note in notes:
        assert f"Evidence: {SITE}/" in note.words
    ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    for name in ("button", "form", "details", "input"):
        assert not page.all(name)


def test_a_brief_of_an_entity_says_what_it_is_with_notes_for_all_of_it(client: FlaskClient) -> None:
    page = brief(client, "zoe-institute")
    noted(page)
    (cite,) = (each for each in page.links if each.startswith("/cite?"))
    cited = Page(client.get(cite, headers={"Accept": "text/html"}).text).text
    assert "Brief: zoe-institute" in cited
    assert "/brief?of=zoe-institute" in cited
    for words in (
        "Zoë Institute",
        "Made up for tests as",
        "zoe.example",
        "Partner of",
        "Millbrook Hospital",
        "Operates",
    ):
        assert words in page.text, words
    assert "generation 1 of" in page.text
    assert f"{SITE}/id/zoe-institute" in page.text
    assert "Funded by" in (money := brief(client, "heartbeat-study").text)
    assert "£2 million" in money
    assert "A brief to print or send" in client.get("/id/zoe-institute", headers={"Accept": "text/html"}).text


def test_what_is_not_recorded_is_said(client: FlaskClient) -> None:
    page = brief(client, "lonely-mill")
    assert "No relationship is recorded of it" in page.text
    assert "not recorded" in page.text
    assert "Missing does not mean untrue" in page.text


def test_a_long_group_is_cut_with_its_number_and_its_address_and_is_to_be_had_whole(client: FlaskClient) -> None:
    short, whole = (brief(client, "guild", **more) for more in ({}, {"rows": "all"}))
    told = [
        len([each for each in page.all("li") if "/id/" not in each.text and "[" in each.text])
        for page in (short, whole)
    ]
    assert told[1] >= MEMBERS
    assert f"And {told[1] - told[0]} more: {SITE}/id/guild" in short.text
    assert "more:" not in whole.text
    noted(short)
    noted(whole)


def test_a_list_tells_each_member_and_who_is_not_in_it(client: FlaskClient) -> None:
    page = brief(client, "zoe-institute,loom-charity,nobody,old-mill,zoe-institute")
    noted(page)
    assert "could not find “nobody”" in page.text
    headings = [each.words for each in page.all("h2")]
    assert headings[:3] == ["What they are and where", "Zoë Institute", "Loom Charity"]
    assert "Heartbeat Study, £2 million" in page.text
    link = re.search(r'href="(/brief\?[^"]+)"', client.get("/list?of=zoe-institute,loom-charity").text)
    assert link
    assert client.get(link[1]).status_code == 200


def test_a_list_of_hundreds_is_its_table_and_says_so(client: FlaskClient) -> None:
    rows = client.get(f"/search?{urlencode({'q': 'firm', 'format': 'csv'})}").data.decode("utf-8-sig")
    ids = list(dict.fromkeys(re.findall(r"/id/([\w-]+)", rows)))
    assert len(ids) >= COMPANIES
    page = brief(client, ",".join(ids))
    assert f"this list has {len(ids)}" in page.text
    assert len(page.all("table")) == 1
    assert len(page.all("tr")) == len(ids) + 1
    assert "A list has up to 500 members" in brief(client, ",".join(f"x{n}" for n in range(501)), status=400).text


def test_a_comparison_and_a_route_have_their_briefs(client: FlaskClient) -> None:
    for path in ("/compare?of=id:loom-charity&of=id:zoe-institute", "/routes?from=Loom+Charity&to=Millbrook+Hospital"):
        page = client.get(path, headers={"Accept": "text/html"}).text
        link = re.search(r'href="(/brief\?[^"]+)"', page)
        assert link
        made = Page(client.get(link[1].replace("&amp;", "&"), headers={"Accept": "text/html"}).text)
        noted(made)
        words = "What they share" if "compare" in path else "Route 1"
        assert words in made.text
        assert "The strongest route between them" in made.text or "weighed as at" in made.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"of": "nobody"}, "could not find “nobody”"),
        ({"of": "id:zoe-institute", "as": "comparison"}, "A comparison needs two or three bodies"),
        ({"as": "comparison"}, "A comparison needs two or three bodies"),
        ({"of": "zoe-institute", "as": "poem"}, "“as” is comparison"),
        ({"of": "zoe-institute", "rows": "9"}, "“rows” is all"),
        ({"from": "Loom Charity"}, "one is missing"),
        ({"from": "Loom Charity", "to": "xyzzy"}, "could not find “xyzzy”"),
        ({"from": "Loom Charity", "to": "The Loom"}, "the same"),
        ({"from": "Loom Charity", "to": "Firm 01", "as_at": "soon"}, "soon"),
    ],
)
def test_what_has_no_brief_is_told_with_a_way_to_put_it_right(
    client: FlaskClient, asked: dict[str, str], said: str
) -> None:
    assert said in brief(client, status=400, **asked).text


def test_a_thing_compared_with_itself_is_told(client: FlaskClient) -> None:
    page = brief(client, "id:zoe-institute", "Zoë Institute", status=400, **{"as": "comparison"})
    assert "is named twice" in page.text
    assert brief(client).text.count("A brief puts") == 1
