"""The SPARQL server as the rest of the program asks it: queries, updates and graphs, each with its deadline."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from leedskg.errors import LimitReachedError, QueryRefusedError, StoreDownError, StoreError
from leedskg.settings import SettingError, Settings
from leedskg.store.remote.products import CANNOT, PRODUCTS, Product, product_named, product_that_says
from leedskg.store.remote.transport import OutOfTimeError, RemoteResponse, Transport

_log = logging.getLogger(__name__)

TABLE = "application/sparql-results+json"
TURTLE = "text/turtle"
#: What those may be called in an answer.
_TABLES = frozenset({TABLE, "application/json"})
_GRAPHS = frozenset({"application/n-triples", "text/plain", TURTLE})
#: An IRI that names no graph. A dataset without default or named graphs has it in their place, for some servers take
#: an empty list to mean every graph they have.
NO_GRAPH = "urn:x-leedskg:no-graph"
#: Seconds that the engine is given to say itself that the time is over.
_SLACK = 0.3
#: Seconds that asking which product it is may take, and a change.
_ASKING = 5.0
CHANGE = 120.0
_KIB = 2**10


@dataclass(frozen=True)
class Address:
    """Where a server answers queries, takes updates and keeps graphs; and how one signs in."""

    base: str
    user: str = ""
    password: str = ""

    @property
    def shown(self) -> str:
        """The address for a person to read; nothing secret is in it."""
        return self.base

    def below(self, path: str) -> str:
        """Return an address below this one."""
        return f"{self.base.rstrip('/')}/{path}" if path else self.base.rstrip("/")


def read_address(settings: Settings) -> Address:
    """Read the address in the settings, and the credentials from there or from the address itself.

    Raises SettingError for what is no address.
    """
    parts = urlsplit(settings.store)
    try:
        port, is_sound = parts.port, True
    except ValueError:
        port, is_sound = None, False
    is_sound = is_sound and parts.scheme in {"http", "https"} and not parts.query and not parts.fragment
    if not is_sound or not parts.hostname:
        raise SettingError("the store's address has to be http://… or https://…, as docs/another-store.md shows it")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = host if port is None else f"{host}:{port}"
    return Address(
        urlunsplit((parts.scheme, place, parts.path, "", "")),
        settings.store_user or unquote(parts.username or ""),
        settings.store_password or unquote(parts.password or ""),
    )


def connect(settings: Settings) -> Server:
    """Connect to the server of the settings. Asks it which product it is, unless they say.

    Raises SettingError for settings that cannot be used, StoreDownError and StoreError for a server that cannot.
    """
    address = read_address(settings)
    names = ", ".join(each.name for each in PRODUCTS)
    if settings.store_kind:
        product = product_named(settings.store_kind)
        if product is None:
            raise SettingError(f"LEEDSKG_STORE_KIND has to be one of {names}, not {settings.store_kind!r}")
    else:
        product = _recognised(address)
        if product is None:
            raise SettingError(f"{address.shown} does not say what it is; set LEEDSKG_STORE_KIND to one of {names}")
    return Server(settings, address, product)


def _recognised(address: Address) -> Product | None:
    transport = Transport()
    try:
        answer = transport.exchange("GET", address.below("") + "/", seconds=_ASKING, limit=16 * 2**20, again=True)
        answer.close()
        return product_that_says(answer.headers.get("server", ""))
    except OutOfTimeError:
        raise StoreDownError(f"{address.shown} does not answer: nothing came within {_ASKING:g} seconds") from None
    except StoreDownError:
        raise StoreDownError(f"{address.shown} cannot be reached; is the server running there?") from None
    except LimitReachedError:
        return None
    finally:
        transport.close()


class Server:
    """A SPARQL server. Every method may be called from any thread."""

    def __init__(self, settings: Settings, address: Address, product: Product) -> None:
        self.product = product
        self.address = address
        self._query = settings.store_query or address.below(product.query)
        self._update = settings.store_update or address.below(product.update)
        self._graphs = settings.store_graphs or address.below(product.graphs)
        self._limit = settings.result_limit * 2**20
        self._transport = Transport(_sign_in(address, product))

    def be_heard(self, *, is_heard: bool) -> None:
        """Say in the log what the server does wrong, or not any more."""
        self._transport.level = logging.ERROR if is_heard else logging.DEBUG

    def query(
        self, text: str, *, default: Sequence[str], named: Sequence[str], graph: bool, seconds: float
    ) -> RemoteResponse:
        """Send a query on a dataset; the answer is a table in JSON, or with `graph` a graph in N-Triples or Turtle.

        Raises OutOfTimeError at the deadline, LimitReachedError and QueryRefusedError for what the engine will not
        do, StoreDownError, and StoreError for an answer that is none.
        """
        form: dict[str, str | list[str]] = {
            "query": text,
            "default-graph-uri": list(default) or [NO_GRAPH],
            "named-graph-uri": list(named) or [NO_GRAPH],
        }
        if self.product.timeout_parameter:
            form[self.product.timeout_parameter] = self.product.timeout_value(seconds)
        accept = self.product.graph_types if graph else TABLE
        answer = self._transport.exchange(
            "POST", self._query, seconds=seconds + _SLACK, limit=self._limit,
            headers={"Accept": accept}, form=form, again=True,
        )  # fmt: skip
        return self._checked(answer, _GRAPHS if graph else _TABLES)

    def rows(self, text: str, graph: str, seconds: float = _ASKING) -> list[dict[str, str]]:
        """Return the rows of a query of our own on one graph, as texts. Raises what `query` raises."""
        try:
            with self.query(text, default=(graph,), named=(), graph=False, seconds=seconds) as answer:
                body = answer.whole()
        except OutOfTimeError:
            raise StoreDownError(f"the store did not answer within {seconds:g} seconds") from None
        try:
            found: dict[str, Any] = json.loads(body)
            return [{name: str(v["value"]) for name, v in row.items()} for row in found["results"]["bindings"]]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StoreError("the store's answer to a query is no result of one") from None

    def update(self, text: str) -> None:
        """Do an update. Raises StoreDownError, and StoreError when it is not done."""
        self._change("POST", self._update, form={"update": text})

    def write_graph(self, name: str, triples: bytes, *, replace: bool) -> None:
        """Put N-Triples into a graph, in the place of what it held or beside it. Raises as `update` does."""
        self._change(
            "PUT" if replace else "POST", self._graphs, parameters={self.product.graph_parameter: name},
            headers={"Content-Type": self.product.upload_type}, content=triples,
        )  # fmt: skip

    def read_graph(self, name: str, seconds: float) -> RemoteResponse:
        """Read a graph, in N-Triples or Turtle. Raises as `query` does."""
        answer = self._transport.exchange(
            "GET", self._graphs, seconds=seconds + _SLACK, limit=self._limit,
            parameters={self.product.graph_parameter: name}, headers={"Accept": self.product.graph_types},
            again=True,
        )  # fmt: skip
        return self._checked(answer, _GRAPHS)

    def _change(self, method: str, url: str, **parts: Any) -> None:
        try:
            answer = self._transport.exchange(method, url, seconds=CHANGE, limit=_KIB * _KIB, **parts)
            with self._checked(answer, None):
                answer.whole()
        except OutOfTimeError:
            raise StoreDownError(f"the store did not confirm a change within {CHANGE:g} seconds") from None

    def _checked(self, answer: RemoteResponse, wanted: frozenset[str] | None) -> RemoteResponse:
        """Return the answer, if it is one."""
        try:
            self._check(answer, wanted)
        except BaseException:
            answer.close()
            raise
        return answer

    def _check(self, answer: RemoteResponse, wanted: frozenset[str] | None) -> None:
        status = answer.status
        if "x-sql-state" in answer.headers:  # Virtuoso: what it had found when the time was over
            raise OutOfTimeError
        if "x-sparql-maxrows" in answer.headers:
            most = answer.headers["x-sparql-maxrows"]
            raise LimitReachedError(f"the store gives no more than {most} rows; ask for less, or in parts with LIMIT")
        if 200 <= status < 300:
            if wanted is not None and answer.media_type not in wanted:
                kind = answer.media_type or "something of no type"
                _log.log(self._transport.level, "%s answers with %s: %s", self.address.shown, kind, answer.text()[:200])
                raise StoreError(f"the store answers with {kind}, and not with a result of a query")
            return
        text = answer.text()
        _log.log(
            self._transport.level,
            "%s answers with status %d: %s",
            self.address.shown,
            status,
            " ".join(text.split())[:300],
        )
        raise self.product.explain(text) or _meaning(status, text, is_query=wanted is not None)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()


def _meaning(status: int, text: str, *, is_query: bool) -> Exception:
    """Say what a status that is no success means."""
    if 300 <= status < 400:
        return StoreError("the store sends us on to another address, which is not followed; give that address")
    if status in {401, 403} or "SR186:SECURITY" in text:
        return StoreError("the store does not let us in; see to LEEDSKG_STORE_USER and LEEDSKG_STORE_PASSWORD")
    if status == 400 and is_query:
        return QueryRefusedError(CANNOT)
    if status in {408, 504}:
        return OutOfTimeError()
    if status in {429, 503}:
        return StoreDownError(f"the store is busy or not ready (status {status})")
    return StoreError(f"the store could not do what it was asked (status {status})")


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _sign_in(address: Address, product: Product) -> httpx.Auth | None:
    if not address.password:
        return None
    if product.sign_in == "bearer":
        return _Bearer(address.password)
    if product.sign_in == "digest":
        return httpx.DigestAuth(address.user, address.password)
    return httpx.BasicAuth(address.user, address.password)
