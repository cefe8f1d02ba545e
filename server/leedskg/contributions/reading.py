"""The one reader of contributed files, whatever their form: bytes in, a change or its faults out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import BinaryIO

from leedskg.contributions.change import Change, Place, Proposal, finding
from leedskg.contributions.csv_file import read_csv
from leedskg.contributions.rdf_file import FORMATS, RdfFile
from leedskg.contributions.screening import Screening
from leedskg.contributions.table import Table, tidy
from leedskg.contributions.tabular import proposals_of_tables
from leedskg.contributions.workbook import read_workbook
from leedskg.documents import Documents
from leedskg.errors import RefusedError
from leedskg.knowledge import Knowledge
from leedskg.validation.findings import Report, Severity

#: Forms of files by the ends of their names.
TABLES = {"csv": "csv", "tsv": "csv", "xlsx": "xlsx"}
FORMS = (*FORMATS, *TABLES)
_CHUNK = 1024 * 1024


def read_limited(stream: BinaryIO, limit: int, name: str) -> bytes:
    """The bytes of a stream of at most `limit` bytes. Raises RefusedError as soon as there are more."""
    chunks: list[bytes] = []
    left = limit
    while chunk := stream.read(min(_CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise RefusedError(
                f"{name} has more than {limit / 1024 / 1024:g} MiB, the most that a contribution may have. Split it "
                "into several."
            )
        chunks.append(chunk)
    return b"".join(chunks)


def read_contribution(
    content: bytes, name: str, state: Knowledge, documents: Documents | None = None, now: datetime | None = None
) -> Change:
    """Read a contributed file against a state of the graph; what is wrong with it is in the report of the change.

    `documents` are needed to find the passages that a table cites. Nothing is fetched, evaluated or written. Raises
    RefusedError for a form of file that is not read.
    """
    name = tidy(name.replace("\\", "/").rpartition("/")[2])[:200] or "contribution"
    end = name.rpartition(".")[2].lower() if "." in name else ""
    report = Report()
    if end in FORMATS:
        file = RdfFile(name, FORMATS[end], state.namespaces)
        file.read(content)
        report.add(file.findings)
        return _screened(name, end, file.proposals, state, report)
    if end in TABLES:
        tables = read_workbook(content, name) if end == "xlsx" else [read_csv(content, name)]
        proposals = _of_tables(tables, state, documents, now or datetime.now(UTC), report)
        return _screened(name, end, proposals, state, report)
    ends = ", ".join(f".{each}" for each in ("ttl", "trig", "nt", "nq", "jsonld", "csv", "xlsx"))
    raise RefusedError(f"What kind of file {name} is cannot be told from its name. It has to end in one of: {ends}.")


def _of_tables(
    tables: Iterable[Table], state: Knowledge, documents: Documents | None, now: datetime, report: Report
) -> list[Proposal]:
    return proposals_of_tables(tables, state, documents, now, report)


def _screened(name: str, form: str, proposals: list[Proposal], state: Knowledge, report: Report) -> Change:
    """The change that the proposals make, with what may not be contributed among the findings."""
    if report.reaches(Severity.VIOLATION):
        return Change(name, form, report=report)
    screening = Screening(state)
    proposals = screening.minted(proposals)
    changing, held = screening.split_held(proposals)
    report.add(screening.findings(changing))
    report.add(screening.collisions(changing))
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
