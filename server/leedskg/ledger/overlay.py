"""The knowledge files with contributions applied: what the graph says now, said once, or would say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyoxigraph as ox

from leedskg.contributions.change import Change, Place
from leedskg.graph import CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.ledger.model import Operation, RecordedStatement
from leedskg.statements import StatementFile, Statements

#: What a change is called that has no number yet.
PROPOSED = "new"


def applied(knowledge: Knowledge, operations: Sequence[Operation]) -> Knowledge:
    """The knowledge with the operations done to it, in order.

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
    """The files of the graph with the operations done to them, in order, those of the contributions last."""
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
                contributed[each.triple] = (str(operation.contribution or PROPOSED), each.place)
    return [*(_without(file, gone) for file in files), *_files(contributed)]


def proposed(knowledge: Knowledge, change: Change) -> Knowledge:
    """The knowledge with a change that is not recorded yet."""
    recorded = [RecordedStatement(0, each.action, each.triple, each.place) for each in change.proposals]
    added = tuple(each for each in recorded if each.action == "add")
    removed = tuple(each for each in recorded if each.action == "remove")
    return applied(knowledge, [Operation(0, added, removed)])


def with_files(knowledge: Knowledge, files: Iterable[StatementFile]) -> Knowledge:
    """The knowledge with these files in place of those of its graph."""
    return _with(knowledge, Statements.of(files))


def _with(knowledge: Knowledge, statements: Statements) -> Knowledge:
    return replace(knowledge, graph=CuratedGraph(statements, knowledge.ontology, knowledge.namespaces))


def _without(file: StatementFile, gone: set[ox.Triple]) -> StatementFile:
    if gone.isdisjoint(file.triples):
        return file
    left = [(triple, line) for triple, line in zip(file.triples, file.lines, strict=True) if triple not in gone]
    return StatementFile(file.name, tuple(triple for triple, _ in left), tuple(line for _, line in left))


def _files(contributed: dict[ox.Triple, tuple[str, Place]]) -> list[StatementFile]:
    """The statements of contributions as files named `contribution/7/award.csv`, each statement with its line."""
    found: dict[str, list[tuple[ox.Triple, int]]] = {}
    for triple, (number, place) in contributed.items():
        name = f"contribution/{number}/{place.file}"
        found.setdefault(name, []).append((triple, place.line or 0))
    return [
        StatementFile(name, tuple(triple for triple, _ in stated), tuple(line for _, line in stated))
        for name, stated in found.items()
    ]
