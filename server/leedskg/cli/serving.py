"""The commands that serve: run and serve."""

from __future__ import annotations

import click

from leedskg.cli.group import STORE, CommandSession, steps_told
from leedskg.errors import KnowledgeError
from leedskg.ledger import Publication, Stewardship
from leedskg.publishing import published
from leedskg.settings import Settings
from leedskg.validation import Severity, check
from leedskg.web.serving.processes import serve

_HOST = click.option("--host", help="Address to listen on.")
_PORT = click.option("--port", type=int, help="Port to listen on.")


@click.command("serve")
@_HOST
@_PORT
@click.option(
    "--scratch", is_flag=True, help="Serve an empty, writable store instead, which is thrown away at the end."
)
@STORE
@click.pass_obj
def serve_command(
    session: CommandSession, host: str | None, port: int | None, store: str | None, *, scratch: bool
) -> None:
    """Serve the published graph: the site and the SPARQL endpoint."""
    if scratch:
        click.echo("A scratch store: empty, writable by everyone who can reach it, and thrown away at the end.")
    settings = session.settings(host=host, port=port, store=store)
    if not scratch and (caught_up := Stewardship(settings).publication.catch_up()):
        click.echo(f"Published generation {caught_up.number}, with what the ledger had too.")
    serve(settings, scratch=scratch)


@click.command("run")
@_HOST
@_PORT
@STORE
@click.pass_obj
def run_command(session: CommandSession, host: str | None, port: int | None, store: str | None) -> None:
    """Check and build the graph if its files have changed, then serve it.

    When the files cannot be used, the last good generation is served, and what is wrong is said.
    """
    settings = session.settings(host=host, port=port, store=store)
    publication = Stewardship(settings).publication
    if not publication.is_current():
        problem = _build(settings, publication)
        if problem:
            click.echo(problem, err=True)
            number = published(settings).number
            click.echo(f"The last good graph (generation {number}) is served instead.", err=True)
    serve(settings)


def _build(settings: Settings, publication: Publication) -> str:
    """Check and build; give what stopped it when there is an older generation to serve, else raise."""
    try:
        has_older = bool(published(settings))
    except KnowledgeError:
        has_older = False
    try:
        report = check(publication.replay().graph, None)
        if report.reaches(Severity.VIOLATION):
            raise KnowledgeError(f"the knowledge files have violations; nothing was built:\n{report.as_text()}")
        with steps_told() as tell:
            generation = publication.publish(tell=tell)
    except KnowledgeError as error:
        if not has_older:
            raise
        return f"leedskg: {error}"
    click.echo(report.as_text().splitlines()[-1])
    click.echo(f"Published generation {generation.number} with {generation.statements:,} statements.")
    return ""
