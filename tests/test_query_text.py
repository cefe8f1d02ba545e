"""The text layer under anything that can be typed: it refuses in a sentence or lets through, as the engine would.

More and other text with LEEDSKG_FUZZ=20000 pytest tests/test_query_text.py
"""

import os

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from leedskg.errors import QueryRefusedError, RequestError
from leedskg.files import knowledge_root
from leedskg.namespaces import Namespaces
from leedskg.sparql.advice.hints import hint
from leedskg.sparql.advice.syntax import syntax_error
from leedskg.sparql.protocol.position import of_error
from leedskg.sparql.protocol.projection import in_order_of_appearance, star
from leedskg.sparql.protocol.request import FORM, QUERY, UPDATE, read_request
from leedskg.sparql.protocol.tokens import is_update, outline, refuse_calls, tokens, unescape
from leedskg.web.pages.query import snippets
from tests.w3c.manifests import FOLDER

EXAMPLES = int(os.environ.get("LEEDSKG_FUZZ", "600"))
FUZZ = settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES == 600,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
PREFIXES = Namespaces().prefixes

#: The port is one that the engine refuses by itself, so nothing is ever called; the refusal shows that it would be.
CALLED = "http://127.0.0.1:1/"
PROLOGUE = f"PREFIX : <{CALLED}> PREFIX ex: <{CALLED}> PREFIX service: <{CALLED}> PREFIX SERVICE: <{CALLED}>\n"

ODD = [
    "SERVICE", "service", "sErViCe", "\\u0053ERVICE", "SERV\\u0049CE", "\\U00000053ERVICE", "\\u005cu0053ERVICE",
    "SERVICE:", "SERVICE:x", "service:x", "SERVICE?x", "SERVICE<" + CALLED + ">", "SILENT", "LOAD", " ex:x ",
    "ex:SERVICE", "ex:a\\-SERVICE", "_:SERVICE", "?SERVICE", "$SERVICE", "@service", "'SERVICE'", '"SERVICE', '"""',
    "'''", "#", "#SERVICE\n", "\n", "\r", "\r\n", "\u2028", "\u0085", "\x0b", "\x0c", "\\", "\\u0022", "\\u0027",
    "\\u000A", "\\u0023", "\\uD800", "\\u00", "{", "}", "(", ")", "[", "]", "{ ?s ?p ?o }", "<", ">", "<a#b>",
    "?a<?b", "?a>?b", "<?", ">#", "'", '"', "`", "|", "||", "&&", "^", "^^", "*", "+", "-1", ".5e", "1", "true",
    "a", ";", ",", ".", ":", "::", "ex:", "%41", "ex:%53ERVICE", "UNION", "OPTIONAL", "FILTER", "EXISTS", "MINUS",
    "GRAPH", "BIND(1 AS ?a)", "VALUES ?x { 1 }", "SELECT", "*", "ASK", "WHERE", "FROM <a:b>", "PREFIX",
    "BASE <a:b>", "\0", "\ufeff", "é", "😀", "\u00a0", "“", "–", "SERVICE" * 3, "INSERT", "<<", ">>", "{|", "|}",
    "LATERAL", "COUNT(*)", "GROUP BY", "AS", "ORDER BY", "LIMIT 1",
]  # fmt: skip


def corpus():
    """The saved queries and checks, a few calls in disguise, and the syntax tests of the W3C where they are at hand."""
    found = [path.read_text() for path in sorted((knowledge_root() / "queries").rglob("*.rq"))]
    found += [
        "ASK { SERVICE ex:x { ?s ?p ?o } }",
        "ASK { VALUES ?x {1} SERVICE:x{ ?s ?p ?o } }",
        "ASK { ?s ?p 'it''s' . # SERVICE\n BIND(1 AS ?x) }",
        "SELECT * { BIND(1 AS ?a) FILTER(?a<3 || ?a>2) }",
        'SELECT * { VALUES ?a {1} FILTER(?a<?a#b>"""\n) SERVICE ex:x {?s ?p ?o}\n#"""\n }',
        "ASK { \\u0053ERVICE ex:x { ?s ?p ?o } }",
    ]
    for folder in ("syntax-query", "syntax-fed", "service", "syntax-update-1"):
        found += [path.read_text() for path in sorted((FOLDER / folder).glob("*.r[qu]"))]
    return found


CORPUS = corpus()


