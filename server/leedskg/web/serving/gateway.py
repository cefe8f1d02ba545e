"""Between the web server and the application: a slow client never holds a thread that others wait for.

The web server speaks ASGI to this. Requests are read whole and answers are sent in its event loop, where a client
that is slow costs a connection and no thread; the application (WSGI) runs in threads that only ever compute. What
asks the endpoint has threads of its own, so that pages do not wait behind queries. Why so: docs/decisions/0018.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import IO, Any

from leedskg.asker import Asker, asking
from leedskg.sparql.pending_answer import InThread
from leedskg.sparql.protocol.operations import OPEN
from leedskg.sparql.protocol.result import Result
from leedskg.web.api.sparql import STREAMING
from leedskg.web.serving.access import log_access, request_id
from leedskg.web.serving.connections import can_hang_up, hang_up
from leedskg.web.serving.delivery import PIECE, Receive, Send, Watch, WentAwayError, send_rest
from leedskg.web.serving.incoming import (
    BodyReader,
    BrokenOffError,
    RequestRefusedError,
    Scope,
    TooLongError,
    declared_length,
    environ_of,
)
from leedskg.web.serving.request_bodies import SMALL
from leedskg.web.serving.request_threads import Lane
from leedskg.web.serving.route_limit import RouteLimit

#: Answers a plain query in the event loop, given what does things in threads; None for anything else.
AsyncAnswers = Callable[[dict[str, Any], InThread], Awaitable[tuple[list[tuple[str, str]], Result] | None]]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Bytes of an answer up to which it is handed to the web server at once.
_SMALL = 4 * PIECE

_ENDPOINTS = ("/sparql", "/graph-store")
_READING = frozenset({"GET", "HEAD"})
#: Where a POST changes nothing.
_ASKED = ("/sparql", "/mcp", "/api/check")
#: Seconds for which nobody looks whether a client has left: most answers are there before.
_UNWATCHED = 0.05
_log = logging.getLogger(__name__)


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
    `wait` the seconds a request may wait for a thread; `longest_body` tells the bytes that a request may bring, which
    is asked for those that bring more than any may; `route_limit` lets questions about routes in; `log_json` has
    the log in JSON.
    """

    def __init__(  # noqa: PLR0913 - these are its limits
        self,
        app: Application,
        *,
        threads: int,
        patience: float,
        wait: float,
        longest_body: Callable[[dict[str, Any]], int],
        answer_async: AsyncAnswers | None = None,
        route_limit: RouteLimit | None = None,
        log_json: bool = False,
    ) -> None:
        self._app = app
        self._answer_async = answer_async
        self._patience = patience
        self._wait = wait
        self._log_json = log_json
        self._longest_body = longest_body
        self._bodies = BodyReader(patience)
        self._route_limit = route_limit or RouteLimit(threads)
        self._queries = Lane(threads, "query-request")
        self._pages = Lane(max(2, threads // 2), "page-request")
        # One of these waits where an answer comes more slowly than it is sent, so there is one for each query.
        self._readers = ThreadPoolExecutor(threads, "answer-reader")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        begun = time.perf_counter()
        asker = Asker()
        watch = Watch(receive, asker)
        try:
            answer = await self._answer(scope, receive, asker, watch)
        except BrokenOffError:
            answer = _said(400, "The request broke off before it was whole; send it again.")
        except TimeoutError:
            answer = _said(408, f"The request did not come within {self._patience:g} seconds; send it faster.")
        except RequestRefusedError as error:
            wait = (b"retry-after", str(error.retry_after).encode())
            answer = _said(error.status, str(error), *([wait] if error.retry_after else []))
        name = request_id(scope)
        answer = replace(answer, headers=[*answer.headers, (b"x-request-id", name.encode())])
        try:
            await self._send(answer, scope, asker, watch, send)
        except BaseException as error:
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, (TimeoutError, WentAwayError)):
                _log.warning("%s %s broke off while it was sent: %s", scope["method"], scope["path"], error)
        finally:
            watch.end()
            answer.close()
            seconds = time.perf_counter() - begun
            log_access(scope, answer.status, seconds, name, as_json=self._log_json)

    async def _answer(self, scope: Scope, receive: Receive, asker: Asker, watch: Watch) -> _Answer:
        """Read the body within its bound and have the request answered. Raises as `BodyReader.read` does."""
        declared = declared_length(scope["headers"])
        longest = await self._longest(scope, declared)
        try:
            if declared is not None and declared > longest:
                raise TooLongError
            if declared == 0:
                return await self._asked(scope, io.BytesIO(), 0, asker, watch)
            async with self._bodies.read(receive, longest) as (body, length):
                return await self._asked(scope, body, length, asker, watch)
        except TooLongError:  # the application refuses it by its length alone, in its own words
            answer = _closing(await self._answered(scope, io.BytesIO(), declared or longest + 1))
            await self._bodies.discard(receive)
            return answer

    async def _asked(self, scope: Scope, body: IO[bytes], length: int, asker: Asker, watch: Watch) -> _Answer:
        """Have a request answered, and what only reads stopped when its client leaves: a change is made to its end."""
        if scope["method"] not in _READING and not scope["path"].endswith(_ASKED):
            return await self._let_in(scope, body, length)
        watch.begin(_UNWATCHED)
        with asking(asker):
            return await self._let_in(scope, body, length)

    async def _let_in(self, scope: Scope, body: IO[bytes], length: int) -> _Answer:
        with self._route_limit.entered(scope) as refusal:
            if refusal:
                return _Answer(503, refusal.headers, b"" if scope["method"] == "HEAD" else refusal.body)
            return await self._answered(scope, body, length)

    async def _longest(self, scope: Scope, declared: int | None) -> int:
        """Return the bytes that the body may have, by its route and its sender; what any may have needs no look."""
        if declared is not None and declared <= SMALL:
            return SMALL
        environ = environ_of(scope, io.BytesIO(), declared or 0)
        return await self._pages.done(partial(self._longest_body, environ))

    async def _answered(self, scope: Scope, body: IO[bytes], length: int) -> _Answer:
        """Answer a plain query here, or have a thread run the application."""
        environ = environ_of(scope, body, length)
        if scope["http_version"] == "1.1" and can_hang_up():
            environ[STREAMING] = True
        if self._answer_async is not None and scope["path"] == "/sparql" and not length:
            answered = await self._answer_async(environ, self._queries.done)
            if answered is not None:
                return _carried(*answered)
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
                return _said(500, "This should not have happened. It has been logged, and is ours to fix.")

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
        return _Answer(status, headers, b"", chain(collected, pieces), close)

    async def _send(self, answer: _Answer, scope: Scope, asker: Asker, watch: Watch, send: Send) -> None:
        """Send an answer. Raises as `send_rest` does."""
        if asker.has_left:
            raise WentAwayError
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.rest is None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        watch.begin()
        try:
            await send_rest(answer.rest, asker, send, patience=self._patience, readers=self._readers)
        except WentAwayError:  # then another may have the address and port by now
            raise
        except BaseException:
            # At once: the web server would end an answer that breaks off as if it were whole.
            hang_up(scope["client"])
            raise


def _said(status: int, text: str, *headers: tuple[bytes, bytes]) -> _Answer:
    """Make an answer of the gateway's own; the connection ends with it, for more of the request may be on its way.

    The application's own errors look alike, for a program: plain text, one sentence.
    """
    body = f"{text}\n".encode()
    plain = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        *((name.lower().encode(), value.encode()) for name, value in OPEN),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    return _Answer(status, [*plain, *headers], body)


def _closing(answer: _Answer) -> _Answer:
    """Return an answer with which the connection ends."""
    return replace(answer, headers=[*answer.headers, (b"connection", b"close")])


def _carried(headers: list[tuple[str, str]], result: Result) -> _Answer:
    """Make the answer of a plain query."""
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if result.is_small:
        return _Answer(200, encoded, result.read())
    return _Answer(200, encoded, b"", iter(result), result.close)
