"""Whether a change of the graph can be seen in its network: only then is what was worked out of that made anew.

Where it cannot be told for certain the answer is yes.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces

#: Assertions that are no relationships, and what stands beside assertions.
_APART = ("AttributeStatement", "IndicatorObservation", "PassageWithoutClaim")
_KINDS_OF_EVIDENCE = ("TextEvidence", "RegisterEvidence", "PageEvidence", "ReportEvidence")
_SPAN = REUSED["oa"] + "TextPositionSelector"
#: What of an entity itself the network knows: its kinds, and what it was merged into.
_OF_ENTITIES = {RDF_TYPE, REUSED["dcterms"] + "isReplacedBy", REUSED["owl"] + "deprecated"}


def touches_network(
    removed: Iterable[ox.Quad], added: Iterable[ox.Quad], before: ox.Store, namespaces: Namespaces
) -> bool:
    """Return whether taking quads out of `before`, a united store, and adding others may change the network."""
    come = list(added)
    around = _Around(before, come, namespaces)
    return any(_is_seen(quad, around) for quad in (*removed, *come))


class _Around:
    """What stands around a changed quad, in the store as it was and in what is added."""

    def __init__(self, before: ox.Store, added: list[ox.Quad], namespaces: Namespaces) -> None:
        self.namespaces = namespaces
        self._before = before
        self._added: dict[tuple[str, str], set[str]] = {}
        for quad in added:
            ends = [term.value for term in (quad.subject, quad.object) if isinstance(term, ox.NamedNode)]
            if len(ends) == 2:
                self._added.setdefault((ends[0], quad.predicate.value), set()).add(ends[1])
                self._added.setdefault((quad.predicate.value, ends[1]), set()).add(ends[0])

    def kinds(self, subject: str) -> set[str]:
        quads = self._before.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(RDF_TYPE), None)
        found = {quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)}
        return found | self._added.get((subject, RDF_TYPE), set())

    def citing(self, evidence: str) -> set[str]:
        return self._subjects(self.namespaces.term("hasEvidence"), evidence)

    def takes_part(self, entity: str) -> bool:
        return bool(self._subjects(self.namespaces.term("participant"), entity))

    def is_apart(self, subject: str) -> bool:
        return bool(self.kinds(subject) & {self.namespaces.term(name) for name in _APART})

    def _subjects(self, predicate: str, value: str) -> set[str]:
        quads = self._before.quads_for_pattern(None, ox.NamedNode(predicate), ox.NamedNode(value))
        found = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
        return found | self._added.get((predicate, value), set())


def _is_seen(quad: ox.Quad, around: _Around) -> bool:
    namespaces = around.namespaces
    if not isinstance(quad.subject, ox.NamedNode):
        return True
    if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value == namespaces.graph("provenance"):
        return False
    subject = quad.subject.value
    if subject.startswith(namespaces.entity("")):
        return quad.predicate.value in _OF_ENTITIES and around.takes_part(subject)
    if subject.startswith(f"{namespaces.base}agent/"):
        return False
    kinds = around.kinds(subject)
    if kinds & {namespaces.term(name) for name in _KINDS_OF_EVIDENCE}:
        return any(not around.is_apart(each) for each in around.citing(subject))
    return _SPAN not in kinds and not around.is_apart(subject)
