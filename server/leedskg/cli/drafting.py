"""The command that makes statements of a table: draft."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from leedskg.cli.group import Session
from leedskg.contributions import Draft, append, draft, read_csv_file, whole_file
from leedskg.errors import RequestError


@click.command("draft")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--documents", metavar="DIR", help="Folder with the source documents as text, to find the passages in.")
@click.option(
    "--into", metavar="FILE", type=click.Path(path_type=Path), help="File of graph/ to add the statements to."
)
@click.pass_obj
def draft_command(session: Session, table: Path, documents: str | None, into: Path | None) -> None:
    """Make statements of TABLE, a CSV file with a row for each, and print them as Turtle or add them to a file.

    docs/how-to-add-a-fact.md explains the tables; docs/templates/ holds one of each kind to begin with. Exits with 1,
    and writes nothing, when any row has something wrong.
    """
    folder = session.documents(documents)
    if folder is None:
        raise RequestError("Give the folder that holds the documents, with --documents or LEEDSKG_DOCUMENTS.")
    target = _target(session.root, into) if into else None
    made = draft(read_csv_file(table), session.knowledge(), folder, datetime.now(UTC))
    if made.report.findings:
        click.echo(made.report.as_text(), err=True)
    if not made.sound:
        click.echo("Nothing was written: mend the table and draft it again.", err=True)
        raise SystemExit(1)
    if made.amendments:
        raise RequestError(
            f"A table of {made.kind} changes what is there, and is not drafted: send it with "
            f"`leedskg contribute {table}`."
        )
    namespaces = session.settings().namespaces
    body = made.body()
    if body and target:
        append(target, body, namespaces)
        click.echo(f"{into}: {_counted(made)} added. Next: leedskg check --documents {folder.folder}")
    elif body:
        click.echo(whole_file(body, namespaces), nl=False)
    else:
        click.echo("There is nothing new to write.", err=True)


def _target(root: Path, into: Path) -> Path:
    """The file that is meant, which is a Turtle file of graph/."""
    graph = (root / "graph").resolve()
    for path in (into.absolute(), root / into):
        resolved = path.resolve()
        if resolved.suffix == ".ttl" and resolved.is_relative_to(graph) and resolved.parent.is_dir():
            return resolved
    raise RequestError(
        f"{into} is no place for a knowledge file. Name one in graph/ that ends in .ttl, such as graph/new.ttl."
    )


def _counted(made: Draft) -> str:
    what = "entity" if made.kind == "entities" else "statement"
    whats = "entities" if made.kind == "entities" else "statements"
    places = len(made.evidence)
    return (
        f"{len(made.statements)} {what if len(made.statements) == 1 else whats} and "
        f"{places} new {'place' if places == 1 else 'places'} in documents"
    )
