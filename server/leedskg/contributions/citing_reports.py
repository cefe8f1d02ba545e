"""The report that a row cites, whose text is not kept: its title, publisher and date, and a page or section of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leedskg.contributions import turtle
from leedskg.contributions.directory import Directory
from leedskg.contributions.row_reader import RowReader
from leedskg.identity import report_evidence_name
from leedskg.namespaces import REUSED
from leedskg.naming import slug

#: The property of each column, short and whole.
_PROPERTIES = {
    "report publisher": ("dcterms:publisher", REUSED["dcterms"] + "publisher"),
    "report date": ("dcterms:issued", REUSED["dcterms"] + "issued"),
}
#: Documents that are cited in another way.
_CITED_OTHERWISE = {
    "SourceDocument": "Its text is at hand: cite a passage of it, with document and passage.",
    "RegisterSource": "It is a register: cite a record of it, with register and record key.",
    "WebPage": "It is a web page: cite it by its address, with web page and seen on.",
    "Website": "It is a website: cite the page of it, with web page and seen on.",
}
_LONGEST_SLUG, _LONGEST_PLACE = 60, 160


@dataclass(frozen=True)
class CitedReport:
    """The evidence for a report: its short IRI, the report, and the Turtle of what is new."""

    name: str
    report: str
    turtle: str
    known: bool


class ReportCiting:
    """Makes evidence of reports. A report is one whoever cites it, known by its title."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._made: dict[str, str] = {}

    def cited(self, reader: RowReader, date: Callable[[str], str]) -> CitedReport | None:
        """Return the report of a row, if it cites one; what is wrong goes to the reader. `date` reads an EDTF date."""
        title, place = reader.text("report"), reader.text("report page")
        publisher = reader.value("report publisher", self._directory.entity)
        issued = reader.value("report date", date)
        if not title:
            if any(reader.text(column) for column in ("report publisher", "report date", "report page")):
                reader.missing("report", "Write the title of the report, as it prints it.")
            return None
        if len(place) > _LONGEST_PLACE:
            reader.wrong("report page", f"A page or a heading has at most {_LONGEST_PLACE} characters.")
        report, described = self._report(reader, title, publisher, issued)
        if not report:
            return None
        namespaces, short = self._directory.knowledge.namespaces, self._directory.short
        iri = f"{namespaces.base}evidence/{report_evidence_name(report, place)}"
        said = [("oa:hasSource", [short(report)]), ("lhi:inSection", [turtle.text(place, "")] if place else [])]
        evidence = turtle.record(short(iri), ["lhi:ReportEvidence"], said)
        known = iri in self._directory.knowledge.graph.statements and not described
        return CitedReport(short(iri), report, "\n\n".join([*described, evidence]), known)

    def _report(
        self, reader: RowReader, title: str, publisher: str | None, issued: str | None
    ) -> tuple[str, list[str]]:
        """Return the report with this title, and the Turtle of what the graph does not have of it; nothing if wrong."""
        if title in self._made:
            return self._made[title], []
        known = self._known(reader, title)
        if known is None:
            return "", []
        said = {"report publisher": publisher and self._directory.short(publisher), "report date": issued}
        facts = self._facts(reader, title, known, said)
        if facts is None:
            return "", []
        iri = self._made[title] = known or self._free(f"report-{slug(title)[:_LONGEST_SLUG].rstrip('-')}")
        short = self._directory.short(iri)
        if known:
            return known, [turtle.bare_record(short, facts)] if facts else []
        named = [("skos:prefLabel", [turtle.text(title)]), ("dcterms:title", [turtle.text(title)])]
        return iri, [turtle.record(short, ["lhi:Document"], [*named, *facts])]

    def _known(self, reader: RowReader, title: str) -> str | None:
        """Return the document of the graph with this title; empty for none, None for one that is cited otherwise."""
        term = self._directory.knowledge.namespaces.term
        documents = [each for each in self._directory.catalogue.named(title) if term("Document") in each.kinds]
        for each in documents:
            for kind, how in _CITED_OTHERWISE.items():
                if term(kind) in each.kinds:
                    reader.wrong("report", f"“{title}” is in the graph. {how}", title)
                    return None
        return documents[0].iri if len(documents) == 1 else ""

    def _facts(
        self, reader: RowReader, title: str, known: str, said: dict[str, str | None]
    ) -> list[tuple[str, list[str]]] | None:
        """Return what the graph does not have of a report, of publisher and date; None where the row lacks it too."""
        found, lacking = [], []
        for column, value in said.items():
            if known and self._directory.knowledge.graph.statements.values(known, _PROPERTIES[column][1]):
                continue
            if value:
                found.append((_PROPERTIES[column][0], [value]))
            elif not reader.text(column):
                lacking.append(column)
        for column in lacking:
            message = f"The graph does not have this of the report yet. {_ASKED[column]}"
            if reader.has(column):
                reader.missing(column, message)
            else:
                reader.wrong("report", f"{message} Add the column {column}.", title)
        return None if lacking or not reader.sound else found

    def _free(self, name: str) -> str:
        """Return an IRI of this name, or with a number behind it, that nothing has."""
        statements, namespaces = self._directory.knowledge.graph.statements, self._directory.knowledge.namespaces
        iri, number = namespaces.entity(name), 1
        while iri in statements or iri in self._made.values():
            number += 1
            iri = namespaces.entity(f"{name}-{number}")
        return iri


#: What is asked of a report that the graph does not know.
_ASKED = {
    "report publisher": "Write who published it, by the name that the graph has.",
    "report date": "Write when it was published, such as 2025 or 2025-06.",
}
