"""What people and other programs really send: no 500, no half record, and no silent loss."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leedskg.namespaces import Namespaces
from leedskg.ontology import read_ontology
from tests.real_inputs import PREFIXES, ROOT, RealSite, as_json_ld, case, real_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSite]:
    with real_site(tmp_path_factory.mktemp("real")) as found:
        yield found


#: Each case with the gravest finding, whether it is recorded, and words that a finding has.
CASES = {
    "01-text-where-iri-belongs/identifier.ttl": ("violation", False, "identifier: Here belongs the IRI of a record"),
    "01-text-where-iri-belongs/participant.ttl": ("violation", False, "participant: Here belongs the IRI of a record"),
    "02-nan-decimal/amount.ttl": ("violation", False, "amount: “NaN” is not a value of xsd:decimal"),
    "04-type-that-no-shape-targets/type-as-text.ttl": ("violation", False, "Here belongs the IRI"),
    "04-type-that-no-shape-targets/org-type.ttl": ("violation", True, "type: This record has no type of ours"),
    "05-ill-typed-numbers-and-times/amount-exponent.ttl": ("violation", False, "Write 1000000."),
    "05-ill-typed-numbers-and-times/openrefine-time.ttl": ("violation", False, "with seconds and a zone"),
    "08-jsonld-dropped-without-a-word/en_GB.jsonld": ("violation", False, "is not a language tag"),
    "08-jsonld-dropped-without-a-word/relative-value.jsonld": ("violation", False, "This is a relative IRI"),
    "08-jsonld-dropped-without-a-word/undefined-key.jsonld": ("violation", False, "what the key “description” means"),
    "09-direction-in-a-language-tag/label.ttl": ("violation", False, "direction of writing (--ltr)"),
    "10-noncharacter/label.ttl": ("violation", False, "noncharacter U+FFFF"),
    "18-hidden-rows/hidden.xlsx": ("warning", True, "read all the same: row 3"),
    "21-two-labels/labels.ttl": ("violation", True, "An entity has one preferred label"),
    "22-html-entities/entities.csv": ("violation", False, "“R&D Leeds”"),
}


@pytest.mark.parametrize("path", CASES)
def test_a_case_is_told_over_http_and_by_the_command_line(site: RealSite, path: str) -> None:
    worst, recorded, words = CASES[path]
    name, content = path.rpartition("/")[2], case(path)
    answer = site.send(name, content)
    assert words in answer.words
    assert answer.worst() == worst
    assert bool(answer.number) == recorded
    if not recorded:  # what was refused can be sent again, and is read again
        assert words in site.send(name, content).words
    code, output = site.tell(f"again-{name}", content if recorded is False else content + b" ")
    assert code == (1 if worst == "violation" else 0)
    assert " ".join(words.rpartition(": ")[2].split()) in " ".join(output.split())


def statements(answer: object) -> str:
    return "\n".join(answer.statements)  # type: ignore[attr-defined]


def test_a_month_of_excel_stays_a_month(site: RealSite) -> None:
    answer = site.send("month.xlsx", case("06-excel-month-and-year/month.xlsx"))
    assert '"2018-10"' in statements(answer), answer.words
    assert "2018-10-01" not in statements(answer)


def test_noughts_that_a_number_format_holds_stay(site: RealSite) -> None:
    answer = site.send("leading-zero.xlsx", case("07-number-format-of-keys/leading-zero.xlsx"))
    assert "01234567" in statements(answer) or "01234567" in answer.words


def test_what_excel_escapes_is_read(site: RealSite) -> None:
    answer = site.send("cr.xlsx", case("16-x000d/cr.xlsx"))
    assert '"Line one line two"@en' in statements(answer), answer.words


def test_a_byte_order_mark_is_read_over(site: RealSite) -> None:
    content = case("17-byte-order-mark/bom.ttl")
    assert "Case Bom" in statements(site.send("bom.ttl", content))
    assert "violation: " not in site.tell("bom.ttl", content.replace(b"Case Bom", b"Case Bomb"))[1]


def test_names_keep_their_letters_in_permanent_names(site: RealSite) -> None:
    answer = site.send("names.csv", case("13-letters-that-do-not-decompose/names.csv"))
    for name in ("lodz-health-fund", "orsted-care", "thor-biotech", "aeon-health"):
        assert f"/id/{name}>" in statements(answer)
    assert site.accept(answer).status_code == 200
    for asked, label in (("Lodz", "Łódź Health Fund"), ("orsted", "Ørsted Care"), ("Thor", "Þór Biotech"),
                         ("Þór", "Þór Biotech"), ("ŁÓDŹ", "Łódź Health Fund")):  # fmt: skip
        assert label in site.client.get("/search", query_string={"q": asked}).text


def test_invisible_letters_make_no_twins(site: RealSite) -> None:
    answer = site.send("two.csv", case("15-invisible-letters/two.csv"))
    assert "This row says the same as row 2" in answer.words
    assert answer.worst() == "violation"


def test_replacements_are_followed_to_their_end_and_never_in_a_circle(site: RealSite) -> None:
    merged: list[int] = []
    for name in ("1-entities.csv", "2.csv", "3.csv"):
        answer = site.send(name, case(f"11-replaced-in-a-circle/{name}"))
        assert site.accept(answer).status_code == 200, answer.words
        merged.append(answer.number)
    for name in ("loom-alpha", "loom-beta"):
        page = site.client.get(f"/id/{name}")
        assert (page.status_code, page.headers["Location"]) == (303, "/id/loom-gamma")
    assert "Loom Gamma" in site.client.get("/search", query_string={"q": "Loom Alpha"}).text
    assert site.client.get("/network", query_string={"of": "Loom Alpha"}).status_code in {200, 302, 303, 404}
    answer = site.send("4.csv", case("11-replaced-in-a-circle/4.csv"))
    assert answer.worst() == "violation"
    assert "circle" in answer.words
    by_hand = site.send(
        "circle.ttl", PREFIXES + "id:loom-gamma owl:deprecated true ; dcterms:isReplacedBy id:loom-alpha ; "
        'skos:editorialNote "x"@en .'
    )  # fmt: skip
    assert "go round in a circle" in by_hand.words
    assert site.accept(by_hand).status_code == 422
    itself = site.send(
        "self.ttl", PREFIXES + "id:loom-gamma owl:deprecated true ; dcterms:isReplacedBy id:loom-gamma ."
    )
    assert "go round in a circle" in itself.words
    # An undone replacement gives the addresses back.
    path = f"/api/contributions/{merged[-1]}/undo"
    undone = site.client.post(path, headers=site.headers, json={"reason": "Wrong."})
    assert undone.status_code == 200, undone.text
    assert site.client.get("/id/loom-beta").status_code == 200
    assert site.client.get("/id/loom-alpha").headers["Location"] == "/id/loom-beta"


def test_a_university_spun_out_of_a_product_is_asked_about(site: RealSite) -> None:
    text = PREFIXES + (
        "assertion:new-s a lhi:SpinOut ; lhi:hasParticipation assertion:new-s\\#p1 , assertion:new-s\\#p2 ; "
        "lhi:hasEvidence evidence:7b328f0685dd ; lhi:confidence 1.0 ; lhi:rank rank:normal ; "
        "prov:wasAttributedTo agent:curation-team ; "
        'prov:generatedAtTime "2026-11-21T00:00:00Z"^^xsd:dateTime .\n'
        "assertion:new-s\\#p1 a lhi:Participation ; lhi:role role:spin-out ; lhi:participant id:university-of-leeds .\n"
        "assertion:new-s\\#p2 a lhi:Participation ; lhi:role role:parent-institution ; lhi:participant id:new-thing .\n"
        'id:new-thing a lhi:Product ; skos:prefLabel "New Thing"@en ; skos:editorialNote "x"@en .\n'
    )
    answer = site.send("spin.ttl", text)
    assert answer.words.count("hardly has this role") == 2
    assert answer.worst() == "warning"


ONTOLOGY = read_ontology(ROOT, Namespaces())
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize("name", sorted(each for each in ONTOLOGY.properties if ONTOLOGY.takes(each) == "iri"))
def test_no_text_stands_where_an_iri_belongs(site: RealSite, name: str) -> None:
    for value in ('"Nexus"', '"Nexus"@en', "5", '"id:nexus"^^xsd:anyURI'):
        answer = site.send("a.ttl", f"{PREFIXES}id:nexus <{name}> {value} .")
        assert "Here belongs the IRI" in answer.words or "blank node" in answer.words
    assert "blank node" in site.send("a.ttl", f"{PREFIXES}id:nexus <{name}> [] .").words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("lhi:validFrom 2020", "given as xsd:integer. Here belongs a plain text"),
        ('lhi:validFrom "2020"^^xsd:gYear', "given as xsd:gYear"), ('lhi:validTo "2020"@en', "in the language en"),
        ('lhi:currency "GBP"@en', "Here belongs a plain text"), ('lhi:currency "GBP"^^xsd:token', "given as xsd:token"),
        ("lhi:amount 1e3", "given as xsd:double. Here belongs a number"),
        ('lhi:amount "1000"^^xsd:unsignedInt', "given as xsd:unsignedInt"), ('lhi:amount "1000"', "belongs a number"),
        ('lhi:amount "1000"^^<http://dbpedia.org/datatype/poundSterling>', "dbpedia.org"),
        ("skos:altLabel 5", "Here belongs a text"), ('dcterms:description "x"^^xsd:anyURI', "Here belongs a text"),
        ('owl:deprecated "true"', "Here belongs true or false"),
    ],
)  # fmt: skip
def test_a_literal_is_of_the_kind_that_its_property_takes(site: RealSite, said: str, words: str) -> None:
    answer = site.send("a.ttl", f"{PREFIXES}id:nexus {said} .")
    assert answer.number == 0
    assert words in answer.words


def test_numbers_and_texts_of_the_right_kind_are_taken(site: RealSite) -> None:
    for said in ("lhi:amount 1000", "lhi:amount 2.5", 'lhi:validFrom "2020"', 'skos:altLabel "Nex"'):
        assert "Here belongs" not in site.send("a.ttl", f"{PREFIXES}id:nexus {said} .").words


@pytest.mark.parametrize("name", sorted(each for each in ONTOLOGY.properties if ONTOLOGY.takes(each) == "literal"))
def test_no_iri_stands_where_a_text_belongs(site: RealSite, name: str) -> None:
    assert "Here belongs a text" in site.send("a.ttl", f"{PREFIXES}id:nexus <{name}> id:nexus .").words


#: Forms that XML Schema does not have, by datatype.
ILL_TYPED = {
    "decimal": [
        "NaN", "INF", "-INF", "1E+6", "1e6", "1,600", "", " 1", "1 ", "+", ".", "\u0661\u0662", "0x10", "1_000",
        "\uff11", "12345678901234567890123", "1.1234567890123456789",
    ],
    "integer": ["1.0", "NaN", "", "1e3", "٣", "99999999999999999999", "--1"],
    "double": ["1E309", "-1e999999999", "inf", "nan", "Infinity", "1e", "", "1,5"],
    "float": ["1e400", "+NaN", "1f"],
    "boolean": ["yes", "True", "FALSE", "", "2"],
    "date": ["2026-02-30", "2026-13-01", "21/11/2026", "2026-11-21T00:00:00", "26-11-21", "2026-1-1", "12026-02-29"],
    "dateTime": ["2026-11-21T00:00Z", "2026-11-21", "2026-11-21 00:00:00", "2026-11-21T25:00:00Z",
                 "2026-11-21T00:00:00+15:00"],
    "time": ["9:00", "24:00:01", "09:00"],
    "gYear": ["26", "2026-01", "20 26", "02026"],
    "gYearMonth": ["2026-13", "2026"],
    "duration": ["P99999999999999999999Y", "PT9999999999S", "P", "1Y", "P1S", "PT"],
    "anyURI": ["https://example.org/a b", "<https://example.org/>"],
    "nonNegativeInteger": ["-1"],
    "positiveInteger": ["0"],
    "byte": ["128"],
    "hexBinary": ["ABC"],
    "base64Binary": ["====", "a"],
    "language": ["en_GB", ""],
    "token": [" a", "a  b"],
    "number": ["1"],
}  # fmt: skip


@pytest.mark.parametrize("datatype", ILL_TYPED)
def test_lexical_forms_are_those_of_xml_schema(site: RealSite, datatype: str) -> None:
    for text in ILL_TYPED[datatype]:
        answer = site.send("a.ttl", f'{PREFIXES}id:nexus lhi:literalValue "{text}"^^<{XSD}{datatype}> .')
        assert answer.number == 0, text
        assert f"xsd:{datatype}" in answer.words, text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\\u00ADb", "soft hyphen"), ("a\\u200Bb", "zero width space"), ("a\\uFEFFb", "nobody sees"),
        ("a\\u2060b", "word joiner"), ("a\\u200Db", "zero width joiner"), ("a\\u200Cb", "zero width non-joiner"),
        ("a\\uFE0Fb", "variation selector"), ("a\\u180Eb", "mongolian vowel separator"),
        ("a\\u034Fb", "grapheme joiner"),
        ("a\\u200Eb", "left-to-right mark"), ("a\\u061Cb", "arabic letter mark"), ("a\\U000E0061b", "nobody sees"),
        ("a\\u202Eb", "turns the direction"), ("a\\u2066b", "turns the direction"),
        ("a\\uFDD0b", "noncharacter U+FDD0"),
        ("a\\uFFFEb", "noncharacter U+FFFE"), ("a\\U0001FFFFb", "noncharacter U+1FFFF"), ("a\\u000Bb", "U+000B"),
        ("a\\u000Cb", "U+000C"), ("a\\u0001b", "U+0001"), ("a\\u007Fb", "U+007F"), ("a\\uE000b", "U+E000"),
        ("Ch\\uFFFDx", "lost on the way"), ("a\\uFFFCb", "lost on the way"), ("L\\u0435\\u0435ds", "look alike"),
        ("Le\\u0415ds", "look alike"), ("\\u0391lpha", "look alike"),
        ("e\\u0301", "NFC"), ("\\u212B", "NFC"), ("R&amp;D", "“R&D”"), ("R&amp;amp;D", "“R&D”"), ("R&#38;D", "“R&D”"),
        ("R&#x26;D", "“R&D”"), ("R&amp D", "“R& D”"), ("R&#38 D", "“R& D”"),
        ("CafÃ©", "“Café”"), ("Leeds â€“ Łódź", "“Leeds – Łódź”"), ("ðŸ\\u02DC€", "“😀”"), ("\\u13AApha", "look alike"),
        ("caf&eacute;", "“café”"), ("\\u2800", "braille pattern blank"), ("—", "no letter"),
        ("\\u00B7\\u00A0…", "no letter"),
    ],
)  # fmt: skip
def test_characters_that_mislead_are_told(site: RealSite, text: str, words: str) -> None:
    for predicate in ("skos:altLabel", "dcterms:description", "skos:editorialNote"):
        answer = site.send("a.ttl", f'{PREFIXES}id:nexus {predicate} "{text}"@en .')
        assert answer.number == 0
        assert words in answer.words


@pytest.mark.parametrize(
    ("text", "words"),
    [("a\\u00A0b", "no-break space"), ("a\\u3000b", "ideographic space"), ("a\\u2009b", "looks like a plain space"),
     ("\\u217Cab", "Write “l”"), ("\\u24C1ab", "Write “L”"), ("\\uFB01ne", "Write “fi”"),
     ("\\uFF2Eexus", "Write “N”"), ("\\U0001D400lpha", "Write “A”")],
)  # fmt: skip
def test_characters_that_print_like_plain_ones_are_asked_about(site: RealSite, text: str, words: str) -> None:
    answer = site.send("a.ttl", f'{PREFIXES}id:nexus skos:altLabel "{text}"@en .')
    assert answer.worst() == "warning"
    assert words in answer.words


def test_a_name_of_thousands_of_letters_is_refused(site: RealSite) -> None:
    for length in (600, 9_000):
        name = f"{'Loom ' * (length // 5)}End"
        for file, content in (("a.csv", f"name,kind,note\n{name},charity,x\n"),
                              ("a.ttl", f'{PREFIXES}id:nexus skos:altLabel "{name}"@en .')):  # fmt: skip
            assert " is the most" in site.send(file, content).words
    slug = "-".join(["loom"] * 200)
    assert "No record of ours is named so" in site.send("a.ttl", f"{PREFIXES}id:{slug} a lhi:Charity .").words


@pytest.mark.parametrize("tag", ["en-UK", "en--ltr", "ar--rtl", "english", "e", "en-GB-oed"])
def test_language_tags_are_those_of_bcp_47(site: RealSite, tag: str) -> None:
    for form in ("ttl", "nt"):
        name = "<http://www.w3.org/2004/02/skos/core#altLabel>"
        iri = "<https://w3id.org/leeds-health-innovation/id/nexus>"
        answer = site.send(f"a.{form}", f'{iri} {name} "x"@{tag} .')
        assert answer.number == 0, answer.words


@pytest.mark.parametrize(
    ("context", "said", "words"),
    [
        ({}, {"@type": ["lhi:Charity", "Foo"]}, "relative IRI"),
        ({"a": {"@id": "lhi:keptApartFrom", "@type": "@vocab"}}, {"a": "nexus"}, "relative IRI"),
        ({"a": {"@id": "lhi:keptApartFrom", "@type": "@id"}}, {"a": ["id:nexus", "nexus"]}, "relative IRI"),
        ({}, {"@foo": "x"}, "@foo"), ({"x": "@foo"}, {"x": "y"}, "“x”"), ({"@foo": "lhi:x"}, {}, "@foo"),
        ({"x": None}, {"x": "y"}, "“x”"), ({}, {"skos:altLabel": None}, "skos:altLabel"),
        ({}, {"skos:altLabel": {"@language": "en"}}, "skos:altLabel"),
        ({}, {"skos:altLabel": {"@list": ["a"]}}, "list"),
        ({}, {"skos:altLabel": {"@value": {"a": 1}, "@type": "@json"}}, "JSON"),
        ({}, {"skos:altLabel": {"@value": "x", "@language": "en", "@direction": "rtl"}}, "@direction"),
        ({}, {"skos:altLabel": {"@value": "x", "@language": "x_y"}}, "language tag"),
        ({}, {"@included": [{"skos:altLabel": "x"}]}, "@id"), ({}, {"@included": ["x"]}, "no value of any property"),
        ({}, {"@reverse": {"lhi:keptApartFrom": {"lhi:x": 1}}}, "@id"),
        ({"n": "@nest"}, {"n": {"unknown": "x"}}, "“unknown”"), ({}, {"deep": {"@id": "id:nexus", "x": 1}}, "“deep”"),
        ({}, {"lhi:amount": 1234567890.12345678901}, "loses digits"),
        ({}, {"": "x"}, "the key “”"),
        ({}, {"lhi:literalValue": {"@value": "a", "@type": "xsd:string"}}, "what the prefix “xsd” stands for"),
        ({}, {"@type": ["lhi:Charity", "schema:NGO"]}, "what the prefix “schema” stands for"),
        ({}, {"lhi:keptApartFrom": {"@id": "id:nexus", "@graph": [{"@id": "id:k", "skos:altLabel": "K"}]}},
         "graph of its choice"),
        ({}, {"@reverse": {"lhi:keptApartFrom": {"@id": "id:nexus", "@graph": [{"@id": "id:k", "lhi:aim": "K"}]}}},
         "graph of its choice"),
        ({"g": {"@id": "lhi:keptApartFrom", "@container": ["@graph", "@id"]}},
         {"g": {"id:nexus": {"@id": "id:k", "skos:altLabel": "K"}}}, "graph of its choice"),
        ({}, {"skos:altLabel": {"@value": "x", "@index": "first"}}, "An index states nothing, and is dropped"),
        ({"a": {"@id": "skos:altLabel", "@container": "@index"}}, {"a": {"2019": "A"}}, "An index states nothing"),
        ({"a": {"@id": "lhi:keptApartFrom", "@type": "@id"}}, {"a": "//example.org/x"}, "relative IRI"),
        ({}, {"lhi:amount": 10**299}, "is not a value of xsd:integer"),
    ],
)  # fmt: skip
def test_json_ld_loses_nothing_without_a_word(
    site: RealSite, context: dict[str, object], said: dict[str, object], words: str
) -> None:
    text = as_json_ld(context, **said)
    text = text.replace("1234567890.1234567", "1234567890.12345678901") if "lhi:amount" in said else text
    answer = site.send("a.jsonld", text)
    assert answer.number == 0, answer.statements
    assert words in answer.words


@pytest.mark.parametrize("length", [400, 5_000])
def test_a_number_of_hundreds_of_digits_is_told(site: RealSite, length: int) -> None:
    text = as_json_ld({}, **{"lhi:amount": 1}).replace('amount": 1', f'amount": {"1" * length}')
    assert f"has {length:,} digits, which nothing counts with" in site.send("a.jsonld", text).words


def test_a_day_beyond_the_year_9999_is_no_traceback(site: RealSite, caplog: pytest.LogCaptureFixture) -> None:
    days = '"12026-11-21"^^xsd:date , "-0044-03-15T00:00:00Z"^^xsd:dateTime , "P999999999Y"^^xsd:duration'
    content = f"{PREFIXES}id:nexus lhi:literalValue {days} ."
    assert site.send("a.ttl", content).number
    assert "Traceback" not in site.tell("again.ttl", content.encode() + b" ")[1]
    assert not [each for each in caplog.records if each.name.startswith("rdflib")]


@pytest.mark.parametrize("name", ["a.rdf", "a.owl", "a.n3"])
def test_another_form_of_rdf_is_told_as_one(site: RealSite, name: str) -> None:
    assert "Save it as Turtle (.ttl)" in site.tell(name, b"<rdf:RDF/>")[1]


def test_a_direction_of_writing_is_told_once(site: RealSite) -> None:
    answer = site.send("a.ttl", f'{PREFIXES}id:nexus skos:altLabel "x"@en--ltr .')
    assert len(answer.findings) == 1, answer.words


@pytest.mark.parametrize("text", ["CAFÉ’S", "“CAFÉ”", "CAFÉ®", "AT&T", "R&D;", "SMÅ", "Հայ", "m²"])
def test_what_only_looks_garbled_is_taken(site: RealSite, text: str) -> None:
    answer = site.send("a.ttl", f'{PREFIXES}id:nexus skos:altLabel "{text}"@en .')
    assert answer.number, answer.words


def test_json_ld_in_its_other_forms_says_the_same(site: RealSite) -> None:
    label = {"@value": "Case Jl", "@language": "en"}
    forms = [
        as_json_ld({}, **{"skos:prefLabel": label}),
        as_json_ld({"label": {"@id": "skos:prefLabel", "@language": "en"}}, label="Case Jl"),
        as_json_ld({"label": {"@id": "skos:prefLabel", "@container": "@language"}}, label={"en": "Case Jl"}),
        as_json_ld({"n": "@nest"}, n={"skos:prefLabel": label}),
        as_json_ld({"uri": "@id", "v": "@value", "l": "@language"}, **{"skos:prefLabel": {"v": "Case Jl", "l": "en"}})
        .replace('"@id": "id:case-jl"', '"uri": "id:case-jl"'),
        as_json_ld({}, **{"@included": [{"@id": "id:case-jl", "skos:prefLabel": label}]}),
    ]  # fmt: skip
    for text in forms:
        result = site.tell("a.jsonld", text.encode())
        assert "Case Jl (charity)" in result[1], result[1]


REGISTERED = "name,kind,company number,ROR ID,ODS code,charity number,web page,seen on,page title,note\n"
PAGE = "https://example.org/bobbin,2026-11-28,Bobbin page"


def test_numbers_in_registers_have_columns_and_their_noughts_are_put_back(site: RealSite) -> None:
    new = site.send("new.csv", f"{REGISTERED}Bobbin Works,company,6440931,,,,{PAGE},x\n")
    assert "“6440931” was read as the company number 06440931" in new.words
    assert '"06440931"' in statements(new)
    assert site.accept(new).status_code == 200
    assert "06440931" in site.client.get("/id/bobbin-works").text
    more = site.send("more.csv", f"{REGISTERED}Bobbin Works,company,,,ab1,1170369,{PAGE},x\n")
    assert "The identifiers of this row are added to it" in more.words
    assert '"1170369"' in statements(more)
    assert '"AB1"' in statements(more)
    assert 'prefLabel> "Bobbin Works' not in statements(more)
    told = site.client.get(f"/api/contributions/{more.number}", headers=site.headers).json["changes"]
    assert "Bobbin Works (company): gets the charity number “1170369”." in [each["words"] for each in told]
    assert not any("adms:Identifier" in each["words"] for each in told)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (f"zzz nonsense,,,,{PAGE}", "company number: A company number has eight characters"),
        (f",024mrxd34,,,{PAGE}", "ROR ID: The check digits are 34 and would have to be 33"),
        (f",,,12,{PAGE}", "charity number: A charity number of England and Wales"),
        (f",,no-code,,{PAGE}", "ODS code: An ODS code is"),
        (",https://ror.org/024mrxd33,,,,,", "ROR ID: Say where this identifier was seen"),
    ],
)
def test_a_number_that_no_register_has_is_told_at_its_cell(site: RealSite, cells: str, words: str) -> None:
    answer = site.send("new.csv", f"{REGISTERED}Bobbin Wrong,company,{cells},x\n")
    assert answer.number == 0
    assert words in answer.words


def test_a_second_source_for_one_claim_is_further_evidence_and_no_second_statement(site: RealSite) -> None:
    header = "kind,host,hosted,web page,seen on,page title\n"
    row = "hosting,Nexus,Savills Leeds,https://example.org/{0},2026-11-28,Page {0}\n"
    first = site.send("one.csv", header + row.format("one"))
    assert site.accept(first).status_code == 200
    second = site.send("two.csv", header + row.format("two"))
    assert "what this row cites is added to its evidence" in second.words
    made = [each for each in second.statements if "/assertion/" in each]
    assert len(made) == 1
    assert "hasEvidence" in made[0]
    both = (
        header
        + row.format("three").replace("Savills", "University of")
        + row.format("four").replace("Savills", "University of")
    )
    answer = site.send("both.csv", both)
    assert answer.number, answer.words
    assert statements(answer).count("#Hosting>") == 1
    assert statements(answer).count("hasEvidence") == 2
    again = site.send("again.csv", both + both.splitlines()[-1])
    assert "This row says the same as row 2. Remove one of them" in again.words


REPORT = "kind,host,hosted,report,report page,report publisher,report date\n"


def test_a_report_of_ones_own_is_cited_by_title_publisher_and_date(site: RealSite) -> None:
    first = site.send(
        "one.csv", f"{REPORT}hosting,Nexus,Leeds City Council,Review of the loom,p. 12,University of Leeds,2025-06\n"
    )
    assert first.worst() == "info", first.words
    assert site.accept(first).status_code == 200
    page = site.client.get("/id/nexus").text
    assert "p. 12, published June 2025" in page
    evidence = next(each.split(">")[0][1:] for each in first.statements if "#ReportEvidence>" in each)
    assert "A place in Review of the loom" in site.client.get("/evidence/" + evidence.rpartition("/")[2]).text
    # It is known by its title from then on.
    again = site.send(
        "two.csv", f"{REPORT}hosting,Nexus,Leeds Teaching Hospitals NHS Trust,Review of the loom,p. 13,,\n"
    )
    assert again.number, again.words
    assert not any("#Document>" in each for each in again.statements)


def test_what_a_report_lacks_is_told_at_its_cell(site: RealSite) -> None:
    row = "hosting,Nexus,University of Leeds,"
    answer = site.send("a.csv", f"{REPORT}{row}Unknown review,p. 13,,\n")
    assert "report publisher: The graph does not have this of the report yet" in answer.words
    assert "report date: The graph does not have this of the report yet" in answer.words
    answer = site.send("a.csv", f"{REPORT}{row}Unknown review,p. 13,University of Leeds,June 2025\n")
    assert "“June 2025” is not a date as it is written here" in answer.words
    answer = site.send("a.csv", f"{REPORT}{row},,,\n")
    assert "report: Say where this is stated" in answer.words
