"""
Mornings: the one instant of each local day at which somebody is told what the day brings.

A time that the clocks of the zone do not show that day is told when they have been put forward, at the end of the
gap, and not later by as much, as RFC 5545 (3.3.5) would have it: nobody is to wait for a mail that nothing delays.
Where that is another day, it is told in the last second before the gap; a day that the zone leaves out (Pacific/Apia,
30 December 2011) has no morning. Of a time that is shown twice the first counts, as in RFC 5545 and PEP 495.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import attrs

from taskcore.scheduling.spans import falls_in_gap, instant_of, local_seconds, seconds_of

_AROUND = 2
"""So many local days lie between two zones at most, and a day that one leaves out."""


@attrs.frozen(slots=True, order=True)
class Morning:
    at: datetime
    day: date
    """Where they are."""


def morning(day: date, at: time, where: tzinfo) -> Morning | None:
    """That of a day; None, where there is no such day."""
    wall = datetime.combine(day, at)
    if not falls_in_gap(where, wall):
        return Morning(instant_of(local_seconds(where, wall)), day)
    end = _end_of_gap(wall, where)
    for instant in (end, end - timedelta(seconds=1)):
        if instant.astimezone(where).date() == day:
            return Morning(instant, day)
    return None


def _end_of_gap(wall: datetime, where: tzinfo) -> datetime:
    """The instant at which the clocks are put forward over a local time that they do not show."""
    low, high = (
        seconds_of(wall.replace(tzinfo=where, fold=fold).astimezone(UTC).replace(fold=0)) for fold in (1, 0)
    )
    before = instant_of(low).astimezone(where).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if instant_of(middle).astimezone(where).utcoffset() == before:
            low = middle
        else:
            high = middle
    return instant_of(high)


def to_tell(now: datetime, at: time, where: tzinfo, told_on: date | None) -> date | None:
    """
    The day for which somebody is to be told now: the one of the last morning, however late it is that day.

    None, where that was told, where `told_on` is the last day that was, or is over: yesterday's is not made up for.
    """
    latest = max(each for each in _mornings(now, at, where) if each.at <= now)
    over = latest.day < now.astimezone(where).date()
    return None if over or (told_on is not None and latest.day <= told_on) else latest.day


def next_morning(now: datetime, at: time, where: tzinfo, told_on: date | None) -> datetime:
    """The first morning after now, of a day that was not told yet."""
    return min(
        each.at
        for each in _mornings(now, at, where)
        if each.at > now and (told_on is None or each.day > told_on)
    )


def changed_morning(
    now: datetime, at: time, where: tzinfo, told_on: date | None, pending: datetime | None
) -> datetime:
    """
    When to tell next, once the time or the zone is another; `pending` is when it was to be until now.

    What was still to come today comes at once, if its new time has passed; else today would have none.
    """
    today = now.astimezone(where).date()
    was_to_come = pending is not None and now < pending and pending.astimezone(where).date() == today
    return now if was_to_come and to_tell(now, at, where, told_on) else next_morning(now, at, where, told_on)


def _mornings(now: datetime, at: time, where: tzinfo) -> Iterator[Morning]:
    today = now.astimezone(where).date()
    for distance in range(-_AROUND, 2 * _AROUND + 1):
        found = morning(today + timedelta(days=distance), at, where)
        if found is not None:
            yield found
