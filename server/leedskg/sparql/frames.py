"""What the web process and its query workers say to each other: frames of a kind, a length and a payload."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

_HEAD = struct.Struct("!cI")

QUERY = b"Q"
HELLO = b"H"
DATA = b"D"
END = b"E"
ERROR = b"X"

CHUNK = 65536


def frame(kind: bytes, payload: bytes) -> bytes:
    """A frame ready to send."""
    return _HEAD.pack(kind, len(payload)) + payload


def json_frame(kind: bytes, content: dict[str, Any]) -> bytes:
    """A frame whose payload is JSON."""
    return frame(kind, json.dumps(content).encode())


class FrameReader:
    """Frames from a socket. Reads ahead, so that a small answer of several frames costs one system call."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def read(self) -> tuple[bytes, bytes] | None:
        """The next frame, or None when the other side has closed, be it in the middle of a frame."""
        if not self._fill(_HEAD.size):
            return None
        kind, length = _HEAD.unpack_from(self._buffer)
        if not self._fill(_HEAD.size + length):
            return None
        payload = bytes(memoryview(self._buffer)[_HEAD.size : _HEAD.size + length])
        del self._buffer[: _HEAD.size + length]
        return kind, payload

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
            if kind == ERROR:
                return False
            if kind == END and position <= len(self._buffer):
                return True
        return None

    def _fill(self, size: int) -> bool:
        while len(self._buffer) < size:
            try:
                received = self._connection.recv(2 * CHUNK)
            except ConnectionError:
                return False
            if not received:
                return False
            self._buffer += received
        return True
