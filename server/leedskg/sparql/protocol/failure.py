"""The error for what a worker or its supervisor reports, in words for the person who asked."""

from __future__ import annotations

import logging
import re
import signal
from collections.abc import Callable
from typing import Any

from leedskg.errors import (
    LeedskgError,
    LimitReachedError,
    NotAcceptableError,
    QueryRefusedError,
    RequestError,
    StoreDownError,
    StoreError,
    TooHeavyError,
)
from leedskg.settings import Settings
from leedskg.sparql.advice.syntax import syntax_error

_log = logging.getLogger(__name__)

#: Seconds after which to try again what other long queries were in the way of.
_LATER = 15
_BUSY = "no more than {} queries{} are taken on at once; try again in a moment"
_NO_TRIPLE_TERMS = (
    "the result has statements about statements (RDF 1.2), for which JSON-LD has no form; "
    "ask for Turtle, N-Triples or RDF/XML"
)
_UNKNOWN_FUNCTION = re.compile(r"custom function (<[^>]*>) is not supported")


class CancelledError(RequestError):
    """A query that was cancelled by its id. Not a 503: nobody should ask it again by themselves."""

    status = 409
    title = "The query was cancelled"

    def __init__(self) -> None:
        super().__init__("the query was cancelled, as was asked by its id")


class SameIdError(RequestError):
    """A query whose id another one has that is under way."""

    status = 409
    title = "This id is in use"


class NoGraphError(RequestError):
    """The store has no graph of the name that was asked for."""

    status = 404
    title = "No such graph"


class UpdateConflictError(RequestError):
    """An update that is well written and cannot be done on what the store holds: it drops a graph that is not there."""

    status = 409
    title = "The store is not as the update needs it"


def failure(said: dict[str, Any], text: str, settings: Settings) -> LeedskgError:
    """Return the error for what a worker said, or its supervisor; `text` is the query or update."""
    if said["kind"] in _STOPPED:
        return _STOPPED[said["kind"]](said, settings)
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
            found = UpdateConflictError(f"the update cannot be done, and nothing was changed: {message}")
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


def _ended(said: dict[str, Any], _: Settings) -> LeedskgError:
    """Return the error for a worker that has ended by itself in the middle of a query, or was killed."""
    if said["code"] == -signal.SIGALRM:
        return out_of_time(said["seconds"], said["waited"])
    if said["code"] in {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS}:
        return TooHeavyError(
            "the query was stopped because it needs more memory than a query may use, or nests too deeply"
        )
    return ended_from_outside()


def _queued(said: dict[str, Any], settings: Settings) -> LeedskgError:
    if settings.store:
        return LimitReachedError(
            f"the store is busy with other queries, and not free within {said['seconds']:g} seconds"
        )
    return LimitReachedError(f"every query worker is busy, and none was free within {said['seconds']:g} seconds")


_STORE_ERRORS = {each.__name__: each for each in (StoreError, StoreDownError, LimitReachedError)}


def _of_the_store(said: dict[str, Any], _: Settings) -> LeedskgError:
    """Return the error for what a worker has met that forwards queries to a server elsewhere."""
    if said["error"] == QueryRefusedError.__name__:
        return QueryRefusedError(said["message"], line=said["line"], column=said["column"])
    return _STORE_ERRORS[said["error"]](said["message"])


#: Why a supervisor has stopped or refused a query, or a server elsewhere has not answered it.
_STOPPED: dict[str, Callable[[dict[str, Any], Settings], LeedskgError]] = {
    "deadline": lambda said, _: out_of_time(said["seconds"], said["waited"]),
    "cancelled": lambda said, _: CancelledError(),
    "crowded": lambda said, _: crowded(),
    "closing": lambda said, _: LimitReachedError("the server is shutting down"),
    "full": lambda said, _: LimitReachedError(_BUSY.format(said["most"], "")),
    "share": lambda said, _: LimitReachedError(_BUSY.format(said["most"], " of one client")),
    "triple-term": lambda said, _: NotAcceptableError(_NO_TRIPLE_TERMS),
    "same-id": lambda said, _: SameIdError("a query of this id is under way; give each query an id of its own"),
    "queue": _queued,
    "ended": _ended,
    "store": _of_the_store,
}


def ended_from_outside() -> LimitReachedError:
    """Return the error for a query whose worker, or supervisor, somebody has killed."""
    return LimitReachedError("the process that ran this query was ended from outside; it has been replaced: try again")


def crowded() -> LimitReachedError:
    """Return the error for a query that would be one long one too many."""
    return LimitReachedError(
        "as many long queries as fit are running and waiting already; try again later", retry_after=_LATER
    )


def out_of_time(seconds: float, waited: float = 0) -> LimitReachedError:
    """Return the error for a query that was stopped at its deadline, and was suspended for `waited` seconds."""
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
