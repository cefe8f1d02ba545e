"""What all web processes of a site share: who works on contributions, and how often one may try.

It lives in the process that starts them, which does nothing else, and goes on when a web process ends. They call it
through a socket that only this user may open, with a key that only processes of this one know.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, cast

from leedskg import asker
from leedskg.accounts.rates import Rates
from leedskg.errors import LimitReachedError
from leedskg.ledger.process import StewardProcess
from leedskg.settings import Settings

#: What the socket is called in the folder of the keeper.
SOCKET = "shared"

_CLOSED = "the server is shutting down"
_MAY_BE_DONE = "; what you sent may be recorded all the same: look for it before you send it again"


@dataclass(frozen=True)
class Shared:
    """The steward process and the counts, wherever they are."""

    steward: StewardProcess
    rates: Rates


class Sharing:
    """Holds what is shared, and does what others call. Close it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Let processes that this one starts call at a socket in `folder`."""
        self._own = Shared(StewardProcess(settings), Rates(settings.contributions_per_hour))
        self._listener = Listener(str(folder / SOCKET), "AF_UNIX", 64, multiprocessing.current_process().authkey)
        threading.Thread(target=self._listen, name="shared", daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                caller = self._listener.accept()
            except (EOFError, multiprocessing.AuthenticationError):  # a caller that went away, or has not our key
                continue
            except OSError:  # closed
                return
            threading.Thread(target=self._answer, args=(caller,), name="shared-call", daemon=True).start()

    def _answer(self, caller: Connection) -> None:
        with caller, suppress(EOFError, OSError):
            while True:
                part, name, values, named = caller.recv()
                try:
                    with asker.asking(_Caller(caller)):
                        done = (True, getattr(getattr(self._own, part), name)(*values, **named))
                except Exception as error:  # it is raised where it was called
                    done = (False, error)
                caller.send(done)

    def close(self) -> None:
        """End the work on contributions; what was recorded is kept."""
        self._listener.close()
        self._own.steward.close()


class _Caller(asker.Asker):
    """A process that waits for what it has called: it says nothing meanwhile, so that something comes means its end."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    @property
    def has_left(self) -> bool:
        """Whether nobody waits any more."""
        return self._connection.poll()


class _Calls:
    """Stands for a part of what is shared: its methods are called there."""

    def __init__(self, at: Path, part: str) -> None:
        self._at = at
        self._part = part
        self._mine = threading.local()

    def __getattr__(self, name: str) -> Any:
        def call(*values: Any, **named: Any) -> Any:
            waiting = asker.current()
            may_be_done = False
            try:
                if not hasattr(self._mine, "connection"):
                    key = multiprocessing.current_process().authkey
                    self._mine.connection = Client(str(self._at), "AF_UNIX", key)
                called: Connection = self._mine.connection
                with _hung_up_by(waiting, called):
                    called.send((self._part, name, values, named))
                    may_be_done = self._part == "steward" and name != "look"
                    is_well, result = called.recv()
            except (EOFError, OSError):
                self._mine.__dict__.clear()
                asker.check()
                raise LimitReachedError(_CLOSED + _MAY_BE_DONE * may_be_done) from None
            if not is_well:
                raise result
            return result

        return call


@contextmanager
def _hung_up_by(waiting: asker.Asker | None, connection: Connection) -> Iterator[None]:
    """Have a connection end, should somebody leave while the block lasts."""
    if waiting is None:
        yield
        return

    def hang_up() -> None:
        with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as other:
            other.shutdown(socket.SHUT_RDWR)

    waiting.stops(hang_up)
    try:
        yield
    finally:
        waiting.spares(hang_up)


def reach(at: Path) -> Shared:
    """Return what is shared, for a process that was started by the one that holds it."""
    return Shared(cast("StewardProcess", _Calls(at, "steward")), cast("Rates", _Calls(at, "rates")))
