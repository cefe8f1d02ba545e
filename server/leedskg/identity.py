"""The IRIs of assertions and evidence: hashes of what they say, so that one claim has one name everywhere.

An assertion's name is made from what it claims: its kind, its participants and their roles, its values. What the
curators say about the claim (evidence, confidence, rank, notes, author, time) leaves the name alone, so that a second
source for the same claim is added to it and does not make another.

A steward writes a draft name, `assertion:new-anything`, and `leedskg mint` puts the real one in its place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

import pyoxigraph as ox

from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.statements import Statements, Term, key, parse_turtle

ASSERTION_DIGITS = 16
EVIDENCE_DIGITS = 12
DRAFT = "new-"

_POSITION = re.compile(r"[0-9]{1,18}")
_MOST_DIGITS = 1_000
_NUMERIC = {REUSED["xsd"] + name for name in ("integer", "decimal", "int", "long", "double", "float")}


def about_the_claim(namespaces: Namespaces) -> frozenset[str]:
    """Return the properties that say something about a claim and are no part of it."""
    own = (
        namespaces.term(name)
        for name in ("hasEvidence", "confidence", "rank", "readingNote", "scope", "conflictsWith", "inSection")
    )
    reused = ("dcterms:created", "dcterms:modified", "prov:wasAttributedTo", "prov:generatedAtTime")
    notes = ("skos:editorialNote", "skos:note", "rdfs:label", "rdfs:comment")
    return frozenset(own) | {
        REUSED[prefix] + name for prefix, _, name in (item.partition(":") for item in reused + notes)
    }


def assertion_name(statements: Statements, iri: str, namespaces: Namespaces) -> str:
    """Return the 16 hexadecimal digits that name the claim which `iri` stands for in `statements`."""
    # Names were given when the role of a part was ORG's; that it is ours now leaves the claim what it was.
    written = {RDF_TYPE: "a", namespaces.term("role"): REUSED["org"] + "role"}
    return _hash(_claim(statements, iri, about_the_claim(namespaces), written), ASSERTION_DIGITS)


def relationship_name(
    namespaces: Namespaces, kind: str, parts: Iterable[tuple[str, str]], values: Iterable[tuple[str, Term]] = ()
) -> str:
    """Return what `assertion_name` gives for a relationship, from its kind, its roles with participants and its values.

    For many relationships of one form, which need not be indexed as statements first.
    """
    term = namespaces.term
    lines = [f"a\x1e<{kind}>", *(f"{predicate}\x1e{_canonical(value)}" for predicate, value in values)]
    for role, participant in parts:
        said = (f"a\x1e<{term('Participation')}>", f"{term('participant')}\x1e<{participant}>",
                f"{REUSED['org']}role\x1e<{role}>")  # fmt: skip
        lines.append(f"{term('hasParticipation')}\x1e" + "\x1f".join(sorted(said)))
    return _hash(sorted(lines), ASSERTION_DIGITS)


def evidence_name(source: str, start: int, end: int, digest: str) -> str:
    """Return the 12 hexadecimal digits that name a span of a source document."""
    return _hash([source, str(start), str(end), digest], EVIDENCE_DIGITS)


def record_evidence_name(source: str, record_key: str) -> str:
    """Return the 12 hexadecimal digits that name a record of a register."""
    return _hash([source, record_key], EVIDENCE_DIGITS)


def page_evidence_name(page: str, seen_on: str) -> str:
    """Return the 12 hexadecimal digits that name a web page as it was seen on a day."""
    return _hash([page, seen_on], EVIDENCE_DIGITS)


def report_evidence_name(report: str, place: str) -> str:
    """Return the 12 hexadecimal digits that name a place in a report whose text is not kept, or the whole of it."""
    return _hash([report, place], EVIDENCE_DIGITS)


def expected_name(statements: Statements, iri: str, namespaces: Namespaces) -> str | None:
    """Return the name that the assertion or evidence `iri` should have by its content; None if something is missing."""
    local = namespaces.local(iri) or ""
    if local.startswith("assertion/"):
        return assertion_name(statements, iri, namespaces)
    source = statements.text(iri, REUSED["oa"] + "hasSource")
    record = statements.text(iri, namespaces.term("recordKey"))
    if source and record:
        return record_evidence_name(source, record)
    seen_on = statements.text(iri, namespaces.term("seenOn"))
    if source and seen_on:
        return page_evidence_name(source, seen_on)
    if source and namespaces.term("ReportEvidence") in statements.texts(iri, RDF_TYPE):
        return report_evidence_name(source, statements.text(iri, namespaces.term("inSection")) or "")
    selector = statements.text(iri, REUSED["oa"] + "hasSelector") or ""
    start = statements.text(selector, REUSED["oa"] + "start") or ""
    end = statements.text(selector, REUSED["oa"] + "end") or ""
    digest = statements.text(iri, namespaces.term("passageDigest"))
    if source and digest and _POSITION.fullmatch(start) and _POSITION.fullmatch(end):
        return evidence_name(source, int(start), int(end), digest)
    return None


def mint(text: str, name: str, namespaces: Namespaces) -> tuple[str, dict[str, str]]:
    """Put real names in place of the draft names in a Turtle text; give the text and what became what.

    Everything else of the text, comments and layout too, stays as it is. Raises KnowledgeError for Turtle that does not
    parse. A draft that misses what its name is made from keeps its draft name.
    """
    statements = Statements.of([parse_turtle(text.encode("utf-8"), name)])
    minted: dict[str, str] = {}
    for kind in ("evidence", "assertion"):
        prefix = f"{namespaces.base}{kind}/{DRAFT}"
        for subject in statements.subjects():
            if subject.startswith(prefix) and "#" not in subject:
                new_name = expected_name(statements, subject, namespaces)
                if new_name:
                    minted[subject] = f"{namespaces.base}{kind}/{new_name}"
    for old, new in minted.items():
        local = old.removeprefix(namespaces.base)
        kind, _, draft = local.partition("/")
        new_local = new.rpartition("/")[2]
        text = re.sub(rf"\b{kind}:{re.escape(draft)}(?![\w-])", f"{kind}:{new_local}", text)
        text = re.sub(rf"<{re.escape(old)}(?=[>#])", f"<{new}", text)
    return text, minted


def _claim(
    statements: Statements,
    iri: str,
    ignored: Iterable[str],
    written: Mapping[str, str],
    seen: frozenset[str] = frozenset(),
) -> list[str]:
    """Return the claim as sorted lines, `written` telling the properties that stand in it by another name.

    A part (`iri#p1`) stands in it by its content, so that numbering does not matter.
    """
    lines = []
    for predicate, values in statements.about(iri).items():
        if predicate in ignored:
            continue
        for value in values:
            part = key(value)
            if part.startswith(f"{iri}#") and part not in seen:
                content = "\x1f".join(_claim(statements, part, ignored, written, seen | {iri}))
                lines.append(f"{predicate}\x1e{content}")
            else:
                lines.append(f"{written.get(predicate, predicate)}\x1e{_canonical(value)}")
    return sorted(lines)


def _canonical(value: Term) -> str:
    """Write a term in one form whatever its spelling: numbers by value, texts with their language, IRIs as they are."""
    if not isinstance(value, ox.Literal):
        return f"<{key(value)}>"
    if value.datatype.value in _NUMERIC:
        try:
            number = Decimal(value.value)
        except ArithmeticError:
            return value.value
        # A number with millions of noughts is written as it came.
        return f"{number.normalize():f}" if abs(number.adjusted()) < _MOST_DIGITS else value.value
    return f'"{value.value}"@{value.language}' if value.language else f'"{value.value}"'


def _hash(lines: Iterable[str], digits: int) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()[:digits]
