"""The database of the ledger: connections that wait for the disk, and transactions that are whole or nothing."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from leedskg.errors import KnowledgeError, LedgerError
from leedskg.store.embedded import fsync

VERSION = 3

_TABLES = """
CREATE TABLE ledger (id TEXT NOT NULL);
CREATE TABLE contribution (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL, message TEXT NOT NULL, source TEXT NOT NULL,
  who TEXT NOT NULL, at TEXT NOT NULL,
  file_name TEXT NOT NULL, form TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('submitted', 'checked', 'rejected', 'merged', 'undone')),
  version INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0,
  added INTEGER NOT NULL, removed INTEGER NOT NULL,
  report TEXT NOT NULL DEFAULT '{}', shapes TEXT NOT NULL DEFAULT ''
);
CREATE INDEX contribution_file ON contribution (sha256);
CREATE INDEX contribution_state ON contribution (state);
CREATE TABLE statement (
  contribution INTEGER NOT NULL REFERENCES contribution (id),
  number INTEGER NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('add', 'remove')),
  triple TEXT NOT NULL, file TEXT NOT NULL, line INTEGER, cell TEXT NOT NULL DEFAULT '',
  decision TEXT NOT NULL DEFAULT 'open' CHECK (decision IN ('open', 'accepted', 'rejected')),
  effective INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (contribution, number)
) WITHOUT ROWID;
CREATE TABLE event (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  contribution INTEGER NOT NULL REFERENCES contribution (id),
  kind TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL, data TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX event_contribution ON event (contribution);
CREATE TABLE step (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  contribution INTEGER NOT NULL REFERENCES contribution (id),
  kind TEXT NOT NULL CHECK (kind IN ('merge', 'undo', 'settle')), at TEXT NOT NULL, head TEXT NOT NULL
);
CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_never_goes BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER step_stays BEFORE UPDATE ON step BEGIN SELECT RAISE(ABORT, 'steps are never changed'); END;
CREATE TRIGGER step_never_goes BEFORE DELETE ON step BEGIN SELECT RAISE(ABORT, 'steps are never deleted'); END;
CREATE TRIGGER contribution_never_goes BEFORE DELETE ON contribution
BEGIN SELECT RAISE(ABORT, 'contributions are never deleted'); END;
CREATE TRIGGER statement_never_goes BEFORE DELETE ON statement
BEGIN SELECT RAISE(ABORT, 'statements are never deleted'); END;
"""

#: What the second form of the ledger adds: decisions on names, `name_decisions.py`.
_JUDGEMENTS = """
CREATE TABLE judgement (
  number INTEGER PRIMARY KEY AUTOINCREMENT, decision INTEGER NOT NULL, contribution INTEGER,
  says TEXT NOT NULL CHECK (says IN ('same', 'not the same')),
  name TEXT NOT NULL, record TEXT NOT NULL, entity TEXT NOT NULL, label TEXT NOT NULL,
  who TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL
);
CREATE TABLE taken_back (
  decision INTEGER PRIMARY KEY, who TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL
);
CREATE TRIGGER judgement_stays BEFORE UPDATE ON judgement
BEGIN SELECT RAISE(ABORT, 'judgements are never changed'); END;
CREATE TRIGGER judgement_never_goes BEFORE DELETE ON judgement
BEGIN SELECT RAISE(ABORT, 'judgements are never deleted'); END;
"""

#: What the third form adds: suggestions of partners that somebody dismissed, `dismissals.py`.
_DISMISSALS = """
CREATE TABLE dismissal (
  number INTEGER PRIMARY KEY AUTOINCREMENT, one TEXT NOT NULL, other TEXT NOT NULL,
  who TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL CHECK (why != '')
);
CREATE TABLE dismissal_taken_back (
  dismissal INTEGER PRIMARY KEY REFERENCES dismissal (number), who TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL
);
CREATE TRIGGER dismissal_stays BEFORE UPDATE ON dismissal
BEGIN SELECT RAISE(ABORT, 'dismissals are never changed'); END;
CREATE TRIGGER dismissal_never_goes BEFORE DELETE ON dismissal
BEGIN SELECT RAISE(ABORT, 'dismissals are never deleted'); END;
"""


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Make the tables that a ledger lacks, in one transaction. Raises KnowledgeError for one of a later program."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return
    if version > VERSION:
        raise KnowledgeError(
            f"this ledger was written by a later version of leedskg (form {version}; this one reads {VERSION}). Use "
            "that version",
            path=path,
        )
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]  # another process may have been quicker
    for later, script in enumerate((_TABLES, _JUDGEMENTS, _DISMISSALS)[version:], start=version):
        for statement in _statements(script):
            connection.execute(statement)
        if later == 0:
            connection.execute("INSERT INTO ledger VALUES (?)", (secrets.token_hex(8),))
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _statements(script: str) -> list[str]:
    """Return the statements of a script, one by one: `executescript` would commit the transaction around them."""
    found, current = [], ""
    for line in script.strip().splitlines():
        current += line + "\n"
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return found


_log = logging.getLogger(__name__)
#: Seconds that one writer waits for another; a transaction takes milliseconds.
_PATIENCE = 20.0
#: Bytes without which SQLite cannot even begin: its files beside the database need as much.
_LEAST_ROOM = 65_536
_NOT_WRITTEN = "the record of contributions (the ledger) cannot be written, and nothing was recorded"


class Database:
    """An SQLite file in WAL mode with synchronous = FULL: a commit is on the disk when it returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def select(self, query: str, values: Sequence[Any] = (), *, damaged: bool = False) -> list[sqlite3.Row]:
        """Return the rows of a query; none when the file is not there. Raises LedgerError.

        With `damaged`, a text that is no UTF-8 any more has signs of replacement in it, and spoils no other row.
        """
        if not self.path.exists():
            return []
        with self.connected(writes=False) as db:
            if damaged:
                db.text_factory = lambda text: text.decode("utf-8", "replace")
            return db.execute(query, values).fetchall()

    @contextmanager
    def recording(self) -> Iterator[sqlite3.Connection]:
        """Begin one transaction: all of it is on the disk when this ends, or nothing of it.

        Raises LedgerError when the disk is full or the folder cannot be written.
        """
        try:
            _make_private(self.path)
            with self.connected() as db:
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("COMMIT")
                except BaseException:
                    if db.in_transaction:
                        db.execute("ROLLBACK")
                    raise
        except OSError as error:
            _log.error("the ledger %s cannot be written: %s", self.path, error)
            raise LedgerError(f"{_NOT_WRITTEN}: {self._why(error)}", path=self.path.parent) from None

    @contextmanager
    def connected(self, *, writes: bool = True) -> Iterator[sqlite3.Connection]:
        """Open a connection of its own, closed in the end. Raises LedgerError for what SQLite refuses.

        Who only reads gets one also where nothing can be written: a read-only folder, or a full disk.
        """
        connection = None
        try:
            try:
                connection = self._opened()
            except sqlite3.OperationalError:
                if writes:
                    raise
                connection = open_to_read(self.path)
            yield connection
        except sqlite3.Error as error:
            _log.error("the ledger %s cannot be used: %s", self.path, error)
            what = _NOT_WRITTEN if writes else "the record of contributions (the ledger) cannot be read"
            raise LedgerError(f"{what}: {self._why(error)}", path=self.path) from None
        finally:
            if connection is not None:
                connection.close()

    def _opened(self) -> sqlite3.Connection:
        connection = _connect(str(self.path))
        try:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")
            prepare(connection, str(self.path))
        except BaseException:
            connection.close()
            raise
        return connection

    def _why(self, error: Exception) -> str:
        """Say what keeps SQLite or the system from it: of a full disk it says that a file cannot be read or opened."""
        with suppress(OSError):
            if shutil.disk_usage(self.path.parent).free < _LEAST_ROOM:
                return "the disk that it is on is full"
        return str(getattr(error, "strerror", None) or error)


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a database without writing beside it; what is in its -wal file needs its -shm file to be read."""
    left = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if left.exists() and left.stat().st_size else "immutable=1"
    return _connect(f"{path.absolute().as_uri()}?{how}")


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_PATIENCE, isolation_level=None, uri=name.startswith("file:"))
    connection.row_factory = sqlite3.Row
    return connection


def _make_private(path: Path) -> None:
    """Make the folder and the file where there is none, and keep both from the eyes of others where there are."""
    folder = path.parent
    if not folder.exists():
        folder.mkdir(0o700, parents=True, exist_ok=True)
        fsync(folder.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for each in (folder, path):
        mode = each.stat().st_mode & 0o777
        kept = mode & (0o770 if each == folder else 0o600)
        if kept != mode:
            with suppress(PermissionError):  # it belongs to somebody else, who has decided
                each.chmod(kept)
