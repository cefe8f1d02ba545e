"""Every thing at its address: what a client gets by its Accept header, by suffix, on every hop, and what is in it."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol import written
from leedskg.sparql.protocol.negotiation import FORMATS, HTML, choose, offers_of
from leedskg.web import create_app, current
from tests.page import Page
from tests.sample_graph import settings_for
from tests.sample_knowledge import NAMESPACES
from tests.sample_site import publish_sample
from tests.served import served

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,"
    "text/html;q=0.2,application/xhtml+xml;q=0.18"
)
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3"
RDFLIB = (
    "application/rdf+xml;q=0.9, application/xhtml+xml;q=0.3, text/xml;q=0.2, application/xml;q=0.2, text/html;q=0.3"
)
JAVA_OF_1999 = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
LOOM = NAMESPACES.entity("loom-charity")
PARSERS = {
    ".ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    ".nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    ".jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    ".rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    ".nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
    ".trig": ("application/trig", ox.RdfFormat.TRIG),
}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_sample(tmp_path_factory.mktemp("linked"))


@pytest.fixture(scope="module")
def client(state: Path) -> Iterator[FlaskClient]:
    options = settings_for(state)
    with QueryPool(options) as pool:
        yield create_app(options, pool).test_client()


# The one decision, beside the rules of RFC 9110 as they stand there

OFFERS = (HTML, *offers_of(*(each for each in FORMATS if each.shape == "graph")))
TYPES = st.sampled_from([*OFFERS, "text/csv", "image/png", "text/*", "application/*", "image/*", "*/*"])
RANGES = st.lists(
    st.tuples(TYPES, st.integers(0, 1000), st.sampled_from(["", "q", "spaced", "upper"])), max_size=8,
    unique_by=lambda each: each[0],
)  # fmt: skip


def accepted(name: str, thousandths: int, way: str) -> str:
    weight = f"{thousandths / 1000:.3f}"
    return {
        "": f"{name};q={weight}",
        "q": name if thousandths == 1000 else f"{name};q={weight.rstrip('0').rstrip('.') or '0'}",
        "spaced": f" {name} ; q={weight} ",
        "upper": f"{name.upper()};Q={weight}",
    }[way]


def by_the_rfc(ranges: list[tuple[str, int, str]], offer: str) -> int:
    """The precedence of section 12.5.1: the exact type, then type/*, then */*; what none covers is not acceptable."""
    given_to = {name: thousandths for name, thousandths, _ in ranges}
    for covering in (offer, offer.split("/", 1)[0] + "/*", "*/*"):
        if covering in given_to:
            return given_to[covering]
    return 0


@given(ranges=RANGES, offers=st.lists(st.sampled_from(OFFERS), min_size=1, max_size=10, unique=True))
@settings(max_examples=500, deadline=None)
def test_the_choice_is_that_of_the_rfc(ranges, offers):
    header = ",".join(accepted(*each) for each in ranges)
    chosen = choose(header, tuple(offers))
    if not header.strip():
        assert chosen == offers[0]
        return
    best = max(by_the_rfc(ranges, each) for each in offers)
    if best == 0:
        assert chosen is None
    else:
        assert chosen in offers
        assert by_the_rfc(ranges, chosen) == best
        named = {name for name, _, _ in ranges}
        outright = [each for each in offers if by_the_rfc(ranges, each) == best and each in named]
        assert not outright or chosen == outright[0], "what is named outright wins over what a wildcard covers"


@given(header=st.text(max_size=200) | st.text('abc/*;q=.,0129"\\ -+', max_size=200))
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_a_header_something_is_chosen_or_nothing(header):
    assert choose(header, OFFERS) in {*OFFERS, None}


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        (None, None), ("", None), ("*/*", None), (BROWSER, None), (JAVA_OF_1999, None), (HTML, None),
        ("text/turtle;q=0.5, text/html;q=0.6", None), ("text/html;q=x, */*;q=0.1, text/turtle;q=0.1", ".ttl"),
        (COMUNICA, ".nq"), (JENA, ".ttl"), (RDFLIB, ".rdf"), ("text/turtle", ".ttl"), ("application/json", ".jsonld"),
        ("text/html;q=0.1, application/ld+json", ".jsonld"), ("text/html;q=0, */*", ".ttl"), ("text/n3", ".ttl"),
        ("application/ld+json;profile=\"http://www.w3.org/ns/json-ld#compacted\"", ".jsonld"),
        ("text/plain", ".nt"), ("text/html;level=1;q=0.9, application/trig;q=0.1", ".trig"), ("," * 8000, 406),
        ("image/png", 406), ("*/*;q=0", 406),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/id/loom-charity", "/scheme/need/work-space", "/def", "/scheme/need", "/shape"])
def test_an_address_of_a_thing_shows_its_page_or_leads_to_its_document(client, path, accept, suffix):
    answer = client.get(path, headers={} if accept is None else {"Accept": accept})
    assert "Accept" in answer.vary
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    if suffix == 406:
        assert answer.status_code == 406
    elif suffix is None:
        assert (answer.status_code, answer.mimetype) == (200, HTML)
        assert answer.headers["Content-Location"] == f"{path}.html"
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, path + suffix)
        document = client.get(answer.headers["Location"], headers={"Accept": accept or "*/*"})
        assert document.status_code == 200
        assert document.headers["Access-Control-Allow-Origin"] == "*"


def statements(answer, suffix: str) -> set[tuple[str, ...]]:
    found = ox.parse(answer.data, PARSERS[suffix][1])
    return {(str(each.subject), str(each.predicate), str(each.object)) for each in found}


@pytest.mark.parametrize("path", ["/id/loom-charity", "/scheme/need/work-space", "/def"])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated", "ignore:Dataset.default_context is deprecated")
def test_every_document_says_the_same_whatever_its_format(client, path):
    said = {}
    for suffix, (media_type, _) in PARSERS.items():
        answer = client.get(path + suffix)
        assert (answer.status_code, answer.mimetype) == (200, media_type)
        assert answer.data == client.get(path + suffix).data, "the same bytes each time"
        said[suffix] = statements(answer, suffix)
        known = client.get(path + suffix, headers={"If-None-Match": answer.headers["ETag"]})
        assert known.status_code == 304
    assert len({frozenset(each) for each in said.values()}) == 1
    assert len(said[".ttl"]) > 3


def test_a_document_has_all_that_the_graph_says_of_the_thing_once_in_the_default_graph(client):
    asked = client.get("/sparql", query_string={"query": f"SELECT * {{ <{LOOM}> ?p ?o }}"})
    number = len(json.loads(asked.data)["results"]["bindings"])
    quads = list(ox.parse(client.get("/id/loom-charity.nq").data, ox.RdfFormat.N_QUADS))
    plain = [each for each in quads if isinstance(each.graph_name, ox.DefaultGraph)]
    assert len([each for each in plain if each.subject == ox.NamedNode(LOOM)]) == number
    assert {each.triple for each in quads} == {each.triple for each in plain}
    named = {str(each.graph_name) for each in quads} - {"DEFAULT"}
    assert named, "the statements stand in the graphs that they are from too"


def test_turtle_and_json_ld_are_for_reading(client):
    turtle = client.get("/id/loom-charity.ttl").text
    head = [line for line in turtle.splitlines() if line.startswith("@prefix")]
    assert head == sorted(head)
    assert re.search(r"^id:loom-charity a .*lhi:Charity", turtle, re.MULTILINE)
    told = client.get("/id/loom-charity.jsonld").json
    told = told["@graph"][0]
    assert told["@id"] == "id:loom-charity", "the thing itself comes first"
    assert told["skos:prefLabel"] == {"@value": "Loom Charity", "@language": "en"}


def test_the_document_of_an_entity_can_be_read_alone(client):
    told = rdflib.Graph().parse(data=client.get("/id/loom-charity.ttl").data, format="turtle")
    lhi = rdflib.Namespace(NAMESPACES.term(""))
    parts = [
        told.value(None, lhi.hasParticipation, part) for part in told.subjects(lhi.participant, rdflib.URIRef(LOOM))
    ]
    assert parts, "the assertions that it takes part in"
    for assertion in parts:
        assert told.value(assertion, lhi.confidence) is not None
        evidence = told.value(assertion, lhi.hasEvidence)
        selector = told.value(evidence, rdflib.Namespace("http://www.w3.org/ns/oa#").hasSelector)
        assert told.value(selector, rdflib.Namespace("http://www.w3.org/ns/oa#").start) is not None
    ours = {each for each in told.objects() if str(each).startswith(f"{NAMESPACES.base}id/") and "#" not in each}
    named = {each for each in ours if (each, rdflib.SKOS.prefLabel, None) in told}
    assert ours == named, "whatever it mentions has its name"


GRAPH_QUERY = f"PREFIX l: <{NAMESPACES.term('')}> CONSTRUCT {{ ?a l:hasEvidence ?e }} WHERE {{ ?a l:hasEvidence ?e }}"


def test_graphs_from_the_endpoint_have_prefixes_and_an_order_that_stays(client):
    def asked(accept):
        return client.get("/sparql", query_string={"query": GRAPH_QUERY}, headers={"Accept": accept})

    turtle = asked("text/turtle").text
    assert f"@prefix l: <{NAMESPACES.term('')}> ." in turtle, "the prefix of the query"
    assert f"@prefix assertion: <{NAMESPACES.base}assertion/> ." in turtle, "those of the graph"
    assert "@prefix lhi:" not in turtle
    assert "@prefix foaf:" not in turtle, "and none that nothing uses"
    subjects = [line.split()[0] for line in turtle.splitlines() if line.startswith("assertion:")]
    assert subjects == sorted(subjects)
    assert len(subjects) > 2
    told = json.loads(asked("application/ld+json").data)
    assert told["@context"]["l"] == NAMESPACES.term("")
    assert {key for node in told["@graph"] for key in node} == {"@id", "l:hasEvidence"}
    assert asked("text/turtle").text == turtle


def test_a_graph_too_large_to_sort_is_whole_with_prefixes(monkeypatch):
    monkeypatch.setattr(written, "MOST_SORTED", 3)
    triples = [ox.Triple(ox.NamedNode(f"http://e/{n}"), ox.NamedNode("http://e/p"), ox.Literal(n)) for n in range(9)]
    output = io.BytesIO()
    written.write(triples, "TURTLE", {"e": "http://e/"}, output)
    assert b"@prefix e: <http://e/> ." in output.getvalue()
    assert {each.triple for each in ox.parse(output.getvalue(), ox.RdfFormat.TURTLE)} == set(triples)


def test_statements_about_statements_are_told_to_have_no_json_ld(client):
    query = "CONSTRUCT { ?a ?p <<( ?a ?p ?o )>> } WHERE { ?a a ?o . BIND(<http://e/p> AS ?p) } LIMIT 3"
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "application/ld+json"})
    assert answer.status_code == 406
    assert "RDF 1.2" in answer.text
    assert "<<(" in client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/turtle"}).text


@pytest.mark.parametrize("path", ["/sparql", "/.well-known/void", "/query", "/openapi.json", "/help"])
@pytest.mark.parametrize("public", ["", "https://graph.example.org/"])
def test_a_name_that_only_a_request_gives_is_not_repeated(client, state, path, public):
    accept = HTML if path in {"/query", "/help"} else "*/*"
    lies = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher",
            "Forwarded": "host=evil.example", "Accept": accept}  # fmt: skip
    app = client.application
    parts = app.extensions[current._KEY]
    app.extensions[current._KEY] = replace(parts, settings=replace(parts.settings, public_address=public))
    try:
        answer = client.get(path, headers=lies)
    finally:
        app.extensions[current._KEY] = parts
    assert answer.status_code == 200
    assert "evil" not in answer.text
    assert (public or "http://127.0.0.1:") in answer.text


def test_a_page_links_its_documents_in_header_and_head(client):
    answer = client.get("/id/loom-charity", headers={"Accept": HTML})
    assert '</id/loom-charity.ttl>; rel="alternate"; type="text/turtle"' in answer.headers["Link"]
    assert f'<{LOOM}>; rel="canonical"' in answer.headers["Link"]
    links = [each.attributes for each in Page(answer.text).all("link") if each.attributes.get("rel") == "alternate"]
    assert {each["href"].rpartition(".")[2] for each in links} == {*(each[1:] for each in PARSERS), "atom"}
    page = client.get("/id/loom-charity.html")
    assert (page.status_code, page.mimetype) == (200, HTML)
    data = client.get("/id/loom-charity.ttl")
    assert f'<{LOOM}>; rel="describes"' in data.headers["Link"]
    assert '</id/loom-charity.html>; rel="alternate"; type="text/html"' in data.headers["Link"]


def test_a_browser_gets_a_page_of_terms_at_the_ontology(client):
    page = Page(client.get("/def", headers={"Accept": BROWSER}).text)
    assert "Classes" in page.text
    ids = {each.attributes.get("id") for each in page.elements}
    assert {"Company", "funds"} <= ids


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/sparql/", "/sparql"), ("/id/loom-charity/", "/id/loom-charity"), ("/def/", "/def"),
        ("/sparql/?query=ASK%20%7B%7D", "/sparql?query=ASK%20%7B%7D"),
        ("/SPARQL?query=ASK%20%7B%7D", "/sparql?query=ASK%20%7B%7D"), ("/ID/loom-charity/", "/id/loom-charity"),
        ("/DEF/Charity", "/def/Charity"), ("/Network/Whole", "/network/whole"),
        ("/id/loom-charity.ttl/", "/id/loom-charity.ttl"),
        ("/routes/?from=a%2Fb", "/routes?from=a%2Fb"), ("/scheme/need/", "/scheme/need"),
    ],
)  # fmt: skip
def test_a_slash_at_the_end_leads_to_the_address_without(client, path, target):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (301, target)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["//evil.example/", "/nowhere/", "/", "//"])
def test_other_slashes_lead_nowhere(client, path):
    answer = client.get(path)
    assert answer.status_code in {200, 404, 308}
    assert "evil" not in answer.headers.get("Location", "")


def test_a_query_by_post_keeps_its_body_over_the_slash(client):
    answer = client.post("/sparql/", data={"query": "ASK { ?s ?p ?o }"}, follow_redirects=True)
    assert answer.json["boolean"] is True


@pytest.mark.parametrize(
    "path",
    ["/id/loom-charity", "/id/loom-charity.ttl", "/id/nowhere", "/id/old-institute", "/sparql?query=x", "/def", "/",
     "/sparql/", "/dataset", "/api/routes", "/nowhere", "/graph-store", "/.well-known/void", "/openapi.json"],
)  # fmt: skip
def test_scripts_of_other_sites_may_read_every_hop(client, path):
    for accept in (HTML, "text/turtle", "application/json", "image/png"):
        answer = client.get(path, headers={"Accept": accept, "Origin": "https://example.org"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*", accept
    before = client.options(path, headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET",
                                           "Access-Control-Request-Headers": "accept"})  # fmt: skip
    assert before.headers["Access-Control-Allow-Origin"] == "*"
    if path != "/nowhere":
        assert before.status_code < 400
        assert "GET" in before.headers["Access-Control-Allow-Methods"]
        assert {"Accept", "*"} <= set(before.headers["Access-Control-Allow-Headers"].split(", "))


@pytest.mark.parametrize("path", ["/account", "/sign-in", "/contribute", "/api/contributions"])
def test_what_is_of_accounts_is_not_shared(client, path):
    assert "Access-Control-Allow-Origin" not in client.get(path).headers


@pytest.mark.parametrize("suffix", ["", ".ttl", ".jsonld", ".html"])
def test_what_is_not_there_is_not_found_in_any_format(client, suffix):
    for path in ("/id/nowhere", "/assertion/0123456789abcdef", "/scheme/nowhere", "/def/9.9.9", "/graph/nowhere"):
        for accept in (HTML, "text/turtle"):
            answer = client.get(path + suffix, headers={"Accept": accept}, follow_redirects=True)
            assert answer.status_code == 404, (path, accept)


def test_the_version_that_is_published_leads_to_the_ontology(client):
    asked = client.get(
        "/sparql", query_string={"query": "SELECT ?v { ?o <http://www.w3.org/2002/07/owl#versionIRI> ?v }"}
    )
    version = "/" + asked.get_json(force=True)["results"]["bindings"][0]["v"]["value"].removeprefix(NAMESPACES.base)
    for suffix in ("", ".ttl"):
        answer = client.get(version + suffix)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/def{suffix}")


def test_a_merged_entity_leads_on_in_every_format(client):
    for suffix in ("", ".ttl", ".html"):
        answer = client.get(f"/id/old-institute{suffix}")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/id/zoe-institute{suffix}")
        assert answer.headers["Cache-Control"] == "no-cache", "an undone merge gives the address back"


def test_the_named_graphs_are_to_be_had_in_one_file(client):
    query = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    counted = client.get("/sparql", query_string={"query": query, "format": "csv"})
    number = int(counted.text.split()[1])
    found = {}
    for accept, suffix, form in (
        ("application/n-quads", "nq", ox.RdfFormat.N_QUADS), ("application/trig", "trig", ox.RdfFormat.TRIG),
    ):  # fmt: skip
        led = client.get("/dataset", headers={"Accept": accept})
        assert (led.status_code, led.headers["Location"]) == (303, f"/dataset.{suffix}")
        answer = client.get(led.headers["Location"])
        assert answer.content_length == len(answer.data)
        found[suffix] = set(ox.parse(io.BytesIO(answer.data), form))
        assert len(found[suffix]) == number
        answer.close()
        again = client.get(f"/dataset.{suffix}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        again.close()
        with client.get(f"/dataset.{suffix}", headers={"Range": "bytes=100-199"}) as part:
            assert (part.status_code, part.data) == (206, answer.data[100:200]), "who was interrupted goes on"
    assert found["nq"] == found["trig"]
    assert client.get("/dataset", headers={"Accept": "image/png"}).status_code == 406


def test_the_words_of_an_error_are_the_sites_own(client):
    page = Page(client.get("/nowhere/at-all", headers={"Accept": HTML}).text)
    assert "There is no page at this address" in page.text
    assert "URL" not in page.text
    refused = client.post("/routes", headers={"Accept": "application/json"})
    assert refused.status_code == 405
    assert refused.json["detail"] == "POST is not answered at this address; these are: GET, HEAD, OPTIONS."


# Comunica, the client that finds out by itself what an address is


@pytest.fixture(scope="module")
def comunica(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comunica")
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Comunica was left out: it needs node and npm")
    got = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "@comunica/query-sparql@4.5.0"],
        cwd=folder, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if got.returncode:
        pytest.skip("Comunica was left out: npm cannot fetch @comunica/query-sparql here")
    return folder


@pytest.mark.slow
def test_comunica_finds_all_of_a_thing_and_counts_at_the_endpoint(comunica, state, tmp_path):
    script = Path(__file__).parent / "comunica" / "count.mjs"
    count = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?a a <{NAMESPACES.term('Assertion')}> }}"
    described = f"SELECT (COUNT(*) AS ?n) WHERE {{ <{LOOM}> ?p ?o }}"
    with served(state, tmp_path / "log") as server:
        at = f"http://127.0.0.1:{server.port}"
        expected = [
            int(server.get(f"/sparql?{urlencode({'query': query, 'format': 'csv'})}").text.split()[1])
            for query in (described, count)
        ]
        asked = [[f"{at}/id/loom-charity", described], [f"{at}/sparql", count]]
        said = subprocess.run(
            ["node", str(script), json.dumps(asked)],
            cwd=comunica, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:]
    assert [int(line) for line in said.stdout.split()] == expected


def test_every_export_says_where_licence_and_attribution_stand(client: FlaskClient) -> None:
    for path in (
        *(f"/id/loom-charity{each}" for each in (".ttl", ".jsonld", ".nq")),
        "/sparql?query=ASK%7B%7D&format=csv",
    ):
        answer = client.get(path)
        rels = dict(re.findall(r'<([^>]*)>; rel="(license|copyright)"', answer.headers["Link"]))
        address = next(address for address, rel in rels.items() if rel == "copyright")
        assert client.get(f"/{address.lstrip('/')}").status_code == 200, path
