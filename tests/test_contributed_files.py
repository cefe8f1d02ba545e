"""Files that people might send: what is read, and what each fault is told as. Nothing half done, nothing fetched."""

import io
import json
import zipfile

import openpyxl
import pytest

from tests.contributing import PARTNERS, Town, bobbin, turtle
from tests.sample_knowledge import NAMESPACES, write_sample

FETCHED = "would have to be fetched"
HOSPITAL = f"<{NAMESPACES.entity('millbrook-hospital')}>"
ALT = "<http://www.w3.org/2004/02/skos/core#altLabel>"
BASE = NAMESPACES.base


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    return Town(write_sample(folder), folder)


def refused(town, name, content):
    """What is said of a file that is not taken."""
    said = town.contribute(name, content, "--dry-run", code=1).output
    assert "Traceback" not in said
    assert not town.ledger.exists(), "nothing is recorded"
    assert not town.state.exists()
    return " ".join(said.split())


def taken(town, name, content):
    return " ".join(town.contribute(name, content, "--dry-run").output.split())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ttl", f'{HOSPITAL} {ALT} "The Mill"@en .'),
        ("a.nt", f'{HOSPITAL} {ALT} "The Mill"@en .'),
        ("a.nq", f'{HOSPITAL} {ALT} "The Mill"@en .'),
        ("a.trig", f'{HOSPITAL} {ALT} "The Mill"@en .'),
        ("a.jsonld", json.dumps({"@id": HOSPITAL[1:-1], ALT[1:-1]: {"@value": "The Mill", "@language": "en"}})),
    ],
)  # fmt: skip
def test_each_form_of_rdf_adds(town, name, content):
    said = taken(town, name, content)
    assert "changed Millbrook Hospital (NHS organisation): gets the printed variant “The Mill”." in said
    assert "1 statement" in said


def test_statements_in_the_graph_of_removed_ones_are_taken_out(town):
    loom = f"<{NAMESPACES.entity('loom-charity')}>"
    content = f'{loom} {ALT} "The Loom"@en <{BASE}graph/removed> .\n{loom} {ALT} "The Old Loom"@en .\n'
    said = taken(town, "change.nq", content)
    assert "changes from “The Loom” to “The Old Loom”" in said
    gone = taken(town, "gone.nq", content.replace('"The Loom"', '"The Lorn"'))
    assert "1 that it takes out are not in the graph" in gone


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADER = ["kind", "funder", "funded", "amount", "currency", "document", "passage"]
GOOD = [
    "funding award",
    "Loom Charity",
    "Zoë Institute",
    1500000,
    "GBP",
    "sample.txt",
    "The Loom Charity gave £2 million",
]


def test_a_workbook_is_read_sheet_by_sheet(town):
    lines = (
        "kind,partner,document,passage",
        "partnership,Loom Charity|Zoë Institute,sample.txt,The Loom Charity gave £2 million",
    )
    said = taken(town, "book.xlsx", workbook(awards=[HEADER, GOOD], partners=[line.split(",") for line in lines]))
    assert "Loom Charity funds Zoë Institute, with 1500000 GBP" in said
    assert "Loom Charity becomes partner of Zoë Institute" in said


def test_the_sheets_of_a_workbook_know_each_other_whatever_their_order(town):
    ties = [
        ["kind", "partner", "document", "passage"],
        ["partnership", "Bobbin Fund|Spindle Company", "sample.txt", "The Loom Charity gave £2 million"],
        ["partnership", "Bobbin Fund|Loom Charity", "sample.txt", "The Loom Charity gave £2 million"],
    ]
    bodies = [
        ["name", "kind", "description", "note"],
        ["Bobbin Fund", "investor", "Made up.", "Printed nowhere."],
        ["Spindle Company", "company", "Made up.", "Printed nowhere."],
    ]
    said = taken(town, "book.xlsx", workbook(ties=ties, bodies=bodies))
    assert "Bobbin Fund becomes partner of Spindle Company" in said
    assert (
        "Bobbin Fund becomes partner of Loom Charity" in said or "Loom Charity becomes partner of Bobbin Fund" in said
    )


