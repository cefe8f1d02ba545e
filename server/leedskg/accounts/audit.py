"""The audit log, and the moments it and sessions go by: UTC, whole seconds, in an order that is that of their text."""

from __future__ import annotations

import ipaddress
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Actor

#: Gives the time in UTC; passed in, so that a test can let time pass.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def text_of(moment: datetime, later: timedelta = timedelta(0)) -> str:
    """Return the moment as it is kept, or one that much later."""
    return (moment + later).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


PAGE = 50


@dataclass(frozen=True)
class AuditEntry:
    """One line of the log. `who` is empty where nobody was signed in."""

    number: int
    at: str
    who: str
    what: str
    about: str
    place: str


class AuditLog:
    """The log of one site."""

    def __init__(self, database: AccountDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def note(self, actor: Actor, what: str, about: str = "") -> None:
        """Add a line in a transaction of its own: for other rooms, such as the one for contributions."""
        with self._database.writing() as connection:
            self.add(connection, actor, what, about)

    def add(self, connection: sqlite3.Connection, actor: Actor, what: str, about: str = "") -> None:
        """Add a line within the transaction of what it tells of, so that there is never the one without the other."""
        connection.execute(
            "INSERT INTO audit (at, account, what, about, place) VALUES (?, ?, ?, ?, ?)",
            (text_of(self._clock()), actor.account and actor.account.id, what, about, actor.place),
        )

    def entries(self, before: int | None = None, count: int = PAGE) -> list[AuditEntry]:
        """Return the latest lines first, at most `count`; those before a number where one is given."""
        rows = self._database.rows(
            "SELECT number, at, coalesce(sign_in_name, '') AS who, what, about, place FROM audit "
            "LEFT JOIN account ON account.id = audit.account WHERE number < ? ORDER BY number DESC LIMIT ?",
            before if before is not None else 2**62,
            count,
        )
        return [AuditEntry(**row) for row in rows]


def coarse_place(address: str | None) -> str:
    """Return the network that an address is in (/24, or /48 for IPv6): enough to see that something is odd, no more."""
    try:
        found = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return "this machine"
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))
