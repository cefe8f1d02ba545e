"""Searching for an entity, a need or a theme by name, and listing the entities of a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, render_template, request, url_for

from leedskg.catalogue import Match
from leedskg.errors import RequestError
from leedskg.facets import FACETS
from leedskg.generation_view import GenerationView
from leedskg.kinds import by_family
from leedskg.naming import begin, beginnings, fits, folded
from leedskg.support import read_terms
from leedskg.web import current
from leedskg.web.api.parameters import IRI, LONGEST_NAME, check_known, query, reads
from leedskg.web.pages.answered import answered
from leedskg.web.pages.list_members import OF, id_of, read_members
from leedskg.web.pages.lists import PARAMETERS, ListRequest
from leedskg.web.pages.presentation import href
from leedskg.web.pages.tables import asked_table_format, saved
from leedskg.web.serving.addresses import address
from leedskg.wording import capital, plural

blueprint = Blueprint("search", __name__)

#: How well a name fits that was written with a slip; below are names that only share a word or look alike.
_MEANT = 0.2


@blueprint.get("/search")
@reads(query("q", "Words of a name."), query("kind", "The IRI of a kind.", IRI), OF, *PARAMETERS)
def page() -> str | Response:
    """Show entities whose names have the words of `q`, of one `kind` if it is given; `of` is what was picked before."""
    text, kind = request.args.get("q", "").strip(), request.args.get("kind", "").strip()
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
    view, format_name = current.view(), asked_table_format()
    if kind:
        kinds, base = view.catalogue.kinds, view.namespaces.term("")
        what = f"kind of thing in the graph: “kind” is {base} with a name behind it"
        check_known([kind], view.catalogue.kind_labels, what, sorted(each.iri.removeprefix(base) for each in kinds))
    asked = folded(text) or (kind and not text)  # punctuation alone asks for nothing
    matches = view.catalogue.search(text, limit=len(view.catalogue.entries), kind=kind) if asked else []
    wanted = ListRequest(view, matches)
    if format_name:
        return saved(wanted.table(_title(text, _kind_label(view, kind))), format_name)
    # No name has the words when the best one only resembles them.
    near = bool(text) and bool(matches) and matches[0].score < 0.5
    picked = tuple(id_of(view, entry) for entry in read_members(view).entries)
    question = answered(view, text) if text and not kind and request.args.get("page", "1") == "1" else None
    # A slip of the pen is one in a theme, a need or a kind as well as in a name.
    respelt = view.catalogue.respelt(text, _words_known(view)) if near or not matches else ""
    meant = respelt or text
    topics = [] if kind else _topics(view, meant)
    if not (kind or topics or question or respelt or (matches and not near)):
        topics = _needs_meant(view, text)
    several = read_terms(view.support, view.themes.rows, text)[0] if near or not (kind or matches) else []
    return render_template(
        "search.html",
        search_text=text,
        question=question,
        kind=kind,
        kind_label=_kind_label(view, kind),
        kinds=[] if kind else _kinds(wanted.matches),
        kinds_meant=[] if kind else _kinds_meant(view, meant),
        topics=topics,
        several=[term.words for term in several] if len(several) > 1 else [],
        listing=wanted.listing(lambda match: "" if near or match.name == match.entry.label else match.name, picked),
        found=len(matches),
        near=near,
        respelt=respelt if near and begin(respelt.split(), folded(matches[0].name).split()) else "",
        resembles=near and matches[0].score < _MEANT,
        query_href=_query_href(view, kind, wanted) if kind and not text else "",
    )


def _query_href(view: GenerationView, kind: str, wanted: ListRequest) -> str:
    """Return the address of the query whose answer a list of a kind is."""
    lines = [f"?thing lhi:kind <{kind}> ; skos:prefLabel ?name .", *(
        FACETS[facet] % value for facet, values in wanted.chosen.items() for value in values
    )]  # fmt: skip
    text = (
        f"PREFIX lhi: <{view.namespaces.base}def#>\nPREFIX dcterms: <http://purl.org/dc/terms/>\n"
        "PREFIX oa: <http://www.w3.org/ns/oa#>\nPREFIX owl: <http://www.w3.org/2002/07/owl#>\n"
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
        "SELECT DISTINCT ?thing ?name WHERE {\n"
        + "".join(f"  {line}\n" for line in lines)
        + "  FILTER NOT EXISTS { ?thing dcterms:isReplacedBy ?other }\n"
        "  FILTER NOT EXISTS { ?thing owl:deprecated true }\n}\nORDER BY ?name\n"
    )
    return url_for("query.page", query=text)


def _title(text: str, kind_label: str) -> str:
    """Return what a list is of, such as `Search for “park”, universities`."""
    return capital(", ".join(filter(None, (f"search for “{text}”" if text else "", kind_label)))) or "Search"


def _kind_label(view: GenerationView, kind: str) -> str:
    """Return the plural of a kind in words; nothing for one that no entity is of."""
    return next((plural(each.label) for each in view.catalogue.kinds if each.iri == kind), "")


def _kinds(matches: list[Match]) -> list[tuple[str, int, str]]:
    """Return the kinds among the matches, in families, each with the address of its own; none when all are of one."""
    found: Counter[str] = Counter()
    iris: dict[str, str] = {}
    for match in matches:
        found.update(match.entry.kind_labels)
        iris |= dict(zip(match.entry.kind_labels, match.entry.kinds, strict=True))
    if len(found) <= 1:
        return []
    return [(kind, found[kind], address(kind=iris[kind], page=None)) for _, kinds in by_family(iris) for kind in kinds]


def _kinds_meant(view: GenerationView, text: str) -> list[tuple[str, int, str]]:
    """Return the kinds that the words name, in the plural, with how many there are and the address of their list."""
    words = beginnings(folded(text).split())
    return [
        (capital(plural(kind.label)), kind.number, url_for("search.page", kind=kind.iri))
        for kind in view.catalogue.kinds
        if fits(words, folded(kind.label))
    ]


def _words_known(view: GenerationView) -> Iterator[str]:
    """Yield the labels of what can be meant beside names: needs, themes and kinds."""
    yield from (topic.label for topic in view.topics)
    yield from (kind.label for kind in view.catalogue.kinds)


def _needs_meant(view: GenerationView, text: str) -> list[tuple[str, str, str]]:
    """Return the needs that the words may mean though not in their names, such as “lawyers”: as `_topics`."""
    meant = {need.iri for need in view.support.meant_by(text)[0]}
    return [(each.label, each.scheme, href(each.iri)) for each in view.topics if each.iri in meant]


def topics_with(view: GenerationView, words: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return the needs and themes that have any of these words: label, scheme and address."""
    return list(dict.fromkeys(topic for word in words for topic in _topics(view, word)))


def _topics(view: GenerationView, text: str) -> list[tuple[str, str, str]]:
    """Return the needs and themes that have every word of `text`: label, scheme and address."""
    words = beginnings(folded(text).split())
    return [(topic.label, topic.scheme, href(topic.iri)) for topic in view.topics if fits(words, folded(topic.label))]
