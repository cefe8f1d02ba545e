"""The NHS Organisation Data Service: its CSV files without a header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from leedskg.importers.files import InputFile
from leedskg.importers.mapping import MappedColumn, TableMapping
from leedskg.importers.model import SourceDetails, SourceRecord
from leedskg.importers.report import ImportFileError, ReadingReport
from leedskg.importers.tabular import rows
from leedskg.importers.values import day, postcode, title

#: The 27 columns, which the files do not name.
HEADER = (
    "Code", "Name", "National Grouping", "High Level Health Geography", "Address Line 1", "Address Line 2",
    "Address Line 3", "Address Line 4", "Address Line 5", "Postcode", "Open Date", "Close Date", "Null 13",
    "Organisation Sub-Type Code", "Parent Organisation Code", "Join Parent Date", "Left Parent Date",
    "Contact Telephone Number", "Null 19", "Null 20", "Null 21", "Amended Record Indicator", "Null 23", "GOR Code",
    "Null 25", "Null 26", "Null 27",
)  # fmt: skip
MAPPING = TableMapping(
    (
        MappedColumn("Code", "ods", needed=True),
        MappedColumn("Name", "name", title, needed=True),
        MappedColumn("Postcode", "postcode", postcode),
        MappedColumn("Address Line 4", "town", title),
        MappedColumn("Open Date", "start", day),
        MappedColumn("Close Date", "end", day),
    ),
    personal=frozenset(["Contact Telephone Number"]),
    dropped=frozenset(HEADER)
    - {"Code", "Name", "Postcode", "Address Line 4", "Open Date", "Close Date", "Contact Telephone Number"},
)
_CODE = re.compile(r"[A-Z0-9]{3,10}")


class OrganisationDataService:
    """Organisations of the NHS in England, closed ones too."""

    about = SourceDetails(
        "ods",
        "NHS Organisation Data Service",
        "NHS England",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "Contains information from NHS England (Organisation Data Service), licensed under the Open Government Licence "
        "v3.0.",
        "https://digital.nhs.uk/services/organisation-data-service",
        "Organisations of the NHS in England.",
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether the first row has the 27 cells of ODS, the first a code and the eleventh a date."""
        _, start = file.head()
        try:
            row = next(csv.reader(io.StringIO(start.decode("utf-8", "replace"))), [])
        except csv.Error:
            return False
        return len(row) == len(HEADER) and bool(_CODE.fullmatch(row[0])) and bool(re.fullmatch(r"\d{8}|", row[10]))

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield a record for each row."""
        for part in file.filled_parts(report):
            for row in rows(part, report, header=HEADER):
                report.read += 1
                values = MAPPING.read(row, report)
                code = values.get("ods", "")
                if not _CODE.fullmatch(code):
                    raise ImportFileError(
                        f"“{code[:20]}” is no code of the ODS, which has 3 to 10 characters.", row.place
                    )
                values |= {"type": "NHSOrganisation", "country": "England"}
                if "end" in values:
                    values["status"] = "ended"
                yield SourceRecord("ods", code, "organisation", values, (), row.place)
