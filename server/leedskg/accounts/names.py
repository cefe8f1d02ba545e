"""Names of accounts: the one to sign in with, and the one that others see.

A sign-in name is brought to one form (NFKC, then case folded) and is ASCII after that, so that no two can look alike:
a Cyrillic or full-width letter either becomes the plain one or is refused. A display name may be in any script; it is
always shown beside the sign-in name where it matters who somebody is.
"""

from __future__ import annotations

import re
import unicodedata

from leedskg.errors import EntryError

SIGN_IN_LENGTH = 64
NAME_LENGTH = 80

_SIGN_IN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]*[a-z0-9])?")
#: Control and format characters (among them those that turn the direction of text), separators of lines, surrogates.
_NOT_IN_A_LINE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def canonical_sign_in_name(text: str) -> str:
    """The one form of a sign-in name; empty for a text that cannot be one. Never raises, for it is what one types."""
    if len(text) > SIGN_IN_LENGTH * 4:
        return ""
    found = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    return found if len(found) <= SIGN_IN_LENGTH and _SIGN_IN_NAME.fullmatch(found) else ""


def checked_sign_in_name(text: str) -> str:
    """The one form of a new sign-in name; raises EntryError for a text that cannot be one."""
    if not text.strip():
        raise EntryError("sign_in_name", "Enter a sign-in name")
    found = canonical_sign_in_name(text)
    if not found:
        raise EntryError(
            "sign_in_name",
            f"A sign-in name has at most {SIGN_IN_LENGTH} characters: letters from a to z, digits, and . _ - + @ "
            "between them",
        )
    return found


def checked_line(field: str, what: str, text: str, length: int = NAME_LENGTH) -> str:
    """One line of text of at most `length` characters, tidied; raises EntryError naming the field."""
    if len(text) > length * 4:
        raise EntryError(field, f"{what} has at most {length} characters")
    found = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in found):
        raise EntryError(field, f"{what} cannot have control characters or other invisible ones")
    if not found:
        raise EntryError(field, f"Enter {what[0].lower()}{what[1:]}")
    if len(found) > length:
        raise EntryError(field, f"{what} has at most {length} characters, not {len(found)}")
    return found


def alike(name: str) -> str:
    """A form of a display name that is the same for names that differ only in case, width or composition."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
