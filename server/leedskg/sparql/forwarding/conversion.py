"""What a server answers, into the format that a client wants: fixed, and written by one serialiser.

A server is asked for tables in JSON and graphs in N-Triples (one in Turtle), which every product writes; all other
formats are made here, and so are those two, for what is read and written again to its end is known to be whole.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import IO

import pyoxigraph as ox

from leedskg.errors import StoreError
from leedskg.sparql.protocol.written import write
from leedskg.sparql.service.frames import CHUNK
from leedskg.store.remote.connection import TURTLE
from leedskg.store.remote.transport import RemoteResponse

Fixes = tuple[tuple[re.Pattern[bytes], bytes], ...]

#: Bytes that are held back, for a fix or a mark may begin at the end of what has been read.
_HELD = 512


class _Fixed(io.RawIOBase):
    """The bytes of an answer with a mark taken out of the names of graphs, and with a product's fixes."""

    def __init__(self, answer: RemoteResponse, mark: bytes, fixes: Fixes) -> None:
        self._answer = answer
        self._fixes = ((re.compile(re.escape(mark)), b""), *fixes)
        self._held = b""
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        room = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready:
            piece = self._answer.read(CHUNK)
            text = self._held + piece
            for pattern, instead in self._fixes:
                text = pattern.sub(instead, text)
            if not piece:
                self._ready, self._held = text, b""
                break
            self._ready, self._held = text[:-_HELD], text[-_HELD:]
        count = min(len(room), len(self._ready))
        room[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


def convert(  # noqa: PLR0913 - these are the parts of a conversion
    answer: RemoteResponse,
    kind: str,
    wanted: str,
    result: IO[bytes],
    *,
    mark: str,
    fixes: Fixes,
    columns: tuple[str, ...] = (),
    asked_by_select: bool = False,
    prefixes: Mapping[str, str] | None = None,
) -> int:
    """Write an answer into `result` in the wanted format while it comes; return the statements that a graph had.

    A table has the given columns. An ASK may have been asked as SELECT, and have a row for yes. Raises StoreError for
    an answer that is not whole or is of another kind, and what reading or writing raises.
    """
    body = io.BufferedReader(_Fixed(answer, mark.encode(), fixes), CHUNK)
    count = 0
    triples = found = None
    try:
        if kind == "graph":
            written_as = ox.RdfFormat.TURTLE if answer.media_type == TURTLE else ox.RdfFormat.N_TRIPLES
            triples = _Counted(ox.parse(body, written_as, lenient=True))
            write(triples, wanted, prefixes or {}, result)
            count = triples.count
        else:
            found = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
            if asked_by_select and isinstance(found, ox.QuerySolutions):
                found = _boolean(next(found, None) is not None)
            if isinstance(found, ox.QueryBoolean) != (kind == "ask"):
                raise StoreError("the store answers with another kind of result than the query gives")
            if isinstance(found, ox.QuerySolutions) and {each.value for each in found.variables} != set(columns):
                raise StoreError("the store answers with other columns than the query has")
            found.serialize(result, getattr(ox.QueryResultsFormat, wanted))
    except (SyntaxError, UnicodeDecodeError):
        if answer.failure is not None:  # what the engine makes of it says less
            raise answer.failure from None
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
