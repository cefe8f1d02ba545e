"""What is readied once the site is up: the process that tells histories, where there is memory for it."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from leedskg.ledger import errands
from leedskg.ledger.desk import Desk
from leedskg.namespaces import Namespaces
from leedskg.settings import Settings
from leedskg.web import warming
from leedskg.web.warming import free_memory, warm_later
from tests.contributing import Town
from tests.sample_knowledge import write_sample


def processes() -> int:
    return len(psutil.Process().children())


@pytest.mark.parametrize(("options", "free", "started"), [
    ({"warm_after": 0.05}, 2**31, 1),
    ({"warm_after": 0.05}, 2**20, 0),
    ({"warm_after": 0.0}, 2**31, 0),
    ({"warm_after": 0.05, "store": "http://127.0.0.1:1/"}, 2**31, 0),
])  # fmt: skip
def test_one_process_is_started_where_it_is_wanted_and_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], free: int, started: int
) -> None:
    monkeypatch.setattr(warming, "free_memory", lambda: free)
    town = Town(write_sample(tmp_path), tmp_path)
    settings = Settings(knowledge=str(town.sample.root), ledger=str(town.ledger), state=str(town.state), **options)  # type: ignore[arg-type]
    desk, before = Desk(settings), processes()
    try:
        warm_later(settings, desk)
        until = time.monotonic() + (20 if started else 0.5)
        while processes() - before < max(started, 1) and time.monotonic() < until:
            time.sleep(0.02)
        assert (processes() > before) == bool(started)
        if started:
            label = desk.look(errands.known, Namespaces().entity("loom-charity"))
            assert label == "Loom Charity"
    finally:
        desk.close()


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, 0),
        ({"proc/meminfo": "MemTotal: 9 kB\nMemAvailable:   2048 kB\n"}, 2 * 2**20),
        ({"proc/meminfo": "MemAvailable: 2048 kB\n", "sys/fs/cgroup/memory.max": "max\n",
          "sys/fs/cgroup/memory.current": "5\n"}, 2 * 2**20),
        ({"proc/meminfo": "MemAvailable: 2048 kB\n", "sys/fs/cgroup/memory.max": "1000\n",
          "sys/fs/cgroup/memory.current": "400\n"}, 600),
    ],
)  # fmt: skip
def test_free_memory_is_that_of_the_system_and_of_the_group(tmp_path: Path, files: dict[str, str], free: int) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="ascii")
    assert free_memory(tmp_path) == free
