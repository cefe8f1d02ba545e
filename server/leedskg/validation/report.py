"""The report on a contribution: one model, to be read as text, HTML, JSON or SHACL in Turtle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import groupby
from typing import Any

import rdflib
from rdflib.namespace import RDF, SH, XSD

from leedskg.namespaces import Namespaces
from leedskg.validation.effects import EdgeChange
from leedskg.validation.findings import Finding, Report, Severity, counted, findings_from

#: What the findings of a group are, in the order in which they are shown.
KINDS: Mapping[str, str] = {
    "new": "What the contribution brings",
    "fixed": "What the contribution fixes",
    "already": "What was there already",
}


@dataclass(frozen=True)
class RecordFindings:
    """The findings of one record, worst first."""

    record: str
    label: str
    findings: tuple[Finding, ...]
    #: Whether the contribution says something of the record, or only touches it through others.
    own: bool = True

    @property
    def worst(self) -> Severity:
        """The severity of the worst."""
        return max(finding.severity for finding in self.findings)


@dataclass(frozen=True)
class FindingKind:
    """Findings of one severity that say the same of one field: how many, and the first of them."""

    severity: Severity
    field: str
    message: str
    count: int
    first: Finding

    def as_dict(self) -> dict[str, Any]:
        """Return what they say for JSON, and of which record and where the first is."""
        return {
            "severity": self.severity.word,
            "field": self.field,
            "message": self.message,
            "count": self.count,
            "first": {"record": self.first.record, "place": self.first.place},
        }


@dataclass
class ContributionReport(Report):
    """What a contribution brings (its findings), what was there or is fixed, and what it changes elsewhere.

    `edges` are derived links that appear or vanish. `checked` counts what was looked at, `unchecked` and `capped` say
    in sentences what was not. `whole` says why the whole graph was checked, or is empty.
    """

    fixed: list[Finding] = field(default_factory=list)
    already: list[Finding] = field(default_factory=list)
    edges: list[EdgeChange] = field(default_factory=list)
    records: tuple[str, ...] = ()
    capped: list[str] = field(default_factory=list)
    whole: str = ""
    name: str = ""
    added: int = 0
    removed: int = 0

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], *, name: str = "", added: int = 0, removed: int = 0
    ) -> ContributionReport:
        """Return a report as it was recorded; one of an older program has findings alone."""
        read = Report.from_dict(data)
        known = {entry.name for entry in fields(EdgeChange)}
        return cls(
            read.findings, read.checked, read.unchecked,
            findings_from(data.get("fixed", ())), findings_from(data.get("already", ())),
            [EdgeChange(**{key: each[key] for key in each if key in known}) for each in data.get("links", ())],
            tuple(data.get("records", ())) or tuple(dict.fromkeys(each.record for each in read.findings)),
            list(data.get("capped", ())), str(data.get("whole", "")), name, added, removed,
        )  # fmt: skip

    @property
    def new(self) -> list[Finding]:
        """The findings that the contribution brings."""
        return self.findings

    def of_kind(self, kind: str) -> list[Finding]:
        """Return the findings that are new, fixed or already."""
        return {"new": self.new, "fixed": self.fixed, "already": self.already}[kind]

    def grouped(self, kind: str = "new") -> list[RecordFindings]:
        """Group the findings of a kind by record: the record with the worst first, then in order of files and lines."""
        ordered = sorted(self.of_kind(kind), key=_place_in_order)
        records = [
            (record, tuple(sorted(findings, key=lambda found: -found.severity)))
            for record, findings in groupby(sorted(ordered, key=lambda found: found.record), key=lambda f: f.record)
        ]
        groups = [
            RecordFindings(record, found[0].record_label, found, own=record in self.records)
            for record, found in records
        ]
        return sorted(groups, key=lambda group: (-group.worst, *_place_in_order(group.findings[0])))

    def by_kind(self, kind: str = "new") -> list[FindingKind]:
        """Count findings that say the same, the worst and most frequent first."""
        found: dict[tuple[Severity, str, str], list[Finding]] = {}
        for each in self.of_kind(kind):
            found.setdefault((each.severity, each.field, each.message), []).append(each)
        kinds = [FindingKind(*same, len(found[same]), found[same][0]) for same in found]
        return sorted(kinds, key=lambda each: (-each.severity, -each.count, each.field, each.message))

    @property
    def headings(self) -> list[tuple[str, str]]:
        """The kinds of findings with their headings, in the order in which they are shown."""
        return list(KINDS.items())

    @property
    def elsewhere(self) -> list[RecordFindings]:
        """Records that the contribution says nothing of and whose findings change all the same."""
        return [group for kind in ("new", "fixed") for group in self.grouped(kind) if not group.own]

    @property
    def counted_new(self) -> str:
        """How many violations and warnings it brings, in a sentence."""
        worst = (Severity.VIOLATION, Severity.WARNING)
        return f"The check found {' and '.join(counted(self.count(each), each.word) for each in worst)}."

    @property
    def verdict(self) -> str:
        """How it stands in one sentence."""
        amount = ", ".join(counted(number, what) for what, number in self.checked.items() if number)
        if not amount:
            return "Nothing was checked."
        counts = ", ".join(counted(self.count(severity), severity.word) for severity in reversed(Severity))
        return (
            f"{counted(self.added, 'statement')} added and {self.removed:,} removed. New: {counts}; "
            f"{len(self.fixed):,} fixed, {len(self.already):,} already there. Checked: {amount}."
        )

    def in_full(self) -> str:
        """Write the report for a terminal, with what is fixed, what was there already and what follows."""
        parts = [f"Report on {self.name}" if self.name else "Report on the contribution", self.verdict]
        for kind, heading in KINDS.items():
            groups = self.grouped(kind)
            if groups:
                parts.append(f"\n{heading}")
            for group in groups:
                aside = "" if group.own else " (not in the contribution)"
                parts.append(f"\n{group.label}{aside}")
                parts += [_indented(_lines(finding)) for finding in group.findings]
        if self.edges:
            parts.append("\nLinks that are added or removed")
            parts += [f"  {edge.words}{' (routes use it)' if edge.hop else ''}" for edge in self.edges]
        notes = [f"Not checked: {what}" for what in self.unchecked] + self.capped
        if self.whole:
            notes.append(f"The whole graph was checked, because {self.whole}.")
        return "\n".join([*parts, *(["", *notes] if notes else [])])

    def as_dict(self) -> dict[str, Any]:
        """Return the report for the ledger."""
        return super().as_dict() | {
            "fixed": [each.as_dict() for each in self.fixed],
            "already": [each.as_dict() for each in self.already],
            "links": [each.as_dict() for each in self.edges],
            "records": list(self.records),
            "capped": self.capped,
            "whole": self.whole,
        }

    def as_answer(self) -> dict[str, Any]:
        """Return the report for programs that ask for it."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "added": self.added,
            "removed": self.removed,
            "records": list(self.records),
            "alike": [each.as_dict() for each in self.by_kind()],
            **{kind: [each.as_dict() for group in self.grouped(kind) for each in group.findings] for kind in KINDS},
            "elsewhere": [group.record for group in self.elsewhere],
            "links": [edge.as_dict() for edge in self.edges],
            "checked": self.checked,
            "unchecked": self.unchecked,
            "capped": self.capped,
            "whole": self.whole,
        }

    def as_shacl(self, base: str) -> str:
        """Write the report as a sh:ValidationReport in Turtle; `base` is that of the project's own IRIs."""
        return as_turtle(self.new, self.fixed, self.already, base)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order in which they are read, each once."""
    return sorted(dict.fromkeys(findings), key=lambda found: (-found.severity, *_place_in_order(found)))


def _place_in_order(finding: Finding) -> tuple[str, int, str, str, str, str]:
    return (
        finding.file, finding.line or 0, finding.cell, finding.record_label, finding.rule, finding.value
    )  # fmt: skip


def _lines(finding: Finding) -> str:
    field_words = f", {finding.field}" if finding.field else ""
    place = f" ({finding.place})" if finding.place else ""
    value = f"\n  found: {finding.value}" if finding.value else ""
    score = f"\n  how sure: {finding.score:.0%}" if finding.score is not None else ""
    return f"{finding.severity.word}{field_words}{place}\n  {finding.message}{value}{score}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


_SEVERITIES = {Severity.VIOLATION: SH.Violation, Severity.WARNING: SH.Warning, Severity.INFO: SH.Info}


def as_turtle(new: Sequence[Finding], fixed: Sequence[Finding], already: Sequence[Finding], base: str) -> str:
    """Write new findings and those already there as results of one report; fixed ones apart, for they are gone."""
    names = Namespaces(base)
    own = rdflib.Namespace(f"{base}def#")
    graph = rdflib.Graph(bind_namespaces="none")
    graph.bind("sh", SH)
    graph.bind("xsd", XSD)
    for prefix in ("lhi", "id", "assertion", "evidence"):
        graph.bind(prefix, names.prefixes[prefix])
    report = rdflib.BNode()
    graph.add((report, RDF.type, SH.ValidationReport))
    conforms = not any(finding.severity is Severity.VIOLATION for finding in (*new, *already))
    graph.add((report, SH.conforms, rdflib.Literal(conforms)))
    for findings, link, state in (
        (new, SH.result, "new"),
        (already, SH.result, "already"),
        (fixed, own.mendedResult, "fixed"),
    ):
        for finding in findings:
            result = _result(graph, finding, names, own)
            graph.add((result, own.findingState, rdflib.Literal(state)))
            graph.add((report, link, result))
    return graph.serialize(format="turtle")


def _result(graph: rdflib.Graph, finding: Finding, names: Namespaces, own: rdflib.Namespace) -> rdflib.BNode:
    result = rdflib.BNode()
    said: list[tuple[rdflib.URIRef, rdflib.term.Node | None]] = [
        (RDF.type, SH.ValidationResult),
        (SH.resultSeverity, _SEVERITIES[finding.severity]),
        (SH.focusNode, _iri(finding.record)),
        (SH.resultMessage, rdflib.Literal(finding.message, lang="en")),
        (SH.resultPath, _iri(finding.property_iri)),
        (SH.value, rdflib.Literal(finding.value) if finding.value else None),
        (own.relatedRecord, _iri(finding.other)),
        (own.recordLabel, rdflib.Literal(finding.record_label, lang="en")),
        (own.findingRule, rdflib.Literal(finding.rule)),
        (own.fieldName, rdflib.Literal(finding.field) if finding.field else None),
        (own.findingPlace, rdflib.Literal(finding.place) if finding.place else None),
        (
            own.score,
            rdflib.Literal(f"{finding.score:.2f}", datatype=XSD.decimal) if finding.score is not None else None,
        ),
    ]
    shape = _expanded(finding.rule, names)
    if shape:
        said.append((SH.sourceShape, rdflib.URIRef(shape)))
    component = _iri(finding.component) or own.CheckConstraintComponent  # a check that is no shape
    said.append((SH.sourceConstraintComponent, component))
    for predicate, value in said:
        if value is not None:
            graph.add((result, predicate, value))
    return result


def _iri(text: str) -> rdflib.URIRef | None:
    return rdflib.URIRef(text) if ":" in text and " " not in text else None


def _expanded(rule: str, names: Namespaces) -> str:
    """Return the IRI of the shape that a finding's rule names, or nothing for a check that is no shape."""
    if rule.startswith("<") and rule.endswith(">"):
        return rule[1:-1]
    prefix, colon, local = rule.partition(":")
    return names.prefixes[prefix] + local if colon and prefix in names.prefixes else ""
