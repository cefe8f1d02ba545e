"""A source from its publisher's service into one file, which is then imported as any file is."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from leedskg.errors import RequestError
from leedskg.fetching.client import PublisherClient
from leedskg.fetching.kept import FetchFolder
from leedskg.fetching.scope import AskedBody
from leedskg.fetching.services import PublisherService, service_of
from leedskg.files import replacing
from leedskg.settings import Settings

#: Which entity of the graph a body is, by the source and its values; None for one that is not of it.
Resolve = Callable[[str, Mapping[str, str]], str | None]
_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Wanted:
    """What is asked of a publisher: about which bodies, and which records are in force already."""

    bodies: Sequence[AskedBody]
    resolve: Resolve
    in_force: frozenset[str] = frozenset()
    #: Whether somebody named the bodies: then nothing is said of records that touch none of them.
    named: bool = False


@dataclass(frozen=True)
class Fetched:
    """The file that was made. `missing` are the ids that the publisher has no more, None if it gave all that it has."""

    file: Path
    missing: frozenset[str] | None
    told: Sequence[str] = ()


@dataclass
class FetchRun:
    """What a source's module works with. `left_out` counts personal data that was not kept."""

    service: PublisherService
    client: PublisherClient
    folder: FetchFolder
    wanted: Wanted
    tell: Callable[[str], None]
    told: list[str] = field(default_factory=list)
    left_out: int = 0


class SourceFetcher(Protocol):
    """Fetches one source: a module of this room has one."""

    def __call__(self, run: FetchRun) -> Fetched:
        """Fetch what is wanted. Raises FetchError; what was had is kept for the next run."""


def contact_of(settings: Settings) -> str:
    """Return whom a publisher may write to. Raises RequestError where nobody is named."""
    contact = settings.fetch_contact or settings.report_to
    if not contact:
        raise RequestError(
            "Say whom a publisher can write to about these requests: set LEEDSKG_FETCH_CONTACT to an e-mail address or "
            "the address of a page. It is sent with each request."
        )
    return contact


def fetch(  # noqa: PLR0913 - what is wanted, and how
    source: str, fetcher: SourceFetcher, wanted: Wanted, settings: Settings, *, tell: Callable[[str], None],
    anew: bool = False, sleep: Callable[[float], None] = time.sleep,
) -> Fetched:  # fmt: skip
    """Fetch a source into its folder below the state folder, and return the file to import.

    Raises FetchError where the publisher does not answer as it should; RequestError for a setting that is missing.
    """
    service = service_of(source, settings.fetch_services)
    contact = contact_of(settings)
    folder = FetchFolder(settings.state_path / "fetched" / source)
    what = " ".join([service.address, *(each.entity for each in wanted.bodies)])
    client = PublisherClient(service, contact, tell, sleep)
    try:
        with folder.run(what, anew=anew) as goes_on:
            if goes_on:
                tell("The run that was interrupted goes on.")
            run = FetchRun(service, client, folder, wanted, tell)
            made = fetcher(run)
    finally:
        client.close()
    told = [*run.told]
    if run.left_out:
        told.append(f"Personal data left out before anything was written: {run.left_out:,}.")
    told.append(f"{client.requests:,} requests to {service.address}.")
    return Fetched(made.file, made.missing, told)


def packed(path: Path, parts: Iterator[tuple[str, bytes]]) -> None:
    """Write parts into a zip file; the same parts give the same bytes."""
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
