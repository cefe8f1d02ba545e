"""Who can help: pick a need or type it, and see who helps, through what, where, on what evidence, and the way there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from leedskg.catalogue import CatalogueEntry, folded
from leedskg.errors import RequestError, UnknownNameError
from leedskg.generation_view import GenerationView
from leedskg.record import Name
from leedskg.support import Meaning, Need, Offer, Support
from leedskg.web import current
from leedskg.web.api.parameters import LONGEST_NAME, query, reads
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.provider_routes import STEPS, Way, ways
from leedskg.web.pages.routes import end_names
from leedskg.web.pages.search import topics_with
from leedskg.web.pages.support_tables import offers_table
from leedskg.web.pages.tables import AS_FILE, asked_table_format, saved, table_links
from leedskg.web.pages.views import BackingView, EntityView

blueprint = Blueprint("support", __name__)

#: Things of the graph that are offered for words that no need has.
_MOST_OTHERS = 6


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
    #: The name by which a route to it is asked for, and the way there, if one knows where to start.
    name: str
    way: Way | None


@dataclass(frozen=True)
class NeedView:
    """A need with the number of its providers and the address of its answer."""

    label: str
    definition: str
    slug: str
    providers: int
    href: str


@dataclass(frozen=True)
class Start:
    """The organisation that one knows, as it was asked for."""

    text: str
    entry: CatalogueEntry | None = None
    problem: str = ""
    candidates: tuple[EntityView, ...] = ()


@blueprint.get("/support")
@reads(
    query("need", "The last part of a need's IRI."),
    query("q", "A need in words."),
    query("stage", "The last part of a stage's IRI, or the IRI."),
    query("from", "An organisation to lead from."),
    AS_FILE,
)
def page() -> str | Response:
    """Who helps with `need`, or with the need that the words of `q` mean; `from` is an organisation that one knows."""
    return current.of_one_generation(_page)


def _page(view: GenerationView) -> str | Response:
    text, need, stage_text = (request.args.get(name, "").strip() for name in ("q", "need", "stage"))
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A need is described in no more than {LONGEST_NAME} characters here.")
    format_name = asked_table_format()
    presenter, support = Presenter(view), view.support
    start = _start(view, presenter)
    like, meaning = support.meant_by(text) if text and not need else ([], Meaning((), (), ()))
    chosen = support.find(need) if need else like[0] if len(like) == 1 else None
    stage = support.stage(stage_text) if stage_text else None
    unknown = _unknown(need, chosen, stage_text, stage)
    if format_name and unknown:
        raise RequestError(unknown)
    offers = support.for_need(chosen.iri, stage.iri if stage else "") if chosen else []
    if format_name:
        every = offers if chosen or need or text else list(support.offers)
        return saved(offers_table(presenter, every, _ways(presenter, start, every)), format_name)
    found = _ways(presenter, start, offers)
    views = [_offer(presenter, offer, found) for offer in offers]
    if start.entry:  # the strongest way first, then those without, by name
        views.sort(key=lambda each: each.way.cost if each.way else 0.0)
    return render_template(
        "support.html",
        words=text,
        need=chosen,
        unknown=unknown,
        typed=bool(like),
        instead=f"{url_for('support.page')}?{urlencode({'q': text} | _kept('stage', 'from'))}" if text and need else "",
        meaning=meaning,
        like=[_need(support, each) for each in like],
        needs=[_need(support, each) for each in support.needs],
        unmet=[_need(support, each) for each in support.needs if not support.for_need(each.iri)],
        stages=support.stages,
        stage=stage,
        at_no_stage=_without(support, chosen),
        start=start,
        offers=views,
        steps=STEPS,
        names=end_names(view),
        others=_others(presenter, meaning.unknown) if text and not chosen else [],
        topics=topics_with(view, meaning.unknown) if text and not chosen else [],
        files=table_links(),
    )


def _unknown(need: str, chosen: Need | None, stage_text: str, stage: Name | None) -> str:
    """Say what the address names and the graph does not have."""
    if need and chosen is None:
        return f"No need in the graph is called “{need[:80]}”; the address names one."
    if stage_text and stage is None:
        return f"No source ties help to a stage called “{stage_text[:80]}”; the address names one."
    return ""


def _ways(presenter: Presenter, start: Start, offers: list[Offer]) -> dict[str, Way]:
    return ways(presenter, start.entry, [offer.provider.iri for offer in offers]) if start.entry and offers else {}


def _without(support: Support, need: Need | None) -> list[str]:
    """List the stages, of those that any source names for help, at which nobody is recorded as helping with a need."""
    return [each.label for each in support.stages if not support.for_need(need.iri, each.iri)] if need else []


def _others(presenter: Presenter, words: tuple[str, ...]) -> list[EntityView]:
    """Entities whose names have words that no need has."""
    catalogue = presenter.view.catalogue
    found: dict[str, None] = {}
    for word in words:
        if len(folded(word)) >= 3:
            matches = [match for match in catalogue.search(word, _MOST_OTHERS) if match.score >= 0.5]
            found |= dict.fromkeys(match.entry.iri for match in matches)
    return [presenter.entity(iri) for iri in list(found)[:_MOST_OTHERS]]


def address_of_need(need: str, start: str = "") -> str:
    """Return the address of the answer for a need, from an organisation that one knows if there is one."""
    asked = {"need": need.rpartition("/")[2]} | ({"from": start} if start else {})
    return f"{url_for('support.page')}?{urlencode(asked)}"


def _start(view: GenerationView, presenter: Presenter) -> Start:
    text = request.args.get("from", "").strip()
    if not text:
        return Start("")
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
    try:
        return Start(text, view.catalogue.find(text))
    except UnknownNameError as error:
        candidates = tuple(_candidate(presenter, each.iri, each.label) for each in error.candidates)
        return Start(text, None, error.message, candidates)


def _candidate(presenter: Presenter, iri: str, label: str) -> EntityView:
    """Show what a name may have meant, as a link to this page with it in place of the name."""
    view, catalogue = presenter.entity(iri, label), presenter.view.catalogue
    name = catalogue.unique_name(catalogue.entries[iri]) if iri in catalogue.entries else label
    asked = [(key, value) for key, value in request.args.items(multi=True) if key != "from"]
    return EntityView(view.label, f"{url_for('support.page')}?{urlencode([*asked, ('from', name)])}", view.kind, iri)


def _need(support: Support, need: Need) -> NeedView:
    asked = {"need": need.slug} | _kept("stage", "from")
    address = f"{url_for('support.page')}?{urlencode(asked)}"
    return NeedView(need.label, need.definition, need.slug, support.bodies(need.iri), address)


def _kept(*names: str) -> dict[str, str]:
    """Return the answers of the address to these questions."""
    return {name: request.args[name] for name in names if request.args.get(name)}


def _offer(presenter: Presenter, offer: Offer, found: dict[str, Way]) -> OfferView:
    def views(names: tuple[Name, ...]) -> tuple[EntityView, ...]:
        return tuple(presenter.entity(name.iri, name.label) for name in names)

    catalogue = presenter.view.catalogue
    entry = catalogue.entries.get(offer.provider.iri)
    return OfferView(
        presenter.entity(offer.provider.iri, offer.provider.label),
        views(offer.services),
        views(offer.stages),
        views(offer.places),
        views(offer.operators),
        offer.planned,
        presenter.backing(offer.statement),
        catalogue.unique_name(entry) if entry else offer.provider.label,
        found.get(offer.provider.iri),
    )
