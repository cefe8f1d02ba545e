"""Evidence against the documents: every span is re-read, its digest compared, and the names in it looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leedskg.documents import Documents, SourceText
from leedskg.graph import HAS_SOURCE
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import Statements
from leedskg.validation.findings import Finding, Severity
from leedskg.validation.prose import copied_prose

_SELECTOR = REUSED["oa"] + "hasSelector"
_START = REUSED["oa"] + "start"
_END = REUSED["oa"] + "end"
_CHECKSUM = REUSED["spdx"] + "checksum"
_CHECKSUM_VALUE = REUSED["spdx"] + "checksumValue"
_RULE = "evidence"
#: Printed characters that a label may spell otherwise.
_ALIKE = str.maketrans("‘’“”–—", "''\"\"--")


@dataclass
class EvidenceCheck:
    """One check of all evidence; it counts the spans that it re-read and says what it could not."""

    knowledge: Knowledge
    documents: Documents
    spans_read: int = 0

    def __post_init__(self) -> None:
        self._passages: dict[str, str] = {}
        self.unchecked: list[str] = []

    def run(self) -> Iterator[Finding]:
        """The documents themselves, then every span, then whether the spans name what they are evidence for."""
        sources: dict[str, SourceText] = {}
        for iri in self._statements.of_type([self._term("SourceDocument")], RDF_TYPE):
            file_name = self._statements.text(iri, self._term("fileName"))
            source = self.documents.get(file_name) if file_name else None
            if source is None:
                self.unchecked.append(f"evidence in {self._label(iri)}: {file_name or 'its file'} is not at hand")
                continue
            sources[iri] = source
            yield from self._document(iri, source)
        kinds = [self._term("TextEvidence"), self._term("PassageWithoutClaim")]
        for iri in self._statements.of_type(kinds, RDF_TYPE):
            source = sources.get(self._statements.text(iri, HAS_SOURCE) or "")
            if source:
                yield from self._span(iri, source)
        yield from self._unnamed()
        yield from copied_prose(self.knowledge, sources.values())

    @property
    def _statements(self) -> Statements:
        return self.knowledge.graph.statements

    def _term(self, name: str) -> str:
        return self.knowledge.namespaces.term(name)

    def _label(self, iri: str) -> str:
        return self.knowledge.graph.label(iri)

    def _finding(self, iri: str, field: str, message: str, value: str = "", predicate: str | None = None) -> Finding:
        file, line = self._statements.place(iri, predicate) or ("", None)
        return Finding(Severity.VIOLATION, iri, self._label(iri), message, _RULE, field, value, file, line)

    def _document(self, iri: str, source: SourceText) -> Iterator[Finding]:
        recorded = self._statements.text(self._statements.text(iri, _CHECKSUM) or "", _CHECKSUM_VALUE)
        if recorded and recorded != source.sha256:
            yield self._finding(
                iri, "checksum",
                f"{source.file_name} is not the text that the evidence was taken from: its SHA-256 differs from the "
                "recorded one. Get the recorded text, or cite the new one as a document of its own.", source.sha256,
            )  # fmt: skip

    def _span(self, iri: str, source: SourceText) -> Iterator[Finding]:
        selector = self._statements.text(iri, _SELECTOR) or ""
        start, end = (self._statements.text(selector, name) or "" for name in (_START, _END))
        digest = self._statements.text(iri, self._term("passageDigest")) or ""
        if not (start.isdecimal() and end.isdecimal() and digest):
            return  # the shapes say what is missing
        self.spans_read += 1
        first, last = int(start), int(end)
        if not 0 <= first < last <= source.length:
            yield self._finding(
                selector, "span",
                f"The span lies outside {source.file_name}, which has {source.length:,} characters. Find the passage "
                f"again with `leedskg cite {source.file_name} \"…\"`.", f"{first}-{last}", _END,
            )  # fmt: skip
            return
        if source.span(first, last).digest != digest:
            yield self._finding(
                iri, "digest",
                f"The text at {first}-{last} of {source.file_name} is not the passage that was cited. "
                + _where_now(source, last - first, digest), digest, self._term("passageDigest"),
            )  # fmt: skip
            return
        self._passages[iri] = _folded(source.text[first:last])

    def _unnamed(self) -> Iterator[Finding]:
        """Assertions whose passages name none of the names of something that the assertion is about."""
        for iri in self.knowledge.graph.assertions():
            cited = self._statements.texts(iri, self._term("hasEvidence"))
            if not cited or any(evidence not in self._passages for evidence in cited):
                continue  # evidence in a register, in a document that is not at hand, or already found wrong
            if self._statements.value(iri, self._term("readingNote")):
                continue  # the curator says how the passage is to be read
            text = " ".join(self._passages[evidence] for evidence in cited)
            headings = " ".join(self._statements.text(each, self._term("inSection")) or "" for each in cited)
            text += " " + _folded(headings)
            for entity in self._about(iri):
                names = self.knowledge.graph.names(entity)
                if names and not any(_folded(name) in text for name in names):
                    file, line = self._statements.place(iri, self._term("hasEvidence")) or ("", None)
                    yield Finding(
                        Severity.WARNING, iri, self._label(iri),
                        f"No passage cited for this names {self._label(entity)}. Cite the place that does as well, or "
                        "say in lhi:readingNote how the passage is to be read.", _RULE, "evidence",
                        file=file, line=line,
                    )  # fmt: skip

    def _about(self, iri: str) -> list[str]:
        graph = self.knowledge.graph
        about = [entity for _, entity in graph.parts_played(iri)]
        about += self._statements.texts(iri, self._term("subject")) + self._statements.texts(iri, self._term("about"))
        service = self._term("SupportService")  # named by the curators, not by the documents
        return [entity for entity in about if service not in self._statements.texts(entity, RDF_TYPE)]


def _where_now(source: SourceText, length: int, digest: str) -> str:
    """Where a passage of this length and digest stands, so that the finding can say it."""
    for start in range(source.length - length + 1):
        if source.span_digest(start, start + length) == digest:
            return f"It stands at {start}-{start + length}: correct the span."
    return f'It stands nowhere in this text: find what was meant with `leedskg cite {source.file_name} "…"`.'


def _folded(text: str) -> str:
    return " ".join(text.translate(_ALIKE).casefold().split())
