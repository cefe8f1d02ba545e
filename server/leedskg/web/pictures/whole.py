"""The whole network at once, drawn by sigma when it is large."""

from __future__ import annotations

from flask import Response, url_for

from leedskg.generation_view import GenerationView
from leedskg.picture import NODE_LIMIT, PictureEdge, draw_freely
from leedskg.picture.files import FORMATS, network_file
from leedskg.picture.large import draw_large, large_data, looks
from leedskg.picture.svg import still
from leedskg.web import current
from leedskg.web.api.parameters import PAGE, reads
from leedskg.web.pages.limits import LIMITS, NAMES, limits_asked, limits_form, narrowed
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pictures.frame import (
    FRAMED_LARGE,
    KINDS,
    SAVED,
    about,
    asked_format,
    blueprint,
    edge,
    file,
    framed,
    kind_choice,
    node,
    number,
    show,
)
from leedskg.web.serving.addresses import address

_TITLE = "The whole network"
_PAGE = 200


@blueprint.get("/network/whole")
@reads(KINDS, PAGE, *LIMITS, *FRAMED_LARGE)
def whole() -> str | Response:
    """Show every entity that has a relationship, of some kinds if the address says so."""
    format_name, page = asked_format((*SAVED, "places")), number("page", 1, 10_000)
    every_tie = current.view()
    view = narrowed(every_tie)
    presenter, ends = Presenter(view), view.ends
    every = sorted({iri for pair in ends for iri in pair})
    choice = kind_choice(view.catalogue, every)
    kept = [iri for iri in every if choice.keeps(iri)]
    among = set(kept)
    nodes = [node(presenter, iri) for iri in kept]
    pairs = [pair for pair in ends if among.issuperset(pair)]
    if format_name == "places":
        response = Response(large_data(nodes, pairs, view.positions), content_type=FORMATS["places"])
        told = "-".join((*sorted(choice.picked), *(f"{name}={value}" for name, value in sorted(limits_asked()))))
        tag = f"{view.published.id}-{told}"[:200]
        response.set_etag(tag.encode("ascii", "ignore").decode())
        return response
    if format_name and format_name != "svg":
        text = network_file(format_name, about(_TITLE), nodes, _edges(view, among))
        return file(text, format_name, _TITLE)
    large = len(nodes) > NODE_LIMIT
    picture = None if large or not nodes else draw_freely(nodes, _edges(view, among))
    if format_name:
        drawing = still(picture) if picture else draw_large(nodes, pairs, view.positions)
        return file(drawing.file(about(_TITLE)), format_name, _TITLE)
    others: dict[str, set[str]] = {iri: set() for iri in every}
    for one, other in ends:
        others[one].add(other)
        others[other].add(one)
    degree = {iri: len(found) for iri, found in others.items()}
    ranked = sorted(nodes, key=lambda each: (-degree[each.iri], each.label.casefold(), each.iri))
    last_page = max(1, -(-len(ranked) // _PAGE))
    at = min(page, last_page)
    return show(
        "whole.html",
        framed(_TITLE),
        picture=picture,
        still=still(picture).inline(_TITLE) if picture else "",
        data=address(format="places", embed=None, page=None) if large else "",
        nodes=len(nodes),
        edges=len(pairs),
        looks=looks(dict.fromkeys(each.kind for each in nodes)),
        kinds=choice.options,
        rows=[
            (presenter.entity(each.iri), degree[each.iri], url_for("pictures.around", of=_name(presenter, each.iri)))
            for each in ranked[(at - 1) * _PAGE : at * _PAGE]
        ],
        first=(at - 1) * _PAGE + 1,
        previous=address(page=str(at - 1)) if at > 1 else "",
        next=address(page=str(at + 1)) if at < last_page else "",
        unfiltered=address(**dict.fromkeys(("kind", *NAMES))),
        limits=limits_form(every_tie),
        covered=view.projects_cover,
    )


def _edges(view: GenerationView, among: set[str]) -> list[PictureEdge]:
    return [edge(*tie) for tie in view.network.ties() if among.issuperset(tie[:2])]


def _name(presenter: Presenter, iri: str) -> str:
    catalogue = presenter.view.catalogue
    return catalogue.unique_name(catalogue.entries[iri]) if iri in catalogue.entries else iri
