"""Lists as files for spreadsheets: what is in them, of which type, and that no cell of them runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook

from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.web import create_app
from tests.sample_site import publish_sample

HEADED = "Sources and licence"
FORMULA = "=1+cmd|' /C calc'!A0"
RENAMED = {"Loom Charity": FORMULA, "Zoë Institute": "@Zoë Institute\t"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    settings = Settings(
        state=str(publish_sample(tmp_path_factory.mktemp("tables"), RENAMED)),
        workers=1, public_address="https://kg.example/",
    )  # fmt: skip
    with QueryPool(settings) as pool:
        yield create_app(settings, pool).test_client()


def book_of(client: FlaskClient, path: str, **asked: str) -> Workbook:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}{urlencode({**asked, 'format': 'xlsx'})}")
    assert answer.status_code == 200, answer.text[:500]
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert '.xlsx"' in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames[1:] == [HEADED]
    return book


def rows_of(book: Workbook) -> list[dict[str, object]]:
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_a_list_is_a_workbook_with_days_links_and_sources(client: FlaskClient) -> None:
    page = client.get(f"/search?{urlencode({'q': 'zoe'})}", headers={"Accept": "text/html"})
    assert "format=xlsx" in page.text
    book = book_of(client, "/search", q="zoe")
    row = next(row for row in rows_of(book) if str(row["iri"]).endswith("zoe-institute"))
    assert (str(row["since"])[:10], row["website"]) == ("1998-04-01", "https://zoe.example/")
    assert "Sample text" in str(row["sources"])
    assert str(row["evidence"]).startswith("since: Sample text, section “")
    assert all("/assertion/" in each for each in str(row["statements"]).split())
    cells = {cell.hyperlink.target for line in book.worksheets[0] for cell in line if cell.hyperlink}
    assert {"https://zoe.example/", "https://kg.example/id/zoe-institute"} <= cells
    told = {str(what): value for what, value in book[HEADED].iter_rows(values_only=True)}
    assert told["Licence address"] == "https://creativecommons.org/licenses/by/4.0/"
    assert "Sample text" in told


def test_no_cell_is_a_formula(client: FlaskClient) -> None:
    asked = {"q": "cmd"}
    sheet = book_of(client, "/search", **asked).worksheets[0]
    cell = next(cell for line in sheet for cell in line if cell.value == FORMULA)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert not [cell for line in sheet for cell in line if cell.data_type == "f"]
    data = client.get(f"/search?{urlencode({**asked, 'format': 'csv'})}").data
    assert data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert row["name"] == f"'{FORMULA}"
    assert row["place"] == "Millbrook"


@pytest.mark.parametrize("path", ["/figures", "/support", "/support/needs", "/support/themes", "/network"])
def test_every_table_of_a_page_is_a_workbook_too(client: FlaskClient, path: str) -> None:
    rows = rows_of(book_of(client, path, **({"table": "brokers"} if path == "/network" else {})))
    assert rows
    if path == "/network":
        assert isinstance(rows[0]["between"], int | float)
    if path == "/figures":
        assert any(isinstance(row["value"], int | float) and isinstance(row["least"], int | float) for row in rows)


def compared(client: FlaskClient, *names: str, status: int = 200, **more: str) -> str:
    asked = urlencode([*(("of", name) for name in names), *more.items()])
    answer = client.get(f"/compare?{asked}", headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text[:500]
    return answer.text


def test_two_bodies_are_compared_with_what_they_share_first(client: FlaskClient) -> None:
    page = compared(client, "id:loom-charity", "id:zoe-institute", "id:millbrook-hospital")
    for words in ("What they share", "The strongest route between them", "What only one has", "Statement<", "Evidence"):
        assert words in page
    book = book_of(client, "/compare?of=id:loom-charity&of=id:zoe-institute")
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert head[:4] == ("section", "name", "iri", "shared_by")
    for row in rows:
        assert row[3] == sum(bool(cell) for cell in row[4:6])
        assert row[6]
    assert "Compare it with others" in client.get("/id/zoe-institute", headers={"Accept": "text/html"}).text


def test_a_name_that_cannot_be_compared_is_told_beside_its_field(client: FlaskClient) -> None:
    twice = compared(client, "id:zoe-institute", "id:zoe-institute")
    assert 'id="of-2-problem"' in twice
    assert "is named twice" in twice
    unknown = compared(client, "id:zoe-institute", "xyzzy")
    assert "could not find “xyzzy”" in unknown
    assert "aria-invalid" in unknown
    assert "What they share" not in unknown
    assert "Name two or three bodies" in compared(client, "id:zoe-institute", status=400, format="csv")
    compared(client, "a", "b", "c", "d", status=400)
    compared(client, "x" * 300, "b", status=400)
