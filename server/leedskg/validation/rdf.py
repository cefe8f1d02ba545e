"""Terms of pyoxigraph as terms of rdflib, which pySHACL reads, and back."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
import rdflib
from rdflib.term import Node

from leedskg.errors import KnowledgeError
from leedskg.namespaces import REUSED

_XSD_STRING = REUSED["xsd"] + "string"


def to_rdflib(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """The triples as an rdflib graph in memory.

    rdflib holds that `"x"^^xsd:string` and `"x"` differ, where RDF 1.1 and pyoxigraph hold them equal: they are given
    the form without a datatype, or pySHACL would report what is not there.
    """
    graph = rdflib.Graph()
    for triple in triples:
        graph.add((to_node(triple.subject), to_node(triple.predicate), to_node(triple.object)))
    return graph


def to_node(term: object) -> Node:
    """A term of pyoxigraph as rdflib has it. Raises KnowledgeError for a triple, which pySHACL cannot judge."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        return rdflib.Literal(term.value, datatype=None if datatype == _XSD_STRING else rdflib.URIRef(datatype))
    raise KnowledgeError("a triple about a triple cannot be validated; write it as an assertion")


def to_ox(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """A term of rdflib as pyoxigraph has it."""
    if isinstance(node, rdflib.Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
    return ox.BlankNode(str(node)) if isinstance(node, rdflib.BNode) else ox.NamedNode(str(node))
