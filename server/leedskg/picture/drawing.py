"""Pictures of any network, spread out around a middle, and of routes, in layers from one end to the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from leedskg.kinds import COLOURS, kind_style
from leedskg.layout import Body, Box, LayeredLine, Layers, layered, place, spread_out
from leedskg.picture.model import (
    FACE,
    GROUND,
    INK,
    INK_SOFT,
    LINE_COLOUR,
    LINE_FONT,
    NODE_FONT,
    NODE_SIZE,
    DrawnTie,
    Picture,
    PictureEdge,
    PictureNode,
    size_of,
    tied,
    within_limit,
    wrapped,
)

if TYPE_CHECKING:
    from pyvis.network import Network


def vis_network(
    nodes: Sequence[PictureNode],
    ties: Sequence[DrawnTie],
    paths: Mapping[str, Sequence[str]],
    marked: Iterable[str],
    *,
    curved: bool,
) -> Network:
    """Build the network: `paths` gives the nodes that each line runs through, `marked` nodes have a stronger outline.

    A path may run through the node of the line's words, `{key}/words`, and through bends.
    """
    from pyvis.network import Network  # noqa: PLC0415 # it imports IPython: a quarter of a second, only when drawing

    made, outlined = Network(directed=True), set(marked)
    made.options = _options(curved=curved)
    for node in nodes:
        style = kind_style(node.kind)
        made.add_node(
            node.iri,
            label=node.label or "(no name)",
            shape=style.shape,
            color={"background": COLOURS[style.colour], "border": INK},
            borderWidth=3 if node.iri in outlined else 1,
            size=node.size,
        )
    for tie in ties:
        path = paths[tie.key]
        words = f"{tie.key}/words"
        if curved or words in path:
            # The words are a node of their own: vis-network draws nodes over lines, and line labels below.
            made.add_node(words, label=tie.label, shape="text", color=None, font=_font(LINE_FONT, INK_SOFT))
        for bend in path[1:-1]:
            if bend != words:
                made.add_node(
                    bend, label=" ", shape="dot", color=None, size=0, borderWidth=0, font={"background": "none"}
                )
        to_first, to_last = tie.points_to(path[0]), tie.points_to(path[-1])
        stretches = list(pairwise(path))
        for at, stretch in enumerate(stretches):
            heads = ["from"] * (to_first and at == 0) + ["to"] * (to_last and stretch is stretches[-1])
            made.add_edge(*stretch, id=f"{tie.key}.{at}", arrows=" ".join(heads), width=tie.width)
    return made


def details(nodes: Sequence[PictureNode], ties: Sequence[DrawnTie]) -> dict[str, Any]:
    """Return what the page says when a node or a line is chosen: every relationship in words, with its address."""
    label = {node.iri: node.label for node in nodes}
    return {
        "nodes": {node.iri: {"label": node.label, "kind": node.kind, "href": node.href} for node in nodes},
        "lines": {
            tie.key: [
                {"source": label[edge.source], "words": edge.words, "target": label[edge.target], "href": edge.href}
                for edge in tie.edges
            ]
            for tie in ties
        },
        "ends": {tie.key: [tie.one, tie.other] for tie in ties},
    }


def _options(*, curved: bool) -> dict[str, Any]:
    """Return vis-network's options. It moves nothing by itself: no physics, no animation, no tooltips."""
    smooth: dict[str, Any] = {"enabled": curved, "type": "cubicBezier", "roundness": 0.4}
    return {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "interaction": {"dragNodes": False, "hover": True, "keyboard": False, "zoomView": False},
        "nodes": {"font": _font(NODE_FONT, INK), "labelHighlightBold": False},
        "edges": {
            "arrows": {"to": {"scaleFactor": 0.6}, "from": {"scaleFactor": 0.6}},
            "arrowStrikethrough": False,
            "color": {"color": LINE_COLOUR, "highlight": COLOURS["navy"], "hover": COLOURS["navy"], "inherit": False},
            "hoverWidth": 0,
            "selectionWidth": 1,
            "smooth": smooth,
        },
    }


def _font(size: int, colour: str) -> dict[str, Any]:
    """Return a font whose letters stand on white, so that a line behind them does not cross them out."""
    return {"face": FACE, "size": size, "color": colour, "background": GROUND}


#: Letters in a line of a node's label, lines, and width over height: on a wide page and on a narrow one.
SHAPES = {"wide": (20, 3, 1.7), "tall": (14, 4, 0.6)}
#: More lines than these carry no words: the reader asks a line, or reads the table.
MOST_WORDED = 70


