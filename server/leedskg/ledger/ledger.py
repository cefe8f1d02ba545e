"""The ledger: every contribution and every step of its life, in SQLite. What is acknowledged is on the disk.

The ledger and the submitted files are the truth, together with the knowledge files; the store can be made of them at
any time. Events and steps are only ever added; triggers refuse anything else.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from leedskg.errors import ConflictError, NotAllowedError, RequestError
from leedskg.ledger import records
from leedskg.ledger.database import Database
from leedskg.ledger.dismissals import Dismissals
from leedskg.ledger.model import Contribution, Decision, Event, Step, StepKind
from leedskg.ledger.name_decisions import NameDecisions
from leedskg.ledger.records import Records
from leedskg.ledger.stored_files import StoredFiles
from leedskg.validation.change import Change, ProposedStatement

FILE_NAME = "contributions.sqlite3"


class HeadMovedError(Exception):
    """Another step was taken since the state that a step was checked against; it never leaves this room."""


def now() -> str:
    """Return the time as the ledger writes it: ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Ledger(Records):
    """The ledger of one folder. Safe to use from several threads and processes: each call has its own connection.

    A folder without a ledger reads as an empty one; it is made when something is first recorded. Every method that
    records raises KnowledgeError, with nothing recorded, when the disk is full or the folder cannot be written.
    """

    def __init__(self, folder: Path, clock: Callable[[], str] = now) -> None:
        super().__init__(Database(folder / FILE_NAME))
        self.folder = folder
        self.path = folder / FILE_NAME
        self.files = StoredFiles(folder / "files")
        self._clock = clock
        self.judged = NameDecisions(self._database, clock)
        self.dismissed = Dismissals(self._database, clock)

    def submit(  # noqa: PLR0913 - each is a column
        self, change: Change, content: bytes, *, who: str, title: str, message: str = "", source: str = "",
        report: Mapping[str, Any] | None = None, shapes: str = "", state: str = "",
    ) -> Contribution:  # fmt: skip
        """Record a contribution that was read without a violation, with what its check found, where it was checked.

        When this returns, file and rows are on the disk; before, nothing is.
        """
        with self._database.recording() as db:
            digest = self.files.keep(content)
            at = self._clock()
            number = db.execute(
                "INSERT INTO contribution (title, message, source, who, at, file_name, form, sha256, size, state, "
                "version, added, removed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'submitted', 1, ?, ?)",
                (title, message, source, who, at, change.name, change.form, digest, len(content),
                 len(change.added), len(change.removed)),
            ).lastrowid  # fmt: skip
            self._keep_statements(db, number or 0, change.proposals, 1)
            reading = [each.as_dict() for each in change.report.findings]
            data = {"file": change.name, "sha256": digest, "held": len(change.held), "reading": reading}
            self._event(db, number or 0, "submitted", who, message, data, at)
            if report is not None:
                self._record_check(db, number or 0, report, shapes, who, state)
        return self.contribution(number or 0)

    def checked(
        self, number: int, report: Mapping[str, Any], shapes: str, *, who: str, state: str = ""
    ) -> Contribution:
        """Record what a check found; `state` names the state of the graph that it was made against."""
        with self._database.recording() as db:
            self._record_check(db, number, report, shapes, who, state)
        return self.contribution(number)

    def _record_check(  # noqa: PLR0913, PLR0917 - each is a column or goes into one
        self,
        db: sqlite3.Connection,
        number: int,
        report: Mapping[str, Any],
        shapes: str,
        who: str,
        against: str,
    ) -> None:
        held = self._open(db, number)
        state = "checked" if held.is_open else held.state
        db.execute(
            "UPDATE contribution SET report = ?, shapes = ?, state = ?, version = version + 1 WHERE id = ?",
            (json.dumps(report, ensure_ascii=False), shapes, state, number),
        )
        data = {"counts": records.counts(report), "shapes": shapes, "state": against}
        self._event(db, number, "checked", who, "", data)

    def note(self, number: int, text: str, *, who: str) -> Event:
        """Record a note; it changes nothing else."""
        with self._database.recording() as db:
            self._open(db, number)
            self._event(db, number, "note", who, text)
        return self.events(number)[-1]

    def refused(self, number: int, what: str, why: str, *, who: str) -> None:
        """Record that what somebody asked for and did not wait for was refused; it changes nothing else."""
        with self._database.recording() as db:
            self._open(db, number)
            self._event(db, number, "refused", who, why, {"task": what})

    def published(self, number: int, generation: int) -> None:
        """Record by which generation readers see the last step of a contribution; it changes nothing else."""
        with self._database.recording() as db:
            self._open(db, number)
            self._event(db, number, "published", "leedskg", "", {"generation": generation})

    def decide(  # noqa: PLR0913 - who, what, why, and on which version
        self, number: int, statements: Iterable[int], decision: Decision, *, who: str, reason: str = "",
        version: int | None = None,
    ) -> Contribution:  # fmt: skip
        """Record what is decided of single statements of an open contribution."""
        numbers = sorted(set(statements))
        with self._database.recording() as db:
            self._waiting(db, number, version)
            for each in numbers:
                done = db.execute(
                    "UPDATE statement SET decision = ? WHERE contribution = ? AND number = ?", (decision, number, each)
                )
                if not done.rowcount:
                    raise RequestError(f"Contribution {number} has no statement {each}.")
            self._turn(db, number, None)
            self._event(db, number, "decided", who, reason, {"decision": decision, "statements": numbers})
        return self.contribution(number)

    def amend(  # noqa: PLR0913 - what goes and what comes, who says so, and on which version
        self, number: int, without: Sequence[int], added: Sequence[ProposedStatement], *, who: str, reason: str,
        data: Mapping[str, Any], version: int | None = None,
    ) -> Contribution:  # fmt: skip
        """Record that an open contribution says something else: without some statements, and with others."""
        with self._database.recording() as db:
            self._waiting(db, number, version)
            db.executemany(
                "UPDATE statement SET decision = 'rejected' WHERE contribution = ? AND number = ?",
                ((number, each) for each in without),
            )
            query = "SELECT coalesce(max(number), 0) FROM statement WHERE contribution = ?"
            first = db.execute(query, (number,)).fetchone()[0] + 1
            self._keep_statements(db, number, added, first)
            db.execute(
                "UPDATE contribution SET (added, removed) = (SELECT coalesce(sum(action = 'add'), 0), "
                "coalesce(sum(action = 'remove'), 0) FROM statement WHERE contribution = id AND decision != 'rejected')"
                " WHERE id = ?",
                (number,),
            )
            self._turn(db, number, None)
            numbers = {"without": list(without), "added": list(range(first, first + len(added)))}
            self._event(db, number, "amended", who, reason, {**data, **numbers})
        return self.contribution(number)

    @staticmethod
    def _keep_statements(
        db: sqlite3.Connection, number: int, proposals: Sequence[ProposedStatement], first: int
    ) -> None:
        db.executemany(
            "INSERT INTO statement (contribution, number, action, triple, file, line, cell) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (number, place, each.action, records.text_of(each.triple), each.place.file, each.place.line,
                 each.place.cell)
                for place, each in enumerate(proposals, start=first)
            ),
        )  # fmt: skip

    def reject(self, number: int, *, who: str, reason: str, version: int | None = None) -> Contribution:
        """Record that an open contribution is not taken."""
        with self._database.recording() as db:
            self._waiting(db, number, version)
            self._turn(db, number, "rejected")
            self._event(db, number, "rejected", who, reason)
        return self.contribution(number)

    def withdraw(self, number: int, *, who: str, reason: str, version: int | None = None) -> Contribution:
        """Record that whoever sent an open contribution takes it back. Raises NotAllowedError for anybody else."""
        with self._database.recording() as db:
            if self._waiting(db, number, version).who != who:
                raise NotAllowedError("A contribution is withdrawn by whoever sent it. A steward can reject it.")
            self._turn(db, number, "rejected")
            self._event(db, number, "withdrawn", who, reason)
        return self.contribution(number)

    def merge(  # noqa: PLR0913 - the transaction takes all that was checked
        self, number: int, effective: Sequence[int], *, version: int, head: str, who: str, reason: str,
        report: Mapping[str, Any], shapes: str,
    ) -> Step:  # fmt: skip
        """Record, as one transaction, that a contribution is accepted and merged by its `effective` statements.

        Raises ConflictError when it is no longer at `version`, and HeadMovedError when a step was taken since `head`.
        """
        with self._database.recording() as db:
            self._waiting(db, number, version)
            self._check_head(db, head)
            db.execute("UPDATE statement SET effective = 0 WHERE contribution = ?", (number,))
            db.executemany(
                "UPDATE statement SET effective = 1 WHERE contribution = ? AND number = ?",
                ((number, each) for each in effective),
            )
            db.execute(
                "UPDATE contribution SET report = ?, shapes = ?, "
                "(added, removed) = (SELECT coalesce(sum(action = 'add'), 0), coalesce(sum(action = 'remove'), 0) "
                "FROM statement WHERE contribution = id AND effective) WHERE id = ?",
                (json.dumps(report, ensure_ascii=False), shapes, number),
            )
            self._turn(db, number, "merged")
            at = self._clock()
            data = {"statements": len(effective), "counts": records.counts(report), "shapes": shapes}
            self._event(db, number, "accepted", who, reason, data, at)
            return self._step(db, number, "merge", who, reason, at)

    def undo(self, number: int, *, version: int, head: str, who: str, reason: str) -> Step:
        """Record that a merged contribution is taken back. Raises as `merge` does."""
        with self._database.recording() as db:
            held = self._open(db, number)
            if held.state != "merged" or held.version != version:
                raise ConflictError(self._who_was_first(db, held))
            self._check_head(db, head)
            self._turn(db, number, "undone")
            return self._step(db, number, "undo", who, reason, self._clock())

    def settle(self, number: int, *, head: str, who: str, reason: str) -> Step:
        """Record that the knowledge files hold what a contribution changed, and speak for it from now on."""
        with self._database.recording() as db:
            self._check_head(db, head)
            self._turn(db, number, None)
            db.execute("UPDATE contribution SET settled = 1 WHERE id = ?", (number,))
            return self._step(db, number, "settle", who, reason, self._clock())

    # The parts of a transaction

    def _step(  # noqa: PLR0913, PLR0917 - the columns of the event and of the step
        self, db: sqlite3.Connection, number: int, kind: StepKind, who: str, reason: str, at: str
    ) -> Step:
        words = {"merge": "merged", "undo": "undone", "settle": "settled"}
        self._event(db, number, words[kind], who, reason, {}, at)
        digest = hashlib.sha256(f"{self._head(db)}\n{kind}\n{number}\n".encode())
        query = "SELECT action, triple FROM statement WHERE contribution = ? AND effective = 1 ORDER BY number"
        for row in db.execute(query, (number,)):
            digest.update(f"{row['action']} {row['triple']}\n".encode())
        head = digest.hexdigest()
        place = db.execute(
            "INSERT INTO step (contribution, kind, at, head) VALUES (?, ?, ?, ?)", (number, kind, at, head)
        ).lastrowid
        return Step(place or 0, number, kind, at, head)

    @staticmethod
    def _head(db: sqlite3.Connection) -> str:
        row = db.execute("SELECT head FROM step ORDER BY number DESC LIMIT 1").fetchone()
        return str(row["head"]) if row else ""

    def _check_head(self, db: sqlite3.Connection, head: str) -> None:
        if self._head(db) != head:
            raise HeadMovedError

    def _event(  # noqa: PLR0913, PLR0917 - the columns of the table
        self, db: sqlite3.Connection, number: int, kind: str, who: str, reason: str = "",
        data: Mapping[str, Any] | None = None, at: str = "",
    ) -> None:  # fmt: skip
        db.execute(
            "INSERT INTO event (contribution, kind, who, at, reason, data) VALUES (?, ?, ?, ?, ?, ?)",
            (number, kind, who, at or self._clock(), reason, json.dumps(data or {}, ensure_ascii=False)),
        )

    @staticmethod
    def _turn(db: sqlite3.Connection, number: int, state: str | None) -> None:
        db.execute(
            "UPDATE contribution SET version = version + 1, state = coalesce(?, state) WHERE id = ?", (state, number)
        )

    @staticmethod
    def _open(db: sqlite3.Connection, number: int) -> Contribution:
        row = db.execute("SELECT * FROM contribution WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise RequestError(f"There is no contribution {number}; `leedskg contributions list` lists them.")
        return records.contribution(row)

    def _waiting(self, db: sqlite3.Connection, number: int, version: int | None) -> Contribution:
        held = self._open(db, number)
        if not held.is_open or (version is not None and held.version != version):
            raise ConflictError(self._who_was_first(db, held))
        return held

    @staticmethod
    def _who_was_first(db: sqlite3.Connection, held: Contribution) -> str:
        query = (
            "SELECT * FROM event WHERE contribution = ? AND kind NOT IN ('note', 'published', 'refused') "
            "ORDER BY number DESC LIMIT 1"
        )
        last = records.event(db.execute(query, (held.id,)).fetchone())
        return (
            f"Contribution {held.id} is {held.state}: {last.who} {last.deed} at {last.at}. Nothing was changed; "
            "look at it again."
        )
