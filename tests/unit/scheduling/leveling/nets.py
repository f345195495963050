"""Generated projects, and an independent judge of plans for them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from random import Random

from hypothesis import strategies as st

from taskcore.scheduling.leveling import Problem


@st.composite
def problems(draw: st.DrawFn, most_tasks: int = 12) -> Problem:
    """Tasks in any order of their numbers, some without length, some that need all there is."""
    size = draw(st.integers(0, most_tasks))
    capacities = draw(st.lists(st.integers(0, 9), max_size=3))
    rank = draw(st.permutations(range(size)))
    lengths = st.lists(st.integers(0, 6), min_size=size, max_size=size)
    return Problem(
        durations=draw(lengths),
        demands=[[draw(st.integers(0, most)) for most in capacities] for _ in range(size)],
        successors=[
            [
                after
                for after in range(size)
                if rank[task] < rank[after] and draw(st.booleans()) and draw(st.booleans())
            ]
            for task in range(size)
        ],
        capacities=capacities,
    )


def a_project(seed: int, size: int = 30, capacity: int = 10) -> Problem:
    """Of a size that takes a search, and alike for the same seed."""
    random = Random(seed)  # noqa: S311  chance that a seed brings back
    return Problem(
        durations=[random.randint(1, 9) for _ in range(size)],
        demands=[[random.randint(0, capacity - 3) for _ in range(3)] for _ in range(size)],
        successors=[
            sorted({after for after in (task + random.randint(1, 9) for _ in range(2)) if after < size})
            for task in range(size)
        ],
        capacities=[capacity] * 3,
    )


def holds(problem: Problem, starts: Sequence[int]) -> bool:
    """Judged unit by unit of time, with nothing of what made the plan."""
    finishes = [start + length for start, length in zip(starts, problem.durations, strict=True)]
    in_order = all(
        finishes[task] <= starts[after] for task, row in enumerate(problem.successors) for after in row
    )
    within = all(
        sum(
            problem.demands[task][resource]
            for task in range(len(starts))
            if starts[task] <= now < finishes[task]
        )
        <= capacity
        for now in range(max(finishes, default=0))
        for resource, capacity in enumerate(problem.capacities)
    )
    return min(starts, default=0) >= 0 and in_order and within


def shortest(problem: Problem) -> int:
    """The optimum: one of the plans that place tasks one after the other, as early as they fit, in every order."""
    return min(_placed(problem, order) for order in permutations(range(len(problem))))


def _placed(problem: Problem, order: Sequence[int]) -> int:
    starts: dict[int, int] = {}
    for task in order:
        before = [each for each, row in enumerate(problem.successors) if task in row]
        if any(each not in starts for each in before):
            return sum(problem.durations)
        start = max((starts[each] + problem.durations[each] for each in before), default=0)
        while problem.durations[task] and not _fits(problem, starts, task, start):
            start += 1
        starts[task] = start
    return max((start + problem.durations[task] for task, start in starts.items()), default=0)


def _fits(problem: Problem, starts: dict[int, int], task: int, start: int) -> bool:
    return all(
        problem.demands[task][resource]
        + sum(
            problem.demands[other][resource]
            for other, begun in starts.items()
            if begun <= now < begun + problem.durations[other]
        )
        <= capacity
        for now in range(start, start + problem.durations[task])
        for resource, capacity in enumerate(problem.capacities)
    )
