"""What is where: a map of what sources give coordinates for, and places within places with what is in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, request

from leedskg.errors import RequestError, UnknownNameError
from leedskg.generation_view import GenerationView
from leedskg.picture import PictureEdge, PictureNode
from leedskg.picture.files import network_file, record_file, table_file
from leedskg.picture.places import NARROW, Location, PlaceBox, draw_places, nested, read_locations
from leedskg.picture.places_map import NARROW as NARROW_MAP
from leedskg.picture.places_map import Point, Position, draw_map, in_degrees, on_the_map, read_positions
from leedskg.picture.svg import Drawing
from leedskg.web import current
from leedskg.web.api.parameters import choice, query, reads
from leedskg.web.pages.limits import STATED, limits_form, read_limits
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.views import EntityView
from leedskg.web.pictures.frame import (
    FRAMED,
    KINDS,
    about,
    asked_format,
    blueprint,
    file,
    framed,
    kind_choice,
    node,
    show,
)
from leedskg.web.serving.addresses import address

Told = TypeVar("Told", Location, Position)

_TITLE = "Places"
_COLUMNS = (
    "thing", "thing_label", "kind", "place", "place_label", "statement", "latitude", "longitude", "position_of",
    "position_statement",
)  # fmt: skip
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


@dataclass(frozen=True)
class PointRow:
    """A point of the map in the table beside it."""

    thing: EntityView
    degrees: str
    statement: str
    inside: tuple[tuple[EntityView, str], ...]


@dataclass(frozen=True)
class _Places:
    """What the address asks for of all that is placed."""

    locations: list[Location]
    points: list[Point]
    elsewhere: list[Location]
    boxes: tuple[PlaceBox, ...]
    nodes: dict[str, PictureNode]
    #: Whether it is one place alone.
    in_part: bool

    @property
    def inside(self) -> set[str]:
        """Every place of the boxes and all that is in one."""
        return {iri for place in self.boxes for iri in _everything(place)}


@blueprint.get("/places")
@reads(
    query("in", "The name or IRI of a place: it alone, as boxes."),
    choice("as", "As a map or as boxes.", "map", "boxes"),
    KINDS,
    *STATED,
    *FRAMED,
)
def places() -> str | Response:
    """Show a map if the graph has coordinates, else boxes in boxes; of some kinds of thing if the address says so."""
    view = current.view()
    format_name = asked_format()
    locations = _within(view, read_locations(view.reader, view.namespaces))
    root, problem = _root(view, locations)
    positions = _within(view, read_positions(view.reader, view.namespaces))
    as_map = _as_map(positions)
    containers = {location.place for location in locations}
    own = [position.thing for position in positions if position.thing not in containers]
    choice = kind_choice(view.catalogue, {*(each.thing for each in locations), *own} - containers)
    kept = [each for each in locations if each.thing in containers or choice.keeps(each.thing)]
    shown = [each for each in positions if each.thing in containers or choice.keeps(each.thing)]
    presenter = Presenter(view)
    nodes = {iri: node(presenter, iri) for each in locations for iri in (each.thing, each.place)}
    nodes |= {each.thing: node(presenter, each.thing) for each in positions}
    labels = {iri: each.label for iri, each in nodes.items()}
    points, elsewhere = on_the_map(shown, kept)
    found = _Places(kept, points, elsewhere, () if problem else nested(kept, labels, root), nodes, bool(root))
    if format_name and format_name != "svg":
        return file(_file(format_name, found), format_name, _TITLE)
    drawn, narrow = _drawn(found, as_map=as_map)
    if format_name:
        return file(drawn.file(about(_TITLE)), format_name, _TITLE)
    unplaced = [
        entry for entry in view.catalogue.entries.values()
        if entry.actor and entry.iri not in labels and entry.in_use
    ]  # fmt: skip
    on_it = {point.position.thing for point in found.points}
    context: dict[str, Any] = {
        "drawing": drawn.inline(_TITLE, narrow=narrow) if (found.points if as_map else found.boxes) else "",
        "as_map": as_map,
        "has_map": bool(positions),
        "other_way": address(**{"as": "boxes" if as_map else "map", "in": None}),
        "points": [_row(presenter, point) for point in found.points],
        "elsewhere": [(presenter.entity(each.thing), presenter.entity(each.place), href(each.statement))
                      for each in found.elsewhere if each.thing not in containers],
        "places": [_list(presenter, each, "", kept) for each in found.boxes],
        "kinds": choice.options,
        "legend": list(dict.fromkeys(
            nodes[iri].kind for iri in sorted(on_it if as_map else found.inside) if nodes[iri].kind
        )),
        "problem": problem,
        "root": presenter.entity(root) if root else None,
        "whole": address(**{"in": None}),
        "unplaced": [presenter.entity(entry.iri) for entry in unplaced[:_MOST_UNPLACED]],
        "unplaced_count": len(unplaced),
        "limits": limits_form(view, relations=False),
    }  # fmt: skip
    return show("places.html", framed(_TITLE), **context)


def _within(view: GenerationView, stated: list[Told]) -> list[Told]:
    """Return the locations or positions whose statements count."""
    limits = read_limits(view, relations=False)
    if not limits:
        return stated
    found = view.records.statements(each.statement for each in stated)
    return [each for each in stated if limits.keeps_statement(found[each.statement], view.namespaces)]


def _root(view: GenerationView, locations: Sequence[Location]) -> tuple[str, str]:
    """Find the place that the address asks for alone, or say what is wrong with it; nothing for neither."""
    text = request.args.get("in", "").strip()
    if not text:
        return "", ""
    try:
        root = view.catalogue.find(text[:200]).iri
    except UnknownNameError as error:
        return "", error.message
    if root not in {location.place for location in locations}:
        return "", f"Nothing is recorded as being in {view.catalogue.entries[root].label}."
    return root, ""


def _as_map(positions: Sequence[Position]) -> bool:
    asked = request.args.get("as", "")
    if asked not in ("", "map", "boxes"):
        raise RequestError("“as” in the address is map or boxes.")
    return bool(positions) and asked != "boxes" and not (request.args.get("in", "").strip() and not asked)


def _drawn(found: _Places, *, as_map: bool) -> tuple[Drawing, Drawing]:
    """Return the drawing, and the one for narrow screens."""
    if as_map and found.points:
        return draw_map(found.points, found.nodes), draw_map(found.points, found.nodes, NARROW_MAP)
    return draw_places(found.boxes, found.nodes), draw_places(found.boxes, found.nodes, NARROW)


def _row(presenter: Presenter, point: Point) -> PointRow:
    inside = tuple((presenter.entity(each.thing), href(each.statement)) for each in point.inside)
    thing = presenter.entity(point.position.thing)
    return PointRow(thing, in_degrees(point.position), href(point.position.statement), inside)


def _file(name: str, found: _Places) -> str:
    """Write what is placed as a file; a thing has the coordinates where the map shows it, and whose they are."""
    at: dict[str, Position] = {}
    for point in found.points:
        for iri in (point.position.thing, *(each.thing for each in point.inside)):
            at.setdefault(iri, point.position)
    inside = found.inside
    if name in ("graphml", "gexf"):
        shown = inside if found.in_part else inside | at.keys()
        nodes = [_with_position(each, at.get(iri)) for iri, each in found.nodes.items() if iri in shown]
        edges = [
            PictureEdge(each.thing, each.place, "located in", iri=each.statement)
            for each in found.locations if {each.thing, each.place} <= inside
        ]  # fmt: skip
        return network_file(name, about(_TITLE), nodes, edges)
    rows = [
        _cells(found, each.thing, at, each.place, each.statement) for each in found.locations if each.place in inside
    ]
    if not found.in_part:
        told = {each.thing for each in found.locations}
        rows += [_cells(found, iri, at) for iri in at if iri not in told]
    return table_file(about(_TITLE), _COLUMNS, rows) if name == "csv" else record_file(about(_TITLE), _COLUMNS, rows)


def _cells(
    found: _Places, thing: str, at: dict[str, Position], place: str = "", statement: str = ""
) -> tuple[str | float, ...]:
    """Make a row of the file: a thing, the place that it is in, and the coordinates at which it is shown."""
    position, nodes = at.get(thing), found.nodes
    where = (position.latitude, position.longitude, position.thing, position.statement) if position else ("",) * 4
    return (thing, nodes[thing].label, nodes[thing].kind, place, nodes[place].label if place else "", statement, *where)


def _with_position(entity: PictureNode, position: Position | None) -> PictureNode:
    if position is None:
        return entity
    facts = (("latitude", position.latitude), ("longitude", position.longitude), ("position_of", position.thing))
    return PictureNode(entity.iri, entity.label, entity.kind, entity.href, facts=facts)


def _everything(place: PlaceBox) -> list[str]:
    return [place.iri, *place.things, *(iri for inner in place.places for iri in _everything(inner))]


def _list(presenter: Presenter, place: PlaceBox, above: str, locations: list[Location]) -> PlaceList:
    said = {each.thing: each.statement for each in reversed(locations) if each.place == place.iri}
    outer = {each.thing: each.statement for each in reversed(locations) if each.place == above}
    catalogue = presenter.view.catalogue
    return PlaceList(
        presenter.entity(place.iri),
        href(outer[place.iri]) if place.iri in outer else "",
        place.everything,
        tuple((presenter.entity(iri), href(said[iri])) for iri in place.things),
        tuple(_list(presenter, inner, place.iri, locations) for inner in place.places),
        address(**{"in": catalogue.unique_name(catalogue.entries[place.iri]), "as": None})
        if place.iri in catalogue.entries
        else "",
    )
