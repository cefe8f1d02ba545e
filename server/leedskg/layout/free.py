"""Free places: what is tied stands near, and nothing stands on anything else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Room between two bodies.
GAP = 12.0
#: Area of the drawing before bodies are moved apart, as a multiple of that of the bodies.
AIR = 1.6
#: Rounds of moving apart; after some the drawing is made larger, so that there is an end.
ROUNDS = 400
WIDER = 1.03
#: An overlap that nobody sees.
NEARLY = 1e-6


@dataclass(frozen=True)
class Body:
    """What is drawn at a place: its width, and how far it reaches above and below the place."""

    width: float
    above: float
    below: float

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.above + self.below


def spread_out(
    bodies: Mapping[str, Body],
    pairs: Sequence[tuple[str, str]],
    middle: str = "",
    *,
    between: Mapping[str, tuple[str, str]] | None = None,
    aspect: float = 1.0,
) -> dict[str, tuple[float, float]]:
    """Return places for bodies, of which pairs are tied: by springs (Fruchterman and Reingold 1991), then moved apart.

    The bodies of `between`, such as the words on a line, start half-way between two others. `middle` stays at (0, 0)
    when it is one of them. `aspect` is the width over the height that the drawing shall have. For some hundreds of
    bodies: both steps look at every pair.
    """
    halfway = between or {}
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(name for name in bodies if name not in halfway)
    graph.add_edges_from(pairs)
    groups = sorted(nx.connected_components(graph), key=lambda group: (middle not in group, -len(group), min(group)))
    frames: list[dict[str, tuple[float, float]]] = []
    for group in groups:
        names = [name for name in bodies if (name in group if name not in halfway else halfway[name][0] in group)]
        frames.append(
            _one_group(graph.subgraph(name for name in names if name in group), bodies, names, halfway, aspect)
        )
    places = _in_rows(frames, bodies, aspect)
    x, y = places.get(middle, (0.0, 0.0))
    return {name: (places[name][0] - x, places[name][1] - y) for name in bodies}


def _one_group(
    graph: nx.Graph[str],
    bodies: Mapping[str, Body],
    names: Sequence[str],
    halfway: Mapping[str, tuple[str, str]],
    aspect: float,
) -> dict[str, tuple[float, float]]:
    """Return places for bodies that are tied to each other, by some way."""
    import numpy as np  # noqa: PLC0415 # a tenth of a second, only when drawing

    if len(names) < 2:
        return dict.fromkeys(names, (0.0, 0.0))
    ordered: nx.Graph[str] = nx.Graph()  # a subgraph has the order of a set, which differs between processes
    ordered.add_nodes_from(name for name in names if name not in halfway)
    ordered.add_edges_from(sorted((min(pair), max(pair)) for pair in graph.edges))
    springs = nx.spring_layout(ordered, seed=1, iterations=120, method="force")
    springs |= {name: (springs[halfway[name][0]] + springs[halfway[name][1]]) / 2 for name in names if name in halfway}
    places = np.array([springs[name] for name in names], dtype=float)
    sizes = np.array([(bodies[name].width + GAP, bodies[name].height + GAP) for name in names])
    side = float(np.sqrt((sizes[:, 0] * sizes[:, 1]).sum() * AIR))
    # Half by their order along each axis: that gives room to what the springs crowd together.
    order = [places[:, axis].argsort(kind="stable").argsort(kind="stable") for axis in (0, 1)]
    places = places / np.maximum(np.ptp(places, axis=0), NEARLY) + np.stack(order, axis=1) / len(places)
    extent = np.maximum(places.max(axis=0) - places.min(axis=0), 1e-6)
    places *= np.array([side * np.sqrt(aspect), side / np.sqrt(aspect)]) / extent
    # A body reaches less far above its place than below it: it is moved by the middle of what is drawn.
    lift = np.array([(0.0, (bodies[name].below - bodies[name].above) / 2) for name in names])
    places = _moved_apart(places + lift, sizes) - lift
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}


def _in_rows(
    frames: Sequence[Mapping[str, tuple[float, float]]], bodies: Mapping[str, Body], aspect: float
) -> dict[str, tuple[float, float]]:
    """Place untied groups in rows from the left, the first at the top: no line says how far apart they belong."""
    edges = []
    for frame in frames:
        left = min(x - bodies[name].width / 2 for name, (x, _) in frame.items())
        right = max(x + bodies[name].width / 2 for name, (x, _) in frame.items())
        top = min(y - bodies[name].above for name, (_, y) in frame.items())
        bottom = max(y + bodies[name].below for name, (_, y) in frame.items())
        edges.append((left, top, right - left, bottom - top))
    area = sum((width + 2 * GAP) * (height + 2 * GAP) for _, _, width, height in edges)
    least = max([(area * aspect) ** 0.5, *(width for _, _, width, _ in edges)])
    # Rows waste room below their lower groups: the width is that with which the whole comes nearest to its shape.
    sizes = [(width, height) for _, _, width, height in edges]
    room = min(
        (least * (1 + at / 10) for at in range(11)), key=lambda each: abs(math.log(_shape(sizes, each) / aspect))
    )
    places: dict[str, tuple[float, float]] = {}
    at_x, at_y, row = 0.0, 0.0, 0.0
    for frame, (left, top, width, height) in zip(frames, edges, strict=True):
        if at_x and at_x + width > room:
            at_x, at_y, row = 0.0, at_y + row + 2 * GAP, 0.0
        places |= {name: (x - left + at_x, y - top + at_y) for name, (x, y) in frame.items()}
        at_x, row = at_x + width + 2 * GAP, max(row, height)
    return places


def _shape(sizes: Sequence[tuple[float, float]], room: float) -> float:
    """Return the width over the height of groups of these sizes in rows of a width."""
    at_x = at_y = row = widest = 0.0
    for width, height in sizes:
        if at_x and at_x + width > room:
            at_x, at_y, row = 0.0, at_y + row + 2 * GAP, 0.0
        widest = max(widest, at_x + width)
        at_x, row = at_x + width + 2 * GAP, max(row, height)
    return max(widest, 1.0) / max(at_y + row, 1.0)


def _moved_apart(centres: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the centres as little as it takes that no two boxes overlap."""
    import numpy as np  # noqa: PLC0415

    apart = (sizes[:, None, :] + sizes[None, :, :]) / 2
    order = np.arange(len(centres))
    # Two at the very same place part by their order.
    by_order = np.sign(order[None, :] - order[:, None])
    for at in range(1, ROUNDS + 1):
        right = centres[None, :, 0] - centres[:, None, 0]
        down = centres[None, :, 1] - centres[:, None, 1]
        over_x, over_y = apart[:, :, 0] - np.abs(right), apart[:, :, 1] - np.abs(down)
        overlapping = (over_x > NEARLY) & (over_y > NEARLY) & (by_order != 0)
        if not overlapping.any():
            break
        along = overlapping & (over_x <= over_y)
        up = overlapping & ~along
        push_x = np.where(along, over_x * np.where(right == 0, by_order, np.sign(right)), 0.0).sum(axis=1)
        push_y = np.where(up, over_y * np.where(down == 0, by_order, np.sign(down)), 0.0).sum(axis=1)
        # Half of the overlap is for the other to make room; who has many neighbours moves by their mean.
        share = np.minimum(1.0, 2.0 / np.maximum(overlapping.sum(axis=1), 1)) / 2
        centres = centres - np.stack([push_x * share, push_y * share], axis=1)
        if at % 25 == 0:
            centres = centres * WIDER
    return centres


