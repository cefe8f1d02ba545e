"""Matrices of what is recorded: which needs are met by whom, and which kinds of actor work on which theme.

An empty cell means that no source read so far says so. It is never evidence that nobody does.
"""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.catalogue import Catalogue
from leedskg.kinds import by_family
from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.record import Name
from leedskg.store import Reader
from leedskg.support import Support


@dataclass(frozen=True)
class Matrix:
    """Rows by columns, and in each cell the things that stand there, by name; a cell that is missing is empty."""

    rows: tuple[Name, ...]
    columns: tuple[Name, ...]
    cells: dict[tuple[str, str], tuple[Name, ...]]

    def cell(self, row: Name, column: Name) -> tuple[Name, ...]:
        """Return what stands in a cell."""
        return self.cells.get((row.iri or row.label, column.iri or column.label), ())

    def in_row(self, row: Name) -> int:
        """Return how many cells of a row are not empty."""
        return sum(bool(self.cell(row, column)) for column in self.columns)

    def in_column(self, column: Name) -> int:
        """Return how many cells of a column are not empty."""
        return sum(bool(self.cell(row, column)) for row in self.rows)

    def empty_rows(self) -> list[Name]:
        """Return the rows of which nothing is recorded at all."""
        return [row for row in self.rows if not self.in_row(row)]


def needs_by_providers(support: Support) -> Matrix:
    """Return every provider by every need; a cell holds the statements that say so, named by their services."""
    providers = {offer.provider.iri: offer.provider for offer in support.offers}
    cells: dict[tuple[str, str], list[Name]] = {}
    for offer in support.offers:
        services = ", ".join(service.label for service in offer.services)
        cells.setdefault((offer.provider.iri, offer.need.iri), []).append(Name(offer.statement.iri, services))
    return Matrix(
        tuple(sorted(providers.values(), key=_by_label)),
        tuple(Name(need.iri, need.label) for need in support.needs),
        {key: tuple(found) for key, found in cells.items()},
    )


def themes_by_kinds(reader: Reader, catalogue: Catalogue, namespaces: Namespaces) -> Matrix:
    """Return every theme by the kinds recorded for any; a cell holds who and what is. Of two kinds, in two cells."""
    themes: dict[str, Name] = {}
    cells: dict[tuple[str, str], list[Name]] = {}
    kinds: dict[str, str] = {}
    for row in reader.rows(query_beside(__file__, "matrix_themes") % namespaces.base):
        theme = themes.setdefault(row["theme"].value, Name(row["theme"].value, row["label"].value))
        entry = catalogue.entries.get(row["thing"].value) if "thing" in row else None
        if entry is None or not entry.in_use:
            continue
        for label, kind in zip(entry.kind_labels, entry.kinds, strict=True):
            kinds[label] = kind
            cells.setdefault((theme.iri, kind), []).append(Name(entry.iri, entry.label))
    return Matrix(
        tuple(sorted(themes.values(), key=_by_label)),
        tuple(Name(kinds[label], label) for _, labels in by_family(kinds) for label in labels),
        {key: tuple(sorted(found, key=_by_label)) for key, found in cells.items()},
    )


def _by_label(name: Name) -> str:
    return name.label.casefold()
