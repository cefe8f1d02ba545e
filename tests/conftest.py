"""Fixtures that several tests share."""

import pytest

from tests.browser import chromium, new_page  # noqa: F401 - fixtures
from tests.sample_knowledge import write_sample


@pytest.fixture
def sample(tmp_path):
    """A small knowledge folder of its own, which the test may change."""
    return write_sample(tmp_path)
