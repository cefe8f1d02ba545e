"""Tables into statements: what is read, what is written, and what is said when it cannot be."""

import re
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leedskg.cli import main
from leedskg.contributions import MOST_ROWS, append, draft, read_csv, whole_file
from leedskg.contributions.entities import slug
from leedskg.contributions.turtle import prefixes_in, text
from leedskg.contributions.values import CellError, amount, check_cell, confidence, figure
from leedskg.errors import KnowledgeError
from leedskg.identity import expected_name
from leedskg.statements import Statements, parse_turtle
from leedskg.validation import Severity, check
from tests.sample_knowledge import NAMESPACES, TEXT, evidence, write_sample

NOW = datetime(2026, 11, 21, 12, 30, 15, 999, tzinfo=UTC)
HOSTED = "kind,host,hosted,document,passage\nhosting,Millbrook Hospital,Zoë Institute,sample.txt,work together on\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A sample that its tests only read."""
    return write_sample(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module")
def knowledge(town):
    return town.read()


@pytest.fixture(scope="module")
def drafted(town, knowledge):
    def make(content):
        content = content.encode() if isinstance(content, str) else content
        return draft(read_csv(content, "table.csv"), knowledge, town.documents(), NOW)

    return make


def messages(made):
    return [finding.message for finding in made.report.findings]


# Reading


def test_rows_know_their_number_and_their_line():
    table = read_csv(b'name,kind\n\n"Loom\nCharity",charity\nMill,company\n', "t.csv")
    assert [(row.number, row.line, row.texts[0]) for row in table.rows] == [(3, 3, "Loom Charity"), (4, 5, "Mill")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_of_any_program_are_read(separator, end):
    content = end.join(separator.join(row) for row in [["name", "kind"], ["Loom, the", "charity"][::-1]])
    rows = read_csv(content.replace("Loom, the", '"Loom, the"').encode(), "t.csv").rows
    assert [row.texts for row in rows] == [("charity", "Loom, the")]


def test_cells_lose_white_space_and_characters_without_a_width():
    content = "name,kind\n\u200b Loom\u00a0 Charity ,  e\u0301tude\n".encode()
    assert read_csv(content, "t.csv").rows[0].texts == ("Loom Charity", "étude")


def test_bytes_that_are_no_utf_8_are_said_with_their_line():
    found = read_csv("name,kind\nZoë Institute,charity\n".encode("latin-1"), "t.csv").findings
    assert found[0].place == "t.csv:2"
    assert "“ë”" in found[0].message


def test_a_quotation_mark_that_is_never_closed_is_said_with_its_row():
    found = read_csv(b'name,kind\nMill,company\n"Loom,charity\nDye,company\n', "t.csv").findings
    assert [(each.record_label, each.place) for each in found] == [("row 3", "t.csv:3")]


def test_the_rows_above_such_a_quotation_mark_are_checked_as_well(drafted):
    made = drafted(HOSTED.replace("Millbrook Hospital", "Nobody") + '"hosting')
    assert [each.record_label for each in made.report.findings] == ["row 3", "row 2"]


def test_a_short_row_is_filled_up():
    assert read_csv(b"name,kind,note\nMill\n", "t.csv").rows[0].text(2) == ""


def test_as_many_rows_as_are_allowed_are_read():
    assert len(read_csv(b"name,kind\n" + b"Mill,company\n" * MOST_ROWS, "t.csv").rows) == MOST_ROWS


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_whatever_the_bytes_there_are_rows_or_findings(content):
    table = read_csv(content, "t.csv")
    assert table.rows or table.findings


# Values


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("1,600", "Write 1600."), ("1 600", "Write 1600."), ("1.600.000", "Write 1600000."), ("1'600", "Write 1600."),
        ("2,5", "Write 2.5."), ("2.5m", "Write 2500000."), ("3bn", "Write 3000000000."), ("4 thousand", "Write 4000."),
        ("007", "Write 7."), ("250+", "Write 250 and more than in the column qualifier."),
        ("up to 40", "Write 40 and up to in the column qualifier."),
        ("almost £2 million", "Write 2000000 and almost in the column qualifier and the currency (GBP) in the column"),
        ("10 per cent", "Write 10 and per cent in the column unit."), ("ten", "Write it in digits"),
        ("10-20", "Write it in digits"), ("1e6", "Write it in digits"), ("٣", "Write it in digits"),
        ("1 " * 2000, "Write it in digits"),
    ],
)  # fmt: skip
def test_a_number_in_another_form_is_refused_with_the_form_to_write(written, mend):
    with pytest.raises(CellError) as error:
        figure(written)
    assert mend in str(error.value)


