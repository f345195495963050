"""What solves the problem: found by its URL's scheme among the entry points of `taskcore.solvers`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import attrs

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.leveling.problem import Problem


@attrs.frozen
class Budget:
    """How long a search may go on; what is spent first ends it. Raises: Invalid, where nothing would."""

    seconds: float | None = None
    """Of the CPU, in the calling thread."""
    schedules: int | None = None
    """Plans made, good or bad. With this alone, a search gives the same plan on every machine."""

    def __attrs_post_init__(self) -> None:
        limits = [limit for limit in (self.seconds, self.schedules) if limit is not None]
        if not limits or any(limit < 0 for limit in limits):
            raise Invalid(faults=[Fault("budget", "must be seconds or schedules, from 0")])


@attrs.frozen
class Solution:
    """A plan that holds, and how good it is for sure."""

    starts: tuple[int, ...]
    makespan: int
    bound: int
    """No plan is shorter: proven."""
    schedules: int = 0
    """Plans made on the way."""

    @property
    def optimal(self) -> bool:
        return self.makespan == self.bound

    @property
    def gap(self) -> float:
        """By how much, at most, the plan is longer than the best one there is, as a part of the bound; 0 is optimal."""
        return self.makespan / self.bound - 1 if self.bound else 0.0


OnProgress = Callable[[Solution], None]
"""Told of each better plan, or bound; never two at a time, but maybe in another thread."""


class Solver(Protocol):
    """Makes short plans, anytime."""

    def solve(
        self,
        problem: Problem,
        budget: Budget,
        incumbent: Sequence[int] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Solution:
        """
        The best plan that was found, with a lower bound, when the plan is proven to be optimal or the budget is spent.

        There is always a plan, even for a budget of 0. It is never longer than the `incumbent`, a plan (starts) that
        holds already. Raises: Invalid, for an incumbent that violates the problem, or a budget that is no use here.
        """
        ...


def check_incumbent(problem: Problem, incumbent: Sequence[int]) -> None:
    """Raises: Invalid, with all that the plan violates."""
    if wrong := problem.violations(incumbent):
        raise Invalid(faults=[Fault("incumbent", reason) for reason in wrong])
