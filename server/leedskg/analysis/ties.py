"""The network as the measures read it, and the ties that are missing in it: gaps in themes, and potential partners."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx

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
    "universities, colleges and research centres": {"university", "college", "research centre"},
    "companies and spin-outs": {"company", "spin-out company"},
    "NHS organisations": {"NHS organisation"},
}


@dataclass(frozen=True)
class ThemeGap:
    """A theme with the families that are recorded for it and those that are not."""

    iri: str
    label: str
    recorded: tuple[str, ...]
    missing: tuple[str, ...]


def theme_gaps(themes: Matrix) -> tuple[ThemeGap, ...]:
    """Themes for which some, and not all, of these families are recorded; those that miss the fewest first."""
    found = []
    for theme in themes.rows:
        kinds = {column.label for column in themes.columns if themes.cell(theme, column)}
        recorded = tuple(family for family, members in _FAMILIES.items() if kinds & members)
        if 0 < len(recorded) < len(_FAMILIES):
            missing = tuple(each for each in _FAMILIES if each not in recorded)
            found.append(ThemeGap(theme.iri, theme.label, recorded, missing))
    return tuple(sorted(found, key=lambda gap: (len(gap.missing), gap.label.casefold(), gap.iri)))


#: What a shared theme adds, in the unit of a shared contact that has four contacts (1 / ln 4).
_THEME = 1 / math.log(4)
#: Contacts beyond which an entity introduces nobody in particular, and would make every pair of its contacts a pair.
_MOST_CONTACTS = 60
MOST_PAIRS = 60


@dataclass(frozen=True)
class PotentialPartners:
    """Two actors without a recorded relationship, the contacts and themes that they share, and the score.

    The score is that of Adamic and Adar (2003): each shared contact counts 1 / ln(its contacts), so that a contact
    with few others counts more; a shared theme counts as a contact with four.
    """

    one: str
    other: str
    contacts: tuple[str, ...]
    themes: tuple[str, ...]
    score: float


def potential_partners(ties: TieGraph, actors: set[str], themes: Matrix) -> tuple[PotentialPartners, ...]:
    """Return the pairs of actors with the highest scores that share at least one contact."""
    graph = ties.graph
    shared: dict[tuple[int, int], list[int]] = {}
    wanted = {ties.numbers[iri] for iri in actors if iri in ties.numbers}
    for contact in graph:
        around = sorted(wanted.intersection(graph[contact]))
        if len(around) > _MOST_CONTACTS:
            continue
        for index, one in enumerate(around):
            for other in around[index + 1 :]:
                if not graph.has_edge(one, other):
                    shared.setdefault((one, other), []).append(contact)
    works_on = _themes_of(themes)
    found = []
    for (one, other), contacts in shared.items():
        names = ties.names[one], ties.names[other]
        both = sorted(works_on.get(names[0], {}).items() & works_on.get(names[1], {}).items(), key=lambda each: each[1])
        score = sum(1 / math.log(max(2, graph.degree[contact])) for contact in contacts) + _THEME * len(both)
        ordered = sorted(contacts, key=lambda contact: (graph.degree[contact], contact))
        labels = tuple(label for _, label in both)
        found.append(PotentialPartners(*names, tuple(ties.names[each] for each in ordered), labels, score))
    return tuple(_first(found))


def _first(found: Iterable[PotentialPartners]) -> list[PotentialPartners]:
    return sorted(found, key=lambda pair: (-pair.score, pair.one, pair.other))[:MOST_PAIRS]


def _themes_of(themes: Matrix) -> dict[str, dict[str, str]]:
    """Theme and its label, by each that works on it."""
    found: dict[str, dict[str, str]] = {}
    for (theme, _), actors in themes.cells.items():
        label = next(row.label for row in themes.rows if row.iri == theme)
        for actor in actors:
            found.setdefault(actor.iri, {})[theme] = label
    return found
