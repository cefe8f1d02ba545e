"""The IRIs that leedskg uses, its own under one base and those of the vocabularies it reuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

BASE = "https://w3id.org/leeds-health-innovation/"

#: Prefixes of the vocabularies that the knowledge files reuse.
REUSED: Mapping[str, str] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "frapo": "http://purl.org/cerif/frapo/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rov": "http://www.w3.org/ns/regorg#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "vivo": "http://vivoweb.org/ontology/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: Graphs in which the graph describes itself; they hold no data (decision 0181).
QUERIES_GRAPH, VOID_GRAPH, REIFIED_GRAPH = SELF_DESCRIPTION = ("queries", "void", "reified")
RDF_TYPE = REUSED["rdf"] + "type"
#: What people read for properties of other vocabularies: our ontology says nothing of terms that are not ours.
WORDS: Mapping[str, str] = {
    REUSED[name.partition(":")[0]] + name.partition(":")[2]: words
    for name, words in (
        ("adms:identifier", "identifier"),
        ("oa:hasSource", "source"),
        ("org:role", "role"),
        ("prov:wasAttributedTo", "recorded by"),
        ("prov:generatedAtTime", "recorded at"),
        ("schema:sameAs", "same as"),
        ("skos:inScheme", "scheme"),
        ("skos:notation", "number or code"),
        ("geo:lat", "latitude"),
        ("geo:long", "longitude"),
        ("dcterms:created", "made on"),
        ("dcterms:modified", "changed on"),
        ("dcterms:issued", "published on"),
        ("dcterms:license", "licence"),
        ("dcterms:isPartOf", "part of"),
        ("dcterms:isReplacedBy", "replaced by"),
        ("dcterms:description", "description"),
        ("dcterms:title", "title"),
        ("dcterms:publisher", "publisher"),
        ("dcterms:creator", "creator"),
        ("skos:editorialNote", "editorial note"),
        ("skos:hiddenLabel", "name to search by"),
        ("skos:scopeNote", "scope note"),
        ("owl:deprecated", "retired"),
    )
}


@dataclass(frozen=True)
class Namespaces:
    """leedskg's own IRIs under `base`, which ends in a slash."""

    base: str = BASE

    def term(self, name: str) -> str:
        """Return the IRI of a class or property of the ontology."""
        return f"{self.base}def#{name}"

    def entity(self, slug: str) -> str:
        """Return the IRI of an entity, by its readable slug."""
        return f"{self.base}id/{slug}"

    def concept(self, scheme: str, name: str) -> str:
        """Return the IRI of a concept of one of the SKOS schemes."""
        return f"{self.base}scheme/{scheme}/{name}"

    def graph(self, name: str) -> str:
        """Return the IRI of a named graph, such as `inferred` or `curated/places`."""
        return f"{self.base}graph/{name}"

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Every prefix that queries and knowledge files may use, leedskg's own first."""
        own = {
            "lhi": f"{self.base}def#",
            "id": f"{self.base}id/",
            "assertion": f"{self.base}assertion/",
            "evidence": f"{self.base}evidence/",
            "agent": f"{self.base}agent/",
            "reason": f"{self.base}scheme/reason/",
            "scheme": f"{self.base}scheme/",
            "role": f"{self.base}scheme/role/",
            "need": f"{self.base}scheme/need/",
            "stage": f"{self.base}scheme/stage/",
            "theme": f"{self.base}scheme/theme/",
            "qualifier": f"{self.base}scheme/qualifier/",
            "unit": f"{self.base}scheme/unit/",
            "rank": f"{self.base}scheme/rank/",
            "standing": f"{self.base}scheme/standing/",
            "identifier": f"{self.base}scheme/identifier/",
            "graph": f"{self.base}graph/",
        }
        return own | dict(REUSED)

    def local(self, iri: str) -> str | None:
        """Return the part of one of our own IRIs behind the base, or None for a foreign IRI."""
        return iri[len(self.base) :] if iri.startswith(self.base) else None

    def shorten(self, iri: str) -> str:
        """Write the IRI as `prefix:name` where a prefix fits, else in angle brackets."""
        best = ""
        for prefix, namespace in self.prefixes.items():
            if iri.startswith(namespace) and len(namespace) > len(self.prefixes.get(best, "")):
                best = prefix
        if best:
            rest = iri[len(self.prefixes[best]) :]
            if rest and all(character.isalnum() or character in "-_" for character in rest):
                return f"{best}:{rest}"
        return f"<{iri}>"
