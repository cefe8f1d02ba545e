"""Passwords: what makes one good enough, and how it is kept.

Length is what counts, as NIST (SP 800-63B) and the NCSC advise: no rule asks for kinds of character, none makes
anybody change a password for its age, and pasting is welcome. What a guesser tries first is refused.

Kept with Argon2id at 19 MiB, two passes and one lane, the smallest setting that OWASP's password storage cheat sheet
advises: sixteen web threads must not need a gigabyte. Hashes made with other figures are made anew at the next sign-in.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from leedskg.errors import EntryError, TooOftenError

SHORTEST = 12
LONGEST = 256

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: A password that nobody has, kept with the same figures: what is tried when there is no account to try.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$vR0MCL/YXBmvwlTTmwHNuw$8O4wWzTIlLueC1DJG052LAMJtpUcuUcEQBsP508UK7A"
#: Two at a time, so that a flood of tries takes neither all memory nor all cores.
_ROOM = threading.BoundedSemaphore(2)
_WAIT = 5

_KEYS = ("abcdefghijklmnopqrstuvwxyz", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_STEPS = {pair for row in _KEYS for keys in (row, row[::-1]) for pair in pairwise(keys)} | {("0", "1"), ("1", "0")}
#: The first words of those that try, the best known example of a passphrase, and this site's own.
_USUAL = (
    *("password", "passwort", "letmein", "welcome", "changeme", "secret", "admin", "login", "user", "qwerty"),
    *("monkey", "dragon", "football", "liverpool", "arsenal", "iloveyou", "sunshine", "princess"),
    *("correct", "horse", "battery", "staple"),
    *("leedskg", "leeds", "health", "innovation", "knowledge", "graph", "steward", "nhs"),
)


def checked_password(text: str, *names: str, field: str = "new_password") -> str:
    """Return a new password in the form that is kept; raises EntryError with the reason it is not good enough.

    `names` are the person's own, which a password may not be made of.
    """
    password = _canonical(text)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        raise EntryError(field, "A password cannot have control characters")
    if len(password) < SHORTEST:
        raise EntryError(
            field, f"A password has at least {SHORTEST} characters: three words that nobody would guess do"
        )
    if len(password) > LONGEST:
        raise EntryError(field, f"A password has at most {LONGEST} characters")
    if _predictable(password, names):
        raise EntryError(
            field,
            "This password is among the first that a guesser tries: a run of keys, a repetition, a name or a usual "
            "word. Take three words that have nothing to do with each other",
        )
    return password


def _canonical(text: str) -> str:
    """Return a password in one form: typed on another keyboard, its letters may come composed in another way."""
    return unicodedata.normalize("NFKC", text)


def _predictable(password: str, names: tuple[str, ...]) -> bool:
    text = password.casefold()
    if len(set(text)) < 5 or re.fullmatch(r"(.{1,8}?)\1+.{0,3}", text, re.DOTALL):
        return True
    steps = sum(pair in _STEPS or pair[0] == pair[1] for pair in pairwise(text))
    if steps >= 0.7 * (len(text) - 1):
        return True
    own = {part for name in names for part in re.split(r"\W+", name.casefold()) if len(part) > 2}
    for word in sorted({*own, *_USUAL}, key=len, reverse=True):
        text = text.replace(word, "")
    return len(re.sub(r"[\W\d_]+", "", text)) < 4 and len(set(text)) < 7


def hashed(password: str) -> str:
    """Return what is kept of a password that `checked_password` has passed."""
    with _Turn():
        return _HASHER.hash(password)


def rehashed(password: str) -> str:
    """Return a new hash of a password that has just matched; the rule for new passwords is not asked again."""
    return hashed(_canonical(password))


def matches(kept: str | None, text: str) -> bool:
    """Return whether this is the password. Takes the same time when there is none to compare with."""
    password = _canonical(text[: LONGEST * 4]).encode("utf-8", "surrogatepass")
    with _Turn():
        try:
            _HASHER.verify(kept or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None and len(text) <= LONGEST * 4


def is_outdated(kept: str) -> bool:
    """Return whether a hash was made with other figures than those in force."""
    return _HASHER.check_needs_rehash(kept)


class _Turn:
    def __enter__(self) -> None:
        if not _ROOM.acquire(timeout=_WAIT):
            raise TooOftenError("Too many people are signing in at once. Try again in a few seconds.", retry_after=5)

    def __exit__(self, *_: object) -> None:
        _ROOM.release()
