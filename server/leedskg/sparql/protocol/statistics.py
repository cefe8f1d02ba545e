"""What can be counted of a published graph, for its descriptions; each count is read once a generation."""

from __future__ import annotations

import re
import threading
from functools import cached_property

from leedskg.namespaces import Namespaces
from leedskg.store import Published, Reader

_SUBJECTS = "SELECT (COUNT(DISTINCT ?thing) AS ?number) { ?thing ?p ?o }"
_OBJECTS = "SELECT (COUNT(DISTINCT ?thing) AS ?number) { ?s ?p ?thing }"
_CLASSES = "SELECT ?name (COUNT(DISTINCT ?thing) AS ?number) { ?thing a ?name } GROUP BY ?name ORDER BY ?name"
_PROPERTIES = "SELECT ?name (COUNT(*) AS ?number) { ?s ?name ?o } GROUP BY ?name ORDER BY ?name"
_GRAPHS = "SELECT ?name (COUNT(*) AS ?number) { GRAPH ?name { ?s ?p ?o } } GROUP BY ?name ORDER BY ?name"
_NAMESPACE = re.compile(r".*[#/]")


class Statistics:
    """The counts of one generation."""

    def __init__(self, reader: Reader, namespaces: Namespaces) -> None:
        self.published: Published = reader.generation()
        self._reader = reader
        self._namespaces = namespaces

    @cached_property
    def subjects(self) -> int:
        """How many things the graph says something of."""
        return self._number(_SUBJECTS)

    @cached_property
    def objects(self) -> int:
        """How many things and values the graph names in saying it."""
        return self._number(_OBJECTS)

    @property
    def entities(self) -> int:
        """How many of the subjects are entities: institutions, places, programmes and so on."""
        return self.classes.get(self._namespaces.term("Entity"), 0)

    @cached_property
    def classes(self) -> dict[str, int]:
        """Every class, and how many things are of it."""
        return self._numbers(_CLASSES)

    @cached_property
    def properties(self) -> dict[str, int]:
        """Every property, and how many statements have it."""
        return self._numbers(_PROPERTIES)

    @cached_property
    def graphs(self) -> dict[str, int]:
        """Every named graph, and how many statements it holds."""
        return self._numbers(_GRAPHS)

    @property
    def vocabularies(self) -> list[str]:
        """The namespaces of the classes and properties in use."""
        found = (_NAMESPACE.match(name) for name in (*self.classes, *self.properties))
        return sorted({match.group() for match in found if match})

    def _number(self, query: str) -> int:
        return int(self._reader.rows(query)[0]["number"].value)

    def _numbers(self, query: str) -> dict[str, int]:
        rows = self._reader.rows(query)
        return {row["name"].value: int(row["number"].value) for row in rows if "name" in row and row["name"].is_iri}


class KeptStatistics:
    """Gives the statistics of the current generation, and starts anew when another is published."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: Statistics | None = None

    def current(self, reader: Reader, namespaces: Namespaces) -> Statistics:
        """Return the statistics of what is published now."""
        with self._lock:
            if self._kept is None or self._kept.published.id != reader.generation().id:
                self._kept = Statistics(reader, namespaces)
            return self._kept
