"""A publisher's file as it is given: one file, a folder, or an archive, read as a stream."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport

_CHUNK = 1024 * 1024
#: Bytes of a part that are looked at to tell what it is.
HEAD = 64 * 1024
#: Bytes that a part may have which is read whole, such as the XML of one project.
MOST_WHOLE = 32 * 1024 * 1024
_PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\x00": lzma.open, b"BZh": bz2.open}
_OF_DESKTOPS = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
#: What is put beside records to be read by people.
_FOR_READERS = re.compile(
    r"(?:^|/)(?:(?:read[-_ ]?me|licen[cs]e|copying|changelog)(?:\.(?:txt|html?))?|[^/]+\.(?:md|pdf|docx?|rtf))$",
    re.IGNORECASE,
)
_WORKBOOK = "xl/workbook.xml"
#: What spreadsheets of other forms begin with: OpenDocument, and Excel before 2007.
_OTHER_SHEETS = (b"application/vnd.oasis.opendocument.spreadsheet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
#: What damaged archives raise, while they are opened or while they are read.
DAMAGED = (EOFError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, gzip.BadGzipFile, OSError)


@dataclass(frozen=True)
class ArchiveMember:
    """One file within what was given: its name, and its bytes as a stream that is read once."""

    name: str
    stream: Any

    def first(self, size: int = 4) -> bytes:
        """Return the first bytes, which are still to be read; empty for an empty part."""
        start: bytes = self.stream.peek(size)[:size]
        return start

    def whole(self) -> bytes:
        """Return all bytes. Raises ImportFileError for more than a single record has."""
        content: bytes = self.stream.read(MOST_WHOLE + 1)
        if len(content) > MOST_WHOLE:
            raise ImportFileError("this is larger than a single record can be.", FilePlace(self.name))
        return content


@dataclass(frozen=True)
class InputFile:
    """A file or folder on the disk, and the name that a person knows it by."""

    path: Path
    name: str

    @classmethod
    def at(cls, path: Path) -> InputFile:
        """Return the file at a path, by its own name. Raises ImportFileError when there is none."""
        if not path.exists():
            raise ImportFileError("there is no such file or folder.", FilePlace(str(path)))
        return cls(path, path.name)

    def filled_parts(self, report: ReadingReport) -> Iterator[ArchiveMember]:
        """Yield the parts that have records in them; one that is empty or for readers is told and passed over."""
        for part in self._all_parts():
            if _OF_DESKTOPS.search(part.name):
                continue
            if self._for_readers(part):
                report.note("for readers", "this is for readers, and was passed over.", FilePlace(part.name))
            elif part.first():
                yield part
            else:
                report.note("empty file", "the file is empty, and was passed over.", FilePlace(part.name))

    def parts(self) -> Iterator[ArchiveMember]:
        """Yield the files of a folder or an archive, or the file itself, unpacked; each is read before the next.

        What desktops put beside them (`__MACOSX`, `.DS_Store`) is no part, nor is a README or licence.
        """
        return (part for part in self._all_parts() if not (_OF_DESKTOPS.search(part.name) or self._for_readers(part)))

    def _for_readers(self, part: ArchiveMember) -> bool:
        return part.name != self.name and bool(_FOR_READERS.search(part.name))

    def _all_parts(self) -> Iterator[ArchiveMember]:
        if self.path.is_dir():
            for each in sorted(path for path in self.path.rglob("*") if path.is_file()):
                yield from InputFile(each, each.relative_to(self.path).as_posix())._all_parts()
            return
        with self.path.open("rb") as file:
            start = file.read(6)
        opener = next((opener for mark, opener in _PACKED.items() if start.startswith(mark)), None)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            yield from self._zipped()
        elif self._is_tar():
            yield from self._tarred()
        elif opener:
            with opener(self.path, "rb") as stream:
                yield ArchiveMember(Path(self.name).stem, stream)
        else:
            with self.path.open("rb") as stream:
                yield ArchiveMember(self.name, stream)

    def _is_tar(self) -> bool:
        try:
            return tarfile.is_tarfile(self.path)
        except DAMAGED:
            return False

    def _zipped(self) -> Iterator[ArchiveMember]:
        with zipfile.ZipFile(self.path) as archive:
            if _WORKBOOK in archive.namelist():
                with self.path.open("rb") as stream:
                    yield ArchiveMember(self.name, stream)
                return
            for entry in archive.infolist():
                if entry.flag_bits & 1:
                    raise ImportFileError(
                        "the archive is encrypted. Unpack it and give what is in it.", FilePlace(self.name)
                    )
                if not entry.is_dir():
                    with archive.open(entry) as stream:
                        yield ArchiveMember(entry.filename, stream)

    def _tarred(self) -> Iterator[ArchiveMember]:
        with tarfile.open(self.path, "r|*") as archive:
            for entry in archive:
                stream = archive.extractfile(entry) if entry.isfile() else None
                if stream is not None:
                    yield ArchiveMember(entry.name, stream)

    def head(self) -> tuple[str, bytes]:
        """Return name and first bytes of the first part that is not empty; nothing of an archive that is damaged."""
        try:
            for part in self.parts():
                if start := part.stream.read(HEAD):
                    return part.name, start
        except (*DAMAGED, RuntimeError, ImportFileError):
            pass
        return self.name, b""

    def sha256(self) -> str:
        """Return the SHA-256 of the file; of a folder, over the names and digests of its files."""
        digest = hashlib.sha256()
        if self.path.is_dir():
            for each in sorted(path for path in self.path.rglob("*") if path.is_file()):
                name = each.relative_to(self.path).as_posix()
                digest.update(f"{name}\0{InputFile(each, name).sha256()}\n".encode())
            return digest.hexdigest()
        with self.path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()


def refuse_other_spreadsheets(file: InputFile) -> None:
    """Raise ImportFileError, with how to save it, for a spreadsheet that is not .xlsx; some publishers give these."""
    if file.head()[1].startswith(_OTHER_SHEETS):
        raise ImportFileError(
            "this is a spreadsheet in a form that is not read here. Open it, save the sheet with the records as .xlsx "
            "or as CSV UTF-8, and import that.",
            FilePlace(file.name),
        )


@contextmanager
def undamaged(file: InputFile) -> Iterator[None]:
    """Say in a sentence what a damaged archive or an unreadable file raises."""
    try:
        yield
    except DAMAGED as error:
        why = str(error).strip() or "it ends too early"
        raise ImportFileError(
            f"the file is damaged or cut short ({why}), and nothing of it was kept. Get it from the publisher again.",
            FilePlace(file.name),
        ) from None
