"""How often one may try: to sign in, to use a link or a token, to send contributions.

Counted in memory, with a moving window, in one process for all web processes (`web.shared`); a restart begins anew.
What is counted by is hashed, so that no count keeps a name.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from leedskg.accounts.sessions import hash_of
from leedskg.errors import TooOftenError

_PASSWORDS = parse("10 per 5 minutes")
#: Tries at one account from everywhere, after which somebody is guessing from many addresses ...
_ACCOUNT = parse("60 per 1 hour")
#: ... and what each address has from then on. The account is never shut: its owner's own tries stay hers.
_GUESSED = parse("3 per 1 hour")
_ADDRESS = parse("60 per 5 minutes")
_LINKS = parse("20 per 5 minutes")
_TOKENS = parse("30 per 5 minutes")


class Rates:
    """The counts of a site. Each method counts one try and raises TooOftenError when it is one too many."""

    def __init__(self, contributions_per_hour: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._contributions = parse(f"{contributions_per_hour} per 1 hour")

    def sign_in(self, sign_in_name: str, address: str, browser: str = "") -> None:
        """Count a try to sign in: by address whatever the name, and by name and address together.

        A `browser` in which this account has signed in before is counted by itself, wherever it is: what others try,
        at the same address too, is not held against it.
        """
        what = "Too many tries to sign in"
        if browser:
            self._count(_PASSWORDS, what, "sign-in", sign_in_name, f"browser {browser}")
            return
        self._count(_ADDRESS, what, "sign-in", address)
        account = _keys("sign-in", sign_in_name)
        self._count(_PASSWORDS, what, "sign-in", sign_in_name, address)
        if not self._limiter.test(_ACCOUNT, *account):
            self._count(_GUESSED, what, "sign-in", sign_in_name, address)
        self._limiter.hit(_ACCOUNT, *account)

    def signed_in(self, sign_in_name: str, address: str, browser: str = "") -> None:
        """Forget the tries of a person who has got in, so that a bad memory is no lock."""
        where = f"browser {browser}" if browser else address
        for limit in (_PASSWORDS, _GUESSED):
            self._limiter.clear(limit, *_keys("sign-in", sign_in_name, where))

    def wrong_link(self, address: str) -> None:
        """Count a one-time link that does not work. One that works is never refused for the wrong ones of others."""
        self._count(_LINKS, "Too many tries to use a link", "link", address)

    def wrong_token(self, address: str) -> None:
        """Count a token that is not one. A good token is never refused for the bad ones of others."""
        self._count(_TOKENS, "Too many requests with a token that does not count", "token", address)

    def contribution(self, account_id: str) -> None:
        """Count a contribution."""
        self._count(self._contributions, "Too many contributions from this account", "contribution", account_id)

    def _count(self, limit: RateLimitItem, what: str, *keys: str) -> None:
        if not self._limiter.hit(limit, *_keys(*keys)):
            self._refuse(limit, what, *keys)

    def _refuse(self, limit: RateLimitItem, what: str, *keys: str) -> None:
        wait = max(1, math.ceil(self._limiter.get_window_stats(limit, *_keys(*keys)).reset_time - time.time()))
        raise TooOftenError(f"{what}. Try again in {_in_words(wait)}.", retry_after=wait)


def _keys(*keys: str) -> tuple[str, ...]:
    return tuple(hash_of(key)[:32] for key in keys)


def _in_words(seconds: int) -> str:
    if seconds < 100:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    return f"{math.ceil(seconds / 60)} minutes"
