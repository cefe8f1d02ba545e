"""A map of what sources give coordinates for: points on a grid of degrees, without a street map from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leedskg.kinds import COLOURS, kind_style
from leedskg.namespaces import Namespaces
from leedskg.picture.model import GROUND, INK, INK_SOFT, LINE_COLOUR, PictureNode, size_of
from leedskg.picture.places import Location
from leedskg.picture.svg import Drawing, linked, shape, text_lines
from leedskg.query_files import query_beside
from leedskg.store import Reader

EARTH = 6371.0088  # kilometres, the mean radius
#: Where the projection is cut off: it would go on without end towards the poles.
MOST_NORTH = 85.0
#: Degrees that a map shows at least, so that a single point has surroundings.
LEAST = 0.1
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45)


@dataclass(frozen=True)
class MapLayout:
    """Width of the map and the most height that it takes."""

    width: float
    height: float


WIDE = MapLayout(960, 720)
NARROW = MapLayout(264, 400)


def _north(latitude: float) -> float:
    """Return Mercator's northing, in radians at the equator."""
    return math.asinh(math.tan(math.radians(max(-MOST_NORTH, min(MOST_NORTH, latitude)))))


@dataclass(frozen=True)
class MapView:
    """Which part of the Earth a map shows: degrees at its west and east, northings at its bottom and top."""

    form: MapLayout
    west: float
    south: float
    scale: float
    height: float

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]], form: MapLayout) -> MapView:
        """Return the part around these points, each a latitude and a longitude, with some room on all sides."""
        latitudes, longitudes = [latitude for latitude, _ in points], [longitude for _, longitude in points]
        west, east = min(longitudes), max(longitudes)
        south, north = _north(min(latitudes)), _north(max(latitudes))
        wide, high = max(east - west, LEAST) * 1.5, max(math.degrees(north - south), LEAST) * 1.3
        scale = min(form.width / wide, form.height / high)
        height = min(form.height, max(form.width / 2.2, high * scale))
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        return cls(form, middle_x - form.width / scale / 2, middle_y - math.radians(height / scale / 2), scale, height)

    def x(self, longitude: float) -> float:
        """Return how far from the left a longitude is drawn."""
        return (longitude - self.west) * self.scale

    def y(self, latitude: float) -> float:
        """Return how far from the top a latitude is drawn."""
        return self.height - math.degrees(_north(latitude) - self.south) * self.scale

    def grid(self) -> str:
        """Return lines of whole steps of degrees, each with its number at the edge."""
        east = self.west + self.form.width / self.scale
        low = math.degrees(math.atan(math.sinh(self.south)))
        top = math.degrees(math.atan(math.sinh(self.south + math.radians(self.height / self.scale))))
        step = next((each for each in _STEPS if each * self.scale >= 90), _STEPS[-1])
        parts = [f'<rect x="0" y="0" width="{self.form.width:g}" height="{self.height:.1f}" fill="{GROUND}" '
                 f'stroke="{LINE_COLOUR}"/>']  # fmt: skip
        line = 'stroke="#D5DBE1" fill="none"'
        for number in range(math.ceil(self.west / step), math.floor(east / step) + 1):
            x = self.x(number * step)
            parts.append(f'<path d="M{x:.1f} 0V{self.height:.1f}" {line}/>')
            parts.append(_degree(number * step, "EW", x, self.height + 14, "middle"))
        for number in range(math.ceil(low / step), math.floor(top / step) + 1):
            y = self.y(number * step)
            parts.append(f'<path d="M0 {y:.1f}H{self.form.width:g}" {line}/>')
            parts.append(_degree(number * step, "NS", 4, y - 3, "start"))
        return "".join(parts)

    def scale_bar(self) -> str:
        """Return how long some round number of kilometres is in the middle of the map."""
        middle = math.atan(math.sinh(self.south + math.radians(self.height / self.scale / 2)))
        kilometres = math.cos(middle) * math.radians(1) * EARTH / self.scale * 120  # that 120 units of the map are
        power = 10.0 ** math.floor(math.log10(kilometres))
        length = next(power * each for each in (5, 2, 1) if power * each <= kilometres)
        width = 120 * length / kilometres
        y = self.height - 10
        return f'<path d="M8 {y - 5:.1f}v5h{width:.1f}v-5" stroke="{INK}" fill="none"/>' + text_lines(
            [f"{length:g} km"], 12, y - 5, size=12, anchor="start", halo=True
        )


def _degree(degrees: float, signs: str, x: float, y: float, anchor: str) -> str:
    degrees = round(degrees, 4)
    sign = "" if not degrees else f" {signs[0] if degrees > 0 else signs[1]}"
    return text_lines([f"{abs(degrees):g}°{sign}"], x, y, size=12, anchor=anchor, ink=INK_SOFT, halo=True)


FONT = 14
DOT = 8
#: Ways from a point in which its name may stand, and how far: the right first.
_WAYS = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]
_FAR = (0.0, 18.0, 40.0, 70.0, 110.0)


@dataclass(frozen=True)
class Position:
    """That a source gives coordinates for a thing, in degrees of WGS 84, and the statement that says so."""

    thing: str
    latitude: float
    longitude: float
    statement: str


@dataclass(frozen=True)
class Point:
    """A position on the map, and what is said to be in its thing and has no position of its own."""

    position: Position
    inside: tuple[Location, ...]


