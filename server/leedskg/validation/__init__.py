"""The check of the knowledge files: vocabulary, names, shapes, evidence, and queries that must find nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leedskg.documents import Documents
from leedskg.errors import KnowledgeError
from leedskg.knowledge import Knowledge
from leedskg.matching import FILE, read_kept
from leedskg.store import Reader
from leedskg.validation.change import Change
from leedskg.validation.checks import run_checks, run_checks_published
from leedskg.validation.evidence import EvidenceCheck
from leedskg.validation.findings import Finding, Place, Report, Severity
from leedskg.validation.form import check_form, without_malformed
from leedskg.validation.incremental import Delta, IncrementalCheck
from leedskg.validation.report import ContributionReport
from leedskg.validation.reporting import Checker
from leedskg.validation.shacl import check_shapes, count_shapes
from leedskg.validation.vocabulary import check_identifiers, check_names, check_replacements, check_vocabulary

__all__ = [
    "Change",
    "Checker",
    "ContributionReport",
    "Delta",
    "Finding",
    "IncrementalCheck",
    "Place",
    "Report",
    "Severity",
    "check",
    "check_published",
]


def check(knowledge: Knowledge, documents: Documents | None) -> Report:
    """Check everything that can be checked; the report says how much that was, and what could not be.

    Raises KnowledgeError when a shape, rule or check cannot be run at all.
    """
    report = Report()
    report.add(check_form(knowledge, [*knowledge.graph.statements.files, *knowledge.ontology.statements.files]))
    knowledge = without_malformed(knowledge)
    graph = knowledge.graph
    report.add(_not_said_yet(report, check_vocabulary(knowledge)))
    report.add(check_names(knowledge))
    report.add(check_identifiers(knowledge))
    report.add(check_replacements(knowledge, graph.statements.subjects()))
    report.add(_check_judgements(knowledge))
    report.add(_not_said_yet(report, check_shapes(knowledge)))
    report.add(run_checks(knowledge))
    report.checked = {
        "file": knowledge.file_count,
        "entity": len(graph.entities()),
        "assertion": len(graph.assertions()),
        "shape": count_shapes(knowledge),
        "query that must find nothing": len(knowledge.checks),
    }
    if documents is None:
        spans = len(graph.evidence())
        report.unchecked.append(
            f"{spans:,} places in documents; give the folder that holds the documents with --documents"
        )
        return report
    evidence = EvidenceCheck(knowledge, documents)
    report.add(evidence.run())
    report.unchecked += evidence.unchecked
    report.checked["place in documents"] = evidence.spans_read
    return report


def check_published(knowledge: Knowledge, reader: Reader) -> Report:
    """Run the queries that must find nothing on what is published, in the state folder or on another store."""
    report = Report(checked={"query that must find nothing": len(knowledge.checks)})
    report.add(run_checks_published(reader, knowledge))
    report.unchecked.append("the files; run the check without --published")
    return report


def _check_judgements(knowledge: Knowledge) -> Iterator[Finding]:
    """Yield a finding for each row of the judgements on names that cannot be read."""
    faults: list[KnowledgeError] = []
    read_kept(knowledge.root, knowledge.namespaces, faults)
    for fault in faults:
        message = f"{fault.message[:1].upper()}{fault.message[1:]}."
        yield Finding(
            Severity.VIOLATION, FILE, "Judgements on names", message, "judgements", file=FILE, line=fault.line
        )


def _not_said_yet(report: Report, findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what a closed shape says of a property, or a class constraint of a reference, that is said already."""
    said = {(finding.record, finding.property_iri) for finding in report.findings if finding.property_iri}
    return [finding for finding in findings if (finding.record, finding.property_iri) not in said]
