"""The command line, as a person types it."""

import json

import pytest
from click.testing import CliRunner

from leedskg.cli import main
from tests.sample_knowledge import write_sample
from tests.terminal import Terminal


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A terminal with a published graph, which its tests only read."""
    folder = tmp_path_factory.mktemp("built")
    terminal = Terminal(write_sample(folder), folder / "var")
    assert terminal("build").exit_code == 0
    return terminal


def test_a_sound_folder_passes_and_the_amount_checked_is_said(terminal):
    done = terminal("check", "--documents", str(terminal.sample.documents_folder))
    assert done.exit_code == 0
    assert "0 violations, 0 warnings" in done.output
    assert "4 places in documents" in done.output


def test_a_finding_exits_with_1(terminal):
    terminal.sample.change("graph/town.ttl", "lhi:amount 2000000", "lhi:amount 3000000")
    done = terminal("check")
    assert done.exit_code == 1
    assert "graph/town.ttl:" in done.output


def test_findings_as_json(terminal):
    terminal.sample.change("graph/town.ttl", "lhi:amount 2000000", "lhi:amount 3000000")
    report = json.loads(terminal("check", "--format", "json").stdout)
    assert [found["severity"] for found in report["findings"]] == ["violation"]
    assert report["checked"]["assertion"] == 4


def test_what_cannot_be_read_exits_with_2_and_one_sentence(terminal):
    terminal.sample.change("graph/town.ttl", "lhi:amount 2000000 ;", "lhi:amount two million ;")
    done = terminal("check")
    assert done.exit_code == 2
    assert "graph/town.ttl:" in done.stderr
    assert "Traceback" not in done.output


def test_a_missing_knowledge_folder_is_said(terminal):
    terminal.sample.path("shapes").rename(terminal.sample.path("elsewhere"))
    done = terminal("check")
    assert done.exit_code == 2
    assert "has no shapes/" in done.stderr


def test_a_missing_folder_of_documents_is_said(terminal):
    done = terminal("check", "--documents", "nowhere")
    assert done.exit_code == 2
    assert "no folder of documents" in done.stderr


def test_a_build_with_violations_changes_nothing(terminal):
    assert terminal("build").exit_code == 0
    before = terminal("show", "Loom Charity").stdout
    terminal.sample.change("graph/town.ttl", "lhi:amount 2000000", "lhi:amount 3000000")
    done = terminal("build")
    assert done.exit_code == 1
    assert "Nothing was built" in done.stderr
    assert terminal("show", "Loom Charity").stdout == before


def test_a_build_from_broken_turtle_changes_nothing(terminal):
    assert terminal("build").exit_code == 0
    before = terminal("show", "Loom Charity").stdout
    terminal.sample.change("graph/town.ttl", "id:loom-charity a", "id:loom-charity a a a")
    assert terminal("build").exit_code == 2
    assert terminal("show", "Loom Charity").stdout == before


def test_before_the_first_build_the_way_to_it_is_said(terminal):
    done = terminal("show", "Loom Charity")
    assert done.exit_code == 2
    assert "leedskg build" in done.stderr


@pytest.mark.parametrize("name", ["Zoë Institute", "zoe institute", "ZOE-INSTITUTE", "id:zoe-institute",
                                  "https://w3id.org/leeds-health-innovation/id/zoe-institute"])  # fmt: skip
def test_an_entity_is_found_by_label_or_iri_whatever_its_case_and_accents(built, name):
    done = built("show", name)
    assert done.exit_code == 0
    assert done.stdout.startswith("Zoë Institute (research centre)")
    assert "operates Heartbeat Study" in done.stdout


def test_an_entity_is_found_by_a_variant(built):
    assert built("show", "the loom").stdout.startswith("Loom Charity")


def test_show_gives_the_place_of_each_statement(built):
    assert "Sample text, section “A made-up town”" in built("show", "Loom Charity").stdout


def test_an_unknown_name_lists_what_it_may_have_meant(built):
    done = built("show", "Zo Insitte")
    assert done.exit_code == 2
    assert "Zoë Institute (research centre)" in done.stderr


def test_an_ambiguous_name_lists_its_candidates(terminal):
    terminal.sample.change("graph/town.ttl", '"The Loom"@en', '"The Institute"@en')
    terminal.sample.change("graph/town.ttl", 'skos:prefLabel "Zoë Institute"@en ;',
                           'skos:prefLabel "Zoë Institute"@en ;\n    skos:altLabel "The Institute"@en ;\n'
                           "    lhi:keptApartFrom id:loom-charity ;")  # fmt: skip
    assert terminal("build").exit_code == 0
    done = terminal("show", "the institute")
    assert done.exit_code == 2
    assert "2 entities" in done.stderr
    assert "Loom Charity" in done.stderr
    assert "Zoë Institute" in done.stderr


def test_a_route_hop_by_hop_with_its_evidence(built):
    done = built("route", "Loom Charity", "Millbrook Hospital")
    assert done.exit_code == 0
    assert "Loom Charity – Heartbeat Study – Zoë Institute – Millbrook Hospital" in done.stdout
    assert "Loom Charity funds Heartbeat Study (funder and funded; GBP 2,000,000): one source" in done.stdout
    assert "Heartbeat Study is operated by Zoë Institute (operated and operator): one source" in done.stdout
    assert "Sample text" in done.stdout


def test_no_route_says_that_missing_data_is_not_a_missing_partnership(built):
    done = built("route", "Loom Charity", "Millbrook Hospital", "--steps", "2")
    assert done.exit_code == 1
    assert "Missing does not mean untrue" in done.stdout


def test_a_route_with_filters(built):
    done = built("route", "Loom Charity", "Millbrook Hospital", "--kind", "funding", "--kind", "Operation")
    assert done.exit_code == 1
    assert "Without --kind there is 1 route." in done.stdout
    done = built("route", "Loom Charity", "any NHS organisation", "--as-at", "2026", "--confidence", "0.9")
    assert done.exit_code == 0
    assert done.stdout.startswith("1 route of up to 4 steps; all of them.")
    done = built("route", "Loom Charity", "Millbrook Hospital", "--not-through", "Zoe Institute")
    assert done.exit_code == 1
    assert "Without --not-through there is 1 route." in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--as-at", "2023-02-30"), "no day of the calendar"),
        (("--confidence", "2"), "no confidence"),
        (("--kind", "friendship"), "There are: "),
        (("--not-through", "the loom"), "under “from” and under “not through”"),
        (("--not-through", "nobody"), "We could not find “nobody”"),
        (("--steps", "6"), "1 to 5 steps"),
    ],
)
def test_a_filter_that_cannot_be_used_says_why(built, options, words):
    done = built("route", "Loom Charity", "Millbrook Hospital", *options)
    assert done.exit_code == 2
    assert words in done.stderr


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (("millbruk hospitl", "Loom Charity"), "Millbrook Hospital"),
        (("x" * 5000, "Loom Charity"), "200 characters"),
        (("<script>alert(1)</script>", "Loom Charity"), "We could not find"),
        (("Loom Charity", "\x1b[31m"), "We could not find"),
    ],
)
def test_an_end_that_is_none_says_what_to_try(built, ends, words):
    done = built("route", *ends)
    assert done.exit_code == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_route_to_itself_is_refused(built):
    done = built("route", "Loom Charity", "the loom")
    assert done.exit_code == 2
    assert "same entity" in done.stderr


QUERY = "SELECT ?name WHERE { ?x a lhi:Charity ; skos:prefLabel ?name }"
DECLARED = (
    "PREFIX lhi: <https://w3id.org/leeds-health-innovation/def#>\n"
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n" + QUERY
)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("text", "Loom Charity"),
        ("csv", "name\r\nLoom Charity"),
        ("json", '"Loom Charity"'),
        ("tsv", '"Loom Charity"@en'),
    ],
)
def test_a_query_from_standard_input(built, form, words):
    done = built("query", "-", "--format", form, input=DECLARED)
    assert done.exit_code == 0
    assert words in done.stdout_bytes.decode()


def test_a_query_from_a_file(built, tmp_path):
    path = tmp_path / "names.rq"
    path.write_text(DECLARED, encoding="utf-8")
    assert "Loom Charity" in built("query", str(path)).stdout


def test_a_construct_query_gives_turtle(built):
    done = built("query", "-", input="CONSTRUCT { ?s a ?o } WHERE { ?s a ?o } LIMIT 1")
    assert done.exit_code == 0
    assert done.stdout.strip().endswith(".")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (QUERY, "line 1, column"),
        ("SELECT * WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }", "SERVICE"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", ""),
    ],
)
def test_a_query_that_cannot_be_run_gives_a_sentence(built, query, words):
    done = built("query", "-", input=query)
    assert done.exit_code == 2
    assert words in done.stderr
    assert "Traceback" not in done.output


def test_a_query_file_that_is_not_there(built):
    done = built("query", "nowhere.rq")
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


def test_settings_are_listed_with_the_values_in_force(terminal):
    done = CliRunner().invoke(main, ["settings"], env={"LEEDSKG_PORT": "8123"})
    assert "LEEDSKG_PORT=8123" in done.output
    for said, private in (("no", "False"), ("0", "False"), ("", "False"), ("yes", "True"), ("1", "True")):
        done = CliRunner().invoke(main, ["settings"], env={"LEEDSKG_PRIVATE_SITE": said})
        assert f"LEEDSKG_PRIVATE_SITE={private}" in done.output, said


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("LEEDSKG_PORT", "eighty", "whole number"), ("LEEDSKG_PROT", "1", "not a setting"), ("LEEDSKG_BASE", "x", "slash"),
     ("LEEDSKG_QUERY_TIMEOUT", "0", "more than 0"), ("LEEDSKG_QUERY_TIMEOUT", "nan", "more than 0"),
     ("LEEDSKG_CLIENT_TIMEOUT", "inf", "less than"), ("LEEDSKG_PRIVATE_SITE", "perhaps", "yes or no")],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_named(name, value, words):
    done = CliRunner().invoke(main, ["settings"], env={name: value})
    assert done.exit_code == 2
    assert name in done.stderr
    assert words in done.stderr


@pytest.mark.parametrize("command", ["", *main.commands])
def test_every_command_explains_itself(command):
    done = CliRunner().invoke(main, [*([command] if command else []), "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.output
