"""What a view is limited to: the sources that tell of something, kinds of relationship, and years; everything at first.

What is left out is left out as if nobody had stated it. What no source dates is kept whatever the years: that it has no
date does not say that it did not hold then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from leedskg.namespaces import Namespaces
from leedskg.network import Tie
from leedskg.picture.dates import DateSpan, may_hold
from leedskg.query_files import query_beside
from leedskg.record import ShownAssertion
from leedskg.routes import RouteQuery
from leedskg.store import Reader

#: All sources of a sort at once: a hop through a grant is told apart from one through a brochure's sentence.
DOCUMENTS, REGISTERS = "documents", "registers"


@dataclass(frozen=True)
class CitedSource:
    """A document or a register that statements rest on."""

    iri: str
    label: str
    is_register: bool


@dataclass(frozen=True)
class Limits:
    """Which statements count. Nothing in a field means that it limits nothing; `patterns` are of edges, by IRI.

    `kinds` are the kinds of relationship of those patterns. A year of 0 is none.
    """

    sources: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    since: int = 0
    until: int = 0

    def __bool__(self) -> bool:
        """Return whether anything is left out."""
        return self != Limits()

    @property
    def years(self) -> DateSpan:
        """The days from the first of the years to the last."""
        return DateSpan(date(self.since or 1, 1, 1), date(self.until or 9999, 12, 31))

    def keeps(self, sources: Iterable[str], valid_from: str, valid_to: str) -> bool:
        """Return whether what these sources tell of a time, as EDTF, counts."""
        return (not self.sources or not self.sources.isdisjoint(sources)) and may_hold(valid_from, valid_to, self.years)

    def keeps_tie(self, tie: Tie) -> bool:
        """Return whether a relationship counts."""
        return (not self.patterns or tie.pattern.iri in self.patterns) and self.keeps(
            tie.sources, tie.valid_from, tie.valid_to
        )

    def keeps_statement(self, statement: ShownAssertion, namespaces: Namespaces) -> bool:
        """Return whether an assertion counts; a kind of relationship is asked of relationships alone."""
        if self.kinds and statement.parts and statement.kind.iri not in self.kinds:
            return False
        start, end = dates_of(statement, namespaces)
        return self.keeps((each.source.iri for each in statement.evidence), start, end)

    def of_route(self, question: RouteQuery) -> RouteQuery:
        """Return a question about routes within these limits; the kinds that it asks for itself go before theirs."""
        kinds = question.kinds or self.kinds
        return replace(question, kinds=kinds, sources=self.sources, since=self.since, until=self.until)


def dates_of(statement: ShownAssertion, namespaces: Namespaces) -> tuple[str, str]:
    """Return from when to when an assertion holds, as EDTF; of a figure, its period."""
    term = namespaces.term

    def told(*names: str) -> str:
        found = statement.detail(*map(term, names))
        return found.label if found else ""

    if period := told("referencePeriod"):
        start, slash, end = period.partition("/")
        return start, end if slash else start
    return told("validFrom"), told("validTo")


def read_sources(reader: Reader, namespaces: Namespaces) -> tuple[CitedSource, ...]:
    """Read every document and register that something rests on, by its name."""
    rows = reader.rows(query_beside(__file__, "limits_sources") % namespaces.base)
    found = [
        CitedSource(row["source"].value, row["label"].value, row["register"].value in ("true", "1")) for row in rows
    ]
    return tuple(sorted(found, key=lambda each: (each.label.casefold(), each.iri)))
