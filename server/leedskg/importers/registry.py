"""Every source that is read, and which of them a file is of."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterator

from leedskg.importers.files import InputFile, refuse_other_spreadsheets, undamaged
from leedskg.importers.model import Source, SourceRecord
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.sources.bodies import AUTHORITIES, CHARITIES, COMPANIES, EMPLOYERS
from leedskg.importers.sources.data_releases import DataReleases
from leedskg.importers.sources.eu_trials import EuTrials
from leedskg.importers.sources.giving import ThreeSixtyGiving
from leedskg.importers.sources.gtr import GatewayToResearch
from leedskg.importers.sources.innovate_uk import InnovateUk
from leedskg.importers.sources.isrctn import Isrctn
from leedskg.importers.sources.nihr import NationalInstitute
from leedskg.importers.sources.ods import OrganisationDataService
from leedskg.importers.sources.ror import ResearchOrganizationRegistry
from leedskg.importers.xml import refuse_doctype


def sources() -> dict[str, Source]:
    """Return every source by its name. A new one is a line here."""
    made: list[Source] = [
        GatewayToResearch(),
        ResearchOrganizationRegistry(),
        OrganisationDataService(),
        InnovateUk(),
        NationalInstitute(),
        ThreeSixtyGiving(),
        CHARITIES,
        COMPANIES,
        EMPLOYERS,
        Isrctn(),
        EuTrials(),
        AUTHORITIES,
        DataReleases(),
    ]
    return {source.about.name: source for source in made}


def source_named(name: str) -> Source:
    """Return a source by its name. Raises ImportFileError, with the nearest name."""
    known = sources()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.casefold(), known, 1)
    hint = f" Is {near[0]} meant?" if near else ""
    raise ImportFileError(f"there is no source “{name}”.{hint} The sources are {', '.join(known)}.")


def recognise(file: InputFile) -> Source | None:
    """Return the source that a file is of; None where it is of none that is known."""
    return next((source for source in sources().values() if source.recognises(file)), None)


def source_of(file: InputFile, name: str = "") -> Source:
    """Return the source of a file, which `name` may say. Raises ImportFileError where the file is another's."""
    found = recognise(file)
    if found is None:
        refuse_other_spreadsheets(file)
    said = source_named(name) if name else found
    if said is None:
        with undamaged(file):
            for part in file.parts():  # an archive that cannot be opened is of no source either
                part.first()
        name, start = file.head()
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise ImportFileError("the file is UTF-16. Save it again with the encoding UTF-8.", FilePlace(name))
        if start.lstrip()[:1] == b"<":
            refuse_doctype(start, FilePlace(name))
        raise ImportFileError(
            "this is a file of no source that is known. Give it as the publisher gives it, or name its source for what "
            f"is missing to be told. The sources are {', '.join(sources())}.",
            FilePlace(file.name),
        )
    if found is not None and found.about.name != said.about.name:
        raise ImportFileError(
            f"this is a file of {found.about.title}, and not of {said.about.title}. Import it as {found.about.name}.",
            FilePlace(file.name),
        )
    return said


def read(source: Source, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield the records of a file. Raises ImportFileError, also for an archive that is damaged or cut short."""
    with undamaged(file):
        yield from source.read(file, report)
    if not report.read:
        raise ImportFileError("there are no records in it, so there is nothing to import.", FilePlace(file.name))
