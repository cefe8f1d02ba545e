"""Records cut down to what concerns bodies of the graph, with the number of the others (decision 0219)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from leedskg.importers.model import IDENTIFIERS, SEVERAL, Participant, SourceRecord
from leedskg.importers.report import ReadingReport
from leedskg.importers.scope import Scope

#: Roles of those who do the work of a project, and of those who pay for it. What a project led to is neither.
TAKING_PART = frozenset(["lead", "recipient", "partner", "project-partner", "collaborator", "sponsor", "centre"])
PAYS = frozenset(["funder", "co-funder"])
#: What is kept of a body's own record, and of a body that takes part.
_OF_BODIES = frozenset(["name", "type", "status", "address", *IDENTIFIERS])
#: Schemes in which a body has one number: of several, which is its own is not said.
_ONE_NUMBER = ("wikidata", "isni", "grid")
_OF_PARTICIPANTS = frozenset(["name", "organisation", "type", "status", "amount", "currency", *IDENTIFIERS])
_OF_PROJECTS = frozenset(
    ["name", "reference", "category", "topics", "subjects", "status", "start", "end", "amount", "currency", "address"]
)


class LeanRecords:
    """Keeps of a project its name, reference, dates and amounts, who pays, and which bodies of the graph take part.

    Who pays for any record of a file takes part in none: award holders name a research council, or a charity that gave
    a grant, among their collaborators. Of a body its name and its identifiers are kept.
    """

    def __init__(self, scope: Scope, report: ReadingReport) -> None:
        self._scope, self._report = scope, report
        self._payers: set[str] = set()

    def watched(self, records: Iterable[SourceRecord]) -> Iterator[SourceRecord]:
        """Yield all records of a file, noting who pays."""
        for record in records:
            for each in record.participants:
                if each.role in PAYS:
                    self._payers.add(self._scope.resolve(record.source, each.values) or "")
                if each.role == "funder":
                    self._payers.add(each.values.get("organisation", ""))
            yield record

    def of(self, records: Iterable[SourceRecord]) -> list[SourceRecord]:
        """Return the records cut down, without those that too few bodies of the graph are left in."""
        kept = [self._project(each) if each.kind == "project" else self._body(each) for each in records]
        found = [each for each in kept if each]
        self._report.kept = len(found)
        return found

    def _body(self, record: SourceRecord) -> SourceRecord | None:
        if not any(each in record.values for each in IDENTIFIERS):
            return None
        values = _only(record.values, _OF_BODIES)
        for column in [each for each in _ONE_NUMBER if SEVERAL in values.get(each, "")]:
            self._report.drop(f"{column}, of which the record gives several")
            del values[column]
        return replace(record, values=values, participants=())

    def _project(self, record: SourceRecord) -> SourceRecord | None:
        kept: list[Participant] = []
        bodies: set[str] = set()
        others: set[str] = set()
        for each in record.participants:
            entity = self._scope.resolve(record.source, each.values)
            if each.role in PAYS and (entity or each.role == "funder"):
                kept.append(each)
            elif each.role not in TAKING_PART or self._pays(each, entity):
                self._report.drop(f"role {each.role}, of who pays or of what came of it")
            elif entity:
                bodies.add(entity)
                kept.append(each)
            else:
                others.add(each.values.get("organisation") or each.name)
        if len(bodies) < self._scope.least:
            return None
        self._report.dropped["bodies that the graph does not name"] += len(others)
        values = _only(record.values, _OF_PROJECTS)
        if others:
            values["other-bodies"] = str(len(others))
        parts = tuple(replace(each, values=_only(each.values, _OF_PARTICIPANTS)) for each in kept)
        return replace(record, values=values, participants=parts)

    def _pays(self, each: Participant, entity: str | None) -> bool:
        """Return whether a body pays anywhere in the file; one that the graph has not has the publisher's id alone."""
        return any(key and key in self._payers for key in (entity, each.values.get("organisation")))


def _only(values: Mapping[str, str], columns: frozenset[str]) -> dict[str, str]:
    return {column: value for column, value in values.items() if column in columns}
