"""Briefs: an entity, a route, a list or a comparison on one page, to print, keep as PDF or paste into a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request, url_for

from leedskg.errors import RequestError
from leedskg.generation_view import GenerationView
from leedskg.importers.registry import sources
from leedskg.web import current
from leedskg.web.api.parameters import LONGEST_NAME, choice, reads
from leedskg.web.pages.citing import citation
from leedskg.web.pages.compare import MOST_BODIES, by_section, compared_lines, read_bodies, ways_between
from leedskg.web.pages.footnotes import Footnotes
from leedskg.web.pages.list_members import OF, id_of, list_address, read_members
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.profiles import glances, profile
from leedskg.web.pages.provider_routes import STEPS
from leedskg.web.pages.route_question import PARAMETERS, read_asked
from leedskg.web.serving.addresses import own_address
from leedskg.wording import listed

blueprint = Blueprint("brief", __name__)

#: Members of a list that a brief says everything of; of more it gives the table.
MOST_TOLD = 25
#: Rows of one group: in the brief of an entity or a comparison, and in that of a list, which has many groups.
_ROWS, _ROWS_IN_LIST = 10, 5
_COMPARISON, _ALL = "comparison", "all"


@dataclass(frozen=True)
class Subject:
    """What a brief is on: its title, the words for the link to the page that it is of, and the address of that."""

    title: str
    page: str = ""
    href: str = ""


@blueprint.get("/brief")
@reads(
    OF,
    choice("as", "The bodies of `of` compared; without it, each by itself.", _COMPARISON),
    choice("rows", "Everything that is recorded; without it, the weightiest of each group.", _ALL),
    *PARAMETERS,
)
@current.one_generation
def page(view: GenerationView) -> Any:
    """Put on one page what is said of the members that `of` names, or of the routes between `from` and `to`."""
    presenter = Presenter(view)
    if any(request.args.get(name, "").strip() for name in ("from", "to")):
        return _of_routes(presenter)
    if request.args.get("as") == _COMPARISON:
        return _of_a_comparison(presenter)
    if request.args.get("as"):
        raise RequestError(f"“as” is {_COMPARISON}, or is left out.")
    return _of_members(presenter)


def _of_members(presenter: Presenter) -> Any:
    members = read_members(presenter.view)
    entries = members.entries
    if not entries:
        subject = Subject("A brief", "Your list" if members.problems else "", list_address([]))
        return _rendered(presenter, "nothing", subject, members.problems)
    at_a_glance = glances(presenter, entries)
    told = entries if len(entries) <= MOST_TOLD else ()
    if len(entries) == 1:
        name = entries[0].label
        subject, shape = Subject(name, f"The page of {name}", href(entries[0].iri)), "entity"
    else:
        ids = [id_of(presenter.view, entry) for entry in entries]
        subject, shape = Subject(f"A list of {len(entries)}", "The list", list_address(ids)), "list"
    return _rendered(
        presenter,
        shape,
        subject,
        members.problems,
        glances=[at_a_glance[entry.iri] for entry in entries],
        profiles=[profile(presenter, entry, at_a_glance[entry.iri]) for entry in told],
        most_told=MOST_TOLD,
    )


def _of_a_comparison(presenter: Presenter) -> Any:
    texts = [text.strip() for text in request.args.getlist("of") if text.strip()]
    if len(texts) > MOST_BODIES or any(len(text) > LONGEST_NAME for text in texts):
        raise RequestError(f"Name two or three bodies to compare, each in up to {LONGEST_NAME} characters.")
    fields, entries = read_bodies(presenter, texts)
    problems = [field.problem for field in fields if field.problem]
    address = f"{url_for('compare.page')}?{urlencode([('of', text) for text in texts])}"
    if problems or len(entries) < 2:
        subject = Subject("A comparison", "Name the bodies to compare", address)
        problems = problems or ["A comparison needs two or three bodies."]
        return _rendered(presenter, "nothing", subject, problems)
    lines = compared_lines(presenter, entries)
    at_a_glance = glances(presenter, entries)
    return _rendered(
        presenter,
        "comparison",
        Subject(f"{listed(entry.label for entry in entries)} compared", "The comparison", address),
        glances=[at_a_glance[entry.iri] for entry in entries],
        shared=by_section(line for line in lines if line.number > 1),
        alone=[by_section(line for line in lines if line.number == 1 and line.cells[at]) for at in range(len(entries))],
        between=ways_between(presenter, entries),
        steps=STEPS,
    )


def _of_routes(presenter: Presenter) -> Any:
    view = presenter.view
    asked = read_asked(view, request.args, strict=False, form=False)
    named = [(name, text) for name, text in request.args.items(multi=True) if text.strip() and name != "rows"]
    address = f"{url_for('routes.page')}?{urlencode(named)}"
    if not (asked.is_whole and asked.start and asked.goal):
        problems = [slip.words for slip in asked.slips.values()] or ["A route has two ends; one is missing here."]
        return _rendered(presenter, "nothing", Subject("A route", "Put it right", address), problems)
    subject = Subject(f"Routes from {asked.start.words} to {asked.goal.words}", "The routes", address)
    try:
        with current.route_gate().pass_through():
            answer = view.routes.answer(asked.question(), current.deadline())
    except RequestError as error:  # both ends are the same, or filters that contradict each other
        return _rendered(presenter, "nothing", subject, [error.message])
    ties = (tie.relationship for route in answer.routes for hop in route.hops for tie in hop.ties)
    statements = view.records.statements(dict.fromkeys(ties))
    stations = dict.fromkeys(iri for route in answer.routes for iri in route.entities)
    return _rendered(
        presenter,
        "routes",
        subject,
        asked.notes,
        asked=asked,
        answer=answer,
        routes=[presenter.route(route, statements) for route in answer.routes],
        glances=list(glances(presenter, [view.catalogue.entries[iri] for iri in stations]).values()),
    )


def _rendered(presenter: Presenter, shape: str, subject: Subject, problems: Sequence[str] = (), **told: Any) -> Any:
    """Make the page. Nothing to show is a fault of the address, unless it asks for nothing."""
    if request.args.get("rows", _ALL) != _ALL:
        raise RequestError(f"“rows” is {_ALL}, or is left out.")
    every = "rows" in request.args
    of = request.full_path.rstrip("?")
    more = [*request.args.items(multi=True), ("rows", _ALL)]
    notes = Footnotes()
    page = render_template(
        "brief.html",
        shape=shape,
        subject=subject,
        problems=problems,
        rows=10**9 if every else _ROWS_IN_LIST if shape == "list" else _ROWS,
        every=every,
        every_href=f"{url_for('brief.page')}?{urlencode(more)}",
        notes=notes,
        attributions=lambda: _attributions(presenter, notes),
        cited=citation(of, subject.title),
        whole=lambda address: own_address().removesuffix("/") + address,
        **told,
    )
    return make_response(page, 400 if shape == "nothing" and problems else 200)


def _attributions(presenter: Presenter, notes: Footnotes) -> list[str]:
    """Return the lines that the publishers of the registers that are cited ask for."""
    cited = {note.place.document_href for note in notes.notes}
    abouts = (source.about for source in sources().values())
    namespaces = presenter.view.namespaces
    return [each.attribution for each in abouts if href(namespaces.entity(each.register)) in cited]
