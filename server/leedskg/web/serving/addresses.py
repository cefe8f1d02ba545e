"""The addresses of a site as a person types them, or a program that reads of them elsewhere."""

from __future__ import annotations

import socket
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from leedskg.settings import Settings
from leedskg.web import current

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def own_address() -> str:
    """Return the address by which whoever asks reaches the site. Ends in a slash.

    It is never a name that only the request gives, which may be false: `Host` is believed where it names this machine,
    as through a tunnel to another port, and no header of a proxy is read for it.
    """
    settings = current.settings()
    if not settings.public_address and _names_this_machine(request.host_url, settings.host):
        return request.host_url
    return site_address(settings)


def root_address() -> str:
    """Return the whole address of the home page. Ends in a slash."""
    return f"{own_address().removesuffix('/')}{request.script_root}/"


def whole_address(endpoint: str, **values: Any) -> str:
    """Return the whole address of a view of the site, for what is read elsewhere."""
    return own_address().removesuffix("/") + url_for(endpoint, **values)


def endpoint_at(path: str) -> str:
    """Return the view of the site that answers at a path; nothing where none does."""
    try:
        return str(current_app.url_map.bind("").match(path, method="GET")[0])
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return ""


def _names_this_machine(address: str, host: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.hostname in {*_LOOPBACK, host.lower(), _machine()} and (parts.port or 1) > 0
    except ValueError:
        return False


@cache
def _machine() -> str:
    return socket.gethostname().lower()


def site_address(settings: Settings) -> str:
    """Return the address by which people reach the site: the one set, or that of this machine. Ends in a slash."""
    return settings.public_address or local_address(settings)


def once_address(site: str, token: str) -> str:
    """Return the address of a one-time link."""
    return f"{site}sign-in/once?token={token}"


def local_address(settings: Settings) -> str:
    """Return the address on this machine. Ends in a slash."""
    host = reachable(settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def reachable(host: str) -> str:
    """Return an address that one can connect to, for one that may mean all of them."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def address(**changed: str | None) -> str:
    """Return the address of what is asked for with some answers changed; None leaves one out."""
    told = [(name, value) for name, value in request.args.items(multi=True) if name not in changed]
    told += [(name, value) for name, value in changed.items() if value is not None]
    query = urlencode(told)
    return f"{request.script_root}{request.path}{'?' if query else ''}{query}"
