"""The same answers, pages and errors from another store as from the embedded one, by two engines that are not ours."""

import json
import re
import time
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from leedskg.files import knowledge_root
from leedskg.knowledge import read_knowledge
from leedskg.publishing import build_on_server
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol.negotiation import FORMATS
from leedskg.web import create_app
from tests.engines import needs_oxigraph, needs_virtuoso, oxigraph, virtuoso
from tests.sample_graph import settings_for
from tests.sample_knowledge import NAMESPACES, PROJECT
from tests.sample_site import publish_sample

pytestmark = pytest.mark.slow

B = NAMESPACES.base
HTML = {"Accept": "text/html"}
ENGINES = [pytest.param("oxigraph", marks=needs_oxigraph), pytest.param("virtuoso", marks=needs_virtuoso)]

#: What Virtuoso answers otherwise; docs/another-store.md tells of each.
OTHERWISE = {
    "virtuoso": {
        "05-work-space": "GROUP_CONCAT of nothing is the empty text, and of texts in one language has none",
        "14-nihr-in-leeds": "a truth value that is computed comes as 0 or 1",
        "19-several-names": "SHA256 of a text that is not ASCII is of other bytes",
    },
    "oxigraph": {},
}


@pytest.fixture(scope="module")
def here(publish_project):
    """The project's graph in the embedded store."""
    with QueryPool(settings_for(publish_project())) as pool:
        yield pool


@pytest.fixture(scope="module", params=ENGINES)
def address(request, tmp_path_factory):
    """The address of an engine that holds the project's graph under its own base."""
    engine = {"oxigraph": oxigraph, "virtuoso": virtuoso}[request.param]
    with engine(tmp_path_factory.mktemp("engine")) as at:
        build_on_server(read_knowledge(PROJECT, NAMESPACES), Settings(store=at))
        yield request.param, at


@pytest.fixture(scope="module")
def there(address):
    with QueryPool(Settings(store=address[1], query_timeout=20)) as pool:
        yield address[0], pool


def rows(pool, query):
    """The rows, in any order; a text that was put together of texts in no order has its parts in one."""
    return Counter(
        tuple(sorted((name, " | ".join(sorted(term.value.split(" | "))), term.datatype) for name, term in row.items()))
        for row in pool.rows(query)
    )


def saved():
    return sorted((PROJECT / "queries").rglob("*.rq"))


@pytest.mark.parametrize("path", saved(), ids=lambda path: path.stem)
def test_saved_queries_and_checks_have_the_same_rows(here, there, path):
    engine, pool = there
    text = path.read_text(encoding="utf-8")
    same = rows(pool, text) == rows(here, text)
    assert same is (path.stem not in OTHERWISE[engine]), OTHERWISE[engine].get(path.stem)


