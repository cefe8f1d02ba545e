"""Cells of a colleague's tables read into the columns of ours; what cannot be read is kept aside, with the reason."""

from __future__ import annotations

import re
from decimal import Decimal

from leedskg.contributions.sheets.dates import looks_like_date, read_date
from leedskg.contributions.table import TableRow
from leedskg.contributions.values import CellError
from leedskg.validation.findings import Finding, Severity

_MONEY = re.compile(
    r"(?:(?P<before>[£$€]|gbp|eur|usd)\s*)?(?P<digits>[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?P<decimals>\.[0-9]+)?"
    r"\s*(?P<times>k|m|bn|thousand|million|billion)?\s*(?P<after>gbp|eur|usd)?",
    re.IGNORECASE,
)
#: What people write for an end that has not come.
_OPEN = frozenset(
    ["ongoing", "on-going", "on going", "present", "to present", "current", "now", "to date", "open", "active",
     "continuing", "open-ended", "n/a", "na", "none", "tbc", "tba", "-", "–", "—", "?"]
)  # fmt: skip
_TIMES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}
_CODES = {"£": "GBP", "$": "USD", "€": "EUR"}


def read_money(text: str) -> tuple[str, str]:
    """Return an amount in digits and its currency, empty where it says none. Raises CellError."""
    found = _MONEY.fullmatch(text.strip())
    if not found:
        what = "a date" if looks_like_date(text) else "no amount that can be read"
        raise CellError(f"“{text}” is {what}, in a column of money. Write it in digits, such as 1600.")
    digits = Decimal(re.sub(r"[, ]", "", found["digits"]) + (found["decimals"] or ""))
    amount = digits.scaleb(_TIMES[found["times"].lower()]) if found["times"] else digits
    if amount <= 0:
        raise CellError(f"“{text}” is no award: an amount is more than 0.")
    code = found["before"] or found["after"] or ""
    plain = f"{amount:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain, _CODES.get(code, code.upper())


def aside(row: TableRow, column: int | None, heading: str, value: str, why: str) -> Finding:
    """Say that a cell, or a whole row, is kept aside."""
    cell = row.cell(column) if column is not None else ""
    message = f"Kept aside, and not in the graph: {why}"
    return row.finding(message, heading, value[:200], severity=Severity.WARNING, cell=cell)


def dated(text: str, order: str, *, last: bool = False) -> str:
    """Return a date of a cell in EDTF; `last` is for the year that a span of two ends in. Raises CellError."""
    return read_date(text, order, last=last)


def is_open(text: str) -> bool:
    """Return whether a cell of ends says that there is none."""
    return text.strip().casefold() in _OPEN
