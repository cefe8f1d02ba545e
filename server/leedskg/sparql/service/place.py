"""Where the sockets of supervisors are: a folder of its own for each keeper, which only its user may open."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from leedskg.errors import LeedskgError

#: Bytes that the path of a socket may have: 104 with the last zero on BSD and macOS, 108 on Linux.
_LONGEST_PATH = 100
#: Seconds for which a folder that nobody holds may be one that is being made.
_YOUNG = 60.0

_log = logging.getLogger(__name__)


def make_folder(home: Path | None) -> tuple[Path, int]:
    """Make a folder for sockets, and return it with a lock that tells others that we live.

    It is below the one given, the state folder; or, where that has too long a name for a socket or cannot be written
    to, or none is given, below the folder for temporary files. Raises LeedskgError where that is no way out.
    """
    made, reason = None, ""
    if home is not None:
        made = home / "queries" / secrets.token_hex(4)
        try:
            if len(os.fsencode(made / "1000.sock")) <= _LONGEST_PATH:
                _sweep(home / "queries")
                made.mkdir(mode=0o700, parents=True)
            else:
                made = None
        except OSError as error:
            reason = f"{error.strerror or error}: {made}"
            made = None
    if made is None:
        made = Path(tempfile.mkdtemp(prefix="leedskg-"))
    if len(os.fsencode(made / "1000.sock")) > _LONGEST_PATH:
        made.rmdir()
        raise LeedskgError(
            f"no socket can be made to ask queries by: the state folder and the folder for temporary files have names "
            f"of more than {_LONGEST_PATH - 25} bytes; name a shorter one with --state or TMPDIR"
        )
    if reason:
        _log.info("the sockets for queries are in %s (%s)", made, reason)
    lock = os.open(made / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return made, lock


def _sweep(folder: Path) -> None:
    """Remove what keepers have left that were killed."""
    for each in folder.glob("*"):
        with suppress(OSError):
            if time.time() - each.stat().st_mtime < _YOUNG:
                continue
            lock = os.open(each / "lock", os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(each, ignore_errors=True)
            except BlockingIOError:
                continue
            finally:
                os.close(lock)
