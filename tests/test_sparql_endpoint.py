"""The endpoint through its front door: every format, every form of request, every refusal."""

import csv
import gzip
import io
import json

import pytest
import rdflib
from rdflib.plugins.sparql.results.tsvresults import TSVResultParser

from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.sample_graph import EX, LABEL, published, settings_for

LABELS = f"SELECT ?s ?l {{ ?s <{LABEL}> ?l }}"
KNOWN = f"CONSTRUCT {{ ?s <{EX}knows> ?o }} WHERE {{ ?s <{EX}knows> ?o }}"
KNOWS = {
    (rdflib.URIRef(EX + one), rdflib.URIRef(EX + "knows"), rdflib.URIRef(EX + other))
    for one, other in (("ada", "bea"), ("bea", "cy"))
}
LABEL_TEXT = "Ada, “the first”\nof three"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    published(state)
    settings = settings_for(state)
    with QueryPool(settings) as pool:
        yield create_app(settings, pool)


@pytest.fixture
def client(app):
    return app.test_client()


def get(client, query, **options):
    headers = {"Accept": options.pop("accept")} if "accept" in options else {}
    return client.get("/sparql", query_string={"query": query} | options, headers=headers)


@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_tables_are_read_back_by_rdflib(client, name):
    response = get(client, LABELS, format=name)
    assert response.status_code == 200
    if name == "tsv":
        result = TSVResultParser().parse(io.BytesIO(response.data))
    else:
        result = rdflib.query.Result.parse(io.BytesIO(response.data), format=name)
    [row] = result
    assert row.s == rdflib.URIRef(EX + "ada")
    assert row.l == rdflib.Literal(LABEL_TEXT, lang="en")


def test_csv_is_read_back(client):
    response = get(client, LABELS, accept="text/csv")
    assert response.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert not response.data.startswith(b"\xef\xbb\xbf"), "pandas and R would take a BOM for a part of the first name"
    header, row = csv.reader(io.StringIO(response.data.decode(), newline=""), strict=True)
    assert (header, row) == (["s", "l"], [EX + "ada", LABEL_TEXT])


def test_csv_is_as_rfc_4180_has_it(client):
    query = 'SELECT * { VALUES (?z ?a) { ("1,5" "say ""no""") ("two\nlines" "é") (UNDEF 7) (3.50 <http://e/x>) } }'
    data = get(client, query.replace('""', '\\"').replace("\n", "\\n"), format="csv").data.decode()
    assert data == 'z,a\r\n"1,5","say ""no"""\r\n"two\nlines",é\r\n,7\r\n3.5,http://e/x\r\n'


