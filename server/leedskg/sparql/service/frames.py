"""What a client, the supervisor and its workers say to each other: frames of a kind, a length and a payload."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

_HEAD = struct.Struct("!cI")

#: What a client asks of the supervisor, and the job that a worker does for it; DATA may follow that.
ASK = b"A"
JOB = b"J"
DATA = b"D"
END = b"E"
ERROR = b"X"

CHUNK = 65536
#: What a mark begins with, which is the kind of no frame, and how long it is.
_MARK = b"\0"
_MARK_LENGTH = 16


def frame(kind: bytes, payload: bytes) -> bytes:
    """Return a frame ready to send."""
    return _HEAD.pack(kind, len(payload)) + payload


def json_frame(kind: bytes, content: dict[str, Any]) -> bytes:
    """Return a frame whose payload is JSON."""
    return frame(kind, json.dumps(content).encode())


def split(buffer: bytes | bytearray) -> tuple[bytes, bytes, bytes] | None:
    """Return the kind and payload of the first frame and what follows it; None while it is not whole."""
    if len(buffer) < _HEAD.size:
        return None
    kind, length = _HEAD.unpack_from(buffer)
    end = _HEAD.size + length
    return (kind, bytes(buffer[_HEAD.size : end]), bytes(buffer[end:])) if len(buffer) >= end else None


def mark_of(secret: bytes) -> bytes:
    """Return the mark that a client's random bytes make."""
    return _MARK + secret[: _MARK_LENGTH - 1].ljust(_MARK_LENGTH - 1, b"\1")


def last_word(mark: bytes, content: dict[str, Any]) -> bytes:
    """Return what the supervisor sends when it has stopped a worker, be it in the middle of a frame.

    It is found by the client's mark, which no result can hold, for nobody who asks knows it.
    """
    payload = json.dumps(content).encode()
    return mark + _HEAD.pack(ERROR, len(payload)) + payload


class JobError(Exception):
    """What a worker says of a job that it could not do: of a `kind` that `protocol.failure` has words for."""

    def __init__(self, kind: str, message: str = "", **more: Any) -> None:
        super().__init__(message)
        self.frame = json_frame(ERROR, {"kind": kind, "message": message, **more})


class FrameReader:
    """Frames from a socket. Reads ahead, so that a small answer of several frames costs one system call."""

    def __init__(self, connection: socket.socket, begun: bytes = b"", mark: bytes = b"") -> None:
        self._connection = connection
        self._buffer = bytearray(begun)
        self._mark = mark
        self._tail = b""

    @property
    def has_begun(self) -> bool:
        """Whether anything has come."""
        return bool(self._buffer or self._tail)

    def read(self) -> tuple[bytes, bytes] | None:
        """Return the next frame, or the supervisor's last word; None when the other side has closed without one."""
        while True:
            if len(self._buffer) >= _HEAD.size and not self._buffer.startswith(_MARK):
                kind, length = _HEAD.unpack_from(self._buffer)
                end = _HEAD.size + length
                if len(self._buffer) >= end:
                    payload = bytes(memoryview(self._buffer)[_HEAD.size : end])
                    del self._buffer[:end]
                    self._tail = payload[-CHUNK // 64 :]
                    return kind, payload
            try:
                received = self._connection.recv(2 * CHUNK)
            except ConnectionError:
                return self._last_word()
            if not received:
                return self._last_word()
            self._buffer += received

    def _last_word(self) -> tuple[bytes, bytes] | None:
        rest = self._tail + bytes(self._buffer)
        at = rest.rfind(self._mark) if self._mark else -1
        found = split(rest[at + _MARK_LENGTH :]) if at >= 0 else None
        return found[:2] if found else None

    def receive(self, longest: int) -> bool | None:
        """Take what has come, without waiting: True when it holds an answer up to its END, False when `read` may wait.

        None while more is to come. An answer of more bytes than the longest, an error, and a worker that has ended
        are for `read`.
        """
        try:
            received = self._connection.recv(2 * CHUNK, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except ConnectionError:
            return False
        if not received:
            return False
        self._buffer += received
        return self._is_answer() if len(self._buffer) <= longest else False

    def _is_answer(self) -> bool | None:
        position = 0
        while position + _HEAD.size <= len(self._buffer):
            kind, length = _HEAD.unpack_from(self._buffer, position)
            position += _HEAD.size + length
            if kind in {ERROR, _MARK}:
                return False
            if kind == END and position <= len(self._buffer):
                return True
        return None
