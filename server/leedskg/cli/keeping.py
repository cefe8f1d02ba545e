"""The commands that keep things safe and whole: rebuild, backup, restore, history."""

from __future__ import annotations

from pathlib import Path

import click

from leedskg.catalogue import CatalogueEntry
from leedskg.cli.contributing import stewardship
from leedskg.cli.group import CommandSession, steps_told
from leedskg.contributions.directory import Directory
from leedskg.errors import RequestError
from leedskg.ledger import Ledger
from leedskg.ledger.backup import Backup, back_up, restore
from leedskg.ledger.export import export
from leedskg.ledger.history import as_at, history


@click.command("rebuild")
@click.pass_obj
def rebuild_command(session: CommandSession) -> None:
    """Make the store anew from the knowledge files and the ledger, whatever is published now."""
    kept = stewardship(session)
    with steps_told() as tell:
        generation = kept.publication.publish(whole=True, despite_lost_steps=True, tell=tell)
    steps = len(kept.ledger.steps())
    click.echo(
        f"Published generation {generation.number} with {generation.statements:,} statements, from the knowledge files "
        f"and {steps} {'step' if steps == 1 else 'steps'} of the ledger."
    )
    contained = kept.contained()
    if contained:
        numbers = ", ".join(str(each.id) for each in contained)
        click.echo(
            f"The knowledge files hold contributions {numbers} whole. `leedskg contributions settle` lets the files "
            "speak for them."
        )


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--incomplete", is_flag=True, help="Write it also where a submitted file is lost or damaged.")
@click.pass_obj
def backup_command(session: CommandSession, file: Path, *, incomplete: bool) -> None:
    """Write the ledger, the submitted files and the accounts into FILE; the program may go on serving meanwhile."""
    made = back_up(Ledger(session.settings().ledger_path), file, incomplete=incomplete)
    click.echo(f"{_told(made)} Keep the file somewhere else.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Put it in the place of the ledger that is there, which is kept beside it.")
@click.pass_obj
def restore_command(session: CommandSession, file: Path, *, force: bool) -> None:
    """Make the ledger of the backup in FILE, after every digest in it has been checked. Stop the program first."""
    made = restore(file, session.settings().ledger_path, force=force)
    click.echo(f"{_told(made)} Next: leedskg rebuild")


@click.command("export")
@click.option(
    "--to", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write into; the knowledge files themselves if left out.",
)  # fmt: skip
@click.pass_obj
def export_command(session: CommandSession, to: Path | None) -> None:
    """Write what was merged back into the knowledge files, each statement in the file of its subject, for review."""
    kept = stewardship(session)
    if to is None and kept.publication.root().name == "_knowledge":
        raise RequestError("The knowledge files belong to the installed program. Say with --to where to write.")
    made = export(kept.publication.replay(), (to or kept.publication.root()) / "graph")
    for path in made.written:
        click.echo(f"{path}")
    for number in made.contributions:
        contribution = kept.ledger.contribution(number)
        click.echo(f"Includes contribution {number}: {contribution.title}, from {contribution.who}")
    if not made.contributions:
        click.echo("Nothing was merged that the knowledge files do not hold by themselves.")
    elif to is None:
        click.echo("Next: leedskg check; then commit. Where that is accepted: leedskg contributions settle")


@click.command("history")
@click.argument("entity")
@click.option("--at", "date", metavar="DATE", help="What was said of it at this date, such as 2026-11-21.")
@click.pass_obj
def history_command(session: CommandSession, entity: str, date: str | None) -> None:
    """Show who changed what is said of ENTITY, or with --at what was said of it at a date."""
    kept = stewardship(session)
    present = kept.publication.present()
    entry: CatalogueEntry = Directory(present.graph, None).catalogue.find(entity)
    if date:
        said = as_at(entry.iri, _date(date), present, kept.ledger)
        for each in said:
            click.echo(each.words)
        if not said:
            click.echo(f"Nothing was said of {entry.label} at {date}.")
        return
    for change in history(entry.iri, present, kept.ledger):
        source = f"contribution {change.contribution}" if change.contribution else "knowledge files"
        click.echo(f"{change.at}  {change.who} {change.kind} ({source}){f': {change.reason}' if change.reason else ''}")
        for sentence in change.sentences:
            click.echo(f"    {sentence.words}")


def _date(text: str) -> str:
    digits = text.replace("-", "")
    if not (digits.isdecimal() and len(text) in {4, 7, 10}):
        raise RequestError("Write the date as 2026, 2026-11 or 2026-11-21.")
    return text


def _told(backup: Backup) -> str:
    files = "1 submitted file" if backup.files == 1 else f"{backup.files:,} submitted files"
    what = "1 contribution" if backup.contributions == 1 else f"{backup.contributions:,} contributions"
    lacking = f" Without the file of contribution {', '.join(map(str, backup.lacking))}." if backup.lacking else ""
    return f"{backup.path}: {what}, {files}, {', '.join(backup.databases)}.{lacking}"
