"""The vocabulary under test, and the pitfalls of the OOPS! catalogue that can be looked for without a network.

The catalogue (Poveda-Villalón, Gómez-Pérez and Suárez-Figueroa, 2014, https://oops.linkeddata.es/catalogue.jsp) numbers
its pitfalls; `PITFALLS` has a search for each that can be found in the files alone, in our own words, and
`OUT_OF_REACH` says of each of the others why a test cannot judge it. A search is stricter or laxer than the catalogue's
where its docstring says so. `MEANT` holds what a search finds and we mean, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import pyoxigraph as ox
import rdflib.namespace as known

from leedskg.namespaces import RDF_TYPE, REUSED, Namespaces
from leedskg.statements import Statements, key, parse_turtle

NAMESPACES = Namespaces()
LHI = NAMESPACES.term("")
ONTOLOGY = LHI.removesuffix("#")


def iri(short: str) -> str:
    """The IRI of a prefixed name."""
    prefix, _, local = short.partition(":")
    return NAMESPACES.prefixes[prefix] + local


LABEL, DEFINITION, EXAMPLE = iri("rdfs:label"), iri("skos:definition"), iri("skos:example")
SUBCLASS, SUBPROPERTY = iri("rdfs:subClassOf"), iri("rdfs:subPropertyOf")
DOMAIN, RANGE = iri("rdfs:domain"), iri("rdfs:range")
DOMAIN_INCLUDES, RANGE_INCLUDES = iri("schema:domainIncludes"), iri("schema:rangeIncludes")
INVERSE, DISJOINT, MEMBERS = iri("owl:inverseOf"), iri("owl:disjointWith"), iri("owl:members")
SAME_CLASS, SAME_PROPERTY = iri("owl:equivalentClass"), iri("owl:equivalentProperty")
CHAIN, DEPRECATED = iri("owl:propertyChainAxiom"), iri("owl:deprecated")
FIRST, REST, NIL = iri("rdf:first"), iri("rdf:rest"), iri("rdf:nil")
THING = iri("owl:Thing")

#: Vocabularies that are built into OWL, and SHACL, whose terms stand in shapes and not in the ontology.
BUILT_IN = tuple(REUSED[prefix] for prefix in ("owl", "rdf", "rdfs", "xsd"))
CLASS_LINKS = {SUBCLASS, SAME_CLASS, DISJOINT, iri("owl:complementOf"), iri("owl:someValuesFrom"),
               iri("owl:allValuesFrom"), iri("owl:onClass")}  # fmt: skip
CLASS_LISTS = {MEMBERS, iri("owl:unionOf"), iri("owl:intersectionOf"), iri("owl:disjointUnionOf")}
PROPERTY_LINKS = {SUBPROPERTY, SAME_PROPERTY, INVERSE, iri("owl:onProperty"), iri("owl:propertyDisjointWith")}


class Problem(NamedTuple):
    """What is wrong with some terms, and how to mend it; the property says which line is meant."""

    terms: tuple[str, ...]
    text: str
    property: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """The statements of the ontology's files, with what the tests ask of them."""

    statements: Statements

    @classmethod
    def of_text(cls, turtle: str, name: str = "ontology/made-up.ttl") -> Vocabulary:
        """A vocabulary of Turtle without its prefixes, for showing that a search finds what it looks for."""
        prefixes = "".join(f"@prefix {prefix}: <{iri}> . " for prefix, iri in NAMESPACES.prefixes.items())
        return cls(Statements.of([parse_turtle((prefixes + turtle).encode(), name)]))

    @cached_property
    def triples(self) -> list[ox.Triple]:
        return [triple for file in self.statements.files for triple in file.triples]

    def declared(self, *kinds: str) -> set[str]:
        """The terms, ours and others', that are declared as one of these."""
        return set(self.statements.of_type([iri(kind) for kind in kinds], RDF_TYPE))

    @cached_property
    def classes(self) -> set[str]:
        return {name for name in self.declared("owl:Class") if not name.startswith("_:")}

    @cached_property
    def object_properties(self) -> set[str]:
        return self.declared("owl:ObjectProperty")

    @cached_property
    def data_properties(self) -> set[str]:
        return self.declared("owl:DatatypeProperty")

    @cached_property
    def annotation_properties(self) -> set[str]:
        return self.declared("owl:AnnotationProperty")

    @cached_property
    def properties(self) -> set[str]:
        return self.object_properties | self.data_properties | self.annotation_properties

    @cached_property
    def own_classes(self) -> list[str]:
        return sorted(name for name in self.classes if name.startswith(LHI))

    @cached_property
    def own_properties(self) -> list[str]:
        return sorted(name for name in self.properties if name.startswith(LHI))

    @cached_property
    def own(self) -> list[str]:
        return self.own_classes + self.own_properties

    def values(self, term: str, predicate: str) -> list[str]:
        return self.statements.texts(term, predicate)

    def text(self, term: str, predicate: str) -> str:
        return self.statements.text(term, predicate) or ""

    def links(self, *predicates: str) -> Iterator[tuple[str, str]]:
        """Subject and object of every statement with one of the predicates."""
        for triple in self.triples:
            if triple.predicate.value in predicates:
                yield key(triple.subject), key(triple.object)

    def members(self, head: str) -> list[str]:
        """The members of a list, as far as it is well formed."""
        found: list[str] = []
        seen: set[str] = set()
        while head != NIL and head not in seen:
            seen.add(head)
            found += self.values(head, FIRST)
            head = self.text(head, REST) or NIL
        return found

    def above(self, term: str, predicate: str = SUBCLASS) -> set[str]:
        """Everything above a term in the hierarchy; the term itself only when it stands in a circle."""
        found: set[str] = set()
        waiting = self.values(term, predicate)
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self.values(current, predicate)
        return found

    def is_a(self, narrow: str, wide: str) -> bool:
        return wide in {THING, narrow} or wide in self.above(narrow)

    def disjoint(self, one: str, other: str) -> bool:
        """Whether the two, or kinds that they are of, are stated to be disjoint."""
        ones, others = {one} | self.above(one), {other} | self.above(other)
        return any((a, b) in self._disjoint or (b, a) in self._disjoint for a in ones for b in others)

    @cached_property
    def _disjoint(self) -> set[tuple[str, str]]:
        pairs = set(self.links(DISJOINT))
        for subject, head in self.links(MEMBERS):
            if iri("owl:AllDisjointClasses") in self.values(subject, RDF_TYPE):
                pairs |= set(combinations(self.members(head), 2))
        return pairs

    def is_typed(self, term: str, kind: str) -> bool:
        return iri(kind) in self.values(term, RDF_TYPE)

    def said(self, problem: Problem) -> str:
        """The problem as a line: file, line, term, what is wrong and how to mend it."""
        terms = " and ".join(NAMESPACES.shorten(term) if "://" in term else term for term in problem.terms)
        first = problem.terms[0]
        place = self.statements.place(first) if first.startswith("_:") else None
        place = place or self.statements.place(first, problem.property or None) or ("ontology/", 0)
        return f"{place[0]}:{place[1]} {terms}: {problem.text}"


