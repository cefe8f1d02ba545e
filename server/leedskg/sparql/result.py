"""A query's result, whole: in memory while it is small, in an unnamed file when it is not."""

from __future__ import annotations

import json
import logging
import tempfile
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, BinaryIO, Self

from leedskg.errors import LimitReachedError, RequestError
from leedskg.sparql.frames import CHUNK
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

    A result is complete before its status goes out. The web server we use ends a response that breaks off as if
    it were complete (measured: granian 2.8, WSGI), so a client could not tell a part from the whole. This way it
    gets an error that says what happened, or everything, with its length; and a slow client holds a file, not a
    worker. The price is that the first byte comes when the last is known.
    """

    def __init__(self, generation: Published, *, gzip: bool = False) -> None:
        self.generation = generation
        self.kind = ""
        self.length = 0
        self.is_compressed = False
        self._small: list[bytes] = []
        self._file: BinaryIO | None = None
        self._squeeze = zlib.compressobj(_LEVEL, wbits=_GZIP) if gzip else None

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
            self._file.write(self._squeeze.compress(data) if self._squeeze else data)
        except OSError as error:
            raise self._no_room(error) from None

    def finish(self, kind: str) -> None:
        """Note that the result is whole, and compress what is still to be. `kind` is select, ask or graph."""
        self.kind = kind
        if self._squeeze and self._file is None and self.length >= _WORTH_IT:
            self._small = [self._squeeze.compress(b"".join(self._small)) + self._squeeze.flush()]
            self.length, self.is_compressed = len(self._small[0]), True
        if self._file is None:
            return
        try:
            if self._squeeze:
                self._file.write(self._squeeze.flush())
                self.length, self.is_compressed = self._file.tell(), True
            self._file.seek(0)
        except OSError as error:
            self.close()
            raise self._no_room(error) from None

    def _no_room(self, error: OSError) -> LimitReachedError:
        _log.error("a result of %d bytes could not be kept: %s", self.length, error)
        return LimitReachedError("the server has no room for a result of this size now")

    def read(self) -> bytes:
        """The whole result."""
        return b"".join(self)

    def __iter__(self) -> Iterator[bytes]:
        if self._file is None:
            yield from self._small
            return
        while chunk := self._file.read(CHUNK):
            yield chunk

    @property
    def is_small(self) -> bool:
        """Whether it is held in memory, so that there is nothing to close."""
        return self._file is None

    def close(self) -> None:
        """Let go of the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def read_rows(result: Result) -> list[Row]:
    """The rows of a SELECT result in JSON."""
    if result.kind != "select":
        raise RequestError("this query gives no rows: it is not a SELECT")
    bindings = json.loads(result.read())["results"]["bindings"]
    return [{name: _term(value) for name, value in binding.items()} for binding in bindings]


def _term(value: dict[str, Any]) -> Term:
    kind = _KINDS.get(value["type"])
    if kind is None:
        return Term(json.dumps(value["value"]), "triple")
    datatype = value.get("datatype", "")
    return Term(value["value"], kind, "" if datatype == XSD_STRING else datatype, value.get("xml:lang", ""))
