"""The kinds of tables that stewards fill in: their columns, which kind a table is by its header, and empty ones."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from leedskg.contributions.form_field import FormField
from leedskg.contributions.table import InputTable
from leedskg.naming import folded
from leedskg.validation.findings import Finding

#: Where a statement stands. A second place goes into the same columns with 2, and so on to 9.
PLACE = ("document", "passage", "occurrence", "section")
#: A record of a register, where a statement rests on that and on no document.
REGISTER = ("register", "record key")
#: A web page, where a statement rests on that: its address, the day it was seen, and its title where it is new.
PAGE = ("web page", "seen on", "page title")
#: A report whose text is not kept: its title, where in it, and where it is new who published it and when.
REPORT = ("report", "report page", "report publisher", "report date")
#: The ways to say where a statement stands; a table has the columns of one of them.
_CITING = (("document", "passage"), REGISTER, PAGE[:2], REPORT[:1])
#: What every statement also carries.
STATEMENT = ("valid from", "valid to", "confidence", "reading note", "note", "rank", "asserted by")
_FURTHER_PLACE = re.compile(rf"({'|'.join(PLACE)}) [2-9]")
#: A heading that begins with this marks a column for the steward alone.
PRIVATE = "#"


#: The kinds of tables whose rows are statements, each with a place where it is stated.
CITED = ("relationships", "observations", "attributes")


@dataclass(frozen=True)
class TableKind:
    """A kind of table: its name, the columns it must have, and those it may have."""

    name: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, those that are needed first."""
        return self.needed + self.optional

    def knows(self, key: str) -> bool:
        """Return whether this is one of the kind's columns, further places included."""
        return key in self.columns or bool(_FURTHER_PLACE.fullmatch(key))


def table_kinds(role_columns: Iterable[str], identifier_columns: Iterable[str] = ()) -> tuple[TableKind, ...]:
    """Return the kinds. Roles of relationships and registers of identifiers are columns, and come from the ontology."""
    places = (*PLACE, *REGISTER, *PAGE, *REPORT, *STATEMENT)
    return (
        TableKind(
            "entities", ("name", "kind"),
            (
                "also printed as", "description", "population", "id", *identifier_columns, *PLACE, *REGISTER, *PAGE,
                *REPORT, "note",
            ),
        ),
        TableKind(
            "relationships", ("kind",),
            (*role_columns, "amount", "currency", "need", "stage", *places),
        ),
        TableKind(
            "observations", ("indicator", "value", "unit", "qualifier"),
            ("geography", "about", "reference period", "scope", "reported in", "attributed to", *places),
        ),
        TableKind("attributes", ("subject", "property", "value"), places),
        TableKind("retirements", ("record", "reason"), ("replaced by",)),
        TableKind("corrections", ("record", "field", "new value", "reason"), ("old value",)),
    )  # fmt: skip


@dataclass
class Layout:
    """Which cell of a row is which column of the kind, and what is wrong with the header."""

    kind: TableKind
    positions: dict[str, int] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def recognise(table: InputTable, kinds: Iterable[TableKind]) -> Layout | None:
    """Return the kind of table that the header fits best, or None with a finding in the table when it fits none."""
    keys = {position: folded(heading) for position, heading in enumerate(table.columns) if heading}
    known = {kind: _fitting(kind, keys.values()) for kind in kinds}
    best = max(known, key=lambda kind: known[kind])
    if known[best] < 1:
        what = "; ".join(f"{kind.name}: {', '.join(kind.needed)}" for kind in known)
        table.findings.append(
            table.header_finding(
                "The first row is not the header of a table that is known here. Begin with one of the templates. "
                f"Their columns are, at least, {what}."
            )
        )
        return None
    return _laid_out(table, best)


def is_of_entities(table: InputTable) -> bool:
    """Return whether a table adds things with names, which the other tables of its file may then name."""
    entities, *others = table_kinds(())
    keys = [folded(heading) for heading in table.columns if heading]
    return all(_fitting(entities, keys) > _fitting(other, keys) for other in others)


def _fitting(kind: TableKind, keys: Iterable[str]) -> float:
    """Return how many of the headings are this kind's and not every statement's; misspelt ones count a little less."""
    own = [column for column in kind.columns if column not in (*PLACE, *REGISTER, *PAGE, *REPORT, *STATEMENT)]
    exact = sum(key in own for key in keys)
    near = sum(key not in own and bool(get_close_matches(key, own, n=1, cutoff=0.75)) for key in keys)
    return exact + 0.9 * near


