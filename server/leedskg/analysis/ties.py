"""The network as the measures read it, and gaps in themes."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from leedskg.kinds import class_name
from leedskg.matrix import Matrix
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
        """Build the graph of every tie of a network."""
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


#: What a theme is looked at for, in words that are true of each of its kinds, and no others.
_FAMILIES = {
    "universities, colleges and research centres": {"University", "College", "ResearchCentre"},
    "companies and spin-outs": {"Company", "SpinOutCompany"},
    "NHS organisations": {"NHSOrganisation"},
}


@dataclass(frozen=True)
class ThemeGap:
    """A theme with the families that are recorded for it and those that are not."""

    iri: str
    label: str
    recorded: tuple[str, ...]
    missing: tuple[str, ...]


def theme_gaps(themes: Matrix) -> tuple[ThemeGap, ...]:
    """Return themes for which some, and not all, of these families are recorded; those that miss the fewest first."""
    found = []
    for theme in themes.rows:
        kinds = {class_name(column.iri) for column in themes.columns if themes.cell(theme, column)}
        recorded = tuple(family for family, members in _FAMILIES.items() if kinds & members)
        if 0 < len(recorded) < len(_FAMILIES):
            missing = tuple(each for each in _FAMILIES if each not in recorded)
            found.append(ThemeGap(theme.iri, theme.label, recorded, missing))
    return tuple(sorted(found, key=lambda gap: (len(gap.missing), gap.label.casefold(), gap.iri)))
