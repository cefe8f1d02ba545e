"""Forms of colleagues' tables that were mapped before: what was said of a table with the same headings, by whom."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from leedskg.contributions.sheets.mapping import FileMapping
from leedskg.ledger.database import Database
from leedskg.ledger.ledger import FILE_NAME, Ledger, now

_TABLE = (
    "CREATE TABLE IF NOT EXISTS sheet_form (id TEXT PRIMARY KEY, headings TEXT NOT NULL, mapping TEXT NOT NULL, "
    "file_name TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL)"
)
#: What stands between headings, and how many of them two forms share that are one with a heading changed.
BETWEEN, _LEAST_SHARED = " | ", 0.6


@dataclass(frozen=True)
class SheetForm:
    """One form: its headings, what was said of it last, of which file, by whom and when."""

    id: str
    headings: str
    mapping: FileMapping
    file_name: str
    who: str
    at: str


class SheetForms:
    """The forms that a ledger remembers. A mapping is of one table; the last one said holds."""

    def __init__(self, ledger: Ledger) -> None:
        self._database = Database(ledger.folder / FILE_NAME)

    def _exact(self, headings: str) -> SheetForm | None:
        """Return what is remembered of tables with these headings."""
        return next(iter(self._rows("WHERE id = ?", _id(headings))), None)

    def like(self, headings: str) -> SheetForm | None:
        """Return the form with these headings, or the one with most of them, its columns where they stand here."""
        if exact := self._exact(headings):
            return exact
        own = headings.split(BETWEEN)
        best, most = None, _LEAST_SHARED
        for form in self.listed():
            theirs = form.headings.split(BETWEEN)
            shared = len(set(own) & set(theirs)) / max(len(own), len(theirs))
            if shared >= most:
                best, most = form, shared
        if best is None:
            return None
        meant = {
            heading: best.mapping.sheets[0].columns.get(at) for at, heading in enumerate(best.headings.split(BETWEEN))
        }
        columns = {at: meaning for at, heading in enumerate(own) if (meaning := meant.get(heading))}
        sheet = replace(best.mapping.sheets[0], columns=columns)
        return replace(best, mapping=replace(best.mapping, sheets=[sheet]))

    def listed(self) -> list[SheetForm]:
        """Return every form, the latest first."""
        return self._rows("ORDER BY at DESC")

    def remember(self, keys: Sequence[str], mapping: FileMapping, *, file_name: str, who: str) -> None:
        """Remember what was said of the tables of a file, each by its headings."""
        with self._database.recording() as db:
            db.execute(_TABLE)
            for key, sheet in zip(keys, mapping.sheets, strict=False):
                one = FileMapping([sheet], mapping.kinds, mapping.roles, mapping.names, mapping.report)
                values = (_id(key), key, one.as_json(), file_name, who, now())
                db.execute("INSERT OR REPLACE INTO sheet_form VALUES (?, ?, ?, ?, ?, ?)", values)

    def forget(self, form: str) -> None:
        """Forget a form; contributions that were mapped under it keep their mapping."""
        with self._database.recording() as db:
            db.execute(_TABLE)
            db.execute("DELETE FROM sheet_form WHERE id = ?", (form,))

    def _rows(self, rest: str, *values: str) -> list[SheetForm]:
        if not self._database.select("SELECT 1 FROM sqlite_master WHERE name = 'sheet_form'"):
            return []
        rows = self._database.select(f"SELECT * FROM sheet_form {rest}", values)  # noqa: S608 - constants
        return [
            SheetForm(row["id"], row["headings"], FileMapping.of_json(row["mapping"]), row["file_name"], row["who"],
                      row["at"])
            for row in rows
        ]  # fmt: skip


def _id(headings: str) -> str:
    return hashlib.sha256(headings.encode()).hexdigest()[:16]
