"""The query page without a browser: its form, the saved queries with their values, the words, what to ask it from."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from leedskg.errors import KnowledgeError, RequestError
from leedskg.queries import Parameter, read_queries
from leedskg.web.pages.query import snippets
from tests.browser import served_by_the_program
from tests.page import Page
from tests.sample_knowledge import NAMESPACES, PROJECT
from tests.sample_site import HOSTILE, publish_sample
from tests.test_site import WEIRD, client_of, get

SAVED = read_queries(PROJECT)
PARTNERS = "/query/08-partners-of-the-university-of-leeds"
AMOUNTS = "/query/12-large-amounts"
THEME = "/query/15-works-on-diabetes"
HEAD = "# title: A\n# description: B\n# answers: C\n"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_sample(tmp_path_factory.mktemp("query"))


@pytest.fixture(scope="module")
def client(state: Path) -> Iterator[FlaskClient]:
    yield from client_of(state)


@pytest.fixture(scope="module")
def address(state: Path) -> Iterator[str]:
    with served_by_the_program(state) as address:
        yield address


def text_of(page: Page) -> str:
    (area,) = page.all("textarea")
    return area.text.removeprefix("\n")


# The form and the gallery


def test_without_script_the_page_is_a_form_that_the_endpoint_answers(client: FlaskClient) -> None:
    page = get(client, "/query")
    form = next(form for form in page.all("form") if "data-query" in form.attributes)
    assert (form.attributes["action"], form.attributes["method"]) == ("/sparql", "get")
    formats = [option.attributes["value"] for option in page.all("option")]
    assert formats == ["csv", "tsv", "json", "xml", "turtle", "ntriples", "jsonld"]
    answer = client.get("/sparql", query_string={"query": text_of(page), "format": "csv"})
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert f"{NAMESPACES.entity('loom-charity')}," in answer.text


def test_the_page_asks_nothing_of_another_host(client: FlaskClient) -> None:
    page = get(client, "/query")
    fetched = [element.attributes.get("src") or element.attributes.get("href", "") for element in
               page.all("script", "link", "img")]  # fmt: skip
    assert all(each.startswith("/assets/") for each in fetched)
    assert [link.words for link in page.all("a") if link.attributes.get("aria-current")] == ["Query (SPARQL)"]


def test_every_saved_query_is_in_the_gallery_and_opens(client: FlaskClient) -> None:
    page = get(client, "/query")
    assert len(SAVED) >= 30
    for saved in SAVED:
        assert page.link(saved.title) == f"/query/{saved.name}"
        for words in (saved.title, saved.description, f"Answers {saved.answers}"):
            assert words in page.text
        opened = get(client, f"/query/{saved.name}")
        assert saved.title in [words for _, words in opened.headings]
        assert text_of(opened) in saved.text or saved.parameters
        assert "# title" not in text_of(opened)


def test_the_address_holds_the_query(client: FlaskClient) -> None:
    query = 'SELECT * {\n  ?s ?p "£ & <b>"@en\n}'
    page = get(client, "/query", query=query)
    assert text_of(page) == query
    assert page.with_class("kg-query")[0].attributes.keys() >= {"data-asked"}
    assert "data-asked" not in get(client, "/query").with_class("kg-query")[0].attributes


@pytest.mark.parametrize(
    "text", [*WEIRD, *HOSTILE.values(), "</textarea><script>alert(1)</script>", "</code></pre><b>"]
)
def test_weird_queries_and_values_stay_text(client: FlaskClient, text: str) -> None:
    for page in (get(client, "/query", query=text), get(client, PARTNERS, organisation=text)):
        assert "<script>alert" not in page.source
        assert not page.all("b", "iframe")
        assert not page.all("img")[1:], "one picture, the mark in the header"


@pytest.mark.parametrize("name", ["nothing", "../errors", "%2e%2e%2fsetup", "checks", "%00", "<script>"])
def test_an_unknown_saved_query_is_not_found(client: FlaskClient, name: str) -> None:
    get(client, f"/query/{name}", 404)


def test_a_query_longer_than_is_read_is_refused(client: FlaskClient) -> None:
    assert "no more than 1024 KiB" in get(client, "/query", 400, query="x" * (1024 * 1024 + 1)).text
    assert client.post("/query/snippets.json", data={"query": "x" * (1024 * 1024 + 1)}).status_code in {400, 413}


# Values for saved queries


@pytest.mark.parametrize("name", ["Loom Charity", "the loom", "id:loom-charity", NAMESPACES.entity("loom-charity")])
def test_an_entity_is_named_by_any_of_its_names(client: FlaskClient, name: str) -> None:
    page = get(client, PARTNERS, organisation=name)
    assert f"VALUES ?organisation {{ <{NAMESPACES.entity('loom-charity')}> }}" in text_of(page)
    assert (
        next(field for field in page.all("input") if field.attributes["name"] == "organisation").attributes["value"]
        == "Loom Charity"
    )
    assert "Zoë Institute" in {option.attributes["value"] for option in page.all("option")}


def test_a_name_that_fits_none_or_two_says_so_and_asks_nothing(client: FlaskClient) -> None:
    page = get(client, PARTNERS, organisation="Twin")
    assert "“Twin” is a name of 2 entities" in page.text
    assert "data-asked" not in page.with_class("kg-query")[0].attributes
    assert "We could not find “xyzzy”" in get(client, PARTNERS, organisation="xyzzy").text
    assert "id:university-of-leeds }" in text_of(page), "the file's own value stays"


def test_a_value_that_this_graph_lacks_may_stay(client: FlaskClient) -> None:
    page = get(client, PARTNERS, organisation="id:university-of-leeds")
    assert not page.with_class("kg-field--wrong")


@pytest.mark.parametrize(
    ("value", "right"), [("5000", True), ("-1.5", True), ("1e9", False), ("٣", False), ("1 } ?x ?y ?z", False)]
)
def test_a_number_is_a_number(client: FlaskClient, value: str, right: bool) -> None:
    page = get(client, AMOUNTS, least=value)
    assert (f"VALUES ?least {{ {value} }}" in text_of(page)) is right
    assert bool(page.with_class("kg-field--wrong")) is not right


def test_a_concept_is_chosen_from_its_scheme(client: FlaskClient) -> None:
    chosen = NAMESPACES.concept("theme", "heart-disease")
    page = get(client, THEME, theme=chosen)
    assert f"VALUES ?theme {{ <{chosen}> }}" in text_of(page)
    choices = {option.words for option in page.all("option") if "theme" in option.attributes["value"]}
    assert {"heart disease", "a theme of nothing"} <= choices
    for wrong in (NAMESPACES.concept("need", "work-space"), "urn:x", "> } #"):
        page = get(client, THEME, theme=wrong)
        assert page.with_class("kg-field--wrong")
        assert wrong not in text_of(page)


@pytest.mark.parametrize("saved", [each for each in SAVED if each.parameters], ids=lambda saved: saved.name)
def test_the_default_as_a_value_is_the_query_as_it_stands(saved) -> None:  # type: ignore[no-untyped-def]
    store = ox.Store()
    filled = saved.filled({parameter.name: parameter.default for parameter in saved.parameters})
    store.query(filled)
    for parameter in saved.parameters:
        wanted = store.query(f"SELECT ?v {{ VALUES ?v {{ {parameter.term(parameter.default)} }} }}")
        assert next(iter(wanted))["v"]  # type: ignore[arg-type,index]


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
    | st.from_regex(r"(\\u00[0-9a-f]{2}|[\"\\'}#\n])+", fullmatch=True)
)
def test_a_text_is_one_literal_and_nothing_else(value: str) -> None:
    parameter = Parameter("x", "Text", "a", "text", "@en")
    try:
        term = parameter.term(value)
    except RequestError:
        assert not value.isprintable()
        return
    rows = list(ox.Store().query(f"SELECT ?v {{ VALUES ?v {{ {term} }} }}"))  # type: ignore[arg-type]
    assert [row["v"] for row in rows] == [ox.Literal(value, language="en")]


@pytest.mark.parametrize(
    "value", ["a b", "x>", "no colon", "http://a.example/\\u003E", "urn:a\n", "", "http://a/{b}", 'urn:"']
)
def test_what_is_no_iri_is_refused(value: str) -> None:
    with pytest.raises(RequestError, match="has to be an IRI"):
        Parameter("x", "Thing", "urn:x", "iri").term(value)


@pytest.mark.parametrize(
    ("declared", "query", "said"),
    [
        ("# param x: X\n", "SELECT * { ?s ?p ?x }", "VALUES ?x { one term }"),
        ("# param x: X\n", "SELECT * { VALUES ?x { 1 2 } }", "VALUES ?x { one term }"),
        ("# param x: X\n", "SELECT * { VALUES ?x { 1 } VALUES ?x { 2 } }", "VALUES ?x { one term }"),
        ("# param x:\n", "SELECT * { VALUES ?x { 1 } }", "wants a label"),
        ("# param x: X\n", "SELECT * { VALUES ?x { ex:a } }", "the prefix ex: "),
    ],
)
def test_a_parameter_without_its_one_place_is_an_error_in_the_file(
    tmp_path: Path, declared: str, query: str, said: str
) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "a.rq").write_text(HEAD + declared + query, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=re.escape(said)):
        read_queries(tmp_path)


def test_a_default_is_read_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    text = HEAD + '# param a: A\n# param b: B\nSELECT * { VALUES ?a { "x\\n\\"y\\\\n"@en } VALUES ?b { "2" } }\n'
    (tmp_path / "queries" / "a.rq").write_text(text, encoding="utf-8")
    (saved,) = read_queries(tmp_path)
    assert [parameter.default for parameter in saved.parameters] == ['x\n"y\\n', "2"]
    assert saved.filled({"b": "}"}) == 'SELECT * { VALUES ?a { "x\\n\\"y\\\\n"@en } VALUES ?b { "}" } }\n'


# The words of the graph


def test_the_words_are_those_of_the_graph_with_their_labels(client: FlaskClient) -> None:
    answer = client.get("/query/terms.json")
    assert answer.mimetype == "application/json"
    told = answer.json
    assert told
    assert told["prefixes"] == NAMESPACES.prefixes
    words = {word[1]: word[2:] for word in told["words"]}
    assert words["lhi:funds"][:2] == ["funds", "property"]
    assert words["lhi:funds"][2].startswith("Pays for")
    assert words["lhi:Organisation"][1] == "class"
    assert words["theme:heart-disease"][:2] == ["heart disease", "concept"]
    assert words["id:zoe-institute"][:2] == ["Zoë Institute", "research centre"]
    assert "skos:prefLabel" in words
    assert "id:old-institute" not in words, "a retired name is not offered"
    assert len(told["words"]) == len({word[0] for word in told["words"]})


def test_the_words_are_kept_until_another_generation(client: FlaskClient) -> None:
    answer = client.get("/query/terms.json")
    again = client.get("/query/terms.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert answer.headers["Cache-Control"] == "no-cache"


# From elsewhere

AWKWARD = (
    'SELECT ?a ?b WHERE { # it\'s "quoted" \\ and )-" more\n'
    '  VALUES (?a ?b) { ("""two\nlines""" "it\'s £5 \\\\ \\" $HOME `x` %20+&é") }\n}'
)


@pytest.mark.parametrize("language", ["Python", "curl"])
def test_the_lines_for_elsewhere_run_and_ask_the_same(address: str, language: str) -> None:
    told = snippets(AWKWARD, f"{address}/sparql")
    command = [sys.executable, "-c", told["Python"]] if language == "Python" else ["sh", "-c", told["curl"]]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    output = done.stdout.decode()
    wanted = {"a": "two\nlines", "b": "it's £5 \\ \" $HOME `x` %20+&é"}
    if language == "Python":
        assert output == f"{wanted}\n"
    else:
        assert list(csv.DictReader(io.StringIO(output, newline=""))) == [wanted]


def test_a_graph_is_asked_for_as_turtle(address: str) -> None:
    told = snippets("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3", f"{address}/sparql")
    done = subprocess.run([sys.executable, "-c", told["Python"]], capture_output=True, text=True, check=True)
    assert len(list(ox.parse(done.stdout, format=ox.RdfFormat.TURTLE))) == 3
    assert "readLines" in told["R"]


def test_the_lines_follow_the_query(client: FlaskClient) -> None:
    query = {"query": 'SELECT ("a)-" AS ?b) {}'}
    for answer in (
        client.get(f"/query/snippets.json?{urlencode(query)}"),
        client.post("/query/snippets.json", data=query),
    ):
        assert answer.json
        assert set(answer.json) == {"curl", "Python", "R"}
        assert f'r"--({query["query"]})--"' in answer.json["R"]
    assert client.get("/query/snippets.json?query=SERVICE%20<x>%20{}").status_code == 200


# What is likely wrong with a query that finds nothing

UNSAFE = NAMESPACES.base.replace("https:", "http:")
NAMES = f"PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX lhi: <{NAMESPACES.base}def#> "


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('SELECT * { ?s skos:prefLabel "Loom Charity" }', ["“Loom Charity”@en", 'write "Loom Charity"@en']),
        ('SELECT * { ?s skos:prefLabel "Loom Charity"@fr }', ['write "Loom Charity"@en']),
        ('SELECT * { ?s skos:prefLabel "loom charity"@en }', ["exactly", "“Loom Charity” is a name"]),
        ('SELECT * { ?s skos:prefLabel|skos:altLabel "Loom Charity" }', ['write "Loom Charity"@en']),
        ("SELECT * { ?s skos:prefLable ?o }", ["the property skos:prefLable", "Is skos:prefLabel meant?"]),
        ("SELECT * { ?s skos:altLabel*/skos:preferredLabel ?o }", ["the property skos:preferredLabel"]),
        ("ASK { ?s a lhi:Organization }", ["the class lhi:Organization", "Is lhi:Organisation meant?"]),
        ("CONSTRUCT { ?s a lhi:X } WHERE { ?s a lhi:Charitty }", ["the class lhi:Charitty"]),
        ("SELECT * { OPTIONAL { ?s lhi:nothing ?o } FILTER(BOUND(?o)) }", ["the property lhi:nothing"]),
        ("SELECT * { FILTER NOT EXISTS { ?s lhi:nothing ?o } FILTER(false) }", ["the property lhi:nothing"]),
        (f"SELECT * {{ VALUES ?s {{ <{NAMESPACES.base}id/loom> }} ?s ?p ?o }}", ["Nothing here has the IRI"]),
        (f"SELECT * {{ BIND(<{NAMESPACES.base}id/loom> AS ?s) ?s ?p ?o }}", ["Nothing here has the IRI"]),
        (f"SELECT * {{ <{NAMESPACES.base}id/loom> ?p ?o }}", ["Nothing here has the IRI"]),
        ("SELECT * { ?s ?p <http://elsewhere.example/> }", ["Nothing here has the IRI <http://elsewhere.example/>."]),
        (f"SELECT * {{ <{UNSAFE}id/loom-charity> ?p ?o }}", ["Nothing here", "Is id:loom-charity meant?"]),
        (f"SELECT * {{ <{NAMESPACES.base}id/loom-charity/> ?p ?o }}", ["Is id:loom-charity meant?"]),
        ("SELECT * { <http://localhost/id/loom-charity> ?p ?o }", ["Is id:loom-charity meant?"]),
        ("SELECT * { GRAPH <http://a.example/g> { ?s ?p ?o } }", ["No graph here", "Without GRAPH and FROM"]),
        ("SELECT * FROM <http://a.example/g> { ?s ?p ?o }", ["No graph here has the IRI <http://a.example/g>"]),
        ("SELECT * { ?s lhi:Charity ?o }", ["It is a class: write ?x a lhi:Charity."]),
        ("SELECT * { ?s a lhi:amount }", ["It is a property: write ?x lhi:amount ?y."]),
        ('SELECT * { ?s skos:prefLabel ?l FILTER(?l = "Loom Charity") }', ['write "Loom Charity"@en']),
        ('SELECT * { VALUES ?l { "Loom Charity" } ?s skos:prefLabel ?l }', ['write "Loom Charity"@en']),
        (
            f'SELECT * {{ ?s a ?t FILTER(?t = "{NAMESPACES.base}def#Charity") }}',
            [f"is a text here, and no IRI: write <{NAMESPACES.base}def#Charity>."],
        ),
        (
            'SELECT * { ?s skos:altLabel "Loom Charity"@en }',
            ['has "Loom Charity"@en as its skos:altLabel', "skos:prefLabel"],
        ),
        (
            'SELECT * { ?s lhi:validFrom ?d FILTER(?d > "2018-01-01"^^<http://www.w3.org/2001/XMLSchema#date>) }',
            ['of the kind of "2018-01-01"^^xsd:date'],
        ),
        ('SELECT * { ?s lhi:amount ?a FILTER(?a > "100") }', ['of the kind of "100"', "written like 2000000."]),
        ("SELECT * { ?s lhi:validFrom ?d FILTER(2018 < ?d) }", ['of the kind of 2018: they are written like "20']),
        ('SELECT * { ?s skos:prefLabel ?l FILTER(LANG(?l) = "EN") }', ['the language "EN"', 'in "en"']),
        ('SELECT * { ?s skos:prefLabel ?l FILTER(LANGMATCHES(LANG(?l), "de")) }', ['the language "de"']),
        (
            'SELECT * { ?s skos:prefLabel ?l FILTER(CONTAINS(?l, "LOOM")) }',
            ['skos:prefLabel has "Desks at the Loom"', 'write CONTAINS(LCASE(…), "loom")'],
        ),
        ('SELECT * { ?s skos:prefLabel ?l FILTER(REGEX(STR(?l), "^loom c")) }', ['REGEX "i" as its third argument']),
        (f"SELECT * {{ <{NAMESPACES.base}id/heartbeat-study> lhi:funds ?x }}", ["in each other's place"]),
        (f"SELECT * {{ <{NAMESPACES.base}id/old-institute> a lhi:Charity }}", ["is retired; id:zoe-institute is in"]),
    ],
)
def test_a_query_that_finds_nothing_is_told_what_the_graph_does_not_have(
    client: FlaskClient, query: str, said: list[str]
) -> None:
    query = f"{NAMES}{query}"
    (reason,) = client.get("/query/nothing.json", query_string={"query": query}).get_json()["reasons"]
    for words in said:
        assert words in reason


def test_a_prefix_that_stands_for_something_else_is_told(client: FlaskClient) -> None:
    query = "PREFIX skos: <http://www.w3.org/2004/02/skos/> SELECT * { ?s skos:prefLabel ?o }"
    (reason,) = client.post("/query/nothing.json", data={"query": query}).get_json()["reasons"]
    assert "skos: is declared as <http://www.w3.org/2004/02/skos/>" in reason
    assert "<http://www.w3.org/2004/02/skos/core#>" in reason


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?s skos:prefLabel "Loom Charity"@en FILTER(false) }',
        "SELECT * { ?s a lhi:Organisation ; a skos:Concept }",
        'SELECT * { ?s skos:prefLabel ?l FILTER(?l != "Loom Charity" && false) }',
        "SELECT * { ?s lhi:amount ?a FILTER(?a > 1e12) }",
        'SELECT * { ?s skos:prefLabel ?l FILTER(CONTAINS(?l, "Loom") && REGEX(?l, "loom", "i") && false) }',
        "SELECT * { this is no query",
        "SELECT * { SERVICE <http://elsewhere.example/> { ?s <http://elsewhere.example/p> 'x' } }",
        "SELECT * { " + "{" * 50 + "}" * 51,
        r"SELECT * { ?s <http://a.example/\u003e\u007d> ?o }",
        r'SELECT * { ?s skos:prefLabel "half a character: \uD83D" }',
        r'SELECT * { ?s ?p ?o FILTER(CONTAINS(?o, "\U0000DE00")) }',
        "",
    ],
)
def test_nothing_is_told_of_a_query_whose_words_fit_or_cannot_be_read(client: FlaskClient, query: str) -> None:
    answer = client.get("/query/nothing.json", query_string={"query": f"{NAMES}{query}"})
    assert answer.get_json() == {"reasons": []}
