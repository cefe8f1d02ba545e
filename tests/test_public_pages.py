"""A page for every IRI of ours, the ontology as a document, and the data set as programs read it."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator

import extruct
import pytest
import rdflib
from flask.testing import FlaskClient
from PIL import Image
from pyshacl import validate
from signposting import find_signposting_http_link

from leedskg.namespaces import REUSED
from leedskg.picture import card
from leedskg.picture.card import Card, drawn
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.page import Page
from tests.sample_graph import settings_for
from tests.sample_knowledge import NAMESPACES, PROJECT
from tests.sample_site import publish_sample

HTML = {"Accept": "text/html"}
DCAT, DCTERMS = (rdflib.Namespace(f"http://{each}") for each in ("www.w3.org/ns/dcat#", "purl.org/dc/terms/"))
DATASET = rdflib.URIRef(f"{NAMESPACES.base}dataset")
#: What DCAT 3 and DCAT-AP ask of a data set, as far as it is ours to say.
DCAT_SHAPES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix spdx: <http://spdx.org/rdf/terms#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
[] a sh:NodeShape ; sh:targetClass dcat:Dataset ;
  sh:property [ sh:path dcterms:title ; sh:minCount 1 ; sh:uniqueLang true ],
    [ sh:path dcterms:description ; sh:minCount 1 ], [ sh:path dcat:keyword ; sh:minCount 1 ],
    [ sh:path dcterms:publisher ; sh:minCount 1 ; sh:maxCount 1 ; sh:class foaf:Agent ],
    [ sh:path dcterms:license ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
    [ sh:path dcat:version ; sh:maxCount 1 ; sh:minCount 1 ],
    [ sh:path dcterms:modified ; sh:minCount 1 ; sh:datatype xsd:dateTime ],
    [ sh:path dcat:landingPage ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
    [ sh:path dcat:distribution ; sh:minCount 2 ; sh:class dcat:Distribution ] .
[] a sh:NodeShape ; sh:targetClass dcat:Distribution ;
  sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
    [ sh:path dcat:downloadURL ; sh:minCount 1 ],
    [ sh:path dcat:mediaType ; sh:minCount 1 ; sh:nodeKind sh:IRI ], [ sh:path dcterms:license ; sh:minCount 1 ],
    [ sh:path spdx:checksum ; sh:minCount 1 ; sh:class spdx:Checksum ] .
[] a sh:NodeShape ; sh:targetClass dcat:DataService ;
  sh:property [ sh:path dcterms:title ; sh:minCount 1 ],
    [ sh:path dcat:endpointURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
    [ sh:path dcat:servesDataset ; sh:minCount 1 ; sh:class dcat:Dataset ] .
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("pages")
    options = settings_for(publish_sample(folder))
    with QueryPool(options) as pool:
        yield create_app(options, pool).test_client()


def page(client: FlaskClient, path: str) -> Page:
    answer = client.get(path, headers=HTML)
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), path
    return Page(answer.text)


def test_every_kind_of_iri_of_ours_has_a_page_and_data(client):
    query = f"""SELECT ?kind (SAMPLE(?thing) AS ?one) WHERE {{
      GRAPH ?any {{ ?thing a ?kind FILTER(STRSTARTS(STR(?thing), "{NAMESPACES.base}")) }}
    }} GROUP BY ?kind"""
    rows = client.get("/sparql", query_string={"query": query}).get_json(force=True)["results"]["bindings"]
    assert len(rows) > 80
    graphs = [NAMESPACES.graph(each) for each in ("inferred", "void", "queries", "curated/town")]
    others = [f"{NAMESPACES.base}query/prefixes"]  # which has no kind
    parts = (
        NAMESPACES.term("Participation"), NAMESPACES.term("Edge"), f"{REUSED['adms']}Identifier",
        f"{REUSED['oa']}TextPositionSelector", f"{REUSED['spdx']}Checksum",
    )  # fmt: skip
    anchored = {row["one"]["value"] for row in rows if row["kind"]["value"] in parts}
    assert len(anchored) == len(parts)
    for iri in [row["one"]["value"] for row in rows] + graphs + others:
        path = "/" + iri.removeprefix(NAMESPACES.base).replace("def#", "def/", 1).partition("#")[0]
        moved = client.get(path)
        if moved.status_code == 301:  # merged into another
            assert page(client, moved.location)
            continue
        shown = page(client, path)
        assert (iri if "def#" in iri else iri.partition("#")[0]) in shown.text, "its name to cite"
        if iri in anchored:
            assert iri.partition("#")[2] in {each.attributes.get("id") for each in shown.elements}, iri
        data = client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
        assert data.status_code == 200, path
        about = rdflib.Graph().parse(data=data.data, format="turtle")
        assert (rdflib.URIRef(iri), None, None) in about, path


def test_the_page_of_a_term_says_what_it_means_how_it_is_used_and_what_asks_for_it(client):
    shown = page(client, "/def/funds")
    for words in ("Pays for, wholly", "1 statement has it", "Loom Charity", "Heartbeat Study", "Run it"):
        assert words in shown.text, words
    assert "Shapes that ask for it" in page(client, "/def/amount").text
    assert "org:Organization" in page(client, "/def/Organisation").text, "what it is aligned with"
    assert "thing is of this kind" in page(client, "/def/Charity").text
    assert "is asked of it" in page(client, "/def/FundingAward").text


def test_the_ontology_is_one_document_with_contents_anchors_and_a_picture_in_words(client):
    shown = page(client, "/def")
    ids = {each.attributes.get("id") for each in shown.elements}
    within = [each.attributes["href"] for each in shown.all("a") if each.attributes.get("href", "").startswith("#")]
    assert len(within) > 100
    assert {"funds", "pattern-funding", "edge-model", "figures"} <= ids, "where …/def# leads to"
    onward = {each.attributes["href"] for each in shown.all("a") if "Its page" in each.text}
    assert "/def/funds" in onward
    assert all(each.startswith("/def/") for each in onward)
    assert {each[1:] for each in within} <= ids
    assert shown.all("svg")
    assert "place in a source" in shown.text, "what the picture shows is said beside it"


def test_the_shapes_are_told_as_what_a_valid_record_looks_like(client):
    shown = page(client, "/shape")
    for words in ("at least one", "The name as the best source prints it", "warning"):
        assert words in shown.text, words
    data = client.get("/shape.ttl")
    assert len(rdflib.Graph().parse(data=data.data, format="turtle")) > 1000


def test_the_model_is_told_by_a_relationship_of_the_graph(client):
    shown = page(client, "/model")
    for words in ("Loom Charity", "Heartbeat Study", "lhi:FundingAward", "lhi:funds", "2000000"):
        assert words in shown.text, words
    queries = [each.attributes["href"] for each in shown.all("a") if "query=" in each.attributes.get("href", "")]
    run = client.get(queries[0].replace("/query?", "/sparql?"), headers={"Accept": "text/csv"})
    assert "evidence/" in run.text


def test_the_data_set_is_read_from_its_page_by_extruct(client):
    answer = client.get("/dataset", headers=HTML)
    found = extruct.extract(answer.text, base_url="http://localhost/dataset", syntaxes=["json-ld"])["json-ld"]
    assert [each["@type"] for each in found] == ["Dataset"]
    told = found[0]
    assert told["@id"] == str(DATASET)
    assert 50 <= len(told["description"]) <= 5000, "what Google's data set search asks for"
    for each in told["distribution"]:
        data = client.get(each["contentUrl"].removeprefix("http://localhost"))
        assert hashlib.sha256(data.data).hexdigest() == each["sha256"]
        assert each["contentSize"] == f"{len(data.data)} B"
        assert data.mimetype == each["encodingFormat"]
        data.close()


def test_the_data_set_is_described_in_dcat(client):
    graph = rdflib.Graph().parse(data=client.get("/dataset.ttl").data, format="turtle")
    conforms, _, said = validate(graph, shacl_graph=rdflib.Graph().parse(data=DCAT_SHAPES, format="turtle"))
    assert conforms, said
    assert str(graph.value(DATASET, DCAT.landingPage)) == "http://localhost/dataset"
    for suffix in ("nt", "jsonld", "rdf"):
        assert client.get(f"/dataset.{suffix}").status_code == 200


@pytest.mark.parametrize(
    ("path", "iri"), [("/dataset", str(DATASET)), ("/id/loom-charity", NAMESPACES.entity("loom-charity"))]
)
def test_a_signposting_reader_finds_name_data_licence_and_type(client, path, iri):
    answer = client.get(path, headers=HTML)
    found = find_signposting_http_link(answer.headers.get_all("Link"), f"http://localhost{path}")
    assert str(found.citeAs.target) == iri
    assert str(found.license.target) == "https://creativecommons.org/licenses/by/4.0/"
    assert "https://schema.org/AboutPage" in {str(each.target) for each in found.types}
    described = {each.type: str(each.target) for each in found.describedBy}
    for media_type in ("text/turtle", "application/ld+json"):
        data = client.get(described[media_type].removeprefix("http://localhost"))
        assert (data.status_code, data.mimetype) == (200, media_type)
    items = {str(each.type) for each in found.items}
    assert items == ({"application/n-quads", "application/trig"} if path == "/dataset" else set())


def test_the_address_of_the_data_set_negotiates(client):
    for accept, target in (("text/turtle", "ttl"), ("application/n-quads", "nq"), ("application/ld+json", "jsonld")):
        answer = client.get("/dataset", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/dataset.{target}")
    assert client.get("/dataset", headers={"Accept": "image/png"}).status_code == 406
    asked = {"Accept": "application/json"}
    assert client.get("/dataset", headers=asked, follow_redirects=True).mimetype == "application/json"


def test_the_citation_file_says_what_the_site_says(client):
    text = (PROJECT / "CITATION.cff").read_text(encoding="utf-8")
    told = dict(re.findall(r"^([a-z-]+): \"?(.*?)\"?$", text, re.MULTILINE))
    page_says = json.loads(page(client, "/dataset").all("script")[0].text)
    assert (told["cff-version"], told["type"], told["license"]) == ("1.2.0", "dataset", "CC-BY-4.0")
    assert told["title"] == page_says["name"]
    assert told["url"] == page_says["identifier"]
    assert told["version"] == page_says["version"]


@pytest.mark.parametrize("path", ["/id/%00", "/id/%F0%9F%98%80.ttl", "/def/%3Cscript%3E", "/shape/no%20shape",
                                  "/graph/../../etc", "/rule/" + "x" * 3000, "/id/a%0d%0aSet-Cookie:x", "/def/.ttl",
                                  "/id/loom-charity.xyz", "/id/loom-charity.ttl.ttl",
                                  "/query/nothing.ttl"])  # fmt: skip
def test_odd_addresses_are_not_found_and_say_so(client, path):
    for accept in ("text/html", "text/turtle", "a" * 8000, "q=q=q", "*/*;q=nan, text/html;q=1.5"):
        answer = client.get(path, headers={"Accept": accept}, follow_redirects=True)
        assert answer.status_code in {400, 404, 406}, (path, accept)
        assert "Set-Cookie" not in answer.headers


MISTYPED = [
    ("/id/loom-charitty", "Loom Charity"),
    ("/def/fundz", "def#funds"),
    ("/def/Charty.ttl", "def#Charity"),
    ("/scheme/role/fundr", "scheme/role/funder"),
    ("/scheme/rolle", "scheme/role"),
    ("/graph/infered", "graph/inferred"),
    ("/agent/curation-teem", "agent/curation-team"),
    ("/rule/20-edgs", "rule/20-edges"),
    ("/shape/asertion", "shape/assertion"),
]


@pytest.mark.parametrize(("path", "meant"), MISTYPED)
def test_a_mistyped_address_is_told_what_may_have_been_meant(client, path, meant):
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.get_json()["title"] == "Nothing has this address"
    assert meant in answer.text
    assert client.get(path, headers=HTML).status_code == 404
    assert meant in client.get(path, headers={"Accept": "text/turtle"}).text, "a program's user reads it too"


def test_the_triples_that_a_page_counts_are_those_that_its_query_counts_without_self_description(client):
    (link,) = [each for each in page(client, "/").all("a") if "COUNT" in each.attributes.get("href", "")]
    told = int(link.text.replace(",", ""))
    counted = client.get(link.attributes["href"].replace("/query?", "/sparql?"), headers={"Accept": "text/csv"})
    assert counted.text.split() == ["triples", str(told)]
    own = ", ".join(f"<{NAMESPACES.graph(each)}>" for each in ("void", "queries"))
    others = f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g NOT IN ({own}))"
    known = f"SELECT (COUNT(*) AS ?n) {{ {{ SELECT DISTINCT ?s ?p ?o {{ {others} }} }} }}"
    answer = client.get("/sparql", query_string={"query": known}, headers={"Accept": "text/csv"})
    assert answer.text.split() == ["n", str(told)]


def test_an_entity_has_a_drawn_card_that_previews_find(client):
    shown = page(client, "/id/loom-charity")
    told = {each.attributes.get("property"): each.attributes.get("content") for each in shown.all("meta")}
    assert told["og:url"] == "http://localhost/id/loom-charity"
    answer = client.get(told["og:image"].removeprefix("http://localhost"))
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    size = Image.open(io.BytesIO(answer.data)).size
    assert size == (int(told["og:image:width"]), int(told["og:image:height"]))
    again = client.get("/id/loom-charity/card.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/id/nothing/card.png").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["", "W" * 5000, "word " * 900, "医療 Институт مستشفى 🏥 e\u0301 \u202e\x00\x07\ud800", "\u0301" * 50, "\n\t"],
)
def test_no_text_breaks_a_card(text):
    image = Image.open(io.BytesIO(drawn(Card(text, text, (text,) * 20, text))))
    image.load()
    margin = image.crop((card.WIDTH - 60, 0, card.WIDTH, 500))
    assert margin.getcolors() == [(60 * 500, (255, 255, 255))], "nothing is drawn beyond its place"
