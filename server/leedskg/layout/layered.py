"""Layers from one end to the other: for routes."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

#: Room between two nodes of a layer, and at both ends of a line's label.
GAP = 20.0
#: Room between two labels of lines.
LABEL_GAP = 5.0
#: Room that a line needs where it passes between nodes.
LANE = 16.0
#: How often order and places are adjusted to the neighbouring layers; more changes nothing at this size.
SWEEPS = 8


@dataclass(frozen=True)
class Box:
    """What is drawn at a node: its width, and how far it reaches above and below the node's centre."""

    width: float
    above: float
    below: float


@dataclass(frozen=True)
class LayeredLine:
    """A line between two nodes, and the size of its label."""

    key: str
    source: str
    target: str
    label_width: float
    label_height: float


@dataclass(frozen=True)
class Layers:
    """Nodes in layers and in drawing order, with a bend in each layer that a line passes over."""

    layers: Sequence[Sequence[str]]
    #: The nodes each line runs through, in the order of the layers: one end, the bends, the other end.
    paths: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Placement:
    """The frame of the drawing; the centres of nodes and bends; the centre of each line's label, near its middle."""

    left: float
    top: float
    width: float
    height: float
    positions: Mapping[str, tuple[float, float]]
    labels: Mapping[str, tuple[float, float]]


def layered(nodes: Sequence[str], lines: Sequence[LayeredLine], start: str, end: str) -> Layers:
    """Return layers with `start` alone in the first and `end` alone in the last, the others by distance from both.

    No line joins two nodes of one layer. One that passes over a layer gets a bend there, so that it is led past the
    nodes and not through them.
    """
    level = _levels(nodes, lines, start, end)
    layers: list[list[str]] = [[] for _ in range(max(level.values()) + 1)]
    for node in nodes:
        layers[level[node]].append(node)
    paths: dict[str, list[str]] = {}
    for line in lines:
        first, last = sorted((line.source, line.target), key=level.__getitem__)
        between = range(level[first] + 1, level[last])
        bends = [f"{line.key}/{at}" for at in between]
        for at, bend in zip(between, bends, strict=True):
            layers[at].append(bend)
        paths[line.key] = [first, *bends, last]
    return Layers(_untangled(layers, paths.values()), paths)


def carrier(path: Sequence[str]) -> tuple[str, str]:
    """Return the stretch of a line's path that carries its label: the middle one."""
    at = (len(path) - 2) // 2
    return path[at], path[at + 1]


def place(layers: Layers, boxes: Mapping[str, Box], lines: Sequence[LayeredLine], *, wide: bool) -> Placement:
    """Give everything its place, the layers from left to right (`wide`) or from top to bottom."""
    room = {node: boxes.get(node, Box(LANE, LANE / 2, LANE / 2)) for layer in layers.layers for node in layer}
    across = _across(layers, room, wide=wide)
    labels: dict[int, list[tuple[float, LayeredLine]]] = defaultdict(list)
    layer_of = {node: at for at, layer in enumerate(layers.layers) for node in layer}
    for line in lines:
        one, other = carrier(layers.paths[line.key])
        labels[layer_of[one]].append(((across[one] + across[other]) / 2, line))
    shifts: dict[str, float] = {}
    along = [0.0]
    for at, (one_layer, other_layer) in enumerate(pairwise(layers.layers)):
        here = sorted(labels[at], key=lambda entry: entry[0])
        if wide:
            moved, depth = _moved_apart(here)
            half = max(room[node].width for node in (*one_layer, *other_layer)) / 2
            along.append(along[-1] + 2 * half + depth + 2 * GAP)
        else:
            below = max(room[node].below for node in one_layer)
            above = max(room[node].above for node in other_layer)
            moved, depth = _in_rows(here)
            moved = {key: shift + (below - above) / 2 for key, shift in moved.items()}
            along.append(along[-1] + below + depth + above + 2 * GAP)
        shifts |= moved
    positions = {
        node: (along[at], across[node]) if wide else (across[node], along[at])
        for at, layer in enumerate(layers.layers)
        for node in layer
    }
    labels_at = {}
    for line in lines:
        (one_x, one_y), (other_x, other_y) = (positions[node] for node in carrier(layers.paths[line.key]))
        labels_at[line.key] = (one_x + other_x) / 2, (one_y + other_y) / 2 + shifts[line.key]
    left = min(x - room[node].width / 2 for node, (x, _) in positions.items())
    right = max(x + room[node].width / 2 for node, (x, _) in positions.items())
    top = min(y - room[node].above for node, (_, y) in positions.items())
    bottom = max(y + room[node].below for node, (_, y) in positions.items())
    return Placement(left, top, right - left, bottom - top, positions, labels_at)


