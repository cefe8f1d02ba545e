"""What a person said of the tables of a file: what each sheet and column is, what values and names mean.

It is kept with the contribution, and for the next file of the same form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from leedskg.errors import RequestError
from leedskg.foreign_json import read_json

What = Literal["organisations", "relationships", "aside", ""]
#: A column, a kind, or a name that is not taken.
ASIDE = "aside"
#: The relationship of a list's organisations to those in its column of partners, where no column says it.
PARTNERS = "Partnership|partner|partner"
_OF_LINK = {"name": "from", **{each: each for each in ("to", "relation", "valid from", "valid to")}}
_LONGEST, _MOST = 500, 25_000


@dataclass
class SheetMapping:
    """What one table is, or nothing where it is to be proposed.

    `columns` has the meaning of each by its position; `order` of dates is day or month first.
    """

    what: What = "aside"
    header: int | None = None
    columns: dict[int, str] = field(default_factory=dict)
    order: str = ""
    #: What every row is where no column says it: a kind, or a relationship as `roles` writes it.
    every: str = ""

    def column(self, meaning: str) -> int | None:
        """Return the position of the column with a meaning."""
        return next((position for position, each in self.columns.items() if each == meaning), None)

    def as_links(self) -> SheetMapping | None:
        """Return how rows tie organisations: as a table of relationships does, or a list with a column of partners."""
        if self.what == "relationships":
            return self
        if self.what != "organisations" or self.column("to") is None:
            return None
        columns = {position: _OF_LINK[each] for position, each in self.columns.items() if each in _OF_LINK}
        return SheetMapping("relationships", self.header, columns, self.order, PARTNERS)


@dataclass
class FileMapping:
    """What a file is: its tables in order, kinds and roles by the values that stand for them, names, and the report.

    A name is `new` (`new:` and a kind where no table gives it one), `aside`, or the IRI of an entity; or `as:` and
    another name of the file. A role is a kind of relationship and the columns of both sides, with | between.
    """

    sheets: list[SheetMapping] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    report: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> str:
        """Write it; the same mapping is the same text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1)

    @classmethod
    def of_json(cls, text: str | bytes) -> FileMapping:
        """Read it. Raises RequestError for what is none."""
        try:
            said = read_json(text)
            sheets = [_sheet(each) for each in said.get("sheets", [])[:100]]
            return cls(sheets, *(_texts(said.get(each, {})) for each in ("kinds", "roles", "names", "report")))
        except (ValueError, TypeError, AttributeError):
            raise RequestError(
                "This is no mapping of a table. It is JSON with `sheets`, `kinds`, `roles`, `names` and `report`, as "
                "`leedskg contribute FILE --propose` prints it."
            ) from None


def _sheet(said: Mapping[str, Any]) -> SheetMapping:
    if said.get("what") not in {"organisations", "relationships", ASIDE, ""}:
        raise ValueError
    header = said.get("header")
    columns = {int(position): str(meaning)[:_LONGEST] for position, meaning in said.get("columns", {}).items()}
    return SheetMapping(
        said["what"], int(header) if header is not None else None, columns, str(said.get("order", ""))[:_LONGEST],
        str(said.get("every", ""))[:_LONGEST],
    )  # fmt: skip


def _texts(said: Mapping[str, Any]) -> dict[str, str]:
    if len(said) > _MOST:
        raise ValueError
    return {str(name)[:_LONGEST]: str(value)[:_LONGEST] for name, value in said.items()}
