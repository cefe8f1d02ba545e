"""Pictures of any network: what is tied stands near, around a middle if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leedskg.layout import Body, spread_out
from leedskg.picture import vis
from leedskg.picture.lettering import LINE_FONT, NODE_FONT, size_of, wrapped
from leedskg.picture.model import Picture, PictureEdge, PictureNode
from leedskg.picture.ties import Tie, tied, within_limit

#: Letters in a line of a node's label, lines, and width over height: on a wide page and on a narrow one.
SHAPES = {"wide": (20, 3, 1.7), "tall": (14, 4, 0.6)}
#: More lines than these carry no words: the reader asks a line, or reads the table.
MOST_WORDED = 70


def draw_freely(nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], middle: str = "") -> Picture:
    """A network, its words on the lines while there are no more than MOST_WORDED of them.

    Positions come in two versions, for a wide and for a narrow page. Beyond NODE_LIMIT nodes the first are drawn, and
    the picture's `left_out` says how many are missing. Raises ValueError for an edge or a middle that is not among the
    nodes: a bug in the caller.
    """
    shown_nodes, shown_edges, left_out = within_limit(nodes, edges, (middle,) if middle else ())
    ties = tied(shown_edges)
    worded = len(ties) <= MOST_WORDED
    paths = {tie.key: [tie.one, *([f"{tie.key}/words"] if worded else []), tie.other] for tie in ties}
    network = vis.network(shown_nodes, ties, paths, (middle,), curved=False)
    data = {
        "nodes": network.nodes,
        "edges": network.edges,
        "options": network.options,
        "layouts": {name: _layout(shown_nodes, ties, name, middle, worded=worded) for name in SHAPES},
        "details": vis.details(shown_nodes, ties),
    }
    return Picture(shown_nodes, shown_edges, data, left_out)


def _layout(
    nodes: Sequence[PictureNode], ties: Sequence[Tie], name: str, middle: str, *, worded: bool
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
    left = min(x - bodies[each].width / 2 for each, (x, _) in places.items())
    right = max(x + bodies[each].width / 2 for each, (x, _) in places.items())
    top = min(y - bodies[each].above for each, (_, y) in places.items())
    bottom = max(y + bodies[each].below for each, (_, y) in places.items())
    return {
        "direction": name,
        "frame": [round(side, 1) for side in (left, top, right - left, bottom - top)],
        "labels": labels,
        "positions": {each: [round(x, 1), round(y, 1)] for each, (x, y) in places.items()},
    } | ({"middle": middle} if middle else {})
