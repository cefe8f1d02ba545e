"""The route page: how two organisations are connected, hop by hop, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from leedskg.catalogue import Entry
from leedskg.edition import Edition
from leedskg.errors import RequestError, UnknownNameError
from leedskg.picture import Picture, PictureEdge, PictureNode, draw_routes
from leedskg.routes import MOST_STEPS, POOL, Route
from leedskg.web import current
from leedskg.web.presentation import Presenter, href
from leedskg.web.search import LONGEST_NAME
from leedskg.web.views import EntityView

blueprint = Blueprint("routes", __name__)

#: Names offered for an end while it is typed.
_MOST_NAMES = 3000
_COUNTS = (1, 3, 5, 10)
#: What two ends may share that is no hop, as a sentence begins.
_SHARED = {"within": "Both are in", "theme": "Both work on", "helps with": "Both help with"}


@dataclass(frozen=True)
class End:
    """One end of a route as it was asked for: the words, and the entity or what is wrong with them."""

    field: str
    text: str
    entry: Entry | None = None
    problem: str = ""
    candidates: tuple[EntityView, ...] = ()


@blueprint.get("/routes")
def page() -> str:
    """A form for two ends, and the routes between them once both are known. All state is in the address."""
    edition = current.edition()
    start, goal = _end(edition, "from"), _end(edition, "to")
    steps, count = _number("steps", 4, MOST_STEPS), _number("count", 5, POOL)
    routes: list[Route] = []
    problem = ""
    if start.entry and goal.entry:
        try:
            routes = edition.routes.find(start.entry.iri, goal.entry.iri, most_steps=steps, count=count)
        except RequestError as error:  # both ends are the same
            problem = error.message
    presenter = Presenter(edition)
    statements = edition.records.statements(
        dict.fromkeys(tie.relationship for route in routes for hop in route.hops for tie in hop.ties)
    )
    asked = bool(start.entry and goal.entry)
    return render_template(
        "routes.html",
        start=start,
        goal=goal,
        steps=steps,
        count=count,
        counts=sorted({*_COUNTS, count}),
        most_steps=MOST_STEPS,
        names=end_names(edition),
        asked=asked,
        problem=problem,
        routes=[presenter.route(route, statements) for route in routes],
        common=_common(presenter, start, goal),
        ends=[presenter.entity(end.entry.iri) for end in (start, goal) if end.entry],
        picture=_picture(presenter, routes) if routes else None,
    )


def end_names(edition: Edition) -> list[str]:
    """The names of what a route can begin or end at, each of one entity only."""
    graph = edition.network.graph
    ends = [entry for entry in edition.catalogue.entries.values() if entry.iri in graph]
    return [edition.catalogue.unique_name(entry) for entry in ends[:_MOST_NAMES]]


def _common(presenter: Presenter, start: End, goal: End) -> list[tuple[str, list[EntityView]]]:
    """What the two ends share that is no hop, by the words for it."""
    if start.entry is None or goal.entry is None or start.entry == goal.entry:
        return []
    found: dict[str, list[EntityView]] = {}
    for words, shared in presenter.edition.records.in_common(start.entry.iri, goal.entry.iri):
        beginning = _SHARED.get(words, f"Both {words}")
        found.setdefault(beginning, []).append(presenter.entity(shared.iri, shared.label))
    return list(found.items())


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise RequestError(f"“{name}” in the address has to be a whole number from 1 to {most}.")
    return int(text)


def _end(edition: Edition, field: str) -> End:
    text = request.args.get(field, "").strip()
    if not text:
        return End(field, "")
    if len(text) > LONGEST_NAME:
        return End(field, text[:LONGEST_NAME], problem=f"A name has no more than {LONGEST_NAME} characters.")
    try:
        entry = edition.catalogue.find(text)
        return End(field, edition.catalogue.unique_name(entry), entry)
    except UnknownNameError as error:
        views = tuple(
            EntityView(each.label, _with(field, edition.namespaces.shorten(each.iri)), each.kind, each.iri)
            for each in error.candidates
        )
        return End(field, text, problem=error.message, candidates=views)


def _with(field: str, text: str) -> str:
    """The address of this page with another name in one field."""
    return f"{request.path}?{urlencode({**request.args.to_dict(), field: text})}"


def _picture(presenter: Presenter, routes: list[Route]) -> Picture:
    nodes: dict[str, PictureNode] = {}
    edges: dict[tuple[str, str, str], PictureEdge] = {}
    for route in routes:
        for iri in route.entities:
            view = presenter.entity(iri)
            nodes.setdefault(iri, PictureNode(iri, view.label, view.kind, view.href))
        for hop in route.hops:
            pattern = hop.ties[0].pattern
            # Drawn the way the relationship points, whichever way the route walks it.
            source, target = (hop.source, hop.target) if hop.along else (hop.target, hop.source)
            edges.setdefault(
                (source, target, pattern.words),
                PictureEdge(
                    source, target, pattern.words, href(hop.ties[0].relationship), 2.0**-hop.cost, pattern.mutual
                ),
            )
    return draw_routes(list(nodes.values()), list(edges.values()), routes[0].entities[0], routes[0].entities[-1])
