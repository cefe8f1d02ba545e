"""What the document about a thing holds: enough to be read alone.

That is what the graph says of the thing, the assertions that it takes part in with the places that they rest on, and
the names of all that these mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from leedskg.namespaces import REUSED
from leedskg.query_files import query_beside
from leedskg.sparql.protocol import written
from leedskg.sparql.protocol.negotiation import N_TRIPLES, Chosen, Format
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.web import current

_OF = "CONSTRUCT {{ ?thing ?property ?value }} WHERE {{ VALUES ?thing {{ {things} }} ?thing ?property ?value }}"
#: What belongs to a thing beside what stands behind its #: its parts and identifiers, its evidence with the place.
_BELONGING = frozenset(
    [f"def#{name}" for name in ("hasParticipation", "hasEvidence", "namedAt")]
    + [REUSED["oa"] + "hasSelector", REUSED["adms"] + "identifier", REUSED["spdx"] + "checksum"]
)
#: Steps from an assertion to what belongs to it, and to what belongs to that.
_STEPS = 4
_NAMING = (
    REUSED["skos"] + "prefLabel",
    REUSED["rdfs"] + "label",
    REUSED["dcterms"] + "title",
    REUSED["foaf"] + "name",
)
_IN_GRAPHS = """SELECT ?graph ?s ?p ?o WHERE {{ VALUES ?s {{ {things} }} GRAPH ?graph {{ ?s ?p ?o }} }}"""
#: Things that one query asks about.
_AT_ONCE = 500


def statements(iri: str, query: str = "") -> list[ox.Triple]:
    """Return the statements of the document about a thing; `query` gives them where they are not the usual ones.

    Empty for what the graph says nothing of.
    """
    found = dict.fromkeys(_constructed(query or f"DESCRIBE <{iri}>"))
    if not found:
        return []
    if not query:
        found |= _around(iri)
    mentioned = {each.object.value for each in found if isinstance(each.object, ox.NamedNode)}
    told = {each.subject.value for each in found if isinstance(each.subject, ox.NamedNode)}
    naming = _set(_NAMING)
    for some in _batches(sorted(mentioned - told)):
        found |= dict.fromkeys(
            _constructed(query_beside(__file__, "documents_names").format(things=_set(some), naming=naming))
        )
    return list(found)


def _around(iri: str) -> dict[ox.Triple, None]:
    """Return what is said of a thing, of the assertions about it, and of what belongs to any of these.

    Step by step, for a path of any length is more than some engines answer.
    """
    base = current.settings().base
    following = {base + each if each.startswith("def#") else each for each in _BELONGING}
    rows = current.view().reader.rows(query_beside(__file__, "documents_about").format(base=base, iri=iri))
    found: dict[ox.Triple, None] = {}
    seen: set[str] = set()
    new = {iri, *(row["about"].value for row in rows)}
    for _ in range(_STEPS):
        come: dict[ox.Triple, None] = {}
        for some in _batches(sorted(new)):
            come |= dict.fromkeys(_constructed(_OF.format(things=_set(some))))
        found |= come
        seen |= new
        new = {
            each.object.value
            for each in come
            if isinstance(each.object, ox.NamedNode)
            and (each.predicate.value in following or each.object.value.startswith(f"{iri}#"))
        } - seen
    return found


def in_graphs(triples: Iterable[ox.Triple]) -> Iterator[ox.Quad]:
    """Yield statements in the named graphs that they are from; those of blank nodes are in the default graph alone."""
    held = set(triples)
    about = sorted({each.subject.value for each in held if isinstance(each.subject, ox.NamedNode)})
    for some in _batches(about):
        for row in current.view().reader.rows(_IN_GRAPHS.format(things=_set(some))):
            value = row["o"]
            if value.kind not in {"iri", "literal"}:
                continue
            term = ox.NamedNode(value.value) if value.is_iri else _literal(value.value, value.language, value.datatype)
            quad = ox.Quad(
                ox.NamedNode(row["s"].value), ox.NamedNode(row["p"].value), term, ox.NamedNode(row["graph"].value)
            )
            if quad.triple in held:
                yield quad


def written_as(triples: Iterable[ox.Triple], form: Format, prefixes: Mapping[str, str], first: str = "") -> str:
    """Return statements as text in a format."""
    return written.document([ox.Quad(*each) for each in triples], form, prefixes, first=first).decode()


def _constructed(query: str) -> list[ox.Triple]:
    with current.reader().run(QueryRequest(query), graph=Chosen(N_TRIPLES, N_TRIPLES.media_types[0])) as result:
        return [quad.triple for quad in ox.parse(result.read(), ox.RdfFormat.N_TRIPLES, lenient=True)]


def _batches(iris: list[str]) -> Iterator[list[str]]:
    return (iris[at : at + _AT_ONCE] for at in range(0, len(iris), _AT_ONCE))


def _set(iris: Iterable[str]) -> str:
    return " ".join(f"<{each}>" for each in iris)


def _literal(text: str, language: str, datatype: str) -> ox.Literal:
    if language:
        return ox.Literal(text, language=language)
    return ox.Literal(text, datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(text)
