"""The error for what a worker reports, in words for the person who asked."""

from __future__ import annotations

import logging
import re
import signal
from typing import Any

from leedskg.errors import (
    LeedskgError,
    LimitReachedError,
    NotAcceptableError,
    QueryRefusedError,
    RequestError,
    TooHeavyError,
)
from leedskg.settings import Settings
from leedskg.sparql.admission import CancelledError
from leedskg.sparql.syntax import syntax_error

_log = logging.getLogger(__name__)

#: Seconds after which to try again what other long queries were in the way of.
_LATER = 15
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
            found = TooHeavyError(
                f"the result is larger than {settings.result_limit} MiB, which is as large as one may be; "
                "ask for less, or in parts with ORDER BY, LIMIT and OFFSET"
            )
        case "memory":
            found = TooHeavyError("the query was stopped because it needs more memory than a query may use")
        case "not-acceptable":
            shape = "graph" if message == "graph" else "table"
            found = NotAcceptableError(f"this query gives a {shape}, which the request does not accept")
        case _:
            found = _of_the_engine(message)
    return found


def death(stopped_for: str, code: int, seconds: float, waited: float) -> LeedskgError:
    """The error for a worker that ended in the middle of a query, of which it was suspended for `waited` seconds."""
    if stopped_for == "deadline" or code == -signal.SIGALRM:
        return out_of_time(seconds, waited)
    if stopped_for == "cancelled":
        return CancelledError()
    if stopped_for == "crowded":
        return crowded()
    if stopped_for == "closing":
        return LimitReachedError("the server is shutting down")
    if code in {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS}:
        return TooHeavyError(
            "the query was stopped because it needs more memory than a query may use, or nests too deeply"
        )
    return LimitReachedError("the process that ran this query was ended from outside; it has been replaced: try again")


def crowded() -> LimitReachedError:
    """The error for a query that would be one long one too many."""
    return LimitReachedError(
        "as many long queries as fit are running and waiting already; try again later", retry_after=_LATER
    )


def out_of_time(seconds: float, waited: float = 0) -> LimitReachedError:
    """The error for a query that was stopped at its deadline, of which it waited for others for `waited` seconds."""
    stopped = f"the query was stopped after {seconds:g} seconds, which is as long as it may take"
    if waited > seconds / 2:
        return LimitReachedError(
            f"{stopped}; {waited:.0f} of them it had to wait for other long queries: try again at a quieter time",
            retry_after=_LATER,
        )
    return TooHeavyError(f"{stopped}; ask for less, or add conditions that narrow it early")


def _of_the_engine(message: str) -> LeedskgError:
    unknown = _UNKNOWN_FUNCTION.search(message)
    if unknown:
        return QueryRefusedError(f"the function {unknown[1]} is not known here")
    _log.error("the engine failed on a query: %s", message)
    if "not permitted" in message or "service" in message.lower():
        return QueryRefusedError("the query calls another server, which the endpoint does not do")
    return LeedskgError("the engine could not answer this query")
