"""
When a task comes again: by a rule in a time zone, or some time after it was last done.

    fixed = Recurrence.fixed(datetime(2026, 1, 5, 9), ZoneInfo("Europe/Berlin"), "FREQ=WEEKLY;BYDAY=MO")
    fixed.next_after(now)
    Recurrence.after_completion(3, Unit.MONTH, time(9), ZoneInfo("Europe/Berlin")).next_after(finished_at)

A rule keeps the local time when the clocks change. Instants that come out are in UTC.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from heapq import heappop, heappush, merge
from typing import Literal, Protocol

import attrs

from taskcore.errors import Fault, Invalid, invalid
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.expansion import expand, matches
from taskcore.scheduling.rrule import Rule
from taskcore.scheduling.spans import falls_in_gap, instant_of, local_seconds, seconds_of

Gap = Literal["shift", "skip"]
MOST_FREE_DAYS = 366
"""So many days without work in a row, and a recurrence by working days ends."""


class Recurrence(Protocol):
    """What gives the next occurrence; made by `fixed` or `after_completion`."""

    def next_after(self, instant: datetime) -> datetime | None:
        """The first occurrence after that instant, which for one after completion is the actual finish.

        In UTC; None if there is no more.
        """
        ...

    @staticmethod
    def fixed(
        dtstart: datetime | date,
        zone: tzinfo,
        rule: Rule | str | None = None,
        *,
        rdates: Iterable[datetime | date] = (),
        exdates: Iterable[datetime | date] = (),
        gap: Gap = "shift",
    ) -> Fixed:
        """By RFC 5545; a `dtstart` that is a date makes all-day occurrences. Raises: Invalid."""
        parsed = Rule.parse(rule) if isinstance(rule, str) else rule
        return Fixed(dtstart, zone, parsed, tuple(rdates), tuple(exdates), gap)

    @staticmethod
    def after_completion(
        every: int,
        unit: Unit,
        at: time,
        zone: tzinfo,
        *,
        calendar: WorkingCalendar | None = None,
        snap: bool = False,
    ) -> AfterCompletion:
        """So long after the local date of completion. Raises: Invalid."""
        return AfterCompletion(every, unit, at, zone, calendar, snap)


@attrs.frozen
class Fixed(Recurrence):
    """RFC 5545: DTSTART, RRULE, RDATE and EXDATE as naive local times, or all as dates.

    COUNT counts before EXDATE takes away; UNTIL is included. A DTSTART that does not fit the rule is no occurrence.
    A local time in a gap of the clocks moves forward by it, or is left out (`gap="skip"`); one that exists twice is
    the first. Occurrences on the same instant are one.
    """

    dtstart: datetime | date
    zone: tzinfo
    rule: Rule | None = None
    rdates: tuple[datetime | date, ...] = ()
    exdates: tuple[datetime | date, ...] = ()
    gap: Gap = "shift"

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(name, "must be local times without a zone, or dates if dtstart is one")
            for name, values in (
                ("dtstart", (self.dtstart,)),
                ("rdates", self.rdates),
                ("exdates", self.exdates),
            )
            if not all(self._fits(each) for each in values)
        ]
        if self.all_day and self.rule and self.rule.frequency.by_the_clock:
            faults.append(Fault("FREQ", f"{self.rule.frequency} needs a dtstart with a time of day"))
        if faults:
            raise Invalid(faults=faults)

    def _fits(self, value: datetime | date) -> bool:
        if isinstance(value, datetime):
            return not self.all_day and value.tzinfo is None
        return self.all_day

    @property
    def all_day(self) -> bool:
        return not isinstance(self.dtstart, datetime)

    @property
    def fits_dtstart(self) -> bool:
        """Whether DTSTART is an occurrence of its rule; a door warns if it is not."""
        return self.rule is None or matches(self._plain_rule, _start(self.dtstart))

    def instants(self, since: datetime | None = None) -> Iterator[datetime]:
        """The occurrences from `since` on, in order and in UTC, one at a time; an all-day one as its midnight."""
        least = None if since is None else -(-_microseconds(since) // 1_000_000)
        excluded = {local_seconds(self.zone, _start(each)) for each in self.exdates}
        added = sorted(local_seconds(self.zone, _start(each)) for each in self.rdates)
        last: int | None = None
        for each in merge(self._ruled(since), added):
            if each != last and each not in excluded and (least is None or each >= least):
                yield instant_of(each)
            last = each

    def days(self, since: date | None = None) -> Iterator[date]:
        """The local dates of all-day occurrences."""
        begin = None if since is None else instant_of(local_seconds(self.zone, _start(since)))
        for instant in self.instants(begin):
            yield self._day_of(instant)

    def next_after(self, instant: datetime) -> datetime | None:
        return next(self.instants(instant + timedelta(microseconds=1)), None)

    def _day_of(self, midnight: datetime) -> date:
        """A day whose midnight does not exist begins later, and is still that day."""
        return midnight.astimezone(self.zone).date()

    def _ruled(self, since: datetime | None) -> Iterator[int]:
        """What the rule gives, by instant. A time shifted over a gap waits for those that come before it after all."""
        begin = None if since is None else _a_little_before(since, self.zone)
        until = self._last_second
        waiting: list[int] = []
        for wall in self._walls(begin):
            in_gap = falls_in_gap(self.zone, wall)
            if in_gap and self.gap == "skip" and not self.all_day:
                continue
            second = local_seconds(self.zone, wall)
            if until is not None and second > until:
                if in_gap:
                    continue
                break
            if in_gap:
                heappush(waiting, second)
                continue
            while waiting and waiting[0] <= second:
                yield heappop(waiting)
            yield second
        while waiting:
            yield heappop(waiting)

    def _walls(self, begin: datetime | None) -> Iterator[datetime]:
        start = _start(self.dtstart)
        if self.rule is None:
            return iter([start])
        return expand(self._plain_rule, start, begin)

    @cached_property
    def _plain_rule(self) -> Rule:
        """The rule; of an all-day one without the times of day, which mean nothing there."""
        assert self.rule is not None  # noqa: S101  who asks has looked
        if not self.all_day:
            return self.rule
        return attrs.evolve(self.rule, hours=(), minutes=(), seconds=())

    @cached_property
    def _last_second(self) -> int | None:
        """UNTIL as an instant: a date is included to its end."""
        match self.rule.until if self.rule else None:
            case None:
                return None
            case datetime(tzinfo=None) as wall:
                return local_seconds(self.zone, wall)
            case datetime() as instant if self.all_day:
                day = datetime.combine(instant.date(), time(23, 59, 59))
                return local_seconds(self.zone, day)
            case datetime() as instant:
                return seconds_of(instant)
            case day:
                return local_seconds(self.zone, datetime.combine(day, time(23, 59, 59)))


def _start(value: datetime | date) -> datetime:
    return value.replace(microsecond=0) if isinstance(value, datetime) else datetime.combine(value, time.min)


def _microseconds(instant: datetime) -> int:
    return seconds_of(instant) * 1_000_000 + instant.microsecond


def _a_little_before(instant: datetime, zone: tzinfo) -> datetime:
    """A local time before every one that may fall on this instant or later, however a gap shifts it."""
    try:
        wall, earlier = (each.astimezone(zone) for each in (instant, instant - timedelta(days=2)))
    except OverflowError:
        return datetime.combine(date.min, time.min)
    changed = wall.utcoffset() != earlier.utcoffset()
    return (earlier if changed else wall).replace(tzinfo=None, microsecond=0, fold=0)


class Unit(StrEnum):
    """What an interval after completion counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    WORKING_DAY = "working_day"


