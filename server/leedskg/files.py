"""Where the knowledge files are: in a wheel, in a checkout, or where the setting says."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from leedskg.errors import KnowledgeError

FOLDERS = ("ontology", "graph", "shapes", "queries")


def knowledge_root(configured: str = "") -> Path:
    """Return the folder that holds the four knowledge folders.

    `configured` (the setting) wins; else the wheel's own copy, else the checkout around this file.
    Raises KnowledgeError, naming what is missing, when a folder is not there.
    """
    package = Path(__file__).resolve().parent
    if configured:
        root = Path(configured).expanduser().absolute()
    elif (package / "_knowledge").is_dir():
        root = package / "_knowledge"
    else:
        root = package.parents[1]
    missing = [name for name in FOLDERS if not (root / name).is_dir()]
    if missing:
        folders = ", ".join(f"{name}/" for name in missing)
        raise KnowledgeError(
            f"the knowledge folder {root} has no {folders}; set LEEDSKG_KNOWLEDGE to a folder that holds "
            f"{', '.join(f'{name}/' for name in FOLDERS)}"
        )
    return root


def knowledge_files(root: Path, folder: str, suffix: str) -> Iterator[Path]:
    """Yield the files of one knowledge folder with this suffix, in the order of their names."""
    yield from sorted(path for path in (root / folder).rglob(f"*{suffix}") if path.is_file())


def digest_of(paths: Iterable[Path], root: Path) -> str:
    """Return SHA-256 over names (relative to `root`) and contents of the files: changes when any of them does."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def replace_file(path: Path, text: str) -> None:
    """Put a new text in a file's place, or make the file, in one step: a failure leaves what was there."""
    with replacing(path, path.stat().st_mode if path.exists() else 0o644) as file:
        file.write(text.encode())


@contextmanager
def replacing(path: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """Write a file that takes the place of another in one step, when all of it is written and on the disk."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
