"""The sockets of this process: those of clients to disconnect, and how long the system keeps a dead one."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

_DESCRIPTORS = next((path for path in (Path("/proc/self/fd"), Path("/dev/fd")) if path.is_dir()), None)


def can_hang_up() -> bool:
    """Return whether `hang_up` can do what it says on this system."""
    return _DESCRIPTORS is not None


def hang_up(client: tuple[str, str | int]) -> bool:
    """End the connection to a client now; whether there was one.

    The web server offers no way to, and would keep a connection for as long as the client takes to read what is
    already on its way.
    """
    for each in _sockets():
        with contextlib.suppress(OSError):
            peer = each.getpeername()
            if peer and (str(peer[0]), str(peer[1])) == (str(client[0]), str(client[1])):
                each.shutdown(socket.SHUT_RDWR)
                return True
    return False


def drop_unread(port: int, seconds: float) -> bool:
    """Have the system end connections whose client has taken nothing for so long; whether it can.

    Set where we listen, and inherited by every connection. It sees to what the web server was given whole, and to
    clients that are gone without a word. Linux only: elsewhere those connections stay until the system finds out.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is None:
        return False
    found = False
    for each in _sockets():
        with contextlib.suppress(OSError):
            if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and each.getsockname()[1] == port:
                each.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
                found = True
    return found


def _sockets() -> Iterator[socket.socket]:
    """Return each TCP socket of this process, through a copy of its descriptor, which cannot come to mean another."""
    if _DESCRIPTORS is None:
        return
    for name in os.listdir(_DESCRIPTORS):  # noqa: PTH208 - the links point nowhere by the time they are read
        try:
            descriptor = os.dup(int(name))
        except OSError:  # gone
            continue
        try:
            copy = socket.socket(fileno=descriptor)
        except OSError:  # no socket
            os.close(descriptor)
            continue
        with copy:
            if copy.family in {socket.AF_INET, socket.AF_INET6}:
                yield copy
