"""The four knowledge folders, read together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from leedskg.files import FOLDERS, digest_of, knowledge_files
from leedskg.graph import CuratedGraph, read_graph
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

    @property
    def namespaces(self) -> Namespaces:
        """The IRIs in force."""
        return self.ontology.namespaces

    @cached_property
    def file_count(self) -> int:
        """How many Turtle files were read."""
        return len(self.ontology.statements.files) + len(self.graph.statements.files) + len(self.shapes.files)


def knowledge_digest(root: Path) -> str:
    """A digest of every knowledge file: the same digest, the same store."""
    paths = [path for folder in FOLDERS for suffix in (".ttl", ".rq") for path in knowledge_files(root, folder, suffix)]
    return digest_of(paths, root)


def read_knowledge(root: Path, namespaces: Namespaces) -> Knowledge:
    """Read all four folders. Raises KnowledgeError, with file and line, for the first thing that cannot be read."""
    digest = knowledge_digest(root)
    ontology = read_ontology(root, namespaces)
    return Knowledge(root, ontology, read_graph(root, ontology), read_shapes(root), tuple(read_checks(root)), digest)
