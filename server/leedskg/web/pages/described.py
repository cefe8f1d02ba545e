"""A page for whatever else has an IRI of ours: the ontology with its terms, schemes, agents, graphs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from leedskg.generation_view import GenerationView
from leedskg.namespaces import REUSED, WORDS
from leedskg.query_files import query_beside
from leedskg.web import current
from leedskg.web.pages import gone, ontology
from leedskg.web.pages.data import is_iri, respond, split, vary
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.usage import usage_of
from leedskg.web.pages.views import EntityView
from leedskg.wording import capital, plain_date

blueprint = Blueprint("described", __name__)
blueprint.after_request(vary)

#: A document about an IRI tells of what stands behind its # too.
_DOCUMENT = """CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  ?s ?p ?o FILTER(?s = <{iri}> || STRSTARTS(STR(?s), "{iri}#"))
}}"""
#: The version that is published is told of where the ontology is.
_IS_VERSION = "ASK { ?ontology <http://www.w3.org/2002/07/owl#versionIRI> <%s> }"
#: What has its IRI behind the # of the ontology has a page of its own: a term, a pattern, a model.
_IS_DEFINED = "ASK { <%s> ?field ?value }"
_SIZE = "SELECT (COUNT(*) AS ?number) WHERE { GRAPH <%s> { ?s ?q ?v } }"
#: Properties whose value is a query.
_CODE = tuple(f"http://www.w3.org/ns/shacl#{name}" for name in ("select", "construct", "ask", "describe"))
#: What people read for the properties that describe terms, shapes and data sets.
_READ = {
    REUSED[name.partition(":")[0]] + name.partition(":")[2]: words
    for name, words in (
        ("rdf:type", "type"), ("rdfs:domain", "of"), ("rdfs:range", "leads to"), ("rdfs:isDefinedBy", "defined by"),
        ("rdfs:subClassOf", "kind of"), ("rdfs:subPropertyOf", "kind of"), ("owl:inverseOf", "inverse of"),
        ("skos:example", "example"), ("schema:domainIncludes", "of"), ("schema:rangeIncludes", "leads to"),
        ("sh:property", "asks for"), ("sh:targetClass", "asked of"), ("sh:path", "property"),
        ("sh:message", "what is told"),
        ("sh:severity", "severity"), ("sh:minCount", "at least"), ("sh:maxCount", "at most"),
        ("sh:class", "value of kind"),
        ("sh:order", "order"), ("sh:datatype", "datatype"), ("sh:nodeKind", "kind of node"), ("sh:in", "one of"),
        ("sh:node", "as in"), ("sh:or", "either"), ("sh:not", "not"), ("sh:declare", "declares"),
        ("dcterms:references", "uses"), ("schema:target", "to be sent to"), ("schema:keywords", "keywords"),
    )
}  # fmt: skip
_HEADINGS = {
    "Class": "Classes",
    "ObjectProperty": "Properties between things",
    "DatatypeProperty": "Properties with values",
    "AnnotationProperty": "Properties of notes",
    "Concept": "Concepts",
    "PrefixDeclaration": "Prefixes",
}


@blueprint.get("/scheme/<scheme>")
@blueprint.get("/agent/<scheme>")
@blueprint.get("/def", defaults={"scheme": ""})
@blueprint.get("/def.<any(ttl, nt, jsonld, rdf, nq, trig, html):scheme>")
@blueprint.get("/def/<path:scheme>")
@blueprint.get("/graph/<path:scheme>")
@blueprint.get("/shape/<scheme>")
@blueprint.get("/rule/<scheme>")
def page(scheme: str) -> Any:
    """Show anything else with an IRI of ours: as a page, or as data."""
    path, suffix = split(request.path)
    view = current.view()
    iri = view.namespaces.base + path.removeprefix("/")
    if path.startswith("/def/") and is_iri(iri):
        if view.reader.ask(_IS_VERSION % iri):
            return redirect(f"{request.script_root}/def{suffix}", 303)
        term = view.namespaces.term(scheme_name(path))
        if view.reader.ask(_IS_DEFINED % term):
            iri = term
    if path == "/def":
        return respond(iri, suffix, lambda: ontology.rendered(view), _DOCUMENT.format(iri=iri))
    query = query_beside(__file__, "described_graph").format(iri=iri) if path.startswith("/graph/") else ""
    return respond(iri, suffix, lambda: rendered(view, iri), query)


def scheme_name(path: str) -> str:
    """Return the name of a term in the address of its page."""
    return path.removeprefix("/def/")


@dataclass
class _Told:
    """What a page tells of a thing from its own statements."""

    title: str = ""
    lead: str = ""
    #: A query, where the thing is one.
    code: str = ""
    facts: dict[str, list[EntityView]] = field(default_factory=dict)


def _told(view: GenerationView, iri: str, parts: Collection[str] = ()) -> _Told:
    """Return what is told of a thing, but for that it has these parts, which are listed."""
    presenter = Presenter(view)
    told = _Told()
    for row in view.reader.rows(query_beside(__file__, "described_facts") % iri):
        name, value = row["field"].value, row["value"]
        words = (
            row["words"].value
            if "words" in row
            else _READ.get(name) or WORDS.get(name) or view.namespaces.shorten(name)
        )
        if name.endswith(("#prefLabel", "rdf-schema#label", "/title", "foaf/0.1/name", "shacl#name")):
            told.title = told.title or value.value
        elif name.endswith(("#definition", "/description", "rdf-schema#comment", "shacl#description")):
            told.lead = told.lead or value.value
        elif value.is_iri and value.value not in parts:
            label = row["label"].value if "label" in row else view.namespaces.shorten(value.value).strip("<>")
            told.facts.setdefault(capital(words), []).append(EntityView(label, href(value.value)))
        elif value.kind == "literal" and name.startswith(_CODE):
            told.code = value.value
        elif value.kind == "literal":
            told.facts.setdefault(capital(words), []).append(presenter.entity("", plain_date(value.value)))
    return told


def title_of(view: GenerationView, iri: str) -> str:
    """Return what the page of something is called; the short form of its IRI where nothing else is said."""
    return capital(_told(view, iri).title) or view.namespaces.shorten(iri).strip("<>")


def rendered(view: GenerationView, iri: str) -> str:
    """Return the page of whatever the graph says something of. Raises UnknownNameError where it says nothing."""
    parts: dict[str, list[tuple[str, str, str, str, str]]] = {}
    rows = view.reader.rows(query_beside(__file__, "described_parts") % {"iri": iri})
    for row in rows:
        part, kinds = row["part"].value, {each.rpartition("#")[2] for each in row["kinds"].value.split()}
        anchor = part.partition("#")[2] if part.startswith(f"{iri}#") else ""
        label, meaning = (row[name].value if name in row else "" for name in ("label", "meaning"))
        entry = (anchor, view.namespaces.shorten(part), label or part, meaning, "" if anchor else href(part))
        if "PrefixDeclaration" in kinds:  # as it is pasted into a query
            entry = (anchor, f"PREFIX {label}: <{meaning}>", label, "", "")
        heading = next((_HEADINGS[kind] for kind in _HEADINGS if kind in kinds), "Parts of it")
        parts.setdefault(heading, []).append(entry)
    told = _told(view, iri, {row["part"].value for row in rows if row["part"].value.startswith(f"{iri}#")})
    facts = told.facts
    if iri.startswith(view.namespaces.graph("")):
        number = int(view.reader.rows(_SIZE % iri)[0]["number"].value)
        if number:
            whole = url_for("graph_store.graph_store", graph=iri)
            facts["Statements in it"] = [EntityView(f"{number:,}", whole)]
    if not (facts or parts or told.title):
        gone.refuse(iri, "The graph says nothing of what has this address.")
    order = list(_HEADINGS.values())
    ordered = sorted(parts.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order))
    shown = view.namespaces.shorten(iri).strip("<>")
    return render_template(
        "described.html",
        title=capital(told.title) if told.title else shown,
        lead=told.lead,
        iri=iri,
        facts=list(facts.items()),
        parts=ordered,
        usage=usage_of(view, iri),
        code=told.code,
    )
