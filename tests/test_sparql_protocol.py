"""The protocol's plain functions: requests, formats, refusals, and where a slip is."""

import re
from contextlib import suppress

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leedskg.errors import LeedskgError, NotAcceptableError, QueryRefusedError, RequestError
from leedskg.namespaces import Namespaces
from leedskg.sparql.advice.syntax import syntax_error
from leedskg.sparql.protocol.negotiation import negotiate, quality
from leedskg.sparql.protocol.position import of_error
from leedskg.sparql.protocol.projection import in_order_of_appearance
from leedskg.sparql.protocol.request import FORM, QUERY, UPDATE, QueryRequest, UpdateRequest, read_request
from leedskg.sparql.protocol.tokens import outline, refuse_calls
from leedskg.sparql.protocol.update_dataset import with_dataset

ASK = "ASK%20%7B%7D"


def test_a_query_by_get():
    asked = read_request("GET", b"query=ASK+%7B%3Fs+%3Chttp%3A%2F%2Fe%2Fa%2520b%3E+%22%2B%22%7D&timeout=2.5&format=csv")
    assert asked == QueryRequest('ASK {?s <http://e/a%20b> "+"}', format="csv", timeout=2.5)


def test_a_query_by_form():
    body = f"query={ASK}&default-graph-uri=http%3A%2F%2Fe%2F1&default-graph-uri=http://e/2&named-graph-uri=http://e/3"
    asked = read_request("POST", b"", content_type=f"{FORM}; charset=UTF-8", body=body.encode())
    assert asked == QueryRequest("ASK {}", ("http://e/1", "http://e/2"), ("http://e/3",))


def test_a_query_as_the_body():
    asked = read_request(
        "POST", b"default-graph-uri=http://e/1", content_type=QUERY, body="ASK {?s ?p 'é+%41'}".encode()
    )
    assert asked == QueryRequest("ASK {?s ?p 'é+%41'}", ("http://e/1",))


def test_a_file_that_an_editor_has_marked_as_utf_8():
    asked = read_request("POST", b"", content_type=QUERY, body="ASK {}".encode("utf-8-sig"))
    assert asked == QueryRequest("ASK {}")


def test_a_get_without_parameters_asks_for_the_description():
    assert read_request("GET", b"") is None


