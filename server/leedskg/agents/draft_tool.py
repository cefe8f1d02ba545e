"""The tool that drafts a contribution: the address of the site's own form, filled in, which a person reads and sends.

Nothing is recorded here. The form says that a program drafted it, and so does what is sent (decision 0203).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from leedskg.agents.answer import AnswerLine, ToolAnswer
from leedskg.agents.graph import AskedGraph
from leedskg.contributions.form_field import AMENDING, FormKind
from leedskg.contributions.form_fields import CARRIED, COLUMNS
from leedskg.contributions.registered import COMMON
from leedskg.contributions.templates import PAGE, PLACE, REGISTER, REPORT, role_column
from leedskg.errors import RequestError, UnknownNameError, excerpt
from leedskg.naming import folded

#: The forms of the site, by the table that each fills.
FORMS: Mapping[str, FormKind] = {
    "organisation": "entities",
    "relationship": "relationships",
    "figure": "observations",
    "correction": "corrections",
    "retirement": "retirements",
}
#: Characters of an address that every browser and proxy takes.
_LONGEST = 2000
#: Columns whose value is the name of an entity, beside the roles of relationships.
_ENTITIES = frozenset({"about", "geography", "attributed to", "replaced by", "report publisher", "indicator"})


def field_id(column: str) -> str:
    """Return the id and name that the field of a column has in a form."""
    return "f-" + re.sub(r"[^a-z0-9]+", "-", column)


def prepare_contribution(  # noqa: PLR0913, PLR0917 - an argument of the tool each
    graph: AskedGraph, form: str, fields: dict[str, Any], kind: str = "", why: str = "", by: str = "an assistant"
) -> ToolAnswer:
    """Give the address of a form, filled in; nothing is recorded until a person sends it."""
    table = FORMS[form]
    name, roles = _kind(graph, kind) if table == "relationships" else ("", ())
    columns = list(_columns(graph, table, roles))
    values: list[tuple[str, str]] = [("kind", name)] if name else []
    notes, lines = [], []
    for column, given in fields.items():
        if folded(column) not in map(folded, columns):
            raise RequestError(f"The form has no field “{excerpt(column, 40)}”. It has: {', '.join(columns)}.")
        for text in _texts(column, given):
            entered, note = _entered(graph, column, text, roles)
            values.append((field_id(folded(column)), entered))
            lines.append(AnswerLine(f"{column}: {entered}"))
            notes += [note] if note else []
    if not lines:
        raise RequestError(f"“fields” is empty. The form has: {', '.join(columns)}.")
    if table not in {"corrections", "retirements"} and not fields.keys() & {
        "document",
        "web page",
        "register",
        "report",
    }:
        notes.append("The form asks where it is stated: fill in document and passage, web page, register or report.")
    values += [("message", why)] if why.strip() else []
    address = f"{graph.forms or graph.site}contribute/{form}?{urlencode([*values, ('drafted-by', excerpt(by, 60))])}"
    if len(address) > _LONGEST:
        raise RequestError(f"The address has {len(address):,} characters, more than {_LONGEST:,}; shorten the fields.")
    head = "Nothing is recorded. Give the person this address: they sign in, read the form, and send it or do not."
    said = [AnswerLine(f"address: {address}", (), {"address": address}, is_code=True), *lines]
    return ToolAnswer("prepared", head, said, tuple(notes), {"address": address}, "the form")


def _kind(graph: AskedGraph, text: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of a kind of relationship, and the columns of its roles."""
    labels: dict[str, str] = {}
    roles: dict[str, dict[str, None]] = {}
    for pattern in graph.view.patterns:
        name = pattern.relationship_type.rpartition("#")[2]
        labels |= {folded(name): name}
        both = (pattern.from_label, pattern.to_label)
        roles.setdefault(name, {}).update(dict.fromkeys(role_column(label) for label in both if label))
    told = graph.view.records.labels({pattern.relationship_type for pattern in graph.view.patterns})
    labels |= {folded(label): iri.rpartition("#")[2] for iri, label in told.items()}
    found = labels.get(folded(text))
    if found is None:
        known = ", ".join(sorted(roles))
        raise RequestError(f"“kind” has to be a kind of relationship, not “{excerpt(text, 40)}”. There are: {known}.")
    return found, tuple(roles[found])


def _columns(graph: AskedGraph, table: FormKind, roles: tuple[str, ...]) -> Iterable[str]:
    if table in AMENDING:
        return [field.column for field in AMENDING[table]]
    found = [*roles, *(column for column, _ in COLUMNS[table])]
    if table == "entities":
        registers = [graph.view.namespaces.concept("identifier", each) for each in COMMON]
        found += [folded(label) for label in graph.view.records.labels(registers).values()]
    places = [column for column in (*PLACE, *REGISTER, *PAGE, *REPORT) if column != "section"]
    return [*found, *places, *(column for column, _ in CARRIED if table != "entities"), "note"]


def _texts(column: str, given: Any) -> list[str]:
    found = given if isinstance(given, list) else [given]
    for each in found:
        if isinstance(each, bool) or not isinstance(each, (str, int, float)):
            raise RequestError(f"The field “{excerpt(column, 40)}” has to be a text, a number, or a list of these.")
    return [str(each).strip() for each in found if str(each).strip()]


def _entered(graph: AskedGraph, column: str, text: str, roles: tuple[str, ...]) -> tuple[str, str]:
    """Return what is entered in a field: of an entity the name that is its own; and what the person should know."""
    if folded(column) not in _ENTITIES and folded(column) not in roles:
        return text, ""
    try:
        return graph.view.catalogue.unique_name(graph.entry(text)), ""
    except UnknownNameError as error:
        if error.ambiguous:
            raise
        return (
            text,
            f"We could not find “{excerpt(text)}”; it has to be added first, by the form organisation.",
        )
