"""A picture of a network as a drawing that needs no script: the same places, words and shapes."""

from __future__ import annotations

import math

from leedskg.kinds import COLOURS, kind_style
from leedskg.picture.lettering import GROUND, INK_SOFT, LEADING, LINE_COLOUR, LINE_FONT, NODE_FONT, size_of
from leedskg.picture.model import NODE_SIZE, Picture
from leedskg.picture.svg import Drawing, arrow, linked, plain, shape, text_lines

MARGIN = 12


def still(picture: Picture, layout: str = "wide") -> Drawing:
    """The picture in one of its layouts. Nodes are links to their pages; lines are told in words beside the picture."""
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
