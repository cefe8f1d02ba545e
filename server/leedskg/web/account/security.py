"""Who a request comes from, and what they may do: for every blueprint that changes something.

`needs("contribute")` before a view lets only those in who may; in it, `account()` is who they are. A request is known
by its session cookie or by an API token, never by both: with an `Authorization` header the cookie is not looked at.
Pages that show who is signed in are `private, no-store`; those for nobody in particular stay cacheable.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix

from leedskg.accounts import Accounts
from leedskg.accounts.audit import coarse_place
from leedskg.accounts.model import Account, Actor, Deed
from leedskg.accounts.sessions import Session
from leedskg.errors import AccountsClosedError, NotAllowedError, SignInNeededError
from leedskg.settings import Settings
from leedskg.sparql.protocol.negotiation import HTML, choose
from leedskg.web import current
from leedskg.web.account import cookies

_KEY = "leedskg.accounts"
#: What may stand in a query string as it came.
_AS_IT_IS = "%=&+/?:@!$'()*,;~[]"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visitor:
    """Who a request comes from; no account for most of them."""

    account: Account | None = None
    deeds: tuple[Deed, ...] = ()
    session: Session | None = None


def install(app: Flask, settings: Settings, accounts: Accounts) -> None:
    """Give an application its accounts. Must come before the parts that ask for them are used."""
    app.extensions[_KEY] = accounts
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.after_request(_keep_private)


def accounts() -> Accounts:
    """Return the accounts of this site."""
    found: Accounts = current_app.extensions[_KEY]
    return found


def visitor() -> Visitor:
    """Say who this request comes from. Raises SignInNeededError for a token that is none, and AccountsClosedError."""
    if "visitor" not in g:
        g.visitor = _by_token() if has_token() else _by_cookie()
        if g.visitor.account:
            g.personal = True
        g.shows_who = True
    found: Visitor = g.visitor
    return found


def visitor_or_nobody() -> Visitor:
    """Return the visitor, for pages that anybody may read: they must not fail over who reads them."""
    if has_token():
        return Visitor()
    try:
        return visitor()
    except AccountsClosedError as error:
        _log.error("everybody is signed out: %s", error)
        g.visitor = Visitor()
        return Visitor()


def account() -> Account:
    """Return the account of this request; in a view that `needs` one."""
    found = visitor().account
    if found is None:
        raise SignInNeededError("This needs an account.")
    return found


def actor() -> Actor:
    """Return who does what this request does, for the audit log."""
    return Actor(visitor().account, coarse_place(request.remote_addr))


def address() -> str:
    """Return what tries are counted by: the client's address, or its network of one household for IPv6."""
    try:
        found = ipaddress.ip_address((request.remote_addr or "").split("%")[0])
    except ValueError:
        return "unknown"
    return str(found if found.version == 4 else ipaddress.ip_network((found, 64), strict=False))


def can(deed: Deed) -> bool:
    """Return whether this request may do something: its account may, and its API token was given the right to."""
    return deed in visitor().deeds


def has_token() -> bool:
    """Return whether the request brings an API token, or what should be one."""
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def needs(deed: Deed, *, by_token: bool = True, counted: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Let a view be used only by accounts that may do this.

    A browser that is not signed in is sent to sign in, and comes back. With `by_token=False` an API token is not
    enough: for the pages of an account itself. With `counted` each request that changes something counts as a
    contribution.
    """

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:
            g.personal = True
            found = visitor()
            if found.account is None:
                return _to_sign_in()
            if not by_token and found.session is None:
                raise NotAllowedError("This is for a person in a browser; an API token cannot do it.")
            if deed not in found.deeds:
                raise NotAllowedError(_why_not(found, deed))
            if counted and request.method not in {"GET", "HEAD", "OPTIONS"}:
                accounts().rates.contribution(found.account.id)
            return view(*arguments, **named)

        return guarded

    return guard


def local_path(text: str) -> str:
    """Return the path on this site that `next` names, or that of the start page: nothing leads to another site.

    Browsers take a backslash for a slash and leave out tabs and line ends, so a text with any of those is none.
    """
    home = url_for("home.page")
    if len(text) > 2000 or not text.startswith("/") or text.startswith("//") or "\\" in text:
        return home
    if any(ord(character) <= 32 or ord(character) == 127 for character in text):
        return home
    try:
        parts = urlsplit(text)
    except ValueError:
        return home
    if parts.scheme or parts.netloc or parts.path.startswith((url_for("sign_in.page"), url_for("sign_in.out"))):
        return home
    return text


def here() -> str:
    """Return the address of this page, to come back to."""
    query = quote(request.query_string, safe=_AS_IT_IS)
    return local_path(quote(request.script_root + request.path, safe="/:@") + (f"?{query}" if query else ""))


def is_known() -> bool:
    """Return whether a request comes from an account, and count nothing. Raises AccountsClosedError."""
    return _found_token() is not None if has_token() else _by_cookie().account is not None


def _found_token() -> tuple[Account, tuple[Deed, ...]] | None:
    return accounts().tokens.find(request.headers["Authorization"][len("Bearer ") :].strip())


def _by_token() -> Visitor:
    found = _found_token()
    if found is None:
        accounts().rates.wrong_token(address())
        raise SignInNeededError("This API token is not one, was revoked, or has expired.")
    return Visitor(*found)


def _by_cookie() -> Visitor:
    secret = cookies.session()
    session = accounts().sessions.find(secret) if secret else None
    return Visitor(session.account, session.account.role.deeds, session) if session else Visitor()


def _why_not(found: Visitor, deed: Deed) -> str:
    assert found.account
    if found.account.may(deed):
        return f"This API token was not given the right to {deed}."
    return f"This needs an account that may {deed}; yours is that of a {found.account.role}."


def _is_browser() -> bool:
    return choose(request.headers.get("Accept"), ("text/plain", "application/json", HTML)) == HTML


def _to_sign_in() -> Response:
    if request.method not in {"GET", "HEAD"} or not _is_browser():
        raise SignInNeededError(
            "This needs an account. Sign in and try again; a program sends an API token as `Authorization: Bearer`."
        )
    target = url_for("sign_in.page", next=here())
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # A link on another site, such as web mail, comes without the cookie (SameSite=Strict). The next step is taken
        # from a page of our own, so that the cookie comes along for those who have one.
        return make_response(render_template("accounts/onward.html", target=target))
    response = redirect(target, 303)
    assert isinstance(response, Response)
    return response


def _keep_private(response: Response) -> Response:
    if "shows_who" in g or "personal" in g:
        response.vary.add("Cookie")
    if "personal" in g:
        response.headers["Cache-Control"] = "private, no-store"
        response.headers.pop("ETag", None)
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="leedskg"'
    cookies.send(response, current.settings())
    return response
