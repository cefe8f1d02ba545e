"""Waiting for many sockets at once: by epoll, which also tells that a client has hung up, or by what every system has.

A client says nothing while it is answered, so that its socket can be read means that it has hung up. Only what it sends
that is large is read by a worker bit by bit: Linux tells of a hang-up all the same (EPOLLRDHUP); elsewhere the
supervisor looks now and then.
"""

from __future__ import annotations

import select
import selectors
import socket
import sys
import time
from collections.abc import Callable
from typing import Protocol

Action = Callable[[], None]

#: Seconds between two looks at whether a client is still there, where the system does not tell.
_LOOK = 0.05


class Watcher(Protocol):
    """What waits for sockets. An action is called once the socket it stands for may be read, or was hung up."""

    def on_readable(self, at: socket.socket, action: Action, rank: int = 1) -> None:
        """Have an action done whenever a socket can be read. To have another one done then costs no system call."""

    def on_hang_up(self, at: socket.socket, action: Action) -> None:
        """Have an action done when the other side of a socket has closed it."""

    def on_writable(self, at: socket.socket, action: Action) -> None:
        """Have an action done whenever a socket can be written."""

    def forget(self, at: socket.socket) -> None:
        """Watch a socket no more, before it is closed. One that is not watched is passed over."""

    def wait(self, seconds: float | None, first: Action) -> list[Action]:
        """Wait so long at most, and return what is to be done, by rank: 1 for all that is not given another.

        What is to be done `first` may still change the action of a socket.
        """


class EpollWatcher:
    """As the Linux kernel does it."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._actions: dict[int, tuple[int, Action]] = {}
        self._events: dict[int, int] = {}

    def on_readable(self, at: socket.socket, action: Action, rank: int = 1) -> None:  # noqa: D102 - as Watcher
        self._watch(at, select.EPOLLIN, action, rank)

    def on_hang_up(self, at: socket.socket, action: Action) -> None:  # noqa: D102
        self._watch(at, select.EPOLLRDHUP, action)

    def on_writable(self, at: socket.socket, action: Action) -> None:  # noqa: D102
        self._watch(at, select.EPOLLOUT, action)

    def _watch(self, at: socket.socket, events: int, action: Action, rank: int = 1) -> None:
        number = at.fileno()
        known = self._events.get(number)
        if known is None:
            self._poll.register(number, events)
        elif known != events:
            self._poll.modify(number, events)
        self._events[number] = events
        self._actions[number] = (rank, action)

    def forget(self, at: socket.socket) -> None:  # noqa: D102
        if self._actions.pop(at.fileno(), None):
            del self._events[at.fileno()]
            self._poll.unregister(at.fileno())

    def wait(self, seconds: float | None, first: Action) -> list[Action]:  # noqa: D102
        found = self._poll.poll(seconds)
        first()
        if len(found) == 1:
            return [self._actions[found[0][0]][1]] if found[0][0] in self._actions else []
        known = (self._actions[each] for each, _ in found if each in self._actions)
        return [action for _, action in sorted(known, key=_rank)]


class PlainWatcher:
    """As every system does it: a hang-up is looked for, by reading without taking anything."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._hang_ups: dict[socket.socket, Action] = {}
        self._looked = 0.0

    def on_readable(self, at: socket.socket, action: Action, rank: int = 1) -> None:  # noqa: D102 - as Watcher
        self._watch(at, selectors.EVENT_READ, action, rank)

    def on_writable(self, at: socket.socket, action: Action) -> None:  # noqa: D102
        self._watch(at, selectors.EVENT_WRITE, action)

    def _watch(self, at: socket.socket, events: int, action: Action, rank: int = 1) -> None:
        self._hang_ups.pop(at, None)
        if self._is_watched(at):
            self._selector.modify(at, events, (rank, action))
        else:
            self._selector.register(at, events, (rank, action))

    def on_hang_up(self, at: socket.socket, action: Action) -> None:  # noqa: D102
        self.forget(at)
        self._hang_ups[at] = action

    def forget(self, at: socket.socket) -> None:  # noqa: D102
        self._hang_ups.pop(at, None)
        if self._is_watched(at):
            self._selector.unregister(at)

    def _is_watched(self, at: socket.socket) -> bool:
        # Of a closed socket, which has no number, Python 3.11's map raises an error in place of saying no.
        return at.fileno() >= 0 and at.fileno() in self._selector.get_map()

    def wait(self, seconds: float | None, first: Action) -> list[Action]:  # noqa: D102
        if self._hang_ups:
            seconds = _LOOK if seconds is None else min(seconds, _LOOK)
        found = self._selector.select(seconds)
        first()
        watched = self._selector.get_map()
        data = (watched[key.fd].data for key, _ in found if key.fd in watched)
        actions = [action for _, action in sorted(data, key=_rank)]
        if time.monotonic() - self._looked >= _LOOK:
            self._looked = time.monotonic()
            actions += [action for each, action in list(self._hang_ups.items()) if has_hung_up(each)]
        return actions


def _rank(entry: tuple[int, Action]) -> int:
    return entry[0]


def watcher(*, plain: bool) -> Watcher:
    """Return the best that the system has, or what every system has."""
    return EpollWatcher() if sys.platform == "linux" and not plain else PlainWatcher()


def has_hung_up(at: socket.socket) -> bool:
    """Return whether the other side of a socket has closed it; but on Linux, not while something is unread."""
    if hasattr(select, "POLLRDHUP"):
        poll = select.poll()
        poll.register(at, select.POLLRDHUP)
        return bool(poll.poll(0))
    try:
        return not at.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
