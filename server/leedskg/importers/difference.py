"""What a newer file of a source changes: records that are new, that say something else, and that are gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from leedskg.importers.model import SourceRecord
from leedskg.importers.table import ImportTable


@dataclass(frozen=True)
class ImportDifference:
    """The records by which two imports of one source differ."""

    new: tuple[SourceRecord, ...] = ()
    changed: tuple[tuple[SourceRecord, SourceRecord], ...] = ()
    gone: tuple[SourceRecord, ...] = ()
    same: int = 0

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def compare(
    before: ImportTable | None, after: ImportTable, *, missing: Collection[str] | None = None
) -> ImportDifference:
    """Return what `after` changes; a record that was gone already is not gone again.

    Of records that `after` lacks, those among `missing` are gone; all are where that is None.
    """
    known = {record.id: record for record in before.records} if before else {}
    new = [record for record in after.records if record.id not in known]
    pairs = [(known[record.id], record) for record in after.records if record.id in known]
    changed = [(old, now) for old, now in pairs if old != now]
    there = {record.id for record in after.records}
    gone = [record for record in known.values() if record.id not in there and "gone" not in record.values]
    gone = [record for record in gone if missing is None or record.id in missing]
    return ImportDifference(tuple(new), tuple(changed), tuple(gone), len(pairs) - len(changed))


def merged(before: ImportTable | None, after: ImportTable, *, missing: Collection[str] | None = None) -> ImportTable:
    """Return the table that takes the place of `before`: records that the newer file lacks stay and are ended.

    Where `missing` is not None, only those among it are: of the others nothing is known.
    """
    there = {record.id for record in after.records}
    kept = [record for record in (before.records if before else ()) if record.id not in there]
    day = after.origin.had_on
    kept = [
        each if missing is not None and each.id not in missing
        else replace(each, values={**each.values, "gone": each.values.get("gone", day)})
        for each in kept
    ]  # fmt: skip
    return ImportTable.of(after.origin, [*after.records, *kept])


def in_words(old: SourceRecord, now: SourceRecord) -> list[str]:
    """Say what a newer record says otherwise: values by column, and bodies that came, went or have other values."""
    told = _values(old.values, now.values)
    before, after = ({(each.role, each.name): each for each in record.participants} for record in (old, now))
    told += [f"without {name} ({role})" for role, name in before if (role, name) not in after]
    told += [f"with {name} ({role})" for role, name in after if (role, name) not in before]
    for place in before.keys() & after.keys():
        told += [f"{place[1]}, {each}" for each in _values(before[place].values, after[place].values)]
    return told


def _values(old: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    columns = [each for each in {**old, **now} if old.get(each) != now.get(each)]
    return [f"{each}: {now.get(each) or 'nothing'}, before {old.get(each) or 'nothing'}" for each in sorted(columns)]
