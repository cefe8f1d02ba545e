"""Who holds the network together: brokers, and those without whom others would be cut off."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from leedskg.analysis.ties import TieGraph

#: Entities up to which betweenness is exact; beyond, it is estimated from this many starting points (Brandes and Pich
#: 2007), for the exact measure takes time with entities times ties.
EXACT_UP_TO = 2000
_SAMPLE = 500
#: Entities for which constraint is worked out, and rows of each table.
MOST_BROKERS = 50
_MOST_CUTS = 200


@dataclass(frozen=True)
class Broker:
    """An entity between others.

    `share` is the part, from 0 to 1, of the shortest ways between all other pairs that lead through it: betweenness
    (Freeman 1977), normalised. `constraint` is how far its contacts are tied to each other already (Burt 1992): the
    lower, the more it alone brings them together; None where it has no contacts to speak of.
    """

    iri: str
    share: float
    constraint: float | None
    contacts: int


@dataclass(frozen=True)
class CutPoint:
    """An entity through which alone others are connected to the rest, and who they are."""

    iri: str
    cut_off: tuple[str, ...]


def brokers(ties: TieGraph, most: int = MOST_BROKERS) -> tuple[tuple[Broker, ...], bool]:
    """The entities with the greatest betweenness, and whether that is exact; those with none are left out."""
    graph = ties.graph
    exact = len(graph) <= EXACT_UP_TO
    sample = None if exact else _SAMPLE
    between: dict[int, float] = nx.betweenness_centrality(graph, k=sample, normalized=True, seed=0)
    first = sorted((node for node in between if between[node] > 0), key=lambda node: (-between[node], node))[:most]
    constraint: dict[int, float] = nx.constraint(graph, first)
    return tuple(
        Broker(ties.names[node], between[node], _number(constraint.get(node)), graph.degree[node]) for node in first
    ), exact


def _number(value: float | None) -> float | None:
    return None if value is None or value != value else value  # noqa: PLR0124 - not a number


def cut_points(ties: TieGraph) -> tuple[tuple[CutPoint, ...], bool]:
    """Every articulation point with whom it alone connects to the rest, the most first; and whether these are all.

    The rest is the largest of the parts that its removal leaves of its own component.
    """
    graph = ties.graph
    points = sorted(nx.articulation_points(graph), key=lambda node: (-graph.degree[node], node))
    found = []
    for point in points[:_MOST_CUTS]:
        component = nx.node_connected_component(graph, point) - {point}
        parts = sorted(nx.connected_components(graph.subgraph(component)), key=lambda part: (-len(part), min(part)))
        cut_off = sorted(node for part in parts[1:] for node in part)
        found.append(CutPoint(ties.names[point], tuple(ties.names[node] for node in cut_off)))
    found.sort(key=lambda each: (-len(each.cut_off), each.iri))
    return tuple(found), len(points) <= _MOST_CUTS
