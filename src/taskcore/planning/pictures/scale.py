"""Time from left to right: where an instant is, and the cells of the header in the team's time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import attrs

from taskcore.planning.pictures.text import width
from taskcore.planning.pictures.words import MONTHS, WEEKDAYS, local

DAY = 86400
DAYS_FROM = 17.0
"""Pixels a day, from which on each has a cell."""
LABEL = 11
"""The size of the header's texts in pixels."""


@attrs.frozen
class Cell:
    """A day, a week, a month … of the header."""

    left: float
    right: float
    label: str
    names_begin: bool = False


@attrs.frozen
class Unit:
    """What a line of the header counts: how the one at a local time begins, and the next; its labels, longest first."""

    begin: Callable[[datetime], datetime]
    next: Callable[[datetime], datetime]
    labels: tuple[Callable[[datetime], str], ...]
    names_begin: bool = False
    """Whether the label stands there, and not in the middle."""

    @property
    def beside(self) -> float:
        """What a label leaves free."""
        return 7 if self.names_begin else 3


@attrs.frozen
class Scale:
    """From `begin` to `end`, in seconds since 1970, over `width` pixels. Elapsed time, so no clock change bends it."""

    begin: float
    end: float
    width: float
    zone: tzinfo

    @property
    def pixels_a_day(self) -> float:
        return self.width / (self.end - self.begin) * DAY

    def x(self, at: datetime) -> float:
        return self.at(at.timestamp())

    def at(self, seconds: float) -> float:
        return (seconds - self.begin) / (self.end - self.begin) * self.width

    def within(self, at: datetime) -> float:
        """As `x`, or the edge behind which it lies."""
        return min(max(self.x(at), 0.0), self.width)

    def local(self, seconds: float) -> datetime:
        """The wall time at an instant, without its zone."""
        return local(datetime.fromtimestamp(seconds, UTC), self.zone).replace(tzinfo=None)

    def instant(self, wall: datetime) -> float:
        """A time that does not exist moves forward with the clock; of two it is the first."""
        return wall.replace(tzinfo=self.zone).timestamp()

    @property
    def tiers(self) -> tuple[Unit | None, Unit]:
        """The coarse and the fine unit that the header has room for."""
        a_day = self.pixels_a_day
        for least, coarse, fine in _TIERS:
            if a_day >= least:
                return coarse, fine
        years = next(step for step in _YEARS if a_day * 365 * step >= 40 or step == _YEARS[-1])
        return None, _year(years)

    def cells(self, unit: Unit) -> list[Cell]:
        """The unit's cells, cut at the edges; the form of their labels is the longest that fits in all whole ones."""
        spans = [
            (max(self.at(left), 0), min(self.at(right), self.width), wall)
            for left, right, wall in self._parts(unit)
        ]
        whole = sorted(right - left for left, right, _ in spans)
        room = whole[len(whole) // 2] if whole else 0
        form = next((each for each in unit.labels if _fits(each, spans, room - unit.beside)), unit.labels[-1])
        return [
            Cell(left, right, self._label(unit, form, wall, right - left), unit.names_begin)
            for left, right, wall in spans
        ]

    def _label(self, unit: Unit, form: Callable[[datetime], str], wall: datetime, room: float) -> str:
        shorter = unit.labels[unit.labels.index(form) :]
        return next((text for each in shorter if width(text := each(wall), LABEL) <= room - unit.beside), "")

    def _parts(self, unit: Unit) -> Iterator[tuple[float, float, datetime]]:
        wall = unit.begin(self.local(self.begin))
        left = self.instant(wall)
        while left < self.end:
            try:
                following = unit.next(wall)
                right = self.instant(following)
            except (OverflowError, ValueError):  # the end of time
                following, right = wall, self.end
            if right > max(left, self.begin):
                yield left, right, wall
            if following == wall:
                return
            wall, left = following, right


def _fits(form: Callable[[datetime], str], spans: list[tuple[float, float, datetime]], room: float) -> bool:
    return all(width(form(wall), LABEL) <= room for _, _, wall in spans[:60])


def _midnight(wall: datetime) -> datetime:
    return datetime.combine(wall.date(), time.min)


def _hours(step: int) -> Unit:
    def following(wall: datetime) -> datetime:
        return wall + timedelta(hours=step)

    return Unit(
        lambda wall: _midnight(wall) + timedelta(hours=wall.hour // step * step),
        following,
        (lambda wall: f"{wall.hour:02}:00", lambda wall: f"{wall.hour}"),
        names_begin=True,
    )


def _month(months: int, labels: tuple[Callable[[datetime], str], ...]) -> Unit:
    def following(wall: datetime) -> datetime:
        month = wall.month - 1 + months
        return wall.replace(year=wall.year + month // 12, month=month % 12 + 1)

    def begin(wall: datetime) -> datetime:
        return _midnight(wall).replace(day=1, month=(wall.month - 1) // months * months + 1)

    return Unit(begin, following, labels)


def _year(years: int) -> Unit:
    def begin(wall: datetime) -> datetime:
        return datetime(max(wall.year // years * years, 1), 1, 1)  # noqa: DTZ001  # a wall time has no zone

    def following(wall: datetime) -> datetime:
        return wall.replace(year=(wall.year // years + 1) * years)

    return Unit(begin, following, (lambda wall: f"{wall.year}",), names_begin=True)


def _name(wall: date) -> str:
    return MONTHS[wall.month - 1]


_DAY = Unit(
    _midnight,
    lambda wall: wall + timedelta(days=1),
    (
        lambda wall: f"{WEEKDAYS[wall.weekday()]} {wall.day} {_name(wall)} {wall.year}",
        lambda wall: f"{WEEKDAYS[wall.weekday()]} {wall.day} {_name(wall)[:3]}",
        lambda wall: f"{WEEKDAYS[wall.weekday()]} {wall.day}",
        lambda wall: f"{wall.day}",
    ),
    names_begin=True,
)
_DATE = Unit(_DAY.begin, _DAY.next, _DAY.labels[2:])
_WEEK = Unit(
    lambda wall: _midnight(wall) - timedelta(days=min(wall.weekday(), wall.toordinal() - 1)),
    lambda wall: wall + timedelta(days=7 - wall.weekday()),
    (lambda wall: f"{wall.day} {_name(wall)[:3]}", lambda wall: f"{wall.day}"),
    names_begin=True,
)
_MONTH_OF_YEAR = attrs.evolve(
    _month(
        1,
        (
            lambda wall: f"{_name(wall)} {wall.year}",
            lambda wall: f"{_name(wall)[:3]} {wall.year}",
            lambda wall: _name(wall)[:3],
        ),
    ),
    names_begin=True,
)
_MONTH = _month(1, (_name, lambda wall: _name(wall)[:3], lambda wall: _name(wall)[:1]))
_QUARTER = _month(3, (lambda wall: f"Q{(wall.month + 2) // 3}",))
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_TIERS = (
    (900, _DAY, _hours(1)),
    (450, _DAY, _hours(2)),
    (300, _DAY, _hours(3)),
    (150, _DAY, _hours(6)),
    (DAYS_FROM, _MONTH_OF_YEAR, _DATE),
    (3.2, _MONTH_OF_YEAR, _WEEK),
    (0.6, _year(1), _MONTH),
    (0.25, _year(1), _QUARTER),
)
"""From so many pixels a day on."""
