"""The bodies of requests: how much of one is taken, by the route it is for and by who sends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import UnsupportedMediaType

from leedskg.errors import AccountsClosedError, TooLargeError, excerpt
from leedskg.web import current
from leedskg.web.account import security

#: Bytes that any route takes: a form of the account pages, or a stranger's request.
SMALL = 64 * 1024
_QUERIES = ("query", "sparql", "reconciling", "agents")
_IMPORTS = ("imports", "import_api")
#: The parts of the site that take what people contribute.
CONTRIBUTING = ("contribute", "contributions", "contribution_api", *_IMPORTS, "import_questions", "sheets")


def longest_here() -> int:
    """Return the bytes that the body of this request may have, known from its route and its sender alone."""
    settings = current.settings()
    if request.routing_exception is not None:
        return SMALL
    if request.blueprint in _QUERIES:
        return max(SMALL, settings.request_limit * 1024)
    if request.blueprint == "graph_store":
        return settings.upload_limit * 2**20 if current.reader().is_writable else SMALL
    if request.blueprint in CONTRIBUTING and _is_known():
        return (settings.contribution_limit + 1) * 2**20
    return SMALL


def longest_body_of(app: Flask) -> Callable[[dict[str, Any]], int]:
    """Return what tells of a WSGI environment how long its body may be, before any of it is kept."""

    def longest(environ: dict[str, Any]) -> int:
        with app.request_context(environ):
            return longest_here()

    return longest


def refuse_packed_bodies(app: Flask) -> None:
    """Have an application say of a compressed body that it is not read, before it is taken for a damaged file."""

    @app.before_request
    def refuse() -> None:
        packing = request.headers.get("Content-Encoding", "").strip().lower()
        if packing not in {"", "identity"}:
            raise UnsupportedMediaType(
                f"A body in Content-Encoding {excerpt(packing)} is not read here, and nothing was recorded. Send it "
                "plain."
            )


def limit_body() -> None:
    """Have this request read no more than a contribution with its fields may have. Raises TooLargeError."""
    limit = current.settings().contribution_limit
    request.max_content_length = (limit + 1) * 2**20
    if (request.content_length or 0) > request.max_content_length:
        raise TooLargeError(f"More was sent than {limit} MiB, and nothing was recorded. {instead()}")


def instead() -> str:
    """Say what to do with a file that is too large for this site, by what it was sent as."""
    if request.blueprint in _IMPORTS:
        return (
            "Whoever runs the site can import a file of any size on the machine: `leedskg import FILE`. A part of it "
            "can be sent here, marked as one."
        )
    return "A contribution may have no more: split it into several."


def _is_known() -> bool:
    try:
        return security.is_known()
    except AccountsClosedError:
        return False
