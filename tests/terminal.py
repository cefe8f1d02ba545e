"""The command line over a sample, for tests."""

import pytest
from click.testing import CliRunner

from leedskg.cli import main


class Terminal:
    """Runs commands on one sample."""

    def __init__(self, sample, state):
        self.sample, self.state = sample, state

    def __call__(self, *arguments, **options):
        general = ["--knowledge", str(self.sample.root), "--state", str(self.state)]
        environment = {"LEEDSKG_DOCUMENTS": None}
        return CliRunner().invoke(main, [*general, *arguments], env=environment, catch_exceptions=False, **options)


@pytest.fixture
def terminal(sample, tmp_path):
    return Terminal(sample, tmp_path / "var")
