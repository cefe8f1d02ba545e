"""From a contribution to its report: every check that can be made of it, without checking the graph again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from leedskg.documents import Documents
from leedskg.graph import ALT_LABEL, HAS_SOURCE, PREF_LABEL, CuratedGraph
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE
from leedskg.statements import StatementFile, key
from leedskg.validation.change import Change
from leedskg.validation.duplicates import NameIndex
from leedskg.validation.effects import Effect, find_effect
from leedskg.validation.evidence import EvidenceCheck
from leedskg.validation.findings import Finding, Severity, counted
from leedskg.validation.guesses import Guesses
from leedskg.validation.incremental import IncrementalCheck
from leedskg.validation.report import ContributionReport, worst_first
from leedskg.validation.states import Background, Places, State
from leedskg.validation.views import MemoryView, View
from leedskg.validation.vocabulary import check_identifiers, check_names, check_terms

#: Up to so many statements, rules and checks run over the whole graph.
SMALL = 50_000
#: So many statements that point at a record which is gone are named one by one.
_MOST_DANGLING = 20


@dataclass(frozen=True)
class Contribution:
    """Statements to add and to remove, where each of them stands, and what the contribution is called."""

    added: set[ox.Triple]
    removed: set[ox.Triple] = field(default_factory=set)
    places: Places = field(default_factory=dict)
    name: str = ""


class ContributionChecker:
    """Checks contributions to one edition of the knowledge. Made once, it is quick; not for several threads at once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._check = IncrementalCheck(knowledge.shapes, knowledge.ontology)
        self._names: tuple[View, NameIndex] | None = None

    def report(
        self,
        view: View,
        contribution: Contribution,
        documents: Documents | None = None,
        *,
        whole: bool = False,
    ) -> ContributionReport:
        """Everything that can be said of a contribution to the graph of a view.

        `whole` runs rules and checks over the whole graph rather than around the contribution. Raises KnowledgeError
        for shapes, rules or checks that cannot be run, and for a statement about a statement.
        """
        knowledge = self._knowledge
        change = Change(view, contribution.added, contribution.removed)
        own = _records(change)
        background = Background(
            contribution.places, knowledge.graph.statements, knowledge.ontology.statements, self._index(view)
        )
        file = _as_file(change.added, contribution)
        before, after = (
            CuratedGraph(State(change, background, after=is_after, scope=own), knowledge.ontology, knowledge.namespaces)
            for is_after in (False, True)
        )
        after.statements.files.append(file)
        scoped = replace(knowledge, graph=after)
        report = ContributionReport(contribution.name, len(change.added), len(change.removed), tuple(own))
        terms = [*check_terms(scoped, file), *check_names(scoped), *check_identifiers(scoped)]
        terms += _dangling(change, scoped)
        delta = self._check.check_change(change, background)
        said = {(finding.record, finding.property_iri) for finding in terms if finding.property_iri}
        new = [*terms, *(found for found in delta.new if (found.record, found.property_iri) not in said)]
        already = [*delta.already]
        guesses = Guesses(self._index(view), change, scoped)
        new += guesses.run()
        effect = find_effect(change, before, after, knowledge, whole=whole)
        new += [*effect.new, *_contradictions(effect, after, own)]
        for finding in self._evidence(report, after, documents):
            (new if finding.record in own else already).append(finding)
        state = after.statements
        assert isinstance(state, State)
        report.new = worst_first(state.at_its_place(finding) for finding in new)
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

    def _index(self, view: View) -> NameIndex:
        if self._names is None or self._names[0] is not view:
            named = (
                triple for name in (PREF_LABEL, ALT_LABEL) for triple in view.pattern(None, ox.NamedNode(name), None)
            )
            self._names = (view, NameIndex.of(named, self._knowledge.namespaces.entity("")))
        return self._names[1]

    def _evidence(
        self, report: ContributionReport, after: CuratedGraph, documents: Documents | None
    ) -> Iterator[Finding]:
        """The spans that the contribution cites, read again; and whether they name what they are cited for."""
        state, has_evidence = after.statements, after.namespaces.term("hasEvidence")
        cited = [each for record in report.records for each in state.texts(record, has_evidence)]
        spans = dict.fromkeys(each for each in [*report.records, *cited] if state.value(each, HAS_SOURCE))
        sources = dict.fromkeys(source for span in spans for source in state.texts(span, HAS_SOURCE))
        if not spans:
            return
        if documents is None:
            report.unchecked.append(
                f"{counted(len(spans), 'place in documents')}, and whether what is cited names what it is cited for; "
                "give the folder that holds the documents"
            )
            return
        assert isinstance(state, State)
        wider = state.widened([*report.records, *spans, *sources])
        check = EvidenceCheck(replace(self._knowledge, graph=replace(after, statements=wider)), documents)
        yield from check.run()
        report.unchecked += check.unchecked
        report.checked["place in documents"] = check.spans_read


def report_on(
    knowledge: Knowledge, contribution: Contribution, documents: Documents | None = None
) -> ContributionReport:
    """The report on a contribution to the knowledge files; see `ContributionChecker.report`."""
    view = MemoryView.of(knowledge.graph.statements, knowledge.ontology.statements)
    return ContributionChecker(knowledge).report(view, contribution, documents, whole=len(view) <= SMALL)


def _records(change: Change) -> list[str]:
    """What the contribution says something of: each record, and for a part (`…#p1`) what it is a part of."""
    subjects = dict.fromkeys(sorted(key(triple.subject) for triple in change.changed))
    return list(dict.fromkeys(each for subject in subjects for each in (subject.partition("#")[0], subject)))


def _as_file(added: Iterable[ox.Triple], contribution: Contribution) -> StatementFile:
    """The added statements as one file, in the order of their places."""

    def line(triple: ox.Triple) -> int:
        place = contribution.places.get(triple)
        return place.line or 0 if place else 0

    ordered = sorted(added, key=lambda triple: (line(triple), str(triple)))
    # A table of several sheets is one file too: what is in it finds its sheet and cell by the places.
    name = next((place.file for place in contribution.places.values() if place.file), contribution.name)
    return StatementFile(name, tuple(ordered), tuple(map(line, ordered)))


def _dangling(change: Change, scoped: Knowledge) -> Iterator[Finding]:
    """References to records of which the contribution removes the last statement."""
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
    """Figures that cannot both hold, by the rule that links them in the graph."""
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
