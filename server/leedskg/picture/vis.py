"""A picture as pyvis has it: its network as data, with vis-network's options. Its pages are not used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from leedskg.kinds import COLOURS, kind_style
from leedskg.picture.lettering import FACE, GROUND, INK, INK_SOFT, LINE_COLOUR, LINE_FONT, NODE_FONT
from leedskg.picture.model import PictureNode
from leedskg.picture.ties import Tie

if TYPE_CHECKING:
    from pyvis.network import Network


def network(
    nodes: Sequence[PictureNode],
    ties: Sequence[Tie],
    paths: Mapping[str, Sequence[str]],
    marked: Iterable[str],
    *,
    curved: bool,
) -> Network:
    """The network: `paths` gives the nodes that each line runs through, `marked` nodes have a stronger outline.

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


def details(nodes: Sequence[PictureNode], ties: Sequence[Tie]) -> dict[str, Any]:
    """What the page says when a node or a line is chosen: every relationship in words, with its address."""
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
    """vis-network's options. It moves nothing by itself: no physics, no animation, no tooltips."""
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
    """A font whose letters stand on white, so that a line behind them does not cross them out."""
    return {"face": FACE, "size": size, "color": colour, "background": GROUND}