@pytest.mark.parametrize(
    ("status", "says", "request_"),
    [
        (400, "query is missing", {"query_string": b"format=json"}),
        (400, "query is missing", {"method": "POST", "content_type": FORM}),
        (400, "given 2 times", {"query_string": f"query={ASK}&query={ASK}".encode()}),
        (400, "given 2 times", {"method": "POST", "query_string": b"query=a", "content_type": QUERY, "body": b"b"}),
        (400, "is query meant", {"query_string": f"querry={ASK}".encode()}),
        (400, "%", {"query_string": b"query=ASK%2"}),
        (400, "%", {"query_string": b"query=100%+of"}),
        (400, "not UTF-8", {"query_string": b"query=%E9"}),
        (400, "not UTF-8", {"query_string": b"query=\xe9"}),
        (400, "not UTF-8", {"method": "POST", "content_type": QUERY, "body": "é".encode("latin-1")}),
        (400, "NUL", {"query_string": b"query=ASK%00"}),
        (400, "timeout", {"query_string": f"query={ASK}&timeout=soon".encode()}),
        (400, "timeout", {"query_string": f"query={ASK}&timeout=-1".encode()}),
        (400, "timeout", {"query_string": f"query={ASK}&timeout=nan".encode()}),
        (400, "whole IRI", {"query_string": f"query={ASK}&default-graph-uri=a%20b".encode()}),
        (403, "contributions", {"query_string": b"update=CLEAR%20ALL"}),
        (403, "contributions", {"method": "POST", "content_type": "application/sparql-update", "body": b"CLEAR ALL"}),
        (405, "PUT", {"method": "PUT"}),
        (413, "longer", {"method": "POST", "content_type": QUERY, "body": b"x" * 2000}),
        (414, "POST", {"query_string": b"query=" + b"x" * 2000}),
        (415, "text/plain", {"method": "POST", "content_type": "text/plain", "body": b"ASK {}"}),
        (415, "no Content-Type", {"method": "POST", "body": b"ASK {}"}),
        (415, "latin-1", {"method": "POST", "content_type": f"{QUERY}; charset=latin-1", "body": b"ASK {}"}),
        (415, "gzip", {"method": "POST", "content_type": QUERY, "content_encoding": "gzip", "body": b"x"}),
    ],
)
def test_requests_that_cannot_be_read(status, says, request_):
    parts = {"method": "GET", "query_string": b"", "limit": 1000} | request_
    with pytest.raises(RequestError, match=says) as caught:
        read_request(parts.pop("method"), parts.pop("query_string"), **parts)
    assert caught.value.status == status


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "shape", "short", "expected"),
    [
        (None, "table", None, "application/sparql-results+json"),
        ("", "graph", None, "text/turtle"),
        ("*/*", "table", None, "application/sparql-results+json"),
        ("text/csv", "table", None, "text/csv"),
        ("text/*", "table", None, "text/csv"),
        ("text/*", "graph", None, "text/turtle"),
        ("application/sparql-results+xml;q=0.5, text/csv;q=0.4", "table", None, "application/sparql-results+xml"),
        ("TEXT/CSV ; Q=0.9 , application/json;q=0.1", "table", None, "text/csv"),
        ("application/json", "table", None, "application/json"),
        ("application/json", "graph", None, "application/json"),
        ("*/*, application/sparql-results+json;q=0", "table", None, "application/sparql-results+xml"),
        ("application/*;q=0.5, text/tab-separated-values", "table", None, "text/tab-separated-values"),
        ("text/turtle;q=0.1, application/n-triples", "graph", None, "application/n-triples"),
        ("application/rdf+xml", "graph", None, "application/rdf+xml"),
        (BROWSER, "table", None, "application/xml"),
        ("text/turtle", "table", "csv", "text/csv"),
        (None, "graph", "json", "application/ld+json"),
        (None, "graph", "ttl", "text/turtle"),
        (None, "table", "xml", "application/sparql-results+xml"),
        (None, "graph", "xml", "application/rdf+xml"),
        (None, "table", "text/csv", "text/csv"),
        (None, "table", "Text/CSV", "text/csv"),
        (None, "graph", "n3", "text/turtle"),
        (None, "graph", "nq", "application/n-quads"),
        ("application/trig", "graph", None, "application/trig"),
        ("text/n3", "graph", None, "text/n3"),
        ("text/csv;q=.4, */*;q=.2", "table", None, "text/csv"),
        ("text/html, image/gif, *; q=.2, */*; q=.2", "table", None, "application/sparql-results+json"),
        ('application/ld+json;profile="a,b"', "graph", None, "application/ld+json"),
        ("text/csv;header=present;q=1, text/tab-separated-values;q=0.1", "table", None, "text/tab-separated-values"),
        ("text/turtle;charset=utf-8", "graph", None, "text/turtle"),
        ("*/*, text/turtle", "graph", None, "text/turtle"),
        ("application/n-triples, */*", "graph", None, "application/n-triples"),
        ("nonsense, text/csv", "table", None, "text/csv"),
    ],
)
def test_negotiation(accept, shape, short, expected):
    assert negotiate(accept, shape, short).media_type == expected


@pytest.mark.parametrize(
    ("accept", "shape", "short"),
    [
        ("image/png", "table", None),
        ("text/turtle", "table", None),
        ("text/csv", "graph", None),
        ("*/*;q=0", "table", None),
        ("text/csv;q=2", "table", None),
        (None, "graph", "csv"),
        (None, "table", "turtle"),
    ],
)
def test_nothing_acceptable(accept, shape, short):
    with pytest.raises(NotAcceptableError) as caught:
        negotiate(accept, shape, short)
    assert caught.value.status == 406


def test_an_unknown_format_is_named():
    with pytest.raises(RequestError, match="format=parquet is not known"):
        negotiate(None, "table", "parquet")


