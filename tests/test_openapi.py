"""The OpenAPI description is true: of every route, and of what comes back when it is taken at its word and not."""

import ast
import os
from pathlib import Path
from urllib.parse import urlencode

import pytest
import schemathesis
from flask import Request
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.datastructures import ImmutableMultiDict

from leedskg.accounts.model import Actor, Role
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.scratch import ScratchPool
from leedskg.web import create_app, current
from leedskg.web.api.openapi import describe
from leedskg.web.api.operations import OPERATIONS
from leedskg.web.api.parameters import read_by
from leedskg.web.scratch import create_scratch_app
from tests.contribution_pages import sent, signed_in
from tests.sample_contributions import town_site
from tests.sample_site import publish_sample

#: More for a longer run, by hand: LEEDSKG_FUZZ=1000 pytest tests/test_openapi.py
EXAMPLES = int(os.environ.get("LEEDSKG_FUZZ", "8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    # Long enough for a busy machine, short enough that an odd query does not hold the test up.
    options = Settings(state=str(publish_sample(tmp_path_factory.mktemp("api"))), workers=1, query_timeout=5.0)
    with QueryPool(options) as pool:
        yield create_app(options, pool)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    options = Settings()
    with ScratchPool(options, tmp_path_factory.mktemp("scratch")) as pool:
        yield create_scratch_app(options, pool)


@pytest.fixture(params=["app", "scratch"])
def either(request):
    return request.getfixturevalue(request.param)


def closing(app):
    """The application as a server runs it: what it opens for an answer is closed after it."""

    def closed(environ, start_response):
        environ["HTTP_ACCEPT_ENCODING"] = "identity"  # the client says that it unpacks, and does not
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            getattr(answer, "close", lambda: None)()  # a list has none

    return closed


def test_it_tells_of_every_route_and_of_no_other(either):
    told = either.test_client().get("/openapi.json").json["paths"]
    found = {(path, method) for path, methods in told.items() for method in methods}
    routes = set()
    for rule in either.url_map.iter_rules():
        path = "".join("{" + part + "}" if is_name else part for is_name, part in rule._trace[1:] if part != "|")
        routes |= {(path, method.lower()) for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert found == routes


def test_what_is_told_of_routes_is_of_routes_that_are_there(app, scratch):
    rules = [*app.url_map.iter_rules(), *scratch.url_map.iter_rules()]
    endpoints = {(rule.endpoint, method) for rule in rules for method in rule.methods}
    assert set(OPERATIONS) <= endpoints


def test_every_operation_has_a_name_a_summary_and_its_errors(either):
    document = describe(either, scratch=False)
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)
    for each in operations:
        assert each["summary"]
        assert {"400", "404", "405", "408", "413", "503"} <= set(each["responses"]), each["operationId"]


def test_the_document_is_a_valid_one(either):
    schemathesis.openapi.from_wsgi("/openapi.json", either).validate()


def test_programs_are_led_to_it(app):
    client = app.test_client()
    for door in ("/", "/sparql", "/.well-known/void"):
        links = client.get(door).headers.getlist("Link")
        assert any('</openapi.json>; rel="service-desc"' in link for link in links), door
    assert "/openapi.json" in client.get("/help").text
    assert client.get("/openapi.json").headers["Access-Control-Allow-Origin"] == "*"
    tag = client.get("/openapi.json").headers["ETag"]
    assert client.get("/openapi.json", headers={"If-None-Match": tag}).status_code == 304


WEB = Path(__file__).parents[1] / "server" / "leedskg" / "web"
#: Functions that read the parameter which is their first argument.
READERS = {"whole_number", "number", "chosen", "_year"}


def declared(app, endpoint):
    """Return the names that a route declares, and whether it reads others that nobody can know beforehand."""
    parameters = read_by(app.view_functions[endpoint])
    open_ended = any(each["schema"].get("type") == "object" for each in parameters)
    return {each["name"] for each in parameters if each["schema"].get("type") != "object"}, open_ended


def told_of(app, path, method="get"):
    parameters = describe(app, scratch=False)["paths"][path][method]["parameters"]
    return [each["name"] for each in parameters if each["in"] == "query"]


def test_what_a_page_reads_is_told(app):
    limits = ["source", "relation", "since", "until"]
    ends = ["from", "to", "steps", "count", "kind", "confidence", "as_at", "not", *limits, "from_any", "to_any"]
    assert told_of(app, "/routes") == [*ends, "open"]
    assert told_of(app, "/routes/picture") == [*ends, "format", "embed"]
    assert told_of(app, "/api/routes") == ends[:-2]
    assert told_of(app, "/network/around") == ["of", "depth", "as-at", "kind", "all", *limits, "format", "embed"]
    for stated in ("/support", "/support/needs", "/support/themes", "/figures", "/network/money", "/places"):
        assert {"source", "since", "until"} <= {*told_of(app, stated)}, stated
    for tied in ("/network", "/network/whole", "/network/communities", "/network/list", "/timeline", "/compare"):
        assert {*limits} <= {*told_of(app, tied)}, tied
    assert told_of(app, "/contributions") == ["state", "of", "q", "page"]
    assert told_of(app, "/api/contributions", "post") == ["name", "title", "message", "source"]
    assert "query" not in told_of(app, "/sparql", "post")
    assert "query" in told_of(app, "/sparql")


def names_in_source():
    """Return every name that a module of the web layer reads of a query string by writing it out."""
    found = set()
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=target), args=[ast.Constant(value=str(name)), *_]):
                    found |= {(path.name, name)} if ast.unparse(target) in {"request.args", "request.values"} else set()
                case ast.Call(func=ast.Name(id=reader), args=[ast.Constant(value=str(name)), *_]):
                    found |= {(path.name, name)} if reader in READERS else set()
                case ast.Subscript(value=target, slice=ast.Constant(value=str(name))):
                    found |= {(path.name, name)} if ast.unparse(target) == "request.args" else set()
                case ast.Compare(left=ast.Constant(value=str(name)), comparators=[target]):
                    found |= {(path.name, name)} if ast.unparse(target) == "request.args" else set()
    return found


