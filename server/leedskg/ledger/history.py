"""What was said of an entity at any date, and who changed it: from the knowledge files and the ledger.

The knowledge files are read as they are now. What they said before somebody edited them by hand is in their version
control, not here; an assertion in them counts from the time at which it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import pyoxigraph as ox

from leedskg.contributions.change_wording import Sentence, describe, in_words
from leedskg.graph import PREF_LABEL
from leedskg.knowledge import Knowledge
from leedskg.ledger.ledger import Ledger
from leedskg.ledger.overlay import around, layered
from leedskg.ledger.publication import Present
from leedskg.namespaces import REUSED
from leedskg.statements import Statements, key

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
    """Return everything that changed what is said of the entity, the earliest first."""
    graph = present.graph
    records = {entity} | _naming(entity, graph.graph.statements) | ledger.records_naming(entity)
    found = list(_from_files(entity, records, graph, ledger))
    for _, changes in groupby(ledger.changes_of(records), key=lambda each: each.step.number):
        mine = list(changes)
        step = mine[0].step
        before, after = around([each.statement for each in mine], graph)
        event = next(
            each for each in ledger.events(step.contribution)
            if each.at == step.at and each.kind == {"merge": "merged", "undo": "undone"}[step.kind]
        )  # fmt: skip
        sentences = in_words([each.statement.proposal for each in mine], before, after).sentences
        found.append(Happening(step.at, event.who, step.contribution, event.kind, event.reason, tuple(sentences)))
    return sorted(found, key=lambda each: each.at)


def as_at(entity: str, date: str, present: Present, ledger: Ledger) -> list[Said]:
    """Return what was said of the entity at the end of a date (2026, 2026-11, 2026-11-21, or a whole time).

    Later steps are taken back, the latest first, as far as they are about its records or what things are called.
    """
    until = f"{date}\uffff"  # after every time that begins with it
    graph = present.graph
    records = _naming(entity, graph.graph.statements) | ledger.records_naming(entity)
    changes = [*ledger.changes_of({entity, *records}), *ledger.labels_since(until, PREF_LABEL)]
    added: dict[ox.Triple, None] = {}
    removed: dict[ox.Triple, None] = {}
    for change in sorted(changes, key=lambda each: -each.step.number):
        if change.step.at <= until:
            continue
        (came, went) = (added, removed) if change.appears else (removed, added)
        came.pop(change.statement.triple, None)
        went[change.statement.triple] = None
    graph = layered(graph, added, removed)
    statements = graph.graph.statements
    late = {each for each in records if (statements.text(each, _MADE) or "") > until}
    found = sorted(each for each in records - late - {entity} if each in statements)
    known = [entity] if entity in statements else []
    return [
        Said(record, describe(record, graph))
        for record in [*known, *(each for each in found if _says(each, entity, statements))]
        if not _is_evidence(record, graph)
    ]


def _naming(entity: str, statements: Statements) -> set[str]:
    """Return the records that name the entity."""
    return {subject.partition("#")[0] for subject in statements.naming(entity)}


def _says(record: str, entity: str, statements: Statements) -> bool:
    """Return whether a record, or a part of it, names the entity."""
    return any(
        key(value) == entity
        for subject in [record, *statements.parts(record)]
        for values in statements.about(subject).values()
        for value in values
        if isinstance(value, ox.NamedNode)
    )


def _is_evidence(record: str, state: Knowledge) -> bool:
    return record.startswith(f"{state.namespaces.base}evidence/")


def _from_files(entity: str, records: Iterable[str], graph: Knowledge, ledger: Ledger) -> Iterable[Happening]:
    """Return what the curators recorded in the files themselves."""
    statements = graph.graph.statements
    brought = {each.statement.triple for each in ledger.changes_of(list(records)) if each.appears}
    for record in sorted(records):
        at = statements.text(record, _MADE)
        own = at and any(
            ox.Triple(ox.NamedNode(record), ox.NamedNode(_MADE), value) in brought
            for value in statements.values(record, _MADE)
        )
        if at and record != entity and not own:
            author = statements.text(record, _AUTHOR) or ""
            sentence = Sentence("added", f"{describe(record, graph)}.", record)
            yield Happening(at, graph.graph.label(author), 0, "recorded", "", (sentence,))
