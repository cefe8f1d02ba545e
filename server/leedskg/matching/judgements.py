"""What people have said of names: that they are those of an entity, or are not. Kept as SSSOM, a table for mappings.

https://mapping-commons.github.io/sssom/: a row a judgement, a negative one with the modifier `Not`. A judgement is of
one record of a source where the row has a `subject_id`, else of a printed name, wherever it stands.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from leedskg.errors import KnowledgeError
from leedskg.files import replace_file
from leedskg.knowledge import Knowledge
from leedskg.namespaces import Namespaces
from leedskg.naming import folded

Says = Literal["same", "not the same"]
#: Where the judgements lie in the knowledge folder.
FILE = "graph/imports/matches.sssom.tsv"
_COLUMNS = (
    "subject_id", "subject_type", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "author_label", "mapping_date", "comment",
)  # fmt: skip
_NEEDED = ("subject_label", "predicate_id", "object_id")
_SAME = "skos:exactMatch"
_LITERAL = "rdfs literal"


@dataclass(frozen=True)
class Judgement:
    """What somebody says of a name, or of the record of a source that has it, and an entity."""

    name: str
    entity: str
    says: Says
    #: The record, such as `gtr:3A5E126D`; nothing where it holds for the name wherever it stands.
    record: str = ""
    label: str = ""
    who: str = ""
    when: str = ""
    why: str = ""

    @property
    def about(self) -> tuple[str, str]:
        """What it is about: a record, or else a name as names are compared."""
        return (self.record, "") if self.record else ("", folded(self.name))


@dataclass
class Judgements:
    """Judgements in force: of one name or record and one entity the last."""

    _said: dict[tuple[str, str], dict[str, Judgement]] = field(default_factory=dict)

    @classmethod
    def of(cls, judgements: Iterable[Judgement]) -> Judgements:
        """Gather judgements, a later one in place of an earlier."""
        found = cls()
        for each in judgements:
            found.add(each)
        return found

    def __iter__(self) -> Iterator[Judgement]:
        """Yield the judgements in force."""
        return (each for said in self._said.values() for each in said.values())

    def add(self, judgement: Judgement) -> None:
        """Add a judgement; a name or record is the same as one entity at most."""
        said = self._said.setdefault(judgement.about, {})
        if judgement.says == "same":
            for entity in [each.entity for each in said.values() if each.says == "same"]:
                del said[entity]
        said.pop(judgement.entity, None)
        said[judgement.entity] = judgement

    def take_back(self, judgement: Judgement) -> None:
        """Take a judgement back: the name or record is a question again."""
        self._said.get(judgement.about, {}).pop(judgement.entity, None)

    def on(self, name: str, record: str = "") -> list[Judgement]:
        """Return the judgements on a record and on the name that it has, those on the record first."""
        of_record = self._said.get((record, ""), {}) if record else {}
        return [*of_record.values(), *self._said.get(("", folded(name)), {}).values()]

    def same(self, name: str, record: str = "") -> Judgement | None:
        """Return the judgement that says which entity is meant; what a record is not overrules what its name is."""
        apart = self.apart(name, record)
        found = (each for each in self.on(name, record) if each.says == "same")
        return next((each for each in found if each.entity not in apart or each.record), None)

    def apart(self, name: str, record: str = "") -> frozenset[str]:
        """Return the entities that a record or name is not."""
        return frozenset(each.entity for each in self.on(name, record) if each.says == "not the same")


def read_judgements(
    text: str, namespaces: Namespaces, path: str = FILE, faults: list[KnowledgeError] | None = None
) -> Judgements:
    """Read judgements from SSSOM as a table with tabs.

    Raises KnowledgeError with the line of what cannot be read; with `faults`, those are told there, and the other rows
    are read.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    start = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    rows = csv.DictReader(lines[start:], delimiter="\t", quoting=csv.QUOTE_MINIMAL)
    found = Judgements()
    try:
        missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
        if lines[start:] and missing:
            raise KnowledgeError(
                f"a table of matches needs the column {missing[0]}; its columns are {', '.join(_COLUMNS)}",
                path=path, line=start + 1,
            )  # fmt: skip
        for row in rows:
            try:
                found.add(_read_row(row, namespaces, path, start + rows.line_num))
            except KnowledgeError as fault:
                if faults is None:
                    raise
                faults.append(fault)
    except (csv.Error, KnowledgeError) as error:
        told = error if isinstance(error, KnowledgeError) else _no_table(error, path, start + rows.line_num)
        if faults is None:
            raise told from None
        faults.append(told)
    return found


