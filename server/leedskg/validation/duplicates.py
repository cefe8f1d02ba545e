"""Likely duplicates: entities of a contribution that may be in the graph already, under a variant of their name.

Names that look alike may belong to different bodies, so that this only ever asks a person to look: every guess has a
score and the reason for it, and a stated lhi:keptApartFrom ends the matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from leedskg.graph import ALT_LABEL, PREF_LABEL

#: Words that a printed name may have or lack.
_FORMS = {
    *("the", "of", "and", "for", "at", "in", "a", "an", "on", "to", "by"),
    *("ltd", "limited", "plc", "llp", "lp", "inc", "co", "company", "cic", "uk", "gmbh", "group", "holdings"),
}
_TRUST = re.compile(r"\bnhs (foundation )?trust\b|\bnhs ft\b")
_WORD = re.compile(r"[a-z0-9]+")
_ACRONYM = re.compile(r"[A-Z][A-Z0-9&]{1,6}")
#: Below this likeness of two whole names, no misprint is thought of.
_LEAST = 88.0


@dataclass(frozen=True)
class Likeness:
    """Another entity that may be the same: how alike from 0 to 1, and why."""

    other: str
    name: str
    score: float
    why: str


def words(name: str) -> list[str]:
    """The words that tell a name from others, in the order of the alphabet.

    Accents, case, punctuation, small words and legal forms do not, nor does the order: “University of Leeds” and
    “Leeds University” are one.
    """
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = _TRUST.sub(" ", plain.replace("’", "").replace("'", "").replace(".", ""))
    found = _WORD.findall(plain)
    return sorted(word for word in found if word not in _FORMS) or sorted(found)


def initials(name: str) -> set[str]:
    """The acronyms that a name may go by: LTHNT and LTHT for Leeds Teaching Hospitals NHS Trust."""
    said = [word for word in re.findall(r"[^\W\d_]+", name) if word[0].isupper()]
    short = {"".join(word[0] for word in some) for some in (said, [word for word in said if word != "NHS"])}
    return {each for each in short if len(each) > 2 and each not in said}


@dataclass
class NameIndex:
    """The names of the entities that are in the graph, ready to be compared with new ones."""

    _names: list[tuple[str, str]] = field(default_factory=list)
    _keys: list[str] = field(default_factory=list)
    _by_key: dict[str, list[int]] = field(default_factory=dict)
    _by_initials: dict[str, list[int]] = field(default_factory=dict)
    _acronyms: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, triples: Iterable[ox.Triple], entities: str) -> NameIndex:
        """The labels and variants in these statements, of things whose IRIs begin with `entities`."""
        index = cls()
        for triple in triples:
            subject = triple.subject
            if isinstance(subject, ox.NamedNode) and subject.value.startswith(entities):
                assert isinstance(triple.object, ox.Literal)
                index.add(subject.value, triple.object.value)
        return index

    def __iter__(self) -> Iterator[str]:
        """The entities that have a name; one with two comes twice."""
        return (entity for entity, _ in self._names)

    def add(self, entity: str, name: str) -> None:
        """Add one name of an entity."""
        number = len(self._names)
        key = " ".join(words(name))
        self._names.append((entity, name))
        self._keys.append(key)
        self._by_key.setdefault(key, []).append(number)
        if _ACRONYM.fullmatch(name):
            self._acronyms.setdefault(name, []).append(number)
        for short in initials(name):
            self._by_initials.setdefault(short, []).append(number)

    def like(self, entity: str, name: str) -> Iterator[Likeness]:
        """Entities of the index with a name like this one, other than the entity itself."""
        found: dict[str, Likeness] = {}
        for likeness in self._alike(name):
            best = found.get(likeness.other)
            if likeness.other != entity and (best is None or likeness.score > best.score):
                found[likeness.other] = likeness
        yield from found.values()

    def _alike(self, name: str) -> Iterator[Likeness]:
        key = " ".join(words(name))
        for number in self._by_key.get(key, ()):
            entity, other = self._names[number]
            same = other.casefold() == name.casefold()
            yield Likeness(entity, other, 1.0 if same else 0.95, "the same name" if same else "the same words")
        if _ACRONYM.fullmatch(name):
            for number in self._by_initials.get(name, ()):
                yield Likeness(*self._names[number], 0.75, f"{name} may stand for it")
        for short in initials(name):
            for number in self._acronyms.get(short, ()):
                yield Likeness(*self._names[number], 0.75, f"{short} may stand for the new name")
        for _, score, number in process.extract(key, self._keys, scorer=fuzz.ratio, score_cutoff=_LEAST, limit=20):
            if self._keys[number] != key and is_misprint(key, self._keys[number]):
                yield Likeness(*self._names[number], round(score / 100 * 0.95, 2), "a letter or two apart")


def is_misprint(one: str, other: str) -> bool:
    """Whether two names, as sorted words, differ by a slip of the pen: never in a number, and never by a whole word."""
    first, second = one.split(), other.split()
    if len(first) != len(second):
        return one.replace(" ", "") == other.replace(" ", "")
    left = sorted(set(first) - set(second))
    right = sorted(set(second) - set(first))
    if len(left) != 1 or len(right) != 1:
        return False
    wrong, meant = left[0], right[0]
    if any(character.isdigit() for character in wrong + meant) or min(len(wrong), len(meant)) < 5:
        return False
    return OSA.distance(wrong, meant) <= (1 if len(meant) < 8 else 2)


def names_in(triples: Iterable[ox.Triple]) -> dict[str, list[str]]:
    """The names that these statements give, by entity."""
    found: dict[str, list[str]] = {}
    for triple in triples:
        if triple.predicate.value in (PREF_LABEL, ALT_LABEL) and isinstance(triple.subject, ox.NamedNode):
            assert isinstance(triple.object, ox.Literal)
            found.setdefault(triple.subject.value, []).append(triple.object.value)
    return found
