"""How the answers of saved queries changed, as far as somebody followed them.

A query's answer is looked at when its feed is asked for, and kept when it is another than before: so nothing is worked
out for queries that nobody follows. It is in the state folder, and bounded.
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

from leedskg.store import Published

#: Queries that are remembered, states of each, and rows that a state tells of.
_MOST_QUERIES, _MOST_STATES, MOST_TOLD = 300, 50, 20
_TABLES = """
CREATE TABLE IF NOT EXISTS answer (
  query TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, size INTEGER NOT NULL,
  came TEXT NOT NULL, went TEXT NOT NULL, counts TEXT NOT NULL, content BLOB, PRIMARY KEY (query, number)
) WITHOUT ROWID;
"""


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


class AnswerLog:
    """What the answers of queries were, in a state folder."""

    def __init__(self, state: Path) -> None:
        self._path = state / "answers.sqlite"

    def note(self, query: str, rows: Sequence[str], published: Published) -> list[AnswerChange]:
        """Note the answer of a query as it is now; give its states, the latest first."""
        key, now = hashlib.sha256(query.encode()).hexdigest(), sorted(rows)
        with closing(sqlite3.connect(self._path, isolation_level=None)) as database:
            database.executescript(_TABLES)
            database.execute("BEGIN IMMEDIATE")
            latest = "SELECT number, content FROM answer WHERE query = ? ORDER BY number DESC LIMIT 1"
            last = database.execute(latest, (key,)).fetchone()
            before = json.loads(zlib.decompress(last[1])) if last else []
            if last is None or before != now:
                self._add(database, key, published, before, now, (last[0] if last else 0) + 1)
            database.execute("COMMIT")
            found = database.execute(
                "SELECT id, at, size, came, went, counts, number = 1 FROM answer WHERE query = ? ORDER BY number DESC",
                (key,),
            ).fetchall()
        return [
            AnswerChange(
                name, at, size, tuple(json.loads(came)), tuple(json.loads(went)), json.loads(counts), bool(first)
            )
            for name, at, size, came, went, counts, first in found
        ]

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
            "(SELECT query FROM answer GROUP BY query ORDER BY MAX(at) DESC LIMIT ?)",
            (_MOST_QUERIES,),
        )
