"""Which column of a table has the names, and which have identifiers: read from headings, in a person's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leedskg.contributions.table import InputTable, TableRow
from leedskg.errors import RequestError
from leedskg.matching.matcher import Mention
from leedskg.matching.registers import scheme_called

#: Words of a heading above names, the likeliest first.
_OF_NAMES = ("organisation name", "organization name", "name", "organisation", "organization", "company", "body",
    "institution", "partner", "sponsor", "employer", "recipient", "funder", "printed")  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """The columns of a table that matching reads, by their positions."""

    name: int
    identifiers: tuple[tuple[int, str], ...] = ()
    postcode: int | None = None

    @classmethod
    def of(cls, headings: Sequence[str], name: str = "") -> Columns:
        """Find the columns by their headings; `name` says which one has the names. Raises RequestError for none."""
        plain = [plain_heading(each) for each in headings]
        numbers = tuple((at, scheme) for at, each in enumerate(headings) if (scheme := scheme_called(each)))
        if name:
            if plain_heading(name) not in plain:
                raise RequestError(f"The table has no column “{name}”. Its columns are: {', '.join(headings)}.")
            column = plain.index(plain_heading(name))
        else:
            numbered = {at for at, _ in numbers}
            found = [
                (rank, at) for rank, words in enumerate(_OF_NAMES) for at, each in enumerate(plain)
                if at not in numbered and re.search(rf"\b{words}\b", each)
            ]  # fmt: skip
            if not found and len([each for each in plain if each]) > 1:
                raise RequestError(
                    f"Which column has the names? Say it with --column. The columns are: {', '.join(headings)}."
                )
            column = min(found)[1] if found else 0
        postcode = next((at for at, each in enumerate(plain) if re.search(r"\bpost ?code\b", each)), None)
        return cls(column, tuple(each for each in numbers if each[0] != column), postcode)

    def mentions(self, table: InputTable) -> Iterator[tuple[TableRow, Mention]]:
        """Yield the rows that name a body, each with what it names."""
        for row in table.rows:
            if row.text(self.name):
                numbers = [(scheme, row.text(at)) for at, scheme in self.identifiers]
                postcode = row.text(self.postcode) if self.postcode is not None else ""
                yield row, Mention.of(row.text(self.name), numbers, postcode=postcode)


def plain_heading(heading: str) -> str:
    """Return a heading as words in small letters: `OrganisationName` and `organisation_name` are one."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", apart.lower()).split())
