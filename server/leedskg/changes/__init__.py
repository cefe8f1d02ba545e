"""What changed from one state of the graph to the next: as statements, by record, and as a log that replays."""

from leedskg.changes.log import ChangeLog, LoggedRecord, PublicationEvent
from leedskg.changes.patch import MEDIA_TYPE, Patch, patch_between, patch_lines, patch_of
from leedskg.changes.records import RecordChange, changed_records, in_words

__all__ = [
    "MEDIA_TYPE",
    "ChangeLog",
    "LoggedRecord",
    "Patch",
    "PublicationEvent",
    "RecordChange",
    "changed_records",
    "in_words",
    "patch_between",
    "patch_lines",
    "patch_of",
]
