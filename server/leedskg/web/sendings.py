"""What comes in with a contribution, however it is sent: the file within its limit, and what is said about it."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import request

from leedskg.contributions import read_limited
from leedskg.errors import RequestError
from leedskg.web import current
from leedskg.web.desk import why_not_here

#: What goes with a contribution however it is sent, and how many characters each may have.
ABOUT = {"title": 200, "message": 5_000, "source": 500}


def check_here() -> None:
    """Raise RequestError where nothing can be contributed on this site."""
    if why_not_here():
        raise RequestError(why_not_here())


def sent_file() -> tuple[str, bytes]:
    """Name and content of the file of a multipart form; no name where none was sent. Raises RefusedError."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return "", b""
    with sent.stream as stream:  # what is large is a temporary file
        limit = current.settings().contribution_limit * 2**20
        return sent.filename, read_limited(cast(BinaryIO, stream), limit, sent.filename)


def sent_body(name: str) -> bytes:
    """The body of a request that is a file by itself, however it is sent. Raises RefusedError."""
    return read_limited(cast(BinaryIO, request.stream), current.settings().contribution_limit * 2**20, name)


def about_it(sent: Any) -> dict[str, str]:
    """Title, message and source of what is sent."""
    return {name: str(sent.get(name, "") or "").strip() for name in ABOUT}


def too_long(about: dict[str, str]) -> list[tuple[str, str]]:
    """What of these is too long."""
    return [
        (name, f"This has {len(about[name]):,} characters; {most:,} is the most.")
        for name, most in ABOUT.items()
        if len(about.get(name, "")) > most
    ]
