"""A field of a form, and the fields of the forms that change what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Control = Literal["text", "long", "number", "date", "choice", "entity", "record"]
FormKind = Literal["entities", "relationships", "observations", "corrections", "retirements"]
#: What parts a field from its value in a choice of both: no field has it in its name.
BETWEEN = " = "


@dataclass(frozen=True)
class FormField:
    """One field: its column, its words, and what may be entered. `several` values have an input each.

    `kinds` are the classes of the entities that it takes, `property_iri` what a finding about it names.
    """

    column: str
    label: str
    hint: str = ""
    needed: bool = False
    control: Control = "text"
    options: tuple[tuple[str, str], ...] = ()
    several: bool = False
    kinds: tuple[str, ...] = ()
    property_iri: str = ""
    place: str = "claim"


#: Forms that change what is there: they are about a record and not of a class, so that no shape describes them.
AMENDING: dict[FormKind, tuple[FormField, ...]] = {
    "corrections": (
        FormField("record", "Which record is wrong",
                  "The name of an entity; or the address of a statement, as its page shows it.", True, "record"),
        FormField("field", "Which field of it", "As the page calls it, such as description, amount or funder.", True),
        FormField("old value", "What it says now", "Needed only where the field has more than one value."),
        FormField("new value", "What it should say", "", True),
        FormField("reason", "Why", "On what ground. It is kept with the record.", True, "long"),
    ),
    "retirements": (
        FormField("record", "Which record is retired",
                  "The name of an entity; or the address of a statement, as its page shows it.", True, "record"),
        FormField("replaced by", "What takes its place", "The other entity, where there is one.", False, "entity"),
        FormField("reason", "Why", "It is told to those who follow a link to the record.", True, "long"),
    ),
}  # fmt: skip
