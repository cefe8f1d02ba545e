"""`leedskg run`, as `make run` calls it: check, build what has changed, serve; the last good graph if need be."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from leedskg.store.generations import current_generation
from tests.served import ended

pytestmark = pytest.mark.slow

LEEDSKG = str(Path(sys.executable).with_name("leedskg"))


@contextmanager
def running(sample, state, log):
    """Start it; gives its address and what it had printed before."""
    command = [LEEDSKG, "--knowledge", str(sample.root), "--state", str(state), "run", "--port", "0"]
    environment = os.environ | {"LEEDSKG_LEDGER": str(state.with_name("ledger"))}
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as server,
    ):
        try:
            printed = []
            for line in server.stdout:
                if line.startswith("leedskg answers at "):
                    yield line.split()[-1], printed
                    break
                printed.append(line)
            else:
                raise AssertionError(f"it does not serve: {printed} {log.read_text()}")
        finally:
            server.terminate()
            ended(server)


def page(address, path):
    with urlopen(address.rstrip("/") + path) as answer:
        return answer.read().decode()


def test_the_first_run_builds_and_the_next_does_not(sample, tmp_path):
    state = tmp_path / "var"
    with running(sample, state, tmp_path / "log") as (address, printed):
        assert any("0 violations" in line for line in printed)
        assert "Loom Charity" in page(address, "/id/loom-charity")
    with running(sample, state, tmp_path / "log") as (_, printed):
        assert printed == []
    assert current_generation(state).number == 1


def test_a_change_of_the_files_is_built(sample, tmp_path):
    state = tmp_path / "var"
    with running(sample, state, tmp_path / "log"):
        pass
    sample.change("graph/town.ttl", '"The Loom"@en', '"The Old Loom"@en')
    with running(sample, state, tmp_path / "log") as (address, _):
        assert "The Old Loom" in page(address, "/id/loom-charity")
    assert current_generation(state).number == 2


def test_files_that_cannot_be_used_leave_the_last_good_graph_serving(sample, tmp_path):
    state = tmp_path / "var"
    with running(sample, state, tmp_path / "log"):
        pass
    good = sample.path("graph/town.ttl").read_text(encoding="utf-8")
    for old, new, words in (
        ("lhi:amount 2000000 ;", "lhi:amount two million ;", "not valid Turtle"),
        ("lhi:amount 2000000 ;", "lhi:amount -5 ;", "nothing was built"),
    ):
        sample.change("graph/town.ttl", old, new)
        with running(sample, state, tmp_path / "log") as (address, _):
            assert "Loom Charity" in page(address, "/id/loom-charity")
        said = (tmp_path / "log").read_text()
        assert words in said
        assert "The last good graph (generation 1) is served instead." in said
        sample.path("graph/town.ttl").write_text(good, encoding="utf-8")


def test_the_first_run_with_files_that_cannot_be_used_ends_with_a_sentence(sample, tmp_path):
    sample.change("graph/town.ttl", "lhi:amount 2000000 ;", "lhi:amount two million ;")
    command = [LEEDSKG, "--knowledge", str(sample.root), "--state", str(tmp_path / "var"), "run", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "graph/town.ttl:" in done.stderr
    assert "Traceback" not in done.stderr
