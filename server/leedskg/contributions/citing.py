"""The places that a row cites: from document, passage and occurrence to evidence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from leedskg.contributions import turtle
from leedskg.contributions.citing_reports import ReportCiting
from leedskg.contributions.directory import Directory
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.values import CellError, whole
from leedskg.documents import SourceText, Span, word_runs
from leedskg.identity import evidence_name, page_evidence_name, record_evidence_name
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.naming import slug

_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]{4,1000}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_URL, _PART_OF = REUSED["schema"] + "url", REUSED["dcterms"] + "isPartOf"
_LONGEST_SLUG = 60


@dataclass(frozen=True)
class CitedPage:
    """The evidence for a page as it was seen: its short IRI, the page, and the Turtle of what is new."""

    name: str
    page: str
    turtle: str
    known: bool


class PageCiting:
    """Makes evidence of pages. A page is one page whoever cites it, known by its address."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._made: dict[str, str] = {}
        self._sites: dict[str, str] = {}

    def cited(self, reader: RowReader) -> CitedPage | None:
        """Return the page of a row, if it cites one; what is wrong goes to the reader."""
        seen_on, title = reader.text("seen on"), reader.text("page title")
        if not reader.text("web page"):
            if seen_on or title:
                reader.missing("web page", "Write the address of the page, beginning with https://.")
            return None
        address = reader.value("web page", _address)
        if not seen_on:
            reader.missing("seen on", "Write the day on which you saw the page, such as 2026-11-28: pages change.")
        day = reader.value("seen on", _day)
        if not address or not day:
            return None
        page, described = self._page(address)
        if not page:
            if not title:
                reader.missing("page title", "The graph has no such page yet. Write its title, as it prints it.")
                return None
            page, described = self._new_page(address, title)
        namespaces, short = self._directory.knowledge.namespaces, self._directory.short
        iri = f"{namespaces.base}evidence/{page_evidence_name(page, day)}"
        said = [("oa:hasSource", [short(page)]), ("lhi:seenOn", [turtle.text(day, "")])]
        evidence = turtle.record(short(iri), ["lhi:PageEvidence"], said)
        known = iri in self._directory.knowledge.graph.statements
        return CitedPage(short(iri), page, "\n\n".join([*described, evidence]), known)

    def _page(self, address: str) -> tuple[str, list[str]]:
        """Return the page with this address, as the graph or an earlier row has it, or nothing."""
        plain = _plain(address)
        if plain in self._made:
            return self._made[plain], []
        graph = self._directory.knowledge.graph
        for page in graph.statements.of_type([graph.namespaces.term("WebPage")], RDF_TYPE):
            if _plain(graph.statements.text(page, _URL) or "") == plain:
                self._made[plain] = page
                return page, []
        return "", []

    def _new_page(self, address: str, title: str) -> tuple[str, list[str]]:
        """Return a page that is not there yet, and the Turtle that describes it and, if need be, its site."""
        site, described = self._site(address)
        iri = self._free(f"page-{slug(title)[:_LONGEST_SLUG].rstrip('-')}")
        short = self._directory.short
        label = f"{title} ({urlsplit(address).hostname})"
        said = [
            ("skos:prefLabel", [turtle.text(label)]), ("dcterms:title", [turtle.text(title)]),
            ("dcterms:isPartOf", [short(site)]), ("schema:url", [turtle.text(address, "")]),
        ]  # fmt: skip
        self._made[_plain(address)] = iri
        return iri, [*described, turtle.record(short(iri), ["lhi:WebPage"], said)]

    def _site(self, address: str) -> tuple[str, list[str]]:
        """Return the website that pages of this host belong to, with its description where it is new."""
        host = _host(address)
        if host in self._sites:
            return self._sites[host], []
        graph = self._directory.knowledge.graph
        for page in graph.statements.of_type([graph.namespaces.term("WebPage")], RDF_TYPE):
            if _host(graph.statements.text(page, _URL) or "") == host:
                self._sites[host] = graph.statements.text(page, _PART_OF) or ""
                return self._sites[host], []
        iri = self._sites[host] = self._free(f"website-{slug(host)}")
        said = [
            ("skos:prefLabel", [turtle.text(f"Website {host}")]),
            ("dcterms:description", [turtle.text(f"Pages at {host}.")]),
        ]
        return iri, [turtle.record(self._directory.short(iri), ["lhi:Website"], said)]

    def _free(self, name: str) -> str:
        """Return an IRI of this name, or with a number behind it, that nothing has."""
        statements, namespaces = self._directory.knowledge.graph.statements, self._directory.knowledge.namespaces
        iri, number = namespaces.entity(name), 1
        while iri in statements or iri in {*self._made.values(), *self._sites.values()}:
            number += 1
            iri = namespaces.entity(f"{name}-{number}")
        return iri


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise CellError(f"“{text}” is not the address of a page. Copy it whole from the browser, with https://.")
    return text.partition("#")[0]


