"""Lines of N-Quads, each in its named graph."""

from __future__ import annotations

from tests.benchmarks.model import Model

Record = list[str]


class Lines:
    """Writes statements into the graph of the group that they belong to."""

    def __init__(self, model: Model) -> None:
        self._term = model.terms
        self._graph_of: dict[str, str] = {}
        self._out: Record = []
        self._into = ""

    def _begin(self, group: str) -> None:
        self._out = []
        self._into = self._term[f"graph:curated/made-up-{group}"]

    def _begin_for(self, iri: str) -> None:
        self._out = []
        self._into = self._graph_of[iri]

    def _end(self) -> Record:
        return self._out

    def _put(self, subject: str, predicate: str, value: str) -> None:
        if value[0] not in '<"':
            value = f'"{value}"^^{self._term["xsd:decimal" if "." in value else "xsd:integer"]}'
        self._out.append(f"{subject} {self._term[predicate]} {value} {self._into} .\n")

    def _name(self, name: str) -> str:
        """Return the IRI of a name that stands in few records, and so is not kept."""
        prefix, _, local = name.partition(":")
        return f"{self._term[f'{prefix}:'][:-1]}{local}>"
