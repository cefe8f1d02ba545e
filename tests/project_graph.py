"""The project's own graph, published once for all the tests of a run: it takes half a minute of the processor."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.publishing import build

ROOT = Path(__file__).parents[1]
PublishProject = Callable[[], Path]


@pytest.fixture(scope="session")
def publish_project(tmp_path_factory: pytest.TempPathFactory) -> PublishProject:
    """What gives a state folder of one's own, with the project's graph published in it."""
    run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # whose folders stand beside each other in the run's
        run = run.parent
    published = run / "project-graph"

    def own() -> Path:
        with (run / "project-graph.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not published.exists():
                build(read_knowledge(ROOT, Namespaces()), run / "project-graph-in-making", keep=1)
                (run / "project-graph-in-making").rename(published)
        return Path(shutil.copytree(published, tmp_path_factory.mktemp("project") / "state"))

    return own
