"""From the words of a person to a question: names, kinds, needs, dates and numbers, each with what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from leedskg.catalogue import Catalogue, CatalogueEntry
from leedskg.errors import Candidate, RequestError, UnknownNameError
from leedskg.naming import folded
from leedskg.network import EdgePattern
from leedskg.routes.groups import Group, Groups

#: Characters of a name that is looked for.
LONGEST_NAME = 200
_DAY = re.compile(r"\d{4}(-\d{2}-\d{2})?")


@dataclass(frozen=True)
class End:
    """One end as it was asked for: an entity, or a group of them; `note` tells of a name that has moved."""

    text: str
    entry: CatalogueEntry | None = None
    group: Group | None = None
    members: tuple[str, ...] = ()
    note: str = ""

    @property
    def words(self) -> str:
        """What to call it."""
        return self.entry.label if self.entry else self.group.words if self.group else self.text


class QuestionParser:
    """Reads ends and filters against the names of one generation."""

    def __init__(self, catalogue: Catalogue, groups: Groups, patterns: Iterable[EdgePattern]) -> None:
        self._catalogue = catalogue
        self._groups = groups
        self._patterns = [pattern for pattern in patterns if pattern.hop]
        self._replaced = [entry for entry in catalogue.entries.values() if entry.replaced_by]

    def end(self, text: str) -> End:
        """Return the entity of this name, or the group that `any …` names. Raises UnknownNameError with suggestions."""
        text = text.strip()
        if len(text) > LONGEST_NAME:
            raise RequestError(f"A name has no more than {LONGEST_NAME} characters.")
        if folded(text).startswith("any "):
            group = self._groups.find(text)
            if group:
                return End(group.words, group=group, members=self._groups.members(group))
            if not self._is_name(text):
                near = tuple(Candidate(each.iri, each.words, "") for each in self._groups.near(text))
                hint = "It may be one of these." if near else "The list under “Filters” has them all."
                raise UnknownNameError(f"We found no kind or need called “{text}”. {hint}", candidates=near)
        entry = self._current(self._catalogue.find(text))
        old = next((each for each in self._replaced if self._names(each, text)), None)
        note = f"“{old.label}” is recorded as {entry.label} now." if old and not self._names(entry, text) else ""
        if self._catalogue.is_guess(text):
            note = f"“{text}” was read as {entry.label}."
        return End(self._catalogue.unique_name(entry), entry, members=(entry.iri,), note=note)

    def without(self, texts: Iterable[str]) -> tuple[End, ...]:
        """Return the entities that routes are not to lead through; a text may name several, separated by semicolons."""
        names = [name.strip() for text in texts for name in text.split(";") if name.strip()]
        return tuple(dict.fromkeys(self.end(name) for name in names))

    def kinds(self, texts: Sequence[str]) -> frozenset[str]:
        """Find the IRIs of kinds of relationship: by class name, label of the pattern, or IRI. Raises RequestError."""
        found = set()
        for text in filter(None, (text.strip() for text in texts)):
            wanted = folded(text)
            kinds = {
                each.relationship_type
                for each in self._patterns
                if wanted in (folded(each.label), folded(local(each.relationship_type)))
                or text in (each.relationship_type, each.iri)
            }
            if not kinds:
                known = ", ".join(sorted({local(each.relationship_type) for each in self._patterns}))
                raise RequestError(f"“{text[:LONGEST_NAME]}” is no kind of relationship. There are: {known}.")
            found |= kinds
        return frozenset(found)

    def _is_name(self, text: str) -> bool:
        try:
            self._catalogue.find(text)
        except UnknownNameError as error:
            return error.ambiguous
        return True

    def _current(self, entry: CatalogueEntry) -> CatalogueEntry:
        return self._catalogue.current(entry)

    def _names(self, entry: CatalogueEntry, text: str) -> bool:
        short = self._catalogue.namespaces.shorten(entry.iri)
        plain = text.strip("<>")
        return plain in (entry.iri, short, short.partition(":")[2]) or folded(text) in map(folded, entry.names)


def local(iri: str) -> str:
    """Return the last part of an IRI."""
    return re.split(r"[#/]", iri)[-1]


def read_day(text: str, default: date | None = None) -> date:
    """Read a day as it is asked for: YYYY-MM-DD, or a year, which stands for its last day.

    For nothing that is the `default`, or today.
    """
    text = text.strip()
    if not text:
        return default or date.today()
    if not _DAY.fullmatch(text) or not text.isascii():
        raise RequestError(f"“{text[:40]}” is no date; write it as 2024-06-30, or give a year.")
    try:
        return date.fromisoformat(text if len(text) > 4 else f"{text}-12-31")
    except ValueError:
        raise RequestError(f"“{text}” is no day of the calendar; write it as 2024-06-30.") from None


def read_confidence(text: str) -> float:
    """Read a confidence from 0 to 1; 0 for nothing."""
    if not text.strip():
        return 0.0
    if not re.fullmatch(r"(0|1|0?\.\d{1,6}|1\.0{1,6}|0\.\d{1,6})", text.strip(), re.ASCII):
        raise RequestError(f"“{text[:40]}” is no confidence; it is a number from 0 to 1, such as 0.7.")
    return float(text)


def read_number(name: str, text: str, default: int, most: int) -> int:
    """Read a whole number from 1 to `most`."""
    if not text.strip():
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise RequestError(f"“{name}” in the address has to be a whole number from 1 to {most}.")
    return int(text)
