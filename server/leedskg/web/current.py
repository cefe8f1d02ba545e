"""What the application of the current request works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Flask, current_app, has_request_context, request

from leedskg.errors import LimitReachedError
from leedskg.generation_view import GenerationView, GenerationViews
from leedskg.releases import Version
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web.serving.gate import Gate

_KEY = "leedskg"
#: Where a request's environ has the version that it is answered from, if that is not what is published now.
VERSION = "leedskg.version"
#: Times that an answer is made again because a new generation came in between.
_TRIES = 3

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class Parts:
    """What answers: for what is published, or for a version that was made of it."""

    settings: Settings
    reader: QueryPool
    views: GenerationViews
    route_gate: Gate
    version: Version | None = None


def install(app: Flask, settings: Settings, reader: QueryPool, pages: QueryPool | None = None) -> None:
    """Give an application its settings, the reader that answers queries, and the one that pages are made with."""
    views = GenerationViews(pages or reader, settings.namespaces, settings.state_path)
    gate = Gate(settings.route_searches, settings.route_queue, settings.queue_timeout)
    app.extensions[_KEY] = Parts(settings, reader, views, gate)


def settings() -> Settings:
    """Return the settings in force."""
    return _parts().settings


def reader() -> QueryPool:
    """Return what answers the queries of others."""
    return _parts().reader


def reader_of(app: Flask) -> QueryPool:
    """Return what answers the queries of others in an application, outside of a request."""
    parts: Parts = app.extensions[_KEY]
    return parts.reader


def extension(name: str) -> Any:
    """Return what a part of the application has kept for itself."""
    return current_app.extensions[name]


def view() -> GenerationView:
    """Return the names, routes and records of what is published now."""
    return _parts().views.current()


def one_generation(answer: Callable[Concatenate[GenerationView, P], T]) -> Callable[P, T]:
    """Have a view take the current generation as its first argument, and answer of that one; see of_one_generation."""

    @wraps(answer)
    def of_current(*args: P.args, **named: P.kwargs) -> T:
        return of_one_generation(lambda generation: answer(generation, *args, **named))

    return of_current


def of_one_generation(answer: Callable[[GenerationView], T]) -> T:
    """Return what `answer` makes of the current generation, made again when another was published while it was made.

    An answer reads names, routes and statements one after the other; so all of them are of one generation. Raises
    LimitReachedError when generations follow each other faster than that.
    """
    for _ in range(_TRIES):
        before = view()
        try:
            made = answer(before)
        except KeyError:  # a statement that the next generation has no more
            if view() is before:
                raise
            continue
        if view() is before:
            return made
    raise LimitReachedError("The graph is being published just now; try again in a moment.", retry_after=1)


def route_gate() -> Gate:
    """Return what lets requests for routes, pictures and long lists in, a few at a time."""
    return _parts().route_gate


def deadline() -> float:
    """Return when a search that begins now has to be done, as `time.monotonic` has it."""
    return time.monotonic() + settings().route_timeout


def version() -> Version | None:
    """Return the version that this request is answered from; None for what is published now."""
    return _parts().version


def edition() -> str:
    """Return what the state that answers is called: the name of its version, or the number of its generation."""
    own = version()
    return own.name if own else f"generation {reader().generation().number}"


def today() -> date:
    """Return the day as at which routes are weighed: the version's own, so that its answers stay."""
    own = version()
    return date.fromisoformat(own.date) if own else date.today()


def _parts() -> Parts:
    parts: Parts = (request.environ.get(VERSION) if has_request_context() else None) or current_app.extensions[_KEY]
    return parts
