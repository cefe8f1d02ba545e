"""A page for each thing but entities that has an IRI of ours: statement, passage and concept."""

from __future__ import annotations

import re
from itertools import permutations
from typing import Any

from flask import Blueprint, render_template, url_for

from leedskg.generation_view import GenerationView
from leedskg.query_files import query_beside
from leedskg.record import Concept, EvidencePlace, Name, ShownAssertion
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.pages import document_text, gone
from leedskg.web.pages.data import respond, split, vary
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.usage import usage_of
from leedskg.web.pages.views import EntityView
from leedskg.wording import capital, listed, plain_date

blueprint = Blueprint("things", __name__)
blueprint.after_request(vary)

_HEX = re.compile(r"[0-9a-f]{12}|[0-9a-f]{16}")
_NAME = re.compile(r"[A-Za-z0-9-]+")
#: Fields of a figure in the order in which they are read; value, unit and qualifier are told in one.
_ORDER = ("indicator", "about", "value", "geography", "referencePeriod", "scope", "attributedTo", "reportedIn")
_WHY_NO_CLAIM = """PREFIX lhi: <%sdef#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?why WHERE { <%s> lhi:withoutClaimBecause/skos:prefLabel ?why } ORDER BY ?why"""
#: What the links of concepts mean, as headings of a concept's page.
_USES = {
    "helps with": "Who helps with it",
    "meets need": "Support services that meet it",
    "theme": "Who and what works on it",
}


@blueprint.get("/assertion/<name>")
def assertion(name: str) -> Any:
    """Show one statement with its roles, values, standing and evidence."""
    name, suffix = split(name)
    view = current.view()
    iri = f"{view.namespaces.base}assertion/{name}"
    statement = view.records.statements([iri]).get(iri) if _HEX.fullmatch(name) else None
    if statement is None:
        gone.refuse(iri, "No statement has this address.")
    return respond(iri, suffix, lambda: _assertion(view, statement))


def _assertion(view: GenerationView, statement: ShownAssertion) -> str:
    presenter = Presenter(view)
    others = view.records.statements(name.iri for name in statement.conflicts)
    parts = [(part.role.label, presenter.entity(part.entity.iri, part.entity.label)) for part in statement.parts]
    said = _fields(presenter, statement)
    anchors = [part.iri.partition("#")[2] for part in statement.parts] + [""] * len(said)
    fields: dict[str, list[tuple[EntityView, str]]] = {}
    for (field, value), anchor in zip(parts + said, anchors, strict=True):
        fields.setdefault(field, []).append((value, anchor))
    return render_template(
        "assertion.html",
        iri=statement.iri,
        line=presenter.line(statement),
        kind=statement.kind.label,
        fields=list(fields.items()),
        about=next((value for values in fields.values() for value, _ in values if value.kind), None),
        conflicts=presenter.conflicts(statement, others),
        backing=presenter.backing(statement),
        covered=presenter.covered(part.entity.iri for part in statement.parts),
        edges=_edges(presenter, statement),
    )


def _edges(presenter: Presenter, statement: ShownAssertion) -> list[tuple[str, EntityView, str, EntityView, str]]:
    """Return the direct links that a statement gives: anchor, from, words, to, and how each stands in time."""
    view = presenter.view
    names = {part.entity.iri: part.entity.label for part in statement.parts}
    pairs = permutations((part.iri for part in statement.parts), 2)
    asked = " ".join(f"<{one}-{other.partition('#')[2]}>" for one, other in pairs)
    rows = view.reader.rows(query_beside(__file__, "things_edges") % (view.namespaces.base, asked)) if asked else []
    anchors: set[str] = set()
    found = []
    for row in rows:
        anchor = row["edge"].value.partition("#")[2]
        start, end = (presenter.entity(iri, names.get(iri, "")) for iri in (row["from"].value, row["to"].value))
        found.append(("" if anchor in anchors else anchor, start, row["words"].value, end, row["standing"].value))
        anchors.add(anchor)
    return found


