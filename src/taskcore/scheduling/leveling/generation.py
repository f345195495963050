"""
From an order of tasks to a plan: serial and parallel schedule generation (Kelley 1963, Kolisch 1996).

What is used of all resources in a unit of time is one whole number, a field of bits for each resource. A field begins
at what its capacity leaves unused below a power of two, so that adding a demand that does not fit sets the bit above
the field, the *guard*: one addition and one `&` ask for all resources at once.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import accumulate

from taskcore.scheduling.leveling.problem import Problem

Times = tuple[list[int], list[int]]
"""Start and finish of each task."""


class Generator:
    """Makes plans in one direction of time; `backward`, time 0 is the end of the project and successors come first."""

    def __init__(self, problem: Problem, *, backward: bool = False) -> None:
        widths = [capacity.bit_length() for capacity in problem.capacities]
        offsets = list(accumulate((width + 1 for width in widths), initial=0))[:-1]
        self._guards = sum(1 << offset + width for offset, width in zip(offsets, widths, strict=True))
        self._idle = sum(
            (1 << width) - 1 - capacity << offset
            for offset, width, capacity in zip(offsets, widths, problem.capacities, strict=True)
        )
        packed = [
            sum(units << offset for units, offset in zip(row, offsets, strict=True)) if length else 0
            for row, length in zip(problem.demands, problem.durations, strict=True)
        ]
        self.before = problem.successors if backward else problem.predecessors
        self._after = problem.predecessors if backward else problem.successors
        self.topological = problem.topological[::-1] if backward else problem.topological
        self._rows = list(zip(problem.durations, packed, self.before, strict=True))
        self._horizon = sum(problem.durations)

    def serial(self, order: Sequence[int]) -> Times:
        """Each task in its turn as early as it fits; `order` has every task after those that must come before it."""
        rows, guards = self._rows, self._guards
        used = [self._idle] * self._horizon
        starts = [0] * len(rows)
        finishes = [0] * len(rows)
        for task in order:
            length, demand, before = rows[task]
            free = 0
            for each in before:
                finish = finishes[each]
                if finish > free:  # noqa: PLR1730  max() costs a call in the innermost loop
                    free = finish
            # From the end of the place that is tried back to where the last try found it free; where there is too
            # little, the next place to try begins right behind.
            end = unit = free + length
            while unit > free:
                unit -= 1
                if used[unit] + demand & guards:
                    free = end
                    end = unit = unit + 1 + length
            starts[task] = start = end - length
            finishes[task] = end
            for unit in range(start, end):
                used[unit] += demand
        return starts, finishes

    def parallel(self, priority: Sequence[float]) -> Times:
        """Whenever a task ends, all that fit start, the lowest `priority` first: no resource waits for a later task."""
        rows, guards, used = self._rows, self._guards, self._idle
        starts = [0] * len(rows)
        finishes = [0] * len(rows)
        waits = [len(before) for before in self.before]
        ready = sorted((priority[task], task) for task, count in enumerate(waits) if not count)
        running: list[tuple[int, int]] = []
        now = 0
        while ready or running:
            waiting = []
            for entry in ready:
                task = entry[1]
                length, demand, _ = rows[task]
                if used + demand & guards:
                    waiting.append(entry)
                else:
                    used += demand
                    starts[task], finishes[task] = now, now + length
                    heappush(running, (now + length, task))
            ready = waiting
            if running:
                now = running[0][0]
            while running and running[0][0] == now:
                task = heappop(running)[1]
                used -= rows[task][1]
                for each in self._after[task]:
                    waits[each] -= 1
                    if not waits[each]:
                        insort(ready, (priority[each], each))
        return starts, finishes
