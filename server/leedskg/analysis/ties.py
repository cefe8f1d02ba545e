"""The network as a plain undirected graph, which the measures of this room are defined on."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from leedskg.network import Network


@dataclass(frozen=True)
class TieGraph:
    """Who is tied to whom, in any direction; `weight` is the number of relationships behind a tie.

    Nodes are numbers in the order of the IRIs: sets of strings have another order in each process, and what
    is found by going through them would have one too.
    """

    graph: nx.Graph[int]
    names: tuple[str, ...]
    numbers: dict[str, int]

    @classmethod
    def of(cls, network: Network) -> TieGraph:
        """The graph of every tie of a network."""
        pairs: dict[tuple[str, str], set[str]] = {}
        for source, target, tie in network.ties():
            if source != target:
                pairs.setdefault((min(source, target), max(source, target)), set()).add(tie.relationship)
        names = tuple(sorted({name for pair in pairs for name in pair}))
        numbers = {name: number for number, name in enumerate(names)}
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(len(names)))
        for (one, other), relationships in sorted(pairs.items()):
            graph.add_edge(numbers[one], numbers[other], weight=len(relationships))
        return cls(graph, names, numbers)
