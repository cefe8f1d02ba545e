"""Pictures of routes: layers from one end to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leedskg.layout import Box, Layers, Line, layered, place
from leedskg.picture import vis
from leedskg.picture.lettering import LINE_FONT, NODE_FONT, size_of, wrapped
from leedskg.picture.model import NODE_SIZE, Picture, PictureEdge, PictureNode
from leedskg.picture.ties import tied, within_limit

#: Letters in a line of a node's label, and lines: on a wide page and on a narrow one.
NODE_LABEL = {"wide": (21, 3), "tall": (14, 4)}


def draw_routes(nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], start: str, end: str) -> Picture:
    """Routes from `start` to `end`, laid out in layers from one to the other.

    Positions come in two versions, for a wide and for a narrow page. Beyond NODE_LIMIT nodes the first are drawn, with
    both ends, and the picture's `left_out` says how many are missing. Raises ValueError for an edge or an end that is
    not among the nodes: a bug in the caller.
    """
    shown_nodes, shown_edges, left_out = within_limit(nodes, edges, (start, end))
    ties = tied(shown_edges)
    lines = [Line(tie.key, tie.one, tie.other, *size_of(tie.label, LINE_FONT)) for tie in ties]
    layers = layered([node.iri for node in shown_nodes], lines, start, end)
    network = vis.network(shown_nodes, ties, layers.paths, (start, end), curved=True)
    data = {
        "nodes": network.nodes,
        "edges": network.edges,
        "options": network.options,
        "layouts": {
            "wide": _layout(shown_nodes, lines, layers, "wide"),
            "tall": _layout(shown_nodes, lines, layers, "tall"),
        },
        "details": vis.details(shown_nodes, ties),
    }
    return Picture(shown_nodes, shown_edges, data, left_out)


def _layout(nodes: Sequence[PictureNode], lines: Sequence[Line], layers: Layers, name: str) -> dict[str, Any]:
    labels = {node.iri: wrapped(node.label, *NODE_LABEL[name]) or "(no name)" for node in nodes}
    boxes = {}
    for iri, label in labels.items():
        width, height = size_of(label, NODE_FONT)
        boxes[iri] = Box(max(width, 2 * NODE_SIZE), NODE_SIZE, NODE_SIZE + height + 2)
    placement = place(layers, boxes, lines, wide=name == "wide")
    centres = {**placement.positions, **{f"{key}/words": centre for key, centre in placement.labels.items()}}
    return {
        "direction": "horizontal" if name == "wide" else "vertical",
        "frame": [round(side, 1) for side in (placement.left, placement.top, placement.width, placement.height)],
        "labels": labels,
        "positions": {node: [round(x, 1), round(y, 1)] for node, (x, y) in centres.items()},
    }
