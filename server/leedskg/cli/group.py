"""The command group: its options, its errors, and what it says while a publication takes long."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leedskg.documents import Documents
from leedskg.errors import LeedskgError, UnknownNameError
from leedskg.files import knowledge_root
from leedskg.settings import Settings, read_settings

if TYPE_CHECKING:  # what only some commands need, and which takes a second to load
    from leedskg.generation_view import GenerationView
    from leedskg.knowledge import Knowledge

#: Seconds after which somebody wonders.
_MOMENT = 2.0


@contextmanager
def steps_told(moment: float = _MOMENT) -> Iterator[Callable[[str], None]]:
    """Give what is to be called with each step; those of the first moment are told only when it is over."""
    lock = threading.Lock()
    step, is_long = "", False

    def tell(words: str) -> None:
        nonlocal step
        with lock:
            step = words
            if is_long:
                click.echo(f"{step} …", err=True)

    def over() -> None:
        nonlocal is_long
        with lock:
            is_long = True
            if step:
                click.echo(f"{step} …", err=True)

    timer = threading.Timer(moment, over)
    timer.daemon = True
    timer.start()
    try:
        yield tell
    finally:
        timer.cancel()
        timer.join()


@dataclass(frozen=True)
class CommandSession:
    """One call of the command line: where its settings come from, and what is opened with them."""

    environment: Mapping[str, str]
    options: Mapping[str, Any]

    def settings(self, **options: Any) -> Settings:
        """Read the settings in force; a command's own options win over the general ones."""
        return read_settings(self.environment, **(dict(self.options) | options))

    @cached_property
    def root(self) -> Path:
        """The folder of the knowledge files."""
        return knowledge_root(self.settings().knowledge)

    def knowledge(self) -> Knowledge:
        """Read the knowledge files."""
        from leedskg.knowledge import read_knowledge  # noqa: PLC0415 - as above

        return read_knowledge(self.root, self.settings().namespaces)

    def documents(self, folder: str | None) -> Documents | None:
        """Return the folder of source documents that the option or the setting names, or None for neither."""
        name = folder or self.settings().documents
        return Documents(Path(name).expanduser()) if name else None

    @contextmanager
    def view(self, store: str | None = None) -> Iterator[GenerationView]:
        """Open the published graph: read through a query worker of its own, or on the server that `store` names."""
        from leedskg.generation_view import GenerationView  # noqa: PLC0415 - as above
        from leedskg.sparql.execution import QueryPool  # noqa: PLC0415

        settings = self.settings(workers=1, store_connections=1, store=store)
        with QueryPool(settings) as pool:
            # Over a store elsewhere a command leaves nothing behind on this machine; a server does.
            yield GenerationView(pool, settings.namespaces, None if settings.store else settings.state_path)


STORE = click.option("--store", metavar="URL", help="SPARQL server that holds the graph, in place of the state folder.")


class CommandTable(Mapping[str, click.Command]):
    """The commands by name, each loaded when it is asked for: all together take two seconds, in every call.

    `places` has the module of each and its name there, in the order in which they are listed.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> click.Command:
        module, _, command = self._places[name].partition(":")
        found: click.Command = getattr(import_module(module), command)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class LeedskgGroup(click.Group):
    """A group of commands that lists them in the order of their use and prints a LeedskgError as a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order in which they are given."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error that a person can fix is printed and ends with its exit code."""
        try:
            return super().invoke(ctx)
        except LeedskgError as error:
            click.echo(f"leedskg: {error}", err=True)
            if isinstance(error, UnknownNameError):
                for candidate in error.candidates:
                    kind = f" ({candidate.kind})" if candidate.kind else ""
                    click.echo(f"  {candidate.label}{kind} <{candidate.iri}>", err=True)
            sys.exit(error.exit_code)
