"""From a table to statements, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pyoxigraph as ox

from leedskg.contributions import turtle
from leedskg.contributions.amendments import Amendment, Amendments
from leedskg.contributions.assertions import Attributes, Observations, Relationships
from leedskg.contributions.directory import Directory
from leedskg.contributions.entities import Entities
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.statements import RowStatement, Writer
from leedskg.contributions.table import InputTable, TableRow
from leedskg.contributions.templates import recognise, table_kinds
from leedskg.documents import Documents
from leedskg.identity import DRAFT, assertion_name
from leedskg.knowledge import Knowledge
from leedskg.namespaces import Namespaces
from leedskg.statements import Statements, parse_turtle
from leedskg.validation.findings import Report, Severity


class Builder(Protocol):
    """What makes statements of the rows of one kind of table."""

    def build(self, reader: RowReader) -> RowStatement | None:
        """Return the statement of a row, or None where there is none; the reader knows why."""
        ...


@dataclass
class Draft:
    """What a table comes to: the kind of table, the new evidence and statements as Turtle, and the findings.

    `rows` has, for the short name of each record, the row that it was made from. `amendments` are what rows of
    retirements and corrections add to the graph and take out of it.
    """

    table: str
    kind: str = ""
    evidence: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    rows: dict[str, TableRow] = field(default_factory=dict)
    amendments: list[tuple[Amendment, TableRow]] = field(default_factory=list)
    report: Report = field(default_factory=Report)

    @property
    def sound(self) -> bool:
        """Whether it may be written: there is no violation."""
        return not self.report.reaches(Severity.VIOLATION)

    def body(self) -> str:
        """Write the statements and what they cite, as they stand in a file below its prefixes; empty for none."""
        if not self.sound or not self.statements:
            return ""
        heading = turtle.comment(f"Drafted from {self.table}")
        return "\n\n".join([heading, *self.evidence, *self.statements]) + "\n"


def draft(  # noqa: PLR0913 - what there is to know, and whose it is
    table: InputTable, knowledge: Knowledge, documents: Documents | None, now: datetime,
    added: Sequence[ox.Triple] = (),
    *, contributed: bool = False,
) -> Draft:  # fmt: skip
    """Read every row of a table into a statement; `now` is when they are asserted. Nothing is written anywhere.

    Where a row does not say who asserts it, the curators do, or a contributor where it was `contributed`.

    The rows may name entities of the graph, and those that the statements in `added` make.
    Without `documents`, a row that cites a passage is found fault with.
    """
    made = Draft(table.name)
    writer = Writer(Directory(knowledge, documents, added), now, contributed=contributed)
    relationships = Relationships(writer)
    entities = Entities(writer)
    builders: dict[str, Builder] = {
        "entities": entities,
        "relationships": relationships,
        "observations": Observations(writer),
        "attributes": Attributes(writer),
    }
    made.report.checked["row"] = len(table.rows)
    layout = recognise(table, table_kinds(relationships.roles, entities.registered.columns)) if table.columns else None
    made.report.add(table.findings)
    if layout is None:
        return made
    made.kind = layout.kind.name
    made.report.add(layout.findings)
    amendments = Amendments(writer.directory, f"{now:%Y-%m-%d}")
    amending = {"retirements": amendments.retirement, "corrections": amendments.correction}.get(made.kind)
    collector = _Collector(made, knowledge, contributed=contributed)
    for row in table.rows:
        reader = RowReader(row, layout)
        if amending:
            made.amendments += [(each, row) for each in amending(reader)]
        elif (statement := builders[made.kind].build(reader)) and reader.sound:
            collector.add(reader, statement)
        made.report.add(reader.findings)
    return made


class _Collector:
    """Gives statements their names and keeps those that are new."""

    def __init__(self, made: Draft, knowledge: Knowledge, *, contributed: bool) -> None:
        self._made, self._knowledge, self._contributed = made, knowledge, contributed
        self._rows: dict[str, int] = {}
        #: The evidence of each assertion that a row before made.
        self._evidence: dict[str, set[str]] = {}
        self._cited: set[str] = set()

    def add(self, reader: RowReader, statement: RowStatement) -> None:
        """Keep the statement; of one that a row before it or the graph has, keep the evidence that is new."""
        name = _name(statement, self._knowledge.namespaces)
        before = self._rows.setdefault(name, reader.row.number)
        cited = [citation.name for citation in statement.citations]
        iri = self._knowledge.namespaces.base + name.replace(":", "/", 1)
        if before != reader.row.number:
            more = [each for each in cited if each not in self._evidence.get(name, ())]
            if not more or not name.startswith("assertion:"):
                reader.findings.append(
                    reader.row.finding(
                        f"This row says the same as row {before}. Remove one of them; a second source for one "
                        "statement goes into a row of its own, or into the columns document 2 and passage 2."
                    )
                )
                return
            reader.note(f"This row says the same as row {before}: what it cites is further evidence for that one.")
            self._add_evidence(reader, name, more, statement)
            return
        if name.startswith("assertion:") and iri in self._knowledge.graph.statements:
            more = self._new_evidence(iri, cited)
            reader.note(self._already_said(name, iri, more))
            self._evidence[name] = set(cited)
            if more and self._contributed:
                self._add_evidence(reader, name, more, statement)
            return
        self._evidence[name] = set(cited)
        self._cite(reader, statement)
        self._made.rows[name] = reader.row
        self._made.statements.append(statement.turtle(name))

    def _add_evidence(self, reader: RowReader, name: str, more: Sequence[str], statement: RowStatement) -> None:
        """Say of an assertion that is there that it rests on more."""
        self._evidence.setdefault(name, set()).update(more)
        self._cite(reader, statement)
        self._made.rows.setdefault(name, reader.row)
        self._made.statements.append(turtle.bare_record(name, [("lhi:hasEvidence", more)]))

    def _cite(self, reader: RowReader, statement: RowStatement) -> None:
        for citation in statement.citations:
            if not citation.known and citation.name not in self._cited:
                self._cited.add(citation.name)
                self._made.evidence.append(citation.turtle)
                self._made.rows[citation.name] = reader.row

    def _new_evidence(self, iri: str, cited: Sequence[str]) -> list[str]:
        """Return what a row cites for an assertion of the graph beyond the evidence that it has."""
        graph, namespaces = self._knowledge.graph, self._knowledge.namespaces
        there = {namespaces.shorten(each) for each in graph.statements.texts(iri, namespaces.term("hasEvidence"))}
        return [each for each in cited if each not in there]

    def _already_said(self, name: str, iri: str, new: Sequence[str]) -> str:
        file, line = self._knowledge.graph.statements.place(iri) or ("", 0)
        said = f"Already said, as {name} in {file} at line {line}"
        if not new:
            return f"{said}, with the same evidence. Nothing was added for this row."
        if self._contributed:
            return f"{said}: what this row cites is added to its evidence, and nothing else."
        return (
            f"{said}; its evidence can be added: paste what `leedskg cite` prints for the passage into that file, and "
            f"write {' , '.join(new)} behind lhi:hasEvidence there. Nothing was added for this row."
        )


def _name(statement: RowStatement, namespaces: Namespaces) -> str:
    """Return the name of a statement's subject: an entity's own, or the hash of what an assertion claims."""
    if statement.subject:
        return statement.subject
    text = statement.turtle(f"assertion:{DRAFT}row")
    prefixes = turtle.declarations(turtle.prefixes_in(text, namespaces).items())
    parsed = Statements.of([parse_turtle(f"{prefixes}\n{text}".encode(), "draft")])
    return f"assertion:{assertion_name(parsed, namespaces.prefixes['assertion'] + DRAFT + 'row', namespaces)}"