def _day(text: str) -> str:
    if not _DAY.fullmatch(text):
        raise CellError(f"“{text}” is not a day. Write it as year, month and day, such as 2026-11-28.")
    if text > (datetime.now(UTC) + timedelta(days=1)).date().isoformat():  # tomorrow is today further east
        raise CellError(f"“{text}” is still to come. Write the day on which you saw the page.")
    return text


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _plain(address: str) -> str:
    """Return an address as pages are known by: a slash at the end and http for https make no other page."""
    return address.partition("://")[2].rstrip("/")


_MOST_PLACES = 9
_LONGEST_SECTION = 160
_MOST_WORDS_TRIED = 60


@dataclass(frozen=True)
class Citation:
    """A place in a document: the name of its evidence, the evidence itself, and whether the graph has it already."""

    name: str
    document: str
    turtle: str
    known: bool
    #: What kind of source it is: document, register, web page or report.
    source: str = "document"


class Citing:
    """Finds the places that rows cite."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._pages = PageCiting(directory)
        self._reports = ReportCiting(directory)
        self._dates = directory.knowledge.shapes.text(
            f"{directory.knowledge.namespaces.base}shape/edtf-date", REUSED["sh"] + "pattern"
        )
        self._runs: dict[str, frozenset[tuple[str, ...]]] = {}

    def cited(self, reader: RowReader) -> list[Citation]:
        """Return the places of a row, in the order of its columns; what is wrong with them goes to the reader."""
        found = [*self._record(reader), *self._page(reader), *self._report(reader)]
        document = ""
        for number in range(1, _MOST_PLACES + 1):
            columns = [
                name if number == 1 else f"{name} {number}" for name in ("document", "passage", "occurrence", "section")
            ]
            document = reader.text(columns[0]) or document
            if not reader.text(columns[1]):
                if number > 1 and any(reader.text(column) for column in columns):
                    reader.missing(columns[1], "Say which passage of the document is meant, by a few words of it.")
                continue
            citation = self._place(reader, columns, document)
            if citation and citation.name not in [each.name for each in found]:
                found.append(citation)
        return found

    def _record(self, reader: RowReader) -> list[Citation]:
        """Return the record of a register that a row cites, if it does."""
        key = reader.text("record key")
        if not reader.text("register"):
            if key:
                reader.missing("register", "Say which register the record is in.")
            return []
        if not key:
            reader.missing("record key", "Write the key of the record in the register, such as a company number.")
        register = reader.value("register", self.directory.register)
        if not (register and key):
            return []
        namespaces, short = self.directory.knowledge.namespaces, self.directory.short
        pattern = self.directory.knowledge.graph.statements.text(register, namespaces.term("recordKeyPattern"))
        if pattern and not re.search(pattern, key):
            label = self.directory.knowledge.graph.label(register)
            message = f"“{key}” is not a key of {label}: its keys fit {pattern}. Copy the key from the record."
            reader.wrong("record key", message, key)
            return []
        iri = f"{namespaces.base}evidence/{record_evidence_name(register, key)}"
        said = [("oa:hasSource", [short(register)]), ("lhi:recordKey", [turtle.text(key, "")])]
        known = iri in self.directory.knowledge.graph.statements
        evidence = turtle.record(short(iri), ["lhi:RegisterEvidence"], said)
        return [Citation(short(iri), register, evidence, known, "register")]

    def _page(self, reader: RowReader) -> list[Citation]:
        """Return the web page that a row cites, if it does."""
        page = self._pages.cited(reader)
        return [Citation(page.name, page.page, page.turtle, page.known, "web page")] if page else []

    def _report(self, reader: RowReader) -> list[Citation]:
        """Return the report that a row cites, if it does."""
        report = self._reports.cited(reader, self._date)
        return [Citation(report.name, report.report, report.turtle, report.known, "report")] if report else []

    def _date(self, text: str) -> str:
        if not re.search(self._dates or "", text):
            raise CellError(f"“{text}” is not a date as it is written here. Write 2025, 2025-06 or 2025-06-30.")
        return turtle.text(text, "")

    def _place(self, reader: RowReader, columns: list[str], document: str) -> Citation | None:
        if not document:
            reader.missing(columns[0], "Say in which document the passage stands, by its file name.")
            return None
        try:
            iri, source = self.directory.document(document)
        except CellError as error:
            reader.wrong(columns[0], str(error), document)
            return None
        occurrence = reader.value(columns[2], whole)
        if reader.text(columns[2]) and occurrence is None:
            return None
        try:
            span = _span(source, reader.text(columns[1]), occurrence)
        except CellError as error:
            reader.wrong(columns[1], str(error), reader.text(columns[1]))
            return None
        section = reader.text(columns[3])
        if len(section) > _LONGEST_SECTION:
            reader.wrong(columns[3], f"A section is a heading, of at most {_LONGEST_SECTION} characters.")
        try:
            return self.citation(iri, span, section)
        except CellError as error:
            reader.wrong(columns[1], str(error))
            return None

    def first(self, document: str, name: str) -> Citation:
        """Find the first place where a name is printed as a word of its own, in this very spelling where it is."""
        iri, source = self.directory.document(document)
        spans = [span for span in _found(source, name) if _stands_alone(source.text, span)]
        as_written = [span for span in spans if source.text[span.start : span.end] == name]
        if not spans:
            raise CellError(f"{source.file_name} does not print “{name}”. Write the name as it is printed.")
        return self.citation(iri, (as_written or spans)[0], "")

    def citation(self, document: str, span: Span, section: str) -> Citation:
        """Return the evidence for a span. Raises CellError for a place that the graph marks as saying nothing."""
        short, statements = self.directory.short, self.directory.knowledge.graph.statements
        namespaces = self.directory.knowledge.namespaces
        iri = f"{namespaces.base}evidence/{evidence_name(document, span.start, span.end, span.digest)}"
        if namespaces.term("PassageWithoutClaim") in statements.texts(iri, RDF_TYPE):
            file, line = statements.place(iri) or ("", 0)
            raise CellError(
                f"This passage is marked as carrying no claim, in {file} at line {line}. If it does carry one, remove "
                "the mark first."
            )
        name, section = short(iri), section or span.section
        return Citation(name, document, turtle.evidence(name, short(document), span, section), iri in statements)

    def check_own_words(self, reader: RowReader, column: str) -> None:
        """Find fault with a text that copies a run of words of the document which the row cites."""
        own = list(word_runs(reader.text(column)))
        document = reader.text("document")
        if not own or not document:
            return
        try:
            _, source = self.directory.document(document)
        except CellError:
            return  # said where the document is cited
        runs = self._runs.get(source.file_name)
        if runs is None:
            runs = self._runs[source.file_name] = frozenset(word_runs(source.text))
        if any(run in runs for run in own):
            reader.wrong(column, f"These are the words of {source.file_name}. Say it in words of your own.")


def _found(source: SourceText, passage: str) -> list[Span]:
    return source.find(passage) or source.find(unicodedata.normalize("NFD", passage))


def _stands_alone(text: str, span: Span) -> bool:
    around = text[span.start - 1 : span.start] + text[span.end : span.end + 1]
    return not any(character.isalnum() for character in around)


def _span(source: SourceText, passage: str, occurrence: int | None) -> Span:
    spans = _found(source, passage)
    if not spans:
        raise CellError(f"The passage is not in {source.file_name}. {_how_far(source, passage)}")
    if occurrence is None and len(spans) > 1:
        places = ", ".join(f"{number}: line {span.line}" for number, span in enumerate(spans[:5], start=1))
        raise CellError(
            f"The passage stands at {len(spans)} places of {source.file_name} ({places}). Give more of it, or write in "
            "the column occurrence which of them is meant."
        )
    if occurrence is not None and occurrence > len(spans):
        times = "once" if len(spans) == 1 else f"{len(spans)} times"
        raise CellError(
            f"The passage stands in {source.file_name} only {times}. Fix the occurrence, or leave it empty."
        )
    return spans[(occurrence or 1) - 1]


def _how_far(source: SourceText, passage: str) -> str:
    """Return up to which word the passage is printed so, to show where the slip is."""
    words = passage.split()
    for count in range(min(len(words) - 1, _MOST_WORDS_TRIED), 1, -1):
        spans = _found(source, " ".join(words[:count]))
        if spans:
            return f"Its first {count} words stand in line {spans[0].line}; what follows there is not “{words[count]}”."
    return "Copy a shorter piece of it, as it is printed."
