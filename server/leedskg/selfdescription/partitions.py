"""Which classes have which properties, that lead to which classes or datatypes: counted, as VoID partitions.

Counts are sums over subjects, so that after a change only the subjects are counted again that it touches: before and
after. Classes are ours, or another vocabulary's for what has none of ours; those of ontologies and descriptions are
left out, so that what describes the graph does not count itself. Where a property leads to is said of the narrowest
classes alone, at both ends: of all, it would be half as large as the graph.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

import pyoxigraph as ox

from leedskg.namespaces import REUSED
from leedskg.selfdescription.terms import VOID_EXT, iri, number, say

#: What is counted: a class; its property; the class or datatype that this leads to; the site of a link.
Key = tuple[str, ...]
Counts = Counter[Key]
Kinds = frozenset[str]
#: How many statements there are by the kinds of the subject, the property, and what this leads to.
_Alike = Counter[tuple[Kinds, str, Kinds | str]]

_TYPE, _SUBCLASS, _SAME_AS = iri("rdf:type"), iri("rdfs:subClassOf"), iri("schema:sameAs")
_DEFAULT = ox.DefaultGraph()
_LEFT_OUT = tuple(REUSED[name] for name in ("owl", "rdfs", "rdf", "sh", "void"))
#: Subjects that are counted again; beyond, counting all of them is as quick.
_MOST = 200_000
_LINKS, _CLASS, _DATATYPE = "links", "class", "datatype"


class _Counting:
    """Counts the subjects of one united store."""

    def __init__(self, store: ox.Store, base: str) -> None:
        self._store = store
        self._ours = f"{base}def#"
        self._wider: dict[str, set[str]] = {}
        for quad in store.quads_for_pattern(None, _SUBCLASS, None, _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                self._wider.setdefault(quad.subject.value, set()).add(quad.object.value)
        self._narrow: dict[Kinds, Kinds] = {}
        self._known: dict[ox.NamedNode, Kinds] = {}

    def of_all(self) -> Counts:
        """Count every subject."""
        types: dict[ox.NamedNode, set[str]] = {}
        for quad in self._store.quads_for_pattern(None, _TYPE, None, _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                types.setdefault(quad.subject, set()).add(quad.object.value)
        kinds = {subject: its for subject, told in types.items() if (its := self._kinds(told))}
        found: Counts = Counter((kind,) for each in kinds.values() for kind in each)
        alike: _Alike = Counter()
        for quad in self._store.quads_for_pattern(None, None, None, _DEFAULT):
            found.update(_links(quad))
            if mine := kinds.get(quad.subject):  # type: ignore[arg-type]
                alike[mine, quad.predicate.value, _end(quad.object, kinds.get(quad.object))] += 1  # type: ignore[arg-type]
        return self._spread(found, alike)

    def of_each(self, subjects: Iterable[ox.NamedNode]) -> Counts:
        """Count some subjects."""
        found: Counts = Counter()
        alike: _Alike = Counter()
        for subject in subjects:
            quads = list(self._store.quads_for_pattern(subject, None, None, _DEFAULT))
            mine = self._known[subject] = self._kinds_in(quads)
            for kind in mine:
                found[kind,] += 1
            for quad in quads:
                found.update(_links(quad))
                if mine:
                    there = self._kinds_of(quad.object) if isinstance(quad.object, ox.NamedNode) else None
                    alike[mine, quad.predicate.value, _end(quad.object, there)] += 1
        return self._spread(found, alike)

    def _spread(self, found: Counts, alike: _Alike) -> Counts:
        """Add to counts those of statements that are alike in the kinds at both ends and in their property."""
        for (mine, name, end), times in alike.items():
            for key in self._keys(mine, name, end):
                found[key] += times
        return found

    def _kinds_of(self, subject: ox.NamedNode) -> Kinds:
        found = self._known.get(subject)
        if found is None:
            found = self._kinds_in(self._store.quads_for_pattern(subject, _TYPE, None, _DEFAULT))
            self._known[subject] = found
        return found

    def _kinds_in(self, quads: Iterable[ox.Quad]) -> Kinds:
        """Return the kinds of a thing by what is said of it."""
        return self._kinds(
            {quad.object.value for quad in quads if quad.predicate == _TYPE and isinstance(quad.object, ox.NamedNode)}
        )

    def _kinds(self, told: set[str]) -> Kinds:
        kept = {each for each in told if not each.startswith(_LEFT_OUT)}
        return frozenset({each for each in kept if each.startswith(self._ours)} or kept)

    def _keys(self, mine: Kinds, name: str, end: Kinds | str) -> Iterator[Key]:
        yield from ((kind, name) for kind in mine)
        for kind in self._narrowest(mine):
            if isinstance(end, str):
                if end:
                    yield kind, name, _DATATYPE, end
            else:
                yield from ((kind, name, _CLASS, each) for each in self._narrowest(end))

    def _narrowest(self, kinds: Kinds) -> Kinds:
        if kinds not in self._narrow:
            self._narrow[kinds] = kinds - {wider for each in kinds for wider in self._all_wider(each)}
        return self._narrow[kinds]

    def _all_wider(self, kind: str) -> set[str]:
        found: set[str] = set()
        waiting = [kind]
        while waiting:
            new = self._wider.get(waiting.pop(), set()) - found - {kind}
            found |= new
            waiting.extend(new)
        return found


def counted(store: ox.Store, base: str) -> Counts:
    """Count the partitions of a united store."""
    return _Counting(store, base).of_all()


def statements(counts: Mapping[Key, int], base: str) -> list[ox.Triple]:
    """Return the statements of `graph/void` on these counts."""
    return [triple for key, times in sorted(counts.items()) if times for triple in _of_key(key, times, base)]


def difference(
    store: ox.Store, before: ox.Store, changed: Collection[ox.Triple | ox.Quad] | None, base: str
) -> tuple[list[ox.Triple], list[ox.Triple]]:
    """Return the statements on partitions that go and that come, by a change from one store to another."""
    touched = None if changed is None else _touched(changed, store, before)
    old, new = _Counting(before, base), _Counting(store, base)
    if touched is None:
        was, now = old.of_all(), new.of_all()
    else:
        was, now = old.of_each(touched), new.of_each(touched)
    keys = {key for key in was | now if was[key] != now[key]}
    if touched is not None:
        held = {key: _held(before, key, base) for key in keys}
        now = Counter({key: held[key] + now[key] - was[key] for key in keys})
        was = Counter(held)
    gone = [triple for key in keys if was[key] for triple in _of_key(key, was[key], base)]
    come = [triple for key in keys if now[key] for triple in _of_key(key, now[key], base)]
    stays = set(gone) & set(come)
    return [each for each in gone if each not in stays], [each for each in come if each not in stays]


def _touched(changed: Collection[ox.Triple | ox.Quad], *stores: ox.Store) -> set[ox.NamedNode] | None:
    """Find the subjects that a change touches: its own, and what leads to those whose classes it changes."""
    found = {each.subject for each in changed if isinstance(each.subject, ox.NamedNode)}
    types = [each for each in changed if each.predicate in {_TYPE, _SUBCLASS}]
    if any(each.predicate == _SUBCLASS for each in types):
        return None
    for subject in {each.subject for each in types if isinstance(each.subject, ox.NamedNode)}:
        for store in stores:
            quads = store.quads_for_pattern(None, None, subject, _DEFAULT)
            found |= {quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)}
        if len(found) > _MOST:
            return None
    return found


def _held(store: ox.Store, key: Key, base: str) -> int:
    node = ox.NamedNode(_node(key, base))
    size = iri("void:entities" if len(key) == 1 else "void:triples")
    return next((int(quad.object.value) for quad in store.quads_for_pattern(node, size, None, _DEFAULT)), 0)  # type: ignore[union-attr]


def _end(value: object, kinds: Kinds | None) -> Kinds | str:
    return value.datatype.value if isinstance(value, ox.Literal) else kinds or ""


def _links(quad: ox.Quad) -> Iterator[Key]:
    """Yield the key of a link to another site."""
    if quad.predicate == _SAME_AS and isinstance(quad.object, ox.NamedNode):
        yield _LINKS, "/".join([*quad.object.value.split("/", 3)[:3], ""])


def _node(key: Key, base: str) -> str:
    return f"{base}graph/void#{hashlib.sha256(chr(0).join(key).encode()).hexdigest()[:12]}"


def _of_key(key: Key, times: int, base: str) -> list[ox.Triple]:
    """Return what is said of one partition, and what ties it to the one that it is part of."""
    node, whole = _node(key, base), f"{base}dataset"
    if key[0] == _LINKS:
        return say(whole, ("void:subset", iri(node))) + say(
            node,
            ("rdf:type", iri("void:Linkset")),
            ("void:subjectsTarget", iri(whole)),
            ("void:objectsTarget", ox.NamedNode(key[1])),
            ("void:linkPredicate", _SAME_AS),
            ("void:triples", number(times)),
        )
    if len(key) == 1:
        return [
            *say(whole, ("void:classPartition", iri(node))),
            *say(node, ("void:class", ox.NamedNode(key[0])), ("void:entities", number(times))),
        ]
    if len(key) == 2:
        return [
            *say(_node(key[:1], base), ("void:propertyPartition", iri(node))),
            *say(node, ("void:property", ox.NamedNode(key[1])), ("void:triples", number(times))),
        ]
    ext = f"{VOID_EXT}datatype"
    tie, names = ("void:classPartition", "void:class") if key[2] == _CLASS else (f"{ext}Partition", ext)
    return [
        *say(_node(key[:2], base), (tie, iri(node))),
        *say(node, (names, ox.NamedNode(key[3])), ("void:triples", number(times))),
    ]
