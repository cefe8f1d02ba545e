"""The register: a graph of the server's own that says which generations it holds, and which one is being written.

A generation is a set of graphs whose names end in a mark of their own, `…/graph/curated/places--g7-0123456789abcdef`,
with their union under the empty name. It is published by adding one statement to the register, which is one step on
any engine, however many statements or requests it takes as one transaction. Readers take the highest number and ask
for its graphs by name, so they see one generation whole, whatever is being written.

    <base>generation/TOKEN   def#published   {"number": 7, "built_at": …, "graphs": {"graph/inferred": 2486, …}, …}
    <base>generation/TOKEN   def#underway    {"number": 8, "until": …, "graphs": […], "by": "host, process 1234"}
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from leedskg.errors import KnowledgeError, StoreError

if TYPE_CHECKING:
    from leedskg.store.remote.connection import Server

#: The predicate that says that no graph is empty: the union of a generation has the empty name.
UNION = "graph/"
_TOKEN = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class RemoteGeneration:
    """One published state of the graph on a server, which never changes."""

    base: str
    number: int
    token: str
    built_at: str
    statements: int
    metadata: Mapping[str, Any] = field(default_factory=dict)
    #: How many statements each named graph holds, by its true name.
    graphs: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The number and a digest, for numbers come back when a server is emptied."""
        known = json.dumps([self.number, self.token, self.built_at, self.statements])
        return f"{self.number}-{hashlib.sha256(known.encode()).hexdigest()[:8]}"

    @property
    def mark(self) -> str:
        """What the names of its graphs end in on the server."""
        return mark_of(self.number, self.token)

    def stored(self, name: str) -> str:
        """Return the name of a named graph on the server."""
        return name + self.mark

    @property
    def union(self) -> str:
        """The graph that holds the union of all."""
        return self.base + UNION + self.mark


@dataclass(frozen=True)
class Underway:
    """A publication that has begun and is not over; or, past its time, what is left of one that died."""

    token: str
    number: int
    until: datetime
    #: Names of the graphs on the server.
    graphs: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Register:
    """What the register of a server says."""

    published: tuple[RemoteGeneration, ...]
    underway: tuple[Underway, ...]

    @property
    def current(self) -> RemoteGeneration | None:
        """The generation that readers should see: should two have one number, all agree on one of them."""
        return max(self.published, key=lambda each: (each.number, each.token), default=None)


def mark_of(number: int, token: str) -> str:
    """Return what the names of a generation's graphs end in. No server escapes any character of it."""
    return f"--g{number}-{token}"


def register_graph(base: str) -> str:
    """Name the graph that is the register."""
    return f"{base}generation/"


def read_register(server: Server, base: str, seconds: float = 5.0) -> Register:
    """Read the register. Raises StoreDownError, and StoreError for a register that is not ours."""
    query = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
    published: dict[str, RemoteGeneration] = {}
    underway: dict[str, Underway] = {}
    for row in server.rows(query, register_graph(base), seconds):
        try:
            token = row["s"].removeprefix(register_graph(base))
            if not _TOKEN.fullmatch(token):
                raise ValueError
            said = json.loads(row["o"])
            if row["p"] == f"{base}def#published":
                graphs = {base + name: int(count) for name, count in said["graphs"].items()}
                published[token] = RemoteGeneration(
                    base, int(said["number"]), token, _checked(said["built_at"]), int(said["statements"]),
                    dict(said["metadata"]), graphs,
                )  # fmt: skip
            elif row["p"] == f"{base}def#underway":
                until, names = datetime.fromisoformat(said["until"]), tuple(base + name for name in said["graphs"])
                if token not in underway or until > underway[token].until:  # it is renewed by adding another
                    underway[token] = Underway(token, int(said["number"]), until, names, str(said["by"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StoreError(f"the graph <{register_graph(base)}> of the store is not as leedskg writes it") from None
    return Register(tuple(published.values()), tuple(underway.values()))


def read_current(server: Server, base: str, seconds: float = 5.0) -> RemoteGeneration:
    """Read the generation that readers should see. Raises KnowledgeError when there is none, and as read_register."""
    current = read_register(server, base, seconds).current
    if current is None:
        raise KnowledgeError(f"nothing is published on {server.address.shown} yet: run `leedskg build --store` with it")
    return current


def note(server: Server, base: str, token: str, kind: str, said: Mapping[str, Any]) -> None:
    """Add a statement to the register."""
    text = json.dumps(json.dumps(said, sort_keys=True))  # JSON in ASCII, as a string that SPARQL reads as it is
    server.update(
        f"INSERT DATA {{ GRAPH <{register_graph(base)}> "
        f"{{ <{register_graph(base)}{token}> <{base}def#{kind}> {text} }} }}"
    )


def forget(server: Server, base: str, token: str, kind: str) -> None:
    """Take the statements of this kind out of the register."""
    place = f"<{register_graph(base)}{token}> <{base}def#{kind}> ?said"
    graph = register_graph(base)
    server.update(f"DELETE {{ GRAPH <{graph}> {{ {place} }} }} WHERE {{ GRAPH <{graph}> {{ {place} }} }}")


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def _checked(moment: str) -> str:
    datetime.fromisoformat(moment)
    return moment
