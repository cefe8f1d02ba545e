"""Numbers, money and dates of a claim beside those of a statement: when they are the same."""

from __future__ import annotations

import re
from decimal import Decimal

from leedskg.figures import Figure
from leedskg.naming import folded
from leedskg.wording import finite_decimal, plain_date

#: A date as a sentence has it.
DATE_WORDS = re.compile(r"(?:about |perhaps )*(?:\d{1,2} )?(?:[A-Z][a-z]+ |spring |summer |autumn |winter )?\d{4}")


def is_out(number: Decimal, figure: Figure) -> bool:
    """Return whether a number cannot hold beside a figure."""
    least, greatest = figure.least, figure.greatest
    return (least is not None and number < least) or (greatest is not None and number > greatest)


def number_of(text: str) -> Decimal | None:
    """Read the number in a text such as `more than £1.6 billion`; None where there is none, or several."""
    found = re.findall(r"(\d[\d,]*(?:\.\d+)?)(?:\s*(thousand|million|billion))?", text)
    if len(found) != 1:
        return None
    number, size = found[0]
    value = finite_decimal(number.replace(",", ""))
    return value * {"": 1, "thousand": 1000, "million": 10**6, "billion": 10**9}[size] if value is not None else None


def money_of(text: str, currency: str) -> Decimal | None:
    """Read an amount of money in a currency; None for one in another."""
    sign = {"GBP": "£", "EUR": "€", "USD": "$"}.get(currency, currency)
    written = re.sub(r"[\d.,\s]|thousand|million|billion", "", text)
    return number_of(text) if written in {"", sign, currency} else None


def same_numbers(one: str, other: str) -> bool:
    """Return whether two texts have the same signs and digits in a row, which a comparison of words leaves out."""
    if is_date(one) or is_date(other):
        return True
    return re.sub(r"[^\d.,%£€$-]", "", one).strip(".,-") == re.sub(r"[^\d.,%£€$-]", "", other).strip(".,-")


def is_date(text: str) -> bool:
    """Return whether a text is a date or period as the graph has them."""
    return plain_date(text) != text or bool(re.fullmatch(r"\d{4}", text))


def is_date_claimed(text: str) -> bool:
    """Return whether a text is a date as the graph has it or as a sentence does."""
    return is_date(text) or bool(DATE_WORDS.fullmatch(text))


def is_part(claimed: str, recorded: str) -> bool:
    """Return whether a date is a coarser form of another: it does not contradict it."""
    return recorded.startswith(claimed) or plain_date(recorded).endswith(claimed)


def is_day(text: str, recorded: str) -> bool | None:
    """Return whether a date is the recorded one, as it is or in words, or its year; None where none is recorded."""
    if not recorded:
        return None
    year = bool(re.fullmatch(r"\d{4}", text)) and re.fullmatch(rf"{text}(-\d\d)*", recorded) is not None
    return text == recorded or folded(text) == folded(plain_date(recorded)) or year
