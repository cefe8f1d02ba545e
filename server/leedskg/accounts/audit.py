"""The audit log: who did what to which account or contribution, when, and roughly from where.

It is only added to, which triggers in the database enforce. No password, token or link ever stands in it, nor what
somebody typed as a name to sign in with: people type their password there.
"""

from __future__ import annotations

import ipaddress
import sqlite3
from dataclasses import dataclass

from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Actor
from leedskg.accounts.moments import Clock, text_of

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
        """The latest lines first, at most `count`; those before a number where one is given."""
        rows = self._database.rows(
            "SELECT number, at, coalesce(sign_in_name, '') AS who, what, about, place FROM audit "
            "LEFT JOIN account ON account.id = audit.account WHERE number < ? ORDER BY number DESC LIMIT ?",
            before if before is not None else 2**62,
            count,
        )
        return [AuditEntry(**row) for row in rows]


def coarse_place(address: str | None) -> str:
    """The network that an address is in (/24, or /48 for IPv6): enough to see that something is odd, no more."""
    try:
        found = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return "this machine"
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))
