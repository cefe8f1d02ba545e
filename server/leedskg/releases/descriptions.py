"""What describes the files of a version to programs and people: CSVW, Croissant, RO-Crate, and the attribution."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leedskg.namespaces import Namespaces
from leedskg.query_files import query_beside
from leedskg.releases.tables import SEPARATOR, TABLES
from leedskg.releases.version import VersionFile
from leedskg.store import Reader

TITLE = "Leeds Health Innovation Knowledge Graph"
SUMMARY = (
    "Organisations, facilities, programmes, funders, companies, support services and figures of the Leeds health "
    "innovation ecosystem, and what links them; each statement is traced to a place in a source."
)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_CSVW_TYPES = {"string": "string", "anyURI": "anyURI", "decimal": "decimal", "integer": "integer", "boolean": "boolean"}
_CROISSANT_TYPES = {
    "string": "sc:Text", "anyURI": "sc:URL", "decimal": "sc:Float", "integer": "sc:Integer", "boolean": "sc:Boolean",
}  # fmt: skip


@dataclass(frozen=True)
class VersionDetails:
    """What all descriptions say of a version."""

    name: str
    date: str
    namespaces: Namespaces
    statements: int

    @property
    def address(self) -> str:
        """The IRI of the version."""
        return f"{self.namespaces.base}versions/{self.name}"

    @property
    def citation(self) -> str:
        """How it is cited, in words."""
        return f"{TITLE}, version {self.name} ({self.date}). {self.address}"


def csvw(about: VersionDetails) -> str:
    """Return the data dictionary of the tables, as CSV on the Web has it."""
    keys = {table.name: table.columns[0].name for table in TABLES if table.rows}
    tables = [
        {
            "url": table.file,
            "dc:title": table.name,
            "dc:description": table.about,
            "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n"]},
            "tableSchema": {
                "columns": [
                    {"name": column.name, "titles": column.name, "dc:description": column.about}
                    | {"datatype": _CSVW_TYPES[column.datatype]}
                    | ({"separator": SEPARATOR} if column.many else {})
                    | ({"propertyUrl": iri} if (iri := column.property(about.namespaces)) else {})
                    for column in table.columns
                ]
            }
            | ({"primaryKey": keys[table.name], "aboutUrl": f"{{+{keys[table.name]}}}"} if table.name in keys else {}),
        }
        for table in TABLES
    ]
    known = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": f"{TITLE}, version {about.name}: tables",
        "dc:license": {"@id": LICENCE},
        "dc:issued": about.date,
        "tables": tables,
    }
    return _json(known)


def croissant(about: VersionDetails, files: Sequence[VersionFile]) -> str:
    """Return the tables as Croissant 1.0 describes a data set for machine learning."""
    by_name = {each.name: each for each in files}
    known: dict[str, Any] = {
        "@context": {
            "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/", "dct": "http://purl.org/dc/terms/",
            "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo",
            "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
            "equivalentProperty": "cr:equivalentProperty", "extract": "cr:extract", "field": "cr:field",
            "fileProperty": "cr:fileProperty", "samplingRate": "cr:samplingRate", "fileObject": "cr:fileObject",
            "fileSet": "cr:fileSet",
            "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset",
            "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField",
            "path": "cr:path", "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
            "repeated": "cr:repeated", "replace": "cr:replace", "separator": "cr:separator", "source": "cr:source",
            "subField": "cr:subField", "transform": "cr:transform",
            "examples": {"@id": "cr:examples", "@type": "@json"}, "rai": "http://mlcommons.org/croissant/RAI/",
        },
        "@type": "sc:Dataset",
        "name": f"leedskg-{about.name}",
        "description": SUMMARY,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": LICENCE,
        "url": about.address,
        "version": about.name,
        "datePublished": about.date,
        "citeAs": about.citation,
        "creator": {"@type": "Organization", "name": TITLE},
        "distribution": [
            {
                "@type": "cr:FileObject", "@id": table.file, "name": table.file, "description": table.about,
                "contentUrl": f"{about.address}/{table.file}", "encodingFormat": "text/csv",
                "contentSize": f"{by_name[table.file].size} B", "sha256": by_name[table.file].sha256,
            }
            for table in TABLES
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet", "@id": table.name, "name": table.name, "description": table.about,
                "field": [
                    {
                        "@type": "cr:Field", "@id": f"{table.name}/{column.name}", "name": column.name,
                        "description": column.about,
                        "dataType": "sc:Text" if column.many else _CROISSANT_TYPES[column.datatype],
                        "source": {"fileObject": {"@id": table.file}, "extract": {"column": column.name}},
                    }
                    for column in table.columns
                ],
            }
            for table in TABLES
        ],
    }  # fmt: skip
    return _json(known)


def ro_crate(about: VersionDetails, files: Sequence[VersionFile]) -> str:
    """Return all files as RO-Crate 1.1 lists them."""
    root: dict[str, Any] = {
        "@id": "./", "@type": "Dataset", "name": f"{TITLE}, version {about.name}", "description": SUMMARY,
        "datePublished": about.date, "version": about.name, "identifier": about.address,
        "license": {"@id": LICENCE}, "hasPart": [{"@id": each.name} for each in files],
    }  # fmt: skip
    graph: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        root,
        {
            "@id": LICENCE, "@type": "CreativeWork", "name": "Creative Commons Attribution 4.0 International",
            "description": "Use it for anything, and say where it is from.",
        },
        *(
            {
                "@id": each.name, "@type": "File", "name": each.name, "description": each.about,
                "encodingFormat": each.media_type, "contentSize": str(each.size), "sha256": each.sha256,
            }
            for each in files
        ),
    ]  # fmt: skip
    return _json({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph})


def attribution(about: VersionDetails, reader: Reader) -> str:
    """Return the licence of the version, and of each source its publisher, its licence and how it wants to be named."""
    sources: dict[tuple[str, str], dict[str, set[str]]] = {}
    for row in reader.rows(query_beside(__file__, "descriptions_sources") % {"base": about.namespaces.base}):
        said = sources.setdefault((row["name"].value, row["source"].value), {})
        for field in ("publisher", "licence", "attribution", "description"):
            if field in row:
                said.setdefault(field, set()).add(row[field].value)
    lines = [
        f"# Licence and sources of version {about.name}", "",
        f"The graph is under CC BY 4.0, <{LICENCE}>. Cite it as: {about.citation}", "",
        "Facts are taken from these sources, and their words are not. A source that states no licence is pointed to as "
        "evidence. The table sources.csv has the pages of websites and newspapers one by one.", "",
    ]  # fmt: skip
    for (name, iri), said in sorted(sources.items()):
        told = [f"{field}: {'; '.join(sorted(values)).rstrip('.')}" for field, values in sorted(said.items())]
        licence = "" if "licence" in said else "licence: none stated"
        lines.append(f"* {name}, <{iri}>. {'. '.join(filter(None, (*told, licence)))}")
    return "\n".join((*lines, ""))


def _json(known: object) -> str:
    return json.dumps(known, ensure_ascii=False, indent=1) + "\n"
