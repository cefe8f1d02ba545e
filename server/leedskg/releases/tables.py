"""The flat tables of a version: what is a row of each, and by which property path each column is read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.store import Reader

#: Stands between the values of a column that may have several.
SEPARATOR = "|"
_TERM = re.compile(r"[a-z]+:[A-Za-z]+")


@dataclass(frozen=True)
class ReleaseColumn:
    """A column: its name, what it says, and the path to its values; `many` may be several.

    Where no path leads there, `where` is a pattern of `?it` and `?value`.
    """

    name: str
    about: str
    path: str = ""
    datatype: str = "string"
    many: bool = False
    where: str = ""

    def property(self, namespaces: Namespaces) -> str:
        """Return the IRI of the property that it gives the values of; nothing where a path leads further."""
        if not _TERM.fullmatch(self.path):
            return ""
        prefix, _, name = self.path.partition(":")
        return namespaces.prefixes[prefix] + name


@dataclass(frozen=True)
class ReleaseTable:
    """A table: what its rows are, as a pattern of `?it`, and its columns, of which the first is the row's own IRI."""

    name: str
    about: str
    rows: str
    columns: tuple[ReleaseColumn, ...]

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.csv"


def _iri(name: str, about: str) -> ReleaseColumn:
    return ReleaseColumn(name, about, datatype="anyURI")


#: The narrowest of the kinds of ours that something has.
_KIND = """%(of)s a ?k . ?k rdfs:label ?value FILTER(STRSTARTS(STR(?k), STR(lhi:)))
  FILTER NOT EXISTS { %(of)s a ?narrower . ?narrower rdfs:subClassOf+ ?k FILTER(?narrower != ?k) }"""
