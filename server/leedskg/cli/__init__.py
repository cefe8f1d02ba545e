"""The command line: `leedskg` and its commands, of which each call loads its own."""

from __future__ import annotations

import os
from typing import Any

import click

from leedskg.cli.group import CommandSession, CommandTable, LeedskgGroup

#: The commands in the order of their use, each with its module and its name there.
_COMMANDS = {
    "run": "serving:run_command",
    "check": "stewarding:check_command",
    "build": "stewarding:build_command",
    "serve": "serving:serve_command",
    "query": "queries:query_command",
    "route": "routing:route_command",
    "match": "matching:match_command",
    "show": "queries:show_command",
    "mcp": "agents:mcp_command",
    "cite": "stewarding:cite_command",
    "draft": "stewarding:draft_command",
    "coverage": "stewarding:coverage_command",
    "mint": "stewarding:mint_command",
    "accounts": "accounts:accounts_command",
    "alerts": "alerts:alerts_command",
    "contribute": "contributing:contribute_command",
    "import": "importing:import_command",
    "contributions": "contributions:contributions_group",
    "history": "keeping:history_command",
    "export": "keeping:export_command",
    "release": "releasing:release_command",
    "rebuild": "keeping:rebuild_command",
    "backup": "keeping:backup_command",
    "restore": "keeping:restore_command",
    "settings": "settings:settings_command",
}


@click.group(
    cls=LeedskgGroup,
    commands=CommandTable({name: f"leedskg.cli.{place}" for name, place in _COMMANDS.items()}),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="leedskg")
@click.option("--knowledge", metavar="DIR", help="Folder that holds ontology/, graph/, shapes/ and queries/.")
@click.option("--state", metavar="DIR", help="Folder for the store; it can be deleted and rebuilt.")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Check, build, ask and serve a knowledge graph of the Leeds health innovation ecosystem.

    Settings may also come from the environment, as LEEDSKG_ and the setting's name; `leedskg settings` lists them.
    """
    context.obj = CommandSession(os.environ, options)
