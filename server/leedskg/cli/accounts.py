"""`leedskg accounts`: who may contribute, review and administer. Whoever is at the machine needs no account for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from leedskg.accounts import Accounts
from leedskg.accounts.links import LASTS
from leedskg.accounts.model import COMMAND_LINE, ROLE_WORDS, Account, Role
from leedskg.cli.group import Session
from leedskg.settings import Settings
from leedskg.web.addresses import once_address, site_address

_ROLE = click.Choice([role.value for role in Role])
_ROLES_HELP = "; ".join(f"{role}: {words}" for role, words in ROLE_WORDS.items())


@click.group("accounts")
def accounts_command() -> None:
    """Add, list, disable and let in those who may contribute, review and administer."""


@contextmanager
def _accounts(session: Session) -> Iterator[tuple[Accounts, Settings]]:
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
def add_account(session: Session, sign_in_name: str, name: str | None, role: str) -> None:
    """Make an account, and print the one-time link by which its person gets in and sets a password."""
    with _accounts(session) as (accounts, settings):
        account = accounts.people.add(COMMAND_LINE, sign_in_name, name or sign_in_name, Role(role))
        click.echo(f"Made the account {account.shown}, {account.role}.")
        _print_link(accounts, settings, account)


@accounts_command.command("list")
@click.pass_obj
def list_accounts(session: Session) -> None:
    """List the accounts: sign-in name, role, state, name and id."""
    with _accounts(session) as (accounts, _):
        everyone = accounts.people.everyone()
        for each in everyone:
            state = "disabled" if each.disabled else "in use" if each.has_password else "no password"
            click.echo(f"{each.sign_in_name}\t{each.role}\t{state}\t{each.name}\t{each.id}")
        if not everyone:
            click.echo("There is no account yet. `leedskg run` prints a link that makes the first.", err=True)


@accounts_command.command("disable")
@click.argument("sign_in_name")
@click.pass_obj
def disable_account(session: Session, sign_in_name: str) -> None:
    """Shut an account at once: its sessions, links and tokens end. What it contributed stays."""
    with _accounts(session) as (accounts, _):
        accounts.people.disable(COMMAND_LINE, accounts.people.named(sign_in_name))
    click.echo(f"Disabled {sign_in_name}.")


@accounts_command.command("enable")
@click.argument("sign_in_name")
@click.pass_obj
def enable_account(session: Session, sign_in_name: str) -> None:
    """Open a disabled account again; its tokens stay revoked."""
    with _accounts(session) as (accounts, _):
        accounts.people.enable(COMMAND_LINE, accounts.people.named(sign_in_name))
    click.echo(f"Enabled {sign_in_name}.")


@accounts_command.command("role")
@click.argument("sign_in_name")
@click.argument("role", type=_ROLE)
@click.pass_obj
def change_role(session: Session, sign_in_name: str, role: str) -> None:
    """Give an account another role."""
    with _accounts(session) as (accounts, _):
        accounts.people.change_role(COMMAND_LINE, accounts.people.named(sign_in_name), Role(role))
    click.echo(f"{sign_in_name} is a {role} now.")


@accounts_command.command("rename")
@click.argument("sign_in_name")
@click.option("--name", help="The new name that others see.")
@click.option("--sign-in-name", "new", help="The new sign-in name.")
@click.pass_obj
def rename_account(session: Session, sign_in_name: str, name: str | None, new: str | None) -> None:
    """Change the names of an account, such as those of a person who has left."""
    with _accounts(session) as (accounts, _):
        account = accounts.people.named(sign_in_name)
        accounts.people.rename(COMMAND_LINE, account, new or account.sign_in_name, name or account.name)
        click.echo(f"It is the account of {accounts.people.named(new or sign_in_name).shown} now.")


@accounts_command.command("password")
@click.argument("sign_in_name")
@click.pass_obj
def set_password(session: Session, sign_in_name: str) -> None:
    """Set an account's password, which is asked for; everybody who is signed in to it is signed out."""
    with _accounts(session) as (accounts, _):
        account = accounts.people.named(sign_in_name)
        password = click.prompt("New password", hide_input=True, confirmation_prompt="Once more")
        accounts.people.set_password(COMMAND_LINE, account, password)
    click.echo(f"The password of {account.sign_in_name} is set.")


@accounts_command.command("link")
@click.argument("sign_in_name")
@click.pass_obj
def make_link(session: Session, sign_in_name: str) -> None:
    """Print a one-time link into an account, for a person who has no password or has lost it."""
    with _accounts(session) as (accounts, settings):
        _print_link(accounts, settings, accounts.people.named(sign_in_name))


@accounts_command.command("audit")
@click.option("--count", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Lines to print.")
@click.pass_obj
def audit(session: Session, count: int) -> None:
    """Print the audit log, the latest first: when, who, what, about whom or what, from where."""
    with _accounts(session) as (accounts, _):
        for entry in accounts.audit.entries(count=count):
            click.echo("\t".join((entry.at, entry.who or "-", entry.what, entry.about or "-", entry.place)))


def _print_link(accounts: Accounts, settings: Settings, account: Account) -> None:
    token = accounts.links.make(COMMAND_LINE, account)
    hours = int(LASTS.total_seconds() // 3600)
    click.echo(f"A link that works once, within {hours} hours; send it by a way that only {account.name} reads:")
    click.echo(once_address(site_address(settings), token))
