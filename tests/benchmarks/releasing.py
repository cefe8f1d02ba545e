"""What a version costs, and that it comes out the same: `python -m tests.benchmarks.releasing`.

A made-up graph is published, and `leedskg release` makes the same version of it twice, each time in a process of its
own with query workers of its own. Told are the size of the files, the CPU of the command and all its processes, the
peak memory of the largest of them, and which files differ.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from leedskg.store.generations import current_generation
from tests.benchmarks.generator import publish_made_up


def release(state: Path, versions: Path, name: str, *more: str) -> tuple[float, int]:
    """Make a version; give the seconds of CPU and the bytes of the largest process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = Path(sys.executable).with_name("leedskg")
    words = [str(command), "release", name, "--date", "2026-01-31", "--to", str(versions), *more]
    subprocess.run(words, check=True, env=os.environ | {"LEEDSKG_STATE": str(state)})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss * 1024


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file below a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.releasing", description=__doc__)
    parser.add_argument("--statements", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--state", type=Path, help="a folder with a graph that is published already, to be measured")
    options = parser.parse_args()
    for statements in [0] if options.state else options.statements:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            state = options.state or folder / "state"
            if not options.state:
                subprocess.run(  # in a process of its own, whose memory does not count
                    [sys.executable, "-c", f"from pathlib import Path; from {publish_made_up.__module__} import *; "
                     f"publish_made_up(Path({str(state)!r}), {statements})"], check=True,
                )  # fmt: skip
            print(f"{current_generation(state).statements:,} statements", flush=True)
            for number in (1, 2):
                seconds, memory = release(state, folder / str(number), "one")
                size = sum(path.stat().st_size for path in (folder / str(number)).rglob("*") if path.is_file())
                print(f"  {size / 1e6:,.0f} MB of files, {seconds:.1f} s of CPU, {memory / 2**20:,.0f} MiB", flush=True)
            one, other = digests(folder / "1"), digests(folder / "2")
            differing = [name for name in {*one, *other} if one.get(name) != other.get(name)]
            print(f"  {len(one)} files, of which {len(differing)} differ {differing}", flush=True)


if __name__ == "__main__":
    main()
