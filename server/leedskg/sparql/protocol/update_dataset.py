"""The dataset that the protocol gives an update, written into the update, for the engine takes none beside it.

`using-graph-uri` means what USING says, for each operation that has a WHERE; so USING is put before each WHERE.
`DELETE WHERE` has no place for it and is written out as the DELETE and WHERE that it stands for.
"""

from __future__ import annotations

from leedskg.errors import RequestError
from leedskg.sparql.protocol.request import UpdateRequest
from leedskg.sparql.protocol.tokens import Token, tokens

_CONFLICT = (
    "the update names its own dataset by {}, and the request names one by using-graph-uri or using-named-graph-uri; "
    "use one or the other"
)


def with_dataset(request: UpdateRequest) -> str:
    """Write the request's dataset into its update. Raises RequestError when the update has one of its own."""
    text = request.update
    clauses = [f"USING <{graph}>" for graph in request.using_graphs]
    clauses += [f"USING NAMED <{graph}>" for graph in request.using_named_graphs]
    if not clauses:
        return text
    using = " ".join(clauses)
    outside = _outside_braces(tokens(text))
    written, done = [], 0
    for index, token in enumerate(outside):
        word = token.text.upper() if token.kind == "word" else ""
        if word in {"USING", "WITH"}:
            raise RequestError(_CONFLICT.format(word))
        if word != "WHERE":
            continue
        before = outside[index - 1] if index else None
        if before is not None and before.text.upper() == "DELETE":
            pattern = _braces_behind(text, token)
            written.append(f"{text[done : token.start]}{pattern} {using} WHERE")
        else:
            written.append(f"{text[done : token.start]} {using} WHERE")
        done = token.start + len(token.text)
    return "".join(written) + text[done:]


def _outside_braces(found: list[Token]) -> list[Token]:
    outside, depth = [], 0
    for token in found:
        if token.text == "{":
            depth += 1
        elif token.text == "}":
            depth -= 1
        elif depth == 0:
            outside.append(token)
    return outside


def _braces_behind(text: str, token: Token) -> str:
    """Find the `{ … }` that follows a token; nothing when there is none, then a syntax error as it should be."""
    depth, begin = 0, None
    for each in tokens(text):
        if each.start <= token.start:
            continue
        if each.text == "{":
            depth += 1
            begin = each.start if begin is None else begin
        elif each.text == "}":
            depth -= 1
        if begin is not None and depth == 0:
            return text[begin : each.start + 1]
    return ""
