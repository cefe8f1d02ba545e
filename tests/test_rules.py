"""What each rule derives from a small input and what it must not, and that the edge patterns are fit to derive from.

A case is a few statements, run with the project's ontology; what comes out is compared as a whole, so that a statement
too many fails as one too few does.
"""

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from leedskg import publishing
from leedskg.derivation import whole
from leedskg.errors import KnowledgeError
from leedskg.graph import CuratedGraph
from leedskg.knowledge import Knowledge, read_knowledge
from leedskg.ontology import Ontology, Rule, read_ontology
from leedskg.statements import Statements, key
from tests.ontology_pitfalls import LHI, NAMESPACES, Vocabulary, iri

PROJECT = Path(__file__).parents[1]
CASE = ox.NamedNode(NAMESPACES.graph("case"))


@cache
def ontology() -> Ontology:
    return read_ontology(PROJECT, NAMESPACES)


@cache
def ontology_quads() -> list[ox.Quad]:
    graph = ox.NamedNode(NAMESPACES.graph("ontology"))
    return [
        ox.Quad(triple.subject, triple.predicate, triple.object, graph)
        for file in ontology().statements.files
        for triple in file.triples
    ]


def store_with(turtle: str) -> ox.Store:
    store = ox.Store()
    store.extend(ontology_quads())
    store.extend(ox.Quad(t.subject, t.predicate, t.object, CASE) for t in Vocabulary.of_text(turtle).triples)
    return store


def as_text(triple: ox.Triple) -> str:
    value = triple.object
    text = NAMESPACES.shorten(value.value) if isinstance(value, ox.NamedNode) else str(value)
    return f"{NAMESPACES.shorten(key(triple.subject))} {NAMESPACES.shorten(triple.predicate.value)} {text}"


def derived(rule_name: str, turtle: str) -> set[str]:
    """What one rule makes of the case: statements that are not in it yet and that are not about the ontology."""
    store = store_with(turtle)
    rule = next(rule for rule in ontology().rules if rule.name == rule_name)
    found = store.query(rule.text, use_default_graph_as_union=True)
    return {
        as_text(triple)
        for triple in found
        if not any(store.quads_for_pattern(triple.subject, triple.predicate, triple.object))
        and key(triple.subject) not in ontology().statements
    }


def knowing(rules: Ontology) -> Knowledge:
    """Knowledge of an ontology and nothing else."""
    return Knowledge(PROJECT, rules, CuratedGraph(Statements(), rules, NAMESPACES), Statements(), (), "digest")


def derived_by_all(turtle: str) -> set[str]:
    """What all rules together make of the case, in as many rounds as they need."""
    store = store_with(turtle)
    publishing.derive(knowing(ontology()), store)
    inferred = store.quads_for_pattern(None, None, None, ox.NamedNode(NAMESPACES.graph("inferred")))
    return {as_text(quad.triple) for quad in inferred if key(quad.subject) not in ontology().statements}


def relationship(kind: str, *parts: str, more: str = "", name: str = "r") -> str:
    """A relationship of a kind, with parts such as `funder loom`."""
    heads = " , ".join(f"assertion:{name}{number}" for number, _ in enumerate(parts))
    text = f"assertion:{name} a lhi:{kind} ; lhi:hasParticipation {heads} ; {more} lhi:confidence 1.0 . "
    for number, part in enumerate(parts):
        role, who = part.split()
        text += f"assertion:{name}{number} a lhi:Participation ; lhi:role role:{role} ; lhi:participant id:{who} . "
    return text


DEPRECATED = "lhi:rank rank:deprecated ;"


# Types


def test_an_entity_is_of_every_wider_kind_of_ours_and_of_no_kind_of_others():
    assert derived("10-types.rq", "id:niqs a lhi:SpinOutCompany .") == {
        "id:niqs rdf:type lhi:Company",
        "id:niqs rdf:type lhi:Organisation",
        "id:niqs rdf:type lhi:Entity",
    }


def test_an_entity_is_also_of_the_kinds_of_other_vocabularies_that_its_kind_is_put_under():
    company = "id:niqs a lhi:SpinOutCompany ."
    assert derived("12-standard-types.rq", company) == {"id:niqs rdf:type frapo:SpinOffCompany"}
    found = derived_by_all(company)
    assert {"org:Organization", "foaf:Organization", "schema:Organization", "prov:Agent"} <= {
        line.split()[2] for line in found if "rdf:type" in line
    }


