"""The report on a contribution: what each kind of mistake looks like in it, and its four forms."""

import json
from html.parser import HTMLParser

import jinja2
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDF, SH

from leedskg.graph import PREF_LABEL
from leedskg.identity import mint
from leedskg.knowledge import read_knowledge
from leedskg.publishing import build
from leedskg.statements import parse_turtle
from leedskg.validation import Contribution, ContributionChecker, IncrementalCheck, Place, Severity, report_on
from leedskg.validation.duplicates import NameIndex, is_misprint, words
from leedskg.validation.views import MemoryView, StoreView
from tests.sample_knowledge import MADE, NAMESPACES, PREFIXES, PROJECT, entity, evidence, relationship

NAME = "contribution.ttl"
FIRMS = f"""assertion:new-firms a lhi:IndicatorObservation ;
    lhi:indicator id:indicator-firms ;
    lhi:value 240 ;
    lhi:unit unit:company ;
    lhi:qualifier qualifier:exact ;
    lhi:geography id:millbrook ;
    lhi:reportedIn id:sample-text ;
    lhi:hasEvidence {evidence("firms")} ;
{MADE}
"""
PARTNERS = relationship("more", "Partnership", "partners", ("partner", "millbrook-hospital"),
                        ("strategic-partner", "zoe-institute"))  # fmt: skip


CHARITY = relationship("charity", "Partnership", "funding", ("partner", "loom-charity"), ("partner", "zoe-institute"))


def contribution(*texts, removed=()):
    """A Turtle file as a contribution, its drafts named, every statement with its line."""
    text, _ = mint(PREFIXES + "\n" + "\n".join(texts), NAME, NAMESPACES)
    file = parse_turtle(text.encode(), NAME)
    places = {triple: Place(NAME, line) for triple, line in zip(file.triples, file.lines, strict=True)}
    return Contribution(set(file.triples), set(removed), places, "a contribution")


def report(sample, *texts, removed=(), documents=True):
    made = contribution(*texts, removed=removed)
    return report_on(sample.read(), made, sample.documents() if documents else None)


def statements(sample, *slugs):
    """Everything that the sample says of these records."""
    graph = sample.read().graph.statements
    iris = {NAMESPACES.base + slug for slug in slugs}
    return {triple for file in graph.files for triple in file.triples if triple.subject.value.partition("#")[0] in iris}


def by_rule(found, rule):
    return [finding for finding in found if finding.rule == rule]


def shape(name):
    return f"<{NAMESPACES.base}shape/{name}>"


# What the shapes see


def test_a_sound_contribution_has_no_finding_and_says_what_was_checked(sample):
    made = report(sample, PARTNERS)
    assert made.new == made.fixed == made.already == []
    assert made.checked["record"] >= 3
    assert made.checked["shape"] > 20
    assert made.checked["place in documents"] == 1
    assert "0 violations, 0 warnings, 0 infos that are new" in made.verdict


def test_nothing_checked_is_not_a_pass(sample):
    made = report_on(sample.read(), Contribution(set()))
    assert not made.new
    assert "0 statements added" in made.verdict
    assert "record" not in made.verdict.partition("Checked")[2]


def test_a_missing_field_is_new_at_its_line_and_mended_when_it_comes(sample):
    graph = sample.read().graph.statements
    rank = next(t for f in graph.files for t in f.triples if t.predicate.value == NAMESPACES.term("rank"))
    worse = report_on(sample.read(), Contribution(set(), {rank}))
    assert [(found.rule, found.field) for found in worse.new] == [(shape("assertion-rank"), "rank")]
    assert worse.new[0].place.startswith("graph/town.ttl:")
    sample.change("graph/town.ttl", "lhi:rank rank:normal ;", "")
    better = report_on(sample.read(), Contribution({rank}))
    assert [found.rule for found in better.fixed] == [shape("assertion-rank")]
    assert better.new == []


def test_what_was_wrong_with_a_touched_record_before_is_told_apart(sample):
    sample.change("graph/town.ttl", 'skos:prefLabel "Loom Charity"@en', 'skos:prefLabel "Loom  Charity"@en')
    made = report(sample, 'id:loom-charity skos:altLabel "Loom"@en .')
    assert [found.rule for found in made.already] == [shape("entity-label-tidy")]
    assert made.new == []


def test_a_record_elsewhere_that_comes_to_be_wrong_is_named(sample):
    made = report_on(sample.read(), Contribution(set(), statements(sample, "id/zoe-institute")))
    assert len(made.elsewhere) >= 2
    assert all(not group.own for group in made.elsewhere)
    assert "(not in the contribution)" in made.as_text()
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
    assert "how sure" in made.as_text()


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
    made = report_on(sample.read(), Contribution(set(), statements(sample, *gone)))
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


# The forms of a report


def test_the_text_is_grouped_by_record_and_the_worst_comes_first(sample):
    text = report(sample, entity("odd", "Charity", "Odd  Fund", "funding"), FIRMS).as_text()
    assert text.index("Odd  Fund\n  violation") < text.index("Number of device firms\n  warning")
    assert f"({NAME}:" in text


def test_the_json_has_everything_and_is_plain(sample):
    made = report(sample, FIRMS)
    read = json.loads(json.dumps(made.as_dict()))
    assert read["new"][0]["severity"] == "warning"
    assert read["new"][0]["file"] == NAME
    assert read["checked"]["record"] == made.checked["record"]
    assert set(read) >= {"new", "fixed", "already", "links", "unchecked", "capped", "verdict"}


