"""Time as slots of one length, numbered from the start of a project."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

import attrs

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.calendars import WorkingCalendar

MOST_SLOTS = 1_000_000
"""An hour each, a century."""


@attrs.frozen
class Grid:
    """
    The slots from `start` until `end`, in UTC seconds, of `seconds` each.

    The calendar says which slots count as working time where nobody in particular works, and its zone in which days,
    weeks (from Monday) and months limits are counted. Raises: Invalid, where no whole slots fit, or too many.
    """

    start: int
    end: int
    calendar: WorkingCalendar
    seconds: int = 3600

    def __attrs_post_init__(self) -> None:
        if self.seconds <= 0:
            raise Invalid(faults=[Fault("seconds", "must be positive")])
        if self.start >= self.end or (self.end - self.start) % self.seconds:
            raise Invalid(faults=[Fault("end", "must be whole slots after the start")])
        if len(self) > MOST_SLOTS:
            raise Invalid(faults=[Fault("end", f"must be at most {MOST_SLOTS:,} slots after the start")])

    def __len__(self) -> int:
        return (self.end - self.start) // self.seconds

    def slot(self, instant: int) -> int:
        """Which slot begins then; that of the end is the one after the last. Raises: ValueError."""
        number, rest = divmod(instant - self.start, self.seconds)
        if rest or not 0 <= number <= len(self):
            raise ValueError("must be the beginning of a slot within the project")
        return number

    def instant(self, slot: int) -> int:
        return self.start + slot * self.seconds

    def worked(self, calendar: WorkingCalendar) -> bytes:
        """
        A one for each slot whose beginning is working time, else a zero.

        There is one more than slots, for that which begins at the end: TaskJuggler's measure of how scarce somebody is
        counts it.
        """
        slots = bytearray(len(self) + 1)
        for start, end in calendar.working(self.start, self.end + self.seconds):
            first, after = (-((self.start - at) // self.seconds) for at in (start, end))  # rounded up
            slots[first:after] = b"\1" * (after - first)
        return bytes(slots)

    @cached_property
    def working(self) -> bytes:
        """The working time of the project's own calendar."""
        return self.worked(self.calendar)

    @cached_property
    def days(self) -> list[int]:
        """The local day in which each slot begins, by its ordinal; as many as `worked`."""
        return [each.toordinal() for each in self._local]

    @cached_property
    def weeks(self) -> list[int]:
        """The week, from Monday to Sunday, of each slot."""
        return [(day - 1) // 7 for day in self.days]

    @cached_property
    def months(self) -> list[int]:
        """The calendar month of each slot."""
        return [each.year * 12 + each.month for each in self._local]

    @property
    def _local(self) -> list[datetime]:
        zone = self.calendar.local_zone
        return [datetime.fromtimestamp(self.instant(slot), zone) for slot in range(len(self) + 1)]
