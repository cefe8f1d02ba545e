"""One file that holds the ledger whole, and the way back from it.

A backup is a tar archive: a copy of the database as at one moment (SQLite's backup API, so that others may go on
writing), every submitted file, and a list of SHA-256 digests. A restore checks every digest before it touches anything.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from leedskg.errors import KnowledgeError, RequestError
from leedskg.ledger.database import open_to_read
from leedskg.ledger.holding import sole_user
from leedskg.ledger.ledger import Ledger
from leedskg.ledger.model import Contribution
from leedskg.store.embedded import fsync

_LIST = "digests.json"
#: In that list: the digests of the files that the ledger lacked.
_LACKING = "lacking"
_MOST_NAMED = 10
#: The databases of the folder: contributions, and accounts where there are some.
_DATABASES = "*.sqlite3"
#: What SQLite keeps beside a database while it is open; the copy of a database needs none of it.
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Backup:
    """What a backup holds."""

    path: Path
    contributions: int
    files: int
    databases: tuple[str, ...]
    lacking: tuple[int, ...] = ()


def back_up(ledger: Ledger, path: Path, *, incomplete: bool = False) -> Backup:
    """Write the ledger's folder into one file, which takes the place of an older one at once.

    Raises KnowledgeError when there is no ledger, when the file cannot be written, and, unless `incomplete`, when the
    ledger lacks a submitted file or has one that is damaged.
    """
    if not any(ledger.folder.glob(_DATABASES)):
        raise KnowledgeError("there is no ledger to back up: nothing has been contributed", path=ledger.folder)
    lacking = _lacking(ledger)
    submitted, unusable = {each.sha256 for each in ledger.contributions()}, {each.sha256 for each in lacking}
    if lacking and not incomplete:
        raise KnowledgeError(
            f"no backup was written, for the file that was submitted is lost or damaged of contribution "
            f"{_numbers(lacking)}. Put it back from an older backup into {ledger.files.folder}; or back up what is "
            "there with --incomplete",
            path=ledger.folder,
        )
    try:
        with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".backup-") as made:
            folder = Path(made)
            databases = []
            for database in sorted(ledger.folder.glob(_DATABASES)):
                _copy_database(database, folder / database.name)
                databases.append(database.name)
            # The files come after the database: one that is added in between is not named there, and does no harm.
            digests = {name: _digest(folder / name) for name in databases}
            archive_path = folder / "archive"
            with tarfile.open(archive_path, "w:gz") as archive:
                for name in databases:
                    archive.add(folder / name, name)
                for other in _others(ledger.folder):
                    content = other.read_bytes()
                    digests[other.name] = hashlib.sha256(content).hexdigest()
                    _add(archive, other.name, content)
                for digest in sorted(submitted - unusable):
                    content = ledger.files.read(digest)
                    digests[f"files/{digest}"] = digest
                    _add(archive, f"files/{digest}", content)
                listed = digests | ({_LACKING: sorted(unusable)} if unusable else {})
                _add(archive, _LIST, json.dumps(listed, indent=2).encode())
            archive_path.chmod(0o600)  # it may hold what signs forms, and what passwords are checked by
            fsync(archive_path)
            archive_path.replace(path)
            fsync(path.absolute().parent)
    except (OSError, sqlite3.Error) as error:
        raise KnowledgeError(f"the backup could not be written: {error}", path=path) from None
    numbers = tuple(each.id for each in lacking)
    return Backup(path, len(ledger.contributions()), len(submitted - unusable), tuple(databases), numbers)


def _lacking(ledger: Ledger) -> list[Contribution]:
    """Return the contributions whose submitted file is not there, or is not what was submitted."""
    found = []
    for each in reversed(ledger.contributions()):
        try:
            ledger.files.read(each.sha256)
        except KnowledgeError:
            found.append(each)
    return found


def _numbers(contributions: Sequence[Contribution]) -> str:
    shown = ", ".join(str(each.id) for each in contributions[:_MOST_NAMED])
    more = len(contributions) - _MOST_NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def restore(path: Path, folder: Path, *, force: bool = False) -> Backup:
    """Make the ledger's folder of a backup, all of it or nothing.

    Raises RequestError when a server uses the ledger, and when there is one and `force` is not given; with it, what
    was there is kept beside it under another name. Raises KnowledgeError for a backup that is damaged or none.
    """
    if folder.exists() and any(folder.iterdir()) and not force:
        raise RequestError(f"There is a ledger in {folder}. To put the backup in its place, give --force.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with sole_user(folder), tempfile.TemporaryDirectory(dir=folder.parent, prefix=".restore-") as name:
        new = Path(name) / "ledger"
        new.mkdir(0o700)
        try:
            databases, known_lacking = _unpack(path, new)
        except (OSError, tarfile.TarError, EOFError, ValueError, KeyError) as error:
            raise KnowledgeError(
                f"this is no backup that can be used, and nothing was changed: {error}", path=path
            ) from None
        ledger = Ledger(new)
        lacking = _check(ledger, path, known_lacking)
        count, files = len(ledger.contributions()), len(ledger.files.digests())
        for leftover in [each for each in new.iterdir() if each.name.endswith(_BESIDE)]:
            leftover.unlink()
        if folder.exists():
            _set_aside(folder)
        new.rename(folder)
        fsync(folder.parent)
    return Backup(path, count, files, tuple(databases), lacking)


def _unpack(path: Path, new: Path) -> tuple[list[str], set[str]]:
    """Take the parts out of the archive, each by its name in the list and none else; raise ValueError for a fault."""
    with tarfile.open(path, "r:*") as archive:
        listed = archive.extractfile(_LIST)
        digests = json.loads(listed.read()) if listed else {}
        if not isinstance(digests, dict) or not any(Path(name).match(_DATABASES) for name in digests):
            raise ValueError("it does not list a ledger")
        lacking = set(digests.pop(_LACKING, ()))
        (new / "files").mkdir(0o700)
        for name, digest in digests.items():
            target = new / name
            if target.parent not in (new, new / "files") or name.startswith("."):
                raise ValueError(f"it holds {name}, which is no part of a ledger")
            source = archive.extractfile(name)
            if source is None:
                raise ValueError(f"{name} is not a file")
            target.touch(0o600)
            with target.open("wb") as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
            if _digest(target) != digest:
                raise ValueError(f"{name} is damaged")
    fsync(new / "files")
    fsync(new)
    return [name for name in digests if Path(name).match(_DATABASES)], lacking


def _check(ledger: Ledger, path: Path, lacking: set[str]) -> tuple[int, ...]:
    """Hold each database to itself, and the ledger to its files; give the contributions known to lack theirs."""
    for database in ledger.folder.glob(_DATABASES):
        connection = sqlite3.connect(database)
        try:
            [said] = connection.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.DatabaseError as error:
            said = str(error)
        finally:
            connection.close()
        if said != "ok":
            raise KnowledgeError(f"{database.name} in this backup is damaged: {said}", path=path)
    there = set(ledger.files.digests())
    missing = [each for each in reversed(ledger.contributions()) if each.sha256 not in there]
    if any(each.sha256 not in lacking for each in missing):
        raise KnowledgeError(
            f"the backup lacks the submitted file of contribution {_numbers(missing)}, and nothing was changed",
            path=path,
        )
    return tuple(each.id for each in missing)


def _set_aside(folder: Path) -> None:
    number = 1
    while (aside := folder.with_name(f"{folder.name}.before-restore-{number}")).exists():
        number += 1
    folder.rename(aside)


def _others(folder: Path) -> list[Path]:
    """List the other files of the folder, such as the key that signs forms."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.match(_DATABASES) and not path.name.endswith(_BESIDE) and path.name[0] != "."
    )


def _copy_database(source: Path, target: Path) -> None:
    old, new = sqlite3.connect(source), sqlite3.connect(target)
    try:
        try:
            old.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError:  # nothing can be written beside it: a read-only folder, or a full disk
            old.close()
            old = open_to_read(source)
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")
    finally:
        new.close()
        old.close()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
