"""The projects of an entity, and with whom it has them, read from the index of routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leedskg.network import Tie
from leedskg.routes.index import RouteIndex


def joint_ties(index: RouteIndex, iri: str) -> list[tuple[str, Tie]]:
    """Return whom an entity has projects with, each with the tie; first those whose projects weigh most."""
    number = index.entities.find(iri)
    if number < 0:
        return []
    at = np.flatnonzero((index.tie_projects > 0) & ((index.tie_source == number) | (index.tie_target == number)))
    at = at[np.argsort(-index.tie_weight[at], kind="stable")]
    others = np.where(index.tie_source[at] == number, index.tie_target[at], index.tie_source[at])
    return [(index.entities[other], tie) for other, tie in zip(others.tolist(), _ties(index, at), strict=True)]


@dataclass
class OwnProject:
    """A project of a register as seen from one entity: its roles in words, when it ran, and what states it."""

    iri: str
    roles: set[str] = field(default_factory=set)
    begun: str = ""
    ended: str = ""
    relationships: set[str] = field(default_factory=set)


def read_own_projects(index: RouteIndex, iri: str, counts: Callable[[Tie], bool] = lambda _: True) -> list[OwnProject]:
    """Return the projects of registers that an entity takes part in or pays for, as far as ties count; newest first."""
    number = index.entities.find(iri)
    of_projects = index.tie_projects == 0
    found: dict[str, OwnProject] = {}
    for here, there in ((index.tie_source, index.tie_target), (index.tie_target, index.tie_source)):
        mine = np.flatnonzero((here == number) & index.entity_is_project[there] & of_projects)
        for at, tie in zip(mine.tolist(), _ties(index, mine), strict=True):
            if not counts(tie):
                continue
            name = index.entities[int(there[at])]
            project = found.setdefault(name, OwnProject(name))
            project.roles.add(tie.pattern.from_label if here is index.tie_source else tie.pattern.to_label)
            project.relationships.add(tie.relationship)
            project.begun = min(filter(None, (project.begun, tie.valid_from)), default="")
            project.ended = max(project.ended, tie.valid_to)
    return sorted(sorted(found.values(), key=lambda each: each.iri), key=lambda each: each.begun, reverse=True)


def _ties(index: RouteIndex, numbers: NDArray[np.intp]) -> list[Tie]:
    """Return the ties of these numbers, each with the documents that state it."""
    sources: dict[int, set[str]] = defaultdict(set)
    backed = np.isin(index.backing_tie, numbers)
    backing = zip(index.backing_tie[backed].tolist(), index.backing_document[backed].tolist(), strict=True)
    for number, document in backing:
        sources[number].add(index.documents[document])
    found = []
    for at in numbers.tolist():
        begun, ended = index.dates[int(index.tie_dates[at])].split("\n")
        tie = Tie(
            index.relationships[at], index.patterns[index.tie_pattern[at]], float(index.tie_confidence[at]),
            begun, ended, frozenset(sources[at]), int(index.tie_projects[at]), float(index.tie_weight[at]),
            float(index.tie_pounds[at]),
        )  # fmt: skip
        found.append(tie)
    return found
