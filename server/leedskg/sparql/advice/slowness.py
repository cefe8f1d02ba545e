"""Why a query takes so long, as far as its text tells: read from its algebra, a sentence for each cause, worst first.

Only what is true of any data is said: that two patterns share no variable, not that a class has many members. It is
read in the web process, and only of a query that has failed; so what rdflib is given to read has bounds in length
and in nesting, which bound its time too, and a query beyond them is not explained.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query

from leedskg.algebra import algebra_of
from leedskg.sparql.advice.patterns import GroupPattern, blocks, shown_filter
from leedskg.sparql.protocol.tokens import tokens

_MOST_CHARACTERS = 20_000
#: Within these the costliest forms found (a hundred FILTERs, or conditions with &&, in a row; twelve levels of each
#: kind of bracket) took rdflib's parser 0.15 s of processor time at most, and a query of usual size 0.005 s.
_MOST_TOKENS = 300
_DEEPEST = 12
_MOST_CAUSES = 4
_MODIFIERS = {"OrderBy": "ORDER BY", "Distinct": "DISTINCT", "Slice": "LIMIT"}
_AGGREGATE = "an aggregate such as COUNT"


def slow_because(query: str, base: str) -> tuple[str, ...]:
    """Say what makes a query slow or its result large, worst first; nothing where that cannot be told."""
    if not is_within_bounds(query):
        return ()
    try:
        return tuple(dict.fromkeys(_causes(algebra_of(query, base=base))))[:_MOST_CAUSES]
    except Exception:  # rdflib raises what it likes; the error stands without causes
        return ()


def is_within_bounds(query: str) -> bool:
    """Return whether rdflib can be given a query to read without taking long over it."""
    if len(query) > _MOST_CHARACTERS:
        return False
    found = tokens(query)
    depth = deepest = 0
    for token in found:
        depth += (token.text in {"{", "(", "["}) - (token.text in {"}", ")", "]"})
        deepest = max(deepest, depth)
    return len(found) <= _MOST_TOKENS and deepest <= _DEEPEST


def _causes(query: Query) -> Iterator[str]:
    found = list(blocks(query.algebra, query.prologue.namespace_manager))
    done = _modifiers(query.algebra)
    for block in found:
        yield from _products(block, done)
    for each in (_open_paths, _apart, _searches):
        for block in found:
            yield from each(block)
    if query.algebra.name in {"SelectQuery", "ConstructQuery"} and not done:
        for block in found:
            if len(block.unconnected()) == 1:
                for pattern in block.everything():
                    yield f"{pattern.text} matches every statement there is, and there is no LIMIT"


def _products(block: GroupPattern, done: list[str]) -> Iterator[str]:
    parts = block.unconnected()
    if len(parts) < 2:
        return
    first, second, *more = (part.widest().text for part in parts)
    if more:
        shown = f"{first}, {second} and {len(more)} more share no variable, so each match of one"
    else:
        shown = f"{first} and {second} share no variable, so every match of the one"
    yield (
        f"{shown} is combined with every match of the other{'s' if more else ''}; "
        "join them by a variable, or ask them one at a time"
    )
    waiting = [each for each in done if each not in {"LIMIT", "DISTINCT"}]
    if waiting:
        shorter = "; LIMIT does not shorten that" if "LIMIT" in done else ""
        yield f"{' and '.join(waiting)} can give nothing before all of these combinations are made{shorter}"
    if "DISTINCT" in done:
        yield "DISTINCT has to remember every row that it has given while it goes through these combinations"


def _open_paths(block: GroupPattern) -> Iterator[str]:
    for path in block.open_paths():
        yield (
            f"the path {path.text} has no end that anything else fixes, so it is followed from everywhere to "
            "everywhere; name one end, or narrow it by a statement before"
        )


def _apart(block: GroupPattern) -> Iterator[str]:
    for word, pattern in block.apart:
        if word == "OPTIONAL":
            yield (
                f"OPTIONAL {{ {pattern} }} shares no variable with what stands before it, so all of its matches are "
                "combined with every row"
            )
        elif word == "MINUS":
            yield f"MINUS {{ {pattern} }} shares no variable with what stands before it: it removes nothing, and costs"
        else:
            yield f"{word} {{ {pattern} }} shares no variable with the rows that it judges: it is the same for all"


def _searches(block: GroupPattern) -> Iterator[str]:
    everything = block.everything()
    for condition, names in block.conditions:
        word = shown_filter(condition)
        for pattern in everything:
            if word and names & pattern.variables:
                yield (
                    f"{word} is tried on every statement there is, for {pattern.text} matches them all; "
                    "name the property, or say more of the subject"
                )


def _modifiers(algebra: CompValue) -> list[str]:
    """Say what is done to all rows of a query together: grouping, sorting, making distinct; and LIMIT."""
    found = []
    node: Any = algebra
    while isinstance(node, CompValue) and "p" in node and node.name not in {"ToMultiSet", "Graph"}:
        if node.name in _MODIFIERS:
            if node.name != "Slice" or node.length is not None:
                found.append(_MODIFIERS[node.name])
        elif node.name == "AggregateJoin":
            found.append(_AGGREGATE)
        elif node.name == "Group" and node.expr:
            found.append("GROUP BY")
        node = node.p
    return sorted(set(found), key=["GROUP BY", _AGGREGATE, "ORDER BY", "DISTINCT", "LIMIT"].index)
