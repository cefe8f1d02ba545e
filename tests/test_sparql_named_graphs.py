"""Which queries may name graphs: by them alone is the store with the graphs asked, and all others have the union."""

import sys

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leedskg.errors import LeedskgError, QueryRefusedError
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol.tokens import outline
from tests.sample_graph import published, settings_for

G = "http://e/g"
PROLOGUE = f"PREFIX : <{G}> PREFIX h: <{G}> "

NAMING = [
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { graph h: { ?s ?p ?o } }",
    "SELECT * { GRAPH?g{?s ?p ?o}}",
    "SELECT * {{}GRAPH?g{?s ?p ?o}}",
    "SELECT * { GRAPHh:{?s ?p ?o} }",
    "SELECT * { GRAPH:{?s ?p ?o} }",
    "SELECT * { BIND(1 AS ?x)GRAPH ?g{?s ?p ?o} }",
    f"SELECT *FROM<{G}>{{?s ?p ?o}}",
    f"SELECT * frOM NAMED <{G}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "SELECT * FROMh: {?s ?p ?o}",
    f"SELECT (1 AS ?xFROM)FROM<{G}>{{?s ?p ?o}}",
    "SELECT * { FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }",
    "SELECT * { { SELECT * { GRAPH ?g { ?s ?p ?o } } } }",
    "SELECT * { # GRAPH\n GRAPH # FROM\n ?g { ?s ?p ?o } }",
    "SELECT * { ?s ?p 'it\\'s' OPTIONAL { GRAPH ?g { ?s ?p ?o } } }",
]
#: What a reader of escapes that come first, as the standard has it, would take for one.
ESCAPED = [
    "SELECT * { \\u0047RAPH ?g { ?s ?p ?o } }",
    "SELECT * { \\U00000047raph ?g { ?s ?p ?o } }",
    "SELECT * { ?s ?p 'a\\u0027 GRAPH ?g { ?s ?p ?o } }",
]


@pytest.mark.parametrize("query", [*NAMING, *ESCAPED])
def test_a_query_that_names_graphs_is_known_however_it_is_written(query):
    assert outline(PROLOGUE + query).names_graphs


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?from ?to { ?from ?p ?to }",
        "SELECT $graph { $graph ?p ?o }",
        "SELECT * { ?s ?p 'from a GRAPH { }' }",
        "SELECT * { ?s <http://e/from/GRAPH> h:graph . ?s h:from ?from }",
        "SELECT * { _:from ?p 'x'@en-from } # GRAPH ?g {",
        "SELECT * { ?s ?p '\\u0047RAPH' }",
    ],
)
def test_the_words_elsewhere_name_none(query):
    assert not outline(PROLOGUE + query).names_graphs


FRAGMENTS = [
    "GRAPH", "FROM", "graph ?g", "FROM NAMED", "GRAPHh:", "FROM:", " h: ", "{", "}", "{ ?s ?p ?o }", "?x", "?from",
    "<", ">", "(", ")", "#", "\n", "\r", '"', "'", '"""', "'''", "\\", "\\u0047", "\\u0027", " ", "FILTER", "?a<?b",
    "@en", "1", ".", ";", ":", f"<{G}>", "BIND(1 AS ?a)", "OPTIONAL", "UNION", "EXISTS", "_:b", "&&", "*", "h:graph",
]  # fmt: skip


@st.composite
def nearly_naming(draw):
    """One of the queries above with a few pieces put in or taken out: some of them still name graphs."""
    query = draw(st.sampled_from([*NAMING, "SELECT * { ?s ?p ?o }", "SELECT ?from { ?from ?p 'GRAPH ?g { }' }"]))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(query)))
        taken = draw(st.sampled_from([0, 0, 0, 1, 2, 5]))
        query = query[:place] + draw(st.sampled_from(FRAGMENTS)) + query[place + taken :]
    return PROLOGUE + query


def stores() -> tuple[ox.Store, ox.Store]:
    """A store with a graph besides what its default graph holds, and one with that alone."""
    one, other, property_ = (ox.NamedNode(f"http://e/{name}") for name in ("a", "b", "p"))
    union = [ox.Quad(one, property_, other)]
    whole, alone = ox.Store(), ox.Store()
    alone.extend(union)
    whole.extend([*union, ox.Quad(other, property_, one, ox.NamedNode(G))])
    return whole, alone


WHOLE, ALONE = stores()


def rows(store: ox.Store, query: str) -> list[str]:
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(map(str, found))


@given(nearly_naming())
@settings(max_examples=1000, deadline=None)
def test_a_query_that_is_not_known_to_name_graphs_has_the_same_answer_without_them(query):
    try:
        names = outline(query).names_graphs
        known = rows(WHOLE, query)
    except (QueryRefusedError, SyntaxError):
        return
    assert names or known == rows(ALONE, query)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker has the disk open from its start")
def test_words_that_name_no_graph_are_asked_of_the_union_in_memory(tmp_path):
    """Beside a union in memory the disk is opened by the first query that names graphs; so it can be missed."""
    generation = published(tmp_path)
    with QueryPool(settings_for(tmp_path)) as pool:
        generation.path.rename(tmp_path / "elsewhere")
        assert len(pool.rows("SELECT ?from { ?from ?p ?o FILTER(?o != 'GRAPH ?g { }') }")) == 4
        with pytest.raises(LeedskgError):
            pool.rows("SELECT ?from { GRAPH ?g { ?from ?p ?o } }")
