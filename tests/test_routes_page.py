"""Routes as a person and a program ask for them: the page and /api/routes over the sample town."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from leedskg.cli import main
from leedskg.errors import LimitReachedError
from leedskg.knowledge import read_knowledge
from leedskg.publishing import build
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app, current
from leedskg.web.serving.gate import Gate
from tests.page import Page
from tests.sample_graph import settings_for
from tests.sample_knowledge import NAMESPACES
from tests.sample_site import HOSTILE, publish_sample

HTML = {"Accept": "text/html"}
LOOM, HOSPITAL, ZOE = (NAMESPACES.entity(name) for name in ("loom-charity", "millbrook-hospital", "zoe-institute"))


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_sample(tmp_path_factory.mktemp("routes"))


@pytest.fixture(scope="module")
def client(state: Path) -> Iterator[FlaskClient]:
    with QueryPool(settings_for(state)) as pool:
        yield create_app(settings_for(state), pool).test_client()


def page(client: FlaskClient, status: int = 200, **parameters: Any) -> Page:
    answer = client.get(f"/routes?{query(parameters)}", headers=HTML)
    assert answer.status_code == status, answer.text[:1500]
    return Page(answer.text)


def query(parameters: dict[str, Any]) -> str:
    return urlencode({name.rstrip("_"): value for name, value in parameters.items()}, doseq=True)


def api(client: FlaskClient, status: int = 200, **parameters: Any) -> Any:
    answer = client.get(f"/api/routes?{query(parameters)}")
    assert answer.status_code == status, answer.text
    assert answer.mimetype == ("application/json" if status == 200 else "application/problem+json")
    return answer.get_json(force=True)


def test_the_answer_as_json(client: FlaskClient) -> None:
    said = api(client, from_="loom charity", to="Millbrook Hospital")
    assert (said["from"]["iri"], said["to"]["iri"], said["total"], said["total_is"]) == (LOOM, HOSPITAL, 1, "exact")
    assert said["attribution"] == [f"Leeds Health Innovation Knowledge Graph, CC BY 4.0, {said['licence']}"]
    (route,) = said["routes"]
    assert [each["label"] for each in route["entities"]] == [
        "Loom Charity", "Heartbeat Study", "Zoë Institute", "Millbrook Hospital",
    ]  # fmt: skip
    assert route["bits"] == pytest.approx(sum(hop["bits"] for hop in route["hops"]), abs=1e-5)
    hop = route["hops"][0]
    assert (hop["words"], hop["along"], hop["kind"]) == ("funds", True, "funding")
    assert hop["bits"] == pytest.approx(sum(hop["bits_of"].values()), abs=1e-5)
    (award,) = hop["relationships"]
    assert (award["amount"], award["confidence"]) == ("£2 million", 1.0)
    assert {(part["role"], part["entity"]) for part in award["roles"]} >= {("funder", LOOM)}
    assert award["evidence"][0]["source"] == NAMESPACES.entity("sample-text")


def test_page_and_json_say_the_same(client: FlaskClient) -> None:
    asked = {"from_": "Zoë Institute", "to": "any company", "count": "3", "steps": "3"}
    said, shown = api(client, **asked), page(client, **asked)
    assert said["to"] == {"any": NAMESPACES.term("Company"), "label": "any company", "members": 12 + 1}
    assert (said["total"], len(said["routes"])) == (12, 3)
    assert "Showing 3 of 12 routes of up to 3 steps: the strongest that differ." in shown.text
    assert shown.headings[0][1] == "From Zoë Institute to any company"


def test_any_of_a_kind_or_a_need_by_name_or_from_the_list(client: FlaskClient) -> None:
    for asked in ({"to": "any body or service offering work space"}, {"to": "any body offering work space"},
                  {"to": "", "to_any": "any body or service offering work space"}):  # fmt: skip
        assert (
            "From Loom Charity to any body or service offering work space"
            in page(client, from_="Loom Charity", **asked).text
        )
    found = api(client, from_="Millbrook Hospital", to="any body offering work space")["routes"]
    assert found[0]["entities"][-1]["iri"] == ZOE
    both = page(client, from_="Loom Charity", to="Zoë Institute", to_any="any company")
    assert "are both given; keep one of the two" in both.text
    offered = {option.words for option in page(client).all("option")}
    assert {"company (13)", "Work space"} <= offered


def test_filters(client: FlaskClient) -> None:
    asked = {"from_": "Loom Charity", "to": "Millbrook Hospital"}
    for more in (
        {"kind": "FundingAward"},
        {"kind": "funding"},
        {"not_": "Zoë Institute"},
        {"not_": "nowhere; zoe institute"},
    ):
        if "nowhere" in more.get("not_", ""):
            assert api(client, 404, **asked, **more)["title"] == "No such entity"
        else:
            assert api(client, **asked, **more)["total"] == 0
    several = api(client, **asked, kind=["funding", "Operation", "Partnership"], confidence="0.9", as_at="2026")
    assert several["total"] == 1
    assert (several["as_at"], several["confidence"], len(several["kinds"])) == ("2026-12-31", 0.9, 3)
    shown = page(client, **asked, kind=["funding", "operation", "partnership"], as_at="2026-01-31")
    assert "as at 31 January 2026" in shown.text
    (drawer,) = shown.with_class("kg-route-filters")
    assert "open" in drawer.attributes, "a filter that is set is seen"
    ticked = {box.attributes["value"] for box in shown.all("input") if "checked" in box.attributes}
    assert ticked == {"FundingAward", "Operation", "Partnership"}


def test_no_route_tells_the_nearest_misses(client: FlaskClient) -> None:
    shown = page(client, from_="Loom Charity", to="Millbrook Hospital", kind="funding")
    assert "Missing does not mean untrue" in shown.text
    assert "Without the choice of kinds there is one route." in shown.text
    assert "kind=" not in shown.link("Without the choice of kinds")
    further = page(client, from_="Loom Charity", to="Millbrook Hospital", steps="2")
    assert "The shortest route has 3 steps: allow more steps" in further.text
    assert "steps=3" in further.link("allow more steps")
    misses = api(client, from_="Loom Charity", to="Millbrook Hospital", steps="2")["misses"]
    assert misses["shortest_steps"] == 3
    assert "no evidence that there is no connection" in misses["note"]


def test_all_steps_can_be_opened_in_the_address_for_paper_and_for_others(client: FlaskClient) -> None:
    asked = {"from_": "Loom Charity", "to": "Millbrook Hospital"}
    closed = page(client, **asked)
    (steps,) = closed.with_class("kg-routes__steps")
    assert "open" not in steps.attributes
    assert "open=all" in closed.link("Open the steps of every route")
    opened = page(client, **asked, open="all")
    (steps,) = opened.with_class("kg-routes__steps")
    assert "open" in steps.attributes
    assert "open=" not in opened.link("Close the steps of every route")
    assert "open=" not in opened.link("This answer as JSON"), "the JSON knows no such parameter"


def test_no_relationship_is_told_with_the_filter_that_took_it(client: FlaskClient) -> None:
    shown = page(client, from_="Loom Charity", to="Millbrook Hospital", kind="funding")
    assert "No relationship that a route could use with these filters is recorded for Millbrook Hospital." in shown.text


def test_help_shows_every_number_that_ranking_rests_on_with_its_reason(client: FlaskClient) -> None:
    shown = Page(client.get("/help", headers=HTML).text)
    rows = {row.words for row in shown.all("tr") if "tbody" in row.around}
    for words in (
        "Exclusivity weight (β) 0.4",
        "Hop penalty (λ) 0.5",
        "Pool 30",
        "Overlap penalty 4",
        "Compared with 500",
    ):
        (row,) = (each for each in rows if each.startswith(words))
        assert len(row) > len(words) + 80, "what it does, and why"


def test_an_entity_that_was_merged_is_followed_and_that_is_said(client: FlaskClient) -> None:
    for name in ("Old Institute", "id:old-institute", NAMESPACES.entity("old-institute")):
        said = api(client, from_=name, to="Millbrook Hospital")
        assert said["from"]["iri"] == ZOE
        assert said["notes"] == ["“Old Institute” is recorded as Zoë Institute now."]
    assert (
        "“Old Institute” is recorded as Zoë Institute now."
        in page(client, from_="Old Institute", to="Loom Charity").text
    )
    assert api(client, from_="Zoë Institute", to="Millbrook Hospital")["notes"] == []


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"to": "Loom Charity"}, 400, "“from”"),
        ({"from_": "Loom Charity"}, 400, "“to”"),
        ({"from_": "millbruk hospitl", "to": "Loom Charity"}, 404, "It may be one of these."),
        ({"from_": "Twin", "to": "Loom Charity"}, 300, "2 entities"),
        ({"from_": "any compny", "to": "Loom Charity"}, 404, "We found no kind or need"),
        ({"from_": "Loom Charity", "to": "The Loom"}, 400, "same entity"),
        ({"from_": "Loom Charity", "to": "Twin (company)", "steps": "6"}, 400, "from 1 to 5"),
        ({"from_": "Loom Charity", "to": "Twin (company)", "count": "31"}, 400, "from 1 to 30"),
        ({"from_": "Loom Charity", "to": "Twin (company)", "confidence": "nan"}, 400, "no confidence"),
        ({"from_": "Loom Charity", "to": "Twin (company)", "confidence": "1.5"}, 400, "no confidence"),
        ({"from_": "Loom Charity", "to": "Twin (company)", "as_at": "2023-02-30"}, 400, "no day of the calendar"),
        ({"from_": "Loom Charity", "to": "Twin (company)", "as_at": "0000"}, 400, "no day of the calendar"),
        ({"from_": "Loom Charity", "to": "Twin (company)", "as_at": "yesterday"}, 400, "no date"),
        ({"from_": "Loom Charity", "to": "Twin (company)", "kind": "friendship"}, 400, "There are: "),
        ({"from_": "Loom Charity", "to": "Zoë Institute", "not_": "the loom"}, 400, "take one out"),
        ({"from_": "Loom Charity", "to": "Zoë Institute", "step": "2"}, 400, "no parameter “step”"),
        ({"from_": "x" * 5000, "to": "Zoë Institute"}, 400, "200 characters"),
        ({"from_": "a\x00b", "to": "\ud7ff<>"}, 404, "We could not find"),
    ],
)
def test_bad_input_is_told_with_what_to_mend(
    client: FlaskClient, asked: dict[str, str], status: int, words: str
) -> None:
    problem = api(client, status, **asked)
    assert problem["status"] == status
    assert words in problem["detail"]
    if status in {300, 404} and "asked" in words:
        assert problem["candidates"]
    if "step" in asked or "to" not in asked or "from_" not in asked:
        return
    answer = client.get(f"/routes?{query(asked)}", headers=HTML)
    assert answer.status_code in {200, 400}
    assert words in Page(answer.text).text


@pytest.mark.parametrize(
    ("ends", "code", "words"),
    [
        (("Old Institute", "Millbrook Hospital"), 0, "“Old Institute” is recorded as Zoë Institute now."),
        (("Twin", "Loom Charity"), 2, "2 entities"),
        (("any compny", "Loom Charity"), 2, "any company"),
        (("Loom Charity", "any body offering work space"), 0, "strongest"),
    ],
)
def test_the_command_reads_the_same_names(state: Path, ends: tuple[str, str], code: int, words: str) -> None:
    done = CliRunner().invoke(main, ["--state", str(state), "route", *ends], catch_exceptions=False)
    assert done.exit_code == code
    assert words in (done.stderr if code else done.stdout)


def test_a_name_of_two_gives_both_as_candidates(client: FlaskClient) -> None:
    kinds = {each["kind"] for each in api(client, 300, from_="Twin", to="Loom Charity")["candidates"]}
    assert kinds == {"product", "company"}


def test_caches_and_other_sites(client: FlaskClient) -> None:
    address = f"/api/routes?{query({'from_': 'Loom Charity', 'to': 'Millbrook Hospital'})}"
    first = client.get(address)
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{address}&steps=3", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    asked = client.options(address)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")
    assert client.head(address).status_code == 200
    refused = client.post(address)
    assert refused.status_code == 405


def test_labels_that_are_script_are_text_everywhere(tmp_path: Path) -> None:
    state = publish_sample(tmp_path, HOSTILE)
    with QueryPool(settings_for(state)) as pool:
        client = create_app(settings_for(state), pool).test_client()
        asked = {"from_": "id:loom-charity", "to": "id:millbrook-hospital", "not_": "id:guild"}
        source = client.get(f"/routes?{query(asked)}", headers=HTML).text
        for word in HOSTILE.values():
            if "<" in word:
                assert word not in source
        (data,) = [
            each.text for each in Page(source).all("script") if each.attributes.get("type") == "application/json"
        ]
        assert {node["label"] for node in json.loads(data)["nodes"]}
        answer = client.get(f"/api/routes?{query(asked)}")
        assert answer.mimetype == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.get_json()["to"]["label"] == HOSTILE["Millbrook Hospital"]


def test_a_gate_lets_a_few_in_a_few_wait_and_sends_the_rest_away() -> None:
    gate = Gate(1, 1, 5.0)
    inside, leave = threading.Event(), threading.Event()
    through: list[str] = []

    def visit(name: str) -> None:
        with gate.pass_through():
            through.append(name)
            inside.set()
            leave.wait(5)

    first = threading.Thread(target=visit, args=("first",))
    first.start()
    assert inside.wait(5)
    second = threading.Thread(target=visit, args=("second",))
    second.start()
    while gate.is_open:
        pass
    with pytest.raises(LimitReachedError) as sent_away, gate.pass_through():
        pass
    assert sent_away.value.retry_after > 0
    leave.set()
    for thread in (first, second):
        thread.join(5)
    assert through == ["first", "second"]
    with gate.pass_through():
        through.append("third")


def test_who_waits_too_long_is_told_so() -> None:
    gate = Gate(1, 1, 0.01)
    with gate.pass_through(), pytest.raises(LimitReachedError, match="no place was free"), gate.pass_through():
        pass


def test_a_crowd_gets_503_with_retry_after_and_other_pages_are_answered(state: Path) -> None:
    with QueryPool(settings_for(state)) as pool:
        app = create_app(settings_for(state, route_searches=1, route_queue=1, queue_timeout=0.01), pool)
        client = app.test_client()
        asked = query({"from_": "Loom Charity", "to": "Millbrook Hospital"})
        with app.app_context(), current.route_gate().pass_through():
            pictures = (
                "/network/whole",
                "/network/around?of=Loom+Charity",
                "/timeline?format=svg",
                f"/routes/picture?{asked}",
            )
            for path, headers in (
                (f"/api/routes?{asked}", {}),
                (f"/routes?{asked}", HTML),
                *((each, HTML) for each in pictures),
            ):
                answer = client.get(path, headers=headers)
                assert answer.status_code == 503
                assert int(answer.headers["Retry-After"]) > 0
            assert client.get("/", headers=HTML).status_code == 200
            assert client.get("/routes", headers=HTML).status_code == 200
        assert client.get(f"/api/routes?{asked}").status_code == 200
        # A place is given back by what failed too.
        for path, status in (("/network/whole?format=tiff", 400), ("/network/whole", 200), (pictures[-1], 200)):
            assert client.get(path, headers=HTML).status_code == status


def test_all_of_an_answer_is_of_one_generation(state: Path) -> None:
    with QueryPool(settings_for(state)) as pool:
        app = create_app(settings_for(state), pool)
        views = iter("aabbb")
        with app.app_context():
            seen: list[str] = []
            patched = pytest.MonkeyPatch()
            patched.setattr(current, "view", lambda: next(views))
            try:
                # Still “a” afterwards: given as it is. Then “b” comes in between, and all is made again.
                assert current.of_one_generation(lambda view: seen.append(view) or view) == "a"
                views = iter("abbb")
                patched.setattr(current, "view", lambda: next(views))
                assert current.of_one_generation(lambda view: seen.append(view) or view) == "b"
                assert seen == ["a", "a", "b"]
                views = iter("abcdefgh")
                with pytest.raises(LimitReachedError, match="published just now"):
                    current.of_one_generation(lambda view: view)
            finally:
                patched.undo()


def test_routes_asked_while_the_graph_is_published_are_of_one_generation(tmp_path: Path) -> None:
    state = publish_sample(tmp_path)
    with QueryPool(settings_for(state)) as pool:
        client = create_app(settings_for(state), pool).test_client()
        again = read_knowledge(tmp_path / "knowledge", NAMESPACES)
        publisher = threading.Thread(target=build, args=(again, state), kwargs={"keep": 2})
        asked = {"from_": "Loom Charity", "to": "Millbrook Hospital"}
        seen = [api(client, **asked)]
        publisher.start()
        while publisher.is_alive():
            seen.append(api(client, **asked))
        publisher.join()
        for _ in range(200):
            seen.append(api(client, **asked))
            if seen[-1]["generation"] != seen[0]["generation"]:
                break
            time.sleep(0.05)
    assert len({each.pop("generation") for each in seen}) == 2
    assert all(each == seen[0] for each in seen), "the same graph twice, so each answer whole and the same"


@pytest.mark.parametrize("ends", [{"from_": "Loom Charity", "to": ""}, {"from_": "", "to": "Loom Charity"}])
def test_an_end_that_was_left_empty_is_asked_for(client: FlaskClient, ends: dict[str, str]) -> None:
    sent = {name.rstrip("_"): text for name, text in ends.items()}
    (empty,) = (name for name, text in sent.items() if not text)
    page = client.get("/routes", query_string=sent).text
    assert f'id="{empty}-problem"' in page
    assert "Say where the route " + {"from": "begins", "to": "ends"}[empty] in page
    assert page.count('-problem"><span') == 1, "nothing is wrong with the other end"
    assert "<title>Error: " in page
    linked = client.get("/routes", query_string={name: text for name, text in sent.items() if text}).text
    assert "-problem" not in linked, "a link that names one end asks for the other by its empty field alone"


def test_home_counts_who_helps_as_the_page_behind_it_does(client: FlaskClient) -> None:
    home = client.get("/").text
    counts = re.findall(r'<li><a href="([^"]*)">[^<]*</a> <span class="kg-count">(\d+)</span></li>', home)
    assert counts
    for address, number in counts:
        answer = client.get(html.unescape(address)).text
        assert re.search(rf'id="answer" tabindex="-1">{number} bod(y is|ies are) recorded', answer) or number == "0"
