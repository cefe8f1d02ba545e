"""The outline of a network: its communities, and where a picture of all of it places each entity.

It depends on nothing but who is tied to whom, takes seconds for ten thousand entities, and is the same for the same
network. So it is worked out once, when a generation is published, and kept in the state folder for all who read it.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import networkx as nx

from leedskg.analysis import Community, TieGraph
from leedskg.analysis.communities import communities
from leedskg.layout import by_communities
from leedskg.network import Network

#: Part of the name of the file: another one for another layout, or for another content of it.
FORMAT = 1
#: Outlines kept in files: of the network in use, and of those before while others still read them.
_KEPT = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outline:
    """The communities of a network, the largest first, and a place for each entity, in units of a drawing."""

    communities: tuple[Community, ...]
    positions: Mapping[str, tuple[float, float]]

    @classmethod
    def of(cls, network: Network) -> Self:
        """Work it out; for ten thousand entities that takes seconds."""
        ties = TieGraph.of(network)
        found = communities(ties)
        simple: nx.Graph[str] = nx.Graph()
        simple.add_edges_from((ties.names[one], ties.names[other]) for one, other in ties.graph.edges)
        places = by_communities(simple, [each.members for each in found])
        return cls(found, {name: (round(x, 1), round(y, 1)) for name, (x, y) in sorted(places.items())})

    def save(self, file: Path) -> bool:
        """Write it to a `file`, in one step; False where that cannot be, for it is only kept to save time."""
        told = {"communities": [asdict(each) for each in self.communities], "positions": self.positions}
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=file.parent, prefix="building-", ignore_cleanup_errors=True) as made:
                partial = Path(made) / file.name
                partial.write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
                partial.replace(file)
        except OSError as error:
            _log.warning("the outline of the network cannot be kept in %s: %s", file, error.strerror)
            return False
        _drop_old(file)
        return True

    @classmethod
    def open(cls, file: Path) -> Self | None:
        """Read what was saved in `file`; None when it is not there whole."""
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            os.utime(file)
            groups = tuple(Community(**each | {"members": tuple(each["members"])}) for each in told["communities"])
            return cls(groups, {name: (x, y) for name, (x, y) in told["positions"].items()})
        except (OSError, ValueError, KeyError, TypeError):
            return None


def outline_file(state: Path, network: str) -> Path:
    """Where the outline of a network is kept."""
    return state / "outlines" / f"{network}-{FORMAT}.json"


def _drop_old(kept: Path) -> None:
    """Delete all but the outlines used last."""
    others = [path for path in kept.parent.iterdir() if path != kept and path.is_file()]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT - 1 :]:
        path.unlink(missing_ok=True)
