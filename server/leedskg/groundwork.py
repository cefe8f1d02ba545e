"""What takes long to work out of a generation, worked out once and kept in the state folder for every process.

That is the index of routes, the outline of the network, and the analysis of who matters. `lay` makes them when a
generation is published, in a process that no reader waits for; what is not there is made by the first who asks. The
first two belong to the *network* of a generation, so one that changes no relationship finds those of the one before it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from leedskg.analysis import Analysis, file_of, kept_or_made, read_analysis
from leedskg.errors import LeedskgError
from leedskg.namespaces import Namespaces
from leedskg.network import Network, network_of
from leedskg.outline import Outline, outline_file
from leedskg.routes import RouteFinder, RouteIndex, folder_of, kernels_for, read_index
from leedskg.routes.ties import every_tie
from leedskg.settings import Settings
from leedskg.sparql.opening import open_pool
from leedskg.store import Published, Reader
from leedskg.store.embedded import StoreReader
from leedskg.store.generations import lease_current

#: Waits a moment for the process that lays the groundwork, until what is wanted is there; raises LimitReachedError
#: while that is still at it.
Waiting = Callable[["Groundwork", Callable[[], bool]], None]
#: Statements up to which it takes about a second, less than a process of its own would add.
SMALL = 50_000
#: How much this yields to readers, as nice(1) has it.
_YIELDING = 10


class Groundwork:
    """The index of routes, the network and its outline, of one generation; safe to ask from several threads."""

    def __init__(
        self, reader: Reader, namespaces: Namespaces, state: Path | None = None, waiting: Waiting | None = None
    ) -> None:
        """Read through `reader`; keep what is worked out in the `state` folder, if one is given."""
        self._reader = reader
        self._namespaces = namespaces
        self.published: Published = reader.generation()
        self._state = state
        self._waiting = waiting
        self._lock = threading.RLock()
        self._routes: RouteFinder | None = None
        self._network: Network | None = None
        self._ends: list[tuple[str, str]] = []
        self._outline: Outline | None = None
        self._analysis: Analysis | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all of it is kept, so that nobody has to wait."""
        return self.is_laid and self._is_analysed()

    @property
    def is_laid(self) -> bool:
        """Whether what belongs to the network is kept, which is all but the analysis."""
        return bool(self._index_folder and self._index_folder.is_dir() and self._file and self._file.is_file())

    @property
    def is_near(self) -> bool:
        """Whether asking for it takes no longer than a page may: it is kept, or can be made in about a second."""
        return self._routes is not None or not self._waiting or self.published.statements <= SMALL or self.is_laid

    def lay(self) -> None:
        """Work out what is not kept yet, and keep it."""
        _ = self.routes, self.outline, self.analysis

    @property
    def routes(self) -> RouteFinder:
        """What finds routes."""
        if self._routes is None:
            self._wait()
            with self._lock:
                self._routes = self._routes or self._read_routes()
        return self._routes

    @property
    def ends(self) -> list[tuple[str, str]]:
        """The two entities of each tie, which is all that a picture of the whole network needs of it."""
        if not self._ends:
            index = self.routes.index
            entities = list(index.entities)
            numbers = zip(index.tie_source.tolist(), index.tie_target.tolist(), strict=True)
            self._ends = [(entities[one], entities[other]) for one, other in numbers]
        return self._ends

    @property
    def network(self) -> Network:
        """Every relationship that a route may use."""
        if self._network is None:
            index = self.routes.index
            with self._lock:
                self._network = self._network or Network.of(every_tie(index), index.patterns, index.model)
        return self._network

    @property
    def outline(self) -> Outline:
        """The communities of the network, and where a picture of it places each entity."""
        if self._outline is None:
            self._wait()
            with self._lock:
                self._outline = self._outline or self._read_outline()
        return self._outline

    @property
    def analysis(self) -> Analysis:
        """Who matters in the network. It tells of themes and needs too, so it belongs to the generation."""
        if self._analysis is None:
            if self._waiting and not self._is_analysed():
                self._waiting(self, self._is_analysed)
            with self._lock:
                self._analysis = self._analysis or kept_or_made(self._analysis_file, self._analyse)
        return self._analysis

    def _analyse(self) -> Analysis:
        return read_analysis(self._reader, self._namespaces, self.network)

    def _is_analysed(self) -> bool:
        return self._analysis_file is not None and self._analysis_file.is_file()

    @property
    def _analysis_file(self) -> Path | None:
        return file_of(self._state, self.published.id) if self._state else None

    def _wait(self) -> None:
        if self._waiting and not self.is_laid:
            self._waiting(self, lambda: self.is_laid)

    def _read_routes(self) -> RouteFinder:
        folder = self._index_folder
        index = RouteIndex.open(folder) if folder else None
        if index is None:
            read = read_index(self._reader, self._namespaces)
            made = RouteFinder(read, kernels_for(read)).compared()
            index = (RouteIndex.open(folder) if folder and made.index.save(folder) else None) or made.index
        return RouteFinder(index, kernels_for(index))

    def _read_outline(self) -> Outline:
        found = Outline.open(self._file) if self._file else None
        if found is None:
            found = Outline.of(self.network)
            if self._file:
                found.save(self._file)
        return found

    @property
    def _index_folder(self) -> Path | None:
        return folder_of(self._state, network_of(self.published)) if self._state else None

    @property
    def _file(self) -> Path | None:
        return outline_file(self._state, network_of(self.published)) if self._state else None


def lay(settings: Settings) -> None:
    """Lay the groundwork of what is published where the settings say. Raises KnowledgeError and StoreError."""
    with _published(settings) as reader:
        Groundwork(reader, settings.namespaces, settings.state_path).lay()


def lay_yielding(settings: Settings) -> None:
    """The same, as the task of a process of its own that yields to whoever answers readers."""
    os.nice(_YIELDING)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends us
    try:
        lay(settings)
    except LeedskgError as error:
        sys.exit(f"{error}")


@contextmanager
def _published(settings: Settings) -> Iterator[Reader]:
    """A reader of what is published that no query worker is needed for."""
    if settings.store:
        with open_pool(settings) as pool:
            yield pool
        return
    with lease_current(settings.state_path) as lease:
        yield StoreReader(ox.Store.read_only(str(lease.generation.path)), lease.generation)
