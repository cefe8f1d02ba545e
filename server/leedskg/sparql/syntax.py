"""What to tell a person whose query has a syntax error: where, what stands there, and the likely mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from leedskg.errors import RequestError
from leedskg.sparql.tokens import Token, line_and_column, tokens

#: What the engine says in words, among the character classes that it expected, and what we say for it.
_SAID = {
    "IRI parsing failed": "this is not a whole IRI: it needs its scheme, as in <https://…>, or a BASE",
    "The SELECT contains a variable that is unbound": (
        "SELECT names a variable that GROUP BY does not group by and no aggregate computes"
    ),
}
_OPENING = {"{": "}", "(": ")", "[": "]"}


def syntax_error(query: str, message: str, at: int | None, prefixes: Mapping[str, str]) -> RequestError:
    """A RequestError with line, column and a sentence. `message` is the engine's, `at` from `position.of_error`."""
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
    token = next((token for token in found if token.start == at), None)
    if token is not None and token.kind == "name" and not _is_declared(token, found):
        return undeclared(token.text.partition(":")[0], prefixes)
    if "Prefix not found" in message:
        missing = next((each for each in found if each.kind == "name" and not _is_declared(each, found)), None)
        if missing is not None:
            return undeclared(missing.text.partition(":")[0], prefixes)
    for theirs, ours in _SAID.items():
        if theirs in message:
            return ours
    if token is None:
        return f"the query ends too early{_unclosed(found)}"
    if token.kind == "other" and token.text in {'"', "'"}:
        return "the string that begins here is not closed on its line"
    return f"{_shown(token.text)} cannot stand here"


def undeclared(prefix: str, prefixes: Mapping[str, str]) -> str:
    """That a prefix is not declared, with the line to paste where we know it."""
    said = f"the prefix {prefix}: is not declared"
    return f"{said}; add PREFIX {prefix}: <{prefixes[prefix]}>" if prefix in prefixes else said


def _is_declared(token: Token, found: list[Token]) -> bool:
    prefix = token.text.partition(":")[0]
    pairs = pairwise(found)
    return any(word.text.upper() == "PREFIX" and name.text == f"{prefix}:" for word, name in pairs)


def _unclosed(found: list[Token]) -> str:
    waiting: list[str] = []
    for token in found:
        if token.kind != "sign":
            continue
        if token.text in _OPENING:
            waiting.append(_OPENING[token.text])
        elif waiting and token.text == waiting[-1]:
            waiting.pop()
    return f": {' '.join(reversed(waiting))} is missing" if waiting else ""


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
