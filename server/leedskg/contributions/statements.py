"""What every statement carries, whatever it states: its places, dates, confidence, rank, notes, author and time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from leedskg.contributions import turtle
from leedskg.contributions.citing import Citation, Citing
from leedskg.contributions.directory import Directory
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.values import CellError, confidence
from leedskg.namespaces import REUSED

#: Who asserts a statement when the table does not say: the curators in a draft of theirs, else whoever contributed it.
CURATORS, CONTRIBUTOR = "agent:curation-team", "agent:contributor"
_DATES = ("edtf-date",)
_PERIODS = ("edtf-date", "edtf-interval-from", "edtf-interval-to")

Properties = list[tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class RowStatement:
    """What one row states: types, properties, who takes part in which role, and the places that it cites.

    An entity has its subject; an assertion's is made from what it claims. `about` goes into a comment above it.
    """

    kinds: tuple[str, ...]
    properties: Properties
    citations: tuple[Citation, ...]
    about: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    #: Other parts of the subject, as Turtle.
    blocks: tuple[str, ...] = ()

    def turtle(self, subject: str) -> str:
        """Write the statement under a name."""
        members = [f"{subject}\\#p{number}" for number in range(1, len(self.parts) + 1)]
        properties = [("lhi:hasParticipation", members), *self.properties]
        said = [each for each in properties if each[1]]
        # Without a type it says more of what is there.
        blocks = [turtle.record(subject, self.kinds, said) if self.kinds else turtle.bare_record(subject, said)]
        blocks += self.blocks
        for member, (participant, role) in zip(members, self.parts, strict=True):
            played = [("lhi:participant", [participant]), ("lhi:role", [role])]
            blocks.append(turtle.record(member, ["lhi:Participation"], played))
        comment = f"{turtle.comment(self.about)}\n" if self.about else ""
        return comment + "\n\n".join(blocks)


class Writer:
    """What the builders of all kinds of rows share."""

    def __init__(self, directory: Directory, now: datetime, *, contributed: bool = False) -> None:
        self.directory = directory
        knowledge = directory.knowledge
        # Knowledge of before this agent was described has the curators alone.
        described = knowledge.namespaces.prefixes["agent"] + "contributor" in knowledge.graph.statements
        self._agent = CONTRIBUTOR if contributed and described else CURATORS
        self.citing = Citing(directory)
        self._time = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        shapes, base = directory.knowledge.shapes, directory.knowledge.namespaces.base
        self._dates = [shapes.text(f"{base}shape/{name}", REUSED["sh"] + "pattern") or "" for name in _DATES]
        self._periods = [shapes.text(f"{base}shape/{name}", REUSED["sh"] + "pattern") or "" for name in _PERIODS]

    def places(self, reader: RowReader) -> list[Citation]:
        """Return the places that the row cites, of which a statement has at least one."""
        if not any(reader.text(column) for column in ("register", "web page", "report")):
            message = (
                "Say where this is stated: a passage of a document, a record of a register, a web page or a report."
            )
            columns = (column for column in ("passage", "web page", "report") if reader.has(column))
            reader.needed(next(columns, "passage"), message)
        return self.citing.cited(reader)

    def date(self, text: str) -> str:
        """Read an EDTF date, as the shapes define it."""
        return self._dated(text, self._dates, "a date", "2023, 2023-02 or 2023-02-01")

    def period(self, text: str) -> str:
        """Read an EDTF date or interval, as the shapes define it."""
        return self._dated(text, self._periods, "a date or period", "2023, 2023-02, 2018/2023 or 2018/..")

    def rank(self, text: str) -> str:
        """Read a rank."""
        return self.directory.concept(text, "rank")

    def carried(self, reader: RowReader, citations: Sequence[Citation]) -> Properties:
        """Return what every assertion carries beside its claim."""
        sure = reader.value("confidence", confidence) or "1.0"
        note = reader.text("reading note")
        if Decimal(sure) < 1 and not note:
            message = "The confidence is below 1. Say in the column reading note what is implied or doubtful."
            reader.wrong("reading note", message)
        editorial = reader.text("note")
        return [
            ("lhi:validFrom", _one(reader.value("valid from", self.date))),
            ("lhi:validTo", _one(reader.value("valid to", self.date))),
            ("lhi:hasEvidence", [citation.name for citation in citations]),
            ("lhi:confidence", [sure]),
            ("lhi:rank", [self._short(reader, "rank", self.rank, "rank:normal")]),
            ("lhi:readingNote", [turtle.text(note)] if note else []),
            ("skos:editorialNote", [turtle.text(editorial)] if editorial else []),
            ("prov:wasAttributedTo", [self._short(reader, "asserted by", self.directory.agent, self._agent)]),
            ("prov:generatedAtTime", [f'"{self._time}"^^xsd:dateTime']),
        ]

    def _dated(self, text: str, patterns: Sequence[str], what: str, examples: str) -> str:
        if any(re.search(pattern, text) for pattern in patterns):
            return turtle.text(text, "")
        raise CellError(f"“{text}” is not {what} as it is written here. Write {examples}: only what the source gives.")

    def _short(self, reader: RowReader, column: str, read: Callable[[str], str], otherwise: str) -> str:
        found = reader.value(column, read)
        return self.directory.short(found) if found else otherwise


def _one(value: str | None) -> list[str]:
    return [value] if value else []
