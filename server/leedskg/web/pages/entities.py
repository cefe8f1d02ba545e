"""The page of an entity: relationships, facts, figures, registers, and where it is named."""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.exceptions import NotFound

from leedskg.catalogue import CatalogueEntry
from leedskg.errors import Candidate
from leedskg.kinds import FAMILIES, class_name
from leedskg.limited_view import own_projects
from leedskg.namespaces import REUSED
from leedskg.picture.card import Card, drawn
from leedskg.record import PURPOSE, EntityRecord, Overview, read_overviews
from leedskg.web import current
from leedskg.web.api.parameters import reads
from leedskg.web.pages import gone, lists, together
from leedskg.web.pages.data import respond, split, vary
from leedskg.web.pages.limits import LIMITS, limits_asked, limits_form, narrowed
from leedskg.web.pages.list_members import id_of, list_address
from leedskg.web.pages.presentation import Presenter, href, web_address
from leedskg.web.pages.views import EntityView, FigureView, LineView, PlaceView
from leedskg.web.site import NAME
from leedskg.wording import plain_date, plural

blueprint = Blueprint("entities", __name__)

#: Sentences on what an entity is for at the head of its page; the rest stand among the facts.
_MOST_PURPOSES = 3

#: Whether a contribution says any of the replacements that follow on one another from here.
_CONTRIBUTED = f"""PREFIX dcterms: <{REUSED["dcterms"]}>
ASK {{ <%(iri)s> dcterms:isReplacedBy* ?one . GRAPH ?graph {{ ?one dcterms:isReplacedBy ?other }}
FILTER(STRSTARTS(STR(?graph), "%(graphs)s")) }}"""
#: Words of relationships that say where something is.
_PLACED = frozenset({"located in", "within"})
#: Lines of relationships that a card has room for, at most.
_MOST_ON_CARD = 8
blueprint.after_request(vary)


@blueprint.get("/id/<slug>")
@reads(*LIMITS)
def page(slug: str) -> Any:
    """Show what the graph says of one entity; as data for a client that asks for data."""
    slug, suffix = split(slug)
    view = current.view()
    iri = view.namespaces.entity(slug)
    entry = view.catalogue.entries.get(iri)
    if entry is None:
        near = view.catalogue.search(slug.replace("-", " ")[:200], 5)
        gone.refuse(
            iri,
            "No entity has this address." + ("" if near else " It may have been mistyped."),
            tuple(Candidate(each.entry.iri, each.entry.label, each.entry.kind) for each in near),
        )
    if entry.replaced_by:
        # For good where files say so. What a contribution says can be undone, and browsers keep a 301.
        undoable = view.reader.ask(_CONTRIBUTED % {"iri": iri, "graphs": view.namespaces.graph("contribution/")})
        return redirect(href(entry.replaced_by) + suffix, code=303 if undoable else 301)
    return respond(iri, suffix, lambda: _rendered(entry))


