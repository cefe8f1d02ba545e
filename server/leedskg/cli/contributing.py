"""The command contribute, and what it shares with the commands of stewards."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from leedskg.cli.group import CommandSession
from leedskg.contributions import Change, read_limited
from leedskg.contributions.change_wording import in_words
from leedskg.contributions.sheets.mapping import FileMapping
from leedskg.contributions.sheets.package import ENDING, SheetPackage
from leedskg.errors import RefusedError, RequestError
from leedskg.ledger import Contribution, Stewardship
from leedskg.ledger.overlay import proposed
from leedskg.ledger.sheet_tasks import sheet_proposal, submit_table
from leedskg.settings import Settings
from leedskg.validation import ContributionReport, Report, Severity

WHO = click.option("--as", "who", metavar="NAME", help="Who does this; the name you are signed in with if left out.")
DOCUMENTS = click.option("--documents", metavar="DIR", help="Folder with the source documents as text.")
FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
REPORT_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json", "shacl"]), default="text", show_default=True,
    help="shacl is the report alone, as a sh:ValidationReport in Turtle.",
)  # fmt: skip


def stewardship(session: CommandSession, documents: str | None = None) -> Stewardship:
    """Return the stewardship of the ledger that the settings name."""
    settings = session.settings(documents=documents)
    return Stewardship(settings, documents=session.documents(documents))


def name_of(who: str | None) -> str:
    """Return who does this: the name that is given, else the one that the system knows."""
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
@click.option("--propose", is_flag=True, help="Print the mapping that is proposed for a table, and record nothing.")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    help="What the columns, values and names of a table mean that is none of the templates, as --propose prints it.",
)
@WHO
@DOCUMENTS
@REPORT_FORMAT
@click.pass_obj
def contribute_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: CommandSession, file: Path, title: str, message: str, source: str, mapping: Path | None, who: str | None,
    documents: str | None, form: str, *, dry_run: bool, propose: bool,
) -> None:  # fmt: skip
    """Send FILE as a contribution: Turtle, TriG, N-Triples, N-Quads, JSON-LD, CSV or .xlsx. It is checked and recorded.

    A steward decides on it with `leedskg contributions accept` or `reject`. Exits with 1 when the file was not taken,
    or has violations.
    """
    content = _content(file, session.settings())
    ledger = stewardship(session, documents)
    said = _content(mapping, session.settings()).decode("utf-8", "replace") if mapping else ""
    with refusals():
        if propose:
            found = sheet_proposal(ledger, content, file.name, FileMapping.of_json(said) if said else None)
            click.echo(found.mapping.as_json())
            for problem in found.problems:
                click.echo(problem, err=True)
            return
        if dry_run:
            name = file.name
            if said:
                content, name = SheetPackage(name, content, FileMapping.of_json(said)).packed(), f"{name}{ENDING}"
            change, report = ledger.preview(content, name)
            _echo_change(ledger, change, report, form, session.settings().base)
            return
        number = submit_table(
            ledger, content, file.name, said, who=name_of(who), title=title, message=message, source=source
        )  # fmt: skip
    made = ledger.ledger.contribution(number)
    if form == "json":
        click.echo(as_json(as_dict(made)))
    elif form == "shacl":
        click.echo(made.full_report.as_shacl(session.settings().base))
    else:
        click.echo(made.full_report.in_full())
        click.echo(f"Contribution {made.id} is recorded: {counted(made)}. It waits for a steward.")
    if Report.from_dict(made.report).reaches(Severity.VIOLATION):
        raise SystemExit(1)


def _content(file: Path, settings: Settings) -> bytes:
    limit = settings.contribution_limit * 1024 * 1024
    try:
        with file.open("rb") as stream, refusals():
            return read_limited(stream, limit, file.name)
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {(error.strerror or 'it failed').lower()}.") from None


def _echo_change(ledger: Stewardship, change: Change, report: Report, form: str, base: str) -> None:
    present = ledger.publication.present().graph
    sentences = in_words(change.proposals, present, proposed(present, change)).sentences
    full = ContributionReport.from_dict(
        report.as_dict(), name=change.name, added=len(change.added), removed=len(change.removed)
    )
    if form == "json":
        said = [{"kind": each.kind, "words": each.words, "record": each.record} for each in sentences]
        click.echo(as_json({"changes": said, "report": report.as_dict()}))
    elif form == "shacl":
        click.echo(full.as_shacl(base))
    else:
        for each in sentences:
            click.echo(f"  {each.kind:<9}  {each.words}")
        # A file that was not read whole was not held against the graph: there are its faults alone.
        click.echo(full.in_full() if isinstance(report, ContributionReport) else report.as_text())
        click.echo("Nothing was recorded.")
    if report.reaches(Severity.VIOLATION):
        raise SystemExit(1)


def counted(contribution: Contribution) -> str:
    """Return how many statements it adds and takes out."""
    words = [f"{contribution.added:,} added"] if contribution.added else []
    words += [f"{contribution.removed:,} taken out"] if contribution.removed else []
    return ", ".join(words) or "nothing"


def as_dict(contribution: Contribution) -> dict[str, Any]:
    """Return a contribution for JSON."""
    return dict(contribution.__dict__)


def as_json(data: Mapping[str, Any] | list[Any]) -> str:
    """Write JSON for people and programs."""
    return json.dumps(data, indent=2, ensure_ascii=False)
