"""The command line: `leedskg` and its commands."""

from __future__ import annotations

import os
from typing import Any

import click

from leedskg.cli.accounts import accounts_command
from leedskg.cli.agents import mcp_command
from leedskg.cli.alerts import alerts_command
from leedskg.cli.contributing import contribute_command
from leedskg.cli.contributions import contributions_group
from leedskg.cli.group import CommandSession, LeedskgGroup
from leedskg.cli.importing import import_command
from leedskg.cli.keeping import backup_command, export_command, history_command, rebuild_command, restore_command
from leedskg.cli.matching import match_command
from leedskg.cli.queries import query_command, show_command
from leedskg.cli.releasing import release_command
from leedskg.cli.routing import route_command
from leedskg.cli.serving import run_command, serve_command, settings_command
from leedskg.cli.stewarding import (
    build_command,
    check_command,
    cite_command,
    coverage_command,
    draft_command,
    mint_command,
)


@click.group(cls=LeedskgGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leedskg")
@click.option("--knowledge", metavar="DIR", help="Folder that holds ontology/, graph/, shapes/ and queries/.")
@click.option("--state", metavar="DIR", help="Folder for the store; it can be deleted and rebuilt.")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Check, build, ask and serve a knowledge graph of the Leeds health innovation ecosystem.

    Settings may also come from the environment, as LEEDSKG_ and the setting's name; `leedskg settings` lists them.
    """
    context.obj = CommandSession(os.environ, options)


for command in (
    run_command,
    check_command,
    build_command,
    serve_command,
    query_command,
    route_command,
    match_command,
    show_command,
    mcp_command,
    cite_command,
    draft_command,
    coverage_command,
    mint_command,
    accounts_command,
    alerts_command,
    contribute_command,
    import_command,
    contributions_group,
    history_command,
    export_command,
    release_command,
    rebuild_command,
    backup_command,
    restore_command,
    settings_command,
):
    main.add_command(command)
