"""The ontology as one document, the shapes as what a valid record looks like, and the model told by an example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, render_template

from leedskg.generation_view import GenerationView
from leedskg.namespaces import REUSED
from leedskg.query_files import query_beside
from leedskg.sparql.protocol.negotiation import TURTLE
from leedskg.store import Row
from leedskg.web import current
from leedskg.web.api.sparql import statistics
from leedskg.web.pages import documents
from leedskg.web.pages.data import respond, vary
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.views import EntityView

blueprint = Blueprint("ontology", __name__)
blueprint.after_request(vary)

_PREFIXES = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_ABOUT = _PREFIXES + "SELECT ?field ?value WHERE { <%s> ?field ?value }"
_GROUPS = (
    ("classes", "Classes", "Class"),
    ("properties", "Properties between things", "ObjectProperty"),
    ("values", "Properties with values", "DatatypeProperty"),
    ("notes", "Properties of notes", "AnnotationProperty"),
)


@dataclass
class OntologyTerm:
    """A class or property, as the document of the ontology shows it."""

    name: str
    short: str
    label: str
    kind: str
    meaning: str = ""
    example: str = ""
    #: How often it is used; nothing for what is no class and no property.
    number: int | None = None
    ties: dict[str, list[EntityView]] = field(default_factory=dict)


def rendered(view: GenerationView) -> str:
    """Return the page of the ontology: what it is, a picture of it, contents, and every term with its anchor."""
    iri = f"{view.namespaces.base}def"
    about = {row["field"].value: row["value"].value for row in view.reader.rows(_ABOUT % iri)}
    terms = _terms(view, iri)
    if not terms:
        abort(404, "The graph has no ontology.")
    groups = [(anchor, heading, [term for term in terms if term.kind == kind]) for anchor, heading, kind in _GROUPS]
    groups.append(("also", "Also defined", _others(view, iri)))
    return render_template(
        "ontology.html",
        iri=iri,
        title=about.get(f"{REUSED['dcterms']}title", "Ontology"),
        lead=about.get(f"{REUSED['dcterms']}description", ""),
        version=about.get(f"{REUSED['owl']}versionInfo", ""),
        version_iri=about.get(f"{REUSED['owl']}versionIRI", ""),
        licence=about.get(f"{REUSED['dcterms']}license", ""),
        modified=about.get(f"{REUSED['dcterms']}modified", ""),
        groups=[group for group in groups if group[2]],
        model=_model(view),
    )


def _terms(view: GenerationView, iri: str) -> list[OntologyTerm]:
    counted = statistics()
    terms: dict[str, OntologyTerm] = {}
    for row in view.reader.rows(query_beside(__file__, "ontology_terms") % iri):
        name, kind = row["term"].value, row["type"].value.rpartition("#")[2]
        number = (counted.classes if kind == "Class" else counted.properties).get(name, 0)
        local = name.partition("#")[2]
        found = terms.setdefault(
            name, OntologyTerm(local, view.namespaces.shorten(name), _text(row, "label") or local, kind, number=number)
        )
        found.meaning = found.meaning or _text(row, "meaning")
        found.example = found.example or _text(row, "example")
    for row in view.reader.rows(query_beside(__file__, "ontology_ties") % iri):
        other = row["other"].value
        label = _text(row, "label") or view.namespaces.shorten(other).strip("<>")
        how = "aligned with" if view.namespaces.local(other) is None else row["how"].value
        if row["term"].value in terms:
            terms[row["term"].value].ties.setdefault(how, []).append(EntityView(label, href(other)))
    # Sorted here, for servers elsewhere sort texts each in their own way.
    return sorted(terms.values(), key=lambda term: (term.label.casefold(), term.name))


def _others(view: GenerationView, iri: str) -> list[OntologyTerm]:
    """Return what has an IRI behind the # of the ontology and is no term of it, each with its anchor too."""
    found = []
    for row in view.reader.rows(query_beside(__file__, "ontology_others") % {"iri": iri}):
        local, kind = row["term"].value.partition("#")[2], row["kind"].value
        kind_view = EntityView(_text(row, "kindLabel") or view.namespaces.shorten(kind), href(kind))
        short, label = view.namespaces.shorten(row["term"].value), _text(row, "label") or local
        found.append(OntologyTerm(local, short, label, "", _text(row, "meaning"), ties={"kind": [kind_view]}))
    return sorted(found, key=lambda term: (term.label.casefold(), term.name))


def _text(row: Row, name: str) -> str:
    return row[name].value if name in row else ""


def _model(view: GenerationView) -> dict[str, int]:
    """Return how many there are of each box of the picture."""
    counted = statistics()
    names = ("Entity", "Relationship", "IndicatorObservation", "AttributeStatement", "Participation", "Evidence")
    found = {name: counted.classes.get(view.namespaces.term(name), 0) for name in names}
    sources = ("SourceDocument", "WebPage", "RegisterSource")
    found["Source"] = sum(counted.classes.get(view.namespaces.term(name), 0) for name in sources)
    found["Concept"] = counted.classes.get(f"{REUSED['skos']}Concept", 0)
    return found


