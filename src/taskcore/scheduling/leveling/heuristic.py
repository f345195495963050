"""`heuristic://`: the genetic algorithm within a budget, in pure Python."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from random import Random
from urllib.parse import parse_qsl, urlsplit

import attrs

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.leveling.bounds import lower_bound
from taskcore.scheduling.leveling.evolution import Evolution, Plan
from taskcore.scheduling.leveling.generation import Generator
from taskcore.scheduling.leveling.ports import Budget, OnProgress, Solution, check_incumbent
from taskcore.scheduling.leveling.problem import Problem

TASKS_A_SECOND = 1_200_000
"""About so many tasks are placed in a second; it only tells how large a population a budget in seconds is worth."""
POPULATION = (20, 250)
"""The least and the most plans in a population; between them:"""
ROOTS = 0.6
"""so many times the root of the plans that the budget allows: as large as can be brought to agree within it."""
SHORT, LONG = 1.0, 2.0
"""Seconds. A search of more than the longer begins with all of the shorter, so that it is never worse than that one."""
CROWDED = 1.25
"""How much longer the shorter one takes where others, such as CP-SAT, use the same caches."""


class HeuristicSolver:
    """Solves in the calling thread, and takes its `seed` for all its chance."""

    def __init__(self, seed: int = 1, cpu_clock: Callable[[], float] = time.thread_time) -> None:
        self._seed = seed
        self._cpu_clock = cpu_clock

    def solve(
        self,
        problem: Problem,
        budget: Budget,
        incumbent: Sequence[int] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Solution:
        began = self._cpu_clock()
        bound = lower_bound(problem)
        plans = self._plans(problem, budget, incumbent, began)
        if incumbent is None:
            best = _found(problem, next(plans), bound, 1)
        else:
            check_incumbent(problem, incumbent)
            best = Solution(tuple(incumbent), problem.makespan(incumbent), bound)
        tell = on_progress or (lambda _: None)
        tell(best)
        made = best.schedules
        while not (best.optimal or self._spent(budget, made, began)):
            plan = next(plans)
            made += 1
            if plan.makespan < best.makespan:
                best = _found(problem, plan, bound, made)
                tell(best)
        return attrs.evolve(best, schedules=made)

    def _plans(
        self, problem: Problem, budget: Budget, incumbent: Sequence[int] | None, began: float
    ) -> Iterator[Plan]:
        random = Random(self._seed)  # noqa: S311  nobody is to be kept from guessing a plan
        if budget.seconds is not None and budget.seconds > LONG:
            short = attrs.evolve(budget, seconds=SHORT)
            for plan in Evolution(problem, random, _population(problem, short)).plans(incumbent):
                yield plan
                if self._cpu_clock() - began >= CROWDED * SHORT:
                    break
        yield from Evolution(problem, random, _population(problem, budget)).plans(incumbent)

    def _spent(self, budget: Budget, made: int, began: float) -> bool:
        if budget.schedules is not None and made >= budget.schedules:
            return True
        return budget.seconds is not None and self._cpu_clock() - began >= budget.seconds


def _population(problem: Problem, budget: Budget) -> int:
    allowed = [] if budget.schedules is None else [budget.schedules]
    if budget.seconds is not None:
        allowed.append(int(budget.seconds * TASKS_A_SECOND / max(len(problem), 1)))
    least, most = POPULATION
    return min(max(round(ROOTS * sqrt(min(allowed))), least), most)


def _found(problem: Problem, plan: Plan, bound: int, made: int) -> Solution:
    """A plan made backward has everything as late as it can be; told is one with everything as early."""
    starts = plan.forward_starts()
    if plan.backward:
        starts, _ = Generator(problem).serial(sorted(problem.topological, key=starts.__getitem__))
    return Solution(tuple(starts), problem.makespan(starts), bound, made)


def heuristic_solver(url: str, *, blocking: bool = False) -> HeuristicSolver:  # noqa: ARG001  the factory's signature
    """`heuristic://`, or `heuristic://?seed=7` for other chance. Raises: Invalid."""
    asked = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    seed = asked.pop("seed", "1")
    if asked or not seed.isdecimal():
        raise Invalid(faults=[Fault("solver", "heuristic:// takes a seed, a whole number, and nothing else")])
    return HeuristicSolver(int(seed))
