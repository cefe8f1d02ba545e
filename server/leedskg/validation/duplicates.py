"""Likely duplicates: entities of a contribution that may be in the graph already, under a variant of their name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from leedskg.graph import ALT_LABEL, PREF_LABEL
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.naming import folded, initials, is_slip
from leedskg.validation.findings import Finding, Severity
from leedskg.validation.paths import PathStep
from leedskg.validation.states import State
from leedskg.validation.views import ChangedGraph

#: Words that a printed name may have or lack.
_FORMS = {
    *("the", "of", "and", "for", "at", "in", "a", "an", "on", "to", "by"),
    *("ltd", "limited", "plc", "llp", "lp", "inc", "co", "company", "cic", "uk", "gmbh", "group", "holdings"),
}
_TRUST = re.compile(r"\bnhs (foundation )?trust\b|\bnhs ft\b")
_WORD = re.compile(r"[a-z0-9]+")
_ACRONYM = re.compile(r"[A-Z][A-Z0-9&]{1,6}")
#: Letters of other alphabets by the Latin ones that they look like; what stands within words or parts none goes.
_LOOK_ALIKES = str.maketrans(
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0430\u0435"
    "\u0455\u0456\u0458\u043e\u0440\u0441\u0443\u0445\u04bb\u0501\u051b\u051d"  # Cyrillic
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd",  # Greek
    "ABESIJKMHOPCTYXaesijopcyxhdqwABEZHIKMNOPTYXov",
) | dict.fromkeys(map(ord, "’'."))
#: Below this likeness of two whole names, no misprint is thought of.
_LEAST = 88.0
#: Shorter words are told from others by each letter.
_SHORTEST = 5


@dataclass(frozen=True)
class Likeness:
    """Another entity that may be the same: how alike from 0 to 1, and why."""

    other: str
    name: str
    score: float
    why: str


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """Return the words that tell a name from others, in the order of the alphabet.

    Accents, case, punctuation, small words and legal forms do not, nor does the order: “University of Leeds” and
    “Leeds University” are one.
    """
    plain = folded(name.translate(_LOOK_ALIKES))
    plain = _TRUST.sub(" ", plain)
    found = _WORD.findall(plain)
    return tuple(sorted(word for word in found if word not in _FORMS) or sorted(found))


@dataclass
class NameIndex:
    """The names of the entities that are in the graph, ready to be compared with new ones."""

    _names: list[tuple[str, str]] = field(default_factory=list)
    _keys: list[str] = field(default_factory=list)
    _by_key: dict[str, list[int]] = field(default_factory=dict)
    _by_initials: dict[str, list[int]] = field(default_factory=dict)
    _acronyms: dict[str, list[int]] = field(default_factory=dict)
    _by_rest: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, triples: Iterable[ox.Triple], entities: str) -> NameIndex:
        """Index the labels and variants in these statements, of things whose IRIs begin with `entities`."""
        return cls().grown_to(triples, entities)

    def grown_to(self, triples: Iterable[ox.Triple], entities: str) -> NameIndex:
        """Return the index of these statements: this one with what is new, or another where something is gone."""
        wanted: dict[tuple[str, str], None] = {}
        for triple in triples:
            subject = triple.subject
            if isinstance(subject, ox.NamedNode) and subject.value.startswith(entities):
                assert isinstance(triple.object, ox.Literal)
                wanted[subject.value, triple.object.value] = None
        known = dict.fromkeys(self._names)
        index = self if known.keys() <= wanted.keys() else NameIndex()
        for entity, name in wanted:
            if index is not self or (entity, name) not in known:
                index.add(entity, name)
        return index

    def __iter__(self) -> Iterator[str]:
        """Yield the entities that have a name; one with two comes twice."""
        return (entity for entity, _ in self._names)

    def add(self, entity: str, name: str) -> None:
        """Add one name of an entity."""
        number = len(self._names)
        key = " ".join(words(name))
        self._names.append((entity, name))
        self._keys.append(key)
        self._by_key.setdefault(key, []).append(number)
        for part in _all_but_one(key):
            self._by_rest.setdefault(part, []).append(number)
        if _ACRONYM.fullmatch(name):
            self._acronyms.setdefault(name, []).append(number)
        for short in initials(name):
            self._by_initials.setdefault(short, []).append(number)

    def like(self, entity: str, name: str) -> Iterator[Likeness]:
        """Return entities of the index with a name like this one, other than the entity itself."""
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
            for number in self._by_initials.get(name.casefold(), ()):
                yield Likeness(*self._names[number], 0.75, f"{name} may stand for it")
        for short in initials(name):
            for number in self._acronyms.get(short.upper(), ()):
                yield Likeness(*self._names[number], 0.75, f"{short.upper()} may stand for the new name")
        near = {number for part in _all_but_one(key) for number in self._by_rest.get(part, ())}
        for _, score, number in process.extract(
            key, {each: self._keys[each] for each in near}, scorer=fuzz.ratio, score_cutoff=_LEAST, limit=20
        ):
            if self._keys[number] != key and is_slip(key.split(), self._keys[number].split()):
                yield Likeness(*self._names[number], round(score / 100 * 0.95, 2), "a letter or two apart")


def _all_but_one(key: str) -> Iterator[str]:
    """Give what is left of a name without each word that may be misprinted, and the name without spaces.

    Two names of which one may be a misprint of the other have one of these in common, so that a name is held to a few
    others and not to all.
    """
    yield key.replace(" ", "")
    said = key.split()
    for word in set(said):
        if len(word) >= _SHORTEST and not any(character.isdigit() for character in word):
            yield f"{len(said)} {' '.join(sorted(set(said) - {word}))}"


def names_in(triples: Iterable[ox.Triple]) -> dict[str, list[str]]:
    """Return the names that these statements give, by entity."""
    found: dict[str, list[str]] = {}
    for triple in triples:
        if triple.predicate.value in (PREF_LABEL, ALT_LABEL) and isinstance(triple.subject, ox.NamedNode):
            assert isinstance(triple.object, ox.Literal)
            found.setdefault(triple.subject.value, []).append(triple.object.value)
    return found


_RULE = "likely duplicate"
_IDENTIFIER = REUSED["adms"] + "identifier"
_NOTATION = REUSED["skos"] + "notation"
_REPLACED = REUSED["dcterms"] + "isReplacedBy"
#: A thing of another kind with the same name, such as a product and the company behind it, is likely no duplicate.
_OTHER_KIND = 0.6


class Guesses:
    """Compares the names and identifiers that a contribution gives with those that are there."""

    def __init__(self, index: NameIndex, change: ChangedGraph, scoped: Knowledge) -> None:
        self._index, self._change, self._knowledge = index, change, scoped
        self._graph = scoped.graph
        state = scoped.graph.statements
        assert isinstance(state, State)
        self._state = state
        self.compared = 0

    def run(self) -> Iterator[Finding]:
        """Yield a finding for each other entity that an added or renamed one may be."""
        fresh = NameIndex()
        named = names_in(self._change.added)
        found: dict[tuple[str, str], Likeness] = {}
        for entity, names in named.items():
            if not entity.startswith(self._knowledge.namespaces.entity("")):
                continue
            for name in names:
                self.compared += 1
                for likeness in (*self._index.like(entity, name), *fresh.like(entity, name)):
                    self._keep(found, entity, likeness)
                fresh.add(entity, name)
        for entity, likeness in self._by_identifier():
            self._keep(found, entity, likeness)
        for (entity, _), likeness in found.items():
            yield self._finding(entity, likeness)

    def _keep(self, found: dict[tuple[str, str], Likeness], entity: str, likeness: Likeness) -> None:
        pair = (entity, likeness.other)
        if entity == likeness.other or self._told_apart(*pair):
            return
        if pair not in found or found[pair].score < likeness.score:
            found[pair] = likeness

    def _told_apart(self, one: str, other: str) -> bool:
        """Return whether somebody has decided: kept apart, or replaced by the other; or the other is no more."""
        state = self._state
        apart = self._knowledge.namespaces.term("keptApartFrom")
        decided = (apart, _REPLACED)
        return other not in state or any(
            second in state.texts(first, predicate)
            for first, second in ((one, other), (other, one))
            for predicate in decided
        )

    def _by_identifier(self) -> Iterator[tuple[str, Likeness]]:
        """Return entities that are given an identifier which another has, in the same register; places share codes."""
        state, scheme = self._state, self._knowledge.namespaces.term("identifierScheme")
        for triple in self._change.added:
            if triple.predicate.value != _IDENTIFIER:
                continue
            entity, identifier = triple.subject.value, triple.object.value  # type: ignore[union-attr]
            for notation in state.values(identifier, _NOTATION):
                for same in self._change.step(notation, _inverse(_NOTATION)):
                    other_identifier = same.subject.value  # type: ignore[union-attr]
                    if state.texts(other_identifier, scheme) != state.texts(identifier, scheme):
                        continue
                    for other in state.pointing(other_identifier, _IDENTIFIER):
                        register = self._graph.label(state.text(identifier, scheme) or "")
                        name = state.text(other, PREF_LABEL) or other
                        yield entity, Likeness(other, name, 1.0, f"the same identifier in {register}")

    def _finding(self, entity: str, likeness: Likeness) -> Finding:
        graph, shorten = self._graph, self._knowledge.namespaces.shorten
        same_kind = self._kinds(entity) & self._kinds(likeness.other)
        score = likeness.score if same_kind else round(likeness.score * _OTHER_KIND, 2)
        other = graph.label(likeness.other)
        aside = "" if same_kind else ", though it is a thing of another kind"
        return Finding(
            Severity.WARNING if same_kind else Severity.INFO, entity, graph.label(entity),
            f"This may be {other} ({shorten(likeness.other)}), which is there already: {likeness.why}{aside}. If it "
            "is, use that entity and add the printed name to it as skos:altLabel. If the two differ, say so with "
            "lhi:keptApartFrom.",
            _RULE, "label", likeness.name, property_iri=PREF_LABEL, other=likeness.other, score=score,
        )  # fmt: skip

    def _kinds(self, entity: str) -> set[str]:
        """Return the kinds of an entity that are narrower than entity itself."""
        entity_kind = self._knowledge.namespaces.term("Entity")
        kinds = self._state.texts(entity, RDF_TYPE)
        return {wider for kind in kinds for wider in self._knowledge.ontology.wider(kind)} - {entity_kind}


def _inverse(predicate: str) -> PathStep:
    return PathStep(predicate, inverse=True)
