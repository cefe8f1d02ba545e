"""The report on a contribution: what each kind of mistake looks like in it."""

import pyoxigraph as ox
import pytest

from leedskg.validation import Change, IncrementalCheck, Severity
from leedskg.validation.views import MemoryView
from tests.reporting import CHARITY, FIRMS, NAME, PARTNERS, by_rule, contribution, report, report_on, shape, statements
from tests.sample_knowledge import NAMESPACES, entity, relationship

# What the shapes see


def test_a_sound_contribution_has_no_finding_and_says_what_was_checked(sample):
    made = report(sample, PARTNERS)
    assert made.new == made.fixed == made.already == []
    assert made.checked["record"] >= 3
    assert made.checked["shape"] > 20
    assert made.checked["place in documents"] == 1
    assert "New: 0 violations, 0 warnings, 0 infos; 0 fixed" in made.verdict


def test_nothing_checked_is_not_a_pass(sample):
    made = report_on(sample.read(), Change.of(set()))
    assert not made.new
    assert "0 statements added" in made.verdict
    assert "record" not in made.verdict.partition("Checked")[2]


def test_a_missing_field_is_new_at_its_line_and_mended_when_it_comes(sample):
    graph = sample.read().graph.statements
    rank = next(t for f in graph.files for t in f.triples if t.predicate.value == NAMESPACES.term("rank"))
    worse = report_on(sample.read(), Change.of(set(), {rank}))
    assert [(found.rule, found.field) for found in worse.new] == [(shape("assertion-rank"), "rank")]
    assert worse.new[0].place.startswith("graph/town.ttl:")
    sample.change("graph/town.ttl", "lhi:rank rank:normal ;", "")
    better = report_on(sample.read(), Change.of({rank}))
    assert [found.rule for found in better.fixed] == [shape("assertion-rank")]
    assert better.new == []


def test_what_was_wrong_with_a_touched_record_before_is_told_apart(sample):
    sample.change("graph/town.ttl", 'skos:prefLabel "Loom Charity"@en', 'skos:prefLabel "Loom  Charity"@en')
    made = report(sample, 'id:loom-charity skos:altLabel "Loom"@en .')
    assert [found.rule for found in made.already] == [shape("entity-label-tidy")]
    assert made.new == []


def test_a_record_elsewhere_that_comes_to_be_wrong_is_named(sample):
    made = report_on(sample.read(), Change.of(set(), statements(sample, "id/zoe-institute")))
    assert len(made.elsewhere) >= 2
    assert all(not group.own for group in made.elsewhere)
    assert "(not in the contribution)" in made.in_full()
    assert any("removes what this refers to" in found.message for found in made.new)


def test_where_a_check_was_cut_short_it_says_so_in_words(sample):
    knowledge = sample.read()
    view = MemoryView.of(knowledge.graph.statements, knowledge.ontology.statements)
    check = IncrementalCheck(knowledge.shapes, knowledge.ontology, fan_out=3)
    delta = check.check(view, set(), statements(sample, "agent/curation-team"))
    (words,) = delta.capped
    assert words.startswith("More than 3 statements point at agent:curation-team by “")
    assert "were not checked again" in words
    assert len(delta.new) == 3
    assert not delta.full


def test_of_several_values_the_one_that_is_wrong_has_its_line(sample):
    made = report(
        sample, "id:loom-charity lhi:keptApartFrom id:heartbeat-study ,\n id:millbrook-hospital ,\n id:nobody ."
    )
    lines = {finding.value: finding.line for finding in made.new}
    places = {
        triple.object.value: place.line
        for triple, place in contribution(
            "id:loom-charity lhi:keptApartFrom id:heartbeat-study ,\n id:millbrook-hospital ,\n id:nobody ."
        ).places.items()
    }
    assert lines["id:nobody"] == places[NAMESPACES.entity("nobody")]


# What the shapes cannot see


def test_an_unknown_property_and_an_unknown_record_are_found_once_with_what_was_meant(sample):
    made = report(sample, "id:heartbeat-study lhi:keptApartFrom id:loom-charty ; lhi:hasThemes id:millbrook .")
    messages = [found.message for found in made.new if found.rule == "vocabulary"]
    assert any("did you mean id:loom-charity?" in message for message in messages)
    assert any("did you mean lhi:hasTheme?" in message for message in messages)
    assert len({(found.record, found.property_iri) for found in made.new}) == len(made.new)
    assert all(found.place.startswith(NAME) for found in made.new)


def test_a_name_that_does_not_fit_its_content_is_found(sample):
    text = PARTNERS.replace("assertion:new-more", "assertion:0123456789abcdef")
    assert by_rule(report(sample, text).new, "identity")


