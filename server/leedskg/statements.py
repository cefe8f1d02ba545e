"""Turtle files as statements that know their line.

The lines come almost free: the parser reads its input a line at a time, so the line last handed to it when a statement
appears is the line where that statement ends.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from leedskg.errors import KnowledgeError

Subject = ox.NamedNode | ox.BlankNode | ox.Triple
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class LineByLine(io.BytesIO):
    """A file object that gives at most one line a read, and counts them.

    Never more than is asked for: the parser's buffer is as large as it says, and a longer piece ends the process.
    """

    line = 0
    _line_ended = True

    def read(self, size: int | None = -1, /) -> bytes:
        """Read the next line, or the next piece of a long one, or nothing at the end."""
        piece = self.readline(-1 if size is None else size)
        if piece:
            self.line += self._line_ended
            self._line_ended = piece.endswith(b"\n")
        return piece


def without_mark(content: bytes) -> bytes:
    """Return the content without the byte order mark that some editors put before UTF-8."""
    return content.removeprefix(codecs.BOM_UTF8)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text as the parser counts them, each with its end.

    `str.splitlines` also splits at characters that stand within literals, such as U+2028.
    """
    return [line for line in re.split(r"(?<=\n)", text) if line]


@dataclass(frozen=True)
class StatementFile:
    """A parsed file: its path relative to the knowledge root, its statements and the line of each."""

    name: str
    triples: tuple[ox.Triple, ...]
    lines: tuple[int, ...]

    @property
    def stem(self) -> str:
        """The name without folder and suffix."""
        return Path(self.name).stem


def parse_turtle(content: bytes, name: str) -> StatementFile:
    """Parse Turtle into statements with their lines; `name` is used in messages.

    Raises KnowledgeError with the line for a syntax error, for bytes that are not UTF-8, and for a blank node, which
    knowledge files do not use: a node without a name cannot be cited, compared or taken back.
    """
    content = without_mark(content)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise KnowledgeError("this is not UTF-8; save the file with that encoding", path=name, line=line) from None
    source = LineByLine(content)
    triples: list[ox.Triple] = []
    lines: list[int] = []
    try:
        for quad in ox.parse(source, format=ox.RdfFormat.TURTLE):
            triples.append(quad.triple)
            lines.append(source.line)
    except SyntaxError as error:
        message = str(error.msg).split(": ", 1)[-1] if str(error.msg).startswith("Parser error") else str(error.msg)
        raise KnowledgeError(
            f"this is not valid Turtle: {message}", path=name, line=error.lineno or source.line
        ) from None
    return StatementFile(name, tuple(triples), tuple(lines))


def read_turtle(path: Path, root: Path) -> StatementFile:
    """Read one knowledge file; see `parse_turtle` for what it refuses."""
    return parse_turtle(path.read_bytes(), path.relative_to(root).as_posix())


@dataclass(eq=False)
class Statements:
    """Statements of several files, by subject and property, with the place of each."""

    files: list[StatementFile] = field(default_factory=list)
    _about: dict[str, dict[str, list[Term]]] = field(default_factory=dict, repr=False)
    _places: dict[ox.Triple, tuple[str, int]] = field(default_factory=dict, repr=False)
    _first: dict[str, tuple[str, int]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, files: Iterable[StatementFile]) -> Statements:
        """Index the files."""
        statements = cls()
        for file in files:
            statements.add(file)
        return statements

    def add(self, file: StatementFile) -> None:
        """Index one more file."""
        self.files.append(file)
        for triple, line in zip(file.triples, file.lines, strict=True):
            subject = key(triple.subject)
            values = self._about.setdefault(subject, {}).setdefault(triple.predicate.value, [])
            if triple.object not in values:
                values.append(triple.object)
            self._places.setdefault(triple, (file.name, line))
            self._first.setdefault(subject, (file.name, line))

    def with_more(self, files: Iterable[StatementFile]) -> Statements:
        """Return these statements, then those of more files. What is there is shared and not indexed again."""
        made = Statements(list(self.files), dict(self._about), dict(self._places), dict(self._first))
        for file in files:
            for subject in {key(triple.subject) for triple in file.triples} & self._about.keys():
                made._about[subject] = {name: list(values) for name, values in made._about[subject].items()}
            made.add(file)
        return made

    def __len__(self) -> int:
        return sum(len(file.triples) for file in self.files)

    def __contains__(self, subject: str) -> bool:
        return subject in self._about

    def holds(self, triple: ox.Triple) -> bool:
        """Return whether this very statement is among them."""
        return triple in self._places

    def naming(self, iri: str) -> set[str]:
        """Return the subjects of statements that name something."""
        node = ox.NamedNode(iri)
        return {subject for subject, said in self._about.items() if any(node in values for values in said.values())}

    def parts(self, record: str) -> list[str]:
        """Return the parts of a record that something is said of, such as `…#p1`."""
        return [subject for subject in self._about if subject.startswith(f"{record}#")]

    def subjects(self) -> Iterator[str]:
        """Return every subject, in the order of the files."""
        return iter(self._about)

    def about(self, subject: str) -> Mapping[str, list[Term]]:
        """Return the properties of a subject and their values; empty when nothing is said of it."""
        return self._about.get(subject, {})

    def values(self, subject: str, predicate: str) -> list[Term]:
        """Return the values of one property."""
        return self.about(subject).get(predicate, [])

    def value(self, subject: str, predicate: str) -> Term | None:
        """Return the first value of one property."""
        return next(iter(self.values(subject, predicate)), None)

    def texts(self, subject: str, predicate: str) -> list[str]:
        """Return the values of one property as plain text: lexical forms and IRIs."""
        return [key(value) for value in self.values(subject, predicate)]

    def text(self, subject: str, predicate: str) -> str | None:
        """Return the first value of one property as plain text."""
        return next(iter(self.texts(subject, predicate)), None)

    def of_type(self, kinds: Iterable[str], type_iri: str) -> Iterator[str]:
        """Yield the subjects that have one of the types."""
        wanted = set(kinds)
        for subject, properties in self._about.items():
            if any(key(value) in wanted for value in properties.get(type_iri, ())):
                yield subject

    def place(self, subject: str, predicate: str | None = None, value: Term | None = None) -> tuple[str, int] | None:
        """Return file and line of a statement as precisely as the arguments allow; else where the subject is first."""
        if predicate is not None and subject in self._first:
            for candidate in [value] if value is not None else self.values(subject, predicate):
                place = self._places.get(ox.Triple(_node(subject), ox.NamedNode(predicate), candidate))
                if place:
                    return place
        return self._first.get(subject)


def read_statements(paths: Iterable[Path], root: Path) -> Statements:
    """Read and index knowledge files; those that were read before, as they are now, are the same object, not to change.

    Ontology and shapes are read again with every publication, and seldom change: parsing them took a third of that.
    """
    return _indexed(tuple((path.relative_to(root).as_posix(), path.read_bytes()) for path in paths))


@lru_cache(maxsize=4)
def _indexed(files: tuple[tuple[str, bytes], ...]) -> Statements:
    return Statements.of(parse_turtle(content, name) for name, content in files)


def _node(subject: str) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(subject[2:]) if subject.startswith("_:") else ox.NamedNode(subject)


def key(term: Subject | Term) -> str:
    """Return a term as plain text: an IRI's or literal's own characters, a blank node's label with `_:`."""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
