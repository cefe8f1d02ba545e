"""The table of an import as a contribution: what is stated of its register, in place of what was stated before.

The records are no statements of the contribution. They are derived from its file when the graph is published, for as
long as the graph says that this table is in force.
"""

from __future__ import annotations

import pyoxigraph as ox

from leedskg.importers.origin import IMPORTED_PROPERTIES
from leedskg.importers.stored import Package
from leedskg.knowledge import Knowledge
from leedskg.statements import key
from leedskg.validation.change import ProposedStatement
from leedskg.validation.findings import Place

#: The form of a contribution that is an import.
IMPORT = "import"


def of_import(package: Package, name: str, state: Knowledge) -> list[ProposedStatement]:
    """Return what a package states of its register, and what it takes out of what an earlier one stated."""
    place = Place(name)
    said = set(package.origin.triples)
    register = next(iter(said)).subject
    replaced = {state.namespaces.term(each) for each in IMPORTED_PROPERTIES}
    proposals = [ProposedStatement("add", triple, place) for triple in package.origin.triples]
    for predicate, values in state.graph.statements.about(key(register)).items():
        old = [ox.Triple(register, ox.NamedNode(predicate), value) for value in values]
        proposals += [
            ProposedStatement("remove", each, place) for each in old if predicate in replaced and each not in said
        ]
    return proposals
