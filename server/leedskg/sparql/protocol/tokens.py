"""SPARQL text in tokens: what a query is, and whether it asks for something the endpoint refuses.

The engine calls out over HTTP for SERVICE and has no switch for it, so this is the first of two layers (the
second denies sockets to the workers). It has to agree with the engine's grammar, which knows no word boundaries:
`SERVICE:x {}` is a call there, and so is `{1}SERVICE?x{}`. Where the two might disagree on what is a string and
what is not, a query with the word "service" in it is refused, with the slip to fix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from leedskg.errors import QueryRefusedError
from leedskg.namespaces import REIFIED_GRAPH

Kind = Literal["select", "ask", "construct", "describe"]

_NAME = r"[\w\u00b7\u203f\u2040-]"
_TOKEN = re.compile(
    rf"""
      (?P<space>[ \t\r\n]+|\#[^\r\n]*)
    | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*>)
    | (?P<string>\"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
        |"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    | (?P<variable>[?$][\w\u00b7\u203f\u2040]+)
    | (?P<blank>_:{_NAME}(?:[.]*{_NAME})*)
    | (?P<name>(?:[^\W\d_](?:[.]*{_NAME})*)?:(?:[.]*(?:{_NAME}|:|%[0-9A-Fa-f]{{2}}|\\[_~.!$&'()*+,;=/?\#@%-]))*)
    | (?P<number>(?:\d+[.]?\d*|[.]\d+)(?:[eE][+-]?\d+)?)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<word>[^\W\d]\w*)
    | (?P<sign>\^\^|&&|\|\||!=|<=|>=|<<|>>|[{{}}()\[\].,;:*/+\-=<>!|^?&~@$])
    """,
    re.VERBOSE | re.DOTALL,
)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OPERANDS = frozenset({"variable", "name", "iri", "number", "string", "word", "language"})
_KINDS: dict[str, Kind] = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "construct", "DESCRIBE": "describe"}
_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
_VOLATILE = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE"})
_NAMING = re.compile("FROM|GRAPH", re.IGNORECASE).search
_TELLING = re.compile("|".join(sorted({"LOAD", *_VOLATILE})), re.IGNORECASE).search

READ_ONLY = (
    "this is an update, and the published graph is read-only over SPARQL: "
    "changes come through contributions, which are checked and reviewed first"
)
_NO_SERVICE = "SERVICE is not done here: the endpoint answers from its own graph and calls no other server"
_NO_LOAD = (
    "LOAD is not done here: the endpoint reads no other server and no file; "
    "send the data itself, by INSERT DATA or by the graph store protocol"
)
_UNCLEAR_LOAD = (
    'it cannot be told for certain whether "load" here reads from elsewhere, which the endpoint does not do; '
    "put spaces around < and > where they compare, and fix what is unclosed"
)
_UNCLEAR = (
    'it cannot be told for certain whether "service" here calls another server, which the endpoint does not do; '
    "put spaces around < and > where they compare, and fix what is unclosed"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query. Its kind is `other` where no token begins."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class QueryOutline:
    """What can be told of a query without running it."""

    kind: Kind | None
    volatile: bool
    #: Whether it may say which graphs it asks, by FROM or GRAPH.
    names_graphs: bool
    #: Whether its GRAPH ?g means any graph but that of RDF 1.2: no FROM says otherwise, and that one is not named.
    any_graph: bool = False


def tokens(text: str) -> list[Token]:
    """Return the tokens of a query, without spaces and comments. Never fails: an odd character is a token `other`."""
    return list(each_token(text))


def each_token(text: str) -> Iterator[Token]:
    """Yield the tokens of a query as `tokens` does, one after the other, for those who need only the first few."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            yield Token("other", text[position], position)
            position += 1
            continue
        if match.lastgroup != "space":
            yield Token(match.lastgroup or "other", match.group(), position)
        position = match.end()


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Return where a position is, for a person: both counted from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


@lru_cache(maxsize=512)
def outline(text: str) -> QueryOutline:
    """Read a query's outline. Raises QueryRefusedError, with the place, for SERVICE, LOAD and updates."""
    first = _first_keyword(each_token(text))
    if first is not None and first.text.upper() in _UPDATES:
        raise refusal(READ_ONLY, text, first.start)
    for reading in dict.fromkeys((text, unescape(text))):
        refuse_service(reading)
    # Most queries have none of these letters anywhere, and then the tokens need not be read to the end.
    words = {token.text.upper(): token for token in tokens(text) if token.kind == "word"} if _TELLING(text) else {}
    if "LOAD" in words:
        raise refusal(READ_ONLY, text, words["LOAD"].start)
    kind = _KINDS.get(first.text.upper()) if first else None
    return QueryOutline(kind, not _VOLATILE.isdisjoint(words), *_graphs_named(text))


def _graphs_named(text: str) -> tuple[bool, bool]:
    """Return whether FROM or GRAPH is a word of the text, or may be: the engine reads `GRAPHs:x` as GRAPH and `s:x`.

    And whether its GRAPH may only mean graphs that a client of RDF 1.1 can read. It may mean `graph/reified` where that
    is named, or may be, and a query that says by FROM what it asks has what it asks.
    """
    names_graphs = has_dataset = names_reified = False
    for reading in filter(_NAMING, dict.fromkeys((text, unescape(text)))):
        found = tokens(reading)
        is_unclear = unclear(reading, found) is not None
        words = [token.text.partition(":")[0] for token in found if token.kind in {"word", "name"}]
        named = [token.text for token in found if token.kind in {"iri", "name"}]
        names_graphs |= is_unclear or any(map(_NAMING, words))
        has_dataset |= any("FROM" in each.upper() for each in ([reading] if is_unclear else words))
        names_reified |= any(REIFIED_GRAPH in each for each in ([reading] if is_unclear else named))
    return names_graphs, names_graphs and not has_dataset and not names_reified


@lru_cache(maxsize=64)
def refuse_calls(update: str) -> None:
    """Raise QueryRefusedError, with the place, for an update that would read from elsewhere: by SERVICE or LOAD."""
    for reading in dict.fromkeys((update, unescape(update))):
        _refuse_load(reading)
        refuse_service(reading)


def is_update(text: str) -> bool:
    """Return whether the text begins as an update does."""
    first = _first_keyword(tokens(text))
    return first is not None and first.text.upper() in _UPDATES


def unescape(text: str) -> str:
    r"""Resolve the \uXXXX escapes of a text, which the standard does before anything else."""
    if "\\" not in text:
        return text
    return _CODEPOINT.sub(lambda match: _character(int(match[1] or match[2], 16), match[0]), text)


def _character(code: int, written: str) -> str:
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else written


def _first_keyword(found: Iterable[Token]) -> Token | None:
    """Find the first word behind the prologue (BASE and PREFIX declarations)."""
    for token in found:
        if token.kind == "word" and token.text.upper() not in {"BASE", "PREFIX"}:
            return token
        if token.kind not in {"word", "name", "iri"}:
            return None
    return None


def _refuse_load(text: str) -> None:
    """Refuse LOAD, outside all braces: the engine reads `LOADs:x` as LOAD and `s:x`, so names count too."""
    if "load" not in text.lower():
        return
    found = tokens(text)
    depth = 0
    before = ""
    for token in found:
        depth += (token.text == "{") - (token.text == "}")
        begins = token.kind in {"word", "name"} and token.text.lower().startswith("load")
        if begins and depth <= 0 and not (token.kind == "name" and before == "PREFIX"):
            raise refusal(_NO_LOAD, text, token.start)
        before = token.text.upper()
    at = unclear(text, found)
    if at is not None:
        raise refusal(_UNCLEAR_LOAD, text, at)


def refuse_service(text: str) -> None:
    """Raise QueryRefusedError, with the place, where the text calls another endpoint or may do."""
    if "service" not in text.lower():
        return
    found = tokens(text)
    declared = _declared(found)
    for index, token in enumerate(found):
        following = found[index + 1].text if index + 1 < len(found) else ""
        if token.kind == "word" and "service" in token.text.lower():
            raise refusal(_NO_SERVICE, text, token.start)
        if token.kind == "name" and "service" in token.text.partition(":")[0].lower():
            # The engine reads `SERVICE:x {` as a call, even when there is a prefix of that name.
            prefix = token.text.partition(":")[0]
            if following == "{" or prefix not in declared:
                raise refusal(_NO_SERVICE, text, token.start)
    at = unclear(text, found)
    if at is not None:
        raise refusal(_UNCLEAR, text, at)


def _declared(found: list[Token]) -> set[str]:
    pairs = pairwise(found)
    return {name.text[:-1] for word, name in pairs if word.text.upper() == "PREFIX" and name.kind == "name"}


def unclear(text: str, found: list[Token]) -> int | None:
    """Return where our reading of the text and the engine's might part, or None.

    Three places: a character that begins no token, such as an unclosed quote; a lone carriage return, which may
    or may not end a comment; and `<…>` right behind an operand in brackets, which may be two comparisons, when
    there is a `#` or a quote in it that would then begin a comment or a string.
    """
    lone = re.search(r"\r(?!\n)", text)
    if lone:
        return lone.start()
    depth = 0
    before = Token("sign", "", 0)
    for token in found:
        if token.kind == "other":
            return token.start
        depth += (token.text == "(") - (token.text == ")")
        operand = before.kind in _OPERANDS or before.text in {")", "]"}
        if token.kind == "iri" and depth > 0 and operand and not {"#", "'"}.isdisjoint(token.text):
            return token.start
        before = token
    return None


def refusal(message: str, text: str, position: int) -> QueryRefusedError:
    """Make the error for a query that asks, at this position, for what is not done."""
    line, column = line_and_column(text, position)
    return QueryRefusedError(f"line {line}, column {column}: {message}", line=line, column=column)
