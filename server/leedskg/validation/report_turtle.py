"""Findings as a SHACL validation report, for programs that read those.

SHACL has no words for what was mended or was there before, nor for a place in a file: those are said with terms of the
project's own namespace, beside the standard ones and never in their place.
"""

from __future__ import annotations

from collections.abc import Sequence

import rdflib
from rdflib.namespace import RDF, SH, XSD

from leedskg.namespaces import Namespaces
from leedskg.validation.findings import Finding, Severity

_SEVERITIES = {Severity.VIOLATION: SH.Violation, Severity.WARNING: SH.Warning, Severity.INFO: SH.Info}


def as_turtle(new: Sequence[Finding], fixed: Sequence[Finding], already: Sequence[Finding], base: str) -> str:
    """New findings and those that were there before as results of one report; mended ones apart, for they are gone."""
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
    """The IRI of the shape that a finding's rule names, or nothing for a check that is no shape."""
    if rule.startswith("<") and rule.endswith(">"):
        return rule[1:-1]
    prefix, colon, local = rule.partition(":")
    return names.prefixes[prefix] + local if colon and prefix in names.prefixes else ""
