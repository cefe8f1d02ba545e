"""A change in words: what it adds, changes and retires, as a person would say it."""

from __future__ import annotations

import pyoxigraph as ox

from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE
from leedskg.statements import key


def sentence(triple: ox.Triple, state: Knowledge) -> str:
    """One statement in the words of its labels."""
    subject = state.graph.label(key(triple.subject))
    predicate = "is of the kind" if triple.predicate.value == RDF_TYPE else state.graph.label(triple.predicate.value)
    value = state.graph.label(key(triple.object)) if isinstance(triple.object, ox.NamedNode) else key(triple.object)
    return f"{subject} – {predicate} – {value}"
