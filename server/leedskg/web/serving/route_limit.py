"""What a crowd that asks for routes, pictures and long lists is told before it takes a thread.

Behind the gate of `leedskg.web.gate` only a few routes and pictures are made at once. But who is sent away
there has held a thread by then, and ten thousand of them stand in the same row as every other page. So the event loop
counts them: those that neither would be answered nor may wait get an answer that was made at the start.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flask import Flask, render_template

from leedskg.errors import LeedskgError
from leedskg.sparql.protocol.negotiation import HTML, choose
from leedskg.sparql.protocol.operations import OPEN
from leedskg.web import site
from leedskg.web.errors import PROBLEM, problem
from leedskg.web.serving.incoming import Scope

#: Seconds after which to ask again.
RETRY_AFTER = 5
_WORDS = f"Very many ask for routes, pictures or long lists at this moment. Try again in {RETRY_AFTER} seconds."
_TITLE = "Too busy to answer now"
_PICTURES = frozenset(["/places", "/timeline", "/query/picture", "/routes/picture"])
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_log = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Refusal:
    """An answer as it is sent: status 503, with its headers."""

    headers: Headers
    body: bytes

    @classmethod
    def of(cls, body: str, content_type: str, *more: tuple[str, str]) -> Refusal:
        """Make an answer with a body, and when to ask again."""
        encoded = body.encode()
        headers = {
            "content-type": content_type,
            "content-length": str(len(encoded)),
            "retry-after": str(RETRY_AFTER),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            **{name.lower(): value for name, value in OPEN},
            **dict(more),
        }
        return cls([(name.encode(), value.encode()) for name, value in headers.items()], encoded)


class RouteLimit:
    """Counts the routes and pictures that are being made or wait; only the event loop may call it."""

    def __init__(self, most: int, page: Refusal | None = None) -> None:
        """Let `most` of them in at once. Without a `page`, a browser gets a sentence."""
        self._free = most
        self._plain = Refusal.of(f"{_WORDS}\n", "text/plain; charset=utf-8")
        self._problem = Refusal.of(problem(503, _TITLE, _WORDS), PROBLEM)
        self._page = page or self._plain

    @contextmanager
    def entered(self, scope: Scope) -> Iterator[Refusal | None]:
        """Keep a place for a request while it is answered; what to answer instead when there is none."""
        if not _is_costly(scope):
            yield None
        elif not self._free:
            yield self._refusal(scope)
        else:
            self._free -= 1
            try:
                yield None
            finally:
                self._free += 1

    def _refusal(self, scope: Scope) -> Refusal:
        if scope["path"].startswith("/api/"):
            return self._problem
        accepted = b",".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")
        return self._page if choose(accepted, ("text/plain", HTML)) == HTML else self._plain


def _is_costly(scope: Scope) -> bool:
    """Return whether a request asks for a picture, every statement of a contribution, or routes and not their form."""
    path = scope["path"]
    if path in {"/routes", "/api/routes"}:
        return any(name in scope["query_string"] for name in (b"to=", b"to_any="))
    return (
        path in _PICTURES or path.startswith("/network/") or ("contributions/" in path and path.endswith("/statements"))
    )


def crowded_page(app: Flask) -> Refusal | None:
    """Make the page for a browser, in the frame of the site; None when that cannot be made now."""
    try:
        with app.test_request_context("/routes"):
            # Made once, so nothing of the generation in it.
            frame = replace(site.frame(), generated=None)
            page = render_template("crowded.html", title=_TITLE, message=_WORDS, site=frame)
    except LeedskgError as error:
        _log.warning("the page for a crowd cannot be made: %s", error)
        return None
    return Refusal.of(
        page,
        "text/html; charset=utf-8",
        ("content-security-policy", _POLICY),
        ("referrer-policy", "strict-origin-when-cross-origin"),
    )
