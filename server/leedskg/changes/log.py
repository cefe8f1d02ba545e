"""The log of what each publication changed, in one file of the state folder.

It is written before a generation is current and read up to the current one, so that readers never see a change before
its graph. Where it does not end with the generation that a publication goes on from, the next event is the whole graph:
a client replays from the last of these. See decision 0187.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from leedskg.changes.patch import Patch, patch_lines
from leedskg.changes.records import RecordChange, in_words
from leedskg.store.generations import Generation

_TABLES = """
CREATE TABLE IF NOT EXISTS event (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, causes TEXT NOT NULL, words TEXT NOT NULL,
  removed INTEGER NOT NULL, added INTEGER NOT NULL, whole INTEGER NOT NULL, patch BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS record (
  event INTEGER NOT NULL REFERENCES event (number), iri TEXT NOT NULL, what TEXT NOT NULL, kind TEXT NOT NULL,
  label TEXT NOT NULL, PRIMARY KEY (event, iri)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS about (
  entity TEXT NOT NULL, event INTEGER NOT NULL REFERENCES event (number), iri TEXT NOT NULL,
  PRIMARY KEY (entity, event, iri)
) WITHOUT ROWID;
"""
_EVENT = "number, id, at, causes, words, removed, added, whole"
#: The texts of a parameter that is a JSON array.
_LISTED = "(SELECT value FROM json_each(?))"
_FILE = "changes.sqlite"


@dataclass(frozen=True)
class PublicationEvent:
    """One publication."""

    number: int
    #: The id of the generation, which never comes again.
    id: str
    at: str
    #: Why it was published, such as “Merged contribution 7: A new award”.
    causes: tuple[str, ...]
    #: What was added, changed and retired, counted by kind.
    words: tuple[str, ...]
    removed: int
    added: int
    #: Whether its patch is the whole graph.
    whole: bool

    @property
    def title(self) -> str:
        """What happened, in a line."""
        return "; ".join(self.causes) or "The graph was published"


@dataclass(frozen=True)
class LoggedRecord:
    """What an event did to a record."""

    iri: str
    what: str
    kind: str
    label: str


class ChangeLog:
    """The log in a state folder. Reading one that was never written gives nothing."""

    def __init__(self, state: Path) -> None:
        self._path = state / _FILE

    def follows(self, base: Generation | None) -> bool:
        """Return whether the log ends with this generation, so that the next event may be what differs from it."""
        if base is None:
            return False
        with self._read() as found:
            row = found.execute("SELECT id FROM event WHERE number = ?", (base.number,)).fetchone() if found else None
        return row is not None and row[0] == base.id

    def write(  # noqa: PLR0913 - these are the parts of an event
        self, generation: Generation, causes: Sequence[str], records: Sequence[RecordChange], patch: Patch, *,
        told: Patch, whole: bool = False,
    ) -> None:  # fmt: skip
        """Record an event; what the log has of this number and later came from publications that were never seen.

        `told` is what the numbers count, without what the graph says of itself. `whole` says that the patch is the
        whole graph.
        """
        words = in_words(records)
        with closing(sqlite3.connect(self._path, isolation_level=None)) as database:
            database.executescript(_TABLES)
            database.execute("BEGIN IMMEDIATE")
            for table, column in (("about", "event"), ("record", "event"), ("event", "number")):
                database.execute(f"DELETE FROM {table} WHERE {column} >= ?", (generation.number,))  # noqa: S608
            known = (generation.number, generation.id, generation.built_at, json.dumps(causes), json.dumps(words))
            text = _compressed(patch_lines(patch))
            counts = (len(told.removed), len(told.added), whole, text)
            database.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*known, *counts))
            for each in records:
                row = (generation.number, each.iri, each.what, each.kind, each.label)
                database.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?)", row)
                entities = ((entity, generation.number, each.iri) for entity in each.about)
                database.executemany("INSERT INTO about VALUES (?, ?, ?)", entities)
            database.execute("COMMIT")

    def count(self, current: int) -> int:
        """Return how many events there are up to a generation."""
        with self._read() as found:
            row = (
                found.execute("SELECT COUNT(*) FROM event WHERE number <= ?", (current,)).fetchone() if found else None
            )
        return int(row[0]) if row else 0

    def latest(self, current: int, most: int, *, before: int | None = None) -> list[PublicationEvent]:
        """Return the events up to a generation, the latest first; those `before` another where that is given."""
        last = current if before is None else min(current, before - 1)
        return self._events("WHERE number <= ? ORDER BY number DESC LIMIT ?", last, most)

    def page(self, current: int, number: int, size: int) -> list[PublicationEvent]:
        """Return a page of the events in the order in which they happened; the first has number 1."""
        return self._events("WHERE number <= ? ORDER BY number LIMIT ? OFFSET ?", current, size, (number - 1) * size)

    def event(self, name: str, current: int) -> PublicationEvent | None:
        """Return the event of this id, if it has been seen."""
        return next(iter(self._events("WHERE id = ? AND number <= ?", name, current)), None)

    def patch(self, number: int) -> bytes:
        """Return the text of the patch of an event."""
        with self._read() as found:
            row = found.execute("SELECT patch FROM event WHERE number = ?", (number,)).fetchone() if found else None
        return zlib.decompress(row[0]) if row else b""

    def records(self, number: int, most: int, *, about: Sequence[str] = ()) -> list[LoggedRecord]:
        """Return what an event did to records, to those about some entities where any are given."""
        query, values = "SELECT iri, what, kind, label FROM record WHERE event = ?", (number,)
        if about:
            query += f" AND iri IN (SELECT iri FROM about WHERE entity IN {_LISTED} AND event = ?)"  # noqa: S608 - a constant
            values += (json.dumps(about), number)  # type: ignore[assignment]
        with self._read() as found:
            rows = found.execute(f"{query} ORDER BY what, iri LIMIT ?", (*values, most)).fetchall() if found else []
        return [LoggedRecord(*row) for row in rows]

    def about(self, entity: str, current: int, most: int) -> list[PublicationEvent]:
        """Return the events that touched an entity or a statement about it, the latest first."""
        within = "number IN (SELECT event FROM about WHERE entity = ?)"
        return self._events(f"WHERE {within} AND number <= ? ORDER BY number DESC LIMIT ?", entity, current, most)

    def since(self, entities: Sequence[str], moment: str, current: int, most: int) -> list[PublicationEvent]:
        """Return the events later than a moment that touched any of some entities, the latest first."""
        later = "event > (SELECT COALESCE(MAX(number), 0) FROM event WHERE at <= ?)"
        within = f"number IN (SELECT event FROM about WHERE entity IN {_LISTED} AND {later})"  # noqa: S608 - constants
        rest = f"WHERE {within} AND number <= ? ORDER BY number DESC LIMIT ?"
        return self._events(rest, json.dumps(entities), moment, current, most)

    def began_after(self, moment: str, current: int) -> str:
        """Return when the log began anew after a moment, so that it cannot tell all since then; else nothing."""
        found = self._events("WHERE whole AND at > ? AND number <= ? ORDER BY number DESC LIMIT 1", moment, current)
        return found[0].at if found else ""

    def _events(self, rest: str, *values: object) -> list[PublicationEvent]:
        with self._read() as found:
            rows = found.execute(f"SELECT {_EVENT} FROM event {rest}", values).fetchall() if found else []  # noqa: S608
        return [
            PublicationEvent(
                number, name, at, tuple(json.loads(causes)), tuple(json.loads(words)), removed, added, bool(whole)
            )
            for number, name, at, causes, words, removed, added, whole in rows
        ]

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection | None]:
        """Open the log to read it; None where it was never written."""
        if not self._path.exists():
            yield None
            return
        # Not read-only: what a writer that was killed left half done is taken back by whoever opens the log next, and
        # who may not write cannot read it either. Where the file cannot be written, SQLite opens it to read by itself.
        with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=rw", uri=True)) as database:
            yield database


def _compressed(lines: Iterable[str]) -> bytes:
    """Return a text compressed, line by line: that of a large change is larger than all else of it."""
    compressor = zlib.compressobj()
    return b"".join([*(compressor.compress(line.encode()) for line in lines), compressor.flush()])
