"""A query as a server is asked it: its dataset beside it, and our graphs by the names they have on the server.

The dataset is resolved here, for servers differ on what FROM means beside the protocol's parameters, and on what the
default graph is without either. Names of graphs are exchanged where they stand as IRIs; a name that a query puts
together from texts finds no graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from leedskg.errors import QueryRefusedError
from leedskg.sparql.protocol.tokens import Token, line_and_column, tokens, unescape
from leedskg.store.remote.register import RemoteGeneration

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ESCAPED = re.compile(r"\\(.)")
#: Schemes of the functions and predicates that engines add to the language, some of which read files or call out.
_FOREIGN = ("bif:", "sql:", "java:")


@dataclass(frozen=True)
class Composed:
    """The text to send, and the graphs of its dataset by the names they have on the server."""

    text: str
    default: tuple[str, ...]
    named: tuple[str, ...]


def compose(
    query: str, default: list[str] | None, named: list[str] | None, generation: RemoteGeneration, base: str
) -> Composed:
    """Write a query as the server is to be asked it. It is known to be valid; the graphs are those of the protocol.

    Raises QueryRefusedError for what an engine adds to the language.
    """
    found = tokens(query)
    reading = _Prologue(base)
    pieces: list[str] = []
    froms: tuple[list[str], list[str]] = ([], [])
    position = depth = 0
    names_graphs = False
    stream = iter(found)
    for token in stream:
        pieces.append(_without_comment(query[position : token.start]))
        position = token.start + len(token.text)
        word = token.text.upper() if token.kind == "word" else ""
        depth += (token.text == "{") - (token.text == "}")
        names_graphs = names_graphs or word == "GRAPH"
        if word in {"BASE", "PREFIX"} and depth == 0:
            written, position = reading.declare(word, stream)
            pieces.append(written)
        elif word == "FROM" and depth == 0:
            is_named, name, position = reading.clause(stream)
            froms[is_named].append(name)
        else:
            iri = reading.iri(token)
            if iri.startswith(_FOREIGN):
                line, column = line_and_column(query, token.start)
                raise QueryRefusedError(
                    f"line {line}, column {column}: {iri} is of an engine's own, which the endpoint does not do",
                    line=line, column=column,
                )  # fmt: skip
            pieces.append(f"<{generation.stored(iri)}>" if iri in generation.graphs else token.text)
    pieces.append(_without_comment(query[position:]))
    # What the protocol says wins over the query, as the standard has it.
    chosen = (default or [], named or []) if default or named else froms
    text = f"BASE <{reading.base}> {''.join(pieces)}"
    return Composed(text, *_dataset(*chosen, generation, names_graphs=names_graphs))


def _dataset(
    default: list[str], named: list[str], generation: RemoteGeneration, *, names_graphs: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the default and the named graphs, by the names they have on the server."""
    if not default and not named:
        # No graph is named where none is asked for: a list of many graphs is long, and engines plan for all of it.
        every = tuple(map(generation.stored, generation.graphs)) if names_graphs else ()
        return (generation.union,), every
    held = generation.graphs
    return (
        tuple(generation.stored(name) for name in dict.fromkeys(default) if name in held),
        tuple(generation.stored(name) for name in dict.fromkeys(named) if name in held),
    )


class _Prologue:
    """What the prologue has declared so far."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._prefixes: dict[str, str] = {}

    def declare(self, word: str, stream: Iterator[Token]) -> tuple[str, int]:
        """Take in the rest of a declaration; what to write for it, and where it ends.

        The last BASE is written once, before all else: Virtuoso takes no second one.
        """
        name = next(stream)
        if word == "BASE":
            self.base = self.iri(name)
            return "", name.start + len(name.text)
        iri = next(stream)
        self._prefixes[name.text[:-1]] = self.iri(iri)
        return f"PREFIX {name.text} <{self.iri(iri)}>", iri.start + len(iri.text)

    def clause(self, stream: Iterator[Token]) -> tuple[bool, str, int]:
        """Read the rest of a FROM: whether it is FROM NAMED, the graph, and where it ends."""
        token = next(stream)
        is_named = token.kind == "word"
        if is_named:
            token = next(stream)
        return is_named, self.iri(token), token.start + len(token.text)

    def iri(self, token: Token) -> str:
        """Return the IRI that a token stands for; nothing for one that stands for none."""
        if token.kind == "iri":
            return _whole(self.base, unescape(token.text[1:-1]))
        if token.kind == "name":
            prefix, _, local = unescape(token.text).partition(":")
            return self._prefixes.get(prefix, "") + _ESCAPED.sub(r"\1", local)
        return ""


def _whole(base: str, reference: str) -> str:
    """Make a reference whole. `urljoin` loses an empty fragment or query, which most namespaces end in."""
    if _SCHEME.match(reference):
        return reference
    joined = urljoin(base, reference)
    return joined + reference[-1] if reference.endswith(("#", "?")) and joined[-1:] != reference[-1] else joined


def _without_comment(gap: str) -> str:
    """Return what stands between two tokens; a comment is nobody's business, and some servers read settings in one."""
    return "\n" if "#" in gap else gap
