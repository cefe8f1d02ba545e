"""Every table of who matters, for one generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from leedskg.analysis.brokers import Broker, CutPoint, brokers, cut_points
from leedskg.analysis.communities import Community, unlinked
from leedskg.analysis.partners import (
    PotentialPartners,
    StatementsOf,
    potential_partners,
    read_statements,
    read_wider_themes,
)
from leedskg.analysis.ties import ThemeGap, TieGraph, theme_gaps
from leedskg.catalogue import Catalogue, CatalogueEntry
from leedskg.matrix import Matrix, themes_by_kinds
from leedskg.namespaces import Namespaces
from leedskg.network import Network
from leedskg.record import RecordReader
from leedskg.store import Reader
from leedskg.support import Support, read_support


@dataclass(frozen=True)
class NeedProviders:
    """A need, and how many are recorded as helping with it."""

    iri: str
    label: str
    providers: int


@dataclass(frozen=True)
class Analysis:
    """Every table of one generation, by IRIs.

    `starts` is from how many starting points betweenness is estimated, 0 where it is exact. `cut_points` are the first
    of `all_cut_points`. `unlinked` are pairs of numbers of communities; `ungrouped` is how many entities with a
    relationship are in no community.
    """

    entities: int
    ties: int
    brokers: tuple[Broker, ...]
    starts: int
    cut_points: tuple[CutPoint, ...]
    all_cut_points: int
    communities: tuple[Community, ...]
    ungrouped: int
    unlinked: tuple[tuple[int, int], ...]
    partners: tuple[PotentialPartners, ...]
    theme_gaps: tuple[ThemeGap, ...]
    needs: tuple[NeedProviders, ...]
    unconnected: tuple[str, ...]


def read_analysis(
    reader: Reader,
    namespaces: Namespaces,
    network: Network,
    groups: tuple[Community, ...],
    earlier: Analysis | None = None,
) -> Analysis:
    """Work out every table of what a reader gives, with its network and the communities of that.

    Tables that only the network decides are taken over from an `earlier` analysis of the same network.
    """
    catalogue = Catalogue.read(reader, namespaces)
    support = read_support(reader, RecordReader(reader, namespaces), namespaces)
    themes = themes_by_kinds(reader, catalogue, namespaces)
    statements = partial(read_statements, reader, namespaces)
    wider = read_wider_themes(reader, namespaces)
    return analyse(network, groups, catalogue, themes, support, statements, wider, earlier)


def analyse(  # noqa: PLR0913, PLR0917 - all that who matters depends on
    network: Network,
    groups: tuple[Community, ...],
    catalogue: Catalogue,
    themes: Matrix,
    support: Support,
    statements: StatementsOf,
    wider: Mapping[str, frozenset[str]],
    earlier: Analysis | None = None,
) -> Analysis:
    """Work out every table. Deterministic: the same generation gives the same tables in every process."""
    ties = list(network.ties())
    tied = {end for source, target, _ in ties if source != target for end in (source, target)}
    current = [entry for entry in catalogue.entries.values() if entry.actor and entry.in_use]
    gone = {source for source, _, tie in ties if tie.pattern.from_role.endswith("/predecessor")}
    needs = [
        NeedProviders(need.iri, need.label, len({each.provider.iri for each in support.for_need(need.iri)}))
        for need in support.needs
    ]
    return replace(
        earlier or _of_network(network, groups),
        partners=potential_partners(
            network,
            {each.iri: each for each in current if each.iri not in gone},
            themes,
            statements,
            wider,
            {offer.provider.iri for offer in support.offers},
        ),
        theme_gaps=theme_gaps(themes),
        needs=tuple(sorted(needs, key=lambda need: (need.providers, need.label.casefold(), need.iri))),
        unconnected=tuple(entry.iri for entry in sorted(current, key=_by_label) if entry.iri not in tied),
    )


def _of_network(network: Network, groups: tuple[Community, ...]) -> Analysis:
    """Work out the tables that only the network decides."""
    graph = TieGraph.of(network)
    found_brokers, starts = brokers(graph)
    cuts, all_cuts = cut_points(graph)
    return Analysis(
        len(graph.names),
        graph.graph.number_of_edges(),
        found_brokers,
        starts,
        cuts,
        all_cuts,
        groups,
        len(graph.names) - sum(len(group.members) for group in groups),
        tuple((one.number, other.number) for one, other in unlinked(graph, groups)),
        partners=(),
        theme_gaps=(),
        needs=(),
        unconnected=(),
    )


def _by_label(entry: CatalogueEntry) -> tuple[str, str]:
    return entry.label.casefold(), entry.iri
