"""How pages are sent: compressed where no secret is in them, and not at all to who has them already."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.account_sites import MakeSite
from tests.sample_site import publish_sample

HTML = {"Accept": "text/html"}
GZIP = HTML | {"Accept-Encoding": "gzip, deflate, br"}
PAGES = ("/", "/support", "/network/whole", "/id/loom-charity", "/figures", "/search?q=loom")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    settings = Settings(state=str(publish_sample(tmp_path_factory.mktemp("site"))), workers=1)
    with QueryPool(settings) as pool:
        yield create_app(settings, pool).test_client()


@pytest.mark.parametrize(
    "path",
    [*PAGES, "/network/whole?format=json", "/network/whole?format=svg", "/network/whole?format=csv", "/openapi.json"],
)
def test_a_page_and_its_files_are_compressed_for_who_takes_that(client: FlaskClient, path: str) -> None:
    plain, small = client.get(path, headers=HTML), client.get(path, headers=GZIP)
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    unpacked = gzip.decompress(small.data)
    assert abs(len(unpacked) - len(plain.data)) < 10, "the same page; its nonce is another"
    assert len(small.data) < len(plain.data) * 0.6
    assert int(small.headers["Content-Length"]) == len(small.data)
    for answer in (plain, small, client.head(path, headers=GZIP)):
        assert "Accept-Encoding" in answer.headers["Vary"]
    refused = client.get(path, headers=HTML | {"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


def test_what_holds_a_secret_is_not_compressed(make_site: MakeSite) -> None:
    site = make_site()
    member = site.signed_in("contributor")
    assert "form_token" in site.browser().get("/sign-in", headers=GZIP).text, "readable as it came"
    for path in (*PAGES, "/account", "/contribute"):
        answer = member.get(path, headers=GZIP)
        assert answer.status_code == 200, path
        assert "Content-Encoding" not in answer.headers, path
        assert "ETag" not in answer.headers, path


ALSO_TAGGED = ("/versions", "/sitemap.xml", "/robots.txt", "/attribution", "/cite?of=/figures")


@pytest.mark.parametrize("path", [*PAGES, *ALSO_TAGGED, "/network/whole?format=svg"])
def test_who_has_a_page_is_not_sent_it_again(client: FlaskClient, path: str) -> None:
    first = client.get(path, headers=GZIP)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    assert client.get(path, headers=HTML).headers["ETag"] == client.get(path, headers=HTML).headers["ETag"]
    again = client.get(path, headers=GZIP | {"If-None-Match": f'"another", {tag}'})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-cache"
    assert set(again.vary) >= set(first.vary)
    other = client.get("/support?need=work-space", headers=GZIP | {"If-None-Match": tag})
    assert other.status_code != 304
    assert client.get(path, headers={"Accept": "text/turtle", "If-None-Match": tag}).status_code != 304


EVERY_KIND = (
    *PAGES, *ALSO_TAGGED, "/def", "/shape", "/scheme/need", "/scheme/need/work-space", "/dataset", "/changes", "/help",
    "/query", "/query?query=ASK+{}", "/routes?from=Loom+Charity&to=Millbrook+Hospital", "/changes.atom", "/pictures",
    "/id/loom-charity.ttl", "/dataset.nq", "/.well-known/void", "/sparql?query=ASK+{}", "/id/nothing-here", "/nothing",
)  # fmt: skip


@pytest.mark.parametrize("path", EVERY_KIND)
@pytest.mark.parametrize("headers", [HTML, GZIP, {"Accept": "text/turtle, */*;q=0.1"}])
def test_head_says_what_get_says_without_a_body(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    with client.get(path, headers=headers) as whole, client.head(path, headers=headers) as head:
        assert (head.status_code, head.data) == (whole.status_code, b"")
        said, of_it = (
            {name: value for name, value in each.headers if name != "Content-Security-Policy"} for each in (whole, head)
        )
    if "Content-Encoding" in said:  # the nonce of each is another, and may be packed in a byte more or less
        assert abs(int(said.pop("Content-Length")) - int(of_it.pop("Content-Length"))) < 20
    assert said == of_it


def test_a_page_is_sent_again_to_who_signs_in(make_site: MakeSite) -> None:
    site = make_site()
    member = site.signed_in("contributor")
    tag = site.browser().page("/").headers["ETag"]
    assert site.browser().page("/", 304, If_None_Match=tag).headers["Vary"].count("Cookie") == 1
    member.page("/", 200, If_None_Match=tag)


def test_a_page_that_is_not_found_or_that_changes_alone_has_no_tag(client: FlaskClient) -> None:
    for path, status in (("/id/nothing-here", 404), ("/query", 200), ("/network/around?of=Loom+Charity&depth=x", 400)):
        answer = client.get(path, headers=HTML)
        assert answer.status_code == status
        assert "ETag" not in answer.headers, path


def test_tables_of_pages_open_in_a_spreadsheet_with_their_letters(client: FlaskClient) -> None:
    for path in ("/network/whole", "/places", "/network/money", "/timeline", "/figures"):
        answer = client.get(f"{path}?format=csv")
        assert answer.status_code == 200, path
        assert answer.data.startswith(b"\xef\xbb\xbf"), path
        assert next(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))), path
    assert not client.get("/sparql?query=SELECT * { ?s ?p ?o } LIMIT 1&format=csv").data.startswith(b"\xef")
