"""The project record of Gateway to Research (XML), one file a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from leedskg.importers.files import ArchiveMember
from leedskg.importers.model import SEVERAL, Participant, SourceRecord
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.values import company_number, day, money, postcode, text
from leedskg.importers.xml import elements, said

NAMESPACE = "{http://gtr.ukri.org/api}"
ROOT = f"{NAMESPACE}projectOverview"
#: GtR's roles of a body in a project, and ours. FELLOW is a person's.
ROLES = {
    "LEAD_RO": "lead",
    "PROJECT_PARTNER": "project-partner",
    "COLLABORATOR": "collaborator",
    "CO_FUNDER": "co-funder",
}
#: Currency codes mean what the award was made in; GtR's amount is pounds whatever the code.
_POUNDS = "GBP"
_HEALTH = "healthCategories/healthCategory/text"
_SUBJECTS = "researchSubjects/researchSubject/text"
_TOPICS = "researchTopics/researchTopic/text"


def records(part: ArchiveMember, report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield the record of a part."""
    place = FilePlace(part.name)
    for overview in elements(part.stream, ROOT, place):
        report.read += 1
        yield _record(overview, place, report)


def _q(path: str) -> str:
    return "/".join(f"{NAMESPACE}{each}" for each in path.split("/"))


def _said(element: Element | None, path: str) -> str:
    return text(said(element, _q(path)))


def _record(overview: Element, place: FilePlace, report: ReadingReport) -> SourceRecord:
    composition = overview.find(_q("projectComposition"))
    project = composition.find(_q("project")) if composition is not None else None
    reference = _said(project, "grantReference")
    if composition is None or project is None or not reference:
        raise ImportFileError("there is no project with a grantReference in it.", place)
    fund = project.find(_q("fund"))
    values = {
        "name": _said(project, "title"),
        "reference": reference,
        "category": _said(project, "grantCategory"),
        "status": _said(project, "status"),
        "start": _read(day, _said(fund, "start"), "fund/start", place),
        "end": _read(day, _said(fund, "end"), "fund/end", place),
        "amount": _read(money, _said(fund, "valuePounds"), "fund/valuePounds", place),
        "currency": _POUNDS,
        "topics": SEVERAL.join(_texts(project, _HEALTH)),
        "subjects": SEVERAL.join(_texts(project, _SUBJECTS)),
        "address": f"https://gtr.ukri.org/projects?ref={reference}",
    }
    if values["amount"] in {"", "0"}:
        del values["amount"], values["currency"]
    people = len(composition.findall(_q("personRoles/personRole"))) + len(composition.findall(_q("projectPerson")))
    if people:
        report.personal["personRoles"] += people
    for path in ("abstractText", "potentialImpactText", "techAbstractText"):
        if _said(project, path):
            report.dropped[path] += 1
    report.dropped[_TOPICS.split("/", 1)[0]] += bool(_texts(project, _TOPICS))
    participants = [*_funders(project), *_roles(composition, report), *_spin_outs(project, place, report)]
    participants += _further(project, place)
    return SourceRecord("gtr", reference, "project", _filled(values), tuple(participants), place)


def _roles(composition: Element, report: ReadingReport) -> Iterator[Participant]:
    for body in composition.iterfind(_q("organisationRoles/organisationRole")):
        address = body.find(_q("address"))
        values = _filled({
            "organisation": _said(body, "id"),
            "name": _said(body, "name"),
            "postcode": postcode(_said(address, "postCode")),
            "country": _said(address, "country"),
        })  # fmt: skip
        for name in dict.fromkeys(_texts(body, "roles/role/name")):
            if name in ROLES:
                yield Participant(ROLES[name], values)
            else:
                report.dropped[f"role {name}"] += 1


def _funders(project: Element) -> Iterator[Participant]:
    funder = project.find(_q("fund/funder"))
    name = _said(funder, "name")
    if name:
        yield Participant("funder", _filled({"organisation": _said(funder, "id"), "name": name}))


def _spin_outs(project: Element, place: FilePlace, report: ReadingReport) -> Iterator[Participant]:
    for found in project.iterfind(_q("output/spinOutOutputs/spinOutOutput")):
        name = _said(found, "companyName")
        if not name:
            continue
        year = _said(found, "yearCompanyFormed")
        number = _said(found, "registrationNumber")
        values = {"name": name, "start": year if len(year) == 4 and year.isdigit() else ""}
        if number:
            try:
                values["companies-house"] = company_number(number)
            except ValueError as error:
                report.note("companies-house left out", f"{error}.", place)
        yield Participant("spin-out", _filled(values))


def _further(project: Element, place: FilePlace) -> Iterator[Participant]:
    for found in project.iterfind(_q("output/furtherFundingOutputs/furtherFundingOutput")):
        name = _said(found, "fundingOrg")
        if not name:
            continue
        amount = _read(money, _said(found, "amountPounds"), "furtherFundingOutput/amountPounds", place)
        code = _said(found, "currCode") or _POUNDS
        values = {
            "name": name,
            "reference": _said(found, "fundingRef"),
            "amount": amount if amount != "0" else "",
            "currency": "GBP" if amount and amount != "0" else "",
            "converted-from": code if amount and code != _POUNDS else "",
            "start": _read(day, _said(found, "start"), "furtherFundingOutput/start", place),
            "end": _read(day, _said(found, "end"), "furtherFundingOutput/end", place),
        }
        yield Participant("further-funder", _filled(values))


def _texts(element: Element, path: str) -> list[str]:
    return [text(each.text or "") for each in element.iterfind(_q(path)) if (each.text or "").strip()]


def _read(reader: Callable[[str], str], value: str, path: str, place: FilePlace) -> str:
    if not value:
        return ""
    try:
        return reader(value)
    except ValueError as error:
        raise ImportFileError(f"{path}: {error}", place) from None


def _filled(values: dict[str, str]) -> dict[str, str]:
    return {column: value for column, value in values.items() if value}
