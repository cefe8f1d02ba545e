"""Generations: what has been published, which of them is current, and who still reads one.

    state/
      current               the number of the current generation
      generations/7/        an Oxigraph folder that never changes; `artefacts` in it is what was worked out of it
      generations/7.json    what is known of it
      generations/7.lease   held (flock, shared) by every process that reads it
      building/             private to the writer; left over only when one died
      writer.lock           held (flock, exclusive) by the one writer

The knowledge files and the ledger are the truth; all of this can be deleted and built again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyoxigraph as ox

from leedskg.errors import KnowledgeError
from leedskg.files import replace_file
from leedskg.store import embedded

BUILD = "run `leedskg build`"

#: Writes what belongs to a generation beside its statements. It is called, before anybody can see the generation, with
#: the store, what is known of the generation, and the folder that will be the generation's.
Complete = Callable[[ox.Store, "Generation", Path], object]


@dataclass(frozen=True)
class Generation:
    """One published state of the graph, which never changes; or, `writable`, the folder of a scratch store."""

    number: int
    path: Path
    built_at: str
    statements: int
    metadata: Mapping[str, Any] = field(default_factory=dict)
    writable: bool = False

    @cached_property
    def id(self) -> str:
        """The number and a digest, for a number comes back when the state folder is deleted and built again."""
        known = json.dumps([self.number, self.built_at, self.statements, dict(self.metadata)], sort_keys=True)
        return f"{self.number}-{hashlib.sha256(known.encode()).hexdigest()[:8]}"


class Lease:
    """The right to read a generation: it is not deleted while any process holds one.

    `descriptor` can be handed to a child process; the lock lasts until the last copy of it is closed.
    """

    def __init__(self, generation: Generation, descriptor: int) -> None:
        self.generation = generation
        self.descriptor = descriptor

    def close(self) -> None:
        """Give the lease back. Doing so again does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def current_generation(state: Path) -> Generation:
    """Find the generation that readers should see. Raises KnowledgeError, saying what to do, when there is none."""
    number = _pointer(state)
    path = state / "generations" / str(number)
    try:
        known = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        generation = Generation(number, path, known["built_at"], known["statements"], known["metadata"])
    except (OSError, ValueError, KeyError, TypeError):
        raise KnowledgeError(f"generation {number} in {state} is not whole: {BUILD} to publish again") from None
    if not path.is_dir():
        raise KnowledgeError(f"generation {number} in {state} has lost its store: {BUILD} to publish again")
    return generation


def lease_current(state: Path) -> Lease:
    """Take a lease on the current generation. Raises KnowledgeError when there is none to read."""
    for _ in range(100):
        generation = current_generation(state)
        name = generation.path.with_suffix(".lease")
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            if _pointer(state) == generation.number:
                raise KnowledgeError(
                    f"generation {generation.number} in {state} has lost its lease file: {BUILD} to publish again"
                ) from None
            continue
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        # A writer may have deleted the generation between our look and our lock: then the name is gone.
        if _is_same_file(descriptor, name) and generation.path.is_dir():
            return Lease(generation, descriptor)
        os.close(descriptor)
    raise KnowledgeError(f"the generations in {state} change faster than they can be read")


def _nothing_more(_store: ox.Store, _generation: Generation, _folder: Path) -> None:
    """Complete a generation that is its statements alone."""


def publish(state: Path, fill: Callable[[ox.Store], object], metadata: Mapping[str, Any], *, keep: int) -> Generation:
    """Fill a new store, publish what it holds as the next generation, and switch to it.

    The new store is filled and flushed in a private folder, and the generation is a snapshot of it. The pointer is
    replaced last, so whatever fails or dies before leaves readers with the last good generation, and the next call
    sweeps up.

    `keep` counts the generations to keep, this one included; older ones stay only while someone reads them.
    Raises what `fill` raises, and KnowledgeError when another process is writing.
    """
    with embedded.only_writer(state):
        return publish_held(state, fill, metadata, keep=keep)


