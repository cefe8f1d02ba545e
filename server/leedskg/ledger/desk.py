"""The stewardship in processes of its own, so that a check or a publication never keeps a reader waiting.

One process works: it checks, records and publishes, one errand after the other, which is the queue of merges. Another
looks: it says in words what contributions change, so that a page about them does not wait behind a publication. Both
start with the first errand, keep the knowledge in memory, and end with the process that asked for them.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from leedskg.documents import Documents
from leedskg.errors import LeedskgError, LimitReachedError
from leedskg.ledger.effects import EffectCheck
from leedskg.ledger.stewardship import Stewardship
from leedskg.settings import Settings

#: Threads that may wait for the process that works: the others answer readers meanwhile.
_MOST_ASKERS = 3
#: Seconds that somebody waits to become one of them.
_FOR_A_TURN = 10.0

P = ParamSpec("P")
T = TypeVar("T")
Errand = Callable[Concatenate[Stewardship, P], T]


class UnderWayError(LimitReachedError):
    """An errand takes longer than its asker can wait; it goes on, and nothing of it is lost."""

    status = 503
    title = "This is still being done"


@dataclass(frozen=True)
class _Refusal:
    """An error for a person, taken apart: not every class of error can be pickled."""

    kind: type[LeedskgError]
    words: tuple[Any, ...]
    known: dict[str, Any]

    def error(self) -> LeedskgError:
        made = self.kind.__new__(self.kind)
        made.args = self.words
        made.__dict__.update(self.known)
        return made


class Desk:
    """Does errands on the ledger and the knowledge that the settings name. Safe to call from several threads."""

    def __init__(self, settings: Settings, patience: float = 25.0) -> None:
        self._askers = threading.BoundedSemaphore(_MOST_ASKERS)
        self._working = _Hand(settings)
        self._looking = _Hand(settings)
        self._patience = patience

    def do(self, errand: Errand[P, T], *values: P.args, **named: P.kwargs) -> T:
        """The result of an errand that changes something. Raises what it raises, and UnderWayError."""
        if not self._askers.acquire(timeout=_FOR_A_TURN):
            raise LimitReachedError(
                "Several contributions are being checked or merged just now, and yours has not begun: nothing was "
                "changed. Send it again in a moment."
            )
        try:
            result: T = self._waited(self._working.send(errand, *values, **named))
        finally:
            self._askers.release()
        return result

    def look(self, errand: Errand[P, T], *values: P.args, **named: P.kwargs) -> T:
        """The result of an errand that only looks."""
        result: T = self._waited(self._looking.send(errand, *values, **named))
        return result

    def begin(self) -> None:
        """Start both processes and have them read the knowledge, for somebody is about to need them."""
        for hand in (self._working, self._looking):
            hand.begin()

    def begin_looking(self) -> None:
        """Start the process that looks, and have it read the knowledge: it is what readers may need."""
        self._looking.begin()

    def close(self) -> None:
        """End both processes; what was recorded is on the disk, and what was not published is at the next start."""
        self._working.close()
        self._looking.close()

    def _waited(self, future: Future[Any]) -> Any:
        try:
            result = future.result(self._patience)
        except TimeoutError:
            raise UnderWayError(
                "This takes longer than a page can wait. It goes on; look at the contribution again in a moment."
            ) from None
        except BrokenProcessPool:
            raise LimitReachedError(
                "The process that did this has ended by itself. What the ledger had recorded is kept: look at the "
                "contribution before you try again."
            ) from None
        if isinstance(result, _Refusal):
            raise result.error()
        return result


class _Hand:
    """One process, started when it is needed, and again when it has died."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._closed = False

    def begin(self) -> None:
        if self._pool is None and not self._closed:
            self.send(_read_knowledge)

    def send(self, errand: Callable[..., Any], *values: Any, **named: Any) -> Future[Any]:
        with self._lock:
            for _ in range(0 if self._closed else 2):
                if self._pool is None:
                    context = get_context("spawn")
                    self._pool = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(self._settings,))
                try:
                    return self._pool.submit(_run, errand, values, named)
                except BrokenProcessPool:
                    self._pool.shutdown(wait=False)
                    self._pool = None
        raise LimitReachedError("The process that checks contributions does not start. Try again in a moment.")

    def close(self) -> None:
        with self._lock:
            pool, self._pool, self._closed = self._pool, None, True
        if pool is not None:
            for process in list((pool._processes or {}).values()):  # it has no other way to be stopped
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)


_own: dict[str, Any] = {}


def _begin(settings: Settings) -> None:
    """Make this process ready; nothing that could fail is done before an errand asks for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _own["settings"] = settings


def _stewardship() -> Stewardship:
    if "stewardship" not in _own:
        settings: Settings = _own["settings"]
        documents = Documents(Path(settings.documents).expanduser()) if settings.documents else None
        _own["stewardship"] = Stewardship(settings, documents=documents, checker=EffectCheck(documents))
    found: Stewardship = _own["stewardship"]
    return found


def _run(errand: Callable[..., Any], values: tuple[Any, ...], named: dict[str, Any]) -> Any:
    try:
        return errand(_stewardship(), *values, **named)
    except LeedskgError as error:
        return _Refusal(type(error), error.args, error.__dict__)


def _read_knowledge(ledger: Stewardship) -> None:
    ledger.publication.present()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)
