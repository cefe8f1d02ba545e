"""What a file of any form is proposed to be, and what has to be asked: all that its page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from leedskg.contributions.csv_file import read_csv
from leedskg.contributions.directory import Directory
from leedskg.contributions.form_fields import FormFields
from leedskg.contributions.other_workbooks import OTHERS
from leedskg.contributions.registered import RegisteredIdentifiers
from leedskg.contributions.sheets.dates import read_date
from leedskg.contributions.sheets.grid import Grid, read_grids
from leedskg.contributions.sheets.guesses import asks_order, kind_guess, order_of, role_guess, sheet_guess
from leedskg.contributions.sheets.mapped import Mapper
from leedskg.contributions.sheets.mapping import ASIDE, FileMapping, SheetMapping
from leedskg.contributions.sheets.names import NameQuestion
from leedskg.contributions.table import InputTable
from leedskg.contributions.templates import CITED, recognise, role_columns, table_kinds
from leedskg.contributions.values import CellError
from leedskg.contributions.workbook import read_workbook
from leedskg.errors import RefusedError
from leedskg.knowledge import Knowledge
from leedskg.validation.findings import Finding

_SAMPLES = 3
#: What may be chosen for a column of each sort of table, with its words; registers come between.
_OF_ORGANISATIONS = {
    "name": "Name", "kind": "Kind", "also printed as": "Another name", "description": "Description",
    "postcode": "Postcode (to find the body)", "to": "Works with: one body or several",
    "relation": "Relationship to these", "valid from": "It begins (date)", "valid to": "It ends (date)",
}  # fmt: skip
_OF_RELATIONSHIPS = {
    "from": "From: the first organisation", "relation": "Relationship", "to": "To: the second organisation",
    "valid from": "Begins (date)", "valid to": "Ends (date)", "amount": "Amount of money", "currency": "Currency",
}  # fmt: skip
_OF_BOTH = {"note": "Note, with its heading", ASIDE: "Keep aside"}


@dataclass
class ColumnShown:
    """A column on the page: its heading, what stands in it, and what it is taken for."""

    position: int
    heading: str
    samples: list[str]
    meaning: str


@dataclass
class SheetShown:
    """A table on the page."""

    title: str
    what: str
    header: int
    above: list[str]
    rows: int
    columns: list[ColumnShown]
    order: str
    every: str
    #: Dates that can be read in two ways, where nobody has said in which.
    ambiguous: list[str]


@dataclass
class Proposal:
    """The whole page: the mapping as it is now, its tables, what is asked, and what it would come to."""

    name: str
    mapping: FileMapping
    sheets: list[SheetShown]
    meanings: Mapping[str, Mapping[str, str]]
    kind_options: list[str]
    role_options: list[tuple[str, str]]
    #: Values of kinds and roles, each with what it is taken for and how many rows have it.
    kinds: list[tuple[str, str, int]]
    roles: list[tuple[str, str, int]]
    questions: list[NameQuestion]
    taken: list[tuple[str, str]]
    new: list[str]
    aside: list[Finding]
    problems: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def kind_pairs(self) -> list[tuple[str, str]]:
        """The kinds as choices: what is written for each, and its words."""
        return [(label, label) for label in self.kind_options]


def is_template(content: bytes, name: str, state: Knowledge) -> bool:
    """Return whether a file is to be read as one of our templates: its headings are, or it cannot be read at all."""
    if name.lower().endswith(OTHERS):
        return False  # ours are given as .xlsx and CSV
    tables = read_workbook(content, name) if name.lower().endswith(".xlsx") else [read_csv(_as_utf_8(content), name)]
    directory = Directory(state, None)
    kinds = table_kinds(role_columns(directory.concepts("role")), RegisteredIdentifiers(directory).columns)
    for table in tables:
        bare = InputTable(table.name, table.columns, header_line=table.header_line)
        layout = recognise(bare, kinds) if table.columns else None
        needs = [each for each in (layout.kind.needed if layout else ()) if each not in layout.positions]  # type: ignore[union-attr]
        cited = layout is not None and layout.kind.name in CITED
        if layout is not None and not needs and (cited or not _strange(layout.findings)):
            return True
        if layout is not None and layout.kind.name not in {"entities", "relationships"}:
            return True
    try:
        return not read_grids(content, name)
    except RefusedError:
        return True


def _as_utf_8(content: bytes) -> bytes:
    """Return a CSV file as UTF-8, for its headings: one of ours in another encoding is told how to save it."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if b"\0" not in content:
            return content.decode("cp1252", "replace").encode()
    return content


