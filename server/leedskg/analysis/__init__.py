"""Who matters in the network: brokers, single points of failure, communities, potential partners and gaps.

All of it is worked out once for a generation, over relationships alone: place and theme are no ties. Ended
relationships count as well. What a measure cannot be worked out for exactly at a size says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.analysis.brokers import Broker, CutPoint, brokers, cut_points
from leedskg.analysis.communities import Community, communities, unlinked
from leedskg.analysis.gaps import ThemeGap, theme_gaps
from leedskg.analysis.partners import PotentialPartners, potential_partners
from leedskg.analysis.ties import TieGraph
from leedskg.catalogue import Catalogue, Entry
from leedskg.matrix import Matrix
from leedskg.network import Network
from leedskg.support import Need, Support

__all__ = ["Analysis", "Broker", "Community", "CutPoint", "PotentialPartners", "ThemeGap", "TieGraph", "analyse"]


@dataclass(frozen=True)
class Analysis:
    """Every table of one generation. `approximated` names the measures that were sampled at this size."""

    entities: int
    ties: int
    brokers: tuple[Broker, ...]
    cut_points: tuple[CutPoint, ...]
    communities: tuple[Community, ...]
    unlinked: tuple[tuple[Community, Community], ...]
    partners: tuple[PotentialPartners, ...]
    theme_gaps: tuple[ThemeGap, ...]
    thin_needs: tuple[tuple[Need, int], ...]
    unconnected: tuple[Entry, ...]
    approximated: frozenset[str]


def analyse(network: Network, catalogue: Catalogue, themes: Matrix, support: Support) -> Analysis:
    """Work out every table. Deterministic: the same generation gives the same tables in every process."""
    graph = TieGraph.of(network)
    found_brokers, exact = brokers(graph)
    cuts, all_cuts = cut_points(graph)
    groups = communities(graph)
    actors = [entry for entry in catalogue.entries.values() if entry.actor and not entry.replaced_by]
    providers = {need.iri: len({each.provider.iri for each in support.for_need(need.iri)}) for need in support.needs}
    fewest = min(providers.values(), default=0)
    sampled = {name for name, whole in (("brokers", exact), ("cut points", all_cuts)) if not whole}
    return Analysis(
        len(graph.names),
        graph.graph.number_of_edges(),
        found_brokers,
        cuts,
        groups,
        unlinked(graph, groups),
        potential_partners(graph, {entry.iri for entry in actors}, themes),
        theme_gaps(themes),
        tuple((need, providers[need.iri]) for need in support.needs if providers[need.iri] == fewest),
        tuple(sorted((entry for entry in actors if entry.iri not in graph.numbers), key=lambda each: each.label)),
        frozenset(sampled),
    )
