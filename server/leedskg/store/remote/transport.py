"""HTTP to one server: deadlines that hold for an exchange as a whole, answers of bounded size, no redirects."""

from __future__ import annotations

import logging
import ssl
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, cast

import httpcore
import httpx

from leedskg.errors import LimitReachedError, StoreDownError, StoreError
from leedskg.store.remote.network import Clock, Network, Stop

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

    def __init__(self, clock: Clock, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),  # the system's authorities, and SSL_CERT_FILE
            max_connections=connections,
            keepalive_expiry=_IDLE,
            network_backend=Network(clock),
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
        self._clock = Clock()
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
        except RuntimeError:
            if not self._client.is_closed:
                raise
            raise LimitReachedError("the server is shutting down") from None
        except (httpcore.NetworkError, httpcore.ConnectError, httpx.TransportError, ssl.SSLError) as error:
            _log.error("%s: %s", _shown(url), error)
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise StoreError("the store's certificate is not trusted; SSL_CERT_FILE names who to trust") from None
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

    @contextmanager
    def stoppable(self) -> Iterator[Stop]:
        """What ends the exchanges of this thread, for as long as the block lasts; they raise OutOfTimeError then."""
        self._clock.stop = Stop()
        try:
            yield self._clock.stop
        finally:
            self._clock.stop = None

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


def _shown(url: str) -> str:
    """An address without what may be secret in it."""
    parts = httpx.URL(url)
    return str(parts.copy_with(userinfo=b"", query=None))
