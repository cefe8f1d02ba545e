"""API tokens: named keys by which a program does what its owner may do, or a part of that.

A token begins with `leedskg_`, so that scanners for leaked secrets can know one. It is shown once; its hash is kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from leedskg.accounts import people
from leedskg.accounts.audit import AuditLog, Clock, text_of
from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Account, Actor, Deed
from leedskg.accounts.people import COLUMNS, account_of
from leedskg.accounts.sessions import hash_of
from leedskg.errors import EntryError

PREFIX = "leedskg_"
#: What a token can be given; administration is for people in a browser.
SCOPES: tuple[Deed, ...] = ("contribute", "review")
MOST = 20
LONGEST_DAYS = 3660
_NOTE_EVERY = timedelta(seconds=60)


@dataclass(frozen=True)
class AccessToken:
    """A token as its owner sees it; moments as text, empty where there is none."""

    id: str
    name: str
    deeds: tuple[Deed, ...]
    created: str
    expires: str
    used: str


class Tokens:
    """The tokens of all accounts."""

    def __init__(self, database: AccountDatabase, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def make(self, actor: Actor, name: str, deeds: list[str], days: str = "") -> str:
        """Make a token of the actor's own and give it, the only time that it can be seen.

        `days` is what was entered: a whole number, or nothing for a token that does not expire. Raises EntryError.
        """
        assert actor.account
        line = people.checked_line("token_name", "The token’s name", name)
        asked = [deed for deed in SCOPES if deed in deeds]
        if not asked or len(asked) != len(set(deeds)):
            raise EntryError("token_deeds", "Choose what the token may do")
        if not all(actor.account.may(deed) for deed in asked):
            raise EntryError("token_deeds", "A token cannot do what its owner may not do")
        now = self._clock()
        expires = text_of(now, timedelta(days=_days(days))) if days.strip() else None
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM token WHERE account = ? AND revoked IS NULL", (actor.account.id,)
            ).fetchone()
            if count >= MOST:
                raise EntryError("token_name", f"An account has at most {MOST} tokens; revoke one that is not in use")
            connection.execute(
                "INSERT INTO token (id, hash, account, name, deeds, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (secrets.token_hex(4), hash_of(secret), actor.account.id, line, " ".join(asked), text_of(now), expires),
            )
            self._audit.add(connection, actor, f"made a token to {' and '.join(asked)}", line)
        return secret

    def of(self, account: Account) -> list[AccessToken]:
        """Return the tokens of an account that are not revoked, expired ones too, the latest first."""
        rows = self._database.rows(
            "SELECT * FROM token WHERE account = ? AND revoked IS NULL ORDER BY created DESC, rowid DESC", account.id
        )
        return [
            AccessToken(
                id=row["id"],
                name=row["name"],
                deeds=_deeds(row["deeds"]),
                created=row["created"],
                expires=row["expires"] or "",
                used=row["used"] or "",
            )
            for row in rows
        ]

    def find(self, secret: str) -> tuple[Account, tuple[Deed, ...]] | None:
        """Return whose token this is, and what it may do: what it was given, as far as its owner still may do that."""
        if not secret.startswith(PREFIX) or len(secret) > 100:
            return None
        now = self._clock()
        rows = self._database.rows(
            f"SELECT token.id AS token, token.deeds, token.used, {COLUMNS} FROM token "  # noqa: S608 - constants
            "JOIN account ON account.id = token.account WHERE token.hash = ? AND revoked IS NULL AND disabled = 0 "
            "AND (expires IS NULL OR expires > ?)",
            hash_of(secret),
            text_of(now),
        )
        if not rows:
            return None
        row = rows[0]
        if (row["used"] or "") <= text_of(now, -_NOTE_EVERY):
            with self._database.writing() as connection:
                connection.execute("UPDATE token SET used = ? WHERE id = ?", (text_of(now), row["token"]))
        account = account_of(row)
        return account, tuple(deed for deed in _deeds(row["deeds"]) if account.may(deed))

    def revoke(self, actor: Actor, token_id: str) -> bool:
        """Revoke a token of the actor's own; whether there was such a one."""
        assert actor.account
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT name FROM token WHERE id = ? AND account = ? AND revoked IS NULL", (token_id, actor.account.id)
            ).fetchone()
            if row is None:
                return False
            connection.execute("UPDATE token SET revoked = ? WHERE id = ?", (text_of(self._clock()), token_id))
            self._audit.add(connection, actor, "revoked a token", row["name"])
            return True


def _deeds(kept: str) -> tuple[Deed, ...]:
    return tuple(deed for deed in SCOPES if deed in kept.split())


def _days(text: str) -> int:
    try:
        days = int(text) if len(text) < 10 and text.strip().isascii() else 0
    except ValueError:
        days = 0
    if not 1 <= days <= LONGEST_DAYS:
        raise EntryError("token_days", f"Days are a whole number from 1 to {LONGEST_DAYS}, or nothing")
    return days
