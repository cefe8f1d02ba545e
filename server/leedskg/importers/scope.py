"""Which records of a publisher's file are kept: those that touch the region or a body of the graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from leedskg.importers.model import PAYING, SEVERAL, Kind, SourceRecord
from leedskg.importers.report import ReadingReport

#: The entity of the graph that a body is, by its source and its values; None for one that the graph does not know.
Resolve = Callable[[str, Mapping[str, str]], str | None]

#: Words of a scope by which it is known again, see `Scope.like`.
_HEALTH, _COUNTED, _NAMED = (
    " of health research", "; of the others, how many they are", "; of each its name and identifiers",
)  # fmt: skip

#: Bodies that pay for research on health alone, as registers print their names.
_HEALTH_FUNDERS = frozenset(
    [
        "mrc",
        "medical research council",
        "nc3rs",
        "nihr",
        "national institute for health research",
        "national institute for health and care research",
    ]
)
#: The class that the research councils give a grant which they count as medical, whichever of them pays.
_HEALTH_SUBJECT = "Medical & health interface"


def nobody(_source: str, _values: Mapping[str, str]) -> None:
    """Know no body."""


@dataclass(frozen=True)
class Scope:
    """What a record has to touch: a local authority, by its GSS code, or bodies of the graph that `resolve` finds.

    A word in a name, a town or a postcode is never enough: Bradford-on-Avon, Leeds Castle and an address that a funder
    prints for its office are not in West Yorkshire. Bodies that only pay do not count, or every grant of a research
    council that the graph names would be kept. Of a record that is kept, all participants are, unless the scope is
    `lean` (see `lean`); with `health`, only projects on health are (see `is_on_health`).
    """

    authorities: frozenset[str] = frozenset()
    resolve: Resolve = nobody
    least: int = 1
    everything: bool = False
    health: bool = False
    lean: bool = False

    def holds(self, record: SourceRecord) -> bool:
        """Return whether a record is within the scope."""
        if self.health and not is_on_health(record):
            return False
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
        return values.get("authority", "") in self.authorities or bool(self.resolve(source, values))

    def in_words(self, kind: Kind = "project") -> str:
        """Say what the scope is, of records of a kind."""
        of = _HEALTH if self.health else ""
        if self.everything:
            return f"every record{of} of the file{_COUNTED if self.lean else ''}"
        codes = ", ".join(sorted(self.authorities))
        region = f"the local authorities {codes} or " if codes else ""
        bodies = "a body" if self.least == 1 else f"{self.least} bodies"
        if not self.lean:
            return f"records{of} that touch {region}{bodies} of the graph; then all who take part in them"
        if kind == "organisation":
            return f"records of bodies of the graph{_NAMED}"
        part = "takes part" if self.least == 1 else "take part"
        return f"records{of} in which {bodies} of the graph {part}{_COUNTED}"

    def like(self, words: str) -> Scope:
        """Return the same scope with the choices that the words of another one tell: the inverse of `in_words`."""
        bodies = re.search(r"\b(\d+) bodies of the graph", words)
        return replace(
            self,
            least=int(bodies[1]) if bodies else 1,
            everything=words.startswith("every record"),
            health=_HEALTH in words,
            lean=words.endswith((_COUNTED, _NAMED)),
        )

    def as_options(self) -> str:
        """Write its choices as options of `leedskg import`; nothing where it is as by default."""
        told = [f"--at-least {self.least}"] if self.least > 1 else []
        return " ".join([*told, *(f"--{name}" for name in ("everything", "health", "lean") if getattr(self, name))])


def within(records: Iterable[SourceRecord], scope: Scope, report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield the records within the scope."""
    for record in records:
        if scope.holds(record):
            report.kept += 1
            yield record


def is_on_health(record: SourceRecord) -> bool:
    """Return whether a record is of a body, or of a project that its register says is on health.

    The register says so by who pays, by a health category, or by the subject that the councils have for it. Words of a
    title never do.
    """
    if record.kind == "organisation" or record.values.get("topics"):
        return True
    if _HEALTH_SUBJECT in record.values.get("subjects", "").split(SEVERAL):
        return True
    return any(each.role == "funder" and each.name.casefold() in _HEALTH_FUNDERS for each in record.participants)
