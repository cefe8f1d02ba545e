"""The command that serves the tools of assistants over standard input and output."""

from __future__ import annotations

import sys

import click

from leedskg.agents import AskedGraph, call
from leedskg.agents.server import make_server
from leedskg.cli.group import STORE, CommandSession
from leedskg.generation_view import GenerationViews
from leedskg.sparql.execution import QueryPool
from leedskg.web.serving.addresses import site_address


@click.command("mcp")
@STORE
@click.pass_obj
def mcp_command(session: CommandSession, store: str | None) -> None:
    """Serve the published graph to an assistant: the Model Context Protocol over standard input and output.

    An assistant starts this itself; docs/agents.md says how it is told to. Needs `pip install 'leedskg[mcp]'`.
    """
    settings = session.settings(store=store, workers=2, store_connections=2)
    with QueryPool(settings) as pool:
        views = GenerationViews(pool, settings.namespaces, None if settings.store else settings.state_path)

        def graph() -> AskedGraph:
            return AskedGraph(views.current(), pool, settings, settings.public_address, site_address(settings))

        graph().view.catalogue  # noqa: B018 - a graph that cannot be read is told at once, and not at the first call
        _run(make_server(lambda name, arguments: call(graph(), name, arguments), in_thread=True))


def _run(server: object) -> None:
    """Run a server until its client closes standard input."""
    import anyio  # noqa: PLC0415 - comes with the extra
    from mcp.server.stdio import stdio_server  # noqa: PLC0415

    async def run() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())  # type: ignore[attr-defined]

    if sys.stdin.isatty():
        click.echo("Waiting for an assistant to speak MCP on standard input; Ctrl-C ends it.", err=True)
    anyio.run(run)
