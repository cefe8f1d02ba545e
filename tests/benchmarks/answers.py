"""Whether servers give the same answer: the same rows, in any order, with numbers and times compared by value."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_NUMBERS = ("integer", "decimal", "double", "float", "int", "nonNegativeInteger")
Row = tuple[tuple[str, str], ...]


def multiset(bindings: list[dict[str, Any]]) -> Counter[Row]:
    """The rows with how often each comes."""
    return Counter(tuple(sorted((name, _value(term)) for name, term in row.items())) for row in bindings)


def difference(ours: Counter[Row], theirs: Counter[Row]) -> str:
    """What differs, in words; nothing when they are the same."""
    missing, more = ours - theirs, theirs - ours
    if not missing and not more:
        return ""
    example = next(iter(missing or more))
    return f"{missing.total()} rows are missing and {more.total()} are more, such as {example}"


def _value(term: dict[str, Any]) -> str:
    text, datatype = str(term["value"]), str(term.get("datatype", "")).rpartition("#")[2]
    if datatype in _NUMBERS:
        try:
            return f"number {Decimal(text).normalize():f}"
        except InvalidOperation:
            return text
    if datatype == "dateTime":
        return f"time {datetime.fromisoformat(text).isoformat()}"
    kind = "iri" if term["type"] == "uri" else "text"
    return f"{kind} {text} {str(term.get('xml:lang', '')).lower()} {'' if datatype == 'string' else datatype}".strip()
