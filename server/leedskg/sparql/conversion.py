"""What a server answers, into the format that a client wants: read whole, mended, and written by one serialiser.

A server is asked for tables in JSON and graphs in N-Triples (one in Turtle), which every product writes; all other
formats are made here, and so are those two, for what is read and written again is known to be whole.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import IO

import pyoxigraph as ox

from leedskg.errors import LimitReachedError, StoreError
from leedskg.sparql.frames import CHUNK
from leedskg.sparql.negotiation import Chosen
from leedskg.sparql.result import Result
from leedskg.store.remote.connection import TURTLE
from leedskg.store.remote.transport import Answer, OutOfTimeError

Mends = tuple[tuple[re.Pattern[bytes], bytes], ...]

#: Bytes that are held back, for a mend or a mark may begin at the end of what has been read.
_HELD = 512


class _Mended(io.RawIOBase):
    """The bytes of an answer with a mark taken out of the names of graphs, and with a product's mends."""

    def __init__(self, body: IO[bytes], mark: bytes, mends: Mends) -> None:
        self._body = body
        self._mends = ((re.compile(re.escape(mark)), b""), *mends)
        self._held = b""
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        room = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready:
            piece = self._body.read(CHUNK)
            text = self._held + piece
            for pattern, instead in self._mends:
                text = pattern.sub(instead, text)
            if not piece:
                self._ready, self._held = text, b""
                break
            self._ready, self._held = text[:-_HELD], text[-_HELD:]
        count = min(len(room), len(self._ready))
        room[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


class _Writer:
    """The file that the serialiser writes into: a result, up to a size and a moment."""

    def __init__(self, result: Result, limit: int, due: float) -> None:
        self._result = result
        self._limit = limit
        self._due = due
        self._pending = bytearray()

    def write(self, data: bytes) -> int:
        self._pending += data
        if len(self._pending) >= CHUNK:
            self.end()
        return len(data)

    def end(self) -> None:
        if self._result.length + len(self._pending) > self._limit:
            raise LimitReachedError(
                f"the result is larger than {self._limit // 2**20} MiB, which is as large as one may be; "
                "ask for less, or in parts with ORDER BY, LIMIT and OFFSET"
            )
        if time.monotonic() > self._due:
            raise OutOfTimeError
        self._result.add(bytes(self._pending))
        self._pending.clear()

    def flush(self) -> None:
        """Nothing: what is pending is written when there is enough of it, and at the end."""


def convert(  # noqa: PLR0913 - these are the parts of a conversion
    answer: Answer,
    kind: str,
    chosen: Chosen,
    result: Result,
    *,
    mark: str,
    mends: Mends,
    columns: tuple[str, ...] = (),
    asked_by_select: bool = False,
    limit: int,
    due: float,
    prefixes: Mapping[str, str] | None = None,
) -> int:
    """Write an answer into `result` in the chosen format, and say how many statements it had, for a graph.

    A table has the given columns. An ASK may have been asked as SELECT, and have a row for yes. Raises StoreError for
    an answer that is not whole or is of another kind, LimitReachedError for one longer than `limit` bytes, and
    OutOfTimeError at `due` of `time.monotonic`.
    """
    body = io.BufferedReader(_Mended(answer.body, mark.encode(), mends), CHUNK)
    writer = _Writer(result, limit, due)
    count = 0
    triples = found = None
    try:
        if kind == "graph":
            written_as = ox.RdfFormat.TURTLE if answer.media_type == TURTLE else ox.RdfFormat.N_TRIPLES
            triples = _Counted(ox.parse(body, written_as, lenient=True))
            ox.serialize(triples, writer, getattr(ox.RdfFormat, chosen.format.engine), prefixes=dict(prefixes or {}))  # type: ignore[arg-type]
            count = triples.count
        else:
            found = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
            if asked_by_select and isinstance(found, ox.QuerySolutions):
                found = _boolean(next(found, None) is not None)
            if isinstance(found, ox.QueryBoolean) != (kind == "ask"):
                raise StoreError("the store answers with another kind of result than the query gives")
            if isinstance(found, ox.QuerySolutions) and {each.value for each in found.variables} != set(columns):
                raise StoreError("the store answers with other columns than the query has")
            found.serialize(writer, getattr(ox.QueryResultsFormat, chosen.format.engine))  # type: ignore[arg-type]
        writer.end()
    except (SyntaxError, UnicodeDecodeError):
        raise StoreError("the store's answer is cut off, or is not what its type says") from None
    finally:
        del triples, found  # an error would hold them, and the engine's objects have to go in the thread they came in
    return count


def _boolean(value: bool) -> ox.QueryBoolean:
    found = ox.parse_query_results(json.dumps({"head": {}, "boolean": value}), ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QueryBoolean)
    return found


class _Counted:
    """Triples, counted as they go by."""

    def __init__(self, quads: Iterator[ox.Quad]) -> None:
        self._quads = quads
        self.count = 0

    def __iter__(self) -> Iterator[ox.Triple]:
        for quad in self._quads:
            self.count += 1
            yield quad.triple
