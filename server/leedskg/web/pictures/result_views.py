"""The ways to draw the result of a query: what each needs of the columns, and what it makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from leedskg.kinds import PLACES_AND_FACILITIES
from leedskg.picture import Picture, PictureEdge, PictureNode, draw_freely
from leedskg.picture.bars import NARROW as NARROW_BARS
from leedskg.picture.bars import Bar, draw_bars, number_words
from leedskg.picture.places import Location, read_locations
from leedskg.picture.places_map import NARROW as NARROW_MAP
from leedskg.picture.places_map import Point, Position, draw_map, on_the_map, read_positions
from leedskg.picture.result import (
    DateColumns,
    Misfit,
    NetworkColumns,
    NumberColumns,
    PlaceColumns,
    ResultTable,
    date_of,
    number_of,
    position_of,
    words_in,
)
from leedskg.picture.svg import Drawing, still
from leedskg.picture.timeline import NARROW as NARROW_YEARS
from leedskg.picture.timeline import Dated, TimelineEntry, draw_timeline
from leedskg.store import Row
from leedskg.web.pictures.result_names import ResultNames
from leedskg.wording import plain_date

#: Things and lines of a network, rows of a time line, bars, and points of a map that are drawn: more cannot be read,
#: and to lay them out takes seconds. The table and the files have more.
_MOST_NODES, _MOST_LINES, _MOST_DATED, _MOST_BARS, _MOST_POINTS = 150, 600, 120, 60, 120


@dataclass(frozen=True)
class ResultPicture:
    """A result as it is drawn, for a wide and for a narrow page, and what has to be said of it, a sentence each."""

    wide: Drawing
    narrow: Drawing
    notes: Sequence[str]
    kinds: Sequence[str] = ()
    #: The network as it is drawn, and all of it for the files.
    picture: Picture | None = None
    nodes: Sequence[PictureNode] = ()
    edges: Sequence[PictureEdge] = ()
    #: Columns that could be drawn in the place of the one that is.
    other_columns: Sequence[str] = ()


def _not_drawn(number: int, why: str) -> Iterator[str]:
    if number:
        yield f"{number:,} {'row is' if number == 1 else 'rows are'} not drawn: {why}."


def _first(drawn: int, total: int, what: str) -> Iterator[str]:
    if drawn < total:
        yield f"The drawing has the first {drawn:,} of {total:,} {what}."


def draw_network(names: ResultNames, table: ResultTable, columns: NetworkColumns) -> ResultPicture:
    """Draw a line for each pair of things, those with most lines first."""
    plain_words = " ".join(words_in(columns.target)) or columns.target
    found: dict[tuple[str, str, str], PictureEdge] = {}
    missing = itself = 0
    for row in table.rows:
        source, target = names.thing(row.get(columns.source)), names.thing(row.get(columns.target))
        if not source or not target:
            missing += 1
        elif source == target:
            itself += 1
        else:
            words = names.told(row[columns.words]) if columns.words in row else plain_words
            found.setdefault((source, target, words), PictureEdge(source, target, words))
    edges = list(found.values())
    ties = Counter(end for edge in edges for end in (edge.source, edge.target))
    nodes = [names.node(iri) for iri, _ in ties.most_common()]
    kept = {each.iri for each in nodes[:_MOST_NODES]}
    lines = [edge for edge in edges if edge.source in kept and edge.target in kept][:_MOST_LINES]
    drawn = {end for edge in lines for end in (edge.source, edge.target)}
    picture = draw_freely([each for each in nodes if each.iri in drawn], lines)
    notes = [
        f"Lines run from ?{columns.source} to ?{columns.target}"
        + (f", in the words of ?{columns.words}." if columns.words else "."),
        *_not_drawn(missing, "an end has no value, or a text that is not the name of exactly one thing here"),
        *_not_drawn(itself, "both ends are the same thing"),
        *_first(len(drawn), len(nodes), "things, those with most lines; the files have all"),
    ]
    if len(drawn) == len(nodes):
        notes += _first(len(lines), len(edges), "lines; the files have all")
    return ResultPicture(still(picture), still(picture, "tall"), notes, picture=picture, nodes=nodes, edges=edges)


def draw_places(names: ResultNames, table: ResultTable, columns: PlaceColumns) -> ResultPicture:
    """Draw a map of what has coordinates in the rows or in the graph, or bars by place where not all have."""
    if columns.is_exact:
        return _map_of_rows(names, table, columns)
    reader, namespaces = names.view.reader, names.view.namespaces
    positions = read_positions(reader, namespaces)
    things = {names.thing(row.get(columns.thing)) for row in table.rows} - {""}
    if columns.place:
        pairs = ((names.thing(row.get(columns.thing)), names.thing(row.get(columns.place))) for row in table.rows)
        located = [Location(*each, "") for each in dict.fromkeys(pairs) if all(each)]
    else:
        located = [each for each in read_locations(reader, namespaces) if each.thing in things]
    placed = {each.thing for each in positions}
    inside = {each.thing for each in located if each.place in placed}
    if things <= placed | inside and all(each.place in placed for each in located if each.thing not in placed):
        shown = things | {each.place for each in located if each.thing not in placed}
        points, _ = on_the_map([each for each in positions if each.thing in shown], located)
        nodes = {point.position.thing: names.node(point.position.thing) for point in points}
        return _map(points, nodes, ["What is only said to be in a place is counted at that place’s point."])
    return _by_place(names, columns, things, located)


def _by_place(
    names: ResultNames, columns: PlaceColumns, things: set[str], located: Sequence[Location]
) -> ResultPicture:
    in_places: dict[str, set[str]] = {}
    for each in located:
        in_places.setdefault(each.place, set()).add(each.thing)
    ranked = sorted(in_places, key=lambda iri: (-len(in_places[iri]), names.entity(iri).label))
    bars = [
        Bar(names.entity(iri).label, Decimal(len(in_places[iri])), f"{len(in_places[iri]):,}", names.entity(iri).href)
        for iri in ranked
    ]
    nowhere = len(things - {each.thing for each in located})
    where = f"each ?{columns.place}" if columns.place else "each place that a source puts them in"
    notes = [
        "Bars instead of a map: no source read here gives coordinates for all of these, and a point on a map would "
        "say more than anybody has said.",
        f"They count the different ?{columns.thing} in {where}; what is in two places counts in both.",
        *_first(_MOST_BARS, len(bars), "places, those with most in them"),
    ]
    if nowhere:
        notes.append(f"{nowhere:,} of {len(things):,} have no place.")
    return ResultPicture(draw_bars(bars[:_MOST_BARS]), draw_bars(bars[:_MOST_BARS], NARROW_BARS), notes)


def _map_of_rows(names: ResultNames, table: ResultTable, columns: PlaceColumns) -> ResultPicture:
    """Draw a map of the coordinates in the rows themselves."""
    found: dict[tuple[str, float, float], PictureNode] = {}
    wrong = 0
    for at, row in enumerate(table.rows):
        where = _position(row, columns)
        if where is None:
            wrong += 1
            continue
        term = row.get(columns.thing)
        iri = names.thing(term) or f"row {at + 1}"
        named = names.node(iri) if names.thing(term) else PictureNode(iri, names.told(term), "row")
        found.setdefault((iri, *where), named)
    places = list(found)[:_MOST_POINTS]
    points = [Point(Position(iri, latitude, longitude, ""), ()) for iri, latitude, longitude in places]
    notes = [
        *_not_drawn(wrong, "it has no latitude from -90 to 90 with a longitude from -180 to 180"),
        *_first(len(places), len(found), "points"),
    ]
    return _map(points, {each[0]: found[each] for each in places}, notes)


def _position(row: Row, columns: PlaceColumns) -> tuple[float, float] | None:
    if columns.position:
        return position_of(row.get(columns.position))
    latitude, longitude = number_of(row.get(columns.latitude)), number_of(row.get(columns.longitude))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return float(latitude), float(longitude)


def _map(points: Sequence[Point], nodes: Mapping[str, PictureNode], notes: Sequence[str]) -> ResultPicture:
    told = [
        "A grid of latitude and longitude (WGS 84, Mercator’s projection, north at the top), without streets or "
        "outlines, which would come from elsewhere.",
        *notes,
    ]
    if not points:
        return ResultPicture(draw_bars([]), draw_bars([]), told)
    kinds = list(dict.fromkeys(node.kind for node in nodes.values()))
    return ResultPicture(draw_map(points, nodes), draw_map(points, nodes, NARROW_MAP), told, kinds)


def draw_dates(names: ResultNames, table: ResultTable, columns: DateColumns) -> ResultPicture:
    """Draw a row for each row that has a date, the earliest first."""
    entries: list[TimelineEntry] = []
    wrong = 0
    for row in table.rows:
        start, end = date_of(row.get(columns.start), year=True), date_of(row.get(columns.end), year=True)
        if not (start or end):
            wrong += 1
            continue
        dated = Dated("", start, end, not columns.end)
        name = names.told(row.get(columns.name)) if columns.name else "(no name)"
        words = plain_date(f"{start}/{end}" if columns.end else start)
        entries.append(TimelineEntry(dated, name, words, names.address(row.get(columns.name))))
    entries.sort(key=lambda each: (str(each.dated.first.first) if each.dated.first else "", each.words))
    drawn = entries[:_MOST_DATED]
    span_words = f"from ?{columns.start} to ?{columns.end}" if columns.end else f"?{columns.start}"
    notes = [
        f"Dates are {span_words}. A bar covers every day that the date may mean: a year all its days, a day one; a "
        "hollow, dashed one is a date marked as uncertain.",
        *(["A dotted tail has no end in its row."] if columns.end else []),
        *_not_drawn(wrong, "it has no date of the years 1 to 9999"),
        *_first(len(drawn), len(entries), "dates"),
    ]
    return ResultPicture(draw_timeline(drawn), draw_timeline(drawn, NARROW_YEARS), notes)


def draw_numbers(names: ResultNames, table: ResultTable, columns: NumberColumns) -> ResultPicture:
    """Draw a bar for each row that has a number, in the order of the rows."""
    bars: list[Bar] = []
    for row in table.rows:
        value = number_of(row.get(columns.number))
        if value is None:
            continue
        named = [names.told(row.get(each)) for each in columns.names]
        href = next(filter(None, (names.address(row.get(each)) for each in columns.names)), "")
        bars.append(Bar(", ".join(named) or f"Row {len(bars) + 1}", value, number_words(value), href))
    drawn = bars[:_MOST_BARS]
    notes = [
        f"?{columns.number}" + (f" by {' and '.join('?' + each for each in columns.names)}" if columns.names else "")
        + ", in the order of the query.",
        *_not_drawn(len(table.rows) - len(bars), f"?{columns.number} has no number there, or one that is not finite"),
        *_first(len(drawn), len(bars), "bars"),
        *(["Bars to the left are below nought."] if any(bar.value < 0 for bar in drawn) else []),
    ]  # fmt: skip
    return ResultPicture(draw_bars(drawn), draw_bars(drawn, NARROW_BARS), notes, other_columns=columns.others)


def _fits_places(names: ResultNames, table: ResultTable, _wanted: str) -> PlaceColumns | Misfit:
    reader, namespaces = names.view.reader, names.view.namespaces
    locations = read_locations(reader, namespaces)
    entries = names.view.catalogue.entries
    known = {each.place for each in locations} & entries.keys()
    places = {place for place in known if entries[place].is_of(PLACES_AND_FACILITIES)}
    located = {each.thing for each in locations} | {each.thing for each in read_positions(reader, namespaces)}
    return table.places(frozenset(places), frozenset(located))


@dataclass(frozen=True)
class ResultView:
    """A way to draw a result: its title, the columns that it takes or why it has none, and the drawing of them."""

    title: str
    columns: Callable[[ResultNames, ResultTable, str], Any]
    draw: Callable[[ResultNames, ResultTable, Any], ResultPicture] = field(repr=False)


#: Each by the name that an address has for it, in the order in which a result takes the first that fits.
VIEWS: Mapping[str, ResultView] = {
    "network": ResultView("Network", lambda names, table, _: table.network(names.properties), draw_network),
    "timeline": ResultView("Time line", lambda _, table, __: table.dates(), draw_dates),
    "bars": ResultView("Bars", lambda _, table, wanted: table.numbers(wanted), draw_numbers),
    "places": ResultView("Places", _fits_places, draw_places),
}