def test_tables_are_read_cell_by_cell_whatever_is_in_them(client):
    texts = [
        'ends in a "',
        '"',
        "a\tb",
        "a\nb",
        "a\r\nb",
        "a\rb",
        "a,b;c",
        "=1+1",
        " spaces ",
        "é😀\u2028",
        "back\\",
        "\\",
        "",
    ]
    rows = " ".join(f"({json.dumps(text, ensure_ascii=False)} {place})" for place, text in enumerate(texts))
    query = f"SELECT ?text ?place {{ VALUES (?text ?place) {{ {rows} }} }}"
    plain = csv.reader(io.StringIO(get(client, query, format="csv").text, newline=""))
    assert list(plain) == [["text", "place"], *([text, str(place)] for place, text in enumerate(texts))]
    written = io.StringIO(get(client, query, format="tsv").text, newline="\n")
    cells = list(csv.reader(written, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [len(row) for row in cells] == [2] * (len(texts) + 1)
    assert [json.loads(cell) for cell, _ in cells[1:]] == texts


def test_tsv_keeps_kinds_and_one_line_a_row(client):
    query = 'SELECT * { VALUES (?z ?a) { ("two\\nlines\\t" "é"@fr) (UNDEF 7) } }'
    data = get(client, query, format="tsv").data.decode()
    assert data == '?z\t?a\n"two\\nlines\\t"\t"é"@fr\n\t7\n'


@pytest.mark.parametrize(
    ("name", "media_type", "query"),
    [
        ("json", "application/sparql-results+json", LABELS),
        ("xml", "application/sparql-results+xml", LABELS),
        ("csv", "text/csv; charset=utf-8; header=present", LABELS),
        ("tsv", "text/tab-separated-values; charset=utf-8", LABELS),
        ("json", "application/ld+json", KNOWN),
        ("jsonld", "application/ld+json", KNOWN),
        ("xml", "application/rdf+xml", KNOWN),
        ("rdfxml", "application/rdf+xml", KNOWN),
        ("turtle", "text/turtle; charset=utf-8", KNOWN),
        ("ttl", "text/turtle; charset=utf-8", KNOWN),
        ("ntriples", "application/n-triples", KNOWN),
        ("nt", "application/n-triples", KNOWN),
    ],
)
def test_every_format_by_its_name_and_by_accept(client, name, media_type, query):
    named = get(client, query, format=name, accept="image/png")
    assert (named.status_code, named.headers["Content-Type"]) == (200, media_type)
    plain = media_type.partition(";")[0]
    accepted = get(client, query, accept=f"image/png, {plain};q=0.7, */*;q=0.1")
    assert (accepted.status_code, accepted.headers["Content-Type"]) == (200, media_type)
    assert accepted.data == named.data


@pytest.mark.parametrize(
    ("accept", "parser"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/ld+json", "json-ld"),
        ("application/rdf+xml", "xml"),
    ],
)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's JSON-LD parser uses its own
def test_graphs_are_read_back_by_rdflib(client, accept, parser):
    response = get(client, KNOWN, accept=accept)
    assert response.headers["Content-Type"].startswith(accept)
    assert set(rdflib.Graph().parse(data=response.data, format=parser)) == KNOWS


def test_describe(client):
    found = rdflib.Graph().parse(data=get(client, f"DESCRIBE <{EX}bea>").data, format="turtle")
    assert set(found) == {triple for triple in KNOWS if triple[0] == rdflib.URIRef(EX + "bea")}


@pytest.mark.parametrize(("name", "yes"), [("json", b'"boolean":true'), ("xml", b"<boolean>true"), ("csv", b"true")])
def test_ask(client, name, yes):
    assert yes in get(client, "ASK { ?s ?p ?o }", format=name).data


def test_the_three_ways_to_ask(client):
    def count(response):
        assert response.status_code == 200, response.data
        return json.loads(response.data)["results"]["bindings"][0]["n"]["value"]

    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert count(get(client, query)) == "4"
    assert count(client.post("/sparql", data={"query": query})) == "4"
    assert count(client.post("/sparql", data=query, content_type="application/sparql-query")) == "4"


@pytest.mark.parametrize(
    ("dataset", "parameters", "triples", "quads"),
    [
        ("", {}, 4, 5),
        (f"FROM <{EX}graph/two>", {}, 2, 0),
        (f"FROM NAMED <{EX}graph/one>", {}, 0, 3),
        (f"FROM <{EX}graph/two> FROM NAMED <{EX}graph/one>", {}, 2, 3),
        ("", {"default-graph-uri": f"{EX}graph/two"}, 2, 0),
        ("", {"named-graph-uri": f"{EX}graph/one"}, 0, 3),
        (f"FROM <{EX}graph/one>", {"default-graph-uri": f"{EX}graph/two"}, 2, 0),
        (f"FROM <{EX}nothing>", {}, 0, 0),
        (f"from<{EX}graph/two>", {}, 2, 0),
    ],
)
def test_the_dataset(client, dataset, parameters, triples, quads):
    for pattern, expected in (("?s ?p ?o", triples), ("GRAPH ?g { ?s ?p ?o }", quads)):
        response = get(client, f"SELECT ?s ?p ?o {dataset} WHERE {{ {pattern} }}", **parameters)
        assert len(json.loads(response.data)["results"]["bindings"]) == expected, pattern


@pytest.mark.parametrize(
    ("status", "query", "accept"),
    [
        (403, f"SELECT * {{ SERVICE <{EX}> {{ ?s ?p ?o }} }}", None),
        (403, "CLEAR ALL", None),
        (406, "SELECT * { ?s ?p ?o }", "image/png"),
        (406, KNOWN, "text/csv"),
        (400, "SELECT * { ?s ?p", "image/png, application/json;q=0.1"),
        (400, "", None),
        (400, "what is this", None),
    ],
)
def test_refusals(client, status, query, accept):
    response = get(client, query, **({"accept": accept} if accept else {}))
    assert response.status_code == status
    assert response.data
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in response.headers


def test_methods_and_bodies_that_are_not_read(client):
    assert client.put("/sparql", data="x").status_code == 405
    assert client.post("/sparql", data="ASK {}", content_type="text/plain").status_code == 415
    long = client.post("/sparql", data=b"#" * (2**20 + 1), content_type="application/sparql-query")
    assert long.status_code == 413
    assert b"1048576 bytes" in long.data


def test_an_error_is_text_or_a_problem_as_the_client_prefers(client):
    query = "SELECT *\n{ ?s foaf:name ?o }"
    text = get(client, query)
    assert text.headers["Content-Type"].startswith("text/plain")
    assert text.data.decode().startswith(
        "syntax error at line 2, column 6: the prefix foaf: is not declared; add PREFIX"
    )
    problem = get(client, query, accept="text/csv, application/problem+json;q=0.5")
    assert problem.headers["Content-Type"] == "application/problem+json"
    said = json.loads(problem.data)
    assert (said["status"], said["line"], said["column"]) == (400, 2, 6)


def test_a_result_that_has_not_changed_is_not_sent_again(client):
    first = get(client, LABELS)
    again = client.get("/sparql", query_string={"query": LABELS}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = get(client, LABELS, format="csv")
    assert other.headers["ETag"] != first.headers["ETag"]
    assert "ETag" not in get(client, "SELECT (RAND() AS ?r) {}").headers


MANY = "SELECT ?n { VALUES ?n { " + " ".join(str(number) for number in range(1000)) + " } }"


@pytest.mark.parametrize("query", [MANY, "SELECT * { " + "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"])
def test_a_long_result_is_compressed_for_those_who_take_it(client, query):
    def post(text, encoding):
        headers = {"Accept-Encoding": encoding} if encoding else {}
        return client.post("/sparql", data={"query": text}, headers=headers, buffered=True)

    whole = post(query, None)
    assert "Content-Encoding" not in whole.headers
    small = post(query, "br;q=1.0, gzip;q=0.5")
    assert (small.status_code, small.headers["Content-Encoding"]) == (200, "gzip")
    assert small.headers["Vary"] == "Accept, Accept-Encoding"
    assert int(small.headers["Content-Length"]) == len(small.data) < len(whole.data) / 2
    rows = [json.loads(data)["results"]["bindings"] for data in (gzip.decompress(small.data), whole.data)]
    assert sorted(map(str, rows[0])) == sorted(map(str, rows[1]))
    refused = post(query, "gzip;q=0, identity")
    assert "Content-Encoding" not in refused.headers
    brief = post("ASK {}", "gzip")
    assert "Content-Encoding" not in brief.headers


def test_columns_stand_as_the_query_names_them(client):
    header = get(client, f"SELECT * {{ ?who <{EX}knows> ?friend ; <{LABEL}> ?a }}", format="csv").data
    assert header.startswith(b"who,friend,a\r\n")


def test_relative_names_are_the_graphs_own(client):
    names = json.loads(get(client, "SELECT (STR(<id/x>) AS ?x) {}").data)["results"]["bindings"]
    assert names[0]["x"]["value"] == "https://w3id.org/leeds-health-innovation/id/x"


def test_a_function_that_is_not_known_is_named(client):
    response = get(client, f"SELECT (<{EX}f>(1) AS ?x) {{}}")
    assert (response.status_code, response.data) == (403, f"the function <{EX}f> is not known here\n".encode())


def test_head_and_options(client):
    whole = get(client, LABELS)
    head = client.head("/sparql", query_string={"query": LABELS})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.data))
    options = client.options("/sparql", headers={"Origin": "https://example.org"})
    assert options.status_code == 204
    assert "POST" in options.headers["Access-Control-Allow-Methods"]


def test_without_a_query_a_program_gets_a_description_and_a_person_a_form(client):
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    described = rdflib.Graph().parse(data=client.get("/sparql").data, format="turtle")
    [service] = described.subjects(rdflib.RDF.type, sd.Service)
    assert described.value(service, sd.endpoint) == rdflib.URIRef("http://localhost/sparql")
    assert set(described.objects(service, sd.feature)) == {sd.UnionDefaultGraph}
    assert set(described.objects(service, sd.supportedLanguage)) == {sd.SPARQL11Query, sd.SPARQL12Query}
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    dataset = described.value(service, sd.defaultDataset)
    assert described.value(described.value(dataset, sd.defaultGraph), void.triples).toPython() == 4
    graphs = {
        str(described.value(each, sd.name)): described.value(described.value(each, sd.graph), void.triples).toPython()
        for each in described.objects(dataset, sd.namedGraph)
    }
    assert graphs == {f"{EX}graph/one": 3, f"{EX}graph/two": 2}
    person = client.get("/sparql", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (person.status_code, person.headers["Location"]) == (303, "/query")
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406


def test_every_response_is_guarded(client):
    policies = set()
    for address in ("/sparql", "/nowhere", "/sparql?query=broken"):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        policies.add(policy)
    assert len(policies) == 3, "a fresh nonce each time"


def test_a_bug_is_logged_whole_and_answered_without_its_innards(app, caplog):
    def fails(*_args, **_options):
        raise ZeroDivisionError("the secret")

    client = app.test_client()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QueryPool, "run", fails)
        response = get(client, LABELS)
    assert response.status_code == 500
    assert b"secret" not in response.data
    assert "the secret" in caplog.text
    assert LABELS not in caplog.text
