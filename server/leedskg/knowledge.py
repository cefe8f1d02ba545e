"""The four knowledge folders, read together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from leedskg.files import FOLDERS, digest_of, knowledge_files
from leedskg.graph import CuratedGraph, read_graph
from leedskg.importers.stored import FOLDER as TABLES
from leedskg.importers.stored import StoredTable, tables_in
from leedskg.namespaces import Namespaces
from leedskg.ontology import Ontology, read_ontology
from leedskg.queries import SavedQuery, read_checks
from leedskg.shapes import read_shapes
from leedskg.statements import Statements


@dataclass(frozen=True)
class Knowledge:
    """What the knowledge files say, as read at one moment."""

    root: Path
    ontology: Ontology
    graph: CuratedGraph
    shapes: Statements
    checks: tuple[SavedQuery, ...]
    digest: str
    imports: tuple[StoredTable, ...] = ()
    #: The judgements on names that are in force, as files keep them, where a ledger adds some to those of the folder.
    judged: str | None = None

    @property
    def namespaces(self) -> Namespaces:
        """The IRIs in force."""
        return self.ontology.namespaces

    @cached_property
    def file_count(self) -> int:
        """How many Turtle files were read."""
        return len(self.ontology.statements.files) + len(self.graph.statements.files) + len(self.shapes.files)


def knowledge_digest(root: Path) -> str:
    """Return a digest of every knowledge file: the same digest, the same store."""
    paths = [path for folder in FOLDERS for suffix in (".ttl", ".rq") for path in knowledge_files(root, folder, suffix)]
    paths += sorted(path for form in ("*/*.csv", "*.tsv") for path in (root / TABLES).glob(form))
    return digest_of(paths, root)


def read_knowledge(root: Path, namespaces: Namespaces, statements: Statements | None = None) -> Knowledge:
    """Read all four folders; with `statements`, these are the graph and `graph/` is not read.

    Raises KnowledgeError, with file and line, for the first thing that cannot be read.
    """
    digest = knowledge_digest(root)
    ontology = read_ontology(root, namespaces)
    graph = read_graph(root, ontology) if statements is None else CuratedGraph(statements, ontology, namespaces)
    imports = tuple(tables_in(root)) if statements is None else ()
    return Knowledge(root, ontology, graph, read_shapes(root), tuple(read_checks(root)), digest, imports)