def test_a_cell_of_a_workbook_is_a_place(sample):
    made = contribution(FIRMS)
    cells = {triple: Place("figures.xlsx", sheet="Figures", cell="C4") for triple in made.added}
    found = report_on(sample.read(), Contribution(made.added, set(), cells), sample.documents()).new
    assert {finding.place for finding in found} == {"figures.xlsx, Figures!C4"}
    assert found[0].as_dict()["cell"] == "C4"


def test_the_turtle_is_a_shacl_report(sample):
    made = report(sample, entity("odd", "Charity", "Odd  Fund", "funding"))
    graph = rdflib.Graph().parse(data=made.as_shacl(NAMESPACES.base), format="turtle")
    whole = graph.value(predicate=RDF.type, object=SH.ValidationReport)
    assert not graph.value(whole, SH.conforms).toPython()
    results = list(graph.objects(whole, SH.result))
    assert len(results) == len(made.new) + len(made.already)
    for result in results:
        for needed in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.resultMessage):
            assert graph.value(result, needed) is not None, needed
    assert (None, SH.sourceShape, rdflib.URIRef(NAMESPACES.base + "shape/entity-label-tidy")) in graph


class Outline(HTMLParser):
    """Headings, tables and scripts of a page."""

    def __init__(self, text):
        super().__init__()
        self.headings, self.tables, self.captions, self.scopes, self.heads, self.tags = [], 0, 0, 0, 0, set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.heads += tag == "th"
        self.scopes += tag == "th" and "scope" in dict(attrs)
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))


def test_the_html_has_headings_and_tables_with_captions_and_keeps_text_as_text(sample):
    loader = jinja2.FileSystemLoader(PROJECT / "server" / "leedskg" / "web" / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    odd = entity("odd", "Charity", "<script>alert(1)</script>  ", "funding")
    made = report(sample, odd, FIRMS, CHARITY, documents=False)
    macro = templates.get_template("contributions/_report.html").module.contribution_report
    page = str(macro(made, lambda record: f"/entity/{record.rpartition('/')[2]}" if "/id/" in record else None))
    outline = Outline(page)
    assert "script" not in outline.tags
    assert "&lt;script&gt;" in page
    assert outline.headings[0] == 2
    assert set(outline.headings) == {2, 3}
    assert outline.tables == outline.captions >= 3
    assert outline.heads == outline.scopes
    assert "Not checked" in page
    assert 'href="/entity/odd"' in page


# Names


def test_names_that_differ_in_form_are_one():
    assert words("University of Leeds") == words("Leeds University") == words("The LEEDS University, Ltd.")
    assert words("Zoë’s Institute") == words("Zoes Institute")
    assert words("St James's Hospital") != words("St Luke's Hospital")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("hospital milbrook", "hospital millbrook", True),
        ("building leeds 1", "building leeds 2", False),
        ("north leeds trust", "south leeds trust", False),
        ("cancer centre leeds", "cancer centre leads", True),
        ("bio leeds", "geo leeds", False),
        ("health tech leeds", "healthtech leeds", True),
    ],
)
def test_a_misprint_is_a_slip_in_one_word_and_never_in_a_number(one, other, same):
    assert is_misprint(one, other) is same


def test_an_acronym_leads_to_what_it_may_stand_for():
    index = NameIndex()
    index.add("a", "Leeds Teaching Hospitals NHS Trust")
    index.add("b", "LGI")
    assert [found.other for found in index.like("x", "LTHT")] == ["a"]
    assert [found.other for found in index.like("x", "Leeds General Infirmary")] == ["b"]
    assert list(index.like("x", "NHS")) == []


def test_no_two_of_our_own_entities_are_taken_for_one_another():
    """But for one pair that the graph has as a product and as the company of the same name."""
    knowledge = read_knowledge(PROJECT, NAMESPACES)
    graph = knowledge.graph
    view = MemoryView.of(graph.statements, knowledge.ontology.statements)
    named = {
        triple
        for entity_iri in graph.entities()
        for triple in view.pattern(ox.NamedNode(entity_iri), ox.NamedNode(PREF_LABEL), None)
    }
    empty = MemoryView(set(view.pattern(None, None, None)) - named)
    made = ContributionChecker(knowledge).report(empty, Contribution(named))
    guesses = by_rule(made.new, "likely duplicate")
    assert [found for found in guesses if found.severity >= Severity.WARNING] == []
    assert len({frozenset((found.record, found.other)) for found in guesses}) <= 1


# The same from a published store


def test_the_report_is_the_same_from_a_published_store(sample, tmp_path):
    knowledge = sample.read()
    generation = build(knowledge, tmp_path / "state", keep=1)
    store = StoreView(ox.Store.read_only(str(generation.path)), NAMESPACES)
    text = entity("another", "NHSOrganisation", "Milbrook Hospital", "partners")
    made = contribution(text, FIRMS, PARTNERS)
    expected = report_on(knowledge, made, sample.documents())
    found = ContributionChecker(knowledge).report(store, made, sample.documents())
    assert found.new == expected.new
    assert found.edges == expected.edges
    assert any("around the contribution" in note for note in found.unchecked)
