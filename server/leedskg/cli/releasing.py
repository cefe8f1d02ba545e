"""The command that makes a version."""

from __future__ import annotations

from datetime import date as day
from pathlib import Path

import click

from leedskg.cli.group import STORE, CommandSession, steps_told
from leedskg.releases import Versions, make_version, prepare_store
from leedskg.sparql.execution import QueryPool

#: Seconds that a query of a release may take: it reads whole graphs, and nobody else waits for its workers.
_PATIENCE = 3600.0


@click.command("release")
@click.argument("name", default="")
@click.option("--date", metavar="DATE", help="Day of the version, such as 2026-11-28; today if left out.")
@click.option(
    "--to", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write into; where the site serves versions from if left out.",
)  # fmt: skip
@STORE
@click.pass_obj
def release_command(session: CommandSession, name: str, date: str | None, to: Path | None, store: str | None) -> None:
    """Make a version called NAME, or after its day, of what is published: dumps, tables, checksums, what changed.

    The site serves it from then on, and answers from it for good.
    """
    # Each graph is read once, and by its name: the union in memory would be of no use.
    settings = session.settings(workers=1, store=store, query_timeout=_PATIENCE, in_memory_below=0)
    versions = Versions(to or settings.versions_path)
    with QueryPool(settings) as pool, steps_told() as tell:
        made = make_version(
            pool,
            settings.namespaces,
            session.root,
            versions,
            name=name,
            date=date or day.today().isoformat(),
            tell=tell,
        )
        if to is None:
            tell("making the store that the site answers from")
            prepare_store(made, settings)
    size = sum(each.size for each in made.files)
    click.echo(
        f"Made version {made.name} with {made.statements:,} statements: {len(made.files)} files, {size:,} bytes, in "
        f"{made.folder}."
    )
    for words in made.changes["words"]:
        click.echo(words)
