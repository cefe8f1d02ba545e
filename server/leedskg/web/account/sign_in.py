"""Signing in and out: by password, or by a one-time link."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from leedskg.accounts.model import Account
from leedskg.accounts.sessions import browser_in_words
from leedskg.errors import EntryError, NotAllowedError
from leedskg.web.account import cookies, security
from leedskg.web.api.parameters import query, reads

blueprint = Blueprint("sign_in", __name__, url_prefix="/sign-in")


@blueprint.get("")
@reads(query("next", "The page of this site to go on to."))
def page() -> Response:
    """Show the form to sign in; a person who is signed in is sent on."""
    onward = security.local_path(request.args.get("next", "") or _page_before())
    g.personal = True
    if security.visitor().account:
        return _go(onward)
    return make_response(_form(onward))


@blueprint.post("")
def enter() -> Response:
    """Sign in by password. What is wrong is never told apart."""
    g.personal = True
    onward = security.local_path(request.form.get("next", ""))
    name, password = request.form.get("sign_in_name", ""), request.form.get("password", "")
    try:
        account = security.accounts().signed_in_by_password(
            name, password, address=security.address(), place=security.actor().place, browser=cookies.known()
        )
    except NotAllowedError as error:
        return make_response(_form(onward, name[:200], EntryError("sign_in_name", str(error))), 400)
    _start(account, by_link=False)
    return _go(onward)


@blueprint.get("/once")
@reads(query("token", "The secret of the one-time link."))
def once() -> Response:
    """Show what a one-time link opens: a button. Looking at the link does not spend it."""
    g.personal = True
    token = request.args.get("token", "")
    link = security.accounts().links.find(token)
    response = make_response(render_template("accounts/once.html", token=token, account=link.account))
    response.headers["Referrer-Policy"] = "strict-origin"  # the address has the token in it
    return response


@blueprint.post("/once")
def enter_once() -> Response:
    """Sign in by a one-time link, which is spent by that."""
    g.personal = True
    try:
        account = security.accounts().links.spend(security.actor(), request.form.get("token", ""))
    except NotAllowedError:
        security.accounts().rates.wrong_link(security.address())
        raise
    _start(account, by_link=True)
    return _go(url_for("account.page"))


@blueprint.post("/out")
def out() -> Response:
    """Sign out, here or in every browser."""
    g.personal = True
    session = security.visitor().session
    if session and request.form.get("everywhere"):
        security.accounts().sessions.end_all(security.actor())
    elif session:
        security.accounts().sessions.end(security.actor(), session.key)
    cookies.end_session()
    return _go(url_for("home.page"))


def _page_before() -> str:
    """Return the page of this site whose link was followed, so that one comes back to it."""
    before = request.referrer or ""
    return before[len(request.host_url) - 1 :] if before.startswith(request.host_url) else ""


def _start(account: Account, *, by_link: bool) -> None:
    """Start a session with a new id at every sign-in: one that somebody has planted is worth nothing."""
    browser = browser_in_words(request.headers.get("User-Agent", ""))
    secret = security.accounts().sessions.start(
        security.actor(), account, browser=browser, by_link=by_link, old=cookies.session()
    )
    cookies.start_session(secret, security.accounts().known_browser(account))


def _form(onward: str, name: str = "", problem: EntryError | None = None) -> str:
    has_accounts = bool(security.accounts().people.everyone())
    return render_template(
        "accounts/sign_in.html", onward=onward, name=name, problem=problem, has_accounts=has_accounts
    )


def _go(target: str) -> Response:
    response = redirect(target, 303)
    assert isinstance(response, Response)
    return response
