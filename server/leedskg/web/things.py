"""A page for each thing that has an IRI of ours: entity, assertion, evidence, concept and term."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.catalogue import Entry
from leedskg.errors import Candidate, UnknownNameError
from leedskg.record import Record, Statement
from leedskg.sparql.negotiation import names_explicitly
from leedskg.web import current
from leedskg.web.presentation import Presenter, href

blueprint = Blueprint("things", __name__)

_HEX = re.compile(r"[0-9a-f]{12}|[0-9a-f]{16}")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_GRAPH_TYPES = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")


@blueprint.get("/id/<slug>")
def entity(slug: str) -> Any:
    """What the graph says of one entity; as data for a client that asks for data."""
    edition = current.edition()
    iri = edition.namespaces.entity(slug)
    entry = edition.catalogue.entries.get(iri)
    if entry is None:
        near = edition.catalogue.search(slug.replace("-", " "), 5)
        raise UnknownNameError(
            "No entity has this address. It may have been mistyped." if not near else "No entity has this address.",
            candidates=tuple(Candidate(each.entry.iri, each.entry.label, each.entry.kind) for each in near),
        )
    if entry.replaced_by:
        return redirect(href(entry.replaced_by), code=301)
    if _wants_data():
        return _data(iri)
    return _entity_page(entry, edition.records.record(iri))


def _entity_page(entry: Entry, record: Record) -> str:
    edition = current.edition()
    presenter = Presenter(edition)
    others = edition.records.statements({name.iri for figure in record.figures for name in figure.conflicts})
    attributes: dict[str, list[tuple[Any, Statement, Any]]] = {}
    for statement in record.attributes:
        value = statement.detail(edition.namespaces.term("object"), edition.namespaces.term("literalValue"))
        field = _stated_field(statement)
        if value:
            shown = presenter.entity(value.iri, value.label) if value.iri else None
            attributes.setdefault(field, []).append(
                (value.label if shown is None else shown, statement, presenter.evidence(statement))
            )
    return render_template(
        "entity.html",
        entry=entry,
        view=presenter.entity(entry.iri),
        relations=[presenter.relation(relation) for relation in record.relations],
        attributes=attributes,
        figures=[presenter.figure(each, others) for each in record.figures],
        identifiers=[(each, [presenter.place(place) for place in each.seen_in]) for each in record.identifiers],
        same_as=record.same_as,
        named_at=[presenter.place(place) for place in record.named_at],
        cited_for=_cited_for(entry),
        route_from=f"{url_for('routes.page')}?{urlencode({'from': edition.catalogue.unique_name(entry)})}",
    )


def _cited_for(entry: Entry) -> list[tuple[str, str, str, str]]:
    """What a document is cited for, in its own order: section, characters, statement, and the statement's address."""
    namespaces = current.settings().namespaces
    if not {namespaces.term("SourceDocument"), namespaces.term("RegisterSource")} & set(entry.kinds):
        return []
    return [
        (place.section, place.words, _summary(statement), href(statement.iri))
        for place, statement in current.edition().records.cited_for(entry.iri)
    ]


def _stated_field(statement: Statement) -> str:
    namespaces = current.settings().namespaces
    for detail in statement.details:
        if detail.field.iri in (namespaces.term("object"), namespaces.term("literalValue")):
            return detail.field.label
    return ""


@blueprint.get("/assertion/<name>")
def assertion(name: str) -> Any:
    """One statement with its roles, values, standing and evidence."""
    edition = current.edition()
    iri = f"{edition.namespaces.base}assertion/{name}"
    statement = edition.records.statements([iri]).get(iri) if _HEX.fullmatch(name) else None
    if statement is None:
        raise NotFound("No statement has this address.")
    if _wants_data():
        return _data(iri)
    presenter = Presenter(edition)
    return render_template(
        "assertion.html",
        statement=statement,
        parts=[(part.role.label, presenter.entity(part.entity.iri, part.entity.label)) for part in statement.parts],
        details=[
            (
                detail.field.label,
                presenter.entity(detail.value.iri, detail.value.label) if detail.value.iri else None,
                detail.value.label,
            )
            for detail in statement.details
        ],
        conflicts=[
            (each, href(each.iri))
            for each in edition.records.statements(name.iri for name in statement.conflicts).values()
        ],
        evidence=presenter.evidence(statement),
    )


@blueprint.get("/evidence/<name>")
def evidence(name: str) -> Any:
    """One place in a source, and what it is evidence for."""
    edition = current.edition()
    iri = f"{edition.namespaces.base}evidence/{name}"
    place = edition.records.place(iri) if _HEX.fullmatch(name) else None
    if place is None:
        raise NotFound("No passage has this address.")
    if _wants_data():
        return _data(iri)
    presenter = Presenter(edition)
    statements, named = edition.records.citing(iri)
    return render_template(
        "evidence.html",
        place=presenter.place(place),
        iri=iri,
        words=place.words,
        file_name=place.file_name,
        statements=[(_summary(statement), href(statement.iri)) for statement in statements],
        named=[presenter.entity(each.iri, each.label) for each in named],
    )


def _summary(statement: Statement) -> str:
    """A statement in one line: its kind, and what it is about."""
    about = [part.entity.label for part in statement.parts] or [detail.value.label for detail in statement.details]
    return f"{statement.kind.label}: {', '.join(about)}"


@blueprint.get("/scheme/<scheme>/<concept>")
def concept(scheme: str, concept: str) -> Any:
    """One concept of a scheme, and the entities that have to do with it."""
    edition = current.edition()
    iri = edition.namespaces.concept(scheme, concept)
    known = _NAME.fullmatch(scheme) and _NAME.fullmatch(concept)
    found = edition.records.concept(iri) if known else None
    if found is None:
        raise NotFound("No concept has this address.")
    if _wants_data():
        return _data(iri)
    presenter = Presenter(edition)
    return render_template(
        "concept.html",
        concept=found,
        uses=[
            (words, [presenter.entity(each.iri, each.label) for each in things]) for words, things in found.uses.items()
        ],
    )


@blueprint.get("/scheme/<scheme>")
@blueprint.get("/agent/<scheme>")
@blueprint.get("/def", defaults={"scheme": ""})
@blueprint.get("/def/<path:scheme>")
@blueprint.get("/graph/<path:scheme>")
def described(scheme: str) -> Any:
    """Anything else with an IRI of ours is described as data."""
    return _data(current.settings().namespaces.base + request.path.removeprefix("/"))


def _wants_data() -> bool:
    accept = request.headers.get("Accept")
    return names_explicitly(accept, *_GRAPH_TYPES) and not names_explicitly(accept, "text/html")


def _data(iri: str) -> Response:
    """Send a client that asks for data to the endpoint, which knows the formats. 303: the thing is not the document."""
    if re.search(r"[\x00-\x20<>\"{}|\\^`]", iri):
        raise NotFound("Nothing has this address.")
    response = redirect(url_for("sparql.endpoint", query=f"DESCRIBE <{iri}>"), code=303)
    response.headers["Vary"] = "Accept"
    assert isinstance(response, Response)
    return response
