"""Pictures of more nodes than pyvis draws: what sigma needs, as small as it can be sent."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leedskg.kinds import COLOURS, kind_style
from leedskg.picture.model import PictureNode, safe_address, size_of, wrapped
from leedskg.picture.svg import Drawing, shape, text_lines


@dataclass(frozen=True)
class Look:
    """How sigma draws some kinds: round or square, and a colour of the palette; what it has no other shapes for."""

    round: bool
    colour: str
    kinds: tuple[str, ...]


#: Shapes that are drawn round; all others are drawn square.
ROUND = ("dot", "hexagon", "star")
#: Size of a name in the drawing, and how many names there are at most.
NAME = 13
MOST_NAMED = 150


def looks(kinds: Iterable[str]) -> list[Look]:
    """Return the legend of a large picture."""
    found: dict[tuple[bool, str], list[str]] = {}
    for kind in kinds:
        style = kind_style(kind)
        found.setdefault((style.shape in ROUND, style.colour), []).append(kind)
    return [Look(*look, tuple(alike)) for look, alike in sorted(found.items(), reverse=True)]


def large_data(
    nodes: Sequence[PictureNode], pairs: Iterable[tuple[str, str]], places: Mapping[str, tuple[float, float]]
) -> str:
    """Write the network as JSON in columns: nodes by number, with their kinds; each pair of nodes once.

    Labels and addresses are texts for a canvas and for `textContent`; nothing in them is markup to the script.
    """
    kinds = list(dict.fromkeys(node.kind for node in nodes))
    joined, degree = _joined(nodes, pairs)
    data = {
        "kinds": [
            {"words": kind, "colour": COLOURS[kind_style(kind).colour], "round": kind_style(kind).shape in ROUND}
            for kind in kinds
        ],
        "x": [round(places.get(node.iri, (0.0, 0.0))[0], 1) for node in nodes],
        "y": [round(places.get(node.iri, (0.0, 0.0))[1], 1) for node in nodes],
        "kind": [kinds.index(node.kind) for node in nodes],
        "ties": degree,
        "label": [node.label for node in nodes],
        "href": [safe_address(node.href) for node in nodes],
        "pairs": [end for pair in joined for end in pair],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def draw_large(
    nodes: Sequence[PictureNode], pairs: Iterable[tuple[str, str]], places: Mapping[str, tuple[float, float]]
) -> Drawing:
    """Draw the same network, for files: every node and every line; names of the best tied, where there is room.

    All lines are one path and no node is a link, which keeps a drawing of ten thousand nodes at about two megabytes.
    """
    joined, degree = _joined(nodes, pairs)
    spots = [places.get(node.iri, (0.0, 0.0)) for node in nodes]
    lines = "".join(
        f"M{spots[one][0]:.0f} {spots[one][1]:.0f}L{spots[other][0]:.0f} {spots[other][1]:.0f}" for one, other in joined
    )
    parts = [f'<path d="{lines}" stroke="#D5DBE1" stroke-width="0.6" fill="none"/>']
    for node, (x, y), ties in zip(nodes, spots, degree, strict=True):
        style = kind_style(node.kind)
        size = 1.5 + min(6.0, math.sqrt(ties) * 0.7)
        form = "dot" if style.shape in ROUND else "square"
        parts.append(shape(form, x, y, size, COLOURS[style.colour], outline=0.4))
    parts += _names(nodes, spots, degree)
    left, right = min(x for x, _ in spots), max(x for x, _ in spots)
    top, bottom = min(y for _, y in spots), max(y for _, y in spots)
    margin = 90
    return Drawing(left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin, "".join(parts))


def _names(nodes: Sequence[PictureNode], spots: Sequence[tuple[float, float]], degree: Sequence[int]) -> list[str]:
    """Write the names of the best tied nodes, none over another."""
    taken: list[tuple[float, float, float]] = []
    parts = []
    for at in sorted(range(len(nodes)), key=lambda at: (-degree[at], nodes[at].iri)):
        label = wrapped(nodes[at].label, 32, 1)
        (x, y), half = spots[at], size_of(label or " ", NAME)[0] / 2
        if any(abs(y - other_y) < NAME * 1.6 and abs(x - other_x) < half + other for other_x, other_y, other in taken):
            continue
        taken.append((x, y, half))
        parts.append(text_lines([label or "(no name)"], x, y - 9, size=NAME, halo=True))
        if len(parts) == MOST_NAMED:
            break
    return parts


def _joined(nodes: Sequence[PictureNode], pairs: Iterable[tuple[str, str]]) -> tuple[list[tuple[int, int]], list[int]]:
    """Return each pair of nodes once, by their numbers, and to how many others each node is tied."""
    number = {node.iri: at for at, node in enumerate(nodes)}
    found: dict[tuple[int, int], None] = {}
    degree = [0] * len(nodes)
    for source, target in pairs:
        one, other = sorted((number[source], number[target]))
        if one != other and (one, other) not in found:
            found[one, other] = None
            degree[one] += 1
            degree[other] += 1
    return list(found), degree