_STANDING = (
    ReleaseColumn("confidence", "how sure it is that the sources say so, from 0 to 1", "lhi:confidence", "decimal"),
    ReleaseColumn("rank", "preferred, normal, or deprecated for what was retired", "lhi:rank/skos:prefLabel"),
    ReleaseColumn("evidence", "IRIs of the places in sources", "lhi:hasEvidence", "anyURI", many=True),
)
TABLES: tuple[ReleaseTable, ...] = (
    ReleaseTable("organisations", "Organisations, and companies among them", "?it a lhi:Organisation", (
        _iri("iri", "IRI of the organisation"),
        ReleaseColumn("name", "its name", "skos:prefLabel"),
        ReleaseColumn("kinds", "its narrowest kinds", "lhi:kind/rdfs:label", many=True),
        ReleaseColumn("other_names", "names that sources also print", "skos:altLabel", many=True),
        ReleaseColumn("description", "what it is, in our words", "dcterms:description"),
        ReleaseColumn("identifiers", "its numbers and codes in registers", "adms:identifier/skos:notation", many=True),
        ReleaseColumn("same_as", "its pages in registers", "schema:sameAs", many=True),
        ReleaseColumn("website", "its website", "lhi:website"),
        ReleaseColumn("located_in", "IRIs of the places that it is in", "lhi:locatedIn", "anyURI", many=True),
        ReleaseColumn("themes", "what it works on", "lhi:hasTheme/skos:prefLabel", many=True),
        ReleaseColumn("retired", "true where the record was retired", "owl:deprecated", "boolean"),
        ReleaseColumn("replaced_by", "IRI of the record in its place", "dcterms:isReplacedBy", "anyURI"),
    )),
    ReleaseTable("relationships", "Relationships, a row for each part in one", "?whole lhi:hasParticipation ?it", (
        _iri("part", "IRI of the part"),
        ReleaseColumn("relationship", "IRI of the relationship", "^lhi:hasParticipation", "anyURI"),
        ReleaseColumn("kind", "kind of relationship", where=_KIND % {"of": "?whole"}),
        ReleaseColumn("role", "role of the participant", "lhi:role/skos:prefLabel"),
        ReleaseColumn("participant", "IRI of the participant", "lhi:participant", "anyURI"),
        ReleaseColumn("participant_name", "name of the participant", "lhi:participant/skos:prefLabel"),
        ReleaseColumn("valid_from", "when it began (EDTF)", "^lhi:hasParticipation/lhi:validFrom"),
        ReleaseColumn("valid_to", "when it ended (EDTF)", "^lhi:hasParticipation/lhi:validTo"),
        ReleaseColumn("amount", "money, where a source gives an amount", "^lhi:hasParticipation/lhi:amount", "decimal"),
        ReleaseColumn("currency", "currency of the amount", "^lhi:hasParticipation/lhi:currency"),
        *(ReleaseColumn(each.name, each.about, f"^lhi:hasParticipation/{each.path}", each.datatype, each.many)
          for each in _STANDING),
    )),
    ReleaseTable("figures", "Figures, with population, place and period", "?it a lhi:IndicatorObservation", (
        _iri("iri", "IRI of the figure"),
        ReleaseColumn("indicator", "IRI of what it counts", "lhi:indicator", "anyURI"),
        ReleaseColumn("indicator_name", "what it counts", "lhi:indicator/skos:prefLabel"),
        ReleaseColumn("about", "IRIs of what it is about", "lhi:about", "anyURI", many=True),
        ReleaseColumn("value", "the number", "lhi:value", "decimal"),
        ReleaseColumn("unit", "its unit", "lhi:unit/skos:prefLabel"),
        ReleaseColumn("qualifier", "exact, about, more than, up to", "lhi:qualifier/skos:prefLabel"),
        ReleaseColumn("geography", "IRI of the place", "lhi:geography", "anyURI"),
        ReleaseColumn("geography_name", "name of the place", "lhi:geography/skos:prefLabel"),
        ReleaseColumn("period", "period (EDTF); empty where the source gives none", "lhi:referencePeriod"),
        ReleaseColumn("scope", "what it is limited to", "lhi:scope"),
        ReleaseColumn("reported_in", "IRI of the document that prints it", "lhi:reportedIn", "anyURI"),
        ReleaseColumn("attributed_to", "IRI of the body that the document has it from", "lhi:attributedTo", "anyURI"),
        ReleaseColumn(
            "conflicts_with", "IRIs of figures that cannot hold too", "lhi:conflictsWith", "anyURI", many=True
        ),
        *_STANDING,
    )),
    ReleaseTable("evidence", "Places in sources that statements rest on", "?it a lhi:Evidence", (
        _iri("iri", "IRI of the place"),
        ReleaseColumn("kind", "kind of evidence", where=_KIND % {"of": "?it"}),
        ReleaseColumn("source", "IRI of the source", "oa:hasSource", "anyURI"),
        ReleaseColumn("source_name", "name of the source", "oa:hasSource/skos:prefLabel"),
        ReleaseColumn("section", "heading that it stands under", "lhi:inSection"),
        ReleaseColumn("start", "first character, in Unicode code points from 0", "oa:hasSelector/oa:start", "integer"),
        ReleaseColumn("end", "the character after the last", "oa:hasSelector/oa:end", "integer"),
        ReleaseColumn("digest", "SHA-256 of the passage in UTF-8", "lhi:passageDigest"),
        ReleaseColumn("record_key", "key of the record in a register", "lhi:recordKey"),
        ReleaseColumn("seen_on", "day on which a page was read", "lhi:seenOn"),
        ReleaseColumn("supports", "IRIs of the statements that rest on it", "^lhi:hasEvidence", "anyURI", many=True),
    )),
    ReleaseTable("records", "Every entity and statement", "VALUES ?any { lhi:Entity lhi:Assertion } ?it a ?any", (
        _iri("iri", "IRI of the record"),
        ReleaseColumn("kinds", "its narrowest kinds", where=_KIND % {"of": "?it"}, many=True),
        ReleaseColumn("name", "its name, where it has one", "skos:prefLabel"),
        ReleaseColumn("subject", "IRI of what an attribute is stated of", "lhi:subject", "anyURI"),
        ReleaseColumn("property", "IRI of the property that is stated", "lhi:property", "anyURI"),
        ReleaseColumn("object", "IRI that is stated", "lhi:object", "anyURI"),
        ReleaseColumn("literal_value", "value that is stated", "lhi:literalValue"),
        ReleaseColumn("recorded_at", "when it was recorded", "prov:generatedAtTime"),
        ReleaseColumn("retired", "true where an entity was retired", "owl:deprecated", "boolean"),
        ReleaseColumn("replaced_by", "IRI of the record in its place", "dcterms:isReplacedBy", "anyURI"),
        *_STANDING,
    )),
    ReleaseTable("sources", "Documents, pages and registers that the evidence points to", "?it a lhi:Document", (
        _iri("iri", "IRI of the source"),
        ReleaseColumn("name", "its name", "skos:prefLabel"),
        ReleaseColumn("title", "its title as printed", "dcterms:title"),
        ReleaseColumn("kinds", "its kinds", "lhi:kind/rdfs:label", many=True),
        ReleaseColumn("publisher", "who published it", "(dcterms:publisher/skos:prefLabel)|lhi:publisherName"),
        ReleaseColumn("part_of", "the site or newspaper that it is of", "dcterms:isPartOf/skos:prefLabel"),
        ReleaseColumn("issued", "when it was published", "dcterms:issued"),
        ReleaseColumn("address", "its address", "schema:url"),
        ReleaseColumn("licence", "its licence, where it states one", "dcterms:license", many=True),
        ReleaseColumn(
            "attribution", "how it wants to be named", "dcterms:bibliographicCitation|lhi:attributionLine"
        ),
        ReleaseColumn("description", "what it is, and under which terms where that is known", "dcterms:description"),
    )),
    ReleaseTable("edges", "Direct links that rules derive from relationships in force: a network", "", (
        ReleaseColumn("from", "IRI of where it goes from", datatype="anyURI"),
        ReleaseColumn("from_name", "name of that"),
        ReleaseColumn("edge", "IRI of the property", datatype="anyURI"),
        ReleaseColumn("words", "the property in words"),
        ReleaseColumn("to", "IRI of where it goes to", datatype="anyURI"),
        ReleaseColumn("to_name", "name of that"),
    )),
)  # fmt: skip


