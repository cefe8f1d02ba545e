"""Which pool answers: that of the embedded store, or that of the server that the settings name."""

from __future__ import annotations

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.pool import Pool
from leedskg.sparql.remote import RemotePool


def open_pool(settings: Settings) -> Pool:
    """A pool over what is published. Raises KnowledgeError when nothing is, and StoreError for a server that fails."""
    return RemotePool(settings) if settings.store else QueryPool(settings)
