"""The guide for stewards keeps its promises: its commands print what it says, and its mistakes are found as it says."""

import csv
import hashlib
import io
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from leedskg.cli import main
from leedskg.contributions import MOST_BYTES, MOST_ROWS, draft, read_csv
from leedskg.contributions.assertions import Relationships, role_rule
from leedskg.contributions.directory import Directory
from leedskg.contributions.statements import Writer
from leedskg.errors import KnowledgeError
from leedskg.validation import Severity, check
from tests.sample_knowledge import NAMESPACES, PREFIXES, PROJECT, TEXT, evidence, write_sample

GUIDE = (PROJECT / "docs" / "how-to-add-a-fact.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
#: Each marked block of the guide, with what the comment above it says to do.
BLOCKS = re.findall(r"(?:<!-- (?P<mark>[^\n]*) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", GUIDE, re.DOTALL)
FILES = {mark.removeprefix("file: "): text for mark, _, text in BLOCKS if mark.startswith("file: ")}
NEWS = next(text for mark, _, text in BLOCKS if mark == "the document")
#: The guide's own table of each kind, which its mistakes are made in.
SOUND = {
    "relationships": "award.csv",
    "observations": "figures.csv",
    "attributes": "themes.csv",
    "entities": "new-names.csv",
}


def rows_below(heading):
    """The rows of the table below a heading of the guide, without its own header."""
    section = GUIDE.split(f"\n### {heading}\n", 1)[1].split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]
    return [[cell.replace("\\|", "|") for cell in row] for row in rows]


def fits(promise, text):
    """Whether the text has what the guide promises, “…” standing for any words."""
    pattern = ".*".join(re.escape(" ".join(part.split())) for part in promise.split("…"))
    return re.search(pattern, " ".join(text.split())) is not None


def extended_sample(folder):
    """The sample town with the guide's sentences at the end of its document."""
    sample = write_sample(folder)
    text = TEXT + "\n" + NEWS
    (sample.documents_folder / "sample.txt").write_text(text, encoding="utf-8")
    old, new = (hashlib.sha256(each.encode()).hexdigest() for each in (TEXT, text))
    sample.change("graph/sources.ttl", old, new)
    return sample


class Walk:
    """A steward who follows the guide from the top: makes its files, pastes its Turtle, types its commands."""

    def __init__(self, sample):
        self.sample = sample
        self.cited = ""

    def follow(self):
        for mark, kind, text in BLOCKS:
            if mark.startswith("file: "):
                self.sample.path(mark.removeprefix("file: ")).write_text(text, encoding="utf-8")
            elif mark.startswith("append to: "):
                self.sample.append("graph/sources.ttl", self.cited)
                self.sample.append(mark.removeprefix("append to: "), text)
            elif kind == "console":
                self.type(text)

    def type(self, text):
        command, _, promised = text.removeprefix("$ ").partition("\n")
        arguments = shlex.split(command.replace("DOCS", str(self.sample.documents_folder)))
        done = CliRunner().invoke(main, arguments[1:], env={"LEEDSKG_KNOWLEDGE": str(self.sample.root)})
        output = done.output.replace(str(self.sample.documents_folder), "DOCS")
        assert fits(promised, output), f"{command}\n{output}"
        assert "…" in promised or promised == output, f"{command}\n{output}"
        if arguments[1] == "cite":
            self.cited = done.output


def test_whoever_follows_the_guide_ends_with_a_green_check(tmp_path, monkeypatch):
    sample = extended_sample(tmp_path)
    monkeypatch.chdir(sample.root)
    Walk(sample).follow()
    report = check(sample.read(), sample.documents())
    assert report.findings == []
    assert report.checked["assertion"] == 4 + 4
    assert report.checked["entity"] == 7 + 2


