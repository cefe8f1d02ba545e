"""Registers of bodies that are one plain table each: charities, companies, employers, local authorities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leedskg.importers.files import InputFile
from leedskg.importers.mapping import MappedColumn, TableMapping
from leedskg.importers.model import SEVERAL, SourceDetails, SourceRecord
from leedskg.importers.report import ImportFileError, ReadingReport
from leedskg.importers.tabular import has_header, mapped_rows
from leedskg.importers.values import charity_number, company_number, day, postcode, text, title

OGL = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


@dataclass(frozen=True)
class TableOfBodies:
    """A register that is a table with a row a body: what it is, its mapping, and what all its rows have in common."""

    about: SourceDetails
    mapping: TableMapping
    id: str
    common: tuple[tuple[str, str], ...] = ()
    ended: frozenset[str] = frozenset()

    def recognises(self, file: InputFile) -> bool:
        """Return whether the header is this register's."""
        return has_header(file, self.mapping.fits)

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield a record for each row."""
        for part in file.filled_parts(report):
            for row, values in mapped_rows(part, self.mapping, report):
                identifier = values.get(self.id)
                if not identifier:
                    raise ImportFileError(f"the row has no {self.id}, so the record cannot be cited.", row.place)
                made = {**dict(self.common), **values}
                made.pop("id", None)
                earlier = [made.pop(name) for name in [*made] if name.startswith("earlier-name")]
                if made.get("other-names") == made.get("name"):
                    made.pop("other-names", None)
                if earlier:
                    made["other-names"] = SEVERAL.join(dict.fromkeys(earlier))
                if made.get("status", "").casefold() in self.ended or "end" in made:
                    made["status"] = "ended"
                elif "status" in made:
                    del made["status"]
                yield SourceRecord(self.about.name, identifier, "organisation", made, (), row.place)


def _website(cell: str) -> str:
    told = text(cell)
    return told if told.startswith(("http://", "https://")) else f"http://{told}"


CHARITIES = TableOfBodies(
    SourceDetails(
        "charities",
        "Register of charities (UK Charity Activity Tags)",
        "NCVO, Christopher Damm and David Kane; Charity Commission for England and Wales",
        "https://creativecommons.org/licenses/by/4.0/",
        "UK Charity Activity Tags, NCVO, Christopher Damm and David Kane, CC BY 4.0. Contains information from the "
        "Charity Commission for England and Wales, licensed under the Open Government Licence v3.0.",
        "https://register-of-charities.charitycommission.gov.uk/",
        "Registered charities; income and year are those of their last return.",
    ),
    TableMapping(
        (
            MappedColumn("org_id", "id", needed=True),
            MappedColumn("reg_number", "charity-ew", charity_number, needed=True),
            MappedColumn("name", "name", title, needed=True),
            MappedColumn("postcode", "postcode", postcode),
            MappedColumn("active", "status"),
            MappedColumn("date_registered", "start", day),
            MappedColumn("date_removed", "end", day),
            MappedColumn("web", "website", _website),
            MappedColumn("company_number", "companies-house", company_number),
        ),
        dropped=frozenset(["source", "income", "fye", "UKCAT", "ICNPTSO", "activities"]),
    ),
    "id",
    (("type", "Charity"),),
    frozenset(["false"]),
)

COMPANIES = TableOfBodies(
    SourceDetails(
        "companies-house",
        "Companies House basic company data",
        "Companies House",
        OGL,
        "Contains information from Companies House, free of charge and free to use again.",
        "https://download.companieshouse.gov.uk/en_output.html",
        "Live companies on the register at the month of the file.",
    ),
    TableMapping(
        (
            MappedColumn("CompanyNumber", "companies-house", company_number, needed=True),
            MappedColumn("CompanyName", "name", title, needed=True),
            MappedColumn("RegAddress.PostTown", "town", title),
            MappedColumn("RegAddress.PostCode", "postcode", postcode),
            MappedColumn("CompanyStatus", "status", needed=True),
            MappedColumn("IncorporationDate", "start", day),
            MappedColumn("DissolutionDate", "end", day),
            *(
                MappedColumn(f"PreviousName_{number}.CompanyName", f"earlier-name-{number}", title)
                for number in range(1, 11)
            ),
        ),
        personal=frozenset(
            ["RegAddress.CareOf", "RegAddress.POBox", "RegAddress.AddressLine1", "RegAddress.AddressLine2"]
        ),
    ),
    "companies-house",
    (("type", "Company"), ("country", "United Kingdom")),
    frozenset(["dissolved", "converted/closed", "closed"]),
)

EMPLOYERS = TableOfBodies(
    SourceDetails(
        "gender-pay-gap",
        "Gender pay gap returns (who the employers are)",
        "Government Equalities Office",
        OGL,
        "Contains public sector information licensed under the Open Government Licence v3.0: gender pay gap service.",
        "https://gender-pay-gap.service.gov.uk/",
        "Employers of 250 people and more; names are as typed.",
        may_publish=False,
    ),
    TableMapping(
        (
            MappedColumn("EmployerId", "id", needed=True),
            MappedColumn("EmployerName", "name", title, needed=True),
            MappedColumn("CurrentName", "other-names", title),
            MappedColumn("PostCode", "postcode", postcode),
            MappedColumn("CompanyNumber", "companies-house", company_number, needed=True),
        ),
        personal=frozenset(["ResponsiblePerson", "Address"]),
        dropped=frozenset(["SicCodes", "EmployerSize", "DueDate"]),
    ),
    "id",
)

AUTHORITIES = TableOfBodies(
    SourceDetails(
        "local-authorities",
        "Local authority lists of digital-land and mySociety",
        "Ministry of Housing, Communities and Local Government (digital land)",
        OGL,
        "Contains public sector information licensed under the Open Government Licence v3.0: digital-land local "
        "authorities. Crown copyright.",
        "https://www.planning.data.gov.uk/dataset/local-authority",
        "Local authorities of England, former ones too.",
    ),
    TableMapping(
        (
            MappedColumn("reference", "local-authority-code", needed=True),
            MappedColumn("name", "name", needed=True),
            MappedColumn("statistical-geography", "gss", needed=True),
            MappedColumn("local-authority-district", "authority"),
            MappedColumn("end-date", "end", day),
            MappedColumn("website", "website"),
            MappedColumn("wikidata", "wikidata"),
        ),
        dropped=frozenset(["start-date", "twitter", "wikipedia", "parliament-thesaurus", "notes"]),
    ),
    "local-authority-code",
    (("type", "PublicBody"), ("country", "United Kingdom")),
)
