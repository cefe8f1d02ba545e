"""Gateway to Research: grants of the research councils, with who led, took part and paid."""

from __future__ import annotations

from collections.abc import Iterator

from leedskg.importers.files import InputFile
from leedskg.importers.json_items import has
from leedskg.importers.model import SourceDetails, SourceRecord
from leedskg.importers.report import ReadingReport
from leedskg.importers.sources import gtr_forms, gtr_xml
from leedskg.importers.tabular import has_header
from leedskg.importers.xml import root_tag


class GatewayToResearch:
    """Gateway to Research of UK Research and Innovation, in any of three forms."""

    about = SourceDetails(
        "gtr",
        "Gateway to Research",
        "UK Research and Innovation",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "Contains public sector information licensed under the Open Government Licence v3.0: Gateway to Research, "
        "UK Research and Innovation.",
        "https://gtr.ukri.org/",
        "Research grants; partners are those of the proposal, collaborators and spin-outs those that award holders "
        "reported.",
        record_address="https://gtr.ukri.org/projects?ref={}",
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether the first part is a project's XML, the search's CSV or the search page's JSON."""
        _, start = file.head()
        if start.lstrip()[:1] == b"<":
            return root_tag(start) == gtr_xml.ROOT
        if start.lstrip()[:1] == b"{":
            return has(start, f"{gtr_forms.RESULTS}.projectComposition.project")
        return has_header(file, gtr_forms.SEARCH_CSV.fits)

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield the records of every part of the file."""
        _, start = file.head()
        first = start.lstrip()[:1]
        form = {b"<": gtr_xml.records, b"{": gtr_forms.json_records}.get(first, gtr_forms.csv_records)
        for part in file.filled_parts(report):
            yield from form(part, report)
