"""From a file to the graph and back: contribute, look, accept, reject, undo, through the command line."""

import hashlib
import json
import shlex
import threading

import click
import pyoxigraph as ox
import pytest
import rdflib

from leedskg.cli import main
from leedskg.errors import ConflictError
from leedskg.ledger import Stewardship
from tests.contributing import PARTNERS, Town, award, bobbin, turtle
from tests.sample_knowledge import PROJECT, write_sample

BASE = "https://w3id.org/leeds-health-innovation/"


@pytest.fixture
def town(tmp_path):
    return Town(write_sample(tmp_path), tmp_path)


def names(town, graph):
    wanted = f"<{BASE}graph/{graph}>"
    return {quad.subject.value for quad in town.quads() if str(quad.graph_name) == wanted}


def is_a_count(quad: ox.Quad) -> bool:
    """Whether a statement is a count of others, which the record of a contribution changes."""
    return str(quad.subject).startswith(f"<{BASE}graph/void#") or "Partition" in str(quad.predicate)


def test_a_table_goes_in_is_shown_in_words_accepted_and_undone(town):
    town.build()
    before = town.quads()
    said = town.contribute("partners.csv", PARTNERS, "--title", "A partnership").output
    assert "0 violations" in said
    assert "Contribution 1 is recorded" in said
    assert town.quads() == before, "nothing changes before a steward accepts it"

    shown = town.run("contributions", "show", "1", "--statements").output
    assert "added      Loom Charity becomes partner of Heartbeat Study." in shown
    assert "partners.csv:2" in shown
    assert "mary submitted" in shown
    assert "1  checked" in town.run("contributions", "list").output

    assert "Published generation 2" in town.run("contributions", "accept", "1", "--as", "john").output
    assert any("assertion/" in name for name in names(town, "contribution/1"))
    assert town.run("contributions", "list", "--state", "merged").output.startswith("    1  merged")
    again = town.run("contributions", "accept", "1", "--as", "john", code=2).output
    assert "Contribution 1 is merged already" in again

    assert "undone" in town.run("contributions", "undo", "1", "--as", "john", "--reason", "not so").output
    assert not {quad for quad in before - town.quads() if not is_a_count(quad)}
    left = {str(quad.graph_name) for quad in town.quads() - before if not is_a_count(quad)}
    assert left == {"DEFAULT", f"<{BASE}graph/provenance>"}, "only the record of it is left"
    classes = {str(quad.object) for quad in town.quads() - before if "void#class>" in str(quad.predicate)}
    assert all("prov#" in each or "spdx" in each for each in classes), classes
    kinds = [event["kind"] for event in town.json("contributions", "show", "1")["events"]]
    assert kinds == ["submitted", "checked", "accepted", "merged", "published", "undone", "published"]


def test_the_submitted_file_is_kept_byte_for_byte(town):
    content = PARTNERS.replace("\n", "\r\n").encode("utf-8-sig")
    town.contribute("partners.csv", content)
    kept = town.run("contributions", "file", "1").stdout_bytes
    assert kept == content
    assert (town.ledger / "files" / hashlib.sha256(content).hexdigest()).read_bytes() == content


def test_provenance_says_who_when_from_what_and_by_which_shapes(town):
    town.build()
    town.contribute("partners.csv", PARTNERS)
    town.run("contributions", "accept", "1", "--as", "John Smith")
    query = town.write(
        "who.rq",
        """PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX spdx: <http://spdx.org/rdf/terms#>
        SELECT ?sender ?steward ?digest ?shapes WHERE {
          GRAPH ?graph {
            ?c prov:wasDerivedFrom ?file ; prov:wasGeneratedBy ?acceptance .
            ?file prov:wasAttributedTo/rdfs:label ?sender ; spdx:checksum/spdx:checksumValue ?digest .
            ?acceptance prov:wasAssociatedWith/rdfs:label ?steward .
            ?acceptance prov:used/spdx:checksum/spdx:checksumValue ?shapes .
          } FILTER(STRENDS(STR(?graph), "graph/provenance") && ?shapes != ?digest)
        }""",
    )
    [row] = json.loads(town.run("query", query, "--format", "json").stdout)["results"]["bindings"]
    assert (row["sender"]["value"], row["steward"]["value"]) == ("mary", "John Smith")
    digests = {hashlib.sha256(PARTNERS.encode()).hexdigest(), town.json("contributions", "show", "1")["shapes"]}
    assert {row["digest"]["value"], row["shapes"]["value"]} <= digests


