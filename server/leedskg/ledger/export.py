"""What was merged, written back into the knowledge files: each statement in the file of its subject, ready for review.

The files are edited as text, block by block, so that comments, order and everything else in them stay as they are. The
result is in the form that the formatter wants, and is parsed and compared with what it has to say before any file is
replaced.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from leedskg.contributions import turtle
from leedskg.contributions.turtle import with_prefixes
from leedskg.errors import KnowledgeError
from leedskg.files import replace_file
from leedskg.graph import HAS_SOURCE
from leedskg.importers.origin import imported_in
from leedskg.importers.stored import FOLDER, ORIGIN
from leedskg.knowledge import Knowledge
from leedskg.ledger.blocks import blocks_of, drop_comment, home_of, renewed, written
from leedskg.ledger.publication import Replay
from leedskg.matching import FILE as MATCHES
from leedskg.namespaces import RDF_TYPE
from leedskg.statements import StatementFile, key, lines_of, parse_turtle

#: Where a record goes whose subject area no file holds yet.
_NEW = "graph/contributed.ttl"


class TargetFiles:
    """The subject areas of the knowledge files."""

    def __init__(self, present: Replay) -> None:
        self._files, self._graph = present.files, present.graph.graph
        self._homes: dict[str, str] = {}
        self._typed: dict[str, str] = {}
        self._fields: dict[tuple[str, str], str] = {}
        self._of_kind: dict[str, Counter[str]] = {}
        self._about: dict[str, Counter[str]] = {}
        names = self._files.namespaces
        self._imported = {
            names.entity(about.register): name for name, about in imported_in(self._graph.statements, names).items()
        }
        for file in self._files.graph.statements.files:
            for triple in file.triples:
                subject = key(triple.subject).partition("#")[0]
                self._homes.setdefault(subject, file.name)
                self._fields.setdefault((key(triple.subject), triple.predicate.value), file.name)
                if triple.predicate.value == RDF_TYPE:
                    self._typed.setdefault(subject, file.name)
                    self._of_kind.setdefault(key(triple.object), Counter())[file.name] += 1
                elif isinstance(triple.object, ox.NamedNode) and _is_assertion(subject, self._files):
                    self._about.setdefault(triple.object.value, Counter())[file.name] += 1
                elif triple.predicate.value == HAS_SOURCE:
                    self._about.setdefault(f"evidence in {key(triple.object)}", Counter())[file.name] += 1

    def file_for(self, triple: ox.Triple) -> str:
        """Name the file for a statement: where the field stands, or the record, or its like."""
        subject = key(triple.subject)
        record = subject.partition("#")[0]
        same_field = self._fields.get((subject, triple.predicate.value))
        if same_field or record in self._typed:
            return same_field or self._typed[record]
        if record not in self._homes:
            self._homes[record] = self._guess(record)
        return self._homes[record]

    def _guess(self, record: str) -> str:
        if record in self._imported:
            return f"{FOLDER}/{self._imported[record]}/{ORIGIN}"
        statements, term = self._graph.statements, self._files.namespaces.term
        kinds = statements.texts(record, RDF_TYPE)
        source = statements.text(record, HAS_SOURCE)
        if source:
            return _most(self._about.get(f"evidence in {source}")) or self._homes.get(source, _NEW)
        if term("IndicatorObservation") not in kinds and _is_assertion(record, self._files):
            parts = [entity for _, entity in self._graph.parts_played(record)] + statements.texts(
                record, term("subject")
            )
            for entity in parts:
                if found := _most(self._about.get(entity)) or self._homes.get(entity):
                    return found
        return next((found for kind in kinds if (found := self._of_like(kind))), _NEW)

    def _of_like(self, kind: str) -> str:
        """Name the file with the most records of a kind; where there is none, of the closest wider kind with some."""
        ontology = self._files.ontology
        families = sorted((ontology.narrower(wider) for wider in ontology.wider(kind)), key=len)
        for family in [{kind}, *families]:
            counted: Counter[str] = sum((self._of_kind.get(each, Counter()) for each in family), Counter())
            if counted:
                return _most(counted)
        return ""


def _is_assertion(record: str, knowledge: Knowledge) -> bool:
    return record.startswith(f"{knowledge.namespaces.base}assertion/")


def _most(counted: Counter[str] | None) -> str:
    return counted.most_common(1)[0][0] if counted else ""


@dataclass
class Export:
    """The files that were written, and the contributions that they include."""

    written: list[Path] = field(default_factory=list)
    contributions: list[int] = field(default_factory=list)


def export(present: Replay, folder: Path) -> Export:
    """Write the graph as files of `folder`, which becomes a knowledge folder's `graph/`.

    A file of the folder that says the same already is left alone. Raises KnowledgeError, with nothing written, when a
    file cannot be edited so that it says what it has to.
    """
    texts = _texts(present) | _tables(present)
    made = Export(contributions=[each.contribution for each in present.operations])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sorted(texts.items()):
        path = folder / name.removeprefix("graph/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != text.encode("utf-8"):
            replace_file(path, text)
            made.written.append(path)
    return made


def _texts(present: Replay) -> dict[str, str]:
    """Return the text of each file as it has to be."""
    files = present.files
    root = files.root
    before = {file.name: file for file in files.graph.statements.files}
    wanted: dict[str, dict[ox.Triple, None]] = {
        name: dict.fromkeys(file.triples) for name, file in _kept(present).items()
    }
    for name, added in _placed(present).items():
        wanted.setdefault(name, {}).update(dict.fromkeys(added))
    numbers = [str(each.contribution) for each in present.operations]
    heading = f"From contribution{'' if len(numbers) == 1 else 's'} {', '.join(numbers)}"
    texts: dict[str, str] = {}
    for name, triples in wanted.items():
        path = root / name
        text = path.read_bytes().decode("utf-8-sig") if name in before else ""
        old = before.get(name, StatementFile(name, (), ()))
        if set(old.triples) != set(triples):
            text = _edited(text, old, list(triples), files, heading)
        texts[name] = text
    return texts


def _tables(present: Replay) -> dict[str, str]:
    """Return the tables of the imports that are in force, and what was said of their matches."""
    texts = {
        f"{FOLDER}/{table.source}/{name}": text
        for table in present.graph.imports
        for name, text in table.content().items()
    }
    if present.graph.judged is not None:
        return texts | {MATCHES: present.graph.judged}
    matches = present.files.root / MATCHES
    return texts | ({MATCHES: matches.read_bytes().decode("utf-8")} if matches.exists() else {})


def _kept(present: Replay) -> dict[str, StatementFile]:
    """Return what is left of each knowledge file."""
    return {
        file.name: file for file in present.graph.graph.statements.files if not file.name.startswith("contribution/")
    }


def _placed(present: Replay) -> dict[str, list[ox.Triple]]:
    """Return the contributed statements by the file that each belongs into."""
    found: dict[str, list[ox.Triple]] = {}
    areas = TargetFiles(present)
    for file in present.graph.graph.statements.files:
        if file.name.startswith("contribution/"):
            for triple in file.triples:
                found.setdefault(areas.file_for(triple), []).append(triple)
    return found


def _edited(text: str, old: StatementFile, triples: Sequence[ox.Triple], knowledge: Knowledge, heading: str) -> str:
    """Return the text with the blocks that change written anew, and those of new subjects at the end."""
    namespaces, path = knowledge.namespaces, knowledge.root / old.name
    lines = lines_of(text)
    blocks = list(blocks_of(lines, old))
    coming = _by_subject([triple for triple in triples if triple not in set(old.triples)])
    homes = {home_of(blocks, subject, said): subject for subject, said in coming.items()}
    out: list[str] = []
    position = 0
    for number, block in enumerate(blocks):
        out += lines[position : block.start]
        position = block.end
        new = coming[homes[number]] if number in homes else {}
        said = renewed(block, set(triples), list(new))
        if said == list(block.triples):
            out += lines[block.start : block.end]
        elif said:
            comments = [line for line in lines[block.start : block.end] if line.lstrip().startswith("#")]
            out += [each.lstrip() for each in comments]
            out.append(written(block.subject, said, namespaces) + "\n")
        else:
            drop_comment(out)
    out += lines[position:]
    new_subjects = [subject for subject, said in coming.items() if home_of(blocks, subject, said) is None]
    body = "\n\n".join(written(subject, list(coming[subject]), namespaces) for subject in _in_order(new_subjects))
    whole = "".join(out).rstrip() + "\n"
    shorter = re.sub(r"\n{4,}", "\n\n\n", whole)
    # Empty lines within a long text are a part of it.
    whole = shorter if set(_parsed(shorter, path)) == set(_parsed(whole, path)) else whole
    if body:
        body = f"{turtle.comment(heading)}\n\n{body}"
        whole = f"{whole.rstrip()}\n\n\n{body}\n" if whole.strip() else f"{body}\n"
    whole = with_prefixes(whole, turtle.prefixes_in(whole, namespaces), path)
    if set(_parsed(whole, path)) != set(triples):
        raise KnowledgeError("this file cannot be edited so that it says what was merged; edit it by hand", path=path)
    return whole


def _parsed(text: str, path: Path) -> tuple[ox.Triple, ...]:
    return parse_turtle(text.encode(), str(path)).triples


def _by_subject(triples: Iterable[ox.Triple]) -> dict[str, dict[ox.Triple, None]]:
    found: dict[str, dict[ox.Triple, None]] = {}
    for triple in triples:
        found.setdefault(key(triple.subject), {})[triple] = None
    return found


def _in_order(subjects: Sequence[str]) -> list[str]:
    """Sort subjects: evidence, then entities, then assertions, each record followed by its parts."""
    order = {"evidence": 0, "agent": 1, "id": 1, "assertion": 2}
    records = list(dict.fromkeys(subject.partition("#")[0] for subject in subjects))
    records.sort(key=lambda record: next((rank for kind, rank in order.items() if f"/{kind}/" in record), 1))
    return [
        subject
        for record in records
        for subject in sorted(each for each in subjects if each.partition("#")[0] == record)
    ]
