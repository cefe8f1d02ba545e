"""A query's result: in memory while it is small, in an unnamed file when it is not; read whole, or as it comes."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any, BinaryIO, Self

import ijson

from leedskg.errors import LimitReachedError, RequestError
from leedskg.sparql.service.frames import CHUNK
from leedskg.store import XSD_STRING, Published, Row, Term, TermKind

_log = logging.getLogger(__name__)

#: Bytes below which a result is not worth compressing, and how hard to try. For 3.6 MB of N-Triples level 4 took
#: 24 ms, and zlib's own 6 took 35 ms for a result an eighth smaller.
_WORTH_IT = 1024
_LEVEL = 4
_GZIP = 31

_KINDS: dict[str, TermKind] = {"uri": "iri", "bnode": "blank", "literal": "literal", "typed-literal": "literal"}


class Result:
    """The bytes of a result, and the generation that they were read from.

    It is whole when whoever asked gets it, so that an error is said and not a part given for the whole; unless it is
    large, takes long, and whoever asked takes it as it comes. Then it is written in one thread while another reads
    it, and reading raises what it broke off with. It is in a file in either case, never held back for a slow reader:
    a slow client holds a file and not a worker. Why so: docs/decisions/0003.
    """

    def __init__(self, generation: Published, *, gzip: bool = False) -> None:
        self.generation = generation
        self.kind = ""
        self.length = 0
        self.is_compressed = False
        self.is_whole = False
        self._small: list[bytes] = []
        self._file: BinaryIO | None = None
        self._squeeze = zlib.compressobj(_LEVEL, wbits=_GZIP) if gzip else None
        self._changed = threading.Condition()
        self._ready = 0  # bytes of the file that can be read
        self._failure: BaseException | None = None
        self._stop: Callable[[], None] | None = None
        self._is_closed = False

    def add(self, data: bytes) -> None:
        """Append to the result."""
        self.length += len(data)
        if self._file is None and self.length <= CHUNK:
            self._small.append(data)
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="leedskg-")  # noqa: SIM115 - `close` closes it
                data = b"".join((*self._small, data))
                self._small = []
            self._write(self._squeezed(data) if self._squeeze else data)
        except OSError as error:
            raise self._no_room(error) from None

    def _squeezed(self, data: bytes) -> bytes:
        assert self._squeeze is not None
        squeezed = self._squeeze.compress(data)
        # Who reads along is not to wait for what the compressor has not made up its mind about.
        return squeezed + self._squeeze.flush(zlib.Z_SYNC_FLUSH) if self._stop else squeezed

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        with self._changed:
            if not self._is_closed:
                self._file.seek(self._ready)
                self._ready += self._file.write(data)
                self._changed.notify_all()

    def stream(self, kind: str, stop: Callable[[], None]) -> None:
        """Let it be read from now on while it comes; `stop` ends what it comes from, should nobody want the rest."""
        self.kind = kind
        self._stop = stop
        self.is_compressed = self._squeeze is not None

    def wait(self, seconds: float) -> None:
        """Wait until it is whole, or so long. Raises what it broke off with."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_whole or self._failure, seconds)
            if self._failure is not None:
                raise self._failure

    def finish(self, kind: str) -> None:
        """Note that the result is whole, and compress what is still to be. `kind` is select, ask or graph."""
        if self._squeeze and self._file is None and self.length >= _WORTH_IT:
            self._small = [self._squeeze.compress(b"".join(self._small)) + self._squeeze.flush()]
            self.length, self.is_compressed = len(self._small[0]), True
        try:
            if self._squeeze and self._file is not None:
                self._write(self._squeeze.flush())
                self.length, self.is_compressed = self._ready, True
        except OSError as error:
            self.close()
            raise self._no_room(error) from None
        with self._changed:
            self.kind = kind
            self.is_whole = True
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """Note that it broke off: whoever reads it, or waits for it, is told."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def _no_room(self, error: OSError) -> LimitReachedError:
        _log.error("a result of %d bytes could not be kept: %s", self.length, error)
        return LimitReachedError("the server has no room for a result of this size now")

    def read(self) -> bytes:
        """Read the whole result."""
        return b"".join(self)

    def __iter__(self) -> Iterator[bytes]:
        if self._file is None:
            yield from self._small
            return
        begin = 0
        while piece := self._piece(begin):
            begin += len(piece)
            yield piece

    def _piece(self, begin: int) -> bytes:
        """Return bytes from a place on, as soon as there are any; none at the end. Raises what it broke off with."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready > begin or self.is_whole or self._failure or self._is_closed)
            if self._failure is not None:
                raise self._failure
            if self._file is None or self._is_closed:
                raise ValueError("the result was closed, and is not wanted any more")
            self._file.seek(begin)
            return self._file.read(min(CHUNK, self._ready - begin))

    @property
    def is_small(self) -> bool:
        """Whether it is held in memory, so that there is nothing to close."""
        return self._file is None

    def close(self) -> None:
        """Close the file, if there is one; what is still read is stopped."""
        with self._changed:
            is_coming = self._stop is not None and not self.is_whole and self._failure is None
            if self._file is not None:
                self._file.close()
            self._is_closed = True
            self._changed.notify_all()
        if is_coming and self._stop is not None:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def read_rows(result: Result) -> list[Row]:
    """Read the rows of a SELECT result in JSON."""
    if result.kind != "select":
        raise RequestError("this query gives no rows: it is not a SELECT")
    bindings = json.loads(result.read())["results"]["bindings"]
    return [{name: _term(value) for name, value in binding.items()} for binding in bindings]


#: Bytes of a result that are read for its first rows.
_MOST_READ = 20_000_000


def first_rows(result: Result, most: int) -> tuple[list[str], list[Row], bool]:
    """Read the columns of a SELECT result in JSON, its first rows, and whether there are more. The rest is not read."""
    events = iter(ijson.parse(ijson.from_iter(_beginning(result))))
    columns: list[str] = []
    for prefix, event, value in events:
        if prefix == "head.vars.item":
            columns.append(value)
        elif (prefix, event) == ("head.vars", "end_array"):
            break
    rows: list[Row] = []
    try:
        found = islice(ijson.items(events, "results.bindings.item"), most + 1)
        rows.extend({name: _term(value) for name, value in binding.items()} for binding in found)
    except ijson.IncompleteJSONError:  # more bytes than are read
        return columns, rows[:most], True
    return columns, rows[:most], len(rows) > most


def _beginning(result: Result) -> Iterator[bytes]:
    size = 0
    for piece in result:
        yield piece
        size += len(piece)
        if size > _MOST_READ:
            return


def _term(value: dict[str, Any]) -> Term:
    kind = _KINDS.get(value["type"])
    if kind is None:
        return Term(json.dumps(value["value"]), "triple")
    datatype = value.get("datatype", "")
    return Term(value["value"], kind, "" if datatype == XSD_STRING else datatype, value.get("xml:lang", ""))
