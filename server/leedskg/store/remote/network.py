"""Deadlines that hold for an exchange over HTTP as a whole.

A timeout of httpx is for one read or one write, so a server that sends a byte a second never reaches it. Here every
read and write of a connection is given what is left of the exchange's time, below httpx, in httpcore's network layer.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpcore

_PIECE = 65536


class Stop:
    """Ends an exchange from another thread: what waits for the server wakes up, and nothing more is sent."""

    def __init__(self) -> None:
        self.is_asked = False
        self.stream: httpcore.NetworkStream | None = None

    def __call__(self) -> None:
        """End it now, or before it begins."""
        self.is_asked = True
        connection = self.stream.get_extra_info("socket") if self.stream else None
        if connection is not None:
            with suppress(OSError):  # it has been closed meanwhile
                connection.shutdown(socket.SHUT_RDWR)


@dataclass
class Clock(threading.local):
    """When the exchange of the present thread has to be over, by `time.monotonic`, and what may end it before."""

    due: float = 0.0
    stop: Stop | None = None

    def left(self, stream: httpcore.NetworkStream | None = None) -> float:
        """The seconds that are left for a step on `stream`. Raises httpcore.ReadTimeout when none are."""
        if self.stop:
            self.stop.stream = stream
            if self.stop.is_asked:
                raise httpcore.ReadTimeout("it was called off")
        left = self.due - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has come")
        return left


class _Stream(httpcore.NetworkStream):
    """A connection whose every step is given what is left of the time."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left(self._stream))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._clock.left(self._stream))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:  # fmt: skip
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._clock.left()), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Network(httpcore.NetworkBackend):
    """The way to a server by TCP, each step of which is given what is left of the time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._backend = httpcore.SyncBackend()

    def connect_tcp(  # noqa: D102 - httpcore says it
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("the name has no address")
        for address in _resolved(host, port, self._clock.left()):
            try:
                stream = self._backend.connect_tcp(address, port, self._clock.left(), local_address, socket_options)
                return _Stream(stream, self._clock)
            except httpcore.ConnectError as error:
                failed = error
        raise failed


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. In a thread of its own, for the system's resolver knows no deadline."""
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(each[4][0]) for each in known)))
        except OSError as error:
            found.put(error)

    threading.Thread(target=resolve, name="resolver", daemon=True).start()
    try:
        addresses = found.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout("the name was not resolved in time") from None
    if isinstance(addresses, OSError):
        raise httpcore.ConnectError(str(addresses))
    return addresses
