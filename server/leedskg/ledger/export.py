"""What was merged, written back into the knowledge files: each statement in the file of its subject, ready for review.

The files are edited as text, block by block, so that comments, order and everything else in them stay as they are. The
result is in the form that the formatter wants, and is parsed and compared with what it has to say before any file is
replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from leedskg.contributions import turtle
from leedskg.contributions.appending import with_prefixes
from leedskg.errors import KnowledgeError
from leedskg.files import replace_file
from leedskg.knowledge import Knowledge
from leedskg.ledger.areas import Areas
from leedskg.ledger.blocks import blocks_of, drop_comment, home_of, renewed, written
from leedskg.ledger.publication import Present
from leedskg.statements import StatementFile, key, parse_turtle


@dataclass
class Export:
    """The files that were written, and the contributions that they include."""

    written: list[Path] = field(default_factory=list)
    contributions: list[int] = field(default_factory=list)


def export(present: Present, folder: Path) -> Export:
    """Write the graph as files of `folder`, which becomes a knowledge folder's `graph/`.

    A file of the folder that says the same already is left alone. Raises KnowledgeError, with nothing written, when a
    file cannot be edited so that it says what it has to.
    """
    texts = _texts(present)
    made = Export(contributions=[each.contribution for each in present.operations])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sorted(texts.items()):
        path = folder / name.removeprefix("graph/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != text.encode("utf-8"):
            replace_file(path, text)
            made.written.append(path)
    return made


def _texts(present: Present) -> dict[str, str]:
    """The text of each file as it has to be."""
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
        text = path.read_text(encoding="utf-8") if name in before else ""
        old = before.get(name, StatementFile(name, (), ()))
        if set(old.triples) != set(triples):
            text = _edited(text, old, list(triples), files, heading)
        texts[name] = text
    return texts


def _kept(present: Present) -> dict[str, StatementFile]:
    """What is left of each knowledge file."""
    return {
        file.name: file for file in present.graph.graph.statements.files if not file.name.startswith("contribution/")
    }


def _placed(present: Present) -> dict[str, list[ox.Triple]]:
    """The contributed statements by the file that each belongs into."""
    found: dict[str, list[ox.Triple]] = {}
    areas = Areas(present)
    for file in present.graph.graph.statements.files:
        if file.name.startswith("contribution/"):
            for triple in file.triples:
                found.setdefault(areas.file_for(triple), []).append(triple)
    return found


def _edited(text: str, old: StatementFile, triples: Sequence[ox.Triple], knowledge: Knowledge, heading: str) -> str:
    """The text with the blocks that change written anew, and those of new subjects at the end."""
    namespaces, path = knowledge.namespaces, knowledge.root / old.name
    lines = text.splitlines(keepends=True)
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
    whole = re.sub(r"\n{4,}", "\n\n\n", "".join(out)).rstrip() + "\n"
    if body:
        body = f"{turtle.comment(heading)}\n\n{body}"
        whole = f"{whole.rstrip()}\n\n\n{body}\n" if whole.strip() else f"{body}\n"
    whole = with_prefixes(whole, turtle.prefixes_in(whole, namespaces), path)
    if set(parse_turtle(whole.encode(), str(path)).triples) != set(triples):
        raise KnowledgeError("this file cannot be edited so that it says what was merged; edit it by hand", path=path)
    return whole


def _by_subject(triples: Iterable[ox.Triple]) -> dict[str, dict[ox.Triple, None]]:
    found: dict[str, dict[ox.Triple, None]] = {}
    for triple in triples:
        found.setdefault(key(triple.subject), {})[triple] = None
    return found


def _in_order(subjects: Sequence[str]) -> list[str]:
    """Evidence first, then entities, then assertions, each record followed by its parts."""
    order = {"evidence": 0, "agent": 1, "id": 1, "assertion": 2}
    records = list(dict.fromkeys(subject.partition("#")[0] for subject in subjects))
    records.sort(key=lambda record: next((rank for kind, rank in order.items() if f"/{kind}/" in record), 1))
    return [
        subject
        for record in records
        for subject in sorted(each for each in subjects if each.partition("#")[0] == record)
    ]
