"""Which records of a publisher's file are kept: those that touch the region or a body of the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from leedskg.importers.model import PAYING, SourceRecord
from leedskg.importers.report import ReadingReport

#: Whether a body, by its source and its values, is one of the graph.
IsKnown = Callable[[str, Mapping[str, str]], bool]


def nobody(_source: str, _values: Mapping[str, str]) -> bool:
    """Know no body."""
    return False


@dataclass(frozen=True)
class Scope:
    """What a record has to touch: a local authority, by its GSS code, or bodies of the graph that `is_known` finds.

    A word in a name, a town or a postcode is never enough: Bradford-on-Avon, Leeds Castle and an address that a funder
    prints for its office are not in West Yorkshire. Bodies that only pay do not count, or every grant of a research
    council that the graph names would be kept. Of a record that is kept, all participants are.
    """

    authorities: frozenset[str] = frozenset()
    is_known: IsKnown = nobody
    least: int = 1
    everything: bool = False

    def holds(self, record: SourceRecord) -> bool:
        """Whether a record is within the scope."""
        if self.everything:
            return True
        if record.kind == "organisation":
            return self._touches(record.source, record.body)
        touching = {
            each.values.get("organisation") or each.name
            for each in record.participants
            if each.role not in PAYING and self._touches(record.source, each.values)
        }
        return len(touching) >= self.least

    def _touches(self, source: str, values: Mapping[str, str]) -> bool:
        return values.get("authority", "") in self.authorities or self.is_known(source, values)

    def in_words(self) -> str:
        """Say what the scope is."""
        if self.everything:
            return "every record of the file"
        codes = ", ".join(sorted(self.authorities))
        region = f"the local authorities {codes} or " if codes else ""
        bodies = "a body" if self.least == 1 else f"{self.least} bodies"
        return f"records that touch {region}{bodies} of the graph; then all who take part in them"


def within(records: Iterable[SourceRecord], scope: Scope, report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield the records within the scope."""
    for record in records:
        if scope.holds(record):
            report.kept += 1
            yield record
