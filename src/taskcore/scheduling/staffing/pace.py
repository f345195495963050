"""How fast a task is done by those who are on it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

import attrs

from taskcore.errors import Conflict
from taskcore.scheduling.activities import Pace
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.spans import DAY_SECONDS, Span, instant_of, intersection
from taskcore.scheduling.staffing.model import MICRO, Resource
from taskcore.scheduling.worktime import HORIZON_YEARS, WorkTime
from taskcore.values import EstimateKind

YEAR_SECONDS = 366 * DAY_SECONDS
FIRST_SECONDS = 60 * DAY_SECONDS
"""Before and after the first instant that is asked about; then it is doubled."""


def pace_of(kind: EstimateKind, team: Sequence[Resource], calendar: WorkingCalendar | None) -> Pace:
    """The pace of such a task of a team, in seconds of its amount."""
    if kind is EstimateKind.EFFORT and team:
        return _effort([each.calendar for each in team], [micros(each) for each in team])
    if kind is EstimateKind.ELAPSED:
        return Waiting(_common([each.calendar for each in team])) if team else ELAPSED
    found = _common([*([calendar] if calendar else []), *(each.calendar for each in team)])
    return found or ELAPSED


def micros(resource: Resource) -> int:
    """Millionths of a person-second done in a second of working time."""
    return round(resource.rate * MICRO)


def _effort(calendars: list[WorkingCalendar], rates: list[int]) -> Pace:
    working: dict[int, tuple[WorkingCalendar, int]] = {}
    for calendar, rate in zip(calendars, rates, strict=True):
        if rate:
            _, others = working.get(id(calendar), (calendar, 0))
            working[id(calendar)] = calendar, others + rate
    members = list(working.values())
    return Alone(*members[0]) if len(members) == 1 else Together(members)


def _common(calendars: Iterable[WorkingCalendar]) -> Pace | None:
    """Where all of these work; of none, nothing."""
    different = list({id(each): each for each in calendars}.values())
    if len(different) < 2:
        return different[0] if different else None
    return Common(different)


@attrs.frozen
class Elapsed:
    """Day and night."""

    def next_start(self, at: int) -> int:
        return at

    def add(self, at: int, work: int) -> int:
        return at + work


ELAPSED = Elapsed()


@attrs.frozen
class Waiting:
    """Elapsed time that begins when there is somebody to begin it."""

    begun: Pace | None

    def next_start(self, at: int) -> int:
        return self.begun.next_start(at) if self.begun else at

    def add(self, at: int, work: int) -> int:
        return at + work


@attrs.frozen
class Alone:
    """One person at a rate, in millionths."""

    calendar: WorkingCalendar
    rate: int

    def next_start(self, at: int) -> int:
        return self.calendar.next_start(at)

    def add(self, at: int, work: int) -> int:
        if self.rate == MICRO:
            return self.calendar.add(at, work)
        if work >= 0:
            return self.calendar.add(at, -(-work * MICRO // self.rate))
        return self.calendar.sub(at, -(work * MICRO // self.rate))


class Common:
    """Where all of several calendars have work."""

    def __init__(self, calendars: Sequence[WorkingCalendar]) -> None:
        def within(start: int, end: int) -> list[Span]:
            found = [(start, end)]
            for each in calendars:
                found = intersection(found, each.working(start, end))
            return found

        self._time = WorkTime(within)
        self.next_start = self._time.next_start
        self.working = self._time.spans

    def add(self, at: int, work: int) -> int:
        return self._time.add(at, work) if work >= 0 else self._time.sub(at, -work)


@attrs.frozen(slots=True)
class _Built:
    """Spans of one rate each, from `low` to `high`; `begun[i]` and `done[i]` is done before and until the end of span i."""

    low: int
    high: int
    starts: list[int]
    ends: list[int]
    rates: list[int]
    begun: list[int]
    done: list[int]


class Together:
    """Several at their rates, in millionths: whoever works at a moment adds to what is done."""

    def __init__(self, members: Sequence[tuple[WorkingCalendar, int]]) -> None:
        self._members = members
        self._built = _Built(0, 0, [], [], [], [], [])

    def next_start(self, at: int) -> int:
        built = self._holding(at)
        while True:
            place = bisect_right(built.ends, at)
            if place < len(built.ends):
                return max(at, built.starts[place])
            built = self._later(at)

    def add(self, at: int, work: int) -> int:
        if not work:
            return at
        return self._after(at, work * MICRO) if work > 0 else self._before(at, -work * MICRO)

    def _after(self, at: int, work: int) -> int:
        built = self._holding(at)
        while True:
            target = _worked(built, at) + work
            place = bisect_left(built.done, target)
            if place < len(built.done):
                return built.ends[place] - (built.done[place] - target) // built.rates[place]
            built = self._later(at)

    def _before(self, at: int, work: int) -> int:
        built = self._holding(at)
        while True:
            target = _worked(built, at) - work
            if target >= 0:
                place = bisect_right(built.begun, target) - 1
                return built.starts[place] + (target - built.begun[place]) // built.rates[place]
            if at - built.low > HORIZON_YEARS * YEAR_SECONDS:
                raise _none(at)
            built = self._build(2 * built.low - built.high, built.high)

    def _holding(self, at: int) -> _Built:
        built = self._built
        if built.low <= at < built.high:
            return built
        if built.low == built.high:
            return self._build(at - FIRST_SECONDS, at + FIRST_SECONDS)
        more = built.high - built.low
        return self._build(min(built.low, at - more), max(built.high, at + more))

    def _later(self, at: int) -> _Built:
        built = self._built
        if built.high - at > HORIZON_YEARS * YEAR_SECONDS:
            raise _none(at)
        return self._build(built.low, 2 * built.high - built.low)

    def _build(self, low: int, high: int) -> _Built:
        steps: dict[int, int] = {}
        for calendar, rate in self._members:
            for start, end in calendar.working(low, high):
                steps[start] = steps.get(start, 0) + rate
                steps[end] = steps.get(end, 0) - rate
        instants = sorted(at for at, change in steps.items() if change)
        rates = accumulate(steps[at] for at in instants)
        spans = [
            (start, end, rate) for (start, end), rate in zip(pairwise(instants), rates, strict=False) if rate
        ]
        done = list(accumulate((end - start) * rate for start, end, rate in spans))
        self._built = _Built(
            low,
            high,
            [start for start, _, _ in spans],
            [end for _, end, _ in spans],
            [rate for _, _, rate in spans],
            [0, *done[:-1]] if done else [],
            done,
        )
        return self._built


def _worked(built: _Built, at: int) -> int:
    place = bisect_right(built.starts, at) - 1
    if place < 0:
        return 0
    end = built.ends[place]
    return built.done[place] - max(0, end - at) * built.rates[place]


def _none(at: int) -> Conflict:
    moment = instant_of(at).isoformat()
    return Conflict(
        f"no working time of those who do it within {HORIZON_YEARS} years of {moment}", code="no_working_time"
    )
