"""The OpenAPI description is true: of every route, and of what comes back when it is taken at its word and not."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.scratch import ScratchPool
from leedskg.web import create_app
from leedskg.web.openapi import describe
from leedskg.web.operations import OPERATIONS
from leedskg.web.scratch import create_scratch_app
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
            case.validate_response(response, checks=CHECKS)
            assert b"Traceback" not in response.content

        if mode is GenerationMode.POSITIVE or operation.query or operation.path_parameters or operation.body:
            run()
    assert {"GET /sparql", "POST /sparql", "GET /graph-store"} <= tried
