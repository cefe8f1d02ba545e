"""What is asked first of an entity: parent, place, since when, website, what it is for, and the sources of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.record.model import Name
from leedskg.store import Reader

PARENT, PLACE, SINCE, WEBSITE, PURPOSE = "parent", "place", "since", "website", "purpose"


@dataclass
class Overview:
    """What is stated of one entity, by column, and the sources that state it or name it."""

    values: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    #: The statements that state a value, by column and value.
    stated: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)

    def words(self, column: str) -> str:
        """Return the values of a column in words, or nothing."""
        return "; ".join(self.values.get(column, {}).values())

    @property
    def cited(self) -> list[Name]:
        """The sources by name."""
        return [Name(iri, label) for iri, label in sorted(self.sources.items(), key=lambda each: each[1].casefold())]


def read_overviews(reader: Reader, namespaces: Namespaces, iris: Iterable[str]) -> Mapping[str, Overview]:
    """Read the overview of each of these entities, from statements in force."""
    found = {iri: Overview() for iri in iris}
    if not found:
        return found
    values = f"VALUES ?thing {{ {' '.join(f'<{iri}>' for iri in found)} }}"
    return _read(reader, namespaces, found, values, values)


def read_every_overview(reader: Reader, namespaces: Namespaces) -> Mapping[str, Overview]:
    """Read the overviews of all entities of which anything is stated, without who names them: what lists sort by."""
    return _read(reader, namespaces, {}, "", "VALUES ?thing { }")


def _read(
    reader: Reader, namespaces: Namespaces, found: dict[str, Overview], which: str, named: str
) -> Mapping[str, Overview]:
    for row in reader.rows(query_beside(__file__, "overviews") % (namespaces.base, which, named)):
        overview = found.setdefault(row["thing"].value, Overview())
        text = row["value"].value if "value" in row else ""
        if text:
            overview.values.setdefault(row["column"].value, {})[text] = row["label"].value if "label" in row else text
            overview.stated.setdefault((row["column"].value, text), {})[row["assertion"].value] = None
        if "source" in row:
            source = row["source"].value
            overview.sources[source] = row["title"].value if "title" in row else namespaces.shorten(source)
    return found
