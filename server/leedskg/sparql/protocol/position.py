"""Where a syntax error is.

The engine's parser reports the furthest place that any of its alternatives looked at, which is up to a keyword's
length behind the slip, or at the end of the query. So we ask it again with less of the query: the first token
that cannot follow what stands before it is the one to show.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from leedskg.sparql.protocol.tokens import tokens

#: More spaces than any keyword has letters: an error at the very end then means "more was expected".
_ROOM = " " * 40
_PLACE = re.compile(r"error at (\d+):(\d+)")
_MOST_TOKENS = 5000


def of_error(query: str, *, base: str | None = None, update: bool = False) -> int | None:
    """Find the position of the first token that cannot stand where it does, in a query or an `update`.

    The query's length when it ends too early, and None when this cannot be told.
    """
    found = tokens(query)
    if not found or len(found) > _MOST_TOKENS:
        return None
    # The first `low` tokens can begin a query; more than `high` cannot, or are not known to.
    odd = (index for index, token in enumerate(found) if token.kind == "other")
    low, high = 0, next(odd, len(found))
    while low < high:
        middle = (low + high + 1) // 2
        last = found[middle - 1]
        if _can_begin(query[: last.start + len(last.text)], base, update=update):
            low = middle
        else:
            high = middle - 1
    return found[low].start if low < len(found) else len(query)


def _can_begin(text: str, base: str | None, *, update: bool) -> bool:
    padded = text + _ROOM
    store = ox.Store()
    try:
        if update:
            store.update(padded, base_iri=base)  # on nothing; what calls out was refused before
        else:
            store.query(padded, base_iri=base)
    except RuntimeError:
        return True  # it can be read, and cannot be done on an empty store
    except SyntaxError as error:
        place = _PLACE.search(str(error))
        if place is None:
            return False
        lines = padded.split("\n")
        return (int(place[1]), int(place[2])) == (len(lines), len(lines[-1]) + 1)
    return True