def table_text(table: ReleaseTable, reader: Reader, namespaces: Namespaces) -> str:
    """Return a table as CSV, its rows in the order of the first column."""
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in namespaces.prefixes.items())
    names = [column.name for column in table.columns]
    if not table.rows:
        found = {
            tuple(row[name].value for name in names)
            for row in reader.rows(prefixes + query_beside(__file__, "tables_edges"))
        }
        return _text(names, sorted(found))
    items = {row["it"].value for row in reader.rows(f"{prefixes}SELECT DISTINCT ?it WHERE {{ {table.rows} }}")}
    values = [_values(column, table, reader, prefixes) for column in table.columns[1:]]
    cells = [_cell(column, kept) for column, kept in zip(table.columns[1:], values, strict=True)]
    return _text(names, [(item, *(cell(item) for cell in cells)) for item in sorted(items)])


def _values(column: ReleaseColumn, table: ReleaseTable, reader: Reader, prefixes: str) -> dict[str, list[str]]:
    pattern = column.where or f"?it {column.path} ?value"
    query = f"{prefixes}SELECT DISTINCT ?it ?value WHERE {{ {table.rows} . {pattern} }}"
    found: dict[str, list[str]] = {}
    for row in reader.rows(query):
        found.setdefault(row["it"].value, []).append(row["value"].value)
    return found


def _cell(column: ReleaseColumn, values: Mapping[str, list[str]]) -> Callable[[str], str]:
    def cell(item: str) -> str:
        found = sorted(set(values.get(item, ())))
        return SEPARATOR.join(found) if column.many else found[0] if found else ""

    return cell


def _text(names: list[str], rows: list[tuple[str, ...]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows(rows)
    return file.getvalue()
