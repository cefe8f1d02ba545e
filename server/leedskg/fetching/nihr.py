"""NIHR's open data: the export of its awards, whole, for the records of its API end at 10,000 without a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from leedskg.errors import FetchError
from leedskg.fetching.fetcher import Fetched, FetchRun
from leedskg.fetching.lists import parsed
from leedskg.files import replacing
from leedskg.importers.json_items import items
from leedskg.importers.mapping import fold
from leedskg.importers.report import FilePlace, ImportFileError
from leedskg.importers.sources.nihr import MAPPING

_PART = "awards"
FILE = "nihr-fetched.json"


def fetch_nihr(run: FetchRun) -> Fetched:
    """Fetch every award, and check that it is every one."""
    path = run.folder.path / FILE
    known = run.folder.about(_PART) if path.exists() else None
    if known and run.folder.is_of_this_run(known):
        return Fetched(path, None)
    run.tell("the export of awards")
    url = run.service.url("export")
    answer = run.client.get(url, lambda stream: _taken(run, stream, url), known=known.validators if known else None)
    if answer is None:
        assert known
        run.folder.confirm(_PART, known.validators)
        return Fetched(path, None)
    number, persons = answer.content
    there = _count(run)
    if number != there:
        raise FetchError(
            f"The export of {url} is cut short, or changed while it was read: it has {number:,} awards, and the "
            f"publisher counts {there:,}. Nothing was imported. Run it again."
        )
    run.left_out += persons
    _new(run).replace(path)
    run.folder.keep(_PART, str(number).encode(), answer.validators)
    return Fetched(path, None)


def _new(run: FetchRun) -> Path:
    """Return where an export is written before it is known to be whole."""
    return run.folder.path / f"{FILE}.new"


def _taken(run: FetchRun, stream: IO[bytes], url: str) -> tuple[int, int]:
    """Write the awards without persons and prose; return how many there are, and how many values named persons."""
    personal = {fold(each) for each in MAPPING.personal}
    left_out = personal | {fold(each) for each in MAPPING.dropped}
    number = persons = 0
    try:
        with replacing(_new(run)) as file:
            file.write(b"[")
            for number, award in items(stream, "item", FilePlace(url)):
                kept = {key: value for key, value in award.items() if fold(key) not in left_out}
                persons += sum(1 for key, value in award.items() if fold(key) in personal and value)
                file.write((b",\n" if number > 1 else b"\n") + json.dumps(kept, ensure_ascii=False).encode())
            file.write(b"\n]\n")
    except ImportFileError as error:
        raise FetchError(f"The export is cut short, or in another form. {error} Nothing was imported.") from None
    return number, persons


def _count(run: FetchRun) -> int:
    """Return how many awards the publisher says that there are."""
    url = run.service.url("count")
    answer = run.client.get(url, lambda stream: parsed(stream, url), params={"limit": "0"})
    said: Any = answer.content if answer else None
    if not isinstance(said, dict) or not isinstance(said.get("total_count"), int):
        raise FetchError(f"{url} does not say how many awards there are, as it did. Nothing was imported.")
    return int(said["total_count"])
