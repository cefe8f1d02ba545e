"""The parameters in the addresses of routes: what each route reads, declared beside it, and numbers within bounds.

A view says by `reads` what it reads of its query string, and nowhere else is that written: `/openapi.json` is made of
it, and tests/test_openapi.py finds a view that reads what it has not declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask, request
from werkzeug.routing import IntegerConverter

from leedskg.errors import RequestError

Schema = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])

TEXT: Schema = {"type": "string"}
IRI: Schema = {"type": "string", "format": "iri"}
FLAG: Schema = {"type": "string", "enum": ["1"]}
YEAR: Schema = {"type": "string", "pattern": "^[0-9]{4}$"}

#: Characters of a name that is looked for.
LONGEST_NAME = 200
#: Values of a filter that are named to somebody who gave an unknown one.
_MOST_OFFERED = 40
#: Numbers up to here fit into any column and any header.
_MOST = 2**53


class WholeNumber(IntegerConverter):
    """A number in the path of an address: one that no table could hold is that of nothing, and so not found."""

    regex = r"\d{1,15}"


def install(app: Flask) -> None:
    """Have the routes of an application take whole numbers of a length that everything behind them can hold."""
    app.url_map.converters["int"] = WholeNumber


def query(name: str, about: str, schema: Schema = TEXT, **more: Any) -> Schema:
    """Return a parameter of the query string, as OpenAPI has it."""
    return {"name": name, "in": "query", "description": about, "schema": schema, **more}


def several(name: str, about: str, schema: Schema = TEXT) -> Schema:
    """Return a parameter that may be given several times."""
    return query(name, f"{about} May be given several times.", {"type": "array", "items": schema})


def number(name: str, about: str, *, least: int = 0, most: int | None = None) -> Schema:
    """Return a parameter that is a whole number."""
    return query(name, about, {"type": "integer", "minimum": least} | ({"maximum": most} if most is not None else {}))


def choice(name: str, about: str, *values: str) -> Schema:
    """Return a parameter that has one of a few values."""
    return query(name, about, {"type": "string", "enum": [*values]})


def others(name: str, about: str) -> Schema:
    """Return the parameters whose names no program can know beforehand, such as those of a saved query."""
    schema = {"type": "object", "additionalProperties": TEXT}
    return query(name, about, schema, style="form", explode=True)


#: What a page says was done by the form that led to it.
DONE = query("done", "What was done just now, for the page to say so.")
PAGE = number("page", "Which page of the list.", least=1)


def reads(*parameters: Schema) -> Callable[[View], View]:
    """Declare what a view reads of its query string; stands next to the view, below what wraps it."""

    def declare(view: View) -> View:
        view.reads = parameters  # type: ignore[attr-defined]
        return view

    return declare


def read_by(view: Callable[..., Any]) -> tuple[Schema, ...]:
    """Return what a view has declared that it reads."""
    found: tuple[Schema, ...] = getattr(view, "reads", ())
    return found


def check_known(texts: Iterable[str], known: Iterable[str], what: str, shown: Iterable[str] = ()) -> None:
    """Raise RequestError for a value that is none of those there are: a list narrowed by nothing says nothing.

    `what` is what the value would be, and `shown` is what there is, where that is written otherwise than `known`.
    """
    there = frozenset(known)
    unknown = next((text for text in texts if text not in there), None)
    if unknown is not None:
        offered = [*shown] or sorted(there)
        more = ", and others" if len(offered) > _MOST_OFFERED else ""
        some = ", ".join(offered[:_MOST_OFFERED]) or "none"
        raise RequestError(f"“{unknown[:LONGEST_NAME]}” is no {what}. There are: {some}{more}.")


def whole_number(name: str, default: int, *, least: int = 0, most: int = _MOST) -> int:
    """Return the whole number that a parameter has, or the nearest that may be; the default for what is no number."""
    text = request.args.get(name, "").strip()
    digits = text.lstrip("-")
    if not (digits.isascii() and digits.isdecimal()):
        return default
    number = int(digits) if len(digits.lstrip("0")) <= len(str(_MOST)) else _MOST
    return min(max(least, -number if text.startswith("-") else number), most)
