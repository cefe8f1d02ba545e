"""HTTP to one server: deadlines that hold for an exchange as a whole, answers of bounded size, no redirects.

A timeout of httpx is for one read or one write, so a server that sends a byte a second never reaches it. Here every
read and write of a connection is given what is left of the exchange's time, below httpx, in httpcore's network layer.
"""

from __future__ import annotations

import logging
import queue
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import httpcore
import httpx

from leedskg.errors import LimitReachedError, StoreDownError, StoreError

_log = logging.getLogger(__name__)

#: Seconds after which a connection that nobody used is not used again: servers close them at about ten.
_IDLE = 5.0
_PIECE = 65536
#: Bytes of an error's text that are read to tell what it is.
_TEXT = 4096


class OutOfTimeError(Exception):
    """The exchange was not over at its deadline."""


class Answer:
    """A whole answer: status, headers by their lower-case names, and the body in a file that is at its beginning."""

    def __init__(self, status: int, headers: Mapping[str, str], body: BinaryIO, length: int) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.length = length

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def text(self) -> str:
        """The beginning of the body, for telling what an error is."""
        self.body.seek(0)
        return self.body.read(_TEXT).decode("utf-8", "replace")

    def close(self) -> None:
        """Let go of the body."""
        self.body.close()


@dataclass
class _Clock(threading.local):
    """When the exchange of the present thread has to be over, by `time.monotonic`."""

    due: float = 0.0

    def left(self) -> float:
        left = self.due - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has come")
        return left


class _Stream(httpcore.NetworkStream):
    """A connection whose every step is given what is left of the time."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's signature
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - httpcore's signature
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None  # noqa: ARG002
    ) -> httpcore.NetworkStream:  # fmt: skip
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._clock.left()), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    def __init__(self, clock: _Clock) -> None:
        self._clock = clock
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("the name has no address")
        for address in _resolved(host, port, self._clock.left()):
            try:
                stream = self._backend.connect_tcp(address, port, self._clock.left(), local_address, socket_options)
                return _Stream(stream, self._clock)
            except httpcore.ConnectError as error:
                failed = error
        raise failed


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. In a thread of its own, for the system's resolver knows no deadline."""
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(each[4][0]) for each in known)))
        except OSError as error:
            found.put(error)

    threading.Thread(target=resolve, name="resolver", daemon=True).start()
    try:
        addresses = found.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout("the name was not resolved in time") from None
    if isinstance(addresses, OSError):
        raise httpcore.ConnectError(str(addresses))
    return addresses


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


class _Pool(httpx.BaseTransport):
    """httpx's way to the network: a pool of connections on our own network layer."""

    def __init__(self, clock: _Clock, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),  # the system's authorities, and SSL_CERT_FILE
            max_connections=connections,
            keepalive_expiry=_IDLE,
            network_backend=_Network(clock),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=cast("Iterable[bytes]", request.stream),
            extensions=request.extensions,
        )
        answered = self._pool.handle_request(asked)
        body = _Body(cast("Iterable[bytes]", answered.stream))
        return httpx.Response(answered.status, headers=answered.headers, stream=body, extensions=answered.extensions)

    def close(self) -> None:
        self._pool.close()


class Transport:
    """Exchanges with a server. May be used from any thread; at most `connections` at once."""

    def __init__(self, auth: httpx.Auth | None, connections: int) -> None:
        self._clock = _Clock()
        self._client = httpx.Client(
            transport=_Pool(self._clock, connections), auth=auth, trust_env=False, follow_redirects=False
        )

    def exchange(  # noqa: PLR0913 - these are the parts of an exchange
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        limit: int,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        form: Mapping[str, str | list[str]] | None = None,
        content: bytes | None = None,
        again: bool = False,
    ) -> Answer:
        """Send a request and read its answer whole, within `seconds` and up to `limit` bytes.

        With `again` it is sent a second time when the server closed the connection instead of answering, as one does
        that has been restarted. Raises OutOfTimeError, StoreDownError for a server that cannot be reached, StoreError
        for an answer that is no HTTP or breaks off, and LimitReachedError for one that is too long.
        """
        self._clock.due = time.monotonic() + seconds
        headers = {"Accept-Encoding": "identity"} | dict(headers or {})
        request = self._client.build_request(
            method, url, headers=headers, params=parameters, data=form, content=content, timeout=seconds
        )
        try:
            try:
                return self._send(request, limit)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                if not again:
                    raise
                return self._send(request, limit)
        except (httpcore.TimeoutException, httpx.TimeoutException):
            raise OutOfTimeError from None
        except (httpcore.RemoteProtocolError, httpx.ProtocolError, httpx.DecodingError) as error:
            _log.error("%s: %s", _shown(url), error)
            raise StoreError("the store's answer broke off, or is no HTTP") from None
        except (httpcore.NetworkError, httpcore.ConnectError, httpx.TransportError, ssl.SSLError) as error:
            _log.error("%s: %s", _shown(url), error)
            raise StoreDownError("the store cannot be reached") from None

    def _send(self, request: httpx.Request, limit: int) -> Answer:
        response = self._client.send(request, stream=True)
        body: BinaryIO = cast("BinaryIO", tempfile.SpooledTemporaryFile(_PIECE, prefix="leedskg-"))  # noqa: SIM115
        length = 0
        try:
            for piece in response.iter_bytes():
                length += len(piece)
                if length > limit:
                    raise LimitReachedError(
                        f"the result is larger than {max(1, limit // 2**20)} MiB, which is as large as one may be; "
                        "ask for less, or in parts with ORDER BY, LIMIT and OFFSET"
                    )
                body.write(piece)
        except OSError as error:
            body.close()
            _log.error("an answer of the store could not be kept: %s", error)
            raise LimitReachedError("the server has no room for a result of this size now") from None
        except BaseException:
            body.close()
            raise
        finally:
            response.close()
        body.seek(0)
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body, length)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


def _shown(url: str) -> str:
    """An address without what may be secret in it."""
    parts = httpx.URL(url)
    return str(parts.copy_with(userinfo=b"", query=None))
