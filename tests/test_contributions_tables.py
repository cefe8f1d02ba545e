"""Tables: what is read, which values are taken, and the command that drafts from them."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from leedskg.cli import main
from leedskg.contributions import MOST_ROWS, append, draft, read_csv
from leedskg.contributions.turtle import prefixes_in, text
from leedskg.contributions.values import CellError, amount, check_cell, confidence, figure
from leedskg.errors import KnowledgeError
from leedskg.naming import slug
from leedskg.statements import parse_turtle
from leedskg.validation import check
from tests.sample_knowledge import NAMESPACES, write_sample

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
    "written",
    ["=1+1", "+44", "@mill", "-a", "- a bullet", "#N/A", "####", "#CALC!", "#BUSY!", "Err:502", "a\ufffdb", "x" * 5001],
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


def test_without_the_documents_no_passage_can_be_found_and_a_web_page_can_be_cited(sample, table, tmp_path):
    environment = {"LEEDSKG_KNOWLEDGE": str(sample.root), "LEEDSKG_DOCUMENTS": None}
    done = CliRunner().invoke(main, ["draft", str(table)], env=environment)
    assert done.exit_code == 1
    assert "row 2, column document" in done.stderr
    assert "Give their folder with --documents" in done.stderr
    seen = tmp_path / "seen.csv"
    page = "https://news.example/hosts,2026-11-28,Who hosts whom"
    seen.write_text(
        f"kind,host,hosted,web page,seen on,page title\nhosting,Millbrook Hospital,Heartbeat Study,{page}\n"
    )
    done = CliRunner().invoke(main, ["draft", str(seen)], env=environment)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "a lhi:Hosting" in done.stdout


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


def test_a_header_without_end_is_refused_at_once() -> None:
    wide = ",".join(f"column{number}" for number in range(500_000)).encode()
    found = read_csv(b"name,kind," + wide + b"\nMill,company\n", "t.csv").findings
    assert [each.message for each in found] == [
        "This row has 500,002 cells; 200 columns are the most that is read. Remove others, or look whether the file "
        "has lost its line ends."
    ]
    assert found[0].line == 1
