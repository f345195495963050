"""
How short no plan can be: the critical path, and what the resources must do between it.

Whatever has a head of at least `a` and a tail of at least `b` is done between `a` and the makespan less `b`, so the
makespan is at least `a`, its work over the capacity, and `b`. That holds for the demands as they are, and for them
transformed by a *dual feasible function*, under which what fits together still does, and large demands weigh more
(Fekete & Schepers 2001; Carlier & Neron 2007).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskcore.scheduling.leveling.problem import Problem


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
