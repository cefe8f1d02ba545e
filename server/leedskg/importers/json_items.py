"""JSON of publishers, one record at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

import ijson

from leedskg.importers.report import FilePlace, ImportFileError

#: Bytes that a value may have before a record ends: `ijson` keeps no more than one record.
_CHUNK = 64 * 1024


def items(stream: IO[bytes], path: str, place: FilePlace) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects at a path, such as `grants.item`, numbered from 1.

    Raises ImportFileError for JSON that is broken or cut short, and for an item that is no object.
    """
    number = 0
    try:
        for item in ijson.items(stream, path, buf_size=_CHUNK, use_float=True):
            number += 1
            if not isinstance(item, dict):
                raise ImportFileError("this is no record: an object is expected.", FilePlace(place.file, number))
            yield number, item
    except ijson.JSONError as error:
        raise ImportFileError(
            f"this is not valid JSON behind record {number}: {str(error).splitlines()[0]}. The file may be cut short.",
            place,
        ) from None
    except UnicodeDecodeError:
        raise ImportFileError(f"this is not UTF-8, behind record {number}.", place) from None
    if not number:
        raise ImportFileError("there are no records in it, so there is nothing to import.", place)


def has(start: bytes, path: str) -> bool:
    """Return whether the beginning of a JSON document has something at a path."""
    return bool(_first(start, path))


def first(start: bytes, path: str) -> dict[str, Any]:
    """Return the first object at a path, from the beginning of a document; empty where there is none, or it is cut."""
    return _first(start, path)


def _first(start: bytes, path: str) -> dict[str, Any]:
    try:
        for item in ijson.items(io.BytesIO(start), path, use_float=True):
            return item if isinstance(item, dict) else {}
    except (ijson.JSONError, UnicodeDecodeError):
        pass
    return {}
