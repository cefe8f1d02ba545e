"""Where somebody is told of what they follow beside the site itself: a feed with a secret in its address."""

from __future__ import annotations

import secrets

from leedskg.accounts.audit import AuditLog
from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Account, Actor
from leedskg.accounts.people import COLUMNS, account_of
from leedskg.accounts.sessions import hash_of

#: Characters of a secret that is looked for.
_LONGEST = 100


class AlertAddresses:
    """The addresses of the people of one site."""

    def __init__(self, database: AccountDatabase, audit: AuditLog) -> None:
        self._database, self._audit = database, audit

    def has_feed(self, account: Account) -> bool:
        """Return whether an account has a feed."""
        return bool(
            self._database.rows("SELECT 1 FROM alert WHERE account = ? AND feed IS NOT NULL", account.id)
        )  # fmt: skip

    def make_feed(self, actor: Actor) -> str:
        """Give the actor's feed a new secret, the only time that it can be seen; an older one opens nothing more."""
        assert actor.account
        secret = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO alert (account, feed) VALUES (?, ?) ON CONFLICT DO UPDATE SET feed = excluded.feed",
                (actor.account.id, hash_of(secret)),
            )
            self._audit.add(connection, actor, "made an address for a feed")
        return secret

    def end_feed(self, actor: Actor) -> None:
        """End the actor's feed."""
        assert actor.account
        with self._database.writing() as connection:
            done = connection.execute(
                "UPDATE alert SET feed = NULL WHERE account = ? AND feed IS NOT NULL", (actor.account.id,)
            )
            if done.rowcount:
                self._audit.add(connection, actor, "ended the address of a feed")

    def feed_of(self, secret: str) -> Account | None:
        """Find whose feed a secret opens, while their account is in use."""
        if not secret or len(secret) > _LONGEST:
            return None
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM alert JOIN account ON account.id = alert.account "  # noqa: S608 - constants
            "WHERE alert.feed = ? AND disabled = 0",
            hash_of(secret),
        )
        return account_of(rows[0]) if rows else None
