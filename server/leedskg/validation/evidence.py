"""Evidence against the documents: every span is read again, and texts that rest on it are compared with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from leedskg.documents import RUN, Documents, SourceText, word_runs
from leedskg.graph import ALT_LABEL, HAS_SOURCE, PREF_LABEL
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import Statements, key
from leedskg.validation.findings import Finding, Severity

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
        """Check the documents themselves, then every span, then whether the spans name what they are evidence for."""
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
        yield from overstated(self.knowledge, self._passages)
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
        yield from self._marks(iri, source)

    def _marks(self, iri: str, source: SourceText) -> Iterator[Finding]:
        """Yield a finding for each place where the mark of the footnote `iri` is said to stand and does not."""
        mark = self._statements.text(iri, self._term("footnoteMark")) or ""
        for place in self._statements.texts(iri, self._term("markAt")):
            start = int(place) if place.isdecimal() else -1
            if not mark or start < 0 or source.text[start : start + len(mark)] != mark:
                yield self._finding(
                    iri, "mark at",
                    f"The mark “{mark}” does not stand at {place} of {source.file_name}. Correct lhi:markAt, or leave "
                    "it out where the text has no mark.", place, self._term("markAt"),
                )  # fmt: skip

    def _unnamed(self) -> Iterator[Finding]:
        """Find assertions whose passages name none of the names of something that the assertion is about."""
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
    """Return where a passage of this length and digest stands, so that the finding can say it."""
    for start in range(source.length - length + 1):
        if source.span_digest(start, start + length) == digest:
            return f"It stands at {start}-{start + length}: correct the span."
    return f'It stands nowhere in this text: find what was meant with `leedskg cite {source.file_name} "…"`.'


def _folded(text: str) -> str:
    return " ".join(text.translate(_ALIKE).casefold().split())


_IN_SCHEME = REUSED["skos"] + "inScheme"
_HIDDEN_LABEL = REUSED["skos"] + "hiddenLabel"
#: Words that leave nobody out, and those in a passage that bear them out.
_UNIVERSAL = re.compile(r"\b(all|every|everyone|everybody|everything|always|never|nobody|none)\b")
_BEARS_OUT = re.compile(r"\b(all|every\w*|each|any\w*|always|never|nobody|none|no|whole|entire|unmatched|only)\b")


def overstated(knowledge: Knowledge, passages: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a warning for each text with a universal, or without a term of art, that its passages have otherwise.

    `passages` are the cited places by the IRI of the evidence, in small letters. A text with evidence elsewhere is
    passed over: what a register or a page says is not at hand.
    """
    statements, namespaces = knowledge.graph.statements, knowledge.namespaces
    terms = _terms(knowledge)
    deprecated = namespaces.concept("rank", "deprecated")
    for iri in statements.of_type([namespaces.term("AttributeStatement")], REUSED["rdf"] + "type"):
        text = statements.text(iri, namespaces.term("literalValue"))
        cited = statements.texts(iri, namespaces.term("hasEvidence"))
        if not text or not cited or deprecated in statements.texts(iri, namespaces.term("rank")):
            continue
        if any(evidence not in passages for evidence in cited):
            continue
        said, passage = text.casefold(), " ".join(passages[evidence] for evidence in cited)
        for message in (*_universals(said, passage), *_lost(said, passage, terms)):
            file, line = statements.place(iri, namespaces.term("literalValue")) or ("", None)
            yield Finding(
                Severity.WARNING, iri, knowledge.graph.label(iri), message, "overstatement", "literal value", text,
                file, line,
            )  # fmt: skip


def _universals(said: str, passage: str) -> Iterator[str]:
    found = _UNIVERSAL.search(said)
    if found and not _BEARS_OUT.search(passage):
        yield (
            f"The text says “{found.group()}”, and no passage that is cited does. Leave it out, or cite the place that "
            "says so."
        )


def _lost(said: str, passage: str, terms: list[tuple[str, list[str], list[str]]]) -> Iterator[str]:
    for name, printed, plainer in terms:
        if not any(_has(passage, form) for form in printed) or any(_has(said, form) for form in printed):
            continue
        for form in plainer:
            if _has(said, form) and not _has(passage, form):
                yield f"The passage says “{name}”, which “{form}” does not mean. Keep the term."


def _has(text: str, form: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None


def _terms(knowledge: Knowledge) -> list[tuple[str, list[str], list[str]]]:
    """Return each term of art with the forms in which it is printed and the plainer words that lose its meaning."""
    statements, scheme = knowledge.ontology.statements, knowledge.namespaces.base + "scheme/term"
    found = []
    for concept in statements.subjects():
        if scheme in statements.texts(concept, _IN_SCHEME):
            printed = [*statements.texts(concept, PREF_LABEL), *statements.texts(concept, ALT_LABEL)]
            plainer = [text.casefold() for text in statements.texts(concept, _HIDDEN_LABEL)]
            found.append((printed[0], [text.casefold() for text in printed], plainer))
    return found


def copied_prose(knowledge: Knowledge, sources: Iterable[SourceText]) -> Iterator[Finding]:
    """Yield a warning for each text that has RUN words in a row of a document. Names, titles and headings may."""
    runs = {run for source in sources for run in word_runs(source.text)}
    titles = {REUSED["dcterms"] + name for name in ("title", "alternative")}
    names = titles | {PREF_LABEL, ALT_LABEL, knowledge.namespaces.term("inSection")}
    for file in knowledge.graph.statements.files:
        for triple, line in zip(file.triples, file.lines, strict=True):
            predicate = triple.predicate.value
            if not isinstance(triple.object, ox.Literal) or predicate in names:
                continue
            copied = next((run for run in word_runs(triple.object.value) if run in runs), None)
            if copied:
                subject = key(triple.subject)
                yield Finding(
                    Severity.WARNING, subject, knowledge.graph.label(subject),
                    f"This repeats {RUN} words in a row of a source document. Say it in your own words.",
                    "copied prose", knowledge.graph.label(predicate), triple.object.value, file.name, line, predicate,
                )  # fmt: skip
