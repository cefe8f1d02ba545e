"""A short spell of the mixed load of `make endurance`: nothing grows, nothing is left, small queries are answered."""

from tests.benchmarks import endurance


def test_a_short_spell_of_everything_at_once(tmp_path):
    seen = endurance.run(0.35, 20_000, tmp_path)
    assert not seen.problems, endurance.table(seen)
