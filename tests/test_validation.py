"""What the check finds when a steward makes a mistake: one finding for each mistake, at its place, with the mend."""

import pytest

from leedskg.errors import KnowledgeError
from leedskg.validation import Severity, check
from tests.sample_knowledge import NAMESPACES, PASSAGES, TEXT, evidence, relationship


def findings(sample, *, least=Severity.WARNING):
    return [found for found in check(sample.read(), sample.documents()).findings if found.severity >= least]


def only(sample):
    found = findings(sample)
    assert len(found) == 1, "\n".join(each.as_text() for each in found)
    return found[0]


def line_of(sample, name, words):
    lines = sample.path(name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def test_the_sample_is_sound_and_the_report_says_how_much_was_checked(sample):
    report = check(sample.read(), sample.documents())
    assert report.findings == []
    assert report.checked["assertion"] == 4
    assert report.checked["place in documents"] == 4
    assert report.checked["shape"] > 50
    assert report.unchecked == []


def test_without_the_documents_the_report_says_what_it_could_not_check(sample):
    report = check(sample.read(), None)
    assert "4 places in documents" in report.unchecked[0]
    assert "place in documents" not in report.checked


def test_a_document_that_is_not_at_hand_is_named(sample):
    (sample.documents_folder / "sample.txt").unlink()
    report = check(sample.read(), sample.documents())
    assert report.unchecked == ["evidence in Sample text: sample.txt is not at hand"]


def test_turtle_that_does_not_parse_is_refused_with_its_line(sample):
    sample.change("graph/town.ttl", "lhi:amount 2000000 ;", "lhi:amount two million ;")
    with pytest.raises(KnowledgeError) as error:
        sample.read()
    assert str(error.value.path) == "graph/town.ttl"
    assert error.value.line == line_of(sample, "graph/town.ttl", "two million")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(sample):
    text = sample.path("graph/town.ttl").read_text(encoding="utf-8")
    sample.path("graph/town.ttl").write_bytes(text.encode("latin-1", errors="replace"))
    with pytest.raises(KnowledgeError, match="not UTF-8") as error:
        sample.read()
    assert error.value.line == text[: text.index("ë")].count("\n") + 1


def test_a_misspelt_property_is_found_with_the_right_spelling(sample):
    sample.change("graph/town.ttl", "lhi:currency", "lhi:curency")
    vocabulary = [found for found in findings(sample) if found.rule == "vocabulary"]
    assert len(vocabulary) == 1
    assert "did you mean lhi:currency?" in vocabulary[0].message
    assert vocabulary[0].line == line_of(sample, "graph/town.ttl", "lhi:curency")


def test_a_type_that_the_ontology_does_not_know_is_found(sample):
    sample.change("graph/town.ttl", "a lhi:Charity", "a lhi:Chairty")
    assert any("did you mean lhi:Charity?" in found.message for found in findings(sample))


def test_a_right_term_behind_a_wrong_prefix_is_told_whole(sample):
    sample.change("graph/town.ttl", "a lhi:Charity", f"a <{NAMESPACES.base}def/Charity>")
    wanted = f"did you mean <{NAMESPACES.term('Charity')}>? Look at what its prefix is declared as."
    assert any(wanted in found.message for found in findings(sample))


def test_a_participant_that_no_file_describes_is_found_with_the_near_one(sample):
    sample.append("graph/town.ttl", relationship("x", "Partnership", "partners", ("partner", "zoe-institute"),
                                                 ("partner", "milbrook-hospital")))  # fmt: skip
    assert any("did you mean id:millbrook-hospital?" in found.message for found in findings(sample))


def test_a_draft_that_was_not_minted_is_found(sample):
    sample.append("graph/town.ttl", relationship("late", "Partnership", "partners", ("partner", "zoe-institute"),
                                                 ("partner", "loom-charity"),
                                                 more='    lhi:readingNote "A test."@en ;\n'))  # fmt: skip
    assert any("leedskg mint graph/town.ttl" in found.message for found in findings(sample))


def test_a_claim_that_was_changed_under_its_old_name_is_found(sample):
    sample.change("graph/town.ttl", "lhi:amount 2000000", "lhi:amount 3000000")
    found = only(sample)
    assert found.rule == "identity"
    assert "funding award: Loom Charity, Heartbeat Study" in found.as_text()


def test_evidence_beyond_the_end_of_the_document_is_found(sample):
    end = TEXT.index(PASSAGES["firms"]) + len(PASSAGES["firms"])
    sample.change("graph/sources.ttl", f"oa:end {end} ", f"oa:end {end + 1000} ")
    found = [each for each in findings(sample) if each.rule == "evidence"]
    assert len(found) == 1
    assert f"which has {len(TEXT)} characters" in found[0].message
    assert found[0].line == line_of(sample, "graph/sources.ttl", f"oa:end {end + 1000}")


def test_a_document_that_changed_is_found_and_so_is_where_its_passages_went(sample):
    (sample.documents_folder / "sample.txt").write_text("A new line.\n" + TEXT, encoding="utf-8")
    found = findings(sample)
    assert sum("SHA-256 differs" in each.message for each in found) == 1
    moved = [each for each in found if "It stands at" in each.message]
    assert len(moved) == 4
    start = TEXT.index(PASSAGES["firms"]) + len("A new line.\n")
    assert any(f"{start}-{start + len(PASSAGES['firms'])}" in each.message for each in moved)


def test_a_passage_that_is_gone_is_said_to_be_gone(sample):
    (sample.documents_folder / "sample.txt").write_text(TEXT.replace("250 firms", "260 firms"), encoding="utf-8")
    assert any("It stands nowhere in this text" in found.message for found in findings(sample))


def test_evidence_that_does_not_name_its_subject_is_a_warning(sample):
    sample.change("graph/town.ttl", f"lhi:hasEvidence {evidence('running')}", f"lhi:hasEvidence {evidence('partners')}")
    found = only(sample)
    assert found.severity is Severity.WARNING
    assert "No passage cited for this names Heartbeat Study" in found.message


def test_a_reading_note_answers_evidence_that_does_not_name_its_subject(sample):
    sample.change(
        "graph/town.ttl", f"lhi:hasEvidence {evidence('running')}",
        f'lhi:readingNote "The study is meant."@en ;\n    lhi:hasEvidence {evidence("partners")}',
    )  # fmt: skip
    assert findings(sample) == []


def test_names_are_found_whatever_their_case_and_quotation_marks(sample):
    sample.change("graph/town.ttl", "Loom Charity", "loom  CHARITY")
    assert not any(found.rule == "evidence" for found in findings(sample))


def test_a_shape_is_reported_with_record_field_value_and_line(sample):
    sample.change("graph/town.ttl", "lhi:amount 2000000", "lhi:amount -5")
    shape = [found for found in findings(sample) if found.rule not in ("identity",)]
    assert len(shape) == 1
    assert shape[0].field
    assert shape[0].value == "-5"
    assert shape[0].line == line_of(sample, "graph/town.ttl", "lhi:amount -5")


def test_a_check_that_returns_rows_is_a_finding_for_each(sample):
    sample.path("queries/checks/a-test.rq").write_text(
        "# title: Charities\n# message: There shall be none.\n"
        "SELECT ?record ?kind WHERE { ?record a <https://w3id.org/leeds-health-innovation/def#Charity> , ?kind }",
        encoding="utf-8",
    )
    found = [each for each in findings(sample) if each.rule == "check a-test"]
    assert {each.record_label for each in found} == {"Loom Charity"}
    assert {each.message for each in found} == {"There shall be none."}
    assert any("charity" in each.value for each in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT ?record WHERE { }", "has no `# title: …`, `# message: …`"),
        ("# title: x\n# message: y\nSELECT ?record WHERE {", "not valid SPARQL"),
        ("# title: x\n# message: y\nSELECT ?other WHERE { ?other ?p ?o }", "a column \\?record"),
    ],
)
def test_a_check_that_cannot_be_run_is_refused(sample, text, words):
    sample.path("queries/checks/broken.rq").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=words):
        check(sample.read(), None)


