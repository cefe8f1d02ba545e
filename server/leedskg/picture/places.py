"""Places within places, and what is in each: drawn as boxes in boxes, because no source gives coordinates."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leedskg.kinds import COLOURS, kind_style
from leedskg.namespaces import Namespaces
from leedskg.picture.model import GROUND, INK, PictureNode, letters_in
from leedskg.picture.svg import Drawing, linked, shape, text_lines
from leedskg.query_files import query_beside
from leedskg.store import Reader

HEAD = 30
FONT = 13
LINE = 17


@dataclass(frozen=True)
class PlacesLayout:
    """How wide the drawing is, its margins within boxes, and the least width of a column of names."""

    width: float
    padding: float
    column: float


WIDE = PlacesLayout(1000, 14, 310)
NARROW = PlacesLayout(264, 7, 200)
#: Places within places that are followed; a circle in the graph ends here at the latest.
MOST_DEEP = 12


@dataclass(frozen=True)
class Location:
    """That a source places a thing somewhere: the thing, the place, and the statement."""

    thing: str
    place: str
    statement: str


@dataclass(frozen=True)
class PlaceBox:
    """A place, what is in it and is itself no place of anything, and the places in it."""

    iri: str
    things: tuple[str, ...]
    places: tuple[PlaceBox, ...]

    @property
    def everything(self) -> int:
        """How many things are in it, at any depth; the places in it count too."""
        return len(self.things) + sum(1 + place.everything for place in self.places)


def read_locations(reader: Reader, namespaces: Namespaces) -> list[Location]:
    """Return every location that a source states and that is not deprecated."""
    return [
        Location(row["thing"].value, row["place"].value, row["statement"].value)
        for row in reader.rows(query_beside(__file__, "places_locations") % namespaces.base)
    ]


def nested(locations: Sequence[Location], labels: Mapping[str, str], root: str = "") -> tuple[PlaceBox, ...]:
    """Return the widest places with all that is in them, or `root` alone.

    What two sources put into different places stands in both. A circle of places is cut where it closes.
    """
    inside: dict[str, list[str]] = {}
    for location in locations:
        if location.thing != location.place and location.thing not in inside.setdefault(location.place, []):
            inside[location.place].append(location.thing)
    placed = {location.thing for location in locations}

    def place(iri: str, above: tuple[str, ...]) -> PlaceBox:
        found = sorted(inside.get(iri, ()), key=lambda each: (labels.get(each, each).casefold(), each))
        inner = [each for each in found if each in inside and each not in above and len(above) < MOST_DEEP]
        return PlaceBox(
            iri,
            tuple(each for each in found if each not in inner),
            tuple(place(each, (*above, each)) for each in inner),
        )

    tops = [root] if root else [iri for iri in inside if iri not in placed] or list(inside)[:1]
    made = [place(iri, (iri,)) for iri in tops]
    return tuple(sorted(made, key=lambda each: (-each.everything, labels.get(each.iri, each.iri).casefold())))


def draw_places(places: Sequence[PlaceBox], nodes: Mapping[str, PictureNode], form: PlacesLayout = WIDE) -> Drawing:
    """Return boxes in boxes, every name whole. Size and position mean nothing but being inside."""
    parts: list[str] = []
    y = 0.0
    for place in places:
        made, height = _box(place, nodes, (0, y, form.width), form)
        parts += made
        y += height + form.padding
    return Drawing(-4, -4, form.width + 8, max(y - form.padding, 1) + 8, "".join(parts))


def _box(
    place: PlaceBox, nodes: Mapping[str, PictureNode], room: tuple[float, float, float], form: PlacesLayout
) -> tuple[list[str], float]:
    """Draw a place with all that is in it, from a left and a top on and of a width; say how high that has become."""
    left, top, width = room
    inside = width - 2 * form.padding
    name, high = _name(nodes[place.iri], (left + form.padding, top + 8, inside), size=15, weight="bold")
    parts, height = [name], high + 12
    columns = max(1, int(inside // form.column))
    rows = -(-len(place.things) // columns)
    deepest = height
    for column in range(columns):
        down = height
        for thing in place.things[column * rows : (column + 1) * rows]:
            at = (left + form.padding + column * inside / columns, top + down, inside / columns - 8)
            made, high = _name(nodes[thing], at, size=FONT)
            parts.append(made)
            down += high + 8
        deepest = max(deepest, down)
    height = deepest + (form.padding if place.things else 4)
    for inner in place.places:
        boxed, inner_height = _box(inner, nodes, (left + form.padding, top + height, inside), form)
        parts += boxed
        height += inner_height + form.padding
    frame = (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" fill="{GROUND}" '
        f'stroke="{INK}"/>'
    )
    return [frame, *parts], height


def _name(node: PictureNode, room: tuple[float, float, float], *, size: float, weight: str = "") -> tuple[str, float]:
    """Draw the shape and the name of a thing, from a left and a top on and of a width; say how high that is."""
    left, top, width = room
    style = kind_style(node.kind)
    lines = textwrap.wrap(node.label, letters_in(width - 22, size)) or ["(no name)"]
    drawn = shape(style.shape, left + 8, top + LINE / 2, 7, COLOURS[style.colour]) + text_lines(
        lines, left + 22, top + size, size=size, anchor="start", weight=weight, leading=LINE
    )
    return linked(drawn, node.href, f"{node.label}, {node.kind}"), LINE * len(lines)
