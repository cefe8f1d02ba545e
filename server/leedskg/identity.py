"""The IRIs of assertions and evidence: hashes of what they say, so that one claim has one name everywhere.

An assertion's name is made from what it claims: its kind, its participants and their roles, its values. What the
curators say about the claim (evidence, confidence, rank, notes, author, time) leaves the name alone, so that a second
source for the same claim is added to it and does not make another.

A steward writes a draft name, `assertion:new-anything`, and `leedskg mint` puts the real one in its place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal

import pyoxigraph as ox

from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.statements import Statements, Term, key, parse_turtle

ASSERTION_DIGITS = 16
EVIDENCE_DIGITS = 12
DRAFT = "new-"

_NUMERIC = {REUSED["xsd"] + name for name in ("integer", "decimal", "int", "long", "double", "float")}


def about_the_claim(namespaces: Namespaces) -> frozenset[str]:
    """The properties that say something about a claim and are no part of it."""
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
    """The 16 hexadecimal digits that name the claim which `iri` stands for in `statements`."""
    return _hash(_claim(statements, iri, about_the_claim(namespaces)), ASSERTION_DIGITS)


def evidence_name(source: str, start: int, end: int, digest: str) -> str:
    """The 12 hexadecimal digits that name a span of a source document."""
    return _hash([source, str(start), str(end), digest], EVIDENCE_DIGITS)


def record_evidence_name(source: str, record_key: str) -> str:
    """The 12 hexadecimal digits that name a record of a register."""
    return _hash([source, record_key], EVIDENCE_DIGITS)


def expected_name(statements: Statements, iri: str, namespaces: Namespaces) -> str | None:
    """The name that the assertion or evidence `iri` should have by its content; None where something is missing."""
    local = namespaces.local(iri) or ""
    if local.startswith("assertion/"):
        return assertion_name(statements, iri, namespaces)
    source = statements.text(iri, REUSED["oa"] + "hasSource")
    record = statements.text(iri, namespaces.term("recordKey"))
    if source and record:
        return record_evidence_name(source, record)
    selector = statements.text(iri, REUSED["oa"] + "hasSelector") or ""
    start = statements.text(selector, REUSED["oa"] + "start") or ""
    end = statements.text(selector, REUSED["oa"] + "end") or ""
    digest = statements.text(iri, namespaces.term("passageDigest"))
    if source and digest and start.isdecimal() and end.isdecimal():
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


def _claim(statements: Statements, iri: str, ignored: Iterable[str], seen: frozenset[str] = frozenset()) -> list[str]:
    """The claim as sorted lines. A part (`iri#p1`) stands in it by its content, so that numbering does not matter."""
    lines = []
    for predicate, values in statements.about(iri).items():
        if predicate in ignored:
            continue
        for value in values:
            part = key(value)
            if part.startswith(f"{iri}#") and part not in seen:
                content = "\x1f".join(_claim(statements, part, ignored, seen | {iri}))
                lines.append(f"{predicate}\x1e{content}")
            else:
                lines.append(f"{predicate if predicate != RDF_TYPE else 'a'}\x1e{_canonical(value)}")
    return sorted(lines)


def _canonical(value: Term) -> str:
    """A term in one form whatever its spelling: numbers by value, texts with their language, IRIs as they are."""
    if not isinstance(value, ox.Literal):
        return f"<{key(value)}>"
    if value.datatype.value in _NUMERIC:
        try:
            return f"{Decimal(value.value).normalize():f}"
        except ArithmeticError:
            return value.value
    return f'"{value.value}"@{value.language}' if value.language else f'"{value.value}"'


def _hash(lines: Iterable[str], digits: int) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()[:digits]
