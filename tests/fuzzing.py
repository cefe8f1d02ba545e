"""Random contributions: graphs over the project's own vocabulary, and tables with its columns, by number.

The same number makes the same file at every run, so that one that fails can be looked at again.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pyoxigraph as ox

from leedskg.contributions.templates import table_kinds
from leedskg.knowledge import Knowledge
from leedskg.namespaces import RDF_TYPE, REUSED

XSD = REUSED["xsd"]
TEXTS = [
    "Nexus", "University of Leeds", "", " ", "a  b", "R&D", "R&amp;D", "Łódź", "Digi\u00adbete", "e\u0301",
    "x\u2028y", "\u202eabc", "\uffff", "#N/A", "=1+1", "-5", "+44", "@x", "1,600", "2018-10", "2018-10-01",
    "2026/2027", "yes", "id:nexus", "a|b|c", "|", "x" * 6000, "'quoted'", '"', "\\", "\t", "new\nline", "£5",
    "50%", "1e6", "NaN", "0", "1", "0.5", "GBP", "charity", "company", "University", "funding award", "http://a b",
    "https://example.org/", "\U0001f469\u200d\U0001f52c", "L\u0435eds", "<b>", "12345678",
]  # fmt: skip
LEXICAL = [
    "1", "1.0", "-1", "1E+6", "NaN", "INF", "", " 1", "true", "yes", "2026", "2026-11", "2026-11-21", "2026-02-30",
    "2026-11-21T00:00:00Z", "2026-11-21T00:00Z", "P1Y", "en", "9" * 30, "1" * 400, "0.5", "1e400000000", "\u0661",
]  # fmt: skip
DATATYPES = [
    "string", "decimal", "integer", "double", "float", "boolean", "date", "dateTime", "gYear", "gYearMonth", "anyURI",
    "duration", "nonNegativeInteger", "time", "hexBinary", "language", "nothing",
]  # fmt: skip
VALID = [
    ("1", "integer"),
    ("0.5", "decimal"),
    ("true", "boolean"),
    ("2026-11-21T00:00:00Z", "dateTime"),
    ("2026", "gYear"),
]
LANGUAGES = ["en", "en-GB", "x-private", "de", "en-US", "cy", "zh-Hans"]
FORMATS = [
    "General", "0", "0.00", "#,##0", "0%", "00000000", '"LS"00000', "mmm-yy", "yyyy", "yyyy-mm-dd", "d-mmm",
    "h:mm", "# ?/?", '"£"#,##0.00', "[$€-2] #,##0", "0.00E+00", '0" people"', "@", "[h]:mm", "[>9]0;0.0",
    '0;-0;"none"', "000-000", "dd/mm/yyyy hh:mm", '"Q4" yyyy', ";;;", "General;General;", '"', "[", "\\",
]  # fmt: skip


class Fuzzer:
    """Makes contributions to one state of the graph."""

    def __init__(self, knowledge: Knowledge) -> None:
        statements, self.namespaces = knowledge.graph.statements, knowledge.namespaces
        self.takes = knowledge.ontology.takes
        self.properties = [*sorted(knowledge.ontology.properties), RDF_TYPE, REUSED["owl"] + "deprecated"]
        self.classes = sorted(knowledge.ontology.classes)
        self.subjects = sorted(each for each in statements.subjects() if each.startswith(self.namespaces.base))
        self.concepts = sorted(each for each in knowledge.ontology.statements.subjects() if "/scheme/" in each)
        self.records = [
            [
                triple
                for file in statements.files
                for triple in file.triples
                if str(triple.subject).startswith(f"<{each}")
            ]
            for each in self.subjects
            if "/assertion/" in each and "#" not in each
        ]
        roles = sorted({each.rpartition("/")[2].replace("-", " ") for each in self.concepts if "/role/" in each})
        self.kinds = table_kinds(roles)
        self.names = [value for each in self.subjects for value in statements.texts(each, REUSED["skos"] + "prefLabel")]

    def graph(self, number: int) -> tuple[str, bytes]:
        """A file of RDF: its name and content."""
        at = random.Random(number)
        triples = self._mutated(at) if at.random() < 0.3 and self.records else []
        triples += [self._triple(at) for _ in range(at.randrange(0 if triples else 1, 4))]
        # N-Quads also for what goes: a graph of its own.
        gone = ox.NamedNode(self.namespaces.graph("removed")) if at.random() < 0.1 else ox.DefaultGraph()
        form, end = at.choice(
            [(ox.RdfFormat.TURTLE, "ttl"), (ox.RdfFormat.N_TRIPLES, "nt"), (ox.RdfFormat.TRIG, "trig"),
             (ox.RdfFormat.N_QUADS, "nq"), (ox.RdfFormat.JSON_LD, "jsonld")]
        )  # fmt: skip
        named = form in {ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS, ox.RdfFormat.JSON_LD}
        quads = [ox.Quad(*triple, gone if named and at.random() < 0.5 else ox.DefaultGraph()) for triple in triples]
        content = ox.serialize(quads if named else triples, format=form)
        return f"fuzz-{number}.{end}", content or b""

    def _mutated(self, at: random.Random) -> list[ox.Triple]:
        """A record that is there under a draft name, some of its statements changed or left out."""
        found = []
        for triple in at.choice(self.records):
            chance = at.random()
            if chance < 0.05:
                continue
            value = self._object(at, triple.predicate.value) if chance < 0.15 else triple.object
            old = at.choice([triple.subject.value.partition("#")[0]])
            moved = [
                ox.NamedNode(term.value.replace(old, old.rpartition("/")[0] + "/new-fuzz"))
                if isinstance(term, ox.NamedNode)
                else term
                for term in (triple.subject, value)
            ]
            found.append(ox.Triple(moved[0], triple.predicate, moved[1]))
        return found

    def _triple(self, at: random.Random) -> ox.Triple:
        predicate = at.choice(self.properties)
        return ox.Triple(self._subject(at), ox.NamedNode(predicate), self._object(at, predicate))

    def _subject(self, at: random.Random) -> ox.NamedNode | ox.BlankNode:
        names = [
            "id/fuzz-1",
            "id/fuzz-2",
            "assertion/new-1",
            "evidence/new-e",
            "id/fuzz#part",
            "assertion/new-1#p1",
            "agent/a",
        ]
        some = [f"{self.namespaces.base}{name}" for name in names] + (
            ["https://example.org/x"] if at.random() < 0.1 else []
        )
        return ox.BlankNode("b") if at.random() < 0.03 else ox.NamedNode(at.choice([*some, at.choice(self.subjects)]))

    def _object(self, at: random.Random, predicate: str) -> Any:
        if predicate == RDF_TYPE and at.random() < 0.8:
            return ox.NamedNode(at.choice(self.classes))
        if at.random() < 0.9:
            return self._fitting(at, predicate)
        makers: list[Callable[[], Any]] = [
            lambda: ox.NamedNode(at.choice(self.subjects)),
            lambda: ox.NamedNode(at.choice(self.concepts)),
            lambda: self._subject(at),
            lambda: ox.Literal(at.choice(TEXTS)),
            lambda: ox.Literal(at.choice(TEXTS), language=at.choice(LANGUAGES)),
            lambda: ox.Literal(at.choice(LEXICAL), datatype=ox.NamedNode(XSD + at.choice(DATATYPES))),
        ]
        return at.choice(makers)()

    def _fitting(self, at: random.Random, predicate: str) -> Any:
        """A value of the sort that the property takes."""
        if self.takes(predicate) != "literal":
            return ox.NamedNode(at.choice(self.subjects if at.random() < 0.6 else self.concepts))
        if at.random() < 0.5:
            return ox.Literal(f"Fuzz {at.randrange(9)}", language="en")
        text, kind = at.choice(VALID)
        return ox.Literal(text, datatype=ox.NamedNode(XSD + kind))

    def table(self, number: int) -> tuple[str, bytes]:
        """A table with the columns of a template: its name and content."""
        at = random.Random(number)
        kind = at.choice([*self.kinds, self.kinds[0], self.kinds[0], self.kinds[-1], self.kinds[-2]])
        columns = [*kind.needed, *at.sample(kind.optional, min(len(kind.optional), at.randrange(4)))]
        if at.random() < 0.1:
            columns[at.randrange(len(columns))] = at.choice(TEXTS)
        rows = [[self._cell(at, column) for column in columns] for _ in range(at.randrange(1, 5))]
        if at.random() < 0.5:
            return f"fuzz-{number}.csv", self._csv(at, columns, rows)
        return f"fuzz-{number}.xlsx", self._workbook(at, columns, rows)

    def _cell(self, at: random.Random, column: str) -> str:
        if at.random() < 0.1:
            return at.choice(TEXTS)
        if column == "kind":
            return at.choice(["charity", "company", "university", "funding award", "partnership", "hosting", "place"])
        if column in {"name", "description", "note", "reason", "new value", "also printed as"}:
            return f"Fuzz {at.randrange(10**6)}"
        if column == "field":
            return at.choice(["description", "label", "confidence", "funder", "amount"])
        return at.choice(self.names) if at.random() < 0.8 or column in {"record", "subject"} else at.choice(TEXTS)

    @staticmethod
    def _csv(at: random.Random, columns: list[str], rows: list[list[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=at.choice(",;\t")).writerows([columns, *rows])
        encoded = text.getvalue().encode(at.choice(["utf-8", "utf-8-sig", "utf-16", "utf-8"]), "replace")
        return encoded if at.random() < 0.95 else encoded[: at.randrange(len(encoded))]

    @staticmethod
    def _workbook(at: random.Random, columns: list[str], rows: list[list[str]]) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        values = [
            43374,
            0.5,
            42,
            1600.5,
            -1,
            1e300,
            True,
            datetime(2018, 10, 1, 9, 30),
            date(2018, 10, 1),
            time(9, 30),
            None,
            0,
        ]
        for line, row in enumerate([columns, *rows], start=1):
            for position, text in enumerate(row, start=1):
                cell = sheet.cell(line, position)
                plain = "".join(each for each in text if each >= " " and each not in "\uffff\ufffe")
                cell.value = at.choice(values) if line > 1 and at.random() < 0.1 else plain[:3000]
                cell.number_format = at.choice(FORMATS) if at.random() < 0.5 else "General"
        if at.random() < 0.1:
            sheet.merge_cells(start_row=1, end_row=2, start_column=1, end_column=2)
        if at.random() < 0.1:
            sheet.row_dimensions[2].hidden = True
        if at.random() < 0.1:
            sheet.column_dimensions["A"].hidden = True
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()