@pytest.mark.parametrize("written", ["0", "250", "-3", "2.5", "1600000"])
def test_a_plain_number_is_kept_as_it_is(written):
    assert figure(written) == written
    check_cell(written)


@pytest.mark.parametrize("written", ["0", "-5"])
def test_an_amount_is_more_than_nothing(written):
    with pytest.raises(CellError, match="more than 0"):
        amount(written)


def test_a_confidence_has_a_decimal_point():
    assert confidence("1") == "1.0"
    with pytest.raises(CellError, match=r"Write 0\.75"):
        confidence("75 %")


@pytest.mark.parametrize(
    "written", ["=1+1", "+44", "@mill", "-a", "- a bullet", "#N/A", "####", "a\ufffdb", "x" * 5001]
)
def test_cells_that_a_spreadsheet_made_are_refused(written):
    with pytest.raises(CellError):
        check_cell(written)


@pytest.mark.parametrize("written", ["Zoë", "£5", "#1 in the town", "a=b", "naïve café", "Propel@YH", "-0.5"])
def test_ordinary_cells_pass(written):
    check_cell(written)


def test_an_id_is_made_from_a_name():
    assert slug("Zoë’s Dye & Wool (North)") == "zoe-s-dye-and-wool-north"


@given(st.text(max_size=60))
def test_any_text_is_written_as_turtle_that_reads_back(value):
    file = parse_turtle(f"<http://a.example/a> <http://a.example/b> {text(value)} .".encode(errors="ignore"), "t")
    assert file.triples[0].object.value == value.encode(errors="ignore").decode()


# Drafting


def test_everything_wrong_is_said_at_once_with_row_and_column(drafted):
    made = drafted(
        "kind,funder,funded,amount,document,passage\n"
        "funding award,Lom Charity,Heartbeat Study,£5m,sample.txt,gave £2 million\n"
        "\n"
        "gift,Loom Charity,,,other.txt,gave £2 million\n"
    )
    said = {(each.record_label, each.field) for each in made.report.findings}
    assert said == {
        ("row 2", "column funder"), ("row 2", "column amount"), ("row 2", "column kind"),
        ("row 4", "column kind"), ("row 4", "column document"),
    }  # fmt: skip
    assert "Add the column currency" in " ".join(messages(made))
    assert made.body() == ""


def test_the_cells_below_a_misspelt_heading_are_checked_as_what_it_may_mean(drafted):
    made = drafted(HOSTED.replace("host,", "hosst,").replace("Millbrook Hospital", "Milbrook Hospital"))
    assert [(each.record_label, each.field) for each in made.report.findings] == [
        ("header", "column hosst"), ("row 2", "column hosst"),
    ]  # fmt: skip


def test_a_statement_has_the_name_of_its_content_and_the_time_of_the_draft(drafted):
    made = drafted(HOSTED)
    assert messages(made) == []
    file = parse_turtle(whole_file(made.body(), NAMESPACES).encode(), "t")
    statements = Statements.of([file])
    names = [each for each in statements.subjects() if "#" not in each and "/assertion/" in each]
    assert [expected_name(statements, name, NAMESPACES) for name in names] == [names[0].rpartition("/")[2]]
    assert statements.text(names[0], NAMESPACES.prefixes["prov"] + "generatedAtTime") == "2026-11-21T12:30:15Z"


def test_evidence_that_the_graph_has_is_not_written_again(drafted):
    made = drafted(
        "kind,host,hosted,document,passage\nhosting,Millbrook Hospital,Zoë Institute,Sample text,"
        "Millbrook Hospital and the Zoë Institute work together\n"
    )
    assert made.evidence == []
    assert evidence("partners") in made.statements[0]


