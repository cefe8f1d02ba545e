"""The errors a person may meet, drawn as one tree.

LeedskgError                 anything below; its text is written for the person who reads it
├── KnowledgeError           the knowledge files cannot be used: file and line; the command line exits with 2
│   └── LedgerError          the record of contributions cannot be read or written; the graph can (503)
├── RequestError             a request cannot be answered as asked; carries an HTTP status (400 unless told)
│   ├── QueryRefusedError    a query asks for what the endpoint does not do (403)
│   ├── ConflictError        somebody else was first, or others build on it (409)
│   ├── RefusedError         what was sent has faults: carries the report (422)
│   ├── TooLargeError        more was sent than is read (413)
│   ├── NotAcceptableError   no format that the client accepts (406)
│   ├── EntryError           what was entered in a field of a form cannot be taken; names the field (400)
│   ├── SignInNeededError    nobody is signed in, or with a token that does not count (401)
│   ├── NotAllowedError      the account, or the form that was sent, may not do this (403)
│   └── UnknownNameError     no such entity, or several: carries the candidates (404 or 300)
├── AccountsClosedError      accounts cannot be kept or read here; reading the graph stays open (503)
├── FetchError               a publisher's service cannot be asked, or answers otherwise than it should
├── LimitReachedError        busy, out of time or too large: 503 with a time to wait
│   ├── TooOftenError        asked too often: 429 with a time to wait
│   └── TooHeavyError        a query that needs more than it may have; carries the likely causes
├── MailError                a message could not be sent; it is tried again next time
└── StoreError               the SPARQL server that holds the graph does not answer as it should (502)
    └── StoreDownError       it cannot be reached, or is not ready: 503 with a time to wait

Anything else that is raised is a bug: it is logged whole and answered with a 500.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


def excerpt(text: str, most: int = 80) -> str:
    """Return what a client sent, as a sentence may repeat it: on one line, printable, and no longer than `most`."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[: 2 * most]).split())
    return line if len(line) <= most and len(text) <= 2 * most else f"{line[: most - 1]}…"


class LeedskgError(Exception):
    """Base of every error that carries a sentence for a person."""

    exit_code = 2

    def __reduce__(self) -> tuple[Any, ...]:
        """Let another process have it, whatever its class takes to be made."""
        return _made_again, (type(self), self.args, self.__dict__)


def _made_again(kind: type[LeedskgError], words: tuple[Any, ...], known: dict[str, Any]) -> LeedskgError:
    made = kind.__new__(kind)
    made.args = words
    made.__dict__.update(known)
    return made


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


class LedgerError(KnowledgeError):
    """The record of contributions cannot be read or written; the graph can still be read.

    `message` names no place of this machine: everybody may read it.
    """

    status = 503
    title = "The record of contributions cannot be used"


class RequestError(LeedskgError):
    """A request that cannot be answered as it was asked; the client can fix it."""

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


class ConflictError(RequestError):
    """The state of things is not what the request takes for granted: somebody was first, or others build on it."""

    status = 409
    title = "Somebody else was first"


class RefusedError(RequestError):
    """What was sent cannot be taken, for faults that its `report` lists."""

    status = 422
    title = "What was sent cannot be taken"

    def __init__(self, message: str, report: Any = None) -> None:
        super().__init__(message)
        self.report = report


class TooLargeError(RequestError):
    """More was sent than is read."""

    status = 413
    title = "This is too large"


class NotAcceptableError(RequestError):
    """None of the formats that the client accepts can carry this kind of result."""

    status = 406
    title = "No acceptable format"


class EntryError(RequestError):
    """What was entered in one field cannot be taken; `field` is the field's name in the form."""

    title = "There is a problem"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SignInNeededError(RequestError):
    """Something that needs an account was asked for without one."""

    status = 401
    title = "Sign in first"


class NotAllowedError(RequestError):
    """Something that this account, or this form, may not do."""

    status = 403
    title = "This is not allowed"


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


class GoneError(RequestError):
    """What the graph had and has no more; `elsewhere` is the address of a page that says what became of it."""

    status = 410
    title = "Gone"

    def __init__(self, message: str, *, elsewhere: str) -> None:
        super().__init__(message)
        self.elsewhere = elsewhere


class LimitReachedError(LeedskgError):
    """The query ran out of time, or memory, or every worker is busy; trying later or asking less may help."""

    status = 503
    title = "A limit was reached"

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        self.message = message
        self.retry_after = retry_after
        super().__init__(message)


class TooOftenError(LimitReachedError):
    """The same was asked for too often in a short time."""

    status = 429
    title = "Too many tries"


class AccountsClosedError(LeedskgError):
    """Accounts cannot be kept or read here, so that nobody can sign in; the graph can still be read.

    `message` is for everybody; the text of the error names the folder too, for the person at the machine.
    """

    status = 503
    title = "Nobody can sign in here now"

    def __init__(self, why: str, folder: Path) -> None:
        self.message = f"Accounts cannot be kept here: {why}. Reading the graph needs no account."
        super().__init__(
            f"Accounts cannot be kept in the ledger folder {folder}: {why}. Reading the graph needs no account."
        )


class FetchError(LeedskgError):
    """A publisher's service cannot be asked, or answers otherwise than it should; nothing was imported."""

    exit_code = 1


class TooHeavyError(LimitReachedError):
    """A query that needs more time, memory or room than it may have; `causes` say what makes it so, a sentence each."""

    title = "The query is too heavy"

    def __init__(self, message: str, *, causes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.causes = causes

    def explained(self, causes: tuple[str, ...]) -> TooHeavyError:
        """Return the same error with causes."""
        return TooHeavyError(self.message, causes=causes)


class MailError(LeedskgError):
    """A message that could not be sent, or not be known to have been; another time may do."""

    exit_code = 1


class StoreError(LeedskgError):
    """The SPARQL server that holds the graph answers nonsense, or refuses what it has to do."""

    status = 502
    title = "The store of the graph does not answer as it should"
    retry_after: int | None = None

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class StoreDownError(StoreError):
    """The SPARQL server that holds the graph cannot be reached now; it may come back by itself."""

    status = 503
    title = "The store of the graph cannot be reached"
    retry_after = 10
