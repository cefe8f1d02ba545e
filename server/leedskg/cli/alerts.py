"""`leedskg alerts`: what people follow, by e-mail. The server itself sends nothing; a timer runs this."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime

import click

from leedskg.accounts import Accounts
from leedskg.alerts.mail import MailServer, message
from leedskg.alerts.news import NewsReader
from leedskg.alerts.sending import AlertSender
from leedskg.cli.group import CommandSession
from leedskg.errors import RequestError
from leedskg.generation_view import GenerationView
from leedskg.sparql.execution import QueryPool
from leedskg.web.serving.addresses import site_address
from leedskg.web.site import NAME


@click.group("alerts")
def alerts_command() -> None:
    """Send alerts by e-mail to those who follow something, and try the mail server."""


@alerts_command.command("send")
@click.pass_obj
def send_alerts(session: CommandSession) -> None:
    """Send each person who asked for it one message with what is new to them, and ask new addresses to confirm.

    What could not be sent is said, ends with code 1, and is tried again the next time; no message is sent twice.
    """
    settings = session.settings(workers=1)
    if settings.store:
        raise RequestError(
            "nothing can be followed while the graph is on a SPARQL server elsewhere: there is no log of changes"
        )
    server, accounts = MailServer(settings), Accounts(settings)
    with ExitStack() as opened:
        opened.callback(accounts.close)

        def news() -> tuple[NewsReader, str]:
            pool = opened.enter_context(QueryPool(settings))
            view = GenerationView(pool, settings.namespaces, settings.state_path)
            return NewsReader(view, pool, settings.state_path, session.root), view.published.built_at

        sent = AlertSender(accounts, server, settings.smtp_sender, site_address(settings), NAME).send(news)
    click.echo(f"Messages sent with what is new: {sent.digests}. Addresses asked to confirm: {sent.questions}.")
    for failure in sent.failures:
        click.echo(f"leedskg: {failure}", err=True)
    if sent.failures:
        sys.exit(1)


@alerts_command.command("try")
@click.argument("address")
@click.pass_obj
def try_server(session: CommandSession, address: str) -> None:
    """Send a message to ADDRESS that says that the mail server works."""
    settings = session.settings()
    server = MailServer(settings)
    text = f"The {NAME} at {site_address(settings)} can send e-mail.\n"
    name = f"try.{datetime.now(UTC):%Y%m%d%H%M%S%f}"
    if any(not 32 < ord(each) < 127 for each in address) or "@" not in address:
        raise RequestError(f"{address!r} is not an e-mail address")
    server.deliver(
        message(settings.smtp_sender, address, "E-mail works", text, name=name), address, lambda: True, lambda: None
    )
    click.echo(f"The mail server took a message to {address}.")
