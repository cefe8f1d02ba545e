"""What a path costs at least from any node on to a goal: the bound that the search for paths follows.

Backwards from the goals, the cheapest walk to a goal in so many steps is found for every node near them; forwards from
the starts, for the nodes near the starts. Where nothing is known of what the answers cost, each side goes as far as is
less work, about half of the steps each. Where no answer costs more than a limit, paths of many steps are met by cost
instead: each side goes as far as a part of the limit leads, the two parts making the whole. A path within the limit
cannot be beyond both, so that hubs, whose hops are dear, are seldom walked over to either side.

The limit comes from the paths of two and three hops, whose costs are read off from what is one hop from either end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from leedskg.routes.kernels import FAR, Costs, HopGraph, Kernels, Nodes, Room

#: Hops that are looked at before the bound is lowered for the first time; then twice as many, and so on.
_PART = 1024
#: The part of the limit that is gone from the starts. What is found there is looked at twice, so it is the less.
_FORTH = 0.4
#: Steps up to which the ends meet by steps rather than by cost.
BY_STEPS = 4
#: What a hop costs to pull over, in hops to push over: a limit keeps pushing from most of them, pulling from few.
_PULL = 16


@dataclass(frozen=True)
class Ends:
    """Where paths begin and end, and the nodes that they must not lead through. Each in rising order."""

    starts: Nodes
    goals: Nodes
    without: Nodes = field(default_factory=lambda: np.empty(0, np.int32))

    @cached_property
    def overlap(self) -> bool:
        """Whether some node is both a start and a goal."""
        return bool(len(np.intersect1d(self.starts, self.goals)))

    @cached_property
    def closed(self) -> Nodes:
        """What no path leads through."""
        return np.concatenate((self.starts, self.goals, self.without))


@dataclass(frozen=True)
class Rest:
    """The bounds: of each start, in their order, and after so many nodes of a path, 1 for the start, of each node."""

    from_starts: Costs
    after: dict[int, Costs]


class _Levels:
    """For each number of steps and each node the cost of the cheapest walk in so many, FAR for none."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._costs: list[Costs] = []
        self._touched: list[list[Nodes]] = []

    def __getitem__(self, steps: int) -> Costs:
        while len(self._costs) <= steps:
            self._costs.append(np.full(self._size, FAR, np.int32))
            self._touched.append([])
        return self._costs[steps]

    def put(self, steps: int, nodes: Nodes, costs: Costs | int) -> None:
        self[steps][nodes] = costs
        self._touched[steps].append(nodes)

    def carry(self, steps: int) -> None:
        """Count the walks of `steps` steps among those of one more."""
        here = self[steps]
        for nodes in tuple(self._touched[steps]):
            self.put(steps + 1, nodes, here[nodes])

    def clear(self) -> None:
        for costs, touched in zip(self._costs, self._touched, strict=True):
            for nodes in touched:
                costs[nodes] = FAR
            touched.clear()

    def touch(self, steps: int, nodes: Nodes) -> Nodes:
        self._touched[steps].append(nodes)
        return nodes


