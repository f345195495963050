"""Work step by step, where limits end a day early, or where it gives way to other tasks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from taskcore.errors import Conflict
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.spans import DAY_SECONDS, instant_of
from taskcore.scheduling.staffing.model import MICRO, Resource
from taskcore.scheduling.staffing.occupancy import NEVER, Occupancy
from taskcore.scheduling.staffing.project import Way
from taskcore.scheduling.worktime import HORIZON_YEARS

HORIZON_SECONDS = HORIZON_YEARS * 366 * DAY_SECONDS

Run = tuple[int, int, int]
"""A resource, and from when until when it works on the task whenever it works at all."""
Use = tuple[int, int, int]
"""A resource, an instant, and how many seconds it works from there on, without a pause."""


class Walk:
    """One task done in one way from an instant on, as far as is free; nothing is taken yet. Raises: `no_working_time`.

    With `within`, only in these pieces of time, as they were before.
    """

    def __init__(
        self,
        way: Way,
        resources: Sequence[Resource],
        occupancy: Occupancy,
        at: int,
        amount: int,
        *,
        split: bool,
        within: Sequence[Run] | None = None,
    ) -> None:
        self._way, self._split = way, split
        self._calendars = [resources[each].calendar for each in way.team]
        self._taken = [occupancy.taken[each] for each in way.team]
        self._allowances = [occupancy.allowances[each] for each in way.team]
        self._within: list[list[tuple[int, int]]] | None = None
        """By member, the ends and starts of its pieces."""
        if within is not None:
            self._within = [
                sorted((end, start) for who, start, end in within if who == each) for each in way.team
            ]
        self.uses: list[Use] = []
        self._runs: list[list[int]] = []
        self._open: dict[int, list[int]] = {}
        """By member, the run that goes on."""
        try:
            self.finish = self._work(at, amount * MICRO)
        finally:
            self._account(-1)
        self.start = min(start for _, start, _ in self.uses)

    @property
    def runs(self) -> list[Run]:
        """In pieces; an empty one of who finds no time for it."""
        found = [(resource, start, end) for resource, start, end in self._runs]
        idle = set(self._way.team).difference(resource for resource, _, _ in found)
        return found + [(each, self.start, self.start) for each in sorted(idle)]

    def use(self) -> None:
        """Take it out of what the limits leave."""
        self._account(1)

    def _account(self, sign: int) -> None:
        members = dict(zip(self._way.team, self._allowances, strict=True))
        for resource, start, seconds in self.uses:
            allowance = members[resource]
            if allowance:
                allowance.use(start, seconds, sign)

    def _work(self, at: int, left: int) -> int:
        way, began = self._way, at
        last = at + HORIZON_SECONDS
        if self._within is not None:
            last = max((end for pieces in self._within for end, _ in pieces), default=at)
        while True:
            active, until = self._state(at)
            rate = sum(way.rates[each] for each in active)
            if way.together:
                rate = MICRO if len(active) == len(way.team) else 0
            if rate:
                seconds = min(until - at, -(-left // rate))
                self._do(active, at, seconds)
                left -= seconds * rate
                at += seconds
                if left <= 0:
                    return at
            else:
                at = until
            if at >= last:
                raise Conflict(
                    f"no working time of those who do it within {HORIZON_YEARS} years of "
                    f"{instant_of(began).isoformat()}, as their limits are",
                    code="no_working_time",
                )

    def _state(self, at: int) -> tuple[list[int], int]:
        """Who of the team works at that moment, and until when that holds."""
        until = NEVER
        if self._split:
            busy = max(taken.until(at, at + 1) for taken in self._taken)
            if busy > at:
                self._open.clear()
                return [], busy
            until = min(taken.free_until(at) for taken in self._taken)
        if isinstance(self._way.together, WorkingCalendar):
            works, change = _working(self._way.together, at)
            if not works:
                return [], min(until, change)
            until = min(until, change)
        active = []
        for member, (calendar, allowance) in enumerate(zip(self._calendars, self._allowances, strict=True)):
            works, change = _working(calendar, at)
            if self._within is not None:
                inside, other = _inside(self._within[member], at)
                if not inside:
                    works = False
                    self._cut(member)
                change = min(change, other)
            if works and allowance:
                room, midnight = allowance.left(at)
                change = min(change, max(midnight, at + 1), at + room if room else NEVER)
                if not room:
                    works = False
                    self._cut(member)
            until = min(until, change)
            if works:
                active.append(member)
        return active, until

    def _cut(self, member: int) -> None:
        if self._way.together:
            self._open.clear()
        else:
            self._open.pop(member, None)

    def _do(self, active: Sequence[int], at: int, seconds: int) -> None:
        for member in active:
            resource, allowance = self._way.team[member], self._allowances[member]
            self.uses.append((resource, at, seconds))
            if allowance:
                allowance.use(at, seconds)
            if member in self._open:
                self._open[member][2] = at + seconds
            else:
                self._open[member] = [resource, at, at + seconds]
                self._runs.append(self._open[member])


def _working(calendar: WorkingCalendar, at: int) -> tuple[bool, int]:
    """Whether there is work at that instant, and when that changes, or a day later."""
    spans = calendar.working(at, at + DAY_SECONDS)
    if spans and spans[0][0] == at:
        return True, spans[0][1]
    try:
        return False, spans[0][0] if spans else calendar.next_start(at)
    except Conflict:  # who never works again does not keep others from it
        return False, NEVER


def _inside(pieces: Sequence[tuple[int, int]], at: int) -> tuple[bool, int]:
    """Whether the instant is in one of these (an end, a start), and when that changes."""
    place = bisect_right(pieces, (at, NEVER))
    if place == len(pieces):
        return False, NEVER
    end, start = pieces[place]
    return (True, end) if start <= at else (False, start)
