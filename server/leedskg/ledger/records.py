"""What the ledger holds, to be read: rows of its tables as contributions, statements, events and steps."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from leedskg.errors import LedgerError, RequestError
from leedskg.ledger.database import Database
from leedskg.ledger.model import Contribution, Event, RecordedStatement, Step
from leedskg.validation.findings import Place

_NT = ox.RdfFormat.N_TRIPLES
#: The columns of `contribution` and `event` that hold numbers; the others hold texts.
_NUMBERS = frozenset({"id", "size", "version", "settled", "added", "removed", "number", "contribution"})
_DAMAGED = "anything: the record of the contribution is damaged; restore a backup"


def text_of(triple: ox.Triple) -> str:
    """Write a statement as a line of N-Triples, without the line's end."""
    text = ox.serialize([triple], format=_NT) or b""
    return text.decode("utf-8").rstrip("\n")


def parsed(texts: Iterable[str]) -> list[ox.Triple]:
    """Read statements from their lines."""
    return [quad.triple for quad in ox.parse("\n".join(texts).encode(), format=_NT)]


def contribution(row: sqlite3.Row) -> Contribution:
    """Read a row of `contribution`. One that is damaged stops nothing but itself: the report says that it is."""
    known, is_damaged = _sound(row)
    report = {"unchecked": [_DAMAGED]} if is_damaged else _report(known["report"])
    return Contribution(**(known | {"report": report, "settled": bool(known["settled"])}))


def statements(found: Sequence[sqlite3.Row]) -> tuple[RecordedStatement, ...]:
    """Read rows of `statement`. Raises LedgerError for one that is damaged."""
    try:
        triples = parsed(row["triple"] for row in found)
    except (SyntaxError, ValueError):
        triples = []
    if len(triples) != len(found):
        numbers = sorted({row["contribution"] for row in found})
        raise LedgerError(
            f"the record of the statements of contribution {', '.join(map(str, numbers))} is damaged; restore a backup"
        )
    return tuple(
        RecordedStatement(
            row["number"], row["action"], triple, Place(row["file"], row["line"], row["cell"]), row["decision"],
            bool(row["effective"]),
        )
        for row, triple in zip(found, triples, strict=True)
    )  # fmt: skip


def event(row: sqlite3.Row) -> Event:
    """Read a row of `event`, as far as it is not damaged."""
    known, _ = _sound(row)
    return Event(**(known | {"data": _object(known["data"]) or {}}))


def _sound(row: sqlite3.Row) -> tuple[dict[str, Any], bool]:
    """Return the values of a row, and whether any is of another type than its column's, which only damage leaves there.

    Such a text is shown as far as it can be read, and such a number is 0.
    """
    known, is_damaged = dict(row), False
    for name, value in known.items():
        if not isinstance(value, int if name in _NUMBERS else str):
            is_damaged = True
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            known[name] = 0 if name in _NUMBERS else text
    return known, is_damaged


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _report(text: str) -> dict[str, Any]:
    """Read a report. One that is damaged stops nothing but itself: another check makes it anew."""
    found = _object(text)
    if found is None or not all(isinstance(each, dict) and "severity" in each for each in found.get("findings", ())):
        return {"unchecked": ["what was found before: the record of it is damaged. Check the contribution again"]}
    return found


def step(row: sqlite3.Row) -> Step:
    """Read a row of `step`."""
    return Step(**dict(row))


def counts(report: Mapping[str, Any]) -> dict[str, int]:
    """Return how many findings of each severity a report has."""
    found = [finding.get("severity") for finding in report.get("findings", ())]
    return {severity: found.count(severity) for severity in ("violation", "warning", "info")}


#: The record of a row of `statement`: the subject without the name of a part, in SQL.
_RECORD = "substr(triple, 2, instr(replace(triple, '#', '>'), '>') - 2)"


@dataclass(frozen=True)
class RecordedChange:
    """A statement, and the step by which it came into the graph or went."""

    step: Step
    statement: RecordedStatement

    @property
    def appears(self) -> bool:
        """Whether the step put the statement into the graph."""
        return (self.statement.action == "add") == (self.step.kind == "merge")


