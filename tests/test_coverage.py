"""The coverage ledger: how a document is cut, and what accounts for each piece."""

import pytest
from click.testing import CliRunner

from leedskg.cli import main
from leedskg.validation.coverage import coverage, cut
from tests.sample_knowledge import TEXT


def pieces(text):
    return [text[start:end] for start, end in cut(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("It cost £1.6bn in 2.5 years. Then more.", ["It cost £1.6bn in 2.5 years.", "Then more."]),
        ("“It works.” He went.", ["“It works.”", "He went."]),
        ("Largest services1. With more.", ["Largest services1.", "With more."]),
        ("· One item\n· Another item\nof two lines", ["One item", "Another item\nof two lines"]),
        ("1. First\n2. Second", ["First", "Second"]),
        ("A heading\nIt goes on with\nThe Loom. Next.", ["A heading", "It goes on with\nThe Loom.", "Next."]),
        ("Hands &\nFeet offer help.", ["Hands &\nFeet offer help."]),
        ("one\n\n \n\ntwo", ["one", "two"]),
        ("· \n—\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_text_is_cut_into_sentences_items_and_headings(text, wanted):
    assert pieces(text) == wanted


def test_every_letter_of_a_text_lies_in_one_piece():
    spans = cut(TEXT)
    assert spans == sorted(spans)
    covered = {position for start, end in spans for position in range(start, end)}
    assert len(covered) == sum(end - start for start, end in spans)
    assert {position for position, char in enumerate(TEXT) if char.isalnum()} <= covered


def test_what_assertions_cite_is_cited_and_the_rest_is_open(sample):
    (ledger,), missing = coverage(sample.read(), sample.documents())
    assert missing == []
    states = {TEXT[passage.start : passage.end]: passage.state for passage in ledger.passages}
    assert states == {
        "A made-up town": "open",
        "Millbrook Hospital and the Zoë Institute work together on heart disease.": "cited",
        "Money": "open",
        "The Loom Charity gave £2 million to the Heartbeat Study.": "cited",
        "The Heartbeat Study is run by the Zoë Institute.": "cited",
        "More than 250 firms in Millbrook make medical devices.": "cited",
    }


def run(sample, *arguments):
    return CliRunner().invoke(main, ["--knowledge", str(sample.root), "coverage", *arguments], catch_exceptions=False)


def test_open_passages_are_listed_and_fail_the_command(sample):
    done = run(sample, "--documents", str(sample.documents_folder))
    assert done.exit_code == 1
    assert "4 of 6 passages accounted for" in done.output
    assert "sample.txt:1: open: characters 0 to 14" in done.output


def test_a_mark_with_a_reason_accounts_for_a_passage(sample):
    marks = "\n".join(
        f"evidence:mark{number} a lhi:PassageWithoutClaim ; oa:hasSource id:sample-text ; "
        f"oa:hasSelector evidence:mark{number}\\#span ; lhi:withoutClaimBecause "
        "<https://w3id.org/leeds-health-innovation/scheme/reason/heading> .\n"
        f"evidence:mark{number}\\#span a oa:TextPositionSelector ; oa:start {TEXT.index(words)} ; "
        f"oa:end {TEXT.index(words) + len(words)} ."
        for number, words in enumerate(("A made-up town", "Money"))
    )
    sample.append("graph/sources.ttl", marks)
    done = run(sample, "--documents", str(sample.documents_folder))
    assert done.exit_code == 0, done.output
    assert "6 of 6 passages accounted for (100.0 %)" in done.output


def test_a_document_that_is_not_at_hand_cannot_be_accounted_for(sample):
    (sample.documents_folder / "sample.txt").unlink()
    done = run(sample, "--documents", str(sample.documents_folder))
    assert done.exit_code == 2
    assert "sample.txt is not in" in done.output


def test_the_folder_has_to_be_named(sample):
    done = CliRunner().invoke(main, ["--knowledge", str(sample.root), "coverage"], env={"LEEDSKG_DOCUMENTS": None})
    assert done.exit_code == 2
    assert "--documents" in done.stderr
