"""Working time as a function of the instant: spans of work with their prefix sums, built as far as they are asked for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date

import attrs

from taskcore.errors import Conflict
from taskcore.scheduling.spans import DAY_SECONDS, EPOCH_ORDINAL, Span, instant_of

HORIZON_YEARS = 50
"""How far work is looked for before it counts as not to be found."""
MOST_YEARS = 200
"""How much is kept, and how far apart two instants may be."""


@attrs.frozen(slots=True)
class _Built:
    """The spans of work in the years `first` to `last`, both included; `done[i]` is worked before span i ends."""

    first: int
    last: int
    low: int
    high: int
    starts: list[int]
    ends: list[int]
    done: list[int]
    begun: list[int]
    """`begun[i]` is what was worked before span i begins."""


class WorkTime:
    """The arithmetic over what `within(start, end)` gives: all sorted, disjoint spans of work from start until end.

    Each call costs two searches in sorted lists. A year is computed when somebody first asks about it; the lists are
    replaced whole, so that threads share them safely.
    """

    __slots__ = ("_built", "_within")

    def __init__(self, within: Callable[[int, int], list[Span]]) -> None:
        self._within = within
        self._built = _Built(0, -1, 0, 0, [], [], [], [])

    def next_start(self, at: int) -> int:
        built = self._holding(at)
        while True:
            place = bisect_right(built.ends, at)
            if place < len(built.ends):
                return max(at, built.starts[place])
            built = self._later(built, at, "starts")

    def prev_end(self, at: int) -> int:
        built = self._holding(at)
        while True:
            place = bisect_left(built.starts, at) - 1
            if place >= 0:
                return min(at, built.ends[place])
            built = self._earlier(built, at, "ends")

    def add(self, at: int, work: int) -> int:
        if work == 0:
            return at
        built = self._built
        if not built.low <= at < built.high:
            built = self._holding(at)
        while True:
            target = _worked(built, at) + work
            place = bisect_left(built.done, target)
            if place < len(built.done):
                return built.ends[place] - built.done[place] + target
            built = self._later(built, at, f"{work / 3600:g} hours of it end")

    def sub(self, at: int, work: int) -> int:
        if work == 0:
            return at
        built = self._built
        if not built.low <= at < built.high:
            built = self._holding(at)
        while True:
            target = _worked(built, at) - work
            if target >= 0:
                place = bisect_right(built.begun, target) - 1
                return built.starts[place] + target - built.begun[place]
            built = self._earlier(built, at, f"{work / 3600:g} hours of it begin")

    def between(self, start: int, end: int) -> int:
        built = self._built
        if not (built.low <= start < built.high and built.low <= end < built.high):
            built = self._covering(min(start, end), max(start, end))
        return _worked(built, end) - _worked(built, start)

    def spans(self, start: int, end: int) -> list[Span]:
        if start >= end:
            return []
        built = self._covering(start, end)
        first, last = bisect_right(built.ends, start), bisect_left(built.starts, end)
        return [
            (max(start, built.starts[place]), min(end, built.ends[place])) for place in range(first, last)
        ]

    def _holding(self, at: int) -> _Built:
        """What is built, after it was made to hold this instant."""
        built = self._built
        if built.low <= at < built.high:
            return built
        year = _year(at)
        if at >= built.high:
            first, last = built.first, max(year, built.last + _growth(built))
        else:
            first, last = min(year, built.first - _growth(built)), built.last
        if built.first > built.last or last - first >= MOST_YEARS:
            return self._build(year, year + 1)
        return self._build(first, last)

    def _covering(self, start: int, end: int) -> _Built:
        """What is built, after it was made to hold both."""
        first, last = _year(start), _year(end)
        if last - first >= MOST_YEARS:
            raise Conflict(f"the instants lie more than {MOST_YEARS} years apart", code="no_working_time")
        built = self._holding(start)
        return built if end < built.high else self._build(min(first, built.first), last)

    def _later(self, built: _Built, since: int, what: str) -> _Built:
        limit = min(_year(since) + HORIZON_YEARS, date.max.year)
        if built.last >= limit:
            raise _none(f"no working time: none {what} within {HORIZON_YEARS} years after", since)
        return self._build(built.first, min(limit, built.last + _growth(built)))

    def _earlier(self, built: _Built, until: int, what: str) -> _Built:
        limit = max(_year(until) - HORIZON_YEARS, date.min.year)
        if built.first <= limit:
            raise _none(f"no working time: none {what} within {HORIZON_YEARS} years before", until)
        return self._build(max(limit, built.first - _growth(built)), built.last)

    def _build(self, first: int, last: int) -> _Built:
        first, last = max(first, date.min.year), min(last, date.max.year)
        low, high = _new_year(first), _new_year(last + 1)
        spans = self._within(low, high)
        done: list[int] = []
        begun: list[int] = []
        total = 0
        for start, end in spans:
            begun.append(total)
            total += end - start
            done.append(total)
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        self._built = _Built(first, last, low, high, starts, ends, done, begun)
        return self._built


def _worked(built: _Built, at: int) -> int:
    """Seconds of work up to that instant, since the first year that is built."""
    place = bisect_right(built.starts, at) - 1
    if place < 0:
        return 0
    end = built.ends[place]
    return built.done[place] - end + min(at, end)


def _growth(built: _Built) -> int:
    """How many more years are computed at once: as many as there are, within reason."""
    return min(built.last - built.first + 1, 20)


def _year(at: int) -> int:
    """The year of that instant, UTC, held within those there are."""
    ordinal = at // DAY_SECONDS + EPOCH_ORDINAL
    if not 1 <= ordinal <= date.max.toordinal():
        raise Conflict("no working time: outside the years 1 to 9999", code="no_working_time")
    return date.fromordinal(ordinal).year


def _new_year(year: int) -> int:
    last = date.max.toordinal() + 1
    ordinal = last if year > date.max.year else date(year, 1, 1).toordinal()
    return (ordinal - EPOCH_ORDINAL) * DAY_SECONDS


def _none(message: str, at: int) -> Conflict:
    return Conflict(f"{message} {instant_of(at).isoformat()}", code="no_working_time")
