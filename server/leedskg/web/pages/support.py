"""Who can help: pick a need or type it, and see who helps, through what, where, on what evidence, and the way there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from leedskg.catalogue import CatalogueEntry
from leedskg.errors import RequestError, UnknownNameError
from leedskg.generation_view import GenerationView
from leedskg.naming import folded
from leedskg.record import Name
from leedskg.support import Meaning, Need, Support, SupportTerm, read_terms
from leedskg.support.words import words_of
from leedskg.web import current
from leedskg.web.api.parameters import LONGEST_NAME, query, reads, several
from leedskg.web.pages.citing import citation
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.provider_routes import STEPS, Way, ways
from leedskg.web.pages.routes import end_names
from leedskg.web.pages.search import topics_with
from leedskg.web.pages.support_answer import Found, ProviderView, find, message, providers
from leedskg.web.pages.support_tables import offers_table
from leedskg.web.pages.tables import AS_FILE, asked_table_format, saved, table_links
from leedskg.web.pages.views import EntityView
from leedskg.web.serving.addresses import own_address
from leedskg.web.site import frame

blueprint = Blueprint("support", __name__)

#: Things of the graph that are offered for words that no need has.
_MOST_OTHERS = 6
#: Needs and themes that are asked for at once.
_MOST_WISHES = 8


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
    several("need", "The last part of a need's IRI."),
    several("theme", "The last part of the IRI of a theme, which a body is to work on."),
    query("q", "Needs and themes in words, such as “regulatory advice and clinical trials”."),
    query("stage", "The last part of a stage's IRI, or the IRI."),
    query("from", "An organisation to lead from."),
    AS_FILE,
)
@current.one_generation
def page(view: GenerationView) -> str | Response:
    """Show who helps with needs and works on themes, or what the words of `q` mean; `from` is one that one knows."""
    text, stage_text = (request.args.get(name, "").strip() for name in ("q", "stage"))
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A need is described in no more than {LONGEST_NAME} characters here.")
    format_name = asked_table_format()
    presenter, support = Presenter(view), view.support
    start = _start(view, presenter)
    picked = _picked(view)
    like, meaning = support.meant_by(text) if text and not picked.any else ([], Meaning((), (), ()))
    terms, unread = picked.terms, list[str]()
    if text and not picked.any:
        terms, unread = read_terms(support, view.themes.rows, text)
        if len(terms) < 2 and not _is_theme(terms, like, text):
            # One thing may mean several needs, of which one is chosen.
            terms, unread = ([SupportTerm(like[0].label, (like[0],))] if len(like) == 1 else []), []
    chosen = terms[0].needs[0] if len(terms) == 1 and not terms[0].themes else None
    stage = support.stage(stage_text) if stage_text else None
    unknown = picked.unknown | _unknown_stage(stage_text, stage)
    if format_name and unknown:
        raise RequestError(" ".join(unknown.values()))
    found = find(presenter, terms, stage.iri if stage else "")
    if format_name:
        asked = bool(terms or picked.any or text)
        offers = found.offers if asked else support.offers
        return saved(offers_table(presenter, offers, _ways(presenter, start, found), found.workers), format_name)
    shown = providers(presenter, terms, found, _ways(presenter, start, found))
    made = render_template(
        "support.html",
        words=text,
        need=chosen,
        terms=terms if len(terms) > 1 or (terms and not chosen) else [],
        unread=unread,
        picked=picked,
        unknown=unknown,
        typed=bool(like),
        instead=f"{url_for('support.page')}?{urlencode({'q': text} | _kept('stage', 'from'))}"
        if text and picked.any
        else "",
        meaning=meaning,
        like=[] if len(terms) > 1 else [_need(support, each) for each in like],
        all_like=_address([("need", each.slug) for each in like]),
        needs=[_need(support, each) for each in support.needs],
        themes=view.themes.rows,
        unmet=[_need(support, each) for each in support.needs if not support.for_need(each.iri)],
        stages=support.stages,
        stage=stage,
        at_no_stage=_without(support, chosen),
        start=start,
        providers=shown,
        groups=[(met, list(among)) for met, among in groupby(shown, key=lambda each: each.met)],
        message=_message(terms, shown, start) if shown else "",
        steps=STEPS,
        names=end_names(view),
        others=_others(presenter, meaning.unknown) if text and not terms else [],
        topics=topics_with(view, meaning.unknown) if text and not terms else [],
        files=table_links(),
    )
    return Response(made, 404) if unknown else made


@dataclass(frozen=True)
class Picked:
    """The needs and themes that the address names, each as a term, and what it names that there is not."""

    terms: list[SupportTerm]
    #: What the address names and the graph does not have, by the field that it is of.
    unknown: dict[str, str]
    needs: tuple[str, ...]
    themes: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether it names any."""
        return bool(self.needs or self.themes)


