"""Tables of any form into tables of ours, under what a person said of them. Each cell keeps its place in the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from leedskg.contributions.assertions import role_rule
from leedskg.contributions.directory import Directory
from leedskg.contributions.registered import RegisteredIdentifiers
from leedskg.contributions.sheets.cells import aside, dated, is_open, read_money
from leedskg.contributions.sheets.grid import Grid
from leedskg.contributions.sheets.mapping import ASIDE, FileMapping, SheetMapping
from leedskg.contributions.sheets.names import NEW, SheetNames
from leedskg.contributions.table import InputTable, TableRow
from leedskg.contributions.templates import role_column
from leedskg.contributions.values import BETWEEN, CellError
from leedskg.knowledge import Knowledge
from leedskg.matching import Mention, judgements_of
from leedskg.matching.bodies import BodyMatcher
from leedskg.naming import folded
from leedskg.validation.findings import Finding, Severity

_REPORT = ("report", "report page", "report publisher", "report date")
_LINKS = ("valid from", "valid to", "amount", "currency", "note")
_LONGEST_VALUE = 200


@dataclass
class Mapped:
    """What a mapping makes of a file: tables of ours, what is kept aside, and what is not said yet."""

    tables: list[InputTable] = field(default_factory=list)
    aside: list[Finding] = field(default_factory=list)
    #: Values of columns of kinds and of relationships that nothing is said of, by how many rows have them.
    kinds: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class Mapper:
    """Maps the tables of one file against one state of the graph."""

    def __init__(self, knowledge: Knowledge, mapping: FileMapping) -> None:
        self._knowledge = knowledge
        self.directory = Directory(knowledge, None)
        self.registered = RegisteredIdentifiers(self.directory)
        matcher = BodyMatcher(knowledge.graph, judgements_of(knowledge))
        self.mapping = mapping
        self.names = SheetNames(self.directory, matcher, mapping.names)
        self.made = Mapped()
        self._first: dict[str, int] = {}

    def apply(self, grids: Iterable[Grid]) -> Mapped:
        """Map every table: those of organisations first, so that relationships can name what they add."""
        pairs = list(zip(grids, self.mapping.sheets, strict=False))
        for grid, sheet in pairs:
            self._check(grid, sheet)
            if sheet.what == "organisations":
                self._organisations(grid, sheet)
        for grid, sheet in pairs:
            if links := sheet.as_links():
                self._relationships(grid, links, of_list=sheet.what == "organisations")
        return self.made

    def _check(self, grid: Grid, sheet: SheetMapping) -> None:
        """Say which columns are kept aside, and what is mapped in a way that cannot be."""
        title = grid.title or grid.name
        if sheet.what == ASIDE:
            self.made.aside.append(
                InputTable(grid.name).finding(f"“{title}” is kept aside as a whole.", severity=Severity.INFO)
            )
            return
        self.made.aside += [replace(each, severity=Severity.WARNING) for each in grid.unread]
        for column, heading in enumerate(grid.headings):
            if sheet.columns.get(column, ASIDE) == ASIDE and grid.values(column):
                message = f"Kept aside, and not in the graph: the column “{heading}”, for no meaning was chosen."
                self.made.aside.append(InputTable(grid.name).finding(message, severity=Severity.INFO))
        for meaning in sorted(set(sheet.columns.values()) - {ASIDE, "note"}):
            at = [grid.headings[column] for column, each in sheet.columns.items()
                  if each == meaning and column < len(grid.headings)]  # fmt: skip
            if len(at) > 1:
                self.made.problems.append(f"{title}: {' and '.join(f'“{each}”' for each in at)} both mean "
                                          f"“{meaning}”. Choose one of them.")  # fmt: skip
        needed = ("name",) if sheet.what == "organisations" else ("from", "to")
        for meaning in needed:
            if sheet.column(meaning) is None:
                self.made.problems.append(f"{title}: say which column is “{meaning}”.")

    def _organisations(self, grid: Grid, sheet: SheetMapping) -> None:
        identifiers = [each for each in self.registered.columns if sheet.column(each) is not None]
        columns = ("name", "kind", "also printed as", "description", *identifiers, "note", *_REPORT)
        table = InputTable(grid.name, columns, header_line=grid.header or None)
        at = sheet.column("name")
        for row in grid.rows if at is not None else ():
            name = row.text(at or 0)
            if not name:
                self._whole_row(row, "it has no name")
                continue
            kind = self._kind(row, sheet)
            cells = {"name": name, "kind": kind} | {
                each: row.text(position) for each in ("also printed as", "description")
                if (position := sheet.column(each)) is not None
            }  # fmt: skip
            for each in identifiers:
                if text := self._identifier(row, grid, sheet.column(each) or 0, each):
                    cells[each] = text
            if kind == ASIDE:
                self._whole_row(row, "its kind is kept aside")
                continue
            numbers = [(self.registered.columns[each], cells[each]) for each in identifiers if each in cells]
            postcode = sheet.column("postcode")
            mention = Mention.of(
                name,
                numbers,
                postcode=row.text(postcode) if postcode is not None else "",
                kinds=(kind,) if kind else (),
            )
            place = f"{grid.title or 'row'} {row.cell(at) or row.number}"
            meant = self.names.of_row(mention, place)
            if not meant or meant == ASIDE:
                if meant:
                    self._whole_row(row, "its name is kept aside")
                continue
            self.names.list_new(name, name if meant == NEW else meant)
            self._add_organisation(table, row, grid, sheet, cells, meant)
        if table.rows:
            self.made.tables.append(table)

    def _add_organisation(  # noqa: PLR0913, PLR0917 - one row of one table
        self, table: InputTable, row: TableRow, grid: Grid, sheet: SheetMapping, cells: dict[str, str], meant: str
    ) -> None:
        key = folded(cells["name"]) if meant == NEW else meant
        if key in self._first or (meant != NEW and meant not in self.directory.catalogue.entries):
            self._whole_row(row, f"it repeats row {self._first.get(key, 'above')}, or another that has its name")
            return
        self._first[key] = row.number
        entry = self.directory.catalogue.entries.get(meant)
        if entry:
            cells |= {"name": self.directory.catalogue.unique_name(entry), "kind": entry.kind_labels[0]}
        cells["note"] = self._note(row, grid, sheet)
        self._append(table, row, sheet, cells | self._report(grid, row))

    def _relationships(self, grid: Grid, sheet: SheetMapping, *, of_list: bool) -> None:
        labels = self.directory.concepts("role")
        columns = ("kind", *(role_column(each) for each in labels.values()), *_LINKS, *_REPORT)
        table, extra = InputTable(grid.name, columns), InputTable(grid.name, ("name", "kind", "note", *_REPORT))
        sides = [sheet.column("from"), sheet.column("to")]
        for row in grid.rows if None not in sides else ():
            texts = [row.text(position or 0) for position in sides]
            if not all(texts):
                if not of_list:
                    self._whole_row(row, "one of its sides is empty")
                continue
            role = self._role(row, sheet)
            if role == ASIDE:
                self._whole_row(row, "its relationship is kept aside")
                continue
            several = [
                self.names.parts(row.lines(position or 0), f"{grid.title or 'row'} {row.cell(position) or row.number}")
                for position in sides
            ]
            pairs = list(product([texts[0]] if of_list else several[0], several[1]))
            money = self._money(row, grid, sheet, role.partition("|")[0], several=len(pairs) > 1) if role else {}
            for pair in pairs:
                self._relationship(row, grid, sheet, role, pair, money, (table, extra))
        self.made.tables += [each for each in (extra, table) if each.rows]

    def _relationship(  # noqa: PLR0913, PLR0917 - one pair of one row of one table
        self, row: TableRow, grid: Grid, sheet: SheetMapping, role: str, texts: tuple[str, str],
        money: dict[str, str], into: tuple[InputTable, InputTable],
    ) -> None:  # fmt: skip
        table, extra = into
        meant = [
            self.names.of_link(text, f"{grid.title or 'row'} {row.cell(position or 0) or row.number}")
            for text, position in zip(texts, (sheet.column("from"), sheet.column("to")), strict=True)
        ]
        if ASIDE in meant:
            self._whole_row(row, "a name in it is kept aside")
        elif meant[0] == meant[1] and meant[0]:
            self._whole_row(row, "both sides are the same")
        if ASIDE in meant or not all(meant) or not role or meant[0] == meant[1]:
            return
        for text in meant:
            self._add_new(extra, row, grid, sheet, text)
        kind, first, second = role.split("|")
        names = [self._called(each) for each in meant]
        cells = {"kind": self.directory.kind_label(self._knowledge.namespaces.term(kind)), first: names[0]}
        cells[second] = f"{cells[second]} {BETWEEN} {names[1]}" if second in cells else names[1]
        cells |= self._when(row, grid, sheet) | money
        cells["note"] = self._note(row, grid, sheet)
        self._append(table, row, sheet, cells | self._report(grid, row))

    def _add_new(self, extra: InputTable, row: TableRow, grid: Grid, sheet: SheetMapping, name: str) -> None:
        """Add an organisation that only a relationship names, of the kind that was said."""
        kind = self.names.new.get(name, "")
        if kind and kind != NEW and folded(name) not in self._first:
            self._first[folded(name)] = row.number
            self._append(extra, row, sheet, {"name": name, "kind": kind} | self._report(grid, row))

    def _called(self, meant: str) -> str:
        entry = self.directory.catalogue.entries.get(meant)
        return self.directory.catalogue.unique_name(entry) if entry else meant

    def _kind(self, row: TableRow, sheet: SheetMapping) -> str:
        at = sheet.column("kind")
        text = row.text(at) if at is not None else ""
        if not text:
            if not sheet.every:
                self.made.kinds[""] = self.made.kinds.get("", 0) + 1
            return sheet.every
        found = self.mapping.kinds.get(text[:_LONGEST_VALUE], "")
        if not found:
            self.made.kinds[text] = self.made.kinds.get(text, 0) + 1
        return found

    def _role(self, row: TableRow, sheet: SheetMapping) -> str:
        at = sheet.column("relation")
        text = row.text(at) if at is not None else ""
        found = self.mapping.roles.get(text[:_LONGEST_VALUE], "") if text else sheet.every
        if found and found != ASIDE and found not in dict(self.role_options):
            found = ""
        if not found:
            self.made.roles[text] = self.made.roles.get(text, 0) + 1
        return found

    def _identifier(self, row: TableRow, grid: Grid, column: int, meaning: str) -> str:
        text = row.text(column)
        try:
            return self.registered.noted(meaning, text) if text else ""
        except CellError as error:
            self.made.aside.append(aside(row, column, grid.headings[column], text, str(error)))
            return ""

    def _when(self, row: TableRow, grid: Grid, sheet: SheetMapping) -> dict[str, str]:
        found = {}
        for meaning in ("valid from", "valid to"):
            at = sheet.column(meaning)
            if at is None or not row.text(at):
                continue
            try:
                if not (meaning == "valid to" and is_open(row.text(at))):
                    found[meaning] = dated(row.text(at), sheet.order, last=meaning == "valid to")
            except CellError as error:
                self.made.aside.append(aside(row, at, grid.headings[at], row.text(at), str(error)))
        return found

    def _money(self, row: TableRow, grid: Grid, sheet: SheetMapping, kind: str, *, several: bool) -> dict[str, str]:
        at, coins = sheet.column("amount"), sheet.column("currency")
        if at is None or not row.text(at):
            return {}
        try:
            if kind != "FundingAward":
                raise CellError("only a funding award has an amount.")
            if several:
                raise CellError("it is of several bodies together, and nobody says what each had.")
            amount, currency = read_money(row.text(at))
            currency = currency or (row.text(coins).upper() if coins is not None else "") or "GBP"
        except CellError as error:
            self.made.aside.append(aside(row, at, grid.headings[at], row.text(at), str(error)))
            return {}
        return {"amount": amount, "currency": currency}

    def _note(self, row: TableRow, grid: Grid, sheet: SheetMapping) -> str:
        return "; ".join(
            f"{grid.headings[column]}: {row.text(column)}"
            for column, meaning in sheet.columns.items() if meaning == "note" and row.text(column)
        )  # fmt: skip

    def _report(self, grid: Grid, row: TableRow) -> dict[str, str]:
        said = self.mapping.report
        place = f"sheet {grid.title}, row {row.number}" if grid.title else f"row {row.number}"
        return {
            "report": said.get("title", ""), "report page": place, "report publisher": said.get("publisher", ""),
            "report date": said.get("date", ""),
        }  # fmt: skip

    def _whole_row(self, row: TableRow, why: str) -> None:
        self.made.aside.append(aside(row, None, "", "", f"the row, for {why}."))

    @staticmethod
    def _append(table: InputTable, row: TableRow, sheet: SheetMapping, cells: dict[str, str]) -> None:
        """Add a row of ours that was made of one of the file."""
        sides = {"name": sheet.column("name"), "kind": sheet.column("kind") or sheet.column("relation")}
        at = [sides.get(column, sheet.column(column)) for column in table.columns]
        if table.columns[0] == "kind" and at[0] is None:
            at[0] = sheet.column("from")
        made_of = tuple(-1 if each is None else each for each in at)
        texts = tuple(cells.get(column, "") for column in table.columns)
        table.rows.append(TableRow(row.table, row.number, row.line, texts, row.in_sheet, made_of))

    @cached_property
    def role_options(self) -> list[tuple[str, str]]:
        """The relationships that a link may be, each as a mapping writes it and in words."""
        return role_options(self.directory)


def role_options(directory: Directory) -> list[tuple[str, str]]:
    """Return the relationships between two: kind and the roles of both sides, and the same in words."""
    knowledge = directory.knowledge
    labels = directory.concepts("role")
    found = []
    for kind in directory.kinds_to_state("Relationship") - {knowledge.namespaces.term("Support")}:
        rule = role_rule(knowledge, kind)
        columns = {role: role_column(labels[role]) for role in rule.allowed if role in labels}
        for first, a in columns.items():
            for second, b in columns.items():
                repeats = len(set(rule.needed)) == 1 and set(rule.needed) == {first}
                if set(rule.needed) <= {first, second} and (first != second or repeats):
                    words = f"{directory.kind_label(kind)}: from is {a}, to is {b}"
                    found.append((f"{kind.rpartition('#')[2]}|{a}|{b}", words))
    return sorted(found, key=lambda pair: pair[1])
