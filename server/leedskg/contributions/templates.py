"""The kinds of tables that stewards fill in: the columns of each, and which kind a table is by its header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from leedskg.catalogue import folded
from leedskg.contributions.table import Table
from leedskg.validation.findings import Finding

#: Where a statement stands. A second place goes into the same columns with 2, and so on to 9.
PLACE = ("document", "passage", "occurrence", "section")
#: A record of a register, where a statement rests on that and on no document.
REGISTER = ("register", "record key")
#: What every statement carries besides.
STATEMENT = ("valid from", "valid to", "confidence", "reading note", "note", "rank", "asserted by")
_FURTHER_PLACE = re.compile(rf"({'|'.join(PLACE)}) [2-9]")
#: A heading that begins with this marks a column for the steward alone.
PRIVATE = "#"


@dataclass(frozen=True)
class TableKind:
    """A kind of table: its name, the columns it must have, and those it may have."""

    name: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, those that are needed first."""
        return self.needed + self.optional

    def knows(self, key: str) -> bool:
        """Whether this is one of the kind's columns, further places included."""
        return key in self.columns or bool(_FURTHER_PLACE.fullmatch(key))


def table_kinds(role_columns: Iterable[str]) -> tuple[TableKind, ...]:
    """The kinds. The roles of relationships are columns of their own, and come from the ontology."""
    places = ("occurrence", "section", *REGISTER, *STATEMENT)
    return (
        TableKind(
            "entities", ("name", "kind"),
            ("also printed as", "description", "population", "id", *PLACE, *REGISTER, "note"),
        ),
        TableKind(
            "relationships", ("kind", "document", "passage"),
            (*role_columns, "amount", "currency", "need", "stage", *places),
        ),
        TableKind(
            "observations", ("indicator", "value", "unit", "qualifier", "document", "passage"),
            ("geography", "about", "reference period", "scope", "reported in", "attributed to", *places),
        ),
        TableKind("attributes", ("subject", "property", "value", "document", "passage"), places),
        TableKind("retirements", ("record", "reason"), ("replaced by",)),
        TableKind("corrections", ("record", "field", "new value", "reason"), ("old value",)),
    )  # fmt: skip


@dataclass
class Layout:
    """Which cell of a row is which column of the kind, and what is wrong with the header."""

    kind: TableKind
    positions: dict[str, int] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def recognise(table: Table, kinds: Iterable[TableKind]) -> Layout | None:
    """The kind of table that the header fits best, or None with a finding in the table when it fits none."""
    keys = {position: folded(heading) for position, heading in enumerate(table.columns) if heading}
    known = {kind: _fitting(kind, keys.values()) for kind in kinds}
    best = max(known, key=lambda kind: known[kind])
    if known[best] < 1:
        what = "; ".join(f"{kind.name}: {', '.join(kind.needed)}" for kind in known)
        table.findings.append(
            table.header_finding(
                "The first row is not the header of a table that is known here. Begin with one of the templates. "
                f"Their columns are, at least, {what}."
            )
        )
        return None
    return _laid_out(table, best)


def _fitting(kind: TableKind, keys: Iterable[str]) -> float:
    """How many of the headings are this kind's and not every statement's; misspelt ones count a little less."""
    own = [column for column in kind.columns if column not in (*PLACE, *REGISTER, *STATEMENT)]
    exact = sum(key in own for key in keys)
    near = sum(key not in own and bool(get_close_matches(key, own, n=1, cutoff=0.75)) for key in keys)
    return exact + 0.9 * near


def _laid_out(table: Table, kind: TableKind) -> Layout:
    layout = Layout(kind)
    unknown: dict[int, str] = {}
    for position, heading in enumerate(table.columns):
        key = folded(heading)
        if heading.startswith(PRIVATE):
            continue
        if not heading:
            if any(row.text(position) for row in table.rows):
                layout.findings.append(table.header_finding(f"Column {position + 1} has cells and no heading."))
        elif not kind.knows(key):
            unknown[position] = key
        elif key in layout.positions:
            layout.findings.append(
                table.header_finding(
                    "Two columns have this heading. Several values go into one cell, parted by |.", heading
                )
            )
        else:
            _place(layout, key, position, heading)
    for position, key in unknown.items():
        _guess(table, layout, position, key)
    for column in kind.needed:
        if column not in layout.positions:
            layout.findings.append(
                table.header_finding(f"A table of {kind.name} needs the column {column}. Add it.", column)
            )
    return layout


def _guess(table: Table, layout: Layout, position: int, key: str) -> None:
    """Say what an unknown heading may have meant, and read its cells as that, so that they are checked as well."""
    heading = table.columns[position]
    free = [column for column in layout.kind.columns if column not in layout.positions]
    near = get_close_matches(key, free, n=1, cutoff=0.7)
    if near:
        _place(layout, near[0], position, heading)
        hint = f"did you mean {near[0]}?"
    else:
        hint = f"remove it, or begin its heading with {PRIVATE} to keep it for yourself."
    layout.findings.append(
        table.header_finding(f"A table of {layout.kind.name} has no column of this name: {hint}", heading)
    )


def _place(layout: Layout, key: str, position: int, heading: str) -> None:
    layout.positions[key] = position
    layout.headings[key] = heading


def role_column(label: str, taken: Iterable[str] = (*PLACE, *REGISTER)) -> str:
    """The heading of a role's column: its label, with “role” behind it where another column has that heading."""
    key = folded(label)
    return f"{key} role" if key in taken else key


def role_columns(roles: Mapping[str, str]) -> dict[str, str]:
    """The role of each heading, from the label of each role."""
    return {role_column(label): role for role, label in roles.items()}
