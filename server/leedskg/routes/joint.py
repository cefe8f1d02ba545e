"""With whom an entity has projects, read from the index of routes."""

from __future__ import annotations

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
