"""The command that lists the settings."""

from __future__ import annotations

from dataclasses import fields

import click

from leedskg.cli.group import CommandSession
from leedskg.settings import ENVIRONMENT_PREFIX, Settings, without_credentials


@click.command("settings")
@click.pass_obj
def settings_command(session: CommandSession) -> None:
    """List every setting: its name in the environment, the value in force, and what it is for."""
    settings = session.settings()
    for entry in fields(Settings):
        value = getattr(settings, entry.name)
        if entry.name == "store":
            value = without_credentials(value)
        shown = "(set, and not shown)" if value and entry.metadata["secret"] else value if str(value) else "(empty)"
        click.echo(f"{ENVIRONMENT_PREFIX}{entry.name.upper()}={shown}\n    {entry.metadata['help']}")
