"""Mercator's projection of a part of the Earth: where a position is drawn, the grid of degrees, and the scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from leedskg.picture.lettering import GROUND, INK, INK_SOFT, LINE_COLOUR
from leedskg.picture.svg import text_lines

EARTH = 6371.0088  # kilometres, the mean radius
#: Where the projection is cut off: it would go on without end towards the poles.
MOST_NORTH = 85.0
#: Degrees that a map shows at least, so that a single point has surroundings.
LEAST = 0.1
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45)


@dataclass(frozen=True)
class Form:
    """Width of the map and the most height that it takes."""

    width: float
    height: float


WIDE = Form(960, 720)
NARROW = Form(264, 400)


def _north(latitude: float) -> float:
    """Mercator's northing, in radians at the equator."""
    return math.asinh(math.tan(math.radians(max(-MOST_NORTH, min(MOST_NORTH, latitude)))))


@dataclass(frozen=True)
class View:
    """Which part of the Earth a map shows: degrees at its west and east, northings at its bottom and top."""

    form: Form
    west: float
    south: float
    scale: float
    height: float

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]], form: Form) -> View:
        """The part around these points, each a latitude and a longitude, with some room on all sides."""
        latitudes, longitudes = [latitude for latitude, _ in points], [longitude for _, longitude in points]
        west, east = min(longitudes), max(longitudes)
        south, north = _north(min(latitudes)), _north(max(latitudes))
        wide, high = max(east - west, LEAST) * 1.5, max(math.degrees(north - south), LEAST) * 1.3
        scale = min(form.width / wide, form.height / high)
        height = min(form.height, max(form.width / 2.2, high * scale))
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        return cls(form, middle_x - form.width / scale / 2, middle_y - math.radians(height / scale / 2), scale, height)

    def x(self, longitude: float) -> float:
        """How far from the left a longitude is drawn."""
        return (longitude - self.west) * self.scale

    def y(self, latitude: float) -> float:
        """How far from the top a latitude is drawn."""
        return self.height - math.degrees(_north(latitude) - self.south) * self.scale

    def grid(self) -> str:
        """Lines of whole steps of degrees, each with its number at the edge."""
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
        """How long some round number of kilometres is in the middle of the map."""
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
