"""What is followed, told outside of the site: a feed whose address holds a secret, and the links in messages.

None of them needs a sign-in. The links in messages take a POST from anywhere: what they hold is signed, and a mail
program presses the one that stops the messages by itself (RFC 8058).
"""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request
from werkzeug.exceptions import NotFound

from leedskg.alerts.news import FollowedThing, NewsItem, NewsReader
from leedskg.files import knowledge_root
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.api import atom
from leedskg.web.api.parameters import query, reads
from leedskg.web.serving.addresses import own_address, whole_address
from leedskg.web.site import NAME

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")
links = Blueprint("alert_links", __name__, url_prefix="/alerts")
_TOKEN = query("token", "What the link in a message holds.")
#: Entries of the feed, and changes of one thing among them.
_FEED, _OF_ONE = 50, 20


@blueprint.get("/feed.atom")
@reads(query("token", "The secret of the feed, from the page of what one follows."))
def feed() -> Response:
    """Give what is new of all that somebody follows as a feed, to who has its address."""
    secret = request.args.get("token", "")
    account = security.accounts().addresses.feed_of(secret)
    settings = current.settings()
    if account is None or settings.store:
        raise NotFound("No feed has this address. “What you follow” gives a new one to who is signed in.")
    g.personal = True
    view = current.view()
    news = NewsReader(view, current.reader(), settings.state_path, knowledge_root(settings.knowledge))
    things = news.things(security.accounts().follows.of(account), lambda follow: follow.made, most=_OF_ONE)
    entries = [_entry(thing, item) for thing in things for item in thing.items]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return atom.feed(
        whole_address("alerts.feed", token=secret),
        whole_address("following.page"),
        f"What you follow in the {NAME}",
        view.published.built_at,
        entries[:_FEED],
    )


def _entry(thing: FollowedThing, item: NewsItem) -> atom.FeedEntry:
    address = own_address().removesuffix("/") + request.script_root + thing.target.path
    href = whole_address("changes.event", name=item.id) if item.published else address
    more = ["and more"] if item.more > 0 else []
    return atom.FeedEntry(
        f"{whole_address('changes.event', name=item.id)}#follow-{thing.follow.id}",
        f"{thing.target.name}: {item.title}",
        item.at,
        href,
        [*(line.text for line in item.lines), *more],
    )


@links.route("/confirm", methods=("GET", "POST"))
@reads(_TOKEN)
def confirm() -> str:
    """Begin alerts to the address that a message was sent to, once its owner presses the button."""
    return _followed("confirm")


@links.route("/stop", methods=("GET", "POST"))
@reads(_TOKEN)
def stop() -> str:
    """End alerts to the address that a message was sent to, once its owner or their mail program says so."""
    return _followed("stop")


def _followed(what: str) -> str:
    link, addresses = request.args.get("token", ""), security.accounts().addresses
    g.personal = True
    if request.method != "POST":
        known, done = addresses.knows(link, what), False
    elif what == "stop":
        known, done = addresses.stop(link), True
    else:
        known, done = addresses.confirm(link, current.reader().generation().built_at), True
    if not known:
        raise NotFound("This link is not one of ours, or the address that it was sent to is not set any more.")
    return render_template("accounts/alert_link.html", what=what, done=done, link=link)
