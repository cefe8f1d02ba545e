"""The Research Organization Registry: the records of bodies, by their ROR ID or else by name.

Its own advice is not to page through a country by a filter alone, for pages then repeat and omit records.
"""

from __future__ import annotations

import json
from typing import IO, Any

from leedskg.errors import FetchError
from leedskg.fetching.client import MissingError
from leedskg.fetching.fetcher import Fetched, FetchRun
from leedskg.fetching.lists import ListReader, parsed
from leedskg.fetching.scope import AskedBody
from leedskg.files import replacing

FILE = "ror-fetched.json"
#: Pages of what a name finds: what fits best comes first.
_MOST_FOUND = 3
_PREFIX = "https://ror.org/"


def fetch_ror(run: FetchRun) -> Fetched:
    """Fetch the records of the bodies that are wanted, and those in force."""
    records: dict[str, dict[str, Any]] = {}
    asked = set() if run.wanted.named else set(run.wanted.in_force)
    asked |= {each.ror for each in run.wanted.bodies if each.ror}
    names = [each for each in run.wanted.bodies if not each.ror]
    for number, body in enumerate(names, start=1):
        run.tell(f"{body.name} ({number:,} of {len(names):,})")
        for record in _found(run, body):
            records[str(record["id"])] = record
    for number, identifier in enumerate(sorted(asked - set(records)), start=1):
        if number % 20 == 1:
            run.tell(f"record {number:,} of {len(asked):,}")
        if (held := _record(run, identifier)) is not None:
            records[identifier] = held
    if not records:
        raise FetchError("The publisher has no record of these bodies. Nothing was imported.")
    path = run.folder.path / FILE
    with replacing(path) as file:
        file.write(json.dumps([records[each] for each in sorted(records)], ensure_ascii=False).encode())
    there = {identifier for identifier, each in records.items() if each.get("status") != "withdrawn"}
    return Fetched(path, frozenset((asked | set(records)) - there))


def _found(run: FetchRun, body: AskedBody) -> list[dict[str, Any]]:
    """Return the records, of whatever status, that a name finds and that are the body."""
    lists = ListReader(
        run.service, run.client, run.folder, lambda number: {"page": str(number)}, "number_of_results", "items", _whole
    )
    query = {"query": '"{}"'.format(body.name.replace('"', "")), "all_status": "true"}
    found = lists.records(
        f"found {body.name}", run.service.url("organizations"), query, most=_MOST_FOUND, renew=False
    )  # fmt: skip
    return [
        record for record in found
        if any(
            run.wanted.resolve("ror", {"id": record["id"], "ror": record["id"], "name": name["value"]}) == body.entity
            for name in record["names"]
        )
    ]  # fmt: skip


def _whole(record: dict[str, Any]) -> dict[str, Any]:
    if not str(record["id"]).startswith(_PREFIX) or not isinstance(record["names"], list):
        raise ValueError("a record of another schema than 2")
    return record


def _record(run: FetchRun, identifier: str) -> dict[str, Any] | None:
    """Have the record with an id; None where the publisher has none."""
    name = f"record {identifier.removeprefix(_PREFIX)}"
    known = run.folder.about(name)
    if known and (run.folder.is_of_this_run(known) or run.folder.is_younger(known, run.service.renew_days)):
        return _held(run, name)
    url = f"{run.service.url('organizations')}/{identifier.removeprefix(_PREFIX)}"
    try:
        answer = run.client.get(url, lambda stream: _taken(stream, url), known=known.validators if known else None)
    except MissingError:
        run.folder.forget(name)
        run.told.append(f"The publisher has no record {identifier}.")
        return None
    if answer is None:
        assert known
        run.folder.confirm(name, known.validators)
        return _held(run, name)
    run.folder.keep(name, json.dumps(answer.content, ensure_ascii=False).encode(), answer.validators)
    return answer.content


def _held(run: FetchRun, name: str) -> dict[str, Any]:
    held = json.loads(run.folder.part(name).read_bytes())
    assert isinstance(held, dict)
    return held


def _taken(stream: IO[bytes], url: str) -> dict[str, Any]:
    said = parsed(stream, url)
    try:
        return _whole(said)
    except (KeyError, TypeError, ValueError):
        raise FetchError(f"{url} answers with no record of ROR's schema 2. Nothing was imported.") from None