def test_a_violation_is_recorded_and_cannot_be_accepted(town):
    broken = bobbin().replace("lhi:confidence 1.0", "lhi:confidence 7.0")
    said = town.contribute("bobbin.ttl", broken, code=1).output
    assert "bobbin.ttl:" in said
    assert "A confidence is a number from 0 to 1" in said
    refused = town.run("contributions", "accept", "1", "--reason", "please", code=1)
    assert "has violations and cannot be accepted" in refused.output
    assert not town.state.exists(), "nothing was published"


def test_a_warning_needs_a_reason(town):
    doubtful = (
        bobbin()
        .replace('    lhi:readingNote "Made up."@en ;\n', "")
        .replace("lhi:confidence 1.0", "lhi:confidence 0.5")
    )
    assert "warning" in town.contribute("bobbin.ttl", doubtful).output
    assert "give a reason" in town.run("contributions", "accept", "1", code=1).output
    town.run("contributions", "accept", "1", "--reason", "the office confirmed it")


def test_the_check_is_made_again_when_it_is_accepted(town):
    town.build()
    town.contribute("bobbin.ttl", bobbin())
    town.contribute("award.ttl", award(), code=1)
    assert "No file says what id:bobbin-fund is" in town.run("contributions", "check", "2", code=1).output
    town.run("contributions", "accept", "1")
    assert "0 violations" in town.run("contributions", "check", "2").output
    town.run("contributions", "accept", "2")


def test_undo_is_refused_while_others_build_on_it(town):
    town.build()
    town.contribute("bobbin.ttl", bobbin())
    town.run("contributions", "accept", "1")
    town.contribute("award.ttl", award())
    town.run("contributions", "accept", "2")
    generation = town.generation()
    refused = town.run("contributions", "undo", "1", "--reason", "a mistake", code=2).output
    assert "later ones build on it" in refused
    assert "contribution 2 (“award.ttl”)" in refused
    assert "Bobbin Fund" in refused
    assert town.generation() == generation
    town.run("contributions", "undo", "2", "--reason", "first this")
    town.run("contributions", "undo", "1", "--reason", "then that")


def test_undo_is_refused_when_the_files_build_on_it(town):
    town.build()
    town.contribute("bobbin.ttl", bobbin())
    town.run("contributions", "accept", "1")
    town.sample.append("graph/town.ttl", "id:loom-charity lhi:keptApartFrom id:bobbin-fund .\n")
    refused = town.run("contributions", "undo", "1", "--reason", "a mistake", code=1).output
    assert "would have violations" in refused
    assert "graph/town.ttl" in refused


def test_a_merge_does_not_publish_files_that_were_broken_meanwhile(town):
    town.build()
    town.contribute("partners.csv", PARTNERS)
    town.sample.change("graph/town.ttl", "lhi:amount 2000000 ;", "lhi:amount -5 ;")
    said = town.run("contributions", "accept", "1", code=2).output
    assert "Contribution 1 is merged." in said
    assert "not published yet: the knowledge files were changed and have violations" in said
    assert town.generation() == 1
    town.sample.change("graph/town.ttl", "lhi:amount -5 ;", "lhi:amount 2000000 ;")
    town.run("rebuild")
    assert any("assertion/" in name for name in names(town, "contribution/1"))


def test_a_rejection_says_why_and_is_final(town):
    town.contribute("partners.csv", PARTNERS)
    assert "Say why" in town.run("contributions", "reject", "1", code=2).output
    town.run("contributions", "reject", "1", "--reason", "no source says so", "--as", "john")
    assert "john rejected: no source says so" in town.run("contributions", "show", "1").output
    town.run("contributions", "accept", "1", code=2)
    said = town.contribute("partners.csv", PARTNERS).output
    assert "This very file is contribution 1" in said, "it may be sent again, and that is said"


def test_the_same_file_twice_says_which_contribution_it_was(town):
    town.contribute("partners.csv", PARTNERS)
    said = town.contribute("other-name.csv", PARTNERS, code=1).output
    assert "This very file is contribution 1, sent at" in said
    assert len(town.json("contributions", "list")) == 1


def test_statements_that_are_there_are_noted_and_not_added_twice(town):
    town.build()
    everything = town.sample.path("graph/town.ttl").read_text(encoding="utf-8")
    said = town.contribute("town.ttl", everything, code=1).output
    assert "Everything in it is in the graph already" in said
    both = everything + "\n" + bobbin().partition("\n\n")[2]
    shown = town.contribute("both.ttl", both).output
    assert "are in the graph already and are not added twice" in shown
    assert "are not added twice" in shown


