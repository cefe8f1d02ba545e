"""360Giving: the files that its registry lists, each from the funder that publishes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from leedskg.errors import FetchError, excerpt
from leedskg.fetching.fetcher import Fetched, FetchRun, packed
from leedskg.fetching.lists import parsed
from leedskg.importers.json_items import items
from leedskg.importers.report import FilePlace, ImportFileError
from leedskg.importers.sources.giving import GRANTS, KEPT, PERSONAL, PERSONAL_OF_BODIES

FILE = "360giving-fetched.zip"


def fetch_giving(run: FetchRun) -> Fetched:
    """Fetch every file of the registry that is JSON; of some bodies alone, if somebody named them."""
    listed = list(_listed(run))
    files = [each for each in listed if _is_json(each)]
    if len(listed) > len(files):
        run.told.append(
            f"{len(listed) - len(files):,} of {len(listed):,} files are spreadsheets, and were left out: only JSON is "
            "fetched."
        )
    had, lost = [], 0
    for number, dataset in enumerate(files, start=1):
        run.tell(f"{dataset['publisher']} ({number:,} of {len(files):,})")
        try:
            _have(run, dataset)
        except FetchError as error:
            run.told.append(f"{dataset['publisher']}: {str(error).removesuffix(' Nothing was imported.')}")
            if not run.folder.about(_part(dataset)):
                lost += 1
                continue
            run.told.append(f"{dataset['publisher']}: the file that was had before is used.")
        had.append(dataset)
    if not had:
        raise FetchError("None of the files could be had. " + " ".join([*run.told, "Nothing was imported."]))
    path = run.folder.path / FILE
    packed(path, ((f"{each['id']}.json", run.folder.part(_part(each)).read_bytes()) for each in had))
    whole = not lost and not run.wanted.named and len(files) == len(listed)
    return Fetched(path, None if whole else frozenset())


def _listed(run: FetchRun) -> Iterator[dict[str, str]]:
    """Yield what the registry says of each file, of the funders that are wanted."""
    url = run.service.url("registry")
    name = "registry"
    known = run.folder.about(name)
    if not (known and run.folder.is_of_this_run(known)):
        answer = run.client.get(url, lambda stream: _registry(stream, url), known=known.validators if known else None)
        if answer is None:
            assert known
            run.folder.confirm(name, known.validators)
        else:
            run.folder.keep(name, json.dumps(answer.content).encode(), answer.validators)
    wanted = {each.entity for each in run.wanted.bodies}
    for dataset in json.loads(run.folder.part(name).read_bytes()):
        values = {"organisation": dataset["organisation"], "name": dataset["publisher"]}
        if not run.wanted.named or run.wanted.resolve("360giving", values) in wanted:
            yield dataset


def _registry(stream: IO[bytes], url: str) -> list[dict[str, str]]:
    said: Any = parsed(stream, url)
    try:
        made = [
            {
                "id": str(each["identifier"]),
                "publisher": str(each["publisher"]["name"]),
                "organisation": str(each["publisher"].get("org_id") or ""),
                "url": str(each["distribution"][0]["downloadURL"]),
                "type": str((each.get("datagetter_metadata") or {}).get("file_type") or ""),
            }
            for each in said
        ]
    except (KeyError, TypeError, IndexError, AttributeError):
        made = []
    if not made:
        raise FetchError(f"{url} is no registry of files, as it was. Nothing was imported.")
    return sorted(made, key=lambda each: each["id"])


def _is_json(dataset: dict[str, str]) -> bool:
    path = dataset["url"].partition("#")[0].partition("?")[0]
    return path.casefold().endswith(".json") or dataset["type"].casefold() == "json"


def _part(dataset: dict[str, str]) -> str:
    return f"file {dataset['id']}"


def _have(run: FetchRun, dataset: dict[str, str]) -> None:
    name, url = _part(dataset), dataset["url"]
    known = run.folder.about(name)
    if known and run.folder.is_of_this_run(known):
        return
    if not url.lower().startswith(("https://", run.service.address)):
        raise FetchError(
            f"the registry gives {excerpt(url, 200)}, which is no address that begins with https. Nothing was imported."
        )
    answer = run.client.get(url, lambda stream: _taken(stream, url), known=known.validators if known else None)
    if answer is None:
        assert known
        run.folder.confirm(name, known.validators)
        return
    grants, persons = answer.content
    run.left_out += persons
    run.folder.keep(name, json.dumps({"grants": grants}, ensure_ascii=False).encode(), answer.validators)


def _taken(stream: IO[bytes], url: str) -> tuple[list[dict[str, Any]], int]:
    """Return the grants to bodies without what is of persons, and how much was."""
    made, persons = [], 0
    try:
        for _, grant in items(stream, GRANTS, FilePlace(url)):
            persons += sum(1 for each in PERSONAL if grant.get(each))
            if grant.get("recipientIndividual") or not grant.get("recipientOrganization"):
                continue
            kept = {key: value for key, value in grant.items() if key in KEPT}
            for role in ("fundingOrganization", "recipientOrganization"):
                bodies = [each for each in kept.get(role) or () if isinstance(each, dict)]
                persons += sum(1 for each in bodies for key in PERSONAL_OF_BODIES if each.get(key))
                kept[role] = [{key: each[key] for key in each if key not in PERSONAL_OF_BODIES} for each in bodies]
            made.append(kept)
    except ImportFileError as error:
        raise FetchError(f"the file is cut short, or in another form. {error} Nothing was imported.") from None
    return made, persons