def unmeant(vocabulary: Vocabulary, problems: Iterable[Problem], meant: Mapping[str, str]) -> list[str]:
    """The problems that no exemption covers, and the exemptions that cover none, as lines."""
    lines: list[str] = []
    idle = set(meant)
    for problem in problems:
        covered = {NAMESPACES.shorten(term) for term in problem.terms} & set(meant)
        idle -= covered
        if not covered:
            lines.append(vocabulary.said(problem))
    lines += [f"the exemption of {name} covers nothing any more: take it out of the table" for name in sorted(idle)]
    return lines


def words(name: str) -> list[str]:
    """The words of a name in camel case, in lower case: NHSOrganisation has two."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name.rpartition("#")[2])]


def synonyms(v: Vocabulary) -> Iterator[Problem]:
    """P02: two classes of one ontology for one thing, seen where both are ours and stated to be equivalent."""
    for one, other in v.links(SAME_CLASS):
        if one.startswith(LHI) and other.startswith(LHI):
            yield Problem((one, other), "two classes for one thing. Keep one and give it the other's label", SAME_CLASS)


def sayings_of_is(v: Vocabulary) -> Iterator[Problem]:
    """P03: a property of ours for what rdf:type, rdfs:subClassOf or owl:sameAs say."""
    taken = {"is", "isa", "isan", "a", "type", "sameas", "subclassof", "subtypeof", "instanceof", "kindof", "iskindof"}
    for name in v.own_properties:
        if "".join(words(name)) in taken:
            yield Problem(
                (name,), "OWL has this relation. Use rdf:type, rdfs:subClassOf or owl:sameAs and deprecate it"
            )


def unconnected(v: Vocabulary) -> Iterator[Problem]:
    """P04: a term that no axiom joins to any other; a domainIncludes or rangeIncludes counts as joining."""
    joining = {*CLASS_LINKS, *PROPERTY_LINKS, DOMAIN, RANGE, DOMAIN_INCLUDES, RANGE_INCLUDES}
    joined = {term for pair in v.links(*joining) if THING not in pair for term in pair}
    joined |= {member for _, head in v.links(*CLASS_LISTS, CHAIN) for member in v.members(head)}
    for name in v.own:
        if name not in joined:
            yield Problem((name,), "stands alone. Give it a superclass, or name it as a property's domain or range")


def wrong_inverses(v: Vocabulary) -> Iterator[Problem]:
    """P05: an inverse whose domain is not the range of the other, or the other way about."""
    for one, other in v.links(INVERSE):
        if one.startswith("_:"):
            continue
        if set(v.values(one, DOMAIN)) != set(v.values(other, RANGE)):
            yield Problem((one, other), "inverses, so the domain of the first is the range of the second", INVERSE)
        if set(v.values(one, RANGE)) != set(v.values(other, DOMAIN)):
            yield Problem((one, other), "inverses, so the range of the first is the domain of the second", INVERSE)


def circles(v: Vocabulary) -> Iterator[Problem]:
    """P06: a class or property that is above itself."""
    for predicate in (SUBCLASS, SUBPROPERTY):
        for name in sorted({subject for subject, _ in v.links(predicate)}):
            if name in v.above(name, predicate):
                yield Problem((name,), "is above itself. Take one statement out of the circle", predicate)


def merged_concepts(v: Vocabulary) -> Iterator[Problem]:
    """P07: a term whose name or label joins two things with and, or, or a slash."""
    for name in v.own:
        label = v.text(name, LABEL)
        if {"and", "or"} & ({*words(name)} | {*label.lower().split()}) or "/" in label:
            yield Problem((name,), "two concepts in one. Make a term for each, under a wider one if need be", LABEL)


def missing_annotations(v: Vocabulary) -> Iterator[Problem]:
    """P08: a term without label, definition or example, each in English. The catalogue asks for the first two."""
    for name in v.own:
        for predicate in (LABEL, DEFINITION, EXAMPLE):
            short = NAMESPACES.shorten(predicate)
            values = v.statements.values(name, predicate)
            if not any(value.value.strip() for value in values if isinstance(value, ox.Literal)):
                yield Problem((name,), f'has no {short}. Add `{short} "…"@en`')
            elif any(not isinstance(value, ox.Literal) or value.language != "en" for value in values):
                yield Problem((name,), f"has a {short} that is not in English. Write it as a text with @en", predicate)


def overlapping_siblings(v: Vocabulary) -> Iterator[Problem]:
    """P10: classes side by side that nothing keeps apart. The catalogue is content with any disjointness at all."""
    families: dict[str, set[str]] = {}
    for name in v.own_classes:
        for parent in [above for above in v.values(name, SUBCLASS) if above.startswith(LHI)] or [THING]:
            families.setdefault(parent, set()).add(name)
    for _, family in sorted(families.items()):
        for one, other in combinations(sorted(family), 2):
            if not (v.disjoint(one, other) or v.is_a(one, other) or v.is_a(other, one)):
                mend = "Put both in an owl:AllDisjointClasses, or say in MEANT why a thing may be both"
                yield Problem((one, other), f"nothing keeps them apart. {mend}")


def without_domain_or_range(v: Vocabulary) -> Iterator[Problem]:
    """P11: a property without domain or range; the loose forms of schema.org will do."""
    for name in v.own_properties:
        for strict, loose in ((DOMAIN, DOMAIN_INCLUDES), (RANGE, RANGE_INCLUDES)):
            if not v.values(name, strict) + v.values(name, loose):
                short, other = NAMESPACES.shorten(strict), NAMESPACES.shorten(loose)
                yield Problem((name,), f"has no {short}. Add it, or {other} where several classes fit")


def lookalikes(v: Vocabulary) -> Iterator[Problem]:
    """P12: properties of one domain and range whose names differ in has, is, of, by or the plural only."""
    seen: dict[tuple[str, ...], str] = {}
    for name in v.own_properties:
        core = [word for word in words(name) if word not in {"has", "is", "of", "by", "the"}]
        sense = ("".join(core).removesuffix("s"), *v.values(name, DOMAIN), ">", *v.values(name, RANGE))
        other = seen.setdefault(sense, name)
        if other != name and (name, other) not in v.links(INVERSE) and (other, name) not in v.links(INVERSE):
            yield Problem((name, other), "may be one property. Declare owl:equivalentProperty, or rename or drop one")


def without_inverse(v: Vocabulary) -> Iterator[Problem]:
    """P13: a relation that leads to a thing of ours, not a concept, and that has no name for the way back."""
    backwards = {name for pair in v.links(INVERSE) for name in pair} | v.declared("owl:SymmetricProperty")
    for name in sorted(set(v.own_properties) & v.object_properties - backwards):
        if any(value.startswith(LHI) for value in v.values(name, RANGE) + v.values(name, RANGE_INCLUDES)):
            yield Problem((name,), "has no inverse. Declare one with owl:inverseOf, or say in MEANT why not")


def several_domains(v: Vocabulary) -> Iterator[Problem]:
    """P19: several domains or ranges, which OWL reads as their intersection."""
    for name in v.own_properties:
        for predicate, loose in ((DOMAIN, DOMAIN_INCLUDES), (RANGE, RANGE_INCLUDES)):
            if len(v.values(name, predicate)) > 1:
                mend = f"Keep one, or list them with {NAMESPACES.shorten(loose)}"
                yield Problem((name,), f"OWL takes several as all at once. {mend}", predicate)


def misused_annotations(v: Vocabulary) -> Iterator[Problem]:
    """P20: a label that is a sentence, a definition that is none or repeats the label, an example that shows none."""
    for name in v.own:
        label, definition, example = (v.text(name, predicate) for predicate in (LABEL, DEFINITION, EXAMPLE))
        if label and (label.endswith(".") or len(label.split()) > 5):
            yield Problem((name,), "the label is a sentence. Shorten it to a name; the rest is the definition", LABEL)
        if definition and not definition.endswith((".", "`.")):
            yield Problem((name,), "the definition is no sentence. Write one, with its full stop", DEFINITION)
        if definition and content(definition) <= content(label):
            yield Problem((name,), f"the definition only says “{label}” again. Say what it means", DEFINITION)
        if example and (content(example) <= content(label) or example == definition):
            yield Problem((name,), "the example only repeats. Name a thing or a statement that it fits", EXAMPLE)
        if example.startswith(("See ", "see ")):
            yield Problem((name,), "the example sends the reader elsewhere. Write one out", EXAMPLE)


def content(text: str) -> set[str]:
    """The words of a text that carry its meaning, cut to their stems, roughly."""
    small = {"a", "an", "the", "is", "was", "be", "of", "in", "to", "by", "as", "that", "or", "and", "has", "it"}
    found = {word for word in re.findall(r"[^\W_]+", text.lower()) if word not in small}
    return {re.sub(r"(ed|es|s|d)$", "", word) if len(word) > 3 else word for word in found}


def miscellany(v: Vocabulary) -> Iterator[Problem]:
    """P21: a class for what fits nowhere else."""
    for name in v.own_classes:
        if {"other", "misc", "miscellaneous", "various", "unknown", "rest", "miscellany"} & {*words(name)}:
            yield Problem((name,), "a class for leftovers. Use the wider class, or name what these have in common")


def odd_names(v: Vocabulary) -> Iterator[Problem]:
    """P22: a class that is not in UpperCamelCase or a property that is not in lowerCamelCase."""
    for name in v.own:
        form, pattern = ("UpperCamelCase", "[A-Z]") if name in v.classes else ("lowerCamelCase", "[a-z]")
        if not re.fullmatch(f"{pattern}[A-Za-z0-9]*", name.removeprefix(LHI)):
            yield Problem((name,), f"is not in {form}. Rename it, and deprecate the old name if it was published")


def own_datatypes(v: Vocabulary) -> Iterator[Problem]:
    """P23: a class for what a datatype of OWL already holds."""
    taken = {"date", "year", "number", "integer", "decimal", "string", "text", "boolean", "datetime", "uri", "literal"}
    for name in v.own_classes:
        if "".join(words(name)) in taken:
            yield Problem((name,), "a datatype made a class. Use a datatype property with an xsd datatype")


def recursive_definitions(v: Vocabulary) -> Iterator[Problem]:
    """P24: a term that its own equivalent class, restriction or chain is made of."""
    for name in v.own:
        waiting = v.values(name, SAME_CLASS) + v.values(name, CHAIN)
        waiting += [node for node in v.values(name, SUBCLASS) if node.startswith("_:")]
        seen: set[str] = set()
        while waiting:
            node = waiting.pop()
            if node == name:
                yield Problem((name,), "is defined by itself. Take it out of its own definition")
                break
            if node.startswith("_:") and node not in seen:
                seen.add(node)
                waiting += [key(value) for values in v.statements.about(node).values() for value in values]


def inverse_of_itself(v: Vocabulary) -> Iterator[Problem]:
    """P25: a property that is its own inverse."""
    for one, other in v.links(INVERSE):
        if one == other:
            yield Problem((one,), "its own inverse. Declare it an owl:SymmetricProperty instead", INVERSE)


def inverse_of_symmetric(v: Vocabulary) -> Iterator[Problem]:
    """P26: an inverse for a property that reads the same from both ends."""
    for one, other in v.links(INVERSE):
        if one != other and v.declared("owl:SymmetricProperty") & {one, other}:
            yield Problem((one, other), "a symmetric property needs no inverse. Drop one of the two", INVERSE)


def wrong_equivalent_properties(v: Vocabulary) -> Iterator[Problem]:
    """P27: equivalent properties that are both ours, or are of different kinds, or differ in domain or range."""
    for one, other in v.links(SAME_PROPERTY):
        kinds = [names for names in (v.object_properties, v.data_properties) if one in names]
        if one.startswith(LHI) and other.startswith(LHI):
            yield Problem(
                (one, other), "two properties for one relation. Keep one and deprecate the other", SAME_PROPERTY
            )
        elif not any(other in names for names in kinds):
            yield Problem((one, other), "not of one kind, so not equivalent. Take the statement out", SAME_PROPERTY)
        elif any(v.values(other, end) and v.values(one, end) != v.values(other, end) for end in (DOMAIN, RANGE)):
            yield Problem((one, other), "differ in domain or range. Use rdfs:subPropertyOf", SAME_PROPERTY)


def wrong_symmetric(v: Vocabulary) -> Iterator[Problem]:
    """P28: a symmetric property whose domain is not its range."""
    for name in sorted(v.declared("owl:SymmetricProperty")):
        if set(v.values(name, DOMAIN)) != set(v.values(name, RANGE)):
            yield Problem(
                (name,), "symmetric, so domain and range have to be one class. Mend either, or drop it", DOMAIN
            )


def wrong_transitive(v: Vocabulary) -> Iterator[Problem]:
    """P29: a transitive property that cannot be followed twice, since its range is not within its domain."""
    for name in sorted(v.declared("owl:TransitiveProperty")):
        if not all(v.is_a(end, start) for start in v.values(name, DOMAIN) for end in v.values(name, RANGE)):
            yield Problem((name,), "transitive, so its range has to be its domain or narrower. Mend either", RANGE)


def shared_labels(v: Vocabulary) -> Iterator[Problem]:
    """P32: two classes, or two properties, with one label. A class and a property may share one: a record's field."""
    for family in (v.own_classes, v.own_properties):
        seen: dict[str, str] = {}
        for name in family:
            for label in v.values(name, LABEL):
                other = seen.setdefault(label.casefold(), name)
                if other != name:
                    yield Problem((name, other), f"both are called “{label}”. Rename one", LABEL)


