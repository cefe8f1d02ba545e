"""What a spreadsheet shows of a value: the number format of a cell says which parts of it are meant.

A month is kept as its first day, a code as its digits without the noughts and letters before them. Only what changes
the meaning is read here; the digits of plain numbers are taken as they are kept, rounded by no format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

#: The first day that all calendars of spreadsheets agree on: some have a 29 February 1900.
_FIRST_DAY = date(1900, 3, 1)
_GENERAL = {"", "general", "@", "standard"}
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[([^\]]*)\]|([^"\\_*\[])')
#: The currencies that a sign may stand for.
_CURRENCY = {
    "£": "GBP", "€": "EUR", "$": "USD, AUD, CAD, NZD, SGD or HKD", "¥": "JPY or CNY", "₹": "INR",
    "kr": "NOK, SEK, DKK or ISK", "zł": "PLN", "Fr.": "CHF",
}  # fmt: skip
#: Words within a date that say nothing beside it.
_IDLE_WORDS = re.compile(r"(?:st|nd|rd|th|of|de|the|t|z|[\s\W])*", re.IGNORECASE)
_MOST_DIGITS = 40
#: From here on a spreadsheet, which keeps 15 digits, has lost some.
_COUNTED = 10**15


class ShownError(Exception):
    """What is wrong with a cell whose format shows something else than it keeps; it becomes a finding."""


@dataclass(frozen=True)
class NumberFormat:
    """A number format, taken apart: what it prints as it stands, its placeholders, and its currency."""

    #: Pieces in order, each with whether it is printed as it stands.
    pieces: tuple[tuple[str, bool], ...]
    currency: str = ""
    has_condition: bool = False

    @property
    def codes(self) -> str:
        """The placeholders alone, in small letters."""
        return "".join(text for text, literal in self.pieces if not literal).lower()

    @property
    def words(self) -> str:
        """What is printed as it stands."""
        return "".join(text for text, literal in self.pieces if literal)


def parse_format(text: str, number: float = 0) -> NumberFormat:
    """Take a number format apart; of its sections, the one for the number."""
    sections = _sections(text)
    section = sections[1] if number < 0 and len(sections) > 1 else sections[2] if _is_third(sections, number) else None
    pieces: list[tuple[str, bool]] = []
    currency, condition = "", False
    for match in _LITERAL.finditer(section if section is not None else sections[0]):
        quoted, escaped, padded, filled, bracket, code = match.groups()
        if bracket is not None:
            if bracket.startswith("$"):
                currency = currency or _currency(bracket[1:].partition("-")[0])
            condition = condition or bracket[:1] in set("<>=")
            if re.fullmatch(r"h+|m+|s+", bracket, re.IGNORECASE):
                pieces.append((bracket, False))
        elif quoted is not None or escaped is not None:
            pieces.append((quoted if quoted is not None else escaped, True))
        elif code is not None:
            pieces.append((code, _is_literal(code)))
        elif padded or filled:
            pieces.append((" ", True))
    words = "".join(text for text, literal in pieces if literal).strip()
    return NumberFormat(tuple(pieces), currency or _CURRENCY.get(words, ""), condition)


def _is_literal(code: str) -> bool:
    """Return whether a character without quotation marks is printed as it stands."""
    return code in " -+()/:!^&'~{}<>=$" or not code.isascii() or (code.isalpha() and code.lower() not in "ymdhsegapbn")


def shown_number(value: float, text: str) -> str:
    """Return a number as it is meant: as it is kept, or as it is shown where the format writes more than digits.

    Raises ShownError where what is shown cannot be told.
    """
    kept = plain_number(value)
    if abs(value) >= _COUNTED:
        raise ShownError(
            "This number has more than 15 digits, and spreadsheets keep no more: the last ones may be lost. Write it "
            "as text (in Excel: format the cell as Text, then type it again)."
        )
    if text.lower() in _GENERAL:
        return kept
    form = parse_format(text, value)
    if "%" in form.codes:
        raise ShownError(
            f"This cell is shown in per cent and holds {kept}. Write the bare number, and per cent as its unit."
        )
    words = form.words.strip()
    if not form.pieces:
        raise ShownError(f"This cell holds {kept}, and its number format ({text}) shows nothing. Show it, or empty it.")
    if form.currency or not (re.search(r"[^\s()+,:']", words) or re.match(r"00", _whole_part(form.codes))):
        return kept
    if value < 0 and words.strip("()- ") == "":
        return kept
    if form.has_condition or value != int(value) or value < 0 or re.search(r"[.,?e/]", form.codes):
        if re.search(r"[^\s()+,:'\-/.\d]", words) or form.has_condition:
            raise ShownError(
                f"This cell holds {kept} and shows it with words or in another form ({text}). Write it as text."
            )
        return kept
    return _filled(form, str(int(value)))


def _whole_part(codes: str) -> str:
    return re.sub(r"[^0#?]", "", re.split(r"[.e/]", codes)[0].replace(",", "")).lstrip("#?")


def _filled(form: NumberFormat, digits: str) -> str:
    """Return the digits in the places of a format, the last in the last place, with noughts where it wants them."""
    out: list[str] = []
    left = digits
    places = [index for index, (code, literal) in enumerate(form.pieces) if not literal and code in "0#?"]
    for index in range(len(form.pieces) - 1, -1, -1):
        code, literal = form.pieces[index]
        if literal:
            out.append(code)
        elif code in "0#?":
            first = bool(places) and index == places[0]
            if left:
                out.append(left if first else left[-1])
                left = "" if first else left[:-1]
            elif code == "0":
                out.append("0")
    return "".join(reversed(out)).strip()


def _elapsed(value: timedelta, with_seconds: bool) -> str:
    """Return a length of time in hours and minutes, however many: 30:00, not a day and six hours."""
    minutes, seconds = divmod(abs(round(value.total_seconds())), 60)
    shown = f"{'-' if value < timedelta(0) else ''}{minutes // 60}:{minutes % 60:02}"
    return f"{shown}:{seconds:02}" if with_seconds or seconds else shown


def shown_date(value: datetime | date | time | timedelta, text: str) -> str:
    """Return a date in the parts that its format shows. Raises ShownError where those are no date."""
    form = parse_format(text)
    codes = re.sub(r"am/pm|a/p", "h", form.codes)
    has = {part: part in codes for part in "ydhs"}
    months = "m" in re.sub(r"h[^ydm]*m+|m+[^ydm]*s", "", codes)
    if not isinstance(value, datetime | date):
        if has["y"] or has["d"] or months:
            raise ShownError("This cell is shown as a date and holds none that can be told. Write the date as text.")
        return _elapsed(value, has["s"]) if isinstance(value, timedelta) else value.isoformat()
    day = value.date() if isinstance(value, datetime) else value
    if text.lower() in _GENERAL:  # written as a date in the file, and not as a number that is shown as one
        return day.isoformat()
    if day < _FIRST_DAY:
        raise ShownError(
            "This cell holds a date before March 1900, which spreadsheets count differently. Write the date as text."
        )
    if not _IDLE_WORDS.fullmatch(form.words):
        raise ShownError(
            f"This cell is shown as a date with words in it ({text}) and holds {day.isoformat()}. Write it as text."
        )
    if has["h"] or has["s"]:
        if not (has["y"] or months or has["d"]):
            return value.time().isoformat() if isinstance(value, datetime) else day.isoformat()
        return value.isoformat() if isinstance(value, datetime) and value.time() != time() else day.isoformat()
    if not has["y"]:
        raise ShownError(f"This cell holds {day.isoformat()} and shows no year of it. Write the whole date as text.")
    days_of_month = re.search(r"(?<!d)d{1,2}(?!d)", codes)
    if months and not days_of_month:
        return f"{day:%Y-%m}"
    return day.isoformat() if months or days_of_month else f"{day:%Y}"


def plain_number(value: float) -> str:
    """Return a number in plain digits."""
    if isinstance(value, int):
        return str(value)
    number = Decimal(repr(value))
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return repr(value)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sections(text: str) -> list[str]:
    """Return the sections of a format, which semicolons part, but for those within quotation marks."""
    found, start = [], 0
    for match in _LITERAL.finditer(text):
        if match[6] == ";":
            found.append(text[start : match.start()])
            start = match.end()
    return [*found, text[start:]]


def _is_third(sections: list[str], number: float) -> bool:
    return number == 0 and len(sections) > 2


def _currency(symbol: str) -> str:
    return _CURRENCY.get(symbol, symbol if re.fullmatch("[A-Z]{3}", symbol) else "")
