"""What the dataset is, as far as it is the same at every address: title, licence, where it is to be had."""

from __future__ import annotations

import pyoxigraph as ox

from leedskg.knowledge import Knowledge
from leedskg.namespaces import REUSED
from leedskg.selfdescription.terms import iri, say

TITLE = "Leeds Health Innovation Knowledge Graph"
ABSTRACT = (
    "Organisations, facilities, programmes, funders, investors, advisers, spin-outs, places, themes, support services "
    "and figures of the health innovation ecosystem of Leeds. Each statement rests on a place in a document, a web "
    "page or a register, has a confidence, and stands beside the statements that contradict it."
)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
KEYWORDS = ("health innovation", "Leeds", "knowledge graph", "research partnerships", "funding", "spin-outs")
PUBLISHER = "leedskg curators"


def dataset(knowledge: Knowledge) -> list[ox.Triple]:
    """Return what `graph/void` says of the dataset itself."""
    base = knowledge.namespaces.base
    spaces = [knowledge.namespaces.term(""), *(REUSED[name] for name in ("org", "prov", "skos", "oa", "schema", "qb"))]
    return say(
        f"{base}dataset",
        ("rdf:type", iri("void:Dataset")),
        ("dcterms:title", ox.Literal(TITLE, language="en")),
        ("dcterms:description", ox.Literal(ABSTRACT, language="en")),
        ("dcterms:license", iri(LICENCE)),
        ("foaf:homepage", iri(base)),
        ("void:sparqlEndpoint", iri(f"{base}sparql")),
        ("void:dataDump", iri(f"{base}dataset.nq")),
        ("void:dataDump", iri(f"{base}dataset.trig")),
        ("void:uriSpace", ox.Literal(f"{base}id/")),
        *(("void:vocabulary", iri(each)) for each in spaces),
    )
