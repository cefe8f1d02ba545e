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
from dataclasses import replace
from typing import Any

from flask import Flask

from leedskg.errors import LeedskgError
from leedskg.sparql.negotiation import Chosen, negotiate
from leedskg.sparql.pool import Pool
from leedskg.sparql.request import QueryRequest, read_request
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


class QuickAnswers:
    """A WSGI application: the endpoint's plain case, and behind it the whole of `app`."""

    def __init__(self, app: Flask, reader: Pool, *, limit: int) -> None:
        self._behind = app.wsgi_app
        self._reader = reader
        self._limit = limit

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or hand on."""
        if environ["PATH_INFO"] != "/sparql" or environ["REQUEST_METHOD"] != "GET" or "HTTP_IF_NONE_MATCH" in environ:
            return self._behind(environ, start_response)
        try:
            plain = self._plain(environ)
        except LeedskgError:
            plain = None  # the endpoint finds it again, and says it
        if plain is None:
            return self._behind(environ, start_response)
        asked, table, graph, is_volatile = plain
        try:
            tag = "" if is_volatile else query_tag(self._reader, asked, table or graph)
            result = self._reader.run(
                asked, table=table, graph=graph, gzip=wants_gzip(environ.get("HTTP_ACCEPT_ENCODING")),
                whole=COMING not in environ,
            )  # fmt: skip
        except Exception as error:
            environ[FAILED] = error
            return self._behind(environ, start_response)
        chosen = table or graph
        assert chosen is not None
        headers = [
            ("Content-Type", chosen.content_type),
            ("Cache-Control", "no-cache"),
            ("Content-Security-Policy", policy(secrets.token_urlsafe(16))),
            *_HEADERS,
        ]
        if result.is_whole:
            headers.append(("Content-Length", str(result.length)))
        else:
            environ[COMING].append(result.close)
        if tag:
            headers.append(("ETag", f'W/"{tag}"'))
        if result.is_compressed:
            headers.append(("Content-Encoding", "gzip"))
        start_response("200 OK", headers)
        return [result.read()] if result.is_small else result

    def _plain(self, environ: dict[str, Any]) -> tuple[QueryRequest, Chosen | None, Chosen | None, bool] | None:
        """The query, its formats as table or graph, and whether it may be answered differently each time.

        None for what is not plain. Raises LeedskgError for what cannot be answered.
        """
        text: str = environ.get("QUERY_STRING", "")
        if "query=" not in text or self._reader.is_writable:
            return None
        asked = read_request("GET", text.encode("latin-1", "replace"), limit=self._limit)
        if not isinstance(asked, QueryRequest):
            return None
        asked = replace(asked, client=environ.get("REMOTE_ADDR", ""))
        seen = outline(asked.query)
        accept = environ.get("HTTP_ACCEPT")
        if seen.kind is None:
            return None
        if seen.kind in {"select", "ask"}:
            return asked, negotiate(accept, "table", asked.format), None, seen.volatile
        return asked, None, negotiate(accept, "graph", asked.format), seen.volatile
