"""What the two searches of `ortools://` know together."""

from __future__ import annotations

from taskcore.scheduling.leveling import Solution
from taskcore_ortools.solver import Best


def test_the_better_plan_is_kept_and_told() -> None:
    told = list[Solution]()
    best = Best(Solution((0, 5), 9, 6), told.append)
    best.plan((0, 4), 8)
    best.plan((1, 5), 9)

    assert best.solution == Solution((0, 4), 8, 6)
    assert told == [best.solution]


def test_a_bound_is_the_whole_number_above_and_never_falls() -> None:
    best = Best(Solution((0, 5), 9, 6), None)
    best.bound(6.5)
    best.bound(7.000_000_01)
    best.bound(5.0)

    assert best.solution.bound == 7
    assert not best.proven.is_set()


def test_a_plan_as_short_as_the_bound_is_proven() -> None:
    best = Best(Solution((0, 5), 9, 6), None)
    best.bound(8.0)
    best.plan((0, 4), 8)

    assert best.proven.is_set()
