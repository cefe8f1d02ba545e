"""A picture as plain data, its lettering, and the lines that stand for all relationships of a pair."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from leedskg.kinds import KindStyle, kind_style

NODE_FONT = 14
LINE_FONT = 12
#: Height of a line of text as vis-network sets it, as a multiple of the font's size.
LEADING = 1.2
FACE = "system-ui, -apple-system, Segoe UI, Noto Sans, Liberation Sans, Arial, sans-serif"

INK = "#17212B"
INK_SOFT = "#4D5B69"
LINE_COLOUR = "#6F7D8A"
GROUND = "#FFFFFF"


def wrapped(text: str, width: int, lines: int) -> str:
    """Wrap a text into at most so many lines of so many letters, cut with an ellipsis."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …"))


def letters_in(width: float, font: float) -> int:
    """Return how many letters of common text fit into a width, on the safe side for the fonts of the page."""
    return max(8, int(width / (font * 0.57)))


def size_of(label: str, font: float) -> tuple[float, float]:
    """Return width and height of a label, on the safe side for the fonts of the page: letters are not measured here."""
    lines = label.split("\n")
    return max(sum(_letter_width(letter) for letter in line) for line in lines) * font, len(lines) * font * LEADING


def _letter_width(letter: str) -> float:
    """Return width of a letter as a part of the font's size, as in wide sans-serif fonts."""
    if letter in "iljtfrI.,:;'|()[]! ":
        return 0.38
    if letter in "mwMW@%…" or ord(letter) > 0x2E80:
        return 1.0
    return 0.72 if letter.isupper() else 0.6


#: Above this many nodes a picture of this kind cannot be read, and drawing it is slow.
NODE_LIMIT = 300
NODE_SIZE = 13


@dataclass(frozen=True)
class PictureNode:
    """An entity in a picture. `href` is the address of its page on this site; `size` is half of its shape's width.

    `facts` are for the files: names and values that the picture shows of it otherwise, such as a latitude.
    """

    iri: str
    label: str
    kind: str
    href: str = ""
    size: float = NODE_SIZE
    facts: tuple[tuple[str, str | float], ...] = ()


@dataclass(frozen=True)
class PictureEdge:
    """A relationship in a picture, read as source, words, target; a greater weight (0..1) makes a wider line.

    A mutual one, such as a partnership, gets no arrow. What stands after `mutual` is for the files: which relationship
    it is, when it held as EDTF dates where a source says so, and how sure it is (0..1).
    """

    source: str
    target: str
    words: str
    href: str = ""
    weight: float = 0.5
    mutual: bool = False
    iri: str = ""
    valid_from: str = ""
    valid_to: str = ""
    confidence: float | None = None


@dataclass(frozen=True)
class Picture:
    """A network ready to be shown, as plain data.

    `data` is what the page's script reads; `left_out` counts the nodes beyond the limit, which the page has to say.
    """

    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    data: Mapping[str, Any]
    left_out: int = 0
    #: What is in the picture, in words, where counting nodes and edges would mislead.
    told: str = ""

    @cached_property
    def legend(self) -> tuple[KindStyle, ...]:
        """The kinds in the picture, in the order of their first appearance."""
        return tuple(dict.fromkeys(kind_style(node.kind) for node in self.nodes))

    @property
    def summary(self) -> str:
        """What is in the picture, in words."""
        if self.told:
            return self.told
        nodes, edges = len(self.nodes), len(self.edges)
        bodies = f"{nodes} {'thing' if nodes == 1 else 'things'}"
        return f"{bodies} and {edges} {'relationship' if edges == 1 else 'relationships'} between them"

    def as_json(self) -> Markup:
        """Write the data for a script element."""
        return script_json(self.data)


def script_json(data: Any) -> Markup:
    """Write data as JSON for a script element: no character in it can end the element or open a comment."""
    text = json.dumps(data, separators=(",", ":"), sort_keys=True)
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 # escaped in the line above; everything beyond ASCII by json.dumps


def safe_address(href: str) -> str:
    """Return the address if it is a path on this site or a web address, else nothing: never a `javascript:` one."""
    if href.startswith("/") and not href.startswith(("//", "/\\")):
        return href
    return href if urlsplit(href).scheme in ("http", "https") else ""


LINE_LABEL_WIDTH = 16


@dataclass(frozen=True)
class DrawnTie:
    """All relationships of one pair of nodes, drawn as one line."""

    key: str
    one: str
    other: str
    edges: tuple[PictureEdge, ...]

    @property
    def label(self) -> str:
        """Its words, the first few of them."""
        words = list(dict.fromkeys(edge.words for edge in self.edges))
        shown = [wrapped(text, LINE_LABEL_WIDTH, 2) for text in words[:2]]
        return "\n".join([*shown, f"and {len(words) - 2} more"] if len(words) > 2 else shown)

    @property
    def width(self) -> float:
        """How wide its line is, in units of the drawing."""
        return round(1 + 2 * max(edge.weight for edge in self.edges), 2)

    def points_to(self, node: str) -> bool:
        """Return whether one of its relationships is read towards `node` and not back."""
        return any(edge.target == node and not edge.mutual for edge in self.edges)


def tied(edges: Sequence[PictureEdge]) -> list[DrawnTie]:
    """Return the lines of these relationships, in the order of their first."""
    pairs: dict[tuple[str, str], list[PictureEdge]] = {}
    for edge in edges:
        one, other = sorted((edge.source, edge.target))
        pairs.setdefault((one, other), []).append(edge)
    return [DrawnTie(f"line{at}", *pair, tuple(found)) for at, (pair, found) in enumerate(pairs.items())]


def within_limit(
    nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], first: Sequence[str]
) -> tuple[tuple[PictureNode, ...], tuple[PictureEdge, ...], int]:
    """Choose what to draw: nodes up to NODE_LIMIT with those in `first`, their edges, and how many nodes are left out.

    Addresses that a page must not link to are taken off. Raises ValueError for an edge or a first node that is not
    among the nodes: a bug in the caller.
    """
    by_iri = {node.iri: node for node in nodes}
    strangers = set(first).union(*((edge.source, edge.target) for edge in edges)) - by_iri.keys()
    if strangers:
        raise ValueError(f"not among the nodes of the picture: {', '.join(sorted(strangers))}")
    kept = set(list(dict.fromkeys([*first, *by_iri]))[:NODE_LIMIT])
    shown_nodes = tuple(replace(node, href=safe_address(node.href)) for iri, node in by_iri.items() if iri in kept)
    shown_edges = tuple(
        replace(edge, href=safe_address(edge.href))
        for edge in edges
        if edge.source in kept and edge.target in kept and edge.source != edge.target
    )
    return shown_nodes, shown_edges, len(by_iri) - len(kept)
