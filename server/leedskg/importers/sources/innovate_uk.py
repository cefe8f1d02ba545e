"""Innovate UK's workbook of funded projects: a row a participant."""

from __future__ import annotations

from collections.abc import Iterator

from leedskg.importers.files import InputFile
from leedskg.importers.grouping import grouped
from leedskg.importers.mapping import MappedColumn, TableMapping
from leedskg.importers.model import Participant, SourceDetails, SourceRecord
from leedskg.importers.places import authority_code
from leedskg.importers.report import ImportFileError, ReadingReport
from leedskg.importers.tabular import has_header, mapped_rows
from leedskg.importers.values import company_number, day, money, postcode

MAPPING = TableMapping(
    (
        MappedColumn("Project Number", "reference", needed=True),
        MappedColumn("Project Title", "name", needed=True),
        MappedColumn("Competition Title", "programme"),
        MappedColumn("Innovate UK Product Type", "category"),
        MappedColumn("Project Start Date", "start", day),
        MappedColumn("Project End Date", "end", day),
        MappedColumn("Project Status", "status"),
        MappedColumn("Participant Name", "body", needed=True),
        MappedColumn("Is Lead Participant", "lead", needed=True),
        MappedColumn("CRN", "companies-house", company_number),
        MappedColumn("Award Offered (£)", "amount", money, needed=True),
        MappedColumn("Participant Withdrawn From Project", "withdrawn"),
        MappedColumn("Postcode", "postcode", postcode),
        MappedColumn("Address Local Authority", "authority", authority_code, needed=True),
    ),
    dropped=frozenset(
        [
            "Competition Reference",
            "Programme Title",
            "Sector",
            "Application Number",
            "Public Description",
            "Competition Year",
            "Total Costs (£)",
            "Actual Spend to Date (£)",
            "Enterprise Size",
            "Address Region",
            "Address LEP",
            "In Multiple LEPs",
            "Industrial Strategy Challenge Fund (ISCF)",
        ]
    ),
    roles={"yes": "lead", "no": "partner"},
)
_OF_PROJECT = ("name", "programme", "category", "start", "end", "status")
_OF_BODY = ("companies-house", "postcode", "authority", "amount")


class InnovateUk:
    """Projects that Innovate UK pays for, with every participant and what each was offered."""

    about = SourceDetails(
        "innovate-uk",
        "Innovate UK funded projects",
        "Innovate UK",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "Contains public sector information licensed under the Open Government Licence v3.0: Innovate UK funded "
        "projects, UK Research and Innovation.",
        "https://www.ukri.org/publications/innovate-uk-funded-projects-since-2004/",
        "Grants of Innovate UK since 2004; amounts are those offered to each participant.",
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether the header is Innovate UK's."""
        return has_header(file, MAPPING.fits)

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield a record for each project, its participants gathered from their rows."""
        for part in file.filled_parts(report):
            found = ((row.place, values) for row, values in mapped_rows(part, MAPPING, report))
            for reference, rows in grouped(found, "reference").items():
                place, first = rows[0]
                parts = [Participant("funder", {"name": "Innovate UK", "ror": "https://ror.org/05ar5fy68"})]
                for at, values in rows:
                    for key in _OF_PROJECT:
                        if values.get(key, first.get(key)) != first.get(key):
                            told = f"{key} of project {reference} is “{values[key]}” here and “{first.get(key, '')}” at"
                            report.note("project said in two ways", f"the {told} {place}, which was kept.", at)
                    lead = MAPPING.roles.get(values.get("lead", "").casefold())
                    if not lead:
                        raise ImportFileError("column “Is Lead Participant”: it has to say Yes or No.", at)
                    if "body" not in values:
                        raise ImportFileError("column “Participant Name” is empty.", at)
                    body = {"name": values["body"], **{key: values[key] for key in _OF_BODY if key in values}}
                    if "amount" in body:
                        body["currency"] = "GBP"
                    if "withdrawal" in values.get("withdrawn", "").casefold():
                        body["status"] = "withdrawn"
                    parts.append(Participant(lead, body))
                known = {key: first[key] for key in _OF_PROJECT if key in first}
                known["reference"] = reference
                yield SourceRecord("innovate-uk", reference, "project", known, tuple(parts), place)
