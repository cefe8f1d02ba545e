"""Tables into proposals: drafted as `leedskg draft` does, each statement with the row or cell that it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from leedskg.contributions import turtle
from leedskg.contributions.change import Place, Proposal
from leedskg.contributions.drafting import draft
from leedskg.contributions.table import Row, Table
from leedskg.documents import Documents
from leedskg.knowledge import Knowledge
from leedskg.statements import key, parse_turtle
from leedskg.validation.findings import Report


def proposals_of_tables(
    tables: Iterable[Table], state: Knowledge, documents: Documents | None, now: datetime, report: Report
) -> list[Proposal]:
    """What the rows of the tables add and take out; what is wrong with them goes into the report."""
    proposals: list[Proposal] = []
    for table in tables:
        made = draft(table, state, documents, now)
        report.add(made.report.findings)
        for what, number in made.report.checked.items():
            report.checked[what] = report.checked.get(what, 0) + number
        if not made.sound:
            continue
        proposals += [Proposal(each.action, each.triple, _place(table, row)) for each, row in made.amendments]
        body = "\n\n".join([*made.evidence, *made.statements])
        if not body:
            continue
        prefixes = turtle.declarations(turtle.prefixes_in(body, state.namespaces).items())
        for triple in parse_turtle(f"{prefixes}\n{body}\n".encode(), table.name).triples:
            short = state.namespaces.shorten(key(triple.subject).partition("#")[0])
            proposals.append(Proposal("add", triple, _place(table, made.rows.get(short))))
    return proposals


def _place(table: Table, row: Row | None) -> Place:
    return Place(table.name, row.line, row.cell(0)) if row else Place(table.name)
