"""SERVICE beside another store: asked from here by the same list, and sent on to the engine as VALUES."""

import json
import threading

import pyoxigraph as ox
import pytest

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.store.remote.connection import connect
from leedskg.store.remote.publication import publish_to
from leedskg.web import create_app
from tests.engines import needs_oxigraph, needs_virtuoso, oxigraph, virtuoso
from tests.sample_knowledge import NAMESPACES
from tests.test_sparql_service import Peer

pytestmark = pytest.mark.slow

B = NAMESPACES.base
ENGINES = [pytest.param(oxigraph, marks=needs_oxigraph), pytest.param(virtuoso, marks=needs_virtuoso)]
ADA, BEA = f"{B}id/ada", f"{B}id/bea"
FIRST = {"type": "literal", "value": 'the "first"\n', "xml:lang": "en"}
ANSWER = {
    "head": {"vars": ["s", "note", "none"]},
    "results": {
        "bindings": [
            {
                "s": {"type": "uri", "value": ADA},
                "note": {"type": "literal", "value": 'the "first"\n', "xml:lang": "en"},
            },
            {"s": {"type": "uri", "value": f"{B}id/stranger"}, "note": {"type": "literal", "value": "none of ours"}},
        ]
    },
}


def people(store):
    graph = ox.NamedNode(f"{B}graph/curated/people")
    for one, other in ((ADA, BEA), (BEA, ADA)):
        store.add(ox.Quad(ox.NamedNode(one), ox.NamedNode(f"{B}def#knows"), ox.NamedNode(other), graph))


@pytest.fixture(scope="module", params=ENGINES)
def address(request, tmp_path_factory):
    with request.param(tmp_path_factory.mktemp("engine")) as at:
        server, store = connect(Settings(store=at)), ox.Store()
        people(store)
        for quad in list(store):
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object))  # the union, as a generation has it
        publish_to(server, B, store, {}, keep=2, grace=0)
        server.close()
        yield at


@pytest.fixture
def peer():
    with Peer() as server:
        server.body = json.dumps(ANSWER).encode()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def ask(address, peer):
    settings = Settings(store=address, service_allowed=peer.address, query_timeout=20, service_limit=1)
    with QueryPool(settings) as pool:
        client = create_app(settings, pool).test_client()
        yield lambda query: client.get("/sparql", query_string={"query": query.replace("PEER", peer.address)})


def found(response):
    assert response.status_code == 200, response.text
    assert "ETag" not in response.headers
    return [{name: term["value"] for name, term in row.items()} for row in response.json["results"]["bindings"]]


def test_the_answer_is_joined_on_the_store(ask, peer):
    joined = found(ask("SELECT * { ?s <def#knows> ?o . SERVICE <PEER> { ?s <def#note> ?note } }"))
    assert joined == [{"s": ADA, "o": BEA, "note": 'the "first"\n'}]
    assert "<def#note>" in peer.asked[0][1]


def test_it_stands_where_any_pattern_may(ask):
    left = found(ask("SELECT * { ?s <def#knows> ?o OPTIONAL { SERVICE <PEER> { ?s <def#note> ?note } } } ORDER BY ?s"))
    assert [row.get("note") for row in left] == ['the "first"\n', None]
    alone = found(ask("SELECT ?s { SERVICE <PEER> { ?s <def#note> ?note } } ORDER BY ?s"))
    assert [row["s"] for row in alone] == [ADA, f"{B}id/stranger"]
    assert ask("ASK { ?s <def#knows> ?o SERVICE <PEER> { ?s <def#note> ?note } }").json["boolean"]


def test_what_fails_is_told_and_silent_passes_it_over(ask, peer):
    peer.status = 500
    failed = ask("SELECT * { ?s <def#knows> ?o SERVICE <PEER> { ?s <def#note> ?note } }")
    assert (failed.status_code, "answered 500" in failed.text) == (502, True)
    silent = found(ask("SELECT * { ?s <def#knows> ?o SERVICE SILENT <PEER> { ?s <def#note> ?note } }"))
    assert len(silent) == 2


def test_a_slip_has_its_place_in_what_was_written(ask):
    wrong = ask("SELECT * { SERVICE <PEER> { ?s ?p ?x }\n  ?s ?p }")
    assert (wrong.status_code, "line 2, column 9" in wrong.text) == (400, True), wrong.text


def test_what_is_not_on_the_list_is_refused(ask, peer):
    refused = ask("SELECT * { SERVICE <http://other.example/> { ?s ?p ?o } }")
    assert (refused.status_code, "allowed are" in refused.text) == (403, True)
    assert not peer.asked


@pytest.mark.parametrize(("given", "rows"), [([{}], 2), ([], 0)])
def test_a_call_without_variables_asks_whether_it_is_so(ask, peer, given, rows):
    peer.body = json.dumps({"head": {"vars": []}, "results": {"bindings": given}}).encode()
    assert len(found(ask("SELECT * { ?s <def#knows> ?o SERVICE <PEER> { <a:b> <a:c> <a:d> } }"))) == rows
    assert len(found(ask("SELECT * { ?s <def#knows> ?o OPTIONAL { SERVICE <PEER> { <a:b> <a:c> <a:d> } } }"))) == 2
