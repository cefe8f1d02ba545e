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
from leedskg.ledger.publication import Present
from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.statements import StatementFile, key, parse_turtle

_BARE = {REUSED["xsd"] + name for name in ("integer", "decimal", "boolean")}
_XSD_STRING = REUSED["xsd"] + "string"
_LOCAL = re.compile(r"[\w-]+(#[\w-]+)?")


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
    blocks = list(_blocks(lines, old))
    coming = _by_subject([triple for triple in triples if triple not in set(old.triples)])
    homes = {_home(blocks, subject, said): subject for subject, said in coming.items()}
    out: list[str] = []
    position = 0
    for number, block in enumerate(blocks):
        out += lines[position : block.start]
        position = block.end
        new = coming[homes[number]] if number in homes else {}
        said = _renewed(block, set(triples), list(new))
        if said == list(block.triples):
            out += lines[block.start : block.end]
        elif said:
            comments = [line for line in lines[block.start : block.end] if line.lstrip().startswith("#")]
            out += [each.lstrip() for each in comments]
            out.append(_block(block.subject, said, namespaces) + "\n")
        else:
            _drop_comment(out)
    out += lines[position:]
    new_subjects = [subject for subject, said in coming.items() if _home(blocks, subject, said) is None]
    body = "\n\n".join(_block(subject, list(coming[subject]), namespaces) for subject in _in_order(new_subjects))
    whole = re.sub(r"\n{4,}", "\n\n\n", "".join(out)).rstrip() + "\n"
    if body:
        body = f"{turtle.comment(heading)}\n\n{body}"
        whole = f"{whole.rstrip()}\n\n\n{body}\n" if whole.strip() else f"{body}\n"
    whole = with_prefixes(whole, turtle.prefixes_in(whole, namespaces), path)
    if set(parse_turtle(whole.encode(), str(path)).triples) != set(triples):
        raise KnowledgeError("this file cannot be edited so that it says what was merged; edit it by hand", path=path)
    return whole


@dataclass
class _Block:
    """What a file says of one subject at one place: its lines, up to the full stop, and its statements."""

    subject: str
    start: int
    end: int
    triples: list[ox.Triple]


def _blocks(lines: Sequence[str], old: StatementFile) -> Iterable[_Block]:
    """The blocks of a file; `start` is the index of the first line and `end` that after the last."""
    found: list[_Block] = []
    for triple, line in zip(old.triples, old.lines, strict=True):
        subject = key(triple.subject)
        if not found or found[-1].subject != subject:
            found.append(_Block(subject, line - 1, line, []))
        found[-1].end = line
        found[-1].triples.append(triple)
    end = 0
    for block in found:
        while block.start > end and lines[block.start][:1].isspace():
            block.start -= 1
        while not lines[block.end - 1].rstrip().endswith("."):  # the last statement may be told before its full stop
            block.end += 1
        end = block.end
    return found


def _home(blocks: Sequence[_Block], subject: str, said: Iterable[ox.Triple]) -> int | None:
    """The block that new statements on a subject go into: one that has their properties, else where its type stands."""
    predicates = {triple.predicate.value for triple in said}
    mine = [number for number, block in enumerate(blocks) if block.subject == subject]

    def fits(number: int) -> tuple[bool, bool]:
        here = {triple.predicate.value for triple in blocks[number].triples}
        return bool(predicates & here), RDF_TYPE in here

    return max(mine, key=fits, default=None)


def _renewed(block: _Block, wanted: set[ox.Triple], new: list[ox.Triple]) -> list[ox.Triple]:
    """The statements of a block as they have to be; a new value stands where the old one of its property stood."""
    said: list[ox.Triple] = []
    for triple in block.triples:
        if triple in wanted:
            said.append(triple)
            continue
        instead = [each for each in new if each.predicate == triple.predicate]
        said += instead
        new = [each for each in new if each not in instead]
    return said + new


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


def _drop_comment(out: list[str]) -> None:
    """Remove the comment that stands right above a block which goes, and the empty line that parted it."""
    while out and out[-1].startswith("#"):
        out.pop()
    while len(out) > 1 and not out[-1].strip() and not out[-2].strip():
        out.pop()


def _block(subject: str, triples: Iterable[ox.Triple], namespaces: Namespaces) -> str:
    kinds: list[str] = []
    properties: dict[str, list[str]] = {}
    for triple in triples:
        if triple.predicate.value == RDF_TYPE:
            kinds.append(_term(triple.object, namespaces))
        else:
            properties.setdefault(_term(triple.predicate, namespaces), []).append(_term(triple.object, namespaces))
    name = _term(ox.NamedNode(subject), namespaces)
    if kinds:
        return turtle.record(name, kinds, properties.items())
    return turtle.bare_record(name, properties.items())


def _term(term: object, namespaces: Namespaces) -> str:
    if isinstance(term, ox.Literal):
        if term.language:
            return turtle.text(term.value, term.language)
        if term.datatype.value in _BARE and _is_bare(term):
            return term.value
        plain = turtle.text(term.value, "")
        return plain if term.datatype.value == _XSD_STRING else f"{plain}^^{_term(term.datatype, namespaces)}"
    iri = key(term)  # type: ignore[arg-type]
    best = max(
        (each for each in namespaces.prefixes.items() if iri.startswith(each[1])),
        key=lambda each: len(each[1]),
        default=None,
    )
    if best and _LOCAL.fullmatch(iri[len(best[1]) :]):
        local = iri[len(best[1]) :].replace("#", "\\#")
        return f"{best[0]}:{local}"
    return f"<{iri}>"


def _is_bare(term: ox.Literal) -> bool:
    kind = term.datatype.value.rpartition("#")[2]
    patterns = {"integer": r"[+-]?[0-9]+", "decimal": r"[+-]?[0-9]*\.[0-9]+", "boolean": "true|false"}
    return re.fullmatch(patterns[kind], term.value) is not None
