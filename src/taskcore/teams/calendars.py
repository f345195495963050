"""
When a team's people work: what a team and a member keep of it, and the working time that comes of both.

Docs: docs/guides/scheduling.md. How it is written down is in `calendar_documents`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Self

import attrs

from taskcore.errors import Fault, refuse
from taskcore.scheduling.calendars import CalendarException, WeeklyHours, WorkingCalendar
from taskcore.scheduling.spans import DAY_SECONDS, instant_of, seconds_at
from taskcore.values import zone

DEFAULT_HOURS = WeeklyHours.parse({"mon-fri": ["09:00-17:00"]})
"""Of a team that says nothing of its hours."""
MOST_DAYS = 366
"""How many days of working time are told at once."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)
"""Working time is told of these days and those between; further out zones lead out of the years that there are."""
_DAY = timedelta(days=1)


@attrs.frozen
class DayException:
    """From `first` to `last`, which is no earlier, both included: free, or other weekly hours."""

    first: date
    last: date
    hours: WeeklyHours | None = None
    name: str = ""

    def without(self, first: date, last: date) -> Iterator[DayException]:
        """What is left of it where the days from `first` to `last` are taken out."""
        if last < self.first or self.last < first:
            yield self
            return
        if self.first < first:
            yield attrs.evolve(self, last=first - _DAY)
        if last < self.last:
            yield attrs.evolve(self, first=last + _DAY)

    def in_local_time(self) -> CalendarException:
        return CalendarException.days(self.first, self.last, hours=self.hours, name=self.name)


@attrs.frozen
class TeamCalendar:
    """A team's weekly hours, holidays and other exceptions; of two that overlap, the one behind holds."""

    hours: WeeklyHours | None = None
    exceptions: tuple[DayException, ...] = ()

    @property
    def usual_hours(self) -> WeeklyHours:
        """The team's hours, where they are what nobody has said otherwise."""
        return DEFAULT_HOURS if self.hours is None else self.hours

    def with_exception(self, exception: DayException) -> Self:
        """With one more, which is stronger than all the others; one that is there is not there twice."""
        others = tuple(each for each in self.exceptions if each != exception)
        return attrs.evolve(self, exceptions=(*others, exception))

    def without_exceptions(self, first: date, last: date) -> Self:
        """With the usual hours from `first` to `last`: what reaches beyond these days is cut."""
        left = tuple(piece for each in self.exceptions for piece in each.without(first, last))
        return attrs.evolve(self, exceptions=left)

    def in_local_time(self) -> list[CalendarException]:
        return [each.in_local_time() for each in self.exceptions]


@attrs.frozen
class MemberCalendar(TeamCalendar):
    """
    What of a member's working time is their own: hours, zone, time off, and how much of it the team gets.

    `hours` and `time_zone` are the team's where they are None. `units` is part time: the share of each working
    minute that goes into the team's work. `efficiency` is the work done in a minute that does, 1 for most.
    """

    time_zone: str | None = None
    units: float = 1.0
    efficiency: float = 1.0
    max_minutes_per_week: int | None = None
    skills: tuple[str, ...] = ()


def team_working(calendar: TeamCalendar, time_zone: str) -> WorkingCalendar:
    """The working time of a team in that zone."""
    return WorkingCalendar(zone(time_zone), calendar.usual_hours, calendar.in_local_time())


def member_working(calendar: MemberCalendar, team: WorkingCalendar) -> WorkingCalendar:
    """
    Own hours, or else the team's, without the team's holidays and without what one has off oneself.

    One's own exceptions are stronger than the team's: other hours on a holiday are worked. The team's other
    hours only ever take time from who has hours of their own.
    """
    own = zone(calendar.time_zone) if calendar.time_zone is not None else None
    return WorkingCalendar(own, calendar.hours, calendar.in_local_time(), team)


@attrs.frozen(slots=True)
class WorkingSpan:
    """From `start` until before `end` there is work."""

    start: datetime
    end: datetime


@attrs.frozen
class Window:
    """The days of which somebody asks for the working time, both included."""

    first_day: date
    last_day: date

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(name, f"must lie between {FIRST_DAY} and {LAST_DAY}")
            for name, day in (("from", self.first_day), ("to", self.last_day))
            if not FIRST_DAY <= day <= LAST_DAY
        ]
        if not 0 <= (self.last_day - self.first_day).days < MOST_DAYS:
            faults.append(Fault("to", f"must be one of the {MOST_DAYS} days from {self.first_day} on"))
        refuse(faults)

    def worked(self, calendar: WorkingCalendar) -> tuple[WorkingSpan, ...]:
        """The spans of work in these local days, in UTC."""
        start = seconds_at(calendar.local_zone, self.first_day.toordinal(), 0)
        end = seconds_at(calendar.local_zone, self.last_day.toordinal(), DAY_SECONDS)
        return tuple(
            WorkingSpan(instant_of(begin), instant_of(stop)) for begin, stop in calendar.working(start, end)
        )
