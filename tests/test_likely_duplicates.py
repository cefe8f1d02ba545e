"""Which names are taken for one another, and which are not."""

import pyoxigraph as ox
import pytest

from leedskg.graph import PREF_LABEL
from leedskg.knowledge import read_knowledge
from leedskg.naming import is_slip
from leedskg.validation import Change, Checker, Severity
from leedskg.validation.duplicates import NameIndex, words
from leedskg.validation.views import MemoryView
from tests.reporting import by_rule
from tests.sample_knowledge import NAMESPACES, PROJECT

pytestmark = pytest.mark.slow

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
    assert is_slip(one.split(), other.split()) is same


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
    made = Checker().check(knowledge, empty, Change.of(named))
    guesses = by_rule(made.new, "likely duplicate")
    assert [found for found in guesses if found.severity >= Severity.WARNING] == []
    assert len({frozenset((found.record, found.other)) for found in guesses}) <= 1
