"""The store of a version, made of its dump when it is asked for: in the state folder, which can be deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from importlib.metadata import version as installed
from pathlib import Path

import pyoxigraph as ox

from leedskg import artefacts
from leedskg.errors import KnowledgeError
from leedskg.namespaces import Namespaces
from leedskg.releases.version import Version
from leedskg.settings import Settings
from leedskg.store.embedded import StoreReader, only_writer
from leedskg.store.generations import Generation, current_generation, publish_held

#: Seconds to wait for another process that makes the same store.
_PATIENCE = 600.0
_FOLDERS = ("ontology", "graph", "shapes")


def settings_of(version: Version, settings: Settings) -> Settings:
    """Return the settings by which a version is answered from: its own base and queries, and few processes."""
    state = settings.state_path / "versions" / version.name
    return replace(
        settings, base=version.base, state=str(state), knowledge=str(state / "knowledge"), store="", workers=1,
        spare_workers=0, page_workers=1, keep_generations=1,
    )  # fmt: skip


def prepare_store(version: Version, settings: Settings) -> Settings:
    """Make the store of a version, unless this program has made it before; give the settings to answer with.

    Raises KnowledgeError where its dump is not what it was.
    """
    own = settings_of(version, settings)
    dump = version.file(version.dump)
    if dump is None or not (version.folder / dump.name).is_file():
        raise KnowledgeError("this version has lost its dump; restore the folder", path=version.folder)
    metadata = {"version": version.name, "date": version.date, "sha256": dump.sha256, "artefacts": artefacts.FORMAT,
                "program": _program()}  # fmt: skip
    if _is_made(own.state_path, metadata):
        return own
    with only_writer(own.state_path, _PATIENCE):
        if not _is_made(own.state_path, metadata):
            _queries(version, own.state_path / "knowledge")
            _build(version, own.state_path, own.namespaces, metadata)
    return own


def _build(version: Version, state: Path, namespaces: Namespaces, metadata: dict[str, object]) -> None:
    day = date.fromisoformat(version.date)

    def fill(store: ox.Store) -> None:
        # By bulk_load each blank node would have another name than in the dump, and another each time.
        store.bulk_extend(ox.parse(path=str(version.folder / version.dump), format=ox.RdfFormat.N_QUADS))

    def complete(store: ox.Store, generation: Generation, folder: Path) -> None:
        artefacts.build(StoreReader(store, generation), namespaces, artefacts.folder_in(folder), day=day)

    # Whenever the store is made, the graph is that of the version's day, and says so of itself.
    publish_held(state, fill, metadata, keep=1, complete=complete, at=datetime.combine(day, time(), UTC))


def _queries(version: Version, knowledge: Path) -> None:
    """Copy the saved queries to where the site looks for them."""
    for folder in _FOLDERS:
        (knowledge / folder).mkdir(parents=True, exist_ok=True)
    (knowledge / "queries").mkdir(exist_ok=True)
    for each in version.files:
        if each.name.startswith("queries/"):
            (knowledge / each.name).parent.mkdir(exist_ok=True)
            (knowledge / each.name).write_bytes((version.folder / each.name).read_bytes())


def _is_made(state: Path, metadata: dict[str, object]) -> bool:
    try:
        return dict(current_generation(state).metadata) == metadata
    except KnowledgeError:
        return False


def _program() -> str:
    return installed("leedskg")
