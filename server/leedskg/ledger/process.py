"""The stewardship in processes of its own, so that a check or a publication never keeps a reader waiting.

One process works: it checks, records and publishes, one task after the other, which is the queue of merges. Another
looks: it says in words what contributions change, so that a page about them does not wait behind a publication. Both
start with the first task, keep the knowledge in memory, and end with the process that asked for them.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from leedskg import asker
from leedskg.asker import AskerLeftError
from leedskg.documents import Documents
from leedskg.errors import LedgerError, LeedskgError, LimitReachedError
from leedskg.ledger import tasks
from leedskg.ledger.stewardship import Stewardship
from leedskg.ledger.task_log import TaskLog
from leedskg.settings import Settings

_log = logging.getLogger(__name__)
#: Threads that may wait for the process that works: the others answer readers meanwhile.
_MOST_ASKERS = 3
#: Seconds that somebody waits to become one of them.
_FOR_A_TURN = 10.0
#: Seconds between two looks at whether somebody still waits; and tasks of which it is known whether somebody does.
_LOOK, _SLOTS = 0.1, 256

P = ParamSpec("P")
T = TypeVar("T")
Task = Callable[Concatenate[Stewardship, P], T]


class UnderWayError(LimitReachedError):
    """A task takes longer than its asker can wait; it goes on, and nothing of it is lost."""

    status = 503
    title = "This is still being done"

    def __init__(self, message: str, task: str) -> None:
        super().__init__(message)
        self.task = task


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


class StewardProcess:
    """Does tasks on the ledger and the knowledge that the settings name. Safe to call from several threads."""

    def __init__(self, settings: Settings, patience: float = 25.0) -> None:
        self._askers = threading.BoundedSemaphore(_MOST_ASKERS)
        self._working = _Worker(settings)
        self._looking = _Worker(settings)
        self._patience = patience
        self._tasks = TaskLog(settings.state_path)

    def do(self, task: Task[P, T], *values: P.args, **named: P.kwargs) -> T:
        """Return the result of a task that changes something. Raises what it raises, and UnderWayError."""
        if not self._askers.acquire(timeout=_FOR_A_TURN):
            raise LimitReachedError(
                "Several contributions are being checked or merged just now, and yours has not begun: nothing was "
                "changed. Send it again in a moment."
            )
        try:
            number = values[0] if values and isinstance(values[0], int) else 0
            known = self._tasks.begin(task.__name__, number, str(named.get("who", "")))
            future = self._working.send(known, task, *values, **named)
            future.add_done_callback(partial(self._note_broken, known))
            result: T = self._waited(future, known)
        finally:
            self._askers.release()
        return result

    def _note_broken(self, task: str, future: Future[Any]) -> None:
        """Note the end of a task whose process has ended by itself, or which failed by a fault of the program."""
        if not future.cancelled() and (error := future.exception()):
            self._tasks.failed(task, error)

    def look(self, task: Task[P, T], *values: P.args, **named: P.kwargs) -> T:
        """Return the result of a task that only looks. It ends when its asker leaves, whether it has begun or not."""
        future = self._looking.send("", task, *values, **named)
        try:
            result: T = self._waited(future, "")
        except AskerLeftError:
            self._looking.leave(future)
            raise
        return result

    def begin(self) -> None:
        """Start both processes and have them read the knowledge, for somebody is about to need them."""
        for worker in (self._working, self._looking):
            worker.begin()

    def close(self) -> None:
        """End both processes; what was recorded is on the disk, and what was not published is at the next start."""
        self._working.close()
        self._looking.close()

    def _waited(self, future: Future[Any], task: str) -> Any:
        try:
            result = _result(future, self._patience) if not task else future.result(self._patience)
        except TimeoutError:
            if not task:
                future.cancel()
                raise UnderWayError(
                    "This takes longer than a page can wait just now. Nothing was changed: do it again in a moment.", ""
                ) from None
            self._tasks.leave(task)
            known = self._tasks.find(task)
            doing = f" Just now: {known.step}." if known and known.step else ""
            raise UnderWayError(f"This takes longer than a page can wait. It goes on.{doing}", task) from None
        except BrokenProcessPool:
            raise LimitReachedError(
                "The process that did this has ended by itself. What the ledger had recorded is kept: look at the "
                "contribution before you try again."
            ) from None
        if isinstance(result, _Refusal):
            raise result.error()
        return result


def _result(future: Future[Any], patience: float) -> Any:
    """Wait for a result. Raises TimeoutError, and AskerLeftError when nobody waits for it any more."""
    until = time.monotonic() + patience
    while True:
        try:
            return future.result(min(_LOOK, max(0.0, until - time.monotonic())))
        except TimeoutError:
            asker.check()
            if time.monotonic() >= until:
                raise


class _Worker:
    """One process, started when it is needed, and again when it has died."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        #: Whose asker has left, of the last tasks that were sent; the process sees it.
        self._left = get_context("spawn").Array("b", _SLOTS, lock=False)
        self._sent: WeakKeyDictionary[Future[Any], int] = WeakKeyDictionary()
        self._number = 0
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._closed = False

    def begin(self) -> None:
        if self._pool is None and not self._closed:
            self.send("", _read_knowledge)

    def send(self, known: str, task: Callable[..., Any], *values: Any, **named: Any) -> Future[Any]:
        with self._lock:
            for _ in range(0 if self._closed else 2):
                try:
                    if self._pool is None:
                        context = get_context("spawn")
                        self._pool = ProcessPoolExecutor(
                            1, context, initializer=_begin, initargs=(self._settings, self._left)
                        )
                    slot = self._number = (self._number + 1) % _SLOTS
                    self._left[slot] = 0
                    future = self._pool.submit(_run, known, slot, task, values, named)
                    self._sent[future] = slot
                    return future
                except BrokenProcessPool:
                    self._end()
                except OSError as error:  # no process, no memory or no room for what both share
                    _log.error("the process for contributions cannot be started: %s", error)
                    self._end()
                    break
        raise LimitReachedError("The process that checks contributions does not start. Try again in a moment.")

    def leave(self, future: Future[Any]) -> None:
        """Have a task end that nobody waits for any more."""
        future.cancel()
        self._left[self._sent[future]] = 1

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None

    def close(self) -> None:
        with self._lock:
            pool, self._pool, self._closed = self._pool, None, True
        if pool is not None:
            for process in list((pool._processes or {}).values()):  # it has no other way to be stopped
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)