@attrs.frozen
class AfterCompletion(Recurrence):
    """`every` units after the local date on which the work was finished, at a local time.

    A month that is too short gives its last day. By working days, days without work in `calendar` do not count. With
    `snap`, an occurrence outside working time waits for it.
    """

    every: int
    unit: Unit
    at: time
    zone: tzinfo
    calendar: WorkingCalendar | None = None
    snap: bool = False

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.every <= 10_000:
            raise invalid("every", "must be from 1 to 10000")
        if self.at.tzinfo is not None:
            raise invalid("at", "must be a local time without a zone")
        if self.calendar is None and (self.snap or self.unit is Unit.WORKING_DAY):
            raise invalid("calendar", "must be given for working days, and to snap to working time")

    def next_after(self, instant: datetime) -> datetime | None:
        try:
            day = self._later(instant.astimezone(self.zone).date())
        except (OverflowError, ValueError):  # behind the year 9999
            return None
        if day is None:
            return None
        second = local_seconds(self.zone, datetime.combine(day, self.at))
        return instant_of(self.calendar.next_start(second) if self.calendar and self.snap else second)

    def _later(self, day: date) -> date | None:
        match self.unit:
            case Unit.DAY:
                return day + timedelta(days=self.every)
            case Unit.WEEK:
                return day + timedelta(weeks=self.every)
            case Unit.MONTH:
                return _months_later(day, self.every)
            case Unit.YEAR:
                return _months_later(day, 12 * self.every)
            case Unit.WORKING_DAY:
                return self._working_days_later(day)

    def _working_days_later(self, day: date) -> date | None:
        assert self.calendar is not None  # noqa: S101  its constructor has looked
        left, free = self.every, 0
        while left and free <= MOST_FREE_DAYS:
            day += timedelta(days=1)
            works = self.calendar.works_on(day)
            left, free = left - works, 0 if works else free + 1
        return None if left else day


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        raise OverflowError
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Missed(StrEnum):
    """What becomes of occurrences that passed while one was open."""

    SKIP_TO_NEXT = "skip_to_next"
    ALL = "all"
    ONE_CATCH_UP = "one_catch_up"


def following(
    recurrence: Recurrence,
    occurrence: datetime,
    finished_at: datetime,
    missed: Missed = Missed.SKIP_TO_NEXT,
) -> datetime | None:
    """The one occurrence that is open after the one of `occurrence` was finished, in UTC; None if that was the last.

    Finishing early completes the current one, and goes to the next. Finishing late, `skip_to_next` gives the first
    after now, `all` each one that was missed in turn, `one_catch_up` the latest of them.
    """
    if isinstance(recurrence, AfterCompletion):
        return recurrence.next_after(finished_at)
    upcoming = recurrence.next_after(max(occurrence, finished_at))
    if missed is Missed.SKIP_TO_NEXT:
        return upcoming
    earliest = recurrence.next_after(occurrence)
    if missed is Missed.ALL or earliest is None or earliest > finished_at:
        return earliest
    return _latest(recurrence, earliest, finished_at.astimezone(UTC))


def _latest(recurrence: Recurrence, least: datetime, most: datetime) -> datetime:
    """The last occurrence up to `most`, of which `least` is one; by halving, however many there are between."""
    low, high = least, most
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        later = recurrence.next_after(middle)
        if later is not None and later <= most:
            low = later
        else:
            high = middle
    later = recurrence.next_after(low)
    return later if later is not None and later <= most else low
