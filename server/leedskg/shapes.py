"""The reader of `shapes/`: the SHACL rules that guard the graph."""

from __future__ import annotations

from pathlib import Path

from leedskg.files import knowledge_files
from leedskg.statements import Statements, read_turtle


def read_shapes(root: Path) -> Statements:
    """Read every Turtle file of `shapes/`. Raises KnowledgeError for Turtle that does not parse."""
    return Statements.of(read_turtle(path, root) for path in knowledge_files(root, "shapes", ".ttl"))
