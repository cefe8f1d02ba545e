"""The servers of one run, by name: started, started again when a query has made one useless, and stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from leedskg.store.generations import Generation
from tests.benchmarks import servers
from tests.benchmarks.data import union_file
from tests.benchmarks.servers import Address

OURS = "leedskg"
PEERS = ("rdflib-endpoint", "rdflib-endpoint, memory", "oxigraph serve", "Virtuoso")


class Fleet:
    """Ours and its peers over one generation; use it in a `with` block, so that none is left."""

    def __init__(self, generation: Generation, folder: Path) -> None:
        file = union_file(generation, folder)
        self._commands = {
            OURS: lambda: servers.leedskg(folder / "state"),
            "rdflib-endpoint": lambda: servers.rdflib_endpoint(file, "Oxigraph"),
            "rdflib-endpoint, memory": lambda: servers.rdflib_endpoint(file, "default"),
            "oxigraph serve": lambda: servers.oxigraph(file, folder / "oxigraph"),
            "Virtuoso": lambda: servers.virtuoso(file, folder / "virtuoso"),
        }
        self._running: dict[str, ExitStack] = {}
        self.addresses: dict[str, Address] = {}

    def start(self, name: str, say: Callable[[str], None]) -> None:
        """Start a server, unless it is not installed, and say how long it took until its first answer."""
        if name == "Virtuoso" and not servers.has_virtuoso():
            say("Virtuoso is left out: it is not installed (Debian: virtuoso-opensource-7).\n")
            return
        begun = time.perf_counter()
        try:
            self._start(name)
        except RuntimeError as error:
            say(f"* {name} is left out: {error}")
            return
        say(f"* {name}: {time.perf_counter() - begun:.1f} s from its start to its first answer, loading included")

    def restart(self, name: str) -> None:
        """Start it anew, for it goes on with a query that nobody waits for. Raises RuntimeError when that fails."""
        self.stop(name)
        self._start(name)

    def _start(self, name: str) -> None:
        stack = ExitStack()
        self.addresses[name] = stack.enter_context(self._commands[name]()).address
        self._running[name] = stack

    def stop(self, name: str) -> None:
        """Stop it; it has no address any more."""
        del self.addresses[name]
        self._running.pop(name).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for stack in self._running.values():
            stack.close()
