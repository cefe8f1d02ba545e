"""What records ask of the published graph. Each query takes the base IRI, then what it is about."""

from __future__ import annotations

ABOUT = """
PREFIX lhi: <%sdef#>
SELECT ?assertion ?use WHERE {
  VALUES ?thing { <%s> }
  { ?part lhi:participant ?thing . ?assertion lhi:hasParticipation ?part . BIND("part" AS ?use) }
  UNION { ?assertion lhi:subject ?thing . BIND("subject" AS ?use) }
  UNION { ?assertion lhi:object ?thing . BIND("subject" AS ?use) }
  UNION { ?assertion lhi:about ?thing . BIND("figure" AS ?use) }
  UNION { ?assertion lhi:geography ?thing . FILTER NOT EXISTS { ?assertion lhi:about ?other } BIND("figure" AS ?use) }
  UNION { ?assertion lhi:indicator ?thing . BIND("figure" AS ?use) }
} ORDER BY ?assertion
"""

ASSERTIONS = """
PREFIX lhi: <%sdef#>
SELECT ?assertion ?property ?value WHERE { VALUES ?assertion { %s } ?assertion ?property ?value }
"""

PARTS = """
PREFIX lhi: <%sdef#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?assertion ?role ?roleLabel ?entity ?label WHERE {
  VALUES ?assertion { %s }
  ?assertion lhi:hasParticipation ?part .
  ?part org:role ?role ; lhi:participant ?entity .
  ?role skos:prefLabel ?roleLabel . ?entity skos:prefLabel ?label .
} ORDER BY ?assertion ?part
"""

PLACE = """
  ?evidence oa:hasSource ?source .
  OPTIONAL { ?source skos:prefLabel ?title }
  OPTIONAL { ?source lhi:fileName ?file }
  OPTIONAL { ?evidence lhi:inSection ?section }
  OPTIONAL { ?evidence lhi:passageDigest ?digest }
  OPTIONAL { ?evidence lhi:recordKey ?key }
  OPTIONAL { ?evidence oa:hasSelector ?selector . ?selector oa:start ?start ; oa:end ?end }
}
"""

PLACE_HEAD = """
PREFIX lhi: <%sdef#>
PREFIX adms: <http://www.w3.org/ns/adms#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?evidence ?source ?title ?file ?section ?digest ?key ?start ?end WHERE {
"""

EVIDENCE = PLACE_HEAD + "  VALUES ?assertion { %s } ?assertion lhi:hasEvidence ?evidence ." + PLACE
NAMED_AT = PLACE_HEAD + "  <%s> lhi:namedAt ?evidence ." + PLACE
SEEN_IN = PLACE_HEAD + "  <%s> adms:identifier/lhi:seenIn ?evidence ." + PLACE

IDENTIFIERS = """
PREFIX lhi: <%sdef#>
PREFIX adms: <http://www.w3.org/ns/adms#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?scheme ?label ?value ?pattern ?seen WHERE {
  <%s> adms:identifier ?identifier .
  ?identifier lhi:identifierScheme ?scheme ; skos:notation ?value .
  ?scheme skos:prefLabel ?label .
  OPTIONAL { ?scheme lhi:addressPattern ?pattern }
  OPTIONAL { ?identifier lhi:seenIn ?seen }
}
"""

SAME_AS = "SELECT ?same WHERE { <%s> <https://schema.org/sameAs> ?same }"

OWN = """
PREFIX lhi: <%sdef#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX spdx: <http://spdx.org/rdf/terms#>
SELECT ?property ?field ?value ?label WHERE {
  VALUES ?entity { <%s> }
  {
    VALUES (?property ?field ?order) {
      (lhi:population "what is counted" 1) (dcterms:title "title" 2) (dcterms:alternative "another title" 3)
      (dcterms:publisher "publisher" 4) (dcterms:issued "published" 5) (lhi:fileName "file" 6)
      (lhi:keptApartFrom "not the same as" 8) (skos:editorialNote "note" 9)
    }
    ?entity ?property ?value
    OPTIONAL { ?value skos:prefLabel ?label }
  } UNION {
    VALUES (?property ?field ?order) { (spdx:checksum "SHA-256 of the file" 7) }
    ?entity spdx:checksum/spdx:checksumValue ?value
  }
} ORDER BY ?order ?label ?value
"""

LABELS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing (MIN(?found) AS ?label) WHERE { VALUES ?thing { %s } ?thing skos:prefLabel|rdfs:label ?found }
GROUP BY ?thing
"""

ONE_PLACE = PLACE_HEAD + "  VALUES ?evidence { <%s> }" + PLACE

CITING = """
PREFIX lhi: <%sdef#>
PREFIX adms: <http://www.w3.org/ns/adms#>
SELECT ?assertion ?entity WHERE {
  VALUES ?place { <%s> }
  { ?assertion lhi:hasEvidence ?place }
  UNION { ?entity lhi:namedAt ?place }
  UNION { ?entity adms:identifier/lhi:seenIn ?place }
} ORDER BY ?assertion ?entity
"""

CITED_FOR = """
PREFIX lhi: <%sdef#>
PREFIX oa: <http://www.w3.org/ns/oa#>
SELECT DISTINCT ?assertion WHERE { ?evidence oa:hasSource <%s> . ?assertion lhi:hasEvidence ?evidence }
"""

IN_CONFLICT = """
PREFIX lhi: <%sdef#>
SELECT DISTINCT ?assertion WHERE {
  ?assertion lhi:conflictsWith ?other ; lhi:indicator ?indicator ; lhi:reportedIn ?document
} ORDER BY ?indicator ?document ?assertion
"""

CONCEPT = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?label ?definition ?scheme ?schemeLabel WHERE {
  VALUES ?concept { <%s> }
  ?concept a skos:Concept ; skos:prefLabel ?label .
  OPTIONAL { ?concept skos:definition ?definition }
  OPTIONAL { ?concept skos:inScheme ?scheme . ?scheme dcterms:title ?schemeLabel }
} ORDER BY ?label ?definition ?scheme LIMIT 1
"""

CONCEPT_USES = """
PREFIX lhi: <%sdef#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?words ?thing ?label WHERE {
  ?thing ?link <%s> ; a lhi:Entity ; skos:prefLabel ?label .
  ?link rdfs:label ?words .
} ORDER BY ?words ?label
"""

IN_COMMON = """
PREFIX lhi: <%sdef#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?words ?shared ?label WHERE {
  VALUES ?link { lhi:within lhi:hasTheme lhi:helpsWith }
  <%s> ?link ?shared .
  <%s> ?link ?shared .
  ?shared skos:prefLabel ?label .
  ?link rdfs:label ?words .
} ORDER BY ?words ?label
"""
