"""SERVICE, for the endpoints that the operator allows: asked by the web process, and written into the query as VALUES.

By the standard (SPARQL 1.1 Federated Query, 4) the pattern of a SERVICE is evaluated by the other endpoint on its own,
and its solutions are joined where the SERVICE stands. VALUES in the same place joins the same solutions; so the
workers see no SERVICE, and stay without sockets. Everything else that says "service" is refused as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from leedskg.errors import QueryRefusedError
from leedskg.sparql.protocol.tokens import (
    QueryOutline,
    Token,
    outline,
    refusal,
    refuse_service,
    tokens,
    unclear,
    unescape,
)

_MOST_CALLS = 8
_VARIABLE = "SERVICE has to name its endpoint by an IRI here: which one a variable means is known only while it runs"
_NESTED = "a SERVICE inside a SERVICE would have the other endpoint call a third one, which is not asked of it"
_ESCAPED = r"write the braces, quotes and names around SERVICE as they are, without \u escapes"
_SHAPE = "SERVICE wants an IRI, and its pattern in braces: SERVICE <…> { … }"
_TOO_MANY = f"a query may call other endpoints {_MOST_CALLS} times"


@dataclass(frozen=True, slots=True)
class Call:
    """A SERVICE in a query: whom to ask what, and where in the text it stands."""

    endpoint: str
    #: The whole query for the other endpoint but for its base: the prologue of this one, and the pattern.
    query: str
    #: The variables of the pattern, in the order in which it names them.
    variables: tuple[str, ...]
    is_silent: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be told of a query without running it, and the calls that it makes."""

    outline: QueryOutline
    calls: tuple[Call, ...] = ()


@lru_cache(maxsize=512)
def plan(query: str, allowed: frozenset[str] = frozenset()) -> Plan:
    """Read a query's outline and its calls of allowed endpoints.

    Raises QueryRefusedError, with the place, for any other SERVICE, for LOAD and for updates.
    """
    if not allowed or "service" not in query.lower():
        return Plan(outline(query))
    calls = _calls(query, allowed)
    rest = query
    for call in calls:  # spaces in their place, so that what is wrong elsewhere keeps its line and column
        between = "".join(each if each in "\r\n" else " " for each in query[call.start : call.end])
        rest = rest[: call.start] + between + rest[call.end :]
    told = outline(rest)
    return Plan(replace(told, volatile=told.volatile or bool(calls)), calls)


def answered(query: str, calls: tuple[Call, ...], ask: Callable[[Call], str]) -> str:
    """Replace each call in the query by what `ask` gives for it: a VALUES block. Raises what `ask` raises."""
    parts, done = [], 0
    for call in calls:
        parts += [query[done : call.start], " ", ask(call), " "]
        done = call.end
    return "".join((*parts, query[done:]))


def _calls(query: str, allowed: frozenset[str]) -> tuple[Call, ...]:
    found = tokens(query)
    at = unclear(query, found)
    if at is not None and query[at] != "\\":
        raise refusal(_SHAPE, query, at)
    if at is not None or _structure(found) != _structure(tokens(unescape(query))):
        raise refusal(_ESCAPED, query, at or 0)
    prologue, prefixes = _prologue(query, found)
    calls: list[Call] = []
    index = 0
    while index < len(found):
        if not _is_word(found[index], "SERVICE"):
            index += 1
            continue
        call, index = _call(query, found, index, prologue, prefixes)
        if call.endpoint not in allowed:
            names = ", ".join(f"<{each}>" for each in sorted(allowed))
            raise refusal(f"SERVICE <{call.endpoint}> is not done here; allowed are {names}", query, call.start)
        calls.append(call)
    if len(calls) > _MOST_CALLS:
        raise refusal(_TOO_MANY, query, calls[_MOST_CALLS].start)
    return tuple(calls)


def _call(query: str, found: list[Token], index: int, prologue: str, prefixes: dict[str, str]) -> tuple[Call, int]:
    """Read the call that begins at a token, and find the token behind it."""
    begin = found[index]
    is_silent = index + 1 < len(found) and _is_word(found[index + 1], "SILENT")
    place = index + 1 + is_silent
    if place + 1 >= len(found):
        raise refusal(_SHAPE, query, begin.start)
    named = found[place]
    if named.kind == "variable":
        raise refusal(_VARIABLE, query, begin.start)
    if named.kind == "iri":
        endpoint = named.text[1:-1]
    elif named.kind == "name":
        prefix, _, local = named.text.partition(":")
        endpoint = prefixes.get(prefix, f"{prefix}:") + local
    else:
        raise refusal(_SHAPE, query, begin.start)
    last = _closing(found, place + 1)
    if last is None:
        raise refusal(_SHAPE, query, begin.start)
    pattern = query[found[place + 1].start : found[last].start]
    for reading in dict.fromkeys((pattern, unescape(pattern))):
        try:
            refuse_service(reading)
        except QueryRefusedError:
            raise refusal(_NESTED, query, begin.start) from None
    variables = (each.text[1:] for each in found[place:last] if each.kind == "variable")
    asked = f"{prologue}\nSELECT * WHERE {pattern}\n}}"
    end = found[last].start + 1
    return Call(endpoint, asked, tuple(dict.fromkeys(variables)), is_silent, begin.start, end), last + 1


def _closing(found: list[Token], opening: int) -> int | None:
    """Find the brace that closes the one at this place; None when there is none."""
    if found[opening].text != "{":
        return None
    depth = 0
    for index in range(opening, len(found)):
        depth += (found[index].text == "{") - (found[index].text == "}")
        if depth == 0:
            return index
    return None


def _prologue(query: str, found: list[Token]) -> tuple[str, dict[str, str]]:
    """Return the text of the declarations, and the prefixes in them."""
    prefixes: dict[str, str] = {}
    for index, token in enumerate(found):
        if _is_word(token, "PREFIX") and index + 2 < len(found):
            prefixes[found[index + 1].text.rstrip(":")] = found[index + 2].text[1:-1]
        elif token.kind == "word" and token.text.upper() not in {"PREFIX", "BASE"}:
            return query[: token.start], prefixes
    return query, prefixes


def _is_word(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word


def _structure(found: list[Token]) -> list[tuple[str, str]]:
    return [(each.kind, each.text if each.kind in {"sign", "word"} else "") for each in found]