def short_chains(v: Vocabulary) -> Iterator[Problem]:
    """P33: a chain of fewer than two properties."""
    for name, head in v.links(CHAIN):
        if len(v.members(head)) < 2:
            yield Problem((name,), "a chain of one property. Use rdfs:subPropertyOf", CHAIN)


def untyped_classes(v: Vocabulary) -> Iterator[Problem]:
    """P34: what stands where a class has to and is not declared as one."""
    ends = {value for name in v.object_properties for value in v.values(name, RANGE)}
    ends |= {value for _, value in v.links(DOMAIN)} | {name for pair in v.links(*CLASS_LINKS) for name in pair}
    ends |= {member for _, head in v.links(*CLASS_LISTS) for member in v.members(head)}
    ends |= {value for _, value in v.links(DOMAIN_INCLUDES, RANGE_INCLUDES)}
    ends |= {value for _, value in v.links(RDF_TYPE)}
    for name in sorted(ends):
        if not name.startswith(("_:", *BUILT_IN)) and name not in v.classes:
            where = next((key(t.subject) for t in v.triples if key(t.object) == name), name)
            yield Problem((where, name), "the second is used as a class. Declare it: `a owl:Class`")


def untyped_properties(v: Vocabulary) -> Iterator[Problem]:
    """P35: what stands where a property has to and is not declared as one."""
    used = {triple.predicate.value: key(triple.subject) for triple in reversed(v.triples)}
    for one, other in v.links(*PROPERTY_LINKS):
        used |= {one: one, other: one}
    for name, head in v.links(CHAIN):
        used |= dict.fromkeys(v.members(head), name)
    for name, where in sorted(used.items()):
        if not name.startswith(("_:", *BUILT_IN)) and name not in v.properties:
            mend = "Declare it: `a owl:ObjectProperty`, owl:DatatypeProperty or owl:AnnotationProperty"
            yield Problem((where, name), f"the second is used as a property. {mend}", name)


