"""HTTP to one server: answers that are read as they come, of bounded size; no redirects."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import httpx

from leedskg.errors import LimitReachedError, StoreDownError, StoreError

_log = logging.getLogger(__name__)

#: Seconds after which a connection that nobody used is not used again: servers close them at about ten.
_IDLE = 5.0
#: Bytes of an error's text that are read to tell what it is.
_TEXT = 4096


class OutOfTimeError(Exception):
    """The exchange was not over at its deadline."""


class RemoteResponse:
    """An answer whose body is still to be read: status, headers by their lower-case names, and its bytes, in order.

    Reading raises what `Transport.exchange` raises, and `failure` keeps it.
    """

    def __init__(self, response: httpx.Response, limit: int, due: float, level: int) -> None:
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self.failure: Exception | None = None
        self._response = response
        self._pieces = response.iter_bytes()
        self._held = b""
        self._length = 0
        self._limit = limit
        self._due = due
        self._level = level

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def read(self, most: int) -> bytes:
        """Return so many bytes at most of what follows, as soon as there are any; none at the end."""
        if not self._held:
            try:
                with _explained(self._response.request, self._level):
                    self._held = self._piece()
            except Exception as error:
                self.failure = error
                raise
        piece, self._held = self._held[:most], self._held[most:]
        return piece

    def _piece(self) -> bytes:
        piece = next(filter(None, self._pieces), b"")
        self._length += len(piece)
        if time.monotonic() > self._due:
            raise OutOfTimeError
        if self._length > self._limit:
            raise LimitReachedError(
                f"the result is larger than {max(1, self._limit // 2**20)} MiB, which is as large as one may be; "
                "ask for less, or in parts with ORDER BY, LIMIT and OFFSET"
            )
        return piece

    def whole(self, most: int | None = None) -> bytes:
        """Read the body to its end, or no more than so many bytes of it."""
        read = b""
        while (most is None or len(read) < most) and (piece := self.read(most or self._limit)):
            read += piece
        return read

    def text(self) -> str:
        """Return the beginning of the body, for telling what an error is."""
        return self.whole(_TEXT).decode("utf-8", "replace")

    def close(self) -> None:
        """Read no more. The connection is used again if the body was read to its end."""
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Transport:
    """Exchanges with a server. May be used from any thread."""

    def __init__(self, auth: httpx.Auth | None = None) -> None:
        #: How important it is to the log that the server fails.
        self.level = logging.ERROR
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of each request, and there is one a second
        self._client = httpx.Client(
            auth=auth,
            trust_env=False,
            follow_redirects=False,
            verify=ssl.create_default_context(),  # the system's authorities, and SSL_CERT_FILE
            limits=httpx.Limits(keepalive_expiry=_IDLE),
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
    ) -> RemoteResponse:
        """Send a request and return its answer, of up to `limit` bytes. Each step may take `seconds`, and the body too.

        With `again` it is sent a second time when the server closed the connection instead of answering, as one does
        that has been restarted. Raises OutOfTimeError, StoreDownError for a server that cannot be reached, StoreError
        for an answer that is no HTTP or breaks off, and LimitReachedError for one that is too long.
        """
        due = time.monotonic() + seconds
        headers = {"Accept-Encoding": "identity"} | dict(headers or {})
        request = self._client.build_request(
            method, url, headers=headers, params=parameters, data=form, content=content, timeout=seconds
        )
        with _explained(request, self.level):
            try:
                response = self._client.send(request, stream=True)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if not again:
                    raise
                response = self._client.send(request, stream=True)
        return RemoteResponse(response, limit, due, self.level)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


@contextmanager
def _explained(request: httpx.Request, level: int) -> Iterator[None]:
    """Raise our errors in the place of the library's."""
    try:
        yield
    except httpx.TimeoutException:
        raise OutOfTimeError from None
    except (httpx.ProtocolError, httpx.DecodingError) as error:
        _log.log(level, "%s: %s", _shown(request.url), error)
        raise StoreError("the store's answer broke off, or is no HTTP") from None
    except (httpx.TransportError, ssl.SSLError) as error:
        _log.log(level, "%s: %s", _shown(request.url), error)
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise StoreError("the store's certificate is not trusted; SSL_CERT_FILE names who to trust") from None
        raise StoreDownError("the store cannot be reached") from None


def _shown(url: httpx.URL) -> str:
    """Return an address without what may be secret in it."""
    return str(url.copy_with(userinfo=b"", query=None))
