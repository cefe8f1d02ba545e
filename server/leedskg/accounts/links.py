"""One-time links: the way in for a person who has no password yet, or none any more.

A link holds a random token, of which the hash is kept. It works once, until it expires, and only the latest link of an
account works. Asking what a link is for does not spend it, so that a mail program may look at it first.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import timedelta

from leedskg.accounts.audit import Clock, text_of
from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Account, Actor, Role
from leedskg.accounts.people import COLUMNS, People, account_of
from leedskg.accounts.sessions import hash_of
from leedskg.errors import NotAllowedError

LASTS = timedelta(hours=24)
#: The account that the first link makes; its person can change both names.
FIRST_SIGN_IN_NAME = "steward"
FIRST_NAME = "Steward"

_SPENT = (
    "This link has been used, has expired, or was replaced by a later one. Whoever runs the program can make another: "
    "with `leedskg accounts link` and the sign-in name; or by starting the program again, while no administrator has a "
    "password."
)


@dataclass(frozen=True)
class OneTimeLink:
    """What an open link leads to: an account, or none yet for the first link of a site."""

    account: Account | None


class Links:
    """The links of a site that have not been spent."""

    def __init__(self, database: AccountDatabase, people: People, clock: Clock) -> None:
        self._database = database
        self._people = people
        self._clock = clock

    def make(self, actor: Actor, account: Account) -> str:
        """Make a link for an account and give its token; earlier ones end. Raises NotAllowedError when disabled."""
        if account.disabled:
            raise NotAllowedError(f"the account {account.sign_in_name} is disabled; enable it first")
        with self._database.writing() as connection:
            secret = self._insert(connection, account.id)
            self._people.audit.add(connection, actor, "made a one-time link", account.sign_in_name)
        return secret

    def first(self) -> str | None:
        """Make a link for the person who has started the program, while no administrator can get in by a password.

        None when one can. The link makes the first account; or leads to the administrator that there is.
        """
        with self._database.writing() as connection:
            account, is_open = _first(connection)
            if not is_open:
                return None
            return self._insert(connection, account.id if account else None)

    def find(self, secret: str) -> OneTimeLink:
        """Find what a link leads to, without spending it. Raises NotAllowedError when it leads nowhere any more."""
        rows = self._database.rows("SELECT account FROM link WHERE hash = ? AND used IS NULL AND expires > ?",
                                   hash_of(secret[:200]), text_of(self._clock()))  # fmt: skip
        if not rows:
            raise NotAllowedError(_SPENT)
        account = self._people.find(rows[0]["account"]) if rows[0]["account"] else None
        if account and account.disabled:
            raise NotAllowedError(_SPENT)
        return OneTimeLink(account)

    def spend(self, actor: Actor, secret: str) -> Account:
        """Use a link and give its account, made now for the first link of a site.

        Of two that use it at once, one gets in. Raises NotAllowedError when it leads nowhere any more.
        """
        now = text_of(self._clock())
        with self._database.writing() as connection:
            row = connection.execute(
                "UPDATE link SET used = ? WHERE hash = ? AND used IS NULL AND expires > ? RETURNING account",
                (now, hash_of(secret[:200]), now),
            ).fetchone()
            if row is None:
                raise NotAllowedError(_SPENT)
            if row["account"] is None:
                account, is_open = _first(connection)
                if account or not is_open:  # somebody has made an account since
                    raise NotAllowedError(_SPENT)
                return self._people.add_within(connection, actor, FIRST_SIGN_IN_NAME, FIRST_NAME, Role.ADMINISTRATOR)
            found = connection.execute(
                f"SELECT {COLUMNS} FROM account WHERE id = ? AND disabled = 0",  # noqa: S608 - constants
                (row["account"],),
            ).fetchone()
            if found is None:
                raise NotAllowedError(_SPENT)
            return account_of(found)

    def _insert(self, connection: sqlite3.Connection, account_id: str | None) -> str:
        now = self._clock()
        secret = secrets.token_urlsafe(32)
        connection.execute("DELETE FROM link WHERE account IS ? OR expires <= ?", (account_id, text_of(now)))
        connection.execute(
            "INSERT INTO link (hash, account, made, expires) VALUES (?, ?, ?, ?)",
            (hash_of(secret), account_id, text_of(now), text_of(now, LASTS)),
        )
        return secret


def _first(connection: sqlite3.Connection) -> tuple[Account | None, bool]:
    """Find the administrator to let in without a password, and whether one may be: none has one, or there is none."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM account WHERE role = ? AND disabled = 0 ORDER BY created, account.rowid",  # noqa: S608
        (Role.ADMINISTRATOR,),
    ).fetchall()
    administrators = [account_of(row) for row in rows]
    if any(each.has_password for each in administrators):
        return None, False
    if administrators:
        return administrators[0], True
    (accounts,) = connection.execute("SELECT count(*) FROM account").fetchone()
    return None, accounts == 0
