"""From a contribution to its report: every check that can be made of it, without checking the graph again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyoxigraph as ox

from leedskg.documents import Documents
from leedskg.graph import ALT_LABEL, HAS_SOURCE, PREF_LABEL, CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE
from leedskg.statements import StatementFile, key
from leedskg.validation.change import Change
from leedskg.validation.duplicates import Guesses, NameIndex
from leedskg.validation.effects import Effect, find_effect
from leedskg.validation.evidence import EvidenceCheck
from leedskg.validation.findings import Finding, Severity, counted
from leedskg.validation.form import check_form, is_malformed
from leedskg.validation.incremental import IncrementalCheck
from leedskg.validation.report import ContributionReport, worst_first
from leedskg.validation.states import Background, State
from leedskg.validation.views import ChangedGraph, ShapeInput
from leedskg.validation.vocabulary import check_identifiers, check_names, check_replacements, check_terms, check_types

#: Up to so many statements, rules and checks run over the whole graph.
SMALL = 50_000
#: So many statements that point at a record which is gone are named one by one.
_MOST_DANGLING = 20


class Checker:
    """Checks contributions to one state of the graph after another. Made once, it is quick; not for several threads."""

    def __init__(self, documents: Documents | None = None) -> None:
        self._documents = documents
        self._names: tuple[ShapeInput, NameIndex] | None = None

    def check(
        self, knowledge: Knowledge, view: ShapeInput, contribution: Change, *, whole: bool = False
    ) -> ContributionReport:
        """Return everything that can be said of a contribution to the graph of a view.

        The knowledge gives the rules and says where the statements of the view stand. `whole` runs rules and checks
        over the whole graph rather than around the contribution. Raises KnowledgeError for shapes, rules or checks
        that cannot be run, and for a statement about a statement.
        """
        malformed = [triple for triple in contribution.added if is_malformed(triple, knowledge.ontology)]
        change = ChangedGraph(view, set(contribution.added).difference(malformed), set(contribution.removed))
        own = _records(change)
        names = self._index(view, knowledge)
        background = Background(contribution.places, knowledge.graph.statements, knowledge.ontology.statements, names)
        file = _as_file(change.added, contribution)
        before, after = (
            CuratedGraph(State(change, background, after=is_after, scope=own), knowledge.ontology, knowledge.namespaces)
            for is_after in (False, True)
        )
        after.statements.files.append(file)
        scoped = replace(knowledge, graph=after)
        report = ContributionReport(
            name=contribution.name, added=len(change.added), removed=len(change.removed), records=tuple(own)
        )
        whole_file = file if change.added == set(contribution.added) else _as_file(contribution.added, contribution)
        terms = [*check_form(scoped, [whole_file])]
        terms += [*check_terms(scoped, file), *check_types(scoped, (each for each in own if each in after.statements))]
        terms += [*check_names(scoped), *check_identifiers(scoped), *check_replacements(scoped, own)]
        terms += _dangling(change, scoped)
        terms = _each_once(terms)
        delta = IncrementalCheck(knowledge.shapes, knowledge.ontology).check_change(change, background)
        said = {(finding.record, finding.property_iri) for finding in terms if finding.property_iri}
        new = [*terms, *(found for found in delta.new if (found.record, found.property_iri) not in said)]
        already = [*delta.already]
        guesses = Guesses(names, change, scoped)
        new += guesses.run()
        effect = find_effect(change, before, after, knowledge, whole=whole)
        new += [*effect.new, *_contradictions(effect, after, own)]
        for finding in self._evidence(report, knowledge, after):
            (new if finding.record in own else already).append(finding)
        state = after.statements
        assert isinstance(state, State)
        report.findings = worst_first(state.at_its_place(finding) for finding in new)
        report.already = worst_first(already)
        report.fixed = worst_first([*delta.fixed, *effect.fixed])
        report.edges = effect.edges
        report.capped, report.whole = delta.capped, delta.whole
        report.checked = {
            "record": delta.affected,
            "shape": delta.rules,
            **report.checked,
            "name": guesses.compared,
            "query that must find nothing": len(knowledge.checks),
        }
        if not effect.whole:
            report.unchecked.append(
                f"rules and queries over the whole graph: they ran over the {effect.statements:,} statements around "
                "the contribution"
            )
        return report

    def _index(self, view: ShapeInput, knowledge: Knowledge) -> NameIndex:
        if self._names is None or self._names[0] is not view:
            named = (
                triple for name in (PREF_LABEL, ALT_LABEL) for triple in view.pattern(None, ox.NamedNode(name), None)
            )
            known = self._names[1] if self._names else NameIndex()
            self._names = (view, known.grown_to(named, knowledge.namespaces.entity("")))
        return self._names[1]

    def _evidence(self, report: ContributionReport, knowledge: Knowledge, after: CuratedGraph) -> Iterator[Finding]:
        """Check the spans that the contribution cites, read again; and whether they name what they are cited for."""
        state, has_evidence = after.statements, after.namespaces.term("hasEvidence")
        cited = [each for record in report.records for each in state.texts(record, has_evidence)]
        spans = dict.fromkeys(each for each in [*report.records, *cited] if state.value(each, HAS_SOURCE))
        sources = dict.fromkeys(source for span in spans for source in state.texts(span, HAS_SOURCE))
        if not spans:
            return
        if self._documents is None:
            report.unchecked.append(
                f"{counted(len(spans), 'place in documents')}, and whether what is cited names what it is cited for; "
                "give the folder that holds the documents"
            )
            return
        assert isinstance(state, State)
        wider = state.widened([*report.records, *spans, *sources])
        check = EvidenceCheck(replace(knowledge, graph=replace(after, statements=wider)), self._documents)
        yield from check.run()
        report.unchecked += check.unchecked
        report.checked["place in documents"] = check.spans_read


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what is said of a field that an earlier rule says something of; a rule may say several things."""
    said: dict[tuple[str, str], str] = {}
    return [
        each
        for each in findings
        if not each.property_iri or said.setdefault((each.record, each.property_iri), each.rule) == each.rule
    ]


