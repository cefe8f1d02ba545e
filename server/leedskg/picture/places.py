"""Places within places, and what is in each: drawn as boxes in boxes, because no source gives coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leedskg.kinds import COLOURS, kind_style
from leedskg.namespaces import Namespaces
from leedskg.picture.lettering import GROUND, INK, wrapped
from leedskg.picture.model import PictureNode
from leedskg.picture.svg import Drawing, linked, shape, text_lines
from leedskg.store import Reader

WIDTH = 1000
PADDING = 14
HEAD = 30
ROW = 26
COLUMN = 310
FONT = 13
#: Places within places that are followed; a circle in the graph ends here at the latest.
MOST_DEEP = 12


@dataclass(frozen=True)
class Location:
    """That a source places a thing somewhere: the thing, the place, and the statement."""

    thing: str
    place: str
    statement: str


@dataclass(frozen=True)
class Place:
    """A place, what is in it and is itself no place of anything, and the places in it."""

    iri: str
    things: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def everything(self) -> int:
        """How many things are in it, at any depth; the places in it count too."""
        return len(self.things) + sum(1 + place.everything for place in self.places)


def read_locations(reader: Reader, namespaces: Namespaces) -> list[Location]:
    """Every location that a source states and that is not deprecated."""
    return [
        Location(row["thing"].value, row["place"].value, row["statement"].value)
        for row in reader.rows(_LOCATIONS % namespaces.base)
    ]


def nested(locations: Sequence[Location], labels: Mapping[str, str], root: str = "") -> tuple[Place, ...]:
    """The widest places with all that is in them, or `root` alone.

    What two sources put into different places stands in both. A circle of places is cut where it closes.
    """
    inside: dict[str, list[str]] = {}
    for location in locations:
        if location.thing != location.place and location.thing not in inside.setdefault(location.place, []):
            inside[location.place].append(location.thing)
    placed = {location.thing for location in locations}

    def place(iri: str, above: tuple[str, ...]) -> Place:
        found = sorted(inside.get(iri, ()), key=lambda each: (labels.get(each, each).casefold(), each))
        inner = [each for each in found if each in inside and each not in above and len(above) < MOST_DEEP]
        return Place(
            iri,
            tuple(each for each in found if each not in inner),
            tuple(place(each, (*above, each)) for each in inner),
        )

    tops = [root] if root else [iri for iri in inside if iri not in placed] or list(inside)[:1]
    made = [place(iri, (iri,)) for iri in tops]
    return tuple(sorted(made, key=lambda each: (-each.everything, labels.get(each.iri, each.iri).casefold())))


def draw_places(places: Sequence[Place], nodes: Mapping[str, PictureNode]) -> Drawing:
    """Boxes in boxes. Size and position mean nothing but being inside."""
    parts: list[str] = []
    y = 0.0
    for place in places:
        made, height = _box(place, nodes, 0, y, WIDTH)
        parts += made
        y += height + PADDING
    return Drawing(-4, -4, WIDTH + 8, max(y - PADDING, 1) + 8, "".join(parts))


def _box(
    place: Place, nodes: Mapping[str, PictureNode], left: float, top: float, width: float
) -> tuple[list[str], float]:
    columns = max(1, int((width - 2 * PADDING) // COLUMN))
    parts = [_name(nodes[place.iri], left + PADDING, top + HEAD / 2 + 4, size=15, weight="bold", letters=70)]
    rows = -(-len(place.things) // columns)
    for at, thing in enumerate(place.things):
        x, y = left + PADDING + (at // max(rows, 1)) * COLUMN, top + HEAD + 8 + (at % max(rows, 1)) * ROW + ROW / 2
        parts.append(_name(nodes[thing], x, y, size=FONT, letters=40))
    height: float = HEAD + 8 + rows * ROW + (PADDING if rows else 0)
    for inner in place.places:
        made, inner_height = _box(inner, nodes, left + PADDING, top + height, width - 2 * PADDING)
        parts += made
        height += inner_height + PADDING
    frame = (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" fill="{GROUND}" '
        f'stroke="{INK}"/>'
    )
    return [frame, *parts], height


def _name(node: PictureNode, x: float, y: float, *, size: float, letters: int, weight: str = "") -> str:  # noqa: PLR0913 # where, and how it looks
    style = kind_style(node.kind)
    drawn = shape(style.shape, x + 8, y, 7, COLOURS[style.colour]) + text_lines(
        [wrapped(node.label, letters, 1) or "(no name)"], x + 22, y + size * 0.35, size=size, anchor="start",
        weight=weight,
    )  # fmt: skip
    return linked(drawn, node.href, f"{node.label}, {node.kind}")


_LOCATIONS = """
BASE <%s>
PREFIX lhi: <def#>
PREFIX org: <http://www.w3.org/ns/org#>
SELECT DISTINCT ?thing ?place ?statement WHERE {
  ?pattern a lhi:EdgePattern ; lhi:derives lhi:locatedIn ; lhi:relationshipType ?type ;
    lhi:fromRole ?from ; lhi:toRole ?to .
  ?statement a ?type ; lhi:hasParticipation ?here , ?there .
  ?here org:role ?from ; lhi:participant ?thing .
  ?there org:role ?to ; lhi:participant ?place .
  FILTER NOT EXISTS { ?statement lhi:rank <scheme/rank/deprecated> }
} ORDER BY ?place ?thing ?statement
"""
