"""`leedskg cite` and `leedskg mint`, as a person types them."""

import pytest

from tests.sample_knowledge import TEXT


def test_cite_gives_evidence_that_passes_the_check(terminal):
    documents = str(terminal.sample.documents_folder)
    done = terminal("cite", "sample.txt", "Millbrook  make medical\ndevices", "--documents", documents)
    assert done.exit_code == 0
    terminal.sample.append("graph/sources.ttl", done.stdout)
    iri = done.stdout.split()[0]
    terminal.sample.change("graph/town.ttl", 'skos:prefLabel "Millbrook"@en ;',
                           f'skos:prefLabel "Millbrook"@en ;\n    lhi:namedAt {iri} ;')  # fmt: skip
    checked = terminal("check", "--documents", documents)
    assert checked.exit_code == 0, checked.output
    assert "5 places in documents" in checked.output


@pytest.mark.parametrize(
    ("document", "passage", "words"),
    [
        ("sample.txt", "Heartbeat Study", "stands at 2 places"),
        ("sample.txt", "no such passage", "is not in sample.txt"),
        ("other.txt", "Millbrook", "Known are: sample.txt"),
    ],
)
def test_cite_says_what_it_could_not_find(terminal, document, passage, words):
    done = terminal("cite", document, passage, "--documents", str(terminal.sample.documents_folder))
    assert done.exit_code == 2
    assert words in done.stderr


def test_cite_takes_the_occurrence_that_is_meant(terminal):
    documents = str(terminal.sample.documents_folder)
    done = terminal("cite", "sample-text", "Heartbeat Study", "--occurrence", "2", "--documents", documents)
    assert f"oa:start {TEXT.rindex('Heartbeat Study')} ;" in done.stdout


def test_mint_names_drafts_in_place(terminal):
    path = terminal.sample.path("graph/more.ttl")
    path.write_text(
        "@prefix assertion: <https://w3id.org/leeds-health-innovation/assertion/> .\n"
        "@prefix lhi: <https://w3id.org/leeds-health-innovation/def#> .\n# stays\nassertion:new-x lhi:value 1 .\n",
        encoding="utf-8",
    )
    done = terminal("mint", str(path))
    assert done.exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert "new-x" not in text
    assert "# stays" in text
    assert terminal("mint", str(path)).stdout.endswith("no drafts\n")
