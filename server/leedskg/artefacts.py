"""What takes long to work out of a generation: worked out before it is current, and kept with it in files.

    routes/           the index of routes, as arrays that whoever searches maps
    outline.json      the communities of the network, and where a picture of all of it places each entity
    analysis.json     who matters in the network
    dumps/            every named graph in one file, in two forms

`build` writes them into the folder of a generation before that is published. The first two belong to the *network*: a
generation with the relationships of the one before shares these files with it (hard links). Over a SPARQL server
elsewhere a generation has no folder, so they are in the state folder; a machine that did not publish makes them there.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self, TypeVar

import networkx as nx
import numpy as np
import pyoxigraph as ox

from leedskg import dumps
from leedskg.analysis import Analysis, Community, TieGraph, read_analysis
from leedskg.analysis.communities import communities
from leedskg.dataclass_files import read_dataclass, write_dataclass
from leedskg.dumps import Dumps
from leedskg.errors import KnowledgeError
from leedskg.layout import by_communities
from leedskg.namespaces import Namespaces
from leedskg.network import Network
from leedskg.routes import RouteFinder, RouteIndex, kernels_for, read_index
from leedskg.routes.finder import every_tie
from leedskg.store import Published, Reader
from leedskg.store.generations import Generation


@dataclass(frozen=True)
class NetworkOutline:
    """The communities of a network, the largest first, and a place for each entity, in units of a drawing."""

    communities: tuple[Community, ...]
    positions: Mapping[str, tuple[float, float]]

    @classmethod
    def of(cls, network: Network) -> Self:
        """Work out the outline of a network; for ten thousand entities that takes seconds."""
        ties = TieGraph.of(network)
        found = communities(ties)
        simple: nx.Graph[str] = nx.Graph()
        simple.add_edges_from((ties.names[one], ties.names[other]) for one, other in ties.graph.edges)
        places = by_communities(simple, [each.members for each in found])
        return cls(found, {name: (round(x, 1), round(y, 1)) for name, (x, y) in sorted(places.items())})


#: Raised when the files or what they mean change: a generation with another number is built anew.
FORMAT = 7
_ROUTES, _OUTLINE, _ANALYSIS, _DUMPS = "routes", "outline.json", "analysis.json", "dumps"
#: Folders kept for generations on a server elsewhere: of the current one, and of those before while some read them.
_KEPT = 3

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Artefacts:
    """The artefacts of one generation, each read from its file when first asked for; safe to ask from several threads.

    One that is not there whole is worked out by whoever asks first, and kept in the folder if this may be `written`.
    """

    def __init__(
        self, reader: Reader, namespaces: Namespaces, folder: Path | None = None, *, written: bool = False,
        day: date | None = None,
    ) -> None:  # fmt: skip
        self._reader = reader
        self._namespaces = namespaces
        self._folder = folder
        self._written = written
        self._day = day
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}

    @classmethod
    def of(cls, reader: Reader, published: Published, namespaces: Namespaces, state: Path | None) -> Artefacts:
        """Return those of what is `published`; on a server elsewhere they are kept in `state`, if it is given."""
        if isinstance(published, Generation):
            return cls(reader, namespaces, folder_in(published.path))
        return cls(reader, namespaces, folder_for(state, published) if state else None, written=True)

    @property
    def is_complete(self) -> bool:
        """Whether all of them are in their files."""
        return self._folder is not None and all(
            (self._folder / name).exists() for name in (_ROUTES, _OUTLINE, _ANALYSIS, _DUMPS)
        )

    @property
    def routes(self) -> RouteFinder:
        """What finds routes."""
        return self._once("finder", self._find_routes)

    @property
    def ends(self) -> list[tuple[str, str]]:
        """The two entities of each tie, which is all that a picture of the whole network needs of it."""
        return self._once("ends", self._read_ends)

    @property
    def network(self) -> Network:
        """Every relationship that a route may use, without projects of registers: what these tie is tied there."""
        return self._once("network", lambda: self._read_network(self.projects))

    @property
    def network_with_projects(self) -> Network:
        """Every relationship that a route may use."""
        return self._once("network with projects", lambda: self._read_network(frozenset()))

    @property
    def projects(self) -> frozenset[str]:
        """The projects of registers. In a picture or a measure a thousand grants would hide the bodies."""
        return self._once("projects", self._read_projects)

    @property
    def outline(self) -> NetworkOutline:
        """The communities of the network, and where a picture of it places each entity."""
        return self._once(
            _OUTLINE, lambda: self._kept_as_json(_OUTLINE, NetworkOutline, lambda: NetworkOutline.of(self.network))
        )

    @property
    def analysis(self) -> Analysis:
        """Who matters in the network."""
        return self._once(_ANALYSIS, lambda: self._kept_as_json(_ANALYSIS, Analysis, self.analyse))

    @property
    def dumps(self) -> Dumps:
        """Every named graph in one file, as N-Quads and as TriG."""
        return self._once(_DUMPS, self._find_dumps)

    def analyse(self, earlier: Analysis | None = None) -> Analysis:
        """Work out who matters; `earlier` is that of a generation with the same network."""
        return read_analysis(self._reader, self._namespaces, self.network, self.outline.communities, earlier)

    def _find_dumps(self) -> Dumps:
        kept = self._folder / _DUMPS if self._folder else None
        found = Dumps.open(kept) if kept else None
        if found is None and kept and self._written:
            self._keep(kept, self._reader, lambda reader, folder: dumps.write(reader, self._namespaces, folder))
            found = Dumps.open(kept)
        return found or Dumps.aside(self._reader, self._namespaces)

    def _find_routes(self) -> RouteFinder:
        index = self._kept(_ROUTES, RouteIndex.open, self._make_index, RouteIndex.write)
        return RouteFinder(index, kernels_for(index))

    def _make_index(self) -> RouteIndex:
        read = read_index(self._reader, self._namespaces)
        return RouteFinder(read, kernels_for(read)).compared(self._day).index

    def _read_projects(self) -> frozenset[str]:
        index = self.routes.index
        return frozenset(index.entities[number] for number in np.flatnonzero(index.entity_is_project).tolist())

    def _read_ends(self) -> list[tuple[str, str]]:
        index = self.routes.index
        entities = list(index.entities)
        numbers = zip(index.tie_source.tolist(), index.tie_target.tolist(), strict=True)
        return [
            (entities[one], entities[other]) for one, other in numbers
            if self.projects.isdisjoint((entities[one], entities[other]))
        ]  # fmt: skip

    def _read_network(self, without: frozenset[str]) -> Network:
        index = self.routes.index
        ties = (tie for tie in every_tie(index) if without.isdisjoint(tie[:2]))
        return Network.of(ties, index.patterns, index.model)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        if name not in self._made:
            with self._lock:
                if name not in self._made:
                    self._made[name] = make()
        found: T = self._made[name]
        return found

    def _kept(
        self, name: str, read: Callable[[Path], T | None], make: Callable[[], T], write: Callable[[T, Path], None]
    ) -> T:
        found = read(self._folder / name) if self._folder else None
        if found is None:
            found = make()
            if self._folder and self._written:
                self._keep(self._folder / name, found, write)
        return found

    def _kept_as_json(self, name: str, kind: type[T], make: Callable[[], T]) -> T:
        def read(path: Path) -> T | None:
            return read_dataclass(kind, path)

        found: T = self._kept(name, read, make, write_dataclass)
        return found

    @staticmethod
    def _keep(path: Path, found: T, write: Callable[[T, Path], None]) -> None:
        """Write a file or folder in one step; one that is there, and not whole, is replaced and never written to."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent, prefix="writing-", ignore_cleanup_errors=True) as folder:
                written = Path(folder) / path.name
                write(found, written)
                if path.is_dir():
                    shutil.rmtree(path)
                written.replace(path)
        except OSError as error:
            _log.warning("%s cannot be kept: %s", path, error.strerror)


