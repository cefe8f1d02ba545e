"""ISRCTN: the trials register's XML, which carries ROR and funder identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from leedskg.importers.files import InputFile
from leedskg.importers.model import Participant, SourceDetails, SourceRecord
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.values import OddValueError, day, funder_id, ror, text
from leedskg.importers.xml import elements, root_tag, said

NAMESPACE = "{http://www.67bricks.com/isrctn}"
_PERSONAL = ("contact", "contactDetails")


class Isrctn:
    """Trials, with sponsor, funders and centres."""

    about = SourceDetails(
        "isrctn",
        "ISRCTN registry",
        "BioMed Central",
        "not seen",
        "Contains data of the ISRCTN registry (https://www.isrctn.com).",
        "https://www.isrctn.com/",
        "Studies that their sponsors registered here.",
        may_publish=False,
        record_address="https://www.isrctn.com/{}",
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether the first element is ISRCTN's."""
        _, start = file.head()
        return root_tag(start) == f"{NAMESPACE}allTrials" if start.lstrip()[:1] == b"<" else False

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield the records of every part."""
        for part in file.filled_parts(report):
            place = FilePlace(part.name)
            number = 0
            for element in elements(part.stream, f"{NAMESPACE}fullTrial", place):
                number += 1
                report.read += 1
                yield _record(element, FilePlace(part.name, number), report)
            if not number:
                raise ImportFileError("there are no trials in it, so there is nothing to import.", place)


def _q(path: str) -> str:
    return "/".join(f"{NAMESPACE}{each}" for each in path.split("/"))


def _said(element: Element | None, path: str) -> str:
    return text(said(element, _q(path)))


def _record(trial: Element, place: FilePlace, report: ReadingReport) -> SourceRecord:
    number = _said(trial, "trial/isrctn")
    if not number:
        raise ImportFileError("the trial has no ISRCTN number, so it cannot be cited.", place)
    reference = f"ISRCTN{number}"
    for tag in _PERSONAL:
        report.personal[tag] += len(trial.findall(_q(tag)))
    for prose in ("plainEnglishSummary", "studyHypothesis"):
        report.dropped[prose] += bool(_said(trial, f"trial/trialDescription/{prose}"))
    try:
        values = {
            "name": _said(trial, "trial/trialDescription/title"),
            "reference": reference,
            "category": _said(trial, "trial/trialDesign/primaryStudyDesign"),
            "start": _date(_said(trial, "trial/participants/recruitmentStart")),
            "end": _date(_said(trial, "trial/trialDesign/overallEndDate")),
            "address": f"https://www.isrctn.com/{reference}",
        }
    except ValueError as error:
        raise ImportFileError(str(error), place) from None
    parts = [
        *(_body("sponsor", each, "organisation", place, report) for each in trial.iterfind(_q("sponsor"))),
        *(_body("funder", each, "name", place, report) for each in trial.iterfind(_q("funder"))),
        *(
            _body("centre", each, "name", place, report)
            for each in trial.iterfind(_q("trial/participants/trialCentres/trialCentre"))
        ),
    ]
    filled = {column: value for column, value in values.items() if value}
    return SourceRecord("isrctn", reference, "project", filled, tuple(each for each in parts if each.name), place)


def _date(value: str) -> str:
    return day(value) if value else ""


def _body(role: str, element: Element, name: str, place: FilePlace, report: ReadingReport) -> Participant:
    values = {"name": _said(element, name), "town": _said(element, "city"), "country": _said(element, "country")}
    for column, reader, path in (("ror", ror, "rorId"), ("crossref-funder", funder_id, "fundRef")):
        try:
            values[column] = reader(_said(element, path))
        except OddValueError as error:
            report.note(f"{column} left out", f"{error}.", place)
    return Participant(role, {column: value for column, value in values.items() if value})