def test_the_kinds_of_an_entity_are_the_narrowest_of_ours():
    case = "id:niqs a lhi:SpinOutCompany , lhi:Company , org:Organization , lhi:Entity . id:park a lhi:Facility , "
    case += "lhi:OrganisationalCollaboration , lhi:Entity . assertion:a a lhi:Membership ."
    expected = {"id:niqs lhi:kind lhi:SpinOutCompany", "id:park lhi:kind lhi:Facility",
                "id:park lhi:kind lhi:OrganisationalCollaboration"}  # fmt: skip
    assert derived("15-kinds.rq", case) == expected
    assert {line for line in derived_by_all(case) if "lhi:kind" in line} == expected


# Names


def test_names_are_given_in_the_terms_of_rdfs_foaf_and_schema_org():
    case = 'id:mill a lhi:Entity ; skos:prefLabel "Mill"@en ; skos:altLabel "The Mill"@en ; skos:hiddenLabel "ML"@en . '
    case += 'theme:x skos:prefLabel "Weaving"@en .'
    assert derived("05-labels.rq", case) == {'id:mill rdfs:label "Mill"@en', 'theme:x rdfs:label "Weaving"@en'}
    assert derived("11-names.rq", case) == {'id:mill foaf:name "Mill"@en', 'id:mill schema:name "Mill"@en'}
    assert derived("13-other-names.rq", case) == {'id:mill schema:alternateName "The Mill"@en'}


def test_a_kind_of_others_is_not_widened():
    assert derived("10-types.rq", "id:a a schema:City , skos:Concept .") == set()


# Edges


@pytest.mark.parametrize(
    ("case", "edges"),
    [
        (relationship("Partnership", "partner mill", "partner loom"),
         {"id:mill lhi:partnerOf id:loom", "id:loom lhi:partnerOf id:mill"}),
        (relationship("Partnership", "strategic-partner mill", "partner loom"), {"id:mill lhi:partnerOf id:loom"}),
        (relationship("Partnership", "partner mill", "partner mill"), set()),
        (relationship("Partnership", "partner mill", "partner loom", more=DEPRECATED), set()),
        (relationship("FundingAward", "funder mill", "funder loom", "funded study"),
         {"id:mill lhi:funds id:study", "id:loom lhi:funds id:study"}),
        (relationship("SpinOut", "spin-out niqs", "parent-institution mill"), {"id:niqs lhi:spunOutOf id:mill"}),
        (relationship("Hosting", "host mill", "hosted loom"), {"id:mill lhi:hosts id:loom"}),
        (relationship("Membership", "member mill", "member loom", "group guild"),
         {"id:mill lhi:memberOf id:guild", "id:loom lhi:memberOf id:guild"}),
        (relationship("Composition", "part loom", "whole mill"), {"id:loom lhi:partOf id:mill"}),
        (relationship("Operation", "operator mill", "operated loom"), {"id:mill lhi:operates id:loom"}),
        (relationship("Leadership", "leader mill", "led loom"), {"id:mill lhi:leads id:loom"}),
        (relationship("Location", "located mill", "place town"), {"id:mill lhi:locatedIn id:town"}),
        (relationship("Location", "headquartered mill", "place town"), {"id:mill lhi:locatedIn id:town"}),
        (relationship("Founding", "founder mill", "founded loom"), {"id:mill lhi:founded id:loom"}),
        (relationship("Involvement", "participant mill", "activity study"), {"id:mill lhi:involvedIn id:study"}),
        (relationship("Support", "provider mill", "service labs"), {"id:mill lhi:offers id:labs"}),
        (relationship("Development", "developer mill", "development-partner loom", "output test"),
         {"id:mill lhi:developed id:test", "id:loom lhi:codeveloped id:test", "id:mill lhi:partnerOf id:loom"}),
        (relationship("Usage", "user mill", "used test"), {"id:mill lhi:uses id:test"}),
        (relationship("Succession", "predecessor mill", "successor loom"), {"id:mill lhi:succeededBy id:loom"}),
        (relationship("Authorship", "author mill", "commissioner loom", "publisher guild", "document report"),
         {"id:mill lhi:authored id:report", "id:loom lhi:commissioned id:report", "id:guild lhi:published id:report"}),
        (relationship("FundingAward", "funder mill", "recipient loom", "funded study"),
         {"id:mill lhi:funds id:study", "id:loom lhi:holdsAwardFor id:study"}),
        (relationship("Partnership", "partner mill", "partner loom", "activity test"),
         {"id:mill lhi:partnerOf id:loom", "id:loom lhi:partnerOf id:mill", "id:mill lhi:involvedIn id:test",
          "id:loom lhi:involvedIn id:test"}),
        (relationship("Location", "made test", "place town"), {"id:test lhi:madeIn id:town"}),
        (relationship("Citation", "citing report", "cited study"), {"id:report lhi:cites id:study"}),
        (relationship("Association", "associated mill", "associated loom"),
         {"id:mill lhi:associatedWith id:loom", "id:loom lhi:associatedWith id:mill"}),
        (relationship("FundingAward", "partner mill", "partner loom"), set()),
        (relationship("Partnership", "partner mill"), set()),
    ],
)  # fmt: skip
def test_roles_of_a_relationship_become_edges_as_the_patterns_say(case, edges):
    assert derived("20-edges.rq", case) == edges


