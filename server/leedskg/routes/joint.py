"""The projects of an entity, and with whom it has them, read from the index of routes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from leedskg.network import Tie
from leedskg.routes.index import RouteIndex


def joint_ties(index: RouteIndex, iri: str) -> list[tuple[str, Tie]]:
    """Return whom an entity has projects with, each with the tie; first those whose projects weigh most."""
    number = index.entities.find(iri)
    if number < 0:
        return []
    at = np.flatnonzero((index.tie_projects > 0) & ((index.tie_source == number) | (index.tie_target == number)))
    found = []
    for each in at[np.argsort(-index.tie_weight[at], kind="stable")].tolist():
        begun, ended = index.dates[int(index.tie_dates[each])].split("\n")
        source, target = int(index.tie_source[each]), int(index.tie_target[each])
        tie = Tie(
            index.relationships[each], index.patterns[index.tie_pattern[each]], float(index.tie_confidence[each]),
            begun, ended, frozenset(), int(index.tie_projects[each]), float(index.tie_weight[each]),
            float(index.tie_pounds[each]),
        )  # fmt: skip
        found.append((index.entities[target if source == number else source], tie))
    return found


@dataclass
class OwnProject:
    """A project of a register as seen from one entity: its roles in words, when it ran, and what states it."""

    iri: str
    roles: set[str] = field(default_factory=set)
    begun: str = ""
    ended: str = ""
    relationships: set[str] = field(default_factory=set)


def read_own_projects(index: RouteIndex, iri: str) -> list[OwnProject]:
    """Return the projects of registers that an entity takes part in or pays for, the newest first."""
    number = index.entities.find(iri)
    found: dict[str, OwnProject] = {}
    for here, there in ((index.tie_source, index.tie_target), (index.tie_target, index.tie_source)):
        for at in np.flatnonzero(
            (here == number) & index.entity_is_project[there] & (index.tie_projects == 0)
        ).tolist():
            name, pattern = index.entities[int(there[at])], index.patterns[index.tie_pattern[at]]
            project = found.setdefault(name, OwnProject(name))
            project.roles.add(pattern.from_label if here is index.tie_source else pattern.to_label)
            project.relationships.add(index.relationships[at])
            begun, ended = index.dates[int(index.tie_dates[at])].split("\n")
            project.begun = min(filter(None, (project.begun, begun)), default="")
            project.ended = max(project.ended, ended)
    return sorted(sorted(found.values(), key=lambda each: each.iri), key=lambda each: each.begun, reverse=True)
