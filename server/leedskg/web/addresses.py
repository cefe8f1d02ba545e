"""The addresses of a site as a person types them: for what is printed before there is a request to answer."""

from __future__ import annotations

from leedskg.settings import Settings


def site_address(settings: Settings) -> str:
    """The address by which people reach the site: the one that is set, or that of this machine. Ends in a slash."""
    return settings.public_address or local_address(settings)


def once_address(site: str, token: str) -> str:
    """The address of a one-time link."""
    return f"{site}sign-in/once?token={token}"


def local_address(settings: Settings) -> str:
    """The address on this machine. Ends in a slash."""
    host = reachable(settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def reachable(host: str) -> str:
    """An address that one can connect to, for one that may mean all of them."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
