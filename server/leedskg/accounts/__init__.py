"""Accounts: who may contribute, review and administer, and how they are known.

`Accounts` holds the parts; the web layer and the command line go through it. It knows nothing of HTTP.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

from leedskg.accounts import passwords
from leedskg.accounts.alert_addresses import AlertAddresses
from leedskg.accounts.audit import AuditLog, Clock, utc_now
from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.follows import Follows
from leedskg.accounts.links import Links
from leedskg.accounts.model import Account, Actor, Permission, may_review
from leedskg.accounts.people import People, canonical_sign_in_name
from leedskg.accounts.rates import Rates
from leedskg.accounts.sessions import Sessions
from leedskg.accounts.tokens import Tokens
from leedskg.errors import NotAllowedError
from leedskg.settings import Settings

#: Seconds for which a browser is remembered in which an account has signed in.
BROWSER_KNOWN_FOR = 180 * 24 * 3600
WRONG = "The sign-in name or the password is not right."


class Accounts:
    """The accounts of one site. Nothing is read or made before it is needed; close it in the end."""

    def __init__(self, settings: Settings, clock: Clock = utc_now, rates: Rates | None = None) -> None:
        """Count tries by `rates`, where several processes count together."""
        self._single_steward = settings.single_steward
        self.database = AccountDatabase(settings.ledger_path)
        self.audit = AuditLog(self.database, clock)
        self.people = People(self.database, self.audit, clock)
        self.links = Links(self.database, self.people, clock)
        self.tokens = Tokens(self.database, self.audit, clock)
        self.follows = Follows(self.database)
        self.addresses = AlertAddresses(self.database, self.audit, clock)
        self.sessions = Sessions(
            self.database,
            self.audit,
            clock,
            idle=timedelta(minutes=settings.session_idle),
            life=timedelta(hours=settings.session_life),
        )
        self.rates = rates or Rates(settings.contributions_per_hour)

    def signed_in_by_password(
        self, sign_in_name: str, password: str, *, address: str, place: str, browser: str = ""
    ) -> Account:
        """Return the account that this name and password open.

        `browser` is what `known_browser` gave of the browser that asks, or nothing.
        Raises NotAllowedError in the same words and after the same work, whether the name or the password is wrong,
        or the account is disabled or has no password; TooOftenError after too many tries.
        """
        name = canonical_sign_in_name(sign_in_name)
        known = self.browser_of(browser, name)
        self.rates.sign_in(name, address, known)
        found = self.people.kept_password(sign_in_name)
        account, kept = found or (None, None)
        if not passwords.matches(kept, password) or account is None or kept is None:
            self.audit.note(Actor(None, place), "failed to sign in", account.sign_in_name if account else "no account")
            raise NotAllowedError(WRONG)
        self.rates.signed_in(name, address, known)
        if passwords.is_outdated(kept):
            self.people.rehash(account, password, kept)
        return account

    def known_browser(self, account: Account) -> str:
        """Return what a browser keeps to show later that this account has signed in there: an id, signed."""
        return self._browsers(account.sign_in_name).dumps(secrets.token_urlsafe(12))

    def browser_of(self, kept: str, sign_in_name: str) -> str:
        """Return the id of a browser in which this account has signed in, or nothing where it has not."""
        if not kept or len(kept) > 500 or not self.database.key(make=False):
            return ""
        try:
            return str(self._browsers(sign_in_name).loads(kept, max_age=BROWSER_KNOWN_FOR))
        except (BadSignature, ValueError):
            return ""

    def _browsers(self, sign_in_name: str) -> URLSafeTimedSerializer:
        salt = f"browser of {sign_in_name}"
        return URLSafeTimedSerializer(self.database.key(), salt=salt, signer_kwargs={"digest_method": hashlib.sha256})

    def may_review(self, account: Account, contributor: str) -> Permission:
        """Return whether an account may accept or reject what the account with the id `contributor` has contributed."""
        return may_review(account, contributor, self._single_steward, self.people.everyone())

    def close(self) -> None:
        """Close the database."""
        self.database.close()
