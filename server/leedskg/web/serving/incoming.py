"""A request as the web server brings it (ASGI), its body read within bounds, and as the application takes it (WSGI)."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from leedskg.web.serving.delivery import PIECE, Receive

Scope = MutableMapping[str, Any]

#: Bytes of all headers together.
_LONGEST_HEADERS = 65536
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PLAIN: dict[str, Any] = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


class RequestRefusedError(Exception):
    """A request that is refused by its headers, before anything of it is read."""

    def __init__(self, status: int, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


def declared_length(headers: list[tuple[bytes, bytes]]) -> int | None:
    """Return the bytes that a request says its body has; None for a body in chunks, which says nothing.

    Raises RefusedError for headers that are too long, a length that is none, or a Host that is not the name of one.
    """
    if sum(len(name) + len(value) for name, value in headers) > _LONGEST_HEADERS:
        raise RequestRefusedError(
            431, f"The headers are longer than {_LONGEST_HEADERS} bytes, which is what is read here."
        )
    hosts = [value for name, value in headers if name == b"host" and value]  # the web server adds an empty one
    if len(hosts) > 1 or not all(_HOST.fullmatch(host) for host in hosts):
        raise RequestRefusedError(400, "The Host header is not the name of one host, with a port or without.")
    length = next((value for name, value in headers if name == b"content-length"), None)
    if length is None:
        return None if any(name == b"transfer-encoding" for name, _ in headers) else 0
    if not length.isdigit() or len(length) > 18:
        raise RequestRefusedError(400, "The Content-Length header is not a number of bytes.")
    return int(length)


def environ_of(scope: Scope, body: IO[bytes], length: int) -> dict[str, Any]:
    """Give the request as PEP 3333 has it, without names with an underscore, which could pass for ours."""
    server, client = scope["server"], scope["client"]
    environ: dict[str, Any] = _PLAIN | {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.input": body,
    }
    for name, value in scope["headers"]:
        key, text = _key(name), value.decode("latin-1")
        if key == "HTTP_HOST" and not text:
            continue
        if key in environ:
            text = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + text
        if key:
            environ[key] = text
    if "CONTENT_LENGTH" in environ or length:  # a body in chunks has been put together by now
        environ["CONTENT_LENGTH"] = str(length)
    return environ


def _key(name: bytes) -> str:
    if b"_" in name or name == b"transfer-encoding":
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


#: Bytes of a body up to which memory holds it.
_IN_MEMORY = 4 * PIECE
#: Bytes of all bodies that are held at a time, whole or not: what half-sent requests can take of memory and disk.
MOST_HELD = 256 * 2**20
#: Bytes of a refused body that are read and thrown away, so that its sender hears the refusal.
MOST_DISCARDED = 64 * 2**20


class BrokenOffError(Exception):
    """The body ended before it was whole: the client went away, or what it sends is no HTTP."""


class TooLongError(Exception):
    """A body that said nothing of its length has turned out longer than its route reads."""


class BodyReader:
    """Reads bodies; a client that sends a piece of 64 KiB more slowly than in `patience` seconds is given up."""

    def __init__(self, patience: float, most_held: int = MOST_HELD) -> None:
        self._patience = patience
        self._most_held = most_held
        self._held = 0

    @asynccontextmanager
    async def read(self, receive: Receive, longest: int) -> AsyncIterator[tuple[IO[bytes], int]]:
        """Give a whole body and its length, until the request has been answered.

        Raises BrokenOffError, TimeoutError, TooLongError, and RefusedError where too much is being sent at once.
        """
        taken: list[int] = []
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="leedskg-") as body:
            try:
                await self._take(receive, body, longest, taken)
                body.seek(0)
                yield body, sum(taken)
            finally:
                self._held -= sum(taken)

    async def discard(self, receive: Receive) -> None:
        """Read a body and keep nothing of it: a client that is still sending would not hear why it is refused.

        One that goes on for longer than this reads has its connection closed instead.
        """
        with suppress(BrokenOffError, TimeoutError, TooLongError):
            await self._take(receive, None, MOST_DISCARDED, [])

    async def _take(self, receive: Receive, body: IO[bytes] | None, longest: int, taken: list[int]) -> None:
        """Write the pieces of a body into a file as they come, if it is to be kept; `taken` learns their lengths."""
        length = due = 0
        async with asyncio.timeout(self._patience) as limit:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BrokenOffError
                piece = message.get("body", b"")
                length += len(piece)
                if length > longest:
                    raise TooLongError
                if body is not None:
                    self._keep(body, piece, taken)
                if not message.get("more_body"):
                    return
                if length >= due + PIECE:
                    due = length
                    limit.reschedule(asyncio.get_running_loop().time() + self._patience)

    def _keep(self, body: IO[bytes], piece: bytes, taken: list[int]) -> None:
        if self._held + len(piece) > self._most_held:
            raise RequestRefusedError(503, "Too much is being sent at once; try again in a minute.", retry_after=60)
        self._held += len(piece)
        taken.append(len(piece))
        body.write(piece)
