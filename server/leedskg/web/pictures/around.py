"""The network around an entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, request, url_for

from leedskg.catalogue import CatalogueEntry
from leedskg.errors import RequestError, UnknownNameError
from leedskg.generation_view import GenerationView
from leedskg.limited_view import limited
from leedskg.picture import NODE_LIMIT, PictureEdge, draw_freely
from leedskg.picture.dates import DateSpan, span
from leedskg.picture.files import FORMATS, network_file
from leedskg.picture.large import draw_large, large_data, looks
from leedskg.picture.surroundings import EntityNetwork, NetworkChoice, nearest, strongest, surroundings
from leedskg.picture.svg import still
from leedskg.web import current
from leedskg.web.api.parameters import LONGEST_NAME, query, reads
from leedskg.web.api.parameters import number as number_of
from leedskg.web.pages.limits import LIMITS, limits_form, read_limits
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.routes import end_names
from leedskg.web.pages.views import EntityView
from leedskg.web.pictures.frame import (
    FRAMED_LARGE,
    KINDS,
    MOST_ROWS,
    SAVED,
    about,
    asked_format,
    blueprint,
    chosen_kinds,
    edge,
    file,
    framed,
    node,
    number,
    show,
)
from leedskg.web.serving.addresses import address
from leedskg.wording import plain_date

MOST_STEPS = 3
#: Relationships in the drawing; more are a grey ball that nobody reads, and megabytes.
_MOST_TIES = 500
#: Others in the drawing where there are more than can be drawn in words.
_MOST_OTHERS = 100
#: Links to pictures around others, for each step.
_MOST_ONWARD = 60


@dataclass(frozen=True)
class Middle:
    """The entity that was asked for: the words, and what it is or what is wrong with them."""

    text: str
    entry: CatalogueEntry | None = None
    problem: str = ""
    candidates: tuple[EntityView, ...] = ()


@dataclass(frozen=True)
class TieView:
    """A relationship in the table beside the picture."""

    source: EntityView
    words: str
    href: str
    target: EntityView
    dates: str
    steps: int


@blueprint.get("/network/around")
@reads(
    query("of", "The name or IRI of the entity in the middle."),
    number_of("depth", "How many steps around it.", least=1, most=MOST_STEPS),
    query("as-at", "A year, month or day: the relationships that held then."),
    KINDS,
    query("all", "1 for one large picture of everybody, where there are more than can be drawn in words."),
    *LIMITS,
    *FRAMED_LARGE,
)
def around() -> str | Response:
    """Show the ego network of an entity: depth, kinds of relationship and of entity, and a date, all in the address."""
    whole = current.view()
    limits = read_limits(whole, relations=False)
    view = limited(whole, limits)
    format_name = asked_format((*SAVED, "places"))
    middle, depth, when = _middle(view), number("depth", 1, MOST_STEPS), _when()
    if middle.entry is None:
        if format_name:
            raise RequestError(middle.problem or "Say whose network is meant: “of” is missing from the address.")
        return show(
            "around.html", framed("Network of an entity"), middle=middle, names=end_names(view), depth=depth,
            most_steps=MOST_STEPS, as_at=request.args.get("as-at", ""), picture=None, relations=[], kinds=[], ties=[],
            found=None, filtered=False, large="", whole="", limits=limits_form(whole, relations=False),
        )  # fmt: skip
    iri = middle.entry.iri
    in_middle = iri in view.artefacts.projects
    network = view.network_with_projects if in_middle else view.network
    all_kinds = NetworkChoice(depth, when=when)
    every = surroundings(network, view.catalogue, iri, all_kinds)
    choice = NetworkChoice(depth, _relations(view, every.relations), chosen_kinds(view.catalogue, every.kinds), when)
    found = surroundings(network, view.catalogue, iri, choice) if choice != all_kinds else every
    presenter, title = Presenter(view), f"Network of {middle.entry.label}"
    nodes = [node(presenter, each) for each in found.steps]
    edges = [edge(*tie) for tie in found.ties] if format_name else []
    if format_name == "places":
        return Response(large_data(nodes, _pairs(edges), view.positions), content_type=FORMATS["places"])
    if format_name and format_name != "svg":
        return file(network_file(format_name, about(title), nodes, edges), format_name, title)
    many = len(nodes) > NODE_LIMIT
    large = many and request.args.get("all", "") == "1"
    part = nearest(found, iri, _MOST_OTHERS) if many else found
    drawn = [edge(*tie) for tie in strongest(part.ties, iri, _MOST_TIES)]
    within = [each for each in nodes if each.iri in part.steps]
    picture = draw_freely(within, drawn, iri) if len(nodes) > 1 and not large else None
    if format_name:
        drawing = still(picture) if picture else draw_large(nodes, _pairs(edges), view.positions)
        return file(drawing.file(about(title)), format_name, title)
    return show(
        "around.html",
        framed(title),
        middle=middle,
        names=end_names(view),
        depth=depth,
        most_steps=MOST_STEPS,
        as_at=request.args.get("as-at", ""),
        when=plain_date(request.args.get("as-at", "")),
        looks=looks(dict.fromkeys(each.kind for each in nodes)),
        large=address(format="places", embed=None) if large else "",
        shown=len(within) - 1,
        whole=address(all=None if large else "1") if many else "",
        picture=picture,
        drawn=len(drawn),
        still=still(picture).inline(title) if picture else "",
        relations=_options(every.relations, choice.relations),
        kinds=_options(every.kinds, choice.kinds),
        found=found,
        covered=view.projects_cover if not in_middle and any(tie.projects for _, _, tie in found.ties) else (),
        filtered=bool(choice.relations or choice.kinds or choice.when or limits),
        unfiltered=address(relation=None, kind=None, source=None, since=None, until=None, **{"as-at": None}),
        limits=limits_form(whole, relations=False),
        deeper=address(depth=str(depth + 1)) if depth < MOST_STEPS else "",
        here=presenter.entity(iri),
        ties=ties_of(presenter, found, MOST_ROWS),
        around_it=[
            (step, [_centre(presenter, each) for each in others[:_MOST_ONWARD]], len(others[_MOST_ONWARD:]))
            for step in sorted(set(found.steps.values()) - {0})
            for others in ([each for each, at in found.steps.items() if at == step],)
        ],
    )


def _relations(view: GenerationView, there: Mapping[str, int]) -> frozenset[str]:
    """Return the words of the kinds of relationship that the address asks for, as far as there are such."""
    patterns = read_limits(view).patterns
    meant = {words for each in view.patterns if each.iri in patterns for words in (each.words, each.words_back)}
    return frozenset(meant) & frozenset(there)


def _pairs(edges: list[PictureEdge]) -> list[tuple[str, str]]:
    return [(each.source, each.target) for each in edges]


def _options(counted: Mapping[str, int], picked: frozenset[str]) -> list[tuple[str, int, bool]]:
    """List what may be chosen, the most frequent first: the words, how many there are, and whether they are chosen."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [(words, count, words in picked) for words, count in ordered]