def test_the_templates_draft_to_a_green_check_in_the_common_layout(tmp_path, monkeypatch):
    sample = extended_sample(tmp_path)
    monkeypatch.chdir(sample.root)
    formatter = Path(sys.executable).with_name("turtlefmt")
    subprocess.run([formatter, "graph"], check=True)
    folder = PROJECT / "docs" / "templates"
    for kind in ("entities", "relationships", "observations", "attributes"):
        shutil.copy(folder / f"{kind}.csv", sample.root)
        arguments = ["draft", f"{kind}.csv", "--documents", str(sample.documents_folder), "--into", "graph/town.ttl"]
        done = CliRunner().invoke(main, arguments, env={"LEEDSKG_KNOWLEDGE": str(sample.root)})
        assert done.exit_code == 0, done.output
    assert check(sample.read(), sample.documents()).findings == []
    subprocess.run([formatter, "--check", "graph"], check=True)
    amending = {"corrections", "retirements"}  # they change what is there, and are sent, not drafted
    for kind in sorted(amending):
        arguments = ["contribute", str(folder / f"{kind}.csv"), "--dry-run"]
        environment = {"LEEDSKG_KNOWLEDGE": str(sample.root), "LEEDSKG_LEDGER": str(tmp_path / "ledger")}
        done = CliRunner().invoke(main, arguments, env=environment)
        assert done.exit_code == 0, done.output
        assert "0 violations" in done.output
    assert {path.stem for path in folder.iterdir()} == set(SOUND) | amending


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The town as it is after the guide's first table, with one name that two entities share; nobody changes it."""
    sample = extended_sample(tmp_path_factory.mktemp("guide"))
    sample.append("graph/town.ttl", "\n".join(
        f'id:{slug} a lhi:{kind} ;\n    skos:prefLabel "{label}"@en ;\n    skos:altLabel "The Works"@en .\n'
        for slug, kind, label in [("mill-works", "Company", "Mill Works"), ("dye-works", "Company", "Dye Works"),
                                  ("bobbin-fund", "Investor", "Bobbin Fund")][:2]
    ))  # fmt: skip
    sample.append("graph/town.ttl", (
        'id:bobbin-fund a lhi:Investor ;\n    skos:prefLabel "Bobbin Fund"@en .\n'
        'id:indicator-people a lhi:Indicator ;\n    skos:prefLabel "People who work on a study"@en ;\n'
        '    lhi:population "People who work on one study."@en .\n'
    ))  # fmt: skip
    return sample


@pytest.fixture(scope="module")
def knowledge(town):
    return town.read()


def table_of(kind):
    return next(csv.DictReader(io.StringIO(FILES[SOUND[kind]])))


def as_csv(*rows):
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def drafted(content, knowledge, town, name="table.csv"):
    content = content.encode() if isinstance(content, str) else content
    return draft(read_csv(content, name), knowledge, town.documents(), NOW)


MISTAKES = [(kind, *row) for kind in SOUND for row in rows_below(f"In a table of {kind}")]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[" ".join(row[:3]) for row in MISTAKES])
def test_a_mistake_in_a_cell_gives_the_finding_that_the_guide_promises(town, knowledge, mistake):
    kind, column, written, promised, mend = mistake
    row = table_of(kind)
    if kind == "entities":
        row["name"], row["document"] = "News", "sample.txt"  # a name that is printed and that nothing has
    row[column] = "" if written == "*nothing*" else written.strip("`")
    made = drafted(as_csv(row), knowledge, town)
    found = made.report.findings
    assert len(found) == 1, "\n".join(each.as_text() for each in found)
    assert fits(promised, found[0].message), found[0].as_text()
    assert found[0].record_label == "row 2"
    assert found[0].place == "table.csv:2"
    assert found[0].field.startswith("column ")
    assert mend
    assert made.body() == ""


def test_the_tables_that_mistakes_are_made_in_are_sound(town, knowledge):
    for kind in SOUND:
        row = table_of(kind) | ({"name": "News"} if kind == "entities" else {})
        assert drafted(as_csv(row), knowledge, town).report.findings == []


AWARD = FILES["award.csv"]
ROW = AWARD.splitlines()[1]
OTHER_EVIDENCE = (
    "kind,partner,document,passage\npartnership,Millbrook Hospital | Zoë Institute,sample.txt,"
    "Millbrook Hospital and the Zoë Institute work together on\n"
)
SAID_NOTHING = (
    "kind,funder,funded,document,passage\nfunding award,Loom Charity,Zoë Institute,sample.txt,A made-up town\n"
)


def with_column(heading, cell=""):
    header, row = AWARD.splitlines()
    return f"{header},{heading}\n{row},{cell}\n"


