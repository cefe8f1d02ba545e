"""Why there is no route: what a filter took away, how far apart the ends are, and which link would bridge them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from leedskg.network import EdgePattern
from leedskg.routes.bounds import Ends
from leedskg.routes.index import RouteIndex
from leedskg.routes.kernels import HopGraph, slots
from leedskg.routes.question import Bridge, Misses, Question

#: Steps beyond which nobody asks how far apart two entities are.
_FURTHEST = 12
#: Neighbours of an end that a bridge is looked for from; bridges told; kinds of link named for each.
_NEIGHBOURS, _BRIDGES, _LINKS = 4, 12, 2


def nearest_misses(
    index: RouteIndex, graph: HopGraph, ends: Ends, question: Question, count: Callable[[Question], int]
) -> Misses:
    """What comes closest to a route where there is none. `count` tells how many routes another question has."""
    relaxed = tuple((name, number) for name, other in _unfiltered(question) if (number := count(other)))
    alone = tuple(
        iris[0]
        for iris, nodes in ((question.starts, ends.starts), (question.goals, ends.goals))
        if len(iris) == 1 and not (len(nodes) and graph.work(nodes))
    )
    return Misses(relaxed, _distance(graph, ends, question.most_steps), alone, _bridges(index, graph, ends, question))


def _unfiltered(question: Question) -> list[tuple[str, Question]]:
    """The question without each of its filters by itself, and what that filter is called."""
    others = {
        "kinds": (question.kinds, replace(question, kinds=frozenset())),
        "confidence": (question.min_confidence, replace(question, min_confidence=0.0)),
        "without": (question.without, replace(question, without=())),
    }
    return [(name, other) for name, (filtered, other) in others.items() if filtered]


def _distance(graph: HopGraph, ends: Ends, most_steps: int) -> int:
    """The steps of the shortest route beyond `most_steps`, 0 when there is none of up to _FURTHEST."""
    seen = np.zeros(graph.size, bool)
    seen[ends.without] = True
    seen[ends.starts] = True
    edge = ends.starts
    goals = np.zeros(graph.size, bool)
    goals[ends.goals] = True
    for steps in range(1, _FURTHEST + 1):
        found = np.unique(graph.heads[slots(graph.indptr, edge)[0]])
        if goals[found].any() and steps > most_steps:
            return steps
        edge = found[~seen[found]].astype(np.int32)
        seen[edge] = True
        if not len(edge):
            return 0
    return 0


def _bridges(index: RouteIndex, graph: HopGraph, ends: Ends, question: Question) -> tuple[Bridge, ...]:
    found = []
    for near, before in _around(graph, ends.starts, ends):
        for far, after in _around(graph, ends.goals, ends):
            if near == far or before + after + 1 > question.most_steps:
                continue
            links = _usual_links(index, near, far, question.kinds)
            if links:
                found.append(Bridge(index.entities[near], index.entities[far], before + after + 1, links))
    return tuple(sorted(found, key=lambda each: (each.steps, -each.links[0][1], each.near, each.far))[:_BRIDGES])


def _around(graph: HopGraph, nodes: np.ndarray[tuple[int], np.dtype[np.int32]], ends: Ends) -> list[tuple[int, int]]:
    """An end and the entities closest to it, with their steps from it; nothing for an end that is many."""
    if len(nodes) != 1:
        return []
    node = int(nodes[0])
    closed = set(ends.closed.tolist())
    beside = [each for each in graph.heads[graph.indptr[node] : graph.indptr[node + 1]].tolist() if each not in closed]
    return [(node, 0), *((each, 1) for each in beside[:_NEIGHBOURS])]


def _usual_links(index: RouteIndex, one: int, other: int, kinds: frozenset[str]) -> tuple[tuple[EdgePattern, int], ...]:
    """The edge patterns that most often join entities of these two kinds, with how many relationships there are."""
    kind = index.entity_kind
    source, target = kind[index.tie_source], kind[index.tie_target]
    alike = ((source == kind[one]) & (target == kind[other])) | ((source == kind[other]) & (target == kind[one]))
    numbers = np.bincount(index.tie_pattern[alike], minlength=len(index.patterns))
    if kinds:
        numbers[[each.relationship_type not in kinds for each in index.patterns]] = 0
    best = np.argsort(-numbers, kind="stable")[:_LINKS].tolist()
    return tuple((index.patterns[each], int(numbers[each])) for each in best if numbers[each])
