"""Those without whom others would be cut off: articulation points, and whom each cuts off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx

from leedskg.analysis.ties import TieGraph

#: Rows of the table.
MOST_CUTS = 200


@dataclass(frozen=True)
class CutPoint:
    """An entity through which alone others are connected to the rest, and who they are."""

    iri: str
    cut_off: tuple[str, ...]


def cut_points(ties: TieGraph, most: int = MOST_CUTS) -> tuple[tuple[CutPoint, ...], int]:
    """The articulation points that cut off the most, each with whom; and how many such points there are in all.

    The rest is the largest of the parts that its removal leaves of its own component.
    """
    graph = ties.graph
    sizes = cut_off_by(graph)
    first = sorted(sizes, key=lambda point: (-sizes[point], point))[:most]
    found = []
    for point in first:
        cut_off = sorted(_cut_off(graph, point, sizes[point]))
        found.append(CutPoint(ties.names[point], tuple(ties.names[node] for node in cut_off)))
    return tuple(found), len(sizes)


def _cut_off(graph: nx.Graph[int], point: int, size: int) -> set[int]:
    """Whom a point cuts off, which are `size`: no part of them is larger, so one that grows beyond is the rest."""
    rest: set[int] = set()
    parts: list[set[int]] = []
    for first in sorted(graph[point]):
        if first in rest or any(first in part for part in parts):
            continue
        part, waiting, joins = {first}, [first], False
        while waiting and len(part) <= size and not joins:
            near = set(graph[waiting.pop()]) - part - {point}
            joins = not near.isdisjoint(rest)
            part |= near
            waiting.extend(near)
        if joins or len(part) > size:
            rest |= part
        else:
            parts.append(part)
    if not rest:  # all parts are small: the largest is the rest
        parts.remove(max(parts, key=lambda part: (len(part), -min(part))))
    return set().union(*parts)


def cut_off_by(graph: nx.Graph[int]) -> dict[int, int]:
    """How many each articulation point cuts off, in time with the size of the graph.

    Read from the tree of blocks and points (Harary 1969): a point's removal leaves one part for each of its blocks.
    """
    points = set(nx.articulation_points(graph))
    tree: nx.Graph[tuple[str, int]] = nx.Graph()
    own: dict[tuple[str, int], int] = {("point", point): 1 for point in points}
    blocks: Iterable[set[int]] = nx.biconnected_components(graph)  # type: ignore[assignment] # its stub is wrong
    for number, block in enumerate(blocks):
        own["block", number] = len(block - points)
        tree.add_edges_from((("block", number), ("point", point)) for point in block & points)
    found: dict[int, int] = {}
    for part in nx.connected_components(tree):
        root = min(part)
        order = list(nx.dfs_preorder_nodes(tree, root))
        parent: dict[tuple[str, int], tuple[str, int]] = {child: above for above, child in nx.dfs_edges(tree, root)}
        below = _below(order, parent, own)
        total = below[root]
        for each in part:
            if each[0] == "point":
                parts = [below[near] if near != parent.get(each) else total - below[each] for near in tree[each]]
                found[each[1]] = total - 1 - max(parts)
    return found


def _below(
    order: list[tuple[str, int]], parent: Mapping[tuple[str, int], tuple[str, int]], own: Mapping[tuple[str, int], int]
) -> dict[tuple[str, int], int]:
    """How many entities stand in each node of the tree and under it."""
    below = {each: own[each] for each in order}
    for each in reversed(order):
        if each in parent:
            below[parent[each]] += below[each]
    return below
