"""How the answers of saved queries changed, as far as somebody followed them.

A query's answer is looked at when its feed is asked for or somebody who follows it looks, once for each state of the
graph, and kept when it is another than before. So nothing is worked out for queries that nobody follows. The log is in
the state folder, and bounded: those that people with an account follow stay longest.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leedskg.store import Published

#: Queries that are remembered, states of each, and rows that a state tells of.
_MOST_QUERIES, _MOST_STATES, MOST_TOLD = 300, 50, 20
_TABLES = """
CREATE TABLE IF NOT EXISTS answer (
  query TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, size INTEGER NOT NULL,
  came TEXT NOT NULL, went TEXT NOT NULL, counts TEXT NOT NULL, content BLOB, PRIMARY KEY (query, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looked (
  query TEXT PRIMARY KEY, id TEXT NOT NULL, followed TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
"""
_FOUND = "SELECT id, at, size, came, went, counts, number = 1 FROM answer WHERE query = ? ORDER BY number DESC"


@dataclass(frozen=True)
class AnswerChange:
    """A state of an answer: how many rows it has, and which came and went with it."""

    id: str
    at: str
    size: int
    came: tuple[str, ...]
    went: tuple[str, ...]
    #: How many came and went.
    counts: list[int]
    first: bool = False

    @property
    def words(self) -> str:
        """What became of the answer, in a line."""
        if self.first:
            return f"The answer has {_rows(self.size)}"
        came, went = self.counts
        return f"The answer changed: {_rows(came)} added, {went:,} removed; {self.size:,} now"


class AnswerLog:
    """What the answers of queries were, in a state folder."""

    def __init__(self, state: Path) -> None:
        self._path = state / "answers.sqlite"

    def note(self, query: str, rows: Sequence[str], published: Published, *, followed: str = "") -> list[AnswerChange]:
        """Note the answer of a query as it is now; give its states, the latest first.

        `followed` is the day on which somebody with an account who follows it looks, or nothing.
        """
        key, now = _key(query), sorted(rows)
        with closing(sqlite3.connect(self._path, isolation_level=None)) as database:
            database.executescript(_TABLES)
            database.execute("BEGIN IMMEDIATE")
            latest = "SELECT number, content FROM answer WHERE query = ? ORDER BY number DESC LIMIT 1"
            last = database.execute(latest, (key,)).fetchone()
            before = json.loads(zlib.decompress(last[1])) if last else []
            database.execute(
                "INSERT INTO looked VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
                "SET id = excluded.id, followed = MAX(followed, excluded.followed)",
                (key, published.id, followed),
            )
            if last is None or before != now:
                self._add(database, key, published, before, now, (last[0] if last else 0) + 1)
            database.execute("COMMIT")
            return _changes(database.execute(_FOUND, (key,)).fetchall())

    def known(self, query: str, published: Published, *, followed: str = "") -> list[AnswerChange] | None:
        """Return the states of an answer that was looked at in this state of the graph; None where it was not."""
        if not self._path.exists():
            return None
        key = _key(query)
        with closing(sqlite3.connect(self._path, isolation_level=None)) as database:
            database.executescript(_TABLES)
            row = database.execute("SELECT id, followed FROM looked WHERE query = ?", (key,)).fetchone()
            if row is None or row[0] != published.id:
                return None
            if row[1] < followed:
                database.execute("UPDATE looked SET followed = ? WHERE query = ?", (followed, key))
            return _changes(database.execute(_FOUND, (key,)).fetchall())

    def changed(self, queries: Sequence[tuple[str, str]]) -> int:
        """Return how many of some queries are known to have another answer since the moment beside each."""
        if not queries or not self._path.exists():
            return 0
        asked = "SELECT EXISTS (SELECT 1 FROM answer WHERE query = ? AND at > ? AND number > 1)"
        with closing(sqlite3.connect(self._path, isolation_level=None)) as database:
            database.executescript(_TABLES)
            return sum(database.execute(asked, (_key(query), at)).fetchone()[0] for query, at in queries)

    @staticmethod
    def _add(  # noqa: PLR0913, PLR0917 - two states, and of what
        database: sqlite3.Connection, key: str, published: Published, before: list[str], now: list[str], number: int
    ) -> None:
        old, new = set(before), set(now)
        came, went = sorted(new - old), sorted(old - new)
        told = [json.dumps(each[:MOST_TOLD]) for each in (came, went)] if number > 1 else ["[]", "[]"]
        content, counts = zlib.compress(json.dumps(now).encode()), json.dumps([len(came), len(went)])
        database.execute("UPDATE answer SET content = NULL WHERE query = ?", (key,))
        database.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, number, published.id, published.built_at, len(now), *told, counts, content),
        )
        database.execute("DELETE FROM answer WHERE query = ? AND number <= ?", (key, number - _MOST_STATES))
        database.execute(
            "DELETE FROM answer WHERE query NOT IN "
            "(SELECT query FROM answer LEFT JOIN looked USING (query) GROUP BY query "
            "ORDER BY MAX(COALESCE(followed, '')) DESC, MAX(at) DESC LIMIT ?)",
            (_MOST_QUERIES,),
        )
        database.execute("DELETE FROM looked WHERE query NOT IN (SELECT query FROM answer)")


def _rows(number: int) -> str:
    return f"{number:,} {'row' if number == 1 else 'rows'}"


def _key(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()


def _changes(rows: Sequence[Sequence[Any]]) -> list[AnswerChange]:
    return [
        AnswerChange(name, at, size, tuple(json.loads(came)), tuple(json.loads(went)), json.loads(counts), bool(first))
        for name, at, size, came, went, counts, first in rows
    ]