def draw_freely(nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], middle: str = "") -> Picture:
    """Draw a network, its words on the lines while there are no more than MOST_WORDED of them.

    Positions come in two versions, for a wide and for a narrow page. Beyond NODE_LIMIT nodes the first are drawn, and
    the picture's `left_out` says how many are missing. Raises ValueError for an edge or a middle that is not among the
    nodes: a bug in the caller.
    """
    shown_nodes, shown_edges, left_out = within_limit(nodes, edges, (middle,) if middle else ())
    ties = tied(shown_edges)
    worded = len(ties) <= MOST_WORDED
    paths = {tie.key: [tie.one, *([f"{tie.key}/words"] if worded else []), tie.other] for tie in ties}
    network = vis_network(shown_nodes, ties, paths, (middle,), curved=False)
    data = {
        "nodes": network.nodes,
        "edges": network.edges,
        "options": network.options,
        "layouts": {name: _layout(shown_nodes, ties, name, middle, worded=worded) for name in SHAPES},
        "details": details(shown_nodes, ties),
    }
    return Picture(shown_nodes, shown_edges, data, left_out)


def _layout(
    nodes: Sequence[PictureNode], ties: Sequence[DrawnTie], name: str, middle: str, *, worded: bool
) -> dict[str, Any]:
    letters, lines, aspect = SHAPES[name]
    labels = {node.iri: wrapped(node.label, letters, lines) or "(no name)" for node in nodes}
    bodies: dict[str, Body] = {}
    for node in nodes:
        width, height = size_of(labels[node.iri], NODE_FONT)
        bodies[node.iri] = Body(max(width, 2 * node.size), node.size, node.size + height + 4)
    words_of: dict[str, tuple[str, str]] = {}
    if worded:
        for tie in ties:
            words = f"{tie.key}/words"
            width, height = size_of(tie.label, LINE_FONT)
            bodies[words] = Body(width, height / 2, height / 2)
            words_of[words] = (tie.one, tie.other)
    pairs = [(tie.one, tie.other) for tie in ties]
    places = spread_out(bodies, pairs, middle, between=words_of, aspect=aspect)
    left = min((x - bodies[each].width / 2 for each, (x, _) in places.items()), default=0.0)
    right = max((x + bodies[each].width / 2 for each, (x, _) in places.items()), default=0.0)
    top = min((y - bodies[each].above for each, (_, y) in places.items()), default=0.0)
    bottom = max((y + bodies[each].below for each, (_, y) in places.items()), default=0.0)
    return {
        "direction": name,
        "frame": [round(side, 1) for side in (left, top, right - left, bottom - top)],
        "labels": labels,
        "positions": {each: [round(x, 1), round(y, 1)] for each, (x, y) in places.items()},
    } | ({"middle": middle} if middle else {})


#: Letters in a line of a node's label, and lines: on a wide page and on a narrow one.
NODE_LABEL = {"wide": (21, 3), "tall": (14, 4)}


def draw_routes(nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], start: str, end: str) -> Picture:
    """Return routes from `start` to `end`, laid out in layers from one to the other.

    Positions come in two versions, for a wide and for a narrow page. Beyond NODE_LIMIT nodes the first are drawn, with
    both ends, and the picture's `left_out` says how many are missing. Raises ValueError for an edge or an end that is
    not among the nodes: a bug in the caller.
    """
    shown_nodes, shown_edges, left_out = within_limit(nodes, edges, (start, end))
    ties = tied(shown_edges)
    lines = [LayeredLine(tie.key, tie.one, tie.other, *size_of(tie.label, LINE_FONT)) for tie in ties]
    layers = layered([node.iri for node in shown_nodes], lines, start, end)
    network = vis_network(shown_nodes, ties, layers.paths, (start, end), curved=True)
    data = {
        "nodes": network.nodes,
        "edges": network.edges,
        "options": network.options,
        "layouts": {
            "wide": _route_layout(shown_nodes, lines, layers, "wide"),
            "tall": _route_layout(shown_nodes, lines, layers, "tall"),
        },
        "details": details(shown_nodes, ties),
    }
    return Picture(shown_nodes, shown_edges, data, left_out)


def _route_layout(
    nodes: Sequence[PictureNode], lines: Sequence[LayeredLine], layers: Layers, name: str
) -> dict[str, Any]:
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
