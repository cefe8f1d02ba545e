"""A short spell of the mixed load of `make endurance`: nothing grows, nothing is left, small queries are answered."""

from tests.benchmarks import endurance


def test_a_short_spell_of_everything_at_once(tmp_path):
    # Workers are killed and replaced all the while, which takes a busy machine long: few may be there for queries.
    seen = endurance.run(0.35, 20_000, tmp_path, answered=0.05)
    assert not seen.problems, endurance.table(seen)
