"""Lists of entities: what a search finds and what somebody picked, in columns, narrowed by facets and sorted.

A list of one's own is its address and nothing else: `/list?of=…` names its members, so it can be kept, sent, drawn,
compared and saved without an account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from leedskg.catalogue import Match
from leedskg.errors import RequestError
from leedskg.facets import FACETS
from leedskg.generation_view import GenerationView
from leedskg.naming import folded
from leedskg.record import PARENT, PLACE, SINCE, WEBSITE, Overview, read_overviews
from leedskg.web import current
from leedskg.web.api.parameters import PAGE, check_known, choice, reads, several, whole_number
from leedskg.web.pages.list_members import OF, id_of, list_address, read_members
from leedskg.web.pages.presentation import Presenter, web_address
from leedskg.web.pages.tables import AS_FILE, SavedTable, asked_table_format, saved, table_links
from leedskg.web.pages.views import EntityView
from leedskg.web.serving.addresses import address, site_address
from leedskg.wording import plain_date

blueprint = Blueprint("lists", __name__)

PAGE_SIZE = 50
#: Values of a facet that are offered; the rest are rare.
_OFFERED = 12
_BY_NAME, _BY_KIND = "name", "kind"
_SORTS = (_BY_NAME, _BY_KIND, PARENT, PLACE, SINCE)
_DOWN = tuple(f"-{each}" for each in _SORTS)
#: What a list tells of each entity beside its name and kind.
COLUMNS = {PARENT: "Parent", PLACE: "Place", SINCE: "Since", WEBSITE: "Website"}
_FACET_WORDS = {"place": "Place", "theme": "Theme", "need": "Need (bodies and services)", "source": "Source"}

#: What every list reads: what it is narrowed to, its order and its page.
PARAMETERS = (
    *(several(facet, f"The IRI of a {facet}, or what stands behind the base in it.") for facet in FACETS),
    choice("sort", "The column to sort by, with a minus for the other way round.", *_SORTS, *_DOWN),
    PAGE,
    AS_FILE,
)  # fmt: skip


@dataclass(frozen=True)
class ListItem:
    """A member of a list as a row: `matched` is the name it was found by, `cells` are its values by column."""

    view: EntityView
    id: str
    kind: str
    description: str
    matched: str
    cells: Mapping[str, tuple[EntityView, ...]]
    sources: tuple[EntityView, ...]
    without: str


@dataclass(frozen=True)
class ColumnView:
    """A column: its name, its heading, the address of the list sorted by it, and how it is sorted now."""

    name: str
    words: str
    sort_href: str = ""
    #: `ascending`, `descending` or nothing, as aria-sort has it.
    sorted: str = ""


@dataclass(frozen=True)
class FacetOption:
    """A value that a list can be narrowed to, or is: how many have it, and the address of the list with or without."""

    label: str
    number: int
    href: str


@dataclass(frozen=True)
class FacetView:
    """A facet: its heading, what is offered, and how many values more there are."""

    words: str
    options: tuple[FacetOption, ...]
    more: int = 0


@dataclass(frozen=True)
class Listing:
    """A page of a list."""

    items: tuple[ListItem, ...]
    columns: tuple[ColumnView, ...]
    facets: tuple[FacetView, ...]
    #: What the list is narrowed to, each with the address of the list without it.
    chosen: tuple[FacetOption, ...]
    total: int
    first: int
    previous: str
    next: str
    files: tuple[object, ...]
    picked: tuple[str, ...]
    #: What the registers cover of whose projects some are on the page.
    covered: tuple[str, ...] = ()


class ListRequest:
    """What the address asks of a list, read once."""

    def __init__(self, view: GenerationView, matches: Sequence[Match]) -> None:
        """Read the request. Raises RequestError for an order that there is not, and for a value that is none."""
        self.view = view
        base = view.namespaces.base
        self.chosen = {
            facet: [text if ":" in text else base + text for text in request.args.getlist(facet) if text]
            for facet in FACETS
        }
        for facet, values in self.chosen.items():
            there = sorted(view.facets.having[facet], key=lambda iri: (-len(view.facets.having[facet][iri]), iri))
            check_known(
                values,
                {*there, *view.catalogue.entries, *(topic.iri for topic in view.topics)} if values else (),
                f"{facet} in the graph: “{facet}” is the IRI of one, or what stands behind the base in it",
                [f"{view.facets.labels[iri]} ({iri.removeprefix(base)})" for iri in there] if values else (),
            )
        self.sort = request.args.get("sort", "")
        if self.sort not in ("", *_SORTS, *_DOWN):
            raise RequestError(f"“sort” is one of {', '.join(_SORTS)}, with a minus before it for the other way round.")
        self._overviews: dict[str, Overview] = {}
        kept = [match for match in matches if view.facets.keeps(match.entry.iri, self.chosen)]
        self.matches = self._sorted(kept)

    def overviews(self, matches: Sequence[Match]) -> Mapping[str, Overview]:
        """Return what a list tells of each entity beside its name."""
        missing = [match.entry.iri for match in matches if match.entry.iri not in self._overviews]
        self._overviews |= read_overviews(self.view.reader, self.view.namespaces, missing)
        return self._overviews

    def table(self, title: str) -> SavedTable:
        """Make the table of the whole list, with what a list tells of each entity, the sources and evidence of that."""
        found = self.overviews(self.matches)
        evidence = self._evidence(found)
        cited = {each.entry.iri: found[each.entry.iri].cited for each in self.matches}
        rows = [
            (entry.label, entry.iri, entry.kind, entry.description,
             *(found[entry.iri].words(column) for column in COLUMNS),
             "; ".join(source.label for source in cited[entry.iri]),
             "; ".join(f"{column}: {words}" for column, words in evidence(entry.iri)),
             " ".join(dict.fromkeys(iri for stated in found[entry.iri].stated.values() for iri in stated)))
            for entry in (each.entry for each in self.matches)
        ]  # fmt: skip
        sources = {source.iri: source.label for among in cited.values() for source in among}
        return SavedTable(
            title,
            "A row for each thing found, with the passages that say so (“evidence”) and the statements made of them. "
            "An empty cell means that no source read so far says so, not that it is not so.",
            ("name", "iri", "kind", "description", *COLUMNS, "sources", "evidence", "statements"),
            rows,
            [(label, iri) for iri, label in sorted(sources.items(), key=lambda each: each[1].casefold())],
        )

    def _evidence(self, found: Mapping[str, Overview]) -> Callable[[str], Iterator[tuple[str, str]]]:
        """Return what gives the passages behind an entity's row, in words, each with the column that it is for."""
        presenter = Presenter(self.view)
        statements = self.view.records.statements(
            dict.fromkeys(iri for each in found.values() for stated in each.stated.values() for iri in stated)
        )
        places = {
            iri: [
                ", ".join(filter(None, (place.document, place.words, place.record_href.partition("#:~:")[0])))
                for place in presenter.backing(statement).places
            ]
            for iri, statement in statements.items()
        }

        def of(entity: str) -> Iterator[tuple[str, str]]:
            for column in COLUMNS:
                told = (places.get(iri, ()) for (name, _), stated in found[entity].stated.items() if name == column
                        for iri in stated)  # fmt: skip
                yield from ((column, words) for words in dict.fromkeys(words for each in told for words in each))

        return of

    def listing(self, matched: Callable[[Match], str], picked: tuple[str, ...] = ()) -> Listing:
        """Return the page of the list that is asked for; `matched` gives the name by which something was found."""
        last_page = max(1, -(-len(self.matches) // PAGE_SIZE))
        number = whole_number("page", 1, least=1, most=last_page)
        here = self.matches[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        found, presenter = self.overviews(here), Presenter(self.view)
        items = tuple(self._item(presenter, each, found[each.entry.iri], matched(each), picked) for each in here)
        ordered_by = self.sort.removeprefix("-")
        shown = [column for column in COLUMNS if column == ordered_by or any(item.cells[column] for item in items)]
        return Listing(
            items,
            (
                self._column(_BY_NAME, "Name"), self._column(_BY_KIND, "Kind"),
                *(self._column(each, COLUMNS[each]) for each in shown), ColumnView("sources", "Sources"),
            ),
            tuple(self._facets()),
            tuple(
                FacetOption(
                    f"{_FACET_WORDS[facet]}: {self.view.facets.labels.get(value, value)}",
                    0,
                    self._address(facet, [each for each in values if each != value]),
                )
                for facet, values in self.chosen.items() for value in values
            ),
            len(self.matches),
            (number - 1) * PAGE_SIZE + 1,
            address(page=str(number - 1)) if number > 1 else "",
            address(page=str(number + 1)) if number < last_page else "",
            table_links(page=None),
            picked,
            presenter.covered(each.entry.iri for each in here),
        )  # fmt: skip

    def _sorted(self, matches: list[Match]) -> list[Match]:
        column = self.sort.removeprefix("-")
        if not column:
            return matches
        found = self.view.overviews if column in COLUMNS else {}

        def value(match: Match) -> str:
            if column in COLUMNS:
                overview = found.get(match.entry.iri)
                return folded(overview.words(column)) if overview else ""
            return folded(match.entry.kind if column == _BY_KIND else match.entry.label)

        valued = [(value(match), match) for match in matches]
        having = sorted(
            (each for each in valued if each[0]), key=lambda each: each[0], reverse=self.sort.startswith("-")
        )
        return [*(match for _, match in having), *(match for text, match in valued if not text)]

    def _column(self, name: str, words: str) -> ColumnView:
        if name not in _SORTS:
            return ColumnView(name, words)
        up = self.sort == name
        state = "ascending" if up else "descending" if self.sort == f"-{name}" else ""
        return ColumnView(name, words, address(sort=f"-{name}" if up else name, page=None), state)

    def _facets(self) -> list[FacetView]:
        """Count what is left by each facet; a value that all of them have narrows nothing."""
        iris = [match.entry.iri for match in self.matches]
        found = []
        for facet, words in _FACET_WORDS.items():
            values = [
                each for each in self.view.facets.counted(facet, iris)
                if each.iri not in self.chosen[facet] and each.number < len(iris)
            ]  # fmt: skip
            options = tuple(
                FacetOption(each.label, each.number, self._address(facet, [*self.chosen[facet], each.iri]))
                for each in values[:_OFFERED]
            )
            if options:
                found.append(FacetView(words, options, len(values) - len(options)))
        return found

    def _address(self, facet: str, values: Sequence[str]) -> str:
        """Return the address of the first page of the list with these values of a facet."""
        base = self.view.namespaces.base
        told = [(name, value) for name, value in request.args.items(multi=True) if name not in (facet, "page")]
        told += [(facet, value.removeprefix(base)) for value in values]
        return f"{request.script_root}{request.path}?{urlencode(told)}"

    def _item(
        self, presenter: Presenter, match: Match, overview: Overview, matched: str, picked: tuple[str, ...]
    ) -> ListItem:
        entry, own = match.entry, id_of(self.view, match.entry)
        cells = {
            column: tuple(
                cell(presenter, column, value, label) for value, label in overview.values.get(column, {}).items()
            )
            for column in COLUMNS
        }
        others = [each for each in picked if each != own]
        return ListItem(
            presenter.entity(entry.iri), own, entry.kind, entry.description, matched, cells,
            tuple(EntityView(source.label) for source in overview.cited),
            list_address(others) if own in picked else "",
        )  # fmt: skip


def cell(presenter: Presenter, column: str, value: str, label: str) -> EntityView:
    """Show a value of a column."""
    if column in (PARENT, PLACE):
        return presenter.entity(value, label)
    return EntityView(plain_date(value)) if column == SINCE else EntityView(value, web_address(value))


@blueprint.get("/list")
@reads(OF, *PARAMETERS)
@current.one_generation
def page(view: GenerationView) -> str | Response:
    """Show a list of one's own, whose members the address names."""
    format_name = asked_table_format()
    members = read_members(view)
    asked = ListRequest(view, [Match(entry, entry.label, 1.0) for entry in members.entries])
    if format_name:
        return saved(asked.table("Your list"), format_name)
    ids = tuple(id_of(view, entry) for entry in members.entries)
    own = site_address(current.settings()).rstrip("/") + list_address(ids).removeprefix(request.script_root)
    return render_template(
        "list.html",
        listing=asked.listing(lambda match: "", ids),
        problems=members.problems,
        ids=ids,
        names=[view.catalogue.unique_name(entry) for entry in members.entries[:3]],
        brief_href=url_for("brief.page", of=",".join(ids)) if ids else "",
        drawn=f"{url_for('pictures.members')}?{urlencode([('of', ','.join(ids))])}",
        mail=f"mailto:?{urlencode({'subject': 'A list', 'body': own}).replace('+', '%20')}",
    )
