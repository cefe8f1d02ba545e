"""The W3C's SPARQL 1.1 tests over HTTP: each passes, or stands in the table of failures with its cause."""

from collections import Counter
from pathlib import Path

import pytest

from tests.w3c.client import Client, scratch_server
from tests.w3c.failures import KNOWN
from tests.w3c.manifests import FOLDER, VARIABLE, cases
from tests.w3c.running import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason=f"the W3C's tests are not in {FOLDER.name}/ beside the checkout; name their folder in {VARIABLE}",
    ),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with scratch_server(tmp_path_factory.mktemp("w3c") / "log") as port:
        client = Client(port)
        yield client
        client.close()


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_it_does_what_the_standard_says(case, client):
    if case.id not in KNOWN:
        run(case, client)
        return
    try:
        run(case, client)
    except AssertionError:
        return
    pytest.fail(f"{case.id} passes now: take it out of the table of failures", pytrace=False)


def test_the_table_names_tests_of_the_suite():
    assert set(KNOWN) <= {case.id for case in cases()}


def test_what_the_protocols_ask_is_done_whole():
    kinds = Counter(case.kind for case in cases())
    assert (kinds["ProtocolTest"], kinds["GraphStoreProtocolTest"], kinds["ServiceDescriptionTest"]) == (34, 13, 3)
    missed = Counter(case.kind for case in cases() if case.id in KNOWN)
    assert not missed.keys() & {"ProtocolTest", "GraphStoreProtocolTest", "ServiceDescriptionTest"}
    assert kinds.total() - missed.total() >= 549


def test_the_page_about_it_has_the_numbers():
    page = (Path(__file__).parents[1] / "docs" / "sparql.md").read_text(encoding="utf-8")
    total, missed = Counter(case.group for case in cases()), Counter(name.partition("/")[0] for name in KNOWN)
    for group, number in total.items():
        assert f"| {group} | {number - missed[group]} | {number} |" in page
    assert f"| **all** | **{total.total() - missed.total()}** | **{total.total()}** |" in page