def test_a_fault_in_one_sheet_makes_no_faults_in_another(town):
    ties = [
        ["kind", "partner", "document", "passage"],
        ["partnership", "Bobbin Fund|Loom Charity", "sample.txt", "The Loom Charity gave £2 million"],
    ]
    bodies = [
        ["name", "kind", "description", "note"],
        ["Bobbin Fund", "investor", "Made up.", "Printed nowhere."],
        ["Spindle Company", "no such kind", "Made up.", "Printed nowhere."],
    ]
    said = refused(town, "book.xlsx", workbook(ties=ties, bodies=bodies))
    assert "no such kind" in said
    assert "sheet ties" not in said


def test_a_finding_in_a_workbook_gives_sheet_and_cell(town):
    bad = [*GOOD[:3], "£2m", *GOOD[4:]]
    said = refused(town, "book.xlsx", workbook(awards=[HEADER, GOOD, [], bad]))
    assert "book.xlsx, sheet awards:4: violation: row 4, column amount (cell D4)" in said
    assert "Write 2000000 and GBP in the column currency" in said


def test_halves_of_characters_that_a_workbook_escapes_are_joined_or_told(town):
    def named(name):
        return workbook(One=[["name", "kind", "description", "note"], [name, "charity", "Made up.", "x"]])

    assert "Emoji \U0001f600 Trust" in taken(town, "whole.xlsx", named("Emoji _xD83D__xDE00_ Trust"))
    assert "A letter was lost" in refused(town, "half.xlsx", named("Half _xD83D_ Trust"))


def test_a_formula_is_not_evaluated(town):
    said = refused(town, "book.xlsx", workbook(awards=[HEADER, [*GOOD[:3], "=1000*2", *GOOD[4:]]]))
    assert "cell D2" in said
    assert "This cell holds a formula, which is not worked out here" in said
    assert "found: =1000*2" in said
    said = refused(town, "a.csv", PARTNERS.replace("Made up", "=HYPERLINK(1)"))
    assert "which a spreadsheet takes for a formula" in said


def test_a_table_of_figures_that_says_nowhere_where_they_stand_is_told_so(town):
    header = "indicator,value,unit,qualifier,geography,web page,seen on,page title\n"
    row = "Number of device firms,12,items,exactly,Millbrook,https://example.org/x,2026-11-01,A page\n"
    assert "12" in taken(town, "a.csv", header + row)
    for wrong in (
        header.replace("seen on", "when"),
        header.replace("web page", "address"),
        header.replace("page title", "£5"),
    ):
        assert "A table of observations" in refused(town, "a.csv", wrong + row)


