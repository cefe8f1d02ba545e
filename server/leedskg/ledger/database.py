"""The database of the ledger: connections that wait for the disk, and transactions that are whole or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leedskg.errors import KnowledgeError
from leedskg.ledger import schema
from leedskg.store.embedded import fsync

#: Seconds that one writer waits for another; a transaction takes milliseconds.
_PATIENCE = 20.0


class Database:
    """An SQLite file in WAL mode with synchronous = FULL: a commit is on the disk when it returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def select(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """The rows of a query; none when the file is not there."""
        if not self.path.exists():
            return []
        with self.connected() as db:
            return db.execute(query, values).fetchall()

    @contextmanager
    def recording(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it on the disk when this ends, or nothing of it.

        Raises KnowledgeError when the disk is full or the folder cannot be written.
        """
        try:
            if not self.path.exists():
                self.path.parent.mkdir(0o700, parents=True, exist_ok=True)
                fsync(self.path.parent.parent)
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
            raise KnowledgeError(
                f"the ledger cannot be written, and nothing was recorded: {error.strerror or error}",
                path=self.path.parent,
            ) from None

    @contextmanager
    def connected(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own, closed in the end. Raises KnowledgeError for what SQLite refuses."""
        connection = None
        try:
            connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")
            schema.prepare(connection, str(self.path))
            yield connection
        except sqlite3.Error as error:
            raise KnowledgeError(
                f"the ledger cannot be used, and nothing was recorded: {error}", path=self.path
            ) from None
        finally:
            if connection is not None:
                connection.close()