def test_roles_of_two_relationships_make_no_edge():
    two = relationship("Hosting", "host mill") + relationship("Hosting", "hosted loom", name="s")
    assert derived("20-edges.rq", two) == set()


def test_two_funders_of_one_study_do_not_become_partners():
    case = relationship("FundingAward", "funder mill", "funder loom", "funded study")
    assert not [line for line in derived_by_all(case) if "partnerOf" in line]


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ("", "undated"),
        ('lhi:validFrom "2019" ;', "current"),
        ('lhi:validTo "2024" ;', "ended"),
        ('lhi:validFrom "2019" ; lhi:validTo "2024-05" ;', "ended"),
        ('lhi:validTo "2026-11-27" ;', "ended"),
        # the day, the month and the year are still running
        ('lhi:validTo "2026-11-28" ;', "current"),
        ('lhi:validTo "2026-11" ;', "current"),
        ('lhi:validTo "2026" ;', "current"),
        ('lhi:validTo "2030-01-01" ;', "current"),
    ],
)
def test_an_edge_says_how_it_stands_in_time_and_one_that_has_ended_is_no_link(more, standing):
    case = relationship("Membership", "member mill", "group guild", more=more)
    link = "assertion:r0-r1"
    assert {line.replace(f"<{NAMESPACES.base}assertion/r0-r1>", link) for line in derived("25-standings.rq", case)} == {
        f"{link} rdf:type lhi:Edge", f"{link} lhi:edgeFrom id:mill", f"{link} lhi:edgeProperty lhi:memberOf",
        f"{link} lhi:edgeTo id:guild", f"{link} lhi:standing standing:{standing}",
    }  # fmt: skip
    assert derived("20-edges.rq", case) == (set() if standing == "ended" else {"id:mill lhi:memberOf id:guild"})


def test_what_is_not_confident_enough_makes_no_edge():
    for confidence, edges in (("0.5", 0), ("0.59", 0), ("0.6", 1), ("0.7", 1)):
        case = relationship("Hosting", "host mill", "hosted loom").replace("confidence 1.0", f"confidence {confidence}")
        assert len(derived("20-edges.rq", case)) == edges
        assert len(derived("25-standings.rq", case)) == 5 * edges
        case = relationship("Support", *HELP, more=SPACE).replace("confidence 1.0", f"confidence {confidence}")
        assert len(derived("30-support.rq", case)) == 2 * edges


# The same in the terms of others


