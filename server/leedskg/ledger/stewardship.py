"""What people do with contributions: submit, look, decide, merge, undo. Commands and pages come through here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from leedskg.contributions.change import Change
from leedskg.contributions.reading import read_contribution
from leedskg.contributions.screening import Screening
from leedskg.contributions.wording import Sentence, in_words
from leedskg.documents import Documents
from leedskg.errors import ConflictError, LeedskgError, RefusedError, RequestError
from leedskg.files import digest_of, knowledge_files
from leedskg.ledger.book import HeadMovedError, Ledger
from leedskg.ledger.checking import Checker, FullCheck
from leedskg.ledger.choices import RecordChoices, record_choices
from leedskg.ledger.history import around
from leedskg.ledger.model import Contribution, Event
from leedskg.ledger.overlay import proposed
from leedskg.ledger.publication import Publication
from leedskg.ledger.refusals import refuse_dependants, refuse_findings
from leedskg.ledger.weighing import Weighing
from leedskg.settings import Settings
from leedskg.store.generations import Generation
from leedskg.store.remote import RemoteGeneration
from leedskg.validation import check
from leedskg.validation.findings import Report, Severity

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
        self.publication = Publication(settings, self.ledger)
        self._weighing = Weighing(self.ledger, checker or FullCheck(documents))

    def read(self, content: bytes, name: str) -> Change:
        """What a file would change, with everything that is wrong with it. Nothing is recorded."""
        change = read_contribution(content, name, self.publication.present().graph, self._documents)
        return self._weighing.with_copies(change, content)

    def preview(self, content: bytes, name: str) -> tuple[Change, Report]:
        """What a file would change, and the report that its check would give. Nothing is recorded."""
        change = self.read(content, name)
        return change, self._weighing.report(change, self.publication.present()) if change.sound else change.report

    def submit(  # noqa: PLR0913 - who, what, why and from where
        self, content: bytes, name: str, *, who: str, title: str = "", message: str = "", source: str = ""
    ) -> Contribution:
        """Record a contribution and check it.

        Raises RefusedError, with the report, when the file cannot be read whole; then nothing is recorded. What is read
        is recorded whatever the check finds, and stays recorded when the check itself dies.
        """
        _named(who)
        change = self.read(content, name)
        if not change.sound:
            raise RefusedError(f"{change.name} was not taken: mend it and send it again.", change.report)
        title = " ".join((title or change.name).split())[:200]
        made = self.ledger.submit(change, content, who=who, title=title, message=message.strip(), source=source.strip())
        return self.check(made.id, who=who)

    def check(self, number: int, *, who: str) -> Contribution:
        """Check an open contribution against the graph as it is now, and record the report."""
        contribution = self.ledger.contribution(number)
        present = self.publication.present()
        change, _ = self._weighing.change(contribution, present)
        report = self._weighing.report(change, present).as_dict()
        return self.ledger.checked(number, report, _shapes_digest(self.publication.root()), who=who)

    def accept(self, number: int, *, who: str, reason: str = "", version: int | None = None) -> Merged:
        """Check a contribution against the graph as it is now, merge what a steward did not reject of it, and publish.

        `version` is that of the contribution which the steward saw. Raises RefusedError for a violation, and for a
        warning where no reason is given; ConflictError when somebody else was first.
        """
        _named(who)
        for _ in range(_ATTEMPTS):
            contribution = self._at(number, version)
            if not contribution.is_open:
                raise ConflictError(f"Contribution {number} is {contribution.state} already. Nothing was changed.")
            present = self.publication.present()
            change, effective = self._weighing.change(contribution, present)
            report = self._weighing.report(change, present)
            if report.reaches(Severity.VIOLATION):
                self.ledger.checked(number, report.as_dict(), _shapes_digest(self.publication.root()), who=who)
            refuse_findings(contribution, change, report, reason)
            try:
                self.ledger.merge(
                    number, effective, version=contribution.version, head=present.head, who=who, reason=reason,
                    report=report.as_dict(), shapes=_shapes_digest(self.publication.root()),
                )  # fmt: skip
            except HeadMovedError:
                continue
            return self._published(number)
        raise ConflictError("Others are merging faster than this can be checked. Nothing was changed; try again.")

    def reject(self, number: int, *, who: str, reason: str, version: int | None = None) -> Contribution:
        """Decide that a contribution is not taken, and say why."""
        _named(who)
        if not reason.strip():
            raise RequestError("Say why it is not taken, so that whoever sent it can mend it.")
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
            refuse_dependants(contribution, present, self.ledger)
            report = self._weighing.without(contribution, present)
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
        """The contributions in force whose every change the knowledge files hold by themselves."""
        present = self.publication.present()
        inside = Screening(present.files).present
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

    def in_words(self, number: int) -> list[Sentence]:
        """What a contribution changes, in sentences: of the graph as it is now, or as it was when it was merged."""
        contribution = self.ledger.contribution(number)
        present = self.publication.present()
        if contribution.is_open or contribution.state == "rejected":
            before = present.graph
            change, _ = self._weighing.change(contribution, present)
            return in_words(change.proposals, before, proposed(before, change))
        before, after = around(number, present)
        proposals = [each.proposal for each in self.ledger.statements(number) if each.effective]
        return in_words(proposals, before, after)

    def choices(self, number: int) -> list[RecordChoices]:
        """The statements of an open contribution that would change the graph as it is now, by record, in words."""
        present = self.publication.present()
        change, numbers = self._weighing.change(self.ledger.contribution(number), present)
        return record_choices(numbers, change.proposals, present.graph, proposed(present.graph, change))

    # How it is done

    def _at(self, number: int, version: int | None) -> Contribution:
        contribution = self.ledger.contribution(number)
        if version is not None and contribution.version != version:
            last = [each for each in self.ledger.events(number) if each.kind not in {"note", "published"}][-1]
            raise ConflictError(
                f"Contribution {number} has changed since you looked: {last.who} {last.kind} it at {last.at}, and it "
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
            generation = self.publication.publish()
            self.ledger.published(number, generation.number)
            return Merged(contribution, generation)
        except (LeedskgError, OSError) as error:
            return Merged(contribution, problem=str(error))


def _shapes_digest(root: Path) -> str:
    """A digest of the shapes that a check judges by."""
    return digest_of(knowledge_files(root, "shapes", ".ttl"), root)


def _named(who: str) -> None:
    if not who.strip():
        raise RequestError("Say who does this.")
