"""The pages of administrators: everybody's accounts, and the audit log."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from leedskg.accounts.audit import PAGE
from leedskg.accounts.links import LASTS
from leedskg.accounts.model import ROLE_WORDS, Account, Role
from leedskg.errors import EntryError
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.api.parameters import DONE, number, reads
from leedskg.web.serving.addresses import once_address, own_address

blueprint = Blueprint("administration", __name__, url_prefix="/accounts")
_ROLES = [(role.value, f"{role.value.capitalize()}: {words}") for role, words in ROLE_WORDS.items()]
_administrator = needs("administer", by_token=False)


@blueprint.get("")
@_administrator
def page() -> str:
    """Show everybody who has an account, and the form to add one."""
    return _list()


@blueprint.post("")
@_administrator
def add() -> Response:
    """Make an account, and show the link that its person gets in by."""
    entered = {name: request.form.get(name, "") for name in ("name", "sign_in_name", "role")}
    try:
        role = _role(entered["role"])
        account = security.accounts().people.add(security.actor(), entered["sign_in_name"], entered["name"], role)
    except EntryError as error:
        return make_response(_list(error, **entered), error.status)
    return make_response(_one(account, link=security.accounts().links.make(security.actor(), account)))


@blueprint.get("/<account_id>")
@_administrator
@reads(DONE)
def one(account_id: str) -> str:
    """Show one account, and what can be done with it."""
    return _one(_found(account_id), done=request.args.get("done", ""))


@blueprint.post("/<account_id>/role")
@_administrator
def change_role(account_id: str) -> Response:
    """Give an account another role."""
    account = _found(account_id)
    try:
        security.accounts().people.change_role(security.actor(), account, _role(request.form.get("role", "")))
    except EntryError as error:
        return make_response(_one(account, problem=error), error.status)
    return _done(account, "role")


@blueprint.post("/<account_id>/disable")
@_administrator
def disable(account_id: str) -> Response:
    """Shut an account."""
    account = _found(account_id)
    try:
        security.accounts().people.disable(security.actor(), account)
    except EntryError as error:
        return make_response(_one(account, problem=error), error.status)
    return _done(account, "disabled")


@blueprint.post("/<account_id>/enable")
@_administrator
def enable(account_id: str) -> Response:
    """Open a disabled account again."""
    account = _found(account_id)
    security.accounts().people.enable(security.actor(), account)
    return _done(account, "enabled")


@blueprint.post("/<account_id>/link")
@_administrator
def make_link(account_id: str) -> Response:
    """Make a one-time link for an account, and show it this once."""
    account = _found(account_id)
    return make_response(_one(account, link=security.accounts().links.make(security.actor(), account)))


@blueprint.get("/audit")
@_administrator
@reads(number("before", "The number of an entry: those before it."))
def audit() -> str:
    """Show the audit log, the latest first."""
    text = request.args.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    entries = security.accounts().audit.entries(before, PAGE + 1)
    return render_template(
        "accounts/audit.html",
        entries=entries[:PAGE],
        earlier=url_for("administration.audit", before=entries[PAGE - 1].number) if len(entries) > PAGE else "",
        latest=url_for("administration.audit") if before is not None else "",
    )


def _list(problem: EntryError | None = None, name: str = "", sign_in_name: str = "", role: str = "contributor") -> str:
    return render_template(
        "accounts/accounts.html",
        accounts=security.accounts().people.everyone(),
        roles=_ROLES,
        problem=problem,
        entered={"name": name, "sign_in_name": sign_in_name, "role": role},
    )


def _one(account: Account, *, link: str = "", done: str = "", problem: EntryError | None = None) -> str:
    address = once_address(own_address(), link) if link else ""
    return render_template(
        "accounts/one.html",
        account=security.accounts().people.find(account.id),
        roles=_ROLES,
        link=address,
        hours=LASTS.total_seconds() / 3600,
        done=done,
        problem=problem,
    )


def _found(account_id: str) -> Account:
    account = security.accounts().people.find(account_id)
    if account is None:
        abort(404, "There is no such account.")
    return account


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise EntryError("role", "Choose a role") from None


def _done(account: Account, what: str) -> Response:
    response = redirect(url_for("administration.one", account_id=account.id, done=what), 303)
    assert isinstance(response, Response)
    return response
