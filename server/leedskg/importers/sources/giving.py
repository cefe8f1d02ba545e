"""360Giving: grants of charitable funders, in the JSON of its standard or a table of the same fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from leedskg.importers.files import ArchiveMember, InputFile
from leedskg.importers.json_items import has, items, usual_form
from leedskg.importers.model import Participant, SourceDetails, SourceRecord
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.sources.giving_sheets import MAPPING, is_of_grants, item_of
from leedskg.importers.tabular import has_header, rows
from leedskg.importers.values import OddValueError, charity_number, company_number, day, money, postcode, text

GRANTS = "grants.item"
#: Codes of districts and unitary authorities; those of wards and regions have other beginnings.
_AUTHORITY = re.compile(r"(E0[6-9]|W06|S12|N09)\d{6}")
#: Beginnings of org-id codes, and the scheme and reader of what follows.
_CODES = {
    "GB-CHC-": ("charity-ew", charity_number),
    "GB-COH-": ("companies-house", company_number),
    "GB-NHS-": ("ods", text),
    "XI-ROR-": ("ror", lambda code: f"https://ror.org/{code}"),
    "GB-LAE-": ("local-authority-code", text),
}
#: Codes of the registers of charities in Scotland and Northern Ireland, of whose numbers the graph has no scheme.
_OTHER_CHARITIES = ("GB-SC-", "GB-NIC-")
KEPT = frozenset(
    [
        "id",
        "title",
        "currency",
        "amountAwarded",
        "awardDate",
        "plannedDates",
        "fundingOrganization",
        "recipientOrganization",
        "grantProgramme",
        "additional_data",
    ]
)
#: Keys of a body that may name or reach a person.
PERSONAL_OF_BODIES = frozenset(["telephone", "email", "contactName", "streetAddress"])
PERSONAL = frozenset(["recipientIndividual", "toIndividualsDetails", "recipientIndividualDetails"])


class ThreeSixtyGiving:
    """Grants in the 360Giving standard, of any funder."""

    about = SourceDetails(
        "360giving",
        "360Giving data",
        "360Giving and the funders that publish through it",
        "each funder's own, which a file does not state",
        "Contains grants data that funders publish in the 360Giving data standard, under the licence that each chose.",
        "https://www.360giving.org/",
        "Grants of those funders that publish; the licence is each funder's own.",
        may_publish=False,
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether there is a package of grants, or a table with the standard's columns."""
        _, start = file.head()
        return (has(start, GRANTS) and b'"amountAwarded"' in start) or has_header(file, is_of_grants)

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield a record for each grant to a body; grants to individuals are counted and dropped."""
        for part in file.filled_parts(report):
            for item, place in _items(part, report):
                report.read += 1
                for key, value in item.items():
                    if key not in KEPT and value not in (None, "", [], {}):
                        report.drop(key, personal=key in PERSONAL)
                if item.get("recipientIndividual") or not item.get("recipientOrganization"):
                    report.personal["grants to individuals"] += 1
                    continue
                with usual_form(place):
                    made = _record(item, place, report)
                yield made


def _items(part: ArchiveMember, report: ReadingReport) -> Iterator[tuple[dict[str, Any], FilePlace]]:
    if part.first(1) in {b"{", b"["}:
        for number, item in items(part.stream, GRANTS, FilePlace(part.name)):
            yield item, FilePlace(part.name, number)
    else:
        for row in rows(part, report, mapping=MAPPING):
            yield item_of(row), row.place


def _record(item: dict[str, Any], place: FilePlace, report: ReadingReport) -> SourceRecord:
    identifier = text(str(item.get("id") or ""))
    if not identifier:
        raise ImportFileError("the grant has no id, so it cannot be cited.", place)
    dates: dict[str, Any] = next(iter(item.get("plannedDates") or ()), {})
    programme: dict[str, Any] = next(iter(item.get("grantProgramme") or ()), {})
    values = {
        "name": text(str(item.get("title") or "")),
        "reference": identifier,
        "programme": text(str(programme.get("title") or "")),
        "amount": _told(money, item.get("amountAwarded"), "amountAwarded", place),
        "start": _told(day, dates.get("startDate") or item.get("awardDate"), "awardDate", place),
        "end": _told(day, dates.get("endDate"), "plannedDates", place),
        "category": "Grant",
    }
    if values["amount"] == "0":
        values["amount"] = ""
    if values["amount"]:
        values["currency"] = text(str(item.get("currency") or "")).upper() or "GBP"
    parts = [Participant("funder", _body(each, place, report)) for each in item.get("fundingOrganization") or ()]
    for each in item["recipientOrganization"]:
        body = _body(each, place, report)
        if len(item["recipientOrganization"]) == 1 and (district := _district(item)):
            body["authority"] = district
        parts.append(Participant("recipient", body))
    filled = {column: value for column, value in values.items() if value}
    return SourceRecord("360giving", identifier, "project", filled, tuple(parts), place)


def _body(body: dict[str, Any], place: FilePlace, report: ReadingReport) -> dict[str, str]:
    code = text(str(body.get("id") or ""))
    values = {
        "organisation": code,
        "name": text(str(body.get("name") or "")),
        "postcode": postcode(str(body.get("postalCode") or "")),
        "town": text(str(body.get("addressLocality") or "")),
    }
    more: dict[str, tuple[Any, Any]] = {"charity-ew": (charity_number, body.get("charityNumber"))}
    more["companies-house"] = (company_number, body.get("companyNumber"))
    for start, (scheme, reader) in _CODES.items():
        if code.upper().startswith(start):
            more[scheme] = (reader, code[len(start) :])
    if code.upper().startswith(_OTHER_CHARITIES):
        values["type"] = "Charity"
    for scheme, (reader, value) in more.items():
        try:
            values[scheme] = reader(str(value)) if value else ""
        except OddValueError as error:
            report.note(f"{scheme} left out", f"{error}.", place)
    for key in ("streetAddress", "url", "description", "telephone", "email", "contactName"):
        if body.get(key):
            report.drop(key, personal=key in PERSONAL_OF_BODIES)
    return {column: value for column, value in values.items() if value}


def _district(item: dict[str, Any]) -> str:
    """Return the local authority of the recipient, which its funder says or GrantNav adds.

    Where the money is spent is another thing.
    """
    for each in item["recipientOrganization"][0].get("location") or ():
        if _AUTHORITY.fullmatch(code := str(each.get("geoCode") or "").strip()):
            return code
    more = item.get("additional_data") or {}
    found = more.get("recipientDistrictGeoCode") or next(
        (
            each.get("ladcd_active") or each.get("ladcd") or ""
            for each in more.get("locationLookup") or ()
            if str(each.get("source", "")).startswith("recipientOrganization")
        ),
        "",
    )
    return str(found)


def _told(reader: Any, value: Any, column: str, place: FilePlace) -> str:
    if value in (None, ""):
        return ""
    try:
        return str(reader(str(value)))
    except ValueError as error:
        raise ImportFileError(f"{column}: {error}", place) from None
