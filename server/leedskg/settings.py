"""Every setting of the program, in one table: name, default and help.

Each is read from the environment as `LEEDSKG_` and its name in capitals; the command line's options win over it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from leedskg.errors import LeedskgError
from leedskg.namespaces import BASE, Namespaces

_ENDPOINT = re.compile(r"https?://[^\s/?#@<>\"{}|\\^`]+(/[^\s#<>\"{}|\\^`]*)?")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_REPORT_TO = re.compile(r"[^\s@:/?&<>\"]+@[^\s@:/?&<>\"]+\.[^\s@:/?&<>\"]+|https?://[^\s<>\"]+")

ENVIRONMENT_PREFIX = "LEEDSKG_"
_YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
#: No number is as large: what is meant as “without end” would overflow somewhere, long after the start.
_TOO_MUCH = 1_000_000_000
#: The settings that are one of a few words.
_CHOICES = {
    "linux_features": ("auto", "none"),
    "log_format": ("lines", "json"),
    "metrics": ("yes", "no"),
    "mcp": ("yes", "no"),
    "single_steward": ("auto", "yes", "no"),
    "documents_shown": ("no", "quotation", "signed-in", "all"),
}


class SettingError(LeedskgError):
    """A setting whose value cannot be used."""


def _setting(default: Any, help_text: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help_text, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """The settings in force. Frozen, and passed in: no module reads the environment by itself."""

    base: str = _setting(BASE, "IRI under which the graph's own names live; ends in a slash")
    knowledge: str = _setting("", "folder that holds ontology/, graph/, shapes/ and queries/; found by itself if empty")
    state: str = _setting("var", "folder for the store and its generations; it can be deleted and rebuilt")
    ledger: str = _setting(
        "ledger", "folder for contributions and accounts; the truth beside the knowledge files, so back it up"
    )
    versions: str = _setting(
        "versions", "folder for the versions that `leedskg release` makes; keep it, and back it up"
    )
    log_format: str = _setting("lines", "how each request is logged: lines, or json; both with an id of the request")
    metrics: str = _setting("no", "whether numbers for Prometheus are given at /metrics: yes or no")
    mcp: str = _setting("no", "whether assistants may ask at /mcp, and only read: yes or no; needs leedskg[mcp]")
    contribution_limit: int = _setting(20, "MiB that a contributed file may have")
    region: str = _setting(
        "E08000032 E08000033 E08000034 E08000035 E08000036",
        "GSS codes of the local authorities whose records imports keep, with spaces between",
    )
    private_site: bool = _setting(
        False,
        "whether only its own people can read the site: yes or no; what may not be published can then be imported",
    )
    fetch_contact: str = _setting(
        "", "e-mail address or page that publishers are told when `leedskg import --fetch` asks; report_to if empty"
    )
    fetch_services: str = _setting(
        "", "file (TOML) with other addresses of publishers' services than those of the program, or other pauses"
    )
    store: str = _setting("", "address of a SPARQL server that holds the graph; the state folder does if empty")
    store_kind: str = _setting("", "which product the store is, as docs/another-store.md lists; it is asked if empty")
    store_query: str = _setting("", "address that answers queries, where the product's usual one is not it")
    store_update: str = _setting("", "address that takes updates, where the product's usual one is not it")
    store_graphs: str = _setting("", "address of the graph store protocol, where the product's usual one is not it")
    store_user: str = _setting("", "name to sign in to the store with")
    store_password: str = _setting("", "password or token to sign in to the store with", secret=True)
    store_connections: int = _setting(8, "queries of others that may run on the store at once")
    documents: str = _setting(
        "", "folder with the source documents, for checking evidence and for reading it; not needed to serve"
    )
    documents_shown: str = _setting(
        "no",
        "who may read those documents on the site: no (nobody), quotation (everybody, but only the cited words), "
        "signed-in (whoever has an account, whole), or all (everybody, whole)",
    )
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8000, "port to listen on")
    public_address: str = _setting(
        "", "address by which people reach the site, such as https://graph.example.org/; needed behind a proxy"
    )
    picture_frames: str = _setting(
        "*", "sites that may show a picture in a frame of theirs: * for all, none, or their origins with spaces between"
    )
    report_to: str = _setting(
        "", "e-mail address, or address of a page, to which readers report errors; the pages say so where it is empty"
    )
    smtp_host: str = _setting("", "mail server that alerts are sent through; no e-mail is sent if empty")
    smtp_port: int = _setting(587, "port of the mail server")
    smtp_security: str = _setting("starttls", "how the connection to it is kept secret: starttls, tls, or none")
    smtp_user: str = _setting("", "name to sign in to the mail server with, if it asks for one")
    smtp_password_file: str = _setting("", "file that holds the password for it, and nothing else")
    smtp_sender: str = _setting("", "e-mail address that alerts come from")
    smtp_timeout: float = _setting(30.0, "seconds in which the mail server has to answer")
    proxy_hops: int = _setting(0, "proxies in front whose X-Forwarded-For and X-Forwarded-Proto are believed")
    single_steward: str = _setting(
        "auto", "whether stewards may accept their own contributions: yes, no, or auto: while there is only one"
    )
    session_idle: int = _setting(120, "minutes without a request after which a person is signed out")
    session_life: int = _setting(12, "hours after which a person is signed out in any case")
    contributions_per_hour: int = _setting(60, "contributions that an account may send in an hour")
    web_processes: int = _setting(1, "processes that answer requests; 0 means one a core, up to four")
    web_threads: int = _setting(40, "threads of each for requests to the endpoint; pages have half as many more")
    client_timeout: float = _setting(
        20.0, "seconds in which a client has to send its request, or take 64 KiB of an answer"
    )
    connections: int = _setting(2000, "connections that may be open at once; more wait until one is closed")
    workers: int = _setting(0, "processes that answer queries; 0 means one a core")
    spare_workers: int = _setting(1, "more processes, for a client whose query would have to wait for another's")
    page_workers: int = _setting(1, "processes that answer what the site's own pages ask")
    query_timeout: float = _setting(30.0, "seconds a query may take")
    queue_timeout: float = _setting(10.0, "seconds a query may wait for a free worker")
    linux_features: str = _setting(
        "auto", "auto: query workers use what only Linux has, such as seccomp; none: what every system has"
    )
    heavy_after: float = _setting(0.25, "seconds after which a query is heavy: run at low priority, and few at a time")
    heavy_queries: int = _setting(0, "heavy queries that run at a time; 0 means one a core")
    heavy_waiting: int = _setting(8, "heavy queries that wait, suspended, for their turn; more are refused")
    queries_in_flight: int = _setting(
        128, "queries taken on at a time, waiting ones too; a client has half, heavy aside"
    )
    worker_memory: int = _setting(1024, "MiB of address space a query worker may use")
    route_searches: int = _setting(2, "routes and pictures that are made at once")
    route_queue: int = _setting(4, "requests for routes and pictures that may wait; any more are told to come back")
    route_timeout: float = _setting(5.0, "seconds a search for routes may take")
    result_limit: int = _setting(1024, "MiB a result may have")
    request_limit: int = _setting(1024, "KiB a query may have, in the URL or in the body")
    service_allowed: str = _setting("", "endpoints that queries may call by SERVICE, their IRIs set apart by commas")
    service_limit: int = _setting(8, "MiB that the answer of such an endpoint may have")
    upload_limit: int = _setting(64, "MiB of RDF that may be sent at once to a scratch store")
    in_memory_below: int = _setting(
        1_500_000, "statements below which the workers of the endpoint hold the graph in memory"
    )
    keep_generations: int = _setting(2, "published generations to keep, and those in use as well")

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
    def ledger_path(self) -> Path:
        """The ledger folder as an absolute path."""
        return Path(self.ledger).expanduser().absolute()

    @property
    def versions_path(self) -> Path:
        """The folder of the versions as an absolute path."""
        return Path(self.versions).expanduser().absolute()

    @property
    def web_process_count(self) -> int:
        """How many web processes to run."""
        return self.web_processes or min(4, _cores())

    @property
    def worker_count(self) -> int:
        """How many query workers to run."""
        return self.workers or _cores()

    @property
    def heavy_count(self) -> int:
        """How many heavy queries run at a time."""
        return self.heavy_queries or _cores()


@cache
def _cores() -> int:
    """Count the cores, once: asking the system takes as long as a tenth of a small query does."""
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
    _check_numbers(settings)
    _check_words(settings)
    return settings


def _check_words(settings: Settings) -> None:
    _check_contacts(settings)
    if not settings.base.endswith(("/", "#")) or ":" not in settings.base:
        raise SettingError(f"LEEDSKG_BASE has to be an IRI that ends in a slash, not {settings.base!r}")
    for name, known in _CHOICES.items():
        if getattr(settings, name) not in known:
            raise SettingError(
                f"{ENVIRONMENT_PREFIX}{name.upper()} has to be {', '.join(known[:-1])} or {known[-1]}, "
                f"not {getattr(settings, name)!r}"
            )
    if settings.public_address and not re.fullmatch(r"https?://[^/?#@\s]+/", settings.public_address):
        raise SettingError(
            "LEEDSKG_PUBLIC_ADDRESS has to be like https://graph.example.org/, with a slash at the end and nothing "
            f"after it, not {settings.public_address!r}"
        )
    _check_mail(settings)
    odd = [endpoint for endpoint in settings.service_endpoints if not _ENDPOINT.fullmatch(endpoint)]
    if odd:
        raise SettingError(f"LEEDSKG_SERVICE_ALLOWED wants IRIs such as https://host/sparql, not {odd[0]!r}")


def _check_contacts(settings: Settings) -> None:
    for name in ("report_to", "fetch_contact"):
        said = getattr(settings, name)
        if said and not _REPORT_TO.fullmatch(said):
            raise SettingError(
                f"{ENVIRONMENT_PREFIX}{name.upper()} has to be an e-mail address or an address that begins with "
                f"https:// or http://, not {said!r}"
            )


def _check_mail(settings: Settings) -> None:
    if settings.smtp_security not in {"starttls", "tls", "none"}:
        raise SettingError(f"LEEDSKG_SMTP_SECURITY has to be starttls, tls or none, not {settings.smtp_security!r}")
    if not settings.smtp_host:
        return
    if not _MAIL.fullmatch(settings.smtp_sender):
        raise SettingError(
            "LEEDSKG_SMTP_SENDER has to be the e-mail address that alerts come from, such as graph@example.org, not "
            f"{settings.smtp_sender!r}"
        )
    if bool(settings.smtp_user) != bool(settings.smtp_password_file):
        raise SettingError("LEEDSKG_SMTP_USER and LEEDSKG_SMTP_PASSWORD_FILE go together; set both or neither")
    if settings.smtp_user and settings.smtp_security == "none":
        raise SettingError(
            "LEEDSKG_SMTP_SECURITY=none would send the password of LEEDSKG_SMTP_USER in the clear; set starttls or tls"
        )
    if not settings.public_address:
        raise SettingError("LEEDSKG_SMTP_HOST needs LEEDSKG_PUBLIC_ADDRESS too: links in messages begin with it")


def _check_numbers(settings: Settings) -> None:
    for name in (
        "session_idle",
        "session_life",
        "contributions_per_hour",
        "web_threads",
        "client_timeout",
        "connections",
        "page_workers",
        "query_timeout",
        "queue_timeout",
        "heavy_after",
        "queries_in_flight",
        "route_searches",
        "route_queue",
        "route_timeout",
        "worker_memory",
        "result_limit",
        "request_limit",
        "upload_limit",
        "contribution_limit",
        "service_limit",
        "keep_generations",
        "store_connections",
        "smtp_timeout",
    ):
        if not 0 < getattr(settings, name) < _TOO_MUCH:  # nor is it NaN
            raise SettingError(f"{ENVIRONMENT_PREFIX}{name.upper()} has to be more than 0, and less than {_TOO_MUCH:,}")
    for name in ("web_processes", "workers", "spare_workers", "heavy_queries", "heavy_waiting", "proxy_hops"):
        if getattr(settings, name) < 0:
            raise SettingError(f"{ENVIRONMENT_PREFIX}{name.upper()} has to be 0 or more")
    if not 1 <= settings.smtp_port <= 65535:
        raise SettingError(f"LEEDSKG_SMTP_PORT has to be a port from 1 to 65535, not {settings.smtp_port}")
    if not 0 <= settings.port <= 65535:
        raise SettingError(f"{ENVIRONMENT_PREFIX}PORT has to be a port from 0 to 65535, not {settings.port}")


def without_credentials(address: str) -> str:
    """Return an address without a name and a password in it, to be shown."""
    return re.sub(r"//[^/@]*@", "//", address)


def _parse(key: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.strip().lower() not in _YES_OR_NO:
            raise SettingError(f"{key} has to be yes or no, not {text!r}")
        return _YES_OR_NO[text.strip().lower()]
    try:
        return kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}.get(kind, kind.__name__)
        raise SettingError(f"{key} has to be {wanted}, not {text!r}") from None