@pytest.mark.parametrize(
    ("sent", "format_name", "timeout", "graphs", "note"),
    [
        ("format=json&output=json&results=json", "json", None, (), ""),
        ("output=csv", "csv", None, (), ""),
        ("format=json-ld&format=application/ld%2Bjson,application/x&output=json-ld", "json-ld", None, (), ""),
        ("format=parquet", "parquet", None, (), ""),
        ("results=spreadsheet", None, None, (), ""),
        ("output=spreadsheet&results=xml", "xml", None, (), ""),
        ("format=&default-graph-uri=&named-graph-uri=&timeout=0&debug=on&should-sponge=", None, None, (), ""),
        ("timeout=&default-graph-uri=&default-graph-uri=http://e/1", None, None, ("http://e/1",), ""),
        ("formt=csv", None, None, (), "formt is not a parameter here and was passed over; is format meant?"),
        ("default-graph=http://e/1", None, None, (),
         "default-graph is not a parameter here and was passed over; is default-graph-uri meant?"),
        ("queryid=x", None, None, (), "queryid is not a parameter here and was passed over; is queryId meant?"),
    ],
)  # fmt: skip
def test_what_clients_in_use_send_is_understood_and_the_rest_passed_over(sent, format_name, timeout, graphs, note):
    asked = read_request("GET", f"query={ASK}&{sent}".encode())
    assert asked == QueryRequest("ASK {}", graphs, format=format_name, timeout=timeout, note=note)


def test_the_most_specific_range_decides():
    assert quality("text/*;q=0.3, text/csv;q=0.7, */*;q=0.5", "text/csv") == 0.7
    assert quality("text/*;q=0.3, */*;q=0.5", "text/csv") == 0.3


#: The port is one that the engine refuses by itself, so nothing is ever called; the refusal shows that it would be.
CALLED = "http://127.0.0.1:1/"
PROLOGUE = f"PREFIX : <{CALLED}> PREFIX ex: <{CALLED}> PREFIX service: <http://e/> "

SMUGGLED = [
    "ASK { SERVICE ex:x { ?s ?p ?o } }",
    "ASK { sErViCe SILENT ex:x { ?s ?p ?o } }",
    f"ASK {{ SERVICE<{CALLED}>{{?s ?p ?o}} }}",
    "ASK { SERVICE:x { ?s ?p ?o } }",
    "ASK { service:x { ?s ?p ?o } }",
    "ASK { SERVICESILENT:x { ?s ?p ?o } }",
    "ASK { VALUES ?x {1}SERVICE:x{ ?s ?p ?o } }",
    "ASK { VALUES ?x { ex:x } SERVICE?x{ ?s ?p ?o } }",
    "ASK { SERVICE # a comment\n ex:x { ?s ?p ?o } }",
    "ASK { # a comment\r SERVICE ex:x { ?s ?p ?o }\n }",
    'ASK { VALUES ?a {1} FILTER(?a<3 || ?a<?a#b>"""\n) SERVICE ex:x {?s ?p ?o}\n#"""\n }',
    "ASK { VALUES ?a {1} FILTER(?a<ex:y#b>'''\n|| true) SERVICE ex:x {?s ?p ?o}\n#'''\n }",
    "ASK { \\u0053ERVICE ex:x { ?s ?p ?o } }",
    "ASK { { SELECT * { SERVICE ex:x { ?s ?p ?o } } } }",
    "ASK { FILTER EXISTS { SERVICE ex:x { ?s ?p ?o } } }",
    "SELECT * { ?s ?p 1SERVICE ex:x { ?s ?p ?o } }",
    "SELECT * { ?s ?p trueSERVICE ex:x { ?s ?p ?o } }",
    'ASK { ?s ?p "\\" SERVICE ex:x {?s ?p ?o}',
]


@pytest.mark.parametrize("query", SMUGGLED)
def test_service_is_refused_however_it_is_written(query):
    with pytest.raises(QueryRefusedError) as caught:
        outline(PROLOGUE + query)
    assert caught.value.status == 403
    assert caught.value.line
    assert caught.value.column


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service a $SERVICE }",
        "SELECT * { ?s ex:service ex:SERVICE . ?s service:offers service:x }",
        "SELECT * { ?s a <http://e/SERVICE/{}> }".replace("{}", "x"),
        "SELECT * { ?s ?p 'SERVICE <http://e> {' }",
        'SELECT * { ?s ?p """a "SERVICE" <http://e> { }""" }',
        "SELECT * { # SERVICE <http://e> {\n ?s ?p ?o }",
        "SELECT * { ?s ?p 'it\\'s SERVICE x {'@en-GB }",
        "SELECT * { ?s ?p ?o FILTER(?o < 3 && ?o > 1) } # LOAD",
        "SELECT * { ?s ?p ?o FILTER(?o<3&&?o>1) ?s ex:load ?load }",
        "SELECT * { ?s <http://e/service>?o ; (<http://e/a>|<http://e/service#b>) ?x }",
        "SELECT * { _:service ?p ex:a.service }",
    ],
)
def test_a_word_that_calls_nobody_is_let_through(query):
    assert outline(PROLOGUE + query).kind == "select"


