"""Places within places, and what is in each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from leedskg.errors import UnknownNameError
from leedskg.picture.files import record_file, table_file
from leedskg.picture.places import Location, Place, draw_places, nested, read_locations
from leedskg.picture.surroundings import kinds_of
from leedskg.web import current
from leedskg.web.pictures.frame import about, address, asked_format, blueprint, chosen, file, framed, node, show
from leedskg.web.presentation import Presenter, href
from leedskg.web.views import EntityView

_TITLE = "Places"
_FORMATS = ("svg", "csv", "json")
_COLUMNS = ("thing", "thing_label", "kind", "place", "place_label", "statement")
_MOST_UNPLACED = 100


@dataclass(frozen=True)
class PlaceList:
    """A place in the list beside the picture: what is in it with the statement that says so, and the places in it."""

    place: EntityView
    statement: str
    number: int
    things: tuple[tuple[EntityView, str], ...]
    places: tuple[PlaceList, ...]
    way: str


@blueprint.get("/places")
def places() -> str | Response:
    """Boxes in boxes, of some kinds of thing and from one place on if the address says so."""
    edition = current.edition()
    format_name = asked_format(_FORMATS)
    presenter, catalogue = Presenter(edition), edition.catalogue
    every = read_locations(edition.reader, edition.namespaces)
    containers = {location.place for location in every}
    root, problem = "", ""
    text = request.args.get("in", "").strip()
    if text:
        try:
            root = catalogue.find(text[:200]).iri
        except UnknownNameError as error:
            problem = error.message
        else:
            if root not in containers:
                problem, root = f"Nothing is recorded as being in {catalogue.entries[root].label}.", ""
    things = {location.thing for location in every} - containers
    kinds = Counter(kind for iri in things for kind in kinds_of(catalogue, iri))
    picked = chosen("kind", kinds)
    kept = [
        location
        for location in every
        if location.thing in containers or not picked or picked & set(kinds_of(catalogue, location.thing))
    ]
    nodes = {iri: node(presenter, iri) for location in every for iri in (location.thing, location.place)}
    labels = {iri: each.label for iri, each in nodes.items()}
    found = () if problem else nested(kept, labels, root)
    inside = {iri for place in found for iri in _everything(place)}
    if format_name in ("csv", "json"):
        rows = [
            (each.thing, labels[each.thing], nodes[each.thing].kind, each.place, labels[each.place], each.statement)
            for each in kept
            if each.place in inside
        ]
        content = table_file(_COLUMNS, rows) if format_name == "csv" else record_file(about(_TITLE), _COLUMNS, rows)
        return file(content, format_name, _TITLE)
    drawing = draw_places(found, nodes)
    if format_name:
        return file(drawing.file(about(_TITLE)), format_name, _TITLE)
    unplaced = [entry for entry in catalogue.entries.values() if entry.actor and entry.iri not in labels]
    unplaced = [entry for entry in unplaced if not entry.replaced_by]
    context: dict[str, Any] = {
        "drawing": drawing.inline(_TITLE) if found else "",
        "places": [_list(presenter, each, "", kept) for each in found],
        "kinds": [(kind, count, kind in picked) for kind, count in sorted(kinds.items())],
        "legend": list(dict.fromkeys(nodes[iri].kind for iri in sorted(inside) if iri in nodes and nodes[iri].kind)),
        "problem": problem,
        "root": presenter.entity(root) if root else None,
        "whole": address(**{"in": None}),
        "unplaced": [presenter.entity(entry.iri) for entry in unplaced[:_MOST_UNPLACED]],
        "unplaced_count": len(unplaced),
        "unfiltered": address(kind=None),
    }
    return show("places.html", framed(_TITLE, _FORMATS), **context)


def _everything(place: Place) -> list[str]:
    return [place.iri, *place.things, *(iri for inner in place.places for iri in _everything(inner))]


def _list(presenter: Presenter, place: Place, above: str, locations: list[Location]) -> PlaceList:
    said = {each.thing: each.statement for each in reversed(locations) if each.place == place.iri}
    outer = {each.thing: each.statement for each in reversed(locations) if each.place == above}
    catalogue = presenter.edition.catalogue
    return PlaceList(
        presenter.entity(place.iri),
        href(outer[place.iri]) if place.iri in outer else "",
        place.everything,
        tuple((presenter.entity(iri), href(said[iri])) for iri in place.things),
        tuple(_list(presenter, inner, place.iri, locations) for inner in place.places),
        address(**{"in": catalogue.unique_name(catalogue.entries[place.iri])})
        if place.iri in catalogue.entries
        else "",
    )
