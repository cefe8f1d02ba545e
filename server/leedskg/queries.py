"""The reader of `queries/`: saved queries, and the checks that must return no row.

A file opens with comment lines `# name: text`; a text goes on in the next line after `#` and two spaces or more. Saved
queries have `title`, `description` and `answers`; checks have `title` and `message`, which says how to fix a row,
and may have `severity: warning` or `info`, where a row can be right.

A line `# param name: label` lets whoever runs the query choose a value. The query says `VALUES ?name { term }` once;
the term is the value that the query has as it stands, and tells what kind of value is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from leedskg.errors import KnowledgeError, RequestError
from leedskg.files import knowledge_files

_HEADER = re.compile(r"#\s?([a-z]+|param [A-Za-z]\w*):\s*(.*)")
_HEADERS = re.compile(r"\A(?:#[^\n]*\n)*")
_CONTINUED = re.compile(r"#\s{2,}(\S.*)")
_PARAM = "param "
_PREFIX = re.compile(r"^\s*PREFIX\s+([\w.-]*):\s*<([^<>]*)>", re.IGNORECASE | re.MULTILINE)
_IRI = re.compile(r"<[^<>\"{}|^`\\\x00-\x20]*>")
_TEXT = r'"(?:[^"\\\r\n]|\\.)*"'
_SUFFIX = r"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^\S+)?"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)")
#: What may stand between the braces of `VALUES ?name { … }`.
_TERM = rf"{_IRI.pattern}|{_TEXT}{_SUFFIX}|{_NUMBER.pattern}|[\w-]*:[\w-]*"
#: What SPARQL lets no plain string hold as it is.
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class Parameter:
    """A value that whoever runs a saved query may choose, and the term that stands for it in the file."""

    name: str
    label: str
    #: An IRI without its brackets, a number, or the text of a literal.
    default: str
    #: `iri`, `number` or `text`.
    kind: str
    #: What follows the text of a literal: its language or its type.
    suffix: str = ""

    def term(self, value: str) -> str:
        """Write a value as one SPARQL term and nothing else. Raises RequestError for a value of the wrong kind."""
        if self.kind == "iri":
            if not (_IRI.fullmatch(f"<{value}>") and ":" in value):
                raise RequestError(f"“{self.label}” has to be an IRI, such as {self.default}.")
            return f"<{value}>"
        if self.kind == "number":
            if not _NUMBER.fullmatch(value) or not value.isascii():
                raise RequestError(f"“{self.label}” has to be a number, such as {self.default}.")
            return value
        if any(character not in "\n\r\t" and not character.isprintable() for character in value):
            raise RequestError(f"“{self.label}” has a character that cannot be printed.")
        return f'"{"".join(_ESCAPES.get(character, character) for character in value)}"{self.suffix}'


@dataclass(frozen=True)
class SavedQuery:
    """A query with what its file says of it."""

    name: str
    text: str
    headers: dict[str, str]
    parameters: tuple[Parameter, ...] = ()

    @property
    def title(self) -> str:
        """What the query is called."""
        return self.headers["title"]

    @property
    def description(self) -> str:
        """What it finds and how to read it."""
        return self.headers.get("description", "")

    @property
    def answers(self) -> str:
        """Which question it was written for."""
        return self.headers.get("answers", "")

    @property
    def severity(self) -> str:
        """How severe it is what a check finds: a violation, or less where a row can be right."""
        return self.headers.get("severity", "violation")

    @property
    def message(self) -> str:
        """For a check: how to fix what a row shows."""
        return self.headers.get("message", "")

    def address(self, values: Mapping[str, str]) -> str:
        """Return its name with these values behind a question mark: one way to write the same."""
        told = {each.name: values[each.name] for each in self.parameters if each.name in values}
        return f"{self.name}?{urlencode(told)}" if told else self.name

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the query, without its file's headers, with these values for its parameters; others stay as they are.

        Raises RequestError for a value of the wrong kind.
        """
        text = _HEADERS.sub("", self.text)
        for parameter in self.parameters:
            if parameter.name in values:
                start, end = _slots(text, parameter.name)[0]
                text = f"{text[:start]}{parameter.term(values[parameter.name])}{text[end:]}"
        return text


def read_queries(root: Path) -> list[SavedQuery]:
    """Read the saved queries, in order of their file names. Raises KnowledgeError for a file without its headers."""
    folder = root / "queries"
    paths = [path for path in knowledge_files(root, "queries", ".rq") if path.parent == folder]
    return [_read(path, root, ("title", "description", "answers")) for path in paths]


def read_checks(root: Path) -> list[SavedQuery]:
    """Read the checks of `queries/checks/`. Raises KnowledgeError for a file without its headers."""
    folder = root / "queries" / "checks"
    paths = [path for path in knowledge_files(root, "queries", ".rq") if path.parent == folder]
    return [_read(path, root, ("title", "message")) for path in paths]


def _read(path: Path, root: Path, wanted: tuple[str, ...]) -> SavedQuery:
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    headers: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if header := _HEADER.fullmatch(line.rstrip()):
            last = header[1]
            headers[last] = header[2]
        elif last and (continued := _CONTINUED.fullmatch(line.rstrip())):
            headers[last] += f" {continued[1]}"
        else:
            break
    missing = [header for header in wanted if not headers.get(header)]
    if missing:
        lines = ", ".join(f"`# {header}: …`" for header in missing)
        raise KnowledgeError(f"the query has no {lines} at its top; add it", path=name, line=1)
    declared = {key.removeprefix(_PARAM): label for key, label in headers.items() if key.startswith(_PARAM)}
    parameters = tuple(_parameter(key, label, text, name) for key, label in declared.items())
    return SavedQuery(path.stem, text, headers, parameters)


def _parameter(name: str, label: str, text: str, path: str) -> Parameter:
    slots = _slots(text, name)
    if not label or len(slots) != 1:
        line = next(number for number, row in enumerate(text.splitlines(), 1) if f"{_PARAM}{name}:" in row)
        message = f"`# param {name}: label` wants a label, and `VALUES ?{name} {{ one term }}` once in the query"
        raise KnowledgeError(message, path=path, line=line)
    term = text[slice(*slots[0])]
    if term.startswith('"'):
        written, suffix = re.fullmatch(rf"({_TEXT})({_SUFFIX})", term, re.DOTALL).groups()  # type: ignore[union-attr]
        characters = {escape: character for character, escape in _ESCAPES.items()}
        plain = re.sub(r"\\.", lambda escape: characters.get(escape[0], escape[0]), written[1:-1])
        return Parameter(name, label, plain, "text", suffix)
    if _NUMBER.fullmatch(term):
        return Parameter(name, label, term, "number")
    if term.startswith("<"):
        return Parameter(name, label, term[1:-1], "iri")
    prefix, _, local = term.partition(":")
    namespaces = dict(_PREFIX.findall(text))
    if prefix not in namespaces:
        raise KnowledgeError(
            f"the prefix {prefix}: of `# param {name}` is not declared; add its PREFIX line", path=path
        )
    return Parameter(name, label, namespaces[prefix] + local, "iri")


def _slots(text: str, name: str) -> list[tuple[int, int]]:
    """Return where the terms of a parameter stand in a query."""
    wanted = re.compile(rf"\bVALUES\s+\?{re.escape(name)}\s*\{{\s*({_TERM})\s*\}}", re.IGNORECASE)
    return [found.span(1) for found in wanted.finditer(text)]