def publish_held(  # noqa: PLR0913 - what is published, and the two who add to it
    state: Path,
    fill: Callable[[ox.Store], object],
    metadata: Mapping[str, Any],
    *,
    keep: int,
    describe: Callable[[ox.Store], object] = lambda _: None,
    complete: Complete = _nothing_more,
    at: datetime | None = None,
) -> Generation:
    """Do what `publish` does, for a caller that holds the right to write.

    `describe` adds to the united store, and keeps it united but for what nothing but its own graph is to show. What
    `complete` writes is there before the pointer moves; where it raises, nothing is published. `at` is the time of
    which the statements are, where that is not now.
    """
    _sweep(state)
    with embedded.new_store(state) as (store, _):
        fill(store)
        embedded.unite(store)
        describe(store)
        store.flush()
        store.optimize()
        generation = _publish_from(store, state, metadata, complete, at=at)
        del store  # closes it
    _drop(state, generation.number, keep)
    return generation


def publish_upon_held(  # noqa: PLR0913 - a state of the graph, and the way to the next
    state: Path,
    base: Generation,
    change: Callable[[ox.Store], int],
    metadata: Mapping[str, Any],
    *,
    keep: int,
    complete: Complete = _nothing_more,
) -> Generation:
    """Publish what the generation `base` becomes by a change; the caller holds the right to write.

    The change is made in a copy of the generation in a private folder, so that one that fails or dies leaves nothing
    half done. It has to keep the default graph the union of the others, and to give by how many distinct statements the
    store has grown: counting them took nine tenths of the time (300,000 statements). Raises what `change` raises.
    """
    _sweep(state)
    with embedded.private_folder(state) as folder:
        store = embedded.copy_of(base.path, folder / "store")
        statements = base.statements + change(store)
        generation = _publish_from(store, state, metadata, complete, statements)
        del store  # closes it
    _drop(state, generation.number, keep)
    return generation


def _publish_from(  # noqa: PLR0913 - what is published, and what is known of it
    store: ox.Store,
    state: Path,
    metadata: Mapping[str, Any],
    complete: Complete,
    statements: int | None = None,
    *,
    at: datetime | None = None,
) -> Generation:
    folder = state / "generations"
    folder.mkdir(exist_ok=True)
    number = max(_numbers(folder), default=0) + 1
    path = folder / str(number)
    built_at = (at or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    statements = embedded.count(store) if statements is None else statements
    generation = Generation(number, path, built_at, statements, dict(metadata))
    partial = state / embedded.BUILDING / str(number)
    embedded.snapshot(store, partial)
    complete(store, generation, partial)
    embedded.fsync_all(partial)
    _write(path.with_suffix(".lease"), "")
    known = {"number": number, "built_at": built_at, "statements": generation.statements, "metadata": dict(metadata)}
    _write(path.with_suffix(".json"), json.dumps(known, indent=2, sort_keys=True) + "\n")
    partial.rename(path)
    embedded.fsync(folder)
    _write(state / "current", f"{number}\n")
    return generation


def _pointer(state: Path) -> int:
    try:
        text = (state / "current").read_text(encoding="ascii")
        return int(text)
    except FileNotFoundError:
        raise KnowledgeError(f"nothing is published yet: {BUILD}") from None
    except ValueError:
        raise KnowledgeError(f"it does not say which generation is current: {BUILD}", path=state / "current") from None
    except OSError as error:
        raise KnowledgeError(f"it cannot be read: {error.strerror}", path=state / "current") from None


def _write(path: Path, text: str) -> None:
    """Replace a file at once: a reader sees the old text or the new, also after a power cut."""
    replace_file(path, text)
    embedded.fsync(path.parent)


def _sweep(state: Path) -> None:
    """Delete what a writer that died has left: private folders, and generations that never became current."""
    shutil.rmtree(state / embedded.BUILDING, ignore_errors=True)
    folder = state / "generations"
    try:
        current = _pointer(state)
    except KnowledgeError:
        return  # which generations were good cannot be told; `_drop` removes them after the next publish
    for number in _numbers(folder):
        if number > current:
            _delete(folder / str(number))


def _drop(state: Path, current: int, keep: int) -> None:
    folder = state / "generations"
    for number in sorted(_numbers(folder), reverse=True):
        if number <= current - keep:
            _delete(folder / str(number))


def _delete(path: Path) -> None:
    """Delete a generation, unless someone reads it."""
    name = path.with_suffix(".lease")
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        path.with_suffix(".json").unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)
        name.unlink()  # last, and while the lock is held: see lease_current
    finally:
        os.close(descriptor)


def _numbers(folder: Path) -> set[int]:
    return {int(path.stem) for path in folder.glob("*") if path.stem.isdecimal()}


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
