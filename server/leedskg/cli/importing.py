"""The command import."""

from __future__ import annotations

from dataclasses import replace
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
from leedskg.ledger.import_renewals import submit_renewal
from leedskg.ledger.importing import ImportRequest, Intake, intake, submit_import
from leedskg.ledger.stewardship import Stewardship
from leedskg.settings import Settings


@click.command("import")
@click.argument("words", nargs=-1, required=True, metavar="[SOURCE] FILE...|SOURCE --fetch")
@click.option("--had-on", default="", metavar="DATE", help="Day on which the file was had; today if left out.")
@click.option(
    "--at-least", "least", type=click.IntRange(1), help="Bodies of the graph that a record has to touch; 1 at first."
)
@click.option("--everything/--no-everything", default=None, help="Keep every record of the file, whatever it touches.")
@click.option("--health/--no-health", default=None, help="Keep only projects on health, as the register itself says.")
@click.option(
    "--lean/--no-lean",
    default=None,
    help="Of a project keep who pays and the bodies of the graph; count the others.",
)
@click.option("--covers", default="", metavar="TEXT", help="What the file covers, where that is less than the source.")
@click.option("--part", is_flag=True, help="The file is a part of what the publisher has: what it lacks is not gone.")
@click.option("--fetch", "fetch_it", is_flag=True, help="Ask the publisher of SOURCE: gtr, ror, nihr or 360giving.")
@click.option(
    "--body",
    "bodies",
    multiple=True,
    metavar="NAME",
    help="With --fetch: ask about this body of the graph alone; may be given again. Those of the region if left out.",
)
@click.option("--anew", is_flag=True, help="With --fetch: do not go on with a run that was interrupted.")
@click.option("--dry-run", is_flag=True, help="Say what it would change, and record nothing.")
@click.option("--into-files", is_flag=True, help="Write the table into the knowledge folder, and not into the ledger.")
@WHO
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def import_command(  # noqa: PLR0913, PLR0917 - click passes each argument and option of the command
    session: CommandSession, words: tuple[str, ...], had_on: str, least: int | None, covers: str, who: str | None,
    form: str, *, everything: bool | None, health: bool | None, lean: bool | None, part: bool, dry_run: bool,
    into_files: bool, fetch_it: bool, bodies: tuple[str, ...], anew: bool,
) -> None:  # fmt: skip
    """Import FILE of a publisher: a file, a folder or an archive, as it was got. SOURCE is recognised if left out.

    Records that touch the region or a body of the graph are kept, with all who take part in them; personal data is
    dropped. A source that is in the graph is read as it was then (--at-least, --everything, --health, --lean) unless
    the options say otherwise. The import is recorded as one contribution, which a steward accepts with
    `leedskg contributions accept`.

    With --fetch the publisher's service is asked instead, for what it has of the bodies of the graph in the region.
    That needs internet and LEEDSKG_FETCH_CONTACT; a run that was interrupted goes on. What it proposes waits for a
    steward as any import does, and nothing is recorded where nothing is new.

    \b
    leedskg import gtr projects.zip --dry-run
    leedskg import gtr --fetch
    leedskg import gtr --fetch --body "University of Leeds" --at-least 2
    leedskg import ror --fetch --dry-run
    """  # noqa: D301 - click reads the backspace, and leaves the lines as they are
    settings, ledger = session.settings(), stewardship(session)
    wanted = ImportRequest("", had_on, least, everything, part, health=health, lean=lean, covers=covers)
    with refusals():
        if fetch_it:
            inputs, wanted = _fetched(words, bodies, wanted, ledger, settings, anew=anew)
        elif bodies or anew:
            raise RequestError("--body and --anew go with --fetch.")
        else:
            source, files = _split(words)
            inputs, wanted = [InputFile.at(Path(each)) for each in files], replace(wanted, source=source)
        made = intake(inputs, ledger, settings, wanted)
        made.check_not_empty()
        number, last = None, ["Nothing was recorded."]
        if into_files and not dry_run:
            last = [f"Wrote {name}." for name in _write(made, settings, ledger.publication.root())]
        elif not dry_run:
            number, last = _recorded(made, ledger, settings, name_of(who), again=fetch_it)
    if form == "json":
        click.echo(as_json(_as_dict(made, number)))
        return
    scope = [made.scope_told] if made.scope_told else []
    for line in [
        *in_words(made.report, made.table),
        *scope,
        *made.roles_in_words(),
        made.in_words(),
        *_questions(made),
        *last,
    ]:
        click.echo(line)


def _fetched(  # noqa: PLR0913 - what was said on the command line, and what it is done with
    words: tuple[str, ...], bodies: tuple[str, ...], wanted: ImportRequest, ledger: Stewardship,
    settings: Settings, *, anew: bool,
) -> tuple[list[InputFile], ImportRequest]:  # fmt: skip
    """Ask the publisher, and return the file that was made of its answers, with what is to be read of it."""
    if len(words) != 1:
        raise RequestError("With --fetch, say only which source: leedskg import gtr --fetch.")
    if wanted.had_on or wanted.part or wanted.everything:
        raise RequestError("--had-on, --part and --everything are of files, and do not go with --fetch.")
    from leedskg.cli.fetching import fetched  # noqa: PLC0415 - the server must not have loaded what calls out

    found = fetched(words[0], bodies, ledger, settings, anew=anew)
    return [InputFile.at(found.file)], replace(wanted, source=words[0], missing=found.missing)


def _recorded(
    made: Intake, ledger: Stewardship, settings: Settings, who: str, *, again: bool
) -> tuple[int | None, list[str]]:
    """Record an import; return its number and what is told of it. What is proposed `again` may wait already."""
    if again:
        renewal = submit_renewal(ledger, made, settings, who=who)
        return renewal.number, [renewal.in_words()]
    number = submit_import(ledger, made, settings, who=who).id
    return number, [f"Contribution {number} is recorded. It waits for a steward."]


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
        "scope_told": made.scope_told,
        "new": len(difference.new),
        "changed": len(difference.changed),
        "gone": len(difference.gone),
        "same": difference.same,
        "roles": made.roles,
        "roles_derived": sorted(made.roles.keys() & made.derived),
        "personal": {column: count for column, count in report.personal.items() if count},
        "dropped": {column: count for column, count in report.dropped.items() if count},
        "notes": [str(note) for note in report.notes],
        "questions": [each.as_dict() for each in made.questions],
    }
