"""What the application of the current request works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, current_app

from leedskg.edition import Edition, Editions
from leedskg.errors import LimitReachedError
from leedskg.settings import Settings
from leedskg.sparql.pool import Pool
from leedskg.web.gate import Gate
from leedskg.web.groundwork import Groundlayer

_KEY = "leedskg"
#: Times that an answer is made again because a new generation came in between.
_TRIES = 3

T = TypeVar("T")


@dataclass(frozen=True)
class _Parts:
    settings: Settings
    reader: Pool
    editions: Editions
    route_gate: Gate


def install(
    app: Flask, settings: Settings, reader: Pool, pages: Pool | None = None, layer: Groundlayer | None = None
) -> None:
    """Give an application its settings, the reader that answers queries, and the one that pages are made with.

    With a `layer` pages wait no longer than a moment for what takes long to work out; without one they make it.
    """
    waiting = layer.wait if layer else None
    editions = Editions(pages or reader, settings.namespaces, settings.state_path, waiting)
    gate = Gate(settings.route_searches, settings.route_queue, settings.queue_timeout)
    app.extensions[_KEY] = _Parts(settings, reader, editions, gate)


def settings() -> Settings:
    """The settings in force."""
    return _parts().settings


def reader() -> Pool:
    """What answers the queries of others."""
    return _parts().reader


def reader_of(app: Flask) -> Pool:
    """What answers the queries of others in an application, outside of a request."""
    parts: _Parts = app.extensions[_KEY]
    return parts.reader


def edition() -> Edition:
    """The names, routes and records of what is published now."""
    return _parts().editions.current()


def of_one_generation(answer: Callable[[Edition], T]) -> T:
    """What `answer` makes of the current edition, made again when another was published while it was made.

    An answer reads names, routes and statements one after the other; so all of them are of one generation. Raises
    LimitReachedError when generations follow each other faster than that.
    """
    for _ in range(_TRIES):
        before = edition()
        try:
            made = answer(before)
        except KeyError:  # a statement that the next generation has no more
            if edition() is before:
                raise
            continue
        if edition() is before:
            return made
    raise LimitReachedError("The graph is being published just now; try again in a moment.", retry_after=1)


def route_gate() -> Gate:
    """What lets questions about routes in, a few at a time."""
    return _parts().route_gate


def deadline() -> float:
    """When a search that begins now has to be done, as `time.monotonic` has it."""
    return time.monotonic() + settings().route_timeout


def _parts() -> _Parts:
    parts: _Parts = current_app.extensions[_KEY]
    return parts
