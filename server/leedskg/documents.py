"""The source documents, when they are at hand: finding a passage in them, and checking one that evidence points at.

The documents are other people's text. They are read, never copied: what leaves this module is offsets and digests.
Offsets count Unicode code points of the UTF-8 text from 0, the end exclusive, as the Web Annotation Data Model defines
them for its text position selector.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from leedskg.errors import KnowledgeError

_WORD = re.compile(r"\S+")
#: Characters that a steward may type for one another.
_ALIKE = {character: f"[{group}]" for group in ("'’‘", '"“”', "-–—") for character in group}
#: Words in a row that are no longer a name or a turn of speech: a text of ours that has them repeats the document.
RUN = 8
_PLAIN_WORD = re.compile(r"[^\W_]+")
_HEADING_LENGTH = 70
#: Lines in a row that are not empty.
_PARAGRAPH = re.compile(r"\S(?:[^\n\f]*\S)?(?:[^\S\n\f]*\n[^\S\n\f]*\S(?:[^\n\f]*\S)?)*")


@dataclass(frozen=True)
class Span:
    """A passage of a document: its place, the digest of its bytes and the heading that it stands under."""

    start: int
    end: int
    digest: str
    section: str
    line: int


@dataclass(frozen=True)
class SourceText:
    """The text of one document."""

    file_name: str
    text: str
    sha256: str
    _headings: tuple[tuple[int, str], ...] = field(repr=False, default=())

    @property
    def length(self) -> int:
        """Number of code points."""
        return len(self.text)

    def span(self, start: int, end: int) -> Span:
        """Return the span from `start` to `end`; the caller has checked that it lies inside the document."""
        passage = self.text[start:end]
        section = ""
        for position, heading in self._headings:
            if position > start:
                break
            section = heading
        return Span(start, end, digest_of_passage(passage), section, self.text.count("\n", 0, start) + 1)

    def page(self, start: int) -> int | None:
        """Return the page that a place is on, from 1; None of a text that has no form feeds between its pages."""
        return self.text.count("\f", 0, start) + 1 if "\f" in self.text else None

    def paragraphs(self) -> list[tuple[int, int]]:
        """Return the spans of the paragraphs: what stands between empty lines, without white space around."""
        return [match.span() for match in _PARAGRAPH.finditer(self.text)]

    def span_digest(self, start: int, end: int) -> str:
        """Return the digest of a span alone."""
        return digest_of_passage(self.text[start:end])

    def find(self, passage: str) -> list[Span]:
        """Find every place of the passage, white space and the look of quotation marks and dashes forgiven."""
        words = _WORD.findall(passage)
        if not words:
            return []
        pattern = r"\s+".join("".join(_ALIKE.get(char) or re.escape(char) for char in word) for word in words)
        return [self.span(*match.span()) for match in re.finditer(pattern, self.text, re.IGNORECASE)]


class Documents:
    """A folder of source documents as UTF-8 text."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise KnowledgeError(
                f"there is no folder of documents at {folder}; give the folder that holds the text files"
            )
        self.folder = folder
        self._read = cache(self._read_file)

    def names(self) -> list[str]:
        """Return the names of the text files."""
        return sorted(path.name for path in self.folder.glob("*.txt"))

    def get(self, file_name: str) -> SourceText | None:
        """Return the document with this file name, or None when it is not at hand."""
        if "/" in file_name or not (self.folder / file_name).is_file():
            return None
        return self._read(file_name)

    def _read_file(self, file_name: str) -> SourceText:
        content = (self.folder / file_name).read_bytes()
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise KnowledgeError("this document is not UTF-8", path=self.folder / file_name) from None
        return SourceText(file_name, text, hashlib.sha256(content).hexdigest(), tuple(_headings(text)))


def digest_of_passage(passage: str) -> str:
    """Return SHA-256 of the passage's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(passage.encode("utf-8")).hexdigest()


def word_runs(text: str) -> Iterator[tuple[str, ...]]:
    """Return every RUN words in a row of a text, without case and punctuation."""
    words = _PLAIN_WORD.findall(text.casefold())
    for start in range(len(words) - RUN + 1):
        yield tuple(words[start : start + RUN])


def _headings(text: str) -> list[tuple[int, str]]:
    """Find lines that look like headings: short, no bullet, no full stop at the end, blank line or start above.

    A guess, for `leedskg cite` to offer: the steward sees it and can give another.
    """
    found: list[tuple[int, str]] = []
    position, above_is_blank = 0, True
    for line in text.splitlines(keepends=True):
        stripped = " ".join(line.split())
        looks = stripped and len(stripped) <= _HEADING_LENGTH and stripped[-1] not in ".,;:" and stripped[0].isalnum()
        if looks and above_is_blank:
            found.append((position, stripped))
        above_is_blank = not stripped
        position += len(line)
    return found