_own: dict[str, Any] = {}


class _Waiting(asker.Asker):
    """Who waits in another process."""

    def __init__(self, left: Any, slot: int) -> None:
        super().__init__()
        self._left = left
        self._slot = slot

    @property
    def has_left(self) -> bool:
        """Whether nobody waits any more."""
        return bool(self._left[self._slot])


def _begin(settings: Settings, left: Any) -> None:
    """Make this process ready; nothing that could fail is done before a task asks for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _own["settings"], _own["left"] = settings, left


def _stewardship() -> Stewardship:
    if "stewardship" not in _own:
        settings: Settings = _own["settings"]
        documents = Documents(Path(settings.documents).expanduser()) if settings.documents else None
        _own["stewardship"] = Stewardship(settings, documents=documents)
    found: Stewardship = _own["stewardship"]
    return found


def _run(known: str, slot: int, task: Callable[..., Any], values: tuple[Any, ...], named: dict[str, Any]) -> Any:
    log = TaskLog(_own["settings"].state_path)
    try:
        stewardship = _stewardship()
        stewardship.tell = partial(log.step, known)
        with asker.asking(_Waiting(_own["left"], slot)):
            result = task(stewardship, *values, **named)
        if known:
            log.done(known, tasks.outcome(result))
        return result
    except LeedskgError as error:
        if known and log.failed(known, error) and values and isinstance(values[0], int):
            # Whoever asked has gone: the contribution itself says what came of it.
            with suppress(LedgerError):
                stewardship.ledger.refused(values[0], task.__name__, str(error), who=str(named.get("who", "")))
        return _Refusal(type(error), error.args, error.__dict__)


def _read_knowledge(ledger: Stewardship) -> None:
    ledger.publication.present()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)