def test_evidence_that_two_rows_cite_is_written_once(drafted):
    made = drafted(HOSTED + HOSTED.splitlines()[1].replace("hosting", "hosting") .replace(
        "Millbrook Hospital,Zoë Institute", "Zoë Institute,Heartbeat Study"))  # fmt: skip
    assert len(made.statements) == 2
    assert len(made.evidence) == 1


def test_what_is_there_already_is_said_and_not_doubled(drafted):
    made = drafted(
        "kind,operator,operated,document,passage,confidence,reading note\n"
        "operation,zoe-institute,id:heartbeat-study,sample,Study is run by the Zoë Institute,0.9,A test.\n"
    )
    assert [each.severity for each in made.report.findings] == [Severity.INFO]
    assert "with the same evidence" not in messages(made)[0]
    assert re.search(
        r"Already said, as assertion:\w{16} in graph/town\.ttl at line \d+; its evidence", messages(made)[0]
    )
    assert made.sound
    assert made.body() == ""


def test_a_second_place_goes_into_numbered_columns(drafted):
    made = drafted(
        "kind,host,hosted,document,passage,passage 2,occurrence 2,section 2\n"
        "hosting,Millbrook Hospital,Zoë Institute,sample.txt,work together on,Heartbeat Study,2,Money\n"
    )
    assert messages(made) == []
    assert len(made.evidence) == 2
    assert f"oa:start {TEXT.rindex('Heartbeat Study')} ;" in made.evidence[1]


def test_a_name_of_several_entities_is_no_riddle_where_only_one_kind_fits(tmp_path):
    sample = write_sample(tmp_path)
    sample.change("graph/town.ttl", 'skos:prefLabel "Zoë Institute"@en ;',
                  'skos:prefLabel "Zoë Institute"@en ;\n    skos:altLabel "The Town"@en ;')  # fmt: skip
    sample.change("graph/town.ttl", 'skos:prefLabel "Millbrook"@en ;',
                  'skos:prefLabel "Millbrook"@en ;\n    skos:altLabel "The Town"@en ;')  # fmt: skip
    header = "indicator,value,unit,qualifier,geography,about,document,passage\n"
    figures = "Number of device firms,9,companies,exactly,{},{},sample.txt,make medical\n"
    made = [
        draft(read_csv((header + figures.format(*cells)).encode(), "t.csv"), sample.read(), sample.documents(), NOW)
        for cells in [("The Town", ""), ("", "The Town")]
    ]
    assert "lhi:geography id:millbrook ;" in made[0].statements[0]
    assert "is a name of 2 entities" in messages(made[1])[0]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_are_found_however_they_are_composed(drafted, form):
    content = unicodedata.normalize(form, HOSTED.replace("work together on", "Zoë Institute work together"))
    assert messages(drafted(content)) == []


def test_two_rows_may_not_make_one_entity(drafted):
    made = drafted("name,kind,note\nMill,company,A test.\nMill,company,A test.\n")
    assert "same as row 2" in messages(made)[0]


def test_variants_of_a_name_are_cited_where_they_are_printed(drafted):
    made = drafted("name,kind,also printed as,document\nfirms,company,medical devices | MONEY,sample.txt\n")
    assert messages(made) == []
    assert 'skos:altLabel "medical devices"@en , "MONEY"@en ;' in made.statements[0]
    assert len(made.evidence) == 3


def test_a_name_within_a_word_is_not_the_name(drafted):
    made = drafted("name,kind,document\nMill,company,sample.txt\n")
    assert "does not print “Mill”" in messages(made)[0]


def test_a_note_stands_in_for_the_place_of_a_name(drafted):
    made = drafted('name,kind,note\n"Mill ""Old"" \\",company,Named by the curators.\n')
    assert messages(made) == []
    assert r'skos:prefLabel "Mill \"Old\" \\"@en' in made.statements[0]


def test_an_indicator_is_known_by_its_address(drafted):
    made = drafted("name,kind,population\nPeople in the town,indicator,People who live in the town.\n")
    assert made.statements[0].startswith("id:indicator-people-in-the-town a lhi:Indicator ;")


