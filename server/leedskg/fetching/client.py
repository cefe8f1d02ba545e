"""Asking a publisher's service politely: one request at a time, with pauses, and no second time for what is known."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import IO, Generic, TypeVar

import httpx

from leedskg.errors import FetchError, excerpt
from leedskg.fetching.services import PublisherService

T = TypeVar("T")

_MIB = 1024 * 1024
#: Redirections that one request follows, on the same host.
_MOST_REDIRECTIONS = 5
#: Seconds that a service may ask to wait before the run is given up instead.
MOST_WAIT = 300
_BUSY = frozenset([429, 500, 502, 503, 504])
#: How an answer may be packed. Once: what is packed again within is unpacked whole, and a few KiB may be many GiB.
_PACKINGS = frozenset(["", "identity", "gzip", "x-gzip"])
_CONDITIONS = frozenset(["If-None-Match", "If-Modified-Since"])


@dataclass(frozen=True)
class Validators:
    """By what a service tells whether an answer has changed."""

    etag: str = ""
    modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a conditional request says."""
        said = {"If-None-Match": self.etag, "If-Modified-Since": "" if self.etag else self.modified}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class ParsedResponse(Generic[T]):
    """What was made of an answer, and the validators to ask with the next time."""

    content: T
    validators: Validators


class MissingError(FetchError):
    """A service says that there is nothing at an address."""


class _BusyError(Exception):
    """A try that failed, and may not the next time: why, and how long the service asks to wait."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class PublisherClient:
    """Asks one service. `tell` is told of each wait."""

    def __init__(
        self, service: PublisherService, contact: str, tell: Callable[[str], None], sleep: Callable[[float], None]
    ) -> None:
        self._service, self._tell, self._sleep = service, tell, sleep
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell of each request
        self._client = httpx.Client(
            headers={
                "User-Agent": f"leedskg/{version('leedskg')} (+{contact})",
                "Accept-Encoding": "gzip",
                **service.headers,
            },
            timeout=service.timeout,
            follow_redirects=False,
        )
        self._last = -service.pause
        self.requests = 0

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def get(  # noqa: PLR0913 - what is asked for, how, and what is known of it
        self, url: str, take: Callable[[IO[bytes]], T], *, accept: str = "", params: Mapping[str, str] | None = None,
        known: Validators | None = None, markup: bool = False,
    ) -> ParsedResponse[T] | None:  # fmt: skip
        """Return what `take` makes of the answer; None where it is as it was when `known` came with it.

        `take` is called once for each try, and has to leave nothing behind when it fails. `markup` says that XML is
        expected. Raises FetchError, with a sentence that says what is wrong; MissingError for 404 and 410.
        """
        try:
            target = httpx.URL(url, params=params) if params else httpx.URL(url)
        except httpx.InvalidURL as error:
            raise FetchError(f"{excerpt(url, 200)} is no address ({error}). Nothing was imported.") from None
        headers = {"Accept": accept or self._service.accept, **(known or Validators()).headers}
        wait = self._service.backoff
        for left in reversed(range(self._service.tries)):
            try:
                with self._explained(target.host):
                    return self._once(target, headers, take, markup=markup)
            except _BusyError as error:
                pause = wait if error.wait is None else error.wait
                if not left or pause > MOST_WAIT:
                    asked = f" It asks to wait {pause:,.0f} seconds." if error.wait else ""
                    raise FetchError(
                        f"{error}.{asked} Nothing was imported. Run it again later: what was fetched is kept."
                    ) from None
                self._tell(f"{error}; asked again in {pause:,.0f} s")
                self._sleep(pause)
                wait *= 2
        raise AssertionError("the last try returns or raises")

    def _once(
        self, url: httpx.URL, headers: Mapping[str, str], take: Callable[[IO[bytes]], T], *, markup: bool
    ) -> ParsedResponse[T] | None:
        for _ in range(_MOST_REDIRECTIONS):
            self._wait_for_turn()
            with self._client.stream("GET", url, headers=headers) as response:
                self._last = time.monotonic()
                if response.has_redirect_location:
                    url = self._next(url, response)
                    continue
                if response.status_code == httpx.codes.NOT_MODIFIED and _CONDITIONS & headers.keys():
                    return None
                self._check(url, response)
                stream = io.BufferedReader(_Stream(response, self._service), 256 * 1024)
                self._check_form(url, response, stream, markup=markup)
                made = take(stream)
                stream.read()  # what is behind the last record counts too: an answer that breaks off there is none
                said = response.headers
                return ParsedResponse(made, Validators(said.get("ETag", ""), said.get("Last-Modified", "")))
        raise FetchError(f"{url.host} redirects in a circle, at {_shown(url)}. Nothing was imported.")

    def _wait_for_turn(self) -> None:
        left = self._last + self._service.pause - time.monotonic()
        if left > 0:
            self._sleep(left)
        self.requests += 1

    def _next(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        target = url.join(response.headers["Location"])
        if target.host != url.host or (url.scheme == "https" and target.scheme != "https"):
            raise FetchError(
                f"{url.host} redirects {_shown(url)} to another place, {_shown(target)}, which was not asked. If the "
                "publisher has moved, write its address into the file that LEEDSKG_FETCH_SERVICES names. Nothing was "
                "imported."
            )
        return target

    def _check(self, url: httpx.URL, response: httpx.Response) -> None:
        status, named = response.status_code, f"{response.status_code} {response.reason_phrase}".strip()
        if status in {404, 410}:
            raise MissingError(
                f"{url.host} has nothing at {_shown(url)} ({named}). If the publisher has moved it, write the address "
                "into the file that LEEDSKG_FETCH_SERVICES names. Nothing was imported."
            )
        if status in {401, 403, 407}:
            who = "The proxy" if status == 407 else url.host
            raise FetchError(f"{who} refuses this machine {_shown(url)} ({named}). Nothing was imported.")
        if status in _BUSY:
            raise _BusyError(f"{url.host} answers {named}", _retry_after(response.headers.get("Retry-After", "")))
        if status != httpx.codes.OK:
            raise FetchError(f"{url.host} answers {named} at {_shown(url)}. Nothing was imported.")
        if (packing := response.headers.get("Content-Encoding", "").strip().lower()) not in _PACKINGS:
            raise FetchError(
                f"{url.host} packs its answer as “{excerpt(packing)}”, which was not asked for, at {_shown(url)}. "
                "Nothing was imported."
            )

    @staticmethod
    def _check_form(
        url: httpx.URL, response: httpx.Response, stream: io.BufferedReader[_Stream], *, markup: bool
    ) -> None:
        start = stream.peek(512)[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
        page = start[:200].lower().startswith((b"<!doctype html", b"<html"))
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if page or kind == "text/html" or (start[:1] == b"<" and not markup):
            raise FetchError(
                f"{url.host} answers with a web page in place of data, at {_shown(url)}. A network that asks to sign "
                "in does this, and so does a service that is under repair. Nothing was imported."
            )
        if not start:
            raise _BusyError(f"{url.host} answers with nothing at {_shown(url)}")

    @contextmanager
    def _explained(self, host: str) -> Iterator[None]:
        """Raise ours in the place of the library's errors."""
        try:
            yield
        except httpx.ProxyError as error:
            raise FetchError(
                f"The proxy of this network does not let {host} be asked ({excerpt(str(error))}). HTTPS_PROXY names "
                "it. Nothing was imported."
            ) from None
        except httpx.TimeoutException:
            raise _BusyError(f"{host} does not answer in {self._service.timeout:,.0f} seconds") from None
        except (httpx.ProtocolError, httpx.ReadError, httpx.DecodingError):
            raise _BusyError(f"the answer of {host} broke off") from None
        except httpx.TransportError as error:
            raise _BusyError(
                f"{host} cannot be reached ({excerpt(str(error))}). Has this machine internet? Behind a proxy, set "
                "HTTPS_PROXY"
            ) from None


