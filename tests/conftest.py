"""Fixtures that several tests share, and the two tiers.

`make test` is the quick tier: what is not marked `slow`, and whose programs are here. `make check` goes on with the
rest, and leaves nothing out.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator

import hypothesis
import pytest

from tests import engines, fetch_chromium
from tests.account_sites import make_site, published_for_accounts  # noqa: F401 - fixtures
from tests.browser import chromium, new_page  # noqa: F401 - fixtures
from tests.project_graph import publish_project  # noqa: F401 - a fixture
from tests.sample_knowledge import write_sample
from tests.terminal import terminal  # noqa: F401 - a fixture

#: What a test with a marker needs and a bare machine may lack: whether it is here, which tests, and how to have them.
NEEDS: dict[str, tuple[Callable[[], object], str, str]] = {
    "browser": (fetch_chromium.installed, "the tests of pages in a browser", fetch_chromium.HOW),
    "curl": (lambda: shutil.which("curl"), "the test of the README's query with curl", "apt-get install curl"),
    "virtuoso": (lambda: engines.VIRTUOSO, "the tests on Virtuoso", "apt-get install virtuoso-opensource-7"),
}

# How long an example takes is the machine's business, and no fault of what is tried.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of a tier."""
    parser.addoption("--tier", choices=["quick", "rest", "all"], default="all", help="which tests (default: all)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the tier that is asked for."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if item.get_closest_marker("virtuoso") and not engines.VIRTUOSO:  # not in every release of Debian
            item.add_marker(pytest.mark.skip(reason=f"Virtuoso is not here: {NEEDS['virtuoso'][2]}"))
    tier = config.getoption("tier")
    if tier != "all":
        missing = set(_missing())
        kept = [item for item in items if _is_quick(item, missing) is (tier == "quick")]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, and how to have it."""
    tier = config.getoption("tier")
    # In the other tiers what is missing fails, but for Virtuoso.
    for name in _missing() if tier == "quick" else [] if engines.VIRTUOSO else ["virtuoso"]:
        _, what, how = NEEDS[name]
        terminalreporter.write_line(f"Left out: {what}. To have them: {how}")
    if tier == "quick":
        terminalreporter.write_line("Left out: the slow tests. To have them: make check")


def _missing() -> list[str]:
    return [name for name, (is_here, _, _) in NEEDS.items() if not is_here()]


def _is_quick(item: pytest.Item, missing: set[str]) -> bool:
    markers = {marker.name for marker in item.iter_markers()}
    return "slow" not in markers and not markers & missing


@pytest.fixture(autouse=True, scope="module")
def nothing_is_left_open() -> Iterator[None]:
    """Let go of what a file's tests have left, so that a file or socket left open is reported there, not later."""
    yield
    gc.collect()


@pytest.fixture
def sample(tmp_path):
    """A small knowledge folder of its own, which the test may change."""
    return write_sample(tmp_path)
