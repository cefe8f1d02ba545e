"""Running one test of the suite: send what it says, and assert what it expects."""

import re
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from tests.w3c import results
from tests.w3c.client import Answer, Client
from tests.w3c.manifests import BASE, CNT, HT, LABEL, MF, QT, RDF, UT, Case, items, one, path_of, text, values

TURTLE_LIKE = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".rdf": ox.RdfFormat.RDF_XML}
TABLES = {
    ".srx": (ox.QueryResultsFormat.XML, "application/sparql-results+xml"),
    ".srj": (ox.QueryResultsFormat.JSON, "application/sparql-results+json"),
    ".tsv": (ox.QueryResultsFormat.TSV, "text/tab-separated-values"),
}
GRAPH, CSV = "application/n-triples", "text/csv"


def run(case: Case, client: Client) -> None:
    """Raises AssertionError when the test fails."""
    RUNNERS[case.kind](case, client)


def evaluate(case: Case, client: Client) -> None:
    action = one(case.node, f"{MF}action")
    prepare(client, values(action, f"{QT}data"), [(each.value, each) for each in values(action, f"{QT}graphData")])
    query = written(path_of(text(action, f"{QT}query")), text(action, f"{QT}query"))
    expected = path_of(text(case.node, f"{MF}result"))
    base = text(case.node, f"{MF}result")
    ordered = bool(re.search(r"order\s+by", query, re.IGNORECASE))
    if expected.suffix == ".csv":
        answer = ok(client.query(query, CSV))
        assert answer.body.count(b"\n") == answer.body.count(b"\r\n"), "lines end in CRLF"
        found, wanted = results.parse_csv(answer.body), results.parse_csv(expected.read_bytes())
        assert found[0] == wanted[0], "the columns stand in another order"
    elif expected.suffix in TABLES:
        engine, accept = TABLES[expected.suffix]
        answer = ok(client.query(query, accept))
        found = results.parse_table(answer.body, engine)
        wanted = results.parse_table(expected.read_bytes(), engine)
    else:
        answer = ok(client.query(query, f"{GRAPH}, application/sparql-results+json;q=0.9"))
        wanted = results.parse_result_set(expected.read_bytes(), TURTLE_LIKE[expected.suffix], base)
        if answer.content_type == GRAPH:
            found = list(ox.parse(answer.body, ox.RdfFormat.N_TRIPLES))
        else:
            found = results.parse_table(answer.body, ox.QueryResultsFormat.JSON)
    assert results.same(found, wanted, ordered=ordered), f"found {found}\nexpected {wanted}"


def update(case: Case, client: Client) -> None:
    action, result = one(case.node, f"{MF}action"), one(case.node, f"{MF}result")
    prepare(client, values(action, f"{UT}data"), graphs(action))
    name = text(action, f"{UT}request")
    answer = client.update(written(path_of(name), name))
    assert 200 <= answer.status < 300, answer
    expected = []
    for graph, file in [*((None, each) for each in values(result, f"{UT}data")), *graphs(result)]:
        to = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
        parsed = ox.parse(
            path_of(file.value).read_bytes(), TURTLE_LIKE[path_of(file.value).suffix], base_iri=file.value
        )
        expected += [ox.Quad(*quad.triple, to) for quad in parsed]
    found = client.quads()
    assert results.canonical(found) == results.canonical(expected), f"found {found}\nexpected {expected}"


def graphs(node) -> list[tuple[str, ox.NamedNode]]:
    return [(text(each, LABEL), one(each, f"{UT}graph")) for each in values(node, f"{UT}graphData")]


def prepare(client: Client, default: list, named: list[tuple[str, ox.NamedNode]]) -> None:
    """Empty the store and load what the test starts from."""
    client.clear()
    for graph, file in [*((None, each) for each in default), *named]:
        path = path_of(file.value)
        if path.suffix == ".rdf":
            parsed = ox.parse(path.read_bytes(), ox.RdfFormat.RDF_XML, base_iri=file.value)
            client.load(ox.serialize([quad.triple for quad in parsed], format=ox.RdfFormat.TURTLE), graph)
        else:
            client.load(f"@base <{file.value}> .\n".encode() + path.read_bytes(), graph)


def written(path: Path, name: str) -> str:
    """A query or update with the base that its place in the suite gives it; one it declares itself comes behind it."""
    return f"BASE <{name}>\n{path.read_text(encoding='utf-8')}"


def ok(answer: Answer) -> Answer:
    assert answer.status == 200, answer
    return answer


def syntax(case: Case, client: Client) -> None:
    client.clear()
    name = text(case.node, f"{MF}action")
    request = written(path_of(name), name)
    answer = client.update(request) if "Update" in case.kind else client.query(request, "*/*")
    if case.kind.startswith("Positive"):  # 409: well written, and cannot be done on an empty store
        assert answer.status in {200, 204, 409}, answer
    else:
        assert answer.status == 400, answer


def protocol(case: Case, client: Client) -> None:
    client.clear()
    for each in values(case.node, f"{UT}graphData"):
        client.load(path_of(text(each, f"{UT}graph")).read_bytes(), text(each, LABEL))
    exchange(case, client, {"/sparql/": "/sparql"})


def graph_store(case: Case, client: Client) -> None:
    client.clear()
    exchange(case, client, {"/gsp": "/graph-store"})


