"""Lists that a service gives page by page: each page whole, and all of one and the same list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from leedskg.errors import FetchError
from leedskg.fetching.client import PublisherClient
from leedskg.fetching.kept import FetchFolder, KeptPart
from leedskg.fetching.services import PublisherService
from leedskg.foreign_json import ForeignJsonError, read_json

#: What a page is read into: how many records the list has, and those of the page.
Page = tuple[int, list[dict[str, Any]]]

#: Records of a list: ten times what the largest has. One that says more would be asked for page after page for days.
_MOST_RECORDS = 1_000_000


@dataclass(frozen=True)
class ListReader:
    """How the pages of a service are asked for, and what is kept of each record."""

    service: PublisherService
    client: PublisherClient
    folder: FetchFolder
    #: The parameters of a page, by its number.
    numbered: Callable[[int], dict[str, str]]
    #: Where an answer says how many records there are, and where it has them.
    total: str
    items: str
    #: What is kept of a record; has an `id`.
    kept: Callable[[dict[str, Any]], dict[str, Any]]

    def records(
        self, name: str, url: str, params: dict[str, str], *, most: int = 0, renew: bool = True
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a list. `most` bounds its pages; without `renew` pages that are young are not asked for.

        Raises FetchError for a page that lacks records, and for a list that changes while it is read.
        """
        size, seen, first = self.service.page_size, set[str](), -1
        number = 0
        while number == 0 or (number * size < first and not (most and number >= most)):
            number += 1
            total, items = self._page(f"{name} {number}", url, {**params, **self.numbered(number)}, renew=renew)
            first = total if first < 0 else first
            wanted = max(0, min(size, first - size * (number - 1)))
            ids = {str(each["id"]) for each in items}
            if total != first or ids & seen or len(ids) != len(items):
                self._forget(name, number)
                raise FetchError(
                    f"The list {url} changed while it was read (page {number}: {total:,} records, page 1: {first:,}). "
                    "Nothing was imported. Run it again: the list is read anew, the records that were had are kept."
                )
            if len(items) != wanted:
                self._forget(name, number)
                raise FetchError(
                    f"Page {number} of {url} is cut short: it has {len(items):,} of {wanted:,} records. Nothing was "
                    "imported. Run it again: the list is read anew, the records that were had are kept."
                )
            seen |= ids
            yield from items

    def _page(self, name: str, url: str, params: dict[str, str], *, renew: bool) -> Page:
        known = self.folder.about(name)
        if known and self._is_good(known, renew=renew):
            return self._read(name)
        answer = self.client.get(
            url, lambda stream: self._taken(stream, url), params=params, known=known.validators if known else None
        )
        if answer is None:
            assert known
            self.folder.confirm(name, known.validators)
            return self._read(name)
        self.folder.keep(name, json.dumps(answer.content).encode(), answer.validators)
        return answer.content

    def _is_good(self, known: KeptPart, *, renew: bool) -> bool:
        young = not renew and self.folder.is_younger(known, self.service.renew_days)
        return young or self.folder.is_of_this_run(known)

    def _read(self, name: str) -> Page:
        total, items = json.loads(self.folder.part(name).read_bytes())
        return total, items

    def _taken(self, stream: IO[bytes], url: str) -> Page:
        said = parsed(stream, url)
        if isinstance(said, dict) and said.get("errors"):
            raise FetchError(f"{url} answers with an error: {str(said['errors'])[:200]}. Nothing was imported.")
        total = said.get(self.total) if isinstance(said, dict) else None
        items = (said.get(self.items) or []) if isinstance(said, dict) else None
        if not isinstance(total, int) or not 0 <= total <= _MOST_RECORDS or not isinstance(items, list):
            raise FetchError(
                f"{url} answers in another form than it did: “{self.total}” is no number of records (up to "
                f"{_MOST_RECORDS:,}), or “{self.items}” no list of them. Nothing was imported."
            )
        try:
            return total, [self.kept(each) for each in items]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise FetchError(
                f"{url} gives records in another form than it did ({type(error).__name__}: {error}). Nothing was "
                "imported."
            ) from None

    def _forget(self, name: str, pages: int) -> None:
        for number in range(1, pages + 1):
            self.folder.forget(f"{name} {number}")


def parsed(stream: IO[bytes], url: str) -> Any:
    """Return the JSON of an answer. Raises FetchError where it is none, or cut short."""
    content = stream.read()
    try:
        return read_json(content)
    except ForeignJsonError as error:
        raise FetchError(
            f"The answer of {url} is cut short, or is no JSON ({error}). Nothing was imported. Run it again."
        ) from None


def mark_of(entry: Any) -> str:
    """Return a digest of an entry of a list, by which a change of its record shows."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
