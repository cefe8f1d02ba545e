"""The line that is logged for each request: when, who, what, how it ended and how long it took.

No query string, for queries are their senders' business, and no id of a query, which is for those alone who ask it.
"""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from functools import lru_cache

from leedskg.web.incoming import Scope

#: An id in an address, and as much of it as helps to find a line.
_QUERY_ID = re.compile(r"(/sparql/queries/[^\s/]{4})[^\s/\"]+")


def discreet(text: str) -> str:
    """The text with the first characters of a query's id in the place of the whole."""
    return _QUERY_ID.sub(r"\1…", text)


def log_access(scope: Scope, status: int, seconds: float) -> None:
    """Write the line. By ourselves, for the web server's way by `logging` took as long as a small answer does."""
    path = scope["path"]
    shown = path if path.isprintable() else path.encode("unicode_escape").decode("ascii")
    line = (
        f'{_moment(int(time.time()))} {scope["client"][0]} "{scope["method"]} {discreet(shown)}" {status} '
        f"{seconds * 1000:.1f} ms\n"
    )
    with suppress(OSError, ValueError):  # nobody reads it any more, which is no reason to answer nobody
        sys.stderr.write(line)


@lru_cache(maxsize=1)
def _moment(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(second))
