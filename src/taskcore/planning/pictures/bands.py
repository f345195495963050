"""Free time as bands: by the hour where nights can be seen, else whole free days, as far as they can be told apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from taskcore.planning.model import FreeTime
from taskcore.planning.pictures.scale import DAY, Scale

Band = tuple[float, float]
"""From x to x."""
_NIGHTS = 150.0
"""From so many pixels a day on, nights are told apart."""
_NARROWEST = 2.0


def bands(free: Iterable[FreeTime], scale: Scale) -> list[Band]:
    """From left to right, none touching the next; those that would be too narrow to see are left out."""
    parts = _by_the_hour(free, scale) if scale.pixels_a_day >= _NIGHTS else _whole_days(free, scale)
    found: list[list[float]] = []
    for left, right in sorted((max(left, 0.0), min(right, scale.width)) for left, right in parts):
        if found and left <= found[-1][1] + 0.5:
            found[-1][1] = max(found[-1][1], right)
        elif right > left:
            found.append([left, right])
    return [(left, right) for left, right in found if right - left >= _NARROWEST]


def _by_the_hour(free: Iterable[FreeTime], scale: Scale) -> Iterator[Band]:
    for each in free:
        yield scale.x(each.start), scale.x(each.finish)


def _whole_days(free: Iterable[FreeTime], scale: Scale) -> Iterator[Band]:
    for each in free:
        start, finish = each.start.timestamp(), each.finish.timestamp()
        if finish - start < DAY - 3 * 3600:  # a day can be short of some hours
            continue
        first, last = scale.local(start), scale.local(finish)
        begins = datetime.combine(first.date(), time.min)
        if begins < first:
            begins += timedelta(days=1)
        ends = datetime.combine(last.date(), time.min)
        if begins < ends:
            yield scale.at(scale.instant(begins)), scale.at(scale.instant(ends))


def worked(left: float, right: float, free: list[Band]) -> list[Band]:
    """The parts of a bar outside of the bands, which are in order."""
    found, at = [], left
    for begins, ends in free[max(bisect_left(free, (left, left)) - 1, 0) :]:
        if begins >= right:
            break
        if begins > at:
            found.append((at, begins))
        at = max(at, ends)
    return [*found, (at, right)] if at < right else found
