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
NEW, AS, SEVERAL = "new", "as:", "several"
#: What parts names in a sentence, kept where it stands within one; what a line of a list begins or ends with.
_BETWEEN = re.compile(r"(\s*(?:,\s*and\b|,|/|\+|&|\band\b)\s*)", re.IGNORECASE)
_LIST_MARK = re.compile(r"^(?:[•·▪◦‣*–-]|\(?[0-9]{1,2}[.)])\s+|^and\s+|\s*(?:,|&|\band)\s*$", re.IGNORECASE)


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
    _names: dict[str, bool] = field(default_factory=dict)

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
        parts = self._in_sentence(name)
        several = [_several(parts)] if len(parts) > 1 and any(map(self._is_known, parts)) else []
        choices = [*several, *self._others(name, _ALIKE), *choices]
        return self._asked(name, place, choices, listed=False, why=outcome.why)

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

    def parts(self, text: str, place: str = "") -> list[str]:
        """Return the names in a cell: several stand behind semicolons, on lines of their own, or in one sentence.

        Lines that are one name together are that. A comma, “and” or a stroke parts names that are all known, for it
        also stands within one; a person who is asked may say so of others.
        """
        found: list[str] = []
        for each in re.split(r"\s*[;|]\s*", text):
            for name in self._of_lines(each):
                parts = self._in_sentence(name)
                if self._answer(name) == SEVERAL and len(parts) > 1:
                    question = NameQuestion(name, [place], [_several(parts)], listed=False, answer=SEVERAL)
                    self.questions.setdefault(name, question)
                    found += parts
                else:
                    found += parts if all(map(self._is_known, parts)) else [name]
        return found

    def _of_lines(self, text: str) -> list[str]:
        lines = [each for line in text.split("\n") if (each := _LIST_MARK.sub("", line))]
        if len(lines) < 2:
            return lines
        return self._longest(lines, ["\n"] * len(lines))

    def _in_sentence(self, text: str) -> list[str]:
        """Return the names that a text is made of if commas and the like part them, known ones as long as they go."""
        words = _BETWEEN.split(text)
        return [text] if len(words) == 1 else self._longest(words[::2], [*words[1::2], ""])

    def _longest(self, texts: list[str], between: list[str]) -> list[str]:
        """Join texts that are a known name together; `between` stands behind each."""
        found, at = [], 0
        while at < len(texts):
            for end in range(len(texts), at, -1):
                joined = "".join(
                    f"{text}{mark}" for text, mark in zip(texts[at:end], between[at:end], strict=True)
                ).removesuffix(between[end - 1] or "\0")
                name = " ".join(joined.split())
                if end == at + 1 or self._is_known(name):
                    break
            found += [name] if name else []
            at = end
        return found

    def _is_known(self, name: str) -> bool:
        key = folded(name)
        if key in self.listed or self._answer(name) not in {"", SEVERAL}:
            return True
        if key not in self._names:
            self._names[key] = self.matcher.match(Mention.of(name)).entity is not None
        return self._names[key]

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


def _several(names: list[str]) -> Choice:
    return Choice(SEVERAL, f"Several: {'; '.join(names)}", "they stand in one cell")


def _letters_alike(one: str, other: str) -> float:
    """Return how alike two names are, of 100: two slips in a short name are many of its letters."""
    slips = OSA.distance(one, other, score_cutoff=_SLIPS)
    if min(len(one), len(other)) >= _SHORTEST and slips <= _SLIPS:
        return max(fuzz.ratio(one, other), _ALIKE)
    return fuzz.ratio(one, other)