DATASETS = [
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/inferred> { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/inferred> FROM <graph/curated/places> { ?s ?p ?o }",
    "SELECT DISTINCT ?g FROM NAMED <graph/inferred> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) FROM NAMED <graph/inferred> { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/inferred> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) FROM <http://example.org/elsewhere> { ?s ?p ?o }",
    f"PREFIX g: <{B}graph/> SELECT (COUNT(*) AS ?n) {{ GRAPH g:inferred {{ ?s ?p ?o }} }}",
    "PREFIX g: <graph/> SELECT (COUNT(*) AS ?n) { GRAPH g:curated\\/places { ?s ?p ?o } }",
    "BASE <graph/> SELECT (COUNT(*) AS ?n) # GRAPH\n { GRAPH <inferred> { ?s ?p ?o } }",
    f"SELECT ?g {{ GRAPH ?g {{ ?s <{B}def#partOf> ?o }} FILTER(STRSTARTS(STR(?g), '{B}graph/inf')) }} LIMIT 1",
    "SELECT ?g { VALUES ?g { <graph/inferred> } GRAPH ?g { ?s a ?o } } LIMIT 1",
    "SELECT * FROM <graph/inferred> WHERE { ?z <def#funds> ?a }",
    "ASK { GRAPH <graph/inferred> { ?s a ?o } }",
    "ASK { GRAPH <generation/> { ?s ?p ?o } }",
    "ASK { ?s a <urn:none> }",
    "ASK { <id/nihr> a <def#Company> }",
    "ASK { <id/nihr> a <def#Organisation> } LIMIT 1",
    "SELECT (GROUP_CONCAT(DISTINCT STR(?l)) AS ?x) (GROUP_CONCAT(STR(?l); SEPARATOR='(') AS ?y) "
    "{ <id/nihr> <def#formerName> ?l }",
]


@pytest.mark.parametrize("query", DATASETS)
def test_graphs_go_by_their_own_names(here, there, query):
    _, pool = there
    wanted, found = (create_app(Settings(), each).test_client() for each in (here, pool))
    answers = [each.post("/sparql", data={"query": query, "format": "json"}) for each in (wanted, found)]
    one, other = (answer.get_json() for answer in answers)
    if "boolean" in one:
        assert one["boolean"] == other["boolean"]
        return
    assert one["head"]["vars"] == other["head"]["vars"]
    assert _bag(one) == _bag(other)


def _bag(results):
    return Counter(json.dumps(row, sort_keys=True) for row in results["results"]["bindings"])


def test_the_dataset_of_the_protocol_wins(here, there):
    _, pool = there
    sent = {
        "query": f"SELECT (COUNT(*) AS ?n) FROM <{B}graph/ontology> {{ ?s ?p ?o }}",
        "default-graph-uri": [f"{B}graph/inferred", f"{B}graph/curated/agents"],
        "format": "json",
    }
    one, other = (
        create_app(Settings(), each).test_client().post("/sparql", data=sent).get_json() for each in (here, pool)
    )
    assert one["results"] == other["results"]


@pytest.mark.parametrize("form", [each for each in FORMATS if each.shape == "table"], ids=lambda form: form.name)
def test_tables_come_in_every_format(here, there, form):
    _, pool = there
    query = f"SELECT * {{ ?z a <{B}def#Company> ; <http://www.w3.org/2004/02/skos/core#prefLabel> ?a }} ORDER BY ?z ?a"
    answers = [
        create_app(Settings(), each).test_client().get(
            "/sparql", query_string={"query": query}, headers={"Accept": form.media_types[0]}
        )
        for each in (here, pool)
    ]  # fmt: skip
    assert answers[0].data == answers[1].data
    assert answers[0].headers["Content-Type"] == answers[1].headers["Content-Type"]


@pytest.mark.parametrize("form", [each for each in FORMATS if each.shape == "graph"], ids=lambda form: form.name)
@pytest.mark.parametrize(
    "query",
    ["DESCRIBE <id/nihr>", "DESCRIBE ?x WHERE { ?x <def#partOf> <id/nihr> }",
     "CONSTRUCT { ?s <def#value> ?v } WHERE { ?s <def#value> ?v }", "CONSTRUCT WHERE { <id/nexus> ?p ?o }"],
)  # fmt: skip
def test_graphs_come_in_every_format(here, there, form, query):
    _, pool = there
    graphs = []
    for each in (here, pool):
        client = create_app(Settings(), each).test_client()
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": form.media_types[0]})
        assert answer.status_code == 200, answer.text
        assert answer.content_type.startswith(form.media_types[0])
        graphs.append({quad.triple for quad in ox.parse(answer.data, getattr(ox.RdfFormat, form.engine))})
    assert graphs[0] == graphs[1]
    assert graphs[0]


def test_graphs_are_read_by_the_graph_store_protocol(here, there):
    _, pool = there
    read = []
    for each in (here, pool):
        client = create_app(Settings(), each).test_client()
        for target in ({"graph": f"{B}graph/curated/places"}, {"default": ""}):
            answer = client.get("/graph-store", query_string=target, headers={"Accept": "text/turtle"}, buffered=True)
            assert answer.status_code == 200
            read.append({quad.triple for quad in ox.parse(answer.data, ox.RdfFormat.TURTLE) if not _is_blank(quad)})
        assert client.get("/graph-store", query_string={"graph": f"{B}graph/none"}).status_code == 404
    assert read[:2] == read[2:]


def _is_blank(quad):
    return isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("SELECT * { ?s ?p", 400, "ends too early"),
        ("SELECT ?x { ?s foaf:name ?x }", 400, "PREFIX foaf:"),
        ("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }", 403, "calls no other server"),
        ("LOAD <http://example.org/>", 403, "read-only"),
        ("DELETE WHERE { ?s ?p ?o }", 403, "read-only"),
        ("define input:default-graph-uri <x:y> SELECT * { ?s ?p ?o }", 400, "cannot stand here"),
        ("SELECT (<bif:concat>('a') AS ?x) { }", 403, "bif:concat"),
        ("SELECT ?s { ?s <bif:contains> 'a' }", 403, "engine"),
        ("PREFIX b: <sql:> SELECT ?s { ?s b:x 'a' }", 403, "engine"),
    ],
)
def test_what_is_refused_is_refused_before_it_is_sent(there, query, status, said):
    _, pool = there
    answer = create_app(Settings(), pool).test_client().get("/sparql", query_string={"query": query})
    assert answer.status_code == status
    assert said in answer.text


def test_a_format_that_does_not_fit_is_406(there):
    client = create_app(Settings(), there[1]).test_client()
    answer = client.get("/sparql", query_string={"query": "ASK { ?s ?p ?o }"}, headers={"Accept": "text/turtle"})
    assert answer.status_code == 406


@pytest.mark.parametrize(
    "query",
    ["SELECT ?a ?b { ?a <def#partOf>+ ?b }",
     "SELECT (1/0 AS ?x) { }"],
)  # fmt: skip
def test_what_an_engine_cannot_do_is_said(there, query):
    engine, pool = there
    answer = create_app(Settings(), pool).test_client().get("/sparql", query_string={"query": query})
    if engine == "virtuoso":
        assert answer.status_code == 403
        assert "Virtuoso, cannot do this" in answer.text
    else:
        assert answer.status_code == 200


RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?c != ?f && ?i != ?a) }"


