"""Tables into proposals: drafted as `leedskg draft` does, each statement with the row or cell that it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import BinaryIO

import pyoxigraph as ox

from leedskg.characters import without_directions
from leedskg.contributions import turtle
from leedskg.contributions.csv_file import read_csv
from leedskg.contributions.drafting import Draft, draft
from leedskg.contributions.imported import IMPORT, of_import
from leedskg.contributions.rdf_file import FORMATS, RdfFile
from leedskg.contributions.screening import Screening
from leedskg.contributions.sheets.package import ENDING as SHEET_ENDING
from leedskg.contributions.sheets.package import SheetPackage
from leedskg.contributions.table import InputTable, TableRow, tidy
from leedskg.contributions.templates import is_of_entities
from leedskg.contributions.workbook import read_workbook
from leedskg.documents import Documents
from leedskg.errors import RefusedError
from leedskg.importers.stored import ENDING, Package
from leedskg.knowledge import Knowledge
from leedskg.statements import StatementFile, key, parse_turtle
from leedskg.validation.change import Change, ProposedStatement, finding
from leedskg.validation.findings import Place, Report, Severity


def proposals_of_tables(
    tables: Iterable[InputTable], state: Knowledge, documents: Documents | None, now: datetime, report: Report
) -> list[ProposedStatement]:
    """Return what the rows of the tables add and take out; what is wrong with them goes into the report.

    The tables of one file know each other: what a sheet of entities adds has a name for every other sheet.
    """
    proposals: list[ProposedStatement] = []
    added: list[ox.Triple] = []
    for table in sorted(tables, key=lambda table: not is_of_entities(table)):
        made = draft(table, state, documents, now, added, contributed=True)
        report.add(made.report.findings)
        for what, number in made.report.checked.items():
            report.checked[what] = report.checked.get(what, 0) + number
        drafted = _drafted(made, state)
        if made.kind == "entities":
            added += drafted.triples
        if not made.sound:
            continue
        proposals += [ProposedStatement(each.action, each.triple, _place(table, row)) for each, row in made.amendments]
        for triple in drafted.triples:
            short = state.namespaces.shorten(key(triple.subject).partition("#")[0])
            proposals.append(ProposedStatement("add", triple, _place(table, made.rows.get(short))))
    return proposals


def _drafted(made: Draft, state: Knowledge) -> StatementFile:
    """Return the statements of the rows that could be read, also where other rows have faults."""
    body = "\n\n".join([*made.evidence, *made.statements])
    prefixes = turtle.declarations(turtle.prefixes_in(body, state.namespaces).items())
    return parse_turtle(f"{prefixes}\n{body}\n".encode(), made.table)


def _place(table: InputTable, row: TableRow | None) -> Place:
    return Place(table.name, row.line, row.cell(0)) if row else Place(table.name)


#: Forms of files by the ends of their names.
TABLES = {"csv": "csv", "tsv": "csv", "xlsx": "xlsx"}
#: Endings of spreadsheets that people have, and that are saved as one of these in a moment.
_SPREADSHEETS = frozenset(["xls", "xlsm", "xlsb", "xltx", "ods", "fods", "numbers"])
#: Forms of RDF that are not read, since Turtle says the same.
_OTHER_RDF = frozenset(["rdf", "rdfs", "owl", "xml", "n3", "trix", "hdt"])
FORMS = (*FORMATS, *TABLES)
_CHUNK = 1024 * 1024
_SPLIT = "Split it into several."


def read_limited(stream: BinaryIO, limit: int, name: str, instead: str = _SPLIT) -> bytes:
    """Read the bytes of a stream of at most `limit` bytes. Raises RefusedError, saying what to do, for more."""
    chunks: list[bytes] = []
    left = limit
    while chunk := stream.read(min(_CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise RefusedError(f"{name} has more than {limit / 1024 / 1024:g} MiB, the most that is taken. {instead}")
        chunks.append(chunk)
    return b"".join(chunks)


def read_contribution(
    content: bytes, name: str, state: Knowledge, documents: Documents | None = None, now: datetime | None = None
) -> Change:
    """Read a contributed file against a state of the graph; what is wrong with it is in the report of the change.

    `documents` are needed to find the passages that a table cites. Nothing is fetched, evaluated or written. Raises
    RefusedError for a form of file that is not read.
    """
    name = tidy(without_directions(name).replace("\\", "/").rpartition("/")[2])[:200] or "contribution"
    end = name.rpartition(".")[2].lower() if "." in name else ""
    report = Report()
    if name.casefold().endswith(ENDING):
        return _screened(
            name, IMPORT, of_import(Package.read(content, name, state.namespaces), name, state), state, report
        )
    if name.casefold().endswith(SHEET_ENDING):
        sheet = SheetPackage.read(content, name)
        mapped = sheet.mapped(state)
        proposals = _of_tables(mapped.tables, state, documents, now or datetime.now(UTC), report)
        report.add(mapped.aside)
        return _screened(name, "table", proposals, state, report)
    if end in FORMATS:
        file = RdfFile(name, FORMATS[end], state.namespaces)
        file.read(content)
        report.add(file.findings)
        return _screened(name, end, file.proposals, state, report)
    if end in TABLES:
        tables = read_workbook(content, name) if end == "xlsx" else [read_csv(content, name)]
        proposals = _of_tables(tables, state, documents, now or datetime.now(UTC), report)
        return _screened(name, end, proposals, state, report)
    if end in _SPREADSHEETS:
        raise RefusedError(
            f"{name} is a spreadsheet in a form that is not read here. Open it, save it as .xlsx (“Excel Workbook”) or "
            "as CSV UTF-8, and send that."
        )
    if end in _OTHER_RDF:
        raise RefusedError(f"{name} is in a form that is not read here. Save it as Turtle (.ttl), and send that.")
    ends = ", ".join(f".{each}" for each in (*FORMATS, *TABLES))
    raise RefusedError(f"What kind of file {name} is cannot be told from its name. It has to end in one of: {ends}.")


def _of_tables(
    tables: Iterable[InputTable], state: Knowledge, documents: Documents | None, now: datetime, report: Report
) -> list[ProposedStatement]:
    return proposals_of_tables(tables, state, documents, now, report)


def _screened(name: str, form: str, proposals: list[ProposedStatement], state: Knowledge, report: Report) -> Change:
    """Return the change that the proposals make, with what may not be contributed among the findings."""
    if report.reaches(Severity.VIOLATION):
        return Change(name, form, report=report)
    screening = Screening(state)
    proposals = screening.minted(proposals)
    changing, held = screening.split_held(proposals)
    report.add(screening.findings(changing))
    report.add(screening.collisions(changing))
    report.add(screening.retired_already(held) if changing else ())
    report.checked.setdefault("statement", len(proposals))
    if held:
        gone = sum(each.action == "remove" for each in held)
        there = len(held) - gone
        words = [f"{there:,} of its statements are in the graph already and are not added twice"] if there else []
        words += [f"{gone:,} that it takes out are not in the graph"] if gone else []
        place = held[0].place
        severity = Severity.WARNING if gone else Severity.INFO
        report.add([finding(f"{'; '.join(words)}.".capitalize(), place, label="the file", severity=severity)])
    if not changing and not report.reaches(Severity.VIOLATION):
        said = "Everything in it is in the graph already." if held else "The file states nothing."
        report.add([finding(f"{said} There is nothing to contribute.", Place(name), label="the file")])
    return Change(name, form, tuple(changing), tuple(held), report)
