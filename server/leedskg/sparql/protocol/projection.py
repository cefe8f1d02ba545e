"""`SELECT *` with its columns in the order in which the query names them; the engine sorts them by name."""

from __future__ import annotations

from leedskg.sparql.protocol.tokens import each_token, tokens, unescape


def in_order_of_appearance(query: str, variables: list[str]) -> str:
    """Write out the `*` of a query that begins with SELECT *; `variables` are those that * stands for."""
    place = star(query)
    if place is None or not variables:
        return query
    names = [token.text[1:] for token in tokens(unescape(query)) if token.kind == "variable"]
    order = {name: index for index, name in reversed(list(enumerate(names)))}
    ordered = sorted(variables, key=lambda name: order.get(name, len(names)))
    return f"{query[:place]} {' '.join(f'?{name}' for name in ordered)} {query[place + 1 :]}"


def star(query: str) -> int | None:
    """Return where the `*` of the outermost SELECT * stands; None for any other query."""
    if "*" not in query:
        return None
    words: list[str] = []
    for token in each_token(query):
        if words and token.text == "*":
            return token.start
        word = token.text.upper()
        if token.kind == "word" and (word == "SELECT" if not words else word in {"DISTINCT", "REDUCED"}):
            words.append(word)
        elif words or (token.kind == "word" and word not in {"BASE", "PREFIX"}):
            return None
    return None
