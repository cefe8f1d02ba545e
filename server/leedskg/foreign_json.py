"""JSON that others wrote, read with one care: whatever cannot be used further on is refused here, in words."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any


class ForeignJsonError(ValueError):
    """Why a text is no JSON that can be used; its words go on after “it is not JSON that can be read: ”."""


def read_json(content: str | bytes) -> Any:
    """Read JSON. Raises ForeignJsonError.

    Python reads more than is JSON, and more than can be written down again: halves of characters,
    numbers that are infinite or none. It raises errors of several kinds at what is too deep or too long.
    """
    try:
        found = json.loads(content)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        raise ForeignJsonError(f"{error.msg} at line {error.lineno}, character {error.colno}") from None
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.start + 1].encode("ascii", "backslashreplace").decode()
        raise ForeignJsonError(f"{half} is half of a character, and the other half has to follow it") from None
    except UnicodeDecodeError:
        raise ForeignJsonError("it is not UTF-8") from None
    except RecursionError:
        raise ForeignJsonError("it is nested too deeply") from None
    except ValueError:
        raise ForeignJsonError("a number in it is infinite, no number, or too long") from None
    return found


#: More is read by no program that counts with floating numbers, PyLD among them.
_MOST_DIGITS = 300


class JsonFaultError(Exception):
    """Why a document is not read at all, and the key or value that it is about; it becomes a finding."""

    def __init__(self, message: str, value: str = "") -> None:
        super().__init__(message)
        self.value = value


def read_exactly(text: str) -> Any:
    """Read JSON of which nothing may be lost: no key that stands twice, no digit of a number.

    Raises JsonFaultError, JSONDecodeError and RecursionError.
    """
    return json.loads(
        text, object_pairs_hook=_each_key_once, parse_float=_exact, parse_int=_whole, parse_constant=_no_number
    )


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonFaultError(f"The key “{twice}” stands twice in one object. Write its values as one list.", twice)
    return found


def _exact(text: str) -> float:
    try:
        same = Decimal(repr(float(text))) == Decimal(text)
    except (InvalidOperation, ValueError):
        same = False
    if not same:
        raise JsonFaultError(
            f"The number {text[:60]} loses digits in JSON. Write it as a text with its @type, such as xsd:decimal.",
            text[:60],
        )
    return float(text)


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise JsonFaultError(f"The number {text[:20]}… has {len(text):,} digits, which nothing counts with.", text[:60])
    return int(text)


def _no_number(text: str) -> float:
    raise JsonFaultError(f"{text} is no number in JSON. Write a number, or leave the key out.", text)