def _laid_out(table: InputTable, kind: TableKind) -> Layout:
    layout = Layout(kind)
    unknown: dict[int, str] = {}
    for position, heading in enumerate(table.columns):
        key = folded(heading)
        if heading.startswith(PRIVATE):
            continue
        if not heading:
            if any(row.text(position) for row in table.rows):
                layout.findings.append(table.header_finding(f"Column {position + 1} has cells and no heading."))
        elif not kind.knows(key):
            unknown[position] = key
        elif key in layout.positions:
            layout.findings.append(
                table.header_finding(
                    "Two columns have this heading. Several values go into one cell, separated by |.", heading
                )
            )
        else:
            _place(layout, key, position, heading)
    for position, key in unknown.items():
        _guess(table, layout, position, key)
    layout.findings += _missing(table, layout)
    return layout


def _missing(table: InputTable, layout: Layout) -> list[Finding]:
    """Return what is said of columns that the kind needs and the table does not have."""
    name = layout.kind.name
    found = [
        table.header_finding(f"A table of {name} needs the column {column}. Add it.", column)
        for column in layout.kind.needed
        if column not in layout.positions
    ]
    if name in CITED and not any(all(column in layout.positions for column in way) for way in _CITING):
        ways = ", or ".join(" and ".join(way) for way in _CITING)
        message = f"A table of {name} says where each row is stated. Add the columns {ways}."
        found.append(table.header_finding(message))
    return found


def _guess(table: InputTable, layout: Layout, position: int, key: str) -> None:
    """Say what an unknown heading may have meant, and read its cells as that, so that they are checked as well."""
    heading = table.columns[position]
    free = [column for column in layout.kind.columns if column not in layout.positions]
    near = get_close_matches(key, free, n=1, cutoff=0.7)
    if near:
        _place(layout, near[0], position, heading)
        hint = f"did you mean {near[0]}?"
    else:
        hint = f"remove it, or begin its heading with {PRIVATE} to keep it for yourself."
    layout.findings.append(
        table.header_finding(f"A table of {layout.kind.name} has no column of this name: {hint}", heading)
    )


def _place(layout: Layout, key: str, position: int, heading: str) -> None:
    layout.positions[key] = position
    layout.headings[key] = heading


def role_column(label: str, taken: Iterable[str] = (*PLACE, *REGISTER, *PAGE, *REPORT)) -> str:
    """Return the heading of a role's column: its label, with “role” behind it where another column has that heading."""
    key = folded(label)
    return f"{key} role" if key in taken else key


def role_columns(roles: Mapping[str, str]) -> dict[str, str]:
    """Return the role of each heading, from the label of each role."""
    return {role_column(label): role for role, label in roles.items()}


#: Rows of a template that have lists to choose from.
_ROWS = 1_000
#: A sheet with this name and state holds the choices, for a cell holds no list of more than 255 characters.
CHOICES = "#choices"


def template_csv(fields: Sequence[FormField]) -> bytes:
    """Return the header of a table as CSV, marked as UTF-8 for Excel."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([field.column for field in fields])
    return text.getvalue().encode("utf-8-sig")


def template_xlsx(fields: Sequence[FormField], title: str) -> bytes:
    """Return the header of a table as a workbook, with a list to choose from below each heading that has one."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    choices = book.create_sheet(CHOICES)
    choices.sheet_state = "veryHidden"
    for number, shown in enumerate(fields, start=1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, shown.column)
        cell.font = Font(bold=shown.needed)
        sheet.column_dimensions[letter].width = max(14, len(shown.column) + 4)
        for row in range(2, 200):
            sheet.cell(row, number).number_format = "@"  # else Excel takes 2023-02 for a day, and 0012 for 12
        if not shown.options:
            continue
        for row, (value, _) in enumerate(shown.options, start=1):
            choices.cell(row, number, value)
        rule = DataValidation(
            type="list", formula1=f"'{CHOICES}'!${letter}$1:${letter}${len(shown.options)}", allow_blank=True,
            showErrorMessage=not shown.several,
        )  # fmt: skip
        rule.error = "Choose one of the list."
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{_ROWS}")
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
