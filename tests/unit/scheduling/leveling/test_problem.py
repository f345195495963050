"""What a problem refuses, and what it finds wrong with a plan."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.scheduling.leveling import Budget, Problem
from taskcore.scheduling.order import Cycle
from tests.unit.scheduling.leveling.nets import holds, problems


@pytest.mark.parametrize(
    ("durations", "demands", "successors", "field"),
    [
        ([1, -1], [[1], [1]], [[], []], "durations"),
        ([1, 1], [[1]], [[], []], "demands"),
        ([1, 1], [[1], [1, 1]], [[], []], "demands.1"),
        ([1, 1], [[1], [3]], [[], []], "demands.1"),
        ([1, 1], [[-1], [1]], [[], []], "demands.0"),
        ([1, 1], [[1], [1]], [[1]], "successors"),
        ([1, 1], [[1], [1]], [[2], []], "successors"),
    ],
)
def test_a_problem_that_cannot_be_is_refused(
    durations: list[int], demands: list[list[int]], successors: list[list[int]], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Problem(durations, demands, successors, [2])

    assert [fault.field for fault in refused.value.faults] == [field]


def test_a_cycle_is_refused_by_its_tasks() -> None:
    with pytest.raises(Cycle) as refused:
        Problem([1] * 4, [[]] * 4, [[1], [2], [1, 3], []], [])

    assert refused.value.cycle == (1, 2, 1)


def test_a_budget_that_would_never_end_is_refused() -> None:
    with pytest.raises(Invalid):
        Budget()


@given(problems(), st.randoms())
def test_a_plan_is_judged_as_by_looking_at_every_unit_of_time(problem: Problem, random: Random) -> None:
    starts = [random.randint(-1 if random.random() < 0.05 else 0, 20) for _ in problem.durations]

    assert (problem.violations(starts) == []) == holds(problem, starts)


def test_a_plan_for_another_number_of_tasks_does_not_hold() -> None:
    assert Problem([1], [[]], [[]], []).violations([0, 1]) == ["2 starts for 1 tasks"]


def test_nothing_starts_before_the_beginning() -> None:
    assert Problem([1], [[]], [[]], []).violations([-1]) == ["task 0 starts at -1"]
