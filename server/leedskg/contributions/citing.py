"""The places that a row cites: from document, passage and occurrence to evidence."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from leedskg.contributions import turtle
from leedskg.contributions.directory import Directory
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.values import CellError, whole
from leedskg.documents import SourceText, Span, word_runs
from leedskg.identity import evidence_name, record_evidence_name
from leedskg.namespaces import RDF_TYPE

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


class Citing:
    """Finds the places that rows cite."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._runs: dict[str, frozenset[tuple[str, ...]]] = {}

    def cited(self, reader: RowReader) -> list[Citation]:
        """The places of a row, in the order of its columns; what is wrong with them goes to the reader."""
        found = self._record(reader)
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
        """The record of a register that a row cites, if it does."""
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
        iri = f"{namespaces.base}evidence/{record_evidence_name(register, key)}"
        said = [("oa:hasSource", [short(register)]), ("lhi:recordKey", [turtle.text(key, "")])]
        known = iri in self.directory.knowledge.graph.statements
        return [Citation(short(iri), register, turtle.record(short(iri), ["lhi:RegisterEvidence"], said), known)]

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
        """The first place where a name is printed as a word of its own, in this very spelling where it is."""
        iri, source = self.directory.document(document)
        spans = [span for span in _found(source, name) if _stands_alone(source.text, span)]
        as_written = [span for span in spans if source.text[span.start : span.end] == name]
        if not spans:
            raise CellError(f"{source.file_name} does not print “{name}”. Write the name as it is printed.")
        return self.citation(iri, (as_written or spans)[0], "")

    def citation(self, document: str, span: Span, section: str) -> Citation:
        """The evidence for a span. Raises CellError for a place that the graph marks as saying nothing."""
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
            f"The passage stands in {source.file_name} only {times}. Mend the occurrence, or leave it empty."
        )
    return spans[(occurrence or 1) - 1]


def _how_far(source: SourceText, passage: str) -> str:
    """Up to which word the passage is printed so, to show where the slip is."""
    words = passage.split()
    for count in range(min(len(words) - 1, _MOST_WORDS_TRIED), 1, -1):
        spans = _found(source, " ".join(words[:count]))
        if spans:
            return f"Its first {count} words stand in line {spans[0].line}; what follows there is not “{words[count]}”."
    return "Copy a shorter piece of it, as it is printed."
