"""A SPARQL 1.1 server that holds the published graph: where it is, how it is spoken to, and its generations."""

from leedskg.store.remote.connection import Server, connect
from leedskg.store.remote.publication import publish_to
from leedskg.store.remote.register import RemoteGeneration, read_current, read_register

__all__ = ["RemoteGeneration", "Server", "connect", "publish_to", "read_current", "read_register"]
