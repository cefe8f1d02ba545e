"""Clients in use, in their defaults, against a server as it is started: what they send is understood."""

from __future__ import annotations

import io
import json
import runpy
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pandas
import pytest
import rdflib
import sparql_dataframe
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper import __agent__ as agent

from tests.sample_knowledge import NAMESPACES
from tests.sample_site import COMPANIES, publish_sample
from tests.served import Served, served

CASE = Path(__file__).parents[2] / "shared" / "cases" / "03-sparqlwrapper" / "run.py"
COMPANY = NAMESPACES.term("Company")
LABELS = f"""PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?company ?name WHERE {{ ?company a <{COMPANY}> ; skos:prefLabel ?name }} ORDER BY ?name"""
#: The firms of the town, and a company beside them.
COUNT = COMPANIES + 1
LOOM = NAMESPACES.entity("loom-charity")
ASK = "/sparql?query=ASK%20%7B%7D"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("clients")
    with served(publish_sample(folder), folder / "log") as found:
        yield found


def address(server: Served, path: str = "/sparql") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def wrapper(server: Served, query: str, form: str | None = None, method: str | None = None) -> SPARQLWrapper:
    asked = SPARQLWrapper(address(server), agent=agent)
    asked.setQuery(query)
    if form:
        asked.setReturnFormat(form)
    if method:
        asked.setMethod(method)
    return asked


@pytest.mark.parametrize("method", [None, POST])
def test_sparqlwrapper_reads_tables_in_every_format_it_knows(server, method):
    found = wrapper(server, LABELS, JSON, method).queryAndConvert()
    assert len(found["results"]["bindings"]) == COUNT
    assert wrapper(server, LABELS, XML, method).queryAndConvert().getElementsByTagName("result").length == COUNT
    assert len(wrapper(server, LABELS, CSV, method).queryAndConvert().decode().splitlines()) == COUNT + 1
    assert len(wrapper(server, LABELS, TSV, method).queryAndConvert().decode().splitlines()) == COUNT + 1
    assert wrapper(server, "ASK { ?s ?p ?o }", JSON, method).queryAndConvert()["boolean"] is True


@pytest.mark.parametrize(("form", "parser"), [(TURTLE, "turtle"), (N3, "n3"), (JSONLD, None), (RDFXML, None)])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated", "ignore:Dataset.default_context is deprecated")
def test_sparqlwrapper_reads_graphs_in_every_format_it_knows(server, form, parser):
    found = wrapper(server, f"DESCRIBE <{LOOM}>", form).queryAndConvert()
    graph = rdflib.Graph().parse(data=found, format=parser) if parser else found
    assert (rdflib.URIRef(LOOM), rdflib.RDF.type, rdflib.URIRef(NAMESPACES.term("Charity"))) in set(graph)


def test_sparqlwrapper_without_a_format_gets_what_it_can_read(server):
    assert wrapper(server, LABELS).queryAndConvert().getElementsByTagName("result").length == COUNT


def test_the_script_of_the_case_runs(server, tmp_path):
    if not CASE.is_file():
        pytest.skip("the material beside the project is not here")
    text = CASE.read_text(encoding="utf-8").replace("http://127.0.0.1:8231/sparql", address(server))
    (tmp_path / "run.py").write_text(text, encoding="utf-8")
    with redirect_stdout(io.StringIO()) as said:
        runpy.run_path(str(tmp_path / "run.py"))
    assert "bindings" in said.getvalue()


@pytest.mark.parametrize("post", [False, True])
def test_sparql_dataframe_makes_a_table(server, post):
    frame = sparql_dataframe.get(address(server), LABELS, post=post)
    assert list(frame.columns) == ["company", "name"]
    assert len(frame) == COUNT


def test_pandas_reads_the_address_of_a_query(server):
    from urllib.parse import urlencode  # noqa: PLC0415 - for this alone

    frame = pandas.read_csv(address(server, f"/sparql?{urlencode({'query': LABELS, 'format': 'csv'})}"))
    assert list(frame["name"])[:2] == ["Firm 00", "Firm 01"]


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflibs_store_asks(server, method, form):
    graph = rdflib.Graph(SPARQLStore(address(server), method=method, returnFormat=form))
    assert len(list(graph.query(LABELS))) == COUNT


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated", "ignore:Dataset.default_context is deprecated")
def test_rdflib_reads_a_thing_by_its_address(server):
    found = rdflib.Graph().parse(address(server, "/id/loom-charity"))
    assert rdflib.URIRef(LOOM) in set(found.subjects())


def test_a_likely_misspelling_is_named_in_a_header_and_the_query_answered(server):
    answer = server.get("/sparql?query=ASK%20%7B%7D&fromat=csv&debug=on&default-graph-uri=&timeout=0")
    assert json.loads(answer.text)["boolean"] is True
    assert answer.headers["Query-Note"] == "fromat is not a parameter here and was passed over; is format meant?"
    assert "Query-Note" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("format=text/csv;charset=utf-8", "text/csv"),
        ("format=application/sparql-results+xml", "application/sparql-results+xml"),  # with the plus as it is
        ("Accept=text/csv", "text/csv"),
        ("format=auto&timeout=30s", "application/sparql-results+json"),
        ("timeout=500ms", "application/sparql-results+json"),
        ("timeout=1min&queryLn=SPARQL", "application/sparql-results+json"),
    ],
)
def test_what_other_servers_read_is_read_here(server, sent, kind):
    answer = server.get(f"{ASK}&{sent}")
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
    assert "Query-Note" not in answer.headers


def test_a_value_for_a_variable_is_not_passed_over_without_a_word(server):
    assert "VALUES" in server.get(f"{ASK}&$s=%3Chttp://a/b%3E").headers["Query-Note"]


def test_a_query_is_not_lost_on_its_way(server):
    """`curl -X GET --data` got the description of the service; `curl -X POST` with the query in the address nothing."""
    for headers in ({"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": "text/plain"}, {}):
        answer = server.send("GET", "/sparql", b"query=ASK%20%7B%7D", headers)
        assert (answer.status, "send it by POST" in answer.text) == (400, True)
        assert json.loads(server.send("POST", ASK, b"", headers).text)["boolean"] is True