def test_every_name_that_is_written_out_is_declared_by_some_route(app):
    every = set().union(*(declared(app, endpoint)[0] for endpoint in app.view_functions))
    read = names_in_source()
    assert len(read) > 30
    assert [each for each in sorted(read) if each[1] not in every] == []


def watch(app):
    """Have an application note what its views read of a query string; return the notes, by route."""
    read = {}

    class Watched(ImmutableMultiDict):
        endpoint = ""

        def note(self, name):
            read.setdefault(self.endpoint, set()).add(name)

        def get(self, key, *rest, **named):
            self.note(key)
            return super().get(key, *rest, **named)

        def getlist(self, key, *rest, **named):
            self.note(key)
            return super().getlist(key, *rest, **named)

        def __getitem__(self, key):
            self.note(key)
            return super().__getitem__(key)

        def __contains__(self, key):
            self.note(key)
            return super().__contains__(key)

    class WatchedRequest(Request):
        @property
        def args(self):
            found = Watched(list(super().args.items(multi=True)))
            found.endpoint = self.endpoint
            return found

    app.request_class = WatchedRequest
    return read


def made_token(site):
    account = Actor(site.accounts.people.named("carl"), "test")
    return site.accounts.tokens.make(account, "test", ["contribute"])


def test_no_route_reads_what_it_has_not_declared(tmp_path):
    with town_site(tmp_path, contributions_per_hour=1000) as site:
        for name, role in (("ada", Role.ADMINISTRATOR), ("carl", Role.CONTRIBUTOR)):
            site.add(name, role)
        contribution = sent(signed_in(site, "carl"))
        browser = signed_in(site, "ada")
        with site.app.test_request_context("/"):
            view = current.view()
            thing, other = list(view.route_ends)[:2]
            slug = next(iter(view.catalogue.entries)).rpartition("/")[2]
        paths = {
            "number": contribution, "slug": slug, "suffix": "ttl", "end": "csv", "scheme": "need", "concept": "finance",
            "account_id": site.accounts.people.named("ada").id, "name": "none",
        }  # fmt: skip
        names = {"contribute": "organisation", "assets": "none.css", "query": "none"}
        values = {"of": thing, "from": thing, "to": other, "q": thing, "query": "ASK {}", "state": "waiting"}
        read = watch(site.app)
        asked = set()
        for rule in site.app.url_map.iter_rules():
            if "GET" not in rule.methods:
                continue
            room = rule.endpoint.partition(".")[0]
            given = {name: names.get(room, paths[name]) if name == "name" else paths.get(name, "none")
                     for name in rule.arguments}  # fmt: skip
            if room == "dump":
                given["suffix"] = "nq"
            with site.app.test_request_context("/"):
                path = site.app.url_for(rule.endpoint, **given)
            known, _ = declared(site.app, rule.endpoint)
            for query in ({}, {name: value for name, value in values.items() if name in known}):
                with browser.get(f"{path}?{urlencode(query)}", headers={"Accept": "text/html"}) as answer:
                    assert answer.status_code < 500, (path, query)
                asked.add(rule.endpoint)
        sent_by_token = {"Authorization": f"Bearer {made_token(site)}"}
        file = b"<urn:a> <urn:b> <urn:c> ."
        site.app.test_client().post("/api/contributions", data=file, content_type="text/turtle", headers=sent_by_token)
    assert {"routes.page", "pictures.around", "contributions.page", "account.page", "histories.page"} <= asked
    assert {"to_any", "not", "as_at", "open"} <= read["routes.page"]
    assert {"relation", "kind", "depth"} <= read["pictures.around"]
    assert read["contribution_api.send"] == {"name", "title", "message", "source"}
    undeclared = {
        endpoint: sorted(found - declared(site.app, endpoint)[0])
        for endpoint, found in read.items()
        if not declared(site.app, endpoint)[1]
    }
    assert {endpoint: found for endpoint, found in undeclared.items() if found} == {}


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_sent_the_answer_is_one_that_it_tells_of(either, mode):
    api = schemathesis.openapi.from_wsgi("/openapi.json", closing(either))
    tried = set()
    for each in api.get_all_operations():
        operation = each.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            derandomize=EXAMPLES == 8,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
        )
        def run(case):
            tried.add(case.operation.label)
            response = case.call()
            assert b"Traceback" not in response.content
            if response.status_code == 503 and b"which is as long as it may take" in response.content:
                return  # it had asked for a deadline, such as a millionth of a second
            case.validate_response(response, checks=CHECKS)

        if mode is GenerationMode.POSITIVE or operation.query or operation.path_parameters or operation.body:
            run()
    assert {"GET /sparql", "POST /sparql", "GET /graph-store"} <= tried
