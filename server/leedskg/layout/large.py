"""Places for some ten thousand nodes: communities apart from each other, members within, in seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import networkx as nx

from leedskg.layout.free import Body, spread_out

#: Members of a community that springs still place; of a larger one the best tied stand in the middle of a spiral.
MOST_SPRUNG = 450
#: Communities that springs place among each other; the rest, which are small, stand around them.
MOST_APART = 250
#: Room for a node, and turns of the golden angle, which fills a disc evenly (Vogel 1979).
ROOM = 12.0
GOLDEN = math.pi * (3 - math.sqrt(5))
ROUNDS = 30


def by_communities(graph: nx.Graph[str], communities: Sequence[Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Places for every node of a graph, each community in a disc of its own; the rest on a ring around all.

    The same graph and communities have the same places. Takes time with the square of the largest community that
    springs place, and in proportion to everything else.
    """
    groups = [list(group) for group in communities]
    group_of = {node: at for at, group in enumerate(groups) for node in group}
    loose = sorted(node for node in graph if node not in group_of)
    middles = _apart(graph, groups, group_of)
    places: dict[str, tuple[float, float]] = {}
    for (x, y), group in zip(middles, groups, strict=True):
        radius = _radius(len(group))
        within = _within(graph, group)
        places |= {node: (x + radius * at_x, y + radius * at_y) for node, (at_x, at_y) in within.items()}
    far = max((math.hypot(x, y) for x, y in places.values()), default=0.0) + 4 * ROOM
    for at, node in enumerate(loose):
        reach = math.sqrt(far**2 + at * ROOM**2 * 2)
        places[node] = (reach * math.cos(at * GOLDEN), reach * math.sin(at * GOLDEN))
    return places


def _radius(members: int) -> float:
    return ROOM * math.sqrt(members)


def _apart(
    graph: nx.Graph[str], groups: Sequence[Sequence[str]], group_of: dict[str, int]
) -> list[tuple[float, float]]:
    """The middle of each community: those that are tied stand near, and no disc overlaps another."""
    pairs = {
        (min(one, other), max(one, other))
        for one, other in ((group_of.get(source, -1), group_of.get(target, -1)) for source, target in graph.edges())
        if one != other and one >= 0 and other >= 0
    }
    first = groups[:MOST_APART]
    bodies = {
        str(at): Body(2 * _radius(len(group)), _radius(len(group)), _radius(len(group)))
        for at, group in enumerate(first)
    }
    tied = [(str(one), str(other)) for one, other in sorted(pairs) if max(one, other) < len(first)]
    placed = spread_out(bodies, tied, "0" if first else "")
    middles = [placed[str(at)] for at in range(len(first))]
    centre_x = (min(x for x, _ in middles) + max(x for x, _ in middles)) / 2 if middles else 0.0
    centre_y = (min(y for _, y in middles) + max(y for _, y in middles)) / 2 if middles else 0.0
    middles = [(x - centre_x, y - centre_y) for x, y in middles]
    far = max(
        (math.hypot(x, y) + _radius(len(group)) for (x, y), group in zip(middles, first, strict=True)), default=0.0
    )
    covered = far**2
    for at, group in enumerate(groups[MOST_APART:]):
        covered += (2 * _radius(len(group)) + ROOM) ** 2
        reach = math.sqrt(covered)
        middles.append((reach * math.cos(at * GOLDEN), reach * math.sin(at * GOLDEN)))
    return middles


def _within(graph: nx.Graph[str], group: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Places in a disc of radius 1."""
    if len(group) > MOST_SPRUNG:
        ordered = sorted(group, key=lambda node: (-graph.degree[node], node))
        reach = [math.sqrt((at + 0.5) / len(ordered)) for at in range(len(ordered))]
        return {
            node: (reach[at] * math.cos(at * GOLDEN), reach[at] * math.sin(at * GOLDEN))
            for at, node in enumerate(ordered)
        }
    inside: nx.Graph[str] = nx.Graph()
    inside.add_nodes_from(sorted(group))
    inside.add_edges_from(sorted((min(pair), max(pair)) for pair in graph.subgraph(group).edges()))
    springs = nx.spring_layout(inside, seed=1, iterations=ROUNDS, method="force")
    # Springs give the way from the middle; how far is by order, so that the disc is filled evenly.
    ordered = sorted(springs, key=lambda node: (math.hypot(*springs[node]), node))
    places = {}
    for at, node in enumerate(ordered):
        angle = math.atan2(springs[node][1], springs[node][0])
        far = math.sqrt((at + 0.5) / len(ordered))
        places[node] = (far * math.cos(angle), far * math.sin(angle))
    return places
