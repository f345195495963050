"""
What a recurrence rule says, as local times one by one (RFC 5545, 3.3.10 and its table of BY parts).

A period (a year, a month … a second, every INTERVAL-th) has candidate days; those that every BY part allows, at the
times of day that the rule names, are its set, from which BYSETPOS picks. Nothing is held but one period.

Where the text leaves a choice: BYWEEKNO without BYDAY means DTSTART's weekday, and its years are those the weeks belong
to; a week of BYSETPOS is whole, even the first one.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import MAXYEAR, date, datetime, time, timedelta
from itertools import islice

import attrs

from taskcore.scheduling.rrule import Frequency, Rule

MOST_STEPS = 200_000
"""So many candidates without one that fits, and the rule counts as ended: 30 February never comes."""
_LAST_ORDINAL = date.max.toordinal()
_DAY = 86_400
_BY_THE_MINUTE = frozenset({Frequency.MINUTELY, Frequency.SECONDLY})
_CLOCK = {Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}

Period = tuple[Sequence[int], Sequence[time]]
"""The days of a set, by ordinal, and its times on each of them."""


def expand(rule: Rule, start: datetime, since: datetime | None = None) -> Iterator[datetime]:
    """The naive local times of `rule` from `start` on, in order; with `since` without those before it.

    COUNT is heeded, and UNTIL left to who knows the zone. A rule without COUNT begins near `since`, however long
    that is after its start. Ends with the year 9999, or after `MOST_STEPS` candidates of which none fits.
    """
    whole = _completed(rule, start)
    begin = start if since is None or rule.count is not None else max(start, since)
    times = (each for each in _times(whole, start, begin) if each >= start)
    counted = times if rule.count is None else islice(times, rule.count)
    return counted if since is None else (each for each in counted if each >= since)


def matches(rule: Rule, start: datetime) -> bool:
    """Whether the rule has its own DTSTART as an occurrence; if not, DTSTART is none."""
    return next(expand(rule, start), None) == start


def _completed(rule: Rule, start: datetime) -> Rule:
    """`rule` with what it leaves to DTSTART written out."""
    named = rule.weekdays or rule.month_days or rule.year_days
    weekdays, month_days, months = rule.weekdays, rule.month_days, rule.months
    match rule.frequency:
        case Frequency.YEARLY if rule.weeks and not named:
            weekdays = ((0, start.weekday()),)
        case Frequency.YEARLY if not named:
            months, month_days = months or (start.month,), (start.day,)
        case Frequency.MONTHLY if not named:
            month_days = (start.day,)
        case Frequency.WEEKLY if not weekdays:
            weekdays = ((0, start.weekday()),)
    steps = rule.frequency
    return attrs.evolve(
        rule,
        weekdays=weekdays,
        month_days=month_days,
        months=months,
        hours=rule.hours if steps.by_the_clock else rule.hours or (start.hour,),
        minutes=rule.minutes if steps in _BY_THE_MINUTE else rule.minutes or (start.minute,),
        seconds=rule.seconds if steps is Frequency.SECONDLY else rule.seconds or (start.second,),
    )


def _times(rule: Rule, start: datetime, begin: datetime) -> Iterator[datetime]:
    periods = _clock_periods if rule.frequency.by_the_clock else _day_periods
    fruitless = 0
    for steps, (days, times) in periods(rule, start, begin):
        if fruitless > MOST_STEPS:
            return
        found = False
        for day, clock in _picked(rule.positions, days, times):
            found = True
            yield datetime.combine(date.fromordinal(day), clock)
        fruitless = 0 if found else fruitless + steps


def _picked(
    positions: Sequence[int], days: Sequence[int], times: Sequence[time]
) -> Iterable[tuple[int, time]]:
    if not positions:
        return ((day, clock) for day in days for clock in times)
    size = len(days) * len(times)
    places = {position - 1 if position > 0 else size + position for position in positions}
    return (
        (days[place // len(times)], times[place % len(times)])
        for place in sorted(places)
        if 0 <= place < size
    )


def _day_periods(rule: Rule, start: datetime, begin: datetime) -> Iterator[tuple[int, Period]]:
    """Years, months, weeks or days, each with how many candidates were looked at."""
    clocks = _clocks(rule.hours, rule.minutes, rule.seconds)
    fits = _Fit(rule)
    for candidates in _candidates(rule, start, begin):
        days = [day for day in candidates if 1 <= day <= _LAST_ORDINAL and fits(day)]
        yield max(1, len(candidates)), (days, clocks)


def _clocks(hours: Iterable[int], minutes: Iterable[int], seconds: Iterable[int]) -> list[time]:
    """Times of day; a leap second is none."""
    whole = [second for second in seconds if second < 60]
    minutes = tuple(minutes)
    return [time(hour, minute, second) for hour in hours for minute in minutes for second in whole]


def _candidates(rule: Rule, start: datetime, begin: datetime) -> Iterator[Sequence[int]]:
    """The days of each period, by ordinal, from the one that holds `begin` on or a little before."""
    match rule.frequency:
        case Frequency.YEARLY:
            yield from _years(rule, start, begin)
        case Frequency.MONTHLY:
            first, last = start.year * 12 + start.month - 1, MAXYEAR * 12 + 11
            for month in range(
                _aligned(first, begin.year * 12 + begin.month - 1, rule), last + 1, rule.interval
            ):
                ordinal = date(month // 12, month % 12 + 1, 1).toordinal()
                suits = not rule.months or month % 12 + 1 in rule.months
                yield range(ordinal, ordinal + monthrange(month // 12, month % 12 + 1)[1]) if suits else ()
        case Frequency.WEEKLY:
            first = start.toordinal() - (start.weekday() - rule.week_start) % 7
            step = 7 * rule.interval
            skipped = max(0, (begin.toordinal() - 7 - first) // step)
            for week in range(first + skipped * step, _LAST_ORDINAL + 1, step):
                yield range(week, week + 7)
        case _:
            for day in range(
                _aligned(start.toordinal(), begin.toordinal(), rule), _LAST_ORDINAL + 1, rule.interval
            ):
                yield (day,)


def _years(rule: Rule, start: datetime, begin: datetime) -> Iterator[Sequence[int]]:
    """With BYWEEKNO, the years to which the weeks belong; else of each year the months that may hold something."""
    if rule.weeks:
        first = _week_year(start.toordinal(), rule.week_start)
        for year in range(_aligned(first, begin.year - 1, rule), MAXYEAR + 1, rule.interval):
            yield range(_first_week(year, rule.week_start), _first_week(year + 1, rule.week_start))
        return
    for year in range(_aligned(start.year, begin.year, rule), MAXYEAR + 1, rule.interval):
        if not rule.months:
            new_year = date(year, 1, 1).toordinal()
            yield range(new_year, new_year + 365 + isleap(year))
        else:
            yield [
                date(year, month, 1).toordinal() + day
                for month in rule.months
                for day in range(monthrange(year, month)[1])
            ]


def _aligned(first: int, wanted: int, rule: Rule) -> int:
    """The last of `first`, `first + interval`, … up to `wanted`, or the first one."""
    return first + max(0, (wanted - first) // rule.interval) * rule.interval


def _first_week(year: int, week_start: int) -> int:
    """The ordinal of the day on which week 1 begins: the first with four days in the year (ISO 8601)."""
    fourth = date(1, 1, 4).toordinal() + _days_before(year)
    return fourth - (fourth - 1 - week_start) % 7


def _days_before(year: int) -> int:
    """How many days there are in the years 1 to `year - 1`, which may be 9999."""
    past = year - 1
    return 365 * past + past // 4 - past // 100 + past // 400


def _week_year(ordinal: int, week_start: int) -> int:
    year = date.fromordinal(ordinal).year
    if ordinal >= _first_week(year + 1, week_start):
        return year + 1
    return year - (ordinal < _first_week(year, week_start))


class _Fit:
    """Whether all BY parts of a rule that speak of days allow a day."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._plain = frozenset(day for n, day in rule.weekdays if n == 0)
        self._counted = frozenset(each for each in rule.weekdays if each[0])
        self._in_month = rule.frequency is Frequency.MONTHLY or bool(rule.months)

    def __call__(self, ordinal: int) -> bool:
        rule = self._rule
        if self._plain and not self._counted and (ordinal + 6) % 7 not in self._plain:
            return False
        day = date.fromordinal(ordinal)
        if rule.months and day.month not in rule.months:
            return False
        if rule.month_days and not _either_end(rule.month_days, day.day, monthrange(day.year, day.month)[1]):
            return False
        if rule.year_days and not _either_end(rule.year_days, _year_day(day), 365 + isleap(day.year)):
            return False
        if rule.weeks and not self._week(ordinal):
            return False
        return not self._counted or (ordinal + 6) % 7 in self._plain or self._nth(day)

    def _week(self, ordinal: int) -> bool:
        start = self._rule.week_start
        year = _week_year(ordinal, start)
        first, after = _first_week(year, start), _first_week(year + 1, start)
        return _either_end(self._rule.weeks, (ordinal - first) // 7 + 1, (after - first) // 7)

    def _nth(self, day: date) -> bool:
        if self._in_month:
            number, total = day.day, monthrange(day.year, day.month)[1]
        else:
            number, total = _year_day(day), 365 + isleap(day.year)
        weekday = day.weekday()
        before, behind = (number - 1) // 7 + 1, -((total - number) // 7 + 1)
        return (before, weekday) in self._counted or (behind, weekday) in self._counted


def _either_end(allowed: Sequence[int], number: int, total: int) -> bool:
    """Whether the list has a number, counted from the front or from the end of so many."""
    return number in allowed or number - total - 1 in allowed


def _year_day(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1


def _clock_periods(rule: Rule, start: datetime, begin: datetime) -> Iterator[tuple[int, Period]]:
    """Hours, minutes or seconds, leaping over days, hours and minutes that do not suit."""
    unit = _CLOCK[rule.frequency]
    step = unit * rule.interval
    first = _second(start) // unit * unit
    at = first + max(0, (_second(begin) // unit * unit - first) // step) * step
    fits, known, suits = _Fit(rule), -1, False
    while at // _DAY <= _LAST_ORDINAL:
        day, second = divmod(at, _DAY)
        if day != known:
            known, suits = day, fits(day)
        skipped_to = _not_before(rule, at, second) if suits else at - second + _DAY
        if skipped_to is None:
            yield 1, ([day], _period_clocks(rule, second))
            at += step
        else:
            yield 1, ((), ())
            at += max(1, -((at - skipped_to) // step)) * step


def _not_before(rule: Rule, at: int, second: int) -> int | None:
    """The second before which nothing can come, counted as `at` is; None if this period may hold something."""
    if rule.hours and second // 3600 not in rule.hours:
        return at - second % 3600 + 3600
    if rule.frequency is Frequency.HOURLY:
        return None
    if rule.minutes and second // 60 % 60 not in rule.minutes:
        return at - second % 60 + 60
    if rule.frequency is Frequency.SECONDLY and rule.seconds and second % 60 not in rule.seconds:
        return at + 1
    return None


def _period_clocks(rule: Rule, second: int) -> list[time]:
    hour, minute = second // 3600, second // 60 % 60
    match rule.frequency:
        case Frequency.HOURLY:
            return _clocks((hour,), rule.minutes, rule.seconds)
        case Frequency.MINUTELY:
            return _clocks((hour,), (minute,), rule.seconds)
        case _:
            return [time(hour, minute, second % 60)]


def _second(wall: datetime) -> int:
    """Seconds of the wall clock since the day with ordinal 0."""
    return wall.toordinal() * _DAY + (wall - datetime.combine(wall, time.min)) // timedelta(seconds=1)
