"""Rows into statements: what is written, and what is said when it cannot be."""

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leedskg.contributions import draft, read_csv, whole_file
from leedskg.identity import expected_name
from leedskg.statements import Statements, parse_turtle
from leedskg.validation import Severity
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
    assert "lhi:role role:document ." in made.statements[0]


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
