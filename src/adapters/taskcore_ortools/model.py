"""The problem in the words of CP-SAT: an interval a task, a cumulative constraint a resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model

from taskcore.scheduling.leveling import Problem, Solution


class Model:
    """Plans that hold, no longer than one that is known already, which is also the hint."""

    def __init__(self, problem: Problem, known: Solution) -> None:
        self.model = cp_model.CpModel()
        self._problem = problem
        self._starts = [
            self.model.new_int_var(head, known.makespan - length - tail, "")
            for head, length, tail in zip(problem.heads, problem.durations, problem.tails, strict=True)
        ]
        self._follow()
        self._share()
        makespan = self.model.new_int_var(known.bound, known.makespan, "makespan")
        self.model.add_max_equality(
            makespan, [start + length for start, length in zip(self._starts, problem.durations, strict=True)]
        )
        self.model.minimize(makespan)
        self._hint(known.starts)

    def _follow(self) -> None:
        for task, row in enumerate(self._problem.successors):
            for after in row:
                self.model.add(self._starts[after] >= self._starts[task] + self._problem.durations[task])

    def _share(self) -> None:
        intervals = [
            self.model.new_fixed_size_interval_var(start, length, "")
            for start, length in zip(self._starts, self._problem.durations, strict=True)
        ]
        for resource, capacity in enumerate(self._problem.capacities):
            using = [
                (interval, row[resource])
                for interval, row, length in zip(
                    intervals, self._problem.demands, self._problem.durations, strict=True
                )
                if row[resource] and length
            ]
            self.model.add_cumulative(
                [interval for interval, _ in using], [units for _, units in using], capacity
            )

    def _hint(self, starts: Sequence[int]) -> None:
        for variable, start in zip(self._starts, starts, strict=True):
            self.model.add_hint(variable, start)

    def starts(self, value: Callable[[cp_model.IntVar], int]) -> tuple[int, ...]:
        """In a solution, of which `value` tells each variable."""
        return tuple(map(value, self._starts))
