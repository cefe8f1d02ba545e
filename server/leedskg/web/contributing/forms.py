"""Web forms for what is contributed most: each is a table of one row, with a field for each column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from leedskg.agents.draft_tool import field_id
from leedskg.catalogue import CatalogueEntry
from leedskg.contributions.form_field import BETWEEN, FormField, FormKind
from leedskg.generation_view import GenerationView
from leedskg.validation.findings import Finding, Severity
from leedskg.web.contributing.contribution_views import Problems, linked, named

#: Inputs that a field of several values begins with, and the most that it grows to.
_FIRST_INPUTS, _MOST_INPUTS = 2, 20
_MOST_FOUND = 8
#: Names offered while one types; of a larger graph they are looked up.
MOST_NAMES = 2_000
_BETWEEN = " | "


@dataclass(frozen=True)
class Form:
    """A form that the site offers: its address, what it is called, the table that it fills."""

    name: str
    heading: str
    lead: str
    table: FormKind
    top: str = ""


FORMS = {
    form.name: form
    for form in (
        Form("organisation", "Add an organisation, place or programme",
             "Anything that documents name. Look whether it is there under another name first.", "entities"),
        Form("relationship", "Add a relationship", "How two or more of them are connected, and who says so.",
             "relationships", "Relationship"),
        Form("figure", "Add a figure", "A number that a document prints, with what it counts and where.",
             "observations"),
        Form("correction", "Correct a statement", "One value of one record. What was said before stays on record.",
             "corrections"),
        Form("retirement", "Retire a record",
             "For what should not have been stated, or has been replaced. It keeps its address, and says why.",
             "retirements"),
    )
}  # fmt: skip


#: What forms name the tables that they fill: two of one name are not one file sent twice.
FORM_FILES = frozenset(f"{name}-form.csv" for name in FORMS)


def id_of(field: FormField) -> str:
    """Return the id and name of a field in the page."""
    return field_id(field.column)


@dataclass(frozen=True)
class Filled:
    """What was entered in a form."""

    form: Form
    kind: str
    kind_label: str
    fields: list[FormField]
    values: Mapping[str, list[str]]

    @classmethod
    def read(cls, form: Form, kind: tuple[str, str], fields: list[FormField], sent: MultiDict[str, str]) -> Filled:
        """Read what a request has brought; a field of several values always has an input more than it needs."""
        values = {field.column: sent.getlist(id_of(field)) for field in fields}
        return cls(form, *kind, fields, {column: [text.strip() for text in texts] for column, texts in values.items()})

    def inputs(self, field: FormField, *, more: str = "") -> list[str]:
        """Return the values of a field, an input each; with more of them when they were asked for."""
        texts = self.values.get(field.column, [])
        if not field.several:
            return [texts[0] if texts else ""]
        entered = [text for text in texts if text]
        wanted = max(_FIRST_INPUTS, len(texts), len(entered) + 1) + (2 if more == id_of(field) else 0)
        return (entered + [""] * wanted)[: min(wanted, _MOST_INPUTS)]

    def text(self, column: str) -> str:
        """Return the text in a column's cell; a choice of a field with its value is the field, and the old value."""
        text = _BETWEEN.join(filter(None, self.values.get(column, [])))
        if self.form.table == "corrections" and column in {"field", "old value"}:
            name, _, value = " ".join(self.values.get("field", [])).partition(BETWEEN)
            return name if column == "field" else text or value
        return text

    def csv(self) -> bytes:
        """Write the table of one row that the form fills."""
        columns = [field.column for field in self.fields]
        row = [self.text(column) for column in columns]
        if self.form.table == "relationships":
            columns, row = ["kind", *columns], [self.kind_label, *row]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([columns, row])
        return text.getvalue().encode("utf-8")

    @property
    def file_name(self) -> str:
        """What the table is called in findings and in the ledger."""
        return f"{self.form.name}-form.csv"

    @property
    def title(self) -> str:
        """What the contribution is called, where the sender gives no title."""
        told = {
            "entities": [self.text("name")],
            "observations": [self.text("indicator"), self.text("value")],
            "corrections": [self.text("record"), self.text("field")],
            "retirements": [self.text("record")],
        }.get(self.form.table)
        if told is None:
            told = [self.text(field.column) for field in self.fields if field.place == "claim"]
        what = {"relationships": self.kind_label.capitalize(), "entities": "New", "observations": "Figure"}
        words = ", ".join(filter(None, told))
        return f"{what.get(self.form.table, self.form.name.capitalize())}: {words}"[:200]

    def problems(self, findings: Iterable[Finding]) -> Problems:
        """Return the violations among findings, each with the field that it is about."""
        by_column = {f"column {field.column}": field for field in self.fields}
        by_property = {field.property_iri: field for field in reversed(self.fields) if field.property_iri}
        found: list[tuple[str, str]] = []
        for each in findings:
            if each.severity is not Severity.VIOLATION:
                continue
            field = by_column.get(each.field.partition(" (cell")[0]) or by_property.get(each.property_iri)
            message = each.message.replace(" in the column ", " in the field ").replace("Fill the column", "Fill in")
            about = id_of(field) if field else "form"
            found.append((about, linked(named(message))))
        asks_document = any(field.column == "document" and field.needed for field in self.fields)
        if (
            found
            and asks_document
            and not (any(self.text(name) for name in ("document", "register", "web page", "report")))
        ):
            found.append(
                (
                    "f-document",
                    Markup("Choose the document that states it, or give a register, a web page or a report below."),
                )
            )
        order = {id_of(field): number for number, field in enumerate(self.fields)}
        return Problems("There is a problem", sorted(dict.fromkeys(found), key=lambda pair: order.get(pair[0], -1)))


def matches(view: GenerationView, field: FormField, text: str) -> list[tuple[str, CatalogueEntry]]:
    """Return the entities that a text may mean in a field, each with the name to enter."""
    found = view.catalogue.search(text, limit=200) if text else []
    fitting = [each.entry for each in found if not field.kinds or set(field.kinds) & set(each.entry.kinds)]
    return [(view.catalogue.unique_name(entry), entry) for entry in fitting[:_MOST_FOUND]]


def names(view: GenerationView) -> list[str]:
    """Return the names to offer while one types; none of a large graph."""
    entries = view.catalogue.entries.values()
    return sorted((each.label for each in entries), key=str.casefold) if len(entries) <= MOST_NAMES else []