def test_a_query_that_runs_away_ends_at_the_deadline(there):
    pool = create_app(Settings(), there[1]).test_client()
    begun = time.monotonic()
    answer = pool.get("/sparql", query_string={"query": RUNAWAY, "timeout": "1.5"})
    assert answer.status_code == 503
    assert "stopped after 1.5 seconds" in answer.text
    assert answer.headers["Retry-After"]
    assert time.monotonic() - begun < 1.5 + 15, "without a deadline it takes minutes"


# The site


@pytest.fixture(scope="module", params=ENGINES)
def sites(request, tmp_path_factory):
    """The sample site over the embedded store, and over an engine."""
    folder = tmp_path_factory.mktemp("site")
    state = publish_sample(folder)
    engine = {"oxigraph": oxigraph, "virtuoso": virtuoso}[request.param]
    with engine(tmp_path_factory.mktemp("engine")) as at:
        build_on_server(read_knowledge(knowledge_root(str(folder / "knowledge")), NAMESPACES), Settings(store=at))
        with QueryPool(settings_for(state)) as ours, QueryPool(Settings(store=at)) as theirs:
            yield create_app(settings_for(state), ours).test_client(), create_app(Settings(), theirs).test_client()


PAGES = (
    "/", "/help", "/search", "/search?q=zoe", "/search?q=millbruk", "/disagreements", "/routes", "/query", "/def",
    "/query/terms.json", "/scheme/need", "/scheme/need/work-space", "/scheme/theme/heart-disease", "/graph/inferred",
    "/routes?from=Loom+Charity&to=Millbrook+Hospital", "/routes?from=nobody&to=Millbrook+Hospital",
    "/id/zoe-institute", "/id/old-institute", "/id/guild", "/id/indicator-firms", "/id/none", "/id/millbrook",
    "/support", "/support?need=work-space&from=Millbrook+Hospital", "/support?q=a+notry", "/support?q=xyzzy",
    "/support/needs", "/support/themes", "/figures", "/network",
    "/search?kind=https%3A%2F%2Fw3id.org%2Fleeds-health-innovation%2Fdef%23Company",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_the_same(sites, path):
    one, other = (_plain(site.get(path, headers=HTML)) for site in sites)
    assert one == other


def test_every_link_of_a_page_leads_to_the_same_page(sites):
    ours, theirs = sites
    seen, ahead = set(), ["/"]
    while ahead and len(seen) < 100:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        one, other = ours.get(path, headers=HTML), theirs.get(path, headers=HTML)
        assert _plain(one) == _plain(other), path
        found = re.findall(r'href="(/(?:id|assertion|evidence|scheme|def)/?[^"#]*)', one.text)
        # A feed tells when each store was published.
        ahead += [each.replace("&amp;", "&") for each in found if each not in seen and not each.endswith(".atom")]
    assert len(seen) == 100


def _plain(answer):
    """Status, place and text of a page, without what differs from one answer to the next."""
    text = re.sub(r'nonce="[^"]*"|nonce-[\w-]+', "", answer.get_data(as_text=True))
    return answer.status_code, answer.headers.get("Location"), text


def test_the_graph_describes_itself_the_same(sites):
    graphs = []
    for site in sites:
        answer = site.get("/.well-known/void", headers={"Accept": "text/turtle"})
        graph = rdflib.Graph().parse(data=answer.text, format="turtle")
        graph.remove((None, rdflib.DCTERMS.modified, None))
        graph.remove((None, rdflib.OWL.versionInfo, None))
        graphs.append(graph)
    assert isomorphic(*graphs)


def test_an_answer_that_is_known_is_not_sent_again(sites):
    for site in sites:
        query = {"query": "SELECT * { ?s ?p ?o } LIMIT 1"}
        tag = site.get("/sparql", query_string=query).headers["ETag"]
        assert site.get("/sparql", query_string=query, headers={"If-None-Match": tag}).status_code == 304


@needs_virtuoso
def test_what_virtuoso_cuts_off_is_an_error_and_not_a_part(tmp_path):
    (tmp_path / "site").mkdir()
    publish_sample(tmp_path / "site")
    with virtuoso(tmp_path, "ResultSetMaxRows = 1000") as at:
        build_on_server(
            read_knowledge(knowledge_root(str(tmp_path / "site" / "knowledge")), NAMESPACES), Settings(store=at)
        )
        with QueryPool(Settings(store=at)) as pool:
            client = create_app(Settings(), pool).test_client()
            for query in ("SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"):
                answer = client.get("/sparql", query_string={"query": query})
                assert answer.status_code == 503
                assert "no more than 1" in answer.text
            answer = client.get("/graph-store?default")
            assert answer.status_code == 503
            assert "1,001 of the" in answer.text
            query = "SELECT * { ?s ?p ?o } LIMIT 999"
            assert client.get("/sparql", query_string={"query": query}, buffered=True).status_code == 200


def test_every_difference_is_told_of():
    text = (Path(PROJECT) / "docs" / "another-store.md").read_text(encoding="utf-8")
    for word in ("GROUP_CONCAT", "SHA256", "ResultSetMaxRows", "truth value"):
        assert word in text
