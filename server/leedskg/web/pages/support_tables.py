"""Who can help and the matrices as rows of files. An empty cell of a matrix says that nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leedskg.matrix import Matrix
from leedskg.record import Name
from leedskg.support import Offer, WorksOn
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.provider_routes import Way
from leedskg.web.pages.tables import SavedTable

_NOT_RECORDED = "not recorded"
_OFFERS = (
    "need", "need_iri", "provider", "provider_iri", "services", "places", "run_by", "stages", "planned", "confidence",
    "statement", "sources",
)  # fmt: skip
_EMPTY = f"“{_NOT_RECORDED}” means that no source read so far says so, not that it is not so."


def offers_table(
    presenter: Presenter, offers: Iterable[Offer], ways: Mapping[str, Way], workers: Iterable[WorksOn] = ()
) -> SavedTable:
    """List who is recorded as helping with what, with the route to each from the organisation that was named."""
    themed = [_theme_row(presenter, each) for each in workers]
    rows = [*(_row(presenter, offer) for offer in offers), *themed]
    columns: tuple[str, ...] = _OFFERS
    if ways:
        columns = (*_OFFERS, "route", "steps", "routes")
        rows = [(*row, *_way(ways.get(str(row[3])))) for row in rows]
    explained = (
        "A row for each statement that a body helps with a need. That nobody is recorded is not that nobody helps."
    )
    if themed:
        explained = f"{explained} A theme stands in the place of a need where a body works on it."
    return SavedTable("Who can help", explained, columns, rows)


def _row(presenter: Presenter, offer: Offer) -> tuple[object, ...]:
    backing = presenter.backing(offer.statement)
    return (
        offer.need.label, offer.need.iri, offer.provider.label, offer.provider.iri, _names(offer.services),
        _names(offer.places), _names(offer.operators), _names(offer.stages), "yes" if offer.planned else "no",
        backing.confidence, offer.statement.iri, "; ".join(f"{each.document}, {each.words}" for each in backing.places),
    )  # fmt: skip


def _theme_row(presenter: Presenter, works: WorksOn) -> tuple[object, ...]:
    backing = presenter.backing(works.statement)
    return (
        works.stated.label, works.stated.iri, works.entity.label, works.entity.iri, "", "", "", "", "no",
        backing.confidence, works.statement.iri, "; ".join(f"{each.document}, {each.words}" for each in backing.places),
    )  # fmt: skip


def _way(way: Way | None) -> tuple[object, object, object]:
    if way is None or not way.searched:
        return "", "", ""
    if way.route is None:
        return "no route is recorded", "", 0
    return way.sentence, len(way.route.hops), f"more than {way.total}" if way.more else way.total


def needs_table(matrix: Matrix) -> SavedTable:
    """Return every provider by every need; a cell has the services, or “yes” where none is named."""
    columns = ("provider", "provider_iri", *(column.label for column in matrix.columns))
    rows = [
        (row.label, row.iri, *(_cell(matrix.cell(row, column), "yes") for column in matrix.columns))
        for row in matrix.rows
    ]
    explained = "Who is recorded as helping with what, and through which services if any is named."
    return SavedTable("Providers by needs", f"{explained} {_EMPTY}", columns, rows)


def themes_table(matrix: Matrix) -> SavedTable:
    """Return every theme by the kinds of those that are recorded for it; a cell has their names."""
    columns = ("theme", "theme_iri", *(column.label for column in matrix.columns))
    rows = [
        (row.label, row.iri, *(_cell(matrix.cell(row, column), "") for column in matrix.columns)) for row in matrix.rows
    ]
    return SavedTable("Themes by kinds of actor", f"Who and what is recorded for each theme. {_EMPTY}", columns, rows)


def _cell(found: tuple[Name, ...], without_name: str) -> str:
    return "; ".join(each.label or without_name for each in found) if found else _NOT_RECORDED


def _names(names: Iterable[Name]) -> str:
    return "; ".join(name.label for name in names)
