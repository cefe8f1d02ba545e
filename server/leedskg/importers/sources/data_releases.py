"""Public Health England's register of the patient data that it released: a row a release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leedskg.importers.files import InputFile
from leedskg.importers.grouping import grouped
from leedskg.importers.mapping import MappedColumn, TableMapping
from leedskg.importers.model import SEVERAL, Participant, SourceDetails, SourceRecord, SourceRow
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.tabular import has_header, mapped_rows
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
    """Projects that patient data were released for: to which body, from which source, since when.

    What stands before the slash of a reference is the project, `ODR1617_093` of `ODR1617_093/A1/R2`; behind it are
    amendments and repeats (decision 0229). Funders and collaborators stand in sentences, which are not read.
    """

    about = SourceDetails(
        "data-releases",
        "Register of data released by Public Health England",
        "Public Health England",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "Contains public sector information licensed under the Open Government Licence v3.0: register of data "
        "releases, Public Health England.",
        "https://www.gov.uk/government/publications/accessing-public-health-england-data",
        "Projects that data were released for since April 2017, each once whatever the number of its releases; the "
        "funders and collaborators that the register names in sentences are left out.",
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether the header is the register's."""
        return has_header(file, MAPPING.fits)

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield a record for each project, its releases gathered from their rows."""
        for part in file.filled_parts(report):
            found = _releases(mapped_rows(part, MAPPING, report))
            for project, rows in grouped(found, "project").items():
                place, _ = rows[0]
                recipients, sources, kinds, days = (
                    sorted({values[column] for _, values in rows if column in values})
                    for column in ("recipient", "data-source", "topics", "start")
                )
                values = {"name": f"Data release {project}: {' and '.join(sources)}", "category": "Release of data",
                          "reference": SEVERAL.join(dict.fromkeys(values["reference"] for _, values in rows)),
                          "topics": SEVERAL.join(kinds), "start": days[0] if days else ""}  # fmt: skip
                parts = (
                    *(Participant("data-recipient", {"name": name}) for name in recipients),
                    *(Participant("data-source", {"name": f"{name} data", "type": "DataAsset"}) for name in sources),
                )
                known = {column: value for column, value in values.items() if value}
                yield SourceRecord(self.about.name, project, "project", known, parts, place)


def _releases(rows: Iterable[tuple[SourceRow, dict[str, str]]]) -> Iterator[tuple[FilePlace, dict[str, str]]]:
    """Yield the rows with the project that each belongs to. Raises ImportFileError for one that lacks something."""
    for row, values in rows:
        if not {"reference", "recipient", "data-source"} <= values.keys():
            raise ImportFileError(
                "a release needs its reference, the organisation that applied, and the source of the data.", row.place
            )
        yield row.place, {**values, "project": values["reference"].partition("/")[0]}
