"""Versions of the graph below `/versions/<name>/`: the pages and the endpoint, answered from the version's own store.

What is asked of a version goes to the same application with the version in its environ, and `leedskg.web.current` gives
it the version's store and settings. A store is opened when it is asked for, a few are open at a time, and one that
nobody asks is closed. See decision 0185.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from flask import Flask
from werkzeug.wsgi import ClosingIterator

from leedskg.errors import LeedskgError, LimitReachedError
from leedskg.generation_view import GenerationViews
from leedskg.releases import Version, Versions, prepare_store
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web.current import VERSION, Parts
from leedskg.web.serving.gate import Gate

#: Where the environ has why a version cannot be answered from.
FAILED = "leedskg.version.failed"
#: What is answered from a version: all that shows the graph, by the first part of its address up to a dot.
_PARTS = frozenset(
    {
        "", "agent", "api", "assertion", "assets", "attribution", "brief", "cite", "compare", "list", "dataset", "def",
        "disagreements", "evidence", "figures", "graph", "graph-store", "id", "model", "network", "pictures", "places",
        "projects", "query", "read", "routes", "rule", "scheme", "search", "shape", "sparql", "support", "timeline",
        "together",
    }
)  # fmt: skip
#: What an entity has that goes on after the version.
_OF_NOW = ("/history", "/changes.atom")
#: Versions that are open at a time, and seconds after which one that nobody asks is closed.
MOST_OPEN, IDLE = 2, 600.0
#: Seconds that a request waits for a store that is being made.
_PATIENCE = 8.0
_RETRY_AFTER = 10
_log = logging.getLogger(__name__)


class _Open:
    """A version that is open, or is being opened."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.ready = threading.Event()
        self.parts: Parts | None = None
        self.error: LeedskgError | None = None
        self.users = 0
        self.used_at = time.monotonic()

    def open(self, settings: Settings, gate: Gate) -> None:
        """Make its store if need be, and start what answers from it."""
        try:
            own = prepare_store(self.version, settings)
            pool = QueryPool(own)
            self.parts = Parts(own, pool, GenerationViews(pool, own.namespaces, own.state_path), gate, self.version)
        except LeedskgError as error:
            _log.error("version %s cannot be opened: %s", self.version.name, error)
            self.error = error
        finally:
            self.ready.set()

    def close(self) -> None:
        if self.parts:
            self.parts.reader.close()


class MountedVersions:
    """A WSGI application: what is asked of a version, and behind it the whole of `app`."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._behind, self._settings = app.wsgi_app, settings
        self._versions = Versions(settings.versions_path)
        self._gate = Gate(settings.route_searches, settings.route_queue, settings.queue_timeout)
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._sweeper: threading.Thread | None = None
        self._closing = threading.Event()
        app.extensions["leedskg.versions"] = self

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer from the version that the address names, where it names one."""
        name, rest = _split(environ.get("PATH_INFO", ""))
        version = self._versions.find(name) if rest else None
        if version is None or version.file(rest.removeprefix("/")):
            return self._behind(environ, start_response)
        environ = dict(environ)
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/versions/{name}"
        environ["PATH_INFO"] = rest
        try:
            entered = self._enter(version)
        except LeedskgError as error:
            environ["SCRIPT_NAME"] = environ["SCRIPT_NAME"].removesuffix(f"/versions/{name}")
            environ[FAILED] = error
            return self._behind(environ, start_response)
        environ[VERSION] = entered.parts
        try:
            return ClosingIterator(self._behind(environ, start_response), lambda: self._leave(entered))
        except BaseException:
            self._leave(entered)
            raise

    def _enter(self, version: Version) -> _Open:
        """Open a version, or find it open; raises LimitReachedError where that takes long, or all others are busy."""
        with self._lock:
            found = self._open.get(version.name)
            if found and found.error:
                del self._open[version.name]  # whoever asks again has it tried again
                raise found.error
            if found is None:
                self._make_room()
                found = self._open[version.name] = _Open(version)
                threading.Thread(target=found.open, args=(self._settings, self._gate), daemon=True).start()
                if self._sweeper is None:
                    self._sweeper = threading.Thread(target=self._sweep, name="version-sweeper", daemon=True)
                    self._sweeper.start()
            found.users += 1
        if not found.ready.wait(_PATIENCE):
            self._leave(found)
            raise LimitReachedError(
                f"The store of version {version.name} is being made; ask again in a moment.", retry_after=_RETRY_AFTER
            )
        if found.error:
            self._leave(found)
            raise found.error
        return found

    def _make_room(self) -> None:
        idle = [each for each in self._open.values() if not each.users and each.ready.is_set()]
        while len(self._open) >= MOST_OPEN:
            if not idle:
                raise LimitReachedError(
                    "Other versions are being asked at this moment; try again shortly.", retry_after=_RETRY_AFTER
                )
            oldest = min(idle, key=lambda each: each.used_at)
            idle.remove(oldest)
            del self._open[oldest.version.name]
            oldest.close()

    def _leave(self, entered: _Open) -> None:
        with self._lock:
            entered.users -= 1
            entered.used_at = time.monotonic()

    def _sweep(self) -> None:
        """Close what nobody has asked for a while."""
        while not self._closing.wait(IDLE / 10):
            with self._lock:
                before = time.monotonic() - IDLE
                for name, each in list(self._open.items()):
                    if not each.users and each.used_at < before:
                        del self._open[name]
                        each.close()

    def close(self) -> None:
        """Close every version. Twice does nothing more."""
        self._closing.set()
        with self._lock:
            for each in self._open.values():
                with suppress(LeedskgError):
                    each.ready.wait()
                    each.close()
            self._open.clear()


def _split(path: str) -> tuple[str, str]:
    """Return the version that an address names and what is asked of it; nothing where that is not for a version."""
    _, versions, name, *rest = [*path.split("/", 3), "", "", ""][:4]
    if versions != "versions" or not rest[0]:
        return "", ""
    first = rest[0].partition("/")[0].partition(".")[0]
    return (name, f"/{rest[0]}") if first in _PARTS and not rest[0].endswith(_OF_NOW) else ("", "")
