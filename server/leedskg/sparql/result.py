"""A query's result, whole: in memory while it is small, in an unnamed file when it is not."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, BinaryIO, Self

from leedskg.errors import LeedskgError, LimitReachedError, NotAcceptableError, QueryRefusedError, RequestError
from leedskg.settings import Settings
from leedskg.sparql.frames import CHUNK
from leedskg.sparql.syntax import syntax_error
from leedskg.store import XSD_STRING, Row, Term, TermKind
from leedskg.store.generations import Generation

_log = logging.getLogger(__name__)

_KINDS: dict[str, TermKind] = {"uri": "iri", "bnode": "blank", "literal": "literal", "typed-literal": "literal"}


class Result:
    """The bytes of a result, and the generation that they were read from.

    A result is complete before its status goes out. The web server we use ends a response that breaks off as if
    it were complete (measured: granian 2.8, WSGI), so a client could not tell a part from the whole. This way it
    gets an error that says what happened, or everything, with its length; and a slow client holds a file, not a
    worker. The price is that the first byte comes when the last is known.
    """

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.kind = ""
        self.length = 0
        self._small: list[bytes] = []
        self._file: BinaryIO | None = None

    def add(self, data: bytes) -> None:
        """Append to the result."""
        self.length += len(data)
        if self._file is None and self.length <= CHUNK:
            self._small.append(data)
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="leedskg-")  # noqa: SIM115 - `close` closes it
                self._file.writelines(self._small)
                self._small = []
            self._file.write(data)
        except OSError as error:
            _log.error("a result of %d bytes could not be kept: %s", self.length, error)
            raise LimitReachedError("the server has no room for a result of this size now") from None

    def finish(self, kind: str) -> None:
        """Note that the result is whole. `kind` is select, ask or graph."""
        self.kind = kind
        if self._file is not None:
            self._file.seek(0)

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


def failure(said: dict[str, Any], query: str, settings: Settings) -> LeedskgError:
    """The error for what a worker reports, in words for the person who asked."""
    message = said["message"]
    if said["kind"] == "syntax":
        return syntax_error(query, message, said["at"], settings.namespaces.prefixes)
    if said["kind"] == "too-large":
        return LimitReachedError(
            f"the result is larger than {settings.result_limit} MiB, which is as large as one may be; "
            "ask for less, or in parts with ORDER BY, LIMIT and OFFSET"
        )
    if said["kind"] == "memory":
        return LimitReachedError("the query was stopped because it needs more memory than a query may use")
    if said["kind"] == "not-acceptable":
        return NotAcceptableError(
            f"this query gives a {'graph' if message == 'graph' else 'table'}, which the request does not accept"
        )
    _log.error("the engine failed on a query: %s", message)
    if "not permitted" in message or "service" in message.lower():
        return QueryRefusedError("the query calls another server, which the endpoint does not do")
    return LeedskgError("the engine could not answer this query")
