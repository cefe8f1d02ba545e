"""The names in the graph: finding an entity by label, variant or IRI, and searching for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz, process

from leedskg.errors import Candidate, UnknownNameError
from leedskg.graph import follow_replacements
from leedskg.kinds import ORGANISATIONS, class_name
from leedskg.namespaces import Namespaces
from leedskg.naming import begin, beginnings, folded, initials, is_slip, respelt, telling_words
from leedskg.query_files import query_beside
from leedskg.store import Reader

#: How well a name with the same telling words fits: nearly as one written so, and better than any that goes on.
_SAME_WORDS = 1.9
#: How well a name fits, at least, that has the words as they should have been spelt; at most a tenth more.
_RESPELT = 0.3
#: From 0 to 100, how alike two names look at least for one to be offered for the other.
_ALIKE = 80


@dataclass(frozen=True)
class CatalogueEntry:
    """An entity in the catalogue: its IRI, names, and kinds as classes and in words; `hidden` names find it only.

    `replaced_by` is the entity that is in use in its place, at the end of however many replacements.
    """

    iri: str
    label: str
    variants: tuple[str, ...]
    kinds: tuple[str, ...]
    kind_labels: tuple[str, ...]
    description: str = ""
    replaced_by: str = ""
    #: Whether it was retired: no list or count has it, and whoever looks for it by name is told.
    retired: bool = False
    hidden: tuple[str, ...] = ()

    @property
    def in_use(self) -> bool:
        """Whether it is neither retired nor replaced: what lists, counts and choices have."""
        return not self.retired and not self.replaced_by

    @property
    def kind(self) -> str:
        """The kinds in words, such as `university` or `facility, organisational collaboration`."""
        return ", ".join(self.kind_labels)

    @property
    def names(self) -> tuple[str, ...]:
        """The label and every variant."""
        return (self.label, *self.variants)

    @property
    def actor(self) -> bool:
        """Whether it is a body that acts: an organisation of some kind, and not a place, product or figure."""
        return self.is_of(ORGANISATIONS)

    def is_of(self, classes: Collection[str]) -> bool:
        """Return whether it is of any of these classes, such as `University`."""
        return any(class_name(kind) in classes for kind in self.kinds)


@dataclass(frozen=True)
class KindCount:
    """A kind in words and as a class, and how many entities are of it."""

    label: str
    iri: str
    number: int


@dataclass(frozen=True)
class Match:
    """An entity that a search found, and by which of its names."""

    entry: CatalogueEntry
    name: str
    score: float


class _NameIndex:
    """Entries by each of their names."""

    def __init__(self, entries: Iterable[CatalogueEntry]) -> None:
        self.by_label: dict[str, list[CatalogueEntry]] = {}
        self.with_kind: dict[str, list[CatalogueEntry]] = {}
        self.by_name: dict[str, list[CatalogueEntry]] = {}
        self.by_words: dict[tuple[str, ...], list[CatalogueEntry]] = {}
        self.by_initials: dict[str, list[CatalogueEntry]] = {}
        self.folded: list[tuple[str, str, CatalogueEntry]] = []
        #: How many names have each word.
        self.words: Counter[str] = Counter()
        for entry in entries:
            self.by_label.setdefault(folded(entry.label), []).append(entry)
            self.with_kind.setdefault(folded(f"{entry.label} ({entry.kind})"), []).append(entry)
            for name in dict.fromkeys((*entry.names, *entry.hidden)):
                plain = folded(name)
                _note(self.by_name, plain, entry)
                _note(self.by_words, telling_words(plain), entry)
                for short in initials(name):
                    _note(self.by_initials, short, entry)
                self.folded.append((plain, name, entry))
                self.words.update(plain.split())


@dataclass
class Catalogue:
    """Every entity of one generation by name."""

    namespaces: Namespaces
    entries: dict[str, CatalogueEntry]
    #: Every kind that an entity may have, be there one or not: the class, and its words.
    kind_labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ends = follow_replacements({entry.iri: entry.replaced_by for entry in self.entries.values()}, self.entries)
        self.entries = {
            iri: entry if entry.replaced_by == ends.get(iri, "") else replace(entry, replaced_by=ends.get(iri, ""))
            for iri, entry in self.entries.items()
        }

    @cached_property
    def _names(self) -> _NameIndex:
        """The entries by their names, for whoever looks for one: who only goes through all needs none."""
        return _NameIndex(self.entries.values())

    @classmethod
    def read(cls, reader: Reader, namespaces: Namespaces) -> Catalogue:
        """Read every entity with its names and narrowest kinds from the published graph."""
        gathered: dict[str, dict[str, set[str]]] = {}
        # Two questions: as one, with UNION, they took four times as long (12,500 entities).
        for query in ("catalogue_names", "catalogue_kinds_of"):
            for row in reader.rows(query_beside(__file__, query) % namespaces.base):
                about = gathered.setdefault(row["entity"].value, {})
                about.setdefault(row["what"].value, set()).add(row["value"].value)
        kinds_query = query_beside(__file__, "catalogue_kinds") % namespaces.base
        kind_labels = {row["kind"].value: row["label"].value for row in reader.rows(kinds_query)}
        entries = {}
        for iri, about in gathered.items():
            label = min(about.get("label") or {namespaces.shorten(iri)})
            kinds = sorted(about.get("kind", ()))
            entries[iri] = CatalogueEntry(
                iri,
                label,
                tuple(sorted(about.get("variant", set()) - {label})),
                tuple(kinds),
                tuple(kind_labels.get(kind) or namespaces.shorten(kind) for kind in kinds),
                min(about.get("description", {""})),
                min(about.get("replacement", {""})),
                "true" in about.get("retired", ()),
                hidden=tuple(sorted(about.get("hidden", set()))),
            )
        in_order = dict(sorted(entries.items(), key=lambda item: (folded(item[1].label), item[0])))
        return cls(namespaces, in_order, kind_labels)

    @cached_property
    def kinds(self) -> tuple[KindCount, ...]:
        """Every kind that an entity is of, by its label; replaced and retired entities do not count."""
        entries = [entry for entry in self.entries.values() if entry.in_use]
        found = Counter(kind for entry in entries for kind in zip(entry.kind_labels, entry.kinds, strict=True))
        return tuple(KindCount(label, iri, number) for (label, iri), number in sorted(found.items()))

    def find(self, name: str, *, guessing: bool = True) -> CatalogueEntry:
        """Return the one entity that goes by this name; a replaced one gives its replacement.

        An IRI, a short IRI (`id:nexus`) and the last part of one are names too, and so is a name with its kind in
        brackets. A label written exactly so comes before labels and variants that differ in case or accents, and those
        before what has the same telling words (“Univ Leeds”). When `guessing`, what has the letters as its initials, or
        is a slip of the pen away, is taken where it is the only one. Raises UnknownNameError, with candidates, for a
        name that fits none or several.
        """
        name = name.strip()
        if not name:
            raise UnknownNameError("Give the name of an organisation, facility or programme.")
        entry = self._by_iri(name)
        if entry is None:
            found = self._by_text(name) or self._reworded(name) or (self._guessed(name) if guessing else [])
            if len(found) > 1:
                raise UnknownNameError(
                    f"“{name}” is a name of {len(found)} entities; say which one is meant.",
                    candidates=_candidates(found),
                    ambiguous=True,
                )
            if not found:
                near = [match.entry for match in self.search(name, 6)]
                hint = "It may be one of these." if near else "Try a part of the name."
                raise UnknownNameError(f"We could not find “{name}”. {hint}", candidates=_candidates(near))
            entry = found[0]
        return self.current(entry)

    def current(self, entry: CatalogueEntry) -> CatalogueEntry:
        """Return the entity that is in use in place of this one, which is itself where nothing replaced it."""
        return self.entries.get(entry.replaced_by, entry)

    def is_guess(self, name: str) -> bool:
        """Return whether `find` would have to guess: the name is nobody's as it is, nor with the same telling words."""
        return not self.known(name)

    def named(self, name: str) -> list[CatalogueEntry]:
        """Return every entity that a name may mean, without a look for similar ones."""
        entry = self._by_iri(name.strip())
        return [entry] if entry else self._by_text(name.strip())

    def known(self, name: str) -> list[CatalogueEntry]:
        """Return every entity that goes by a name or by its telling words, without a guess or a look for candidates."""
        return self.named(name) or self._reworded(name)

    def unique_name(self, entry: CatalogueEntry) -> str:
        """Return a name by which `find` gives this very entity: the label, with the kind where others share it."""
        for name in (entry.label, f"{entry.label} ({entry.kind})"):
            if self._by_text(name) == [entry]:
                return name
        return self.namespaces.shorten(entry.iri)

    def _by_text(self, name: str) -> list[CatalogueEntry]:
        """Return the entities that a name may mean, by the strictest reading that has any."""
        alike = self._names.by_label.get(folded(name), [])
        exact = [entry for entry in alike if entry.label == name]
        with_kind = [entry for entry in self._names.with_kind.get(folded(name), []) if not alike]
        found = exact or alike or with_kind or self._names.by_name.get(folded(name), [])
        return list({entry.iri: entry for entry in map(self.current, found)}.values())

    def _reworded(self, name: str) -> list[CatalogueEntry]:
        """Return the entities that go by the words of a name that tell, in any order and form."""
        return self._in_use(self._names.by_words.get(telling_words(folded(name)), []))

    def _guessed(self, name: str) -> list[CatalogueEntry]:
        """Return the entities that an abbreviation may stand for, else those whose name it is but for a slip."""
        words = telling_words(folded(name))
        return self._in_use(self._names.by_initials.get(folded(name), [])) or self._in_use(
            entry for known, entries in self._names.by_words.items() if is_slip(words, known) for entry in entries
        )

    def _in_use(self, entries: Iterable[CatalogueEntry]) -> list[CatalogueEntry]:
        """Return what is in use in place of each of these, once."""
        now = {entry.iri: entry for entry in map(self.current, entries)}
        return [entry for entry in now.values() if entry.in_use]

    def _by_iri(self, name: str) -> CatalogueEntry | None:
        prefix, colon, local = name.strip("<>").partition(":")
        if colon and prefix in self.namespaces.prefixes:
            return self.entries.get(self.namespaces.prefixes[prefix] + local)
        return self.entries.get(name.strip("<>")) or self.entries.get(self.namespaces.entity(name))

    def search(self, text: str, limit: int = 50, kind: str = "") -> list[Match]:
        """Return entities with a name that has every word of `text`, the closest first; a near miss when none has.

        Where none has them as they are, plurals count for the beginnings that they share, then the words that tell,
        initials, and the words without slips of the pen; names that merely look alike only where these find nothing.
        `kind` is the IRI of a class: only its entities count. An empty text finds every entity of the kind. The name
        of a replaced entity finds its replacement.
        """
        words = folded(text).split()
        best = self._fitting(words, kind) or self._fitting(beginnings(words), kind)
        for entry in self._reworded(text) if words else ():
            found = best.get(entry.iri)
            if (not kind or kind in entry.kinds) and (found is None or found.score < _SAME_WORDS):
                best[entry.iri] = Match(entry, entry.label, _SAME_WORDS)
        if not best and words and limit > 0:
            for meant in (self._written_otherwise(text), self._near(text, limit)):
                for score, name, named in meant:
                    for entry in self._in_use([named]):
                        if not kind or kind in entry.kinds:
                            best.setdefault(entry.iri, Match(entry, name, score))
                if best:
                    break
        return sorted(best.values(), key=lambda match: (-match.score, folded(match.entry.label), match.entry.iri))[
            :limit
        ]

    def _written_otherwise(self, text: str) -> Iterator[tuple[float, str, CatalogueEntry]]:
        """Yield what may go by the text: by its initials, by names with all of its words and more, by slips."""
        words = telling_words(folded(text))
        meant = [(0.8 if folded(text) in self._names.by_initials else 0.4, entry) for entry in self._guessed(text)]
        meant += [
            (0.6, entry) for known, found in self._names.by_words.items() if {*words} <= {*known} for entry in found
        ]
        for score, entry in meant:
            yield score, entry.label, entry
        if meant_words := self.respelt(text).split():
            for match in self._fitting(meant_words, "").values():
                yield _RESPELT + match.score / 30, match.name, match.entry

    def respelt(self, text: str, others: Iterable[str] = ()) -> str:
        """Return a text, folded, with each word that begins none of the names replaced by the one it is a slip of.

        `others` are further texts whose words are known, such as labels of themes. Nothing where no word is a slip.
        """
        known = self._names.words + Counter(word for other in others for word in folded(other).split())
        found = respelt(folded(text).split(), known)
        return "" if found == folded(text).split() else " ".join(found)

    def _near(self, text: str, limit: int) -> Iterator[tuple[float, str, CatalogueEntry]]:
        """Return names that look like the text: it would not be a slip in a name, but in one of its parts.

        A name of less than half its length looks like a piece of it, as BT does of “diabtes”.
        """
        names = [plain if 2 * len(plain) > len(text) else "" for plain, _, _ in self._names.folded]
        found = process.extract(folded(text), names, scorer=fuzz.WRatio, score_cutoff=_ALIKE, limit=limit)
        for _, score, number in found:
            yield score / 1000, self._names.folded[number][1], self._names.folded[number][2]

    def _fitting(self, words: list[str], kind: str) -> dict[str, Match]:
        """Return entities with a name that has these words, each with the name that fits best, by IRI."""
        best: dict[str, Match] = {}
        for plain, name, named in self._names.folded:
            entry = self.current(named)
            if (kind and kind not in entry.kinds) or (not named.in_use and not words):
                continue
            score = _score(plain, words)
            if score and score > (best[entry.iri].score if entry.iri in best else 0):
                best[entry.iri] = Match(entry, name, score)
        return best


def _note(names: dict[Any, list[CatalogueEntry]], name: object, entry: CatalogueEntry) -> None:
    """Add an entity under a name, once."""
    found = names.setdefault(name, [])
    if entry not in found:
        found.append(entry)


def _score(name: str, words: list[str]) -> float:
    """Score how a folded name fits the words, 0 for not at all: whole names first, then beginnings, then shorter."""
    if not words:
        return 1.0
    if not begin(words, name.split()):
        return 0.0
    text = " ".join(words)
    return (2.0 if name == text else 1.0 if name.startswith(text) else 0.5) + len(text) / (10.0 * max(len(name), 1))


def _candidates(entries: Iterable[CatalogueEntry]) -> tuple[Candidate, ...]:
    unique = {entry.iri: entry for entry in entries}
    return tuple(Candidate(entry.iri, entry.label, entry.kind) for entry in unique.values())
