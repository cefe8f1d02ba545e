"""What the generator takes from the ontology: its names, and the concepts of its schemes.

Read from the ontology's files, so that what is made up keeps to the model when the model changes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from leedskg.namespaces import REUSED, Namespaces
from leedskg.ontology import Ontology


class Terms(dict[str, str]):
    """Prefixed names as they stand in N-Quads: `terms["lhi:funds"]` is the whole IRI in angle brackets."""

    def __init__(self, namespaces: Namespaces) -> None:
        super().__init__()
        self._prefixes = namespaces.prefixes

    def __missing__(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        self[name] = whole = f"<{self._prefixes[prefix]}{local}>"
        return whole


@dataclass(frozen=True)
class Model:
    """Names of the ontology, and the concepts of each scheme in order. Every name is in angle brackets."""

    terms: Terms
    concepts: dict[str, list[str]]


def read_model(ontology: Ontology) -> Model:
    """Return the model as the ontology's files state it."""
    in_scheme = REUSED["skos"] + "inScheme"
    concepts = defaultdict(list)
    for file in ontology.statements.files:
        for triple in file.triples:
            if triple.predicate.value == in_scheme:
                concepts[str(triple.object)].append(str(triple.subject))
    return Model(Terms(ontology.namespaces), {scheme: sorted(concepts[scheme]) for scheme in sorted(concepts)})