def ties_of(presenter: Presenter, found: EntityNetwork, most: int | None = None) -> list[TieView]:
    """Return the rows of the table beside a picture, or `most` of them, the nearest first."""
    steps = found.steps
    return [
        TieView(
            presenter.entity(source),
            tie.pattern.words,
            href(tie.relationship),
            presenter.entity(target),
            plain_date(f"{tie.valid_from}/{tie.valid_to}") if tie.valid_from or tie.valid_to else "",
            max(steps[source], steps[target]),
        )
        for source, target, tie in sorted(found.ties, key=lambda each: max(steps[each[0]], steps[each[1]]))[:most]
    ]


def _centre(presenter: Presenter, iri: str) -> tuple[EntityView, str]:
    """Return an entity, and the address of the picture around it with the same choices."""
    catalogue = presenter.view.catalogue
    name = catalogue.unique_name(catalogue.entries[iri]) if iri in catalogue.entries else iri
    return presenter.entity(iri), address(of=name, embed=None, format=None)


def _middle(view: GenerationView) -> Middle:
    text = request.args.get("of", "").strip()
    if not text:
        return Middle("")
    if len(text) > LONGEST_NAME:
        return Middle(text[:LONGEST_NAME], problem=f"A name has no more than {LONGEST_NAME} characters.")
    try:
        entry = view.catalogue.find(text)
    except UnknownNameError as error:
        views = tuple(
            EntityView(each.label, url_for("pictures.around", of=view.namespaces.shorten(each.iri)), each.kind)
            for each in error.candidates
        )
        return Middle(text, problem=error.message, candidates=views)
    return Middle(view.catalogue.unique_name(entry), entry)


def _when() -> DateSpan | None:
    """Read the date in the address. Raises RequestError for a text that is none."""
    text = request.args.get("as-at", "").strip()
    when = span(text) if text and "/" not in text else None
    if text and when is None:
        raise RequestError("“as-at” has to be a year, a month or a day, such as 2021, 2021-07 or 2021-07-15.")
    return when
