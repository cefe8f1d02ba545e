"""The other forms of Gateway to Research: the CSV of its search, and the JSON of its search page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leedskg.importers.files import ArchiveMember
from leedskg.importers.json_items import items, usual_form
from leedskg.importers.mapping import MappedColumn, TableMapping
from leedskg.importers.model import Participant, SourceRecord
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.tabular import mapped_rows
from leedskg.importers.values import day, day_of_milliseconds, money, text

SEARCH_CSV = TableMapping(
    (
        MappedColumn("ProjectReference", "reference", needed=True),
        MappedColumn("FundingOrgName", "funder", needed=True),
        MappedColumn("LeadROName", "lead", needed=True),
        MappedColumn("Title", "name", needed=True),
        MappedColumn("StartDate", "start", day),
        MappedColumn("EndDate", "end", day),
        MappedColumn("AwardPounds", "amount", money),
        MappedColumn("ProjectCategory", "category"),
        MappedColumn("Status", "status"),
        MappedColumn("FundingOrgId", "funder-id"),
        MappedColumn("LeadROId", "lead-id", needed=True),
    ),
    personal=frozenset(
        [
            "PISurname",
            "PIFirstName",
            "PIOtherNames",
            "PI ORCID iD",
            "PIId",
            "StudentSurname",
            "StudentFirstName",
            "StudentOtherNames",
            "Student ORCID iD",
        ]
    ),
    dropped=frozenset(["Department", "ExpenditurePounds", "Region", "GTRProjectUrl", "ProjectId"]),
)
_ROLES = ("funder", "lead")
RESULTS = "facetedSearchResultBean.results.item"


def csv_records(part: ArchiveMember, report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield the records of the CSV that GtR's search gives."""
    for row, values in mapped_rows(part, SEARCH_CSV, report):
        reference = values.get("reference")
        if not reference:
            raise ImportFileError("column “ProjectReference” is empty, so the record cannot be cited.", row.place)
        bodies = {role: {"organisation": values.get(f"{role}-id", ""), "name": values.get(role, "")} for role in _ROLES}
        parts = [
            Participant(role, {key: value for key, value in body.items() if value})
            for role, body in bodies.items()
            if body["name"]
        ]
        kept = {key: value for key, value in values.items() if key not in {"funder", "lead", "funder-id", "lead-id"}}
        if "end" in kept and kept.get("start") == kept["end"]:
            # The file was written by a script that wrote the start twice, 1 October as 10 January.
            report.note(
                "end left out",
                "EndDate equals StartDate, which no award does: the end was left out, and of the start the year kept, "
                "for such files have day and month changed about.",
                row.place,
            )
            kept["start"] = kept.pop("end")[:4]
        yield _project(reference, kept, parts, row.place)


def json_records(part: ArchiveMember, report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield the records of the JSON that GtR's search page loads."""
    for number, item in items(part.stream, RESULTS, FilePlace(part.name)):
        report.read += 1
        place = FilePlace(part.name, number)
        with usual_form(place):
            made = _of_json(item, place, report)
        yield made


def _of_json(item: dict[str, Any], place: FilePlace, report: ReadingReport) -> SourceRecord:
    composition = item.get("projectComposition") or {}
    project: dict[str, Any] = composition.get("project") or {}
    fund: dict[str, Any] = project.get("fund") or {}
    reference = text(str(project.get("grantReference") or ""))
    if not reference:
        raise ImportFileError("the record has no grantReference, so it cannot be cited.", place)
    report.personal["personRoles"] += len(composition.get("personRoles") or ())
    for prose in ("abstractText", "potentialImpactText"):
        report.dropped[prose] += bool(project.get(prose))
    parts = []
    for role, body in (("funder", fund.get("funder")), ("lead", composition.get("leadResearchOrganisation"))):
        if body and body.get("name"):
            parts.append(Participant(role, {"organisation": str(body["id"]), "name": text(body["name"])}))
    try:
        values = {
            "name": text(project.get("title") or ""),
            "category": text(project.get("grantCategory") or ""),
            "status": text(project.get("status") or ""),
            "start": day_of_milliseconds(fund["start"]) if fund.get("start") else "",
            "end": day_of_milliseconds(fund["end"]) if fund.get("end") else "",
            "amount": money(str(fund["valuePounds"])) if fund.get("valuePounds") else "",
        }
    except (TypeError, ValueError) as error:
        raise ImportFileError(str(error), place) from None
    return _project(reference, values, parts, place)


def _project(reference: str, values: dict[str, str], parts: list[Participant], place: FilePlace) -> SourceRecord:
    known = {key: value for key, value in values.items() if value}
    if known.get("amount") == "0":
        del known["amount"]
    if "amount" in known:
        known["currency"] = "GBP"
    known["reference"] = reference
    known["address"] = f"https://gtr.ukri.org/projects?ref={reference}"
    return SourceRecord("gtr", reference, "project", known, tuple(parts), place)
