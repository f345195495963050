"""Who is free in which slot, what was booked, and what the limits still allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from taskcore.scheduling.slots.grid import Grid
from taskcore.scheduling.slots.work import Limits, Resource


class Counter:
    """How often each day, week or month was booked: `most` times at most, for a limit."""

    __slots__ = ("_most", "_periods", "_used")

    def __init__(self, periods: Sequence[int], most: int) -> None:
        self._periods = periods
        self._most = most
        self._used: dict[int, int] = defaultdict(int)

    def allows(self, slot: int) -> bool:
        return self._used[self._periods[slot]] < self._most

    def add(self, slot: int, number: int) -> None:
        self._used[self._periods[slot]] += number


def counters(grid: Grid, limits: Limits) -> Iterator[Counter]:
    if limits.day is not None:
        yield Counter(grid.days, limits.day)
    if limits.week is not None:
        yield Counter(grid.weeks, limits.week)
    if limits.month is not None:
        yield Counter(grid.months, limits.month)


class Board:
    """
    What each resource does in each slot. `limited` are the counters of each task, of its containers too; a booking
    counts in those of its task and of its resource.
    """

    def __init__(
        self, grid: Grid, resources: Sequence[Resource], limited: Sequence[Sequence[Counter]]
    ) -> None:
        self.free = [bytearray(each.works) for each in resources]
        self.spans = [(each.works.find(1), each.works.rfind(1)) for each in resources]
        """The first and the last slot in which each works at all."""
        self.load = [0.0] * len(resources)
        """Effort booked of each."""
        self.booked: list[list[tuple[int, int]]] = [[] for _ in limited]
        """Of each task, in the order of booking: slot and resource."""
        self._loads: list[list[float]] = [[] for _ in limited]
        """What the resource of each booking had before: added and subtracted again, a sum of fractions is another."""
        self._efficiency = [each.efficiency for each in resources]
        self._of_resource = [list(counters(grid, each.limits)) for each in resources]
        self._of_task = limited

    def allows(self, task: int, slot: int) -> bool:
        """Whether the limits of the task let it book once more."""
        for counter in self._of_task[task]:  # noqa: SIM110  this is where the time goes, and mostly there is none
            if not counter.allows(slot):
                return False
        return True

    def available(self, resource: int, slot: int) -> bool:
        return bool(self.free[resource][slot]) and all(
            each.allows(slot) for each in self._of_resource[resource]
        )

    def book(self, task: int, resource: int, slot: int) -> None:
        self.free[resource][slot] = 0
        self.booked[task].append((slot, resource))
        self._loads[task].append(self.load[resource])
        self.load[resource] += self._efficiency[resource]
        self._count(task, resource, slot, 1)

    def release(self, task: int, kept: int) -> None:
        """Take back what was booked for the task last, all but the first `kept`."""
        while len(self.booked[task]) > kept:
            slot, resource = self.booked[task].pop()
            self.free[resource][slot] = 1
            self.load[resource] = self._loads[task].pop()
            self._count(task, resource, slot, -1)

    def _count(self, task: int, resource: int, slot: int, number: int) -> None:
        for counter in (*self._of_task[task], *self._of_resource[resource]):
            counter.add(slot, number)
