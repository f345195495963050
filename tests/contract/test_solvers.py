"""What every solver promises, over each adapter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from taskcore.connect import open_solver
from taskcore.errors import Invalid
from taskcore.scheduling.leveling import Budget, HeuristicSolver, Problem, Solution
from tests.unit.scheduling.leveling.nets import a_project, holds, problems, shortest

URLS = ["heuristic://", "ortools://"]
BUDGET = Budget(seconds=0.2, schedules=400)
each_solver = pytest.mark.parametrize("url", URLS)


@each_solver
@given(problem=problems(most_tasks=5))
@settings(max_examples=25, deadline=None)
def test_a_plan_holds_and_its_bound_is_true(url: str, problem: Problem) -> None:
    solution = open_solver(url).solve(problem, BUDGET)

    assert holds(problem, solution.starts)
    assert solution.makespan == problem.makespan(solution.starts)
    assert solution.bound <= shortest(problem) <= solution.makespan


@each_solver
def test_a_plan_that_is_handed_in_is_never_lost(url: str) -> None:
    problem = a_project(3)
    good = HeuristicSolver().solve(problem, Budget(schedules=1_500))
    again = open_solver(url).solve(problem, Budget(seconds=0.01, schedules=1), good.starts)

    assert again.makespan <= good.makespan
    assert again.makespan < good.makespan or again.starts == good.starts


@each_solver
def test_a_plan_that_cannot_be_shorter_stays_as_it_is(url: str) -> None:
    """The second task could begin earlier, to no gain."""
    problem = Problem([3, 1], [[], []], [[], []], [])

    assert open_solver(url).solve(problem, BUDGET, [0, 2]).starts == (0, 2)


@each_solver
def test_a_plan_that_does_not_hold_is_refused(url: str) -> None:
    problem = a_project(3)

    with pytest.raises(Invalid, match="incumbent"):
        open_solver(url).solve(problem, BUDGET, [0] * len(problem))


@each_solver
def test_there_is_a_plan_even_for_no_time_at_all(url: str) -> None:
    problem = a_project(3)
    solution = open_solver(url).solve(problem, Budget(seconds=0))

    assert holds(problem, solution.starts)


@each_solver
def test_each_better_plan_and_bound_is_told(url: str) -> None:
    problem, told = a_project(6), list[Solution]()
    solution = open_solver(url).solve(problem, Budget(seconds=0.3, schedules=2_000), on_progress=told.append)
    makespans, bounds = [each.makespan for each in told], [each.bound for each in told]

    assert all(holds(problem, each.starts) for each in told)
    assert makespans == sorted(makespans, reverse=True)
    assert bounds == sorted(bounds)
    assert (told[-1].starts, told[-1].bound) == (solution.starts, solution.bound)


@each_solver
@pytest.mark.parametrize("size", [0, 1])
def test_the_least_projects_are_planned(url: str, size: int) -> None:
    problem = Problem([3] * size, [[]] * size, [[]] * size, [])

    assert open_solver(url).solve(problem, BUDGET).makespan == 3 * size


def test_what_the_heuristic_leaves_open_is_proven() -> None:
    problem = a_project(4, size=14)
    heuristic = open_solver("heuristic://").solve(problem, Budget(schedules=200))
    exact = open_solver("ortools://").solve(problem, Budget(seconds=10))

    assert not heuristic.optimal
    assert exact.optimal
    assert heuristic.bound < exact.bound == exact.makespan < heuristic.makespan


@pytest.mark.parametrize("seed", range(2))
def test_the_exact_solver_is_never_worse_than_the_heuristic(seed: int) -> None:
    """Too large for CP-SAT to find as good a plan in so short a time: the heuristic's own must be in it."""
    problem = a_project(seed, size=90)
    alone = open_solver("heuristic://").solve(problem, Budget(schedules=600))
    beside = open_solver("ortools://").solve(problem, Budget(seconds=100, schedules=600))

    assert beside.makespan <= alone.makespan


@pytest.mark.parametrize("asked", ["workers=1", "workers=x", "threads=2", "seed=-1"])
def test_what_a_url_cannot_ask_of_the_exact_solver_is_refused(asked: str) -> None:
    with pytest.raises(Invalid, match="workers, from 2"):
        open_solver(f"ortools://?{asked}")


def test_the_exact_solver_wants_a_time() -> None:
    with pytest.raises(Invalid, match="seconds"):
        open_solver("ortools://").solve(a_project(1), Budget(schedules=10))