@dataclass(frozen=True)
class EarlierGeneration:
    """How a generation came of an earlier one: the folder of its artefacts, what differs, and whether ties do."""

    earlier: Path
    store: ox.Store
    touched: Iterable[ox.Quad]
    same_network: bool


def build(  # noqa: PLR0913 - what of, whereto, from what, and who is told
    reader: Reader,
    namespaces: Namespaces,
    folder: Path,
    *,
    since: EarlierGeneration | None = None,
    tell: Callable[[str], None] = lambda _: None,
    day: date | None = None,
) -> None:
    """Write the artefacts of what `reader` reads into `folder`; `tell` is called with each step in words.

    Where it came of an earlier one, files that are the same are shared with that; routes are weighed as at a `day`, or
    today. A graph whose ontology has no model of routes has the dumps alone. Raises KnowledgeError when they cannot be
    worked out or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tell("writing the files of the data set")
        _build_dumps(reader, namespaces, folder / _DUMPS, since)
    except OSError as error:
        raise KnowledgeError(f"{folder} cannot be written: {error.strerror}") from None
    if not reader.ask(_HAS_ROUTES % namespaces.base):
        return
    made = Artefacts(reader, namespaces, folder, written=True, day=day)
    before, earlier = None, since.earlier if since and since.same_network else None
    if earlier is not None:
        for name in (_ROUTES, _OUTLINE):
            _share(earlier / name, folder / name)
        before = read_dataclass(Analysis, earlier / _ANALYSIS)
    tell("working out the index of routes")
    _ = made.routes
    tell("laying out the network")
    _ = made.outline
    tell("working out who matters")
    found = made.analyse(before)
    if before == found and earlier is not None:
        _share(earlier / _ANALYSIS, folder / _ANALYSIS)
    else:
        made._keep(folder / _ANALYSIS, found, write_dataclass)
    if not made.is_complete:
        raise KnowledgeError(f"the index of routes and the analysis cannot be written to {folder}: is the disk full?")


def _build_dumps(reader: Reader, namespaces: Namespaces, folder: Path, since: EarlierGeneration | None) -> None:
    earlier = Dumps.open(since.earlier / _DUMPS) if since else None
    if since and earlier:
        dumps.follow(earlier, since.store, since.touched, namespaces, folder)
    else:
        dumps.write(reader, namespaces, folder)


def folder_in(generation: Path) -> Path:
    """Return where the artefacts of a generation in this folder are."""
    return generation / "artefacts"


def folder_for(state: Path, published: Published) -> Path:
    """Return where the artefacts of a generation on a server elsewhere are."""
    return state / "artefacts" / f"{published.id}-{FORMAT}"


def drop_old(state: Path) -> None:
    """Delete the artefacts of all but the last generations on a server elsewhere. Who has some mapped keeps them."""
    folders = sorted((state / "artefacts").glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def _share(source: Path, target: Path) -> None:
    """Make hard links to the files of `source`, or copies where the file system has no links."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link)
    elif source.exists():
        _link(source, target)


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


_HAS_ROUTES = "PREFIX lhi: <%sdef#> ASK { ?pattern a lhi:EdgePattern ; lhi:hop true }"
