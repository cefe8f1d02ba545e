"""What every page of the site says about the site: its name, its navigation and the graph that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from flask import g, request, url_for
from markupsafe import Markup

from leedskg.errors import AccountsClosedError, KnowledgeError, LeedskgError
from leedskg.releases import Version
from leedskg.web import current
from leedskg.web.account import form_tokens, security
from leedskg.web.account.following import new_here
from leedskg.web.contributing.contribution_views import waiting
from leedskg.web.serving.outgoing import OF_THE_GRAPH

NAME = "Leeds Health Innovation Knowledge Graph"
SHORT_NAME = "leedskg"
#: The parts of the site whose pages are the same for everyone who may see them, so that a link is worth copying.
_SHARED = OF_THE_GRAPH | {"histories", "annotated_document"}


@dataclass(frozen=True)
class NavigationEntry:
    """An entry of the navigation; `current` where the reader is in it."""

    label: str
    href: str
    current: bool = False
    #: How much waits there for whoever is signed in.
    waiting: int = 0


@dataclass(frozen=True)
class Site:
    """The frame around a page. Addresses come from Flask's `url_for`, so that the site can live under a prefix."""

    home: str
    search: str
    navigation: tuple[NavigationEntry, ...]
    #: The day the graph was built.
    generated: date | None = None
    licence: str = ""
    licence_href: str = ""
    report_href: str = ""
    #: Where readers report errors, as a link, and in words; nothing where this site names no address.
    report_to_href: str = ""
    report_to: str = ""
    #: Whether the page has an address that shows the same to a colleague: no form that was sent, no secret in it.
    can_be_shared: bool = False
    #: The version that is shown, and the address of the same page as it is now; nothing for what is published now.
    version: str = ""
    version_href: str = ""
    now_href: str = ""
    changes_href: str = ""
    versions_href: str = ""
    name: str = NAME
    short_name: str = SHORT_NAME


def frame() -> Site:
    """Return the frame of the page that is being shown."""
    published = current.reader().generation()
    version = current.version()
    built_on = date.fromisoformat(version.date) if version else datetime.fromisoformat(published.built_at).date()
    places = (
        ("Who connects whom", "routes.page"),
        ("Who can help", "support.page"),
        ("Who matters", "analysis.page"),
        ("Pictures", "pictures.page"),
        ("Figures", "figures.page"),
        ("Query (SPARQL)", "query.page"),
        ("Contribute", "contribute.page"),
        ("Help", "home.help_page"),
    )
    return Site(
        home=url_for("home.page"),
        search=url_for("search.page"),
        navigation=tuple(NavigationEntry(label, url_for(end), _is_here(end), _waiting(end)) for label, end in places),
        generated=built_on,
        licence="CC BY 4.0",
        licence_href="https://creativecommons.org/licenses/by/4.0/",
        report_href=url_for("home.help_page", _anchor="report"),
        report_to_href=_report_to_href(current.settings().report_to),
        report_to=current.settings().report_to,
        version=version.name if version else "",
        version_href=request.script_root if version else "",
        now_href=_now_href(version) if version else "",
        changes_href="" if current.settings().store else url_for("changes.page"),
        versions_href=url_for("versions.page"),
        can_be_shared=request.method in {"GET", "HEAD"} and request.blueprint in _SHARED,
    )


def triples() -> tuple[int, str] | None:
    """Return how many triples the graph has, and the address of the query that counts them; None where that fails.

    Not in `frame`, which has to be made where nobody may wait for a query.
    """
    try:
        view = current.view()
        return view.triples, url_for("query.page", query=view.triples_query)
    except LeedskgError:  # a page about a fault is shown without
        return None


def _now_href(version: Version) -> str:
    """Return the address of what is shown of a version, in what is published now."""
    root = request.script_root.removesuffix(f"/versions/{version.name}")
    return f"{root}{request.full_path.rstrip('?')}"


def _report_to_href(address: str) -> str:
    """Return the link behind an address to report errors to, which the settings have checked."""
    if not address or "://" in address:
        return address
    return f"mailto:{quote(address, safe='@+')}?subject={quote(f'Error in the {NAME}')}"


def _is_here(end: str) -> bool:
    if end == "contribute.page":
        return request.blueprint in {"contribute", "contributions", "imports", "import_questions", "sheets"}
    return end == request.endpoint


def _waiting(end: str) -> int:
    """Return how many contributions wait for the steward who is signed in."""
    if end != "contribute.page":
        return 0
    account = security.visitor_or_nobody().account
    if account is None or not account.may("review"):
        return 0
    try:
        return waiting()
    except KnowledgeError:  # a page of the graph must not fail over the ledger
        return 0


@dataclass(frozen=True)
class Who:
    """What the frame says about who is signed in: their name and the way out, or the way in."""

    name: str = ""
    #: The hidden field of the form to sign out, of those who are signed in.
    form_field: Markup | None = None
    sign_in: str = ""
    #: How many of the things that they follow have something new.
    new: int = 0


def who() -> Who:
    """Return who is signed in, for the frame of the page that is being shown."""
    g.shows_who = True
    visitor = security.visitor_or_nobody()
    if visitor.account:
        try:
            return Who(visitor.account.name, form_tokens.form_field(), new=new_here())
        except AccountsClosedError:  # the key that signs forms is gone and cannot be made again
            pass
    return Who(sign_in=url_for("sign_in.page"))