def _records(change: ChangedGraph) -> list[str]:
    """List what the contribution says something of: each record, and for a part (`…#p1`) what it is a part of."""
    subjects = dict.fromkeys(sorted(key(triple.subject) for triple in change.changed))
    return list(dict.fromkeys(each for subject in subjects for each in (subject.partition("#")[0], subject)))


def _as_file(added: Iterable[ox.Triple], contribution: Change) -> StatementFile:
    """Return the added statements as one file, in the order of their places."""
    places = contribution.places

    def line(triple: ox.Triple) -> int:
        place = places.get(triple)
        return place.line or 0 if place else 0

    ordered = sorted(added, key=lambda triple: (line(triple), str(triple)))
    # A table of several sheets is one file too: what is in it finds its sheet and cell by the places.
    name = next((place.file for place in places.values() if place.file), contribution.name)
    return StatementFile(name, tuple(ordered), tuple(map(line, ordered)))


def _dangling(change: ChangedGraph, scoped: Knowledge) -> Iterator[Finding]:
    """Find references to records of which the contribution removes the last statement."""
    graph = scoped.graph
    for subject in dict.fromkeys(sorted(key(triple.subject) for triple in change.removed)):
        if subject.startswith("_:") or subject in graph.statements or subject in scoped.ontology.statements:
            continue
        pointing = (
            triple
            for triple in change.view.pattern(None, None, ox.NamedNode(subject))
            if triple not in change.removed and triple.predicate.value != RDF_TYPE
        )
        for _, triple in zip(range(_MOST_DANGLING), pointing, strict=False):
            record, predicate = key(triple.subject), triple.predicate.value
            yield Finding(
                Severity.VIOLATION, record, graph.label(record),
                "The contribution removes what this refers to. Remove or change the reference too, or keep the record: "
                "retire it with owl:deprecated and dcterms:isReplacedBy.",
                "vocabulary", graph.label(predicate), scoped.namespaces.shorten(subject), property_iri=predicate,
                other=subject,
            )  # fmt: skip


def _contradictions(effect: Effect, after: CuratedGraph, own: Iterable[str]) -> Iterator[Finding]:
    """Find figures that cannot both hold, by the rule that links them in the graph."""
    mine = set(own)
    value, unit = after.namespaces.term("value"), after.namespaces.term("unit")
    for one, other in effect.conflicts:
        record, against = (one, other) if one in mine else (other, one)
        figures = [
            f"{after.statements.text(each, value)} {after.label(after.statements.text(each, unit) or '')}".strip()
            for each in (record, against)
        ]
        reported = after.label(after.statements.text(against, after.namespaces.term("reportedIn")) or "")
        yield Finding(
            Severity.WARNING, record, after.label(record),
            f"This figure and one in {reported} cannot both hold: {figures[0]} against {figures[1]}, for the same "
            "indicator, place, subject and period. Check value, qualifier and period against the source; if the "
            "sources do disagree, leave both, and they are shown side by side.",
            "contradiction", "value", figures[0], property_iri=value, other=against,
        )  # fmt: skip