def test_a_rule_that_is_not_sparql_is_refused(sample):
    sample.path("ontology/rules/99-broken.rq").write_text("CONSTRUCT { ?a", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"ontology/rules/99-broken\.rq: this rule is not valid SPARQL"):
        check(sample.read(), None)


def test_findings_are_printed_worst_first(sample):
    sample.change("graph/town.ttl", "lhi:amount 2000000", "lhi:amount 3000000")
    sample.change("graph/town.ttl", f"lhi:hasEvidence {evidence('running')}", f"lhi:hasEvidence {evidence('partners')}")
    text = check(sample.read(), sample.documents()).as_text()
    assert text.index("violation") < text.index("warning")
    assert "1 violation, 1 warning" in text


def test_a_description_that_repeats_the_document_is_a_warning(sample):
    sample.change("graph/town.ttl", '"The Loom"@en ;\n    dcterms:description "Made up for tests as Loom Charity."@en',
                  '"The Loom"@en ;\n    dcterms:description "It gave £2 million to the Heartbeat Study. '
                  'The Heartbeat Study is run by others."@en')  # fmt: skip
    found = only(sample)
    assert found.rule == "copied prose"
    assert found.severity is Severity.WARNING
    assert "your own words" in found.message


def test_a_wrong_check_digit_is_found(sample):
    sample.append("graph/town.ttl", "@prefix adms: <http://www.w3.org/ns/adms#> .\n"
                  "@prefix identifier: <https://w3id.org/leeds-health-innovation/scheme/identifier/> .\n"
                  "id:loom-charity adms:identifier id:loom-charity\\#ror .\n"
                  'id:loom-charity\\#ror a adms:Identifier ; skos:notation "https://ror.org/024mrxd34" ;\n'
                  f"    lhi:identifierScheme identifier:ror ; lhi:seenIn {evidence('funding')} .\n")  # fmt: skip
    assert any(found.rule == "check digits" for found in findings(sample))