def test_single_statements_can_be_left_out(town):
    town.build()
    also = 'id:loom-charity skos:altLabel "Loom"@en , "The Loom Trust"@en .\n'
    town.contribute("also.ttl", turtle(also))
    town.run("contributions", "accept", "1", "--without", "2", "--reason", "one is printed nowhere")
    labels = {quad.object.value for quad in town.quads() if str(quad.predicate).endswith("altLabel>")}
    assert len(labels & {"Loom", "The Loom Trust"}) == 1


def test_a_statement_that_is_not_there_cannot_be_left_out(town):
    town.contribute("partners.csv", PARTNERS)
    assert "has no statement 99" in town.run("contributions", "accept", "1", "--without", "99", code=2).output


def test_a_dry_run_shows_the_change_and_records_nothing(town):
    said = town.contribute("partners.csv", PARTNERS, "--dry-run").output
    assert "Loom Charity becomes partner of Heartbeat Study" in said
    assert "Nothing was recorded" in said
    assert not town.ledger.exists()


def test_two_stewards_at_once_one_wins_and_the_other_is_told(town):
    town.build()
    town.contribute("partners.csv", PARTNERS)
    desks = [Stewardship(town.settings), Stewardship(town.settings)]
    ready, outcomes = threading.Barrier(2), []

    def accept(stewardship, who):
        ready.wait()
        try:
            outcomes.append(stewardship.accept(1, who=who, version=2))
        except ConflictError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=accept, args=pair) for pair in zip(desks, ("john", "jane"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [each for each in outcomes if isinstance(each, str)]
    assert len(refused) == 1, outcomes
    assert "merged" in refused[0]
    assert "Nothing was changed" in refused[0]
    assert [step.kind for step in desks[0].ledger.steps()] == ["merge"]


def test_two_contributions_accepted_at_once_are_both_merged(town):
    town.build()
    town.contribute("partners.csv", PARTNERS)
    town.contribute("bobbin.ttl", bobbin())
    problems = []

    def accept(number):
        done = Stewardship(town.settings).accept(number, who="john")
        problems.append(done.problem)

    threads = [threading.Thread(target=accept, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == ["", ""]
    amended = town.quads()
    town.run("rebuild")
    assert town.quads() == amended


def test_every_command_of_the_guide_is_there():
    guide = (PROJECT / "docs" / "contributing-facts.md").read_text(encoding="utf-8")
    commands = [line.split(" ", 2)[2] for line in guide.splitlines() if line.startswith("$ leedskg ")]
    assert len(commands) > 10
    for line in commands:
        command, words = main, shlex.split(line)
        while isinstance(command, click.Group):
            command = command.commands[words.pop(0)]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_the_query_of_the_guide_finds_who_accepted_what(town):
    guide = (PROJECT / "docs" / "contributing-facts.md").read_text(encoding="utf-8")
    town.build()
    town.contribute("partners.csv", PARTNERS, "--title", "A partnership")
    town.run("contributions", "accept", "1", "--as", "john")
    query = town.write("guide.rq", guide.partition("```sparql\n")[2].partition("```")[0])
    [row] = json.loads(town.run("query", query, "--format", "json").stdout)["results"]["bindings"]
    assert (row["title"]["value"], row["steward"]["value"]) == ("A partnership", "john")


def test_a_note_is_part_of_the_conversation(town):
    town.contribute("partners.csv", PARTNERS)
    town.run("contributions", "note", "1", "Is this the same body?", "--as", "jane")
    assert "jane note: Is this the same body?" in town.run("contributions", "show", "1").output


def test_the_report_is_given_as_shacl_too(town):
    town.build()
    bad = f"@prefix lhi: <{BASE}def#> .\n<{BASE}id/loom-charity> lhi:hasThemes <{BASE}id/millbrook> .\n"
    said = town.contribute("bad.ttl", bad, "--format", "shacl", "--dry-run", code=1).output
    report = rdflib.Graph().parse(data=said.split("Nothing was recorded")[0], format="turtle")
    (made,) = report.subjects(rdflib.RDF.type, rdflib.SH.ValidationReport)
    assert str(report.value(made, rdflib.SH.conforms)) == "false"
    focus = {str(report.value(result, rdflib.SH.focusNode)) for result in report.objects(made, rdflib.SH.result)}
    assert focus == {f"{BASE}id/loom-charity"}
