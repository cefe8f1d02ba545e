"""Questions whether a new entity is one that is there already, and what their answers make of a contribution.

An answer changes what is proposed and nothing else. Where a body is one that is there already, what was said of it is
said of that one, and its printed name becomes an alternative name. Where it is another, the two are kept apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pyoxigraph as ox

from leedskg.contributions.screening import Screening
from leedskg.graph import ALT_LABEL, PREF_LABEL
from leedskg.identity import DRAFT
from leedskg.knowledge import Knowledge
from leedskg.ledger.model import RecordedStatement
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.statements import key
from leedskg.validation.change import ProposedStatement
from leedskg.validation.findings import Finding, Severity

_RULE = "likely duplicate"
#: What an entity that is there says for itself; of one that turns out to be it, this is left out.
_OWN_WORDS = (RDF_TYPE, REUSED["dcterms"] + "description", REUSED["skos"] + "editorialNote")
_NAMES = (PREF_LABEL, ALT_LABEL, REUSED["skos"] + "hiddenLabel")


@dataclass(frozen=True)
class DuplicateAnswer:
    """What somebody says of a new entity and another that it may be: the same, or kept apart from it."""

    record: str
    other: str
    says: Literal["same", "apart"]


@dataclass(frozen=True)
class Amended:
    """Statements that an answer takes out of a contribution, by their numbers, and those that it puts in."""

    without: tuple[int, ...]
    added: tuple[ProposedStatement, ...]


def questions(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that have to be answered before a contribution is accepted."""
    return [each for each in findings if each.rule == _RULE and each.severity is Severity.WARNING and each.other]


def questions_of(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the questions of a recorded report: each new record with the one that it may be."""
    return [
        (each["record"], each["other"])
        for each in report.get("findings", ())
        if each.get("rule") == _RULE and each.get("severity") == "warning" and each.get("other")
    ]


def amended(statements: Sequence[RecordedStatement], answers: Iterable[DuplicateAnswer], graph: Knowledge) -> Amended:
    """Return what answers change of a contribution's statements, those that were left out before put aside."""
    open_ = [each for each in statements if each.decision != "rejected"]
    proposals: list[ProposedStatement | None] = [each.proposal for each in open_]
    extra: list[ProposedStatement] = []
    for answer in answers:
        place = next((each.place for each in open_ if whole(each.triple.subject) == answer.record), open_[0].place)
        if answer.says == "apart":
            apart = ox.NamedNode(graph.namespaces.term("keptApartFrom"))
            triple = ox.Triple(ox.NamedNode(answer.record), apart, ox.NamedNode(answer.other))
            extra.append(ProposedStatement("add", triple, place))
        else:
            proposals = _moved(proposals, answer, graph)
    found = difference(open_, proposals, graph)
    return replace(found, added=(*found.added, *extra))


def difference(
    open_: Sequence[RecordedStatement], proposals: Sequence[ProposedStatement | None], graph: Knowledge
) -> Amended:
    """Return what goes and what comes where statements say these things now; None stands for what is left out."""
    found = _minted(proposals, graph)
    kept = {each.triple for each, now in zip(open_, found, strict=True) if now is not None and now == each.proposal}
    without, added = [], []
    for each, now in zip(open_, found, strict=True):
        if now == each.proposal:
            continue
        without.append(each.number)
        if now is not None and now.triple not in kept:
            kept.add(now.triple)
            added.append(now)
    return Amended(tuple(without), tuple(added))


def _moved(
    proposals: Iterable[ProposedStatement | None], answer: DuplicateAnswer, graph: Knowledge
) -> list[ProposedStatement | None]:
    """Say of the other entity what is said of the new one; None stands for what is left out."""
    known = [each for each in proposals if each is not None]
    names = {
        key(value) for name in _NAMES for value in graph.graph.statements.values(answer.other, name)
    } | {
        key(each.triple.object)
        for each in known
        if key(each.triple.subject) == answer.other and each.triple.predicate.value in _NAMES
    }  # fmt: skip
    drafts = {
        record: f"{graph.namespaces.base}assertion/{DRAFT}moved-{record.rpartition('/')[2]}"
        for each in known
        if whole(each.triple.object) == answer.record
        and (record := whole(each.triple.subject)).startswith(f"{graph.namespaces.base}assertion/")
        and not record.startswith(f"{graph.namespaces.base}assertion/{DRAFT}")
    }
    return [each and _of_other(each, answer, names, drafts, graph) for each in proposals]


def _of_other(
    proposal: ProposedStatement, answer: DuplicateAnswer, names: set[str], drafts: Mapping[str, str], graph: Knowledge
) -> ProposedStatement | None:
    triple = proposal.triple
    predicate = triple.predicate
    if key(triple.subject) == answer.record:
        if predicate.value in _OWN_WORDS:
            return None
        if predicate.value in _NAMES:
            if key(triple.object) in names:
                return None
            names.add(key(triple.object))
            predicate = ox.NamedNode(ALT_LABEL) if predicate.value == PREF_LABEL else predicate
    new = {answer.record: answer.other} | dict(drafts)
    made = ox.Triple(renamed(triple.subject, new), predicate, renamed(triple.object, new))
    return proposal if made == triple else replace(proposal, triple=made)


def renamed(term: Any, names: Mapping[str, str]) -> Any:
    """Return a term with the record that it names, or a part of it, under its new name."""
    record = whole(term)
    if record not in names:
        return term
    return ox.NamedNode(names[record] + key(term)[len(record) :])


def _minted(proposals: Sequence[ProposedStatement | None], graph: Knowledge) -> list[ProposedStatement | None]:
    """Give assertions whose claim is another now the names that they have by it."""
    minted = iter(Screening(graph).minted([each for each in proposals if each is not None]))
    return [each and next(minted) for each in proposals]


def whole(term: object) -> str:
    """Return the record that a term names, or a part of which it names; empty for what is no name."""
    return key(term).partition("#")[0] if isinstance(term, ox.NamedNode) else ""


def unanswered(report: Mapping[str, Any], answers: Collection[DuplicateAnswer]) -> list[DuplicateAnswer]:
    """Return the answers to questions that the report does not ask."""
    asked = set(questions_of(report))
    return [each for each in answers if (each.record, each.other) not in asked]