def file_extensions(v: Vocabulary) -> Iterator[Problem]:
    """P36: an IRI of the ontology, a version of it or a term that names a file format."""
    for name in {*v.declared("owl:Ontology"), *v.own, *(value for _, value in v.links(iri("owl:versionIRI")))}:
        if re.search(r"\.(owl|rdf|ttl|n3|nt|xml|rdfxml|jsonld|json|html?)(#|/|$)", name):
            yield Problem((name,), "an IRI outlives a file format. Take the extension out")


def undeclared_ontology(v: Vocabulary) -> Iterator[Problem]:
    """P38: no owl:Ontology, or more than one, or one that is not called as the namespace is."""
    named = v.declared("owl:Ontology")
    if named != {ONTOLOGY}:
        found = ", ".join(sorted(named)) or "none"
        yield Problem((ONTOLOGY,), f"declare the ontology once: `<{ONTOLOGY}> a owl:Ontology`. Declared: {found}")


def ambiguous_namespace(v: Vocabulary) -> Iterator[Problem]:
    """P39: a namespace that is not said, or that is not the one that the terms are in."""
    uri = iri("vann:preferredNamespaceUri")
    if v.values(ONTOLOGY, uri) != [LHI]:
        yield Problem((ONTOLOGY,), f'say where the terms are: `vann:preferredNamespaceUri "{LHI}"`', uri)
    for name in sorted(v.classes | v.properties):
        if name == LHI or (name.startswith(NAMESPACES.base) and not name.startswith(LHI)):
            yield Problem((name,), f"not in the ontology's namespace. Name it {LHI}…")


