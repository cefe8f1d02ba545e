"""Ten thousand questions about routes at once: a few are answered, the others are told so before they take a thread."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from leedskg.web.serving.gateway import Gateway
from leedskg.web.serving.route_limit import RETRY_AFTER, RouteLimit, crowded_page
from tests.event_loop import run as run_in_loop
from tests.page import Page
from tests.sample_graph import settings_for
from tests.sample_site import publish_sample

pytestmark = pytest.mark.slow

MANY = 10_000


def scope(path: str, query: str = "", accept: str = "", method: str = "GET") -> dict[str, Any]:
    headers = [(b"host", b"here"), *([(b"accept", accept.encode())] if accept else [])]
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": headers, "server": ("here", 80), "client": ("127.0.0.1", 1), "scheme": "http", "http_version": "1.1",
    }  # fmt: skip


async def ask(gateway: Gateway, asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    await gateway(asked, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:])


def test_of_ten_thousand_at_once_a_few_are_answered_and_other_pages_do_not_wait() -> None:
    leave = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] != "/":
            leave.wait(30)
        start_response("200 OK", [])
        return [b"answered"]

    gateway = Gateway(app, threads=16, patience=5, wait=30, longest_body=lambda _: 10, route_limit=RouteLimit(6))

    async def rush() -> tuple[list[Any], Any]:
        paths = ("/routes", "/network/whole", "/api/contributions/1/statements", "/contributions/1/statements")
        crowd = [asyncio.create_task(ask(gateway, scope(paths[number % 4], "from=a&to=b"))) for number in range(MANY)]
        await asyncio.sleep(0)
        other = await ask(gateway, scope("/"))

        leave.set()
        return await asyncio.gather(*crowd), other

    answers, other = run_in_loop(rush())
    assert other[0] == 200
    statuses = [status for status, _, _ in answers]
    assert (statuses.count(200), statuses.count(503)) == (6, MANY - 6)
    assert {headers["retry-after"] for status, headers, _ in answers if status == 503} == {str(RETRY_AFTER)}

    async def again() -> Any:
        return await asyncio.gather(*(ask(gateway, scope("/routes", "to=b")) for _ in range(6)))

    assert [status for status, _, _ in run_in_loop(again())] == [200] * 6, "every place is given back"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    state = publish_sample(tmp_path_factory.mktemp("crowd"))
    with QueryPool(settings_for(state)) as pool:
        page = crowded_page(create_app(settings_for(state), pool))
    return Gateway(
        lambda *_: [], threads=2, patience=5, wait=5, longest_body=lambda _: 10, route_limit=RouteLimit(0, page)
    )


def test_a_browser_gets_a_page_with_a_way_to_ask_again(full: Gateway) -> None:
    status, headers, body = run_in_loop(ask(full, scope("/routes", "from=a&to=b", "text/html,*/*")))
    page = Page(body.decode())
    assert (status, headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert int(headers["content-length"]) == len(body)
    assert headers["retry-after"] == "5"
    assert "script-src" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "Try again in 5 seconds" in page.text
    assert page.link("Ask again") == ""
    assert not page.all("script")
    assert run_in_loop(ask(full, scope("/routes", "to=b", "text/html", "HEAD")))[2] == b""


def test_a_program_gets_a_problem_and_a_plain_client_a_sentence(full: Gateway) -> None:
    status, headers, body = run_in_loop(ask(full, scope("/api/routes", "from=a&to=b", "text/html")))
    assert (status, headers["content-type"]) == (503, "application/problem+json")
    assert headers["access-control-allow-origin"] == "*"
    assert b'"status": 503' in body
    status, headers, body = run_in_loop(ask(full, scope("/routes", "to_any=any%20company")))
    assert (status, headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert body.startswith(b"Very many ask for routes")


def test_the_form_is_for_everybody(full: Gateway) -> None:
    crowd = RouteLimit(0)
    for path, query in (("/routes", ""), ("/routes", "from=Laboratory"), ("/", "to=b"), ("/sparql", "to=b")):
        with crowd.entered(scope(path, query)) as refusal:
            assert refusal is None


def test_without_a_graph_there_is_a_sentence_in_the_place_of_the_page(tmp_path: Path) -> None:
    gateway = Gateway(
        lambda *_: [], threads=2, patience=5, wait=5, longest_body=lambda _: 10, route_limit=RouteLimit(0)
    )
    status, _, body = run_in_loop(ask(gateway, scope("/routes", "to=b", "text/html")))
    assert status == 503
    assert body.startswith(b"Very many")
