"""Asking the supervisor that serves now: a connection for each query, whose end stops it.

Where an answer came to its end the connection is kept for the next query: to make one takes as long as a small answer.
The same connection serves a thread, which waits for its frames, and an event loop, which is told when a small answer is
there whole and leaves the rest to a thread.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from leedskg import asker
from leedskg.errors import LimitReachedError
from leedskg.sparql.service import frames
from leedskg.sparql.service.serving import Served, Serving

#: Seconds between two tries to reach a supervisor that is being started again.
_AGAIN = 0.02
#: Seconds that a word with the supervisor itself may take, which never waits.
_WORD = 5.0

#: How many connections a process keeps on which it asks nothing.
_MOST_KEPT = 32

_CLOSED = "the server is shutting down"


class Exchange:
    """A query as its client has it: what it sends, and the frames of the answer. Closing it stops the query."""

    def __init__(self, connection: socket.socket, at: str, generation: Served, client: Client) -> None:
        self._connection = connection
        self.at = at
        #: The one that answers.
        self.generation = generation
        self._client = client
        #: Who waits for it, who may leave before it is over.
        self.asker = asker.current()
        secret = secrets.token_bytes(15)
        self.mark = secret.hex()
        self._is_over = self._is_answered = self._is_closed = False
        #: Whether another query was asked on the connection, and nothing yet of this one.
        self.is_kept = False
        #: What to send once more should the connection be closed without a word.
        self._again = b""
        self._mark = frames.mark_of(secret)
        self._frames = frames.FrameReader(connection, mark=self._mark)

    def send(self, data: bytes, *, again: bool = False) -> None:
        """Send something. That nobody takes it shows when the answer is read.

        Where a kept connection has just been closed nothing was taken, and a new one is made. With `again` it is also
        sent once more where the connection is closed without a word of the answer: a worker that was killed after its
        last answer, before it waited for the next query, takes the connection with it.
        """
        self._again = data if again and self.is_kept else b""
        try:
            self._connection.sendall(data)
        except OSError:
            if self.is_kept and self._connect_anew():
                with suppress(OSError):
                    self._connection.sendall(data)
        self.is_kept = False

    def _connect_anew(self) -> bool:
        """Have another connection to the same supervisor; False where it has gone."""
        fresh = None if self._client.is_closed else _connected(self.at)
        if fresh is not None and self._is_closed:
            fresh.close()
            return False
        if fresh is not None:
            self._connection.close()
            self._connection = fresh
            self._frames = frames.FrameReader(fresh, mark=self._mark)
        return fresh is not None

    def read(self) -> tuple[bytes, bytes] | None:
        """Wait for the next frame of the answer; None when it has ended without a word. Raises LimitReachedError."""
        try:
            found = self._frames.read()
        except OSError:  # closed by another thread
            found = None
        if found is None and self._client.is_closed:
            raise LimitReachedError(_CLOSED)
        if found is None and self.asker is not None and self.asker.has_left:
            raise asker.AskerLeftError
        again, self._again = self._again, b""
        if found is None and again and not self._frames.has_begun and not self._is_over and self._connect_anew():
            self.send(again)
            return self.read()
        self._is_answered = found is not None and found[0] == frames.END
        self._is_over = found is None or self._is_answered
        return found

    async def answers(self, longest: int) -> bool:
        """Wait in an event loop until the answer is there, up to so many bytes; False when `read` has to wait for more.

        False, too, for an error, and when the worker has ended.
        """
        loop = asyncio.get_running_loop()
        over: asyncio.Future[bool] = loop.create_future()

        def receive() -> None:
            is_there = self._frames.receive(longest)
            if is_there is not None and not over.done():
                over.set_result(is_there)

        loop.add_reader(self._connection, receive)
        try:
            return await over
        finally:
            loop.remove_reader(self._connection)

    def has_word(self) -> bool:
        """Return whether something has come that nobody has read: before a query is sent, why it is stopped."""
        return _has_word(self._connection)

    def hang_up(self) -> None:
        """Stop the query from another thread than the one that waits for it, which is told and closes."""
        if not self._is_closed:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up, from any thread, or give the connection back after a whole answer. Twice does nothing more."""
        self._is_closed = True
        if self.asker is not None:
            self.asker.spares(self.hang_up)
        if self._client.leave(self, self._connection if self._is_answered else None):
            return
        if not self._is_over:
            with suppress(OSError):  # wakes a thread that reads
                self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Client:
    """The way to the supervisor that serves, by the folder that a keeper has. Safe to use from several threads."""

    def __init__(self, folder: Path, patience: float) -> None:
        self.folder = folder
        self._serving = Serving(folder)
        self._patience = patience
        self._open: set[Exchange] = set()
        #: Connections on which nothing is asked, to where `_kept_at` says; the one last used is taken first.
        self._kept: list[socket.socket] = []
        self._kept_at = ""
        self.is_closed = False
        self._lock = threading.Lock()

    def generation(self) -> Served:
        """Return the generation that new queries are answered from."""
        return self._now()[1]

    def _now(self) -> tuple[str, Served]:
        """Return where the supervisor listens that serves, and the generation that it serves."""
        found = self._serving.now()
        if found is None:
            raise LimitReachedError(_CLOSED)
        return found

    def open(self) -> Exchange:
        """Connect, and wait for a supervisor that is being started again. Raises LimitReachedError when it is not."""
        until = time.monotonic() + self._patience
        while True:
            found = self.open_now()
            if found is not None:
                return found
            if time.monotonic() > until:
                raise LimitReachedError(
                    f"the process that answers queries is not there, and has not come back within {self._patience:g} "
                    "seconds: try again"
                )
            time.sleep(_AGAIN)

    def open_now(self) -> Exchange | None:
        """Connect, unless that means to wait. Raises LimitReachedError when we are closed."""
        if self.is_closed:
            raise LimitReachedError(_CLOSED)
        at, generation = self._now()
        kept = self._take_kept(at)
        connection = kept or _connected(at)
        if connection is None:
            return None
        exchange = Exchange(connection, at, generation, self)
        exchange.is_kept = kept is not None
        if exchange.asker is not None:
            exchange.asker.stops(exchange.hang_up)
        with self._lock:
            self._open.add(exchange)
            if self.is_closed:
                connection.shutdown(socket.SHUT_RDWR)
        return exchange

    def _take_kept(self, at: str) -> socket.socket | None:
        """Return a connection that was kept, and whose other side is still there."""
        with self._lock:
            if at != self._kept_at:
                for each in self._kept:
                    each.close()
                self._kept, self._kept_at = [], at
            while self._kept:
                found = self._kept.pop()
                if not _has_word(found):
                    return found
                found.close()
        return None

    def leave(self, exchange: Exchange, connection: socket.socket | None) -> bool:
        """Forget an exchange, which has ended; whether its connection, if given, is not for it to close any more."""
        with self._lock:
            if exchange not in self._open:
                return True
            self._open.discard(exchange)
            is_wanted = exchange.at == self._kept_at and len(self._kept) < _MOST_KEPT and not self.is_closed
            if connection is None or not is_wanted:
                return False
            self._kept.append(connection)
            return True

    def cancel(self, query_id: str) -> bool:
        """Stop the query of this id, whoever asked it and of whatever generation; False when there is none."""
        if not query_id or self.is_closed:
            return False
        words = (self._word(at, do="cancel", id=query_id) for at in self.folder.glob("*.sock"))
        return any(word.get("found") for word in words)

    def status(self) -> dict[str, Any]:
        """Return what the workers of the supervisor are doing that serves now; nothing when it is not there."""
        return self._word(Path(self._now()[0]), do="status")

    def _word(self, at: Path, **said: Any) -> dict[str, Any]:
        connection = _connected(str(at))
        if connection is None:
            return {}
        with connection, suppress(OSError):
            connection.settimeout(_WORD)
            connection.sendall(frames.json_frame(frames.ASK, said))
            answer = frames.FrameReader(connection).read()
            found: dict[str, Any] = json.loads(answer[1]) if answer else {}
            return found
        return {}

    def close(self) -> None:
        """Hang up on everything; what is under way ends with an error."""
        self.is_closed = True
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each._connection.shutdown(socket.SHUT_RDWR)
            while self._kept:
                self._kept.pop().close()


def _connected(at: str) -> socket.socket | None:
    """Connect to a socket without waiting; None when nobody is there, or too many are."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.setblocking(False)
        connection.connect(at)
        connection.setblocking(True)
    except OSError:
        connection.close()
        return None
    return connection


def _has_word(connection: socket.socket) -> bool:
    """Return whether something has come by a connection, if only its end."""
    try:
        connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
