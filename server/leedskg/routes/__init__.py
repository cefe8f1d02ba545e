"""Routes between entities: the strongest simple paths over relationships, and why each hop weighs what it does.

building > index       the relationships of a generation as arrays, kept in files and mapped
weights                what a hop costs, and the graph of hops that a question's filters leave
bounds                 what it costs at least from an entity on to a goal
search, counting       the cheapest simple paths, exactly, and how many there are; kernels, compiled: their loops
explaining, choice     back to relationships and words; the few routes that differ
misses                 what comes closest where there is none
finder                 all of these for one question
"""

from leedskg.routes.building import build_index, read_index
from leedskg.routes.compiled import best_kernels, kernels_for
from leedskg.routes.finder import RouteFinder
from leedskg.routes.index import RouteIndex
from leedskg.routes.question import (
    MOST_ROUTES,
    MOST_STEPS,
    Band,
    Bridge,
    Hop,
    Misses,
    Route,
    RouteAnswer,
    RouteQuery,
    Weight,
)

__all__ = [
    "MOST_ROUTES",
    "MOST_STEPS",
    "Band",
    "Bridge",
    "Hop",
    "Misses",
    "Route",
    "RouteAnswer",
    "RouteFinder",
    "RouteIndex",
    "RouteQuery",
    "Weight",
    "best_kernels",
    "build_index",
    "kernels_for",
    "read_index",
]