def hijacked_terms(v: Vocabulary) -> Iterator[Problem]:
    """P40: an axiom about a term of others, or a term that the vocabulary it claims to be of does not have.

    Terms are compared with rdflib's lists, and with `ELSEWHERE` for vocabularies that rdflib has no list of. What a
    vocabulary gained since cannot be known offline, hence the table.
    """
    for triple in v.triples:
        name = key(triple.subject)
        foreign = not name.startswith(("_:", NAMESPACES.base))
        if foreign and not (triple.predicate.value == RDF_TYPE and key(triple.object).startswith(REUSED["owl"])):
            mend = "Declare it and say no more; state what is ours about a term of ours"
            yield Problem((name,), f"an axiom about a term of others. {mend}", triple.predicate.value)
    for name in sorted(v.classes | v.properties):
        if not name.startswith((LHI, *BUILT_IN)) and not is_known(name):
            mend = "Mend the spelling, or read its specification and add it to ELSEWHERE"
            yield Problem((name,), f"is in no list of that vocabulary's terms. {mend}")


TERM_LISTS = {REUSED["schema"]: known.SDO} | {
    str(space): space
    for space in (known.DCAT, known.DCTERMS, known.FOAF, known.ORG, known.PROV, known.QB, known.SKOS, known.VANN)
}