def test_source_documents_are_not_made_from_a_table(drafted):
    assert "graph/sources.ttl" in messages(drafted("name,kind\nNews,source document\n"))[0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("hosting,,,Loom Charity,,5,GBP,", "Only a funding award has an amount"),
        ("hosting,Loom Charity,Zoë Institute,,,,,Work space", "Only support has a need"),
        ("support,,,,Zoë Institute,,,", "Support meets a need"),
        ("funding award,,,,,,GBP,", "no amount"),
        ("partnership,,,,,,,", "in the role partner"),
    ],
)
def test_money_and_needs_stand_where_they_belong(drafted, row, words):
    header = "kind,host,hosted,funder,provider,amount,currency,need,document,passage\n"
    assert words in " ".join(messages(drafted(f"{header}{row},sample.txt,work together on\n")))


def test_a_role_whose_label_is_another_column_has_a_heading_of_its_own(drafted):
    made = drafted(
        "kind,author,document role,document,passage\nauthorship,Zoë Institute,Sample text,sample.txt,work together on\n"
    )
    assert messages(made) == []
    assert "org:role role:document ." in made.statements[0]


def test_a_retired_entity_stands_for_its_replacement(tmp_path):
    sample = write_sample(tmp_path)
    sample.append("graph/town.ttl", 'id:old-hospital a lhi:NHSOrganisation ;\n    skos:prefLabel "Old Hospital"@en ;\n'
                  "    dcterms:isReplacedBy id:millbrook-hospital .\n")  # fmt: skip
    content = HOSTED.replace("Millbrook Hospital", "Old Hospital").encode()
    made = draft(read_csv(content, "t.csv"), sample.read(), sample.documents(), NOW)
    assert "lhi:participant id:millbrook-hospital ;" in made.statements[0]


def test_a_partnership_joins_two(drafted):
    made = drafted("kind,partner,document,passage\npartnership,Zoë Institute,sample.txt,work together on\n")
    assert "at least 2 different entities" in messages(made)[0]


def test_a_date_and_a_website_are_plain_texts_and_a_purpose_is_english(drafted):
    made = drafted(
        "subject,property,value,document,passage\n"
        "Zoë Institute,begun,2024-01,sample.txt,work together on\n"
        "Zoë Institute,website,zoe.example,sample.txt,work together on\n"
        "Zoë Institute,purpose,Looks after hearts.,sample.txt,work together on\n"
    )
    assert messages(made) == []
    values = [re.search(r"lhi:literalValue (.*) ;", each)[1] for each in made.statements]
    assert values == ['"2024-01"', '"zoe.example"', '"Looks after hearts."@en']


