"""The bodies of requests that bring a contribution: how much of them is taken."""

from __future__ import annotations

from flask import request

from leedskg.errors import TooLargeError
from leedskg.web import current


def limit_body() -> None:
    """Have this request read no more than a contribution with its fields may have. Raises TooLargeError.

    The gateway has the body by then, whatever its length up to `upload_limit`: it is refused before it is taken apart.
    """
    limit = current.settings().contribution_limit
    request.max_content_length = (limit + 1) * 2**20
    if (request.content_length or 0) > request.max_content_length:
        raise TooLargeError(
            f"More was sent than the {limit} MiB that a contribution may have; nothing was recorded. Split it into "
            "several."
        )
