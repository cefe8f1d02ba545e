"""What people follow: an entity, a list or a saved query each, and up to which state of the graph they were told of it.

Moments are those at which a state of the graph was published, so that they hold when the state folder is made anew and
its generations are counted from one again. What somebody follows is theirs alone: no log has it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Account
from leedskg.errors import ConflictError


class FollowKind(StrEnum):
    """What can be followed."""

    ENTITY = "entity"
    LIST = "list"
    QUERY = "query"


#: How many an account follows at most, of each kind: each is looked at whenever the person looks.
MOST = {FollowKind.ENTITY: 200, FollowKind.LIST: 20, FollowKind.QUERY: 20}
_WORDS = {FollowKind.ENTITY: "entities", FollowKind.LIST: "lists", FollowKind.QUERY: "saved queries"}


@dataclass(frozen=True)
class Follow:
    """One thing that somebody follows.

    `address` is the id of an entity, the ids of a list with commas between, or a query's name with its values behind a
    question mark. The moments are when the graph was published that they began with, have seen, and were written of.
    """

    id: int
    kind: FollowKind
    address: str
    made: str
    seen: str
    mailed: str


class Follows:
    """What the people of one site follow."""

    def __init__(self, database: AccountDatabase) -> None:
        self._database = database

    def of(self, account: Account) -> tuple[Follow, ...]:
        """Return what an account follows, the latest first."""
        rows = self._database.rows(
            "SELECT id, kind, address, made, seen, mailed FROM follow WHERE account = ? ORDER BY id DESC", account.id
        )
        return tuple(Follow(**{**dict(row), "kind": FollowKind(row["kind"])}) for row in rows)

    def add(self, account: Account, kind: FollowKind, address: str, moment: str) -> None:
        """Follow something from a moment on; once more does nothing more. Raises ConflictError beyond the bound."""
        with self._database.writing() as connection:
            known = connection.execute(
                "SELECT address FROM follow WHERE account = ? AND kind = ?", (account.id, kind)
            ).fetchall()
            if address in {row["address"] for row in known}:
                return
            if len(known) >= MOST[kind]:
                raise ConflictError(
                    f"You follow {len(known)} {_WORDS[kind]} already, and no more are followed by one account. Stop "
                    "following one of them first, on the page “What you follow”."
                )
            connection.execute(
                "INSERT INTO follow (account, kind, address, made, seen, mailed) VALUES (?, ?, ?, ?, ?, ?)",
                (account.id, kind, address, moment, moment, moment),
            )

    def remove(self, account: Account, number: int) -> bool:
        """Follow something no more; whether it was followed."""
        with self._database.writing() as connection:
            done = connection.execute("DELETE FROM follow WHERE account = ? AND id = ?", (account.id, number))
            return done.rowcount > 0

    def see(self, account: Account, numbers: Collection[int], moment: str) -> None:
        """Note that what became of these up to a moment has been seen."""
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE follow SET seen = ? WHERE account = ? AND id = ? AND seen < ?",
                [(moment, account.id, number, moment) for number in numbers],
            )

    def claim(self, follows: Collection[Follow], moment: str) -> bool:
        """Note that their person is being written to of these up to a moment; not where another process was first."""
        with self._database.writing() as connection:
            taken = [
                connection.execute(
                    "UPDATE follow SET mailed = ? WHERE id = ? AND mailed = ?", (moment, each.id, each.mailed)
                ).rowcount
                for each in follows
            ]
            if not all(taken):
                connection.executemany(
                    "UPDATE follow SET mailed = ? WHERE id = ?",
                    [(each.mailed, each.id) for each, done in zip(follows, taken, strict=True) if done],
                )
            return all(taken)

    def release(self, follows: Collection[Follow], moment: str) -> None:
        """Take back that their person was written to: the message is known not to have gone out."""
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE follow SET mailed = ? WHERE id = ? AND mailed = ?",
                [(each.mailed, each.id, moment) for each in follows],
            )