FRAGMENTS = [
    "SERVICE", "service:x", "SERVICE:x", " ex:x ", "{", "}", "{ ?s ?p ?o }", "?x", "<", ">", "(", ")", "#", "\n", "\r",
    '"', "'", '"""', "'''", "\\", "\\u0053", "\\u0022", " ", "FILTER", "?a<?b", "true", "1", "@en", ".", ";", ":",
    f"<{CALLED}>", "SILENT", "BIND(1 AS ?a)", "VALUES ?x { ex:x }", "OPTIONAL", "UNION", "EXISTS", "_:b", "&&", "|",
]  # fmt: skip


@st.composite
def nearly_smuggled(draw):
    """One of the queries above with a few pieces put in or taken out: some of them still call."""
    query = draw(st.sampled_from([each for each in SMUGGLED if "\\" not in each]))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(query)))
        taken = draw(st.sampled_from([0, 0, 0, 1, 2]))
        query = query[:place] + draw(st.sampled_from(FRAGMENTS)) + query[place + taken :]
    return PROLOGUE + query


@given(nearly_smuggled())
@settings(max_examples=1000, deadline=None)
def test_nothing_that_the_engine_would_call_gets_through(query):
    try:
        outline(query)
    except QueryRefusedError:
        return
    try:
        bool(ox.Store().query(query))
    except SyntaxError:
        return
    except (OSError, RuntimeError) as error:
        pytest.fail(f"the engine was about to call: {error}")


@pytest.mark.parametrize("update", ["INSERT DATA {}", "LOAD <http://e>", "BASE <http://e/> PREFIX a: <b> clear all"])
def test_an_update_is_told_where_changes_come_from(update):
    with pytest.raises(QueryRefusedError, match="read-only over SPARQL: changes come through contributions"):
        outline(update)


def test_the_outline_tells_what_changes_by_itself():
    assert outline("SELECT (RAND() AS ?r) {}").volatile
    assert not outline("SELECT ?rand { ?rand ?p 'NOW()' }").volatile
    assert outline("PREFIX a: <b#c> # ASK\n construct {} where {}").kind == "construct"
    assert outline("what is this").kind is None


@pytest.mark.parametrize(
    ("query", "line", "column", "says"),
    [
        ("SELECT * WHERE {\n ?s ?p ?o .\n foo\n}", 3, 2, "foo cannot stand here"),
        ("SELECT * { ?s foaf:name ?o }", 1, 15, "add PREFIX foaf: <http://xmlns.com/foaf/0.1/>"),
        ("SELECT * { ?s lhi:funds ?o }", 1, 15, "add PREFIX lhi: <https://w3id.org/leeds-health-innovation/def#>"),
        ("SELECT * { ?s nobody:knows ?o }", 1, 15, "the prefix nobody: is not declared"),
        ("SELECT * { ?s ?p ?o", 1, 20, "} is missing"),
        ("SELECT * {\n ?é <http://a> 'ü' .\n !!! }", 3, 2, "! cannot stand here"),
        ("SELECT * { ?s ?p 'abc\n }", 1, 18, "not closed"),
        ("SELECT * { ?s <rel> ?o }", 1, 15, "not a whole IRI"),
        ("SELECT (COUNT(?x) AS ?n) ?y { ?x ?p ?y }", 1, 41, "GROUP BY"),
        ("SELECT ?s { ?s ?p ?o } LIMIT ten", 1, 30, "ten cannot stand here"),
    ],
)
def test_a_slip_is_shown_where_it_is(query, line, column, says):
    with pytest.raises(SyntaxError) as engine:
        ox.Store().query(query)
    error = syntax_error(query, str(engine.value), of_error(query), Namespaces().prefixes)
    assert (error.line, error.column) == (line, column)
    assert says in str(error)
    assert len(str(error)) < 200


