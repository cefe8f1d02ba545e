"""Searching for an entity, a need or a theme by name, and listing the entities of a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flask import Blueprint, render_template, request, url_for

from leedskg.catalogue import Match, beginnings, fits, folded
from leedskg.edition import Edition
from leedskg.errors import RequestError
from leedskg.kinds import by_family
from leedskg.web import current
from leedskg.web.presentation import Presenter, href
from leedskg.web.wording import capital, plural

blueprint = Blueprint("search", __name__)

PAGE_SIZE = 50
#: Characters of a name that is looked for.
LONGEST_NAME = 200


@blueprint.get("/search")
def page() -> str:
    """Entities whose names have the words of `q`, of one `kind` if it is given."""
    text, kind = request.args.get("q", "").strip(), request.args.get("kind", "").strip()
    if len(text) > LONGEST_NAME:
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
    edition = current.edition()
    asked = folded(text) or (kind and not text)  # punctuation alone asks for nothing
    matches = edition.catalogue.search(text, limit=len(edition.catalogue.entries), kind=kind) if asked else []
    last_page = max(1, -(-len(matches) // PAGE_SIZE))
    number = min(max(1, request.args.get("page", 1, type=int)), last_page)
    presenter = Presenter(edition)
    # No name has the words when the best one only resembles them.
    near = bool(text) and bool(matches) and matches[0].score < 0.5

    def address(other: int) -> str:
        return url_for("search.page", q=text or None, kind=kind or None, page=other)

    return render_template(
        "search.html",
        search_text=text,
        kind=kind,
        kind_label=_kind_label(edition, kind),
        kinds=[] if kind else _kinds(matches),
        kinds_meant=[] if kind else _kinds_meant(edition, text),
        topics=[] if kind else _topics(edition, text) or ([] if matches and not near else _needs_meant(edition, text)),
        total=len(matches),
        first=(number - 1) * PAGE_SIZE + 1,
        previous=address(number - 1) if number > 1 else "",
        next=address(number + 1) if number < last_page else "",
        results=[
            (presenter.entity(each.entry.iri), each.entry, "" if near or each.name == each.entry.label else each.name)
            for each in matches[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        ],
        near=near,
    )


def _kind_label(edition: Edition, kind: str) -> str:
    """The plural of a kind in words; nothing for one that no entity is of."""
    for entry in edition.catalogue.entries.values():
        for iri, label in zip(entry.kinds, entry.kind_labels, strict=True):
            if iri == kind:
                return plural(label)
    return ""


def _kinds(matches: list[Match]) -> list[tuple[str, int, str]]:
    """The kinds among the matches, in families, each with the address of its own; none when all are of one."""
    found: Counter[str] = Counter()
    iris: dict[str, str] = {}
    for match in matches:
        found.update(match.entry.kind_labels)
        iris |= dict(zip(match.entry.kind_labels, match.entry.kinds, strict=True))
    if len(found) <= 1:
        return []
    return [
        (kind, found[kind], url_for("search.page", q=request.args.get("q"), kind=iris[kind]))
        for _, kinds in by_family(found)
        for kind in kinds
    ]


def _kinds_meant(edition: Edition, text: str) -> list[tuple[str, int, str]]:
    """The kinds that the words name, in the plural, with how many there are and the address of their list."""
    words = beginnings(folded(text).split())
    return [
        (capital(plural(kind.label)), kind.number, url_for("search.page", kind=kind.iri))
        for kind in edition.catalogue.kinds
        if fits(words, folded(kind.label))
    ]


def _needs_meant(edition: Edition, text: str) -> list[tuple[str, str, str]]:
    """The needs that the words may mean though they are not in their names, such as “lawyers”: as `_topics`."""
    meant = {need.iri for need in edition.support.meant_by(text)[0]}
    return [(each.label, each.scheme, href(each.iri)) for each in edition.topics if each.iri in meant]


def topics_with(edition: Edition, words: Iterable[str]) -> list[tuple[str, str, str]]:
    """The needs and themes that have any of these words: label, scheme and address."""
    return list(dict.fromkeys(topic for word in words for topic in _topics(edition, word)))


def _topics(edition: Edition, text: str) -> list[tuple[str, str, str]]:
    """The needs and themes that have every word of `text`: label, scheme and address."""
    words = beginnings(folded(text).split())
    return [
        (topic.label, topic.scheme, href(topic.iri)) for topic in edition.topics if fits(words, folded(topic.label))
    ]