def _no_table(error: csv.Error, path: str, line: int) -> KnowledgeError:
    return KnowledgeError(f"this is not a table with tabs: {error}", path=path, line=line)


def read_kept(root: Path, namespaces: Namespaces, faults: list[KnowledgeError] | None = None) -> Judgements:
    """Read the judgements of a knowledge folder; there are none where it has no such file.

    Raises KnowledgeError for what cannot be read; with `faults`, it is told there, and the rest is read.
    """
    try:
        text = (root / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Judgements()
    except (OSError, UnicodeDecodeError) as error:
        fault = KnowledgeError(f"the judgements on matches cannot be read as text in UTF-8: {error}", path=FILE)
        if faults is None:
            raise fault from None
        faults.append(fault)
        return Judgements()
    return read_judgements(text, namespaces, faults=faults)


def judgements_of(knowledge: Knowledge) -> Judgements:
    """Return the judgements in force: what a ledger adds to those of the knowledge folder, or these alone."""
    if knowledge.judged is None:
        return read_kept(knowledge.root, knowledge.namespaces)
    return read_judgements(knowledge.judged, knowledge.namespaces)


def keep(path: Path, judgements: Iterable[Judgement], namespaces: Namespaces) -> None:
    """Write judgements into a file, in one step."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, written(judgements, namespaces))
    except OSError as error:
        raise KnowledgeError(f"{path} cannot be written: {(error.strerror or 'it failed').lower()}") from None


def _read_row(row: dict[str, str | None], namespaces: Namespaces, path: str, line: int) -> Judgement:
    said = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    if said["predicate_id"] != _SAME:
        raise KnowledgeError(
            f"a match says {_SAME}, with Not as its modifier or without, and not “{said['predicate_id']}”",
            path=path, line=line,
        )  # fmt: skip
    if said["predicate_modifier"] not in ("", "Not"):
        raise KnowledgeError(
            f"the modifier of a match is Not or nothing, and not “{said['predicate_modifier']}”", path=path, line=line
        )
    if not said["subject_label"] or not said["object_id"]:
        raise KnowledgeError("a match needs the printed name and the entity that it is of", path=path, line=line)
    return Judgement(
        said["subject_label"], _whole(said["object_id"], namespaces),
        "not the same" if said["predicate_modifier"] else "same", said["subject_id"], said["object_label"],
        said["author_label"], said["mapping_date"], said["comment"],
    )  # fmt: skip


def _whole(iri: str, namespaces: Namespaces) -> str:
    iri = iri.strip("<>")
    prefix, colon, local = iri.partition(":")
    return namespaces.prefixes[prefix] + local if colon and prefix in namespaces.prefixes else iri


def written(judgements: Iterable[Judgement], namespaces: Namespaces) -> str:
    """Write judgements as SSSOM, sorted by name, record and entity, so that a change is a line of the difference."""
    out = io.StringIO()
    for line in (
        "curie_map:", f"  id: {namespaces.base}id/", "  skos: http://www.w3.org/2004/02/skos/core#",
        "  semapv: https://w3id.org/semapv/vocab/", f"mapping_set_id: {namespaces.base}matches",
        "license: https://creativecommons.org/licenses/by/4.0/",
    ):  # fmt: skip
        out.write(f"#{line}\n")
    table = csv.writer(out, delimiter="\t", lineterminator="\n")
    table.writerow(_COLUMNS)
    for each in sorted(judgements, key=lambda one: (folded(one.name), one.name, one.record, one.entity)):
        table.writerow(
            (
                each.record, "" if each.record else _LITERAL, _one_line(each.name), _SAME,
                "" if each.says == "same" else "Not", namespaces.shorten(each.entity), _one_line(each.label),
                "semapv:ManualMappingCuration", each.who, each.when, _one_line(each.why),
            )
        )  # fmt: skip
    return out.getvalue()


def _one_line(text: str) -> str:
    return " ".join(text.split())
