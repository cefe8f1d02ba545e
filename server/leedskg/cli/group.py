"""What all commands share: the settings in force, and errors as one sentence with an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from leedskg.documents import Documents
from leedskg.edition import Edition
from leedskg.errors import LeedskgError, UnknownNameError
from leedskg.files import knowledge_root
from leedskg.knowledge import Knowledge, read_knowledge
from leedskg.settings import Settings, read_settings
from leedskg.sparql.opening import open_pool


@dataclass(frozen=True)
class Session:
    """One call of the command line: where its settings come from, and what is opened with them."""

    environment: Mapping[str, str]
    options: Mapping[str, Any]

    def settings(self, **options: Any) -> Settings:
        """The settings in force; a command's own options win over the general ones."""
        return read_settings(self.environment, **(dict(self.options) | options))

    @cached_property
    def root(self) -> Path:
        """The folder of the knowledge files."""
        return knowledge_root(self.settings().knowledge)

    def knowledge(self) -> Knowledge:
        """The knowledge files, read."""
        return read_knowledge(self.root, self.settings().namespaces)

    def documents(self, folder: str | None) -> Documents | None:
        """The folder of source documents that the option or the setting names, or None for neither."""
        name = folder or self.settings().documents
        return Documents(Path(name).expanduser()) if name else None

    @contextmanager
    def edition(self, store: str | None = None) -> Iterator[Edition]:
        """The published graph: read through a query worker of its own, or on the server that `store` names."""
        settings = self.settings(workers=1, store=store)
        with open_pool(settings) as pool:
            # Over a store elsewhere a command leaves nothing behind on this machine; a server does.
            yield Edition(pool, settings.namespaces, None if settings.store else settings.state_path)


STORE = click.option("--store", metavar="URL", help="SPARQL server that holds the graph, in place of the state folder.")


class LeedskgGroup(click.Group):
    """A group of commands that lists them in the order of their use and prints a LeedskgError as a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error that a person can mend is printed and ends with its exit code."""
        try:
            return super().invoke(ctx)
        except LeedskgError as error:
            click.echo(f"leedskg: {error}", err=True)
            if isinstance(error, UnknownNameError):
                for candidate in error.candidates:
                    kind = f" ({candidate.kind})" if candidate.kind else ""
                    click.echo(f"  {candidate.label}{kind} <{candidate.iri}>", err=True)
            sys.exit(error.exit_code)
