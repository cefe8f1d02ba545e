"""The errors a person may meet, drawn as one tree.

LeedskgError                 anything below; its text is written for the person who reads it
├── KnowledgeError           the knowledge files cannot be used: file and line; the command line exits with 2
├── RequestError             a request cannot be answered as asked; carries an HTTP status (400 unless told)
│   ├── QueryRefusedError    a query asks for what the endpoint does not do (403)
│   ├── NotAcceptableError   no format that the client accepts (406)
│   └── UnknownNameError     no such entity, or several: carries the candidates (404 or 300)
└── LimitReachedError        busy, out of time or too large: 503 with a time to wait
    └── TooHeavyError        a query that needs more than it may have; carries the likely causes

Anything else that is raised is a bug: it is logged whole and answered with a 500.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


def excerpt(text: str, most: int = 80) -> str:
    """What a client sent, as far as a sentence may repeat it: on one line, printable, and no longer than `most`."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[: 2 * most]).split())
    return line if len(line) <= most and len(text) <= 2 * most else f"{line[: most - 1]}…"


class LeedskgError(Exception):
    """Base of every error that carries a sentence for a person."""

    exit_code = 2


class KnowledgeError(LeedskgError):
    """The knowledge files, or the store built from them, cannot be used as they stand."""

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.message = message
        self.path = path
        self.line = line
        super().__init__(f"{self.place}: {message}" if self.place else message)

    @property
    def place(self) -> str:
        """The file, and the line where it is known, as `file:line`."""
        if self.path is None:
            return ""
        return f"{self.path}:{self.line}" if self.line else str(self.path)


class RequestError(LeedskgError):
    """A request that cannot be answered as it was asked; the client can mend it."""

    status = 400
    title = "The request cannot be answered"

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        self.message = message
        self.line = line
        self.column = column
        super().__init__(message)


class QueryRefusedError(RequestError):
    """A query that asks for something the endpoint does not do, such as SERVICE or an update."""

    status = 403
    title = "The endpoint does not do this"


class NotAcceptableError(RequestError):
    """None of the formats that the client accepts can carry this kind of result."""

    status = 406
    title = "No acceptable format"


@dataclass(frozen=True)
class Candidate:
    """An entity that a name may have meant."""

    iri: str
    label: str
    kind: str


class UnknownNameError(RequestError):
    """A name that finds no entity, or more than one; `candidates` are what it may have meant."""

    title = "No such entity"

    def __init__(self, message: str, *, candidates: tuple[Candidate, ...] = (), ambiguous: bool = False) -> None:
        super().__init__(message)
        self.candidates = candidates
        self.ambiguous = ambiguous
        self.status = 300 if ambiguous else 404


class LimitReachedError(LeedskgError):
    """The query ran out of time, or memory, or every worker is busy; trying later or asking less may help."""

    status = 503
    title = "A limit was reached"

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        self.message = message
        self.retry_after = retry_after
        super().__init__(message)


class TooHeavyError(LimitReachedError):
    """A query that needs more time, memory or room than it may have; `causes` say what makes it so, a sentence each."""

    title = "The query is too heavy"

    def __init__(self, message: str, *, causes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.causes = causes

    def explained(self, causes: tuple[str, ...]) -> TooHeavyError:
        """The same with causes."""
        return TooHeavyError(self.message, causes=causes)
