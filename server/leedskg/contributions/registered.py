"""Identifiers in public registers that a row gives: a column for each register, in the form that its shape asks for.

The concepts of scheme:identifier are the registers; `shape/{register}-like-notation` says what an identifier of each
looks like, and `leedskg.identifiers` knows the check digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from leedskg import identifiers
from leedskg.contributions import turtle
from leedskg.contributions.citing import Citation
from leedskg.contributions.directory import Directory
from leedskg.contributions.row_reader import RowReader
from leedskg.contributions.values import CellError
from leedskg.namespaces import REUSED
from leedskg.naming import folded

_IDENTIFIER, _NOTATION = REUSED["adms"] + "identifier", REUSED["skos"] + "notation"
#: Characters of a company number; a spreadsheet that takes it for a number drops the noughts before it.
_COMPANY_NUMBER = 8
_FEWEST_DIGITS = 5
#: The registers that organisations are mostly found in, which forms and templates have a field for.
COMMON = ("companies-house", "charity-ew", "ods", "ror")


@dataclass(frozen=True)
class Given:
    """An identifier that a row gives: its column, the register, and the characters as the register writes them."""

    column: str
    register: str
    notation: str


class RegisteredIdentifiers:
    """Reads the columns of identifiers, and writes what they say of an entity."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """The last part of the IRI of the register of each column: its label, with “ID” or “code” or without."""
        found: dict[str, str] = {}
        for iri, label in self._directory.concepts("identifier").items():
            name = folded(label)
            bare = re.sub(r" (id|code)$", "", name)
            for heading in (name, bare, f"{bare} id") if not name.endswith("number") else (name,):
                found.setdefault(heading, iri.rpartition("/")[2])
        return found

    def read(self, reader: RowReader) -> list[Given]:
        """Return the identifiers of a row; what is wrong with them goes to the reader."""
        found = []
        for column, register in self.columns.items():
            written = reader.text(column)
            notation = reader.value(column, lambda text, register=register: self._notation(register, text))  # type: ignore[misc]
            if notation is None:
                continue
            found.append(Given(column, register, notation))
            if notation.lstrip("0") == written.strip() != notation:
                reader.note(
                    f"“{written}” was read as the {column} {notation}: spreadsheets drop noughts before a number. "
                    "Correct it if something else is meant."
                )
        return found

    def seen_in(self, reader: RowReader, given: Sequence[Given], citations: Sequence[Citation]) -> list[str]:
        """Return the evidence of the row that identifiers can rest on: a record, a web page or a report."""
        seen = [each.name for each in citations if each.source in {"register", "web page", "report"}]
        if given and not seen and reader.sound:
            reader.wrong(
                given[0].column,
                "Say where this identifier was seen: fill register and record key, or web page and seen on, such as "
                "the register's own page for it, or the report that prints it.",
                given[0].notation,
            )
        return seen

    def blocks(self, subject: str, given: Sequence[Given], seen: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the parts of an entity that are its new identifiers: their names, and each as Turtle."""
        names: list[str] = []
        made: list[str] = []
        for each in given:
            name = self._free_part(subject, each, names)
            if not name:
                continue
            said = [
                ("lhi:identifierScheme", [f"identifier:{each.register}"]),
                ("skos:notation", [turtle.text(each.notation, "")]),
                ("lhi:seenIn", seen),
            ]
            names.append(name)
            made.append(turtle.record(name, ["adms:Identifier"], said))
        return names, made

    def _free_part(self, subject: str, given: Given, taken: Sequence[str]) -> str:
        """Return a name for a part of an entity that is free, or nothing where the entity has the identifier."""
        namespaces, statements = self._directory.knowledge.namespaces, self._directory.knowledge.graph.statements
        iri = namespaces.entity(subject.removeprefix("id:"))
        known = {statements.text(part, _NOTATION) for part in statements.texts(iri, _IDENTIFIER)}
        if given.notation in known:
            return ""
        number, part = 1, given.register
        while f"{iri}#{part}" in statements or f"{subject}\\#{part}" in taken:
            number += 1
            part = f"{given.register}-{number}"
        return f"{subject}\\#{part}"

    def noted(self, column: str, text: str) -> str:
        """Return an identifier of a column in the form of its register. Raises CellError, saying what that is."""
        return self._notation(self.columns[column], text)

    def _notation(self, register: str, text: str) -> str:
        """Return an identifier in the form of its register. Raises CellError, saying what that is."""
        tidied = _TIDIED.get(register, str.strip)(text)
        shapes, base = self._directory.knowledge.shapes, self._directory.knowledge.namespaces.base
        shape = f"{base}shape/{register}-like-notation"
        pattern = shapes.text(shape, REUSED["sh"] + "pattern")
        if pattern and not re.search(pattern, tidied):
            raise CellError(shapes.text(shape, REUSED["sh"] + "message") or f"“{text}” is none of this register.")
        if problem := identifiers.problem(register, tidied):
            raise CellError(problem)
        return tidied


def _company_number(text: str) -> str:
    plain = re.sub(r"\s", "", text).upper()
    digits = plain.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if not digits.isdigit() or len(digits) < _FEWEST_DIGITS or len(plain) - len(digits) not in {0, 2}:
        return plain
    return plain[: len(plain) - len(digits)] + digits.zfill(_COMPANY_NUMBER - (len(plain) - len(digits)))


def _ror(text: str) -> str:
    return "https://ror.org/" + re.sub(r"^(https?://)?(www\.)?(ror\.org/)?", "", text.strip().lower()).rstrip("/")


def _wikidata(text: str) -> str:
    return re.sub(r"^https?://(www\.)?wikidata\.org/(wiki|entity)/", "", text.strip()).upper()


def _compact(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


#: How what a person copies from a register is written as the register itself writes it.
_TIDIED: Mapping[str, Callable[[str], str]] = {
    "companies-house": _company_number, "ror": _ror, "wikidata": _wikidata, "ods": _compact, "charity-ew": _compact,
    "gss": _compact,
}  # fmt: skip
