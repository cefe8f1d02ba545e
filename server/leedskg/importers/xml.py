"""XML of publishers, read without ever expanding an entity or fetching what a document names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from leedskg.importers.report import FilePlace, ImportFileError

_CHUNK = 256 * 1024
#: Bytes before the first element: a prologue that is longer is none of a publisher's.
_MOST_PROLOGUE = 64 * 1024
#: Bytes of one record.
_MOST_RECORD = 32 * 1024 * 1024


class _StopError(Exception):
    """The first element has begun, before which a document type may stand."""


def elements(stream: IO[bytes], tag: str, place: FilePlace) -> Iterator[Element]:
    """Yield the elements with a tag (`{namespace}name`), one at a time, each forgotten when the next is asked for.

    Raises ImportFileError for XML that is broken, and for a document type: entities are declared there, and no
    publisher's record has one.
    """
    start = stream.read(_MOST_PROLOGUE)
    refuse_doctype(start, place)
    parser: XMLPullParser[Any] = XMLPullParser(("start", "end"))
    root: Element | None = None
    held = 0
    try:
        chunk = start
        while chunk:
            parser.feed(chunk)
            held += len(chunk)
            for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
                if root is None:
                    root = element
                if event == "end" and element.tag == tag:
                    yield element
                    held = 0
                    if element is not root:
                        root.clear()
            if held > _MOST_RECORD:
                raise ImportFileError("a record in it is larger than a record can be.", place)
            chunk = stream.read(_CHUNK)
        parser.close()
    except ParseError as error:
        line = error.position[0]
        raise ImportFileError(f"this is not valid XML, at line {line}: {error}. Get the file again.", place) from None


def root_tag(start: bytes) -> str:
    """Return the tag of the first element, `{namespace}name`; empty for what is no XML."""
    parser: XMLPullParser[Any] = XMLPullParser(("start",))
    try:
        refuse_doctype(start, FilePlace(""))
        parser.feed(start)
        found = next(cast("Iterator[tuple[str, Element]]", parser.read_events()), None)
    except (ParseError, ImportFileError):
        return ""
    return found[1].tag if found else ""


def said(element: Element | None, path: str) -> str:
    """Return the text at a path below an element, on one line; empty where there is none."""
    found = element.find(path) if element is not None else None
    return " ".join((found.text or "").split()) if found is not None else ""


def refuse_doctype(start: bytes, place: FilePlace) -> None:
    """Raise ImportFileError for the beginning of what is no XML, or declares a document type or entities."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ImportFileError(
            "the XML declares a document type or entities, which no publisher's record does; it was not read.", place
        )

    def stop(*_: object) -> None:
        raise _StopError

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        parser.Parse(start, False)
    except _StopError:
        return
    except expat.ExpatError as error:
        raise ImportFileError(f"this is not valid XML: {error}.", place) from None
    raise ImportFileError("this is no XML, or nothing in it begins.", place)
