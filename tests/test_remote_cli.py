"""The commands on another store: build, run, serve, query, route, show and check; and what they say when it fails."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.engines import free_port, needs_oxigraph, oxigraph
from tests.sample_knowledge import write_sample
from tests.served import ended

pytestmark = [pytest.mark.slow, needs_oxigraph]
LEEDSKG = str(Path(sys.executable).with_name("leedskg"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A sample, and the address of a server that holds it."""
    folder = tmp_path_factory.mktemp("sample")
    sample = write_sample(folder)
    with oxigraph(tmp_path_factory.mktemp("engine")) as at:
        built = leedskg(sample, "build", "--store", at)
        assert built.returncode == 0, built.stderr
        assert "Published generation 1" in built.stdout
        yield sample, at


def leedskg(sample, *arguments, **options):
    command = [LEEDSKG, "--knowledge", str(sample.root), "--state", str(sample.root.parent / "none"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


@contextmanager
def answering(sample, *arguments):
    """A server of ours; its address and what it printed before."""
    command = [LEEDSKG, "--knowledge", str(sample.root), "--state", str(sample.root.parent / "none"), *arguments]
    with subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            printed = []
            for line in server.stdout:
                if line.startswith("leedskg answers at "):
                    yield line.split()[-1].rstrip("/"), printed
                    break
                printed.append(line)
            else:
                raise AssertionError(printed)
        finally:
            server.terminate()
            ended(server)


def test_the_reading_commands(place):
    sample, at = place
    shutil.rmtree(sample.root.parent / "none")  # what the build has left
    shown = leedskg(sample, "show", "The Loom", "--store", at)
    assert "Loom Charity (charity)" in shown.stdout
    route = leedskg(sample, "route", "Loom Charity", "Millbrook Hospital", "--store", at)
    assert "1. Loom Charity – Heartbeat Study – Zoë Institute – Millbrook Hospital" in route.stdout
    query = "SELECT (COUNT(*) AS ?n) { ?s a <def#Entity> }"
    for form in ("csv", "json"):
        answer = leedskg(sample, "query", "-", "--format", form, "--store", at, input=query)
        assert answer.returncode == 0, answer.stderr
    assert int(json.loads(answer.stdout)["results"]["bindings"][0]["n"]["value"]) > 4
    assert not (sample.root.parent / "none").exists(), "no state folder is needed"


def test_the_checks_run_on_it(place):
    sample, at = place
    checked = leedskg(sample, "check", "--published", "--store", at)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    number = len(list((sample.root / "queries" / "checks").glob("*.rq")))
    assert f"{number} queries that must find nothing" in checked.stdout


def test_serve_and_run(place):
    sample, at = place
    with answering(sample, "serve", "--store", at) as (address, _):
        assert "Loom Charity" in urlopen(f"{address}/id/loom-charity").read().decode()
        asked = Request(f"{address}/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D", headers={"Accept": "application/json"})
        assert json.load(urlopen(asked))["boolean"] is True
    with answering(sample, "run", "--store", at) as (_, printed):
        assert printed == [], "what is published is current"
    sample.change("graph/town.ttl", '"The Loom"@en', '"The Old Loom"@en')
    with answering(sample, "run", "--store", at) as (address, printed):
        assert any("Published generation 2" in line for line in printed)
        assert "The Old Loom" in urlopen(f"{address}/id/loom-charity").read().decode()


@pytest.mark.parametrize("command", [("serve",), ("run",), ("build",), ("show", "x"), ("check", "--published")])
def test_a_store_that_is_down_is_one_sentence(place, command):
    sample, _ = place
    at = f"http://me:hidden@127.0.0.1:{free_port()}/"
    ended = leedskg(sample, *command, "--store", at)
    assert ended.returncode == 2
    assert "cannot be reached; is the server running there?" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hidden" not in ended.stderr + ended.stdout


def test_a_violation_publishes_nothing(place, tmp_path):
    _, at = place
    sample = write_sample(tmp_path)
    sample.change("graph/town.ttl", "lhi:confidence 1.0", "lhi:confidence 7.0")
    ended = leedskg(sample, "build", "--store", at)
    assert ended.returncode == 1
    assert "Nothing was built" in ended.stderr


def test_when_the_store_goes_down_under_the_site_it_says_so(tmp_path):
    sample = write_sample(tmp_path)
    port = free_port()
    with oxigraph(tmp_path, port) as at:
        assert leedskg(sample, "build", "--store", at).returncode == 0
        serving = answering(sample, "serve", "--store", at)
        address, _ = serving.__enter__()
    try:
        with pytest.raises(HTTPError) as caught:
            urlopen(f"{address}/id/loom-charity")
        assert caught.value.code == 503
        assert caught.value.headers["Retry-After"]
        caught.value.close()
        with oxigraph(tmp_path, port):
            time.sleep(1.1)
            assert "Loom Charity" in urlopen(f"{address}/id/loom-charity").read().decode()
    finally:
        serving.__exit__(None, None, None)


def test_a_secret_is_not_listed(place):
    sample, _ = place
    listed = subprocess.run(
        [LEEDSKG, "settings"], capture_output=True, text=True, check=True,
        env=os.environ | {"LEEDSKG_STORE": "http://me:hidden@example.org/", "LEEDSKG_STORE_PASSWORD": "hidden"},
    )  # fmt: skip
    assert "hidden" not in listed.stdout
    assert "LEEDSKG_STORE=http://example.org/" in listed.stdout
    assert sample
