"""All relationships of a pair as one line of a picture, so that none hides another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leedskg.picture.lettering import wrapped
from leedskg.picture.model import NODE_LIMIT, PictureEdge, PictureNode, safe_address

LINE_LABEL_WIDTH = 16


@dataclass(frozen=True)
class Tie:
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
        """Whether one of its relationships is read towards `node` and not back."""
        return any(edge.target == node and not edge.mutual for edge in self.edges)


def tied(edges: Sequence[PictureEdge]) -> list[Tie]:
    """The lines of these relationships, in the order of their first."""
    pairs: dict[tuple[str, str], list[PictureEdge]] = {}
    for edge in edges:
        one, other = sorted((edge.source, edge.target))
        pairs.setdefault((one, other), []).append(edge)
    return [Tie(f"line{at}", *pair, tuple(found)) for at, (pair, found) in enumerate(pairs.items())]


def within_limit(
    nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], first: Sequence[str]
) -> tuple[tuple[PictureNode, ...], tuple[PictureEdge, ...], int]:
    """What of a network is drawn: nodes up to NODE_LIMIT with those in `first`, their edges, and how many are left out.

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
