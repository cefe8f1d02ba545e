"""What was said of an entity at any date, and who changed it: from the knowledge files and the ledger.

The knowledge files are read as they are now. What they said before somebody edited them by hand is in their version
control, not here; an assertion in them counts from the time at which it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from leedskg.contributions.wording import Sentence, describe, in_words
from leedskg.knowledge import Knowledge
from leedskg.ledger.book import Ledger
from leedskg.ledger.model import Operation, RecordedStatement, operations
from leedskg.ledger.overlay import applied, with_files
from leedskg.ledger.publication import Present
from leedskg.namespaces import REUSED
from leedskg.statements import StatementFile, key

_MADE = REUSED["prov"] + "generatedAtTime"
_AUTHOR = REUSED["prov"] + "wasAttributedTo"


@dataclass(frozen=True)
class Happening:
    """A change of what is said of an entity: when, by whom, by which contribution (0: the knowledge files), and why."""

    at: str
    who: str
    contribution: int
    kind: str
    reason: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Said:
    """One thing that was said of an entity: the record, in words."""

    record: str
    words: str


def history(entity: str, present: Present, ledger: Ledger) -> list[Happening]:
    """Everything that changed what is said of the entity, the earliest first."""
    records = _records(entity, _triples(present.files)) | {entity}
    for operation in _all_operations(present):
        records |= _records(entity, _alone(operation))
    found = list(_from_files(entity, records, present.files))
    for step in present.steps:
        own = present.statements[step.contribution]
        if step.kind == "settle" or not any(_record(each.triple) in records for each in own):
            continue
        before, after = around(step.contribution, present)
        mine = [each.proposal for each in own if each.effective and _record(each.triple) in records]
        event = next(
            each for each in ledger.events(step.contribution)
            if each.at == step.at and each.kind == {"merge": "merged", "undo": "undone"}[step.kind]
        )  # fmt: skip
        sentences = in_words(mine, before, after)
        found.append(Happening(step.at, event.who, step.contribution, event.kind, event.reason, tuple(sentences)))
    return sorted(found, key=lambda each: each.at)


def as_at(entity: str, date: str, present: Present) -> list[Said]:
    """What was said of the entity at the end of a date (2026, 2026-11, 2026-11-21, or a whole time)."""
    until = f"{date}\uffff"  # after every time that begins with it
    steps = [step for step in present.steps if step.at <= until]
    later = {step.contribution for step in present.steps if step.kind == "merge"} - {
        step.contribution for step in steps
    }
    settled = {step.contribution for step in present.steps if step.kind == "settle"} & later
    taken_back = [_operation(present.statements[number], number).reversed() for number in sorted(settled, reverse=True)]
    graph = applied(_recorded_by(present.files, until), [*taken_back, *operations(steps, present.statements)])
    records = sorted(_records(entity, _triples(graph)) - {entity})
    known = [entity] if entity in graph.graph.statements else []
    return [Said(record, describe(record, graph)) for record in [*known, *records] if not _is_evidence(record, graph)]


def around(number: int, present: Present) -> tuple[Knowledge, Knowledge]:
    """The graph before and after the merge of a contribution."""
    place = next(at for at, step in enumerate(present.steps) if step.contribution == number and step.kind == "merge")
    after = applied(present.files, operations(list(present.steps[: place + 1]), present.statements))
    return applied(after, [_operation(present.statements[number], number).reversed()]), after


def _operation(statements: Iterable[RecordedStatement], number: int) -> Operation:
    mine = [each for each in statements if each.effective]
    added = tuple(each for each in mine if each.action == "add")
    return Operation(number, added, tuple(each for each in mine if each.action == "remove"))


def _all_operations(present: Present) -> list[Operation]:
    return [_operation(statements, number) for number, statements in present.statements.items()]


def _alone(operation: Operation) -> list[ox.Triple]:
    return [each.triple for each in (*operation.added, *operation.removed)]


def _triples(source: Knowledge) -> Iterable[ox.Triple]:
    return (triple for file in source.graph.statements.files for triple in file.triples)


def _records(entity: str, triples: Iterable[ox.Triple]) -> set[str]:
    """The records that say something of the entity: those that stand on it, and those that name it."""
    return {
        _record(triple)
        for triple in triples
        if _record(triple) == entity or (isinstance(triple.object, ox.NamedNode) and triple.object.value == entity)
    }


def _record(triple: ox.Triple) -> str:
    return key(triple.subject).partition("#")[0]


def _is_evidence(record: str, state: Knowledge) -> bool:
    return record.startswith(f"{state.namespaces.base}evidence/")


def _from_files(entity: str, records: Iterable[str], files: Knowledge) -> Iterable[Happening]:
    """What the curators recorded in the files themselves."""
    for record in sorted(records):
        at = files.graph.statements.text(record, _MADE)
        if at and record != entity:
            author = files.graph.statements.text(record, _AUTHOR) or ""
            sentence = Sentence("added", f"{describe(record, files)}.", record)
            yield Happening(at, files.graph.label(author), 0, "recorded", "", (sentence,))


def _recorded_by(files: Knowledge, until: str) -> Knowledge:
    """The files without the assertions that were recorded later."""
    statements = files.graph.statements
    late = {record for record in files.graph.assertions() if (statements.text(record, _MADE) or "") > until}
    if not late:
        return files
    kept = []
    for file in statements.files:
        pairs = [pair for pair in zip(file.triples, file.lines, strict=True) if _record(pair[0]) not in late]
        kept.append(StatementFile(file.name, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)))
    return with_files(files, kept)
