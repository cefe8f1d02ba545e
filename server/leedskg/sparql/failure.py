"""The error for what a worker reports, in words for the person who asked."""

from __future__ import annotations

import logging
import re
from typing import Any

from leedskg.errors import LeedskgError, LimitReachedError, NotAcceptableError, QueryRefusedError, RequestError
from leedskg.settings import Settings
from leedskg.sparql.syntax import syntax_error

_log = logging.getLogger(__name__)

_UNKNOWN_FUNCTION = re.compile(r"custom function (<[^>]*>) is not supported")


class NoGraphError(RequestError):
    """The store has no graph of the name that was asked for."""

    status = 404
    title = "No such graph"


class ConflictError(RequestError):
    """An update that is well written and cannot be done on what the store holds: it drops a graph that is not there."""

    status = 409
    title = "The store is not as the update needs it"


def failure(said: dict[str, Any], text: str, settings: Settings) -> LeedskgError:
    """The error for what a worker said; `text` is the query or update."""
    message = said["message"]
    match said["kind"]:
        case "syntax":
            found: LeedskgError = syntax_error(text, message, said["at"], settings.namespaces.prefixes)
        case "no-graph":
            found = NoGraphError(f"there is no graph {message} here")
        case "name":
            found = RequestError(message)
        case "data":
            found = RequestError(f"the data cannot be read: {message}", line=said["line"], column=said["column"])
        case "update":
            found = ConflictError(f"the update cannot be done, and nothing was changed: {message}")
        case "too-large":
            found = LimitReachedError(
                f"the result is larger than {settings.result_limit} MiB, which is as large as one may be; "
                "ask for less, or in parts with ORDER BY, LIMIT and OFFSET"
            )
        case "memory":
            found = LimitReachedError("the query was stopped because it needs more memory than a query may use")
        case "not-acceptable":
            shape = "graph" if message == "graph" else "table"
            found = NotAcceptableError(f"this query gives a {shape}, which the request does not accept")
        case _:
            found = _of_the_engine(message)
    return found


def _of_the_engine(message: str) -> LeedskgError:
    unknown = _UNKNOWN_FUNCTION.search(message)
    if unknown:
        return QueryRefusedError(f"the function {unknown[1]} is not known here")
    _log.error("the engine failed on a query: %s", message)
    if "not permitted" in message or "service" in message.lower():
        return QueryRefusedError("the query calls another server, which the endpoint does not do")
    return LeedskgError("the engine could not answer this query")