class _Stream(io.RawIOBase):
    """The bytes of an answer, unpacked, and no more of them than it may have."""

    def __init__(self, response: httpx.Response, service: PublisherService) -> None:
        self._chunks, self._held, self._size = response.iter_bytes(), b"", 0
        self._service, self._host, self._began = service, response.url.host, time.monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._held:
            self._held = next(self._chunks, b"")
            self._size += len(self._held)
            self._check()
        given = self._held[: len(buffer)]
        buffer[: len(given)] = given
        self._held = self._held[len(given) :]
        return len(given)

    def _check(self) -> None:
        if self._size > self._service.most_mib * _MIB:
            over, value = f"is larger than {self._service.most_mib:,} MiB", "most_mib"
        elif time.monotonic() - self._began > self._service.longest:
            over, value = f"takes longer than {self._service.longest:,.0f} seconds", "longest"
        else:
            return
        raise FetchError(
            f"The answer of {self._host} {over}. If it should, write {value} into the file that "
            "LEEDSKG_FETCH_SERVICES names. Nothing was imported."
        )


def _retry_after(said: str) -> float | None:
    """Return the seconds that a service asks to wait: it gives a number or a day with the time."""
    if said.isascii() and said.strip().isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _shown(url: httpx.URL) -> str:
    """Return an address as a sentence may show it."""
    return excerpt(str(url.copy_with(userinfo=b"")), 200)
