"""“Limit to”: which sources, kinds of relationship and years a view shows, the same on every page and in the API.

`source`, `relation`, `since` and `until` stand in the address; without them everything counts. A view declares those
that it takes in its `reads`, asks `narrowed` for the generation within them, and gives `limits_form` to its template.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from leedskg.errors import RequestError
from leedskg.generation_view import GenerationView
from leedskg.limited_view import limited
from leedskg.limits import DOCUMENTS, REGISTERS, CitedSource, Limits
from leedskg.naming import folded
from leedskg.routes.question_parser import LONGEST_NAME, local
from leedskg.web.api.parameters import YEAR, query, several
from leedskg.web.serving.addresses import address
from leedskg.wording import listed

SOURCE = several(
    "source",
    "What the statements rest on: the last part of the IRI of a document or register, or the IRI; or `documents` (web "
    "pages too) or `registers` for all of a sort. Every source where none is given.",
)
RELATION = several("relation", "A kind of relationship, by its class, label or words; every kind where none is given.")
SINCE = query("since", "What ended before this year is left out; what has no date is kept.", YEAR)
UNTIL = query("until", "What began after this year is left out; what has no date is kept.", YEAR)
#: What a view of statements that are no relationships takes.
STATED = (SOURCE, SINCE, UNTIL)
#: What a view of relationships takes.
LIMITS = (SOURCE, RELATION, SINCE, UNTIL)
NAMES = tuple(each["name"] for each in LIMITS)
#: Where one is in a view, which is elsewhere within other limits: the page, and the number of the community shown.
_WHERE = ("page", "open")
_SORTS = {DOCUMENTS: "documents and web pages only", REGISTERS: "registers only"}
#: What the form calls the years of the address.
_FIELDS = {"since": "From the year", "until": "To the year"}


@dataclass(frozen=True)
class LimitOption:
    """Something that a view can be limited to: its value in the address, its words, and whether it is chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class LimitsForm:
    """The form “Limit to” of a page: what there is to choose, what is chosen in words, and what else it has to send.

    `switch` are the ways to everything, to documents alone and to registers only: words, address, whether shown now.
    """

    told: str
    whole: str
    switch: tuple[tuple[str, str, bool], ...]
    documents: tuple[LimitOption, ...]
    registers: tuple[LimitOption, ...]
    relations: tuple[LimitOption, ...]
    since: str
    until: str
    others: tuple[tuple[str, str], ...]
    path: str
    #: The limits in force as they stand in the address, which other forms of the page send along.
    asked: tuple[tuple[str, str], ...] = ()
    #: The value of a whole sort of sources, if one is chosen.
    sort: str = ""


def read_limits(view: GenerationView, args: MultiDict[str, str] | None = None, *, relations: bool = True) -> Limits:
    """Read the limits in the address. Raises RequestError for a source, kind or year that there is not.

    Without `relations` kinds of relationship are not read, for a view of statements that are none.
    """
    asked = request.args if args is None else args
    since, until = (_year(name, asked.get(name, "").strip()) for name in ("since", "until"))
    if since and until and since > until:
        raise RequestError(
            f"“From the year” ({since}) has to come before “To the year” ({until}). Go back and change one of them."
        )
    named = [text.strip() for text in asked.getlist("relation") if text.strip()] if relations else []
    patterns = _patterns(view, named)
    kinds = frozenset(each.relationship_type for each in view.patterns if each.iri in patterns)
    sources = _sources(view, [text.strip() for text in asked.getlist("source") if text.strip()])
    return Limits(sources, patterns, kinds, since, until)


def narrowed(view: GenerationView, *, relations: bool = True) -> GenerationView:
    """Return a generation within the limits in the address; itself where there are none."""
    return limited(view, read_limits(view, relations=relations))


def limits_form(view: GenerationView, *, relations: bool = True) -> LimitsForm:
    """Make the form of the page that is asked for; without kinds of relationship where these limit nothing."""
    found = read_limits(view, relations=relations)
    asked = {text for text in request.args.getlist("source") if text}
    sort = next((each for each in _SORTS if asked == {each}), "")
    base = view.namespaces.entity("")

    def options(register: bool) -> tuple[LimitOption, ...]:
        return tuple(
            LimitOption(each.iri.removeprefix(base), each.label, not sort and each.iri in found.sources)
            for each in view.sources if each.is_register == register
        )  # fmt: skip

    kinds = tuple(
        LimitOption(local(iri), label, iri in found.kinds)
        for iri, label in (view.routes.index.kinds if relations else ())
    )
    elsewhere: dict[str, None] = dict.fromkeys(_WHERE)
    switch = [("all sources", address(source=None, **elsewhere), not asked)]
    switch += [(words, address(source=each, **elsewhere), sort == each) for each, words in _SORTS.items()]
    return LimitsForm(
        _told(view, found, sort),
        address(**dict.fromkeys((*NAMES, *_WHERE), None)),
        tuple(switch),
        options(register=False),
        options(register=True),
        kinds,
        request.args.get("since", ""),
        request.args.get("until", ""),
        tuple(
            (name, value) for name, value in request.args.items(multi=True) if name not in (*NAMES, *_WHERE, "format")
        ),
        f"{request.script_root}{request.path}",
        tuple(each for each in limits_asked() if relations or each[0] != "relation"),
        sort,
    )


def limits_asked() -> list[tuple[str, str]]:
    """Return the limits as they stand in the address, for the addresses of what goes on from here."""
    return [(name, value) for name, value in request.args.items(multi=True) if name in NAMES and value]


def _told(view: GenerationView, limits: Limits, sort: str) -> str:
    labels = [each.label for each in view.sources if each.iri in limits.sources]
    kinds = [label for iri, label in view.routes.index.kinds if iri in limits.kinds] if limits.kinds else []
    years = (
        f"{limits.since} to {limits.until}" if limits.since and limits.until
        else f"{limits.since} and later" if limits.since
        else f"{limits.until} and before" if limits.until
        else ""
    )  # fmt: skip
    return "; ".join(filter(None, (_SORTS.get(sort) or listed(labels, 4), listed(kinds, 4), years)))


def _year(name: str, text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) == 4 and int(text)):
        raise RequestError(
            f"“{_FIELDS[name]}” (“{name}” in the address) has to be a year of four digits, such as 1998."
        )
    return int(text)


def _sources(view: GenerationView, texts: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for text in texts:
        named = [each.iri for each in view.sources if _is_meant(view, text, each)]
        if not named:
            raise RequestError(
                f"“{text[:LONGEST_NAME]}” is no source of the graph: “source” is {DOCUMENTS}, {REGISTERS}, or the last "
                "part of the IRI of a document or register."
            )
        found |= {*named}
    return frozenset(found)


def _is_meant(view: GenerationView, text: str, source: CitedSource) -> bool:
    if text in (DOCUMENTS, REGISTERS):
        return source.is_register == (text == REGISTERS)
    names, iri = view.namespaces, source.iri
    return text in (iri, names.shorten(iri), iri.removeprefix(names.entity("")), iri.removeprefix(names.base))


def _patterns(view: GenerationView, texts: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for text in texts:
        wanted = folded(text)
        named = {
            each.iri for each in view.patterns
            if wanted in (folded(each.label), folded(local(each.relationship_type)), folded(each.words),
                          folded(each.words_back)) or text in (each.relationship_type, each.iri)
        }  # fmt: skip
        if not named:
            known = ", ".join(sorted({local(each.relationship_type) for each in view.patterns}))
            raise RequestError(f"“{text[:LONGEST_NAME]}” is no kind of relationship. There are: {known}.")
        found |= named
    return frozenset(found)
