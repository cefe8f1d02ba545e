"""How a thing with an IRI of ours is used: how often, by what for example, which shapes ask for it, how to query it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import url_for

from leedskg.generation_view import GenerationView
from leedskg.namespaces import REUSED
from leedskg.query_files import query_beside
from leedskg.store import Row
from leedskg.web.pages.presentation import href
from leedskg.web.pages.views import EntityView

_NAMED = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_TYPES = "SELECT ?type WHERE { <%s> a ?type }"
#: How to count a thing's uses, and to ask for some, by what it is; usage_….rq beside it lists three with their names.
_COUNTING = {
    "class": "SELECT (COUNT(DISTINCT ?thing) AS ?number) WHERE { ?thing a <%s> }",
    "property": "SELECT (COUNT(*) AS ?number) WHERE { ?thing <%s> ?other }",
    "graph": "SELECT (COUNT(*) AS ?number) WHERE { GRAPH <%s> { ?thing ?property ?value } }",
    "other": "SELECT (COUNT(*) AS ?number) WHERE { ?thing ?property <%s> }",
}
_ASKING = {
    "class": "SELECT ?thing ?name WHERE {\n  ?thing a <%s> .\n  OPTIONAL { ?thing skos:prefLabel ?name }\n}\n"
    "LIMIT 100\n",
    "property": "SELECT ?thing ?value WHERE {\n  ?thing <%s> ?value .\n}\nLIMIT 100\n",
    "graph": "SELECT ?thing ?property ?value WHERE {\n  GRAPH <%s> { ?thing ?property ?value }\n}\nLIMIT 100\n",
    "other": "SELECT ?thing ?property WHERE {\n  ?thing ?property <%s> .\n}\nLIMIT 100\n",
}
_SAVED = """SELECT ?query ?name WHERE {
  ?query a sh:SPARQLExecutable ; <http://purl.org/dc/terms/references> <%s> ; rdfs:label ?name
} ORDER BY ?query"""
#: What is said of one use, and of several.
_WORDS = {
    "class": ("thing is of this kind", "things are of this kind"),
    "property": ("statement has it", "statements have it"),
    "graph": ("statement is in it", "statements are in it"),
    "other": ("statement names it", "statements name it"),
}
_PROPERTIES = tuple(REUSED["owl"] + each for each in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty"))


@dataclass(frozen=True)
class Usage:
    """How a thing is used."""

    #: What it is: a class, a property, a graph or something else.
    what: str
    number: int
    words: str
    #: Pairs of a thing and, for a property, its value.
    examples: tuple[tuple[EntityView, EntityView | None], ...]
    #: Shapes, each with what it does with the thing.
    shapes: tuple[tuple[EntityView, str], ...]
    #: Saved queries that use it.
    saved: tuple[EntityView, ...]
    query: str
    query_href: str


def usage_of(view: GenerationView, iri: str) -> Usage:
    """Read how a thing is used in the graph."""
    types = {row["type"].value for row in view.reader.rows(_TYPES % iri)}
    what = _kind(iri, types, view)
    asking = _ASKING[what]
    rows = view.reader.rows(_NAMED + query_beside(__file__, f"usage_{what}") % iri)
    shapes = view.reader.rows(_NAMED + query_beside(__file__, "usage_shapes") % {"iri": iri})
    prefixes = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n" if "skos:" in asking else ""
    query = prefixes + asking % iri
    number = int(view.reader.rows(_COUNTING[what] % iri)[0]["number"].value)
    return Usage(
        what,
        number,
        _WORDS[what][number != 1],
        tuple((_view(row, "thing", "name"), _view(row, "other", "otherName") if "other" in row else None)
              for row in rows),
        tuple((_view(row, "shape", "name"), row["why"].value) for row in shapes),
        tuple(_view(row, "query", "name") for row in view.reader.rows(_NAMED + _SAVED % iri)),
        query,
        f"{url_for('query.page')}?query={quote(query)}",
    )  # fmt: skip


def _kind(iri: str, types: set[str], view: GenerationView) -> str:
    if {REUSED["owl"] + "Class", REUSED["rdfs"] + "Class"} & types:
        return "class"
    if types.intersection(_PROPERTIES):
        return "property"
    if iri.startswith(view.namespaces.graph("")):
        return "graph"
    return "other"


def _view(row: Row, thing: str, name: str) -> EntityView:
    value = row[thing]
    local = value.value.rpartition("/")[2] if value.is_iri else value.value
    return EntityView(row[name].value if name in row else local, href(value.value) if value.is_iri else "")
