"""The log of the tasks of a steward's process: what was asked for, how far it is, and what came of it."""

from __future__ import annotations

import json
import logging
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from leedskg.errors import KnowledgeError, LeedskgError
from leedskg.validation.findings import Report

_log = logging.getLogger(__name__)
_KEPT = timedelta(days=7)
_TABLE = """
CREATE TABLE IF NOT EXISTS task (
  id TEXT PRIMARY KEY, what TEXT NOT NULL, contribution INTEGER NOT NULL, who TEXT NOT NULL, asked TEXT NOT NULL,
  asker INTEGER NOT NULL, step TEXT NOT NULL DEFAULT '', ended TEXT NOT NULL DEFAULT '',
  left INTEGER NOT NULL DEFAULT 0, outcome TEXT NOT NULL DEFAULT '{}'
)
"""


@dataclass(frozen=True)
class TaskRecord:
    """One task. `outcome` has the number of the contribution and of the generation, or problem and report."""

    id: str
    what: str
    contribution: int
    who: str
    asked: str
    state: str
    step: str = ""
    ended: str = ""
    outcome: Mapping[str, Any] = field(default_factory=dict)


class TaskLog:
    """The tasks of one site."""

    def __init__(self, state: Path) -> None:
        self._path = state / "tasks.sqlite3"

    def begin(self, what: str, contribution: int, who: str) -> str:
        """Record that a task was asked for; give its id, or nothing where it cannot be recorded."""
        task, now = secrets.token_urlsafe(9), datetime.now(UTC)
        with self._recording() as db:
            db.execute("DELETE FROM task WHERE asked < ?", (_text(now - _KEPT),))
            values = (task, what, contribution, who, _text(now), os.getpid())
            db.execute("INSERT INTO task (id, what, contribution, who, asked, asker) VALUES (?, ?, ?, ?, ?, ?)", values)
            return task
        return ""

    def step(self, task: str, words: str) -> None:
        """Record what is being done just now."""
        self._set(task, "step = ?", words)

    def leave(self, task: str) -> None:
        """Record that nobody waits for it any more."""
        self._set(task, "left = ?", 1)

    def done(self, task: str, outcome: Mapping[str, Any]) -> None:
        """Record that it is done, and what came of it."""
        self._set(task, "ended = ?, outcome = ?", _text(datetime.now(UTC)), json.dumps(outcome))

    def failed(self, task: str, error: BaseException) -> bool:
        """Record that it was refused or broke off; whether its asker had left."""
        problem = str(error) if isinstance(error, LeedskgError) else "It broke off. What the ledger recorded is kept."
        if isinstance(error, KnowledgeError):  # where this machine keeps its files is for its log
            problem = error.message
        report = getattr(error, "report", None)
        outcome = {"problem": problem} | ({"report": report.as_dict()} if isinstance(report, Report) else {})
        self.done(task, outcome)
        return any(row["left"] for row in self._rows(task))

    def find(self, task: str) -> TaskRecord | None:
        """Return a task, or None for one that is not known."""
        for row in self._rows(task):
            outcome = json.loads(row["outcome"])
            state = "refused" if outcome.get("problem") and not outcome.get("number") else "done"
            if not row["ended"]:
                state = "under way" if _lives(row["asker"]) else "interrupted"
            return TaskRecord(
                row["id"], row["what"], row["contribution"], row["who"], row["asked"], state, row["step"],
                row["ended"], outcome,
            )  # fmt: skip
        return None

    def _set(self, task: str, what: str, *values: Any) -> None:
        if task:
            with self._recording() as db:
                db.execute(f"UPDATE task SET {what} WHERE id = ? AND ended = ''", (*values, task))  # noqa: S608 - constants

    def _rows(self, task: str) -> list[sqlite3.Row]:
        if self._path.exists():
            with self._recording() as db:
                return db.execute("SELECT * FROM task WHERE id = ?", (task,)).fetchall()
        return []

    @contextmanager
    def _recording(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; what is wrong with it is logged and stops nothing."""
        try:
            if not self._path.exists():
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            db = sqlite3.connect(self._path, timeout=5.0, isolation_level=None)
            try:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA synchronous = OFF")
                db.execute(_TABLE)
                yield db
            finally:
                db.close()
        except (sqlite3.Error, OSError) as error:
            _log.error("the record of tasks in %s cannot be used: %s", self._path, error)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _lives(process: int) -> bool:
    with suppress(ProcessLookupError):
        with suppress(PermissionError):
            os.kill(process, 0)
        return True
    return False
