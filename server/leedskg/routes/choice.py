"""Of many routes the few to show: strong ones that lead through different things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from leedskg.routes.question import Route


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
    """The kinds of these routes with how many are of each, the most frequent first."""
    found = Counter(route.kind for route in routes)
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))