class Bounds:
    """Works out bounds on one graph, for one question at a time: it keeps room for a few numbers for each node."""

    def __init__(self, graph: HopGraph, kernels: Kernels, room: Room) -> None:
        self.graph = graph
        self._kernels = kernels
        self._room = room
        #: By steps: the cheapest walks of exactly so many from a start, and of at most so many to a goal.
        self._near, self._far = _Levels(graph.size), _Levels(graph.size)

    @contextmanager
    def _cleared(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._near.clear()
            self._far.clear()

    def limit(self, ends: Ends, most_steps: int, count: int) -> int:
        """Say what the `count` cheapest paths cost at most, from those of two and three hops; FAR - 1 for not known.

        No bound is known of where starts are goals too: the same path would be seen from both its ends.
        """
        if ends.overlap or most_steps == 1:
            return FAR - 1
        with self._cleared():
            self._near.put(0, ends.starts, 0)
            self._far.put(0, ends.goals, 0)
            sides = [(levels[1], self._push(levels, 0, nodes, FAR - 1))
                     for levels, nodes in ((self._near, ends.starts), (self._far, ends.goals))]  # fmt: skip
            (here, nodes), (there, _) = sorted(sides, key=lambda side: self.graph.work(side[1]))
            found = here[nodes] + there[nodes]
            found = found[found < FAR]
            if most_steps > 2:
                found = self._joined(nodes[np.argsort(here[nodes], kind="stable")], (here, there), found, count)
        return int(np.partition(found, count - 1)[count - 1]) if len(found) >= count else FAR - 1

    def _joined(self, nodes: Nodes, sides: tuple[Costs, Costs], found: Costs, count: int) -> Costs:
        """Return the least of `found` and of what paths cost over the hops of `nodes`, which are in order of cost."""
        here, there = sides
        ends = np.cumsum(self.graph.indptr[nodes + 1] - self.graph.indptr[nodes])
        at, part, limit = 0, _PART, FAR - 1
        while at < len(nodes):
            if len(found) > count:
                found = np.partition(found, count - 1)[:count]
                limit = int(found[count - 1])
            end = max(int(np.searchsorted(ends, (ends[at - 1] if at else 0) + part)), at + 1)
            more = self._kernels.join(self.graph, nodes[at:end], here[nodes[at:end]], there, limit)
            found = np.concatenate((found, more))
            at, part = end, 2 * part
        return found

    @contextmanager
    def measured(self, ends: Ends, most_steps: int, limit: int) -> Iterator[Rest]:
        """Measure the least cost to a goal, wherever a path of at most `limit` may lead. Valid in the block."""
        with self._cleared():
            yield self._measure(ends, most_steps, limit)

    def _measure(self, ends: Ends, most_steps: int, limit: int) -> Rest:
        kernels, near, far = self._kernels, self._near, self._far
        for steps in range(most_steps):
            far.put(steps, ends.goals, 0)
        near.put(0, ends.starts, 0)
        first, last = self._least_hop(ends.starts), self._least_hop(ends.goals)
        by_cost = limit < FAR - 1 and most_steps > BY_STEPS
        if by_cost:
            layers = self._meet_by_cost(ends, most_steps, limit, limit - first)
        else:
            layers = self._meet_by_steps(ends, most_steps, limit - last, limit - first)
        for depth in range(len(layers) - 1, 0, -1):
            nodes, left = layers[depth], most_steps - depth
            known = far[left if by_cost else 1][nodes]
            found = kernels.pull(self.graph, nodes, known, near[depth][nodes], far[left - 1], last, limit)
            far.put(left, nodes, found)
        unknown = np.full(len(ends.starts), FAR, np.int32)
        base = np.zeros(len(ends.starts), np.int32)
        from_starts = kernels.pull(self.graph, ends.starts, unknown, base, far[most_steps - 1], 0, limit)
        return Rest(from_starts, {most_steps - steps: far[steps] for steps in range(most_steps)})

    def _meet_by_steps(self, ends: Ends, most_steps: int, forth: int, back: int) -> list[Nodes]:
        """Walk back from the goals and forth from the starts, about half of the steps each; the nodes after each step.

        `forth` and `back` are the most that walks from either side cost.
        """
        layers, reached, steps = [ends.starts], ends.goals, 0
        while steps + len(layers) < most_steps:
            # The first step back is always made: `pull` counts on what leads to a goal at once.
            if not steps or self.graph.work(reached) <= _PULL * self.graph.work(layers[-1]):
                reached = self._back(steps, reached, back)
                steps += 1
            else:
                layers.append(self._push(self._near, len(layers) - 1, layers[-1], forth))
        return layers

    def _meet_by_cost(self, ends: Ends, most_steps: int, limit: int, first: int) -> list[Nodes]:
        """Do the same for walks up to a part of the `limit` from either side, however many steps.

        Of a path within the limit, the last node within the part from the start is followed by one within the part
        from the goal. `first` is the most that the first step back costs.
        """
        forth = int(limit * _FORTH)
        back = limit - forth
        reached = self._back(0, ends.goals, first)
        reached = reached[self._far[1][reached] <= back]
        layers = [ends.starts, self._push(self._near, 0, ends.starts, forth)]
        for steps in range(1, most_steps - 1):
            reached = self._back(steps, reached, back)
            layers.append(self._push(self._near, steps, layers[-1], forth))
        return layers

    def _back(self, steps: int, nodes: Nodes, limit: int) -> Nodes:
        self._far.carry(steps)
        return self._push(self._far, steps, nodes, limit)

    def _push(self, levels: _Levels, steps: int, nodes: Nodes, limit: int) -> Nodes:
        """Go from walks of `steps` steps to those of one more; give the nodes that these lead to for less."""
        found = self._kernels.push(self.graph, nodes, levels[steps], levels[steps + 1], self._room, limit)
        return levels.touch(steps + 1, found)

    def _least_hop(self, nodes: Nodes) -> int:
        begins = self.graph.indptr[nodes][self.graph.indptr[nodes] < self.graph.indptr[nodes + 1]]
        return int(self.graph.costs[begins].min()) if len(begins) else 0
