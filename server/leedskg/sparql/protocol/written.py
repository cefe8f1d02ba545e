"""Statements written out for people and programs: with prefixes, and in an order that stays."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Mapping
from typing import IO, Any

import pyoxigraph as ox

from leedskg.namespaces import RDF_TYPE
from leedskg.sparql.protocol.negotiation import FORMATS, JSON_LD, N_QUADS, N_TRIPLES, Format
from leedskg.sparql.protocol.tokens import each_token, unescape

#: Statements up to which a result is held, sorted and written with the prefixes that it uses. Twenty thousand take a
#: third of a second and 20 MB; more are written as they come.
MOST_SORTED = 20_000
_PREFIXES = re.compile(rb"(?:@prefix [^\n]*\n)+")
_XML_ROOT = re.compile(rb"<rdf:RDF((?: xmlns:\S+)*)>")
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_BY_ENGINE = {each.engine: each for each in FORMATS}
#: Formats in which there is nothing to shorten.
_PLAIN = frozenset({N_TRIPLES.engine, N_QUADS.engine})


class TripleTermError(ValueError):
    """A statement about a statement (RDF 1.2), for which JSON-LD has no form."""


def write(triples: Iterable[ox.Triple], engine: str, prefixes: Mapping[str, str], output: IO[bytes]) -> None:
    """Write a graph: sorted while it is not too large to hold, and with prefixes where the format has any."""
    form = getattr(ox.RdfFormat, engine)
    if engine in _PLAIN and isinstance(triples, ox.QueryTriples):
        triples.serialize(output, form)
        return
    ahead = iter(triples)
    held = [] if engine in _PLAIN else list(itertools.islice(ahead, MOST_SORTED))
    if held and len(held) < MOST_SORTED:
        output.write(document([ox.Quad(*each) for each in held], _BY_ENGINE[engine], prefixes))
    else:
        ox.serialize(itertools.chain(held, ahead), output, form, prefixes=dict(prefixes))


def declared(query: str, others: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that a query declares, and of the others those that do not contradict them."""
    own: dict[str, str] = {}
    stream = each_token(query)
    for token in stream:
        if token.kind != "word" or token.text.upper() not in {"PREFIX", "BASE"}:
            break
        name = next(stream, None)
        if token.text.upper() == "BASE" or name is None or name.kind != "name":
            continue
        iri = next(stream, None)
        if iri is not None and iri.kind == "iri" and ":" in iri.text:
            own[name.text[:-1]] = unescape(iri.text[1:-1])
    spaces = set(own.values())
    return own | {name: space for name, space in others.items() if name not in own and space not in spaces}


def document(quads: Iterable[ox.Quad], form: Format, prefixes: Mapping[str, str], first: str = "") -> bytes:
    """Return statements in a format, sorted, with those of the prefixes that they use; the same bytes each time.

    What is said of the IRI `first` comes before all else of its graph.
    """
    subject = f"<{first}>"
    ordered = sorted(set(quads), key=lambda quad: _order(quad, subject))
    text = "\n".join(map(str, ordered))
    used = {name: space for name, space in prefixes.items() if space in text}
    if form is JSON_LD:
        return _json_ld(ordered, used)
    statements: list[Any] = ordered if form.name in {"nquads", "trig"} else [quad.triple for quad in ordered]
    if form in {N_TRIPLES, N_QUADS}:
        written = ox.serialize(statements, format=getattr(ox.RdfFormat, form.engine))
    else:
        written = ox.serialize(statements, format=getattr(ox.RdfFormat, form.engine), prefixes=used)
    assert written is not None
    return _with_prefixes_in_order(written)


def _best(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return the prefix of the longest namespace that an IRI begins with; nothing where none fits."""
    fitting = (name for name, space in prefixes.items() if iri.startswith(space))
    return max(fitting, default="", key=lambda name: len(prefixes[name]))


def _with_prefixes_in_order(written: bytes) -> bytes:
    """Return a text with its prefixes in the order of their names, which the engine leaves to chance."""
    declared = _PREFIXES.match(written)
    if declared:
        return b"".join(sorted(declared[0].splitlines(keepends=True))) + written[declared.end() :]
    return _XML_ROOT.sub(lambda found: b" ".join([b"<rdf:RDF", *sorted(found[1].split())]) + b">", written, count=1)


def _order(quad: ox.Quad, first: str) -> tuple[str, bool, str, bool, str, str]:
    graph = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
    subject = str(quad.subject)
    return graph, subject != first, subject, quad.predicate.value != RDF_TYPE, str(quad.predicate), str(quad.object)


def _json_ld(quads: Iterable[ox.Quad], prefixes: Mapping[str, str]) -> bytes:
    """Return statements as JSON-LD with a context, a node for each subject."""

    def short(iri: str) -> str:
        best = _best(iri, prefixes)
        rest = iri[len(prefixes.get(best, "")) :]
        return f"{best}:{rest}" if best and not rest.startswith("//") else iri

    nodes: dict[str, dict[str, Any]] = {}
    for quad in quads:
        subject = quad.subject
        name = f"_:{subject.value}" if isinstance(subject, ox.BlankNode) else short(str(getattr(subject, "value", "")))
        node = nodes.setdefault(name, {"@id": name})
        if quad.predicate.value == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            node.setdefault("@type", []).append(short(quad.object.value))
        else:
            node.setdefault(short(quad.predicate.value), []).append(_value(quad.object, short))
    flat = [{key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in node.items()}
            for node in nodes.values()]  # fmt: skip
    found: dict[str, Any] = {"@context": dict(prefixes)}
    found |= flat[0] if len(flat) == 1 else {"@graph": flat}
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def _value(term: Any, short: Any) -> Any:
    if isinstance(term, ox.NamedNode):
        return {"@id": short(term.value)}
    if isinstance(term, ox.BlankNode):
        return {"@id": f"_:{term.value}"}
    if isinstance(term, ox.Triple):
        raise TripleTermError
    assert isinstance(term, ox.Literal)
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype.value == _STRING:
        return term.value
    return {"@value": term.value, "@type": short(term.datatype.value)}