#: Members of a community that springs still place; of a larger one the best tied stand in the middle of a spiral.
MOST_SPRUNG = 450
#: Communities that springs place among each other; the rest, which are small, stand around them.
MOST_APART = 250
#: Room for a node, and turns of the golden angle, which fills a disc evenly (Vogel 1979).
ROOM = 12.0
GOLDEN = math.pi * (3 - math.sqrt(5))
ROUNDS_WITHIN = 30


def by_communities(graph: nx.Graph[str], communities: Sequence[Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Return places for every node of a graph, each community in a disc of its own; the rest on a ring around all.

    The same graph and communities have the same places. Takes time with the square of the largest community that
    springs place, and in proportion to everything else.
    """
    groups = [list(group) for group in communities]
    group_of = {node: at for at, group in enumerate(groups) for node in group}
    loose = sorted(node for node in graph if node not in group_of)
    middles = _apart(graph, groups, group_of)
    places: dict[str, tuple[float, float]] = {}
    for (x, y), group in zip(middles, groups, strict=True):
        radius = _radius(len(group))
        within = _within(graph, group)
        places |= {node: (x + radius * at_x, y + radius * at_y) for node, (at_x, at_y) in within.items()}
    far = max((math.hypot(x, y) for x, y in places.values()), default=0.0) + 4 * ROOM
    for at, node in enumerate(loose):
        reach = math.sqrt(far**2 + at * ROOM**2 * 2)
        places[node] = (reach * math.cos(at * GOLDEN), reach * math.sin(at * GOLDEN))
    return places


def _radius(members: int) -> float:
    return ROOM * math.sqrt(members)


def _apart(
    graph: nx.Graph[str], groups: Sequence[Sequence[str]], group_of: dict[str, int]
) -> list[tuple[float, float]]:
    """Place the middle of each community: those that are tied stand near, and no disc overlaps another."""
    pairs = {
        (min(one, other), max(one, other))
        for one, other in ((group_of.get(source, -1), group_of.get(target, -1)) for source, target in graph.edges())
        if one != other and one >= 0 and other >= 0
    }
    first = groups[:MOST_APART]
    bodies = {
        str(at): Body(2 * _radius(len(group)), _radius(len(group)), _radius(len(group)))
        for at, group in enumerate(first)
    }
    tied = [(str(one), str(other)) for one, other in sorted(pairs) if max(one, other) < len(first)]
    placed = spread_out(bodies, tied, "0" if first else "")
    middles = [placed[str(at)] for at in range(len(first))]
    centre_x = (min(x for x, _ in middles) + max(x for x, _ in middles)) / 2 if middles else 0.0
    centre_y = (min(y for _, y in middles) + max(y for _, y in middles)) / 2 if middles else 0.0
    middles = [(x - centre_x, y - centre_y) for x, y in middles]
    far = max(
        (math.hypot(x, y) + _radius(len(group)) for (x, y), group in zip(middles, first, strict=True)), default=0.0
    )
    covered = far**2
    for at, group in enumerate(groups[MOST_APART:]):
        covered += (2 * _radius(len(group)) + ROOM) ** 2
        reach = math.sqrt(covered)
        middles.append((reach * math.cos(at * GOLDEN), reach * math.sin(at * GOLDEN)))
    return middles


def _within(graph: nx.Graph[str], group: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return places in a disc of radius 1."""
    if len(group) > MOST_SPRUNG:
        ordered = sorted(group, key=lambda node: (-graph.degree[node], node))
        reach = [math.sqrt((at + 0.5) / len(ordered)) for at in range(len(ordered))]
        return {
            node: (reach[at] * math.cos(at * GOLDEN), reach[at] * math.sin(at * GOLDEN))
            for at, node in enumerate(ordered)
        }
    inside: nx.Graph[str] = nx.Graph()
    inside.add_nodes_from(sorted(group))
    inside.add_edges_from(sorted((min(pair), max(pair)) for pair in graph.subgraph(group).edges()))
    springs = nx.spring_layout(inside, seed=1, iterations=ROUNDS_WITHIN, method="force")
    # Springs give the way from the middle; how far is by order, so that the disc is filled evenly.
    ordered = sorted(springs, key=lambda node: (math.hypot(*springs[node]), node))
    places = {}
    for at, node in enumerate(ordered):
        angle = math.atan2(springs[node][1], springs[node][0])
        far = math.sqrt((at + 0.5) / len(ordered))
        places[node] = (far * math.cos(angle), far * math.sin(angle))
    return places
