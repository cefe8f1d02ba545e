"""The bodies of requests: how much is read of them, and how somebody who sends more gets to read why not."""

from __future__ import annotations

import time

from flask import request

from leedskg.errors import TooLargeError
from leedskg.web import current

#: Of a body that is too large so much is taken in and thrown away, and for so many seconds: a client that is cut off
#: while it still sends shows that the connection failed, and not the answer.
_MOST_THROWN_AWAY = 2**30
_LONGEST = 20.0
_PIECE = 2**20


def limit_body() -> None:
    """Have this request read no more than a contribution with its fields may have. Raises TooLargeError."""
    limit = current.settings().contribution_limit
    request.max_content_length = (limit + 1) * _PIECE
    if (request.content_length or 0) <= request.max_content_length:
        return
    _throw_away(request.content_length or 0)
    raise TooLargeError(
        f"More was sent than the {limit} MiB that a contribution may have; nothing was recorded. Split it into several."
    )


def _throw_away(length: int) -> None:
    body, left, until = request.environ["wsgi.input"], min(length, _MOST_THROWN_AWAY), time.monotonic() + _LONGEST
    while left > 0 and time.monotonic() < until:
        piece = body.read(min(_PIECE, left))
        if not piece:
            return
        left -= len(piece)
