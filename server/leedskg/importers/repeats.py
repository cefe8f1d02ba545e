"""What a publisher says twice: one record under one id, a report that several records repeat, an id of two names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from leedskg.importers.model import Participant, SourceRecord
from leedskg.importers.report import FilePlace, ImportFileError, ReadingReport


def once(records: Iterable[SourceRecord], report: ReadingReport) -> Iterator[SourceRecord]:
    """Yield each record once, each role of a body in it once, and each reported award with its amount once.

    Raises ImportFileError for two records that have one id and say different things: which is right, nobody can tell.
    """
    seen: dict[str, SourceRecord] = {}
    awards: dict[tuple[str, str], str] = {}
    names: dict[str, str] = {}
    for record in records:
        made = replace(record, participants=tuple(_counted_once(record, awards, report)))
        _tell_renamed(made, names, report)
        _tell_currency(made, report)
        earlier = seen.setdefault(record.id, made)
        if earlier is made:
            yield made
        elif _said(earlier) == _said(made):
            report.note(
                "repeated", f"record {record.id} stands in {earlier.place} already; it was read once.", made.place
            )
        else:
            raise ImportFileError(
                f"two records have the id {record.id} and differ: the other is at {earlier.place}. Remove one, or give "
                "the file as the publisher gives it.",
                made.place,
            )


def _said(record: SourceRecord) -> tuple[object, ...]:
    bare = [
        {key: value for key, value in each.values.items() if key not in {"amount", "currency"}}
        if each.role == "further-funder"
        else each.values
        for each in record.participants
    ]
    return record.values, bare


def _counted_once(
    record: SourceRecord, awards: dict[tuple[str, str], str], report: ReadingReport
) -> Iterator[Participant]:
    roles: set[tuple[str, ...]] = set()
    for each in record.participants:
        body = each.values.get("organisation") or " ".join(each.name.casefold().split())
        key: tuple[str, ...] = (each.role, body, each.values.get("reference", ""), each.values.get("start", ""))
        if each.role == "further-funder":
            key += (each.values.get("amount", ""), each.values.get("end", ""))
        if key in roles:
            report.dropped["roles said twice in one record"] += 1
            continue
        roles.add(key)
        reference = each.values.get("reference", "")
        if each.role == "further-funder" and len(reference) > 3 and "amount" in each.values:
            award = (body, reference.casefold())
            first = awards.setdefault(award, record.id)
            if first != record.id:
                report.note(
                    "award reported again",
                    f"{record.id} reports the award {reference} that {first} reports too; its amount is counted once.",
                    record.place,
                )
                values = {key: value for key, value in each.values.items() if key not in {"amount", "currency"}}
                yield replace(each, values=values)
                continue
        yield each


def _tell_renamed(record: SourceRecord, names: dict[str, str], report: ReadingReport) -> None:
    for each in record.participants:
        identifier = each.values.get("organisation")
        if identifier and (name := each.name) and names.setdefault(identifier, name) != name:
            report.note(
                "renamed", f"{identifier} is called {names[identifier]} elsewhere and {name} here.", record.place
            )


def _tell_currency(record: SourceRecord, report: ReadingReport) -> None:
    currency = record.values.get("currency", "GBP")
    if currency != "GBP":
        report.note(
            "currency",
            f"the amount of {record.id} is in {currency}; it is kept so, and added to no pounds.",
            record.place,
        )


def tell_renamed_records(before: dict[str, str], records: Iterable[SourceRecord], report: ReadingReport) -> None:
    """Tell the records whose id had another name in the import before."""
    for record in records:
        name = before.get(record.id)
        if name and name != record.name:
            report.note("renamed", f"{record.id} was called {name} before and is {record.name} now.", FilePlace(""))
