"""What the rest of the program may ask of a store, whichever store it is.

Pages, routes and the command line read through `Reader` alone, so that a SPARQL server elsewhere can take
the place of the embedded store without any of them noticing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

TermKind = Literal["iri", "literal", "blank", "triple"]

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


@dataclass(frozen=True, slots=True)
class Term:
    """One value in a row of results. Printed, it is its IRI or its text.

    Our own rather than an engine's, so that a row may pass between threads and from any store. A literal has a
    `datatype` unless it is a plain string, and a `language` where it has one.
    """

    value: str
    kind: TermKind = "literal"
    datatype: str = ""
    language: str = ""

    def __str__(self) -> str:
        return self.value

    @property
    def is_iri(self) -> bool:
        """Whether it names a thing, rather than stating a value."""
        return self.kind == "iri"


Row = dict[str, Term]


class Published(Protocol):
    """What is known of the state of the graph that readers see."""

    @property
    def id(self) -> str:
        """Differs whenever the content may: it goes into ETags."""

    @property
    def number(self) -> int:
        """Greater than that of every state before."""

    @property
    def built_at(self) -> str:
        """When it was published, ISO 8601 in UTC."""

    @property
    def statements(self) -> int:
        """How many distinct statements it holds."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the publisher noted about it."""


class Reader(Protocol):
    """Read access to the published graph. Safe to call from several threads."""

    def generation(self) -> Published:
        """Return what is being read now."""

    def rows(self, query: str) -> list[Row]:
        """Return the rows of a SELECT query, read whole; an unbound variable has no key in its row."""

    def ask(self, query: str) -> bool:
        """Return the answer of an ASK query."""

    def n_triples(self, graph: str) -> bytes:
        """Return what the graph of this name holds, a statement a line, in any order."""
