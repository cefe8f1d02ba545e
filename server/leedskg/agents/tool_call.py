"""Calling a tool: its arguments are checked, and whatever is wrong is told in words that a program can act on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from leedskg.agents.answer import LONGEST, MOST_BYTES, AnswerLine, Rendered, ToolAnswer
from leedskg.agents.graph import AskedGraph
from leedskg.agents.tools import TOOLS
from leedskg.errors import LeedskgError, LimitReachedError, RequestError, UnknownNameError, excerpt

_log = logging.getLogger(__name__)
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}
_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "an object of names and values",
}


def call(graph: AskedGraph, name: str, arguments: Mapping[str, Any] | None) -> Rendered:
    """Return the answer of a tool; an error that the caller can act on is an answer too, and marked as one."""
    try:
        tool = TOOLS.get(name)
        if tool is None:
            raise RequestError(f"There is no tool “{excerpt(name, 40)}”. There are: {', '.join(TOOLS)}.")
        given = dict(arguments or {})
        start, size = given.pop("start", 0), given.pop("max_bytes", MOST_BYTES)
        _check("start", start, {"type": "integer", "minimum": 0, "maximum": 10**9})
        _check("max_bytes", size, {"type": "integer", "minimum": 512, "maximum": LONGEST})
        _check_all(given, tool.properties, tool.needed)
        answer = tool.run(graph, **{_argument(key): value for key, value in given.items()})
        if start and start >= len(answer.lines):
            raise RequestError(f"“start” is {start}, and there are {len(answer.lines)} lines; the first is start=0.")
    except LeedskgError as error:
        return _failed(graph, error).rendered(graph.address)
    except Exception:  # a bug, which is logged whole; who asked is told that it is none of theirs
        _log.exception("the tool %s failed", name)
        words = "The program failed at this, which is a fault of the program. Ask for something else, or try the site."
        return ToolAnswer("error", words).rendered(graph.address)
    return answer.rendered(graph.address, start, size)


def _argument(name: str) -> str:
    return f"{name}_" if name in {"from", "to"} else name


def _failed(graph: AskedGraph, error: LeedskgError) -> ToolAnswer:
    """Return an error with what to do about it."""
    facts: dict[str, Any] = {"error": type(error).__name__.removesuffix("Error")}
    if isinstance(error, UnknownNameError):
        lines = [
            AnswerLine(
                f"{each.label}{f' ({each.kind})' if each.kind else ''}", (each.iri,), {"id": graph.short(each.iri)}
            )
            for each in error.candidates
        ]
        do = "Ask again with one of these names or ids." if lines else "Use `find` with a part of the name."
        return ToolAnswer("error", error.message, lines, (do,), facts, "candidates")
    notes: tuple[str, ...] = ()
    if isinstance(error, LimitReachedError):
        notes = ("Ask for less, or wait a moment and ask again.",)
    if isinstance(error, RequestError) and error.line:
        facts |= {"line": error.line, "column": error.column}
    return ToolAnswer("error", str(error), (), notes, facts)


def _check_all(given: Mapping[str, Any], properties: Mapping[str, Any], needed: tuple[str, ...]) -> None:
    unknown = [name for name in given if name not in properties]
    if unknown:
        known = ", ".join([*properties, "start", "max_bytes"])
        raise RequestError(f"There is no argument “{excerpt(unknown[0], 40)}”. There are: {known}.")
    for name in needed:
        if name not in given:
            about = properties[name].get("description", "")
            raise RequestError(f"The argument “{name}” is missing{f': {about}' if about else ''}.")
    for name, value in given.items():
        _check(name, value, properties[name])


def _check(name: str, value: Any, schema: Mapping[str, Any]) -> None:
    kind = schema.get("type", "")
    if kind and (not isinstance(value, _KINDS[kind]) or isinstance(value, bool)):
        raise RequestError(f"“{name}” has to be {_WORDS[kind]}, not {excerpt(repr(value), 40)}.")
    if "enum" in schema and value not in schema["enum"]:
        raise RequestError(f"“{name}” is one of {', '.join(schema['enum'])}, not {excerpt(str(value), 40)}.")
    if kind in {"integer", "number"} and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        raise RequestError(f"“{name}” is from {schema['minimum']} to {schema['maximum']}, not {value}.")
    if kind == "string" and not value.strip() and schema.get("minLength"):
        raise RequestError(f"“{name}” is empty; give it a text.")
    if kind == "string" and any("\ud800" <= each <= "\udfff" for each in value):
        raise RequestError(f"“{name}” has half a character (a surrogate without its other half); take it out.")
    if kind == "array":
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            raise RequestError(
                f"“{name}” has {schema.get('minItems', 0)} to {schema['maxItems']} items, not {len(value)}."
            )
        for each in value:
            _check(f"an item of {name}", each, schema["items"])
