"""What reading a publisher's file has to say: counts, what was dropped, what is odd, and what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from leedskg.errors import RefusedError

#: Notes of one kind that are told one by one; of the rest there is a count.
_MOST_OF_A_KIND = 20


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where something stands in a file; `row` is counted from 1, 0 where a file has no rows."""

    file: str
    row: int = 0

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}" if self.row else self.file


class ImportFileError(RefusedError):
    """A publisher's file that cannot be taken as it is; nothing of it was kept."""

    title = "The file cannot be imported"

    def __init__(self, message: str, place: FilePlace | None = None) -> None:
        super().__init__(f"{place}: {message}" if place and place.file else message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know of a row that was read all the same."""

    kind: str
    message: str
    place: FilePlace

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place.file else self.message


@dataclass
class ReadingReport:
    """What is told while a file is read."""

    read: int = 0
    kept: int = 0
    personal: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    notes: list[Note] = field(default_factory=list)
    more: Counter[str] = field(default_factory=Counter)

    def drop(self, column: str, *, personal: bool = False) -> None:
        """Count a value of a column that is not kept."""
        (self.personal if personal else self.dropped)[column] += 1

    def note(self, kind: str, message: str, place: FilePlace) -> None:
        """Tell something odd; of many of one `kind` the first are told and the others counted."""
        if sum(each.kind == kind for each in self.notes) < _MOST_OF_A_KIND:
            self.notes.append(Note(kind, message, place))
        else:
            self.more[kind] += 1
