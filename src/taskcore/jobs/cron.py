"""
When something that comes again and again is to be begun: the five fields of cron, by the clocks of a time zone.

`minute hour day-of-month month day-of-week`, each `*`, a number, a range `1-5`, a step `*/10` or `8-18/2`, or several
of them with commas; months and days of the week by name too (`JAN`, `MON`; Sunday is 0 and 7); or `@hourly`, `@daily`
(`@midnight`), `@weekly`, `@monthly`, `@yearly` (`@annually`). Where day of month and day of week are both given, either
will do; where one begins with a star, both must fit.

Where clocks are changed it does as Debian's cron (cron(8)): what has a fixed minute and hour comes once, at the first
minute that there is where its own is skipped, and the first time where its own comes twice. What has a star for its
minute or hour goes by the time that passes: nothing of an hour that is skipped, and all of one that comes twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

import attrs

from taskcore.errors import Invalid, invalid

NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split()
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MINUTE = timedelta(minutes=1)
_PART = re.compile(r"(?P<star>\*)|(?P<first>[0-9]{1,2}|[A-Z]{3})(-(?P<last>[0-9]{1,2}|[A-Z]{3}))?", re.ASCII)


@attrs.frozen
class Field:
    """One of the five: which numbers it may have, and what some of them are called."""

    name: str
    least: int
    most: int
    names: dict[str, int] = attrs.field(factory=dict)

    def read(self, text: str) -> frozenset[int]:
        """The numbers that it stands for. Raises: Invalid."""
        return frozenset(number for part in text.split(",") for number in self._part(part))

    def _part(self, part: str) -> range:
        span, slash, step = part.partition("/")
        found = _PART.fullmatch(span)
        if found is None or (slash and not (step.isascii() and step.isdigit() and int(step))):
            raise self._wrong(part)
        if found["star"]:
            first, last = self.least, self.most
        else:
            first = self._number(found["first"])
            last = self._number(found["last"]) if found["last"] else (self.most if slash else first)
        if last < first:
            raise self._wrong(part)
        return range(first, last + 1, int(step) if slash else 1)

    def _number(self, text: str) -> int:
        number = self.names.get(text, -1) if not text.isdigit() else int(text)
        if not self.least <= number <= self.most:
            raise self._wrong(text)
        return number

    def _wrong(self, part: str) -> Invalid:
        return invalid("cron", f"{part!r:.40} is no {self.name}")


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, {name: number for number, name in enumerate(MONTHS, 1)}),
    Field("day of the week", 0, 7, {name: number for number, name in enumerate(WEEKDAYS)}),
)


@attrs.frozen
class Cron:
    """When it comes."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """As `date.isoweekday` counts them, Sunday being 7."""
    both_days: bool
    """Whether day of month and day of week must both fit; else either will do."""
    is_fixed: bool
    """Whether it has a minute and an hour of its own, on the day of a change of clocks too."""

    @classmethod
    def of(cls, text: str) -> Cron:
        """Raises: Invalid, where that is no such text, or says a day that never comes."""
        parts = NAMED.get(text.strip().lower(), text).upper().split()
        if len(parts) != len(FIELDS):
            raise invalid("cron", f"must have five fields such as `0 8 * * MON-FRI`, not {text!r:.80}")
        minutes, hours, days, months, weekdays = (
            field.read(part) for field, part in zip(FIELDS, parts, strict=True)
        )
        both_days = parts[2].startswith("*") or parts[4].startswith("*")
        if both_days and min(days) > max(LONGEST_MONTHS[month - 1] for month in months):
            raise invalid("cron", f"{text!r:.80} is never")
        return cls(
            tuple(sorted(minutes)),
            tuple(sorted(hours)),
            days,
            months,
            frozenset(day or 7 for day in weekdays),
            both_days,
            is_fixed=not (parts[0].startswith("*") or parts[1].startswith("*")),
        )

    def next_after(self, instant: datetime, zone: tzinfo) -> datetime:
        """The first instant after `instant` at which it comes, in UTC."""
        # Where an hour is about to come twice, what the clocks will show again may lie behind what they show.
        now, tomorrow = instant.astimezone(zone), (instant + timedelta(days=1)).astimezone(zone)
        behind = max(timedelta(), _offset(now) - _offset(tomorrow))
        start = now.replace(tzinfo=None, fold=0) - behind
        return min(self._first(start, instant, zone, fold) for fold in ((0,) if self.is_fixed else (0, 1)))

    def latest(self, since: datetime, now: datetime, zone: tzinfo) -> datetime:
        """The last instant, from `since` (which is one) to `now`, at which it comes."""
        found = since
        for reach in (timedelta(hours=1), timedelta(days=1), timedelta(days=32), now - since):
            after = self.next_after(max(since, now - reach), zone)
            if after <= now:
                while after <= now:
                    found, after = after, self.next_after(after, zone)
                break
        return found

    def _first(self, start: datetime, instant: datetime, zone: tzinfo, fold: int) -> datetime:
        """The first after `instant` of those that clocks show from `start` on; the second time, where `fold` is 1."""
        for shown in self._shown(start):
            wall, when = shown, _when(shown, zone, fold)
            while self.is_fixed and when is None:
                wall += MINUTE
                when = _when(wall, zone, fold)
            if when is not None and when > instant:
                return when
        raise AssertionError("unreachable")

    def _shown(self, start: datetime) -> Iterator[datetime]:
        """What clocks show when it comes, from the minute of `start` on."""
        first, day = start.replace(second=0, microsecond=0), start.date()
        while True:
            if day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
                continue
            if self._comes_on(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        shown = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001  a wall clock's
                        if shown >= first:
                            yield shown
            day += timedelta(days=1)

    def _comes_on(self, day: date) -> bool:
        fits = (day.day in self.days, day.isoweekday() in self.weekdays)
        return all(fits) if self.both_days else any(fits)


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _when(shown: datetime, zone: tzinfo, fold: int) -> datetime | None:
    """The instant at which clocks show this, the first or the second time; None, where they never do."""
    local = shown.replace(tzinfo=zone, fold=fold)
    when = local.astimezone(UTC)
    return when if when.astimezone(zone).replace(tzinfo=None, fold=0) == shown else None
