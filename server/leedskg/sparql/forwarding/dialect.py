"""A query in the words that a product understands, where it does not take what the standard has."""

from __future__ import annotations

from leedskg.sparql.protocol.tokens import Token, tokens
from leedskg.store.remote.products import ASKED, Product


def in_dialect(query: str, kind: str, product: Product) -> str:
    """Write a valid query as the product needs it. `kind` is what it gives: select, ask or graph."""
    found = tokens(query)
    changes: list[tuple[int, int, str]] = []
    if product.separator_needed:
        changes += _separators(found)
    if product.values_named:
        changes += _units(found)
    if kind == "ask" and product.asked_by_select:
        changes += _selection(found, len(query))
    if kind == "graph" and product.describing and any(_is(token, "DESCRIBE") for token in found):
        changes.append((0, 0, product.describing))
    for start, end, text in sorted(changes, reverse=True):
        query = query[:start] + text + query[end:]
    return query


def _selection(found: list[Token], end: int) -> list[tuple[int, int, str]]:
    """Write ASK as SELECT, with a row for yes and none for no."""
    asks = next(token for token in found if _is(token, "ASK"))
    depth, outside = 0, set()
    for token in found:
        depth += (token.text == "{") - (token.text == "}")
        outside |= {token.text.upper()} if depth == 0 else set()
    # All columns where there are any: of a constant Virtuoso has a row even where it finds nothing.
    is_plain = any(token.kind == "variable" for token in found) and "GROUP" not in outside
    changes = [(asks.start, asks.start + 3, "SELECT *" if is_plain else f"SELECT (1 AS ?{ASKED})")]
    return changes if "LIMIT" in outside else [*changes, (end, end, " LIMIT 1")]


def _separators(found: list[Token]) -> list[tuple[int, int, str]]:
    """Return the separator to add to each GROUP_CONCAT that leaves it to the standard, which has a space."""
    changes = []
    for index, token in enumerate(found):
        if not _is(token, "GROUP_CONCAT"):
            continue
        depth = 0
        for each in found[index + 1 :]:
            depth += (each.text == "(") - (each.text == ")")
            if depth == 1 and _is(each, "SEPARATOR"):
                break
            if depth == 0:
                changes.append((each.start, each.start, "; SEPARATOR=' '"))
                break
    return changes


def _units(found: list[Token]) -> list[tuple[int, int, str]]:
    """Replace VALUES of no variable, which is one solution that binds nothing, by nothing, or none, by no match."""
    changes = []
    texts = [each.text.upper() for each in found]
    for index, token in enumerate(found):
        if _is(token, "VALUES") and texts[index + 1 : index + 4] == ["(", ")", "{"]:
            rows = "".join(texts[index + 4 : index + 7])
            if rows == "()}":
                last = found[index + 6]
                changes.append((token.start, last.start + 1, ""))
            elif rows.startswith("}"):
                last = found[index + 4]
                changes.append((token.start, last.start + 1, "FILTER(false)"))
    return changes


def _is(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word
