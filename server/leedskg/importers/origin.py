"""What is stated of a register whose records were imported: licence, attribution, file, scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leedskg.errors import KnowledgeError
from leedskg.importers import registry
from leedskg.importers.model import SourceDetails
from leedskg.importers.table import ImportTable, Origin
from leedskg.namespaces import Namespaces
from leedskg.statements import StatementFile, Statements

#: The properties that an import says of its register, each in place of what the import before said.
IMPORTED_PROPERTIES = (
    "publisherName", "attributionLine", "covers", "importedFile", "importedFileDigest", "importedOn", "importScope",
    "importedBy", "importedRecords", "importDropped", "tableDigest",
)  # fmt: skip


@dataclass(frozen=True)
class KnownOrigin:
    """The origin that a file of statements describes, and the digest of its table."""

    source: str
    digest: str
    origin: Origin


def origin_turtle(table: ImportTable, digest: str, namespaces: Namespaces, *, described: bool = False) -> str:
    """Return the statements on the register of a table in the canonical form of knowledge files.

    `described` means that the graph has name and description of the register already.
    """
    about, origin = registry.source_named(table.source).about, table.origin
    said: list[tuple[str, str]] = []
    if not described:
        said += [
            ("skos:prefLabel", f"{_quoted(about.title)}@en"),
            ("dcterms:title", f"{_quoted(about.title)}@en"),
            ("dcterms:description", f"{_quoted(about.covers)}@en"),
        ]
    if about.licence.startswith("http"):
        said.append(("dcterms:license", f"<{about.licence}>"))
    if about.record_address:
        said.append(("lhi:addressPattern", _quoted(about.record_address)))
    said += [
        ("lhi:publisherName", _quoted(about.publisher)),
        ("lhi:attributionLine", _quoted(about.attribution)),
        ("lhi:covers", _quoted(origin.covers or about.covers)),
        ("lhi:importedFile", _quoted(origin.file)),
        ("lhi:importedFileDigest", _quoted(origin.sha256)),
        ("lhi:importedOn", _quoted(origin.had_on)),
        ("lhi:importScope", _quoted(origin.scope)),
        ("lhi:importedBy", _quoted(f"leedskg {origin.importer}")),
        ("lhi:importedRecords", str(len(table.records))),
        ("lhi:tableDigest", _quoted(digest)),
    ]
    dropped = [_quoted(f"{column}: {number}") for column, number in sorted(origin.dropped.items())]
    if dropped:
        said.append(("lhi:importDropped", " , ".join(dropped)))
    used = sorted({predicate.partition(":")[0] for predicate, _ in said} | {"id", "lhi"})
    prefixes = "".join(f"@prefix {prefix}: <{namespaces.prefixes[prefix]}> .\n" for prefix in used)
    body = "".join(f" ;\n    {predicate} {value}" for predicate, value in said)
    return f"{prefixes}\nid:{about.register} a lhi:RegisterSource{body} .\n"


def origin_of(file: StatementFile, namespaces: Namespaces) -> KnownOrigin:
    """Return the origin that statements describe. Raises KnowledgeError where there is none."""
    return next(origins_in(Statements.of([file]), namespaces), None) or _none(file)


def origins_in(statements: Statements, namespaces: Namespaces) -> Iterator[KnownOrigin]:
    """Yield the origins of the imports that statements say are in force."""
    term = namespaces.term
    registers = {namespaces.entity(source.about.register): name for name, source in registry.sources().items()}
    for register, source in registers.items():
        digest = statements.text(register, term("tableDigest"))
        if not digest:
            continue
        names = ("importedFileDigest", "importedFile", "importedOn", "importScope", "importedBy")
        sha256, file, had_on, scope, importer = (statements.text(register, term(name)) or "" for name in names)
        dropped = {
            column: int(number)
            for column, _, number in (
                each.rpartition(": ") for each in statements.texts(register, term("importDropped"))
            )
            if number.isdigit()
        }
        covers = statements.text(register, term("covers")) or ""
        origin = Origin(source, sha256, file, had_on, scope, importer.removeprefix("leedskg "), dropped, covers)
        yield KnownOrigin(source, digest, origin)


def imported_in(statements: Statements, namespaces: Namespaces) -> dict[str, SourceDetails]:
    """Return what is said of each source that has an import in force, by its name."""
    return {each.source: registry.source_named(each.source).about for each in origins_in(statements, namespaces)}


def _none(file: StatementFile) -> KnownOrigin:
    raise KnowledgeError("this says of no register that is read which table is in force", path=file.name)


def _quoted(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'
