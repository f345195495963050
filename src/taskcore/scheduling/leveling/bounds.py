"""
How short no plan can be: the critical path, and what the resources must do between it.

Whatever has a head of at least `a` and a tail of at least `b` is done between `a` and the makespan less `b`, so the
makespan is at least `a`, its work over the capacity, and `b`. That holds for the demands as they are, and for them
transformed by a *dual feasible function*, under which what fits together still does, and large demands weigh more
(Fekete & Schepers 2001; Carlier & Neron 2007).

Of tasks no two of which can be done at once (one waits for the other, or both need more of a resource than there is) one
follows the other: they are such work for a resource that does one thing at a time (Mingozzi et al. 1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import lt

from taskcore.scheduling.leveling.problem import Problem

EXCLUDING = 150
"""The most tasks of which it is asked which exclude each other: the work grows with their square, and more."""


def lower_bound(problem: Problem) -> int:
    """No plan has a shorter makespan."""
    critical_path = max(
        map(sum, zip(problem.heads, problem.durations, problem.tails, strict=True)), default=0
    )
    bound = critical_path
    for resource, capacity in enumerate(problem.capacities):
        demands = [row[resource] for row in problem.demands]
        for transformed, most in _transformed(demands, capacity):
            bound = max(bound, _energy_bound(problem, transformed, most))
    if len(problem) <= EXCLUDING:
        for together in {frozenset(each) for each in _exclusive(problem)}:
            bound = max(
                bound, _energy_bound(problem, [int(task in together) for task in range(len(problem))], 1)
            )
    return bound


def _transformed(demands: Sequence[int], capacity: int) -> Iterator[tuple[list[int], int]]:
    """The demands under each function that could tell more, with the capacity under it."""
    yield list(demands), capacity
    sizes = sorted({units for units in demands if units})
    for least in sizes:
        if least <= capacity // 2:  # below, nothing; above what leaves less beside it, all
            yield (
                [
                    0 if units < least else capacity if units > capacity - least else units
                    for units in demands
                ],
                capacity,
            )
    for parts in {capacity // units for units in sizes}:  # at most `parts` of such a size run at a time
        yield [_rounded(units, capacity, parts + 1) for units in demands], parts * capacity


def _rounded(units: int, capacity: int, steps: int) -> int:
    """Down to a whole step of the capacity, each of `steps - 1` at full worth, unless on one already (u^(k))."""
    whole, rest = divmod(units * steps, capacity)
    return whole * capacity if rest else units * (steps - 1)


def _exclusive(problem: Problem) -> Iterator[list[int]]:
    """For each task, some that exclude it and each other, the longest first."""
    excluding = _excluding(problem)
    lengths = problem.durations
    by_length = sorted((task for task, length in enumerate(lengths) if length), key=lengths.__getitem__)[::-1]
    for first in by_length:
        chosen, candidates = [first], excluding[first]
        for task in by_length:
            if candidates >> task & 1:
                chosen.append(task)
                candidates &= excluding[task]
        yield chosen


def _excluding(problem: Problem) -> list[int]:
    """For each task, as bits by place, those that cannot be done at the same time."""
    size = len(problem)
    after = [0] * size
    for task in reversed(problem.topological):
        for each in problem.successors[task]:
            after[task] |= after[each] | 1 << each
    excluding = after.copy()
    for one, demand in enumerate(problem.demands):
        left = [capacity - units for capacity, units in zip(problem.capacities, demand, strict=True)]
        for two in range(one):
            if after[two] >> one & 1 or any(map(lt, left, problem.demands[two])):
                excluding[one] |= 1 << two
                excluding[two] |= 1 << one
            elif after[one] >> two & 1:
                excluding[two] |= 1 << one
    return excluding


def _energy_bound(problem: Problem, demands: Sequence[int], capacity: int) -> int:
    """Over every head `a`: those with at least it, by falling tail `b`."""
    needing = [task for task, units in enumerate(demands) if units and problem.durations[task]]
    heads, tails = problem.heads, problem.tails
    by_tail = [
        (heads[task], tails[task], problem.durations[task] * demands[task])
        for task in sorted(needing, key=tails.__getitem__, reverse=True)
    ]
    bound = 0
    for least in {heads[task] for task in needing}:
        energy = 0
        for head, tail, work in by_tail:
            if head >= least:
                energy += work
                bound = max(bound, least + -(-energy // capacity) + tail)
    return bound
