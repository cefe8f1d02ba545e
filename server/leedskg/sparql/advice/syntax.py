"""What to tell a person whose query has a syntax error: where, what stands there, and the likely fix."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from leedskg.errors import RequestError
from leedskg.sparql.advice.hints import hint, unclosed
from leedskg.sparql.protocol.tokens import Token, line_and_column, tokens

#: What the engine says in words, among the character classes that it expected, and what we say for it.
_SAID = {
    "IRI parsing failed": "this is not a whole IRI: it needs its scheme, as in <https://…>, or a BASE",
    "The SELECT contains a variable that is unbound": (
        "SELECT names a variable that GROUP BY does not group by and no aggregate computes"
    ),
}


#: What looks like a prefix and is none: the scheme of an IRI without its < and >, and the colon of `:=`.
_NO_PREFIX = frozenset({"", "http", "https", "urn", "mailto"})


def syntax_error(query: str, message: str, at: int | None, prefixes: Mapping[str, str]) -> RequestError:
    """Make a RequestError with line, column and sentence. `message` is the engine's, `at` from `position.of_error`."""
    found = tokens(query)
    if not found:
        return RequestError("the query is empty")
    if at is None:
        place = re.search(r"error at (\d+):(\d+)", message)
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        return RequestError(f"syntax error near line {line}, column {column}", line=line, column=column)
    line, column = line_and_column(query, at)
    said = _sentence(found, at, message, prefixes)
    return RequestError(f"syntax error at line {line}, column {column}: {said}", line=line, column=column)


def _sentence(found: list[Token], at: int, message: str, prefixes: Mapping[str, str]) -> str:
    index = next((index for index, token in enumerate(found) if token.start == at), len(found))
    likely = hint(found, index)
    token = found[index] if index < len(found) else None
    prefix = _undeclared(token, found, message)
    if prefix is not None:
        return likely if likely and prefix in _NO_PREFIX else undeclared(prefix, prefixes)
    for theirs, ours in _SAID.items():
        if theirs in message:
            return ours
    if token is None:
        missing = " ".join(unclosed(found))
        rest = likely or (f"{missing} is missing" if missing else "")
        return f"the query ends too early: {rest}" if rest else "the query ends too early"
    if token.kind == "other" and token.text in {'"', "'"}:
        return "the string that begins here is not closed on its line"
    said = f"{_shown(token.text)} cannot stand here"
    return f"{said}: {likely}" if likely else said


def _undeclared(token: Token | None, found: list[Token], message: str) -> str | None:
    """Find the prefix that is used and not declared, if that is the slip."""
    candidates = [token] if token is not None else []
    candidates += found if "Prefix not found" in message else []
    missing = (each for each in candidates if each.kind == "name" and not _is_declared(each, found))
    return next((each.text.partition(":")[0] for each in missing), None)


def undeclared(prefix: str, prefixes: Mapping[str, str]) -> str:
    """Say that a prefix is not declared, with the line to paste where we know it."""
    said = f"the prefix {prefix}: is not declared"
    return f"{said}; add PREFIX {prefix}: <{prefixes[prefix]}>" if prefix in prefixes else said


def _is_declared(token: Token, found: list[Token]) -> bool:
    prefix = token.text.partition(":")[0]
    pairs = pairwise(found)
    return any(word.text.upper() == "PREFIX" and name.text == f"{prefix}:" for word, name in pairs)


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:39]}…"
