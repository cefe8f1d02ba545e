"""Sponsors of the EU Clinical Trials Register: a row a trial and country."""

from __future__ import annotations

from collections.abc import Iterator

from leedskg.importers.files import InputFile
from leedskg.importers.grouping import grouped
from leedskg.importers.mapping import MappedColumn, TableMapping
from leedskg.importers.model import Participant, SourceDetails, SourceRecord
from leedskg.importers.report import ReadingReport
from leedskg.importers.tabular import has_header, mapped_rows
from leedskg.importers.values import day

MAPPING = TableMapping(
    (
        MappedColumn("trial_id", "reference", needed=True),
        MappedColumn("sponsor_as_registered", "sponsor", needed=True),
        MappedColumn("comp_date", "completed"),
        MappedColumn("max_end_date", "end", day),
        MappedColumn("trial_status", "trial-status"),
    ),
    dropped=frozenset(
        [
            "sponsor_normalised",
            "number_of_countries",
            "min_end_date",
            "has_results",
            "includes_pip",
            "rare_disease",
            "phase",
            "bioequivalence_study",
            "health_volunteers",
            "any_terminated",
            "all_terminated",
            "sponsor_status",
            "name_of_sponsor",
        ]
    ),
)


class EuTrials:
    """Sponsors of trials, as the register prints them; joint sponsors stand in one string."""

    about = SourceDetails(
        "eu-trials",
        "EU Clinical Trials Register: sponsors",
        "European Medicines Agency",
        "not stated",
        "Contains names of sponsors from the EU Clinical Trials Register.",
        "https://www.clinicaltrialsregister.eu/",
        "Trials of medicines in the European Union; the file's licence is not stated.",
        may_publish=False,
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether the header is that of the sponsors' table."""
        return has_header(file, MAPPING.fits)

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield a record for each trial, with each sponsor once."""
        for part in file.filled_parts(report):
            found = ((row.place, values) for row, values in mapped_rows(part, MAPPING, report))
            for reference, rows in grouped(found, "reference").items():
                place, first = rows[0]
                names = dict.fromkeys(
                    name.strip() for _, values in rows for name in values.get("sponsor", "").split("/") if name.strip()
                )
                values = {"name": f"Trial {reference}", "reference": reference, "category": "Clinical trial"}
                if "end" in first:
                    values["end"] = first["end"]
                parts = tuple(Participant("sponsor", {"name": name}) for name in names)
                yield SourceRecord("eu-trials", reference, "project", values, parts, place)
