"""Where somebody is told of what they follow beside the site itself: a feed with a secret in its address, and e-mail.

An e-mail address is asked once whether it wants alerts, and gets them only after it has said so. The links in messages
are signed, and hold for the address that they were sent to.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from leedskg.accounts.audit import AuditLog, Clock, text_of
from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Account, Actor
from leedskg.accounts.people import COLUMNS, account_of
from leedskg.accounts.sessions import hash_of
from leedskg.errors import EntryError

#: Characters of a secret that is looked for, of a signed link, and of an e-mail address.
_LONGEST, _LONGEST_LINK, _LONGEST_ADDRESS = 100, 1000, 254
#: What servers take without extensions. It has no space, bracket or line end, so that no header can be added by one.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class MailAddress:
    """The e-mail address of an account, empty where there is none, and when it was asked and when it said yes."""

    email: str = ""
    asked: str = ""
    confirmed: str = ""


@dataclass(frozen=True)
class Recipient:
    """Somebody to write to."""

    account: Account
    email: str


class AlertAddresses:
    """The addresses of the people of one site."""

    def __init__(self, database: AccountDatabase, audit: AuditLog, clock: Clock) -> None:
        self._database, self._audit, self._clock = database, audit, clock

    def has_feed(self, account: Account) -> bool:
        """Return whether an account has a feed."""
        return bool(self._database.rows("SELECT 1 FROM alert WHERE account = ? AND feed IS NOT NULL", account.id))

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

    def mail_of(self, account: Account) -> MailAddress:
        """Return the e-mail address of an account."""
        rows = self._database.rows("SELECT email, asked, confirmed FROM alert WHERE account = ?", account.id)
        return MailAddress(*(value or "" for value in rows[0])) if rows else MailAddress()

    def set_mail(self, actor: Actor, email: str) -> None:
        """Set the address that the actor wants alerts at; it is asked before. Empty ends them. Raises EntryError."""
        assert actor.account
        wanted = email.strip()
        if wanted and (len(wanted) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(wanted)):
            raise EntryError("email", "Enter an e-mail address, such as name@example.org, in letters from a to z")
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO alert (account, email) VALUES (?, ?) ON CONFLICT DO UPDATE "
                "SET email = excluded.email, asked = NULL, confirmed = NULL",
                (actor.account.id, wanted),
            )
            self._audit.add(
                connection, actor, "set an e-mail address for alerts" if wanted else "ended alerts by e-mail"
            )

    def to_ask(self) -> list[Recipient]:
        """Return who has given an address that was not asked yet."""
        return self._recipients("asked IS NULL AND confirmed IS NULL")

    def to_write(self) -> list[Recipient]:
        """Return who wants alerts by e-mail, and has said so from there."""
        return self._recipients("confirmed IS NOT NULL")

    def claim(self, recipient: Recipient) -> bool:
        """Note that an address is being asked; not where another process was first, or the address is another now."""
        return self._changed(
            "UPDATE alert SET asked = ? WHERE account = ? AND email = ? AND asked IS NULL",
            text_of(self._clock()), recipient.account.id, recipient.email,
        )  # fmt: skip

    def release(self, recipient: Recipient) -> None:
        """Take back that an address was asked: the message is known not to have gone out."""
        self._changed(
            "UPDATE alert SET asked = NULL WHERE account = ? AND email = ?", recipient.account.id, recipient.email
        )

    def link(self, recipient: Recipient, what: str) -> str:
        """Return what a link in a message to somebody holds, to `confirm` or to `stop`."""
        return self._links(what).dumps([recipient.account.id, recipient.email])

    def confirm(self, link: str, moment: str) -> bool:
        """Begin alerts to the address that a link was sent to, of what is published after a moment; whether it is one.

        A link to an address that is another now, or none any more, changes nothing.
        """
        found = self._read(link, "confirm")
        if found is None:
            return False
        with self._database.writing() as connection:
            done = connection.execute(
                "UPDATE alert SET confirmed = ? WHERE account = ? AND email = ? AND confirmed IS NULL",
                (text_of(self._clock()), *found),
            )
            if done.rowcount:
                connection.execute(
                    "UPDATE follow SET mailed = ? WHERE account = ? AND mailed < ?", (moment, found[0], moment)
                )
        return self._is_set(*found)

    def stop(self, link: str) -> bool:
        """End alerts to the address that a link was sent to, and forget it; whether it is a link of ours."""
        found = self._read(link, "stop")
        if found is None:
            return False
        self._changed(
            "UPDATE alert SET email = '', asked = NULL, confirmed = NULL WHERE account = ? AND email = ?", *found
        )
        return True

    def knows(self, link: str, what: str) -> bool:
        """Return whether a link is one of ours, without following it."""
        found = self._read(link, what)
        return found is not None and (what == "stop" or self._is_set(*found))

    def _is_set(self, account: str, email: str) -> bool:
        found = (
            "SELECT 1 FROM alert JOIN account ON account.id = account WHERE account = ? AND email = ? AND disabled = 0"
        )
        return bool(self._database.rows(found, account, email))

    def _recipients(self, which: str) -> list[Recipient]:
        rows = self._database.rows(
            f"SELECT {COLUMNS}, alert.email FROM alert JOIN account ON account.id = alert.account "  # noqa: S608
            f"WHERE alert.email != '' AND disabled = 0 AND {which} ORDER BY account.id"
        )
        return [Recipient(account_of(row), row["email"]) for row in rows]

    def _changed(self, statement: str, *values: str) -> bool:
        with self._database.writing() as connection:
            return connection.execute(statement, values).rowcount > 0

    def _links(self, what: str) -> URLSafeSerializer:
        salt = f"alerts by e-mail, {what}"
        return URLSafeSerializer(self._database.key(), salt=salt, signer_kwargs={"digest_method": hashlib.sha256})

    def _read(self, link: str, what: str) -> tuple[str, str] | None:
        if not link or len(link) > _LONGEST_LINK or not self._database.key(make=False):
            return None
        try:
            account, email = self._links(what).loads(link)
        except (BadSignature, ValueError):
            return None
        return str(account), str(email)