#: Terms of vocabularies without a list in rdflib, or newer than its list. Those of frapo, vivo:Facility, vivo:Program
#: and spdx:checksumAlgorithm_sha256 were seen in use elsewhere; the others were not looked up.
ELSEWHERE: Mapping[str, str] = {
    "adms": "Identifier identifier",
    "frapo": "FundingProgramme SpinOffCompany",
    "geo": "lat lat_long long",
    "oa": "SpecificResource TextPositionSelector end hasSelector hasSource start",
    "schema": "StatisticalVariable observationAbout observationPeriod",
    "spdx": "Checksum algorithm checksum checksumValue",
    "vivo": "Center Facility Program University",
}


def is_known(name: str) -> bool:
    """Whether a term of others is in a list of its vocabulary's terms."""
    if any(name == REUSED[prefix] + local for prefix, locals_ in ELSEWHERE.items() for local in locals_.split()):
        return True
    return any(name.startswith(space) and name.removeprefix(space) in terms for space, terms in TERM_LISTS.items())


def unlicensed(v: Vocabulary) -> Iterator[Problem]:
    """P41: no licence, or one that is not an IRI."""
    licence = iri("dcterms:license")
    if not any(isinstance(value, ox.NamedNode) for value in v.statements.values(ONTOLOGY, licence)):
        yield Problem((ONTOLOGY,), "has no licence. Add `dcterms:license <…>` with the licence's IRI", licence)


