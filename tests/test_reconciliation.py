"""`/reconcile` as OpenRefine speaks to it: manifest, matches, values, suggestions, previews, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from leedskg.web.reconciling.questions import MOST_QUESTIONS
from tests.sample_knowledge import NAMESPACES
from tests.sample_site import publish_sample

FORM = "application/x-www-form-urlencoded"


def thing(*needed: str, **parts: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(needed), "properties": parts}


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


TEXT = {"type": "string"}
NAMED = thing("id", "name", id=TEXT, name=TEXT, description=TEXT)
TYPES = several({"oneOf": [thing("id", id=TEXT, name=TEXT), TEXT]})
WITH_ID = {"type": "string", "pattern": r"\{\{id\}\}"}
SUGGEST = thing(service_url=TEXT, service_path=TEXT, flyout_service_path={"type": "string", "pattern": r"\$\{id\}"})
CELL = {
    "oneOf": [
        {"additionalProperties": False, **thing("id", "name", id=TEXT, name=TEXT, description=TEXT)},
        {"additionalProperties": False, **thing("str", str=TEXT)},
        {"additionalProperties": False, **thing("float", float={"type": "number"})},
        {"additionalProperties": False, "maxProperties": 0, "type": "object"},
    ]
}
#: What the specification asks of each answer (https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/).
MANIFEST = thing(
    "versions", "name", "identifierSpace", "schemaSpace",
    versions={**several(TEXT), "contains": {"const": "0.2"}}, name=TEXT, identifierSpace=TEXT, schemaSpace=TEXT,
    documentation=TEXT, serviceVersion=TEXT, view=thing("url", url=WITH_ID),
    preview=thing("url", "width", "height", url=WITH_ID, width={"type": "integer"}, height={"type": "integer"}),
    defaultTypes={**several(NAMED), "uniqueItems": True},
    suggest=thing(entity=SUGGEST, property=SUGGEST, type=SUGGEST),
    extend=thing(propose_properties=thing(service_url=TEXT, service_path=TEXT), property_settings={"type": "array"}),
)  # fmt: skip
CANDIDATE = thing(
    "id", "name", "score", id=TEXT, name=TEXT, description=TEXT, score={"type": "number"}, match={"type": "boolean"},
    type=TYPES,
)  # fmt: skip
RESULTS = {"type": "object", "additionalProperties": thing("result", result=several(CANDIDATE))}
SUGGESTIONS = thing("result", result=several({**NAMED, "properties": {**NAMED["properties"], "notable": TYPES}}))
VALUES = thing(
    "meta", "rows", meta=several(thing("id", "name", id=TEXT, name=TEXT, type=thing("id", id=TEXT))),
    rows={"type": "object", "additionalProperties": {"type": "object", "additionalProperties": several(CELL)}},
)  # fmt: skip


#: Two rows that cannot be read, as a hand may leave them, and one that can.
JUDGEMENTS = (
    "subject_label\tpredicate_id\tobject_id\n"
    "Mill\tnonsense\tid:loom-charity\n"
    "Weir Works\tskos:exactMatch\tid:loom-charity\n"
    "Hospital\n"
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("reconcile")
    state = publish_sample(folder)
    matches = folder / "knowledge" / "graph" / "imports" / "matches.sssom.tsv"
    matches.parent.mkdir(parents=True)
    matches.write_text(JUDGEMENTS, encoding="utf-8")
    options = Settings(state=str(state), knowledge=str(folder / "knowledge"), workers=1)
    with QueryPool(options) as pool:
        yield create_app(options, pool).test_client()


def conforming(answer: Any, schema: dict[str, Any]) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    jsonschema_rs.validator_for(schema).validate(answer.json)
    return answer.json


def asked(client: FlaskClient, **queries: Any) -> Any:
    """What is answered to a batch that is sent as OpenRefine sends it."""
    body = urlencode({"queries": json.dumps(queries)})
    return conforming(client.post("/reconcile", data=body, content_type=FORM), RESULTS)


def test_openrefine_finds_its_way_from_the_manifest(client):
    manifest = conforming(client.get("/reconcile"), MANIFEST)
    local = {
        what: urlsplit(each["service_url"]).path + each["service_path"] for what, each in manifest["suggest"].items()
    }
    found = asked(
        client,
        q0={"query": "Millbrook Hospital", "type": "NHSOrganisation", "type_strict": "should", "limit": 6},
        q1={"query": "Zoe Institut"},
        q2={"query": ""},
    )
    best = found["q0"]["result"][0]
    assert (best["id"], best["name"], best["match"]) == ("millbrook-hospital", "Millbrook Hospital", True)
    assert found["q1"]["result"][0]["id"] == "zoe-institute"
    assert not found["q1"]["result"][0]["match"]
    assert found["q2"]["result"] == []
    by_get = client.get("/reconcile", query_string={"queries": json.dumps({"q0": {"query": "Millbrook Hospital"}})})
    assert conforming(by_get, RESULTS)["q0"]["result"][0]["match"]
    assert manifest["view"]["url"].replace("{{id}}", best["id"]).endswith("/id/millbrook-hospital")
    for what, prefix, wanted in (
        ("entity", "zo", "Zoë Institute"),
        ("type", "char", "charity"),
        ("property", "gr", "GRID"),
    ):
        said = conforming(client.get(local[what], query_string={"prefix": prefix}), SUGGESTIONS)["result"]
        assert wanted in {each["name"] for each in said}
        flyout = client.get(f"/reconcile/flyout/{what}", query_string={"id": said[0]["id"]})
        assert conforming(flyout, thing("id", "html"))["html"].startswith("<div>")
    preview = client.get(urlsplit(manifest["preview"]["url"].replace("{{id}}", best["id"])).path + "?id=" + best["id"])
    assert "Millbrook Hospital" in preview.text
    assert "frame-ancestors *" in preview.headers["Content-Security-Policy"]


def test_values_are_given_for_the_ids_that_are_asked_for(client):
    proposed = conforming(
        client.get("/reconcile/properties?type=Charity&limit=9"), thing("properties", properties=several(NAMED))
    )
    names = [each["id"] for each in proposed["properties"]]
    assert {"kind", "description", "grid"} <= set(names)
    extend = {"ids": ["loom-charity", "nobody"], "properties": [{"id": each} for each in ("grid", "kind", "locatedIn")]}
    body = urlencode({"extend": json.dumps(extend)})
    found = conforming(client.post("/reconcile", data=body, content_type=FORM), VALUES)
    assert found["rows"]["loom-charity"]["grid"] == [{"str": "grid.1234.5"}]
    assert found["rows"]["loom-charity"]["locatedIn"] == [{"id": "millbrook", "name": "Millbrook"}]
    assert found["rows"]["nobody"] == {"grid": [], "kind": [], "locatedIn": []}


def test_an_identifier_beside_the_name_decides(client):
    values = [{"pid": "grid", "v": "grid.1234.5"}]
    (best, *_) = asked(client, q={"query": "The charity", "properties": values})["q"]["result"]
    assert (best["id"], best["match"]) == ("loom-charity", True)


def test_decisions_hold_beside_rows_that_cannot_be_read(client):
    found = asked(client, q0={"query": "Weir Works"}, q1={"query": "Mill"})
    assert [(each["id"], each["match"]) for each in found["q0"]["result"]] == [("loom-charity", True)]
    assert not any(each["match"] for each in found["q1"]["result"])


def test_types_narrow_the_answer(client):
    for strict, there in (("any", False), ("all", False), ("should", True)):
        query = {"query": "Millbrook Hospital", "type": ["Company", "Charity"], "type_strict": strict}
        names = [each["name"] for each in asked(client, q=query)["q"]["result"]]
        assert ("Millbrook Hospital" in names) is there


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ('{"q7": "Leeds"}', "Query “q7” must be an object"),
        ('{"q7": {}}', "neither a “query” nor “properties”"),
        ('{"q7": {"query": 7}}', "“query” must be a text"),
        ('{"q7": {"query": "a", "limit": "b"}}', "“limit” must be a number"),
        ('{"q7": {"query": "a", "type": "Spaceship"}}', "no type “Spaceship”"),
        ('{"q7": {"query": "a", "type_strict": "no"}}', "type_strict"),
        ('{"q7": {"query": "a", "properties": [{"v": 1}]}}', "needs the id of a property"),
        (json.dumps({"q": {"query": "a" * 501}}), "500 are the most"),
        (json.dumps({str(n): {"query": "a"} for n in range(MOST_QUESTIONS + 1)}), "in several batches"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_malformed_batch_is_told_in_a_sentence(client, queries, said):
    answer = client.post("/reconcile", data=urlencode({"queries": queries}), content_type=FORM)
    assert answer.status_code == 400
    assert said in answer.text


def test_a_body_is_bounded_and_an_unknown_property_is_told(client):
    assert client.post("/reconcile", data={"queries": "x" * 2**21}).status_code == 413
    assert client.post("/reconcile", data={}).status_code == 400
    wrong = {"ids": ["loom-charity"], "properties": [{"id": "colour"}]}
    answer = client.post("/reconcile", data={"extend": json.dumps(wrong)})
    assert "no property “colour”" in answer.text


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["query", "type", "limit", "properties", "pid", "v", "type_strict", "ids", "id"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.sampled_from(["queries", "extend"]), value=json_values)
def test_whatever_is_sent_is_answered_or_refused(client, name, value):
    answer = client.post("/reconcile", data={name: json.dumps({"q": value} if name == "queries" else value)})
    assert answer.status_code in {200, 400}


def test_every_name_of_the_town_finds_its_entity_first(client):
    view = client.application.extensions["leedskg"].views.current()
    for entry in view.catalogue.entries.values():
        for name in (*entry.names, *entry.hidden) if view.catalogue.current(entry).in_use else ():
            owners = {each.iri for each in view.catalogue.named(name)}
            (best, *_) = asked(client, q={"query": name})["q"]["result"]
            assert NAMESPACES.entity(best["id"]) in owners | {view.catalogue.current(entry).iri}, name
            assert not best["match"] or len(owners) == 1


def test_this_file_has_no_schema_that_takes_anything():
    for schema in (MANIFEST, RESULTS, SUGGESTIONS, VALUES):
        assert not jsonschema_rs.validator_for(schema).is_valid({"q": {"nothing": 1}})