@pytest.mark.parametrize(
    ("query", "line", "column", "says"),
    [
        ("SELECT * {\n ?s ?p ?o\n ?s ?q ?r }", 3, 2, "a full stop is missing before it"),
        ("SELECT * { ?s ?p 'x'@en ?s ?q 1 }", 1, 25, "a full stop is missing before it"),
        ("SELECT * { ?s a ?t a ?u }", 1, 20, "a full stop is missing before it"),
        ("SELECT * { ?s ?p }", 1, 18, "three parts"),
        ("SELECT * { ?s ?p ?o LIMIT 10", 1, 21, "a } is missing before it"),
        ("SELECT * { ?s ?p ?o } }", 1, 23, "one } too many"),
        ("SELECT * { ?s ?p ?o FILTER(?o > 3 }", 1, 35, "a ) is missing before it"),
        ("SELECT * { ?s ?p ?o FILTER ?o > 3 }", 1, 28, "FILTER(…)"),
        ("SELECT * { ?s ?p ?o FILTER regex(?o, 'a') && ?o > 1 }", 1, 43, "FILTER(…)"),
        ("SELECT * { ?s ?p ?o FILTER(NOT CONTAINS(?o, 'a')) }", 1, 32, "write !"),
        ("SELECT * { ?s ?p ?o FILTER(?o == 3) }", 1, 32, "no =="),
        ("SELECT * { ?s ?p ?o FILTER(?o <> 3) }", 1, 31, "!="),
        ("SELECT * { ?s ?p ?o FILTER(?o > 3 AND ?o < 4) }", 1, 35, "&&"),
        ("SELECT * { ?s ?p ?o FILTER(?o LIKE 'x') }", 1, 31, "CONTAINS"),
        ("SELECT * { ?s ?p ?o BIND(?x = ?o + 1) }", 1, 37, "BIND(expression AS ?variable)"),
        ("SELECT * { ?s ?p ?o BIND(?x := ?o + 1) }", 1, 29, "BIND(expression AS ?variable)"),
        ("SELECT * { ?s ?p ?o BIND ?o AS ?x }", 1, 26, "BIND(expression AS ?variable)"),
        ("SELECT * { ?s ?p “abc” }", 1, 18, "typographic quotation mark"),
        ("SELECT * { ?s ?p \u2018abc\u2019 }", 1, 18, "typographic quotation mark"),
        ("SELECT * { ?s ?p ?o FILTER(?o > \u22123) }", 1, 33, "write -"),
        ("SELECT * {\u00a0?s ?p ?o }", 1, 11, "a space that is not a plain one"),
        ("SELECT ?s WHERE ?s ?p ?o", 1, 17, "WHERE { … }"),
        ("SELECT ?s ?s ?p ?o .", 1, 20, "WHERE { … }"),
        ("SELECT ?s", 1, 10, "WHERE { … }"),
        ("ASK ?s ?p ?o", 1, 5, "braces"),
        ("SELECT ?a, ?b { ?a ?p ?b }", 1, 10, "without commas"),
        ("SELECT name { ?s ?p ?o }", 1, 8, "?name"),
        ("SELECT * { person ?p ?o }", 1, 12, "?person"),
        ("SELECT COUNT(?x) AS ?n { ?x ?p ?b }", 1, 8, "(COUNT(…) AS ?name)"),
        ("SELECT (COUNT(?x)) { ?x ?p ?b }", 1, 18, "(… AS ?name)"),
        ("SELECT * { ?s ?p ?o } LIMIT 10 ORDER BY ?s", 1, 32, "ORDER stands before LIMIT"),
        ("SELECT * { ?s ?p ?o } ORDER ?s", 1, 29, "ORDER BY"),
        ("SELECT * { ?s ?p ?o } ORDER BY DESC ?o", 1, 37, "DESC(…)"),
        ("SELECT * { ?s ?p ?o OPTIONAL ?s ?q ?r }", 1, 30, "OPTIONAL { … }"),
        ("PREFIX foaf <http://x/> SELECT * { ?s ?p ?o }", 1, 8, "PREFIX foaf: <…>"),
        ("PREFIX foaf: http://x/ SELECT * { ?s ?p ?o }", 1, 14, "between < and >"),
        ("PREFIX foaf: <http://x/> . SELECT * { ?s ?p ?o }", 1, 26, "no full stop"),
        ("@prefix foaf: <http://x/> . SELECT * { ?s ?p ?o }", 1, 1, "write PREFIX"),
        ("SELECT * { http://x/a ?p ?o }", 1, 12, "between < and >"),
        ("SELECT * { <http://x/a ?p ?o }", 1, 31, "no > at its end"),
    ],
)
def test_a_common_slip_gets_a_hint(query, line, column, says):
    test_a_slip_is_shown_where_it_is(query, line, column, says)


