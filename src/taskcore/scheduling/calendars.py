"""
When people work: weekly hours in a time zone, holidays, time off, and the arithmetic of working time.

    team = WorkingCalendar(ZoneInfo("Europe/Berlin"), WeeklyHours.parse({"mon-fri": ["09:00-12:00", "13:00-17:00"]}))
    ada = WorkingCalendar(parent=team, exceptions=(CalendarException.days(date(2026, 12, 24), date(2026, 12, 31)),))
    ada.add_work(now, timedelta(hours=12))

Instants are UTC seconds inside, and exact over changes of the clocks: a night shift from 22:00 to 06:00 is an hour
shorter in spring and longer in autumn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from math import ceil, floor

import attrs

from taskcore.errors import Fault, Invalid, invalid
from taskcore.scheduling.spans import (
    DAY_SECONDS,
    EPOCH_ORDINAL,
    LAST_ORDINAL,
    Span,
    difference,
    instant_of,
    intersection,
    local_seconds,
    seconds_at,
    seconds_of,
    union,
)
from taskcore.scheduling.worktime import WorkTime

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
_LAST_SECOND = datetime.combine(date.max, time(23, 59, 59))

Minutes = tuple[int, int]
"""A half-open part of a local day, in minutes since its midnight; 1440 is 24:00."""


def _parted(days: Iterable[Iterable[Minutes]]) -> tuple[tuple[Minutes, ...], ...]:
    return tuple(tuple(sorted(day)) for day in days)


@attrs.frozen
class WeeklyHours:
    """The working parts of each weekday, Monday first, by the clock on the wall.

    A part ends after it begins, at 24:00 at the latest, and parts of a day do not overlap; a night shift is one part
    before and one after midnight.
    """

    days: tuple[tuple[Minutes, ...], ...] = attrs.field(converter=_parted)

    def __attrs_post_init__(self) -> None:
        faults = [] if len(self.days) == 7 else [Fault("hours", "must have seven days, Monday first")]
        for name, parts in zip(WEEKDAYS, self.days, strict=False):
            if any(not 0 <= start < end <= DAY_MINUTES for start, end in parts):
                faults.append(Fault(name, "a part must end after it begins, at 24:00 at the latest"))
            if any(before[1] > after[0] for before, after in pairwise(parts)):
                faults.append(Fault(name, "parts of a day must not overlap"))
        if faults:
            raise Invalid(faults=faults)

    @classmethod
    def parse(cls, days: Mapping[str, Sequence[str | Sequence[str]]]) -> WeeklyHours:
        """`{"mon-thu": ["09:00-17:00"], "fri": [["09:00", "13:00"]]}`; other days are free. Raises: Invalid."""
        found: list[list[Minutes]] = [[] for _ in WEEKDAYS]
        faults: list[Fault] = []
        for name, parts in days.items():
            try:
                read = [_part(part) for part in parts]
                for place in _places(name):
                    found[place] += read
            except ValueError as error:
                faults.append(Fault(name, str(error)))
        if faults:
            raise Invalid(faults=faults)
        return cls(found)

    def within(self, zone: tzinfo, first: int, last: int) -> Iterator[Span]:
        """What the days from ordinal `first` to `last`, both included, have of work; not yet merged."""
        days = [[(start * 60, end * 60) for start, end in parts] for parts in self.days]
        for ordinal in range(max(first, 1), min(last, LAST_ORDINAL) + 1):
            for start, end in days[(ordinal + 6) % 7]:
                yield seconds_at(zone, ordinal, start), seconds_at(zone, ordinal, end)

    def __bool__(self) -> bool:
        return any(self.days)


def _places(name: str) -> range:
    first, _, last = name.lower().partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        raise ValueError(f"no such day; days are {', '.join(WEEKDAYS)}, or two of them as mon-fri")
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if begin > end:
        raise ValueError("the days run from Monday to Sunday")
    return range(begin, end + 1)


def _part(written: str | Sequence[str]) -> Minutes:
    ends = written.split("-") if isinstance(written, str) else written
    if len(ends) != 2:
        raise ValueError(f"must be two times, such as 09:00-17:00, not {written!r}")
    return _minute(ends[0]), _minute(ends[1])


def _minute(clock: str) -> int:
    if clock == "24:00":
        return DAY_MINUTES
    try:
        read = time.fromisoformat(clock)
    except ValueError as error:
        raise ValueError(f"{clock!r} is no time of day, such as 09:00 or 24:00") from error
    if read.second or read.microsecond or read.tzinfo:
        raise ValueError(f"{clock!r} must be a local time in whole minutes")
    return read.hour * 60 + read.minute


ALWAYS = WeeklyHours([[(0, DAY_MINUTES)]] * 7)
"""Day and night; with it, working time is elapsed time."""


@attrs.frozen
class CalendarException:
    """From `start` until before `end`, as local times, there is no work, or work in other weekly hours."""

    start: datetime
    end: datetime
    hours: WeeklyHours | None = None
    name: str = ""

    def __attrs_post_init__(self) -> None:
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise invalid("start", "must be a local time without a zone, as its end")
        if self.start >= self.end:
            raise invalid("end", "must be after its start")

    @classmethod
    def days(
        cls, first: date, last: date | None = None, *, hours: WeeklyHours | None = None, name: str = ""
    ) -> CalendarException:
        """Whole local days, `last` included: a holiday, a leave, a week of short hours."""
        after = (last or first).toordinal() + 1
        end = _LAST_SECOND if after > LAST_ORDINAL else datetime.fromordinal(after)
        return cls(datetime.combine(first, time.min), end, hours, name)

    def span(self, zone: tzinfo) -> Span:
        return local_seconds(zone, self.start), local_seconds(zone, self.end)


def _in_order(exceptions: Iterable[CalendarException]) -> tuple[CalendarException, ...]:
    return tuple(exceptions)


@attrs.frozen
class WorkingCalendar:
    """When there is work; where exceptions overlap, the one added last holds.

    What is not given comes from the `parent` (team → member → task). The parent's exceptions hold as well, below
    one's own; but who has hours of their own never works more by one of them, only less. Everything is a local time,
    read in the zone of the calendar that is asked: a holiday is a date wherever the member lives.
    """

    zone: tzinfo | None = None
    hours: WeeklyHours | None = None
    exceptions: tuple[CalendarException, ...] = attrs.field(default=(), converter=_in_order)
    parent: WorkingCalendar | None = None

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(name, "must be given, here or by a parent")
            for name in ("zone", "hours")
            if all(getattr(each, name) is None for each in self._line)
        ]
        if faults:
            raise Invalid(faults=faults)

    # In whole seconds, UTC. This is what plans are computed with.

    def next_start(self, at: int) -> int:
        """The first instant from `at` on at which there is work. Raises: Conflict `no_working_time`, as all below."""
        return self._time.next_start(at)

    def prev_end(self, at: int) -> int:
        """The last instant up to `at` until which there was work."""
        return self._time.prev_end(at)

    def add(self, at: int, work: int) -> int:
        """The earliest instant at which `work` seconds have been worked since `at`: Friday 17:00, never Monday 09:00.

        Its laws: `between(t, add(t, w)) == w`, `add(add(t, a), b) == add(t, a + b)`, `add(t, 0) == t`, and it never
        falls where `t` or `w` rises. A negative `work` goes back, as `sub`.
        """
        return self._time.add(at, work) if work >= 0 else self._time.sub(at, -work)

    def sub(self, at: int, work: int) -> int:
        """The latest instant from which `work` seconds are worked until `at`; the mirror of `add`."""
        return self._time.sub(at, work) if work >= 0 else self._time.add(at, -work)

    def between(self, start: int, end: int) -> int:
        """Seconds of work from `start` until `end`; negative if that is earlier."""
        return self._time.between(start, end)

    def working(self, start: int, end: int) -> list[Span]:
        """The spans of work from `start` until before `end`."""
        return self._time.spans(start, end)

    # The same by aware datetimes.

    def next_work(self, instant: datetime) -> datetime:
        """The first instant, in UTC, from `instant` on at which there is work."""
        return max(instant.astimezone(UTC), instant_of(self.next_start(seconds_of(instant))))

    def add_work(self, instant: datetime, work: timedelta) -> datetime:
        """The earliest instant, in UTC, at which `work` has been done since `instant`; fractions of a second drop."""
        return instant_of(self.add(seconds_of(instant), work.days * DAY_SECONDS + work.seconds))

    def work_between(self, start: datetime, end: datetime) -> timedelta:
        """How much work there is from `start` until `end`."""
        return timedelta(seconds=self.between(seconds_of(start), seconds_of(end)))

    def works_on(self, day: date) -> bool:
        """Whether that local day has working time."""
        zone, ordinal = self.local_zone, day.toordinal()
        return bool(self.working(seconds_at(zone, ordinal, 0), seconds_at(zone, ordinal, DAY_SECONDS)))

    @cached_property
    def local_zone(self) -> tzinfo:
        return next(each.zone for each in self._line if each.zone is not None)

    @property
    def _line(self) -> Iterator[WorkingCalendar]:
        """This calendar, its parent, and so on."""
        each: WorkingCalendar | None = self
        while each is not None:
            yield each
            each = each.parent

    @cached_property
    def _time(self) -> WorkTime:
        return WorkTime(self._within)

    def _within(self, start: int, end: int) -> list[Span]:
        """All work in that span of UTC seconds, from the description."""
        zone, asked = self.local_zone, [(start, end)]
        # Two days more at either end, as a local day may lie a day off, or be shifted by a whole one (Samoa).
        days = (start // DAY_SECONDS + EPOCH_ORDINAL - 2, end // DAY_SECONDS + EPOCH_ORDINAL + 2)
        hours, exceptions = self._rules
        usual = _usual(hours, zone, *days)
        decided: list[Span] = []
        other: list[Span] = []
        for exception, only_less in reversed(exceptions):
            region = difference(intersection([exception.span(zone)], asked), decided)
            if region and exception.hours:
                first, last = region[0][0] // DAY_SECONDS, region[-1][1] // DAY_SECONDS
                its_own = exception.hours.within(zone, first + EPOCH_ORDINAL - 2, last + EPOCH_ORDINAL + 2)
                worked = intersection(union(its_own), region)
                other += intersection(worked, usual) if only_less else worked
            decided = union(decided + region)
        return union(difference(intersection(usual, asked), decided) + other)

    @cached_property
    def _rules(self) -> tuple[WeeklyHours, list[tuple[CalendarException, bool]]]:
        """The hours in force; all exceptions, the weakest first, each with whether it can only take hours away."""
        hours: WeeklyHours | None = None
        found: list[tuple[CalendarException, bool]] = []
        for each in self._line:
            found[:0] = [(exception, hours is not None) for exception in each.exceptions]
            hours = each.hours if hours is None else hours
        return hours or WeeklyHours([()] * 7), found


@lru_cache(maxsize=32)
def _usual(hours: WeeklyHours, zone: tzinfo, first: int, last: int) -> Sequence[Span]:
    """The spans of weekly hours from one day's ordinal to another's; members of a team mostly have the same."""
    return tuple(union(hours.within(zone, first, last)))


@attrs.frozen
class PartTime:
    """A calendar of which only a share, above 0 and up to 1, goes into the work: half of each minute at 0.5."""

    calendar: WorkingCalendar
    units: Fraction = attrs.field(converter=Fraction)

    def __attrs_post_init__(self) -> None:
        if not 0 < self.units <= 1:
            raise invalid("units", "must be above 0 and at most 1")

    def add(self, at: int, work: int) -> int:
        """The earliest whole second at which `work` seconds are done; rounded up, by less than `1 / units`."""
        return self.calendar.add(at, ceil(work / self.units))

    def sub(self, at: int, work: int) -> int:
        return self.calendar.sub(at, ceil(work / self.units))

    def between(self, start: int, end: int) -> int:
        """Whole seconds of work done from `start` until `end`."""
        worked = self.calendar.between(start, end) * self.units
        return floor(worked) if worked >= 0 else ceil(worked)


UTC_ALWAYS = WorkingCalendar(UTC, ALWAYS)
