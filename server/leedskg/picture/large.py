"""Pictures of more nodes than pyvis draws: what sigma needs, as small as it can be sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leedskg.kinds import COLOURS, kind_style
from leedskg.picture.model import PictureEdge, PictureNode, safe_address


@dataclass(frozen=True)
class Look:
    """How sigma draws some kinds: round or square, and a colour of the palette; what it has no other shapes for."""

    round: bool
    colour: str
    kinds: tuple[str, ...]


#: Shapes that are drawn round; all others are drawn square.
ROUND = ("dot", "hexagon", "star")


def looks(kinds: Iterable[str]) -> list[Look]:
    """The legend of a large picture."""
    found: dict[tuple[bool, str], list[str]] = {}
    for kind in kinds:
        style = kind_style(kind)
        found.setdefault((style.shape in ROUND, style.colour), []).append(kind)
    return [Look(*look, tuple(alike)) for look, alike in sorted(found.items(), reverse=True)]


def large_data(
    nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], places: Mapping[str, tuple[float, float]]
) -> str:
    """The network as JSON in columns: nodes by number, with their kinds; each pair of nodes once.

    Labels and addresses are texts for a canvas and for `textContent`; nothing in them is markup to the script.
    """
    number = {node.iri: at for at, node in enumerate(nodes)}
    kinds = list(dict.fromkeys(node.kind for node in nodes))
    degree = dict.fromkeys(number, 0)
    pairs: dict[tuple[int, int], None] = {}
    for edge in edges:
        one, other = number[edge.source], number[edge.target]
        if one != other and (min(one, other), max(one, other)) not in pairs:
            pairs[min(one, other), max(one, other)] = None
            degree[edge.source] += 1
            degree[edge.target] += 1
    data = {
        "kinds": [
            {"words": kind, "colour": COLOURS[kind_style(kind).colour], "round": kind_style(kind).shape in ROUND}
            for kind in kinds
        ],
        "x": [round(places.get(node.iri, (0.0, 0.0))[0], 1) for node in nodes],
        "y": [round(places.get(node.iri, (0.0, 0.0))[1], 1) for node in nodes],
        "kind": [kinds.index(node.kind) for node in nodes],
        "ties": [degree[node.iri] for node in nodes],
        "label": [node.label for node in nodes],
        "href": [safe_address(node.href) for node in nodes],
        "pairs": [end for pair in pairs for end in pair],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
