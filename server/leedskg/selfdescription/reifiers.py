"""Which assertion states which direct edge: `assertion rdf:reifies <<( a lhi:funds b )>>`, as RDF 1.2 has it.

An edge is one only while it is in the graph, so what is ended, doubted or deprecated states none, unless another says
the same. An edge and its inverse are one statement, so either end may be asked from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from leedskg.query_files import query_beside
from leedskg.selfdescription.terms import iri

_PREFIXES = "BASE <%s> PREFIX lhi: <def#> PREFIX owl: <http://www.w3.org/2002/07/owl#> "
_DEFAULT, _TYPE = ox.DefaultGraph(), iri("rdf:type")
_INVERSES = _PREFIXES + "SELECT ?one ?other WHERE { ?one owl:inverseOf ?other }"
_SYMMETRIC = _PREFIXES + "SELECT ?one WHERE { ?one a owl:SymmetricProperty }"
_DEPRECATED = _PREFIXES + "SELECT ?one WHERE { ?one lhi:rank <scheme/rank/deprecated> }"


def statements(store: ox.Store, base: str) -> list[ox.Triple]:
    """Return the statements of `graph/reified` of a united store."""
    rows = [*_rows(store, _INVERSES % base), *(2 * row for row in _rows(store, _SYMMETRIC % base))]
    inverses: dict[ox.NamedNode, set[ox.NamedNode]] = {}
    for one, other in rows:
        inverses.setdefault(one, set()).add(other)
        inverses.setdefault(other, set()).add(one)
    deprecated = {row[0] for row in _rows(store, _DEPRECATED % base)}
    found: set[ox.Triple] = set()
    for query in (query_beside(__file__, "reifiers_relationships"), query_beside(__file__, "reifiers_attributes")):
        for assertion, start, edge, end in _rows(store, query % base):
            if assertion in deprecated or start == end:
                continue
            ways = [(start, edge, end), *((end, back, start) for back in inverses.get(edge, ()))]
            stated = (ox.Triple(*way) for way in ways if isinstance(way[0], ox.NamedNode))
            found |= {ox.Triple(assertion, iri("rdf:reifies"), each) for each in stated if ox.Quad(*each) in store}
    return list(found)


#: What the queries read of assertions, of their parts and of the patterns of edges.
_READ = (
    *("lhi:hasParticipation", "lhi:role", "lhi:participant", "lhi:subject", "lhi:property", "lhi:object"),
    *("lhi:literalValue", "lhi:rank", "lhi:relationshipType", "lhi:fromRole", "lhi:toRole", "lhi:derives"),
    "owl:inverseOf",
)


def may_change(stores: Iterable[ox.Store], changed: Iterable[ox.Triple | ox.Quad], base: str) -> bool:
    """Return whether a change of united stores may be seen in `graph/reified`: in an assertion, or in its edge."""
    read = {_named(each, base) for each in _READ}
    edges: set[object] = set()
    kinds: set[object] = {iri("owl:SymmetricProperty")}
    for store in stores:
        for name, into in (("lhi:derives", edges), ("lhi:relationshipType", kinds), ("lhi:property", edges)):
            into.update(quad.object for quad in store.quads_for_pattern(None, _named(name, base), None, _DEFAULT))
        for one, other in _rows(store, _INVERSES % base):
            edges |= {one, other}
    return any(
        each.predicate in read or each.predicate in edges or (each.predicate == _TYPE and each.object in kinds)
        for each in changed
    )


def _named(name: str, base: str) -> ox.NamedNode:
    return ox.NamedNode(f"{base}def#{name[4:]}") if name.startswith("lhi:") else iri(name)


def _rows(store: ox.Store, query: str) -> Iterator[tuple[ox.NamedNode, ...]]:
    """Yield the rows of a query; each of their terms is taken for what the rules let it be."""
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    yield from (tuple(row) for row in found)