def test_a_wrong_check_digit_is_found(sample):
    text = """id:millbrook-hospital <http://www.w3.org/ns/adms#identifier> id:millbrook-hospital\\#ror .
        id:millbrook-hospital\\#ror a <http://www.w3.org/ns/adms#Identifier> ;
        skos:notation "https://ror.org/024mrxd34" ;
        lhi:identifierScheme <https://w3id.org/leeds-health-innovation/scheme/identifier/ror> ."""
    assert by_rule(report(sample, text).new, "check digits")


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("Milbrook Hospital", "a letter or two apart"),
        ("Hospital of Millbrook Ltd", "the same words"),
        ("MILLBROOK HOSPITAL", "the same name"),
    ],
)
def test_a_likely_duplicate_is_a_warning_with_a_score_and_the_other_record(sample, printed, why):
    made = report(sample, entity("another", "NHSOrganisation", printed, "partners"))
    (found,) = by_rule(made.new, "likely duplicate")
    assert found.severity is Severity.WARNING
    assert found.other == NAMESPACES.entity("millbrook-hospital")
    assert found.score is not None
    assert 0.8 < found.score <= 1
    assert why in found.message
    assert "how sure" in made.in_full()


def test_a_new_name_of_an_entity_that_is_there_is_compared_too(sample):
    made = report(sample, 'id:zoe-institute skos:altLabel "Millbrok Hospital"@en .')
    assert [found.other for found in by_rule(made.new, "likely duplicate")] == [NAMESPACES.entity("millbrook-hospital")]


def test_two_new_entities_are_compared_with_each_other(sample):
    made = report(
        sample,
        entity("one", "Charity", "Weavers Fund", "funding"),
        entity("two", "Charity", "The Weavers’ Fund", "funding"),
    )
    assert by_rule(made.new, "likely duplicate")


def test_what_is_kept_apart_is_not_asked_about_again(sample):
    text = entity("another", "NHSOrganisation", "Milbrook Hospital", "partners")
    made = report(sample, text, "id:another lhi:keptApartFrom id:millbrook-hospital .")
    assert not by_rule(made.new, "likely duplicate")


def test_a_thing_of_another_kind_with_the_same_name_is_for_information(sample):
    made = report(sample, entity("another", "Product", "Loom Charity", "funding"))
    assert [found.severity for found in by_rule(made.new, "likely duplicate")] == [Severity.INFO]


def test_an_identifier_that_another_entity_has_is_a_likely_duplicate(sample):
    def numbered(slug):
        return f"""id:{slug} <http://www.w3.org/ns/adms#identifier> id:{slug}\\#charity .
            id:{slug}\\#charity a <http://www.w3.org/ns/adms#Identifier> ; skos:notation "1170369" ;
            lhi:identifierScheme <https://w3id.org/leeds-health-innovation/scheme/identifier/charity-ew> ."""

    sample.append("graph/town.ttl", numbered("loom-charity"))
    made = report(sample, entity("weavers", "Charity", "Weavers", "funding"), numbered("weavers"))
    (found,) = by_rule(made.new, "likely duplicate")
    assert found.other == NAMESPACES.entity("loom-charity")
    assert found.score == 1


def test_a_figure_that_contradicts_another_is_a_warning_with_both(sample):
    (found,) = by_rule(report(sample, FIRMS).new, "contradiction")
    assert "240 companies against 250 companies" in found.message
    assert found.severity is Severity.WARNING
    assert found.place.startswith(NAME)
    assert not by_rule(report(sample, FIRMS.replace("240", "300")).new, "contradiction")


def test_evidence_that_does_not_name_its_subject_is_found_with_the_documents_and_said_without(sample):
    (found,) = by_rule(report(sample, CHARITY).new, "evidence")
    assert "names Zoë Institute" in found.message
    without = report(sample, CHARITY, documents=False)
    assert not by_rule(without.new, "evidence")
    assert "1 place in documents" in without.unchecked[0]


def test_a_query_that_must_find_nothing_and_finds_something_is_a_finding(sample):
    text = FIRMS.replace("id:sample-text", "id:other-text")
    made = report(sample, text)
    assert by_rule(made.new, "check figures-are-reported-where-they-are-cited")


def test_links_that_appear_and_vanish_are_told_in_words_once(sample):
    made = report(sample, CHARITY)
    assert [(edge.words, edge.appears, edge.hop) for edge in made.edges] == [
        ("Loom Charity is now partner of Zoë Institute", True, True)
    ]
    gone = [triple.subject.value.removeprefix(NAMESPACES.base) for triple in statements_of_kind(sample, "FundingAward")]
    made = report_on(sample.read(), Change.of(set(), statements(sample, *gone)))
    assert [(edge.words, edge.appears) for edge in made.edges] == [
        ("Loom Charity no longer funds Heartbeat Study", False)
    ]


def statements_of_kind(sample, kind):
    graph = sample.read().graph.statements
    return [t for f in graph.files for t in f.triples if t.object == ox.NamedNode(NAMESPACES.term(kind))]


def test_a_link_that_another_relationship_gives_as_well_neither_appears_nor_vanishes(sample):
    again = relationship("again", "Partnership", "partners", ("partner", "zoe-institute"),
                         ("partner", "millbrook-hospital"), more='    lhi:validFrom "2020" ;\n')  # fmt: skip
    assert report(sample, again).edges == []
