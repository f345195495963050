"""What the heuristic promises beyond what every solver does: the same plan again, and good ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations, count, groupby, islice
from operator import attrgetter, eq
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.connect import open_solver
from taskcore.errors import Invalid
from taskcore.scheduling.leveling import Budget, HeuristicSolver, Problem, Solution
from taskcore.scheduling.leveling.bounds import lower_bound
from taskcore.scheduling.leveling.evolution import LIKENESS, Evolution
from taskcore.scheduling.leveling.generation import Generator
from tests.unit.scheduling.leveling.nets import a_project, holds, problems, shortest


@given(problems(), st.randoms())
def test_every_order_gives_a_plan_that_holds(problem: Problem, random: Random) -> None:
    generator = Generator(problem)
    serial, _ = generator.serial(sorted(problem.topological, key=problem.tails.__getitem__, reverse=True))
    parallel, _ = generator.parallel([random.random() for _ in problem.durations])

    assert holds(problem, serial)
    assert holds(problem, parallel)


@given(problems())
def test_a_plan_made_backward_holds_when_it_is_turned_round(problem: Problem) -> None:
    generator = Generator(problem, backward=True)
    _, finishes = generator.serial(generator.topological)
    end = max(finishes, default=0)

    assert holds(problem, [end - finish for finish in finishes])


@given(problems(most_tasks=5))
@settings(max_examples=60)
def test_no_plan_is_shorter_than_the_bound(problem: Problem) -> None:
    assert lower_bound(problem) <= shortest(problem)


@given(problems(most_tasks=5))
@settings(max_examples=60)
def test_small_projects_are_planned_as_short_as_can_be(problem: Problem) -> None:
    assert HeuristicSolver().solve(problem, Budget(schedules=400)).makespan == shortest(problem)


def test_two_that_exclude_each_other_are_bound_one_after_the_other() -> None:
    """Each takes more than half: the work of both would fit beside each other, they do not."""
    problem = Problem([4, 4, 1], [[6], [6], [1]], [[], [], []], [10])

    assert lower_bound(problem) == 8


def test_three_of_which_no_two_fit_together_are_bound_one_after_the_other() -> None:
    """Each two of them need too much of another resource, or wait for each other: no bound of one resource sees it."""
    three = Problem([3, 3, 3], [[6, 1, 6], [6, 6, 1], [1, 6, 6]], [[], [], []], [10, 10, 10])
    linked = Problem([3, 3, 3], [[6, 1], [6, 6], [1, 6]], [[], [], [0]], [10, 10])

    assert lower_bound(three) == lower_bound(linked) == 9


@pytest.mark.parametrize("seed", range(3))
def test_a_number_of_plans_gives_the_same_plan_again(seed: int) -> None:
    problem = a_project(seed)
    one, two = (HeuristicSolver(seed).solve(problem, Budget(schedules=700)) for _ in range(2))

    assert one == two


def test_more_plans_are_never_worse_and_the_search_is_worth_it() -> None:
    """Over 5 projects, what 1,500 plans gain on the first one."""
    first = [HeuristicSolver().solve(a_project(seed), Budget(schedules=1)).makespan for seed in range(5)]
    best = [HeuristicSolver().solve(a_project(seed), Budget(schedules=1_500)).makespan for seed in range(5)]

    assert all(late <= early for late, early in zip(best, first, strict=True))
    assert sum(best) <= 0.95 * sum(first)


def test_every_plan_of_the_search_holds() -> None:
    problem = a_project(4)
    plans = Evolution(problem, Random(1), 20).plans()  # noqa: S311  a search's chance

    assert all(holds(problem, plan.forward_starts()) for plan, _ in zip(plans, range(600), strict=False))


def test_a_search_at_a_standstill_begins_anew() -> None:
    """Populations are made forward and backward in turn, and each first one forward: so two forward ones can follow."""
    plans = Evolution(a_project(5, size=8), Random(1), 5).plans()  # noqa: S311  a search's chance
    runs = [
        len(list(run))
        for backward, run in groupby(islice(plans, 3_000), attrgetter("backward"))
        if not backward
    ]

    assert max(runs) > 5


def test_the_time_ends_the_search() -> None:
    ticks = count()

    solution = HeuristicSolver(cpu_clock=lambda: float(next(ticks))).solve(a_project(1), Budget(seconds=100))

    assert not solution.optimal
    assert 90 <= solution.schedules <= 101


def test_a_long_search_begins_with_a_short_one() -> None:
    """By a clock that goes on when it is asked: twice a plan in the long search's beginning, or less."""
    problem, early = a_project(1, size=60), []
    for seconds in (1, 3):
        ticks, told = count(), list[Solution]()
        HeuristicSolver(cpu_clock=partial(_next, ticks)).solve(
            problem, Budget(seconds=seconds), on_progress=told.append
        )
        early.append([solution for solution in told if solution.schedules < 200])

    assert early[0] == early[1]


def _next(ticks: Iterator[int]) -> float:
    return next(ticks) / 400


def test_no_two_plans_of_a_population_are_much_alike() -> None:
    problem = a_project(6, size=40)
    evolution = Evolution(problem, Random(1), 10)  # noqa: S311  a search's chance
    plans = list(islice(evolution.plans(), 400))
    best = evolution.surviving(plans)
    alike = [sum(map(eq, one.starts, two.starts)) for one, two in combinations(best, 2)]

    assert max(alike) <= LIKENESS * len(problem)
    assert best[0].cost == min(plan.cost for plan in plans)
    assert all(
        any(sum(map(eq, plan.starts, each.starts)) > LIKENESS * len(problem) for each in best)
        for plan in plans
        if plan.cost < best[-1].cost
    )


@pytest.mark.parametrize("url", ["heuristic://?seed=x", "heuristic://?workers=2"])
def test_what_a_url_asks_beyond_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="seed"):
        open_solver(url)


def test_another_seed_is_other_chance() -> None:
    problem = a_project(2, size=60)
    plans = {
        open_solver(f"heuristic://?seed={seed}").solve(problem, Budget(schedules=300)).starts
        for seed in range(4)
    }

    assert len(plans) > 1
