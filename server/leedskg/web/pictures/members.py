"""The network of a list of one's own: its members, the relationships among them, and who stands between."""

from __future__ import annotations

from collections import Counter

from flask import Response, request, url_for

from leedskg.generation_view import GenerationView
from leedskg.picture import NODE_LIMIT, draw_freely
from leedskg.picture.files import network_file
from leedskg.picture.surroundings import EntityNetwork, among
from leedskg.picture.svg import still
from leedskg.web import current
from leedskg.web.api.parameters import FLAG, query, reads
from leedskg.web.pages.list_members import OF, id_of, list_address, read_members
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pictures.around import ties_of
from leedskg.web.pictures.frame import (
    FRAMED,
    MOST_ROWS,
    about,
    address,
    asked_format,
    blueprint,
    edge,
    file,
    framed,
    node,
    show,
)

_TITLE = "Network of a list"


@blueprint.get("/network/list")
@reads(OF, query("between", "Also what is tied to two members or more.", FLAG), *FRAMED)
@current.one_generation
def members(view: GenerationView) -> str | Response:
    """Show how the members of a list are tied to each other."""
    format_name, named = asked_format(), read_members(view)
    between = request.args.get("between") == "1"
    iris = [entry.iri for entry in named.entries]
    shown = [*iris, *(_between(view, iris) if between else [])]
    found = EntityNetwork(dict.fromkeys(iris, 0) | dict.fromkeys(shown[len(iris) :], 1), among(view.network, shown))
    presenter = Presenter(view)
    nodes, edges = [node(presenter, each) for each in found.steps], [edge(*tie) for tie in found.ties]
    if format_name and format_name != "svg":
        return file(network_file(format_name, about(_TITLE), nodes, edges), format_name, _TITLE)
    picture = draw_freely(nodes, edges)
    if format_name:
        return file(still(picture).file(about(_TITLE)), format_name, _TITLE)
    return show(
        "members.html",
        framed(_TITLE),
        problems=named.problems,
        number=len(iris),
        added=len(shown) - len(iris),
        most=NODE_LIMIT,
        picture=picture if len(shown) > 1 else None,
        still=still(picture).inline(_TITLE) if len(shown) > 1 else "",
        ties=ties_of(presenter, found, MOST_ROWS),
        total=len(found.ties),
        between=between,
        other=address(between=None if between else "1", embed=None, format=None),
        list_href=list_address([id_of(view, entry) for entry in named.entries]),
        search_href=url_for("search.page"),
    )


def _between(view: GenerationView, iris: list[str]) -> list[str]:
    """Return what is tied to two members or more and is no member, the most tied first, as many as can be drawn."""
    graph, own = view.network.graph, set(iris)
    counts = Counter(
        other for iri in iris if iri in graph for other in {*graph.successors(iri), *graph.predecessors(iri)} - own
    )
    tied = sorted((-number, iri) for iri, number in counts.items() if number > 1)
    return [iri for _, iri in tied[: max(0, NODE_LIMIT - len(iris))]]
