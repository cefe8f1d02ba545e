"""NIHR's open data on its awards: the JSON and CSV exports of its Opendatasoft site."""

from __future__ import annotations

from collections.abc import Iterator

from leedskg.importers.files import InputFile
from leedskg.importers.json_items import first, items
from leedskg.importers.mapping import MappedColumn, TableMapping, fold
from leedskg.importers.model import Participant, SourceDetails, SourceRecord, SourceRow
from leedskg.importers.places import authority_code
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.tabular import has_header, mapped_rows
from leedskg.importers.values import currency, day, money

MAPPING = TableMapping(
    (
        MappedColumn("project_id", "reference", needed=True),
        MappedColumn("project_title", "name", needed=True),
        MappedColumn("programme", "programme"),
        MappedColumn("programme_type", "category"),
        MappedColumn("project_status", "status"),
        MappedColumn("funder", "funder"),
        MappedColumn("co_funders", "co-funders"),
        MappedColumn("start_date", "start", day),
        MappedColumn("end_date", "end", day),
        MappedColumn("award_amount", "amount", money),
        MappedColumn("award_amount_from_dh", "amount", money),
        MappedColumn("award_amount_m", "amount", money),
        MappedColumn("contracted_organisation", "lead", needed=True),
        MappedColumn("lad19nm", "authority", authority_code),
        MappedColumn("lad", "authority", authority_code),
    ),
    personal=frozenset(
        [
            "award_holder_name",
            "lead_given_name",
            "lead_family_name",
            "lead_investigator_name",
            "orcid",
            "contact_email",
            "chief_investigator",
            "lead_investigator",
        ]
    ),
    dropped=frozenset(["scientific_abstract", "plain_english_abstract", "description", "objectives", "acronym"]),
)
#: Whose money it is where the programme says so: NIHR manages it for the department.
_OF_THE_DEPARTMENT = ("Policy Research Programme",)
_DEPARTMENT = "Department of Health and Social Care"
_NIHR = "National Institute for Health and Care Research"


class NationalInstitute:
    """Awards of the National Institute for Health and Care Research."""

    about = SourceDetails(
        "nihr",
        "NIHR Open Data: awards",
        "National Institute for Health and Care Research",
        "not stated",
        "Contains NIHR Open Data (National Institute for Health and Care Research).",
        "https://nihr.opendatasoft.com/explore/dataset/nihr-summary-view/",
        "Awards with the one organisation that each was contracted to; who else takes part is not in it.",
        may_publish=False,
        record_address="https://fundingawards.nihr.ac.uk/award/{}",
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether the header, or the first record of the JSON, has NIHR's columns."""
        _, start = file.head()
        if start.lstrip()[:1] == b"[":
            return MAPPING.fits(first(start, "item"))
        return has_header(file, MAPPING.fits)

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield the records of every part."""
        _, start = file.head()
        for part in file.filled_parts(report):
            if start.lstrip()[:1] == b"[":
                for number, item in items(part.stream, "item", FilePlace(part.name)):
                    report.read += 1
                    place = FilePlace(part.name, number)
                    MAPPING.check(item, place)
                    row = SourceRow({key: "" if value is None else str(value) for key, value in item.items()}, place)
                    yield _record(row, MAPPING.read(row, report))
            else:
                for row, values in mapped_rows(part, MAPPING, report):
                    yield _record(row, values)


def _record(row: SourceRow, values: dict[str, str]) -> SourceRecord:
    reference = values.pop("reference", "")
    if not reference:
        raise ImportFileError("column “project_id” is empty, so the record cannot be cited.", row.place)
    funder, lead, authority = values.pop("funder", ""), values.pop("lead", ""), values.pop("authority", "")
    co_funders = [each.strip() for each in values.pop("co-funders", "").split(";")]
    programme = values.get("programme", "")
    of_department = "ODA" in funder or any(each in programme for each in _OF_THE_DEPARTMENT)
    if not funder or funder.startswith("NIHR"):
        funder = _DEPARTMENT if of_department else _NIHR
    parts = [Participant("funder", {"name": funder})]
    if _says_who(lead):
        parts.append(Participant("lead", {"name": lead, **({"authority": authority} if authority else {})}))
    parts += [Participant("co-funder", {"name": each}) for each in dict.fromkeys(co_funders) if _says_who(each)]
    if values.get("amount") == "0":
        del values["amount"]
    if "amount" in values:
        raw = next(
            (cell for heading, cell in row.values.items() if fold(heading).startswith("awardamount") and cell), ""
        )
        values["currency"] = currency(raw)
    values |= {"reference": reference, "address": f"https://fundingawards.nihr.ac.uk/award/{reference}"}
    return SourceRecord("nihr", reference, "project", values, tuple(parts), row.place)


def _says_who(cell: str) -> bool:
    return bool(cell) and cell.casefold() not in {"not applicable", "n/a", "various"}
