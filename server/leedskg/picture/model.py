"""A picture as plain data: what is in it, and what the page's script reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from leedskg.kinds import KindStyle, kind_style

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
        """The data for a script element."""
        return script_json(self.data)


def script_json(data: Any) -> Markup:
    """Data as JSON for a script element: no character in it can end the element or open a comment."""
    text = json.dumps(data, separators=(",", ":"), sort_keys=True)
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 # escaped in the line above; everything beyond ASCII by json.dumps


def safe_address(href: str) -> str:
    """The address if it is a path on this site or a web address, else nothing: never a `javascript:` one."""
    if href.startswith("/") and not href.startswith(("//", "/\\")):
        return href
    return href if urlsplit(href).scheme in ("http", "https") else ""
