"""
`ortools://`: CP-SAT searches and proves while `heuristic://` searches beside it, until one is done or the time is.

CP-SAT is better at proofs and at small problems, the heuristic at large ones; the answer is the better of both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil, inf
from threading import Event, Lock
from urllib.parse import parse_qsl, urlsplit

import attrs
from ortools.sat.python import cp_model

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.leveling import Budget, HeuristicSolver, Problem, Solution
from taskcore.scheduling.leveling.ports import OnProgress
from taskcore_ortools.model import Model

FIRST = 0.1
"""The part of the time, of the CPU, in which the heuristic finds what CP-SAT begins with: in 10 s, what it finds in one."""
ROUNDING = 1e-6
"""What a bound, which is a float, may be above a whole number without being meant to."""


class Best:
    """What both searches know, each in its thread."""

    def __init__(self, solution: Solution, tell: OnProgress | None) -> None:
        self.solution = solution
        self.proven = Event()
        self._tell = tell
        self._lock = Lock()

    def plan(self, starts: tuple[int, ...], makespan: int) -> None:
        with self._lock:
            if makespan < self.solution.makespan:
                self._known(attrs.evolve(self.solution, starts=starts, makespan=makespan))

    def bound(self, bound: float) -> None:
        with self._lock:
            if (whole := ceil(bound - ROUNDING)) > self.solution.bound:
                self._known(attrs.evolve(self.solution, bound=whole))

    def _known(self, solution: Solution) -> None:
        self.solution = solution
        if solution.optimal:
            self.proven.set()
        if self._tell:
            self._tell(solution)


class _EachPlan(cp_model.CpSolverSolutionCallback):
    def __init__(self, model: Model, best: Best) -> None:
        super().__init__()
        self._model = model
        self._best = best

    def on_solution_callback(self) -> None:
        self._best.plan(self._model.starts(self.value), round(self.objective_value))


class OrToolsSolver:
    """
    Takes `workers` threads of CP-SAT's, and the calling one. `Budget.seconds` are by the clock, and must be given.
    `Budget.schedules` are the heuristic's, and end both.
    """

    def __init__(self, workers: int = 2, seed: int = 1) -> None:
        self._workers = workers
        self._seed = seed

    def solve(
        self,
        problem: Problem,
        budget: Budget,
        incumbent: Sequence[int] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Solution:
        if budget.seconds is None:
            raise Invalid(faults=[Fault("budget", "ortools:// needs seconds")])
        began = time.monotonic()
        first = HeuristicSolver(self._seed, _first_clock()).solve(
            problem, attrs.evolve(budget, seconds=FIRST * budget.seconds), incumbent, on_progress
        )
        best = Best(first, on_progress)
        left = began + budget.seconds - time.monotonic()
        if first.optimal or left <= 0:
            return first
        exact = self._exact(left)
        with ThreadPoolExecutor(1, "cp-sat") as pool:
            proof = pool.submit(_prove, exact, problem, best)
            try:
                beside = HeuristicSolver(
                    self._seed + 1, lambda: inf if best.proven.is_set() else time.monotonic()
                ).solve(
                    problem,
                    attrs.evolve(budget, seconds=left),
                    first.starts,
                    lambda solution: best.plan(solution.starts, solution.makespan),
                )
            finally:
                exact.stop_search()
            proof.result()
        return attrs.evolve(best.solution, schedules=first.schedules + beside.schedules)

    def _exact(self, seconds: float) -> cp_model.CpSolver:
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = self._workers
        solver.parameters.random_seed = self._seed
        return solver


def _first_clock() -> Callable[[], float]:
    """Seconds of the CPU since now; on a machine so busy that they take all the time there is, the clock's instead."""
    cpu, wall = time.thread_time(), time.monotonic()
    return lambda: max(time.thread_time() - cpu, FIRST * (time.monotonic() - wall))


def _prove(solver: cp_model.CpSolver, problem: Problem, best: Best) -> None:
    model = Model(problem, best.solution)
    solver.best_bound_callback = best.bound
    if not best.proven.is_set():
        solver.solve(model.model, _EachPlan(model, best))
        best.bound(solver.best_objective_bound)


def ortools_solver(url: str, *, blocking: bool = False) -> OrToolsSolver:  # noqa: ARG001  the factory's signature
    """`ortools://`, or `ortools://?workers=8&seed=7`. Raises: Invalid."""
    asked = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    if set(asked) - {"workers", "seed"} or not all(value.isdecimal() for value in asked.values()):
        raise Invalid(
            faults=[Fault("solver", "ortools:// takes workers and a seed, whole numbers, and nothing else")]
        )
    return OrToolsSolver(**{name: int(value) for name, value in asked.items()})
