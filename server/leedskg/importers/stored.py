"""Tables of imports as they are kept: in the knowledge folder, or as one file of a contribution to a running site."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from leedskg.importers.files import DAMAGED
from leedskg.importers.model import SourceRecord
from leedskg.importers.origin import origin_of, origin_turtle
from leedskg.importers.report import FilePlace, ImportFileError
from leedskg.importers.table import PARTICIPANTS, RECORDS, ImportTable, read_records
from leedskg.namespaces import Namespaces
from leedskg.statements import StatementFile, parse_turtle

FOLDER = "graph/imports"
ORIGIN = "source.ttl"
#: How the file of a contribution that is an import ends.
ENDING = ".import.zip"
#: Bytes that a table may have, unpacked.
MOST_TABLE = 512 * 1024 * 1024
_TABLES = (RECORDS, PARTICIPANTS)
_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class StoredTable:
    """A table that is in force, read when it is asked for."""

    source: str
    digest: str
    content: Callable[[], Mapping[str, str]]

    def records(self) -> Iterator[SourceRecord]:
        """Yield the records of the table."""
        files = self.content()
        yield from read_records(self.source, files[RECORDS], files[PARTICIPANTS], f"{FOLDER}/{self.source}/")


def table_digest(files: Mapping[str, str]) -> str:
    """Return the digest of the CSV files of a table, by which statements say which one is in force."""
    digest = hashlib.sha256()
    for name in _TABLES:
        digest.update(f"{name}\0{len(files[name])}\0{files[name]}".encode())
    return digest.hexdigest()


def tables_in(root: Path) -> list[StoredTable]:
    """Return the tables of a knowledge folder, by the names of their folders."""
    found = []
    for folder in sorted(path.parent for path in (root / FOLDER).glob(f"*/{RECORDS}")):

        def content(folder: Path = folder) -> Mapping[str, str]:
            return {name: (folder / name).read_text(encoding="utf-8") for name in _TABLES}

        found.append(StoredTable(folder.name, table_digest(content()), content))
    return found


def package(table: ImportTable, namespaces: Namespaces, *, described: bool = False) -> bytes:
    """Return a table with its origin as one file; the same table gives the same bytes."""
    files = table.files()
    turtle = origin_turtle(table, table_digest(files), namespaces, described=described)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in ((ORIGIN, turtle), *files.items()):
            archive.writestr(zipfile.ZipInfo(name, _DAY), text.encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@dataclass(frozen=True)
class Package:
    """The file of a contribution that is an import: its origin as statements, and its tables."""

    origin: StatementFile
    files: Mapping[str, str]
    source: str
    turtle: str

    @classmethod
    def read(cls, content: bytes, name: str, namespaces: Namespaces) -> Package:
        """Read a package. Raises ImportFileError for one that is damaged, or whose table is another than it says."""
        place = FilePlace(name)
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(each.file_size for each in archive.infolist()) > MOST_TABLE:
                    raise ImportFileError("unpacked, the table is larger than is read.", place)
                texts = {each: archive.read(each).decode() for each in (ORIGIN, *_TABLES)}
        except (*DAMAGED, KeyError, ValueError):
            raise ImportFileError(
                "this is no import that `leedskg import` made. Send the publisher's file to the page of imports.", place
            ) from None
        turtle = texts.pop(ORIGIN)
        origin = parse_turtle(turtle.encode(), name)
        found = origin_of(origin, namespaces)
        if found.digest != table_digest(texts):
            raise ImportFileError("the table was changed after it was made. Import the publisher's file again.", place)
        return cls(origin, texts, found.source, turtle)

    def table(self, namespaces: Namespaces) -> ImportTable:
        """Return the table with its records."""
        records = read_records(self.source, self.files[RECORDS], self.files[PARTICIPANTS])
        return ImportTable.of(origin_of(self.origin, namespaces).origin, records)

    def stored(self) -> StoredTable:
        """Return the table as one that is in force."""
        return StoredTable(self.source, table_digest(self.files), lambda: self.files)