def _fields(presenter: Presenter, statement: ShownAssertion) -> list[tuple[str, EntityView]]:
    """Return what a statement says beside its parts, field by field."""
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
            label = presenter.view.sentences.amount(statement)
        elif not detail.value.iri:
            label = plain_date(label)
        row = (detail.field.label, presenter.entity(detail.value.iri, label))
        found.append((order.get(detail.field.iri, len(order)), row))
    if is_figure and statement.detail(term("referencePeriod")) is None:
        found.append((order[term("referencePeriod")], ("period", presenter.entity("", "no period given"))))
    return [row for _, row in sorted(found, key=lambda entry: entry[0])]


@blueprint.get("/evidence/<name>")
def evidence(name: str) -> Any:
    """Show one place in a source, and what it is evidence for."""
    name, suffix = split(name)
    view = current.view()
    iri = f"{view.namespaces.base}evidence/{name}"
    place = view.records.place(iri) if _HEX.fullmatch(name) else None
    if place is None:
        gone.refuse(iri, "No passage has this address.")
    return respond(iri, suffix, lambda: _evidence(view, place))


def _evidence(view: GenerationView, place: EvidencePlace) -> str:
    presenter = Presenter(view)
    statements, named = view.records.citing(place.iri)
    return render_template(
        "evidence.html",
        place=presenter.place(place),
        quotation=document_text.quotation(place) if place.digest else None,
        whole=document_text.may_read_whole(),
        behind_sign_in=document_text.is_behind_sign_in(),
        differs=_differs(place),
        sign_in=url_for("sign_in.page", next=security.here()),
        iri=place.iri,
        file_name=place.file_name,
        record_key=place.record_key,
        statements=[presenter.line(each) for each in statements],
        named=[presenter.entity(each.iri, each.label) for each in named],
        why=_why_no_claim(view, place),
    )


def _why_no_claim(view: GenerationView, place: EvidencePlace) -> str:
    """Return why nothing is stated of a passage that was read and marked so; empty for any other."""
    rows = view.reader.rows(_WHY_NO_CLAIM % (view.namespaces.base, place.iri))
    return listed(row["why"].value for row in rows)


def _differs(place: EvidencePlace) -> bool:
    """Return whether the documents of this site have other words where a passage should be."""
    source = document_text.text_at_hand(place.file_name) if place.digest else None
    return source is not None and not document_text.holds(source, place)


@blueprint.get("/scheme/<scheme>/<concept>")
def concept(scheme: str, concept: str) -> Any:
    """Show one concept of a scheme, and the entities that have to do with it."""
    concept, suffix = split(concept)
    view = current.view()
    iri = view.namespaces.concept(scheme, concept)
    known = _NAME.fullmatch(scheme) and _NAME.fullmatch(concept)
    found = view.records.concept(iri) if known else None
    if found is None:
        gone.refuse(iri, "No concept has this address.")
    return respond(iri, suffix, lambda: _concept(view, found))


def _concept(view: GenerationView, found: Concept) -> str:
    presenter = Presenter(view)
    is_theme = found.iri in {theme.iri for theme in view.themes.rows}
    parts: dict[str, dict[str, EntityView]] = {}
    for each in view.working_on([Name(found.iri, found.label)]) if is_theme else ():
        if each.stated.iri != found.iri:
            entity = presenter.entity(each.entity.iri, each.entity.label)
            parts.setdefault(each.stated.iri, {})[each.entity.iri] = entity
    return render_template(
        "concept.html",
        concept=found,
        theme=found.iri.rpartition("/")[2] if is_theme else "",
        parts=[(presenter.entity(iri), list(entities.values())) for iri, entities in parts.items()],
        uses=[
            (_USES.get(words, capital(words)), [presenter.entity(each.iri, each.label) for each in things])
            for words, things in found.uses.items()
        ],
        usage=usage_of(view, found.iri),
    )