@st.composite
def mutated(draw, texts=CORPUS):
    """One of the texts, with pieces put in, taken out, doubled or moved."""
    text = draw(st.sampled_from(texts))
    if draw(st.booleans()):
        text = PROLOGUE + text
    for _ in range(draw(st.integers(1, 5))):
        place, length = draw(st.integers(0, len(text))), draw(st.sampled_from([0, 0, 1, 2, 7, 30]))
        piece = draw(st.sampled_from(ODD) | st.text(max_size=3))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:place] + piece + text[place + length :]
            case 1:
                text = text[:place] + text[place : place + length] * 2 + text[place + length :]
            case 2:
                text = text[:place]
            case _:
                text = text[:place] + piece + text[place:]
    return text


anything = mutated() | st.text(max_size=80) | st.lists(st.sampled_from(ODD), max_size=15).map(" ".join)


def is_told(error):
    said = str(error)
    assert said
    assert "\n" not in said.strip()
    assert len(said) < 500
    return said


@given(anything)
@FUZZ
def test_reading_a_text_ends_in_a_request_error_or_well(text):
    found = tokens(text)
    assert [each.start for each in found] == sorted(each.start for each in found)
    assert all(text.startswith(each.text, each.start) for each in found)
    unescape(text)
    is_update(text)
    for read in (outline, refuse_calls):
        try:
            read(text)
        except RequestError as error:
            is_told(error)
    for place in {0, len(found) // 2, len(found)}:
        hint(found, place)
    snippets(text, "http://e/sparql")
    star(text)
    in_order_of_appearance(text, ["a", "b"])


@given(anything)
@FUZZ
def test_what_the_engine_cannot_read_is_told_in_a_sentence_with_its_place(text):
    try:
        outline(text)
    except RequestError:
        return
    try:
        ox.Store().query(text, base_iri="http://e/")
    except SyntaxError as error:
        told = syntax_error(text, str(error), of_error(text, base="http://e/"), PREFIXES)
        is_told(told)
        if tokens(text):
            assert told.line
            assert 1 <= told.line <= text.count("\n") + 1
            assert told.column
    except (OSError, RuntimeError, ValueError) as error:
        pytest.fail(f"the engine was about to do something: {error}")


def calls(text):
    """Whether rdflib's parser, which is another one than the engine's, finds a SERVICE."""
    pending = [translateQuery(parseQuery(text)).algebra]
    while pending:
        part = pending.pop()
        if isinstance(part, CompValue):
            if part.name == "ServiceGraphPattern":
                return True
            pending += part.values()
        elif isinstance(part, (list, tuple, set)):
            pending += part
    return False


@given(anything)
@FUZZ
def test_what_is_let_through_calls_nobody(text):
    """By the word of two parsers: the engine evaluates it, and rdflib finds no SERVICE in it."""
    try:
        outline(text)
    except QueryRefusedError:
        return
    store = ox.Store()
    one = ox.NamedNode(CALLED + "x")
    store.add(ox.Quad(one, one, one, ox.DefaultGraph()))
    store.add(ox.Quad(one, one, one, one))
    try:
        found = store.query(text, base_iri=CALLED)
        if isinstance(found, (ox.QuerySolutions, ox.QueryTriples)):
            for _, _ in zip(found, range(100), strict=False):
                pass
    except SyntaxError:
        return
    except (OSError, RuntimeError, ValueError) as error:
        if "custom function" not in str(error):  # which the engine does not know, and stops at before it does anything
            pytest.fail(f"the engine was about to call: {error}")
    try:
        found = calls(text)
    except Exception:  # what rdflib cannot read, in whatever way it says so, it has no word on
        return
    assert not found


def test_the_other_parser_would_find_a_call():
    assert calls("ASK { OPTIONAL { SERVICE <a:b> { ?s ?p ?o } } }")
    assert not calls("ASK { ?s ?p 'SERVICE <a:b> { }' }")


@pytest.mark.parametrize("path", sorted((knowledge_root() / "queries").rglob("*.rq")), ids=lambda path: path.name)
def test_our_own_queries_are_let_through(path):
    assert outline(path.read_text()).kind


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "brew"]),
    st.binary(max_size=200) | anything.map(lambda text: b"query=" + text.encode(errors="replace")),
    st.binary(max_size=200) | anything.map(lambda text: text.encode(errors="replace")),
    st.sampled_from([FORM, QUERY, UPDATE, ""]) | st.text(max_size=30),
    st.sampled_from(["", "identity", "gzip"]) | st.text(max_size=10),
)
@FUZZ
def test_reading_a_request_ends_in_a_request_error_or_well(method, query_string, body, content_type, encoding):
    for updates in (False, True):
        try:
            read_request(
                method, query_string, content_type=content_type, content_encoding=encoding, body=body, updates=updates
            )
        except RequestError as refused:
            is_told(refused)
            told = refused.status in range(400, 500)
            assert told
