"""Brokers, and those without whom others would be cut off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx
import rustworkx as rx

from leedskg.analysis.ties import TieGraph

#: Entities times ties up to which betweenness is exact, which takes time with just that: some 20 s of one processor.
EXACT_UP_TO = 400_000_000
#: Beyond, it is estimated from so many starting points (Brandes and Pich 2007): as many as take about as long.
_FEWEST_STARTS, _MOST_STARTS, _WORK = 20, 500, 20_000_000
#: Rows of the table.
MOST_BROKERS = 50
#: Digits that are kept of a share: threads add up in any order, and the last digits of a sum tell it.
_DIGITS = 12


@dataclass(frozen=True)
class Broker:
    """An entity between others.

    `share` is betweenness (Freeman 1977), normalised: summed over all other pairs, the part of their shortest ways
    that lead through it, as a part of the number of pairs, from 0 to 1. `constraint` is how far its contacts are tied
    to each other already (Burt 1992): the lower, the more it alone brings them together.
    """

    iri: str
    share: float
    constraint: float
    contacts: int


def brokers(ties: TieGraph, most: int = MOST_BROKERS, exact_up_to: int = EXACT_UP_TO) -> tuple[tuple[Broker, ...], int]:
    """Return the entities with the greatest betweenness, and from how many starting points it is estimated (0: exact).

    Those that no shortest way leads through are left out.
    """
    graph = ties.graph
    between, starts = _betweenness(graph, exact_up_to)
    first = sorted((node for node, share in between.items() if share > 0), key=lambda node: (-between[node], node))
    return tuple(
        Broker(ties.names[node], between[node], constraint(graph, node), len(graph[node])) for node in first[:most]
    ), starts


def _betweenness(graph: nx.Graph[int], exact_up_to: int) -> tuple[dict[int, float], int]:
    size = len(graph) + graph.number_of_edges()
    if len(graph) * graph.number_of_edges() <= exact_up_to:
        plain: rx.PyGraph[None, None] = rx.PyGraph()
        plain.add_nodes_from([None] * len(graph))  # the nodes of a TieGraph are numbers from 0 on
        plain.add_edges_from_no_data(list(graph.edges()))
        found, starts = dict(rx.betweenness_centrality(plain).items()), 0
    else:
        starts = min(len(graph), _MOST_STARTS, max(_FEWEST_STARTS, _WORK // size))
        found = nx.betweenness_centrality(graph, k=starts, normalized=True, seed=0)
    return {node: round(share, _DIGITS) for node, share in found.items()}, starts


def constraint(graph: nx.Graph[int], node: int) -> float:
    """Return Burt's constraint of a node with contacts, each of which counts alike: between 0 and 9/8.

    networkx has it too, at a cost that grows with the cube of the contacts: minutes for a body with a few hundred.
    """
    contacts = graph.adj[node]
    share = 1 / len(contacts)
    invested = dict.fromkeys(contacts, share)
    for contact in contacts:
        theirs = graph.adj[contact]
        fewer, more = (contacts, theirs) if len(contacts) < len(theirs) else (theirs, contacts)
        for other in fewer:
            if other in more:
                invested[other] += share / len(theirs)
    return sum(value * value for value in invested.values())


#: Rows of the table.
MOST_CUTS = 200


@dataclass(frozen=True)
class CutPoint:
    """An entity through which alone others are connected to the rest, and who they are."""

    iri: str
    cut_off: tuple[str, ...]


def cut_points(ties: TieGraph, most: int = MOST_CUTS) -> tuple[tuple[CutPoint, ...], int]:
    """Return the articulation points that cut off the most, each with whom, and how many such points there are in all.

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
    """Find whom a point cuts off, which are `size`: no part of them is larger, so one that grows beyond is the rest."""
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
    """Return how many each articulation point cuts off, in time with the size of the graph.

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
    """Return how many entities stand in each node of the tree and under it."""
    below = {each: own[each] for each in order}
    for each in reversed(order):
        if each in parent:
            below[parent[each]] += below[each]
    return below
