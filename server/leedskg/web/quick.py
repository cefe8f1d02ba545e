"""The endpoint's plain case, answered before Flask: a GET with a query, and its result.

Most of what the endpoint is asked is small queries by GET, and Flask took three times as long over one as the rest of
the web process did. So this stands before the application: what it is sure of it answers with the same functions that
the endpoint uses, and everything else (forms, updates, HEAD, If-None-Match, slips, the description) it hands on as it
came. An error that a query ends with is handed on too, so that every error is shaped in one place. Tests compare its
answers with the application's, header by header. Figures: tests/benchmarks/README.md; why so: docs/decisions/0016.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask

from leedskg.errors import LeedskgError
from leedskg.sparql.execution import Aside, QueryPool
from leedskg.sparql.negotiation import Chosen, negotiate
from leedskg.sparql.pool import Pool
from leedskg.sparql.request import QueryRequest, read_request
from leedskg.sparql.result import Result
from leedskg.sparql.tokens import outline
from leedskg.web import policy
from leedskg.web.sparql import COMING, FAILED, query_tag, wants_gzip

#: As `sparql.share` and `secure` have them.
_HEADERS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After"),
    ("Vary", "Accept, Accept-Encoding"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A plain query, the form its answer is wanted in, and the tag of that; none for what differs each time."""

    request: QueryRequest
    chosen: Chosen
    is_table: bool
    gzip: bool
    tag: str

    @property
    def formats(self) -> dict[str, Any]:
        """As `Pool.run` takes them."""
        table, graph = (self.chosen, None) if self.is_table else (None, self.chosen)
        return {"table": table, "graph": graph, "gzip": self.gzip}

    def headers(self, result: Result, environ: dict[str, Any]) -> list[tuple[str, str]]:
        """The headers of the answer; what is still to come has no length, and can be stopped."""
        headers = [
            ("Content-Type", self.chosen.content_type),
            ("Cache-Control", "no-cache"),
            ("Content-Security-Policy", policy(secrets.token_urlsafe(16))),
            *_HEADERS,
        ]
        if result.is_whole:
            headers.append(("Content-Length", str(result.length)))
        else:
            environ[COMING].append(result.close)
        if self.tag:
            headers.append(("ETag", f'W/"{self.tag}"'))
        if result.is_compressed:
            headers.append(("Content-Encoding", "gzip"))
        return headers


class QuickAnswers:
    """A WSGI application: the endpoint's plain case, and behind it the whole of `app`."""

    def __init__(self, app: Flask, reader: Pool, *, limit: int) -> None:
        self._behind = app.wsgi_app
        self._reader = reader
        self._limit = limit

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or hand on."""
        asked = self._asked(environ)
        if asked is None:
            return self._behind(environ, start_response)
        try:
            result = self._reader.run(asked.request, **asked.formats, whole=COMING not in environ)
        except Exception as error:
            environ[FAILED] = error
            return self._behind(environ, start_response)
        start_response("200 OK", asked.headers(result, environ))
        return [result.read()] if result.is_small else result

    async def soon(self, environ: dict[str, Any], aside: Aside) -> tuple[list[tuple[str, str]], Result] | None:
        """Answer in an event loop; None for what is to be handed on. See `QueryPool.run_soon`."""
        if not isinstance(self._reader, QueryPool):
            return None
        asked = self._asked(environ)
        if asked is None:
            return None
        try:
            result = await self._reader.run_soon(
                asked.request, aside, **asked.formats, whole=COMING not in environ
            )  # fmt: skip
        except Exception as error:
            environ[FAILED] = error
            return None
        return asked.headers(result, environ), result

    def _asked(self, environ: dict[str, Any]) -> _Asked | None:
        """What is asked, where it is plain."""
        if environ["PATH_INFO"] != "/sparql" or environ["REQUEST_METHOD"] != "GET" or "HTTP_IF_NONE_MATCH" in environ:
            return None
        if FAILED in environ:
            return None
        try:
            return self._plain(environ)
        except LeedskgError:
            return None  # the endpoint finds it again, and says it

    def _plain(self, environ: dict[str, Any]) -> _Asked | None:
        """The query and how its answer is wanted; None for what is not plain.

        Raises LeedskgError for what cannot be answered.
        """
        text: str = environ.get("QUERY_STRING", "")
        if "query=" not in text or self._reader.is_writable:
            return None
        request = read_request("GET", text.encode("latin-1", "replace"), limit=self._limit)
        if not isinstance(request, QueryRequest):
            return None
        request = replace(request, client=environ.get("REMOTE_ADDR", ""))
        seen = outline(request.query)
        if seen.kind is None:
            return None
        is_table = seen.kind in {"select", "ask"}
        chosen = negotiate(environ.get("HTTP_ACCEPT"), "table" if is_table else "graph", request.format)
        return _Asked(
            request,
            chosen,
            is_table=is_table,
            gzip=wants_gzip(environ.get("HTTP_ACCEPT_ENCODING")),
            tag="" if seen.volatile else query_tag(self._reader, request, chosen),
        )
