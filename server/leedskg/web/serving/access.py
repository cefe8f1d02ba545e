"""The line that is logged for each request: when, who, what, how it ended and how long it took.

No query string, for queries are their senders' business, and no id of a query, which is for those alone who ask it.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from contextlib import suppress
from functools import lru_cache

from leedskg.web.serving.incoming import Scope

#: The id of a request that a proxy may give.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
#: An id in an address, and as much of it as helps to find a line.
_QUERY_ID = re.compile(r"(/sparql/queries/[^\s/]{4})[^\s/\"]+")


def redacted(text: str) -> str:
    """Return the text with the first characters of a query's id in the place of the whole."""
    return _QUERY_ID.sub(r"\1…", text)


def request_id(scope: Scope) -> str:
    """Return the id by which a request is found in the log: the one that a proxy in front gave it, or a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return secrets.token_hex(8)


def log_access(scope: Scope, status: int, seconds: float, name: str, *, as_json: bool = False) -> None:
    """Write the line. By ourselves, for the web server's way by `logging` took as long as a small answer does.

    `name` is the id of the request.
    """
    path = scope["path"]
    shown = path if path.isprintable() else path.encode("unicode_escape").decode("ascii")
    if as_json:
        told = {
            "at": _moment(int(time.time())), "client": scope["client"][0], "method": scope["method"],
            "path": redacted(shown), "status": status, "ms": round(seconds * 1000, 1), "request": name,
        }  # fmt: skip
        line = json.dumps(told) + "\n"
    else:
        line = (
            f'{_moment(int(time.time()))} {scope["client"][0]} "{scope["method"]} {redacted(shown)}" {status} '
            f"{seconds * 1000:.1f} ms {name}\n"
        )
    with suppress(OSError, ValueError):  # nobody reads it any more, which is no reason to answer nobody
        sys.stderr.write(line)


@lru_cache(maxsize=1)
def _moment(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(second))
