"""`leedskg accounts`: who may contribute, review and administer. Whoever is at the machine needs no account for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any

import click

from leedskg.accounts import Accounts
from leedskg.accounts.links import LASTS
from leedskg.accounts.model import COMMAND_LINE, ROLE_WORDS, Account, Role
from leedskg.cli.group import CommandSession
from leedskg.settings import Settings
from leedskg.web.serving.addresses import once_address, site_address

_ROLE = click.Choice([role.value for role in Role])
_ROLES_HELP = "; ".join(f"{role}: {words}" for role, words in ROLE_WORDS.items())


@click.group("accounts")
def accounts_command() -> None:
    """Add, list, disable and let in those who may contribute, review and administer."""


@contextmanager
def _accounts(session: CommandSession) -> Iterator[tuple[Accounts, Settings]]:
    settings = session.settings()
    accounts = Accounts(settings)
    try:
        yield accounts, settings
    finally:
        accounts.close()


@accounts_command.command("add")
@click.argument("sign_in_name")
@click.option("--name", help="The name that others see; the sign-in name if it is left out.")
@click.option("--role", type=_ROLE, default=Role.CONTRIBUTOR.value, show_default=True, help=_ROLES_HELP + ".")
@click.pass_obj
def add_account(session: CommandSession, sign_in_name: str, name: str | None, role: str) -> None:
    """Make an account, and print the one-time link by which its person gets in and sets a password."""
    with _accounts(session) as (accounts, settings):
        account = accounts.people.add(COMMAND_LINE, sign_in_name, name or sign_in_name, Role(role))
        click.echo(f"Made the account {account.shown}, {account.role}.")
        _print_link(accounts, settings, account)


@accounts_command.command("list")
@click.pass_obj
def list_accounts(session: CommandSession) -> None:
    """List the accounts: sign-in name, role, state, name and id."""
    with _accounts(session) as (accounts, _):
        everyone = accounts.people.everyone()
        for each in everyone:
            state = "disabled" if each.disabled else "in use" if each.has_password else "no password"
            click.echo(f"{each.sign_in_name}\t{each.role}\t{state}\t{each.name}\t{each.id}")
        if not everyone:
            click.echo("There is no account yet. `leedskg run` prints a link that makes the first.", err=True)


def _of_account(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Make a function a command on the account whose sign-in name is given first."""

    def added(function: Callable[..., None]) -> click.Command:
        def run(session: CommandSession, /, sign_in_name: str, **options: Any) -> None:
            with _accounts(session) as (accounts, settings):
                function(accounts, settings, accounts.people.named(sign_in_name), **options)

        update_wrapper(run, function)
        return accounts_command.command(name)(click.argument("sign_in_name")(click.pass_obj(run)))

    return added


@_of_account("disable")
def disable_account(accounts: Accounts, _: Settings, account: Account) -> None:
    """Shut an account at once: its sessions, links and tokens end. What it contributed stays."""
    accounts.people.disable(COMMAND_LINE, account)
    click.echo(f"Disabled {account.sign_in_name}.")


@_of_account("enable")
def enable_account(accounts: Accounts, _: Settings, account: Account) -> None:
    """Open a disabled account again; its tokens stay revoked."""
    accounts.people.enable(COMMAND_LINE, account)
    click.echo(f"Enabled {account.sign_in_name}.")


@_of_account("role")
@click.argument("role", type=_ROLE)
def change_role(accounts: Accounts, _: Settings, account: Account, role: str) -> None:
    """Give an account another role."""
    accounts.people.change_role(COMMAND_LINE, account, Role(role))
    click.echo(f"{account.sign_in_name} is a {role} now.")


@_of_account("rename")
@click.option("--name", help="The new name that others see.")
@click.option("--sign-in-name", "new", help="The new sign-in name.")
def rename_account(accounts: Accounts, _: Settings, account: Account, name: str | None, new: str | None) -> None:
    """Change the names of an account, such as those of a person who has left."""
    accounts.people.rename(COMMAND_LINE, account, new or account.sign_in_name, name or account.name)
    click.echo(f"It is the account of {accounts.people.named(new or account.sign_in_name).shown} now.")


@_of_account("password")
def set_password(accounts: Accounts, _: Settings, account: Account) -> None:
    """Set an account's password, which is asked for; everybody who is signed in to it is signed out."""
    password = click.prompt("New password", hide_input=True, confirmation_prompt="Once more")
    accounts.people.set_password(COMMAND_LINE, account, password)
    click.echo(f"The password of {account.sign_in_name} is set.")


@_of_account("link")
def make_link(accounts: Accounts, settings: Settings, account: Account) -> None:
    """Print a one-time link into an account, for a person who has no password or has lost it."""
    _print_link(accounts, settings, account)


@accounts_command.command("audit")
@click.option("--count", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Lines to print.")
@click.pass_obj
def audit(session: CommandSession, count: int) -> None:
    """Print the audit log, the latest first: when, who, what, about whom or what, from where."""
    with _accounts(session) as (accounts, _):
        for entry in accounts.audit.entries(count=count):
            click.echo("\t".join((entry.at, entry.who or "-", entry.what, entry.about or "-", entry.place)))


def _print_link(accounts: Accounts, settings: Settings, account: Account) -> None:
    token = accounts.links.make(COMMAND_LINE, account)
    hours = int(LASTS.total_seconds() // 3600)
    click.echo(f"A link that works once, within {hours} hours; send it by a way that only {account.name} reads:")
    click.echo(once_address(site_address(settings), token))
