"""The whole network at once, drawn by sigma when it is large."""

from __future__ import annotations

from flask import Response, url_for

from leedskg.picture import NODE_LIMIT, draw_freely
from leedskg.picture.files import FORMATS, network_file
from leedskg.picture.large import large_data, looks
from leedskg.picture.still import still
from leedskg.picture.surroundings import kinds_of
from leedskg.web import current
from leedskg.web.pictures.frame import (
    SAVED,
    about,
    address,
    asked_format,
    blueprint,
    chosen,
    edge,
    file,
    framed,
    node,
    number,
    show,
)
from leedskg.web.presentation import Presenter

_TITLE = "The whole network"
_PAGE = 200


@blueprint.get("/network/whole")
def whole() -> str | Response:
    """Every entity that has a relationship, of some kinds if the address says so."""
    edition = current.edition()
    format_name = asked_format((*SAVED, "places"))
    catalogue, presenter = edition.catalogue, Presenter(edition)
    every = sorted(edition.network.graph)
    kinds: dict[str, int] = {}
    for iri in every:
        for kind in kinds_of(catalogue, iri):
            kinds[kind] = kinds.get(kind, 0) + 1
    picked = chosen("kind", kinds)
    kept = {iri for iri in every if not picked or picked & set(kinds_of(catalogue, iri))}
    nodes = [node(presenter, iri) for iri in every if iri in kept]
    edges = [edge(*tie) for tie in edition.network.ties() if tie[0] in kept and tie[1] in kept]
    if format_name == "places":
        response = Response(large_data(nodes, edges, edition.positions), content_type=FORMATS["places"])
        response.set_etag(f"{edition.published.id}-{'-'.join(sorted(picked))}"[:200].encode("ascii", "ignore").decode())
        return response
    if format_name and format_name != "svg":
        return file(network_file(format_name, about(_TITLE), nodes, edges), format_name, _TITLE)
    large = len(nodes) > NODE_LIMIT
    degree = {iri: len(set(edition.network.graph.pred[iri]) | set(edition.network.graph.succ[iri])) for iri in kept}
    ranked = sorted(nodes, key=lambda each: (-degree[each.iri], each.label.casefold(), each.iri))
    drawn = {each.iri for each in ranked[:NODE_LIMIT]}
    if format_name or not large:
        picture = draw_freely(
            [each for each in ranked if each.iri in drawn], [e for e in edges if {e.source, e.target} <= drawn]
        )
    if format_name:
        return file(still(picture).file(about(_TITLE)), format_name, _TITLE)
    last_page = max(1, -(-len(ranked) // _PAGE))
    at = min(number("page", 1, 10_000), last_page)
    return show(
        "whole.html",
        framed(_TITLE),
        picture=None if large or not nodes else picture,
        still="" if large or not nodes else still(picture).inline(_TITLE),
        data=address(format="places", embed=None, page=None) if large else "",
        nodes=len(nodes),
        edges=len(edges),
        looks=looks(dict.fromkeys(each.kind for each in nodes)),
        most_still=NODE_LIMIT,
        kinds=[(kind, count, kind in picked) for kind, count in sorted(kinds.items())],
        rows=[
            (presenter.entity(each.iri), degree[each.iri], url_for("pictures.around", of=_name(presenter, each.iri)))
            for each in ranked[(at - 1) * _PAGE : at * _PAGE]
        ],
        first=(at - 1) * _PAGE + 1,
        previous=address(page=str(at - 1)) if at > 1 else "",
        next=address(page=str(at + 1)) if at < last_page else "",
        unfiltered=address(kind=None),
    )


def _name(presenter: Presenter, iri: str) -> str:
    catalogue = presenter.edition.catalogue
    return catalogue.unique_name(catalogue.entries[iri]) if iri in catalogue.entries else iri
