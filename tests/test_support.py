"""Who can help and who matters, on the curated graph: words of innovators, routes on the page, tables as files."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import networkx as nx
import pytest
from flask.testing import FlaskClient

from leedskg.analysis import suggested
from leedskg.analysis.partners import MOST_OF_ONE, read_statements
from leedskg.generation_view import GenerationView
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import REUSED, Namespaces
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.support import read_terms, written
from leedskg.web import create_app, current
from leedskg.web.contributing.steward import ledger
from tests.project_graph import PublishProject

ROOT = Path(__file__).parents[1]

RESEARCH, CLINICAL, PATIENTS = "research-expertise", "clinical-expertise", "access-to-patients"
ADVICE, SPACE, SEED = "professional-advice", "work-space", "seed-investment"
SYSTEMS, VENTURE, EVALUATION = "access-to-health-systems", "venture-investment", "evaluation-expertise"

#: What innovators, clinicians and council officers might type, with the needs that a person would think of.
PHRASES = {
    "lawyer": {ADVICE},
    "we need a lawyer please": {ADVICE},
    "a lawer": {ADVICE},
    "patent attorney": {ADVICE},
    "IP advice": {ADVICE},
    "intellectual property": {ADVICE},
    "Trade-mark registration": {ADVICE},
    "regulatory approval for a medical device": {ADVICE},
    "help with regulaotry stuff": {ADVICE},
    "CE marking": {ADVICE},
    "MHRA": {ADVICE},
    "accountants": {ADVICE},
    "licensing / license agreement": {ADVICE},
    "somewhere to work": {SPACE},
    "office space in Leeds": {SPACE},
    "a hot desk": {SPACE},
    "incubators": {SPACE},
    "lab space": {SPACE, CLINICAL},
    "laboratries": {SPACE, CLINICAL},
    "wet labs": {SPACE, CLINICAL},
    "equipment": {SPACE, CLINICAL},
    "a clinician to talk to": {CLINICAL},
    "prototype": {CLINICAL},
    "seed funding": {SEED},
    "angel investors": {SEED},
    "funding": {SEED, VENTURE},
    "invester": {SEED, VENTURE},
    "venture capital": {VENTURE},
    "Series A": {VENTURE},
    "commercialization": {VENTURE},
    "commercialisation": {VENTURE},
    "how do I sell to the NHS": {SYSTEMS},
    "NHS procurment": {SYSTEMS},
    "pilot in a hospital": {SYSTEMS},
    "patient recruitment": {PATIENTS},
    "public involvement (PPI)": {PATIENTS},
    "community engagement": {PATIENTS},
    "randomized controlled trials": {EVALUATION},
    "randomised controlled trial": {EVALUATION},
    "evaluate our app": {EVALUATION},
    "evidence that it works": {EVALUATION},
    "health economist": {EVALUATION},
    "academic partner": {RESEARCH},
    "PhD students": {RESEARCH},
    "university researchers": {RESEARCH},
}


@pytest.fixture(scope="module")
def settings(publish_project: PublishProject) -> Settings:
    state = publish_project()
    return Settings(state=str(state), ledger=str(state / "ledger"), workers=1)


@pytest.fixture(scope="module")
def pool(settings: Settings) -> Iterator[QueryPool]:
    with QueryPool(settings) as pool:
        yield pool


@pytest.fixture(scope="module")
def client(settings: Settings, pool: QueryPool) -> FlaskClient:
    return create_app(settings, pool).test_client()


@pytest.fixture(scope="module")
def view(pool: QueryPool) -> GenerationView:
    return GenerationView(pool, Namespaces())


def table(client: FlaskClient, path: str, **asked: str) -> list[dict[str, str]]:
    answer = client.get(
        f"{path}?{urlencode({**{key.rstrip('_'): value for key, value in asked.items()}, 'format': 'csv'})}"
    )
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


# The words of innovators


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_need_as_people_type_it(view: GenerationView, phrase: str) -> None:
    found, _ = view.support.meant_by(phrase)
    assert {need.slug for need in found} == PHRASES[phrase]


@pytest.mark.parametrize("phrase", ["xyzzy", "grants", "export to Germany", "diabetes", "mentoring", "help me", "?"])
def test_what_no_source_calls_a_need_is_not_guessed_at(view: GenerationView, phrase: str) -> None:
    assert view.support.meant_by(phrase)[0] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("organizations", "organisation"), ("behavior", "behaviour"), ("center", "centres"), ("programs", "programme"),
     ("license", "licence"), ("pediatrics", "paediatric"), ("modeling", "modelling"), ("companies", "company")],
)  # fmt: skip
def test_spellings_and_plurals_are_one(one: str, other: str) -> None:
    assert written(one) == written(other)


def test_without_a_match_the_page_helps_on(client: FlaskClient) -> None:
    text = client.get("/support?q=accelerator+for+diabetes").text
    assert "No need has these words" in text
    assert "Medtech Impact Accelerator" in text, "an entity with one of the words"
    assert "/scheme/theme/diabetes" in text, "a theme with the other"
    assert "/search?q=accelerator+for+diabetes" in text


def test_the_page_says_how_words_were_read(client: FlaskClient) -> None:
    text = client.get("/support?q=patent+frobnication").text
    assert "is read as the need “Professional advice (regulatory, legal, financial)”, by “patent”" in text
    assert "We found no need for “frobnication”" in text
    both = client.get("/support?q=lawyer&need=work-space").text
    assert "so we did not search for “lawyer”" in both
    assert "/support?q=lawyer" in both


# Several things at once


def bodies_on(text: str) -> list[str]:
    """The names under the headings of an answer."""
    return re.findall(
        r'<li class="kg-offer">\s*<h[34]><span class="kg-entity"><svg.*?</svg><a [^>]+>([^<]+)</a>', text, re.S
    )


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("regulatory advice and clinical trials", [({ADVICE}, set()), ({PATIENTS, EVALUATION}, {"clinical trials"})]),
        ("work space, diabetes", [({SPACE}, set()), (set(), {"diabetes"})]),
        ("Work space & seed funding", [({SPACE}, set()), ({SEED}, set())]),
        ("work space for type 1 diabetes", [({SPACE}, set()), (set(), {"type 1 diabetes"})]),
        ("regulatory and legal advice", [({ADVICE}, set())]),
        ("Professional advice (regulatory, legal, financial)", [({ADVICE}, set())]),
        ("xyzzy and frobnication", []),
    ],
)
def test_several_things_are_read_at_once(
    view: GenerationView, asked: str, read: list[tuple[set[str], set[str]]]
) -> None:
    terms, _ = read_terms(view.support, view.themes.rows, asked)
    assert [({need.slug for need in term.needs}, {theme.label for theme in term.themes}) for term in terms] == read


def test_the_answer_to_several_things_says_how_they_were_read_and_who_does_what(client: FlaskClient) -> None:
    text = html.unescape(client.get("/support?q=regulatory+advice+and+clinical+trials+and+xyzzy").text)
    assert "“regulatory advice” as the need “Professional advice (regulatory, legal, financial)”" in text
    assert "“clinical trials” as the theme “clinical trials” or any of the needs" in text
    assert "We found no need or theme for “xyzzy”" in text
    names = bodies_on(text)
    assert len(names) == len(set(names))
    assert f"{len(names)} bodies are recorded as helping with or working on at least one of these" in text
    assert {"KPMG", "Leeds Institute of Clinical Trials Research"} <= set(names)
    rows = table(client, "/support", q="regulatory advice and clinical trials")
    assert {row["provider"] for row in rows} == set(names)
    assert "clinical trials" in {row["need"] for row in rows}
    assert "A theme stands in the place of a need" in rows[0]["explanation"]


def test_who_helps_with_more_of_it_comes_first(client: FlaskClient) -> None:
    asked = f"need={SPACE}&need={CLINICAL}&theme=medical-technology"
    text = client.get(f"/support?{asked}").text
    counts = [len(found.split(" and ")) for found in re.findall(r"<h3>([^<]+) <span", text) if "<svg" not in found]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 3
    assert bodies_on(text)[0] == "Nexus", "all three"
    assert "Laboratories to work in" in text, "what a service is"
    link = re.search(
        r'href="(/support\?need=[^"]+)" rel="nofollow">Who helps with any of these',
        client.get("/support?q=funding").text,
    )
    assert link
    assert len(bodies_on(client.get(html.unescape(link[1])).text)) > 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (f"need={SPACE}&need=xyzzy", "No need in the graph is called “xyzzy”"),
        (f"need={SPACE}&theme=xyzzy", "No theme in the graph is called “xyzzy”"),
        (f"need={SPACE}&need={SPACE}", "4 bodies are recorded as helping with: Work space"),
        ("q=" + "+and+".join(["a"] * 20), "No need has these words"),
    ],
)
def test_what_is_odd_among_several_things_is_told(client: FlaskClient, asked: str, said: str) -> None:
    assert said in html.unescape(client.get(f"/support?{asked}").text)


@pytest.mark.parametrize("asked", ["need=xyzzy", "theme=xyzzy", "need=work-space&stage=xyzzy"])
def test_what_an_address_names_and_the_graph_has_not_is_told_beside_its_field(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/support?{asked}")
    assert answer.status_code == 404
    field = asked.rpartition("&")[2].partition("=")[0]
    assert re.search(rf'id="{field}-problem">.*“xyzzy”', answer.text)
    assert f'aria-describedby="{field}-problem" aria-invalid="true"' in answer.text
    assert "<title>Error: Who can help" in answer.text
    assert client.get(f"/support?{asked}&format=csv").status_code == 400


def test_a_theme_is_answered_with_who_works_on_it_or_on_part_of_it(client: FlaskClient) -> None:
    """Glucose monitoring is part of diabetes, and Glucosense Diagnostics is recorded with that alone."""
    for asked in ("q=diabetes", "theme=diabetes"):
        text = client.get(f"/support?{asked}").text
        assert {"NIQS Tech", "Glucosense Diagnostics"} <= set(bodies_on(text))
        assert "<strong>glucose monitoring</strong>" in text
    page = client.get("/scheme/theme/diabetes").text
    assert page.index("Who and what works on part of it") < page.index(">Glucosense Diagnostics<")
    assert "Glucosense Diagnostics" in client.get("/search?q=who+works+on+diabetes").text


def test_the_search_leads_on_from_several_needs_to_who_can_help(client: FlaskClient) -> None:
    text = html.unescape(client.get("/search?q=regulatory+advice+and+clinical+trials").text)
    assert '<a href="/support?q=regulatory+advice+and+clinical+trials">Who can help with' in text
    assert "<summary><span>Names that resemble these words" in text
    assert "Who can help with" not in client.get("/search?q=University+of+Leeds").text
    slip = client.get("/search?q=univeristy+of+leeds").text
    assert "Names that resemble" not in slip, "a name that was meant stands in sight"
    assert ">University of Leeds<" in slip


def test_what_is_founded_is_founded_in_a_month_and_not_since_it(client: FlaskClient) -> None:
    text = client.get("/id/northern-gritstone").text
    assert "in July 2021" in text
    assert "since July 2021" not in text


def test_no_more_is_asked_at_once_than_can_be_read(client: FlaskClient) -> None:
    assert client.get("/support?" + "&".join(["need=work-space"] * 9)).status_code == 400


def test_every_page_counts_the_same_bodies_for_a_need(client: FlaskClient, view: GenerationView) -> None:
    home, every = (html.unescape(client.get(path).text) for path in ("/", "/support"))
    matrix = table(client, "/support/needs")
    rows = table(client, "/support")
    for need in view.support.needs:
        page = html.unescape(client.get(f"/support?need={need.slug}").text)
        concept = html.unescape(client.get(f"/scheme/need/{need.slug}", headers={"Accept": "text/html"}).text)
        told = {
            "start": re.search(rf'{re.escape(need.label)}</a> <span class="kg-count">(\d+)', home),
            "list": re.search(rf'{re.escape(need.label)}</a> <span class="kg-count">(\d+) bod', every),
            "answer": re.search(r'id="answer" tabindex="-1">(\d+) bod', page),
            "concept": re.search(r'Who helps with it <span class="kg-count">\((\d+)\)', concept),
        }
        counts = {name: int(found[1]) for name, found in told.items() if found}
        counts["named"] = len(bodies_on(page))
        counts["matrix"] = sum(row[need.label] != "not recorded" for row in matrix)
        counts["file"] = len({row["provider_iri"] for row in rows if row["need"] == need.label})
        assert set(counts) == {*told, "named", "matrix", "file"}, need.label
        assert len(set(counts.values())) == 1, (need.label, counts)


def test_the_message_has_the_facts_and_the_addresses_of_their_evidence(client: FlaskClient) -> None:
    text = client.get("/support?need=work-space&from=NIQS+Tech").text
    found = re.search(r"<textarea[^>]+>(.*?)</textarea>", text, re.S)
    assert found
    message = html.unescape(found[1])
    for name in bodies_on(text):
        assert html.unescape(name) in message
    assert "through Equipment at Nexus, Office space at Nexus and Wet and dry laboratories at Nexus" in message
    assert "From NIQS Tech: NIQS Tech is spun out of University of Leeds" in message
    assert "generation 1 of" in message
    assert "/support?need=work-space&from=NIQS+Tech" in message
    addresses = re.findall(r"http://[^/]+(/evidence/\w+)", message)
    assert addresses
    for address in set(addresses):
        assert client.get(address, headers={"Accept": "text/html"}).status_code == 200


# The way there


def test_the_best_route_stands_on_the_page_with_its_evidence(client: FlaskClient) -> None:
    text = client.get(f"/support?{urlencode({'need': 'work-space', 'from': 'NIQS Tech'})}").text
    assert "NIQS Tech is spun out of University of Leeds, which hosts Nexus." in text
    assert "Evidence for each step" in text
    assert "section “Emerging spin-out company transforms diabetes care”" in text, "where the brochure says that it was"
    ways = [
        text.index(words)
        for words in ("which hosts Nexus.", "which operates Innovation Pop Up.", "none of up to 4 steps")
    ]
    assert ways == sorted(ways), "the strongest first, those without a route last"
    assert "/routes?from=NIQS+Tech&amp;to=Nexus" in text
    assert "name it above" in client.get("/support?need=work-space").text


def test_the_route_on_the_page_is_the_first_of_the_route_page(client: FlaskClient) -> None:
    rows = table(client, "/support", need="professional-advice", from_="Digibete")
    with_route = [row for row in rows if row["steps"]]
    assert with_route
    for row in with_route:
        asked = urlencode({"from": "Digibete", "to": row["provider"]})
        answer = json.loads(client.get(f"/api/routes?{asked}").text)
        names = [entity["label"] for entity in answer["routes"][0]["entities"]]
        assert str(answer["total"]) == row["routes"]
        assert all(name in row["route"] for name in names)


def test_a_crowd_at_the_routes_leaves_the_rest_of_the_page(settings: Settings, pool: QueryPool) -> None:
    crowded = replace(settings, route_queue=0)
    app = create_app(crowded, pool)
    with ExitStack() as inside:
        with app.app_context():
            for _ in range(crowded.route_searches):
                inside.enter_context(current.route_gate().pass_through())
        answer = app.test_client().get("/support?need=work-space&from=NIQS+Tech")
    assert answer.status_code == 200
    assert "not searched here, for want of time" in answer.text


# Files


def test_who_helps_as_a_file(client: FlaskClient) -> None:
    rows = table(client, "/support")
    files, names = read_knowledge(ROOT, Namespaces()).graph.statements, Namespaces()
    stated = files.of_type([names.term("Support")], REUSED["rdf"] + "type")
    stand = [
        each for each in stated if names.concept("rank", "deprecated") not in files.texts(each, names.term("rank"))
    ]
    assert len(rows) == len(stand), "every statement of help that stands"
    assert {row["explanation"] for row in rows} == {
        "A row for each statement that a body helps with a need. That nobody is recorded is not that nobody helps."
    }
    assert all(row["generation"] and row["built_on"] for row in rows)
    planned = [row["provider"] for row in rows if row["planned"] == "yes"]
    assert planned == ["Innovation Village"]
    assert client.get("/support?need=nothing&format=csv").status_code == 400
    assert client.get("/support?format=xml").status_code == 400


def test_a_matrix_as_a_file_is_honest_about_its_empty_cells(client: FlaskClient) -> None:
    rows = {row["provider"]: row for row in table(client, "/support/needs")}
    assert rows["KPMG"]["Professional advice (regulatory, legal, financial)"] == "yes"
    assert rows["KPMG"]["Work space"] == "not recorded"
    assert "no source read so far says so" in rows["KPMG"]["explanation"]
    themes = {row["theme"]: row for row in table(client, "/support/themes")}
    assert "Nexus" in themes["health technology"]["facility"]
    assert "Nexus" in themes["health technology"]["organisation"], "a thing of two kinds stands under both"


def test_a_company_that_invests_or_advises_is_shown_as_what_it_does(client: FlaskClient) -> None:
    nodes = json.loads(client.get("/network/around?of=KPMG&format=json").text)["nodes"]
    assert {node["label"]: node["kind"] for node in nodes}["KPMG"] == "professional adviser"
    found = client.get("/search", query_string={"q": "KPMG", "kind": Namespaces().term("Company")})
    assert "KPMG" in found.text, "and whoever looks for companies finds it"


def test_figures_as_a_file(client: FlaskClient) -> None:
    rows = [row for row in table(client, "/figures") if row["indicator"] == "Number of healthtech companies"]
    told = {(row["value"], row["qualifier"], row["least"], row["greatest"], row["source"]) for row in rows}
    documents = {
        ("144", "exactly", "144", "144", "Health Innovation Leeds brochure"),
        ("250", "more than", "250", "", "Savills post on health tech in Leeds"),
    }
    assert documents <= told
    rows = [row for row in rows if row["source"] in {source for *_, source in documents}]
    assert all(row["cannot_hold_with"] for row in rows)


@pytest.mark.parametrize(
    "name", ["brokers", "single-points", "communities", "partners", "needs", "theme-gaps", "unlinked", "unconnected"]
)
def test_every_table_of_who_matters_as_a_file(client: FlaskClient, name: str) -> None:
    rows = table(client, "/network", table=name)
    assert rows
    assert all(row["explanation"].endswith(".") and row["generation"] for row in rows)
    told = json.loads(client.get(f"/network?table={name}&format=json").text)
    assert len(told["rows"]) == len(rows)
    assert told["explanation"] == rows[0]["explanation"]
    assert f"table={name}&amp;format=csv" in client.get("/network").text, "a link to it on the page"


def test_a_dismissed_suggestion_is_shown_to_nobody(client: FlaskClient) -> None:
    first = table(client, "/network", table="partners")[0]
    with client.application.test_request_context():
        book = ledger().dismissed
        number = book.dismiss(first["one_iri"], first["other_iri"], who="a test", why="They are rivals")
    left = table(client, "/network", table="partners")
    pair = (first["one_iri"], first["other_iri"])
    assert pair not in {(row["one_iri"], row["other_iri"]) for row in left}
    assert "They are rivals" not in client.get("/network").text
    book.take_back(number, who="a test")
    assert table(client, "/network", table="partners")[0] == first


def test_organisations_are_ranked_unless_every_kind_is_asked_for(client: FlaskClient, view: GenerationView) -> None:
    actors = {entry.label for entry in view.catalogue.entries.values() if entry.actor}
    every, organisations = (client.get(f"/network{asked}").text for asked in ("?kinds=all", ""))
    other = next(each for each in view.analysis.brokers if not view.catalogue.entries[each.iri].actor)
    label = html.escape(view.catalogue.entries[other.iri].label)
    ranked = [text.partition('id="cuts"')[0].partition('<h2 id="brokers"')[2] for text in (every, organisations)]
    assert label in ranked[0]
    assert label not in ranked[1]
    assert label not in actors


def test_a_table_that_there_is_not(client: FlaskClient) -> None:
    assert "Say which table" in client.get("/network?format=csv").text
    assert "“table” is one of brokers" in client.get("/network?table=x&format=csv").text
    assert client.get("/network?table=brokers&format=<script>").status_code == 400


# Who matters, against networkx and the graph's own statements


@pytest.fixture(scope="module")
def whole(view: GenerationView) -> nx.Graph[str]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((one, other) for one, other, _ in view.network.ties() if one != other)
    return graph


def test_brokers_and_single_points_are_those_that_networkx_finds(view: GenerationView, whole: nx.Graph[str]) -> None:
    found = view.analysis
    between = nx.betweenness_centrality(whole)
    constraint = nx.constraint(whole, [each.iri for each in found.brokers])
    for each in found.brokers:
        assert each.share == pytest.approx(between[each.iri])
        assert each.constraint == pytest.approx(constraint[each.iri])
        assert each.contacts == whole.degree[each.iri]
    assert [each.share for each in found.brokers] == sorted((each.share for each in found.brokers), reverse=True)
    assert len(found.brokers) == min(50, sum(share > 0 for share in between.values()))
    assert {each.iri for each in found.cut_points} == set(nx.articulation_points(whole))


def test_what_is_said_of_potential_partners_is_so(view: GenerationView, whole: nx.Graph[str]) -> None:
    works_on = {(name.iri, theme.label) for theme in view.themes.rows for column in view.themes.columns
                for name in view.themes.cell(theme, column)}  # fmt: skip
    entries = view.catalogue.entries
    wholes = {(one, other) for one, other, tie in view.network.ties() if tie.pattern.iri.endswith("-composition")}
    within: nx.DiGraph[str] = nx.DiGraph(sorted(wholes))
    shown = suggested(view.analysis.partners)
    assert len(shown) >= 30
    named = read_statements(view.reader, view.namespaces, {end for pair in shown for end in (pair.one, pair.other)})
    for pair in shown:
        ends = (pair.one, pair.other)
        assert not whole.has_edge(*ends)
        assert not named.get(pair.one, frozenset()) & named.get(pair.other, frozenset()), "one statement joins them"
        around = [{end, *(nx.descendants(within, end) if end in within else ())} for end in ends]
        assert not around[0] & around[1], "a part and its whole, or two parts of one"
        assert all(entries[end].actor for end in ends)
        assert "International Trade" not in "".join(entries[end].label for end in ends), "it has a successor"
        for reason in pair.reasons:
            if reason.kind == "theme":
                assert all((end, reason.about[0]) in works_on for end in ends)
            elif reason.kind == "wider theme":
                one, part, theme = reason.about
                assert one in ends
                assert {(one, part), *((end, theme) for end in ends if end != one)} <= works_on
                assert (one, theme) not in works_on
            else:
                assert any(whole.has_edge(end, reason.about[0]) for end in ends)
    times = Counter(end for pair in shown for end in (pair.one, pair.other))
    assert max(times.values()) <= MOST_OF_ONE


def test_a_community_is_named_by_those_with_most_ties_inside(view: GenerationView, whole: nx.Graph[str]) -> None:
    members = [iri for group in view.analysis.communities for iri in group.members]
    assert len(members) == len(set(members)) == len(whole) - view.analysis.ungrouped
    for group in view.analysis.communities:
        inside = whole.subgraph(group.members)
        leading = [inside.degree[iri] for iri in group.leading]
        assert leading == sorted((inside.degree[iri] for iri in group.members), reverse=True)[:2]
        assert group.ties_inside == inside.number_of_edges()