class Records:
    """Read access to a ledger; one that is not there reads as an empty one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def contribution(self, number: int) -> Contribution:
        """Read the contribution with this number. Raises RequestError when there is none."""
        found = self._database.select("SELECT * FROM contribution WHERE id = ?", (number,), damaged=True)
        if not found:
            raise RequestError(f"There is no contribution {number}; `leedskg contributions list` lists them.")
        return contribution(found[0])

    def contributions(self, *states: str) -> list[Contribution]:
        """Read the contributions in these states, or all, the latest first."""
        where = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        query = f"SELECT * FROM contribution {where} ORDER BY id DESC"  # noqa: S608 - the input is in the values
        return [contribution(row) for row in self._database.select(query, states, damaged=True)]

    def counts(self, who: str = "", text: str = "", senders: Sequence[str] = ()) -> dict[str, int]:
        """Return how many contributions are in each state, of everybody or of one, that match as `page` has it."""
        condition, values = _matching(who, text, senders)
        query = f"SELECT state, count(*) AS number FROM contribution WHERE {condition} GROUP BY state"  # noqa: S608 - constants
        return {row["state"]: row["number"] for row in self._database.select(query, values)}

    def page(  # noqa: PLR0913 - what narrows it down
        self, states: Sequence[str], who: str = "", *, most: int, skip: int = 0, text: str = "",
        senders: Sequence[str] = (),
    ) -> list[Contribution]:  # fmt: skip
        """Return some of the contributions in these states, of everybody or of one, the latest first.

        With a text: those that have it in title, source or reason for sending, that it is the number of, and those of
        `senders`.
        """
        condition, values = _matching(who, text, senders)
        query = (
            f"SELECT * FROM contribution WHERE state IN (SELECT value FROM json_each(?)) AND {condition} "  # noqa: S608
            "ORDER BY id DESC LIMIT ? OFFSET ?"
        )
        return [
            contribution(row)
            for row in self._database.select(query, (json.dumps(list(states)), *values, most, skip), damaged=True)
        ]

    def same_file(self, sha256: str) -> list[Contribution]:
        """Read the contributions that were submitted as this very file, the latest first."""
        return [
            contribution(row)
            for row in self._database.select(
                "SELECT * FROM contribution WHERE sha256 = ? ORDER BY id DESC", (sha256,), damaged=True
            )
        ]

    def earlier(self, of: Contribution) -> Contribution | None:
        """Return what the same person sent under the same file name before, and which was not merged."""
        found = self._database.select(
            "SELECT * FROM contribution WHERE who = ? AND file_name = ? AND id < ? AND state NOT IN ('merged', "
            "'undone') ORDER BY id DESC LIMIT 1",
            (of.who, of.file_name, of.id),
            damaged=True,
        )
        return contribution(found[0]) if found else None

    def statements(self, number: int) -> tuple[RecordedStatement, ...]:
        """Read the statements of a contribution."""
        return statements(
            self._database.select("SELECT * FROM statement WHERE contribution = ? ORDER BY number", (number,))
        )

    def changes_of(self, records: Collection[str]) -> list[RecordedChange]:
        """Return what steps of the graph changed of these records and their parts, the earliest first."""
        return self._changes(f"{_RECORD} IN (SELECT value FROM json_each(?))", (json.dumps(list(records)),))  # noqa: S608

    def records_naming(self, iri: str) -> set[str]:
        """Return the records of which a step of the graph changed a statement that names something."""
        query = f"SELECT DISTINCT {_RECORD} AS record FROM statement JOIN step USING (contribution) "  # noqa: S608
        query += "WHERE effective AND instr(triple, ?)"
        return {row["record"] for row in self._database.select(query, (f"<{iri}>",))}

    def labels_since(self, at: str, predicate: str) -> list[RecordedChange]:
        """Return what steps of the graph changed of one property after a time, the earliest first."""
        return self._changes("step.at > ? AND instr(triple, ?)", (at, f"> <{predicate}> "))

    def later_statements(self, number: int) -> list[tuple[int, str, str]]:
        """Return contribution, action and text of what was merged after a contribution and stands, without parsing."""
        query = (
            "SELECT statement.contribution, action, triple FROM statement JOIN contribution ON contribution.id = "
            "statement.contribution JOIN (SELECT contribution, max(number) AS place FROM step WHERE kind = 'merge' "
            "GROUP BY contribution) AS merged ON merged.contribution = statement.contribution "
            "WHERE effective AND state = 'merged' AND NOT settled AND place > "
            "(SELECT max(number) FROM step WHERE contribution = ?) ORDER BY place, statement.number"
        )
        return [tuple(row) for row in self._database.select(query, (number,))]

    def _changes(self, condition: str, values: Sequence[Any]) -> list[RecordedChange]:
        query = (
            "SELECT statement.*, step.number AS step_number, kind, at, head FROM step JOIN statement USING "  # noqa: S608
            f"(contribution) WHERE effective AND kind != 'settle' AND {condition} "
            "ORDER BY step.number, statement.number"
        )
        found = self._database.select(query, values)
        return [
            RecordedChange(
                Step(row["step_number"], row["contribution"], row["kind"], row["at"], row["head"]), statement
            )
            for row, statement in zip(found, statements(found), strict=True)
        ]

    def events(self, number: int | None = None) -> list[Event]:
        """Read the events of one contribution or of all, the earliest first: the audit."""
        where, values = ("WHERE contribution = ?", (number,)) if number is not None else ("", ())
        found = self._database.select(f"SELECT * FROM event {where} ORDER BY number", values, damaged=True)  # noqa: S608 - the input is in values
        return [event(row) for row in found]

    def steps(self) -> list[Step]:
        """Return every change of the graph, the earliest first."""
        return [step(row) for row in self._database.select("SELECT * FROM step ORDER BY number")]

    def checked_state(self, contribution: Contribution) -> str:
        """Return the state of the graph that the recorded report is about; empty where it is about other statements."""
        query = "SELECT kind, data FROM event WHERE contribution = ? AND kind IN ('checked', 'decided', 'amended') "
        found = self._database.select(f"{query} ORDER BY number DESC LIMIT 1", (contribution.id,), damaged=True)
        return (
            str((_object(found[0]["data"]) or {}).get("state", "")) if found and found[0]["kind"] == "checked" else ""
        )

    def head(self) -> str:
        """Return the digest of all steps; empty when there is none."""
        found = self._database.select("SELECT head FROM step ORDER BY number DESC LIMIT 1")
        return str(found[0]["head"]) if found else ""

    def steps_of(self, contribution: int) -> list[Step]:
        """Return the steps of one contribution, the earliest first."""
        query = "SELECT * FROM step WHERE contribution = ? ORDER BY number"
        return [step(row) for row in self._database.select(query, (contribution,))]

    def line_of(self, contribution: int, triple: str) -> int:
        """Return the line at which a contribution states a triple; 0 where it has none."""
        query = "SELECT line FROM statement WHERE contribution = ? AND triple = ?"
        found = self._database.select(query, (contribution, f"{triple} ."))
        return int(found[0]["line"] or 0) if found else 0

    def lines_of(self, contribution: int) -> dict[str, int]:
        """Return the line of everything that a contribution states."""
        query = "SELECT triple, line FROM statement WHERE contribution = ? ORDER BY number DESC"
        return {row["triple"]: int(row["line"] or 0) for row in self._database.select(query, (contribution,))}

    def subjects_of(self, contribution: int) -> set[str]:
        """Return what a contribution says something of, as `key` writes it."""
        query = (
            "SELECT DISTINCT substr(triple, 1, instr(triple, ' ') - 1) AS said FROM statement WHERE contribution = ?"
        )
        return {row["said"].strip("<>") for row in self._database.select(query, (contribution,))}

    def id(self) -> str:
        """Read what tells this ledger from others; empty for one that is not there."""
        found = self._database.select("SELECT id FROM ledger")
        return str(found[0]["id"]) if found else ""

    def replay(self) -> tuple[list[Step], dict[int, tuple[RecordedStatement, ...]]]:
        """Read the steps and the statements of their contributions, as at one moment."""
        if not self._database.path.exists():
            return [], {}
        with self._database.connected(writes=False) as db:
            db.execute("BEGIN")
            steps = [step(row) for row in db.execute("SELECT * FROM step ORDER BY number")]
            wanted = sorted({step.contribution for step in steps})
            query = "SELECT * FROM statement WHERE contribution = ? ORDER BY number"
            found = {number: statements(db.execute(query, (number,)).fetchall()) for number in wanted}
            db.execute("COMMIT")
        return steps, found


def _matching(who: str, text: str, senders: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the condition for contributions of one sender and with a text, in SQL, and its values."""
    found, values = ["1"], []
    if who:
        found.append("who = ?")
        values.append(who)
    if text:
        told = "lower(title || char(10) || source || char(10) || message)"
        found.append(f"(instr({told}, lower(?)) OR CAST(id AS TEXT) = ? OR who IN (SELECT value FROM json_each(?)))")  # noqa: S608 - constants
        values += [text, text, json.dumps(list(senders))]
    return " AND ".join(found), tuple(values)
