"""Free places: what is tied stands near, and nothing stands on anything else."""

from __future__ import annotations

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
#: Rounds of moving apart; after each tenth the drawing is made larger, so that there is an end.
ROUNDS = 400
WIDER = 1.04


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
    """Places for bodies, of which pairs are tied: by springs (Fruchterman and Reingold 1991), then moved apart.

    The bodies of `between`, such as the words on a line, start half-way between two others. `middle` stays at (0, 0)
    when it is one of them. `aspect` is the width over the height that the drawing shall have. For some hundreds of
    bodies: both steps look at every pair.
    """
    import numpy as np  # noqa: PLC0415 # a tenth of a second, only when drawing

    halfway = between or {}
    names = list(bodies)
    if len(names) < 2:
        return dict.fromkeys(names, (0.0, 0.0))
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(name for name in names if name not in halfway)
    graph.add_edges_from(pairs)
    springs = nx.spring_layout(graph, seed=1, iterations=120, method="force")
    springs |= {name: (springs[one] + springs[other]) / 2 for name, (one, other) in halfway.items()}
    places = np.array([springs[name] for name in names], dtype=float)
    places -= places[names.index(middle)] if middle in bodies else places.mean(axis=0)
    sizes = np.array([(bodies[name].width + GAP, bodies[name].height + GAP) for name in names])
    side = float(np.sqrt((sizes[:, 0] * sizes[:, 1]).sum() * AIR))
    extent = np.maximum(places.max(axis=0) - places.min(axis=0), 1e-6)
    places *= np.array([side * np.sqrt(aspect), side / np.sqrt(aspect)]) / extent
    # A body reaches less far above its place than below it: it is moved by the middle of what is drawn.
    lift = np.array([(0.0, (bodies[name].below - bodies[name].above) / 2) for name in names])
    places = _moved_apart(places + lift, sizes) - lift
    if middle in bodies:
        places -= places[names.index(middle)]
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}


def _moved_apart(centres: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The centres moved as little as it takes that no two boxes overlap."""
    import numpy as np  # noqa: PLC0415

    apart = (sizes[:, None, :] + sizes[None, :, :]) / 2
    order = np.arange(len(centres))
    for at in range(1, ROUNDS + 1):
        between = centres[None, :, :] - centres[:, None, :]
        over = apart - np.abs(between)
        np.einsum("iij->ij", over)[:] = 0
        overlapping = (over > 1e-6).all(axis=2)
        if not overlapping.any():
            break
        across = over[:, :, 0] <= over[:, :, 1]
        # Two at the very same place part by their order.
        way = np.where(between == 0, np.sign(order[None, :] - order[:, None])[:, :, None], np.sign(between))
        push = np.where(overlapping[:, :, None], over * way / 2, 0)
        push[:, :, 0] = np.where(across, push[:, :, 0], 0)
        push[:, :, 1] = np.where(across, 0, push[:, :, 1])
        count = np.maximum(overlapping.sum(axis=1), 1)[:, None]
        centres = centres - push.sum(axis=1) * np.minimum(1, 2 / count)
        if at % 10 == 0:
            centres = centres * WIDER
    return centres
