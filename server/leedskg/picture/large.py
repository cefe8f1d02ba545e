"""Pictures of more nodes than pyvis draws: what sigma needs, as small as it can be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from leedskg.kinds import COLOURS, kind_style
from leedskg.picture.model import PictureEdge, PictureNode, safe_address


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
            {"words": kind, "colour": COLOURS[kind_style(kind).colour], "shape": kind_style(kind).shape}
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
