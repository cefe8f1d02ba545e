"""A colleague's file as one of a contribution: the file byte for byte, and the mapping that it is read under."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

from leedskg.contributions.csv_file import MOST_BYTES
from leedskg.contributions.sheets.grid import Grid, read_grids
from leedskg.contributions.sheets.mapped import Mapped, Mapper
from leedskg.contributions.sheets.mapping import FileMapping
from leedskg.errors import RefusedError, RequestError
from leedskg.knowledge import Knowledge
from leedskg.validation.findings import Report

#: How the name of such a file ends, behind that of the file itself.
ENDING = ".mapped.zip"
_MAPPING = "mapping.json"
_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class SheetPackage:
    """A file of any form with its mapping."""

    name: str
    content: bytes
    mapping: FileMapping

    @classmethod
    def read(cls, content: bytes, name: str) -> SheetPackage:
        """Read a package. Raises RefusedError for one that is damaged."""
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                entries = archive.infolist()
                if sum(each.file_size for each in entries) > 2 * MOST_BYTES:
                    raise RefusedError(f"Unpacked, {name} is larger than 20 MB. Send the table itself.")
                (file,) = [each for each in entries if each.filename != _MAPPING]
                mapping = FileMapping.of_json(archive.read(_MAPPING))
                return cls(file.filename, archive.read(file), mapping)
        except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, NotImplementedError, RuntimeError):
            raise RefusedError(f"{name} is no table with its mapping. Send the table itself.") from None
        except RequestError as error:
            raise RefusedError(error.message) from None

    def packed(self) -> bytes:
        """Write it; the same file under the same mapping gives the same bytes."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in ((_MAPPING, self.mapping.as_json().encode()), (self.name, self.content)):
                archive.writestr(zipfile.ZipInfo(name, _DAY), data, zipfile.ZIP_DEFLATED)
        return out.getvalue()

    def grids(self) -> list[Grid]:
        """Read the tables of the file, their headings where the mapping says. Raises RefusedError."""
        return read_grids(self.content, self.name, [each.header for each in self.mapping.sheets])

    def mapped(self, state: Knowledge) -> Mapped:
        """Make tables of ours of it. Raises RefusedError for a mapping that leaves something open."""
        mapper = Mapper(state, self.mapping)
        made = mapper.apply(self.grids())
        open_ = [f"“{each}”" for each in (*made.kinds, *made.roles) if each]
        open_ += [f"“{each.name}”" for each in mapper.names.questions.values() if not each.answer]
        if made.problems or open_ or made.kinds or made.roles:
            what = " ".join(made.problems) or f"Nothing says what these mean: {', '.join(open_[:10]) or 'empty cells'}."
            raise RefusedError(f"{what} Say it on the page of the file, or in its mapping.", Report())
        return made
