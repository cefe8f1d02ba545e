"""The page of an entity: relationships, facts, figures, registers, and where it is named."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, url_for

from leedskg.catalogue import Entry
from leedskg.errors import Candidate, UnknownNameError
from leedskg.kinds import FAMILIES
from leedskg.record import EvidencePlace, Record, Statement
from leedskg.web import current
from leedskg.web.data import as_data, vary, wants_data
from leedskg.web.presentation import Presenter, href, web_address
from leedskg.web.views import EntityView, FigureView
from leedskg.web.wording import plural

blueprint = Blueprint("entities", __name__)

#: Kinds of relationship that are told as not recorded.
_MOST_MISSING = 6
blueprint.after_request(vary)


@blueprint.get("/id/<slug>")
def page(slug: str) -> Any:
    """What the graph says of one entity; as data for a client that asks for data."""
    edition = current.edition()
    iri = edition.namespaces.entity(slug)
    entry = edition.catalogue.entries.get(iri)
    if entry is None:
        near = edition.catalogue.search(slug.replace("-", " ")[:200], 5)
        raise UnknownNameError(
            "No entity has this address." + ("" if near else " It may have been mistyped."),
            candidates=tuple(Candidate(each.entry.iri, each.entry.label, each.entry.kind) for each in near),
        )
    if entry.replaced_by:
        return redirect(href(entry.replaced_by), code=301)
    if wants_data():
        return as_data(iri)
    return _rendered(entry, edition.records.record(iri))


def _rendered(entry: Entry, record: Record) -> str:
    edition = current.edition()
    presenter = Presenter(edition)
    relations = presenter.relations(record.relations)
    attributes = presenter.attributes(record.attributes, entry.iri)
    figures = _figures(presenter, record, entry.iri)
    cited_for = _cited_for(presenter, entry)
    return render_template(
        "entity.html",
        entry=entry,
        kinds=[
            (label, plural(label), url_for("search.page", kind=iri))
            for iri, label in zip(entry.kinds, entry.kind_labels, strict=True)
        ],
        relations=relations,
        attributes=attributes,
        figures=figures,
        disagreeing=sum(bool(figure.conflicts) for figure in figures),
        details=[(each.field.label, presenter.entity(each.value.iri, each.value.label)) for each in record.details],
        identifiers=[
            (
                each.scheme.label,
                EntityView(each.value, web_address(each.address or each.value)),
                [presenter.place(place) for place in each.seen_in],
            )
            for each in record.identifiers
        ],
        same_as=[
            each
            for each in record.same_as
            if each not in {text for known in record.identifiers for text in (known.value, known.address)}
        ],
        named_at=[presenter.place(place) for place in record.named_at],
        cited_for=cited_for,
        contents=[
            (anchor, words, number)
            for anchor, words, number in (
                ("relationships", "Relationships", sum(len(group.rows) for group in relations)),
                ("facts", "Facts", sum(len(group.rows) for group in attributes)),
                ("figures", "Figures", len(figures)),
                ("cited", "What it is cited for", sum(len(places) for _, places in cited_for)),
                ("named", "Where it is named", len(record.named_at)),
            )
            if number
        ],
        not_recorded=_not_recorded(entry, record),
        route_from=_route_from(entry),
        route_name=edition.catalogue.unique_name(entry),
        onward=_onward(entry),
        history_href=url_for("histories.page", slug=entry.iri.rpartition("/")[2]),
        correct_href=f"{url_for('contribute.form_page', name='correction')}?{urlencode({'f-record': _short(entry)})}",
        picture=_picture(entry),
    )


def _short(entry: Entry) -> str:
    return current.edition().namespaces.shorten(entry.iri)


def _route_from(entry: Entry) -> str:
    """The address of the route page with this end filled in; nothing where no route can begin."""
    if not _can_begin(entry):
        return ""
    return f"{url_for('routes.page')}?{urlencode({'from': current.edition().catalogue.unique_name(entry)})}"


def _not_recorded(entry: Entry, record: Record) -> list[str]:
    """The words of relationships that are recorded of others of its kind and not of it, the commonest first."""
    edition = current.edition()
    of_kind = Counter[str]()
    for kind in entry.kinds:
        of_kind.update(edition.words_of_kinds.get(kind, {}))
    said = {relation.words for relation in record.relations}
    missing = [(-number, words) for words, number in of_kind.items() if words not in said]
    return [words for _, words in sorted(missing)[:_MOST_MISSING]]


def _onward(entry: Entry) -> list[tuple[str, str]]:
    """The kinds of body that routes from here may lead to any of, each with its words as an end of a route."""
    edition = current.edition()
    bodies = {kind: rank for rank, kind in enumerate(FAMILIES["Organisations"])}
    groups = [each for each in edition.groups.all if each.label in bodies] if _can_begin(entry) else []
    return [
        (group.label, group.words)
        for group in sorted(groups, key=lambda each: bodies[each.label])
        if not (group.size == 1 and group.iri in entry.kinds)
    ]


def _can_begin(entry: Entry) -> bool:
    """Whether a route can begin here."""
    return current.edition().is_tied(entry.iri)


def _picture(entry: Entry) -> str:
    """The address of the picture of its network; nothing where it has none."""
    if not _can_begin(entry):
        return ""
    return url_for("pictures.around", of=current.edition().catalogue.unique_name(entry))


def _figures(presenter: Presenter, record: Record, iri: str) -> list[FigureView]:
    """The figures by what they count, those that disagree side by side."""
    others = current.edition().records.statements({name.iri for figure in record.figures for name in figure.conflicts})
    figures = [presenter.figure(each, others, of=iri) for each in record.figures]
    return sorted(figures, key=lambda figure: (figure.name.casefold(), figure.told, figure.href))


def _cited_for(presenter: Presenter, entry: Entry) -> list[tuple[str, list[tuple[EvidencePlace, str, str]]]]:
    """What a document is cited for, in its own order, by section: place, statement, and the statement's address."""
    namespaces = current.settings().namespaces
    if not {namespaces.term("SourceDocument"), namespaces.term("RegisterSource")} & set(entry.kinds):
        return []
    sections: dict[str, list[tuple[EvidencePlace, str, str]]] = {}
    place: EvidencePlace
    statement: Statement
    for place, statement in current.edition().records.cited_for(entry.iri):
        row = (place, presenter.sentence(statement), href(statement.iri))
        sections.setdefault(place.section, []).append(row)
    return list(sections.items())
