"""The names of a colleague's tables: which entity each means, which are new, and which a person has to be asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from leedskg.contributions.directory import Directory
from leedskg.contributions.sheets.mapping import ASIDE
from leedskg.matching import Mention
from leedskg.matching.bodies import BodyMatcher
from leedskg.naming import folded

#: How alike two names of one file are that may be the same, of 100: two of one list are mostly two bodies.
_ALIKE, _ALIKE_IN_LIST = 87, 95
#: Letters that may be wrong in a name of so many at least for it to be asked about.
_SLIPS, _SHORTEST = 2, 6
_MOST = 5
NEW, AS = "new", "as:"


@dataclass(frozen=True)
class Choice:
    """What a name may mean: what is written for it in a mapping, in words, and why it is proposed."""

    value: str
    label: str
    why: str


@dataclass
class NameQuestion:
    """A name that a person has to decide on: where it stands, what it may mean, and what was said."""

    name: str
    places: list[str]
    choices: list[Choice]
    #: Whether a table of the file lists it as an organisation, with its kind.
    listed: bool
    answer: str = ""
    why: str = ""


@dataclass
class SheetNames:
    """Finds what names mean. `said` are the answers of a person, by the name as it is written."""

    directory: Directory
    matcher: BodyMatcher
    said: dict[str, str]
    #: New organisations that the tables list, by their names as names are compared.
    listed: dict[str, str] = field(default_factory=dict)
    _printed: dict[str, str] = field(default_factory=dict)
    questions: dict[str, NameQuestion] = field(default_factory=dict)
    #: Names that are taken for an entity under another name, or for a new one: said on the page.
    taken: dict[str, str] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def of_row(self, mention: Mention, place: str) -> str:
        """Return the IRI that an organisation of a list is, `new`, `aside`, `as:` another name, or nothing if asked."""
        found = self._exact(mention)
        if found:
            return found
        outcome = self.matcher.match(mention)
        others = self._others(mention.name, _ALIKE_IN_LIST)
        answer = self._answer(mention.name)
        if not outcome.is_question and not others and not answer:
            self.new[mention.name] = NEW
            return NEW
        proposals = outcome.proposals if outcome.is_question else ()
        choices = [
            Choice(each.candidate.iri, f"{each.candidate.label} ({', '.join(each.candidate.kinds)})", each.why)
            for each in proposals
        ]
        return self._asked(mention.name, place, [*choices, *others], listed=True, why=outcome.why)

    def of_link(self, name: str, place: str) -> str:
        """Return the IRI or the new name that a side of a relationship means; `aside`; or nothing where it is asked."""
        key = folded(name)
        mention = Mention.of(name)
        if key in self.listed:
            return self.listed[key]
        if found := self._exact(mention):
            return found
        outcome = self.matcher.match(mention)
        choices = [
            Choice(each.candidate.iri, f"{each.candidate.label} ({', '.join(each.candidate.kinds)})", each.why)
            for each in (outcome.proposals if outcome.is_question else ())
        ]
        return self._asked(name, place, [*self._others(name, _ALIKE), *choices], listed=False, why=outcome.why)

    def list_new(self, name: str, meant: str) -> None:
        """Note what a name that a table lists means, for the relationships and for names that are like it."""
        self.listed.setdefault(folded(name), meant)
        self._printed.setdefault(folded(name), name)

    def _exact(self, mention: Mention) -> str:
        key = folded(mention.name)
        answer = self._answer(mention.name)
        if answer and not (answer == NEW or answer.startswith(("new:", AS))) and answer != ASIDE:
            return answer if answer in self.directory.catalogue.entries else ""
        if not mention.identifiers and key in self._known:
            return self._known[key]
        found = self.matcher.match(mention).entity
        named = [] if found else self.directory.catalogue.named(mention.name)
        iri = found.iri if found else named[0].iri if len(named) == 1 else ""
        if iri and iri in self.directory.catalogue.entries:
            label = self.directory.catalogue.entries[iri].label
            if label != mention.name:
                self.taken[mention.name] = label
        if not mention.identifiers:
            self._known[key] = iri
        return iri

    def _answer(self, name: str) -> str:
        return self.said.get(name, "")

    def _others(self, name: str, least: int) -> list[Choice]:
        """Return the new organisations of the same file that a name may be a slip for."""
        key = folded(name)
        near = sorted(((_letters_alike(key, other), other) for other in self.listed if other != key), reverse=True)
        return [
            Choice(f"{AS}{self._printed[other]}", f"{self._printed[other]} (of this file)", "nearly the same letters")
            for likeness, other in near[:_MOST] if likeness >= least
        ]  # fmt: skip

    def parts(self, text: str) -> list[str]:
        """Return the names in a cell: several stand on lines of their own, or behind semicolons.

        A comma parts names that are all known, since it also stands within one.
        """
        apart = [each for each in re.split(r"\s*[;|\n]\s*", text) if each]
        by_comma = [each for each in re.split(r"\s*,\s*", text) if each]
        if len(apart) == 1 and len(by_comma) > 1 and not self._is_known(text) and all(map(self._is_known, by_comma)):
            return by_comma
        return apart

    def _is_known(self, name: str) -> bool:
        return folded(name) in self.listed or self.matcher.match(Mention.of(name)).entity is not None

    def _asked(self, name: str, place: str, choices: list[Choice], *, listed: bool, why: str) -> str:
        answer = self._answer(name)
        shown = choices[:_MOST]
        if answer.startswith(AS) and answer not in {each.value for each in shown}:
            shown.append(Choice(answer, answer.removeprefix(AS), "said before"))
        question = self.questions.setdefault(name, NameQuestion(name, [], shown, listed, answer, why))
        if place not in question.places:
            question.places.append(place)
        if answer == ASIDE:
            return ASIDE
        if answer.startswith(AS):
            return self.listed.get(folded(answer.removeprefix(AS)), answer.removeprefix(AS))
        if answer == NEW and listed:
            return NEW
        if answer.startswith("new:") and not listed:
            self.new[name] = answer.removeprefix("new:")
            return name
        question.answer = ""
        return ""


def _letters_alike(one: str, other: str) -> float:
    """Return how alike two names are, of 100: two slips in a short name are many of its letters."""
    slips = OSA.distance(one, other, score_cutoff=_SLIPS)
    if min(len(one), len(other)) >= _SHORTEST and slips <= _SLIPS:
        return max(fuzz.ratio(one, other), _ALIKE)
    return fuzz.ratio(one, other)