@dataclass
class Shape:
    """A shape, with the kinds of record that it guards and what it asks of each."""

    iri: str
    href: str
    name: str
    label: str
    comment: str
    targets: list[EntityView]
    rules: list[dict[str, str]]


@blueprint.get("/shape")
@blueprint.get("/shape.<any(ttl, nt, jsonld, rdf, nq, trig, html):suffix>")
def shapes(suffix: str = "") -> Any:
    """Show what a valid record looks like, kind by kind; as data, all shapes."""
    view = current.view()
    iri = f"{view.namespaces.base}shape"
    graph = view.namespaces.graph("shapes")
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    return respond(iri, f".{suffix}" if suffix else "", lambda: _shapes_page(view), query)


def _shapes_page(view: GenerationView) -> str:
    found: dict[str, Shape] = {}
    for row in view.reader.rows(query_beside(__file__, "ontology_shapes")):
        iri = row["shape"].value
        shape = found.setdefault(
            iri,
            Shape(iri, href(iri), iri.rpartition("/")[2], _text(row, "label"), _text(row, "comment"), [], []),
        )
        label = _text(row, "targetLabel") or view.namespaces.shorten(row["target"].value)
        target = EntityView(label, href(row["target"].value))
        if target not in shape.targets:
            shape.targets.append(target)
    seen: set[tuple[str, str]] = set()
    for row in view.reader.rows(query_beside(__file__, "ontology_rules")):
        key = (row["shape"].value, row["part"].value)
        if key in seen or key[0] not in found:
            continue
        seen.add(key)
        found[key[0]].rules.append(_rule(row, view))
    guarding = [shape for shape in found.values() if shape.rules]
    return render_template("shapes.html", shapes=guarding, count=len(found))


def _rule(row: Row, view: GenerationView) -> dict[str, str]:
    least, most = _text(row, "least"), _text(row, "most")
    times = {("1", "1"): "exactly one", ("1", ""): "at least one", ("", "1"): "at most one", ("", "0"): "none"}
    severity = _text(row, "severity").rpartition("#")[2].lower() or "violation"
    path = _text(row, "path")
    return {
        "name": _text(row, "name") or row["part"].value.rpartition("/")[2],
        "href": href(row["part"].value),
        "path": view.namespaces.shorten(path) if path else "",
        "said": _text(row, "said"),
        "times": times.get((least, most), f"{least or '0'} to {most or 'any number'}" if least or most else ""),
        "message": _text(row, "message"),
        "severity": "warning" if severity == "warning" else "information" if severity == "info" else "",
    }


@blueprint.get("/model")
def model() -> str:
    """Tell the model by one relationship of the graph: in words, as a picture, as data, and as queries."""
    view = current.view()
    rows = view.reader.rows(query_beside(__file__, "ontology_example") % view.namespaces.base)
    if not rows:
        abort(404, "The graph has no relationship yet to tell its model by.")
    iri = rows[0]["assertion"].value
    statement = view.records.statements([iri])[iri]
    presenter = Presenter(view)
    parts = [(part.role.label, presenter.entity(part.entity.iri, part.entity.label)) for part in statement.parts]
    reified = view.namespaces.graph("reified")
    edges = view.reader.rows(
        f"SELECT ?a ?p ?b WHERE {{ GRAPH <{reified}> {{ <{iri}> <{REUSED['rdf']}reifies> <<( ?a ?p ?b )>> }} }} "
        "ORDER BY ?p ?a ?b LIMIT 2"
    ) if not current.settings().store else []  # fmt: skip
    return render_template(
        "model.html",
        model=_model(view),
        line=presenter.line(statement),
        kind=statement.kind.label,
        kind_href=href(statement.kind.iri),
        parts=parts,
        backing=presenter.backing(statement),
        turtle=_as_turtle(iri, view),
        edges=[" ".join(view.namespaces.shorten(row[name].value) for name in ("a", "p", "b")) for row in edges],
        iri=iri,
        base=view.namespaces.base,
    )


def _as_turtle(iri: str, view: GenerationView) -> str:
    kept = [each for each in documents.statements(iri) if _is_of(each.subject, (iri, f"{iri}#"))]
    text = documents.written_as(kept, TURTLE, view.namespaces.prefixes, first=iri)
    return "\n".join(line for line in text.splitlines() if not line.startswith("@prefix"))


def _is_of(subject: object, names: Iterable[str]) -> bool:
    value = str(getattr(subject, "value", ""))
    return any(value == name or (name.endswith("#") and value.startswith(name)) for name in names)
