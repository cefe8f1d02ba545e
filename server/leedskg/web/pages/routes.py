"""The route page: how two organisations are connected, hop by hop, with the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for

from leedskg.errors import Candidate, RequestError
from leedskg.generation_view import GenerationView
from leedskg.picture import Picture, PictureEdge, PictureNode, draw_routes
from leedskg.picture.svg import still
from leedskg.record import certainty
from leedskg.routes import MOST_STEPS, Route, RouteAnswer
from leedskg.routes.question_parser import End, local
from leedskg.web import current
from leedskg.web.api.parameters import choice, reads
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.route_question import FORM_PARAMETERS, NAMES, PARAMETERS, RouteQuestion, read_asked
from leedskg.web.pages.views import BridgeView, EntityView, FieldView, RouteView
from leedskg.wording import listed

blueprint = Blueprint("routes", __name__)

_COUNTS = (1, 3, 5, 10)
_CONFIDENCES = (0.5, 0.7, 0.9, 1.0)
#: What two ends may share that is no hop, as a sentence begins.
_SHARED = {"within": "Both are in", "theme": "Both work on", "helps with": "Both help with"}
#: Nearest misses that are told.
_MOST_BRIDGES = 4
_FILTERS = {"kinds": "the choice of kinds", "confidence": "the least confidence", "without": "“not through”"}
_PARAMETERS = {"kinds": "kind", "confidence": "confidence", "without": "not"}


@blueprint.get("/routes")
@reads(*PARAMETERS, *FORM_PARAMETERS, choice("open", "The steps of every route opened.", "all"))
@current.one_generation
def page(view: GenerationView) -> Response:
    """Show a form for two ends, and the routes between them once both are known. All state is in the address."""
    asked = read_asked(view, request.args, strict=False)
    problem, answer = "", None
    if asked.is_whole:
        with current.route_gate().pass_through():
            try:
                answer = view.routes.answer(asked.question(), current.deadline())
            except RequestError as error:  # both ends are the same, or filters that contradict each other
                problem = error.message
            page = _show(view, asked, answer, problem)
    else:
        page = _show(view, asked, answer, problem)
    filters_wrong = any(name not in ("from", "to") for name in asked.slips)
    return make_response(page, 400 if filters_wrong else 200)


def _show(view: GenerationView, asked: RouteQuestion, answer: RouteAnswer | None, problem: str) -> str:
    presenter = Presenter(view)
    routes = answer.routes if answer else ()
    statements = view.records.statements(
        dict.fromkeys(tie.relationship for route in routes for hop in route.hops for tie in hop.ties)
    )
    ends = [end for end in (asked.start, asked.goal) if end]
    picture = picture_of(presenter, routes) if routes else None
    return render_template(
        "routes.html",
        asked=asked,
        answer=answer,
        start=_field(view, asked, "from"),
        goal=_field(view, asked, "to"),
        fields={name: _field(view, asked, name) for name in ("kind", "confidence", "as_at", "not")},
        counts=sorted({*_COUNTS, asked.count}),
        confidences=[
            (number, certainty(number).words)
            for number in sorted({*_CONFIDENCES, *([asked.confidence] if asked.confidence else [])})
        ],
        most_steps=MOST_STEPS,
        names=end_words(view),
        groups=view.groups.all,
        kinds=_kinds(view),
        told_filters=_filters(view, asked),
        problem=problem,
        routes=_grouped([presenter.route(route, statements) for route in routes]),
        covered=view.projects_cover if _by_projects(view, routes) else (),
        common=_common(presenter, asked.start, asked.goal),
        ends=[presenter.entity(end.entry.iri) for end in ends if end.entry],
        picture=picture,
        still=still(picture).inline("Routes") if picture else "",
        files_address=f"{url_for('pictures.routes')}?{request.query_string.decode('ascii', 'replace')}",
        kinds_among=[(listed(kinds), number) for kinds, number in answer.kinds] if answer else [],
        sampled=view.routes.index.sampled if routes else 0,
        model=view.route_model,
        pool=min(answer.total, max(view.route_model.pool, asked.count)) if answer else 0,
        opened=request.args.get("open") == "all",
        other_way=_with("open", "" if request.args.get("open") == "all" else "all"),
        relaxed=_relaxed(answer),
        further=_with("steps", str(answer.misses.further)) if answer and answer.misses else "",
        alone=[presenter.entity(iri) for iri in answer.misses.alone] if answer and answer.misses else [],
        bridges=_bridges(presenter, answer),
        json_address=f"{request.script_root}/api/routes?{urlencode(_as_asked())}",
        brief_href=f"{url_for('brief.page')}?{urlencode(_as_asked())}",
    )


def _by_projects(view: GenerationView, routes: Iterable[Route]) -> bool:
    """Return whether a route leads by projects of registers: those of two bodies together, or one of them."""
    project, entries = view.namespaces.term("Project"), view.catalogue.entries
    return any(
        any(tie.projects for hop in route.hops for tie in hop.ties)
        or any(project in entries[each].kinds for each in route.entities)
        for route in routes
    )


def _as_asked() -> list[tuple[str, str]]:
    """Return the parameters of the page without those of its form alone, as `/api/routes` and `/brief` read them."""
    found = []
    for name, value in request.args.items(multi=True):
        if value.strip() and name.removesuffix("_any") in NAMES:
            found.append((name.removesuffix("_any"), value))
    return found


def end_names(view: GenerationView) -> list[str]:
    """Return the names of what a route can begin or end at, each of one entity only."""
    return list(view.route_ends)


def end_words(view: GenerationView) -> list[str]:
    """Return what an end of a route can be called: any of a kind or that meets a need, and then the names."""
    return [group.words for group in view.groups.all] + end_names(view)


def _field(view: GenerationView, asked: RouteQuestion, name: str) -> FieldView:
    slip = asked.slips.get(name)
    if slip is None:
        return FieldView(name, asked.texts[name])
    views = tuple(_candidate(view, name, each) for each in slip.candidates)
    return FieldView(name, asked.texts[name], slip.words, views)


def _candidate(view: GenerationView, name: str, candidate: Candidate) -> EntityView:
    """Return something that a name may have meant, as a link to this page with it in place of the name."""
    text = view.namespaces.shorten(candidate.iri) if candidate.kind else candidate.label
    return EntityView(candidate.label, _with(name, text), candidate.kind, candidate.iri)


def _with(field: str, text: str) -> str:
    """Return the address of this page with another value in one field, or without it."""
    others = [(name, value) for name, value in request.args.items(multi=True)
              if value and name not in (field, f"{field}_any")]  # fmt: skip
    return f"{request.path}?{urlencode([*others, (field, text)] if text else others)}"


def _kinds(view: GenerationView) -> list[tuple[str, str, str]]:
    """Return the kinds of relationship that can be chosen: value, words, and the kind's IRI."""
    return [(local(iri), labels, iri) for iri, labels in view.routes.index.kinds]


