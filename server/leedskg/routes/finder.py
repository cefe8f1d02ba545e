"""Of many routes the few to show: strong ones that lead through different things."""

from __future__ import annotations

import collections
import itertools
import math
import random
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np

from leedskg.network import Tie
from leedskg.routes.bounds import Ends
from leedskg.routes.explaining import Explainer, nearest_misses
from leedskg.routes.index import RouteIndex
from leedskg.routes.kernels import PLAIN, Kernels, Nodes
from leedskg.routes.question import MOST_STEPS, Route, RouteAnswer, RouteQuery
from leedskg.routes.search import CAP, Counter, Search
from leedskg.routes.weights import Filter, KeptWeights, Weighed


def pick_different(routes: Iterable[Route], count: int, penalty: float) -> list[Route]:
    """Pick routes that are strong and share few intermediate entities with those already picked, strongest first.

    Each pick is the cheapest after adding up to `penalty` bits for the share of intermediate entities (Jaccard)
    in common with the most similar route picked before: maximal marginal relevance.
    """
    waiting = list(routes)
    picked: list[Route] = []
    while waiting and len(picked) < count:
        best = min(waiting, key=lambda route: route.cost + penalty * _overlap(route, picked))
        waiting.remove(best)
        picked.append(best)
    return sorted(picked, key=lambda route: route.cost)


def _overlap(route: Route, picked: list[Route]) -> float:
    shares = [
        len(route.between & other.between) / len(route.between | other.between)
        for other in picked
        if route.between | other.between
    ]
    return max(shares, default=0.0)


def kinds_among(routes: Sequence[Route]) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Return the kinds of these routes with how many are of each, the most frequent first."""
    found = collections.Counter(route.kind for route in routes)
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def every_tie(index: RouteIndex) -> Iterator[tuple[str, str, Tie]]:
    """Return every tie with the entity it leads from and the one it leads to; one of equals leads from the lower IRI.

    A tie without a document names itself as its source, as in the index.
    """
    entities, documents = list(index.entities), list(index.documents)
    dates = [text.split("\n") for text in index.dates]
    sources: list[list[str]] = [[] for _ in range(index.ties)]
    for number, document in zip(index.backing_tie.tolist(), index.backing_document.tolist(), strict=True):
        sources[number].append(documents[document])
    columns = (index.tie_source, index.tie_target, index.tie_pattern, index.tie_confidence, index.tie_dates,
               index.tie_projects, index.tie_weight, index.tie_pounds)  # fmt: skip
    rows = zip(index.relationships, sources, *(column.tolist() for column in columns), strict=True)
    for relationship, backing, source, target, pattern, confidence, when, *joint in rows:
        begun, ended = dates[when]
        tie = Tie(relationship, index.patterns[pattern], confidence, begun, ended, frozenset(backing), *joint)
        yield entities[source], entities[target], tie


class RouteFinder:
    """Finds routes in one index. Any thread may ask; one search runs at a time."""

    def __init__(self, index: RouteIndex, kernels: Kernels = PLAIN) -> None:
        self.index = index
        self._kernels = kernels
        self._weights = KeptWeights(index)
        self._lock = threading.Lock()
        self._search: Search | None = None
        self._counter: Counter | None = None

    def answer(self, question: RouteQuery, deadline: float = math.inf) -> RouteAnswer:
        """Find the strongest routes that differ, and how many there are; the nearest misses when there is none.

        Raises RequestError for a question that has no answer, and LimitReachedError past the `deadline`, a time of
        `time.monotonic`.
        """
        question.check()
        model = self.index.model
        pool = max(model.pool, question.count)
        weighed = self._weights.under(question.filter)
        explainer = Explainer(self.index, weighed, question.filter)
        with self._lock:
            ends = self._ends(question)
            paths = self._find(weighed, ends, question.most_steps, pool, deadline)
            total, more = self._count(weighed, ends, question.most_steps, len(paths), pool)
            misses = None if paths else nearest_misses(self.index, weighed.graph, ends, question, self._count_under)
        routes = [explainer.route(path) for path in paths]
        return RouteAnswer(
            tuple(pick_different(routes, question.count, model.overlap_penalty)),
            total,
            more,
            kinds_among(routes),
            len(self.index.reference),
            misses,
        )

    def compared(self, day: date | None = None) -> RouteFinder:
        """Return the same with the costs of routes between random pairs, which a route's strength is compared with.

        The pairs are the same for the same graph, and costs are as at a `day`, or today. Made once a generation, for it
        takes a second or so.
        """
        weighed = self._weights.under(Filter(day or date.today()))
        model = self.index.model
        steps = min(model.compared_steps, MOST_STEPS)
        joined = np.flatnonzero(np.diff(weighed.graph.indptr)).tolist()
        if len(joined) < 2:
            return self
        chance = random.Random(len(joined))  # noqa: S311 - a sample, not a secret
        pairs = {tuple(sorted(chance.sample(joined, 2))) for _ in range(model.compared_pairs)}
        costs: list[int] = []
        with self._lock:
            for one, other in sorted(pairs):
                ends = Ends(np.array([one], np.int32), np.array([other], np.int32))
                paths = self._find(weighed, ends, steps, 1, math.inf)
                costs.extend(self._cost(weighed, path) for path in paths)
        found = RouteFinder(self.index.with_reference(np.array(costs, np.int32), len(pairs)), self._kernels)
        found._weights, found._search, found._counter = self._weights, self._search, self._counter
        return found

    def _count_under(self, question: RouteQuery) -> int:
        """Return how many routes another question has, up to the cap. Holds the lock."""
        weighed = self._weights.under(question.filter)
        ends = self._ends(question)
        pool = self.index.model.pool
        paths = self._find(weighed, ends, question.most_steps, pool, math.inf)
        return self._count(weighed, ends, question.most_steps, len(paths), pool)[0] if paths else 0

    def _find(self, weighed: Weighed, ends: Ends, steps: int, count: int, deadline: float) -> list[tuple[int, ...]]:
        if self._search is None:
            self._search = Search(weighed.graph, self._kernels)
            self._counter = Counter(self._search)
        self._search.graph = weighed.graph
        if not len(ends.starts) or not len(ends.goals):
            return []
        return self._search.cheapest(ends, steps, count, deadline)

    def _count(self, weighed: Weighed, ends: Ends, steps: int, found: int, sought: int) -> tuple[int, bool]:
        """Return how many routes there are, and whether there are more than that."""
        if not found:
            return 0, False
        assert self._counter is not None
        if len(np.intersect1d(ends.starts, ends.goals)):  # counted only as far as they were looked for
            return found, found >= sought
        total = self._counter.count(ends, steps)
        return min(total, CAP), total > CAP

    def _ends(self, question: RouteQuery) -> Ends:
        without = self._numbers(question.without)
        starts, goals = (np.setdiff1d(self._numbers(iris), without) for iris in (question.starts, question.goals))
        return Ends(starts, goals, without)

    def _numbers(self, iris: Iterable[str]) -> Nodes:
        found = {self.index.entities.find(iri) for iri in iris} - {-1}
        return np.array(sorted(found), np.int32)

    def _cost(self, weighed: Weighed, path: tuple[int, ...]) -> int:
        total = 0
        for one, other in itertools.pairwise(path):
            pair = self.index.pair(one, other)
            groups = self.index.run(self.index.pair_group, pair, len(self.index.group_tie))
            total += int(weighed.group_costs[groups.start : groups.stop].min())
        return total
