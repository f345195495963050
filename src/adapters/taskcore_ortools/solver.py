"""
`ortools://`: `heuristic://` searches, and CP-SAT beside it searches and proves, until one has proven or the time is over.

CP-SAT is better at proofs and at small problems, the heuristic at large ones; the answer is the better of both. The
heuristic makes here the very plans that it would make alone with the same budget and seed, so its answer is never better.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from math import ceil, inf
from threading import Event, Lock
from urllib.parse import parse_qsl, urlsplit

import attrs
from ortools.sat.python import cp_model

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.leveling import Budget, HeuristicSolver, Problem, Solution
from taskcore.scheduling.leveling.ports import OnProgress
from taskcore_ortools.model import Model

FIRST = 0.03
"""The part of the time in which the heuristic finds what CP-SAT begins with."""
STOPPING = 0.02
"""Seconds between tries to stop CP-SAT: one that comes before it has begun is lost on it."""
ROUNDING = 1e-6
"""What a bound, which is a float, may be above a whole number without being meant to."""


class Best:
    """What both searches know, each in its thread."""

    def __init__(self, solution: Solution, tell: OnProgress | None) -> None:
        self.solution = solution
        self.proven = Event()
        self.over = Event()
        """Nothing more is wanted: it is proven, or the budget is spent."""
        self._tell = tell
        self._lock = Lock()

    def plan(self, starts: tuple[int, ...], makespan: int) -> bool:
        """Whether it is better than what was known."""
        with self._lock:
            better = makespan < self.solution.makespan
            if better:
                self._known(attrs.evolve(self.solution, starts=starts, makespan=makespan))
            return better

    def bound(self, bound: float) -> None:
        with self._lock:
            if (whole := ceil(bound - ROUNDING)) > self.solution.bound:
                self._known(attrs.evolve(self.solution, bound=whole))

    def _known(self, solution: Solution) -> None:
        self.solution = solution
        if solution.optimal:
            self.proven.set()
            self.over.set()
        if self._tell:
            self._tell(solution)


class _EachPlan(cp_model.CpSolverSolutionCallback):
    def __init__(self, model: Model, best: Best) -> None:
        super().__init__()
        self._model = model
        self._best = best

    def on_solution_callback(self) -> None:
        self._best.plan(self._model.starts(self.value), round(self.objective_value))


class Prover:
    """CP-SAT in a thread of its own, beginning anew with each plan that the heuristic finds and it did not know."""

    def __init__(self, problem: Problem, best: Best, workers: int, seed: int) -> None:
        self._problem = problem
        self._best = best
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = workers
        self._solver.parameters.random_seed = seed
        self._solver.best_bound_callback = best.bound

    def run(self, after: float) -> None:
        """From so many seconds on, until there is a proof or the search is over."""
        self._best.over.wait(after)
        while not self._best.over.is_set():
            model = Model(self._problem, self._best.solution)
            status = self._solver.solve(model.model, _EachPlan(model, self._best))
            if status == cp_model.MODEL_INVALID:  # numbers too large for it: the heuristic goes on alone
                return
            self._best.bound(self._solver.best_objective_bound)

    def renew(self) -> None:
        self._solver.stop_search()

    def end(self, running: Future[None]) -> None:
        """Raises: what CP-SAT's thread has raised."""
        self._best.over.set()
        while not running.done():
            self._solver.stop_search()
            wait([running], STOPPING)
        running.result()


class OrToolsSolver:
    """
    Takes `workers` threads: the calling one for the heuristic, the others for CP-SAT. `Budget.seconds` must be given, and
    are of the CPU in the calling thread, as for the heuristic alone. `Budget.schedules` are the heuristic's, and end both.
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
        first = HeuristicSolver(self._seed).solve(problem, Budget(schedules=1), incumbent, on_progress)
        if first.optimal:
            return first
        best = Best(first, on_progress)
        prover = Prover(problem, best, self._workers - 1, self._seed)

        def found(solution: Solution) -> None:
            if best.plan(solution.starts, solution.makespan):
                prover.renew()

        heuristic = HeuristicSolver(self._seed, lambda: inf if best.proven.is_set() else time.thread_time())
        with ThreadPoolExecutor(1, "cp-sat") as pool:
            running = pool.submit(prover.run, FIRST * budget.seconds)
            try:
                beside = heuristic.solve(problem, budget, incumbent, found)
            finally:
                prover.end(running)
        return attrs.evolve(best.solution, schedules=beside.schedules)


def ortools_solver(url: str, *, blocking: bool = False) -> OrToolsSolver:  # noqa: ARG001  the factory's signature
    """`ortools://`, or `ortools://?workers=8&seed=7`; workers from 2. Raises: Invalid."""
    asked = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    known = set(asked) <= {"workers", "seed"} and all(value.isdecimal() for value in asked.values())
    if not known or int(asked.get("workers", 2)) < 2:
        raise Invalid(
            faults=[
                Fault(
                    "solver", "ortools:// takes workers, from 2, and a seed, whole numbers, and nothing else"
                )
            ]
        )
    return OrToolsSolver(**{name: int(value) for name, value in asked.items()})