#: The searches by the catalogue's numbers.
PITFALLS: Mapping[str, Callable[[Vocabulary], Iterator[Problem]]] = {
    "P02": synonyms, "P03": sayings_of_is, "P04": unconnected, "P05": wrong_inverses, "P06": circles,
    "P07": merged_concepts, "P08": missing_annotations, "P10": overlapping_siblings, "P11": without_domain_or_range,
    "P12": lookalikes, "P13": without_inverse, "P19": several_domains, "P20": misused_annotations, "P21": miscellany,
    "P22": odd_names, "P23": own_datatypes, "P24": recursive_definitions, "P25": inverse_of_itself,
    "P26": inverse_of_symmetric, "P27": wrong_equivalent_properties, "P28": wrong_symmetric, "P29": wrong_transitive,
    "P32": shared_labels, "P33": short_chains, "P34": untyped_classes, "P35": untyped_properties,
    "P36": file_extensions, "P38": undeclared_ontology, "P39": ambiguous_namespace, "P40": hijacked_terms,
    "P41": unlicensed,
}  # fmt: skip

#: The catalogue's other pitfalls, and why no test here looks for them.
OUT_OF_REACH: Mapping[str, str] = {
    "P01": "Whether one name is used in two senses is a question of meaning; a reader judges definitions and uses.",
    "P09": "What is missing from a domain is known from the questions asked: tests/test_questions.py asks them.",
    "P14": "Whether “only” was meant where “some” was said is in the author's mind. RL has no “some” above a class.",
    "P15": "“Some not” for “not some” needs a complement under an existential above a class; the RL test refuses both.",
    "P16": "Whether a class ought to be defined and not only described is a choice. Ours are described throughout.",
    "P17": "Whether a class ought to be an individual is a question of meaning. That no class is idle is tested.",
    "P18": "A domain too narrow shows when data are added: HermiT runs over the curated graph for that.",
    "P30": "Classes that mean the same under different names: the catalogue's service asks a thesaurus on the web.",
    "P31": "Whether two classes stated equivalent are so is a question of meaning. We state none with those of others.",
    "P37": "Whether the ontology is on the Web needs the Web. That the site serves it is tested with the site.",
}

