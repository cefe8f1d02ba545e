"""What the ledger holds, to be read: contributions, statements, events and steps."""

from __future__ import annotations

from collections.abc import Sequence

from leedskg.errors import RequestError
from leedskg.ledger import rows
from leedskg.ledger.database import Database
from leedskg.ledger.model import Contribution, Event, RecordedStatement, Step


class Records:
    """Read access to a ledger; one that is not there reads as an empty one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def contribution(self, number: int) -> Contribution:
        """The contribution with this number. Raises RequestError when there is none."""
        found = self._database.select("SELECT * FROM contribution WHERE id = ?", (number,))
        if not found:
            raise RequestError(f"There is no contribution {number}; `leedskg contributions list` lists them.")
        return rows.contribution(found[0])

    def contributions(self, *states: str) -> list[Contribution]:
        """The contributions in these states, or all, the latest first."""
        where = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        query = f"SELECT * FROM contribution {where} ORDER BY id DESC"  # noqa: S608 - the input is in the values
        return [rows.contribution(row) for row in self._database.select(query, states)]

    def counts(self, who: str = "") -> dict[str, int]:
        """How many contributions are in each state, of everybody or of one."""
        where, values = ("WHERE who = ?", (who,)) if who else ("", ())
        found = self._database.select(
            f"SELECT state, count(*) AS number FROM contribution {where} GROUP BY state",  # noqa: S608 - constants
            values,
        )
        return {row["state"]: row["number"] for row in found}

    def page(self, states: Sequence[str], who: str = "", *, most: int, skip: int = 0) -> list[Contribution]:
        """Some of the contributions in these states, of everybody or of one, the latest first."""
        marks = ", ".join("?" * len(states))
        mine = " AND who = ?" if who else ""
        query = f"SELECT * FROM contribution WHERE state IN ({marks}){mine} ORDER BY id DESC LIMIT ? OFFSET ?"  # noqa: S608
        values = (*states, *((who,) if who else ()), most, skip)
        return [rows.contribution(row) for row in self._database.select(query, values)]

    def same_file(self, sha256: str) -> list[Contribution]:
        """The contributions that were submitted as this very file, the latest first."""
        return [
            rows.contribution(row)
            for row in self._database.select("SELECT * FROM contribution WHERE sha256 = ? ORDER BY id DESC", (sha256,))
        ]

    def statements(self, number: int) -> tuple[RecordedStatement, ...]:
        """The statements of a contribution."""
        return rows.statements(
            self._database.select("SELECT * FROM statement WHERE contribution = ? ORDER BY number", (number,))
        )

    def events(self, number: int | None = None) -> list[Event]:
        """The events of one contribution or of all, the earliest first: the audit."""
        where, values = ("WHERE contribution = ?", (number,)) if number is not None else ("", ())
        found = self._database.select(f"SELECT * FROM event {where} ORDER BY number", values)  # noqa: S608 - the input is in values
        return [rows.event(row) for row in found]

    def steps(self) -> list[Step]:
        """Every change of the graph, the earliest first."""
        return [rows.step(row) for row in self._database.select("SELECT * FROM step ORDER BY number")]

    def id(self) -> str:
        """What tells this ledger from others; empty for one that is not there."""
        found = self._database.select("SELECT id FROM ledger")
        return str(found[0]["id"]) if found else ""

    def replay(self) -> tuple[list[Step], dict[int, tuple[RecordedStatement, ...]]]:
        """The steps and the statements of their contributions, as at one moment."""
        if not self._database.path.exists():
            return [], {}
        with self._database.connected() as db:
            db.execute("BEGIN")
            steps = [rows.step(row) for row in db.execute("SELECT * FROM step ORDER BY number")]
            wanted = sorted({step.contribution for step in steps})
            query = "SELECT * FROM statement WHERE contribution = ? ORDER BY number"
            found = {number: rows.statements(db.execute(query, (number,)).fetchall()) for number in wanted}
            db.execute("COMMIT")
        return steps, found
