"""What the service says of itself, in the SPARQL 1.1 Service Description vocabulary."""

from __future__ import annotations

import pyoxigraph as ox

from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.sparql.negotiation import FORMATS, Format
from leedskg.store import Published

_SD = "http://www.w3.org/ns/sparql-service-description#"
_W3_FORMATS = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
}


def service_description(address: str, published: Published, written_as: Format) -> bytes:
    """The description of the endpoint at `address`, in a graph format."""
    service, dataset, graph = (ox.NamedNode(address + part) for part in ("", "#dataset", "#default-graph"))

    def states(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(predicate), value)

    def named(iri: str) -> ox.NamedNode:
        return ox.NamedNode(iri)

    triples = [
        states(service, RDF_TYPE, named(f"{_SD}Service")),
        states(service, f"{_SD}endpoint", service),
        states(service, f"{_SD}supportedLanguage", named(f"{_SD}SPARQL11Query")),
        states(service, f"{_SD}feature", named(f"{_SD}UnionDefaultGraph")),
        states(service, f"{_SD}defaultDataset", dataset),
        states(dataset, RDF_TYPE, named(f"{_SD}Dataset")),
        states(dataset, f"{_SD}defaultGraph", graph),
        states(graph, RDF_TYPE, named(f"{_SD}Graph")),
        states(graph, f"{REUSED['void']}triples", ox.Literal(published.statements)),
        *(states(service, f"{_SD}resultFormat", named(_W3_FORMATS + _FORMAT_NAMES[each.name])) for each in FORMATS),
    ]
    prefixes = {"sd": _SD, "void": REUSED["void"], "formats": _W3_FORMATS}
    written = ox.serialize(triples, format=getattr(ox.RdfFormat, written_as.engine), prefixes=prefixes)
    assert written is not None
    return written
