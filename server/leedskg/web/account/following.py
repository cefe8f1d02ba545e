"""What one follows: the button on the page of a thing, and the page that says what is new of all of them."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.accounts.follows import MOST, FollowKind
from leedskg.alerts.followed_queries import AnswerReader
from leedskg.alerts.news import NewsReader, count_new
from leedskg.alerts.targets import Targets
from leedskg.errors import AccountsClosedError, EntryError, RequestError
from leedskg.files import knowledge_root
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.api.parameters import DONE, reads
from leedskg.web.pages.presentation import href
from leedskg.web.serving.addresses import whole_address

blueprint = Blueprint("following", __name__, url_prefix="/account/following")
_own = needs("contribute", by_token=False)  # every role may contribute
_NO_LOG = (
    "This site publishes to a SPARQL server elsewhere and keeps no log of changes, so that nothing can be followed."
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
#: Characters of the number of what is followed.
_LONGEST_NUMBER = 15


@dataclass(frozen=True)
class FollowOffer:
    """What the button on a page does: it follows, or stops following what has a `number`."""

    kind: FollowKind
    address: str
    number: int = 0


def install(app: Flask) -> None:
    """Give templates what they show of following."""
    app.jinja_env.globals["follow_offer"] = follow_offer


def follow_offer(kind: str, address: str) -> FollowOffer | None:
    """Return the button for who is signed in; None where nothing can be followed: signed out, or in an old version."""
    if current.settings().store or current.version():
        return None
    visitor = security.visitor_or_nobody()
    if visitor.account is None or visitor.session is None:
        return None
    wanted = FollowKind(kind)
    followed = (each for each in security.accounts().follows.of(visitor.account) if each.kind is wanted)
    known = next((each.id for each in followed if each.address == address), 0)
    return FollowOffer(wanted, address, known)


def new_here() -> int:
    """Return how many of the things that whoever is signed in follows have something new, for the frame of a page."""
    settings, visitor = current.settings(), security.visitor_or_nobody()
    if visitor.account is None or settings.store or current.version():
        return 0
    try:
        follows = security.accounts().follows.of(visitor.account)
        published = current.reader().generation()
        return count_new(settings.namespaces, published, settings.state_path, _root(), follows) if follows else 0
    except (AccountsClosedError, sqlite3.Error):  # a page of the graph must not fail over what somebody follows
        return 0


@blueprint.get("")
@_own
@reads(DONE)
def page() -> str:
    """Show what one follows, and what is new of it since one has last seen it."""
    return _page()


def _page(secret: str = "", problem: EntryError | None = None, email: str = "") -> str:
    settings = current.settings()
    follows = security.accounts().follows.of(security.account())
    things = []
    view = None
    if follows and not settings.store:
        view = current.view()
        news = NewsReader(view, current.reader(), settings.state_path, _root())
        things = news.things(follows, lambda follow: follow.seen)
    return render_template(
        "accounts/following.html",
        things=sorted(things, key=lambda each: not each.items),
        new=sum(bool(each.items) for each in things),
        looked=[each.follow.id for each in things if not each.problem],
        moment=view.published.built_at if view else "",
        href=href,
        no_log=_NO_LOG if settings.store else "",
        most=MOST,
        done=request.args.get("done", ""),
        has_feed=security.accounts().addresses.has_feed(security.account()),
        feed=whole_address("alerts.feed", token=secret) if secret else "",
        sends_mail=bool(settings.smtp_host),
        mail=security.accounts().addresses.mail_of(security.account()),
        problem=problem,
        email=email,
    )


@blueprint.post("")
@_own
def follow() -> Response:
    """Follow an entity, a list or a saved query from now on."""
    settings = current.settings()
    if settings.store:
        raise NotFound(_NO_LOG)
    try:
        kind = FollowKind(request.form.get("kind", ""))
    except ValueError:
        raise RequestError("An entity, a list or a saved query can be followed, and this is none of them.") from None
    view = current.view()
    targets = Targets(view, _root())
    address = targets.checked(kind, request.form.get("of", ""))
    moment = view.published.built_at
    if kind is FollowKind.QUERY:
        query = targets.describe(kind, address).query
        # What is told later is compared with this; and a query that fails is refused here, with the reason.
        AnswerReader(current.reader(), settings.state_path).states(query, followed=True)
        moment = max(moment, current.reader().generation().built_at)
    security.accounts().follows.add(security.account(), kind, address, moment)
    return _back(request.form.get("next", ""))


@blueprint.post("/stop")
@_own
def stop() -> Response:
    """Follow something no more."""
    security.accounts().follows.remove(security.account(), _number(request.form.get("follow", "")))
    return _back(request.form.get("next", ""), "stopped")


@blueprint.post("/seen")
@_own
def see() -> Response:
    """Note that one has seen what was new when the page was made."""
    moment = request.form.get("moment", "")
    if not _MOMENT.fullmatch(moment):
        raise RequestError(
            "The form does not say up to when you have seen it. Load the page again and press the button."
        )
    numbers = [_number(each) for each in request.form.getlist("follow")]
    upto = min(moment, current.reader().generation().built_at)
    security.accounts().follows.see(security.account(), numbers, upto)
    return _back("", "seen")


@blueprint.post("/feed")
@_own
def make_feed() -> Response:
    """Give one's feed a new address, and show it this once."""
    return make_response(_page(security.accounts().addresses.make_feed(security.actor())))


@blueprint.post("/feed/end")
@_own
def end_feed() -> Response:
    """End one's feed."""
    security.accounts().addresses.end_feed(security.actor())
    return _back("", "feed")


@blueprint.post("/mail")
@_own
def set_mail() -> Response:
    """Set the address that one wants alerts at, or none."""
    email = request.form.get("email", "")
    if email and not current.settings().smtp_host:
        raise NotFound("This site sends no e-mail.")
    try:
        security.accounts().addresses.set_mail(security.actor(), email)
    except EntryError as error:
        return make_response(_page(problem=error, email=email), error.status)
    return _back("", "mail" if email.strip() else "no-mail")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0


def _back(onward: str, done: str = "") -> Response:
    """Go back to the page that the form stood on, or to the one of all that one follows, which says what was done."""
    response = redirect(security.local_path(onward) if onward else url_for("following.page", done=done), 303)
    assert isinstance(response, Response)
    return response


def _root() -> Path:
    return knowledge_root(current.settings().knowledge)
