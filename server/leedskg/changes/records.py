"""What a change does to records: which are added, changed, retired, restored or removed, each with its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import pyoxigraph as ox

from leedskg.changes.patch import Patch
from leedskg.namespaces import RDF_TYPE, REUSED, SELF_DESCRIPTION, Namespaces

_LABELS = tuple(
    ox.NamedNode(iri) for iri in (REUSED["skos"] + "prefLabel", REUSED["rdfs"] + "label", REUSED["dcterms"] + "title")
)
_DEPRECATED = ox.NamedNode(REUSED["owl"] + "deprecated")
_REPLACED = ox.NamedNode(REUSED["dcterms"] + "isReplacedBy")
_SOURCE = ox.NamedNode(REUSED["oa"] + "hasSource")
#: In the order in which they are told.
WHAT = ("added", "changed", "retired", "restored", "removed")
#: Names that a description of a record tells before it says how many more there are.
_MOST_NAMES = 4
_REMEMBERED = 5_000


@dataclass(frozen=True, order=True)
class RecordChange:
    """What became of one record."""

    iri: str
    #: One of `WHAT`.
    what: str
    #: The word for its kind, such as “partnership”; empty where the graph has none.
    kind: str
    label: str
    #: The entities that it is, or that it is about.
    about: tuple[str, ...] = ()


def changed_records(
    patch: Patch, before: ox.Store | None, after: ox.Store, namespaces: Namespaces
) -> list[RecordChange]:
    """Return what a patch does to each record of ours, in the order of their IRIs.

    What rules derive and what is said of contributions is left out: it follows from the rest.
    """
    unsaid = {namespaces.graph(name) for name in ("inferred", "provenance", *SELF_DESCRIPTION)}

    def stated(quads: Sequence[ox.Quad]) -> list[ox.Quad]:
        return [quad for quad in quads if str(getattr(quad.graph_name, "value", "")) not in unsaid]

    gone, come = stated(patch.removed), stated(patch.added)
    marks = _Marks(namespaces)
    retired = {marks.record(quad) for quad in come if marks.retires(quad)}
    restored = {marks.record(quad) for quad in gone if marks.retires(quad)} - retired
    names = {name for quad in (*gone, *come) if (name := marks.record(quad))}
    then = _RecordNames(before, namespaces) if before is not None else None
    # All that is said of what nothing was said of before is in the patch, and is not read again.
    fresh: dict[str, list[ox.Quad]] = {}
    for quad in come:
        if isinstance(quad.subject, ox.NamedNode):
            fresh.setdefault(quad.subject.value, []).append(quad)
    new = {iri: said for iri, said in fresh.items() if then is None or not then.has(iri)}
    now = _RecordNames(after, namespaces, new)
    found = []
    for name in sorted(names):
        is_there = now.has(name)
        was_there = then is not None and then.has(name)
        if not is_there:
            what = "removed"
        elif name in retired:
            what = "retired"
        elif not was_there:
            what = "added"
        else:
            what = "restored" if name in restored else "changed"
        source = now if is_there or then is None else then
        found.append(RecordChange(name, what, source.kind(name), source.label(name), source.about(name)))
    return found


def in_words(records: Iterable[RecordChange]) -> list[str]:
    """Return sentences that count what was done by kind of record, such as “Added: company (3), partnership (1)”."""
    counts: dict[str, Counter[str]] = {}
    for each in records:
        counts.setdefault(each.what, Counter())[each.kind or "record"] += 1
    told = []
    for what in WHAT:
        if what in counts:
            kinds = ", ".join(f"{kind} ({number:,})" for kind, number in sorted(counts[what].items()))
            told.append(f"{what.capitalize()}: {kinds}.")
    return told


class _Marks:
    """What a statement says of its record by itself."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._rank = ox.NamedNode(namespaces.term("rank"))
        self._no_rank = ox.NamedNode(namespaces.concept("rank", "deprecated"))

    def record(self, quad: ox.Quad) -> str:
        """Return the IRI of the record that a statement belongs to; nothing for one that is not of ours."""
        if not isinstance(quad.subject, ox.NamedNode):
            return ""
        iri = quad.subject.value
        local = self._namespaces.local(iri)
        if local is None or local.startswith("graph/"):
            return ""
        return iri if local.startswith("def#") else iri.partition("#")[0]

    def retires(self, quad: ox.Quad) -> bool:
        if quad.predicate == self._rank:
            return quad.object == self._no_rank
        is_mark = quad.predicate == _DEPRECATED and getattr(quad.object, "value", "") in {"true", "1"}
        return is_mark or quad.predicate == _REPLACED


class _RecordNames:
    """The names of records in one state of the graph; what is said of those that are `known` is not read from it."""

    def __init__(
        self, store: ox.Store, namespaces: Namespaces, known: Mapping[str, list[ox.Quad]] = MappingProxyType({})
    ) -> None:
        self._store, self._namespaces = store, namespaces
        self._unsaid = {ox.NamedNode(namespaces.graph(name)) for name in ("inferred", *SELF_DESCRIPTION)}
        self._entity = namespaces.entity("")
        #: A record is asked for kind, name and what it is about, and many are about the same.
        self._known = known
        self._said = lru_cache(maxsize=_REMEMBERED)(self._read)

    def has(self, iri: str) -> bool:
        return bool(self._said(iri))

    def kind(self, iri: str) -> str:
        for quad in self._stated(iri, ox.NamedNode(RDF_TYPE)):
            if isinstance(quad.object, ox.NamedNode) and self._namespaces.local(quad.object.value):
                return self._name(quad.object.value)
        return ""

    def label(self, iri: str) -> str:
        """Return its label, or what it is about in words, or its short IRI."""
        if label := self._name(iri):
            return label
        about = [name for each in self.about(iri) if (name := self._name(each))]
        about += [name for quad in self._stated(iri, _SOURCE) if (name := self._name(_value(quad)))]
        if about:
            more = len(about) - _MOST_NAMES
            return ", ".join(about[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
        return self._namespaces.shorten(iri)

    def about(self, iri: str) -> tuple[str, ...]:
        """Return the entities that a record is or names, through its parts too."""
        found: dict[str, None] = {iri: None} if iri.startswith(self._entity) else {}
        for quad in self._stated(iri):
            value = _value(quad)
            parts = [_value(part) for part in self._stated(value)] if value.startswith(f"{iri}#") else [value]
            found |= {each: None for each in sorted(parts) if each.startswith(self._entity) and "#" not in each}
        return tuple(found)

    def _name(self, iri: str) -> str:
        for predicate in _LABELS:
            for quad in self._stated(iri, predicate):
                if isinstance(quad.object, ox.Literal):
                    return quad.object.value
        return ""

    def _stated(self, iri: str, predicate: ox.NamedNode | None = None) -> Iterator[ox.Quad]:
        """Yield what is said of an IRI in the graphs of files and contributions, in the order of the text."""
        return (each for each in self._said(iri) if predicate is None or each.predicate == predicate)

    def _read(self, iri: str) -> list[ox.Quad]:
        if iri in self._known:
            return self._known[iri]
        found = self._store.quads_for_pattern(ox.NamedNode(iri), None, None, None)
        named = (each for each in found if isinstance(each.graph_name, ox.NamedNode))
        return sorted((each for each in named if each.graph_name not in self._unsaid), key=str)


def _value(quad: ox.Quad) -> str:
    return quad.object.value if isinstance(quad.object, ox.NamedNode) else ""
