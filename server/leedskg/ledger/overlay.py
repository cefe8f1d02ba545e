"""The graph with changes laid upon it: upon a published generation as it is read, or upon the files as they were read.

A published generation is not copied: a record is read when it is asked for, so that what a contribution costs goes by
what it says and not by how much is there. The files are laid over as a whole, for a build of everything and an export.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from leedskg.errors import KnowledgeError
from leedskg.graph import CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.ledger.model import Operation, RecordedStatement
from leedskg.namespaces import Namespaces
from leedskg.statements import StatementFile, Statements, Term, key, read_turtle
from leedskg.validation.change import Change
from leedskg.validation.findings import Place
from leedskg.validation.views import NOT_DATA, StoreView


def applied(knowledge: Knowledge, operations: Sequence[Operation]) -> Knowledge:
    """Return the knowledge with the operations done to it, in order.

    A statement that is taken out goes from every file. One that is added stands with its contribution, unless a file or
    an earlier contribution has it: no statement stands twice.
    """
    files = knowledge.graph.statements.files
    after = files_after(knowledge, operations)
    if all(one is other for one, other in zip(files, after, strict=False)):  # nothing was taken out of any
        more = after[len(files) :]
        return _with(knowledge, knowledge.graph.statements.with_more(more)) if more else knowledge
    return with_files(knowledge, after)


def files_after(knowledge: Knowledge, operations: Sequence[Operation]) -> list[StatementFile]:
    """Return the files of the graph with the operations done to them, in order, those of the contributions last."""
    files = knowledge.graph.statements.files
    if not any(each.added or each.removed for each in operations):
        return list(files)
    in_files = {triple for file in files for triple in file.triples}
    gone: set[ox.Triple] = set()
    contributed: dict[ox.Triple, tuple[str, Place]] = {}
    for operation in operations:
        for each in operation.removed:
            contributed.pop(each.triple, None)
            if each.triple in in_files:
                gone.add(each.triple)
        for each in operation.added:
            if each.triple not in contributed and (each.triple not in in_files or each.triple in gone):
                contributed[each.triple] = (str(operation.contribution), each.place)
    return [*(_without(file, gone) for file in files), *_files(contributed)]


def with_files(knowledge: Knowledge, files: Iterable[StatementFile]) -> Knowledge:
    """Return the knowledge with these files in place of those of its graph."""
    return _with(knowledge, Statements.of(files))


def _with(knowledge: Knowledge, statements: Statements) -> Knowledge:
    return replace(knowledge, graph=CuratedGraph(statements, knowledge.ontology, knowledge.namespaces))


def _without(file: StatementFile, gone: set[ox.Triple]) -> StatementFile:
    if gone.isdisjoint(file.triples):
        return file
    left = [(triple, line) for triple, line in zip(file.triples, file.lines, strict=True) if triple not in gone]
    return StatementFile(file.name, tuple(triple for triple, _ in left), tuple(line for _, line in left))


def _files(contributed: dict[ox.Triple, tuple[str, Place]]) -> list[StatementFile]:
    """Return the statements of contributions as files named `contribution/7/award.csv`, each with its line."""
    found: dict[str, list[tuple[ox.Triple, int]]] = {}
    for triple, (number, place) in contributed.items():
        name = f"contribution/{number}/{place.file}"
        found.setdefault(name, []).append((triple, place.line or 0))
    return [
        StatementFile(name, tuple(triple for triple, _ in stated), tuple(line for _, line in stated))
        for name, stated in found.items()
    ]


#: Records that are held once they were read.
_HELD = 20_000


class StoredStatements(Statements):
    """The curated statements of a published store, those of contributions included."""

    def __init__(self, store: ox.Store, namespaces: Namespaces, root: Path, line_of: Callable[[int, str], int]) -> None:
        super().__init__()
        self._view = StoreView(store, namespaces, (*NOT_DATA, "ontology"))
        self._store, self._namespaces, self._root = store, namespaces, root
        self._line_of = line_of
        self._read: OrderedDict[str, dict[str, list[Term]]] = OrderedDict()

    def __len__(self) -> int:
        return sum(1 for _ in self._view.pattern(None, None, None))

    def __contains__(self, subject: str) -> bool:
        return bool(self.about(subject))

    def take_over(self, earlier: StoredStatements, changed: Iterable[str]) -> None:
        """Take for read what an earlier state read, but for the subjects that changed since then."""
        self._read = earlier._read.copy()
        for subject in changed:
            self._read.pop(subject, None)

    def about(self, subject: str) -> Mapping[str, list[Term]]:
        """Return the properties of a subject and their values."""
        found = self._read.get(subject)
        if found is None:
            found = {}
            node = _node(subject)
            if node is not None:
                for triple in sorted(self._view.pattern(node, None, None), key=str):
                    found.setdefault(triple.predicate.value, []).append(triple.object)
            self._read[subject] = found
            if len(self._read) > _HELD:
                self._read.popitem(last=False)
        return found

    def holds(self, triple: ox.Triple) -> bool:
        """Return whether this very statement is among them."""
        if not self.about(key(triple.subject)):  # read once for all that is asked of a subject
            return False
        return next(self._view.pattern(triple.subject, triple.predicate, triple.object), None) is not None

    def parts(self, record: str) -> list[str]:
        """Return the parts of a record that something is said of, as it refers to them."""
        found: dict[str, None] = {}
        waiting = [record]
        while waiting:
            values = (key(value) for values in self.about(waiting.pop()).values() for value in values)
            new = [each for each in values if each.startswith(f"{record}#") and each not in found and each in self]
            found.update(dict.fromkeys(new))
            waiting += new
        return sorted(found)

    def subjects(self) -> Iterator[str]:
        """Give every subject once, which reads the whole graph."""
        return iter(dict.fromkeys(key(triple.subject) for triple in self._view.pattern(None, None, None)))

    def of_type(self, kinds: Iterable[str], type_iri: str) -> Iterator[str]:
        """Give the subjects that have one of the types, in the order of their names."""
        kind = ox.NamedNode(type_iri)
        found = {
            key(triple.subject) for each in set(kinds) for triple in self._view.pattern(None, kind, ox.NamedNode(each))
        }
        return iter(sorted(found))

    def quads(self, triple: ox.Triple) -> list[ox.Quad]:
        """Return a statement in each graph of a file or a contribution that has it; what imports derive is neither."""
        found = self._store.quads_for_pattern(triple.subject, triple.predicate, triple.object)
        imported = self._namespaces.graph("source/")
        return [
            quad
            for quad in found
            if self._view.is_data(quad.graph_name) and not str(quad.graph_name)[1:].startswith(imported)
        ]

    def naming(self, iri: str) -> set[str]:
        """Return the subjects of statements that name something."""
        return {key(triple.subject) for triple in self._view.pattern(None, None, ox.NamedNode(iri))}

    def place(self, subject: str, predicate: str | None = None, value: Term | None = None) -> tuple[str, int] | None:
        """Return file and line of a statement, as precisely as the arguments allow, from the file that states it."""
        node = _node(subject)
        quads = list(self._store.quads_for_pattern(node, None, None)) if node else []
        exact = [quad for quad in quads if quad.predicate.value == predicate and value in (None, quad.object)]
        for quad in [*exact, *quads]:
            if isinstance(quad.graph_name, ox.NamedNode):
                found = self._place_in(quad.graph_name.value, quad.triple)
                if found:
                    return found
        return None

    def _place_in(self, graph: str, triple: ox.Triple) -> tuple[str, int] | None:
        local = graph.removeprefix(self._namespaces.graph(""))
        kind, _, name = local.partition("/")
        if kind == "contribution":
            return local, self._line_of(int(name), str(triple))
        if kind != "curated":
            return None
        file = f"graph/{name}.ttl"
        lines = _lines(self._root, file, (self._root / file).stat().st_mtime_ns)
        return file, lines.get(triple) or lines.get(triple.subject, 0)


class LayeredStatements(Statements):
    """Statements with some more and without some others, such as the graph as a change would leave it."""

    def __init__(self, base: Statements, added: Iterable[ox.Triple], removed: Iterable[ox.Triple]) -> None:
        super().__init__()
        self._base = base
        self._removed = set(removed)
        self._added = Statements()
        self._more: dict[str, list[ox.Triple]] = {}
        for triple in dict.fromkeys(added):
            self._more.setdefault(key(triple.subject), []).append(triple)
        self._fewer = {key(triple.subject) for triple in self._removed}

    def __contains__(self, subject: str) -> bool:
        return bool(self.about(subject))

    def about(self, subject: str) -> Mapping[str, list[Term]]:
        """Return the properties of a subject and their values."""
        known = self._base.about(subject)
        if subject not in self._more and subject not in self._fewer:
            return known
        node = ox.NamedNode(subject)
        found: dict[str, list[Term]] = {}
        for predicate, values in known.items():
            kept = [each for each in values if ox.Triple(node, ox.NamedNode(predicate), each) not in self._removed]
            if kept:
                found[predicate] = kept
        for triple in self._more.get(subject, ()):
            values = found.setdefault(triple.predicate.value, [])
            if triple.object not in values:
                values.append(triple.object)
        return found

    def holds(self, triple: ox.Triple) -> bool:
        """Return whether this very statement is among them."""
        if triple in self._more.get(key(triple.subject), ()):
            return True
        return triple not in self._removed and self._base.holds(triple)

    def parts(self, record: str) -> list[str]:
        """Return the parts of a record that something is said of."""
        new = [subject for subject in self._more if subject.startswith(f"{record}#")]
        return [each for each in dict.fromkeys([*self._base.parts(record), *new]) if each in self]

    def subjects(self) -> Iterator[str]:
        """Give every subject once."""
        return (subject for subject in dict.fromkeys([*self._base.subjects(), *self._more]) if subject in self)

    def of_type(self, kinds: Iterable[str], type_iri: str) -> Iterator[str]:
        """Give the subjects that have one of the types."""
        wanted = set(kinds)
        candidates = dict.fromkeys([*self._base.of_type(wanted, type_iri), *self._more])
        return (each for each in candidates if wanted & set(self.texts(each, type_iri)))

    def place(self, subject: str, predicate: str | None = None, value: Term | None = None) -> tuple[str, int] | None:
        """Return file and line of a statement that was there before."""
        return self._base.place(subject, predicate, value)


def _node(subject: str) -> ox.NamedNode | None:
    """Return a subject as a term; None for a text that can be the name of nothing, such as what a cell holds."""
    try:
        return ox.NamedNode(subject) if not subject.startswith("_:") else None
    except ValueError:
        return None


@lru_cache(maxsize=8)
def _lines(root: Path, file: str, _changed: int) -> dict[object, int]:
    """Find the line of each statement of a file, and where each subject begins."""
    try:
        read = read_turtle(root / file, root)
    except (OSError, KnowledgeError):
        return {}
    found: dict[object, int] = {}
    for triple, line in zip(read.triples, read.lines, strict=True):
        found.setdefault(triple, line)
        found.setdefault(triple.subject, line)
    return found


def layered(knowledge: Knowledge, added: Iterable[ox.Triple], removed: Iterable[ox.Triple]) -> Knowledge:
    """Return the knowledge with some statements more and without some others."""
    graph = knowledge.graph
    return replace(knowledge, graph=replace(graph, statements=LayeredStatements(graph.statements, added, removed)))


def proposed(knowledge: Knowledge, change: Change) -> Knowledge:
    """Return the knowledge as a change would leave it."""
    return layered(knowledge, change.added, change.removed)


def around(statements: Iterable[RecordedStatement], knowledge: Knowledge) -> tuple[Knowledge, Knowledge]:
    """Return the graph before and after what a contribution changed by these; all else is as it is now."""
    own = list(statements)
    added = [each.triple for each in own if each.action == "add"]
    removed = [each.triple for each in own if each.action == "remove"]
    return layered(knowledge, removed, added), layered(knowledge, added, removed)
