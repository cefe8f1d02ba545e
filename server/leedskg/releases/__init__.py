"""Versions of the graph: made once, kept as files, and answered from for good."""

from leedskg.releases.making import make_version
from leedskg.releases.stores import prepare_store
from leedskg.releases.version import Version, VersionFile, Versions

__all__ = ["Version", "VersionFile", "Versions", "make_version", "prepare_store"]
