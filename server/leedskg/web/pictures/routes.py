"""The picture of an answer about routes by itself: its files, its view for frames on other sites, and its paper."""

from __future__ import annotations

from flask import Response, make_response, request, url_for

from leedskg.errors import RequestError
from leedskg.generation_view import GenerationView
from leedskg.picture import PictureEdge, PictureNode
from leedskg.picture.files import network_file
from leedskg.picture.svg import still
from leedskg.routes import Route
from leedskg.web import current
from leedskg.web.api.parameters import reads
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.route_question import FORM_PARAMETERS, PARAMETERS, read_asked
from leedskg.web.pages.routes import picture_of
from leedskg.web.pictures.frame import FRAMED, about, asked_format, blueprint, edge, file, framed, node, show


@blueprint.get("/routes/picture")
@reads(*PARAMETERS, *FORM_PARAMETERS, *FRAMED)
@current.one_generation
def routes(view: GenerationView) -> Response:
    """Show the routes that `/routes` gives for the same parameters, as a picture with a list."""
    format_name = asked_format()
    asked = read_asked(view, request.args, strict=True)
    assert asked.start
    assert asked.goal
    title = f"Routes from {asked.start.words} to {asked.goal.words}"
    found = view.routes.answer(asked.question(), current.deadline()).routes
    presenter = Presenter(view)
    picture = picture_of(presenter, found) if found else None
    if format_name == "svg":
        if not picture:
            raise RequestError("No route like this is recorded, so there is no drawing of one.")
        return file(still(picture).file(about(title)), format_name, title)
    if format_name and format_name != "svg":
        return file(network_file(format_name, about(title), *_network(presenter, found)), format_name, title)
    statements = view.records.statements(
        dict.fromkeys(tie.relationship for route in found for hop in route.hops for tie in hop.ties)
    )
    page = show(
        "routes.html",
        framed(title),
        picture=picture,
        still=still(picture).inline(title) if picture else "",
        routes=[presenter.route(route, statements) for route in found],
        answer_address=f"{url_for('routes.page')}?{_question()}",
    )
    return make_response(page)


def _question() -> str:
    return "&".join(
        part for part in request.query_string.decode("ascii", "replace").split("&")
        if not part.startswith(("embed=", "format="))
    )  # fmt: skip


def _network(presenter: Presenter, routes: tuple[Route, ...]) -> tuple[list[PictureNode], list[PictureEdge]]:
    """Return every relationship behind a step as an edge, whichever way a route walks it."""
    nodes = {iri: node(presenter, iri) for route in routes for iri in route.entities}
    edges: dict[tuple[str, str, str, str], PictureEdge] = {}
    for route in routes:
        for hop in route.hops:
            source, target = (hop.source, hop.target) if hop.along else (hop.target, hop.source)
            for tie in hop.ties:
                edges[source, target, tie.pattern.iri, tie.relationship] = edge(source, target, tie)
    return list(nodes.values()), list(edges.values())
