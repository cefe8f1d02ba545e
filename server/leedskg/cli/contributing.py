"""The command contribute, and what it shares with the commands of stewards."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from leedskg.cli.group import Session
from leedskg.contributions import Change, read_limited
from leedskg.contributions.wording import in_words
from leedskg.errors import RefusedError, RequestError
from leedskg.ledger import Contribution, Stewardship
from leedskg.ledger.effects import EffectCheck, EffectReport, shown
from leedskg.ledger.overlay import proposed
from leedskg.ledger.reports import report_of
from leedskg.settings import Settings
from leedskg.validation import ContributionReport, Report, Severity

WHO = click.option("--as", "who", metavar="NAME", help="Who does this; the name you are signed in with if left out.")
DOCUMENTS = click.option("--documents", metavar="DIR", help="Folder with the source documents as text.")
FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
REPORT_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json", "shacl"]), default="text", show_default=True,
    help="shacl is the report alone, as a sh:ValidationReport in Turtle.",
)  # fmt: skip


def stewardship(session: Session, documents: str | None = None) -> Stewardship:
    """The stewardship of the ledger that the settings name."""
    settings = session.settings(documents=documents)
    return Stewardship(settings, checker=EffectCheck(session.documents(documents)))


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
@WHO
@DOCUMENTS
@REPORT_FORMAT
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
            _echo_change(ledger, change, report, form, session.settings().base)
            return
        made = ledger.submit(
            content, file.name, who=name_of(who), title=title, message=message, source=source
        )  # fmt: skip
    if form == "json":
        click.echo(as_json(as_dict(made)))
    elif form == "shacl":
        click.echo(report_on(made).as_shacl(session.settings().base))
    else:
        click.echo(report_on(made).as_text())
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


def report_on(made: Contribution) -> ContributionReport:
    """The recorded report on a contribution, with what follows from it."""
    return shown(made.report or {}, name=made.file_name, added=made.added, removed=made.removed)


def _echo_change(ledger: Stewardship, change: Change, report: Report, form: str, base: str) -> None:
    present = ledger.publication.present().graph
    sentences = in_words(change.proposals, present, proposed(present, change))
    full = shown(report.as_dict(), name=change.name, added=len(change.added), removed=len(change.removed))
    if form == "json":
        said = [{"kind": each.kind, "words": each.words, "record": each.record} for each in sentences]
        click.echo(as_json({"changes": said, "report": report.as_dict()}))
    elif form == "shacl":
        click.echo(full.as_shacl(base))
    else:
        for each in sentences:
            click.echo(f"  {each.kind:<9}  {each.words}")
        # A file that was not read whole was not held against the graph: there are its faults alone.
        click.echo(full.as_text() if isinstance(report, EffectReport) else report.as_text())
        click.echo("Nothing was recorded.")
    if report.reaches(Severity.VIOLATION):
        raise SystemExit(1)


def counted(contribution: Contribution) -> str:
    """How many statements it adds and takes out."""
    words = [f"{contribution.added:,} added"] if contribution.added else []
    words += [f"{contribution.removed:,} taken out"] if contribution.removed else []
    return ", ".join(words) or "nothing"


def as_dict(contribution: Contribution) -> dict[str, Any]:
    """A contribution for JSON."""
    return dict(contribution.__dict__)


def as_json(data: Mapping[str, Any] | list[Any]) -> str:
    """JSON for people and programs."""
    return json.dumps(data, indent=2, ensure_ascii=False)