def test_an_edge_holds_in_the_terms_of_others_between_the_kinds_that_they_ask_for():
    case = "id:mill a lhi:Organisation ; lhi:memberOf id:guild . id:guild a lhi:Organisation . "
    case += "id:course a lhi:Programme ; lhi:memberOf id:guild ; lhi:fundedBy id:guild ."
    assert derived("53-standard-edges-of-kinds.rq", case) == {
        "id:mill org:memberOf id:guild", "id:mill schema:memberOf id:guild", "id:course schema:funder id:guild",
    }  # fmt: skip
    case = "assertion:a lhi:geography id:town ; lhi:about id:mill ; lhi:value 3 ."
    own = {
        line.replace(f"<{NAMESPACES.base}assertion/a>", "assertion:a") for line in derived("52-standard-edges.rq", case)
    }
    assert {"assertion:a lhi:concerns id:town", "assertion:a lhi:concerns id:mill"} <= own
    found = derived_by_all(case)
    assert {f"assertion:a {name} id:{end}" for name in ("lhi:concerns", "schema:observationAbout")
            for end in ("town", "mill")} <= {line.replace(f"<{NAMESPACES.base}assertion/a>", "assertion:a")
                                             for line in found}  # fmt: skip


def test_the_part_of_a_member_is_a_membership_with_one_organisation():
    case = relationship("Membership", "member mill", "member loom", "group guild")
    case += "id:mill a lhi:Organisation . id:guild a lhi:Organisation . id:loom a lhi:Programme ."
    assert derived("54-memberships.rq", case) == {
        "assertion:r0 rdf:type org:Membership", "assertion:r0 org:member id:mill",
        "assertion:r0 org:organization id:guild", "assertion:r0 org:role role:member",
    }  # fmt: skip
    assert derived("54-memberships.rq", case.replace("confidence 1.0", "confidence 0.5")) == set()


# Support


HELP, SPACE = ("provider mill", "service labs"), "lhi:need need:work-space ;"
STAGED = f"{SPACE} lhi:stage stage:solution-development ;"


@pytest.mark.parametrize(
    ("case", "found"),
    [
        (relationship("Support", "provider mill", more=SPACE),
         {"id:mill lhi:helpsWith need:work-space"}),
        (relationship("Support", *HELP, more=SPACE),
         {"id:mill lhi:helpsWith need:work-space", "id:labs lhi:meetsNeed need:work-space"}),
        (relationship("Support", *HELP, more=STAGED),
         {"id:mill lhi:helpsWith need:work-space", "id:labs lhi:meetsNeed need:work-space",
          "id:labs lhi:atStage stage:solution-development"}),
        (relationship("Support", "provider mill", more=STAGED),
         {"id:mill lhi:helpsWith need:work-space"}),
        (relationship("Support", *HELP, more=SPACE + DEPRECATED), set()),
        (relationship("Support", *HELP), set()),
        (relationship("Usage", *HELP, more=SPACE), set()),
    ],
)  # fmt: skip
def test_help_with_a_need_joins_provider_and_service_to_it(case, found):
    assert derived("30-support.rq", case) == found


# Attributes


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("lhi:property lhi:hasTheme ; lhi:object theme:diabetes", {"id:mill lhi:hasTheme theme:diabetes"}),
        ('lhi:property lhi:aim ; lhi:literalValue "To weave."@en', {'id:mill lhi:aim "To weave."@en'}),
        ("lhi:property lhi:hasTheme ; lhi:object theme:diabetes ; lhi:rank rank:normal",
         {"id:mill lhi:hasTheme theme:diabetes"}),
        ("lhi:property lhi:hasTheme ; lhi:object theme:diabetes ; lhi:rank rank:deprecated", set()),
        ("lhi:property lhi:hasTheme", set()),
    ],
)  # fmt: skip
def test_an_attribute_statement_gives_its_subject_the_property(more, found):
    said = f"assertion:a a lhi:AttributeStatement ; lhi:confidence 1.0 ; lhi:subject id:mill ; {more} ."
    assert derived("40-attributes.rq", said) == found
    assert derived("40-attributes.rq", said.replace("1.0", "0.5")) == set()


# Positions


@pytest.mark.parametrize(
    ("case", "found"),
    [
        ('id:mill lhi:position "53.79648,-1.54785" .', {f"id:mill geo:{name} \"{value}\"^^<http://www.w3.org/2001/XMLSchema#decimal>"
          for name, value in (("lat", "53.79648"), ("long", "-1.54785"))}),
        ('id:mill lhi:position "53.79648,-1.54785" , "53.8,-1.5" .', set()),
    ],
)  # fmt: skip
def test_a_position_gives_latitude_and_longitude_unless_there_are_two(case, found):
    assert derived("45-positions.rq", case) == found


# Inverses


