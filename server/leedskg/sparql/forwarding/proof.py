"""A query read before it is sent to a server: is it SPARQL 1.1, what does it give, and which columns has it.

So that a slip is explained in the same words whichever engine answers, that no engine sees what is not SPARQL, and
that SELECT * has its columns in the same order. The embedded engine reads it, over nothing, in a thread that may open
no sockets. As that engine may begin to compute while it reads (VALUES can be multiplied without any data), it has a
time for that.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from leedskg.errors import LimitReachedError
from leedskg.sparql.protocol import position, projection
from leedskg.sparql.service import sandbox
from leedskg.sparql.service.frames import JobError

#: Seconds that reading a query may take, and of its own time how much at most; a long one takes milliseconds.
_SECONDS, _SHARE = 2.0, 0.8
_LONGEST_REMEMBERED = 50_000

_Read = Callable[[str, str, float], "Proof"]


@dataclass(frozen=True)
class Proof:
    """What a valid query gives: `select`, `ask` or `graph`; its text with its columns written out; and those."""

    kind: str
    text: str
    columns: tuple[str, ...] = ()


class Proofreader:
    """Reads queries in a thread that may open no sockets."""

    def __init__(self, base: str, *, plain: bool) -> None:
        self._base = base
        self._thread = ThreadPoolExecutor(1, "proofreader")
        #: What could be put in force for the thread.
        self.sandboxed = self._thread.submit(sandbox.deny_sockets, plain=plain, all_threads=False).result()
        self._remembered = lru_cache(maxsize=256)(self._asked)
        #: Whether the thread computes for so long that nobody waits for it any more.
        self.is_stuck = False

    def read(self, query: str, written: str, seconds: float) -> Proof:
        """Return the proof of a query, which may take so many seconds in all.

        A slip is placed in what its client has `written`, where the query has the answers of other endpoints in it;
        such a one is long, and not remembered. Raises JobError for what is wrong with it, and for a query that computes
        for long before it reads any data.
        """
        read: _Read = self._remembered if len(query) <= _LONGEST_REMEMBERED else self._asked
        return read(query, written, seconds)

    def _asked(self, query: str, written: str, seconds: float) -> Proof:
        asked = self._thread.submit(_proof, query, written, self._base)
        try:
            return asked.result(timeout=min(_SECONDS, _SHARE * seconds))
        except TimeoutError:
            self.is_stuck = True
            message = "the query computes too much, or nests too deeply, before it reads the graph"
            raise JobError("store", message, error=LimitReachedError.__name__) from None


def _proof(query: str, written: str, base: str) -> Proof:
    try:
        found = ox.Store().query(query, base_iri=base)
    except SyntaxError as error:
        raise JobError("syntax", str(error), at=position.of_error(written, base=base)) from None
    except Exception as error:
        raise JobError("engine", f"{type(error).__name__}: {error}") from None
    if isinstance(found, ox.QueryTriples):
        return Proof("graph", query)
    if isinstance(found, ox.QueryBoolean):
        return Proof("ask", query)
    names = [variable.value for variable in found.variables]
    return Proof("select", projection.in_order_of_appearance(query, names), tuple(names))