@blueprint.get("/id/<slug>/card.png")
def card(slug: str) -> Response:
    """Draw what previews of links show of an entity."""
    view = current.view()
    entry = view.catalogue.entries.get(view.namespaces.entity(slug))
    if entry is None or entry.replaced_by:
        raise NotFound("No entity of this address has a card.")
    relations = view.records.record(entry.iri).in_force.relations
    places = (each.other.label for each in relations if each.words in _PLACED)
    told: dict[str, dict[str, None]] = {}
    for each in relations:
        told.setdefault(each.words, {})[each.other.label] = None
    lines = tuple(f"{words} {', '.join(others)}" for words, others in told.items() if words not in _PLACED)
    kind = ", ".join((*entry.kind_labels[:1], *islice(places, 1)))
    name = f"{entry.label} (retired)" if entry.retired else entry.label
    response = Response(drawn(Card(name, kind, lines[:_MOST_ON_CARD], NAME)), content_type="image/png")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _rendered(entry: CatalogueEntry) -> str:
    whole = current.view()
    view = narrowed(whole)
    # Projects in registers can be a thousand: they stand in a section of their own, and are paged.
    own = own_projects(whole, entry.iri)
    projects = own if view is whole else own_projects(view, entry.iri)
    record = view.records.record(entry.iri, {iri for each in own for iri in each.relationships})
    presenter = Presenter(view)
    withdrawn, record = record.withdrawn, record.in_force
    relations = presenter.relations(record.relations)
    attributes = presenter.attributes(record.attributes, entry.iri)
    figures = _figures(presenter, record, entry.iri)
    cited_for, cited_query = _cited_for(presenter, entry)
    overview = read_overviews(view.reader, view.namespaces, [entry.iri])[entry.iri]
    return render_template(
        "entity.html",
        entry=entry,
        glance=_glance(presenter, overview),
        does=[*overview.values.get(PURPOSE, {})][:_MOST_PURPOSES],
        alike=_alike(presenter, entry, record),
        list_href=list_address([id_of(view, entry)]),
        brief_href=url_for("brief.page", of=id_of(view, entry)),
        kinds=[
            (label, plural(label), url_for("search.page", kind=iri))
            for iri, label in zip(entry.kinds, entry.kind_labels, strict=True)
        ],
        relations=relations,
        limits=limits_form(whole) if record.relations or projects or limits_asked() else None,
        projects=together.projects_section(presenter, entry.iri, projects),
        covered=view.projects_cover if view.namespaces.term("Project") in entry.kinds else (),
        attributes=attributes,
        figures=figures,
        disagreeing=sum(bool(figure.conflicts) for figure in figures),
        details=[
            (
                each.field.label,
                presenter.entity(each.value.iri, each.value.label if each.value.iri else plain_date(each.value.label)),
                each.part.partition("#")[2],
            )
            for each in record.details
            if each.field.iri != current.settings().namespaces.term("keptApartFrom")
        ],
        identifiers=[
            (
                each.iri.partition("#")[2],
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
        cited_query=cited_query,
        reading_href=_reading_href(record),
        retired_because=" ".join(
            each.value.label for each in record.details if each.field.iri == REUSED["skos"] + "editorialNote"
        ),
        withdrawn=[presenter.line(each) for each in withdrawn],
        contents=[
            (anchor, words, number)
            for anchor, words, number in (
                ("relationships", "Relationships", sum(len(group.rows) for group in relations)),
                ("projects", "Projects in registers", len(projects)),
                ("facts", "Facts", sum(len(group.rows) for group in attributes)),
                ("figures", "Figures", len(figures)),
                ("cited", "What it is cited for", sum(len(places) for _, places in cited_for)),
                ("named", "Where it is named", len(record.named_at)),
                ("withdrawn", "Withdrawn statements", len(withdrawn)),
            )
            if number
        ],
        not_recorded=view.not_recorded(entry, record),
        route_from=_route_from(entry),
        route_name=view.catalogue.unique_name(entry),
        onward=_onward(entry),
        history_href=url_for("histories.page", slug=entry.iri.rpartition("/")[2]),
        correct_href=f"{url_for('contribute.form_page', name='correction')}?{urlencode({'f-record': _short(entry)})}",
        retire_href=f"{url_for('contribute.form_page', name='retirement')}?{urlencode({'f-record': _short(entry)})}",
        picture=_picture(entry),
    )


def _reading_href(record: EntityRecord) -> str:
    """Return the address of the reading view of a document; nothing for what has no text to be read."""
    has_text = any(each.field.iri == current.settings().namespaces.term("fileName") for each in record.details)
    return url_for("annotated_document.page", slug=record.iri.rpartition("/")[2]) if has_text else ""


def _glance(presenter: Presenter, overview: Overview) -> list[tuple[str, list[EntityView]]]:
    """Return what is asked first of an entity, as far as a source says it: parent, place, since when, website."""
    return [
        (words, cells)
        for column, words in lists.COLUMNS.items()
        if (cells := [lists.cell(presenter, column, *each) for each in overview.values.get(column, {}).items()])
    ]


def _alike(presenter: Presenter, entry: CatalogueEntry, record: EntityRecord) -> list[tuple[EntityView, str]]:
    """Return what is easily taken for it: what curators keep apart from it, and what else goes by a name of its own."""
    catalogue = presenter.view.catalogue
    apart = current.settings().namespaces.term("keptApartFrom")
    others = [each.value.iri for each in record.details if each.field.iri == apart]
    others += [other.iri for name in entry.names for other in catalogue.named(name)]
    found = (catalogue.entries.get(iri) for iri in dict.fromkeys(others) if iri != entry.iri)
    return [(presenter.entity(each.iri), each.description) for each in found if each and each.in_use]


def _short(entry: CatalogueEntry) -> str:
    return current.view().namespaces.shorten(entry.iri)


def _route_from(entry: CatalogueEntry) -> str:
    """Return the address of the route page with this end filled in; nothing where no route can begin."""
    if not _can_begin(entry):
        return ""
    return f"{url_for('routes.page')}?{urlencode({'from': current.view().catalogue.unique_name(entry)})}"


def _onward(entry: CatalogueEntry) -> list[tuple[str, str]]:
    """Return the kinds of body that routes from here may lead to any of, each with its words as an end of a route."""
    view = current.view()
    bodies = {kind: rank for rank, kind in enumerate(FAMILIES["Organisations"])}
    groups = [each for each in view.groups.all if class_name(each.iri) in bodies] if _can_begin(entry) else []
    return [
        (group.label, group.words)
        for group in sorted(groups, key=lambda each: bodies[class_name(each.iri)])
        if not (group.size == 1 and group.iri in entry.kinds)
    ]


def _can_begin(entry: CatalogueEntry) -> bool:
    """Return whether a route can begin here."""
    return current.view().is_tied(entry.iri)


def _picture(entry: CatalogueEntry) -> str:
    """Return the address of the picture of its network; nothing where it has none."""
    if not _can_begin(entry):
        return ""
    return url_for("pictures.around", of=current.view().catalogue.unique_name(entry))


def _figures(presenter: Presenter, record: EntityRecord, iri: str) -> list[FigureView]:
    """Return the figures by what they count, those that disagree side by side."""
    others = current.view().records.statements({name.iri for figure in record.figures for name in figure.conflicts})
    figures = [presenter.figure(each, others, of=iri) for each in record.figures]
    return sorted(figures, key=lambda figure: (figure.name.casefold(), figure.told, figure.href))


_Cited = list[tuple[str, list[tuple[PlaceView, LineView]]]]
_EVERY_CITED = """PREFIX lhi: <%sdef#>
PREFIX oa: <http://www.w3.org/ns/oa#>
SELECT ?record ?assertion WHERE {
  ?evidence oa:hasSource <%s> ; lhi:recordKey ?record .
  ?assertion lhi:hasEvidence ?evidence
}
LIMIT 1000"""


def _cited_for(presenter: Presenter, entry: CatalogueEntry) -> tuple[_Cited, str]:
    """Return what a document is cited for, in its own order, by section: place and statement.

    Of a register with very many, some, and the address of the query for more.
    """
    namespaces = current.settings().namespaces
    cited = {namespaces.term(name) for name in ("SourceDocument", "RegisterSource", "WebPage", "Document")}
    if not cited & set(entry.kinds):
        return [], ""
    sections: dict[str, list[tuple[PlaceView, LineView]]] = {}
    found, more = current.view().records.cited_for(entry.iri)
    for place, statement in found:
        row = (presenter.place(place), presenter.line(statement))
        sections.setdefault(place.section, []).append(row)
    every = url_for("query.page", query=_EVERY_CITED % (namespaces.base, entry.iri)) if more else ""
    return list(sections.items()), every