WHOLE_FILES = {
    "It was saved in Windows-1252": AWARD.encode("cp1252"),
    "It was saved in UTF-16 without a mark": AWARD.encode("utf-16-le").replace("£".encode("utf-16-le"), b"L\0"),
    "It is a workbook (.xlsx) with another name": b"PK\x03\x04" + bytes(100),
    "It is empty": "\n\n",
    "There is a header and nothing else": AWARD.splitlines()[0],
    "The header is missing": ROW + "\n" + ROW,
    "A heading is misspelt: `fundr`": AWARD.replace("funder", "fundr"),
    "A column is not known: `colour`": with_column("colour", "red"),
    "A column is missing: `passage`": AWARD.replace(",passage", ",# mine"),
    "Two columns are called `funder`": with_column("funder", "Loom Charity"),
    "A column has cells and no heading": with_column("", "red"),
    "A row has too many cells": AWARD.replace("Heartbeat Study,750000", "Heartbeat Study,750,000"),
    "A quotation mark is not closed": AWARD.rstrip('"\n') + "\n" + ROW.replace('"', ""),
    "A quotation mark stands in the middle of a cell": AWARD.replace("an investor", 'an "investor" here'),
    "The same row stands there twice": AWARD + ROW,
    "There are more than 20,000 rows": AWARD + (ROW + "\n") * MOST_ROWS,
    "The file has more than 10 MB": AWARD.encode() + b" " * MOST_BYTES,
    "The statement is in the graph, with other evidence": OTHER_EVIDENCE,
}


@pytest.mark.parametrize("mistake", rows_below("With the file as a whole"), ids=lambda mistake: mistake[0])
def test_a_mistake_with_the_file_gives_the_finding_that_the_guide_promises(tmp_path, town, knowledge, mistake):
    wrong, promised, mend = mistake
    if wrong == "The document was changed after it was recorded":
        folder = tmp_path / "changed"
        folder.mkdir()
        (folder / "sample.txt").write_text(TEXT, encoding="utf-8")
        changed = replace(town, documents_folder=folder)
        made = drafted(AWARD, knowledge, changed)
    elif wrong == "The passage is marked as saying nothing":
        made = drafted(SAID_NOTHING, *marked(tmp_path))
    else:
        made = drafted(WHOLE_FILES[wrong], knowledge, town)
    found = made.report.findings
    assert len(found) == 1, "\n".join(each.as_text() for each in found)
    assert fits(promised, found[0].message), found[0].as_text()
    assert found[0].file == "table.csv"
    assert mend
    assert made.body() == ""


def marked(folder):
    """A town whose title is marked as carrying no claim."""
    sample = extended_sample(folder)
    title = "A made-up town"
    arguments = ["cite", "sample.txt", title, "--documents", str(sample.documents_folder)]
    done = CliRunner().invoke(main, arguments, env={"LEEDSKG_KNOWLEDGE": str(sample.root)})
    mark = done.stdout.replace("lhi:TextEvidence", "lhi:PassageWithoutClaim")
    sample.append("graph/sources.ttl", mark)
    return sample.read(), sample


def test_every_mistake_with_the_file_that_is_tested_is_in_the_guide():
    listed = {row[0] for row in rows_below("With the file as a whole")}
    assert set(WHOLE_FILES) <= listed


FORGIVEN = {
    "a mark at the beginning of a UTF-8 file": b"\xef\xbb\xbf" + AWARD.encode(),
    "UTF-16 with its mark": AWARD.encode("utf-16"),
    "semicolons or tabs in place of commas": (
        re.sub(r',(?=\S)', ";", AWARD).replace("£750;000", "£750,000").encode(),
        re.sub(r',(?=\S)', "\t", AWARD).replace("£750\t000", "£750,000").encode(),
    ),
    "a first line such as `sep=;`": (
        "sep=;\r\n" + re.sub(r',(?=\S)', ";", AWARD).replace("£750;000", "£750,000")
    ).encode(),
    "empty rows": AWARD.replace("\n", "\n,,,,,,\n\n").encode(),
    "empty columns at the end": AWARD.replace("passage\n", "passage,,\n").replace('Study"\n', 'Study",,\n').encode(),
    "line breaks and surplus spaces within a cell": AWARD.replace("Bobbin Fund,H", ' "Bobbin\n  Fund ",H').encode(),
    "headings in capitals or with underscores": AWARD.replace("funder,", "FUNDER,").replace("kind", "Kind").encode(),
}  # fmt: skip


def test_what_the_guide_says_is_no_fault_is_none(town, knowledge):
    listed = re.search(r"No fault is found with: (.*)\.\n", GUIDE)[1]
    assert listed == ", ".join(FORGIVEN)
    expected = drafted(AWARD, knowledge, town).statements
    for words, contents in FORGIVEN.items():
        for content in contents if isinstance(contents, tuple) else (contents,):
            made = drafted(content, knowledge, town)
            assert [each for each in made.report.findings if each.severity > Severity.INFO] == [], words
            assert made.statements == expected, words