def test_a_mistake_is_said_once(sample):
    sample.change("graph/town.ttl", "lhi:population", "lhi:populaton")
    about = [found for found in findings(sample) if found.property_iri.endswith("populaton")]
    assert len(about) == 1


def _says(text, passage):
    """A statement about the study, to be put into the town's file."""
    return (
        "\nassertion:new-said a lhi:AttributeStatement ;\n    lhi:subject id:heartbeat-study ;\n"
        f'    lhi:property lhi:purpose ;\n    lhi:literalValue "{text}"@en ;\n'
        f"    lhi:hasEvidence {evidence(passage)} ;\n    lhi:confidence 1.0 ;\n    lhi:rank rank:normal ;\n"
        "    prov:wasAttributedTo agent:curation-team ;\n"
        '    prov:generatedAtTime "2026-11-21T00:00:00Z"^^xsd:dateTime .\n'
    )


def _said(sample, text, passage="funding"):
    """What is found of a statement that says this, but for its draft name."""
    sample.append("graph/town.ttl", _says(text, passage))
    return [found for found in findings(sample) if found.rule == "overstatement"]


@pytest.mark.parametrize("text", ["Helps everyone who has money.", "Pays for all studies."])
def test_a_universal_that_no_passage_bears_out_is_a_warning(sample, text):
    (found,) = _said(sample, text)
    assert found.severity == Severity.WARNING
    assert "no passage that is cited does" in found.message
    assert found.value == text
    assert found.line == line_of(sample, "graph/town.ttl", text)


def test_what_a_passage_bears_out_may_be_said(sample):
    assert _said(sample, "Was given money by a charity.") == []


def test_a_term_of_art_in_plainer_words_is_a_warning(sample):
    sample.change("ontology/schemes.ttl", '"academia"@en', '"gave"@en')
    (found,) = _said(sample, "Got its money from universities.")
    assert found.message == "The passage says “gave”, which “universities” does not mean. Keep the term."
    assert _said(sample, "Universities gave it money.") == [found]


def test_a_footnote_mark_that_does_not_stand_where_it_is_said_to_is_found(sample):
    iri = evidence("funding")
    place = TEXT.index("£2")
    mark = f'lhi:footnoteMark "£" ;\n    lhi:markAt {place} ;\n    lhi:inSection'
    sample.change("graph/sources.ttl", f"{iri} a lhi:TextEvidence ;\n", f"{iri} a lhi:TextEvidence ;\n    {mark[:-14]}")
    assert findings(sample) == []
    sample.change("graph/sources.ttl", f"lhi:markAt {place}", f"lhi:markAt {place + 1}")
    assert f"does not stand at {place + 1} of sample.txt" in only(sample).message


def test_each_judgement_on_names_that_cannot_be_read_is_found_with_its_line(sample):
    matches = sample.path("graph/imports/matches.sssom.tsv")
    matches.parent.mkdir(parents=True, exist_ok=True)
    matches.write_text(
        "subject_label\tpredicate_id\tobject_id\n"
        "Loom\tskos:exactMatch\tid:loom-charity\nMill\tnonsense\tid:mill\nHospital\tskos:exactMatch\t\n"
    )
    assert [found.place for found in findings(sample)] == [
        "graph/imports/matches.sssom.tsv:3", "graph/imports/matches.sssom.tsv:4",
    ]  # fmt: skip
    assert "skos:exactMatch" in findings(sample)[0].message
    matches.write_bytes(b"subject_label\xff\n")
    assert "UTF-8" in only(sample).message
