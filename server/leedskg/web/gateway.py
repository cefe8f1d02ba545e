"""Between the web server and the application: a slow client never holds a thread that others wait for.

The web server speaks ASGI to this. Requests are read whole and answers are sent in its event loop, where a client
that is slow costs a connection and no thread; the application (WSGI) runs in threads that only ever compute. What
asks the endpoint has threads of its own, so that pages do not wait behind queries. Why so: docs/decisions/0018.
"""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any

from leedskg.web.access import log_access
from leedskg.web.connections import hang_up
from leedskg.web.crowd import Crowd
from leedskg.web.incoming import RefusedError, Scope, check, environ_of, too_long
from leedskg.web.lanes import Lane

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Bytes that a client has to send, or to take, in each span of its patience.
PIECE = 65536
#: Bytes of an answer up to which it is handed to the web server at once, and of a body up to which memory holds it.
_SMALL = 4 * PIECE

_ENDPOINTS = ("/sparql", "/graph-store")
_log = logging.getLogger(__name__)


class _BrokenOffError(Exception):
    """The body ended before it was whole: the client went away, or what it sends is no HTTP."""


@dataclass(frozen=True)
class _Answer:
    """What the application answered: all of it, or its beginning and the rest to be read while it is sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    rest: Iterator[bytes] | None = None
    close: Callable[[], Any] = lambda: None


class Gateway:
    """An ASGI application that runs a WSGI one.

    `patience` is the seconds in which a client has to send or take a piece of 64 KiB, or what is left of it;
    `wait` the seconds a request may wait for a thread; `longest_body` in bytes; `crowd` lets questions about routes in.
    """

    def __init__(  # noqa: PLR0913 - each is a setting
        self,
        app: Application,
        *,
        threads: int,
        patience: float,
        wait: float,
        longest_body: int,
        crowd: Crowd | None = None,
    ) -> None:
        self._app = app
        self._patience = patience
        self._wait = wait
        self._longest_body = longest_body
        self._crowd = crowd or Crowd(threads)
        self._queries = Lane(threads, "query-request")
        self._pages = Lane(max(2, threads // 2), "page-request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        begun = time.perf_counter()
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        body: IO[bytes] = io.BytesIO()
        length = 0
        try:
            check(headers, self._longest_body)
            if any(name in {b"content-length", b"transfer-encoding"} for name, _ in headers):
                body, length = await self._body(receive)
            with self._crowd.entered(scope) as refusal:
                if refusal:
                    answer = _Answer(503, refusal.headers, b"" if scope["method"] == "HEAD" else refusal.body)
                else:
                    answer = await self._answered(scope, body, length)
        except _BrokenOffError:
            answer = _said(400, "The request broke off before it was whole; send it again.")
        except TimeoutError:
            answer = _said(408, f"The request did not come within {self._patience:g} seconds; send it faster.")
        except RefusedError as error:
            answer = _said(error.status, str(error))
        finally:
            body.close()
        try:
            await self._send(answer, send)
        except TimeoutError:
            hang_up(scope["client"])
        finally:
            answer.close()
            log_access(scope, answer.status, time.perf_counter() - begun)

    async def _body(self, receive: Receive) -> tuple[IO[bytes], int]:
        """The whole body and its length. Raises _BrokenOffError, TimeoutError, RefusedError."""
        body = tempfile.SpooledTemporaryFile(_SMALL, prefix="leedskg-")  # noqa: SIM115 - the caller closes it
        length = due = 0
        try:
            async with asyncio.timeout(self._patience) as limit:
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _BrokenOffError
                    piece = message.get("body", b"")
                    length += len(piece)
                    if length > self._longest_body:
                        raise too_long(self._longest_body)
                    body.write(piece)
                    if not message.get("more_body"):
                        body.seek(0)
                        return body, length
                    if length >= due + PIECE:
                        due = length
                        limit.reschedule(asyncio.get_running_loop().time() + self._patience)
        except BaseException:
            body.close()
            raise

    async def _answered(self, scope: Scope, body: IO[bytes], length: int) -> _Answer:
        """Have a thread run the application."""
        lane = self._queries if scope["path"].startswith(_ENDPOINTS) else self._pages
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[_Answer] = loop.create_future()
        until = time.monotonic() + self._wait

        def run() -> None:
            if time.monotonic() > until:
                said = f"The server is busy: no thread was free within {self._wait:g} seconds; try again."
                answer = _said(503, said, (b"retry-after", b"5"))
            else:
                try:
                    answer = self._run(environ_of(scope, body, length))
                except Exception:
                    _log.exception("%s %s failed", scope["method"], scope["path"])
                    answer = _said(500, "This should not have happened. It has been logged, and is ours to mend.")
            loop.call_soon_threadsafe(_settle, answered, answer)

        lane.add(run)
        return await answered

    def _run(self, environ: dict[str, Any]) -> _Answer:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], Any]:
            started[:] = (status, headers)
            return lambda _: None

        found = self._app(environ, start_response)
        pieces = iter(found)
        close = getattr(found, "close", lambda: None)
        collected, size = [], 0
        try:
            for piece in pieces:
                collected.append(piece)
                size += len(piece)
                if size > _SMALL:
                    break
            else:
                close()
                pieces, close = iter(()), lambda: None
        except BaseException:
            close()
            raise
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in started[1]]
        status = int(started[0].split(" ", 1)[0])
        if size <= _SMALL:
            return _Answer(status, headers, b"".join(collected))
        return _Answer(status, headers, b"", chain(collected, pieces), close)

    async def _send(self, answer: _Answer, send: Send) -> None:
        """Send an answer. Raises TimeoutError when the client does not take it."""
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.rest is None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        loop = asyncio.get_running_loop()
        pieces = _pieces(answer.rest)
        while piece := await loop.run_in_executor(None, next, pieces, b""):
            async with asyncio.timeout(self._patience):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _pieces(parts: Iterator[bytes]) -> Iterator[bytes]:
    for part in parts:
        for start in range(0, len(part), PIECE):
            yield part[start : start + PIECE]


def _said(status: int, text: str, *headers: tuple[bytes, bytes]) -> _Answer:
    """An answer that the gateway gives itself; the connection ends with it, for more of the request may be on its way.

    The application's own errors look alike, for a program: plain text, one sentence.
    """
    body = f"{text}\n".encode()
    plain = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    return _Answer(status, [*plain, *headers], body)


def _settle(answered: asyncio.Future[_Answer], answer: _Answer) -> None:
    if answered.done():  # cancelled: nobody is left to take it
        answer.close()
    else:
        answered.set_result(answer)