def test_the_guide_lists_every_kind_of_relationship_with_its_roles(town, knowledge):
    relationships = Relationships(Writer(Directory(knowledge, town.documents()), NOW))
    column_of = {role: column for column, role in relationships.roles.items()}
    top = NAMESPACES.term("Relationship")
    expected = {
        knowledge.ontology.label(kind): [column_of[role] for role in role_rule(knowledge, kind).allowed]
        for kind in knowledge.ontology.narrower(top) - {top}
    }
    listed = {
        kind: columns.partition(";")[0].split(", ") for kind, columns in rows_below("2. Say who does what with whom")
    }
    assert {kind: sorted(columns) for kind, columns in listed.items()} == {
        kind: sorted(columns) for kind, columns in expected.items()
    }


HOSTING = next(text for mark, _, text in BLOCKS if mark.startswith("append to: "))


@pytest.fixture
def hosted(tmp_path):
    """The town with the guide's statement pasted and not yet minted."""
    sample = extended_sample(tmp_path)
    arguments = ["cite", "sample.txt", "Millbrook Hospital hosts the Heartbeat Study",
                 "--documents", str(sample.documents_folder)]  # fmt: skip
    done = CliRunner().invoke(main, arguments, env={"LEEDSKG_KNOWLEDGE": str(sample.root)})
    sample.append("graph/sources.ttl", done.stdout)
    sample.append("graph/town.ttl", HOSTING)
    return sample


def run(sample, *arguments):
    return CliRunner().invoke(main, arguments, env={"LEEDSKG_KNOWLEDGE": str(sample.root)}).output


def mint(sample):
    assert "is now" in run(sample, "mint", str(sample.path("graph/town.ttl")))


def in_windows_1252(sample):
    path = sample.path("graph/town.ttl")
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))


CITED = re.search(r"evidence:[0-9a-f]{12}", HOSTING)[0]
CHANGES = {
    "A semicolon is missing": [("lhi:Hosting ;", "lhi:Hosting")],
    "A property is misspelt": [(f"lhi:hasEvidence {CITED}", f"lhi:hasEvidnce {CITED}")],
    "A participant is misspelt": [("participant id:millbrook-hospital ;\n    lhi:role role:host ",
                                   "participant id:milbrook-hospital ;\n    lhi:role role:host ")],
    "A role does not fit the kind": [("role:hosted", "role:partner")],
    "The evidence was not pasted": [(CITED, "evidence:0123456789ab")],
    "The evidence does not name a participant": [
        (f"lhi:hasEvidence {CITED}", f"lhi:hasEvidence {evidence('running')}")],
    "The confidence is below 1 and there is no note": [
        (f"{CITED} ;\n    lhi:confidence 1.0", f"{CITED} ;\n    lhi:confidence 0.9")],
}  # fmt: skip


@pytest.mark.parametrize("mistake", rows_below("By hand"), ids=lambda mistake: mistake[0])
def test_a_mistake_by_hand_gives_the_finding_that_the_guide_promises(hosted, mistake):
    wrong, promised, mend = mistake
    documents = ("--documents", str(hosted.documents_folder))
    if wrong == "`cite` is given words that are not printed so":
        output = run(hosted, "cite", "sample.txt", "no such words", *documents)
    elif wrong == "`cite` is given words that stand at several places":
        output = run(hosted, "cite", "sample.txt", "Heartbeat Study", *documents)
    elif wrong == "`cite` is given an unknown document":
        output = run(hosted, "cite", "other.txt", "Heartbeat Study", *documents)
    else:
        output = changed_and_checked(hosted, wrong)
    assert fits(promised.replace("`cite`", "cite"), output), output
    assert mend


def changed_and_checked(sample, wrong):
    for old, new in CHANGES.get(wrong, []):
        sample.change("graph/town.ttl", old, new)
    if wrong == "The words of the document were copied":
        sample.change("graph/sources.ttl", f"{CITED} a lhi:TextEvidence ;",
                      f'{CITED} a lhi:TextEvidence ;\n    oa:exact "hosts" ;')  # fmt: skip
    if wrong == "The file was saved in Windows-1252":
        in_windows_1252(sample)
    elif wrong not in ("The statement was not minted", "A semicolon is missing"):
        mint(sample)
    if wrong == "The statement was changed after it was minted":
        sample.change("graph/town.ttl", "lhi:role role:hosted .", "lhi:role role:host .")
    try:
        report = check(sample.read(), sample.documents())
    except KnowledgeError as error:
        return str(error)
    assert report.reaches(Severity.WARNING)
    return report.as_text()


def test_the_prefixes_that_the_guide_writes_with_are_those_of_the_sample():
    used = set(re.findall(r"(?<![\w\"])([a-z]+):(?=[\w])", HOSTING)) - {"https"}
    assert all(f"@prefix {prefix}:" in PREFIXES for prefix in used)
