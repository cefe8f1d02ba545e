"""A publisher's file on its way into the ledger: read, compared with what is in force, recorded as a contribution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from leedskg.errors import RequestError
from leedskg.graph import PREF_LABEL
from leedskg.importers.derive import derived_roles
from leedskg.importers.difference import ImportDifference, compare, merged
from leedskg.importers.files import InputFile
from leedskg.importers.intake import take_in
from leedskg.importers.registry import source_named, source_of
from leedskg.importers.report import ReadingReport
from leedskg.importers.scope import Scope
from leedskg.importers.stored import ENDING, FOLDER, package
from leedskg.importers.table import ImportTable
from leedskg.ledger.imports import table_of
from leedskg.ledger.model import Contribution
from leedskg.ledger.stewardship import Stewardship
from leedskg.matching import judgements_of
from leedskg.matching.bodies import BodyMatcher
from leedskg.matching.queue import QueuedQuestion
from leedskg.namespaces import Namespaces
from leedskg.settings import Settings

#: How the note on a contribution begins that says what was odd in the file.
REMARKS = "What is odd in the file, and was read all the same:"


@dataclass(frozen=True)
class ImportRequest:
    """What is to be read of a file: its source where somebody named it, and the scope.

    A choice of the scope that is None is the one of the import in force: a lean table stays lean.
    `missing` are the ids of records that the publisher has no more; None means every one that the file lacks. A `part`
    says it of none.
    """

    source: str = ""
    had_on: str = ""
    least: int | None = None
    everything: bool | None = None
    part: bool = False
    missing: frozenset[str] | None = None
    health: bool | None = None
    lean: bool | None = None
    covers: str = ""

    def narrowed(self, scope: Scope) -> Scope:
        """Return a scope with the choices that were made."""
        asked = {name: getattr(self, name) for name in ("least", "everything", "health", "lean")}
        return replace(scope, **{name: value for name, value in asked.items() if value is not None})


@dataclass(frozen=True)
class Intake:
    """What a file would make of the import of its source."""

    table: ImportTable
    difference: ImportDifference
    report: ReadingReport
    first: bool
    described: bool
    #: Bodies of its records that may be ones of the graph: until somebody decides, each is one of its own.
    questions: tuple[QueuedQuestion, ...] = ()
    #: Roles that statements are derived from.
    derived: frozenset[str] = frozenset()
    #: How the scope compares with that of the import in force; nothing where both are as by default.
    scope_told: str = ""
    #: Whether the publisher said what is gone.
    fetched: bool = False

    def check_not_empty(self) -> None:
        """Raise RequestError where all that is in force would end because nothing of the file is kept."""
        gone = len(self.difference.gone)
        if gone and not self.report.kept and not self.fetched:
            raise RequestError(
                f"None of the {self.report.read:,} records is within the scope: {self.table.origin.scope}. All "
                f"{gone:,} records in force would end, so nothing was recorded. The file may be in another form, or of "
                f"another part, than the one before. {self.scope_told}".strip()
            )

    @property
    def roles(self) -> dict[str, int]:
        """How many take part in each role."""
        return dict(sorted(Counter(each.role for record in self.table.records for each in record.participants).items()))

    def roles_in_words(self) -> list[str]:
        """Say who takes part by role, and which roles become no statement."""
        if not self.roles:
            return []
        lines = [f"Taking part: {', '.join(f'{role} ({number:,})' for role, number in self.roles.items())}."]
        alone = sorted(self.roles.keys() - self.derived)
        if alone:
            lines.append(f"Kept in the table, and nothing is derived from it: {', '.join(alone)}.")
        return lines

    def in_words(self) -> str:
        """Say what would change."""
        found = self.difference
        if not found:
            return "Nothing new: every record is as it is in the import that is in force."
        return (
            f"{len(found.new):,} new, {len(found.changed):,} changed, {len(found.gone):,} gone (ended, not deleted), "
            f"{found.same:,} as they were."
        )

    def asked_in_words(self) -> str:
        """Say how many bodies a person has to decide on; nothing where there is none."""
        number = len(self.questions)
        if not number:
            return ""
        return (
            f"{number:,} {'body' if number == 1 else 'bodies'} may be of the graph under another name. Until somebody "
            "decides, each is a body of its own."
        )

    def package(self, namespaces: Namespaces) -> bytes:
        """Return the file of the contribution that this is."""
        return package(self.table, namespaces, described=self.described)

    def file_name(self) -> str:
        """Return the name of that file."""
        return f"{self.table.source}-{self.table.origin.had_on}{ENDING}"


def intake(files: Sequence[InputFile], stewardship: Stewardship, settings: Settings, wanted: ImportRequest) -> Intake:
    """Read files of a publisher against the graph as it is now. Nothing is recorded. Raises ImportFileError."""
    _check_day(wanted.had_on)
    source = source_of(files[0], wanted.source).about
    stewardship.tell("the graph is read")
    graph = stewardship.publication.replay().graph
    before = table_of(graph, source.name, graph.imports)
    known = BodyMatcher(graph.graph, judgements_of(graph))
    authorities = frozenset(settings.region.split())
    scope = Scope(authorities, known.resolve)
    earlier = scope.like(before.origin.scope) if before else scope
    scope = wanted.narrowed(earlier)
    report = ReadingReport()
    stewardship.tell("the file is read")  # without its name, which may be a person's: this goes to a log
    taken = take_in(
        files, source=source.name, scope=scope, report=report, had_on=wanted.had_on, covers=wanted.covers,
        private=settings.private_site, before=before,
    )  # fmt: skip
    missing = frozenset[str]() if wanted.part else wanted.missing
    difference = compare(before, taken, missing=missing)
    whole = merged(before, taken, missing=missing)
    place = graph.graph.statements.place(graph.namespaces.entity(source.register), PREF_LABEL)
    described = place is not None and not place[0].startswith((FOLDER, "contribution/"))
    stewardship.tell("its bodies are matched with those of the graph")
    questions = tuple(known.questions(whole.records))
    told = _scope_told(earlier, scope) if before else ""
    roles = derived_roles(graph.ontology)
    return Intake(
        whole, difference, report, before is None, described, questions, roles, told, wanted.missing is not None
    )


def _scope_told(earlier: Scope, scope: Scope) -> str:
    """Say how the table in force was made, and whether this one is made otherwise."""
    then, now = earlier.as_options(), scope.as_options()
    if then == now:
        return f"Read as the import in force was: {now}." if now else ""
    made = f"with {then}" if then else "as by default"
    return f"The import in force was made {made}; this one {f'with {now}' if now else 'as by default'}."


def _check_day(day: str) -> None:
    """Raise RequestError where the day on which a file was had is no day."""
    try:
        written = date.fromisoformat(day).isoformat() if day else day
    except ValueError:
        written = ""
    if written != day:
        raise RequestError(f"“{day}” is no day on which the file was had: write it as 2026-11-21.")


def submit_import(stewardship: Stewardship, made: Intake, settings: Settings, *, who: str) -> Contribution:
    """Record an import as a contribution. Raises RequestError where it would change nothing."""
    if not made.table.records:
        raise RequestError(
            f"None of the {made.report.read:,} records is within the scope: {made.table.origin.scope}. Nothing was "
            "recorded."
        )
    if not made.difference and not made.first:
        raise RequestError(f"{made.in_words()} Nothing was recorded.")
    made.check_not_empty()
    about = source_named(made.table.source).about
    message = " ".join(filter(None, (made.in_words(), made.scope_told, made.asked_in_words())))
    contribution = stewardship.submit(
        made.package(settings.namespaces), made.file_name(), who=who, title=f"Import: {about.title}",
        message=message, source=f"{made.table.origin.file}, had on {made.table.origin.had_on}",
    )  # fmt: skip
    notes = [str(each) for each in made.report.notes]
    more = sum(made.report.more.values())
    if notes:
        told = [*notes, f"And {more:,} more of these sorts."] if more else notes
        stewardship.note(contribution.id, "\n".join([REMARKS, *told]), who=who)
    return contribution
