"""Imports as tasks of the steward's process: a file taken in, and what an import would change in words."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from leedskg.contributions.imported import IMPORT
from leedskg.errors import RequestError
from leedskg.importers.difference import ImportDifference, compare
from leedskg.importers.difference import in_words as difference_in_words
from leedskg.importers.files import InputFile
from leedskg.importers.model import SourceRecord
from leedskg.importers.origin import origin_of
from leedskg.importers.registry import source_named
from leedskg.importers.table import ImportTable
from leedskg.ledger.import_uses import bodies_used, in_words
from leedskg.ledger.importing import REMARKS, ImportRequest, intake, submit_import
from leedskg.ledger.imports import package_of, table_of
from leedskg.ledger.model import Contribution, Event
from leedskg.ledger.stewardship import Stewardship
from leedskg.matching import Judgement, Judgements, judgements_of, read_kept
from leedskg.matching.bodies import BodyMatcher
from leedskg.matching.body_questions import BodyQuestions, question_id
from leedskg.matching.queue import QueuedQuestion
from leedskg.naming import folded

#: Records, differences and questions that are shown of an import; of the rest there is a count.
MOST_SHOWN = 10
_MOST_QUESTIONS = 100
#: Names that are shown as like the one that is asked.
_MOST_GROUPED = 20


@dataclass(frozen=True)
class QuestionAt:
    """A question in the queue of an import: what is asked, at which place of how many, and which comes next.

    `alike` are the names after it that may be the same body, which `group` names.
    """

    id: str = ""
    asked: QueuedQuestion | None = None
    place: int = 0
    total: int = 0
    next: str = ""
    group: str = ""
    alike: tuple[str, ...] = ()
    stale: bool = False


@dataclass(frozen=True)
class _ReadImport:
    """What was worked out of an import against one state of the graph."""

    told: dict[str, Any]
    questions: BodyQuestions
    version: int
    state: str


def import_file(ledger: Stewardship, content: bytes, name: str, wanted: ImportRequest, *, who: str) -> int:
    """Record a publisher's file as an import; give the number of the contribution. Raises RefusedError."""
    settings = ledger.publication.settings
    with tempfile.TemporaryDirectory(prefix="leedskg-import-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        made = intake([InputFile(path, name)], ledger, settings, wanted)
    return submit_import(ledger, made, settings, who=who).id


def import_told(ledger: Stewardship, number: int) -> dict[str, Any]:
    """Say what an import is: its origin, counts, difference, a sample, and the bodies that a person has to decide on.

    Raises RequestError for a contribution that is no import.
    """
    found = _read(ledger, number)
    questions = found.questions.under(_judgements(ledger))
    return found.told | {
        "remarks": _remarks(ledger.ledger.events(number)),
        "uses": _uses(ledger, number, found.version, found.state),
        "questions": len(questions),
        "asked": [each.as_dict() for each in questions[:_MOST_QUESTIONS]],
    }


def question_at(ledger: Stewardship, number: int, wanted: str = "", called: str = "") -> QuestionAt:
    """Return a question on the bodies of an import, with its place in the queue: by its id, by its name, or the first.

    Raises RequestError for a contribution that is no import.
    """
    questions = _read(ledger, number).questions.under(_judgements(ledger))
    names = [question_id(each.outcome.mention) for each in questions]
    labels = [each.outcome.mention.name for each in questions]
    place = names.index(wanted) if wanted in names else labels.index(called) if called in labels else 0
    if not questions:
        return QuestionAt()
    asked = questions[place]
    own = folded(asked.outcome.mention.name)  # what is said of a name answers every record that has it
    later = zip(names[place + 1 :], labels[place + 1 :], strict=True)
    following = (each for each, label in later if folded(label) != own)
    group = asked.outcome.proposals[0].candidate
    alike = [
        each.outcome.mention.name
        for each in questions[place + 1 : place + 1 + _MOST_GROUPED]
        if each.outcome.proposals[0].candidate.iri == group.iri
    ]
    return QuestionAt(
        names[place], asked, place, len(questions), next(following, ""), group.label, tuple(alike),
        stale=bool(wanted) and wanted not in names,
    )  # fmt: skip


def kept_judgements(ledger: Stewardship) -> list[Judgement]:
    """Return what the knowledge folder says of names."""
    graph = ledger.publication.present().graph
    return list(read_kept(graph.root, graph.namespaces))


def waits_for_publication(ledger: Stewardship) -> bool:
    """Return whether what is published of imports follows other decisions on names than those that hold."""
    return ledger.publication.judged_otherwise()


def publish_decisions(ledger: Stewardship, *, who: str) -> int:
    """Build what is published anew under the decisions on names that hold; give the number of the generation."""
    return ledger.publication.publish(whole=True, tell=ledger.tell).number


@lru_cache(maxsize=16)
def _uses(ledger: Stewardship, number: int, _version: int, _state: str) -> list[str]:
    """Say which later contributions use bodies that an import brought."""
    used = bodies_used(ledger.ledger.contribution(number), ledger.publication, ledger.ledger)
    return in_words(used, ledger.ledger)


def _remarks(events: Sequence[Event]) -> list[str]:
    """Return what was odd in the file, as it was noted when it was read."""
    noted = (each.reason for each in events if each.kind == "note" and each.reason.startswith(REMARKS))
    return next(noted, "").splitlines()[1:]


def _judgements(ledger: Stewardship) -> Judgements:
    """Return the judgements in force, those of the knowledge folder and those of the ledger."""
    return ledger.ledger.judged.of(ledger.publication.present().graph)


def _read(ledger: Stewardship, number: int) -> _ReadImport:
    contribution = ledger.ledger.contribution(number)
    if contribution.form != IMPORT:
        raise RequestError(f"Contribution {number} is no import.")
    return _read_import(ledger, number, contribution.version, ledger.publication.present().state)


@lru_cache(maxsize=4)
def _read_import(ledger: Stewardship, number: int, version: int, state: str) -> _ReadImport:
    contribution = ledger.ledger.contribution(number)
    graph = ledger.publication.replay().graph
    package = package_of(contribution, ledger.ledger, graph)
    table = package.table(graph.namespaces)
    about, origin = source_named(table.source).about, origin_of(package.origin, graph.namespaces).origin
    questions = BodyMatcher(graph.graph, judgements_of(graph)).asked(table.records)
    changes = _changes(contribution, table_of(graph, table.source, graph.imports), table)
    told = {
        "number": number,
        "source": table.source,
        "title": about.title,
        "publisher": about.publisher,
        "licence": about.licence,
        "attribution": about.attribution,
        "file": origin.file,
        "sha256": origin.sha256,
        "had_on": origin.had_on,
        "scope": origin.scope,
        "dropped": dict(origin.dropped),
        "records": len(table.records),
        "changes": changes,
        "sample": [_shown(each) for each in table.records[:MOST_SHOWN]],
    }
    return _ReadImport(told, questions, version, state)


def _changes(contribution: Contribution, before: ImportTable | None, table: ImportTable) -> dict[str, Any]:
    """Return what an import that waits would change, with the first records of each sort; empty once it is decided."""
    if not contribution.is_open:
        return {}
    found: ImportDifference = compare(before, table)
    # A table that waits holds what is gone as ended records.
    gone = [now for old, now in found.changed if "gone" in now.values and "gone" not in old.values]
    changed = [(old, now) for old, now in found.changed if not ("gone" in now.values and "gone" not in old.values)]
    parts: dict[str, Sequence[SourceRecord]] = {"new": found.new, "changed": [now for _, now in changed], "gone": gone}
    said = {now.id: difference_in_words(old, now) for old, now in changed[:MOST_SHOWN]}
    return {
        name: {
            "number": len(records),
            "first": [
                _shown(each) | ({"changes": said[each.id]} if name == "changed" else {})
                for each in records[:MOST_SHOWN]
            ],
        }
        for name, records in parts.items()
    } | {"same": {"number": found.same, "first": []}}


def _shown(record: SourceRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "bodies": [f"{each.name} ({each.role})" for each in record.participants[:5]],
        "more": max(0, len(record.participants) - 5),
    }
