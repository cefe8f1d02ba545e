"""One tie of an index, and the sources that back it."""

from __future__ import annotations

import numpy as np

from leedskg.network import Tie
from leedskg.routes.index import RouteIndex, place_of


def tie_at(index: RouteIndex, number: int) -> Tie:
    """Return a tie by its number, with the sources behind it."""
    begun, ended = index.dates[int(index.tie_dates[number])].split("\n")
    run = backing_of(index, number)
    backing = np.flatnonzero(index.backing_tie[run] == number) + run.start
    sources = frozenset(index.documents[int(index.backing_document[each])] for each in backing)
    return Tie(
        index.relationships[number],
        index.patterns[index.tie_pattern[number]],
        float(index.tie_confidence[number]),
        begun,
        ended,
        sources,
        int(index.tie_projects[number]),
        float(index.tie_weight[number]),
        float(index.tie_pounds[number]),
    )


def backing_of(index: RouteIndex, tie: int) -> slice:
    """Return where the backing of a tie's group stands."""
    group = place_of(index.group_tie, tie + 1) - 1
    runs = index.run(index.group_backing, group, len(index.backing_begins))
    begin = int(index.backing_begins[runs.start])
    end = int(index.backing_begins[runs.stop]) if runs.stop < len(index.backing_begins) else len(index.backing_tie)
    return slice(begin, end)


def joint_tie(index: RouteIndex, ends: tuple[str, str]) -> Tie | None:
    """Return what two entities have together by projects of registers; None where that is nothing."""
    one, other = (index.entities.find(iri) for iri in ends)
    if min(one, other) < 0:
        return None
    source, target = index.tie_source, index.tie_target
    between = ((source == one) & (target == other)) | ((source == other) & (target == one))
    found = np.flatnonzero(between & (index.tie_projects > 0))
    return tie_at(index, int(found[0])) if len(found) else None
