"""The command import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from leedskg.cli.contributing import WHO, as_json, name_of, refusals, stewardship
from leedskg.cli.group import CommandSession
from leedskg.errors import RequestError
from leedskg.files import replace_file
from leedskg.importers.files import InputFile
from leedskg.importers.intake import in_words
from leedskg.importers.registry import sources
from leedskg.importers.stored import FOLDER, ORIGIN, Package
from leedskg.ledger.importing import Intake, Wish, intake, submit_import
from leedskg.settings import Settings


@click.command("import")
@click.argument("words", nargs=-1, required=True, metavar="[SOURCE] FILE...")
@click.option("--had-on", default="", metavar="DATE", help="Day on which the file was had; today if left out.")
@click.option(
    "--at-least", "least", default=1, show_default=True, help="Bodies of the graph that a record has to touch."
)
@click.option("--everything", is_flag=True, help="Keep every record of the file, whatever it touches.")
@click.option("--health", is_flag=True, help="Keep only projects on health, as the register itself says.")
@click.option("--lean", is_flag=True, help="Of a project keep who pays and the bodies of the graph; count the others.")
@click.option("--covers", default="", metavar="TEXT", help="What the file covers, where that is less than the source.")
@click.option("--part", is_flag=True, help="The file is a part of what the publisher has: what it lacks is not gone.")
@click.option("--dry-run", is_flag=True, help="Say what it would change, and record nothing.")
@click.option("--into-files", is_flag=True, help="Write the table into the knowledge folder, and not into the ledger.")
@WHO
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def import_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: CommandSession, words: tuple[str, ...], had_on: str, least: int, covers: str, who: str | None, form: str,
    *, everything: bool, health: bool, lean: bool, part: bool, dry_run: bool, into_files: bool,
) -> None:  # fmt: skip
    """Import FILE of a publisher: a file, a folder or an archive, as it was got. SOURCE is recognised if left out.

    Records that touch the region or a body of the graph are kept, with all who take part in them; personal data is
    dropped. The import is recorded as one contribution, which a steward accepts with `leedskg contributions accept`.
    """
    settings = session.settings()
    source, files = _split(words)
    ledger = stewardship(session)
    with refusals():
        wish = Wish(source, had_on, least, everything, part, health, lean, covers)
        made = intake([InputFile.at(Path(each)) for each in files], ledger, settings, wish)
        number = None
        written: list[str] = []
        if into_files and not dry_run:
            written = _write(made, settings, ledger.publication.root())
        elif not dry_run:
            number = submit_import(ledger, made, settings, who=name_of(who)).id
    if form == "json":
        click.echo(as_json(_as_dict(made, number)))
        return
    for line in in_words(made.report, made.table):
        click.echo(line)
    click.echo(made.in_words())
    for line in _questions(made):
        click.echo(line)
    for name in written:
        click.echo(f"Wrote {name}.")
    if number:
        click.echo(f"Contribution {number} is recorded. It waits for a steward.")
    elif not written:
        click.echo("Nothing was recorded.")


def _split(words: tuple[str, ...]) -> tuple[str, list[str]]:
    """Return the source, if the first word is one, and the files."""
    first, *rest = words
    if first in sources() or (rest and not Path(first).exists()):
        if not rest:
            raise RequestError(f"Say which file of {first} to import.")
        return first, rest
    return "", list(words)


def _write(made: Intake, settings: Settings, root: Path) -> list[str]:
    if not made.difference and not made.first:
        raise RequestError(f"{made.in_words()} Nothing was written.")
    folder = root / FOLDER / made.table.source
    folder.mkdir(parents=True, exist_ok=True)
    packed = Package.read(made.package(settings.namespaces), made.file_name(), settings.namespaces)
    names = []
    for name, text in {**packed.files, ORIGIN: packed.turtle}.items():
        replace_file(folder / name, text)
        names.append(f"{FOLDER}/{made.table.source}/{name}")
    return names


def _questions(made: Intake, most: int = 10) -> list[str]:
    """Say which bodies a person has to decide on, the first of them with what each may be."""
    if not made.questions:
        return []
    lines = [made.asked_in_words()]
    for asked in made.questions[:most]:
        first = asked.outcome.proposals[0]
        lines.append(f"  {asked.outcome.mention.name}: {first.candidate.label}? ({asked.outcome.why or first.why})")
    if len(made.questions) > most:
        lines.append(f"  And {len(made.questions) - most:,} more; --format json has them all.")
    return lines


def _as_dict(made: Intake, number: int | None) -> dict[str, Any]:
    report, difference = made.report, made.difference
    return {
        "source": made.table.source,
        "contribution": number,
        "read": report.read,
        "kept": report.kept,
        "scope": made.table.origin.scope,
        "new": len(difference.new),
        "changed": len(difference.changed),
        "gone": len(difference.gone),
        "same": difference.same,
        "personal": {column: count for column, count in report.personal.items() if count},
        "dropped": {column: count for column, count in report.dropped.items() if count},
        "notes": [str(note) for note in report.notes],
        "questions": [each.as_dict() for each in made.questions],
    }
