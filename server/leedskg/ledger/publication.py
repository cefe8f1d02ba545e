"""From the knowledge files and the ledger to what readers see.

The ledger's commit is the truth; publishing follows it. A process that dies between the two leaves a generation that
does not name the ledger's head, which the next start finds and mends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from leedskg import publishing
from leedskg.errors import KnowledgeError
from leedskg.files import knowledge_root
from leedskg.graph import named_graph
from leedskg.knowledge import Knowledge, knowledge_digest, read_knowledge
from leedskg.ledger.book import Ledger
from leedskg.ledger.model import Operation, RecordedStatement, Step, operations
from leedskg.ledger.overlay import applied, files_after
from leedskg.ledger.provenance import provenance
from leedskg.namespaces import Namespaces
from leedskg.publishing import Mark
from leedskg.settings import Settings
from leedskg.statements import StatementFile
from leedskg.store.embedded import only_writer
from leedskg.store.generations import Generation, current_generation
from leedskg.store.remote import RemoteGeneration

#: Seconds that a publication waits for another to end.
PATIENCE = 120.0


@dataclass(frozen=True)
class Present:
    """The knowledge files and the ledger as at one moment, and the graph that they make."""

    files: Knowledge
    steps: tuple[Step, ...]
    statements: dict[int, tuple[RecordedStatement, ...]]
    operations: tuple[Operation, ...]
    graph: Knowledge

    @property
    def head(self) -> str:
        """The digest of all steps; empty when there is none."""
        return self.steps[-1].head if self.steps else ""


class Publication:
    """Reads what the graph is, and publishes it."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._lock = threading.Lock()
        self._present: Present | None = None

    @property
    def state(self) -> Path:
        """The folder of the generations."""
        return self._settings.state_path

    def root(self) -> Path:
        """The folder of the knowledge files."""
        return knowledge_root(self._settings.knowledge)

    def present(self) -> Present:
        """The graph as files and ledger make it now. Raises KnowledgeError for files that cannot be read."""
        with self._lock:
            root = self.root()
            digest = knowledge_digest(root)
            steps, statements = self._ledger.replay()
            known = self._present
            if known and known.files.digest == digest and known.head == (steps[-1].head if steps else ""):
                return known
            files = known.files if known and known.files.digest == digest else None
            files = files or read_knowledge(root, self._settings.namespaces)
            done = operations(steps, statements)
            self._present = Present(files, tuple(steps), statements, tuple(done), applied(files, done))
            return self._present

    def is_current(self) -> bool:
        """Whether what is published is what files and ledger say."""
        steps = self._ledger.steps()
        head = steps[-1].head if steps else ""
        return publishing.is_current(self._settings, knowledge_digest(self.root()), head)

    def files_changed(self) -> bool:
        """Whether the knowledge files are not those that were published; they may not even have been checked."""
        before = self._current()
        return before is not None and before.metadata.get("knowledge") != knowledge_digest(self.root())

    def catch_up(self) -> Generation | RemoteGeneration | None:
        """Publish steps of the ledger that a crash left unpublished; changed files are left for a build to check."""
        if self._current() is None or self.files_changed() or self.is_current():
            return None
        return self.publish()

    def publish(self, *, whole: bool = False, despite_lost_steps: bool = False) -> Generation | RemoteGeneration:
        """Publish what files and ledger say now, unless that is published; `whole` builds it anew in any case.

        Where the current generation is an earlier state of the same files and ledger, only what differs is done to a
        copy of it; the result is the same. Raises KnowledgeError when the ledger lacks steps that were published
        before, unless `despite_lost_steps`.
        """
        # A store elsewhere has a lock of its own, for its publishers may be on several machines.
        with nullcontext() if self._settings.store else only_writer(self.state, PATIENCE):
            present = self.present()
            before = self._current()
            if before and not whole and publishing.is_current(self._settings, present.files.digest, present.head):
                return before
            if before and not despite_lost_steps:
                self._refuse_lost_steps(before, present)
            mark = Mark(self._ledger.id(), len(present.steps), present.head) if present.steps else Mark()
            keep = self._settings.keep_generations
            base = self._base(before, present) if isinstance(before, Generation) and not whole else None
            if base is None or not isinstance(before, Generation):
                quads = self._provenance(present, present.steps)
                if self._settings.store:
                    return publishing.build_on_server(present.graph, self._settings, mark=mark, provenance=quads)
                return publishing.build_held(present.graph, self.state, keep=keep, mark=mark, provenance=quads)
            removed, added = self._difference(base, present)
            return publishing.amend_held(present.graph, self.state, before, removed, added, keep=keep, mark=mark)

    def _current(self) -> Generation | RemoteGeneration | None:
        try:
            return publishing.published(self._settings)
        except KnowledgeError:
            return None

    def _refuse_lost_steps(self, before: Generation | RemoteGeneration, present: Present) -> None:
        mark = publishing.mark_of(before)
        if mark.head and all(step.head != mark.head for step in present.steps):
            raise KnowledgeError(
                f"what is published includes {_counted(mark.steps)} of a ledger that {self._ledger.folder} does not "
                "have. If the setting LEEDSKG_LEDGER names the wrong folder, mend it; if the ledger is lost, restore a "
                "backup with `leedskg restore`; to publish without those steps, run `leedskg rebuild`"
            )

    def _base(self, before: Generation, present: Present) -> list[Operation] | None:
        """The operations that the generation includes, or None where it is no earlier state of files and ledger."""
        mark = publishing.mark_of(before)
        if not publishing.is_current(self._settings, present.files.digest, mark.head):
            return None
        steps = list(present.steps[: mark.steps])
        if (steps[-1].head if steps else "") != mark.head:
            return None
        return operations(steps, present.statements)

    def _difference(self, base: Sequence[Operation], present: Present) -> tuple[list[ox.Quad], list[ox.Quad]]:
        """The quads that go and those that come, from an earlier state to the present one."""
        changed = {each.contribution for each in base}.symmetric_difference(
            each.contribution for each in present.operations
        )
        touched = {
            each.triple
            for number in changed | {step.contribution for step in present.steps}
            for each in present.statements[number]
        }
        earlier, now = files_after(present.files, base), present.graph.graph.statements.files
        before, after = (_quads(files, self._settings.namespaces, touched) for files in (earlier, now))
        said = set(self._provenance(present, present.steps))
        graph = ox.NamedNode(self._settings.namespaces.graph("provenance"))
        known = set(_in_graph(current_generation(self.state).path, graph))
        return [*(before - after), *(known - said)], [*(after - before), *(said - known)]

    def _provenance(self, present: Present, steps: Sequence[Step]) -> list[ox.Quad]:
        numbers = sorted({step.contribution for step in steps})
        contributions = [self._ledger.contribution(number) for number in numbers]
        events = {number: self._ledger.events(number) for number in numbers}
        return provenance(contributions, events, present.files.namespaces)


def _counted(steps: int) -> str:
    return "1 step" if steps == 1 else f"{steps:,} steps"


def _quads(files: Iterable[StatementFile], namespaces: Namespaces, touched: set[ox.Triple]) -> set[ox.Quad]:
    return {
        ox.Quad(triple.subject, triple.predicate, triple.object, named_graph(namespaces, file.name))
        for file in files
        for triple in file.triples
        if triple in touched
    }


def _in_graph(folder: Path, graph: ox.NamedNode) -> list[ox.Quad]:
    return list(ox.Store.read_only(str(folder)).quads_for_pattern(None, None, None, graph))