def _picked(view: GenerationView) -> Picked:
    needs, themes = (tuple(filter(None, map(str.strip, request.args.getlist(name)))) for name in ("need", "theme"))
    if len(needs) + len(themes) > _MOST_WISHES:
        raise RequestError(f"Ask for up to {_MOST_WISHES} needs and themes at once.")
    by_slug = {each.iri.rpartition("/")[2]: each for each in view.themes.rows} | {
        each.iri: each for each in view.themes.rows
    }
    terms, unknown = dict[str, SupportTerm](), dict[str, str]()
    for text in needs:
        need = view.support.find(text)
        if need:
            terms[need.iri] = SupportTerm(need.label, (need,))
        else:
            unknown["need"] = f"No need in the graph is called “{text[:80]}”. Choose one here."
    for text in themes:
        if text in by_slug:
            theme = by_slug[text]
            terms[theme.iri] = SupportTerm(theme.label, (), (theme,))
        else:
            unknown["theme"] = f"No theme in the graph is called “{text[:80]}”. Choose one here."
    return Picked([] if unknown else list(terms.values()), unknown, needs, themes)


def _is_theme(terms: list[SupportTerm], like: list[Need], text: str) -> bool:
    """Return whether the words are those of a theme and of no need, with nothing beside them."""
    return bool(terms and terms[0].themes and not like) and set(words_of(text)) <= set(words_of(terms[0].words))


def _message(terms: list[SupportTerm], shown: list[ProviderView], start: Start) -> str:
    own = own_address().removesuffix("/")
    graph = frame()
    when = f"{graph.generated.day} {graph.generated.strftime('%B %Y')}" if graph.generated else ""
    of = request.full_path.rstrip("?")
    state = citation(of).version
    source = f"From the {graph.name}, {state} of {when}: {own}{request.script_root}{of}"
    return message(
        " and ".join(term.words for term in terms), shown, start.entry.label if start.entry else "", source, own
    )


def _address(asked: list[tuple[str, str]]) -> str:
    return f"{url_for('support.page')}?{urlencode([*asked, *_kept('stage', 'from').items()])}"


def _unknown_stage(text: str, stage: Name | None) -> dict[str, str]:
    """Say what the address names and the graph does not have, by its field."""
    if text and stage is None:
        return {"stage": f"No source ties help to a stage called “{text[:80]}”. Choose any stage."}
    return {}


def _ways(presenter: Presenter, start: Start, found: Found) -> dict[str, Way]:
    return ways(presenter, start.entry, found.iris) if start.entry and found.iris else {}


def _without(support: Support, need: Need | None) -> list[str]:
    """List the stages, of those that any source names for help, at which nobody is recorded as helping with a need."""
    return [each.label for each in support.stages if not support.for_need(need.iri, each.iri)] if need else []


def _others(presenter: Presenter, words: tuple[str, ...]) -> list[EntityView]:
    """Return entities whose names have words that no need has."""
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
