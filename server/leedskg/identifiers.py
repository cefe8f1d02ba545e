"""The check digits of identifiers in public registers, which SHACL patterns cannot compute.

The form of an identifier is a shape (`shapes/identifiers.ttl`); what is here takes the form for granted and says
nothing of a notation that does not have it. Most registers have no check digits: company and charity numbers, ODS and
GSS codes, Wikidata items, Crossref Funder and GeoNames IDs. GRID is left alone: how its digits are made was not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

#: Douglas Crockford's base 32: the digits and the lower-case letters without i, l, o and u.
_BASE_32 = "0123456789abcdefghjkmnpqrstvwxyz"
_ROR = re.compile(rf"https://ror\.org/(0[{_BASE_32}]{{6}})([0-9]{{2}})")
_ISNI = re.compile(r"([0-9]{4}) ?([0-9]{4}) ?([0-9]{4}) ?([0-9]{3})([0-9X])")


def problem(scheme: str, value: str) -> str | None:
    """Say what is wrong with the check digits of `value`, or return None.

    `scheme` is the last part of the IRI of a concept of scheme:identifier, such as `ror`. None also where the register
    has no check digits, and where the value does not have the register's form: the shapes say so.
    """
    expected = _CHECKS.get(scheme)
    digits = expected(value) if expected else None
    if digits is None or value.endswith(digits):
        return None
    given = value[-len(digits) :]
    return (
        f"The check {'digit is' if len(digits) == 1 else 'digits are'} {given} and would have to be {digits}: a "
        "character is wrong or two have changed places. Copy the identifier from the register's record again."
    )


def ror_check_digits(value: str) -> str | None:
    """Return the two digits that a ROR ID should end with, by ISO/IEC 7064 MOD 97-10; None if not of its form.

    The seven characters before them are a number in Crockford's base 32 (https://ror.readme.io/docs/ror-identifier-pattern).
    Held for all 1,916 ROR IDs of the register's records that it was tried on.
    """
    match = _ROR.fullmatch(value)
    if not match:
        return None
    number = 0
    for character in match[1]:
        number = number * len(_BASE_32) + _BASE_32.index(character)
    return f"{98 - number * 100 % 97:02d}"


def isni_check_digit(value: str) -> str | None:
    """Return the digit or X that should end an ISNI, by ISO/IEC 7064 MOD 11-2 (ISO 27729); None if not of its form."""
    match = _ISNI.fullmatch(value)
    if not match:
        return None
    remainder = 0
    for digit in "".join(match.groups()[:-1]):
        remainder = (remainder + int(digit)) * 2 % 11
    return "0123456789X"[(12 - remainder) % 11]


_CHECKS: Mapping[str, Callable[[str], str | None]] = {"ror": ror_check_digits, "isni": isni_check_digit}
