"""What the application of the current request works with."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app

from leedskg.edition import Edition, Editions
from leedskg.settings import Settings
from leedskg.sparql.pool import Pool

_KEY = "leedskg"


@dataclass(frozen=True)
class _Parts:
    settings: Settings
    reader: Pool
    editions: Editions


def install(app: Flask, settings: Settings, reader: Pool, pages: Pool | None = None) -> None:
    """Give an application its settings, the reader that answers queries, and the one that pages are made with."""
    app.extensions[_KEY] = _Parts(settings, reader, Editions(pages or reader, settings.namespaces))


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


def _parts() -> _Parts:
    parts: _Parts = current_app.extensions[_KEY]
    return parts
