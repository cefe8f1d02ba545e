"""Contributions to the sample town and the reports on them, for tests."""

from leedskg.identity import mint
from leedskg.statements import parse_turtle
from leedskg.validation import Change, Checker, Place
from leedskg.validation.reporting import SMALL
from leedskg.validation.views import MemoryView
from tests.sample_knowledge import MADE, NAMESPACES, PREFIXES, evidence, relationship

NAME = "contribution.ttl"
FIRMS = f"""assertion:new-firms a lhi:IndicatorObservation ;
    lhi:indicator id:indicator-firms ;
    lhi:value 240 ;
    lhi:unit unit:company ;
    lhi:qualifier qualifier:exact ;
    lhi:geography id:millbrook ;
    lhi:reportedIn id:sample-text ;
    lhi:hasEvidence {evidence("firms")} ;
{MADE}
"""
PARTNERS = relationship("more", "Partnership", "partners", ("partner", "millbrook-hospital"),
                        ("strategic-partner", "zoe-institute"))  # fmt: skip


CHARITY = relationship("charity", "Partnership", "funding", ("partner", "loom-charity"), ("partner", "zoe-institute"))


def contribution(*texts, removed=()):
    """A Turtle file as a contribution, its drafts named, every statement with its line."""
    text, _ = mint(PREFIXES + "\n" + "\n".join(texts), NAME, NAMESPACES)
    file = parse_turtle(text.encode(), NAME)
    places = {triple: Place(NAME, line) for triple, line in zip(file.triples, file.lines, strict=True)}
    return Change.of(file.triples, removed, places, "a contribution")


def report_on(knowledge, made, documents=None):
    """The report on a contribution to knowledge files, checked as the site checks one to its graph."""
    view = MemoryView.of(knowledge.graph.statements, knowledge.ontology.statements)
    return Checker(documents).check(knowledge, view, made, whole=len(view) <= SMALL)


def report(sample, *texts, removed=(), documents=True):
    made = contribution(*texts, removed=removed)
    return report_on(sample.read(), made, sample.documents() if documents else None)


def statements(sample, *slugs):
    """Everything that the sample says of these records."""
    graph = sample.read().graph.statements
    iris = {NAMESPACES.base + slug for slug in slugs}
    return {triple for file in graph.files for triple in file.triples if triple.subject.value.partition("#")[0] in iris}


def by_rule(found, rule):
    return [finding for finding in found if finding.rule == rule]


def shape(name):
    return f"<{NAMESPACES.base}shape/{name}>"
