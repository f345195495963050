"""When resources are taken, and how much their limits leave of a day and a week."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.spans import DAY_SECONDS, seconds_at
from taskcore.scheduling.staffing.model import MICRO, Resource

NEVER = 1 << 62
"""After everything."""


class Taken:
    """Of one resource, sorted and disjoint blocks of time; between two of them its calendar has work."""

    __slots__ = ("_calendar", "ends", "starts")

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self.starts: list[int] = []
        self.ends: list[int] = []

    def until(self, start: int, end: int) -> int:
        """The end of the first block in that span; its `start` where there is none."""
        place = bisect_right(self.ends, start)
        return self.ends[place] if place < len(self.ends) and self.starts[place] < end else start

    def since(self, start: int, end: int) -> int:
        """The start of the last block in that span; its `end` where there is none."""
        place = bisect_right(self.starts, end - 1) - 1
        return self.starts[place] if place >= 0 and self.ends[place] > start else end

    def free_until(self, at: int) -> int:
        """When the next block begins: now, if there is one."""
        place = bisect_right(self.ends, at)
        return max(at, self.starts[place]) if place < len(self.ends) else NEVER

    def take(self, start: int, end: int) -> None:
        """Add a block, one with its neighbours where no work fits between; it may lie over others."""
        starts, ends = self.starts, self.ends
        first = bisect_right(ends, start - 1)  # touches, or lies behind
        last = bisect_right(starts, end)
        if first > 0 and self._adjacent(ends[first - 1], start):
            first -= 1
        if last < len(starts) and self._adjacent(end, starts[last]):
            last += 1
        if first < last:
            start, end = min(start, starts[first]), max(end, ends[last - 1])
        starts[first:last] = [start]
        ends[first:last] = [end]

    def _adjacent(self, end: int, start: int) -> bool:
        return start - end < 7 * DAY_SECONDS and self._calendar.between(end, start) == 0


class Allowance:
    """What limits leave one resource; in millionths of a second of work, by local day and week."""

    def __init__(self, resource: Resource) -> None:
        self._zone: tzinfo = resource.calendar.local_zone
        self.units = round(resource.units * MICRO)
        self._most = [
            NEVER if most is None else most * MICRO for most in (resource.max_per_day, resource.max_per_week)
        ]
        self._used: list[dict[int, int]] = [{}, {}]

    def left(self, at: int) -> tuple[int, int]:
        """Whole seconds that may still be worked at that instant, and when there is a new day."""
        day, end = self._day(at)
        room = min(
            most - used.get(key, 0)
            for most, used, key in zip(self._most, self._used, _keys(day), strict=True)
        )
        return (max(room, 0) // self.units if self.units else NEVER), end

    def use(self, start: int, seconds: int, sign: int = 1) -> None:
        """Seconds worked from `start` on, within its day; with -1 they are given back."""
        for used, key in zip(self._used, _keys(self._day(start)[0]), strict=True):
            used[key] = used.get(key, 0) + sign * seconds * self.units

    def _day(self, at: int) -> tuple[int, int]:
        day = datetime.fromtimestamp(at, UTC).astimezone(self._zone).toordinal()
        return day, seconds_at(self._zone, day + 1, 0)


def _keys(day: int) -> tuple[int, int]:
    """The day, and its week from Monday: the first day of the calendar was one."""
    return day, (day - 1) // 7


class Occupancy:
    """Of all resources, while a plan is made."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.taken = [Taken(each.calendar) for each in resources]
        self.allowances = [Allowance(each) if each.limited else None for each in resources]