@given(st.lists(st.sampled_from([*FRAGMENTS, "SELECT", "WHERE", "FILTER", "(", "BIND", "“"]), max_size=12))
@settings(max_examples=300, deadline=None)
def test_no_query_upsets_the_hints(pieces):
    query = " ".join(pieces)
    message = refusal_of(query)
    assert not message or str(syntax_error(query, message, of_error(query), {}))


def refusal_of(query):
    """What the engine has against a query's syntax; nothing for what is never handed to it."""
    with suppress(QueryRefusedError):
        outline(query)
        try:
            ox.Store().query(query)
        except SyntaxError as error:
            return str(error)
    return ""


def test_an_empty_query_is_said_to_be_empty():
    assert str(syntax_error(" # nothing\n", "error at 1:1: expected [_]", None, {})) == "the query is empty"


def test_an_update_where_there_may_be_one():
    asked = read_request(
        "POST", b"using-graph-uri=http://e/1&using-named-graph-uri=http://e/2", content_type=UPDATE, body=b"CLEAR ALL",
        updates=True,
    )  # fmt: skip
    assert asked == UpdateRequest("CLEAR ALL", ("http://e/1",), ("http://e/2",))
    assert read_request("POST", b"", content_type=FORM, body=b"update=CLEAR+ALL", updates=True) == UpdateRequest(
        "CLEAR ALL"
    )


@pytest.mark.parametrize(
    ("says", "request_"),
    [
        ("by POST", {"method": "GET", "query_string": b"update=CLEAR%20ALL"}),
        ("not a parameter of an update: query", {"content_type": FORM, "body": b"query=ASK%7B%7D&update=CLEAR%20ALL"}),
        ("given 2 times", {"content_type": FORM, "body": b"update=a&update=b"}),
        ("whole IRI", {"query_string": b"using-graph-uri=x", "content_type": UPDATE, "body": b"CLEAR ALL"}),
        ("not UTF-8", {"content_type": UPDATE, "body": "é".encode("latin-1")}),
    ],
)
def test_updates_that_cannot_be_read(says, request_):
    parts = {"method": "POST", "query_string": b""} | request_
    with pytest.raises(RequestError, match=says):
        read_request(parts.pop("method"), parts.pop("query_string"), updates=True, **parts)


SMUGGLED_LOADS = [
    f"LOAD <{CALLED}>",
    f"load<{CALLED}>",
    f"LOADSILENT<{CALLED}>",
    "LOADs:x",
    "LOAD:x",
    "LoadSilents:x",
    f"CLEAR ALL;LOAD <{CALLED}>",
    f"CLEAR ALL ; # a comment\n LOAD <{CALLED}> INTO GRAPH ex:g",
    f"INSERT DATA {{ ex:a ex:b '}}' }} ; LOAD <{CALLED}>",
    f"INSERT DATA {{ ex:a ex:b 1 }} ; \\u004cOAD <{CALLED}>",
    "INSERT { ?a ?b ?c } WHERE { SERVICE ex:x { ?a ?b ?c } }",
    "INSERT { ?a ?b ?c } WHERE { SERVICE:x { ?a ?b ?c } }",
    "DELETE { ?a ?b ?c } WHERE { VALUES ?a {1}SERVICE?x{ ?a ?b ?c } }",
]
LOADS = PROLOGUE + f"PREFIX s: <{CALLED}> "


