"""The page of one's own account: names, password, where one is signed in, and API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from leedskg.accounts import passwords
from leedskg.accounts.sessions import browser_in_words
from leedskg.accounts.tokens import SCOPES
from leedskg.errors import EntryError, NotAllowedError
from leedskg.web import current
from leedskg.web.account import cookies, security
from leedskg.web.account.security import needs
from leedskg.web.api.parameters import DONE, reads

blueprint = Blueprint("account", __name__, url_prefix="/account")
_own = needs("contribute", by_token=False)  # every role may contribute


@blueprint.get("")
@_own
@reads(DONE)
def page() -> str:
    """Show all about one's own account."""
    return _page()


@blueprint.post("/names")
@_own
def rename() -> Response:
    """Change one's name and sign-in name."""
    name, sign_in_name = request.form.get("name", ""), request.form.get("sign_in_name", "")
    try:
        security.accounts().people.rename(security.actor(), security.account(), sign_in_name, name)
    except EntryError as error:
        return _again(error, name=name, sign_in_name=sign_in_name)
    return _done("names")


@blueprint.post("/password")
@_own
def set_password() -> Response:
    """Set a password; every other browser is signed out, and this one gets a new session."""
    account, entered = security.account(), request.form
    try:
        _check_password(entered.get("current_password", ""))
        if entered.get("new_password", "") != entered.get("new_password_again", ""):
            passwords.checked_password(entered.get("new_password", ""), account.name, account.sign_in_name)
            raise EntryError("new_password_again", "The two passwords are not the same")
        security.accounts().people.set_password(security.actor(), account, entered.get("new_password", ""))
    except EntryError as error:
        return _again(error)
    browser = browser_in_words(request.headers.get("User-Agent", ""))
    secret = security.accounts().sessions.start(security.actor(), account, browser=browser)
    cookies.start_session(secret, security.accounts().known_browser(account))
    return _done("password")


def _check_password(entered: str) -> None:
    """Ask for the password that there is, unless a one-time link has just been used: a stolen screen is not enough."""
    session, account = security.visitor().session, security.account()
    if not account.has_password or (session and session.fresh_link):
        return
    try:
        security.accounts().signed_in_by_password(
            account.sign_in_name, entered, address=security.address(), place=security.actor().place
        )
    except NotAllowedError:
        raise EntryError("current_password", "This is not your password") from None


@blueprint.post("/sessions/end")
@_own
def end_session() -> Response:
    """Sign one's account out in another browser."""
    security.accounts().sessions.end(security.actor(), request.form.get("session", ""))
    return _done("sessions")


@blueprint.post("/tokens")
@_own
def make_token() -> Response:
    """Make an API token, and show it this once."""
    entered = {name: request.form.get(name, "") for name in ("token_name", "token_days")}
    deeds = request.form.getlist("token_deeds")
    try:
        secret = security.accounts().tokens.make(security.actor(), entered["token_name"], deeds, entered["token_days"])
    except EntryError as error:
        return _again(error, **entered, token_deeds=deeds)
    return make_response(_page(secret=secret))


@blueprint.post("/tokens/revoke")
@_own
def revoke_token() -> Response:
    """Revoke an API token."""
    security.accounts().tokens.revoke(security.actor(), request.form.get("token", ""))
    return _done("tokens")


def _page(problem: EntryError | None = None, secret: str = "", **entered: Any) -> str:
    session, account = security.visitor().session, security.account()
    assert session
    return render_template(
        "accounts/account.html",
        account=account,
        session=session,
        sessions=security.accounts().sessions.of(account),
        tokens=security.accounts().tokens.of(account),
        scopes=[deed for deed in SCOPES if account.may(deed)],
        asks_password=account.has_password and not session.fresh_link,
        shortest=passwords.SHORTEST,
        idle=current.settings().session_idle,
        life=current.settings().session_life,
        single_steward=current.settings().single_steward,
        done=request.args.get("done", ""),
        problem=problem,
        secret=secret,
        entered={"name": account.name, "sign_in_name": account.sign_in_name, "token_name": "", "token_days": "90"}
        | {"token_deeds": ["contribute"]}
        | entered,
    )


def _again(error: EntryError, **entered: Any) -> Response:
    return make_response(_page(error, **entered), error.status)


def _done(what: str) -> Response:
    response = redirect(url_for("account.page", done=what), 303)
    assert isinstance(response, Response)
    return response


def moment(text: str) -> str:
    """Give a kept moment in words: `21 November 2026, 14:05 UTC`."""
    found = datetime.fromisoformat(text)
    return f"{found.day} {found:%B %Y, %H:%M} UTC"


@blueprint.record_once
def _give_templates_their_words(state: BlueprintSetupState) -> None:
    state.app.jinja_env.filters["moment"] = moment
