"""Two or three bodies side by side: what they share, what only one has, and the strongest ways between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from leedskg.catalogue import CatalogueEntry
from leedskg.errors import RequestError, UnknownNameError
from leedskg.generation_view import GenerationView
from leedskg.web import current
from leedskg.web.api.parameters import LONGEST_NAME, reads, several
from leedskg.web.pages.limits import LIMITS, limits_form, narrowed
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.provider_routes import STEPS, Way, ways
from leedskg.web.pages.routes import end_names
from leedskg.web.pages.tables import AS_FILE, SavedTable, asked_table_format, saved, table_links
from leedskg.web.pages.views import BackingView, EntityView, FieldView, StatementRowView

blueprint = Blueprint("compare", __name__)

#: More than three do not stand side by side on paper.
MOST_BODIES = 3
#: What is compared, in this order, by the words of relationships and facts; what has other words comes last.
_SECTIONS = (
    ("Partners", ("partner of", "associated with")),
    ("Projects and activities", ("involved in", "holds an award for")),
    ("Funders", ("funded by",)),
    ("Places", ("located in", "within", "made in")),
    ("Themes", ("theme",)),
)
_OTHERS = "Other relationships"


@dataclass(frozen=True)
class ComparedLink:
    """One thing that is said of a body, in its words."""

    words: str
    row: StatementRowView

    @property
    def iri(self) -> str:
        """The statement that says it."""
        return current.settings().namespaces.base + self.row.href.removeprefix(f"{request.script_root}/")


@dataclass(frozen=True)
class SharedLine:
    """A thing that bodies are tied to, and how each of them is; an empty cell where no source says so."""

    value: EntityView
    cells: tuple[tuple[ComparedLink, ...], ...]

    @property
    def section(self) -> str:
        """What it is to the first of the bodies that is tied to it."""
        words = next(cell for cell in self.cells if cell)[0].words
        return next((name for name, among in _SECTIONS if words in among), _OTHERS)

    @staticmethod
    def told(cell: Iterable[ComparedLink]) -> list[tuple[str, tuple[BackingView, ...]]]:
        """Return what a cell says, what several statements say in the same words once, with what they rest on."""
        found: dict[str, tuple[BackingView, ...]] = {}
        for link in cell:
            words = ", ".join((link.words, *link.row.told))
            found[words] = (*found.get(words, ()), *link.row.backing)
        return list(found.items())

    @property
    def number(self) -> int:
        """How many of the bodies are tied to it."""
        return sum(bool(cell) for cell in self.cells)


@blueprint.get("/compare")
@reads(several("of", "The name or IRI of a body to compare, two or three in all."), *LIMITS, AS_FILE)
@current.one_generation
def page(everything: GenerationView) -> str | Response:
    """Compare the bodies that the address names; a form for them where it does not name two."""
    view = narrowed(everything)
    texts = [text.strip() for text in request.args.getlist("of") if text.strip()]
    format_name = asked_table_format()
    if len(texts) > MOST_BODIES:
        raise RequestError(f"{len(texts)} bodies are named; compare two or three at a time.")
    if any(len(text) > LONGEST_NAME for text in texts):
        raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
    presenter = Presenter(view)
    fields, entries = read_bodies(presenter, texts)
    whole = len(entries) > 1 and not any(field.problem for field in fields)
    if format_name and not whole:
        problems = " ".join(field.problem for field in fields if field.problem)
        raise RequestError(problems or "Name two or three bodies: compare?of=…&of=….")
    lines = compared_lines(presenter, entries) if whole else []
    between = ways_between(presenter, entries) if whole else []
    if format_name:
        return saved(_table(view, entries, lines), format_name)
    fields += [FieldView("of", "")] * (MOST_BODIES - len(fields))
    return render_template(
        "compare.html",
        fields=fields,
        names=end_names(view),
        bodies=[presenter.entity(entry.iri) for entry in entries] if whole else [],
        shared=by_section(line for line in lines if line.number > 1),
        alone=[by_section(line for line in lines if line.number == 1 and line.cells[at]) for at in range(len(entries))],
        between=between,
        steps=STEPS,
        brief_href=f"{url_for('brief.page')}?{urlencode([*(('of', text) for text in texts), ('as', 'comparison')])}",
        files=table_links(),
        limits=limits_form(everything),
        covered=view.projects_cover
        if any(way.is_by_projects for _, _, way in between)
        else presenter.covered(line.value.iri for line in lines),
    )


def read_bodies(presenter: Presenter, texts: list[str]) -> tuple[list[FieldView], list[CatalogueEntry]]:
    """Read the names; a field says what is wrong with its own."""
    fields: list[FieldView] = []
    entries: list[CatalogueEntry] = []
    catalogue = presenter.view.catalogue
    for at, text in enumerate(texts):
        problem, candidates = "", tuple[EntityView, ...]()
        try:
            entry = catalogue.find(text)
        except UnknownNameError as error:
            problem = error.message
            candidates = tuple(_instead(presenter, texts, at, each.iri, each.label) for each in error.candidates)
        else:
            if entry.retired:
                problem = f"{entry.label} was retired, and nothing took its place. Name another."
            elif entry in entries:
                problem = f"{entry.label} is named twice. Name another to compare it with."
            else:
                entries.append(entry)
        fields.append(FieldView("of", text, problem, candidates))
    return fields, entries


def _instead(presenter: Presenter, texts: list[str], at: int, iri: str, label: str) -> EntityView:
    """Show what a name may have meant, as a link to the comparison with it."""
    catalogue, view = presenter.view.catalogue, presenter.entity(iri, label)
    name = catalogue.unique_name(catalogue.entries[iri]) if iri in catalogue.entries else label
    asked = [("of", name if number == at else text) for number, text in enumerate(texts)]
    return EntityView(view.label, f"{url_for('compare.page')}?{urlencode(asked)}", view.kind, iri)


def compared_lines(presenter: Presenter, entries: list[CatalogueEntry]) -> list[SharedLine]:
    """Return everything that any of the bodies is tied to, with how each is; ties among themselves are no likeness."""
    own = {entry.iri for entry in entries}
    found: dict[str, list[list[ComparedLink]]] = {}
    values: dict[str, EntityView] = {}
    for at, entry in enumerate(entries):
        record = presenter.view.records.record(entry.iri).in_force
        for group in (*presenter.relations(record.relations), *presenter.attributes(record.attributes, entry.iri)):
            for row in group.rows:
                if row.value.iri and row.value.iri not in own:
                    values[row.value.iri] = row.value
                    cells = found.setdefault(row.value.iri, [[] for _ in entries])
                    cells[at].append(ComparedLink(group.words, row))
    lines = [SharedLine(values[iri], tuple(map(tuple, cells))) for iri, cells in found.items()]
    return sorted(lines, key=lambda line: (line.value.label.casefold(), line.value.iri))


def by_section(lines: Iterable[SharedLine]) -> list[tuple[str, list[SharedLine]]]:
    """Put lines under their headings, in the order of these."""
    sections: dict[str, list[SharedLine]] = {name: [] for name in (*(name for name, _ in _SECTIONS), _OTHERS)}
    for line in lines:
        sections[line.section].append(line)
    return [(name, among) for name, among in sections.items() if among]


def ways_between(presenter: Presenter, entries: list[CatalogueEntry]) -> list[tuple[EntityView, EntityView, Way]]:
    """Find the strongest way between each two."""
    return [
        (presenter.entity(one.iri), presenter.entity(other.iri), ways(presenter, one, [other.iri])[other.iri])
        for one, other in combinations(entries, 2)
    ]


def _table(view: GenerationView, entries: list[CatalogueEntry], lines: list[SharedLine]) -> SavedTable:
    """Make the table of a comparison: a row for each thing that any of the bodies is tied to."""
    sources = {
        (place.document, view.namespaces.base + place.document_href.removeprefix(f"{request.script_root}/"))
        for line in lines for cell in line.cells for link in cell for each in link.row.backing for place in each.places
    }  # fmt: skip
    names = [view.catalogue.unique_name(entry) for entry in entries]
    return SavedTable(
        f"Compared: {'; '.join(names)}",
        "A row for each thing that any of the bodies is tied to, and by what. An empty cell means that no source read "
        "so far says so, not that it is not so.",
        ("section", "name", "iri", "shared_by", *names, "statements"),
        [
            (
                line.section, line.value.label, line.value.iri, line.number,
                *("; ".join(dict.fromkeys(link.words for link in cell)) for cell in line.cells),
                " ".join(dict.fromkeys(link.iri for cell in line.cells for link in cell)),
            )
            for _, among in by_section(lines) for line in among
        ],
        sorted(sources),
    )  # fmt: skip
