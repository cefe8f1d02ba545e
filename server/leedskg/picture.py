"""Pictures of networks: pyvis builds the network, positions are computed here, our own template and script show it.

pyvis writes pages that run script from labels and fetch from elsewhere, so its pages are not used: only its network,
as data. A picture says nothing that the list beside it does not say.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup

from leedskg.kinds import COLOURS, KindStyle, kind_style
from leedskg.layout import Box, Layers, Line, layered, place

if TYPE_CHECKING:
    from pyvis.network import Network

#: Above this many nodes a picture of this kind cannot be read, and drawing it is slow.
NODE_LIMIT = 300

NODE_SIZE = 13
NODE_FONT = 14
LINE_FONT = 12
#: Height of a line of text as vis-network sets it, as a multiple of the font's size.
LEADING = 1.2
#: Letters in a line of a node's label, and lines: on a wide page and on a narrow one.
NODE_LABEL = {"wide": (21, 3), "tall": (14, 4)}
LINE_LABEL_WIDTH = 16
FACE = "system-ui, -apple-system, Segoe UI, Noto Sans, Liberation Sans, Arial, sans-serif"

INK = "#17212B"
INK_SOFT = "#4D5B69"
LINE_COLOUR = "#6F7D8A"
GROUND = "#FFFFFF"


@dataclass(frozen=True)
class PictureNode:
    """An entity in a picture. `href` is the address of its page on this site."""

    iri: str
    label: str
    kind: str
    href: str = ""


@dataclass(frozen=True)
class PictureEdge:
    """A relationship in a picture, read as source, words, target; a greater weight (0..1) makes a wider line.

    A mutual one, such as a partnership, gets no arrow.
    """

    source: str
    target: str
    words: str
    href: str = ""
    weight: float = 0.5
    mutual: bool = False


@dataclass(frozen=True)
class Picture:
    """A network ready to be shown, as plain data.

    `data` is what the page's script reads; `left_out` counts the nodes beyond the limit, which the page has to say.
    """

    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    data: Mapping[str, Any]
    left_out: int = 0

    @cached_property
    def legend(self) -> tuple[KindStyle, ...]:
        """The kinds in the picture, in the order of their first appearance."""
        return tuple(dict.fromkeys(kind_style(node.kind) for node in self.nodes))

    @property
    def summary(self) -> str:
        """What is in the picture, in words."""
        nodes, edges = len(self.nodes), len(self.edges)
        bodies = f"{nodes} {'thing' if nodes == 1 else 'things'}"
        return f"{bodies} and {edges} {'relationship' if edges == 1 else 'relationships'} between them"

    def as_json(self) -> Markup:
        """The data for a script element: no character in it can end the element or open a comment."""
        text = json.dumps(self.data, separators=(",", ":"), sort_keys=True)
        for character in "<>&'":
            text = text.replace(character, f"\\u{ord(character):04x}")
        return Markup(text)  # noqa: S704 # escaped in the line above; everything beyond ASCII by json.dumps


@dataclass(frozen=True)
class _Tie:
    """All relationships of one pair of nodes, drawn as one line so that none hides another."""

    key: str
    one: str
    other: str
    edges: tuple[PictureEdge, ...]

    @property
    def label(self) -> str:
        """Its words, the first few of them."""
        words = list(dict.fromkeys(edge.words for edge in self.edges))
        shown = [_wrapped(text, LINE_LABEL_WIDTH, 2) for text in words[:2]]
        return "\n".join([*shown, f"and {len(words) - 2} more"] if len(words) > 2 else shown)

    def points_to(self, node: str) -> bool:
        """Whether one of its relationships is read towards `node` and not back."""
        return any(edge.target == node and not edge.mutual for edge in self.edges)


def draw_routes(nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], start: str, end: str) -> Picture:
    """Routes from `start` to `end`, laid out in layers from one to the other.

    Positions come in two versions, for a wide and for a narrow page. Beyond NODE_LIMIT nodes the first are drawn, with
    both ends, and the picture's `left_out` says how many are missing. Raises ValueError for an edge or an end that is
    not among the nodes: a bug in the caller.
    """
    by_iri = {node.iri: node for node in nodes}
    strangers = {start, end}.union(*((edge.source, edge.target) for edge in edges)) - by_iri.keys()
    if strangers:
        raise ValueError(f"not among the nodes of the picture: {', '.join(sorted(strangers))}")
    kept = set(list(dict.fromkeys([start, end, *by_iri]))[:NODE_LIMIT])
    shown_nodes = tuple(replace(node, href=_safe_address(node.href)) for iri, node in by_iri.items() if iri in kept)
    shown_edges = tuple(
        replace(edge, href=_safe_address(edge.href))
        for edge in edges
        if edge.source in kept and edge.target in kept and edge.source != edge.target
    )
    ties = _ties(shown_edges)
    lines = [Line(tie.key, tie.one, tie.other, *_size(tie.label, LINE_FONT)) for tie in ties]
    layers = layered([node.iri for node in shown_nodes], lines, start, end)
    network = _network(shown_nodes, ties, layers, ends=(start, end))
    data = {
        "nodes": network.nodes,
        "edges": network.edges,
        "options": network.options,
        "layouts": {
            "wide": _layout(shown_nodes, lines, layers, "wide"),
            "tall": _layout(shown_nodes, lines, layers, "tall"),
        },
        "details": _details(shown_nodes, ties),
    }
    return Picture(shown_nodes, shown_edges, data, left_out=len(by_iri) - len(kept))


def _network(nodes: Sequence[PictureNode], ties: Sequence[_Tie], layers: Layers, ends: tuple[str, str]) -> Network:
    from pyvis.network import Network  # noqa: PLC0415 # it imports IPython: a quarter of a second, only when drawing

    network = Network(directed=True)
    network.options = _options()
    for node in nodes:
        style, at_end = kind_style(node.kind), node.iri in ends
        network.add_node(
            node.iri,
            label=node.label or "(no name)",
            shape=style.shape,
            color={"background": COLOURS[style.colour], "border": INK},
            borderWidth=3 if at_end else 1,
            size=NODE_SIZE,
        )
    for tie in ties:
        path = layers.paths[tie.key]
        # The words are a node of their own: vis-network draws nodes over lines, and a line's label under later lines.
        network.add_node(f"{tie.key}/words", label=tie.label, shape="text", color=None, font=_font(LINE_FONT, INK_SOFT))
        for bend in path[1:-1]:
            network.add_node(
                bend, label=" ", shape="dot", color=None, size=0, borderWidth=0, font={"background": "none"}
            )
        to_first, to_last = tie.points_to(path[0]), tie.points_to(path[-1])
        stretches = list(pairwise(path))
        for at, stretch in enumerate(stretches):
            heads = ["from"] * (to_first and at == 0) + ["to"] * (to_last and stretch is stretches[-1])
            width = round(1 + 2 * max(edge.weight for edge in tie.edges), 2)
            network.add_edge(*stretch, id=f"{tie.key}.{at}", arrows=" ".join(heads), width=width)
    return network


def _options() -> dict[str, Any]:
    """vis-network's options. It moves nothing by itself: no physics, no animation, no tooltips."""
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
            "smooth": {"enabled": True, "type": "cubicBezier", "roundness": 0.4},
        },
    }


