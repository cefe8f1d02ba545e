"""Cells of publishers' files into the values of our own columns."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from leedskg.identifiers import problem

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?")
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: .*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR = re.compile(r"(?:1[89]|20)\d{2}")
_DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?|\d{1,2} [A-Za-z]{3,9} \d{4}")
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?(?:[eE]\+?\d{1,2})?")
_CURRENCIES = {"£": "GBP", "€": "EUR", "$": "USD", "¥": "JPY"}
#: A code of a currency before or behind an amount.
_CODE = re.compile(r"^([A-Z]{3})(?=[ \d])|(?<=[ \d])([A-Z]{3})$")
_COMPANY = re.compile(r"([A-Z]{0,2})(\d{1,8})([A-Z]{0,3})")
_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})")
_SMALL = frozenset(["AND", "OF", "FOR", "THE", "IN", "ON", "AT", "TO", "BY", "WITH"])
_CAPITAL_WORDS = "NHS ICB CCG UK GP PCN CIC ICS CSU NIHR LLP PLC YMCA RSPCA RNLI CAB BBC USA EU"
_CAPITALS = frozenset(_CAPITAL_WORDS.split())
_NO_NUMBER = {"", "N/A", "NA", "NONE", "0", "00000000", "TBC", "-"}


class OddValueError(ValueError):
    """A cell that is left out, and told; the rest of its row is read."""


def _quoted(told: str) -> str:
    """Return a cell as a message may say it: what has no digit in it may be a person's name, and is not repeated."""
    return f"“{told[:40]}”" if any(map(str.isdigit, told)) else "this text"


def text(cell: str) -> str:
    """Return a cell's text on one line, HTML's entities read and invisible characters removed."""
    told = html.unescape(cell) if "&" in cell else cell
    return " ".join("".join(each if each.isprintable() else " " for each in told).split())


def title(name: str) -> str:
    """Return a name that a register prints in capitals as a person writes it; any other as it is."""
    told = text(name)
    if told != told.upper():
        return told
    words = [each if each in _CAPITALS or any(map(str.isdigit, each)) else each.capitalize() for each in told.split()]
    words = [each.lower() if number and each.upper() in _SMALL else each for number, each in enumerate(words)]
    return re.sub(r"(?<=[-(/])[a-z]", lambda match: match[0].upper(), " ".join(words))


def money(cell: str) -> str:
    """Return an amount without signs, separators and noughts behind; raise ValueError for what is no amount."""
    told = " ".join(cell.split())
    bare = _CODE.sub("", told, count=1).strip("".join(_CURRENCIES) + " ")
    if _DATE_LIKE.fullmatch(bare):
        raise ValueError(f"“{told}” is a date, and the column is of money. Is a column displaced, or its style lost?")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(
            f"{_quoted(told)} is no amount of money that can be read in one way only. Write it as 12345.67."
        )
    try:
        amount = Decimal(re.sub("[, ]", "", bare))
    except InvalidOperation:
        raise ValueError(f"“{told[:40]}” is no number.") from None
    if amount < 0:
        raise ValueError(f"“{told}” is below nought, which no award is.")
    written = f"{amount:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def currency(cell: str) -> str:
    """Return the currency that the code or sign of an amount says, pounds where it has none."""
    if code := _CODE.search(" ".join(cell.split())):
        return code[1] or code[2]
    return next((code for sign, code in _CURRENCIES.items() if sign in cell), "GBP")


def day(cell: str) -> str:
    """Return a date as yyyy-mm-dd, or a year alone; raise ValueError for what is none."""
    told = " ".join(cell.split())
    if _YEAR.fullmatch(told):
        return told
    for pattern, order in ((_ISO, (1, 2, 3)), (_YEAR_FIRST, (1, 2, 3)), (_DAY_FIRST, (3, 2, 1)), (_COMPACT, (1, 2, 3))):
        match = pattern.fullmatch(told)
        if match:
            year, month, number = (int(match[place]) for place in order)
            try:
                return date(year, month, number).isoformat()
            except ValueError:
                raise OddValueError(f"“{told[:40]}” is no day of the calendar, and was left out") from None
    raise ValueError(f"{_quoted(told)} is no date. Write the year first, as in 2024-03-31.")


def day_of_milliseconds(value: float) -> str:
    """Return the date of a time in milliseconds since 1970, of midnight in Britain by its summer or winter time."""
    try:
        return datetime.fromtimestamp(value / 1000 + 3600, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        raise ValueError(f"“{value}” is no time in milliseconds since 1970.") from None


def company_number(cell: str) -> str:
    """Return a company number with the noughts that spreadsheets take from it."""
    told = "".join(cell.split()).upper()
    if told in _NO_NUMBER:
        return ""
    match = _COMPANY.fullmatch(told)
    if match:
        letters, digits, behind = match.groups()
        padded = letters + digits.zfill(8 - len(letters) - len(behind)) + behind
        if len(padded) == 8:
            return padded
    raise OddValueError(f"{_quoted(told)} is no company number, and was left out")


def charity_number(cell: str) -> str:
    """Return the number of a charity in England and Wales."""
    told = "".join(cell.split()).upper().removeprefix("GB-CHC-").partition("-")[0]
    if told in _NO_NUMBER:
        return ""
    if not re.fullmatch(r"\d{6,7}", told):
        raise OddValueError(f"{_quoted(told)} is no charity number of England and Wales, and was left out")
    return told


def ror(cell: str) -> str:
    """Return a ROR ID as its address."""
    told = cell.strip().rstrip("/").rpartition("/")[2]
    if not told:
        return ""
    address = f"https://ror.org/{told}"
    if problem("ror", address) or not re.fullmatch(r"0[0-9a-z]{8}", told):
        raise OddValueError(f"{_quoted(told)} is no ROR ID: its check digits are wrong. It was left out")
    return address


def funder_id(cell: str) -> str:
    """Return the number of a funder in Crossref's registry, of the forms in which it is written."""
    told = cell.strip().rpartition("/")[2]
    if told and not told.isdigit():
        raise OddValueError(f"{_quoted(told)} is no number of the Funder Registry, and was left out")
    return told


def postcode(cell: str) -> str:
    """Return a postcode of the United Kingdom with its space; another country's is left out."""
    match = _POSTCODE.fullmatch(" ".join(cell.upper().split()))
    return f"{match[1]} {match[2]}" if match else ""
