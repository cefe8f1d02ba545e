"""Where accounts are kept: `accounts.sqlite3` in the ledger folder, and the key that signs forms beside it.

Nothing is made until something has to be kept, so that reading needs no ledger folder. Both files can be read by their
owner alone. One connection serves all threads in turn; the command line writes to the same file from its own process.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from leedskg.errors import AccountsClosedError

FILE = "accounts.sqlite3"
KEY_FILE = "form-key"
VERSION = 2

#: What each form of the file adds to the one before it.
_SCHEMA = (
    """
CREATE TABLE account (
    id TEXT PRIMARY KEY, sign_in_name TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,
    password TEXT, disabled INTEGER NOT NULL DEFAULT 0, created TEXT NOT NULL
) STRICT;
CREATE TABLE session (
    hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), started TEXT NOT NULL, seen TEXT NOT NULL,
    by_link INTEGER NOT NULL, browser TEXT NOT NULL, place TEXT NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account);
CREATE TABLE token (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, account TEXT NOT NULL REFERENCES account (id), name TEXT NOT NULL,
    deeds TEXT NOT NULL, created TEXT NOT NULL, expires TEXT, used TEXT, revoked TEXT
) STRICT;
CREATE INDEX token_account ON token (account);
CREATE TABLE link (
    hash TEXT PRIMARY KEY, account TEXT REFERENCES account (id), made TEXT NOT NULL, expires TEXT NOT NULL, used TEXT
) STRICT;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, account TEXT REFERENCES account (id),
    what TEXT NOT NULL, about TEXT NOT NULL, place TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
""",
    """
CREATE TABLE follow (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), kind TEXT NOT NULL, address TEXT NOT NULL,
    made TEXT NOT NULL, seen TEXT NOT NULL, mailed TEXT NOT NULL, UNIQUE (account, kind, address)
) STRICT;
CREATE TABLE alert (
    account TEXT PRIMARY KEY REFERENCES account (id), feed TEXT UNIQUE, email TEXT NOT NULL DEFAULT '',
    asked TEXT, confirmed TEXT
) STRICT;
""",
)


class AccountDatabase:
    """The file that accounts are kept in; it need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._close: weakref.finalize[Any, Any] | None = None
        self._key = b""

    def rows(self, statement: str, *parameters: Any) -> list[sqlite3.Row]:
        """Return the rows that a SELECT finds; none while there is no file. Raises AccountsClosedError."""
        with self._lock:
            if self._connection is None and not self.path.exists():
                return []
            with self._told():
                return self._open().execute(statement, parameters).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that is kept whole, or not at all when it raises. Makes the file when it is not there.

        Raises AccountsClosedError when nothing can be written here.
        """
        with self._lock, self._told():
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def key(self, *, make: bool = True) -> bytes:
        """Return the key that signs this site's forms; made once, or empty while there is none and none is to be made.

        Raises AccountsClosedError.
        """
        with self._lock:
            if not self._key:
                if not make and not (self.folder / KEY_FILE).exists():
                    return b""
                try:
                    self._key = self._read_key()
                except OSError as error:
                    raise self._closed(error.strerror or str(error)) from None
            return self._key

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._lock:
            if self._close is not None:
                self._close()
            self._connection = self._close = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            except OSError as error:
                raise self._closed(error.strerror or str(error)) from None
            connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            self._close = weakref.finalize(self, connection.close)
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")  # two processes may find the file empty at once
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise self._closed(
                    f"{FILE} was made by a later version of leedskg; install that version or a later one"
                )
            for script in _SCHEMA[version:]:
                for statement in _statements(script):
                    connection.execute(statement)
            if version < VERSION:
                connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _read_key(self) -> bytes:
        path = self.folder / KEY_FILE
        with suppress(FileNotFoundError):
            key = path.read_bytes()
            if len(key) >= 32:
                return key
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self.folder / f".{KEY_FILE}.{secrets.token_hex(4)}"
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
                file.flush()
                os.fsync(file.fileno())
            if path.exists():  # cut short by a crash
                made.replace(path)
            else:
                with suppress(FileExistsError):  # another process was first; its key is the one
                    os.link(made, path)
        finally:
            made.unlink(missing_ok=True)
        return path.read_bytes()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._closed(str(error)) from error

    def _closed(self, why: str) -> AccountsClosedError:
        return AccountsClosedError(why, self.folder)


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one: `executescript` would end the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