def _font(size: int, colour: str) -> dict[str, Any]:
    """A font whose letters stand on white, so that a line behind them does not cross them out."""
    return {"face": FACE, "size": size, "color": colour, "background": GROUND}


def _layout(nodes: Sequence[PictureNode], lines: Sequence[Line], layers: Layers, name: str) -> dict[str, Any]:
    labels = {node.iri: _wrapped(node.label, *NODE_LABEL[name]) or "(no name)" for node in nodes}
    boxes = {}
    for iri, label in labels.items():
        width, height = _size(label, NODE_FONT)
        boxes[iri] = Box(max(width, 2 * NODE_SIZE), NODE_SIZE, NODE_SIZE + height + 2)
    placement = place(layers, boxes, lines, wide=name == "wide")
    centres = {**placement.positions, **{f"{key}/words": centre for key, centre in placement.labels.items()}}
    return {
        "direction": "horizontal" if name == "wide" else "vertical",
        "frame": [round(side, 1) for side in (placement.left, placement.top, placement.width, placement.height)],
        "labels": labels,
        "positions": {node: [round(x, 1), round(y, 1)] for node, (x, y) in centres.items()},
    }


def _details(nodes: Sequence[PictureNode], ties: Sequence[_Tie]) -> dict[str, Any]:
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
    }


def _ties(edges: Sequence[PictureEdge]) -> list[_Tie]:
    pairs: dict[tuple[str, str], list[PictureEdge]] = {}
    for edge in edges:
        one, other = sorted((edge.source, edge.target))
        pairs.setdefault((one, other), []).append(edge)
    return [_Tie(f"line{at}", *pair, tuple(tied)) for at, (pair, tied) in enumerate(pairs.items())]


def _wrapped(text: str, width: int, lines: int) -> str:
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …"))


def _size(label: str, font: float) -> tuple[float, float]:
    """Width and height of a label, on the safe side for the fonts of the page: letters are not measured here."""
    lines = label.split("\n")
    return max(sum(_letter_width(letter) for letter in line) for line in lines) * font, len(lines) * font * LEADING


def _letter_width(letter: str) -> float:
    """Width of a letter as a part of the font's size, as in wide sans-serif fonts."""
    if letter in "iljtfrI.,:;'|()[]! ":
        return 0.38
    if letter in "mwMW@%…" or ord(letter) > 0x2E80:
        return 1.0
    return 0.72 if letter.isupper() else 0.6


def _safe_address(href: str) -> str:
    """The address if it is a path on this site or a web address, else nothing: never a `javascript:` one."""
    if href.startswith("/") and not href.startswith(("//", "/\\")):
        return href
    return href if urlsplit(href).scheme in ("http", "https") else ""
