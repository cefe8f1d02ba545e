"""Who can help: pick a need or type it, and see who helps, through what, where, on what evidence; and the matrices."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from leedskg.catalogue import Entry
from leedskg.edition import Edition
from leedskg.errors import RequestError, UnknownNameError
from leedskg.matrix import needs_by_providers
from leedskg.record import Name
from leedskg.support import Need, Offer, Support
from leedskg.web import current
from leedskg.web.presentation import Presenter, href
from leedskg.web.routes import end_names
from leedskg.web.search import LONGEST_NAME
from leedskg.web.views import BackingView, EntityView
from leedskg.web.wording import plural

blueprint = Blueprint("support", __name__)


@dataclass(frozen=True)
class OfferView:
    """A provider in the answer: what it offers, where, and the way to it from an organisation that one knows."""

    provider: EntityView
    services: tuple[EntityView, ...]
    stages: tuple[EntityView, ...]
    places: tuple[EntityView, ...]
    operators: tuple[EntityView, ...]
    planned: bool
    backing: BackingView
    route: str


@dataclass(frozen=True)
class NeedView:
    """A need with the number of its providers and the address of its answer."""

    iri: str
    label: str
    definition: str
    providers: int
    href: str


@dataclass(frozen=True)
class Start:
    """The organisation that one knows, as it was asked for."""

    text: str
    entry: Entry | None = None
    problem: str = ""
    candidates: tuple[EntityView, ...] = ()


@blueprint.get("/support")
def page() -> str:
    """Who helps with `need`, or with the need that the words of `q` mean; `from` is an organisation that one knows."""
    text, need, stage = (request.args.get(name, "").strip() for name in ("q", "need", "stage"))
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A need is described in no more than {LONGEST_NAME} characters here.")
    edition = current.edition()
    presenter, support = Presenter(edition), edition.support
    start = _start(edition, presenter)
    like = support.like(text) if text and not need else []
    chosen = next((each for each in support.needs if need in (each.iri, each.iri.rpartition("/")[2])), None)
    if chosen is None and len(like) == 1:
        chosen = like[0]
    offers = support.for_need(chosen.iri, stage) if chosen else []
    return render_template(
        "support.html",
        words=text,
        need=chosen,
        unknown=bool(need) and chosen is None,
        like=[_need(support, each) for each in like],
        needs=[_need(support, each) for each in support.needs],
        unmet=[_need(support, each) for each in support.needs if not support.for_need(each.iri)],
        stages=support.stages,
        stage=stage,
        start=start,
        offers=[_offer(presenter, offer, start) for offer in offers],
        names=end_names(edition),
    )


@blueprint.get("/support/needs")
def needs() -> str:
    """The matrix of needs by providers."""
    edition = current.edition()
    presenter, matrix = Presenter(edition), needs_by_providers(edition.support)
    return render_template(
        "matrix_needs.html",
        matrix=matrix,
        columns=[(column, address_of_need(column.iri)) for column in matrix.columns],
        rows=[(row, presenter.entity(row.iri, row.label)) for row in matrix.rows],
        href=href,
    )


@blueprint.get("/support/themes")
def themes() -> str:
    """The matrix of themes by kinds of actor."""
    edition = current.edition()
    matrix = edition.themes
    return render_template(
        "matrix_themes.html",
        matrix=matrix,
        columns=[(column, plural(column.label)) for column in matrix.columns],
        rows=[(row, href(row.iri)) for row in matrix.rows],
        empty=matrix.empty_rows(),
        href=href,
    )


def _slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def address_of_need(need: str, start: str = "") -> str:
    """The address of the answer for a need, from an organisation that one knows if there is one."""
    asked = {"need": _slug(need)} | ({"from": start} if start else {})
    return f"{url_for('support.page')}?{urlencode(asked)}"


def _start(edition: Edition, presenter: Presenter) -> Start:
    text = request.args.get("from", "").strip()
    if not text:
        return Start("")
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
    try:
        return Start(text, edition.catalogue.find(text))
    except UnknownNameError as error:
        candidates = tuple(presenter.entity(each.iri, each.label) for each in error.candidates)
        return Start(text, None, error.message, candidates)


def _need(support: Support, need: Need) -> NeedView:
    return NeedView(
        need.iri,
        need.label,
        need.definition,
        len({offer.provider.iri for offer in support.for_need(need.iri)}),
        address_of_need(need.iri, request.args.get("from", "").strip()),
    )


def _offer(presenter: Presenter, offer: Offer, start: Start) -> OfferView:
    def views(names: tuple[Name, ...]) -> tuple[EntityView, ...]:
        return tuple(presenter.entity(name.iri, name.label) for name in names)

    catalogue = presenter.edition.catalogue
    entry = catalogue.entries.get(offer.provider.iri)
    to = catalogue.unique_name(entry) if entry else offer.provider.label
    route = ""
    if start.entry and start.entry.iri != offer.provider.iri:
        ends = urlencode({"from": catalogue.unique_name(start.entry), "to": to})
        route = f"{url_for('routes.page')}?{ends}"
    return OfferView(
        presenter.entity(offer.provider.iri, offer.provider.label),
        views(offer.services),
        views(offer.stages),
        views(offer.places),
        views(offer.operators),
        offer.planned,
        presenter.backing(offer.statement),
        route,
    )