@pytest.mark.parametrize(
    ("case", "found"),
    [
        ("id:mill lhi:funds id:loom .", {"id:loom lhi:fundedBy id:mill"}),
        ("id:loom lhi:fundedBy id:mill .", {"id:mill lhi:funds id:loom"}),
        ("id:mill lhi:partnerOf id:loom .", {"id:loom lhi:partnerOf id:mill"}),
        ("assertion:a lhi:conflictsWith assertion:b .", {"assertion:b lhi:conflictsWith assertion:a"}),
        ("id:mill lhi:hasTheme theme:diabetes .", set()),
    ],
)
def test_an_edge_can_be_read_from_both_ends(case, found):
    assert derived("50-inverses.rq", case) == found


# Within


def test_a_thing_is_within_the_places_that_its_place_lies_in():
    case = "id:mill lhi:locatedIn id:quarter . id:quarter lhi:locatedIn id:town . id:town lhi:locatedIn id:county ."
    assert derived("60-within.rq", case) == {
        "id:mill lhi:within id:quarter", "id:mill lhi:within id:town", "id:mill lhi:within id:county",
        "id:quarter lhi:within id:town", "id:quarter lhi:within id:county", "id:town lhi:within id:county",
    }  # fmt: skip


def test_a_part_or_a_guest_is_not_placed_by_its_whole_or_its_host():
    assert derived("60-within.rq", "id:unit lhi:partOf id:mill . id:mill lhi:hosts id:guest .") == set()
    placed = derived_by_all("id:unit lhi:partOf id:mill . id:mill lhi:hosts id:guest ; lhi:locatedIn id:town .")
    assert {line for line in placed if "within" in line} == {"id:mill lhi:within id:town"}


# Conflicts


def figure(name: str, value: str, qualifier: str, more: str = "", *, unit: str = "company", of: str = "firms") -> str:
    return (
        f"assertion:{name} a lhi:IndicatorObservation ; lhi:indicator id:{of} ; lhi:unit unit:{unit} ; "
        f"lhi:value {value} ; lhi:qualifier qualifier:{qualifier} {more} . "
    )


TOWN, COUNTY = "; lhi:geography id:town", "; lhi:geography id:county"
LONG_AGO, NOW = '; lhi:referencePeriod "2019"', '; lhi:referencePeriod "2024"'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("144", "exact", TOWN), ("250", "more-than", TOWN)),
        (("144", "exact"), ("145", "exact")),
        (("100", "about"), ("200", "about")),
        (("10", "up-to"), ("11", "exact")),
        (("10", "up-to"), ("10", "more-than")),
        (("250", "exact"), ("250", "more-than")),
        (("80", "exact"), ("100", "almost")),
        (("144", "exact", TOWN + NOW), ("250", "more-than", TOWN + NOW)),
        (("3", "exact", "; lhi:about id:mill"), ("4", "exact", "; lhi:about id:mill")),
        (("1.5", "exact"), ("2", "exact")),
        (("-5", "exact"), ("-4", "exact")),
        (("-20", "about"), ("-10", "about")),
    ],
)
def test_figures_that_cannot_both_hold_are_in_conflict(one, other):
    case = figure("one", *one) + figure("other", *other)
    assert derived("70-conflicts.rq", case) == {"assertion:one lhi:conflictsWith assertion:other"}
    both = {"assertion:one lhi:conflictsWith assertion:other", "assertion:other lhi:conflictsWith assertion:one"}
    assert both <= derived_by_all(case), "a conflict is read from both ends"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("144", "exact", TOWN), ("250", "more-than", COUNTY)),
        (("144", "exact", TOWN), ("250", "more-than")),
        (("144", "exact", LONG_AGO), ("250", "exact", NOW)),
        (("144", "exact"), ("250", "exact", NOW)),
        (("3", "exact", "; lhi:about id:mill"), ("4", "exact", "; lhi:about id:loom")),
        (("3", "exact", "; lhi:about id:mill"), ("4", "exact")),
        (("250", "exact"), ("250", "exact")),
        (("250", "exact"), ("250.0", "exact")),
        (("251", "exact"), ("250", "more-than")),
        (("200", "more-than"), ("250", "more-than")),
        (("100", "up-to"), ("250", "up-to")),
        (("100", "about"), ("120", "about")),
        (("100", "about"), ("110", "exact")),
        (("100", "almost"), ("90", "exact")),
        (("100", "about"), ("100", "more-than")),
        (("10", "up-to"), ("10", "exact")),
        (("0", "about"), ("0", "exact")),
        (("-10", "about"), ("-10", "exact")),
        (("-10", "about"), ("-11", "about")),
        (("144", "exact", "; lhi:rank rank:deprecated"), ("250", "exact")),
        (("144", "exact"), ("250", "exact", "; lhi:rank rank:deprecated")),
    ],
)
def test_figures_that_may_both_hold_or_are_about_different_matters_raise_no_alarm(one, other):
    assert derived("70-conflicts.rq", figure("one", *one) + figure("other", *other)) == set()