def sheet_of(xml):
    """A workbook whose one sheet has this XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(One=[["name"]]))) as whole, zipfile.ZipFile(out, "w", 8) as archive:
        for part in whole.namelist():
            archive.writestr(part, xml if part.endswith("sheet1.xml") else whole.read(part))
    return out.getvalue()


def test_a_small_workbook_that_declares_a_vast_sheet_is_read_for_what_it_holds(town):
    """Each took minutes or gigabytes: an empty cell in the last column of each row, and cells that are all joined."""
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    names = '<row r="1"><c r="A1" t="str"><v>name</v></c><c r="B1" t="str"><v>kind</v></c></row>'
    far = "".join(f'<row r="{row}"><c r="XFD{row}" s="0"/></row>' for row in range(2, 50_000))
    said = refused(town, "far.xlsx", sheet_of(f"{head}{names}{far}</sheetData></worksheet>"))
    assert "There is a header and no row below it" in said
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(2, 15_000))
    joined = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    said = refused(town, "joined.xlsx", sheet_of(f"{head}{names}{rows}</sheetData>{joined}</worksheet>"))
    assert 100 < said.count("This cell is joined") < 300
    value = '<row r="2"><c r="XFD2"><v>1</v></c></row>'
    assert "There are cells beyond column 200" in refused(
        town, "wide.xlsx", sheet_of(f"{head}{names}{value}</sheetData></worksheet>")
    )


def test_a_row_of_accents_without_end_is_refused_for_its_length(town):
    """To compose it took minutes, as the square of its length."""
    accents = "a" + "\u0301\u0323" * 60_000
    assert "500 is the most" in refused(town, "a.ttl", f'{HOSPITAL} {ALT} "{accents}"@en .')
    assert "5,000 is the most" in refused(town, "a.csv", f"name,kind,note\n{accents},charity,x\n")


def test_strict_open_xml_is_named(town):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", '<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>')
    assert "This is Strict Open XML" in refused(town, "strict.xlsx", out.getvalue())


def test_a_zip_bomb_is_not_inflated(town):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(200):
            part.write(b" " * 1_000_000)
    assert len(out.getvalue()) < 1_000_000
    assert "Unpacked, the workbook is larger than 64 MB" in refused(town, "bomb.xlsx", out.getvalue())


def with_part(content, name, text):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part, text if part.filename == name else old.read(part))
    return out.getvalue()


def test_entities_in_the_xml_of_a_workbook_are_not_expanded(town):
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    content = with_part(workbook(awards=[HEADER, GOOD]), "xl/worksheets/sheet1.xml", laughs)
    assert "declares entities in its XML" in refused(town, "book.xlsx", content)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"plain text", b"\xd0\xcf\x11\xe0 old"])
def test_what_is_no_workbook_gets_a_sentence(town, content):
    said = refused(town, "book.xlsx", content)
    assert "no workbook that can be read" in said or "old or an encrypted workbook" in said


def test_a_workbook_without_its_parts_gets_a_sentence(town):
    content = with_part(workbook(awards=[HEADER, GOOD]), "xl/workbook.xml", "<workbook>")
    assert "no workbook that can be read" in refused(town, "book.xlsx", content)


def test_utf_16_and_semicolons_are_read(town):
    said = taken(town, "a.csv", PARTNERS.replace(",", ";").replace(" gave £2", " gave £2").encode("utf-16"))
    assert "Loom Charity becomes partner of Heartbeat Study" in said
    assert "The file is UTF-16 and was read as such" in said


def test_latin_1_is_refused_with_the_way_to_save_it(town):
    said = refused(town, "a.csv", PARTNERS.encode("latin-1"))
    assert "a.csv:2" in said
    assert "CSV UTF-8" in said


def test_a_file_that_is_too_large_is_refused_before_it_is_read(town):
    path = town.folder / "large.ttl"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)  # a hole: nothing is written
    said = town.run("contribute", str(path), code=1).output
    assert "has more than 20 MiB" in said
    assert "more than 1 MiB" in town.run("contribute", str(path), code=1, LEEDSKG_CONTRIBUTION_LIMIT="1").output
    assert not town.ledger.exists()


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("a.ttl", f"{HOSPITAL}\n {ALT}\n \"x\"@en ; {ALT} [ a {ALT} ] .", 3, "This statement has a blank node"),
        ("a.ttl", f"\n{HOSPITAL} {ALT} <relative> .", 2, "This is a relative IRI"),
        ("a.ttl", f"{HOSPITAL} {ALT} \"open .\n", 1, "not valid"),
        ("a.nq", f'{HOSPITAL} {ALT} "x"@en .\n{HOSPITAL} {ALT} "y"@en <{BASE}graph/curated/town> .', 2,
         "no graph of its choice"),
        ("a.ttl", f'\n\n<{BASE}id/Bad_Name> {ALT} "x"@en .', 3, "No record of ours is named so"),
        ("a.ttl", f'<{BASE}other/thing> {ALT} "x"@en .', 1, "No record of ours is named so"),
        ("a.ttl", f'<http://example.org/x> {ALT} "x"@en .', 1, "not ours to describe"),
        ("a.ttl", f'<{BASE}def#Charity> {ALT} "x"@en .', 1, "not changed by contributions"),
        ("a.ttl", f'<{BASE}scheme/role/funder> {ALT} "x"@en .', 1, "not changed by contributions"),
        ("a.ttl", f"{HOSPITAL} a <http://www.w3.org/2002/07/owl#Class> .", 1, "makes no classes, properties or shapes"),
        ("a.ttl", f"{HOSPITAL} <http://www.w3.org/ns/shacl#minCount> 1 .", 1, "said of terms and shapes"),
        ("a.ttl", f"{HOSPITAL} <{BASE}def#funds> <{BASE}id/zoe-institute> .", 1,
         "This edge is derived from assertions"),
        ("a.ttl", f"{HOSPITAL} {ALT} \"bell\\u0007\"@en .", 1, "control character U+0007"),
        ("a.ttl", f"{HOSPITAL} {ALT} \"turned\\u202E\"@en .", 1, "turns the direction of reading"),
        ("a.ttl", f'{HOSPITAL} {ALT} "{"x" * 6000}"@en .', 1, "500 is the most"),
        ("a.ttl", f'{HOSPITAL} <http://purl.org/dc/terms/description> "{"x" * 6000}"@en .', 1, "5,000 is the most"),
        ("a.ttl", b"\xff\xfe", 1, "not UTF-8"),
        ("a.ttl", "", None, "The file is empty"),
        ("a.ttl", "# nothing\n", None, "The file states nothing"),
        ("a.ttl", f'{HOSPITAL} <http://www.w3.org/2004/02/skos/core#prefLabel> "Mill Clinic"@en .', 1,
         "is in the graph with the label “Millbrook Hospital”, and is given the label “Mill Clinic” here"),
        ("a.ttl", turtle('id:millbrook-hospital a lhi:Charity ;\n    skos:prefLabel "Mill Clinic"@en .'), None,
         "with the kind “NHS organisation”"),
        ("a.jsonld", '{"@context": "https://example.org/c",\n "@id": "x:y", "name": "z"}', 1, FETCHED),
        ("a.jsonld", '{"@context": [{"a": "x:b"}, "https://example.org/c"], "@id": "x:y"}', 1, FETCHED),
        ("a.jsonld", '{"@context": {"a": {"@id": "x:b", "@context": "https://example.org/c"}}, "@id": "x:y"}', 1,
         FETCHED),
        ("a.jsonld", '{"@context": {"@import": "https://example.org/c"}, "@id": "x:y"}', 1, FETCHED),
        ("a.jsonld", '{"@id": "relative", "http://x.org/y": "z"}', 1, "relative IRI"),
        ("a.ttl", f"{HOSPITAL} {ALT} " + f"<<( {HOSPITAL} {ALT} " * 100_000 + '"x"' + " )>>" * 100_000 + " .", None,
         "full of statements about statements"),
        ("a.ttl", f'{HOSPITAL} {ALT} <<( {HOSPITAL} {ALT} "x" )>> .', 1, "statement about a statement"),
        ("a.ttl", f'<< {HOSPITAL} {ALT} "x" >> {ALT} "y" .', 1, "statement about a statement"),
        ("a.ttl", f'{HOSPITAL} {ALT} "x" {{| {ALT} "y" |}} .', 1, "statement about a statement"),
        ("a.jsonld", "{\n]", 2, "not valid JSON"),
        ("a.jsonld", "[" * 100_000, None, "nested too deeply"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_place(town, name, content, line, words):
    said = refused(town, name, content)
    assert words in said
    if line:
        assert f"{name}:{line}: violation" in said


def test_a_million_blank_nodes_are_refused_early(town):
    content = "".join(f'[] {ALT} "{number}" .\n' for number in range(250_000))
    said = refused(town, "blank.ttl", content)
    assert "after 50 the file was not read on" in said
    assert "51 violations" in said


def test_a_form_that_is_not_known_is_said(town):
    said = refused(town, "a.pdf", b"%PDF")
    assert "has to end in one of: .ttl, .turtle, .trig" in said
    assert "has to end in" in refused(town, "noending", b"x")


def test_script_in_a_label_stays_data(town):
    text = "<script>alert(1)</script>"
    said = taken(town, "a.ttl", f'{HOSPITAL} {ALT} "{text}"@en .')
    assert text in said


def test_drafts_are_minted_on_the_way_in(town):
    said = taken(town, "bobbin.ttl", bobbin())
    assert "added Bobbin Fund (investor)." in said
    assert "Loom Charity becomes strategic partner of Bobbin Fund" in said
    assert "new-" not in said


def test_a_retirement_keeps_the_record_and_says_why(town):
    said = taken(town, "retired.csv", "record,replaced by,reason\nLoom Charity,Zoë Institute,Merged in 2025\n")
    assert "retired Loom Charity (charity) is retired and replaced by Zoë Institute" in said
    assert "replaced by Zoë Institute: Merged in 2025" in said


def assertion(town, kind):
    graph = town.sample.read().graph
    return next(iri for iri in graph.assertions() if graph.label(iri).startswith(kind))


def test_an_assertion_is_retired_by_its_rank(town):
    iri = assertion(town, "funding award")
    said = taken(town, "retired.csv", f"record,reason\n{iri},The money was never paid\n")
    assert "“Loom Charity funds Heartbeat Study, with 2000000 GBP” is retired" in said


def test_a_correction_of_what_is_claimed_makes_a_new_assertion_and_retires_the_old(town):
    iri = assertion(town, "funding award").rpartition("/")[2]
    content = f"record,field,old value,new value,reason\nassertion:{iri},amount,2000000,2500000,A misprint\n"
    said = taken(town, "corrected.csv", content)
    assert "added Loom Charity funds Heartbeat Study, with 2500000 GBP" in said
    assert "the amount changes from" in said
    content = f"record,field,new value,reason\nassertion:{iri},funder,Zoë Institute,The wrong body\n"
    assert "added Zoë Institute funds Heartbeat Study" in taken(town, "corrected.csv", content)


def test_a_correction_of_what_is_said_about_a_claim_changes_it_in_place(town):
    iri = assertion(town, "funding award").rpartition("/")[2]
    header = "record,field,new value,reason\n"
    said = taken(town, "corrected.csv", f"{header}Heartbeat Study,description,Looks at hearts.,Clearer\n")
    assert "the description changes from “Made up for tests as Heartbeat Study.” to “Looks at hearts.”" in said
    said = refused(town, "a.csv", f"{header}{iri},confidence,lots,Wrong\n")
    assert "is not a plain number" in said


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Nobody,name,,x,y", "We found no entity called “Nobody”"),
        ("Loom Charity,colour,,x,y", "has no field “colour”; it has:"),
        ("Loom Charity,description,Something else,x,y", "The graph does not say “Something else” there"),
        ("Loom Charity,description,,Made up for tests as Loom Charity.,y", "This is what the graph says already"),
        ("Loom Charity,description,,x,", "Say why, and on what ground"),
    ],
)
def test_each_fault_of_a_correction_is_told(town, row, words):
    said = refused(town, "a.csv", f"record,field,old value,new value,reason\n{row}\n")
    assert words in said
    assert "a.csv:2: violation: row 2, column" in said


def test_a_table_without_the_documents_says_what_is_missing(town):
    path = town.write("a.csv", PARTNERS)
    said = town.run("contribute", path, "--dry-run", code=1, LEEDSKG_DOCUMENTS="").output
    assert "The documents are not at hand here" in said
