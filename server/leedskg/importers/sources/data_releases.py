"""Public Health England's register of the patient data that it released: a row a release."""

from __future__ import annotations

from collections.abc import Iterator

from leedskg.importers.files import InputFile
from leedskg.importers.mapping import MappedColumn, TableMapping
from leedskg.importers.model import Participant, SourceDetails, SourceRecord
from leedskg.importers.report import ImportFileError, ReadingReport
from leedskg.importers.tabular import headings, mapped_rows
from leedskg.importers.values import day

MAPPING = TableMapping(
    (
        MappedColumn("ODR reference", "reference", needed=True),
        MappedColumn("Applicant's organisation", "recipient", needed=True),
        MappedColumn("Data source", "data-source", needed=True),
        MappedColumn("Type of data", "topics"),
        MappedColumn("Date of release", "start", day, needed=True),
    ),
    dropped=frozenset(["Applicant's organisation type", "Funders and collaborators"]),
)


class DataReleases:
    """Releases of patient data: to which body, from which source, and when.

    Amendments and repeats have references of their own (`ODR1617_093/A1`), and the register does not say how they
    belong together: each is a record. Funders and collaborators stand in sentences, which nobody can read in one way.
    """

    about = SourceDetails(
        "data-releases",
        "Register of data released by Public Health England",
        "Public Health England",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "Contains public sector information licensed under the Open Government Licence v3.0: register of data "
        "releases, Public Health England.",
        "https://www.gov.uk/government/publications/accessing-public-health-england-data",
        "Releases of April 2017 to September 2020; the funders and collaborators that it names in sentences are left "
        "out.",
    )

    def recognises(self, file: InputFile) -> bool:
        """Whether the header is the register's."""
        return MAPPING.fits(headings(file))

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield a record for each release."""
        for part in file.parts():
            for row, values in mapped_rows(part, MAPPING, report):
                recipient, source = values.pop("recipient", ""), values.pop("data-source", "")
                if not (recipient and source and "reference" in values):
                    raise ImportFileError(
                        "a release needs its reference, the organisation that applied, and the source of the data.",
                        row.place,
                    )
                values |= {"name": f"{values['reference']}: {source} data", "category": "Release of data"}
                parts = (
                    Participant("data-recipient", {"name": recipient}),
                    Participant("data-source", {"name": source, "type": "DataAsset"}),
                )
                yield SourceRecord(self.about.name, values["reference"], "project", values, parts, row.place)