def test_other_populations_and_other_units_are_not_in_conflict():
    assert derived("70-conflicts.rq", figure("one", "1", "exact") + figure("other", "2", "exact", of="shops")) == set()
    assert derived("70-conflicts.rq", figure("one", "1", "exact") + figure("other", "2", "exact", unit="job")) == set()


# The data cube


def test_a_figure_is_an_observation_with_a_value_for_every_dimension_unless_it_is_deprecated():
    case = "assertion:a a lhi:IndicatorObservation ; lhi:geography id:town"
    found = {line.split(" ", 1)[1] for line in derived("80-cube.rq", f"{case} .")}
    text = "^^<http://www.w3.org/2001/XMLSchema#string>"
    assert {line.replace(text, "") for line in found} == {
        "rdf:type qb:Observation", "qb:dataSet lhi:figures", "lhi:cubeArea id:town", "lhi:cubeSubject lhi:not-stated",
        'lhi:cubePeriod "not stated"', 'lhi:cubeScope "not stated"',
    }  # fmt: skip
    assert derived("80-cube.rq", f"{case} ; lhi:rank rank:deprecated .") == set()


# The rules together


def test_every_rule_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")
    missing = [rule.name for rule in ontology().rules if f'derived("{rule.name}"' not in text]
    assert not missing, f"show in tests/test_rules.py what these derive, and what not: {missing}"


def test_edges_inverses_and_places_follow_from_one_another():
    case = relationship("Location", "located mill", "place town")
    case += relationship("Location", "located town", "place county", name="s")
    case += "id:mill a lhi:Facility . id:town a lhi:City . id:county a lhi:Region ."
    found = {line for line in derived_by_all(case) if line.startswith("id:")}
    assert {line for line in found if re.search("lhi:(locat|within)", line)} == {
        "id:mill lhi:locatedIn id:town", "id:town lhi:locationOf id:mill", "id:mill lhi:within id:town",
        "id:town lhi:locatedIn id:county", "id:county lhi:locationOf id:town", "id:town lhi:within id:county",
        "id:mill lhi:within id:county",
    }  # fmt: skip


def test_the_rules_reach_their_end_in_few_rounds(monkeypatch):
    monkeypatch.setattr(whole, "MOST_ROUNDS", 4)
    loaded = publishing.load(read_knowledge(PROJECT, NAMESPACES), ox.Store())
    assert loaded.derived > 1000


def test_a_rule_that_feeds_itself_is_stopped():
    endless = 'CONSTRUCT { ?s ?p ?next } WHERE { ?s ?p ?o FILTER(isIRI(?o)) BIND(IRI(CONCAT(STR(?o), "1")) AS ?next) }'
    rules = replace(ontology(), rules=(Rule("99-endless.rq", endless),))
    store = ox.Store()
    store.add(ox.Quad(CASE, CASE, CASE, CASE))
    with pytest.raises(KnowledgeError, match="feeds itself"):
        publishing.derive(knowing(rules), store)


# Edge patterns


def records(kind: str) -> list[str]:
    return list(ontology().statements.of_type([LHI + kind], iri("rdf:type")))


def told(lines: list[str]) -> None:
    assert not lines, "to mend in ontology/edges.ttl:\n" + "\n".join(lines)


def value(name: str, local: str) -> str:
    return ontology().statements.text(name, LHI + local) or ""


def at(name: str) -> str:
    place = ontology().statements.place(name)
    assert place
    return f"{place[0]}:{place[1]} {NAMESPACES.shorten(name)}"


