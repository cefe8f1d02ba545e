"""Gateway to Research: the projects of bodies, by its lists, and the XML record of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import quote
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from leedskg.errors import FetchError
from leedskg.fetching.client import MissingError
from leedskg.fetching.fetcher import Fetched, FetchRun, packed
from leedskg.fetching.lists import ListReader, mark_of
from leedskg.importers.persons import is_person
from leedskg.importers.report import FilePlace, ImportFileError
from leedskg.importers.sources.gtr_xml import NAMESPACE, ROOT
from leedskg.importers.xml import elements, said

FILE = "gtr-fetched.zip"
_ACCEPT_RECORD = "application/xml"
#: Pages of the organisations that a name finds: what fits best comes first.
_MOST_FOUND = 3
#: One listed project in so many may be missing; where more are, it is the address that is wrong.
_MOST_MISSING = 10
#: What is kept of a record: names of persons and prose are not among it.
_KEPT_OF_COMPOSITION = frozenset(["organisationRoles", "project"])
_KEPT_OF_PROJECT = frozenset(
    ["id", "title", "status", "grantCategory", "grantReference", "fund", "healthCategories", "researchSubjects",
     "researchTopics", "output"]
)  # fmt: skip
_KEPT_OF_OUTPUT = frozenset(["spinOutOutputs", "furtherFundingOutputs"])


def fetch_gtr(run: FetchRun) -> Fetched:
    """Fetch the projects of the bodies that are wanted, and those in force."""
    listed = _listed(run)
    wanted = {**({} if run.wanted.named else dict.fromkeys(run.wanted.in_force, "")), **listed}
    had: list[str] = []
    missing: list[str] = []
    for number, (reference, mark) in enumerate(sorted(wanted.items()), start=1):
        if number % 50 == 1:
            run.tell(f"project {number:,} of {len(wanted):,}")
        (had if _had(run, reference, mark) else missing).append(reference)
    strange = [each for each in missing if each in listed]
    if len(strange) * _MOST_MISSING > len(listed):
        raise FetchError(
            f"{run.service.url('project')} has none of {len(strange):,} projects that the lists name, such as "
            f"{strange[0]}. Its address may have changed. Nothing was imported."
        )
    if strange:
        run.told.append(f"{len(strange):,} projects are listed, but not there: {', '.join(strange[:5])}.")
    if not had:
        raise FetchError("The publisher has no project of these bodies. Nothing was imported.")
    path = run.folder.path / FILE
    packed(
        path,
        ((f"{quote(each.replace('/', '-'), safe='')}.xml", run.folder.part(_part(each)).read_bytes()) for each in had),
    )
    return Fetched(path, frozenset(missing) - frozenset(strange))


def _listed(run: FetchRun) -> dict[str, str]:
    """Return the projects that the publisher lists for the bodies, each with the mark of its entry."""
    organisations = _lists(run, "organisation", lambda each: {"id": each["id"], "name": each["name"]})
    projects = _lists(run, "project", _entry)
    found: dict[str, str] = {}
    lacking = 0
    for number, body in enumerate(run.wanted.bodies, start=1):
        run.tell(f"{body.name} ({number:,} of {len(run.wanted.bodies):,})")
        query = {"q": '"{}"'.format(body.name.replace('"', "")), "f": "org.n"}
        url = run.service.url("organisations")
        for each in organisations.records(f"found {body.name}", url, query, most=_MOST_FOUND, renew=False):
            values = {"organisation": str(each["id"]), "name": str(each["name"])}
            if run.wanted.resolve("gtr", values) != body.entity:
                continue
            key = quote(str(each["id"]), safe="")
            for project in projects.records(f"projects {key}", run.service.url("projects", id=key), {}):
                if project["reference"]:
                    found[project["reference"]] = project["mark"]
                else:
                    lacking += 1
    if lacking:
        run.told.append(f"{lacking:,} projects have no reference, so that they cannot be cited, and were left out.")
    return found


def _lists(run: FetchRun, items: str, kept: Any) -> ListReader:
    size = str(run.service.page_size)
    return ListReader(
        run.service, run.client, run.folder, lambda number: {"p": str(number), "s": size}, "totalSize", items, kept
    )


def _entry(project: dict[str, Any]) -> dict[str, Any]:
    """Return id, reference and mark of a listed project; what it says of persons and its prose are not kept."""
    numbers = (project.get("identifiers") or {}).get("identifier") or []
    references = [str(each["value"]) for each in numbers if each.get("value")]
    councils = [str(each["value"]) for each in numbers if each.get("value") and each.get("type") == "RCUK"]
    return {"id": project["id"], "reference": next(iter(councils or references), ""), "mark": mark_of(project)}


def _part(reference: str) -> str:
    return f"project {reference}"


def _had(run: FetchRun, reference: str, mark: str) -> bool:
    """Have a project's record; return whether the publisher has it."""
    name = _part(reference)
    known = run.folder.about(name)
    same = known is not None and (not mark or known.mark == mark)
    if known and ((same and run.folder.is_younger(known, run.service.renew_days)) or run.folder.is_of_this_run(known)):
        return True
    try:
        answer = run.client.get(
            run.service.url("project"), lambda stream: _taken(run, stream, reference), accept=_ACCEPT_RECORD,
            params={"ref": reference}, known=known.validators if known else None, markup=True,
        )  # fmt: skip
    except MissingError:
        run.folder.forget(name)
        return False
    if answer is None:
        assert known
        run.folder.confirm(name, known.validators, mark or known.mark)
        return True
    content, persons = answer.content
    run.left_out += persons
    run.folder.keep(name, content, answer.validators, mark)
    return True


def _taken(run: FetchRun, stream: IO[bytes], reference: str) -> tuple[bytes, int]:
    """Return a record without persons and prose, and how many persons were left out."""
    where = f"{run.service.url('project')}?ref={reference}"
    try:
        found = list(elements(stream, ROOT, FilePlace(where)))
    except ImportFileError as error:
        raise FetchError(f"The record is cut short, or no XML. {error} Nothing was imported.") from None
    composition = found[0].find(f"{NAMESPACE}projectComposition") if found else None
    project = composition.find(f"{NAMESPACE}project") if composition is not None else None
    told = said(project, f"{NAMESPACE}grantReference")
    if composition is None or project is None or told != reference:
        raise FetchError(
            f"{where} answers with {f'the project {told}' if told else 'no project'}. Nothing was imported."
        )
    persons = sum(1 for each in composition.iter() if _local(each) in {"personRole", "projectPerson"})
    output = project.find(f"{NAMESPACE}output")
    for parent, kept in ((composition, _KEPT_OF_COMPOSITION), (project, _KEPT_OF_PROJECT), (output, _KEPT_OF_OUTPUT)):
        for child in list(parent) if parent is not None else ():
            if _local(child) not in kept:
                assert parent is not None
                parent.remove(child)
    for roles in composition.iterfind(f"{NAMESPACE}organisationRoles"):
        for body in list(_persons_in(run, roles)):
            roles.remove(body)
            persons += 1
    return ET.tostring(found[0], encoding="utf-8", xml_declaration=True), persons


def _persons_in(run: FetchRun, roles: Element) -> Iterator[Element]:
    """Yield what is called as a person is, and is no body of the graph."""
    for each in roles:
        name = said(each, f"{NAMESPACE}name")
        values = {"organisation": said(each, f"{NAMESPACE}id"), "name": name}
        if is_person(name) and run.wanted.resolve("gtr", values) is None:
            yield each


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
