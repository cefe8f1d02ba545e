"""Asking another endpoint by the SPARQL protocol, and its answer as a VALUES block.

What comes back is a stranger's: it has a time, a size, one format, and no say in where else to go.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from leedskg.errors import RequestError
from leedskg.foreign_json import read_json
from leedskg.sparql.federation.endpoints import Call
from leedskg.sparql.protocol.negotiation import JSON

#: The one solution that binds nothing, which joins with every other: what SILENT gives for a failure.
UNIT = "VALUES () { () }"
_CONNECT = 10.0
#: Seconds between two looks at whether the query that calls has been stopped.
_LOOK = 0.05
_CHUNK = 65536
_SHOWN = 200
_VARIABLE = re.compile(r"[\w\u00b7\u203f\u2040]+")
_LITERALS = frozenset({"literal", "typed-literal"})


class RemoteError(RequestError):
    """Another endpoint that a query calls has not answered, or not in a way that can be used (502, or 504 for late)."""

    title = "Another endpoint has failed"

    def __init__(self, endpoint: str, what: str, *, status: int = 502) -> None:
        super().__init__(f"the endpoint <{endpoint}>, which the query calls by SERVICE, {what}")
        self.status = status


class UnusableAnswerError(RemoteError):
    """An answer that is right, and that cannot be joined here. SILENT does not pass it over: it would look complete."""


class StoppedError(Exception):
    """The query that calls was stopped meanwhile."""


class RemoteCall:
    """One call of another endpoint."""

    def __init__(self, call: Call, *, base: str, seconds: float, most_bytes: int) -> None:
        self._call = call
        self._base = base
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._done = threading.Event()
        self._socket: socket.socket | None = None
        self._body = b""
        self._failure: Exception | None = None

    def values(self, is_stopped: Callable[[], bool]) -> str:
        """Return the answer as VALUES.

        Raises RemoteError, UnusableAnswerError for blank nodes in the answer, and StoppedError as soon as the query
        that calls `is_stopped`. The call is made in a thread of its own, for names are looked up without any limit of
        time.
        """
        threading.Thread(target=self._run, name="service-call", daemon=True).start()
        until = time.monotonic() + self._seconds
        was_stopped = False
        while not self._done.wait(min(_LOOK, max(0.0, until - time.monotonic()))):
            was_stopped = is_stopped()
            if was_stopped or time.monotonic() >= until:
                break
        in_time = self._done.is_set()
        self.abort()
        if was_stopped:
            raise StoppedError
        if not in_time:
            raise self._late()
        if self._failure is not None:
            raise self._failure
        return self._as_values()

    def abort(self) -> None:
        """Let it end at once, whatever it waits for."""
        self._done.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _late(self) -> RemoteError:
        return self._error(f"has not answered within {self._seconds:.1f} seconds", status=504)

    def _error(self, what: str, *, status: int = 502) -> RemoteError:
        return RemoteError(self._call.endpoint, what, status=status)

    def _run(self) -> None:
        try:
            with closing(self._fetched()) as parts:
                self._body = b"".join(parts)
        except RemoteError as error:
            self._failure = error
        except TimeoutError:
            self._failure = self._late()
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
            self._failure = self._error(f"cannot be asked: {_first_line(str(error))}")
        except Exception as error:
            self._failure = self._error(f"gave what cannot be read as HTTP: {type(error).__name__}")
        finally:
            if self._socket is not None:
                self._socket.close()
            self._done.set()

    def _fetched(self) -> Generator[bytes, None, None]:
        end = time.monotonic() + self._seconds
        address = urlsplit(self._call.endpoint)
        timeout = min(self._seconds, _CONNECT)
        connection: HTTPConnection
        if address.scheme == "https":
            context = ssl.create_default_context()
            connection = HTTPSConnection(address.hostname or "", address.port, timeout=timeout, ssl_context=context)
        else:
            connection = HTTPConnection(address.hostname or "", address.port, timeout=timeout)
        try:
            connection.connect()
            self._socket = connection.sock
            assert self._socket is not None
            self._socket.settimeout(max(0.05, end - time.monotonic()))
            if self._done.is_set():
                return
            connection.request(
                "POST",
                address._replace(scheme="", netloc="", fragment="").geturl() or "/",
                body=urlencode({"query": f"BASE <{self._base}>\n{self._call.query}"}).encode(),
                headers={
                    "Accept": JSON.media_types[0],
                    "Accept-Encoding": "identity",
                    "Content-Type": "application/x-www-form-urlencoded",
                    "User-Agent": f"leedskg/{version('leedskg')}",
                },
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            try:
                yield from self._read(response)
            finally:
                response.close()
        finally:
            connection.close()

    def _read(self, response: urllib3.HTTPResponse) -> Iterator[bytes]:
        self._check(response)
        length = 0
        while chunk := response.read1(_CHUNK):
            length += len(chunk)
            if length > self._most_bytes:
                raise self._error(f"gave more than the {self._most_bytes // 2**20} MiB that an answer may have")
            yield chunk

    def _check(self, response: urllib3.HTTPResponse) -> None:
        if 300 <= response.status < 400:
            to = _first_line(response.headers.get("Location", "elsewhere"))
            raise self._error(f"sends to {to}, where nothing is asked: only addresses that are allowed are")
        if response.status != 200:
            said = _first_line((response.read1(4 * _SHOWN) or b"").decode("utf-8", "replace"))
            raise self._error(f"answered {response.status}" + (f": {said}" if said else ""))
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise self._error("compressed its answer, which it was asked not to do")

    def _as_values(self) -> str:
        try:
            said = read_json(self._body)
            names = [str(name) for name in said["head"]["vars"]]
            rows = list(said["results"]["bindings"])
            if not all(_VARIABLE.fullmatch(name) for name in names):
                raise ValueError
            order = {name: place for place, name in enumerate(self._call.variables)}
            names.sort(key=lambda name: order.get(name, len(order)))
            written = [f"({' '.join(self._term(row.get(name)) for name in names)})" for row in rows]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._error("gave what is not an answer to a SELECT in SPARQL's JSON") from None
        return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {' '.join(written)} }}"

    def _term(self, value: dict[str, Any] | None) -> str:
        if value is None:
            return "UNDEF"
        kind, text = value["type"], value["value"]
        if kind == "uri" and ":" in text:
            return str(ox.NamedNode(text))
        if kind in _LITERALS:
            language, datatype = value.get("xml:lang"), value.get("datatype")
            if language:
                return str(ox.Literal(text, language=language))
            return str(ox.Literal(text, datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(text))
        if kind == "bnode":
            raise UnusableAnswerError(
                self._call.endpoint,
                "gave blank nodes, which have no name to be joined by here; leave them out in the pattern, "
                "as by FILTER(!isBlank(?x)), or by a SELECT in it of what you need",
            )
        raise ValueError


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = "".join(each if each.isprintable() else " " for each in line)
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
