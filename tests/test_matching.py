"""Names of tables matched with the bodies of the graph: what is taken, what is asked, what people have decided."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from leedskg.cli import main
from leedskg.errors import KnowledgeError
from leedskg.matching import (
    Judgement,
    Judgements,
    MatchCandidate,
    Matcher,
    MatchIndex,
    Mention,
    read_judgements,
    written,
)
from leedskg.matching.queue import Queue
from leedskg.matching.registers import canonical, recognised, scheme_called
from leedskg.namespaces import Namespaces
from tests.benchmarks import matching as benchmark
from tests.sample_knowledge import write_sample
from tests.terminal import Terminal

OPEN_DATA = Path(__file__).parents[2] / "shared" / "open-data"
NAMESPACES = Namespaces("https://w3id.org/leeds-health-innovation/")
UNIVERSITY, TRUST, CHARITY, PLACE = (NAMESPACES.entity(name) for name in ("uol", "ltht", "charity", "leeds"))
BODIES = (
    MatchCandidate(
        UNIVERSITY, ("University of Leeds", "UoL", "The University"), ("university",),
        (("ror", "https://ror.org/024mrxd33"),),
    ),
    MatchCandidate(
        TRUST, ("Leeds Teaching Hospitals NHS Trust", "the hospitals"), ("NHS organisation",), (("ods", "RR8"),),
        "LS9 7TF",
    ),
    MatchCandidate(CHARITY, ("Leeds Hospitals Charity",), ("charity",), (("companies-house", "00123456"),)),
    MatchCandidate(PLACE, ("Leeds",), ("city",)),
    MatchCandidate(NAMESPACES.entity("app"), ("HeartApp",), ("product",)),
    MatchCandidate(
        NAMESPACES.entity("village"), ("Innovation Village",), ("facility",),
        kept_apart=frozenset({NAMESPACES.entity("leeds-village")}),
    ),
    MatchCandidate(
        NAMESPACES.entity("leeds-village"), ("Leeds Innovation Village",), ("facility",),
        kept_apart=frozenset({NAMESPACES.entity("village")}),
    ),
)  # fmt: skip


def matched(name: str, *numbers: tuple[str, str], judgements: Judgements | None = None, **more: str) -> str:
    found = Matcher(MatchIndex.of(BODIES), judgements or Judgements()).match(Mention.of(name, numbers, **more))
    return found.entity.iri if found.entity else ""


@pytest.mark.parametrize(
    ("scheme", "given_as", "kept"),
    [
        ("companies-house", "123456", "00123456"),
        ("companies-house", "sc 1234", "SC001234"),
        ("companies-house", "123456.0", "00123456"),
        ("ror", "024mrxd33", "https://ror.org/024mrxd33"),
        ("ror", "ror.org/024mrxd34", ""),
        ("crossref-funder", "http://dx.doi.org/10.13039/501100000272", "501100000272"),
        ("crossref-funder", "10.13039/501100000272", "501100000272"),
        ("wikidata", "http://www.wikidata.org/entity/Q42", "Q42"),
        ("isni", "0000000403948681", "0000 0004 0394 8681"),
        ("ods", "rr8", "RR8"),
        ("charity-ew", "n/a", ""),
    ],
)
def test_an_identifier_is_read_as_tables_write_it(scheme, given_as, kept):
    assert canonical(scheme, given_as) == kept


def test_what_tells_its_register_itself_needs_no_heading():
    assert recognised("GB-COH-123456") == ("companies-house", "00123456")
    assert recognised("XI-ROR-024mrxd33") == ("ror", "https://ror.org/024mrxd33")
    assert recognised("grid.9909.9") == ("grid", "grid.9909.9")
    assert recognised("1234567") is None
    assert scheme_called("CompanyNumber") == "companies-house"
    assert scheme_called("ODS code") == "ods"
    assert scheme_called("Errors") == ""


def test_an_identifier_decides_before_the_name():
    assert matched("Universität Leeds", ("ror", "024mrxd33")) == UNIVERSITY
    assert matched("A charity of Leeds", ("companies-house", "123456")) == CHARITY
    assert matched("Whatever", ("", "https://ror.org/024mrxd33")) == UNIVERSITY


@pytest.mark.parametrize("name", ["Univ. of Leeds", "THE UNIVERSITY OF LEEDS", "University of Leeds (UK)", "UoL"])
def test_a_name_is_taken_however_it_is_written(name):
    assert matched(name) == UNIVERSITY


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("University of Leeds/Leeds Teaching Hospitals NHS Trust", ""),
        ("School of Medicine, University of Leeds", ""),
        ("Leeds University Hospital", ""),
        ("University Hospitals of Leeds", ""),
        ("Leeds Limited", "another kind"),
        ("Leeds NHS Trust", "another kind"),
        ("University of Leeds NHS Foundation Trust", "another kind"),
        ("HeartApp Ltd", "another kind"),
        ("Innovation Village", "kept apart"),
        ("The University", "many bodies"),
        ("Hospitals", "many bodies"),
    ],
)
def test_universities_hospitals_parts_places_and_what_is_kept_apart_are_asked(name, why):
    found = Matcher(MatchIndex.of(BODIES)).match(Mention.of(name))
    assert found.entity is None
    assert why in found.why
    assert 1 <= len(found.proposals) <= 5
    assert all(each.why for each in found.proposals)


def test_the_identifier_of_the_whole_does_not_make_a_part_of_it_the_whole():
    found = Matcher(MatchIndex.of(BODIES)).match(Mention.of("School of Medicine", [("ror", "024mrxd33")]))
    assert found.entity is None
    assert "a part" in found.why
    assert found.proposals[0].candidate.iri == UNIVERSITY


def test_an_identifier_that_belongs_to_another_than_the_name_is_asked():
    assert not matched("Leeds Teaching Hospitals", ("ror", "024mrxd33"))
    assert not matched("Leeds Teaching Hospitals", ("ods", "RAE"))


def test_a_postcode_that_differs_stops_a_match_by_name_alone():
    assert matched("Leeds Teaching Hospitals", postcode="ls97tf") == TRUST
    assert not matched("Leeds Teaching Hospitals", postcode="LS1 1AA")
    assert matched("Leeds Teaching Hospitals", ("ods", "RR8"), postcode="LS1 1AA") == TRUST


def test_a_judgement_holds_for_the_name_and_can_be_taken_back():
    said = Judgement("St James’s, Leeds", TRUST, "same", who="Ann", when="2026-11-28")
    judgements = Judgements.of([said])
    assert matched("ST JAMES'S LEEDS", judgements=judgements) == TRUST
    judgements.take_back(said)
    assert not matched("ST JAMES'S LEEDS", judgements=judgements)


def test_what_somebody_said_is_not_the_same_is_neither_matched_nor_proposed():
    judgements = Judgements.of([Judgement("Univ Leeds", UNIVERSITY, "not the same")])
    found = Matcher(MatchIndex.of(BODIES), judgements).match(Mention.of("Univ Leeds"))
    assert found.entity is None
    assert UNIVERSITY not in {each.candidate.iri for each in found.proposals}


def test_a_judgement_on_a_record_is_not_one_on_its_name():
    judgements = Judgements.of([Judgement("UoL", TRUST, "same", record="gtr:1")])
    assert matched("UoL", judgements=judgements, record="gtr:1") == TRUST
    assert matched("UoL", judgements=judgements, record="gtr:2") == UNIVERSITY


slugs = st.from_regex(r"[a-z]{1,8}", fullmatch=True).map(NAMESPACES.entity)
texts = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            Judgement, texts, slugs, st.sampled_from(["same", "not the same"]),
            st.sampled_from(["", "gtr:1", "ods:RR8"]), texts, texts, st.just("2026-11-28"), texts,
        ),
        max_size=5,
    )
)  # fmt: skip
def test_judgements_are_read_as_they_were_written(some):
    judgements = Judgements.of(some)
    assert set(read_judgements(written(judgements, NAMESPACES), NAMESPACES)) == set(judgements)


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("subject_label\tobject_id\nA\tid:a\n", "predicate_id", 1),
        ("#x\nsubject_label\tpredicate_id\tobject_id\nA\tskos:closeMatch\tid:a\n", "skos:closeMatch", 3),
        ("subject_label\tpredicate_id\tobject_id\n\tskos:exactMatch\tid:a\n", "printed name", 2),
    ],
)
def test_a_table_of_judgements_with_a_fault_is_told_with_its_line(text, says, line):
    with pytest.raises(KnowledgeError, match=says) as told:
        read_judgements(text, NAMESPACES)
    assert told.value.line == line


@pytest.mark.skipif(not OPEN_DATA.is_dir(), reason="the open data of ../shared is not there")
def test_the_measured_floor_holds_on_a_sample_of_sponsors_and_registers():
    pairs = benchmark.sponsors(OPEN_DATA)
    records = benchmark.register(OPEN_DATA)
    registered = benchmark.by_bare_name(records)
    matcher = Matcher(benchmark.curated(pairs))
    tested = [pair for pair in pairs if pair[0] != pair[1]]
    exact = benchmark.measure(matcher, tested, most=0)
    british = benchmark.measure(matcher, [pair for pair in tested if benchmark.british(pair[1], registered)][::2])
    assert exact.matched > 600
    assert exact.precision >= 0.98
    assert british.precision >= 0.98
    assert british.among_five >= 0.85


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    terminal = Terminal(write_sample(folder), folder / "var")
    assert terminal("build").exit_code == 0
    return terminal


@pytest.fixture(scope="module")
def names_file(tmp_path_factory):
    book = Workbook()
    book.active.append(["Organisation", "Company Number"])
    for row in (["Millbrook Hospital", None], ["Zoe Institut", None], ["Nobody Known Here", 12]):
        book.active.append(row)
    path = tmp_path_factory.mktemp("names") / "names.xlsx"
    book.save(path)
    return path


def test_a_column_of_names_becomes_a_table_of_matches_and_questions(built, names_file):
    found = json.loads(built("match", str(names_file), "--format", "json").stdout)
    assert [each["state"] for each in found] == ["matched", "question", "not found"]
    assert found[0]["entity"] == "id:millbrook-hospital"
    assert found[1]["proposals"][0]["entity"] == "id:zoe-institute"
    table = list(csv.DictReader(io.StringIO(built("match", str(names_file), "--format", "csv").stdout)))
    assert table[1]["proposal 1"] == "id:zoe-institute"
    assert "3 names: 1 matched, 1 questions, 1 not found." in built("match", str(names_file)).stdout


def test_the_command_proposes_no_source_for_a_name(built, tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("Organisation\nSample text\nNumber of device firm\n", encoding="utf-8")
    found = json.loads(built("match", str(path), "--format", "json").stdout)
    assert [each["state"] for each in found] == ["not found", "not found"]


def test_the_command_holds_to_judgements_and_says_what_it_cannot_read(built, names_file, tmp_path):
    matches = tmp_path / "m.tsv"
    institute = NAMESPACES.entity("zoe-institute")
    matches.write_text(written([Judgement("Zoe Institut", institute, "same", who="Ann")], NAMESPACES), "utf-8")
    found = json.loads(built("match", str(names_file), "--matches", str(matches), "--format", "json").stdout)
    assert found[1]["state"] == "matched"
    assert "Ann said so" in found[1]["why"]
    for arguments, said in (
        ((str(names_file), "--column", "Sponsor"), "no column “Sponsor”"),
        ((str(names_file), "--matches", "nowhere.tsv"), "no such file"),
        (("nowhere.xlsx",), "cannot be read"),
    ):
        done = built("match", *arguments)
        assert done.exit_code == 2
        assert said in done.stderr
    assert CliRunner().invoke(main, ["match", "--help"]).exit_code == 0


def test_questions_are_answered_by_one_key_each_and_hold_for_the_next_run(built, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("name\nZoe Institut\nZOE INSTITUT\nMilbrook Hospitals Trust\n", "utf-8")
    kept = tmp_path / "kept.tsv"
    arguments = ("match", str(names), "--matches", str(kept), "--as", "Ann", "--format", "json")
    kept.write_text("", "utf-8")
    # Wrong key, none, undone, the first, then the first again.
    done = built(*arguments, "--ask", input="xnu" + "1n")
    assert done.exit_code == 0, done.stderr
    assert "1 of 2" in done.stderr
    assert "in 2 rows" in done.stderr
    assert "That key does nothing here." in done.stderr
    again = json.loads(built(*arguments).stdout)
    assert json.loads(done.stdout) == again
    said = read_judgements(kept.read_text("utf-8"), NAMESPACES)
    assert {each.says for each in said if each.name.startswith("Mil")} == {"same"}
    assert {each.says for each in said if each.name.startswith("Zoe")} == {"not the same"}
    assert [each["state"] for each in again] == ["not found", "not found", "matched"]


def test_a_queue_groups_what_may_be_one_body_and_undoes_to_where_it_began():
    mentions = [
        Mention.of(name) for name in ("Leeds Teaching Hosp", "Uni of Leedes", "Leeds Teaching", "Univ. of Leeds")
    ]
    queue = Queue.of(Matcher(MatchIndex.of(BODIES)), mentions, who="Ann", when="2026-11-28")
    first = [each.outcome.proposals[0].candidate.label for each in queue.questions]
    assert first == sorted(first)
    assert len(first) == 2  # the others are certain
    for key in ("1", "n"):
        assert queue.press(key)
    assert queue.current is None
    assert not queue.press("1")
    assert len(list(queue.matcher.judgements)) > 1
    for _ in range(2):
        assert queue.press("u")
    assert not queue.press("u")
    assert queue.position == 0
    assert list(queue.matcher.judgements) == []
