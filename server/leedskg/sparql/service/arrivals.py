"""The two ends of a client's connection in the supervisor: what it says first, and what it is told last."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from leedskg.sparql.service import frames
from leedskg.sparql.service.watching import Watcher

#: Bytes that are taken of what a client sends; the rest its worker reads by itself.
BEGINNING = 32_768
#: Seconds in which a client has to take the word that its query was stopped.
_LAST_WORD = 2.0

Asked = Callable[[socket.socket, dict[str, Any], bytes], None]


class Arrivals:
    """Accepts clients, and has each `asked` once it has said what it asks for, on a connection that stays watched."""

    def __init__(self, listener: socket.socket, watch: Watcher, asked: Asked) -> None:
        self._listener = listener
        self._watch = watch
        self._asked = asked
        self._begun: dict[socket.socket, bytes] = {}
        watch.on_readable(listener, self._accept, 2)

    def __bool__(self) -> bool:
        return bool(self._begun)

    def _accept(self) -> None:
        """Take one client: what the workers have said by now comes before the next, who may know it already."""
        try:
            connection, _address = self._listener.accept()
        except OSError:  # nobody is there any more, or we have no descriptor to give
            return
        connection.setblocking(True)
        self._begun[connection] = b""
        self._receive(connection)

    def expect_again(self, connection: socket.socket) -> None:
        """Have a client asked once more that has its answer: it may ask something else, or hang up."""
        self._watch.on_readable(connection, partial(self._receive, connection))

    def _receive(self, connection: socket.socket) -> None:
        """Take what a client says that it asks for, as far as it has come."""
        try:
            came = connection.recv(BEGINNING, socket.MSG_DONTWAIT)
        except BlockingIOError:
            self._watch.on_readable(connection, partial(self._receive, connection))
            return
        except OSError:
            came = b""
        begun = self._begun.get(connection, b"") + came
        said = frames.split(begun)
        if came and said is None:
            self._begun[connection] = begun
            self._watch.on_readable(connection, partial(self._receive, connection))
            return
        self._begun.pop(connection, None)
        if said is None or said[0] != frames.ASK:
            self._watch.forget(connection)
            connection.close()
        else:
            self._asked(connection, json.loads(said[1]), said[2])


@dataclass(eq=False)
class _Word:
    """A last word that its client has had no room for yet."""

    connection: socket.socket
    rest: bytes
    until: float = field(default_factory=lambda: time.monotonic() + _LAST_WORD)


class LastWords:
    """Tells clients something for the last time, as soon as each has room for it, and hangs up."""

    def __init__(self, watch: Watcher) -> None:
        self._watch = watch
        self._unsaid: list[_Word] = []

    def __bool__(self) -> bool:
        return bool(self._unsaid)

    def say(self, connection: socket.socket, word: bytes) -> None:
        """Tell a client a word."""
        self._say(_Word(connection, word))

    def _say(self, word: _Word) -> None:
        try:
            sent = word.connection.send(word.rest, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(word.rest)
        word.rest = word.rest[sent:]
        if word.rest and time.monotonic() < word.until:
            if word not in self._unsaid:
                self._unsaid.append(word)
                self._watch.on_writable(word.connection, partial(self._say, word))
            return
        if word in self._unsaid:
            self._unsaid.remove(word)
        self._watch.forget(word.connection)
        with contextlib.suppress(OSError):  # a process of low priority takes its time to end, and holds it too
            word.connection.shutdown(socket.SHUT_RDWR)
        word.connection.close()

    def dues(self) -> list[float]:
        """Return when clients have had time enough."""
        return [each.until for each in self._unsaid]

    def give_up(self, now: float) -> None:
        """Hang up on clients that have had time enough."""
        for word in [each for each in self._unsaid if each.until <= now]:
            self._say(word)
