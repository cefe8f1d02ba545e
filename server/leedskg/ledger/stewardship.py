"""What people do with contributions: submit, look, decide, merge, undo. Commands and pages come through here."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from leedskg.contributions.change_wording import RecordChoices, Told, in_words, record_choices
from leedskg.contributions.file_reader import read_contribution
from leedskg.contributions.imported import IMPORT
from leedskg.documents import Documents
from leedskg.errors import ConflictError, LeedskgError, RefusedError, RequestError
from leedskg.files import digest_of, knowledge_files
from leedskg.garbage import collected_afterwards
from leedskg.ledger.duplicate_answers import DuplicateAnswer, amended, unanswered
from leedskg.ledger.edits import edited
from leedskg.ledger.import_uses import refuse_use_of_bodies
from leedskg.ledger.ledger import HeadMovedError, Ledger
from leedskg.ledger.model import Contribution, Event
from leedskg.ledger.overlay import around, proposed
from leedskg.ledger.previews import Preview, Previews
from leedskg.ledger.publication import Present, Publication
from leedskg.ledger.recheck import Recheck, guarded, refuse_dependants, refuse_findings
from leedskg.ledger.resending import ChangesSinceSent, since
from leedskg.settings import Settings
from leedskg.store.generations import Generation
from leedskg.store.remote.register import RemoteGeneration
from leedskg.validation import Change, Checker, check
from leedskg.validation.findings import Report, Severity

_log = logging.getLogger(__name__)
_LONGEST_NOTE = 5_000
#: How often a step is checked anew because another was taken meanwhile.
_ATTEMPTS = 5


@dataclass(frozen=True)
class Merged:
    """A step that is recorded, and the generation that shows it; `problem` says why there is none yet."""

    contribution: Contribution
    generation: Generation | RemoteGeneration | None = None
    problem: str = ""


class Stewardship:
    """The contributions of one ledger to the knowledge of one folder. Safe to call from several threads."""

    def __init__(
        self, settings: Settings, *, documents: Documents | None = None, checker: Checker | None = None
    ) -> None:
        self._settings = settings
        if documents is None and settings.documents:
            documents = Documents(Path(settings.documents).expanduser())
        self._documents = documents
        self.ledger = Ledger(settings.ledger_path)
        #: Told what is being done, for whoever waits.
        self.tell: Callable[[str], object] = lambda _: None
        self.publication = Publication(settings, self.ledger)
        self._recheck = Recheck(self.ledger, checker or Checker(documents))
        self._previews = Previews()

    def _read(self, content: bytes, name: str, present: Present) -> Change:
        with collected_afterwards():
            change = read_contribution(content, name, present.graph, self._documents)
        return self._recheck.with_copies(change, content)

    def preview(self, content: bytes, name: str) -> Preview:
        """Return what a file would change, and the report that its check would give. Nothing is recorded."""
        return self._preview(content, name, self.publication.present())

    def _preview(self, content: bytes, name: str, present: Present) -> Preview:
        digest = hashlib.sha256(content).hexdigest()
        copies = tuple((each.id, each.state) for each in self.ledger.same_file(digest))
        key = (digest, name, present.state, copies, datetime.now(UTC).date())
        return self._previews.of(key, lambda: self._read_and_checked(content, name, present))

    def _read_and_checked(self, content: bytes, name: str, present: Present) -> Preview:
        with guarded(name):
            self.tell("the file is read")
            change = self._read(content, name, present)
            self.tell(f"{len(change.proposals):,} statements are checked")
            return change, self._recheck.report(change, present) if change.sound else change.report

    def submit(  # noqa: PLR0913 - who, what, why and from where
        self, content: bytes, name: str, *, who: str, title: str = "", message: str = "", source: str = ""
    ) -> Contribution:
        """Check a contribution and record it with its report, in one step.

        Raises RefusedError, with the report, when the file cannot be read whole or the check itself fails; then nothing
        is recorded. What is read and checked is recorded whatever the check finds.
        """
        _named(who)
        present = self.publication.present()
        change, report = self._preview(content, name, present)
        if not change.sound:
            raise RefusedError(f"{change.name} was not taken: fix it and send it again.", change.report)
        title = " ".join((title or change.name).split())[:200]
        return self.ledger.submit(
            change, content, who=who, title=title, message=message.strip(), source=source.strip(),
            report=report.as_dict(), shapes=_shapes_digest(self.publication.root()), state=present.state,
        )  # fmt: skip

    def check(self, number: int, *, who: str) -> Contribution:
        """Check an open contribution against the graph as it is now, and record the report."""
        contribution = self.ledger.contribution(number)
        present = self.publication.present()
        with guarded(f"contribution {number}"):
            change, _ = self._recheck.change(contribution, present)
            report = self._recheck.report(change, present).as_dict()
        shapes = _shapes_digest(self.publication.root())
        return self.ledger.checked(number, report, shapes, who=who, state=present.state)

    def answer(
        self, number: int, answers: Sequence[DuplicateAnswer], *, who: str, version: int | None = None
    ) -> Contribution:
        """Record answers to questions of an open contribution, with what they change of it, and check it again.

        Raises RequestError for an answer to what is not asked; ConflictError when somebody else was first.
        """
        _named(who)
        contribution = self._at(number, version)
        if not answers:
            raise RequestError("Answer at least one of the questions.")
        if strange := unanswered(contribution.report, answers):
            raise RequestError(
                f"The check does not ask whether {strange[0].record} is {strange[0].other}. Load the contribution "
                "again for the questions as they are now."
            )
        said: dict[tuple[str, str], DuplicateAnswer] = {}
        moved: dict[str, str] = {}
        for each in answers:
            if said.setdefault((each.record, each.other), each) != each or (
                each.says == "same" and moved.setdefault(each.record, each.other) != each.other
            ):
                raise RequestError(f"{each.record} has two answers that cannot both hold. Give one.")
        found = amended(
            self.ledger.statements(number),
            [each for each in said.values() if each.says == "same" or each.record not in moved],
            self.publication.present().graph,
        )
        self.ledger.amend(
            number, found.without, found.added, who=who, reason="", version=contribution.version,
            data={"answers": [asdict(each) for each in said.values()]},
        )  # fmt: skip
        return self.check(number, who=who)

    def edit(  # noqa: PLR0913 - which value, who and why, and on which version
        self, number: int, statement: int, value: str, *, who: str, reason: str, version: int | None = None
    ) -> Contribution:
        """Correct a value of an open contribution, as a steward's own act, and check it again.

        Raises RequestError for a statement that is not there and a value of another sort; ConflictError when somebody
        else was first.
        """
        _named(who)
        contribution = self._at(number, version)
        if not reason.strip():
            raise RequestError("Say why, for whoever sent it.")
        statements = self.ledger.statements(number)
        found = edited(statements, statement, value.strip(), self.publication.present().graph)
        old = next(each for each in statements if each.number == statement)
        self.ledger.amend(
            number, found.without, found.added, who=who, reason=reason.strip(), version=contribution.version,
            data={"edit": {"statement": str(old.triple), "value": value.strip()}},
        )  # fmt: skip
        return self.check(number, who=who)

    def since(self, number: int) -> ChangesSinceSent | None:
        """Say what changed since a contribution was sent before; None where it was not."""
        contribution = self.ledger.contribution(number)
        earlier = self.ledger.earlier(contribution)
        if earlier is None:
            return None
        before, now = self.ledger.statements(earlier.id), self.ledger.statements(number)
        return since(earlier, before, now, contribution.report, self.publication.present().graph)

    def accept(self, number: int, *, who: str, reason: str = "", version: int | None = None) -> Merged:
        """Check a contribution against the graph as it is now, merge what a steward did not reject of it, and publish.

        `version` is that of the contribution which the steward saw. Raises RefusedError for a violation, and for a
        warning where no reason is given; ConflictError when somebody else was first.
        """
        _named(who)
        for _ in range(_ATTEMPTS):
            with suppress(HeadMovedError):
                self._merge(number, who=who, reason=reason, version=version)
                return self._published(number)
        raise ConflictError("Others are merging faster than this can be checked. Nothing was changed; try again.")

    def _merge(self, number: int, *, who: str, reason: str, version: int | None) -> None:
        """Check and merge, and keep nothing of it in memory for the publication. Raises HeadMovedError."""
        contribution = self._at(number, version)
        if not contribution.is_open:
            raise ConflictError(f"Contribution {number} is {contribution.state} already. Nothing was changed.")
        present, shapes = self.publication.present(), _shapes_digest(self.publication.root())
        with guarded(f"contribution {number}"):
            change, effective = self._recheck.change(contribution, present)
        if self.ledger.checked_state(contribution) == present.state:  # nothing has changed since it was checked
            report, recorded = Report.from_dict(contribution.report), contribution.report
        else:
            self.tell(f"{len(effective):,} statements are checked")
            with guarded(f"contribution {number}"):
                report = self._recheck.report(change, present)
            recorded = report.as_dict()
            if report.reaches(Severity.VIOLATION):
                self.ledger.checked(number, recorded, shapes, who=who, state=present.state)
        refuse_findings(contribution, change, report, reason)
        self.ledger.merge(
            number, effective, version=contribution.version, head=present.head, who=who, reason=reason,
            report=recorded, shapes=shapes,
        )  # fmt: skip

    def reject(self, number: int, *, who: str, reason: str, version: int | None = None) -> Contribution:
        """Decide that a contribution is not taken, and say why."""
        _named(who)
        if not reason.strip():
            raise RequestError("Say why it is not taken, so that whoever sent it can fix it.")
        return self.ledger.reject(number, who=who, reason=reason.strip(), version=version)

    def undo(self, number: int, *, who: str, reason: str, version: int | None = None) -> Merged:
        """Take back exactly what a merged contribution changed, and publish.

        Raises ConflictError when later contributions build on it, naming them and their statements, and RefusedError
        when the graph without it would have violations.
        """
        _named(who)
        if not reason.strip():
            raise RequestError("Say why it is taken back.")
        for _ in range(_ATTEMPTS):
            contribution = self._at(number, version)
            if contribution.state != "merged":
                raise ConflictError(
                    f"Contribution {number} is {contribution.state}, and only a merged one can be undone."
                )
            present = self.publication.present()
            refuse_dependants(contribution, present.graph, self.ledger)
            refuse_use_of_bodies(contribution, self.publication, self.ledger)
            # What cites the register of an import was derived from its records, and goes with it.
            whole = contribution.form == IMPORT
            with guarded(f"contribution {number}"):
                report = Report() if whole else self._recheck.without(contribution, present)
            if report.reaches(Severity.VIOLATION):
                raise RefusedError(f"The graph without contribution {number} would have violations.", report)
            try:
                self.ledger.undo(
                    number, version=contribution.version, head=present.head, who=who, reason=reason.strip()
                )
            except HeadMovedError:
                continue
            return self._published(number)
        raise ConflictError("Others are merging faster than this can be checked. Nothing was changed; try again.")

    def settle(self, *, who: str, reason: str = "the knowledge files hold it") -> list[Contribution]:
        """Let the knowledge files speak for the contributions that they hold; give which those are."""
        _named(who)
        settled = []
        for contribution in self.contained():
            head = self.publication.present().head
            self.ledger.settle(contribution.id, head=head, who=who, reason=reason)
            settled.append(self.ledger.contribution(contribution.id))
        if settled:
            self.publication.publish()
        return settled

    def contained(self) -> list[Contribution]:
        """Find the contributions in force whose every change the knowledge files hold by themselves."""
        present = self.publication.replay()
        inside = {triple for file in present.files.graph.statements.files for triple in file.triples}
        found = []
        for operation in present.operations:
            later = {
                each.triple
                for other in present.operations[present.operations.index(operation) + 1 :]
                for each in (*other.added, *other.removed)
            }
            if all(each.triple in inside or each.triple in later for each in operation.added) and not any(
                each.triple in inside and each.triple not in later for each in operation.removed
            ):
                found.append(self.ledger.contribution(operation.contribution))
        return found

    def note(self, number: int, text: str, *, who: str) -> Event:
        """Write a note to a contribution."""
        _named(who)
        if not text.strip():
            raise RequestError("The note is empty.")
        return self.ledger.note(number, text.strip()[:_LONGEST_NOTE], who=who)

    def in_words(self, number: int, *, skip: int = 0, most: int | None = None) -> Told:
        """Say what a contribution changes: of the graph as it is now, or as it was when it was merged."""
        contribution = self.ledger.contribution(number)
        present = self.publication.present()
        if contribution.is_open or contribution.state == "rejected":
            before = present.graph
            change, _ = self._recheck.change(contribution, present)
            return in_words(change.proposals, before, proposed(before, change), skip=skip, most=most)
        own = [each for each in self.ledger.statements(number) if each.effective]
        before, after = around(own, present.graph)
        return in_words([each.proposal for each in own], before, after, skip=skip, most=most)

    def choices(self, number: int, most: int) -> tuple[list[RecordChoices], int]:
        """Put in words, by record, `most` of what would change the graph as it is now; how many more comes second."""
        present = self.publication.present()
        change, numbers = self._recheck.change(self.ledger.contribution(number), present)
        after = proposed(present.graph, change)
        return record_choices(numbers, change.proposals, present.graph, after, most), max(0, len(numbers) - most)

    # How it is done

    def _at(self, number: int, version: int | None) -> Contribution:
        contribution = self.ledger.contribution(number)
        if version is not None and contribution.version != version:
            last = [each for each in self.ledger.events(number) if each.kind not in {"note", "published", "refused"}][
                -1
            ]
            raise ConflictError(
                f"Contribution {number} has changed since you looked: {last.who} {last.deed} at {last.at}, and it "
                f"is {contribution.state}. Nothing was changed; look at it again."
            )
        return contribution

    def _published(self, number: int) -> Merged:
        contribution = self.ledger.contribution(number)
        try:
            if self.publication.files_changed() and check(self.publication.present().graph, None).reaches(
                Severity.VIOLATION
            ):
                return Merged(contribution, problem="the knowledge files were changed and have violations")
            generation = self.publication.publish(tell=self.tell)
            self.ledger.published(number, generation.number)
            return Merged(contribution, generation)
        except (LeedskgError, OSError) as error:
            _log.error("contribution %s is recorded and could not be published: %s", number, error)
            return Merged(contribution, problem=str(error))


def _shapes_digest(root: Path) -> str:
    """Return a digest of the shapes that a check judges by."""
    return digest_of(knowledge_files(root, "shapes", ".ttl"), root)


def _named(who: str) -> None:
    if not who.strip():
        raise RequestError("Say who does this.")