def exchange(case: Case, client: Client, paths: dict[str, str]) -> None:
    """Send the requests of a test one after the other."""
    action = one(case.node, f"{MF}action")
    known: dict[str, str] = {}
    for request in items(one(action, f"{HT}requests")):
        path, body = text(request, f"{HT}absolutePath"), one(request, f"{HT}body")
        for theirs, ours in paths.items():
            if path.startswith(theirs):
                path = ours + path.removeprefix(theirs)
        content = text(body, f"{CNT}chars") if body is not None else None
        for placeholder, value in known.items():
            path = path.replace(placeholder, quote(value, safe=":/"))
            content = content.replace(placeholder, value) if content is not None else None
        headers = fields(request) | {"Host": text(action, f"{HT}connectionAuthority")}
        encoding = text(body, f"{CNT}characterEncoding") if body is not None else "UTF-8"
        sent = None if content is None else content.encode(encoding)
        answer = client.send(text(request, f"{HT}methodName"), path, sent, headers)
        response = one(request, f"{HT}resp")
        compare(answer, response)
        placeholder = text(response, f"{MF}expectedLocation")
        if placeholder:
            known[placeholder] = answer.headers["Location"]


def fields(node) -> dict[str, str]:
    head = one(node, f"{HT}headers")
    listed = items(head) if head is not None else []
    return {text(each, f"{HT}fieldName"): text(each, f"{HT}fieldValue") for each in listed}


NAMES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
TRUTHS = ("application/sparql-results+json", "application/sparql-results+xml")
FORMATS = {
    "boolean": TRUTHS,
    "tabular": (*TRUTHS, "text/csv", "text/tab-separated-values"),
    "RDF": ("application/rdf+xml", "text/turtle", "application/n-triples"),
}


def compare(answer: Answer, response) -> None:
    """Assert what a response of a protocol test says."""
    statuses = [each.value.rpartition("#")[2] for each in values(response, f"{MF}expectedStatus")]
    assert any(
        answer.status // 100 == int(name[-3]) if name.startswith("StatusCode") else answer.status == NAMES[name]
        for name in statuses
    ), f"expected {statuses}, got {answer}"
    kind = text(response, f"{MF}expectedFormat")
    if kind:
        assert answer.content_type.partition(";")[0] in FORMATS[kind]
    truth = text(response, f"{MF}expectedBoolean")
    if truth:
        found = results.parse_table(answer.body, ox.QueryResultsFormat.JSON)
        assert found is (truth == "true"), answer
    for name, value in fields(response).items():
        assert answer.headers[name] == value
    body = one(response, f"{HT}body")
    if body is not None:
        expected = list(ox.parse(text(body, f"{CNT}chars"), ox.RdfFormat.TURTLE, base_iri=BASE))
        found = list(ox.parse(answer.body, ox.RdfFormat.TURTLE, base_iri=BASE))
        assert results.canonical(found) == results.canonical(expected)


SD = "http://www.w3.org/ns/sparql-service-description#"
#: The vocabulary's properties: the class of what they are said of, and the class of what they name.
SCHEMA = {
    "endpoint": ("Service", None),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "supportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "languageExtension": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "propertyFeature": ("Service", "Feature"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", None),
    "inputFormat": ("Service", None),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("Dataset", "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
FEATURES = {"DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"}
LANGUAGES = {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update", "SPARQL12Query", "SPARQL12Update"}


def description(case: Case, client: Client) -> None:
    answer = ok(client.send("GET", "/sparql", headers={"Accept": "text/turtle"}))
    assert answer.content_type.startswith("text/turtle")
    store = ox.Store()
    store.load(answer.body, ox.RdfFormat.TURTLE)
    assert len(store) > 0
    endpoint = ox.NamedNode(f"{client.address}/sparql")
    if case.name == "has-endpoint-triple":
        assert list(store.quads_for_pattern(None, ox.NamedNode(f"{SD}endpoint"), endpoint))
    if case.name == "conforms-to-schema":
        conforms(store)


def conforms(store: ox.Store) -> None:
    """Every term of the vocabulary is one of it, and stands between things of the classes it says."""

    def kinds(node) -> set[str]:
        found = store.quads_for_pattern(node, ox.NamedNode(f"{RDF}type"), None)
        return {quad.object.value.removeprefix(SD) for quad in found}

    assert list(store.quads_for_pattern(None, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{SD}Service")))
    for quad in store:
        if not quad.predicate.value.startswith(SD):
            continue
        name = quad.predicate.value.removeprefix(SD)
        domain, target = SCHEMA[name]
        assert domain in kinds(quad.subject), f"sd:{name} is said of a {kinds(quad.subject)}"
        assert not isinstance(quad.object, ox.Literal), quad
        value = quad.object.value.removeprefix(SD)
        if target == "Feature":
            assert value in FEATURES
        elif target == "Language":
            assert value in LANGUAGES
        elif target is not None:
            assert target in kinds(quad.object), f"sd:{name} names a {kinds(quad.object)}"


RUNNERS = {
    "QueryEvaluationTest": evaluate,
    "CSVResultFormatTest": evaluate,
    "UpdateEvaluationTest": update,
    "PositiveSyntaxTest11": syntax,
    "NegativeSyntaxTest11": syntax,
    "PositiveUpdateSyntaxTest11": syntax,
    "NegativeUpdateSyntaxTest11": syntax,
    "ProtocolTest": protocol,
    "GraphStoreProtocolTest": graph_store,
    "ServiceDescriptionTest": description,
}
