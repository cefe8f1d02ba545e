"""What later contributions say of the bodies that an import brought: they would hang in the air without it."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from leedskg.contributions.imported import IMPORT
from leedskg.errors import ConflictError
from leedskg.importers.derive import Derivation
from leedskg.importers.model import SourceRecord
from leedskg.importers.registry import source_named
from leedskg.knowledge import Knowledge
from leedskg.ledger.imports import package_of
from leedskg.ledger.ledger import Ledger
from leedskg.ledger.model import Contribution
from leedskg.ledger.publication import Publication
from leedskg.ledger.records import parsed
from leedskg.matching.bodies import BodyMatcher
from leedskg.namespaces import RDF_TYPE

_MOST_NAMED = 5


def bodies_used(contribution: Contribution, publication: Publication, ledger: Ledger) -> dict[int, dict[str, str]]:
    """Return, by later contribution in force, the bodies and projects that only this import derives, with their names.

    What an earlier import of the source, which would be in force again, derives as well is not among them.
    """
    if contribution.form != IMPORT or contribution.state != "merged" or contribution.settled:
        return {}
    own = f"{publication.settings.namespaces.base}id/"
    named: dict[int, set[str]] = {}
    for number, action, text in ledger.later_statements(contribution.id):
        if action == "add" and ledger.contribution(number).form != IMPORT:
            found = (each.partition("#")[0] for each in _named(text) if each.startswith(own))
            named.setdefault(number, set()).update(found)
    if not any(named.values()):
        return {}
    graph = publication.replay().graph  # without what is derived of records
    said = graph.graph.statements
    used = {number: {each for each in names if not said.text(each, RDF_TYPE)} for number, names in named.items()}
    package = package_of(contribution, ledger, graph)
    table = package.table(graph.namespaces)
    known = BodyMatcher(graph.graph, ledger.judged.of(graph))
    brought = _derived(table.source, table.records, graph, known)
    before = [
        each for each in ledger.contributions("merged")
        if each.form == IMPORT and each.id < contribution.id
        and package_of(each, ledger, graph).source == table.source
    ]  # fmt: skip
    if before:
        earlier = package_of(max(before, key=lambda each: each.id), ledger, graph).table(graph.namespaces)
        for entity in _derived(earlier.source, earlier.records, graph, known):
            brought.pop(entity, None)
    kept = {
        number: {each: brought[each] for each in sorted(names) if each in brought} for number, names in used.items()
    }
    return {number: names for number, names in kept.items() if names}


def _named(text: str) -> Iterable[str]:
    for triple in parsed([text]):
        for term in (triple.subject, triple.object):
            if isinstance(term, ox.NamedNode):
                yield term.value


def _derived(source: str, records: Iterable[SourceRecord], graph: Knowledge, known: BodyMatcher) -> dict[str, str]:
    """Return the entities that records of a source derive, with their labels."""
    register = source_named(source).about.register
    made = Derivation(source, register, "1970-01-01", graph.ontology, known.resolve, known.numbers, set())
    own = f"{graph.namespaces.base}id/"
    return {
        triple.subject.value: triple.object.value
        for record in records
        for triple in made.of(record)
        if isinstance(triple.subject, ox.NamedNode)
        and triple.subject.value.startswith(own)
        and triple.predicate.value.endswith("#prefLabel")
        and isinstance(triple.object, ox.Literal)
    }


def in_words(used: dict[int, dict[str, str]], ledger: Ledger) -> list[str]:
    """Say which contributions use which bodies."""
    return [
        f"contribution {number} (“{ledger.contribution(number).title}”): "
        + ", ".join(list(names.values())[:_MOST_NAMED])
        + (f"; and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
        for number, names in used.items()
    ]


def refuse_use_of_bodies(contribution: Contribution, publication: Publication, ledger: Ledger) -> None:
    """Raise ConflictError when later contributions say something of bodies that only this import brought."""
    lines = in_words(bodies_used(contribution, publication, ledger), ledger)
    if lines:
        raise ConflictError(
            f"Import {contribution.id} cannot be undone by itself, for later contributions use its bodies. Undo these "
            "first, or correct them:\n  " + "\n  ".join(lines)
        )
