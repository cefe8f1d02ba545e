"""The endpoint's plain case, carried round Flask: a query by GET.

Most of what the endpoint is asked is small queries by GET, and Flask took three times as long over one as the rest of
the web process did. The rules and headers are those of `leedskg.sparql.protocol`; whatever ends in an error, and all
else, goes on to the application. Figures: tests/benchmarks/README.md; why so: docs/decisions/0016.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from leedskg.errors import LeedskgError
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.pending_answer import InThread
from leedskg.sparql.protocol import operations
from leedskg.sparql.protocol.result import Result
from leedskg.web.api.sparql import FAILED, STREAMING
from leedskg.web.serving import outgoing


class QuickAnswers:
    """A WSGI application: the endpoint's plain case, and behind it the whole of `app`."""

    def __init__(self, app: Flask, reader: QueryPool, settings: Settings) -> None:
        self._behind = app.wsgi_app
        self._reader = reader
        self._limit = settings.request_limit * 1024

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or hand on."""
        asked = self._asked(environ)
        if asked is None:
            return self._behind(environ, start_response)
        try:
            result = self._reader.run(asked.request, **asked.options)
        except Exception as error:
            environ[FAILED] = error
            return self._behind(environ, start_response)
        start_response("200 OK", _headers(asked, result))
        return [result.read()] if result.is_small else result

    async def answer_async(
        self, environ: dict[str, Any], in_thread: InThread
    ) -> tuple[list[tuple[str, str]], Result] | None:
        """Answer in an event loop; None for what is to be handed on. See `QueryPool.run_async`."""
        asked = self._asked(environ)
        if asked is None:
            return None
        try:
            result = await self._reader.run_async(asked.request, in_thread, **asked.options)
        except Exception as error:
            environ[FAILED] = error
            return None
        return _headers(asked, result), result

    def _asked(self, environ: dict[str, Any]) -> operations.PreparedQuery | None:
        """Return what is asked, where it is a query by GET whose answer the client does not have."""
        if environ["PATH_INFO"] != "/sparql" or environ["REQUEST_METHOD"] != "GET" or FAILED in environ:
            return None
        if "query=" not in environ.get("QUERY_STRING", "") or self._reader.is_writable:
            return None
        arrived = operations.Request(
            "GET",
            environ["QUERY_STRING"].encode("latin-1", "replace"),
            environ.get("HTTP_ACCEPT"),
            environ.get("HTTP_ACCEPT_ENCODING"),
            environ.get("HTTP_IF_NONE_MATCH"),
            client=environ.get("REMOTE_ADDR", ""),
            whole=STREAMING not in environ,
        )
        try:
            asked = operations.read(arrived, self._reader, limit=self._limit)
        except LeedskgError:
            return None  # the application finds it again, and says it
        return asked if isinstance(asked, operations.PreparedQuery) and not asked.is_known else None


def _headers(asked: operations.PreparedQuery, result: Result) -> list[tuple[str, str]]:
    return [*operations.reply(asked, result).headers, *outgoing.headers()]
