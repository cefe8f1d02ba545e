"""The blocks of a Turtle file: what it says of one subject at one place, found in its text and written anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from leedskg.contributions import turtle
from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.statements import StatementFile, key

_BARE = {REUSED["xsd"] + name for name in ("integer", "decimal", "boolean")}
_XSD_STRING = REUSED["xsd"] + "string"
_ASIDE = re.compile(r"\s*(#|@prefix\b|@base\b|$)|PREFIX\b|BASE\b", re.IGNORECASE)
_LOCAL = re.compile(r"[\w-]+(#[\w-]+)?")


@dataclass
class SubjectBlock:
    """What a file says of one subject at one place: its lines, up to the full stop, and its statements."""

    subject: str
    start: int
    end: int
    triples: list[ox.Triple]


def blocks_of(lines: Sequence[str], old: StatementFile) -> Iterable[SubjectBlock]:
    """Find the blocks of a file; `start` is the index of the first line and `end` that after the last."""
    found: list[SubjectBlock] = []
    for triple, line in zip(old.triples, old.lines, strict=True):
        subject = key(triple.subject)
        if not found or found[-1].subject != subject:
            found.append(SubjectBlock(subject, line - 1, line, []))
        found[-1].end = line
        found[-1].triples.append(triple)
    end = 0
    for block in found:
        # The line of a statement is that of its end; above its beginning stand what came before, and words about it.
        first = end
        while first < block.start and _ASIDE.match(lines[first]):
            first += 1
        block.start = first if first < block.start else block.start
        while not lines[block.end - 1].rstrip().endswith("."):  # the last statement may be told before its full stop
            block.end += 1
        end = block.end
    return found


def home_of(blocks: Sequence[SubjectBlock], subject: str, said: Iterable[ox.Triple]) -> int | None:
    """Find the block that new statements on a subject go into: with their properties, else where its type stands."""
    predicates = {triple.predicate.value for triple in said}
    mine = [number for number, block in enumerate(blocks) if block.subject == subject]

    def fits(number: int) -> tuple[bool, bool]:
        here = {triple.predicate.value for triple in blocks[number].triples}
        return bool(predicates & here), RDF_TYPE in here

    return max(mine, key=fits, default=None)


def renewed(block: SubjectBlock, wanted: set[ox.Triple], new: list[ox.Triple]) -> list[ox.Triple]:
    """Return the statements of a block as they have to be; a new value stands where its property's old one stood."""
    said: list[ox.Triple] = []
    for triple in block.triples:
        if triple in wanted:
            said.append(triple)
            continue
        instead = [each for each in new if each.predicate == triple.predicate]
        said += instead
        new = [each for each in new if each not in instead]
    return said + new


def drop_comment(out: list[str]) -> None:
    """Remove the comment that stands right above a block which goes, and the empty line that separated it."""
    while out and out[-1].startswith("#"):
        out.pop()
    while len(out) > 1 and not out[-1].strip() and not out[-2].strip():
        out.pop()


def written(subject: str, triples: Iterable[ox.Triple], namespaces: Namespaces) -> str:
    """Write what is said of a subject as one block of Turtle."""
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
            direction = f"--{str(term.direction).rpartition('.')[2].lower()}" if term.direction else ""
            return turtle.text(term.value, term.language + direction)
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
