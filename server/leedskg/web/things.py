"""A page for each thing but entities that has an IRI of ours: statement, passage, concept and term."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from leedskg.record import Statement
from leedskg.web import current
from leedskg.web.data import as_data, vary, wants_data
from leedskg.web.presentation import Presenter, href
from leedskg.web.views import EntityView
from leedskg.web.wording import capital, plain_date

blueprint = Blueprint("things", __name__)
blueprint.after_request(vary)

_HEX = re.compile(r"[0-9a-f]{12}|[0-9a-f]{16}")
_NAME = re.compile(r"[A-Za-z0-9-]+")
#: Fields of a figure in the order in which they are read; value, unit and qualifier are told in one.
_ORDER = ("indicator", "about", "value", "geography", "referencePeriod", "scope", "attributedTo", "reportedIn")
#: What the links of concepts mean, as headings of a concept's page.
_USES = {
    "helps with": "Who helps with it",
    "meets need": "Support services that meet it",
    "theme": "Who and what works on it",
}


@blueprint.get("/assertion/<name>")
def assertion(name: str) -> Any:
    """One statement with its roles, values, standing and evidence."""
    edition = current.edition()
    iri = f"{edition.namespaces.base}assertion/{name}"
    statement = edition.records.statements([iri]).get(iri) if _HEX.fullmatch(name) else None
    if statement is None:
        raise NotFound("No statement has this address.")
    if wants_data():
        return as_data(iri)
    presenter = Presenter(edition)
    others = edition.records.statements(name.iri for name in statement.conflicts)
    parts = [(part.role.label, presenter.entity(part.entity.iri, part.entity.label)) for part in statement.parts]
    fields: dict[str, list[EntityView]] = {}
    for field, value in parts + _fields(presenter, statement):
        fields.setdefault(field, []).append(value)
    return render_template(
        "assertion.html",
        iri=iri,
        sentence=presenter.sentence(statement),
        kind=statement.kind.label,
        fields=list(fields.items()),
        about=next((value for values in fields.values() for value in values if value.kind), None),
        conflicts=presenter.conflicts(statement, others),
        backing=presenter.backing(statement),
    )


def _fields(presenter: Presenter, statement: Statement) -> list[tuple[str, EntityView]]:
    """What a statement says beside its parts, field by field."""
    term = current.settings().namespaces.term
    is_figure = statement.detail(term("indicator")) is not None
    told_in_one = {term(name) for name in ("unit", "qualifier", "currency")}
    order = {term(name): at for at, name in enumerate(_ORDER)} | {term("subject"): -1}
    found = []
    for detail in statement.details:
        if detail.field.iri in told_in_one:
            continue
        label = detail.value.label
        if is_figure and detail.field.iri == term("value"):
            label = presenter.figure(statement).words
        elif detail.field.iri == term("amount"):
            label = presenter.amount(statement)
        elif not detail.value.iri:
            label = plain_date(label)
        row = (detail.field.label, presenter.entity(detail.value.iri, label))
        found.append((order.get(detail.field.iri, len(order)), row))
    if is_figure and statement.detail(term("referencePeriod")) is None:
        found.append((order[term("referencePeriod")], ("period", presenter.entity("", "no period given"))))
    return [row for _, row in sorted(found, key=lambda entry: entry[0])]


@blueprint.get("/evidence/<name>")
def evidence(name: str) -> Any:
    """One place in a source, and what it is evidence for."""
    edition = current.edition()
    iri = f"{edition.namespaces.base}evidence/{name}"
    place = edition.records.place(iri) if _HEX.fullmatch(name) else None
    if place is None:
        raise NotFound("No passage has this address.")
    if wants_data():
        return as_data(iri)
    presenter = Presenter(edition)
    statements, named = edition.records.citing(iri)
    return render_template(
        "evidence.html",
        place=presenter.place(place),
        iri=iri,
        file_name=place.file_name,
        record_key=place.record_key,
        statements=[(presenter.sentence(each), href(each.iri)) for each in statements],
        named=[presenter.entity(each.iri, each.label) for each in named],
    )


@blueprint.get("/scheme/<scheme>/<concept>")
def concept(scheme: str, concept: str) -> Any:
    """One concept of a scheme, and the entities that have to do with it."""
    edition = current.edition()
    iri = edition.namespaces.concept(scheme, concept)
    known = _NAME.fullmatch(scheme) and _NAME.fullmatch(concept)
    found = edition.records.concept(iri) if known else None
    if found is None:
        raise NotFound("No concept has this address.")
    if wants_data():
        return as_data(iri)
    presenter = Presenter(edition)
    return render_template(
        "concept.html",
        concept=found,
        uses=[
            (_USES.get(words, capital(words)), [presenter.entity(each.iri, each.label) for each in things])
            for words, things in found.uses.items()
        ],
    )


@blueprint.get("/scheme/<scheme>")
@blueprint.get("/agent/<scheme>")
@blueprint.get("/def", defaults={"scheme": ""})
@blueprint.get("/def/<path:scheme>")
@blueprint.get("/graph/<path:scheme>")
def described(scheme: str) -> Any:
    """Anything else with an IRI of ours is described as data."""
    return as_data(current.settings().namespaces.base + request.path.removeprefix("/"))
