"""The bodies that names are matched with: by identifier, by exact key, and by the words of their names."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from leedskg.catalogue import Catalogue
from leedskg.matching.sorts import sort_of_name, sorts_of_kinds
from leedskg.naming import folded, initials, is_slip, telling_words
from leedskg.query_files import query_beside
from leedskg.store import Reader

#: How well a word fits that is a slip of the pen away, stands joined to another, or abbreviates the whole name.
_SLIP, _JOINED, _INITIALS = 0.85, 0.95, 0.8
_IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")
_COUNTRY = frozenset(["united kingdom", "uk", "england", "gb", "great britain"])


def readings(name: str) -> Iterator[str]:
    """Yield a name, and the name without brackets that hold its own initials or the country."""
    yield name
    inside = _IN_BRACKETS.findall(name)
    if inside:
        rest = _IN_BRACKETS.sub(" ", name).strip()
        short = initials(rest)
        if rest and all(folded(each) in short or folded(each) in _COUNTRY for each in inside):
            yield rest


def keys(name: str) -> list[tuple[str, ...]]:
    """Return the exact keys of a name: the words that tell it from others, of each of its readings."""
    return list(dict.fromkeys(telling_words(folded(each)) for each in readings(name) if folded(each)))


@dataclass(frozen=True)
class MatchCandidate:
    """A body that a name may mean."""

    iri: str
    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    postcode: str = ""
    description: str = ""
    kept_apart: frozenset[str] = frozenset()
    part_of: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The preferred name."""
        return self.names[0]

    @cached_property
    def sorts(self) -> frozenset[str]:
        """The sorts of body that it is, by its kinds, else by its label."""
        return sorts_of_kinds(self.kinds) or frozenset({sort_of_name(folded(self.label))} - {""})


@dataclass
class MatchIndex:
    """Candidates, ready to be asked."""

    candidates: dict[str, MatchCandidate] = field(default_factory=dict)
    by_identifier: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    by_key: dict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    names: list[tuple[str, str]] = field(default_factory=list)
    _words: list[frozenset[str]] = field(default_factory=list)
    _having: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _abbreviated: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, candidates: Iterable[MatchCandidate]) -> MatchIndex:
        """Index candidates."""
        index = cls()
        for each in candidates:
            index.add(each)
        return index

    @classmethod
    def read(cls, reader: Reader, catalogue: Catalogue, without: Collection[str] = ()) -> MatchIndex:
        """Index every entity of a generation that is in use; what it replaced gives its names.

        `without` are classes whose entities are left out, such as `WebPage`.
        """
        base = catalogue.namespaces.base
        names: dict[str, list[str]] = defaultdict(list)
        for entry in catalogue.entries.values():
            now = catalogue.current(entry)
            if now.in_use and not now.is_of(without):
                names[now.iri] += [*entry.names, *entry.hidden]
        numbers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in reader.rows(query_beside(__file__, "index_identifiers") % base):
            scheme = row["scheme"].value.rpartition("/")[2]
            numbers[row["entity"].value].append((scheme, row["notation"].value))
        others: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in reader.rows(query_beside(__file__, "index_others") % base):
            others[row["entity"].value][row["what"].value].add(row["other"].value)
            if row["what"].value == "apart":
                others[row["other"].value]["apart"].add(row["entity"].value)
        return cls.of(
            MatchCandidate(
                iri, tuple(dict.fromkeys((catalogue.entries[iri].label, *known))), catalogue.entries[iri].kind_labels,
                tuple(numbers[iri]), description=catalogue.entries[iri].description,
                kept_apart=frozenset(others[iri]["apart"]), part_of=frozenset(others[iri]["whole"]),
            )
            for iri, known in names.items()
        )  # fmt: skip

    def add(self, candidate: MatchCandidate) -> None:
        """Add a candidate with its names and identifiers."""
        self.candidates[candidate.iri] = candidate
        for each in candidate.identifiers:
            self.by_identifier[each].add(candidate.iri)
        for name in candidate.names:
            self.add_name(candidate.iri, name)

    def add_name(self, iri: str, name: str) -> None:
        """Add one name of a candidate that is in the index."""
        self.__dict__.pop("_weights", None)
        for each in keys(name):
            self.by_key[each].add(iri)
        number = len(self.names)
        words = frozenset(telling_words(folded(name)))
        self.names.append((iri, name))
        self._words.append(words)
        for word in words:
            self._having[word].append(number)
        for short in initials(name):
            self._abbreviated[short].append(number)

    @cached_property
    def _weights(self) -> dict[str, float]:
        """How much each word tells, in bits: one that few names have tells more."""
        count = Counter({word: len(numbers) for word, numbers in self._having.items()})
        return {word: math.log2(1 + len(self.names) / number) for word, number in count.items()}

    def alike(self, name: str) -> list[tuple[float, float, int]]:
        """Return names that share words with this one: how much of the known name, how much of this one, its number."""
        weights, unknown = self._weights, math.log2(1 + max(1, len(self.names)))
        plain = folded(name)
        said = dict.fromkeys(telling_words(plain))
        joined = self._joined(plain.split())
        shared: dict[int, float] = defaultdict(float)
        whole: dict[int, float] = {}
        total = 0.0
        for word in said:
            total += weights.get(word, unknown)
            reached: set[int] = set()
            for known, fit in self._spellings(word, joined):
                for number in self._having[known]:
                    if number not in reached:
                        reached.add(number)
                        shared[number] += weights[known] * fit
            for number in self._abbreviated.get(word, ()):
                whole[number] = max(whole.get(number, 0.0), _INITIALS)
        found = []
        for number, bits in shared.items():
            known_bits = sum(weights[word] for word in self._words[number])
            found.append((min(1.0, bits / (known_bits or 1)), min(1.0, bits / (total or 1)), number))
        found += [(fit, fit, number) for number, fit in whole.items()]
        return found

    def _spellings(self, word: str, joined: dict[str, list[str]]) -> list[tuple[str, float]]:
        """Return known words that a word may be, the likeliest first."""
        found = [(word, 1.0)] if word in self._having else []
        found += [(each, _JOINED) for each in joined.get(word, ())]
        if not found:
            near = process.extract(
                word, self._vocabulary, scorer=OSA.distance, score_cutoff=1 if len(word) < 8 else 2, limit=8
            )
            found += [(each, _SLIP) for each, _, _ in near if is_slip([word], [each])]
        return found

    @cached_property
    def _vocabulary(self) -> list[str]:
        return list(self._having)

    def _joined(self, words: list[str]) -> dict[str, list[str]]:
        """Return the known words that words make which are written together or apart otherwise."""
        found: dict[str, list[str]] = defaultdict(list)
        for one, other in itertools.pairwise(words):
            if one + other in self._having:
                found[one].append(one + other)
                found[other].append(one + other)
        for word in words:
            if word not in self._having:
                for at in range(3, len(word) - 2):
                    if word[:at] in self._having and word[at:] in self._having:
                        found[word] += [word[at:], word[:at]]
                    elif word[at:] in self._having and word[:at] == "the":
                        found[word].append(word[at:])
        return found