def _strange(findings: list[Finding]) -> bool:
    return any("has no column of this name: remove it" in each.message for each in findings)


def propose(  # noqa: PLR0913, PLR0917 - the file, the graph, and what is known already
    content: bytes,
    name: str,
    state: Knowledge,
    said: FileMapping | None = None,
    remembered: Callable[[str], FileMapping | None] = lambda _: None,
    title: str = "",
) -> Proposal:
    """Propose a mapping of a file, or show what the one that somebody `said` comes to. Raises RefusedError."""
    headers = [each.header for each in said.sheets] if said else []
    grids = read_grids(content, name, headers)
    mapping = said or _first(grids, name, remembered, state, title)
    mapping.sheets += [SheetMapping("") for _ in grids[len(mapping.sheets) :]]
    columns = RegisteredIdentifiers(Directory(state, None)).columns
    for number, (grid, sheet) in enumerate(zip(grids, mapping.sheets, strict=False)):
        if not sheet.what or (sheet.what != ASIDE and not sheet.columns):
            mapping.sheets[number] = sheet_guess(grid, columns, sheet.what)
    for grid, sheet in zip(grids, mapping.sheets, strict=False):
        sheet.header = grid.header
        sheet.order = sheet.order or order_of(grid, sheet)
    mapper = Mapper(state, mapping)
    kinds = [label for _, label, _ in FormFields(state).kinds("Entity")]
    known_kinds, known_roles = _values(grids, mapping)
    _guess_values(mapping, mapper, kinds, known_kinds, known_roles)
    made = mapper.apply(grids)
    identifiers = _register_words(mapper)
    questions = list(mapper.names.questions.values())
    shown = [_shown(grid, sheet) for grid, sheet in zip(grids, mapping.sheets, strict=False)]
    problems = (
        made.problems
        + _about_report(mapping.report, mapper.directory) * bool(said)
        + _unsaid(shown, made.kinds, made.roles, questions)
    )
    return Proposal(
        name, mapping, shown,
        {"organisations": _OF_ORGANISATIONS | identifiers | _OF_BOTH, "relationships": _OF_RELATIONSHIPS | _OF_BOTH,
         ASIDE: {ASIDE: _OF_BOTH[ASIDE]}},
        kinds, mapper.role_options,
        [(value, mapping.kinds.get(value, ""), number) for value, number in known_kinds.items()],
        [(value, mapping.roles.get(value, ""), number) for value, number in known_roles.items()],
        questions, sorted(mapper.names.taken.items()), sorted(mapper.names.new), made.aside, problems,
        [grid.key for grid in grids],
    )  # fmt: skip


def _about_report(report: dict[str, str], directory: Directory) -> list[str]:
    """Say what is not said of the list as a source; the date of it is written as ours are."""
    found = [] if report.get("title") else ["Write what the list is called: it is the source of what is in it."]
    try:
        if report.get("publisher"):
            directory.entity(report["publisher"])
        else:
            found.append("Say who made the list, by the name that the graph has.")
        if report.get("date"):
            report["date"] = read_date(report["date"], "day")
        else:
            found.append("Say when the list was made, such as 2026-04.")
    except CellError as error:
        found.append(str(error))
    return found


