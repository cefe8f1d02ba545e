"""What a person should look at: entities of a contribution that may be in the graph already."""

from __future__ import annotations

from collections.abc import Iterator

from leedskg.graph import PREF_LABEL
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.validation.change import Change
from leedskg.validation.duplicates import Likeness, NameIndex, names_in
from leedskg.validation.findings import Finding, Severity
from leedskg.validation.paths import Step
from leedskg.validation.states import State

_RULE = "likely duplicate"
_IDENTIFIER = REUSED["adms"] + "identifier"
_NOTATION = REUSED["skos"] + "notation"
_REPLACED = REUSED["dcterms"] + "isReplacedBy"
#: A thing of another kind with the same name, such as a product and the company behind it, is likely no duplicate.
_OTHER_KIND = 0.6


class Guesses:
    """Compares the names and identifiers that a contribution gives with those that are there."""

    def __init__(self, index: NameIndex, change: Change, scoped: Knowledge) -> None:
        self._index, self._change, self._knowledge = index, change, scoped
        self._graph = scoped.graph
        state = scoped.graph.statements
        assert isinstance(state, State)
        self._state = state
        self.compared = 0

    def run(self) -> Iterator[Finding]:
        """A finding for each other entity that an added or renamed one may be."""
        fresh = NameIndex()
        named = names_in(self._change.added)
        found: dict[tuple[str, str], Likeness] = {}
        for entity, names in named.items():
            if not entity.startswith(self._knowledge.namespaces.entity("")):
                continue
            for name in names:
                self.compared += 1
                for likeness in (*self._index.like(entity, name), *fresh.like(entity, name)):
                    self._keep(found, entity, likeness)
                fresh.add(entity, name)
        for entity, likeness in self._by_identifier():
            self._keep(found, entity, likeness)
        for (entity, _), likeness in found.items():
            yield self._finding(entity, likeness)

    def _keep(self, found: dict[tuple[str, str], Likeness], entity: str, likeness: Likeness) -> None:
        pair = (entity, likeness.other)
        if entity == likeness.other or self._told_apart(*pair):
            return
        if pair not in found or found[pair].score < likeness.score:
            found[pair] = likeness

    def _told_apart(self, one: str, other: str) -> bool:
        """Whether somebody has decided: kept apart, or replaced by the other; or the other is no more."""
        state = self._state
        apart = self._knowledge.namespaces.term("keptApartFrom")
        decided = (apart, _REPLACED)
        return other not in state or any(
            second in state.texts(first, predicate)
            for first, second in ((one, other), (other, one))
            for predicate in decided
        )

    def _by_identifier(self) -> Iterator[tuple[str, Likeness]]:
        """Entities that are given an identifier which another has, in the same register; places share codes."""
        state, scheme = self._state, self._knowledge.namespaces.term("identifierScheme")
        for triple in self._change.added:
            if triple.predicate.value != _IDENTIFIER:
                continue
            entity, identifier = triple.subject.value, triple.object.value  # type: ignore[union-attr]
            for notation in state.values(identifier, _NOTATION):
                for same in self._change.step(notation, _inverse(_NOTATION)):
                    other_identifier = same.subject.value  # type: ignore[union-attr]
                    if state.texts(other_identifier, scheme) != state.texts(identifier, scheme):
                        continue
                    for other in state.pointing(other_identifier, _IDENTIFIER):
                        register = self._graph.label(state.text(identifier, scheme) or "")
                        name = state.text(other, PREF_LABEL) or other
                        yield entity, Likeness(other, name, 1.0, f"the same identifier in {register}")

    def _finding(self, entity: str, likeness: Likeness) -> Finding:
        graph, shorten = self._graph, self._knowledge.namespaces.shorten
        same_kind = self._kinds(entity) & self._kinds(likeness.other)
        score = likeness.score if same_kind else round(likeness.score * _OTHER_KIND, 2)
        other = graph.label(likeness.other)
        aside = "" if same_kind else ", though it is a thing of another kind"
        return Finding(
            Severity.WARNING if same_kind else Severity.INFO, entity, graph.label(entity),
            f"This may be {other} ({shorten(likeness.other)}), which is there already: {likeness.why}{aside}. If it "
            "is, use that entity and add the printed name to it as skos:altLabel. If the two differ, say so with "
            "lhi:keptApartFrom.",
            _RULE, "label", likeness.name, property_iri=PREF_LABEL, other=likeness.other, score=score,
        )  # fmt: skip

    def _kinds(self, entity: str) -> set[str]:
        """The kinds of an entity that are narrower than entity itself."""
        entity_kind = self._knowledge.namespaces.term("Entity")
        kinds = self._state.texts(entity, RDF_TYPE)
        return {wider for kind in kinds for wider in self._knowledge.ontology.wider(kind)} - {entity_kind}


def _inverse(predicate: str) -> Step:
    return Step(predicate, inverse=True)
