"""The pages of the site: what each says in each state, that names stay text, and that every way leads somewhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urldefrag, urlencode, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from leedskg.kinds import FAMILIES, KIND_STYLES
from leedskg.knowledge import read_knowledge
from leedskg.ledger.process import StewardProcess
from leedskg.publishing import build, load_imports
from leedskg.settings import SettingError, read_settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from leedskg.wording import grouped, listed, money, ordinal, plain_date, plural, singular
from tests.page import Page
from tests.sample_graph import settings_for
from tests.sample_knowledge import NAMESPACES, PROJECT, entity, write_sample
from tests.sample_site import COMPANIES, HOSTILE, MEMBERS, MORE_PREFIXES, publish_sample

HTML = {"Accept": "text/html"}


def client_of(state: Path) -> Iterator[FlaskClient]:
    settings = settings_for(state)
    pool, steward = QueryPool(settings), StewardProcess(settings)
    try:
        yield create_app(settings, pool, steward=steward).test_client()
    finally:
        steward.close()
        pool.close()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    yield from client_of(publish_sample(tmp_path_factory.mktemp("site")))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    yield from client_of(publish_sample(tmp_path_factory.mktemp("hostile"), HOSTILE))


def get(client: FlaskClient, path: str, status: int = 200, **parameters: str) -> Page:
    if parameters:
        path = f"{path}?{urlencode({name.rstrip('_'): value for name, value in parameters.items()})}"
    answer = client.get(path, headers=HTML)
    assert answer.status_code == status, answer.text[:2000]
    assert answer.mimetype == "text/html"
    return sound(answer)


def sound(answer: TestResponse) -> Page:
    """Take a page apart, after a look at what every page has to be."""
    page = Page(answer.text)
    assert not page.unbalanced
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'self' 'nonce-([\w-]{20,})'", policy)
    assert nonce
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for script in page.all("script", "style"):
        assert script.attributes.get("nonce") == nonce[1]
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"], element
    for address in page.links:
        assert re.match(r"/|#|https?://|mailto:\?", address), address
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels)), page.headings
    assert all(words for _, words in page.headings)
    (title,) = [element.words for element in page.all("title") if "svg" not in element.around]
    assert title.endswith("Leeds Health Innovation Knowledge Graph")
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids)), "an id stands twice"
    for name in ("aria-labelledby", "aria-describedby", "for", "list"):
        named = {each for element in page.elements for each in element.attributes.get(name, ids[0]).split()}
        assert named <= set(ids), name
    labelled = {label.attributes["for"] for label in page.all("label")}
    for control in page.all("input", "select", "textarea"):
        assert control.attributes.get("type") == "hidden" or control.attributes["id"] in labelled, control
    return page


# What each page says


def test_the_start_page_says_what_this_is_how_much_there_is_and_the_ways_in(client: FlaskClient) -> None:
    page = get(client, "/")
    counts = {words: int(number) for number, words in re.findall(r"(\d+) (\w+)", counted(page))}
    assert counts["organisations"] == COMPANIES + 5
    assert counts["relationships"] == 8 + MEMBERS
    assert page.link("Companies") == url_of("/search", kind=NAMESPACES.term("Company"))
    assert page.link("Work space") == "/support?need=work-space"
    families = [words for level, words in page.headings if level == 3]
    assert families == [
        "Organisations",
        "Places and facilities",
        "Programmes, products and support",
        "Figures and sources",
    ]
    names = {element.attributes["value"] for element in page.all("option")}
    assert {"Zoë Institute", "Twin (product)", "Twin (company)", "any company"} <= names
    assert "any body or service offering work space" in names
    assert "Number of device firms" not in names, "a figure is no end of a route"


def url_of(path: str, **parameters: str) -> str:
    return f"{path}?{urlencode(parameters, safe=':/')}"


def counted(page: Page) -> str:
    (counts,) = page.with_class("kg-counts")
    pairs = re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>", page.source)
    assert counts
    return " ".join(f"{number.replace(',', '')} {words}" for words, number in pairs)


def test_the_empty_search_has_its_form(client: FlaskClient) -> None:
    page = get(client, "/search")
    assert page.headings == [(1, "Search")]
    assert "beginnings of its words" in page.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "zoe"}, ["1 result", "Zoë Institute Made up for tests as Zoë Institute. Research centre"]),
        ({"q": "The Loom"}, ["Loom Charity found as “The Loom”"]),
        ({"q": "twin"}, ["2 results; only those of the kind:", "product 1", "company 1"]),
        ({"q": "hart disease"}, ["Needs and themes", "heart disease theme"]),
        ({"q": "charities"}, ["Kinds", "Charities 1", "Names", "Loom Charity"]),
        ({"q": "firms 01"}, ["1 result", "Firm 01"]),
        ({"q": "researchcentres"}, ["Kinds", "Research centres 1"]),
        ({"q": "hearts"}, ["Needs and themes", "heart disease theme"]),
        ({"q": "heart dis"}, ["Needs and themes", "heart disease theme"]),
        ({"q": "millbruk hospital"}, ["No name has these words. This one has “millbrook hospital”:"]),
        ({"q": "..;/../"}, ["Nothing was found"]),
        ({"q": "xyzzy", "kind": NAMESPACES.term("Company")}, ["No name of this kind has these words"]),
        ({"q": "firm 01", "kind": NAMESPACES.term("Company")}, ["Only companies. Search all kinds", "Firm 01"]),
        ({"kind": NAMESPACES.term("Company")}, ["Companies", "61 results", "1 to 50 of 61 results", "Next"]),
        ({"kind": NAMESPACES.term("Company"), "page": "2"}, ["51 to 61 of 61 results Previous", "Twin"]),
        ({"kind": NAMESPACES.term("Company"), "page": "99999999999999999999"}, ["51 to 61 of 61"]),
        ({"kind": NAMESPACES.term("Company"), "page": "-3"}, ["1 to 50 of 61"]),
        ({"kind": NAMESPACES.term("Company"), "page": "two"}, ["1 to 50 of 61"]),
    ],
)  # fmt: skip
def test_the_search_says_what_it_found_and_why_not(client: FlaskClient, asked: dict[str, str], said: list[str]) -> None:
    text = get(client, "/search", **asked).text
    assert [words for words in said if words not in text] == []


@pytest.mark.parametrize("path", ["/search?q=a%00b", "/routes?from=a%01b&to=c%7F", "/compare?of=%0B", "/list?of=x%1By"])
def test_no_page_holds_characters_that_html_has_not(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=HTML)
    assert not re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", answer.text)


def test_an_entity_shows_relationships_facts_and_evidence(client: FlaskClient) -> None:
    page = get(client, "/id/zoe-institute")
    assert page.headings[0] == (1, "Zoë Institute")
    groups = [words for level, words in page.headings if level == 3]
    assert {"Partner of", "Operates", "Member of", "Helps with", "Theme", "Website", "Begun"} <= set(groups)
    assert "On this page Relationships 4 Facts 3 Where it is named 1" in page.text
    assert "1 April 1998" in page.text
    assert "https://zoe.example/" in page.links
    assert "Sample text, section “A made-up town”" in page.text
    assert "Stated outright, 1 source Confidence 1 of 1: in words that can be read in one way." in page.text
    assert "Recorded by leedskg curators on 21 November 2026" in page.text
    assert "Read with care." in page.text
    assert page.link("Find a route from here") == "/routes?from=Zo%C3%AB+Institute"
    assert page.link("Turtle") == "/id/zoe-institute.ttl"


def test_a_long_group_shows_its_beginning_and_how_many_more(client: FlaskClient) -> None:
    page = get(client, "/id/guild")
    assert f"Has member ({MEMBERS + 1})" in page.text
    assert "8 more: has member" in page.text
    assert "Firm 11" in page.text


def test_a_relationship_that_has_ended_says_when(client: FlaskClient) -> None:
    assert "2019 to September 2021" in get(client, "/id/twin").text


def test_money_reads_as_words(client: FlaskClient) -> None:
    assert "£2 million" in get(client, "/id/loom-charity").text


def test_an_entity_shows_its_registers(client: FlaskClient) -> None:
    page = get(client, "/id/loom-charity")
    assert "Also printed as The Loom" in page.text
    assert "grid.1234.5 seen in Register of firms" in page.text
    assert "https://register.example/loom" in page.links
    assert "Note Read with care." in page.text


def test_an_entity_of_which_nothing_is_said_says_so(client: FlaskClient) -> None:
    page = get(client, "/id/lonely-mill")
    assert "No relationship is recorded" in page.text
    assert "Missing does not mean untrue" in page.text
    assert "The graph records no place where a source names it." in page.text
    assert "Find a route from here" not in page.text


@pytest.mark.parametrize("path", ["/id/millbrook", "/id/indicator-firms"])
def test_figures_say_where_when_who_and_that_sources_disagree(client: FlaskClient, path: str) -> None:
    page = get(client, path)
    rows = [element.words for element in page.with_class("kg-figure")]
    assert len(rows) == 3
    (fewer,) = [row for row in rows if row.startswith("200 companies")]
    assert "no period given" in fewer
    assert "Of the town alone" in fewer
    assert "reported in Sample text" in fewer
    assert "sources disagree" in fewer
    assert "Sample text gives more than 250 companies: the two contradict each other." in fewer
    (earlier,) = [row for row in rows if row.startswith("about 190 companies")]
    assert "2018 to 2023" in earlier
    assert "according to Loom Charity, as reported in Sample text" in earlier
    assert "disagree" not in earlier
    other = get(client, page.link("See the other figure"))
    assert "sources disagree" in other.text


def test_an_indicator_names_its_figures_by_place(client: FlaskClient) -> None:
    page = get(client, "/id/indicator-firms")
    assert {element.words.split(" sources")[0] for element in page.with_class("kg-figure__what")} == {"Millbrook"}
    assert "What is counted Firms that make medical devices." in page.text


def test_a_document_lists_what_it_is_cited_for_by_section(client: FlaskClient) -> None:
    page = get(client, "/id/sample-text")
    assert "What it is cited for" in page.text
    assert "Loom Charity funds Heartbeat Study" in page.text
    assert "File sample.txt" in page.text


@pytest.mark.parametrize(
    ("start", "words", "said"),
    [
        ("loom-charity", "funds Heartbeat Study", ["Loom Charity funds Heartbeat Study", "Amount £2 million",
                                                   "Funder Loom Charity charity", "Kind of statement Funding award"]),
        ("zoe-institute", "Theme, heart disease".lower(), ["Zoë Institute, theme: heart disease", "How it was read"]),
        ("zoe-institute", "helps with Work space", ["Support: Zoë Institute and Work space", "Need Work space"]),
        ("millbrook", "Number of device firms, 200", ["Number of device firms in Millbrook: 200 companies",
                                                      "Period no period given", "sources disagree"]),
    ],
)  # fmt: skip
def test_a_statement_says_what_it_says_and_who_says_so(
    client: FlaskClient, start: str, words: str, said: list[str]
) -> None:
    page = get(client, get(client, f"/id/{start}").link("Statement", words))
    assert page.headings[0][1] == said[0]
    assert [
        each
        for each in [*said, "How sure Stated outright, 1 source", "section “", "Address to cite"]
        if each not in page.text
    ] == []


def test_a_passage_says_where_it_is_and_what_rests_on_it(client: FlaskClient) -> None:
    page = get(client, get(client, "/id/loom-charity").link("Evidence details"))
    assert page.headings[0][1] == "A passage in Sample text"
    assert "of sample.txt, counted in Unicode code points from 0, the end not included" in page.text
    assert "SHA-256 of the passage" in page.text
    assert "Loom Charity funds Heartbeat Study" in page.text
    assert "Loom Charity charity is named or identified here" in page.text


def test_a_record_of_a_register_leads_to_the_register(client: FlaskClient) -> None:
    page = get(client, "/evidence/aaaaaaaaaaaa")
    assert page.headings[0][1] == "A record in Register of firms"
    assert "https://register.example/a/rather/long/way/to/the/record/of/the/loom" in page.links


def test_a_need_and_a_theme_list_who_has_to_do_with_them(client: FlaskClient) -> None:
    need = get(client, "/scheme/need/work-space")
    assert need.headings[:2] == [(1, "Work space"), (2, "Who helps with it (2)")]
    theme = get(client, "/scheme/theme/heart-disease")
    assert theme.headings[:2] == [(1, "Heart disease"), (2, "Who and what works on it (2)")]
    assert not [mark for mark in theme.with_class("kg-mark") if "h1" in mark.around]
    assert "No entity is recorded with it" in get(client, "/scheme/theme/idle").text


def test_routes_without_ends_is_a_form(client: FlaskClient) -> None:
    assert get(client, "/routes").headings == [(1, "Who connects whom?")]
    page = get(client, "/routes", from_="Zoë Institute")
    assert "Error" not in page.text


def test_a_route_tells_every_hop_with_evidence_in_list_table_and_picture(client: FlaskClient) -> None:
    page = get(client, "/routes", from_="loom charity", to="Millbrook Hospital")
    assert page.headings[0][1] == "From Loom Charity to Millbrook Hospital"
    assert "One route of up to 4 steps." in page.text
    assert "Route 1: through Heartbeat Study and Zoë Institute" in page.text
    hops = [element.words for element in page.with_class("kg-route__hop")]
    assert len(hops) == 3
    assert hops[0].startswith(
        "funds £2 million no date given · roles: funder and funded · based on a passage of a document"
        " · ranked by: one source, the only one"
    )
    assert "Loom Charity funds Heartbeat Study (£2 million), which is operated by Zoë Institute, which " in page.text
    assert page.link("is operated by").startswith("/assertion/"), "the evidence of each step is a click away"
    (stated,) = page.with_class("kg-routes__sources")
    assert stated.words == "Stated in: Sample text", "before any step is opened"
    assert "Sample text, section “A made-up town”" in hops[0]
    rows = [element for element in page.all("tr") if "tbody" in element.around]
    assert len(rows) == 3
    assert rows[1].words.startswith("1.2 Heartbeat Study (operated) operated by")
    (data,) = [element.text for element in page.all("script") if element.attributes.get("type") == "application/json"]
    assert {node["label"] for node in json.loads(data)["nodes"]} >= {"Loom Charity", "Heartbeat Study"}
    assert "#routes" in page.links, "the picture leads to its twin"


def test_what_two_ends_share_is_told_apart(client: FlaskClient) -> None:
    page = get(client, "/routes", from_="Zoë Institute", to="Millbrook Hospital")
    assert "Both work on heart disease" in page.text
    assert "A shared place, theme or need is not a connection" in page.text


def test_all_that_was_asked_is_in_the_form_again(client: FlaskClient) -> None:
    page = get(client, "/routes", from_="loom charity", to="Millbrook Hospital", steps="3", count="7")
    chosen = [element.attributes["value"] for element in page.all("option") if "selected" in element.attributes]
    assert chosen == ["3", "7"]
    named = [element.attributes for element in page.all("input") if "name" in element.attributes]
    fields = {each["name"]: each.get("value") for each in named if each.get("type") != "hidden"}
    assert (fields["from"], fields["to"]) == ("Loom Charity", "Millbrook Hospital")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from_": "Twin", "to": "Loom Charity"}, ["“Twin” is a name of 2 entities; say which one is meant."]),
        ({"from_": "millbruk clinic", "to": "x"}, ["We could not find “millbruk clinic”", "“x”"]),
        ({"from_": "Loom Charity", "to": "the loom"}, ["No route can be shown", "Both ends are the same entity"]),
        ({"from_": "Loom Charity", "to": "Firm 01", "steps": "2"},
         ["of up to 2 steps", "shortest route has 4 steps: allow more", "about Loom Charity and Firm 01"]),
        ({"from_": "Loom Charity", "to": "Twin (company)", "steps": "5"}, ["We found no route"]),
        ({"from_": "x" * 5000, "to": "Firm 01"}, ["A name has no more than 200 characters."]),
    ],
)  # fmt: skip
def test_a_route_that_cannot_be_shown_says_why(client: FlaskClient, asked: dict[str, str], said: list[str]) -> None:
    text = get(client, "/routes", **asked).text
    assert [words for words in said if words not in text] == []


def test_a_choice_among_several_keeps_the_rest_of_the_question(client: FlaskClient) -> None:
    page = get(client, "/routes", from_="Twin", to="Loom Charity", steps="2")
    chosen = page.link("Twin")
    assert "to=Loom+Charity" in chosen
    assert "steps=2" in chosen
    assert "is a name of" not in get(client, unescape(chosen)).text


@pytest.mark.parametrize("numbers", [{"steps": "0"}, {"steps": "6"}, {"steps": "x"}, {"steps": "²"}, {"steps": "-1"},
                                     {"steps": "9" * 400}, {"count": "0"}, {"count": "31"},
                                     {"count": "1e1"}])  # fmt: skip
def test_numbers_out_of_bounds_are_refused_with_the_bounds(client: FlaskClient, numbers: dict[str, str]) -> None:
    page = get(client, "/routes", 400, from_="Loom Charity", to="Firm 01", **numbers)
    (name,) = numbers
    assert f"“{name}” in the address has to be a whole number from 1 to" in page.text


@pytest.mark.parametrize(
    ("setting", "shown", "link"),
    [
        ("", "This site has no address to write to yet", None),
        ("graph@health.example", "Write to graph@health.example.", "mailto:graph@health.example?subject=Error%20in%20"),
        ("https://health.example/report", "Write to https://health.example/report.", "https://health.example/report"),
    ],
)
def test_where_errors_are_reported_is_a_setting(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, setting: str, shown: str, link: str | None
) -> None:
    parts = client.application.extensions["leedskg"]
    monkeypatch.setitem(
        client.application.extensions, "leedskg", replace(parts, settings=replace(parts.settings, report_to=setting))
    )
    page = Page(client.get("/help", headers=HTML).text)
    assert shown in page.text
    assert link is None or any(address.startswith(link) for address in page.links)


@pytest.mark.parametrize(
    "value", ["nobody", "javascript:alert(1)", "a@b", "mailto:a@b.example", 'https://a"b', "a b@c.d"]
)
def test_an_address_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SettingError, match="LEEDSKG_REPORT_TO has to be an e-mail address"):
        read_settings({}, report_to=value)


def test_the_help_shows_the_weights_in_force(client: FlaskClient) -> None:
    page = get(client, "/help")
    assert "Weights of the kinds of step" in page.text
    assert "funds (funding)" in page.text


# Addresses, formats and errors


@pytest.mark.parametrize("path", ["/id/zoe-institute", "/evidence/aaaaaaaaaaaa", "/scheme/need/work-space"])
def test_a_thing_is_a_page_or_data_as_the_client_asks(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers=HTML)
    assert {"Accept", "Cookie"} <= set(page.vary), "a page says who is signed in"
    for wanted in ("text/turtle", "application/ld+json"):
        answer = client.get(path, headers={"Accept": wanted})
        assert answer.status_code == 303
        assert "Accept" in answer.vary
        data = client.get(answer.headers["Location"], headers={"Accept": wanted})
        assert (data.status_code, data.mimetype) == (200, wanted)
        assert len(data.data) > 100
    head = client.head(path, headers=HTML)
    assert (head.status_code, head.data) == (200, b"")
    assert client.get(path).mimetype == "text/html", "a client that says nothing gets the page"
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/def", "/graph/inferred", "/agent/curation-team", "/scheme/need"])
def test_anything_else_of_ours_is_described_as_data(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 303
    assert client.get(answer.headers["Location"], headers={"Accept": "text/turtle"}).status_code == 200


def test_a_retired_entity_leads_to_its_replacement(client: FlaskClient) -> None:
    answer = client.get("/id/old-institute")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/id/zoe-institute")
    assert "From Zoë Institute" in get(client, "/routes", from_="Old Institute", to="Loom Charity").text


def test_what_is_retired_with_nothing_in_its_place_keeps_its_page_and_documents(tmp_path: Path) -> None:
    sample = write_sample(tmp_path)
    own = entity("closed-shop", "Company", "Closed Shop", "partners").replace(
        "    lhi:namedAt", '    owl:deprecated true ;\n    skos:editorialNote "It never traded."@en ;\n    lhi:namedAt'
    )
    (sample.root / "graph" / "closed.ttl").write_text(MORE_PREFIXES + own, encoding="utf-8")
    build(sample.read(), tmp_path / "state", keep=2)
    for client in client_of(tmp_path / "state"):
        page = client.get("/id/closed-shop", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "It never traded." in page.text
        for suffix in ("ttl", "jsonld", "nt"):
            document = client.get(f"/id/closed-shop.{suffix}")
            assert (document.status_code, "deprecated" in document.text) == (200, True), suffix


UNKNOWN = [
    "/id/nothing", "/id/%00", "/id/%3Cscript%3E", "/id/" + "x" * 5000, "/id/%ff%fe", "/id/a%2Fb", "/id/{{7*7}}",
    "/assertion/0000000000000000", "/assertion/xyz", "/assertion/%00", "/assertion/0'%7D",
    "/evidence/000000000000", "/evidence/%3E%20%7D", "/scheme/need/nothing", "/scheme/need/%3E", "/scheme/%00/x",
    "/def/a%20b", "/def/%3E%7D", "/nothing", "/assets/nothing",
]  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_is_not_there_is_a_404_for_people_and_programs(client: FlaskClient, path: str) -> None:
    page = get(client, path, 404)
    assert "(HTTP 404)" in page.text
    told = client.get(path, headers={"Accept": "application/json"})
    assert (told.status_code, told.mimetype) == (404, "application/problem+json")
    assert told.json
    assert told.json["status"] == 404
    assert "Content-Security-Policy" in told.headers


def test_an_unknown_entity_suggests_what_may_have_been_meant(client: FlaskClient) -> None:
    page = get(client, "/id/zoe", 404)
    assert "Did you mean" in page.text
    assert page.link("Zoë Institute") == "/id/zoe-institute"
    told = client.get("/id/zoe", headers={"Accept": "application/problem+json"}).json
    assert told
    assert told["candidates"][0]["label"] == "Zoë Institute"


WEIRD = ["\0", "\r\nX-Header: 1", "%", "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{{7*7}}",
         "\ud7ff\uffff\u202e", "..;/../", "' OR 1=1 --", "> } ; DROP ALL", "a" * 200]  # fmt: skip


@pytest.mark.parametrize("text", WEIRD)
def test_weird_input_stays_text(client: FlaskClient, text: str) -> None:
    for path, name in (("/search", "q"), ("/search", "kind"), ("/routes", "from"), ("/routes", "to")):
        page = get(client, path, 400 if name == "kind" else 200, **{name: text})
        assert not page.all("img")[1:], "one picture, the mark in the header"
        assert text != "{{7*7}}" or name == "kind" or 'value="{{7*7}}"' in page.source


@pytest.mark.parametrize("query", ["q=%", "q=%zz", "q=%ff%fe", "q=%00", "q=a&q=b", "q[]=1", "=", "&&&", "page=%00&q=a"])
def test_a_broken_address_is_read_as_far_as_it_goes(client: FlaskClient, query: str) -> None:
    get(client, f"/search?{query}")


def test_a_name_that_is_too_long_is_refused(client: FlaskClient) -> None:
    assert "no more than 200 characters" in get(client, "/search", 400, q="x" * 201).text


# Every page


def all_of_them(_address: str) -> bool:
    return True


class Sample:
    """Some addresses of each kind, as they are met; the others are kept. None of data: every page has some of them."""

    def __init__(self, of_a_kind: int) -> None:
        self._of_a_kind = of_a_kind
        self._met: Counter[tuple[str, ...]] = Counter()
        self.left: set[str] = set()

    def wants(self, address: str) -> bool:
        if re.match(r"/sparql\?|.*[?&](format|embed)=|.*/history$|.*\.(ttl|jsonld)$", address):
            return False
        parts = urlsplit(address)
        kind = (parts.path.rpartition("/")[0] or parts.path, *parse_qs(parts.query))
        self._met[kind] += 1
        if self._met[kind] > self._of_a_kind:
            self.left.add(parts.path)
        return self._met[kind] <= self._of_a_kind


_ONE_EACH = (
    "/contribute/",
    "/cite?",
    "/query?",
    "/def/",
    "/shape/",
    "/rule/",
    "/graph/",
    "/compare?",
    "/list?",
    "/brief?",
)
#: The same list in another order, or narrowed: test_lists goes there.
_LIST_AGAIN = re.compile(r"/search\?.*(?:sort|place|theme|need|source|of)=")


def crawled(
    client: FlaskClient, starts: list[str], *, most: int, wants: Callable[[str], bool] = all_of_them
) -> dict[str, Page]:
    """Follow every way inside the site, from these pages on; every address answers, and every anchor is there.

    Forms that an address fills in are left out: they are one page, for those who are signed in. So are the pages that
    each thing has one of, to cite it and to query it, and those of single terms, shapes and rules (test_public_pages).
    """
    pages: dict[str, Page] = {}
    waiting, seen, anchors = list(starts), set(starts), set()
    while waiting:
        path = waiting.pop()
        answer = client.get(path, headers=HTML, follow_redirects=True)
        assert answer.status_code == 200, path
        if answer.mimetype != "text/html" or path.startswith("/sparql?"):
            answer.close()  # of a file that is sent, it has it open
            continue
        pages[path] = sound(answer)
        assert len(pages) <= most
        for address in pages[path].links:
            if address.startswith(("/", "#")):
                target, anchor = urldefrag(address)
                target = target or path
                if anchor:
                    anchors.add((target, anchor))
                if target not in seen and not target.startswith(_ONE_EACH) and not _LIST_AGAIN.match(target):
                    seen.add(target)
                    waiting += [target] if wants(target) else []
    for target, anchor in (each for each in anchors if each[0] in pages):
        assert anchor in {element.attributes.get("id") for element in pages[target].elements}, (target, anchor)
    return pages


STARTS = ["/", f"/routes?{urlencode({'from': 'Loom Charity', 'to': 'Millbrook Hospital'})}", "/id/lonely-mill",
          f"/routes?{urlencode({'from': 'Twin', 'to': 'Zoë Institute'})}", "/scheme/theme/idle"]  # fmt: skip


def test_disagreements_stand_side_by_side_with_their_sources(client: FlaskClient) -> None:
    text = sound(client.get("/disagreements", headers=HTML)).text
    assert "Number of device firms, Millbrook" in text
    assert "more than 250" in text
    assert "the two contradict each other" in text


def test_figures_stand_side_by_side_and_none_is_chosen(client: FlaskClient) -> None:
    page = get(client, "/figures")
    assert "Number of device firms" in page.text
    assert "2 of the 3 cannot hold beside another one." in page.text
    assert "The graph keeps each as its source puts it and chooses none." in page.text
    assert "more than 250" in page.text
    drawn = re.findall(r'class="kg-scale__(?:value" c|mark" )x="([0-9.]+)%"', client.get("/figures", headers=HTML).text)
    assert len(drawn) == 3, "each value is drawn on the scale of its indicator"
    assert all(0 <= float(at) <= 100 for at in drawn)


def test_who_can_help_with_a_need(client: FlaskClient) -> None:
    page = get(client, "/support", need="work-space", from_="Millbrook Hospital")
    for words in ("2 bodies are recorded", "Zoë Institute", "Loom Charity", "Desks at the Loom", "At stage First idea"):
        assert words in page.text
    ways = [href for href in page.links if href.startswith("/routes?")]
    assert len(ways) == 2, "a way to each of them from the organisation one knows"
    for way in ways:
        get(client, way)
    assert re.search("No one is recorded as helping with: [^.]*Legal advice", page.text)


def test_who_can_help_at_a_stage(client: FlaskClient) -> None:
    page = get(client, "/support", need="work-space", stage=NAMESPACES.concept("stage", "first-idea"))
    assert "1 body is recorded" in page.text
    assert "Desks at the Loom" in page.text
    nobody = get(client, "/support", need="legal-advice").text
    assert "Nobody is recorded as helping with this" in nobody
    assert "Someone may still do it" in nobody


@pytest.mark.parametrize(
    ("words", "need"),
    [("a desk for us", "Work space"), ("Notaries", "Legal advice"), ("a notry", "Legal advice")],
)
def test_a_need_in_the_words_of_who_has_it(client: FlaskClient, words: str, need: str) -> None:
    assert f"Who can help: {need}" in get(client, "/support", q=words).text


def test_words_that_no_need_has_are_not_guessed_at(client: FlaskClient) -> None:
    for words in ("xyzzy", "someone to help me", "<script>", "?"):
        assert "No need has these words" in get(client, "/support", q=words).text
    assert "No need in the graph is called “xyzzy”" in get(client, "/support", 404, need="xyzzy").text
    assert "nobody at all" in get(client, "/support", need="work-space", from_="nobody at all").text
    get(client, "/support", 400, q="x" * 300)


def test_the_matrices_say_what_is_not_recorded(client: FlaskClient) -> None:
    needs = get(client, "/support/needs").text
    assert re.search(r"2 providers by \d+ needs", needs)
    assert "not recorded" in needs
    themes = get(client, "/support/themes").text
    assert re.search("Nobody is recorded for: [^.]*a theme of nothing", themes)


def test_who_matters_is_ranked_and_explained(client: FlaskClient) -> None:
    page = get(client, "/network")
    assert [words for level, words in page.headings if level == 2 and words != "On this page"] == [
        "Brokers", "Single points of failure", "Communities", "Potential partners", "Gaps"
    ]  # fmt: skip
    assert "if you want to reach somebody" in page.text, "plain words first"
    assert "lead through this one (exact)" in page.text
    assert "Millbrook Guild" in page.text
    assert "ask before you introduce" in page.text


def test_figures_by_words_and_place(client: FlaskClient) -> None:
    millbrook = NAMESPACES.entity("millbrook")
    assert "Number of device firms" in get(client, "/figures", q="device", place=millbrook).text
    nothing = get(client, "/figures", q="xyzzy").text
    assert "No figure fits" in nothing
    assert "Number of device firms" not in nothing
    assert (
        "“<script>” is no place that a figure is about. There are: "
        in get(client, "/figures", 400, place="<script>").text
    )
    get(client, "/figures", 400, q="x" * 300)


def test_every_way_leads_somewhere(client: FlaskClient) -> None:
    pages = crawled(client, STARTS, most=1100)
    kinds = {path.split("/")[1].split("?")[0] for path in pages}
    pages_of_things = {"id", "assertion", "evidence", "scheme"}
    assert kinds == {
        "",
        *pages_of_things,
        "account",
        "read",
        "search",
        "sign-in",
        "routes",
        "support",
        "network",
        "pictures",
        "timeline",
        "places",
        "figures",
        "compare",
        "disagreements",
        "attribution",
        "query",
        "sparql",
        "help",
        "contribute",
        "contributions",
        "dataset",
        "def",
        "model",
        "shape",
        "versions",
        "changes",
        ".well-known",
    }


@pytest.mark.slow
def test_nothing_in_a_name_becomes_a_part_of_a_page(hostile: FlaskClient) -> None:
    starts = ["/", *(f"/routes?{urlencode({'from': one, 'to': other})}" for one, other in
              [("id:loom-charity", "id:millbrook-hospital"), ("<script>", "{{7*7}}"), ("twin", "x")])]  # fmt: skip
    pages = crawled(hostile, starts, most=1100)
    pages["missing"] = get(hostile, "/id/script", 404)
    seen = " ".join(page.text for page in pages.values())
    for text in HOSTILE.values():
        assert " ".join(text.split()) in seen, "it is shown as it is"
    assert "{{7*7}}" in seen
    for path, page in pages.items():
        assert "<script>alert" not in page.source, path
        assert "javascript:" not in {address.partition(":")[0] + ":" for address in page.links}, path
        assert not [element for element in page.elements if element.name in {"iframe", "b"}], path
        for script in page.all("script"):
            assert "alert" not in script.text or script.attributes["type"] == "application/json", path
            assert "<" not in script.text, path


@pytest.mark.slow
def test_every_way_through_the_real_graph_leads_somewhere(tmp_path: Path) -> None:
    """Thousands of pages: some of each kind are looked at, and what they lead to is in the graph."""
    knowledge, sample = read_knowledge(PROJECT, NAMESPACES), Sample(20)
    build(knowledge, tmp_path, keep=1)
    for client in client_of(tmp_path):
        assert len(crawled(client, ["/"], most=1_500, wants=sample.wants)) > 200
    store = ox.Store()
    load_imports(knowledge, store)
    imported = {quad.subject.value for quad in store}
    subjects = {*knowledge.graph.statements.subjects(), *knowledge.ontology.statements.subjects(), *imported}
    things = {path for path in sample.left if path.startswith(("/id/", "/assertion/", "/evidence/", "/scheme/"))}
    assert len(things) > 200
    assert {path for path in things if NAMESPACES.base + path[1:] not in subjects} == set()


# Words


@pytest.mark.parametrize(
    ("edtf", "words"),
    [("2021", "2021"), ("2021-09", "September 2021"), ("1998-04-01", "1 April 1998"), ("2018/2023", "2018 to 2023"),
     ("2019/..", "from 2019"), ("../2019", "until 2019"), ("2019~", "about 2019"), ("2019?", "perhaps 2019"),
     ("2021-22", "summer 2021"), ("2021-13", "2021-13"), ("https://a.example/2019", "https://a.example/2019"),
     ("and/or", "and/or"), ("", "")],
)  # fmt: skip
def test_dates_read_as_words(edtf: str, words: str) -> None:
    assert plain_date(edtf) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [("1600000000", "£1.6 billion"), ("19800000", "£19.8 million"), ("1234567", "£1,234,567"), ("12000", "£12,000"),
     ("1.6E9", "£1.6 billion"), ("0.5", "£0.5"), ("some", "some GBP"), ("NaN", "NaN GBP")],
)  # fmt: skip
def test_money_is_in_words_where_that_is_shorter(number: str, words: str) -> None:
    assert money(number, "GBP") == words


def test_numbers_and_plurals() -> None:
    assert [grouped("75000"), grouped("1.50"), grouped("x")] == ["75,000", "1.50", "x"]
    assert [ordinal(number) for number in ("1", "2", "3", "11", "22", "113", "x")] == [
        "1st",
        "2nd",
        "3rd",
        "11th",
        "22nd",
        "113th",
        "x",
    ]
    assert [plural(word) for word in ("city", "public body", "charity", "place")] == [
        "cities",
        "public bodies",
        "charities",
        "places",
    ]
    assert [singular(words) for words in ("companies", "people", "square feet", "per 100 people")] == [
        "company", "person", "square foot", "per 100 people"]  # fmt: skip
    assert [listed("a"), listed("ab"), listed("abc"), listed("abcde", 3), listed("")] == [
        "a",
        "a and b",
        "a, b and c",
        "a, b and 3 more",
        "",
    ]


def test_every_kind_has_a_shape_and_a_family() -> None:
    ontology = (PROJECT / "ontology" / "core.ttl").read_text(encoding="utf-8")
    entities = ontology.split("lhi:Assertion a owl:Class")[0]
    classes = re.findall(r"^lhi:(\w+) a owl:Class ;", entities, re.MULTILINE)
    kinds = re.findall(r'a owl:Class ;\n    rdfs:label "([^"]+)"@en', entities)
    known = {kind for family in FAMILIES.values() for kind in family}
    assert len(classes) == len(kinds) > 20
    assert set(classes) - known == {"Entity"}
    # Bodies that share a project are tied in pictures; where it stands itself it is grey, as what the table lacks.
    assert set(kinds) - set(KIND_STYLES) == {"entity", "project"}
