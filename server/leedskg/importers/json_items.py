"""JSON of publishers, one record at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import ijson

from leedskg.importers.report import FilePlace, ImportFileError

#: Bytes that a value may have before a record ends: `ijson` keeps no more than one record.
_CHUNK = 64 * 1024
#: Values within values. `ijson` writes the way to each at each step, so that a small file that is deep takes hours.
_DEEPEST = 200
#: A string, up to its end or that of what is there; and the rest of one.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)', re.DOTALL)
_REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def items(stream: IO[bytes], path: str, place: FilePlace) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects at a path, such as `grants.item`, numbered from 1.

    Raises ImportFileError for JSON that is broken or cut short, and for an item that is no object.
    """
    number = 0
    try:
        for item in ijson.items(_Shallow(stream), path, buf_size=_CHUNK, use_float=True):
            number += 1
            if not isinstance(item, dict):
                raise ImportFileError("this is no record: an object is expected.", FilePlace(place.file, number))
            yield number, item
    except _TooDeepError:
        raise ImportFileError(
            f"behind record {number} are values within values, {_DEEPEST} deep or more, which no publisher gives.",
            place,
        ) from None
    except ijson.JSONError as error:
        raise ImportFileError(
            f"this is not valid JSON behind record {number}: {str(error).splitlines()[0]}. The file may be cut short.",
            place,
        ) from None
    except UnicodeDecodeError:
        raise ImportFileError(f"this is not UTF-8, behind record {number}.", place) from None
    if not number:
        raise ImportFileError("there are no records in it, so there is nothing to import.", place)


@contextmanager
def usual_form(place: FilePlace) -> Iterator[None]:
    """Raise ImportFileError where a record has a value of another form than is read, such as a number for a list."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ImportFileError(
            f"this record is of another form than its publisher gives ({type(error).__name__}: {error}).", place
        ) from None


def has(start: bytes, path: str) -> bool:
    """Return whether the beginning of a JSON document has something at a path."""
    return bool(_first(start, path))


def first(start: bytes, path: str) -> dict[str, Any]:
    """Return the first object at a path, from the beginning of a document; empty where there is none, or it is cut."""
    return _first(start, path)


def _first(start: bytes, path: str) -> dict[str, Any]:
    try:
        for item in ijson.items(_Shallow(io.BytesIO(start)), path, use_float=True):
            return item if isinstance(item, dict) else {}
    except (_TooDeepError, ijson.JSONError, UnicodeDecodeError):
        pass
    return {}


class _TooDeepError(Exception):
    """JSON that is nested deeper than any record is."""


class _Shallow:
    """A stream of JSON that raises _TooDeepError before too deep a part of it is given."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._depth, self._in_string, self._held = stream, 0, False, b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        chunk = self._stream.read(size)
        self._look(self._held + chunk)
        return chunk

    def _look(self, text: bytes) -> None:
        odd = (len(text) - len(text.rstrip(b"\\"))) % 2  # what it stands before is in the next chunk
        text, self._held = text[: len(text) - odd], text[len(text) - odd :]
        if self._in_string:
            ended = _REST_OF_STRING.match(text)
            if not ended:
                return
            text = text[ended.end() :]
        text, begun = _STRING.subn(rb"\1", text)
        self._in_string = begun > text.count(b'"')
        brackets = text.translate(None, _NO_BRACKETS)
        for _ in range(_DEEPEST):
            fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
            if fewer == brackets:
                break
            brackets = fewer
        opened = brackets.count(b"[") + brackets.count(b"{")
        self._depth += 2 * opened - len(brackets)
        if opened > _DEEPEST or self._depth > _DEEPEST:
            raise _TooDeepError
