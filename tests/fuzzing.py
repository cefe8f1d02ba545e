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

from leedskg.contributions.templates import CITED, table_kinds
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
#: Columns of tables that take any words, and those that a table has beside what it needs.
WORDED = (
    "name",
    "description",
    "note",
    "reason",
    "new value",
    "also printed as",
    "page title",
    "reading note",
    "scope",
)
OPTIONAL = (
    "also printed as", "description", "note", "geography", "reference period",
    "valid from", "valid to", "confidence", "reading note", "rank", "replaced by", "old value", "population",
)  # fmt: skip
#: Who takes part in some kinds of relationships.
ROLES = {
    "hosting": ("host", "hosted"),
    "funding award": ("funder", "funded"),
    "membership": ("member", "group"),
    "operation": ("operator", "operated"),
    "involvement": ("participant", "activity"),
}


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
        indicators = statements.of_type([self.namespaces.term("Indicator")], RDF_TYPE)
        self.indicators = [
            text for each in sorted(indicators) for text in statements.texts(each, REUSED["skos"] + "prefLabel")
        ]
        bodies = [each for each in self.subjects if "/id/" in each and "-text" not in each and "indicator" not in each]
        self.bodies = [name for each in bodies for name in statements.texts(each, REUSED["skos"] + "prefLabel")]
        self.places = [
            text for each in sorted(statements.of_type([self.namespaces.term("City")], RDF_TYPE))
            for text in statements.texts(each, REUSED["skos"] + "prefLabel")
        ]  # fmt: skip

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
        """A table with the columns of a template: its name and content. Most cells are what their column takes."""
        at = random.Random(number)
        kind = at.choice(self.kinds)
        columns, makers = list(kind.needed), dict[str, Callable[[], str]]()
        if kind.name == "relationships":
            makers = self._roles(at)
            columns += makers
        columns += {"entities": ["note"], "observations": ["geography"]}.get(kind.name, [])
        if kind.name in CITED:
            columns += ["web page", "seen on", "page title", "reading note"]
        columns = list(dict.fromkeys(columns))
        rest = [each for each in kind.optional if each not in columns and each in OPTIONAL]
        columns += at.sample(rest, min(len(rest), at.randrange(4)))
        makers = self._cells(at, kind.name) | makers
        rows = [[makers.get(column, str)() for column in columns] for _ in range(at.randrange(1, 5))]
        spoiled = at.random() < 0.5
        for row in rows if spoiled else ():
            for position, column in enumerate(columns):
                if at.random() < 0.1:
                    row[position] = at.choice([at.choice(TEXTS), self._cells(at, kind.name).get(column, str)()])
        if at.random() < 0.05:
            columns[at.randrange(len(columns))] = at.choice(TEXTS)
        if at.random() < 0.5:
            return f"fuzz-{number}.csv", self._csv(at, columns, rows)
        return f"fuzz-{number}.xlsx", self._workbook(at, columns, rows, spoiled=spoiled)

    def _roles(self, at: random.Random) -> dict[str, Callable[[], str]]:
        """The cells of a kind of relationship: its own name, and who takes part in it."""
        kind, roles = at.choice(sorted(ROLES.items()))
        who = at.sample(self.bodies, len(roles))
        found = {"kind": lambda: kind} | {role: lambda name=name: name for role, name in zip(roles, who, strict=True)}
        money = {"amount": lambda: str(at.randrange(1, 10**6)), "currency": lambda: at.choice(["GBP", "EUR", "USD"])}
        return found | money if kind == "funding award" else found

    def _cells(self, at: random.Random, kind: str) -> dict[str, Callable[[], str]]:
        """What makes a cell of each column that takes more than any text."""
        day = f"{at.randrange(2000, 2027)}-{at.randrange(1, 13):02}-{at.randrange(1, 29):02}"
        words = {column: lambda: f"Fuzz {at.randrange(10**6)}" for column in WORDED}
        return words | {
            "kind": lambda: at.choice(["charity", "company", "university", "programme", "place", "product"]),
            "record": lambda: at.choice(self.bodies), "replaced by": lambda: at.choice(self.bodies),
            "subject": lambda: at.choice(self.bodies), "geography": lambda: at.choice(self.places),
            "about": lambda: at.choice(self.bodies), "indicator": lambda: at.choice(self.indicators),
            "unit": lambda: "items", "qualifier": lambda: at.choice(["exactly", "about", "more than"]),
            "value": words["name"] if kind == "attributes" else lambda: str(at.randrange(1, 10 ** at.randrange(1, 9))),
            "property": lambda: at.choice(["aim", "characteristic", "also known as", "distinction"]),
            "field": lambda: at.choice(["description", "description", "name", "confidence"]),
            "confidence": lambda: f"{at.random():.2f}", "rank": lambda: at.choice(["normal", "preferred"]),
            "valid from": lambda: day[: at.choice([4, 7, 10])], "valid to": lambda: "2026",
            "reference period": lambda: at.choice([day[:4], f"{day[:4]}/2026", f"{day[:4]}/.."]),
            "web page": lambda: f"https://example.org/{at.randrange(99)}", "seen on": lambda: "2026-11-01",
        }  # fmt: skip

    @staticmethod
    def _csv(at: random.Random, columns: list[str], rows: list[list[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=at.choice(",;\t")).writerows([columns, *rows])
        encoded = text.getvalue().encode(at.choice(["utf-8", "utf-8-sig", "utf-16", "utf-8"]), "replace")
        return encoded if at.random() < 0.95 else encoded[: at.randrange(len(encoded))]

    @staticmethod
    def _workbook(at: random.Random, columns: list[str], rows: list[list[str]], *, spoiled: bool) -> bytes:
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
                cell.value = at.choice(values) if spoiled and line > 1 and at.random() < 0.1 else plain[:3000]
                if plain.isdecimal() and at.random() < 0.5:
                    cell.value = int(plain)
                cell.number_format = at.choice(FORMATS) if spoiled and at.random() < 0.5 else "General"
        if spoiled and at.random() < 0.1:
            sheet.merge_cells(start_row=1, end_row=2, start_column=1, end_column=2)
        if at.random() < 0.1:
            sheet.row_dimensions[2].hidden = True
        if at.random() < 0.1:
            sheet.column_dimensions["A"].hidden = True
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()