def _unsaid(
    sheets: list[SheetShown], kinds: Mapping[str, int], roles: Mapping[str, int], questions: list[NameQuestion]
) -> list[str]:
    """Say what a person still has to say."""
    found = [
        f"{each.title}: {each.ambiguous[0]} can be read in two ways. Say whether day or month stands first."
        for each in sheets if each.ambiguous
    ]  # fmt: skip
    found += [f"Say which kind “{each}” is." if each else "Say which kind the rows without one are." for each in kinds]
    found += [
        f"Say which relationship “{each}” is." if each else "Say what the rows without a relationship are."
        for each in roles
    ]
    return found + [f"Say who “{each.name}” is." for each in questions if not each.answer]


def _first(
    grids: list[Grid], name: str, remembered: Callable[[str], FileMapping | None], state: Knowledge, title: str
) -> FileMapping:
    """Return the mapping that is proposed first: what was said of a file of the same form, and guesses."""
    columns = RegisteredIdentifiers(Directory(state, None)).columns
    stem = name.rpartition(".")[0] or name
    mapping = FileMapping(report={"title": title or stem.replace("_", " "), "publisher": "", "date": ""})
    for grid in grids:
        guess = sheet_guess(grid, columns)
        known = remembered(grid.key)
        if known and known.sheets:
            sheet = known.sheets[0]
            sheet.header = grid.header
            for column, meaning in guess.columns.items():  # of headings that the remembered form does not have
                free = meaning in {"note", ASIDE} or meaning not in sheet.columns.values()
                sheet.columns.setdefault(column, meaning if free and sheet.what == guess.what else ASIDE)
            told = order_of(grid, sheet)
            sheet.order = told or sheet.order
            mapping.sheets.append(sheet)
            for mine, theirs in zip(
                (mapping.kinds, mapping.roles, mapping.names, mapping.report),
                (known.kinds, known.roles, known.names, {"publisher": known.report.get("publisher", "")}), strict=True,
            ):  # fmt: skip
                mine.update({key: value for key, value in theirs.items() if value})
        else:
            mapping.sheets.append(guess)
    return mapping


def _values(grids: list[Grid], mapping: FileMapping) -> tuple[dict[str, int], dict[str, int]]:
    """Return the values of the columns of kinds and of relationships, by how many rows have each."""
    kinds: dict[str, int] = {}
    roles: dict[str, int] = {}
    for grid, sheet in zip(grids, mapping.sheets, strict=False):
        links = sheet.as_links()
        columns = [(roles, links.column("relation") if links else None)]
        columns.append((kinds, sheet.column("kind") if sheet.what == "organisations" else None))
        for found, at in columns:
            for row in grid.rows if at is not None else ():
                if text := row.text(at or 0):
                    found[text] = found.get(text, 0) + 1
    return kinds, roles


def _guess_values(
    mapping: FileMapping, mapper: Mapper, labels: list[str], kinds: Mapping[str, int], roles: Mapping[str, int]
) -> None:
    """Propose what values mean of which nothing is said."""

    def exact(value: str) -> str:
        try:
            return mapper.directory.kind_label(mapper.directory.kind(value, "Entity"))
        except CellError:
            return ""

    options = [value for value, _ in mapper.role_options]
    for value in kinds:
        if value not in mapping.kinds:
            mapping.kinds[value] = kind_guess(value, labels, exact)
    for value in roles:
        if value not in mapping.roles:
            mapping.roles[value] = role_guess(value, options)


def _register_words(mapper: Mapper) -> dict[str, str]:
    """Return the columns of registers, one for each, with their words."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for column, register in mapper.registered.columns.items():
        if register not in seen:
            seen.add(register)
            found[column] = column[:1].upper() + column[1:]
    return found


def _shown(grid: Grid, sheet: SheetMapping) -> SheetShown:
    columns = [
        ColumnShown(at, heading, grid.values(at)[:_SAMPLES], sheet.columns.get(at, ASIDE))
        for at, heading in enumerate(grid.headings)
    ]
    ambiguous = asks_order(grid, sheet) if not sheet.order and sheet.as_links() else []
    return SheetShown(
        grid.title or grid.name, sheet.what, grid.header, grid.above, len(grid.rows), columns, sheet.order, sheet.every,
        ambiguous,
    )  # fmt: skip
