"""Lines of N-Quads, each in its named graph, and those that the rules of the ontology would derive from them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.model import Model

Record = list[str]


class Lines:
    """Writes statements, and remembers what was derived so that nothing is derived twice."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._term = model.terms
        self._derived: set[tuple[str, str, str]] = set()
        self._graph_of: dict[str, str] = {}
        self._parent: dict[str, str] = {}
        self._out: Record = []
        self._into = self._inferred = self._term["graph:inferred"]

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

    def _typed(self, iri: str, kind: str) -> None:
        """The type that is stated, and the wider ones; nothing is typed twice."""
        self._put(iri, "rdf:type", self._term[kind])
        for wider in self._model.wider.get(self._term[kind], ()):
            self._out.append(f"{iri} {self._term['rdf:type']} {wider} {self._inferred} .\n")

    def _derive(self, subject: str, predicate: str, value: str) -> None:
        """A statement that the rules would add, and its inverse."""
        if (subject, predicate, value) in self._derived:
            return
        self._derived.add((subject, predicate, value))
        self._out.append(f"{subject} {predicate} {value} {self._inferred} .\n")
        for inverse in self._model.inverses.get(predicate, ()):
            self._derive(value, inverse, subject)

    def _derive_edges(self, kind: str, roles: list[tuple[str, str]], values: dict[str, str]) -> None:
        """The edges that a relationship makes by the patterns, and what follows from them."""
        for here, edge, there in self._matching(kind, roles):
            self._derive(here, edge, there)
        if kind == "lhi:Location":
            (_, thing), (_, place) = roles
            self._place(thing, place)
        if kind == "lhi:Support":
            self._help(roles, values["lhi:need"], values.get("lhi:stage"))

    def _matching(self, kind: str, roles: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
        for from_role, to_role, edge in self._model.patterns.get(self._term[kind], ()):
            for role, here in roles:
                for other_role, there in roles:
                    if (role, other_role) == (from_role, to_role) and here != there:
                        yield here, edge, there

    def _place(self, thing: str, place: str) -> None:
        """That a thing is within its place and all that this lies in; each thing is in one place."""
        self._parent.setdefault(thing, place)
        above: str | None = place
        while above:
            self._derive(thing, self._term["lhi:within"], above)
            above = self._parent.get(above)

    def _help(self, roles: list[tuple[str, str]], need: str, stage: str | None) -> None:
        for role, thing in roles:
            if role == self._term["role:provider"]:
                self._derive(thing, self._term["lhi:helpsWith"], need)
                continue
            self._derive(thing, self._term["lhi:meetsNeed"], need)
            if stage:
                self._derive(thing, self._term["lhi:atStage"], stage)

    def _name(self, name: str) -> str:
        """The IRI of a name that stands in few records, and so is not kept."""
        prefix, _, local = name.partition(":")
        return f"{self._term[f'{prefix}:'][:-1]}{local}>"