def _filters(view: GenerationView, asked: RouteQuestion) -> list[str]:
    """Say which filters are in force, in words."""
    labels = dict(view.routes.index.kinds)
    told = []
    if asked.kinds:
        told.append(f"only by {listed([labels.get(kind, local(kind)) for kind in sorted(asked.kinds)])}")
    if asked.confidence:
        told.append(f"at least “{certainty(asked.confidence).words}” (confidence {asked.confidence:g})")
    if asked.texts["as_at"] and "as_at" not in asked.slips:
        told.append(f"as at {asked.as_at.day} {asked.as_at.strftime('%B %Y')}")
    if asked.without:
        told.append(f"not through {listed([end.words for end in asked.without])}")
    return told


def _grouped(routes: list[RouteView]) -> list[tuple[str, list[tuple[int, RouteView]]]]:
    """Group the routes by their kind in words, numbered by strength; kinds in the order of their strongest route."""
    groups: dict[str, list[tuple[int, RouteView]]] = {}
    for number, route in enumerate(routes, start=1):
        groups.setdefault(listed(route.kind), []).append((number, route))
    return list(groups.items())


def _common(presenter: Presenter, start: End | None, goal: End | None) -> list[tuple[str, list[EntityView]]]:
    """Return what the two ends share that is no hop, by the words for it."""
    if not (start and goal and start.entry and goal.entry) or start.entry == goal.entry:
        return []
    return _shared(presenter, start.entry.iri, goal.entry.iri)


def _shared(presenter: Presenter, one: str, other: str) -> list[tuple[str, list[EntityView]]]:
    found: dict[str, list[EntityView]] = {}
    for words, shared in presenter.view.records.in_common(one, other):
        found.setdefault(_SHARED.get(words, f"Both {words}"), []).append(presenter.entity(shared.iri, shared.label))
    return list(found.items())


def _relaxed(answer: RouteAnswer | None) -> list[tuple[str, int, str]]:
    """Return the filters without which there are routes: their words, how many routes, and the address without each."""
    if not (answer and answer.misses):
        return []
    return [(_FILTERS[name], number, _with(_PARAMETERS[name], "")) for name, number in answer.misses.relaxed]


def _bridges(presenter: Presenter, answer: RouteAnswer | None) -> list[BridgeView]:
    """Return the nearest misses, those that have something in common first."""
    if not (answer and answer.misses):
        return []
    found = [
        BridgeView(
            presenter.entity(bridge.near),
            presenter.entity(bridge.far),
            bridge.steps,
            tuple((pattern.label, number) for pattern, number in bridge.links),
            tuple(_shared(presenter, bridge.near, bridge.far)),
        )
        for bridge in answer.misses.bridges
    ]
    return sorted(found, key=lambda bridge: not bridge.shared)[:_MOST_BRIDGES]


def picture_of(presenter: Presenter, routes: tuple[Route, ...]) -> Picture:
    """Return routes as a picture; each relationship drawn the way it points."""
    nodes: dict[str, PictureNode] = {}
    edges: dict[tuple[str, str, str], PictureEdge] = {}
    for route in routes:
        for iri in route.entities:
            view = presenter.entity(iri)
            nodes.setdefault(iri, PictureNode(iri, view.label, view.kind, view.href))
        for hop in route.hops:
            pattern = hop.pattern
            # Drawn the way the relationship points, whichever way the route walks it.
            source, target = (hop.source, hop.target) if hop.along else (hop.target, hop.source)
            edges.setdefault(
                (source, target, pattern.words),
                PictureEdge(
                    source, target, pattern.words, href(hop.ties[0].relationship), 2.0**-hop.cost, pattern.mutual
                ),
            )
    return draw_routes(list(nodes.values()), list(edges.values()), routes[0].entities[0], routes[0].entities[-1])
