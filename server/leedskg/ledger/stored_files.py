"""Submitted files, kept byte for byte under their SHA-256."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from leedskg.errors import LedgerError
from leedskg.files import replacing
from leedskg.store.embedded import fsync

_DIGEST = re.compile("[0-9a-f]{64}")


class StoredFiles:
    """A folder of files that never change, each named by the digest of its content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> str:
        """Keep the content and give its digest. When this returns, content and name are on the disk."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.folder / digest
        if self._holds(path, len(content)):
            return digest
        self.folder.mkdir(0o700, parents=True, exist_ok=True)
        if self.folder.stat().st_mode & 0o077:
            with suppress(PermissionError):  # it belongs to somebody else, who has decided
                self.folder.chmod(0o700)
        with replacing(path) as file:
            file.write(content)
        fsync(self.folder)
        fsync(self.folder.parent)
        return digest

    def read(self, digest: str) -> bytes:
        """Read the content. Raises LedgerError when it is not there or is not what was kept."""
        if not _DIGEST.fullmatch(str(digest)):
            raise LedgerError("the record of a submitted file is damaged; restore a backup", path=self.folder)
        path = self.folder / digest
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LedgerError(f"the submitted file cannot be read: {error.strerror}", path=path) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise LedgerError("the submitted file has been changed or damaged; restore a backup", path=path)
        return content

    def digests(self) -> list[str]:
        """List the digests of all files, in order; what a process that died was writing is none."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("."))

    @staticmethod
    def _holds(path: Path, size: int) -> bool:
        if not path.is_file() or path.stat().st_size != size:
            return False
        # It may have been renamed by a process that died before its fsync: say so to the disk again.
        fsync(path)
        fsync(path.parent)
        return True
