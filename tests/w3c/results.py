"""What a query gave, beside what it should have given: equal but for the names of blank nodes."""

import csv
import io
from decimal import Decimal

import pyoxigraph as ox

from tests.w3c.manifests import RDF

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
CELL = "urn:cell:"
XSD = "http://www.w3.org/2001/XMLSchema#"
NUMBERS = {
    "integer": int,
    "decimal": lambda written: Decimal(written).normalize(),
    "double": float,
    "float": float,
    "boolean": lambda written: {"1": "true", "0": "false"}.get(written, written),
}

Table = tuple[list[str], list[list]]


def parse_table(data: bytes, engine: ox.QueryResultsFormat) -> Table | bool:
    """A table of results in JSON, XML or TSV; a truth for ASK."""
    found = ox.parse_query_results(data, engine)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    return [variable.value for variable in found.variables], [list(row) for row in found]


def parse_csv(data: bytes) -> Table:
    """A table in CSV; a cell is a text, or a blank node."""
    header, *rows = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    return header, [[_cell(value) for value in row] for row in rows]


def _cell(value: str):
    if not value:
        return None
    return ox.BlankNode(value.removeprefix("_:")) if value.startswith("_:") else ox.Literal(value)


def parse_result_set(data: bytes, form: ox.RdfFormat, base: str) -> Table | bool | list[ox.Quad]:
    """A result written as RDF: a table in the working group's vocabulary, or a graph."""
    quads = list(ox.parse(data, form, base_iri=base))
    store = ox.Store()
    store.extend(quads)

    def values(subject, name):
        return [quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(RS + name), None)]

    kind = ox.NamedNode(f"{RDF}type")
    found = [quad.subject for quad in store.quads_for_pattern(None, kind, ox.NamedNode(f"{RS}ResultSet"))]
    if not found:
        return quads
    truth = values(found[0], "boolean")
    if truth:
        return truth[0].value == "true"
    names = sorted(value.value for value in values(found[0], "resultVariable"))
    solutions = []
    for solution in values(found[0], "solution"):
        row = {values(each, "variable")[0].value: values(each, "value")[0] for each in values(solution, "binding")}
        place = values(solution, "index")
        solutions.append((int(place[0].value) if place else 0, row))
    solutions.sort(key=lambda each: each[0])
    return names, [[row.get(name) for name in names] for _, row in solutions]


def same(found, expected, *, ordered: bool) -> bool:
    """Whether two results are the same. Columns may stand in any order, rows too unless they are `ordered`."""
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, tuple) != isinstance(expected, tuple):
        return False
    if isinstance(found, tuple):
        if sorted(found[0]) != sorted(expected[0]) or len(found[1]) != len(expected[1]):
            return False
        found, expected = _as_quads(found, ordered=ordered), _as_quads(expected, ordered=ordered)
    return canonical(found) == canonical(expected)


def _as_quads(table: Table, *, ordered: bool) -> list[ox.Quad]:
    """A table as statements: a node a row, a statement a cell, and its place where that counts."""
    names, rows = table
    quads = []
    for place, row in enumerate(rows):
        node = ox.BlankNode()
        marks = [ox.Quad(node, ox.NamedNode("urn:row"), ox.Literal(str(place) if ordered else ""))]
        cells = zip(names, row, strict=True)
        marks += [ox.Quad(node, ox.NamedNode(CELL + name), value) for name, value in cells if value is not None]
        quads += marks
    return quads


def canonical(quads: list[ox.Quad]) -> ox.Dataset:
    """The same for every naming of the blank nodes."""
    dataset = ox.Dataset(_plain(quad) for quad in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _plain(quad: ox.Quad) -> ox.Quad:
    """With its value written in one way."""
    return ox.Quad(quad.subject, quad.predicate, plain(quad.object), quad.graph_name)


def plain(value):
    """A number by its value, for 1.0 and 1.00 are one decimal; a language in small letters, as RDF 1.1 compares it."""
    if not isinstance(value, ox.Literal):
        return value
    if value.language:
        return ox.Literal(value.value, language=value.language.lower())
    read = NUMBERS.get(value.datatype.value.removeprefix(XSD))
    try:
        return ox.Literal(str(read(value.value)), datatype=value.datatype) if read else value
    except (ValueError, ArithmeticError):
        return value