_CELLS = st.one_of(
    st.sampled_from([
        "hosting", "Millbrook Hospital", "zoe-institute", "sample.txt", "work together on", "1.0", "2", "charity",
        "Heartbeat Study", "250", "companies", "exactly", "theme", "diabetes", "2024", "", "Number of device firms",
        "Millbrook",
    ]),
    st.text(max_size=12),
)  # fmt: skip
_HEADINGS = st.sampled_from([
    "kind", "name", "host", "hosted", "partner", "document", "passage", "occurrence", "confidence", "indicator",
    "value", "unit", "qualifier", "geography", "subject", "property", "note", "passage 2", "id", "odd", "", "amount",
    "currency",
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.lists(_HEADINGS, min_size=1, max_size=9), st.lists(st.lists(_CELLS, max_size=9), max_size=3))
def test_whatever_the_table_there_are_findings_or_statements_that_parse(drafted, headings, rows):
    lines = [headings, *rows]
    content = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    made = drafted(content.encode(errors="ignore"))
    assert made.report.findings or made.statements
    if made.body():
        parse_turtle(whole_file(made.body(), NAMESPACES).encode(), "t")


# The command


def run(sample, *arguments):
    environment = {"LEEDSKG_KNOWLEDGE": str(sample.root), "LEEDSKG_DOCUMENTS": str(sample.documents_folder)}
    return CliRunner().invoke(main, ["draft", *map(str, arguments)], env=environment, catch_exceptions=False)


@pytest.fixture
def table(sample, tmp_path):
    path = tmp_path / "hosts.csv"
    content = HOSTED.replace("work together on", "Millbrook Hospital and the Zoë Institute work together on heart")
    path.write_text(content, encoding="utf-8")
    return path


def test_a_draft_is_printed_as_a_file_of_its_own_in_the_common_layout(sample, table):
    done = run(sample, table)
    assert done.exit_code == 0
    assert done.stderr == ""
    path = sample.path("graph/drafted.ttl")
    path.write_text(done.stdout, encoding="utf-8")
    subprocess.run([Path(sys.executable).with_name("turtlefmt"), "--check", path], check=True)
    assert check(sample.read(), sample.documents()).findings == []


@pytest.mark.parametrize("name", ["graph/town.ttl", "graph/new.ttl"])
def test_a_draft_goes_into_a_file_that_is_there_or_not(sample, table, name):
    before = sample.path(name).read_text(encoding="utf-8") if sample.path(name).exists() else ""
    done = run(sample, table, "--into", name)
    assert done.stdout.startswith(f"{name}: 1 statement and 1 new place in documents added.")
    after = sample.path(name).read_text(encoding="utf-8")
    assert before.split("\n\n", 1)[-1].rstrip() in after
    assert check(sample.read(), sample.documents()).findings == []
    assert [path.name for path in sample.path("graph").iterdir() if path.name.startswith(".")] == []


def test_when_one_row_is_wrong_nothing_is_written(sample, table):
    before = sample.path("graph/town.ttl").read_bytes()
    table.write_text(table.read_text(encoding="utf-8") + "hosting,Nobody,Zoë Institute,sample.txt,work together on\n")
    done = run(sample, table, "--into", "graph/town.ttl")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "hosts.csv:3: violation: row 3, column host" in done.stderr
    assert "Nothing was written" in done.stderr
    assert sample.path("graph/town.ttl").read_bytes() == before


@pytest.mark.parametrize(
    "into", ["town.ttl", "graph/town.txt", "ontology/core.ttl", "graph/../shapes/new.ttl", "/new.ttl"]
)
def test_a_draft_goes_into_graph_and_nowhere_else(sample, table, into):
    done = run(sample, table, "--into", into)
    assert done.exit_code == 2
    assert "is no place for a knowledge file" in done.stderr


def test_a_table_that_is_not_there_is_said(sample):
    done = run(sample, "nowhere.csv")
    assert done.exit_code == 2
    assert "nowhere.csv cannot be read" in done.stderr


def test_without_the_documents_no_passage_can_be_found(sample, table):
    environment = {"LEEDSKG_KNOWLEDGE": str(sample.root), "LEEDSKG_DOCUMENTS": None}
    done = CliRunner().invoke(main, ["draft", str(table)], env=environment)
    assert done.exit_code == 2
    assert "--documents" in done.stderr


def test_a_file_that_does_not_parse_is_left_as_it_is(tmp_path):
    path = tmp_path / "broken.ttl"
    path.write_text("@prefix id: <x:> .\nid:a id:b\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="not valid Turtle"):
        append(path, "id:c a id:d .\n", NAMESPACES)
    assert path.read_text(encoding="utf-8") == "@prefix id: <x:> .\nid:a id:b\n"


def test_a_file_that_means_something_else_by_a_prefix_is_left_as_it_is(tmp_path):
    path = tmp_path / "other.ttl"
    path.write_text("@prefix id: <x:y> .\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="the prefix id: stands for <x:y> here"):
        append(path, "id:c a id:d .\n", NAMESPACES)


def test_prefixes_that_a_file_lacks_are_added_in_order(tmp_path):
    path = tmp_path / "some.ttl"
    prefix = f"@prefix lhi: <{NAMESPACES.prefixes['lhi']}> .\n"
    path.write_text(f"{prefix}\n# A comment.\n\nlhi:a a lhi:B .\n", encoding="utf-8")
    append(path, "id:c a lhi:D .\n", NAMESPACES)
    after = (
        f"@prefix id: <{NAMESPACES.prefixes['id']}> .\n{prefix}\n# A comment.\n\nlhi:a a lhi:B .\n\n\nid:c a lhi:D .\n"
    )
    assert path.read_text(encoding="utf-8") == after


def test_prefixes_are_not_read_from_texts_and_comments():
    assert list(prefixes_in('# org: x\nid:a skos:note "role: \\" rank:" .', NAMESPACES)) == ["id", "skos"]
