"""The tables of the ledger, and their version."""

from __future__ import annotations

import secrets
import sqlite3

from leedskg.errors import KnowledgeError

VERSION = 1

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


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Make the tables of a new ledger, in one transaction. Raises KnowledgeError for one of a later program."""
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
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:  # else another process was quicker
        for statement in _statements(_TABLES):
            connection.execute(statement)
        connection.execute("INSERT INTO ledger VALUES (?)", (secrets.token_hex(8),))
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _statements(script: str) -> list[str]:
    """The statements of a script, one by one: `executescript` would commit the transaction around them."""
    found, current = [], ""
    for line in script.strip().splitlines():
        current += line + "\n"
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return found