_KINDS_OF_BODY = "a body may be of several kinds: a charity that is a company, a centre that is a collaboration"
_READ_BACKWARDS = "a field of a record: SPARQL reads it backwards with ^, and a stored inverse would say each twice"
_TWO_AT_ONCE = "a hub is often a building and the body or undertaking in it, and sources use one name for both"

#: What a search finds and we mean, by pitfall and term, with the reason.
MEANT: Mapping[str, Mapping[str, str]] = {
    "P10": {
        "lhi:Facility": _TWO_AT_ONCE,
        "lhi:Initiative": "an initiative may turn into a body or a programme, and sources do not say when",
        "lhi:InnovationDistrict": "a district is a place and a plan, with buildings and an undertaking of its name",
        "lhi:InvestmentZone": "a zone is an area and a policy, run as a programme",
        "lhi:Programme": "sources speak of a programme as if it were the body that runs it",
        "lhi:SourceDocument": "a document that is cited by place may be a register's printed edition",
        "lhi:City": "a city may be a region or a country of its own, as London is both",
        "lhi:Region": "a region may be a country, as Wales is called both",
        **dict.fromkeys(("lhi:University", "lhi:College", "lhi:NHSOrganisation", "lhi:PublicBody", "lhi:Company",
                         "lhi:Investor", "lhi:Adviser", "lhi:Charity", "lhi:OrganisationalUnit"), _KINDS_OF_BODY),
    },
    "P13": {
        **dict.fromkeys(("lhi:hasEvidence", "lhi:hasParticipation", "lhi:participant", "lhi:indicator",
                         "lhi:geography", "lhi:about", "lhi:concerns", "lhi:cubeArea", "lhi:cubeSubject",
                         "lhi:edgeFrom",
                         "lhi:edgeTo", "lhi:reportedIn", "lhi:attributedTo", "lhi:subject",
                         "lhi:object", "lhi:namedAt", "lhi:seenIn", "lhi:repeats", "lhi:givesSource"), _READ_BACKWARDS),
        "lhi:within": "derived for reading upwards; downwards it would list all there is in a country",
    },
}  # fmt: skip
