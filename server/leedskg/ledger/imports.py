"""The tables of imports that are in force: in the knowledge folder, or in the file of a merged contribution."""

from __future__ import annotations

from pathlib import Path

from leedskg.contributions.imported import IMPORT
from leedskg.errors import KnowledgeError
from leedskg.importers.origin import KnownOrigin, origins_in
from leedskg.importers.stored import FOLDER, Package, StoredTable, tables_in
from leedskg.importers.table import ImportTable
from leedskg.knowledge import Knowledge
from leedskg.ledger.ledger import Ledger
from leedskg.ledger.model import Contribution


def tables_in_force(knowledge: Knowledge, ledger: Ledger) -> tuple[StoredTable, ...]:
    """Return the tables that the statements of the graph say are in force.

    Raises KnowledgeError where one is neither in the folder nor in the ledger.
    """
    wanted = list(origins_in(knowledge.graph.statements, knowledge.namespaces))
    if not wanted:
        return ()
    there = {(each.source, each.digest): each for each in tables_in(knowledge.root)}
    merged = [each for each in ledger.contributions("merged") if each.form == IMPORT]
    return tuple(_table(origin, there, merged, ledger, knowledge) for origin in wanted)


def table_of(knowledge: Knowledge, source: str, tables: tuple[StoredTable, ...]) -> ImportTable | None:
    """Return the table of a source that is in force, with its records; None where nothing of it was imported."""
    stored = next((each for each in tables if each.source == source), None)
    origins = origins_in(knowledge.graph.statements, knowledge.namespaces)
    known = next((each for each in origins if each.source == source), None)
    return ImportTable.of(known.origin, stored.records()) if stored and known else None


def package_of(contribution: Contribution, ledger: Ledger, knowledge: Knowledge) -> Package:
    """Return the import that a contribution is."""
    return Package.read(ledger.files.read(contribution.sha256), contribution.file_name, knowledge.namespaces)


def _table(
    origin: KnownOrigin, there: dict[tuple[str, str], StoredTable], merged: list[Contribution], ledger: Ledger,
    knowledge: Knowledge,
) -> StoredTable:  # fmt: skip
    if found := there.get((origin.source, origin.digest)):
        return found
    for contribution in merged:
        stored = package_of(contribution, ledger, knowledge).stored()
        if (stored.source, stored.digest) == (origin.source, origin.digest):
            return stored
    raise KnowledgeError(
        f"the table of the import {origin.source} that is in force is not there: its CSV files were changed without "
        "their source.ttl, or are lost. Import the publisher's file again",
        path=Path(FOLDER) / origin.source,
    )
