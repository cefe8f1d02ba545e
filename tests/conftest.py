"""Fixtures that several tests share."""

import pytest

from tests.account_sites import make_site, published_for_accounts  # noqa: F401 - fixtures
from tests.browser import chromium, new_page  # noqa: F401 - fixtures
from tests.sample_knowledge import write_sample
from tests.terminal import terminal  # noqa: F401 - a fixture


@pytest.fixture
def sample(tmp_path):
    """A small knowledge folder of its own, which the test may change."""
    return write_sample(tmp_path)
