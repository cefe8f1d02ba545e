"""What the cells of a table say: numbers, dates, currencies. What is not understood says how to write it."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from leedskg.characters import ungarbled

#: What parts several values in one cell.
BETWEEN = "|"
#: More than any name, passage or note needs; a longer cell is a slip, such as a document pasted whole.
MOST_CHARACTERS = 5_000


class CellError(Exception):
    """A cell that cannot be understood; its text says why and how to write it. It never leaves this room."""


_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_LONGEST_NUMBER = 60
_CURRENCIES = {"£": "GBP", "$": "USD", "€": "EUR"}
_TIMES = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "b": 9, "billion": 9, "tn": 12, "trillion": 12,
}  # fmt: skip
_QUALIFIED = (
    ("about", r"about|approximately|approx\.?|around|roughly|circa|ca\.?|c\.|~|≈"),
    ("more than", r"more than|over|above|at least|>=?|≥"),
    ("up to", r"up to|at most|<=?|≤"),
    ("almost", r"almost|nearly|just under"),
)
_PRINTED = re.compile(
    r"(?P<currency>[£$€])?\s*(?P<digits>[0-9][0-9.,'’\s]*)\s*(?P<times>[a-z]+)?\s*"
    r"(?P<percent>%|per ?cent)?(?P<plus>\+)?",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"[=@+]|-(?!\s*[0-9.,]+$)")
#: Every program has errors of its own: #REF!, #SPILL!, #BUSY!, and Err:502 of LibreOffice.
_SPREADSHEET_ERROR = re.compile(r"#(N/A|GETTING_DATA|[A-Z][A-Z/0]*[!?])|#{3,}|Err:[0-9]{3}")


def check_cell(text: str) -> None:
    """Raise CellError for what a spreadsheet would run or could not work out, and for letters lost on the way."""
    if len(text) > MOST_CHARACTERS:
        raise CellError(f"The cell has {len(text):,} characters; {MOST_CHARACTERS:,} is the most. Say it in fewer.")
    if _SPREADSHEET_ERROR.fullmatch(text):
        raise CellError(f"The spreadsheet could not work this cell out ({text}). Write the value itself.")
    if _FORMULA.match(text):
        raise CellError(
            f"This begins with {text[0]}, which a spreadsheet takes for a formula. Write the value itself, and "
            "leave out a sign that is only a bullet."
        )
    if "\ufffd" in text:
        raise CellError("A letter was lost when the file was saved (�). Type it again, and save as CSV UTF-8.")
    if (fixed := ungarbled(text)) != text:
        raise CellError(f"The letters are garbled: this was “{fixed}”. Type it again, and save as CSV UTF-8.")


def number(text: str, hint: Callable[[str], str] = lambda _: "") -> str:
    """Read a number in digits, as Turtle writes it. `hint` says where a unit or currency found in the cell belongs."""
    if _NUMBER.fullmatch(text):
        return text
    raise CellError(f"“{text}” is not a plain number. {_how_to_write(text, hint)}")


def of_money(found: str) -> str:
    """Return where what was found beside an amount belongs."""
    return f" and {found} in the column currency" if found in _CURRENCIES.values() else ""


def of_figure(found: str) -> str:
    """Return where what was found beside a figure belongs."""
    if found in _CURRENCIES.values():
        return f" and the currency ({found}) in the column unit"
    return f" and {found} in the column {'unit' if found == 'per cent' else 'qualifier'}"


def amount(text: str) -> str:
    """Read a sum of money above 0, in digits."""
    found = number(text, of_money)
    if Decimal(found) <= 0:
        raise CellError("An amount is more than 0. Leave the cell empty where the source gives none.")
    return found


def figure(text: str) -> str:
    """Read the value of a figure, in digits."""
    return number(text, of_figure)


def confidence(text: str) -> str:
    """Read a confidence from 0 to 1, with a decimal point."""
    percent = re.fullmatch(r"([0-9]{1,3})\s*%?", text)
    if percent and 1 < int(percent[1]) <= 100:
        raise CellError(f"A confidence is a number from 0 to 1. Write {Decimal(percent[1]) / 100:f}.")
    found = number(text)
    if not 0 <= Decimal(found) <= 1:
        raise CellError("A confidence is a number from 0 to 1. Write 1.0 where the source says it outright.")
    return found if "." in found else f"{found}.0"


def currency(text: str) -> str:
    """Read an ISO 4217 code."""
    if re.fullmatch(r"[A-Z]{3}", text):
        return text
    known = _CURRENCIES.get(text, text.upper() if re.fullmatch(r"[A-Za-z]{3}", text) else "")
    raise CellError(f"A currency is a code of three capital letters. Write {known or 'GBP, EUR or USD'}.")


def whole(text: str) -> int:
    """Read a whole number from 1."""
    if re.fullmatch(r"[1-9][0-9]{0,5}", text):
        return int(text)
    raise CellError("Write a whole number from 1: 1 is the first place, 2 the second.")


def parts(text: str) -> list[str]:
    """Return the values of a cell that may hold several."""
    return [part.strip() for part in text.split(BETWEEN) if part.strip()]


def _how_to_write(text: str, hint: Callable[[str], str]) -> str:
    words, rest = "", text
    for qualifier, pattern in _QUALIFIED:
        match = re.match(rf"({pattern})\s*(?=[£$€0-9])", text, re.IGNORECASE)
        if match:
            words, rest = hint(qualifier), text[match.end() :]
    printed = _PRINTED.fullmatch(rest) if len(rest) < _LONGEST_NUMBER else None
    if not printed or (printed["times"] or "k").lower() not in _TIMES:
        return "Write it in digits, with a point for decimals and nothing else, such as 1600 or 2.5."
    digits = Decimal(_digits(printed["digits"])).scaleb(_TIMES[printed["times"].lower()] if printed["times"] else 0)
    for found in (_CURRENCIES.get(printed["currency"] or ""), "per cent" if printed["percent"] else ""):
        words += hint(found) if found else ""
    words += hint("more than") if printed["plus"] else ""
    plain = f"{digits:f}"
    return f"Write {plain.rstrip('0').rstrip('.') if '.' in plain else plain}{words}."


def _digits(text: str) -> str:
    """Write the digits as a plain number: separators of thousands go, a comma of decimals becomes a point."""
    text = re.sub(r"[\s'’]", "", text)
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        return text.replace(",", "")
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3}){2,}(,[0-9]+)?", text):
        return text.replace(".", "").replace(",", ".")
    text = text.replace(",", ".").rstrip(".")
    return text if text.count(".") <= 1 else text.replace(".", "")
