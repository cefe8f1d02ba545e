"""The commands of the ledger: contribute, and contributions with what a steward does with them."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from leedskg.cli.group import Session
from leedskg.contributions import Change, read_limited
from leedskg.contributions.wording import in_words
from leedskg.errors import KnowledgeError, RefusedError, RequestError
from leedskg.ledger import Contribution, Merged, Stewardship
from leedskg.ledger.overlay import proposed
from leedskg.ledger.reports import report_of
from leedskg.settings import Settings
from leedskg.validation import Report, Severity

_WHO = click.option("--as", "who", metavar="NAME", help="Who does this; the name you are signed in with if left out.")
_DOCUMENTS = click.option("--documents", metavar="DIR", help="Folder with the source documents as text.")
_REASON = click.option("--reason", default="", help="Why.")
_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_NUMBER = click.argument("number", type=click.IntRange(min=1))


def stewardship(session: Session, documents: str | None = None) -> Stewardship:
    """The stewardship of the ledger that the settings name."""
    return Stewardship(session.settings(documents=documents))


def name_of(who: str | None) -> str:
    """Who does this: the name that is given, else the one that the system knows."""
    if who and who.strip():
        return who.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise RequestError("Say who does this, with --as NAME.") from None


@contextmanager
def refusals() -> Iterator[None]:
    """Print the report of a refusal before its sentence, and exit with 1."""
    try:
        yield
    except RefusedError as error:
        if isinstance(error.report, Report) and error.report.findings:
            click.echo(error.report.as_text(), err=True)
        click.echo(f"leedskg: {error}", err=True)
        raise SystemExit(1) from None


@click.command("contribute")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--title", default="", help="What it is, in a few words; the file's name if left out.")
@click.option("--message", default="", help="Why it is sent.")
@click.option("--source", default="", help="Where it comes from, such as a report or a person's office.")
@click.option("--dry-run", is_flag=True, help="Show what it would change, and record nothing.")
@_WHO
@_DOCUMENTS
@_FORMAT
@click.pass_obj
def contribute_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: Session, file: Path, title: str, message: str, source: str, who: str | None, documents: str | None,
    form: str, *, dry_run: bool,
) -> None:  # fmt: skip
    """Send FILE as a contribution: Turtle, TriG, N-Triples, N-Quads, JSON-LD, CSV or .xlsx. It is checked and recorded.

    A steward decides on it with `leedskg contributions accept` or `reject`. Exits with 1 when the file was not taken,
    or has violations.
    """
    content = _content(file, session.settings())
    ledger = stewardship(session, documents)
    with refusals():
        if dry_run:
            change, report = ledger.preview(content, file.name)
            _echo_change(ledger, change, report, form)
            return
        made = ledger.submit(
            content, file.name, who=name_of(who), title=title, message=message, source=source
        )  # fmt: skip
    if form == "json":
        click.echo(_json(as_dict(made)))
    else:
        report = report_of(made.report)
        click.echo(report.as_text())
        click.echo(f"Contribution {made.id} is recorded: {counted(made)}. It waits for a steward.")
    if report_of(made.report).reaches(Severity.VIOLATION):
        raise SystemExit(1)


def _content(file: Path, settings: Settings) -> bytes:
    limit = settings.contribution_limit * 1024 * 1024
    try:
        with file.open("rb") as stream, refusals():
            return read_limited(stream, limit, file.name)
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {(error.strerror or 'it failed').lower()}.") from None


def _echo_change(ledger: Stewardship, change: Change, report: Report, form: str) -> None:
    present = ledger.publication.present().graph
    sentences = in_words(change.proposals, present, proposed(present, change))
    if form == "json":
        said = [{"kind": each.kind, "words": each.words, "record": each.record} for each in sentences]
        click.echo(_json({"changes": said, "report": report.as_dict()}))
    else:
        for each in sentences:
            click.echo(f"  {each.kind:<9}  {each.words}")
        click.echo(report.as_text())
        click.echo("Nothing was recorded.")
    if report.reaches(Severity.VIOLATION):
        raise SystemExit(1)


@click.group("contributions")
def contributions_group() -> None:
    """What has been contributed: list, show, check, decide, merge, undo."""


def _command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    def added(function: Callable[..., None]) -> click.Command:
        return contributions_group.command(name)(click.pass_obj(function))

    return added


@_command("list")
@click.option(
    "--state", "states", multiple=True, help="Only those in this state: submitted, checked, rejected, merged, undone."
)
@_FORMAT
def list_command(session: Session, states: tuple[str, ...], form: str) -> None:
    """List the contributions, the latest first."""
    found = stewardship(session).ledger.contributions(*states)
    if form == "json":
        click.echo(_json([as_dict(each) for each in found]))
        return
    for each in found:
        click.echo(f"{each.id:>5}  {each.state:<9}  {each.at[:10]}  {each.who}: {each.title} ({counted(each)})")
    if not found:
        click.echo("There is no contribution" + (f" that is {' or '.join(states)}." if states else " yet."))


@_command("show")
@_NUMBER
@click.option("--statements", is_flag=True, help="Every statement with its number, place and decision.")
@_FORMAT
def show_command(session: Session, number: int, form: str, *, statements: bool) -> None:
    """Show what a contribution changes, in words; what the check found; and what was done with it."""
    ledger = stewardship(session)
    found = ledger.ledger.contribution(number)
    sentences = ledger.in_words(number)
    events, recorded = ledger.ledger.events(number), ledger.ledger.statements(number)
    if form == "json":
        said = [{"kind": each.kind, "words": each.words, "record": each.record} for each in sentences]
        lines = [
            {"number": each.number, "action": each.action, "triple": str(each.triple), "place": each.place.words,
             "decision": each.decision, "effective": each.effective}
            for each in recorded
        ]  # fmt: skip
        known = [event.__dict__ | {"data": dict(event.data)} for event in events]
        click.echo(_json(as_dict(found) | {"changes": said, "statements": lines, "events": known}))
        return
    click.echo(
        f"{found.id}: {found.title}\n{found.file_name}, {found.who}, {found.at}; {found.state}; {counted(found)}"
    )
    for text in filter(None, (found.message, found.source and f"Source: {found.source}")):
        click.echo(text)
    for each in sentences:
        click.echo(f"  {each.kind:<9}  {each.words}")
    if statements:
        for line in recorded:
            mark = {"add": "+", "remove": "-"}[line.action]
            decided = "" if line.decision == "open" else f"  [{line.decision}]"
            click.echo(f"  {line.number:>4} {mark} {line.triple}  ({line.place.words}){decided}")
    click.echo(report_of(found.report).as_text() if found.report else "It has not been checked.")
    for event in events:
        click.echo(f"{event.at}  {event.who} {event.kind}{f': {event.reason}' if event.reason else ''}")


@_command("check")
@_NUMBER
@_WHO
@_DOCUMENTS
def check_command(session: Session, number: int, who: str | None, documents: str | None) -> None:
    """Check a contribution again, against the graph as it is now."""
    made = stewardship(session, documents).check(number, who=name_of(who))
    report = report_of(made.report)
    click.echo(report.as_text())
    if report.reaches(Severity.VIOLATION):
        raise SystemExit(1)


@_command("accept")
@_NUMBER
@_REASON
@click.option(
    "--without", metavar="N,N", default="", help="Numbers of statements that are not taken; see show --statements."
)
@_WHO
@_DOCUMENTS
def accept_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: Session, number: int, reason: str, without: str, who: str | None, documents: str | None
) -> None:
    """Accept a contribution and merge it, all of it at once. Where there are warnings, a reason is needed."""
    ledger, name = stewardship(session, documents), name_of(who)
    with refusals():
        if without:
            ledger.ledger.decide(number, _numbers(without), "rejected", who=name, reason=reason)
        _echo_merged(ledger.accept(number, who=name, reason=reason), "merged")


@_command("reject")
@_NUMBER
@_REASON
@_WHO
def reject_command(session: Session, number: int, reason: str, who: str | None) -> None:
    """Decide that a contribution is not taken, with --reason."""
    stewardship(session).reject(number, who=name_of(who), reason=reason)
    click.echo(f"Contribution {number} is rejected.")


@_command("undo")
@_NUMBER
@_REASON
@_WHO
def undo_command(session: Session, number: int, reason: str, who: str | None) -> None:
    """Take back exactly what a merged contribution changed, with --reason."""
    with refusals():
        _echo_merged(stewardship(session).undo(number, who=name_of(who), reason=reason), "undone")


@_command("note")
@_NUMBER
@click.argument("text")
@_WHO
def note_command(session: Session, number: int, text: str, who: str | None) -> None:
    """Write a note to a contribution, for whoever sent it or decides on it."""
    stewardship(session).note(number, text, who=name_of(who))
    click.echo(f"Noted on contribution {number}.")


@_command("file")
@_NUMBER
def file_command(session: Session, number: int) -> None:
    """Give the submitted file, byte for byte as it was sent."""
    ledger = stewardship(session).ledger
    click.echo(ledger.files.read(ledger.contribution(number).sha256), nl=False)


@_command("settle")
@_WHO
def settle_command(session: Session, who: str | None) -> None:
    """Let the knowledge files speak for the contributions that they hold, after an export was taken into them."""
    settled = stewardship(session).settle(who=name_of(who))
    for each in settled:
        click.echo(f"Contribution {each.id} ({each.title}) is in the knowledge files, which speak for it from now on.")
    if not settled:
        click.echo("There is no merged contribution that the knowledge files hold whole.")


def _numbers(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        raise RequestError("Write the numbers of statements with commas between them, such as 3,4.")
    return [int(part) for part in parts]


def _echo_merged(done: Merged, word: str) -> None:
    click.echo(f"Contribution {done.contribution.id} is {word}.")
    if done.generation:
        click.echo(f"Published generation {done.generation.number} with {done.generation.statements:,} statements.")
    else:
        raise KnowledgeError(
            f"the ledger has it, but it is not published yet: {done.problem}. When that is mended, run "
            "`leedskg rebuild`"
        )


def counted(contribution: Contribution) -> str:
    """How many statements it adds and takes out."""
    words = [f"{contribution.added:,} added"] if contribution.added else []
    words += [f"{contribution.removed:,} taken out"] if contribution.removed else []
    return ", ".join(words) or "nothing"


def as_dict(contribution: Contribution) -> dict[str, Any]:
    """A contribution for JSON."""
    return dict(contribution.__dict__)


def _json(data: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
