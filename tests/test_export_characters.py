"""An export whatever characters the files and the contributions hold."""

from __future__ import annotations

import pytest

from tests.contributing import Town
from tests.sample_knowledge import write_sample

HEADER = "record,field,old value,new value,reason\n"
#: What other programs take for the end of a line, as it may stand in a literal.
BREAKS = {"U+2028": "\u2028", "U+2029": "\u2029", "U+0085": "\u0085"}


@pytest.fixture
def town(tmp_path):
    return Town(write_sample(tmp_path), tmp_path)


def described(town: Town, text: str) -> None:
    """Put the text as another note above what is corrected."""
    path = town.sample.path("graph/town.ttl")
    whole = path.read_text(encoding="utf-8")
    at = whole.index("id:loom-charity a")
    path.write_bytes((whole[:at] + f"id:loom-charity skos:editorialNote {text} .\n\n" + whole[at:]).encode("utf-8"))


def corrected(town: Town) -> str:
    """Merge a correction of an entity and export; give the file."""
    town.contribute("better.csv", f"{HEADER}Loom Charity,description,,Gives money.,Clearer\n")
    assert "Published" in town.run("contributions", "accept", "1", "--reason", "seen").output
    town.run("export")
    return town.sample.path("graph/town.ttl").read_bytes().decode("utf-8")


@pytest.mark.parametrize("character", BREAKS)
def test_a_line_break_of_another_kind_blocks_no_export(town, character):
    described(town, f'"A{BREAKS[character]}research{BREAKS[character]}university."@en')
    town.build()
    text = corrected(town)
    assert "Gives money." in text
    code = f"\\u{ord(BREAKS[character]):04X}"
    assert f"A{code}research{code}university." in text, "written anew, it stands as its code"
    assert "1 whole" in town.run("rebuild").output


@pytest.mark.parametrize("character", ["\u000b", "\u000c", "\u001c", "\u001e"])
def test_what_xml_cannot_hold_is_told_with_its_line(town, character):
    described(town, f'"A{character}research."@en')
    said = town.run("check", code=1).output
    assert f"control character U+{ord(character):04X}" in said
    assert "graph/town.ttl:28: violation: Loom Charity" in said


def test_a_long_text_with_empty_lines_stays_as_it_is(town):
    described(town, '"""One.\n\n\n\n\n# Two.\n"""@en')
    town.build()
    corrected(town)
    town.run("rebuild")
    said = {quad.object.value for quad in town.quads() if "editorialNote" in str(quad.predicate)}
    assert "One.\n\n\n\n\n# Two.\n" in said


def test_a_byte_order_mark_before_a_knowledge_file_is_read_over(town):
    path = town.sample.path("graph/town.ttl")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    town.build()
    assert "Gives money." in corrected(town)


def test_line_separators_come_back_from_an_export(town):
    note = "One.\u2028Two.\u2029Three.\u0085Four."
    iri = "<https://w3id.org/leeds-health-innovation/id/loom-charity>"
    name = "<http://www.w3.org/2004/02/skos/core#editorialNote>"
    town.build()
    town.contribute("note.ttl", f'{iri} {name} "{note}"@en .')
    town.run("contributions", "accept", "1", "--reason", "seen")
    town.run("export")
    assert "One.\\u2028Two.\\u2029Three.\\u0085Four." in town.sample.path("graph/town.ttl").read_text("utf-8")
    town.run("rebuild")
    assert note in {quad.object.value for quad in town.quads() if "editorialNote" in str(quad.predicate)}
