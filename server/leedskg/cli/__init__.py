"""The command line: `leedskg` and its commands."""

from __future__ import annotations

import os
from typing import Any

import click

from leedskg.cli.accounts import accounts_command
from leedskg.cli.contributing import contribute_command
from leedskg.cli.contributions import contributions_group
from leedskg.cli.drafting import draft_command
from leedskg.cli.group import LeedskgGroup, Session
from leedskg.cli.keeping import backup_command, export_command, history_command, rebuild_command, restore_command
from leedskg.cli.reading import query_command, show_command
from leedskg.cli.routing import route_command
from leedskg.cli.serving import run_command, serve_command, settings_command
from leedskg.cli.stewarding import build_command, check_command, cite_command, coverage_command, mint_command


@click.group(cls=LeedskgGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leedskg")
@click.option("--knowledge", metavar="DIR", help="Folder that holds ontology/, graph/, shapes/ and queries/.")
@click.option("--state", metavar="DIR", help="Folder for the store; it can be deleted and rebuilt.")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """A knowledge graph of the Leeds health innovation ecosystem: check it, build it, ask it, serve it.

    Settings may also come from the environment, as LEEDSKG_ and the setting's name; `leedskg settings` lists them.
    """
    context.obj = Session(os.environ, options)


for command in (
    run_command,
    check_command,
    build_command,
    serve_command,
    query_command,
    route_command,
    show_command,
    cite_command,
    draft_command,
    coverage_command,
    mint_command,
    accounts_command,
    contribute_command,
    contributions_group,
    history_command,
    export_command,
    rebuild_command,
    backup_command,
    restore_command,
    settings_command,
):
    main.add_command(command)