def test_each_pattern_names_a_kind_of_relationship_two_roles_and_an_edge_that_exist():
    said, kinds = ontology().statements, ontology().narrower(LHI + "Relationship") - {LHI + "Relationship"}
    roles = {name for name in said.subjects() if NAMESPACES.concept("role", "") in name
             and iri("skos:Concept") in said.texts(name, iri("rdf:type"))}  # fmt: skip
    wrong = []
    for name in records("EdgePattern"):
        if value(name, "relationshipType") not in kinds:
            wrong.append(f"{at(name)}: give lhi:relationshipType a declared kind of lhi:Relationship")
        ends = [end for end in ("fromRole", "toRole") if value(name, end) not in roles]
        mend = "one role of scheme:role, or add the role to schemes.ttl"
        wrong += [f"{at(name)}: give lhi:{end} {mend}" for end in ends]
        edge = value(name, "derives")
        if iri("owl:ObjectProperty") not in said.texts(edge, iri("rdf:type")):
            wrong.append(f"{at(name)}: lhi:derives {NAMESPACES.shorten(edge)} is no object property; declare it")
        symmetric = iri("owl:SymmetricProperty") in said.texts(edge, iri("rdf:type"))
        if value(name, "fromRole") == value(name, "toRole") and not symmetric:
            wrong.append(f"{at(name)}: both ends have one role, so its edge has to be an owl:SymmetricProperty")
    told(wrong)
    assert len(records("EdgePattern")) > 15


def test_each_pattern_has_weights_within_bounds_and_a_reason():
    wrong = []
    for name in records("EdgePattern"):
        hop, relevance, half_life = (value(name, local) for local in ("hop", "relevance", "halfLife"))
        if hop not in {"true", "false"}:
            wrong.append(f"{at(name)}: say whether a route may use it: lhi:hop true or false")
        elif hop == "true" and not (relevance and 0 < Decimal(relevance) <= 1):
            wrong.append(f"{at(name)}: give lhi:relevance a value above 0, up to 1; it has {relevance or 'none'}")
        elif hop == "true" and not (half_life and Decimal(half_life) > 0):
            wrong.append(f"{at(name)}: give lhi:halfLife a number of years above 0; it has {half_life or 'none'}")
        elif hop == "false" and (relevance or half_life):
            wrong.append(f"{at(name)}: no route uses it, so take out lhi:relevance and lhi:halfLife")
        if len(value(name, "weightReason").split()) < 5:
            wrong.append(f"{at(name)}: say in lhi:weightReason, in a sentence, why it weighs what it does")
    told(wrong)


def test_the_route_model_has_weights_and_reasons():
    (model,) = records("RouteModel")
    numbers = ("exclusivityWeight", "hopPenalty", "poolSize", "overlapPenalty", "comparedPairs", "comparedSteps")
    for local in numbers:
        assert value(model, local), f"{at(model)}: add lhi:{local}"
        assert Decimal(value(model, local)) >= 0, f"{at(model)}: lhi:{local} is 0 or more"
    for local in ("exclusivityReason", "hopReason", "poolReason", "overlapReason", "comparedReason"):
        assert len(value(model, local).split()) > 4, f"{at(model)}: say why in lhi:{local}"


def test_no_two_patterns_derive_from_the_same_roles():
    seen: dict[tuple[str, ...], str] = {}
    wrong = []
    for name in records("EdgePattern"):
        sense = tuple(value(name, local) for local in ("relationshipType", "fromRole", "toRole"))
        other = seen.setdefault(sense, name)
        if other != name:
            wrong.append(f"{at(name)}: reads the same roles as {at(other)}; keep one")
    told(wrong)


def test_every_kind_of_relationship_and_every_role_is_in_a_pattern():
    patterns = records("EdgePattern")
    read = {value(name, local) for name in patterns for local in ("relationshipType", "fromRole", "toRole")}
    kinds = ontology().narrower(LHI + "Relationship") - {LHI + "Relationship"}
    said = ontology().statements
    roles = {name for name in said.subjects() if iri("scheme:role") in said.texts(name, iri("skos:inScheme"))}
    mend = "in no pattern, so it makes no edge; add one, or drop it"
    told([f"{at(name)}: {mend}" for name in sorted((kinds | roles) - read)])
