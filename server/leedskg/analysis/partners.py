"""Potential partners: pairs that no source ties to each other, and what speaks for bringing them together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from leedskg.analysis.ties import TieGraph
from leedskg.matrix import Matrix

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
    """The pairs of actors with the highest scores that share at least one contact."""
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