@pytest.mark.parametrize("update", SMUGGLED_LOADS)
def test_an_update_reads_from_nowhere_else(update):
    with pytest.raises(QueryRefusedError, match=r"is not done here|cannot be told for certain") as caught:
        refuse_calls(LOADS + update)
    assert caught.value.column


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { ex:load ex:b 'LOAD <x>' . ex:a ex:loads service:x }",
        "PREFIX load: <http://e/> INSERT DATA { load:a load:b 1 } # LOAD",
        "INSERT { ?load ex:b 1 } WHERE { ?load a ex:Load }",
        "CLEAR GRAPH <http://e/load>",
    ],
)
def test_an_update_that_calls_nobody_is_let_through(update):
    refuse_calls(PROLOGUE + update)


@st.composite
def nearly_loading(draw):
    update = draw(st.sampled_from([each for each in SMUGGLED_LOADS if "\\" not in each]))
    pieces = [*FRAGMENTS, "LOAD", "load:x", "CLEAR ALL", " s:x ", "INTO", "GRAPH"]
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(update)))
        taken = draw(st.sampled_from([0, 0, 0, 1, 2]))
        update = update[:place] + draw(st.sampled_from(pieces)) + update[place + taken :]
    return LOADS + update


@given(nearly_loading())
@settings(max_examples=1000, deadline=None)
def test_no_update_that_the_engine_would_call_for_gets_through(update):
    try:
        refuse_calls(update)
    except QueryRefusedError:
        return
    assert not attempted(re.sub(r"(load|service)\s*silent", r"\1 ", update, flags=re.IGNORECASE)), (
        "SILENT would hide it"
    )


def attempted(update):
    """What the engine says when it tries to read from elsewhere; nothing when it does not."""
    try:
        ox.Store().update(update)
    except SyntaxError:
        return ""
    except (OSError, RuntimeError) as error:
        return "" if re.search("already exists|does not exist", str(error)) else str(error)
    return ""


@pytest.mark.parametrize(
    ("update", "written"),
    [
        ("INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }", "INSERT { ?s ?p ?o }  USING <http://e/g> WHERE { ?s ?p ?o }"),
        ("DELETE WHERE { ?s ?p '}' }", "DELETE { ?s ?p '}' } USING <http://e/g> WHERE { ?s ?p '}' }"),
        ("INSERT DATA { <http://WHERE> <a:b> 'WHERE' }", "INSERT DATA { <http://WHERE> <a:b> 'WHERE' }"),
        ("CLEAR ALL", "CLEAR ALL"),
    ],
)
def test_the_dataset_of_the_protocol_is_written_into_an_update(update, written):
    assert with_dataset(UpdateRequest(update, ("http://e/g",))) == written
    assert with_dataset(UpdateRequest(update)) == update


@pytest.mark.parametrize("update", ["WITH <a:b> DELETE {} WHERE {}", "INSERT {} USING <a:b> WHERE {}"])
def test_one_dataset_is_enough(update):
    with pytest.raises(RequestError, match="use one or the other"):
        with_dataset(UpdateRequest(update, using_named_graphs=("http://e/g",)))


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT * { ?z ?b ?a }", "z b a"),
        ("PREFIX a: <b:c#> # SELECT *\nselect distinct*{ ?z ?b $a . ?z a:q ?a0 }", "z b a a0"),
        ("SELECT * { { SELECT ?y ?x { ?x ?p ?y } } }", "y x"),
        ("SELECT ?b ?a { ?a ?p ?b }", None),
        ("SELECT (?a * 2 AS ?b) { VALUES ?a { 1 } }", None),
        ("ASK { ?s (<a:b>)* ?o }", None),
        ("SELECT * { }", None),
    ],
)
def test_columns_stand_as_the_query_names_them(query, columns):
    found = ox.Store().query(query, base_iri="http://e/")
    names = [each.value for each in getattr(found, "variables", [])]
    written = in_order_of_appearance(query, names)
    if columns is None:
        assert written == query
    else:
        assert [each.value for each in ox.Store().query(written).variables] == columns.split()


@given(
    st.binary(max_size=60),
    st.binary(max_size=60),
    st.sampled_from(["GET", "POST"]),
    st.sampled_from([FORM, QUERY, UPDATE, ""]),
)
def test_no_bytes_upset_the_reading_of_a_request(query_string, body, method, content_type):
    with suppress(LeedskgError):
        asked = read_request(method, query_string, content_type=content_type, body=body, updates=True)
        if isinstance(asked, QueryRequest):
            outline(asked.query)
