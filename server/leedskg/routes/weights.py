"""What a hop costs, and the graph of hops that a question leaves.

The cost of a hop from u to v over relation r, in bits, adds up along a route:

    cost = -log2 S + β·log2(out_r(u) + in_r(v) - 1) + λ
    S    = τ_r · (1 - Π(1 - confidence of each independent source)) · 2^(-age / H_r)

τ, H, β and λ are data in `ontology/edges.ttl`. The β term is the exclusivity of Hulpuş et al. 2015, "Path-based
semantic relatedness on linked data": a relation says more where few like it meet. A source is independent when it is
another document. The age counts the years from the end of a relationship to the date asked for; one that had not
ended has none. Of several relationships in one hop, the most relevant one and the one that has faded least count.

Filters take relationships out; what is left weighs what it weighed, but for the sources that went. How many like it
meet is a matter of the graph and not of the question. Costs are kept in whole millionths of a bit, so that sums are
exact.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial

import numpy as np

from leedskg.routes.index import RouteIndex
from leedskg.routes.kernels import FAR, Costs, HopGraph, Sums

#: Costs are whole numbers of this part of a bit.
UNIT = 1_000_000
#: Bits that no hop costs more than: five such stay below FAR.
_MOST_BITS = 200.0
DAYS_IN_A_YEAR = 365.25


@dataclass(frozen=True)
class Filter:
    """Which relationships a route may use, and the day as at which they are weighed.

    `kinds` are IRIs of kinds of relationship, none for all. A relationship that began after the day is left out.
    """

    as_at: date
    min_confidence: float = 0.0
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Weighed:
    """The costs under one filter: of each group in units, FAR where nothing is left of it, and the graph of hops."""

    group_costs: Costs
    kept: np.ndarray[tuple[int], np.dtype[np.bool_]]
    graph: HopGraph


def weigh(index: RouteIndex, wanted: Filter) -> Weighed:
    """Weigh every hop under a filter. About a second for a million entities."""
    day = wanted.as_at.toordinal()
    allowed = np.array(
        [not wanted.kinds or each.relationship_type in wanted.kinds for each in index.patterns] or [False]
    )
    kept = allowed[index.tie_pattern] & (index.tie_begun <= day) & (index.tie_confidence >= wanted.min_confidence)
    relevance = np.array([each.relevance for each in index.patterns] or [0.0])[index.tie_pattern] * _share(index)
    half_life = np.array([each.half_life for each in index.patterns] or [1.0])[index.tie_pattern]
    age = np.where(index.tie_ended > 0, np.maximum(day - index.tie_ended, 0) / DAYS_IN_A_YEAR, 0.0)
    model, groups = index.model, index.group_tie
    strength = _by_run(np.maximum, np.where(kept, relevance, 0.0), groups)
    strength *= _by_run(np.maximum, np.where(kept, np.exp2(-age / half_life), 0.0), groups)
    strength *= _belief(index, kept)
    with np.errstate(divide="ignore"):
        bits = -np.log2(strength)
    bits += model.exclusivity_weight * np.log2(np.maximum(index.group_out + index.group_in - 1, 1)) + model.hop_penalty
    units = np.rint(np.clip(bits, 1 / UNIT, _MOST_BITS) * UNIT).astype(np.int32)
    costs = np.where(_by_run(np.logical_or, kept, groups), units, np.int32(FAR))
    pairs = _by_run(np.minimum, costs, index.pair_group)
    return Weighed(costs, kept, _graph(index, pairs))


def _share(index: RouteIndex) -> Sums:
    """Return what the weight w of joint projects leaves of a hop, w/(w+1); the whole of what is stated."""
    return np.asarray(np.where(index.tie_projects > 0, index.tie_weight / (index.tie_weight + 1.0), 1.0))


def _belief(index: RouteIndex, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Sums:
    """Return 1 - Π(1 - confidence) over the documents of each group, each by the surest statement that it backs."""
    confidence = np.where(kept, index.tie_confidence, 0.0)[index.backing_tie]
    by_document = _by_run(np.maximum, confidence, index.backing_begins)
    return np.asarray(1.0 - _by_run(np.multiply, 1.0 - by_document, index.group_backing))


def _by_run(combine: np.ufunc, values: np.ndarray, begins: np.ndarray) -> np.ndarray:
    return combine.reduceat(values, begins) if len(begins) else values[:0]


def _graph(index: RouteIndex, pair_costs: Costs) -> HopGraph:
    there = np.flatnonzero(pair_costs < FAR)
    low, high, costs = index.pair_low[there], index.pair_high[there], pair_costs[there]
    tails, heads = np.concatenate((low, high)), np.concatenate((high, low))
    both = np.concatenate((costs, costs))
    order = np.argsort(tails.astype(np.int64) * 2**31 + both, kind="stable")
    indptr = np.zeros(len(index.entities) + 1, np.int64)
    np.cumsum(np.bincount(tails, minlength=len(index.entities)), out=indptr[1:])
    return HopGraph(indptr, np.ascontiguousarray(heads[order], np.int32), np.ascontiguousarray(both[order], np.int32))


class KeptWeights:
    """Weighs under a filter once, and keeps the last few: a question is often asked again with other ends."""

    def __init__(self, index: RouteIndex, most: int = 6) -> None:
        self._lock = threading.Lock()
        self._weigh = lru_cache(maxsize=most)(partial(weigh, index))

    def under(self, wanted: Filter) -> Weighed:
        """Return the costs under a filter."""
        with self._lock:
            return self._weigh(wanted)
