"""The Research Organization Registry: schema 2 of its dump."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leedskg.importers.files import InputFile
from leedskg.importers.json_items import items, usual_form
from leedskg.importers.model import SEVERAL, Participant, SourceDetails, SourceRecord
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport
from leedskg.importers.values import OddValueError, ror, text

#: ROR's types, the telling ones first, and our kinds. A funder is whatever it is beside paying.
TYPES = {
    "education": "Organisation",
    "healthcare": "Organisation",
    "company": "Company",
    "government": "PublicBody",
    "facility": "ResearchCentre",
    "nonprofit": "Organisation",
    "archive": "Organisation",
    "funder": "Organisation",
    "other": "Organisation",
}
RELATIONS = {"parent": "parent", "child": "child", "successor": "successor", "predecessor": "predecessor"}
#: ROR's schemes of other identifiers, and ours.
SCHEMES = {"fundref": "crossref-funder", "grid": "grid", "isni": "isni", "wikidata": "wikidata"}


class ResearchOrganizationRegistry:
    """ROR, as the JSON array of a release or a single record in a folder of them."""

    about = SourceDetails(
        "ror",
        "Research Organization Registry",
        "Research Organization Registry (ROR)",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "Contains data of the Research Organization Registry (ROR), in the public domain (CC0 1.0).",
        "https://ror.org/",
        "Organisations that do or pay for research, world wide.",
        record_address="{}",
    )

    def recognises(self, file: InputFile) -> bool:
        """Return whether the first record has a ROR ID."""
        _, start = file.head()
        return start.lstrip()[:1] in {b"[", b"{"} and b"https://ror.org/0" in start and b'"status"' in start

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield the records of an array, or of files with one record each. Raises ImportFileError for schema 1."""
        several = [part.name for part in file.parts()]
        for part in file.filled_parts(report):
            if not part.name.casefold().endswith(".json") and len(several) > 1:
                continue  # a release has the same as CSV, and the records of schema 1
            if "schema_v2" not in part.name and any("schema_v2" in each for each in several):
                continue
            path = "" if part.first(100).lstrip()[:1] == b"{" else "item"
            for number, item in items(part.stream, path, FilePlace(part.name)):
                report.read += 1
                place = FilePlace(part.name, number)
                with usual_form(place):
                    made = _record(item, place, report)
                if made:
                    yield made


def _kind(types: list[str], name: str) -> str:
    """Return our kind; what ROR calls education is a university, a college, or something else that teaches."""
    if types[:1] == ["education"]:
        words = name.casefold()
        return "University" if "universit" in words else "College" if "college" in words else "Organisation"
    return TYPES[types[0]] if types else ""


def _record(item: dict[str, Any], place: FilePlace, report: ReadingReport) -> SourceRecord | None:
    if "names" not in item or "locations" not in item:
        if "name" in item and "addresses" in item:
            raise ImportFileError(
                "this is ROR's schema 1, which ended in November 2025. Take the file of schema 2 from the "
                "same release.",
                place,
            )
        raise ImportFileError("this is no record of ROR: names and locations are missing.", place)
    try:
        identifier = ror(str(item.get("id") or ""))
    except OddValueError as error:
        raise ImportFileError(str(error), place) from None
    if item.get("status") == "withdrawn":
        report.dropped["withdrawn records"] += 1
        return None
    names = [(text(each["value"]), each.get("types") or ()) for each in item["names"]]
    shown = next((value for value, types in names if "ror_display" in types), names[0][0])
    others = list(dict.fromkeys(value for value, _ in names if value != shown))
    kinds = [each for each in TYPES if each in (item.get("types") or ())]
    places = [each.get("geonames_details") or {} for each in item["locations"]]
    schemes: dict[str, str] = {}
    for each in item.get("external_ids") or ():
        found = [text(str(value)) for value in each.get("all") or ()]
        if each.get("type") in SCHEMES and found:
            preferred = each.get("preferred")
            schemes[SCHEMES[each["type"]]] = SEVERAL.join(sorted(set(found), key=lambda one: (one != preferred, one)))
    values = {
        "name": shown,
        "other-names": SEVERAL.join(others),
        "type": _kind(kinds, shown),
        "ror": identifier,
        **schemes,
        "town": SEVERAL.join(dict.fromkeys(text(each.get("name") or "") for each in places)),
        "country": places[0].get("country_name") or "" if places else "",
        "website": next((each["value"] for each in item.get("links") or () if each.get("type") == "website"), ""),
        "status": "ended" if item.get("status") == "inactive" else "",
        "start": str(item.get("established") or ""),
        "address": identifier,
    }
    parts = [
        Participant(
            RELATIONS[each["type"]], {"organisation": each["id"], "ror": each["id"], "name": text(each["label"])}
        )
        for each in item.get("relationships") or ()
        if each.get("type") in RELATIONS
    ]
    filled = {column: value for column, value in values.items() if value}
    return SourceRecord("ror", identifier, "organisation", filled, tuple(parts), place)
