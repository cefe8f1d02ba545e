"""From the knowledge files and the ledger to what readers see.

The ledger's commit is the truth; publishing follows it. A process that dies between the two leaves a generation that
does not name the ledger's head, which the next start finds and fixes.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from leedskg import publishing
from leedskg.contributions.imported import IMPORT
from leedskg.errors import KnowledgeError
from leedskg.files import knowledge_root
from leedskg.garbage import collected_afterwards
from leedskg.graph import CuratedGraph
from leedskg.importers.origin import origins_in
from leedskg.knowledge import Knowledge, knowledge_digest, read_knowledge
from leedskg.ledger.difference import PublishedDifference
from leedskg.ledger.imports import tables_in_force
from leedskg.ledger.ledger import Ledger
from leedskg.ledger.lines import Lines
from leedskg.ledger.model import Operation, RecordedStatement, Step, operations
from leedskg.ledger.overlay import StoredStatements, applied
from leedskg.ledger.provenance import provenance
from leedskg.publishing import LedgerMark
from leedskg.settings import Settings
from leedskg.statements import Statements
from leedskg.store.embedded import only_writer
from leedskg.store.generations import Generation, lease_current
from leedskg.store.progress import Progress
from leedskg.store.remote.register import RemoteGeneration
from leedskg.validation.views import MemoryView, ShapeInput, StoreView

#: Seconds that a publication waits for another to end.
PATIENCE = 120.0


@dataclass(frozen=True, eq=False)
class Present:
    """What the graph says now, to be read and to be checked against: as it is published, or from files and ledger."""

    graph: Knowledge
    head: str
    view: ShapeInput
    size: int

    @property
    def state(self) -> str:
        """What tells this state of the graph from others."""
        return f"{self.graph.digest} {self.head}"


@dataclass(frozen=True)
class Replay:
    """The knowledge files with every step of the ledger done to them again: what costs by all that was ever sent."""

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
        self._rules: Knowledge | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    @property
    def state(self) -> Path:
        """The folder of the generations."""
        return self._settings.state_path

    def root(self) -> Path:
        """Return the folder of the knowledge files."""
        return knowledge_root(self._settings.knowledge)

    def present(self) -> Present:
        """Return the graph as files and ledger make it now. Raises KnowledgeError for files that cannot be read.

        Where that is published, it is read from there, a record at a time; else the ledger is replayed.
        """
        with self._lock:
            root = self.root()
            digest, head = knowledge_digest(root), self._ledger.head()
            known = self._present
            if known and (known.graph.digest, known.head) == (digest, head):
                return known
            self._present = self._stored(root, digest, head) or self._replayed()
            return self._present

    def replay(self) -> Replay:
        """Read all files and replay the ledger, for what needs every statement: to build anew and to export."""
        steps, statements = self._ledger.replay()
        files = read_knowledge(self.root(), self._settings.namespaces)
        done = operations(steps, statements)
        graph = applied(files, done)
        judged = self._ledger.judged.written_over(files)
        graph = replace(graph, imports=tables_in_force(graph, self._ledger), judged=judged)
        return Replay(files, tuple(steps), statements, tuple(done), graph)

    def _stored(self, root: Path, digest: str, head: str) -> Present | None:
        """Return the state as it is published; None where what is published is another."""
        if self._settings.store or not publishing.is_current(self._settings, digest, head):
            return None
        lease = lease_current(self.state)
        generation = lease.generation
        if not publishing.is_of(generation, digest, head):  # another was published meanwhile
            lease.close()
            return None
        names = self._settings.namespaces
        store = ox.Store.read_only(str(generation.path))
        statements = StoredStatements(store, names, root, Lines(self._ledger).of)
        self._take_over(statements, digest, head)
        if self._rules is None or self._rules.digest != digest:
            self._rules = read_knowledge(root, names, Statements())
        graph = replace(self._rules, graph=CuratedGraph(statements, self._rules.ontology, names))
        made = Present(graph, head, StoreView(store, names), generation.statements)
        weakref.finalize(made, lease.close)  # the generation stays as long as somebody reads it
        return made

    def _take_over(self, statements: StoredStatements, digest: str, head: str) -> None:
        """Let statements know what was read of an earlier state and that no step since then changed."""
        earlier = self._present
        if earlier is None or earlier.graph.digest != digest:
            return
        known, steps = earlier.graph.graph.statements, self._ledger.steps()
        heads = ["", *(step.head for step in steps)]
        if not isinstance(known, StoredStatements) or earlier.head not in heads or heads[-1] != head:
            return
        since = {step.contribution for step in steps[heads.index(earlier.head) :]}
        statements.take_over(known, {subject for each in since for subject in self._ledger.subjects_of(each)})

    def _replayed(self) -> Present:
        made = self.replay()
        view = MemoryView.of(made.graph.graph.statements, made.graph.ontology.statements)
        return Present(made.graph, made.head, view, len(view))

    def is_current(self) -> bool:
        """Return whether what is published is what files and ledger say."""
        return publishing.is_current(self._settings, knowledge_digest(self.root()), self._ledger.head())

    def judged_otherwise(self) -> bool:
        """Return whether what was published of imports follows other judgements on names than the ledger has now."""
        before = self._current()
        graph = self.present().graph
        if before is None or not any(origins_in(graph.graph.statements, graph.namespaces)):
            return False
        now = self._ledger.judged.written_over(graph)
        return str(before.metadata.get("judged", "")) != publishing.judged_digest(now)

    def files_changed(self) -> bool:
        """Return whether the knowledge files are not those that were published; they may not even have been checked."""
        before = self._current()
        return before is not None and before.metadata.get("knowledge") != knowledge_digest(self.root())

    def catch_up(self) -> Generation | RemoteGeneration | None:
        """Publish steps of the ledger that a crash left unpublished; changed files are left for a build to check."""
        if self._current() is None or self.files_changed() or self.is_current():
            return None
        return self.publish()

    def publish(
        self, *, whole: bool = False, despite_lost_steps: bool = False, tell: Callable[[str], object] | None = None
    ) -> Generation | RemoteGeneration:
        """Publish what files and ledger say now, unless that is published; `whole` builds it anew in any case.

        Where the current generation is an earlier state of the same files and ledger, only what differs is done to a
        copy of it; the result is the same. `tell` is called with each step in words. Raises KnowledgeError when the
        ledger lacks steps that were published before, unless `despite_lost_steps`.
        """
        # A store elsewhere has a lock of its own, for its publishers may be on several machines.
        with ExitStack() as stack:
            if not self._settings.store:
                stack.enter_context(only_writer(self.state, PATIENCE))
            progress = stack.enter_context(Progress(self.state, tell))
            stack.enter_context(collected_afterwards())
            progress("reading what was merged")
            steps, digest = self._ledger.steps(), knowledge_digest(self.root())
            head = steps[-1].head if steps else ""
            before = self._current()
            if before and not whole and publishing.is_current(self._settings, digest, head):
                return before
            if before and not despite_lost_steps:
                self._refuse_lost_steps(before, steps)
            mark = LedgerMark(self._ledger.id(), len(steps), head) if steps else LedgerMark()
            if isinstance(before, Generation) and not whole and not self._settings.store:
                amended = self._amended(before, digest, steps, mark, progress)
                if amended is not None:
                    return amended
            made = self.replay()
            mark = LedgerMark(self._ledger.id(), len(made.steps), made.head) if made.steps else LedgerMark()
            quads = self._provenance({step.contribution for step in made.steps})
            if self._settings.store:
                return publishing.build_on_server(
                    made.graph, self._settings, mark=mark, provenance=quads, tell=progress
                )
            keep = self._settings.keep_generations
            causes = self._causes(before, digest, made.steps)
            return publishing.build_held(
                made.graph, self.state, keep=keep, mark=mark, provenance=quads, tell=progress, causes=causes
            )

    def _amended(
        self, before: Generation, digest: str, steps: Sequence[Step], mark: LedgerMark, tell: Callable[[str], None]
    ) -> Generation | None:
        """Publish by what differs, where `before` is an earlier state of the same files and ledger; else give None."""
        earlier = publishing.mark_of(before)
        done, left = steps[: earlier.steps], steps[earlier.steps :]
        if not publishing.is_of(before, digest, earlier.head) or (done[-1].head if done else "") != earlier.head:
            return None
        differing = self._differing(before, left)
        if differing is None:
            return None
        if self._rules is None or self._rules.digest != digest:
            self._rules = read_knowledge(self.root(), self._settings.namespaces, Statements())
        keep = self._settings.keep_generations
        return publishing.amend_held(
            self._rules, self.state, before, *differing, keep=keep, mark=mark, tell=tell,
            causes=[self._cause(step) for step in left],
        )  # fmt: skip

    def _differing(self, before: Generation, steps: Sequence[Step]) -> tuple[list[ox.Quad], list[ox.Quad]] | None:
        """Return the quads that go and that come by steps after `before`; None where only a replay can tell."""
        store = ox.Store.read_only(str(before.path))
        difference = PublishedDifference(store, self._settings.namespaces)
        for step in steps:
            if self._ledger.contribution(step.contribution).form == IMPORT:
                return None  # what is derived of its records is not among its statements
            statements = [each for each in self._ledger.statements(step.contribution) if each.effective]
            if not difference.take(step, statements):
                return None
        known = set(self._provenance({step.contribution for step in steps}))
        return difference.removed, [*difference.added, *(quad for quad in known if quad not in store)]

    def _causes(
        self, before: Generation | RemoteGeneration | None, digest: str, steps: Sequence[Step]
    ) -> list[str]:  # fmt: skip
        """Return in words what leads from what was published to what is being published."""
        if before is None:
            return ["The graph was published"]
        earlier = publishing.mark_of(before).steps
        files = before.metadata.get("knowledge") != digest
        changed = ["The knowledge files were changed"] if files else []
        return [*changed, *(self._cause(step) for step in steps[earlier:])] or ["The graph was built again"]

    def _cause(self, step: Step) -> str:
        words = {"merge": "Merged", "undo": "Undone:", "settle": "Settled in the files:"}[step.kind]
        return f"{words} contribution {step.contribution}: {self._ledger.contribution(step.contribution).title}"

    def _current(self) -> Generation | RemoteGeneration | None:
        try:
            return publishing.published(self._settings)
        except KnowledgeError:
            return None

    def _refuse_lost_steps(self, before: Generation | RemoteGeneration, steps: Sequence[Step]) -> None:
        mark = publishing.mark_of(before)
        if mark.head and all(step.head != mark.head for step in steps):
            raise KnowledgeError(
                f"what is published includes {_counted(mark.steps)} of a ledger that {self._ledger.folder} does not "
                "have. If the setting LEEDSKG_LEDGER names the wrong folder, fix it; if the ledger is lost, restore a "
                "backup with `leedskg restore`; to publish without those steps, run `leedskg rebuild`"
            )

    def _provenance(self, contributions: Iterable[int]) -> list[ox.Quad]:
        found = [self._ledger.contribution(number) for number in sorted(contributions)]
        events = {each.id: self._ledger.events(each.id) for each in found}
        return provenance(found, events, self._settings.namespaces)


def _counted(steps: int) -> str:
    return "1 step" if steps == 1 else f"{steps:,} steps"
