"""What many tests publish from the same files is published once in a process of tests, and then copied."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

_kept: dict[str, Path] = {}
_folder = tempfile.TemporaryDirectory(prefix="leedskg-published-")


def publish_once(how: str, state: Path, publish: Callable[[], object], *folders: Path) -> None:
    """Have `publish` make a new state folder of the files in some folders, or copy what it made of the same ones.

    `how` names what it does: what two of them make of the same files may differ.
    """
    digest = hashlib.sha256(how.encode())
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = path.read_bytes()
            digest.update(f"\n{path.relative_to(folder)} {len(content)}\n".encode() + content)
    key = digest.hexdigest()
    if key in _kept:
        shutil.copytree(_kept[key], state)
        return
    publish()
    kept = Path(_folder.name) / key
    shutil.copytree(state, kept)
    _kept[key] = kept
