"""What an import is made of: rows as a publisher gives them, and records in our own columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from leedskg.importers.files import InputFile
from leedskg.importers.report import FilePlace, ReadingReport

#: A record is of a body (a row of a register of organisations) or of something bodies do together (a grant, a trial).
Kind = Literal["organisation", "project"]

#: Schemes of scheme:identifier that a record or a participant may carry, each a column of that name.
IDENTIFIERS = (
    "ror",
    "grid",
    "isni",
    "wikidata",
    "crossref-funder",
    "ods",
    "companies-house",
    "charity-ew",
    "local-authority-code",
    "gss",
)
#: What is said of a body, whether it is a record of its own or a participant.
OF_BODIES = ("name", "other-names", "type", *IDENTIFIERS, "postcode", "town", "authority", "country")
#: The columns of a record, in the order of the table. `authority` is the local authority's GSS code, `subjects` the
#: publisher's own classes of research, `other-bodies` how many take part beside the participants that were kept, `gone`
#: the day of the file that no longer had the record.
RECORD_COLUMNS = (
    "id",
    "kind",
    *OF_BODIES,
    "website",
    "reference",
    "category",
    "programme",
    "topics",
    "subjects",
    "status",
    "start",
    "end",
    "amount",
    "currency",
    "address",
    "other-bodies",
    "gone",
)
#: The columns of a participant. `organisation` is the id that the publisher gives the body, where there is one;
#: `converted-from` the currency of an amount that the publisher changed into pounds.
PARTICIPANT_COLUMNS = (
    "record",
    "role",
    "organisation",
    *OF_BODIES,
    "status",
    "reference",
    "amount",
    "currency",
    "converted-from",
    "start",
    "end",
)
#: Roles of bodies that pay: that a funder is a body of the graph brings no record into the scope.
PAYING = frozenset(["funder", "co-funder", "further-funder"])
#: Stands between values of a cell that holds several.
SEVERAL = " | "


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as the publisher gives it: values by the publisher's own headings, and where it stands."""

    values: Mapping[str, str]
    place: FilePlace


@dataclass(frozen=True, slots=True)
class Participant:
    """A body in a role of a record; `role` is a `lhi:recordRole` of ontology/imports.ttl."""

    role: str
    values: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name as the record prints it."""
        return self.values.get("name", "")


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record of a source: an id that the publisher gave, values by our own columns, and who takes part.

    `values` and those of participants have no empty value, and no personal data.
    """

    source: str
    id: str
    kind: Kind
    values: Mapping[str, str]
    participants: tuple[Participant, ...] = ()
    place: FilePlace = field(default=FilePlace(""), compare=False)

    @property
    def name(self) -> str:
        """The name of the body, or the title of the project."""
        return self.values.get("name", "")

    @property
    def body(self) -> Mapping[str, str]:
        """What is said of the body that it is of, with the publisher's id."""
        return {"id": self.id, **self.values}


@dataclass(frozen=True)
class SourceDetails:
    """What is said of a source wherever its data is used."""

    name: str
    title: str
    publisher: str
    licence: str
    attribution: str
    address: str
    covers: str = ""
    may_publish: bool = True
    record_address: str = ""

    @property
    def register(self) -> str:
        """The slug of the register that evidence cites."""
        return f"register-{self.name}"


class Source(Protocol):
    """A publisher's data set: a module of `sources` has one."""

    @property
    def about(self) -> SourceDetails:
        """Name, licence and attribution."""

    def recognises(self, file: InputFile) -> bool:
        """Return whether a file is of this source, by its first bytes or rows; nothing else of it is read."""

    def read(self, file: InputFile, report: ReadingReport) -> Iterator[SourceRecord]:
        """Yield the records of a file, one at a time, and tell `report` what is dropped and what is odd.

        Raises ImportFileError, with file and row, for what cannot be read.
        """