def read_positions(reader: Reader, namespaces: Namespaces) -> list[Position]:
    """Return every position that a source states and that is not deprecated; a text that is none is passed over."""
    found = []
    for row in reader.rows(query_beside(__file__, "places_map_positions") % namespaces.base):
        latitude, _, longitude = row["position"].value.partition(",")
        try:
            position = Position(row["thing"].value, float(latitude), float(longitude), row["statement"].value)
        except ValueError:
            continue
        if abs(position.latitude) <= 90 and abs(position.longitude) <= 180:
            found.append(position)
    return found


def on_the_map(positions: Sequence[Position], locations: Sequence[Location]) -> tuple[list[Point], list[Location]]:
    """Return the points of a map with what stands at each, and the locations of all that has no place on it.

    A thing without a position stands at the nearest place around it that has one, as far as sources place it. What
    contains other things stands where they do only if it has no position itself and something wider has.
    """
    placed = {position.thing for position in positions}
    around: dict[str, list[Location]] = {}
    for location in locations:
        if location.place not in [each.place for each in around.setdefault(location.thing, [])]:
            around[location.thing].append(location)
    inside: dict[str, list[Location]] = {thing: [] for thing in placed}
    elsewhere: list[Location] = []
    for thing, found in around.items():
        if thing in placed:
            continue
        homes = {_nearest(location.place, placed, around): location for location in reversed(found)}
        if homes.keys() == {""}:
            elsewhere += found
        for at, location in homes.items():
            if at:
                inside[at].append(location)
    points = [Point(position, tuple(inside[position.thing])) for position in positions]
    points.sort(key=lambda point: (-len(point.inside), point.position.thing, point.position.statement))
    return points, elsewhere


def _nearest(place: str, placed: set[str], around: Mapping[str, Sequence[Location]]) -> str:
    """Return the place itself, or the nearest one around it, that has a position; nothing where none has."""
    ring, seen = [place], {place}
    while ring:
        known = [each for each in ring if each in placed]
        if known:
            return known[0]
        ring = [wider.place for each in ring for wider in around.get(each, ()) if wider.place not in seen]
        seen.update(ring)
    return ""


def draw_map(points: Sequence[Point], nodes: Mapping[str, PictureNode], form: MapLayout = WIDE) -> Drawing:
    """Draw the points in Mercator's projection, which keeps shapes and has north at the top, on a grid of degrees.

    A name stands beside its point or, where others are in the way, further off with a line to it.
    """
    view = MapView.of([(point.position.latitude, point.position.longitude) for point in points], form)
    spots = [(view.x(point.position.longitude), view.y(point.position.latitude)) for point in points]
    parts = [view.grid(), view.scale_bar()]
    taken = [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in spots]
    taken.append((0, view.height - 34, 130, view.height))
    for point, (x, y) in zip(points, spots, strict=True):
        node = nodes[point.position.thing]
        words = node.label + (f" ({len(point.inside)} in it)" if point.inside else "")
        (left, top, right, bottom), line = _room_for(words, (x, y), taken, view)
        taken.append((left, top, right, bottom))
        style = kind_style(node.kind)
        drawn = (
            line + shape(style.shape, x, y, DOT, COLOURS[style.colour])
            + text_lines([words], left, bottom - FONT * 0.35, size=FONT, anchor="start", halo=True)
        )  # fmt: skip
        parts.append(linked(drawn, node.href, f"{words}, {node.kind}, {in_degrees(point.position)}"))
    return Drawing(-4, -4, form.width + 8, view.height + 26, "".join(parts))


def in_degrees(position: Position) -> str:
    """Write a position in words, such as `53.79648° N, 1.54785° W`."""
    north, east = (f"{abs(degrees):.7f}".rstrip("0").rstrip(".") for degrees in (position.latitude, position.longitude))
    return f"{north}° {'N' if position.latitude >= 0 else 'S'}, {east}° {'E' if position.longitude >= 0 else 'W'}"


Box = tuple[float, float, float, float]


def _room_for(words: str, at: tuple[float, float], taken: Sequence[Box], view: MapView) -> tuple[Box, str]:
    """Return where words stand near a point, and a line to them where they stand off."""
    width, height = size_of(words, FONT)
    x, y = at
    best: tuple[float, Box, float] | None = None
    for far in _FAR:
        for across, down in _WAYS:
            gap = DOT + 4 + far
            left = x + gap if across > 0 else x - gap - width if across < 0 else x - width / 2
            top = y + down * gap - (0 if down > 0 else height if down < 0 else height / 2)
            left = min(max(left, 0.0), max(0.0, view.form.width - width))
            box = (left, top, left + width, top + height)
            over = sum(_overlap(box, other) for other in taken)
            over += 1e4 * (top < 0 or top + height > view.height)
            if best is None or over < best[0]:
                best = (over, box, far)
            if not over:
                break
        if best and not best[0]:
            break
    assert best
    _, box, far = best
    if far < 10:
        return box, ""
    to_x, to_y = min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])
    return box, f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{INK_SOFT}" fill="none"/>'


def _overlap(one: Box, other: Box) -> float:
    return max(0.0, min(one[2], other[2]) - max(one[0], other[0])) * max(
        0.0, min(one[3], other[3]) - max(one[1], other[1])
    )
