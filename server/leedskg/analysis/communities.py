"""Communities: groups that are tied more within than with others, each named by its members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import networkx as nx

from leedskg.analysis.ties import TieGraph
from leedskg.network import Network

#: Members below which a group is too small to be called a community.
_LEAST = 3
#: Communities that are compared with each other for a missing link.
_MOST_COMPARED = 12


@dataclass(frozen=True)
class Community:
    """A group: its members, those with most ties inside it first, and how many ties it has inside and to others."""

    number: int
    members: tuple[str, ...]
    ties_inside: int
    ties_outside: int

    @property
    def leading(self) -> tuple[str, ...]:
        """The members that it is named by."""
        return self.members[:2]


def communities(ties: TieGraph) -> tuple[Community, ...]:
    """Return the communities that Louvain's method finds (Blondel et al. 2008), the largest first.

    Each relationship counts. The seed is fixed and nodes are numbers, so that the same graph has the same groups.
    """
    graph = ties.graph
    if not graph.number_of_edges():
        return ()
    found = nx.community.louvain_communities(graph, weight="weight", seed=0)
    groups = sorted((sorted(group) for group in found if len(group) >= _LEAST), key=lambda group: (-len(group), group))
    return tuple(_community(ties, number, group) for number, group in enumerate(groups, 1))


def _community(ties: TieGraph, number: int, group: list[int]) -> Community:
    graph, members = ties.graph, set(group)
    inside = {node: len(members.intersection(graph[node])) for node in group}
    ordered = sorted(group, key=lambda node: (-inside[node], node))
    all_inside = sum(inside.values())
    outside = sum(len(graph[node]) for node in group) - all_inside
    return Community(number, tuple(ties.names[node] for node in ordered), all_inside // 2, outside)


def ties_between(groups: Iterable[Community], network: Network) -> dict[int, dict[int, int]]:
    """Return by how many relationships each community is tied to each other one, by their numbers."""
    group_of = {iri: group.number for group in groups for iri in group.members}
    found: dict[int, dict[int, set[str]]] = {}
    for source, target, tie in network.ties():
        one, other = group_of.get(source), group_of.get(target)
        if one and other and one != other:
            found.setdefault(one, {}).setdefault(other, set()).add(tie.relationship)
            found.setdefault(other, {}).setdefault(one, set()).add(tie.relationship)
    return {one: {other: len(each) for other, each in others.items()} for one, others in found.items()}


def unlinked(ties: TieGraph, groups: tuple[Community, ...]) -> tuple[tuple[Community, Community], ...]:
    """Return pairs of the largest communities between which no relationship is recorded."""
    members = {each.number: {ties.numbers[iri] for iri in each.members} for each in groups[:_MOST_COMPARED]}
    return tuple(
        (one, other)
        for one, other in combinations(groups[:_MOST_COMPARED], 2)
        if not any(members[other.number].intersection(ties.graph[node]) for node in members[one.number])
    )
