"""Sessions: that a browser is signed in. The browser holds a random id, the database only the id's hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from leedskg.accounts.audit import AuditLog, Clock, text_of
from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Account, Actor
from leedskg.accounts.people import COLUMNS, account_of

#: How long after a one-time link its session may set a password without giving the old one.
FRESH = timedelta(hours=1)
#: A session's last request is noted no more often than this, for each note is a write to the disk.
_NOTE_EVERY = timedelta(seconds=60)


def hash_of(secret: str) -> str:
    """Return what is kept of a random id, token or link: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Session:
    """A browser that is signed in."""

    key: str
    account: Account
    started: str
    seen: str
    #: Whether a one-time link opened it so lately that it may set a password.
    fresh_link: bool
    browser: str
    place: str


class Sessions:
    """The sessions of a site; they end after `idle` without a request, and after `life` in any case."""

    def __init__(
        self, database: AccountDatabase, audit: AuditLog, clock: Clock, *, idle: timedelta, life: timedelta
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._idle = idle
        self.life = life

    def start(self, actor: Actor, account: Account, *, browser: str, by_link: bool = False, old: str = "") -> str:
        """Sign a browser in and give its new id; an `old` session of the same browser ends. Expired ones are swept."""
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        with self._database.writing() as connection:
            connection.execute("DELETE FROM session WHERE hash = ?", (hash_of(old),))
            connection.execute(
                "DELETE FROM session WHERE seen <= ? OR started <= ?",
                (text_of(now, -self._idle), text_of(now, -self.life)),
            )
            connection.execute(
                "INSERT INTO session (hash, account, started, seen, by_link, browser, place) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (hash_of(secret), account.id, text_of(now), text_of(now), int(by_link), browser, actor.place),
            )
            what = "signed in by a one-time link" if by_link else "signed in"
            self._audit.add(connection, Actor(account, actor.place), what)
        return secret

    def find(self, secret: str) -> Session | None:
        """Find the session with this id, while it lasts and its account is in use; notes that it was seen."""
        if not 20 <= len(secret) <= 100:
            return None
        found = self._where("session.hash = ?", hash_of(secret))
        if not found:
            return None
        now = self._clock()
        if found[0].seen <= text_of(now, -_NOTE_EVERY):
            with self._database.writing() as connection:
                connection.execute("UPDATE session SET seen = ? WHERE hash = ?", (text_of(now), found[0].key))
        return found[0]

    def of(self, account: Account) -> list[Session]:
        """Return the sessions of an account that last, the latest first."""
        return self._where("session.account = ?", account.id)

    def end(self, actor: Actor, key: str) -> bool:
        """End one session of the actor's own; whether there was such a one."""
        assert actor.account
        with self._database.writing() as connection:
            ended = connection.execute(
                "DELETE FROM session WHERE hash = ? AND account = ?", (key, actor.account.id)
            ).rowcount
            if ended:
                self._audit.add(connection, actor, "signed out")
            return bool(ended)

    def end_all(self, actor: Actor) -> None:
        """Sign the actor out everywhere."""
        assert actor.account
        with self._database.writing() as connection:
            connection.execute("DELETE FROM session WHERE account = ?", (actor.account.id,))
            self._audit.add(connection, actor, "signed out everywhere")

    def _where(self, condition: str, value: str) -> list[Session]:
        now = self._clock()
        rows = self._database.rows(
            f"SELECT session.*, {COLUMNS} FROM session JOIN account ON account.id = session.account "  # noqa: S608
            f"WHERE {condition} AND disabled = 0 AND seen > ? AND started > ? ORDER BY seen DESC, hash",
            value,
            text_of(now, -self._idle),
            text_of(now, -self.life),
        )
        return [
            Session(
                key=row["hash"],
                account=account_of(row),
                started=row["started"],
                seen=row["seen"],
                fresh_link=bool(row["by_link"]) and row["started"] > text_of(now, -FRESH),
                browser=row["browser"],
                place=row["place"],
            )
            for row in rows
        ]


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_in_words(user_agent: str) -> str:
    """Say the make of a browser and its system, such as “Firefox on Windows”: enough to know one's own session by."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
