"""What is kept from one step to the next is what would be read anew, and what is checked once is not checked twice."""

import pyoxigraph as ox
import pytest

from leedskg.ledger import Stewardship
from leedskg.ledger.lines import Lines
from leedskg.validation import Checker
from tests.contributing import PARTNERS, Town, turtle
from tests.sample_knowledge import write_sample


class Counting(Checker):
    """A checker that counts how often it is asked."""

    times = 0

    def check(self, *values, **named):
        self.times += 1
        return super().check(*values, **named)


def named(triples):
    """The statements without blank nodes, which have other names in a store."""
    return {each for each in triples if not {type(each.subject), type(each.object)} & {ox.BlankNode}}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pace")
    return Town(write_sample(folder), folder)


@pytest.fixture(scope="module")
def checker():
    return Counting()


@pytest.fixture(scope="module")
def stewardship(town, checker):
    made = Stewardship(town.settings, checker=checker)
    made.publication.publish()
    return made


def test_what_was_checked_is_sent_without_a_second_check_unless_something_changed(stewardship, checker):
    content = PARTNERS.encode()
    stewardship.preview(content, "partners.csv")
    sent = stewardship.submit(content, "partners.csv", who="mary")
    assert checker.times == 1
    assert sent.report["findings"] is not None
    _, again = stewardship.preview(content, "partners.csv")
    assert any("This very file" in each.message for each in again.findings)
    stewardship.preview(content, "others.csv")
    assert stewardship.accept(sent.id, who="john", reason="seen").generation is not None


def test_the_published_state_is_read_as_files_and_steps_state_it(town, stewardship):
    present, replay = stewardship.publication.present(), stewardship.publication.replay().graph
    stated = {
        triple
        for statements in (replay.graph.statements, replay.ontology.statements)
        for file in statements.files
        for triple in file.triples
    }
    assert named(present.view.pattern(None, None, None)) == named(present.view.canonical(stated))

    # A relationship that an edge of the graph is about (`graph/reified`) can be changed like any other record.
    for subject in present.graph.graph.statements.subjects():
        present.graph.graph.statements.about(subject)
    merged = stewardship.ledger.statements(1)
    record = next(each.triple.subject.value for each in merged if each.triple.predicate.value.endswith("#confidence"))
    added = f'<{record}> lhi:readingNote "Read again."@en .'
    sent = stewardship.submit(turtle(added).encode(), "rank.ttl", who="mary")
    assert stewardship.accept(sent.id, who="john", reason="seen").generation is not None
    taken_over = stewardship.publication.present().graph.graph.statements
    anew = Stewardship(town.settings).publication.present().graph.graph.statements
    assert {each: taken_over.about(each) for each in anew.subjects()} == {
        each: anew.about(each) for each in anew.subjects()
    }


def test_lines_are_the_same_one_by_one_and_all_at_once(stewardship):
    lines, ledger = Lines(stewardship.ledger), stewardship.ledger
    for each in 2 * ledger.statements(1):
        text = str(each.triple)
        assert lines.of(1, text) == ledger.line_of(1, text) == each.place.line
    assert lines.of(1, "<a:b> <a:b> <a:b>") == 0
