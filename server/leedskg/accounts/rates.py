"""How often one may try: to sign in, to use a link or a token, to send contributions.

Counted in memory, with a moving window: the site has one web process, so that one count holds for all; a restart
begins anew. What is counted by is hashed, so that no count keeps a name.
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
_ACCOUNT = parse("60 per 1 hour")
_ADDRESS = parse("60 per 5 minutes")
_LINKS = parse("20 per 5 minutes")
_TOKENS = parse("30 per 5 minutes")


class Rates:
    """The counts of one web process. Each method counts one try and raises TooOftenError when it is one too many."""

    def __init__(self, contributions_per_hour: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._contributions = parse(f"{contributions_per_hour} per 1 hour")

    def sign_in(self, sign_in_name: str, address: str) -> None:
        """A try to sign in: by name and address together, by name from anywhere, and by address whatever the name."""
        what = "Too many tries to sign in"
        self._count(_ADDRESS, what, "sign-in", address)
        self._count(_PASSWORDS, what, "sign-in", sign_in_name, address)
        self._count(_ACCOUNT, what, "sign-in", sign_in_name)

    def signed_in(self, sign_in_name: str, address: str) -> None:
        """A person has got in: the tries before that are forgotten, so that a bad memory is no lock."""
        self._limiter.clear(_PASSWORDS, *_keys("sign-in", sign_in_name, address))

    def link(self, address: str) -> None:
        """A try to use a one-time link."""
        self._count(_LINKS, "Too many tries to use a link", "link", address)

    def wrong_token(self, address: str) -> None:
        """A token that is not one."""
        self._count(_TOKENS, "Too many requests with a token that does not count", "token", address)

    def check_token(self, address: str) -> None:
        """Whether this address may try a token at all; counts nothing."""
        if not self._limiter.test(_TOKENS, *_keys("token", address)):
            self._refuse(_TOKENS, "Too many requests with a token that does not count", "token", address)

    def contribution(self, account_id: str) -> None:
        """A contribution."""
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
