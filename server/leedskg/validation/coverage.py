"""The coverage ledger: each sentence and list item of a document is cited by an assertion or marked as without a claim.

A document is cut into passages by rules that fit running text and bulleted brochures. A passage is *cited* when the
evidence of an assertion lies in it, *marked* when a passage without a claim covers it, and *open* otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from leedskg.documents import Documents, SourceText
from leedskg.graph import HAS_SOURCE
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED

State = Literal["cited", "marked", "open"]

_BULLET = re.compile(r"\s*(?:[·•▪*-]|\d{1,2}[.)])\s+")
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*(?:[*\d]{0,2})(?=\s+[\"“‘'(\[]?[A-Z0-9£])")
#: A line that ends in one of these goes on in the next.
_UNFINISHED = re.compile(
    r"(?:\b(?:a|an|and|as|at|by|for|from|in|into|its|of|on|or|the|their|to|with)|[,&–-])\s*$", re.I
)
_FINISHED = re.compile(r"[.!?:][\"”’')\]]*[*\d]{0,2}\s*$")


@dataclass(frozen=True)
class Passage:
    """One sentence, list item or heading: its span, line and section, and how it is accounted for."""

    start: int
    end: int
    line: int
    section: str
    state: State
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class PassageLedger:
    """The passages of one document."""

    document: str
    file_name: str
    passages: tuple[Passage, ...]

    def count(self, state: State) -> int:
        """Return how many passages are in this state."""
        return sum(passage.state == state for passage in self.passages)

    @property
    def open(self) -> tuple[Passage, ...]:
        """The passages that nothing accounts for."""
        return tuple(passage for passage in self.passages if passage.state == "open")

    def by_section(self) -> dict[str, Counter[State]]:
        """Count the states of the passages of each section, in the order of the document."""
        sections: dict[str, Counter[State]] = {}
        for passage in self.passages:
            sections.setdefault(passage.section, Counter())[passage.state] += 1
        return sections


def coverage(knowledge: Knowledge, documents: Documents) -> tuple[list[PassageLedger], list[str]]:
    """Make a ledger for each source document that is at hand, and list the file names of those that are not."""
    ledgers, missing = [], []
    statements = knowledge.graph.statements
    for iri in statements.of_type([knowledge.namespaces.term("SourceDocument")], RDF_TYPE):
        file_name = statements.text(iri, knowledge.namespaces.term("fileName")) or ""
        source = documents.get(file_name) if file_name else None
        if source is None:
            missing.append(file_name or iri)
        else:
            ledgers.append(_ledger(knowledge, iri, source))
    return ledgers, missing


def _ledger(knowledge: Knowledge, document: str, source: SourceText) -> PassageLedger:
    cited, marked = _spans(knowledge, document)
    passages = []
    for start, end in cut(source.text):
        place = source.span(start, end)
        reasons = sorted({reason for first, last, reason in marked if first < end and start < last})
        state: State = "open"
        if any(first < end and start < last for first, last in cited):
            state = "cited"
        elif reasons:
            state = "marked"
        passages.append(Passage(start, end, place.line, place.section, state, tuple(reasons)))
    return PassageLedger(knowledge.graph.label(document), source.file_name, tuple(passages))


def _spans(knowledge: Knowledge, document: str) -> tuple[list[tuple[int, int]], list[tuple[int, int, str]]]:
    """Return the spans of the document that assertions cite, and those marked as without a claim, with the reason."""
    statements, term = knowledge.graph.statements, knowledge.namespaces.term

    def span(evidence: str) -> tuple[int, int] | None:
        selector = statements.text(evidence, REUSED["oa"] + "hasSelector") or ""
        ends = [statements.text(selector, REUSED["oa"] + name) or "" for name in ("start", "end")]
        if statements.text(evidence, HAS_SOURCE) != document or not all(end.isdecimal() for end in ends):
            return None
        return int(ends[0]), int(ends[1])

    cited = {
        found
        for assertion in knowledge.graph.assertions()
        for evidence in statements.texts(assertion, term("hasEvidence"))
        if (found := span(evidence))
    }
    marked = []
    for mark in statements.of_type([term("PassageWithoutClaim")], RDF_TYPE):
        reason = statements.text(mark, term("withoutClaimBecause"))
        if reason and (found := span(mark)):
            marked.append((*found, knowledge.graph.label(reason)))
    return sorted(cited), sorted(marked)


def cut(text: str) -> list[tuple[int, int]]:
    """Cut a text into the spans of its sentences, list items and headings, without white space and bullets around."""
    spans = []
    for start, end in blocks(text):
        bullet = _BULLET.match(text, start, end)
        first = bullet.end() if bullet else start
        for match in _SENTENCE_END.finditer(text, first, end):
            spans.append((first, match.end()))
            first = match.end()
        spans.append((first, end))
    return [trimmed for span in spans if (trimmed := _trim(text, *span))]


def blocks(text: str) -> list[tuple[int, int]]:
    """Return the spans of lines that belong together: a paragraph, a list item, a heading."""
    found: list[tuple[int, int]] = []
    position, previous = 0, ""
    for line in text.splitlines(keepends=True):
        if line.strip():
            if previous and _goes_on(previous, line):
                found[-1] = (found[-1][0], position + len(line))
            else:
                found.append((position, position + len(line)))
        previous = line if line.strip() else ""
        position += len(line)
    return found


def _goes_on(line: str, following: str) -> bool:
    if _BULLET.match(following) or _FINISHED.search(line):
        return False
    return bool(_UNFINISHED.search(line)) or following.lstrip()[:1].islower()


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    passage = text[start:end]
    if not any(character.isalnum() for character in passage):
        return None
    return start + len(passage) - len(passage.lstrip()), end - (len(passage) - len(passage.rstrip()))
