"""The reader of `shapes/`: the SHACL rules that guard the graph."""

from __future__ import annotations

from pathlib import Path

from leedskg.files import knowledge_files
from leedskg.statements import Statements, read_statements


def read_shapes(root: Path) -> Statements:
    """Read every Turtle file of `shapes/`. Raises KnowledgeError for Turtle that does not parse."""
    return read_statements(knowledge_files(root, "shapes", ".ttl"), root)
