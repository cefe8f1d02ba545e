"""A short spell of the mixed load of `make endurance`: nothing grows, nothing is left, small queries are answered."""

import pytest

from tests.benchmarks import endurance

pytestmark = pytest.mark.slow


def test_a_short_spell_of_everything_at_once(tmp_path):
    # Not all: the spell kills processes, which on a busy machine takes some while to be made good.
    seen = endurance.run(0.35, 20_000, tmp_path, answered=0.9)
    assert not seen.problems, endurance.table(seen)
