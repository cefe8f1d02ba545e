"""Every setting of the program, in one table: name, default and help.

Each is read from the environment as `LEEDSKG_` and its name in capitals; the command line's options win over it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from leedskg.errors import LeedskgError
from leedskg.namespaces import BASE, Namespaces

_ENDPOINT = re.compile(r"https?://[^\s/?#@<>\"{}|\\^`]+(/[^\s#<>\"{}|\\^`]*)?")

ENVIRONMENT_PREFIX = "LEEDSKG_"


class SettingError(LeedskgError):
    """A setting whose value cannot be used."""


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True)
class Settings:
    """The settings in force. Frozen, and passed in: no module reads the environment by itself."""

    base: str = _setting(BASE, "IRI under which the graph's own names live; ends in a slash")
    knowledge: str = _setting("", "folder that holds ontology/, graph/, shapes/ and queries/; found by itself if empty")
    state: str = _setting("var", "folder for the store and its generations; it can be deleted and rebuilt")
    documents: str = _setting("", "folder with the source documents, for checking evidence; not needed to serve")
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8000, "port to listen on")
    web_threads: int = _setting(40, "threads that answer requests to the endpoint; pages have half as many besides")
    client_timeout: float = _setting(
        20.0, "seconds in which a client has to send its request, or take 64 KiB of an answer"
    )
    connections: int = _setting(2000, "connections that may be open at once; more wait until one is closed")
    workers: int = _setting(0, "processes that answer queries; 0 means one a core")
    spare_workers: int = _setting(1, "processes besides, for a client whose query would have to wait for another's")
    page_workers: int = _setting(1, "processes that answer what the site's own pages ask")
    query_timeout: float = _setting(30.0, "seconds a query may take")
    queue_timeout: float = _setting(10.0, "seconds a query may wait for a free worker")
    heavy_after: float = _setting(0.25, "seconds after which a query is heavy: run at low priority, and few at a time")
    heavy_queries: int = _setting(0, "heavy queries that run at a time; 0 means one a core")
    heavy_waiting: int = _setting(8, "heavy queries that wait, suspended, for their turn; more are refused")
    queries_in_flight: int = _setting(32, "queries taken on at a time, those that wait counted; a client has half")
    worker_memory: int = _setting(1024, "MiB of address space a query worker may use")
    result_limit: int = _setting(1024, "MiB a result may have")
    request_limit: int = _setting(1024, "KiB a query may have, in the URL or in the body")
    service_allowed: str = _setting("", "endpoints that queries may call by SERVICE, their IRIs set apart by commas")
    service_limit: int = _setting(8, "MiB that the answer of such an endpoint may have")
    upload_limit: int = _setting(64, "MiB of RDF that may be sent at once to a scratch store")
    in_memory_below: int = _setting(500_000, "statements below which workers hold the graph in memory")
    keep_generations: int = _setting(2, "published generations to keep, those in use besides")

    @property
    def namespaces(self) -> Namespaces:
        """The IRIs under the base in force."""
        return Namespaces(self.base)

    @property
    def service_endpoints(self) -> frozenset[str]:
        """The endpoints that SERVICE may name."""
        return frozenset(each.strip() for each in self.service_allowed.split(",") if each.strip())

    @property
    def state_path(self) -> Path:
        """The state folder as an absolute path."""
        return Path(self.state).expanduser().absolute()

    @property
    def worker_count(self) -> int:
        """How many query workers to run."""
        return self.workers or _cores()

    @property
    def heavy_count(self) -> int:
        """How many heavy queries run at a time."""
        return self.heavy_queries or _cores()


def _cores() -> int:
    return os.cpu_count() or 1


def read_settings(environment: Mapping[str, str], **options: Any) -> Settings:
    """Read the settings from `environment`; `options` that are not None win over it.

    Raises SettingError, naming the setting, for a value of the wrong kind or an unknown name.
    """
    known = {entry.name: entry for entry in fields(Settings)}
    values: dict[str, Any] = {}
    for key, text in environment.items():
        if not key.startswith(ENVIRONMENT_PREFIX):
            continue
        name = key.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name not in known:
            raise SettingError(f"{key} is not a setting of leedskg; `leedskg settings` lists them")
        values[name] = _parse(key, text, type(known[name].default))
    values |= {name: value for name, value in options.items() if value is not None}
    settings = Settings(**values)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if not settings.base.endswith(("/", "#")) or ":" not in settings.base:
        raise SettingError(f"LEEDSKG_BASE has to be an IRI that ends in a slash, not {settings.base!r}")
    for name in (
        "web_threads",
        "client_timeout",
        "connections",
        "page_workers",
        "query_timeout",
        "queue_timeout",
        "heavy_after",
        "queries_in_flight",
        "worker_memory",
        "result_limit",
        "request_limit",
        "upload_limit",
        "service_limit",
        "keep_generations",
    ):
        if getattr(settings, name) <= 0:
            raise SettingError(f"{ENVIRONMENT_PREFIX}{name.upper()} has to be more than 0")
    for name in ("workers", "spare_workers", "heavy_queries", "heavy_waiting"):
        if getattr(settings, name) < 0:
            raise SettingError(f"{ENVIRONMENT_PREFIX}{name.upper()} has to be 0 or more")
    odd = [endpoint for endpoint in settings.service_endpoints if not _ENDPOINT.fullmatch(endpoint)]
    if odd:
        raise SettingError(f"LEEDSKG_SERVICE_ALLOWED wants IRIs such as https://host/sparql, not {odd[0]!r}")
    if not 0 <= settings.port <= 65535:
        raise SettingError(f"{ENVIRONMENT_PREFIX}PORT has to be a port from 0 to 65535, not {settings.port}")


def _parse(key: str, text: str, kind: type) -> Any:
    try:
        return kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}.get(kind, kind.__name__)
        raise SettingError(f"{key} has to be {wanted}, not {text!r}") from None
