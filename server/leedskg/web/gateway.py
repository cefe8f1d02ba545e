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
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any

from leedskg.sparql.execution import Aside
from leedskg.sparql.result import Result
from leedskg.web.access import log_access
from leedskg.web.connections import can_hang_up, hang_up
from leedskg.web.crowd import Crowd
from leedskg.web.delivery import PIECE, Receive, Send, WentAwayError, send_rest
from leedskg.web.incoming import RefusedError, Scope, check, environ_of, too_long
from leedskg.web.lanes import Lane
from leedskg.web.sparql import COMING

#: Answers a plain query in the event loop, given what does things in threads; None for anything else.
Soon = Callable[[dict[str, Any], Aside], Awaitable[tuple[list[tuple[str, str]], Result] | None]]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Bytes of an answer up to which it is handed to the web server at once, and of a body up to which memory holds it.
_SMALL = 4 * PIECE

_ENDPOINTS = ("/sparql", "/graph-store")
_log = logging.getLogger(__name__)


class _BrokenOffError(Exception):
    """The body ended before it was whole: the client went away, or what it sends is no HTTP."""


@dataclass(frozen=True)
class _Answer:
    """What the application answered: all of it, or its beginning and the rest to be read while it is sent.

    `stops` end what the rest comes from, where it is still being made.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    rest: Iterator[bytes] | None = None
    close: Callable[[], Any] = lambda: None
    stops: Sequence[Callable[[], Any]] = ()


class Gateway:
    """An ASGI application that runs a WSGI one.

    `patience` is the seconds in which a client has to send or take a piece of 64 KiB, or what is left of it;
    `wait` the seconds a request may wait for a thread; `longest_body` in bytes; `crowd` lets questions about routes in.
    """

    def __init__(  # noqa: PLR0913 - these are its limits
        self,
        app: Application,
        *,
        threads: int,
        patience: float,
        wait: float,
        longest_body: int,
        soon: Soon | None = None,
        crowd: Crowd | None = None,
    ) -> None:
        self._app = app
        self._soon = soon
        self._patience = patience
        self._wait = wait
        self._longest_body = longest_body
        self._crowd = crowd or Crowd(threads)
        self._queries = Lane(threads, "query-request")
        self._pages = Lane(max(2, threads // 2), "page-request")
        # One of these waits where an answer comes more slowly than it is sent, so there is one for each query.
        self._readers = ThreadPoolExecutor(threads, "answer-reader")

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
            await self._send(answer, scope, receive, send)
        except BaseException as error:
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, (TimeoutError, WentAwayError)):
                _log.warning("%s %s broke off while it was sent: %s", scope["method"], scope["path"], error)
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
        """Answer a plain query here, or have a thread run the application."""
        environ = environ_of(scope, body, length)
        if scope["http_version"] == "1.1" and can_hang_up():
            environ[COMING] = []
        if self._soon is not None and scope["path"] == "/sparql" and not length:
            answered = await self._soon(environ, self._queries.done)
            if answered is not None:
                return _carried(*answered, environ.get(COMING, ()))
        lane = self._queries if scope["path"].startswith(_ENDPOINTS) else self._pages
        until = time.monotonic() + self._wait

        def run() -> _Answer:
            if time.monotonic() > until:
                said = f"The server is busy: no thread was free within {self._wait:g} seconds; try again."
                return _said(503, said, (b"retry-after", b"5"))
            try:
                return self._run(environ)
            except Exception:
                _log.exception("%s %s failed", scope["method"], scope["path"])
                return _said(500, "This should not have happened. It has been logged, and is ours to mend.")

        return await lane.done(run)

    def _run(self, environ: dict[str, Any]) -> _Answer:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], Any]:
            started[:] = (status, headers)
            return lambda _: None

        found = self._app(environ, start_response)
        pieces = iter(found)
        close = getattr(found, "close", lambda: None)
        collected, size = [], 0
        # What has no length is still being made, and is sent as it comes.
        most = _SMALL if any(name.lower() == "content-length" for name, _ in started[1]) else 0
        try:
            for piece in pieces:
                collected.append(piece)
                size += len(piece)
                if size > most:
                    break
            else:
                close()
                pieces, close = iter(()), lambda: None
        except BaseException:
            close()
            raise
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in started[1]]
        status = int(started[0].split(" ", 1)[0])
        if size <= most:
            return _Answer(status, headers, b"".join(collected))
        return _Answer(status, headers, b"", chain(collected, pieces), close, environ.get(COMING, ()))

    async def _send(self, answer: _Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Send an answer. Raises as `send_rest` does."""
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.rest is None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        try:
            await send_rest(
                answer.rest, answer.stops, receive, send, patience=self._patience, readers=self._readers
            )  # fmt: skip
        except WentAwayError:  # then another may have the address and port by now
            raise
        except BaseException:
            # At once: the web server would end an answer that breaks off as if it were whole.
            hang_up(scope["client"])
            raise


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


def _carried(headers: list[tuple[str, str]], result: Result, stops: Sequence[Callable[[], Any]]) -> _Answer:
    """The answer of a plain query."""
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if result.is_small:
        return _Answer(200, encoded, result.read())
    return _Answer(200, encoded, b"", iter(result), result.close, stops)