def _levels(nodes: Sequence[str], lines: Sequence[LayeredLine], start: str, end: str) -> dict[str, int]:
    neighbours: dict[str, set[str]] = {node: set() for node in nodes}
    for line in lines:
        neighbours[line.source].add(line.target)
        neighbours[line.target].add(line.source)
    from_start, from_end = _distances(neighbours, start), _distances(neighbours, end)

    def progress(node: str) -> tuple[Fraction, int]:
        done, left = from_start.get(node, 1), from_end.get(node, 1)
        return Fraction(done, max(1, done + left)), done

    level = {start: 0}
    for node in sorted(nodes, key=progress):
        if node not in (start, end):
            level[node] = 1 + max((level[other] for other in neighbours[node] if other in level), default=0)
    level[end] = 1 + max(level.values())
    return level


def _distances(neighbours: Mapping[str, set[str]], origin: str) -> dict[str, int]:
    distances, waiting = {origin: 0}, deque([origin])
    while waiting:
        node = waiting.popleft()
        for other in neighbours[node]:
            if other not in distances:
                distances[other] = distances[node] + 1
                waiting.append(other)
    return distances


def _untangled(layers: list[list[str]], paths: Iterable[Sequence[str]]) -> list[list[str]]:
    """Order each layer by the mean place of its neighbours, forwards and backwards in turn, so that few lines cross."""
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        for one, other in pairwise(path):
            after[one].append(other)
            before[other].append(one)
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        neighbours = before if forwards else after
        rank = {node: at - (len(layer) - 1) / 2 for layer in layers for at, node in enumerate(layer)}
        for layer in layers if forwards else reversed(layers):
            layer.sort(key=lambda node, rank=rank, near=neighbours: _mean([rank[n] for n in near[node]], rank[node]))  # type: ignore[misc]
            rank |= {node: at - (len(layer) - 1) / 2 for at, node in enumerate(layer)}
    return layers


def _across(layers: Layers, room: Mapping[str, Box], *, wide: bool) -> dict[str, float]:
    """Return places within the layers: in order, without overlap, and as near to the neighbours as that allows."""
    near: dict[str, list[str]] = defaultdict(list)
    for path in layers.paths.values():
        for one, other in pairwise(path):
            near[one].append(other)
            near[other].append(one)
    places: dict[str, float] = {}
    for sweep in range(SWEEPS):
        for layer in layers.layers if sweep % 2 == 0 else reversed(layers.layers):
            wanted = [_mean([places[n] for n in near[node] if n in places], 0.0) for node in layer]
            apart = [
                (room[one].below + room[other].above if wide else (room[one].width + room[other].width) / 2) + GAP
                for one, other in pairwise(layer)
            ]
            places |= zip(layer, _spread(wanted, apart), strict=True)
    return places


def _moved_apart(labels: Sequence[tuple[float, LayeredLine]]) -> tuple[dict[str, float], float]:
    """Return shifts that clear labels standing one above the other, and the width of the widest."""
    apart = [(one.label_height + other.label_height) / 2 + LABEL_GAP for (_, one), (_, other) in pairwise(labels)]
    places = _spread([at for at, _ in labels], apart)
    shifts = {line.key: place - at for place, (at, line) in zip(places, labels, strict=True)}
    return shifts, max((line.label_width for _, line in labels), default=0.0)


def _in_rows(labels: Sequence[tuple[float, LayeredLine]]) -> tuple[dict[str, float], float]:
    """Return shifts that clear labels standing side by side, by putting them in rows, and the height of all rows."""
    ends: list[float] = []
    row_of: dict[str, int] = {}
    for at, line in labels:
        left = at - line.label_width / 2
        row = next((row for row, end in enumerate(ends) if end + LABEL_GAP <= left), len(ends))
        ends[row : row + 1] = [at + line.label_width / 2]
        row_of[line.key] = row
    pitch = max((line.label_height for _, line in labels), default=0.0) + LABEL_GAP
    return {key: (row - (len(ends) - 1) / 2) * pitch for key, row in row_of.items()}, pitch * len(ends)


def _spread(wanted: Sequence[float], apart: Sequence[float]) -> list[float]:
    """Return the places nearest to those wanted (least squares) that keep the order and stand so far apart.

    With the distances taken off, that is isotonic regression, solved by pooling neighbours that are out of order.
    """
    offsets = [0.0]
    for distance in apart:
        offsets.append(offsets[-1] + distance)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=False):
        mean, size = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        pools.append((mean, size))
    free = [mean for mean, size in pools for _ in range(size)]
    return [place + offset for place, offset in zip(free, offsets, strict=False)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
