"""
The resource-constrained project scheduling problem: which tasks there are, what each needs, what must come first.

Time is counted in whole units from 0. The work of a plan grows with the number of units, so take the coarsest unit that
says what is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import attrs

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.order import Order


def _whole(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(map(int, values))


def _rows(rows: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(map(_whole, rows))


@attrs.frozen(slots=False)
class Problem:
    """
    Tasks are known by their place. A task runs without a break, and holds its demand of each resource while it does;
    a resource is whole again when the task ends (it is *renewable*).

    Raises: Invalid, for lists that do not fit each other, a negative number, or a demand above the capacity;
    Cycle, which names the tasks, where one would have to come before itself.
    """

    durations: tuple[int, ...] = attrs.field(converter=_whole)
    demands: tuple[tuple[int, ...], ...] = attrs.field(converter=_rows)
    """Units of each resource, task by task."""
    successors: tuple[tuple[int, ...], ...] = attrs.field(converter=_rows)
    """The tasks that start when this one has finished, or later."""
    capacities: tuple[int, ...] = attrs.field(converter=_whole)

    def __attrs_post_init__(self) -> None:
        if faults := tuple(self._faults()):
            raise Invalid(faults=faults)
        self.topological  # noqa: B018  raises, where there is a cycle

    def _faults(self) -> Iterable[Fault]:
        size = len(self)
        for name in ("demands", "successors"):
            if len(getattr(self, name)) != size:
                yield Fault(name, f"must have a row for each of the {size} tasks")
        if min(self.durations, default=0) < 0:
            yield Fault("durations", "must not be negative")
        for task, demand in enumerate(self.demands):
            if len(demand) != len(self.capacities):
                yield Fault(
                    f"demands.{task}", f"must have a number for each of {len(self.capacities)} resources"
                )
            elif any(not 0 <= units <= most for units, most in zip(demand, self.capacities, strict=True)):
                yield Fault(f"demands.{task}", "must be from 0 to the resource's capacity")
        if any(not 0 <= after < size for row in self.successors for after in row):
            yield Fault("successors", f"must be tasks, from 0 to {size - 1}")

    def __len__(self) -> int:
        return len(self.durations)

    @cached_property
    def predecessors(self) -> tuple[tuple[int, ...], ...]:
        before: list[list[int]] = [[] for _ in self.durations]
        for task, after in enumerate(self.successors):
            for each in after:
                before[each].append(task)
        return _rows(before)

    @cached_property
    def topological(self) -> tuple[int, ...]:
        """Every task after its predecessors."""
        links = ((task, after) for task, row in enumerate(self.successors) for after in row)
        return tuple(Order(len(self), links))

    @cached_property
    def heads(self) -> tuple[int, ...]:
        """The earliest start of each task, were there resources without end."""
        return self._longest(self.topological, self.predecessors)

    @cached_property
    def tails(self) -> tuple[int, ...]:
        """How long it takes at least from the end of each task to the end of all."""
        return self._longest(self.topological[::-1], self.successors)

    def _longest(self, order: Sequence[int], before: Sequence[Sequence[int]]) -> tuple[int, ...]:
        longest = [0] * len(self)
        for task in order:
            longest[task] = max((longest[each] + self.durations[each] for each in before[task]), default=0)
        return tuple(longest)

    def makespan(self, starts: Sequence[int]) -> int:
        return max((start + length for start, length in zip(starts, self.durations, strict=True)), default=0)

    def violations(self, starts: Sequence[int]) -> list[str]:
        """What is wrong with a plan, in words; nothing, where it holds all that the problem asks."""
        if len(starts) != len(self):
            return [f"{len(starts)} starts for {len(self)} tasks"]
        wrong = [f"task {task} starts at {start}" for task, start in enumerate(starts) if start < 0]
        for task, row in enumerate(self.successors):
            finish = starts[task] + self.durations[task]
            wrong += [
                f"task {each} starts before {task} has finished" for each in row if starts[each] < finish
            ]
        return wrong + [
            wrong for place in range(len(self.capacities)) for wrong in self._overuse(starts, place)
        ]

    def _overuse(self, starts: Sequence[int], resource: int) -> list[str]:
        steps: list[tuple[int, int]] = []
        for start, length, demand in zip(starts, self.durations, self.demands, strict=True):
            if length:
                steps += [(start, demand[resource]), (start + length, -demand[resource])]
        used, wrong, most = 0, [], self.capacities[resource]
        for instant, change in sorted(steps):  # at one instant, what ends is given back first
            used += change
            if used > most and change > 0:
                wrong.append(f"resource {resource} is used {used} times of {most} at {instant}")
        return wrong
