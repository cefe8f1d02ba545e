"""Having the groundwork of each new generation laid aside from requests, so that none has to wait for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from leedskg import groundwork
from leedskg.errors import LeedskgError, LimitReachedError
from leedskg.groundwork import SMALL, Groundwork
from leedskg.settings import Settings
from leedskg.store import Reader

#: Seconds between two looks at what is published.
_LOOK = 0.5
#: Seconds after which a request is told that what it needs is being made. For a small graph that is done in a thread,
#: since it takes less than starting a process would, and is waited for.
_PATIENCE = 4.0

_log = logging.getLogger(__name__)


class BeingMadeError(LimitReachedError):
    """What a page shows is being worked out after a publication; it is there in a moment."""

    title = "This is being made"


class Groundlayer:
    """Looks for new generations and has their groundwork laid, one after the other. Close it."""

    def __init__(self, settings: Settings, reader: Reader) -> None:
        self._settings = settings
        self._reader = reader
        self._changed = threading.Condition()
        self._done = ""
        self._process: BaseProcess | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._look, name="groundwork", daemon=True)
        self._thread.start()

    def wait(self, wanted: Groundwork, is_there: Callable[[], bool]) -> None:
        """Return when what is wanted is there, or could not be laid. Raises BeingMadeError when it takes longer."""
        until = time.monotonic() + (_PATIENCE if wanted.published.statements > SMALL else 60)
        with self._changed:
            while not (is_there() or self._done == wanted.published.id or self._closed or self._has_died):
                left = until - time.monotonic()
                if left <= 0:
                    raise BeingMadeError(
                        "The graph was published a moment ago, and its routes and pictures are being worked out. "
                        "Names, records and queries are there already. Load this page again in a few seconds.",
                        retry_after=5,
                    )
                self._changed.wait(min(left, _LOOK))

    def close(self) -> None:
        """End what is under way; the next start takes it up again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            if self._process is not None:
                self._process.terminate()
        self._thread.join(timeout=5)

    @property
    def _has_died(self) -> bool:
        return not self._thread.is_alive()

    def _look(self) -> None:
        while not self._closed:
            found = Groundwork(self._reader, self._settings.namespaces, self._settings.state_path)
            if found.published.id != self._done:
                if not found.is_complete:
                    self._lay(found)
                with self._changed:
                    self._done = found.published.id
                    self._changed.notify_all()
            with self._changed:
                if not self._closed:
                    self._changed.wait(_LOOK)

    def _lay(self, found: Groundwork) -> None:
        try:
            if found.published.statements <= SMALL:
                found.lay()
                return
            failed = self._lay_aside()
        except LeedskgError as error:
            failed = str(error)
        if failed and not self._closed:
            _log.error("routes and pictures could not be worked out ahead, so the first who asks waits: %s", failed)

    def _lay_aside(self) -> str:
        """Lay it in a process of its own; give what went wrong."""
        process = get_context("spawn").Process(
            target=groundwork.lay_yielding, args=(self._settings,), name="groundwork", daemon=True
        )
        with self._changed:
            if self._closed:
                return ""
            process.start()
            self._process = process
        process.join()
        with self._changed:
            self._process = None
        return f"its process ended with {process.exitcode}" if process.exitcode else ""
