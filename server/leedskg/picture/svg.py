"""Drawings as SVG: what a page shows without a script, what is printed, and what is saved.

Nothing in a drawing is a style rule or runs a script: colours are attributes, so a strict policy lets it through.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree

from markupsafe import Markup

from leedskg.kinds import COLOURS, kind_style
from leedskg.picture.model import (
    FACE,
    GROUND,
    INK,
    INK_SOFT,
    LEADING,
    LINE_COLOUR,
    LINE_FONT,
    NODE_FONT,
    NODE_SIZE,
    Picture,
    size_of,
)

#: How wide a letter of the foot of a file is, and how far apart its lines are, in pixels.
_FOOT_LETTER, _FOOT_LEADING = 5.4, 13
#: What XML 1.0 has no place for.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: A six-sided shape and a star, as corners on a circle: share of the radius and angle in degrees.
_CORNERS: dict[str, Sequence[tuple[float, float]]] = {
    "square": [(1.2, angle) for angle in (45, 135, 225, 315)],
    "triangle": [(1.15, angle) for angle in (-90, 30, 150)],
    "triangleDown": [(1.15, angle) for angle in (90, 210, 330)],
    "diamond": [(1.15, angle) for angle in (0, 90, 180, 270)],
    "hexagon": [(1.1, angle) for angle in (0, 60, 120, 180, 240, 300)],
    "star": [(1.2 if at % 2 == 0 else 0.55, 36 * at - 90) for at in range(10)],
}


@dataclass(frozen=True)
class DrawingDetails:
    """What a file says of itself: its title, its own address, the licence, and the day that the graph was built.

    `registers` are the lines that the publishers of imported registers ask for, wherever their data is used.
    """

    title: str
    address: str
    licence: str
    licence_address: str
    built_on: str
    publisher: str
    registers: tuple[str, ...] = ()

    @property
    def attribution(self) -> tuple[str, ...]:
        """The line that this graph asks for, and those of registers."""
        return (f"{self.publisher}, {self.licence}, {self.licence_address}", *self.registers)

    @property
    def words(self) -> str:
        """All of it in one line."""
        own = f"{self.title}. {self.publisher}, built on {self.built_on}, {self.licence}. {self.address}"
        return " ".join([own, *self.registers])


@dataclass(frozen=True)
class Drawing:
    """An SVG drawing: its frame, and what is in it as markup."""

    left: float
    top: float
    width: float
    height: float
    inside: str

    def inline(self, name: str, *, narrow: Drawing | None = None) -> Markup:
        """Write the drawing as part of a page, named for those who hear it; on narrow screens another one, if given."""
        if narrow:
            return self._inline(name, " kg-drawing--wide") + narrow._inline(name, " kg-drawing--narrow")
        return self._inline(name)

    def _inline(self, name: str, look: str = "") -> Markup:
        # Every text in it went through `plain`.
        head = f'class="kg-drawing{look}" {self._frame}'
        return Markup(f'<svg {head} role="group" aria-label="{plain(name)}">{self.inside}</svg>')  # noqa: S704

    def file(self, about: DrawingDetails) -> str:
        """Write the drawing as a file, on white, with title, source and licence; without links, which need the site."""
        metadata = ElementTree.Element("metadata")
        described = ElementTree.SubElement(
            ElementTree.SubElement(metadata, "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"),
            "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description",
        )
        terms = "{http://purl.org/dc/terms/}"
        for term, text in (("title", about.title), ("publisher", about.publisher), ("issued", about.built_on)):
            ElementTree.SubElement(described, terms + term).text = _NOT_IN_XML.sub("", text)
        for term, address in (("license", about.licence_address), ("source", about.address)):
            resource = {"{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource": _NOT_IN_XML.sub("", address)}
            ElementTree.SubElement(described, terms + term, resource)
        for line in about.registers:
            ElementTree.SubElement(described, terms + "rights").text = _NOT_IN_XML.sub("", line)
        fits = max(40, int(self.width / _FOOT_LETTER))
        told = [f"{about.publisher}, built on {about.built_on}, {about.licence}"]
        told += [part for line in about.registers for part in textwrap.wrap(line, fits)]
        foot = text_lines(told, self.left, self.top + self.height + 14, size=10, anchor="start", leading=_FOOT_LEADING)
        height = self.height + 20 + _FOOT_LEADING * (len(told) - 1)
        inside = re.sub(r"</?a\b[^>]*>", "", self.inside)
        frame = f'viewBox="{self.left:g} {self.top:g} {self.width:g} {height:g}"'
        size = f'width="{self.width:g}" height="{height:g}"'
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" {size} {frame}>'
            f"<title>{plain(about.title)}</title><desc>{plain(about.words)}</desc>"
            f"{ElementTree.tostring(metadata, encoding='unicode')}"
            f'<rect x="{self.left:g}" y="{self.top:g}" width="{self.width:g}" height="{height:g}" '
            f'fill="{GROUND}"/>{inside}{foot}</svg>\n'
        )

    @property
    def _frame(self) -> str:
        # No larger than its own size; how much smaller is for the style sheet to say.
        return (
            f'viewBox="{self.left:g} {self.top:g} {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" height="{self.height:g}"'
        )


def plain(text: str) -> str:
    """Return a text that is nothing but text, in an element or in a quoted attribute."""
    return escape(_NOT_IN_XML.sub("", text))


def linked(inside: str, href: str, name: str = "") -> str:
    """Return markup as a link; as it is when there is no address."""
    if not href:
        return inside
    label = f' aria-label="{plain(name)}"' if name else ""
    return f'<a href="{plain(href)}"{label}>{inside}</a>'


def text_lines(  # noqa: PLR0913 # where, and how it looks
    lines: Sequence[str], x: float, y: float, *, size: float = 14, anchor: str = "middle", ink: str = INK,
    weight: str = "", halo: bool = False, leading: float = 0,
) -> str:  # fmt: skip
    """Return lines of text, `y` being the base line of the first; with a halo of white where lines may run behind.

    `leading` is from one base line to the next, where it is not the usual one.
    """
    spans = "".join(
        f'<tspan x="{x:.1f}" y="{y + at * (leading or size * LEADING):.1f}">{plain(line)}</tspan>'
        for at, line in enumerate(lines)
    )
    more = f' font-weight="{weight}"' if weight else ""
    if halo:
        more += f' stroke="{GROUND}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
    return f'<text font-family="{FACE}" font-size="{size:g}" text-anchor="{anchor}" fill="{ink}"{more}>{spans}</text>'


def shape(name: str, x: float, y: float, size: float, fill: str, *, outline: float = 1) -> str:  # noqa: PLR0913 # where, and how it looks
    """Draw the shape of a kind around a point."""
    look = f'fill="{fill}" stroke="{INK}" stroke-width="{outline:g}"'
    if name not in _CORNERS:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" {look}/>'
    corners = " ".join(
        f"{x + size * far * math.cos(math.radians(angle)):.1f},{y + size * far * math.sin(math.radians(angle)):.1f}"
        for far, angle in _CORNERS[name]
    )
    return f'<polygon points="{corners}" {look}/>'


def arrow(x: float, y: float, angle: float, colour: str) -> str:
    """Draw an arrow head whose point is at a place, pointing along an angle in radians."""
    ends = [(x - 9 * math.cos(angle + turn), y - 9 * math.sin(angle + turn)) for turn in (0.45, -0.45)]
    points = " ".join(f"{at:.1f},{down:.1f}" for at, down in [(x, y), *ends])
    return f'<polygon points="{points}" fill="{colour}"/>'


MARGIN = 12


def still(picture: Picture, layout: str = "wide") -> Drawing:
    """Draw the picture in one of its layouts. Nodes link to their pages; lines are told in words beside the picture."""
    chosen = picture.data["layouts"][layout]
    places: dict[str, tuple[float, float]] = {each: (x, y) for each, (x, y) in chosen["positions"].items()}
    sizes = {node.iri: node.size for node in picture.nodes}
    left, top, width, height = chosen["frame"]
    parts: list[str] = []
    for edge in picture.data["edges"]:
        (x, y), (to_x, to_y) = places[edge["from"]], places[edge["to"]]
        parts.append(_line(x, y, to_x, to_y, edge["width"], curved=chosen["direction"] == "horizontal"))
        angle = math.atan2(to_y - y, to_x - x)
        if chosen["direction"] == "horizontal":
            angle = 0.0 if to_x >= x else math.pi
        if "to" in edge["arrows"]:
            far = sizes.get(edge["to"], NODE_SIZE) * 1.15 + 2
            parts.append(arrow(to_x - far * math.cos(angle), to_y - far * math.sin(angle), angle, LINE_COLOUR))
        if "from" in edge["arrows"]:
            far = sizes.get(edge["from"], NODE_SIZE) * 1.15 + 2
            parts.append(arrow(x + far * math.cos(angle), y + far * math.sin(angle), angle + math.pi, LINE_COLOUR))
    for node in picture.data["nodes"]:
        if node["shape"] == "text":
            x, y = places[node["id"]]
            parts.append(_words(node["label"], x, y))
    outline = {node["id"]: node["borderWidth"] for node in picture.data["nodes"] if node["id"] in sizes}
    for node in picture.nodes:
        x, y = places[node.iri]
        style = kind_style(node.kind)
        lines = chosen["labels"][node.iri].split("\n")
        drawn = (
            f"<title>{plain(f'{node.label}, {node.kind}')}</title>"
            + shape(style.shape, x, y, node.size, COLOURS[style.colour], outline=outline[node.iri])
            + text_lines(lines, x, y + node.size + 2 + NODE_FONT, size=NODE_FONT, halo=True)
        )
        parts.append(linked(drawn, node.href, f"{node.label}, {node.kind}"))
    return Drawing(left - MARGIN, top - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN, "".join(parts))


def _line(x: float, y: float, to_x: float, to_y: float, width: float, *, curved: bool) -> str:  # noqa: PLR0913 # where, and how it looks
    look = f'fill="none" stroke="{LINE_COLOUR}" stroke-width="{width:g}"'
    if not curved:
        return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" {look}/>'
    bend = 0.4 * (to_x - x)
    return (
        f'<path d="M{x:.1f} {y:.1f}C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}" {look}/>'
    )


def _words(label: str, x: float, y: float) -> str:
    width, height = size_of(label, LINE_FONT)
    lines = label.split("\n")
    ground = (
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{GROUND}"/>'
    )
    return ground + text_lines(lines, x, y - height / 2 + LINE_FONT * LEADING * 0.8, size=LINE_FONT, ink=INK_SOFT)
