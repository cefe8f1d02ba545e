"""The commands of a steward on contributions: list, show, check, accept, reject, undo, note, file, settle."""

from __future__ import annotations

from collections.abc import Callable

import click

from leedskg.cli.contributing import (
    DOCUMENTS,
    FORMAT,
    REPORT_FORMAT,
    WHO,
    as_dict,
    as_json,
    counted,
    name_of,
    refusals,
    stewardship,
)
from leedskg.cli.group import CommandSession
from leedskg.errors import KnowledgeError, RequestError
from leedskg.ledger import tasks
from leedskg.ledger.duplicate_answers import DuplicateAnswer
from leedskg.validation import Severity
from leedskg.validation.findings import Report

_REASON = click.option("--reason", default="", help="Why.")
_NUMBER = click.argument("number", type=click.IntRange(min=1))


@click.group("contributions")
def contributions_group() -> None:
    """List, show, check, decide, merge and undo contributions."""


def _command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    def added(function: Callable[..., None]) -> click.Command:
        return contributions_group.command(name)(click.pass_obj(function))

    return added


@_command("list")
@click.option(
    "--state", "states", multiple=True, help="Only those in this state: submitted, checked, rejected, merged, undone."
)
@FORMAT
def list_command(session: CommandSession, states: tuple[str, ...], form: str) -> None:
    """List the contributions, the latest first."""
    found = stewardship(session).ledger.contributions(*states)
    if form == "json":
        click.echo(as_json([as_dict(each) for each in found]))
        return
    for each in found:
        click.echo(f"{each.id:>5}  {each.state:<9}  {each.at[:10]}  {each.who}: {each.title} ({counted(each)})")
    if not found:
        click.echo("There is no contribution" + (f" that is {' or '.join(states)}." if states else " yet."))


@_command("show")
@_NUMBER
@click.option("--statements", is_flag=True, help="Every statement with its number, place and decision.")
@REPORT_FORMAT
def show_command(session: CommandSession, number: int, form: str, *, statements: bool) -> None:
    """Show what a contribution changes, in words; what the check found; and what was done with it."""
    ledger = stewardship(session)
    found = ledger.ledger.contribution(number)
    if form == "shacl":
        click.echo(found.full_report.as_shacl(session.settings().base))
        return
    sentences = ledger.in_words(number).sentences
    events, recorded = ledger.ledger.events(number), ledger.ledger.statements(number)
    if form == "json":
        said = [{"kind": each.kind, "words": each.words, "record": each.record} for each in sentences]
        lines = [
            {"number": each.number, "action": each.action, "triple": str(each.triple), "place": each.place.words,
             "decision": each.decision, "effective": each.effective}
            for each in recorded
        ]  # fmt: skip
        known = [event.__dict__ | {"data": dict(event.data)} for event in events]
        click.echo(as_json(as_dict(found) | {"changes": said, "statements": lines, "events": known}))
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
    click.echo(found.full_report.in_full() if found.report else "It has not been checked.")
    for event in events:
        click.echo(f"{event.at}  {event.who} {event.kind}{f': {event.reason}' if event.reason else ''}")


@_command("check")
@_NUMBER
@WHO
@DOCUMENTS
def check_command(session: CommandSession, number: int, who: str | None, documents: str | None) -> None:
    """Check a contribution again, against the graph as it is now."""
    made = stewardship(session, documents).check(number, who=name_of(who))
    click.echo(made.full_report.in_full())
    if Report.from_dict(made.report).reaches(Severity.VIOLATION):
        raise SystemExit(1)


@_command("accept")
@_NUMBER
@_REASON
@click.option(
    "--without", metavar="N,N", default="", help="Numbers of statements that are not taken; see show --statements."
)
@WHO
@DOCUMENTS
def accept_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: CommandSession, number: int, reason: str, without: str, who: str | None, documents: str | None
) -> None:
    """Accept a contribution and merge it, all of it at once. Where there are warnings, a reason is needed."""
    with refusals():
        done = tasks.accept(
            stewardship(session, documents), number, who=name_of(who), reason=reason, version=None,
            without=_numbers(without),
        )  # fmt: skip
    _echo_done(done, "merged")


@_command("answer")
@_NUMBER
@click.argument("record")
@click.argument("other")
@click.option("--same/--another", default=None, required=True, help="Whether the new record is the other one.")
@WHO
def answer_command(  # noqa: PLR0913, PLR0917 - click gives each
    session: CommandSession, number: int, record: str, other: str, same: bool, who: str | None
) -> None:
    """Answer whether a new RECORD is the OTHER one that is there already: --same or --another."""
    prefixes = session.settings().namespaces.prefixes

    def whole(text: str) -> str:
        prefix, _, name = text.partition(":")
        return prefixes[prefix] + name if prefix in prefixes else text

    with refusals():
        said = DuplicateAnswer(whole(record), whole(other), "same" if same else "apart")
        stewardship(session).answer(number, [said], who=name_of(who))
    click.echo(f"Contribution {number} is answered, and checked again.")


@_command("reject")
@_NUMBER
@_REASON
@WHO
def reject_command(session: CommandSession, number: int, reason: str, who: str | None) -> None:
    """Decide that a contribution is not taken, with --reason."""
    stewardship(session).reject(number, who=name_of(who), reason=reason)
    click.echo(f"Contribution {number} is rejected.")


@_command("undo")
@_NUMBER
@_REASON
@WHO
def undo_command(session: CommandSession, number: int, reason: str, who: str | None) -> None:
    """Take back exactly what a merged contribution changed, with --reason."""
    with refusals():
        done = tasks.undo(stewardship(session), number, who=name_of(who), reason=reason, version=None)
    _echo_done(done, "undone")


@_command("note")
@_NUMBER
@click.argument("text")
@WHO
def note_command(session: CommandSession, number: int, text: str, who: str | None) -> None:
    """Write a note to a contribution, for whoever sent it or decides on it."""
    stewardship(session).note(number, text, who=name_of(who))
    click.echo(f"Noted on contribution {number}.")


@_command("file")
@_NUMBER
def file_command(session: CommandSession, number: int) -> None:
    """Give the submitted file, byte for byte as it was sent."""
    ledger = stewardship(session).ledger
    click.echo(ledger.files.read(ledger.contribution(number).sha256), nl=False)


@_command("settle")
@WHO
def settle_command(session: CommandSession, who: str | None) -> None:
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


def _echo_done(done: tasks.Done, word: str) -> None:
    click.echo(f"Contribution {done.number} is {word}.")
    if not done.generation:
        raise KnowledgeError(
            f"the ledger has it, but it is not published yet: {done.problem}. When that is fixed, run `leedskg rebuild`"
        )
    click.echo(f"Published generation {done.generation} with {done.statements:,} statements.")
