"""Who stands between others."""

from __future__ import annotations

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
    """The entities with the greatest betweenness, and from how many starting points it is estimated: 0 for exactly.

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
    """Burt's constraint of a node with contacts, each of which counts alike: between 0 and 9/8.

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
