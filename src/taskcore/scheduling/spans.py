"""Sets of instants as sorted, disjoint, half-open spans of UTC seconds; and how a local time becomes an instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

Span = tuple[int, int]
"""From the first second to the one after the last."""

DAY_SECONDS = 86_400
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
LAST_ORDINAL = date.max.toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_OFFSET = timedelta(0)


def union(spans: Iterable[Span]) -> list[Span]:
    """The instants in any of `spans`, which may come in any order, overlap, touch or be empty."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def intersection(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """The instants in both."""
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def difference(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """The instants in `left` and not in `right`."""
    found: list[Span] = []
    j = 0
    for first, end in left:
        start = first
        while j < len(right) and right[j][1] <= start:
            j += 1
        k = j
        while k < len(right) and right[k][0] < end:
            if start < right[k][0]:
                found.append((start, right[k][0]))
            start = max(start, right[k][1])
            k += 1
        if start < end:
            found.append((start, end))
    return found


def seconds_of(instant: datetime) -> int:
    """UTC seconds since 1970 of an aware instant; a fraction of a second is dropped."""
    if instant.tzinfo is None:
        raise ValueError("a time needs its zone, such as 2026-12-01T09:00:00Z")
    since = instant - _EPOCH
    return since.days * DAY_SECONDS + since.seconds


def instant_of(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def seconds_at(zone: tzinfo, ordinal: int, second: int) -> int:
    """UTC seconds of a local wall-clock time: the day by `date.toordinal`, and its second, 0 to 86,400.

    A time that does not exist is read with the offset before the gap, so it lies as far behind it; one that
    exists twice means the first (RFC 5545, 3.3.5; PEP 495, fold 0).
    """
    if second == DAY_SECONDS and ordinal < LAST_ORDINAL:
        ordinal, second = ordinal + 1, 0
    clock = min(second, DAY_SECONDS - 1)
    minute, last = divmod(clock, 60)
    wall = datetime.combine(date.fromordinal(ordinal), time(minute // 60, minute % 60, last), zone)
    offset = wall.utcoffset() or _NO_OFFSET
    return (ordinal - EPOCH_ORDINAL) * DAY_SECONDS + second - offset.days * DAY_SECONDS - offset.seconds


def local_seconds(zone: tzinfo, wall: datetime) -> int:
    """UTC seconds of a naive local time, by the same rule."""
    second = wall.hour * 3600 + wall.minute * 60 + wall.second
    return seconds_at(zone, wall.toordinal(), second)


def falls_in_gap(zone: tzinfo, wall: datetime) -> bool:
    """Whether the clocks of the zone never show this naive local time (PEP 495)."""
    before = zone.utcoffset(wall.replace(tzinfo=zone, fold=0)) or _NO_OFFSET
    after = zone.utcoffset(wall.replace(tzinfo=zone, fold=1)) or _NO_OFFSET
    return before < after
