"""Working time of people by weeks, as coloured cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

import attrs

from taskcore.planning.model import Schedule
from taskcore.planning.pictures.legend import flowed
from taskcore.planning.pictures.rows import names
from taskcore.planning.pictures.scale import LABEL
from taskcore.planning.pictures.text import cut, escaped, width
from taskcore.planning.pictures.words import MONTHS, LocalTimes, duration, local
from taskcore.values import UserId

Line = tuple[str, dict[date, "Load"]]
_HEAD, _ROW = 46, 40
_NARROWEST, _WIDEST = 15, 132
"""Of a cell."""
_WITH_PERCENT, _WITH_HOURS = 42, 58
_MONTH, _WEEKS_A_MONTH = 70, 4.35
"""So many pixels the name of a month takes."""
_SHADES = ((0.25, 0.12), (0.5, 0.24), (0.75, 0.36), (0.9, 0.46), (1.0, 0.56))
"""Up to which part of the capacity a cell is how opaque."""


@attrs.frozen
class Load:
    """What somebody, or the team, has to do in a week or several, and can do; in minutes."""

    minutes: int = 0
    capacity: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(self.minutes + other.minutes, self.capacity + other.capacity)

    @property
    def over(self) -> bool:
        return self.minutes > self.capacity

    @property
    def percent(self) -> str:
        """Rounded, yet 100 % only of what is full, and more only of what is too much."""
        if not self.capacity:
            return "over" if self.minutes else "\N{EN DASH}"
        part = round(self.minutes / self.capacity * 100)
        return f"{max(part, 101) if self.over else min(part, 99 if self.minutes < self.capacity else 100)} %"

    def told(self) -> str:
        if not self.capacity and not self.minutes:
            return "no working time"
        return f"{duration(self.minutes)} of {duration(self.capacity)}, {self.percent}"


def day_of(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


@attrs.frozen
class HeatMap:
    """A line for each person and one for all, a column for each week; several share one where it would be too narrow."""

    schedule: Schedule
    room: int

    def drawn(self) -> tuple[str, int]:
        """The map with what its colours mean, and how high both are."""
        high, edge = _HEAD + len(self._lines) * _ROW, self._names + self._cell * len(self._weeks)
        signs, signs_high = flowed(list(_signs(self._several)), self.room)
        drawn = (
            f"{self._head()}{''.join(map(self._line, range(len(self._lines))))}"
            f'<path class="edge" d="M0,{_HEAD}H{edge:.0f}M{self._names:.0f},0V{high}M0,{high - _ROW}H{edge:.0f}"/>'
            f'<rect class="frame" x=".5" y=".5" width="{edge - 1:.0f}" height="{high}" rx="6"/>'
            f'<g transform="translate(0,{high + 16})">{signs}</g>'
        )
        return drawn, high + 16 + signs_high

    @cached_property
    def _lines(self) -> list[Line]:
        loads: dict[UserId, dict[date, Load]] = defaultdict(lambda: defaultdict(Load))
        total: dict[date, Load] = defaultdict(Load)
        for each in self.schedule.workload:
            load = Load(each.minutes, each.capacity_minutes)
            loads[each.user_id][each.week] += load
            total[each.week] += load
        people = names(self.schedule)
        known = [(name, loads[user]) for user, name in people.items() if user in loads]
        others = [("?", load) for user, load in loads.items() if user not in people]
        return [*known, *others, ("Team", total)]

    @cached_property
    def _names(self) -> float:
        """The width of their column."""
        return min(max(width(name, 12, bold=True) for name, _ in self._lines) + 26, self.room * 0.34)

    @cached_property
    def _several(self) -> int:
        """Weeks in a column."""
        return -(-self._count // max(int((self.room - self._names) / _NARROWEST), 1))

    @property
    def _first(self) -> date:
        return min(each.week for each in self.schedule.workload)

    @property
    def _count(self) -> int:
        return (max(each.week for each in self.schedule.workload) - self._first).days // 7 + 1

    @cached_property
    def _weeks(self) -> list[date]:
        """The first of each column."""
        return [self._first + timedelta(weeks=place) for place in range(0, self._count, self._several)]

    @cached_property
    def _cell(self) -> float:
        return min((self.room - self._names) / len(self._weeks), _WIDEST)

    def _head(self) -> str:
        months = self._cell * _WEEKS_A_MONTH / self._several >= _MONTH
        drawn = [*self._months(), *self._days()] if months else [*self._years(), *self._first_weeks()]
        wide = self._names + self._cell * len(self._weeks)
        return (
            f'<g class="scale"><rect class="head" width="{wide:.0f}" height="{_HEAD}"/>'
            f'<text class="note" x="12" y="38">Week from</text>'
            f'<g transform="translate({self._names:.1f},0)">{"".join(drawn)}</g></g>'
        )

    def _months(self) -> Iterator[str]:
        for place, among, day in _runs(self._weeks, lambda day: (day.year, day.month)):
            name = MONTHS[day.month - 1]
            yield self._coarse(place, among, (f"{name} {day.year}", f"{name[:3]} {day.year}", name[:3]))

    def _years(self) -> Iterator[str]:
        for place, among, day in _runs(self._weeks, lambda day: (day.year,)):
            yield self._coarse(place, among, (f"{day.year}",))

    def _coarse(self, place: int, among: int, names: tuple[str, ...]) -> str:
        room = among * self._cell - 8
        name = next((each for each in names if width(each, LABEL, bold=True) <= room), "")
        return f'<text class="coarse" x="{place * self._cell + 6:.1f}" y="16">{name}</text>' if name else ""

    def _days(self) -> Iterator[str]:
        today = local(self.schedule.now, LocalTimes.of(self.schedule).zone).date()
        for place, day in enumerate(self._weeks):
            x = (place + 0.5) * self._cell
            style = "cell mid"
            if day <= today < day + timedelta(weeks=self._several) and self._cell >= 26:
                style = "cell mid on strong"
                yield f'<rect class="dot" x="{x - 12:.1f}" y="26" width="24" height="17" rx="8"/>'
            yield f'<text class="{style}" x="{x:.1f}" y="38">{day.day}</text>'

    def _first_weeks(self) -> Iterator[str]:
        """The names of months where they begin, as far as there is room."""
        free = 0.0
        for place, _, day in _runs(self._weeks, lambda day: (day.year, day.month)):
            x = place * self._cell
            if x >= free:
                free = x + 32
                yield f'<text class="cell" x="{x + 3:.1f}" y="38">{MONTHS[day.month - 1][:3]}</text>'

    def _line(self, place: int) -> str:
        name, loads = self._lines[place]
        shown = escaped(cut(name, self._names - 24, 12, bold=True))
        style, y = "strong" if place == len(self._lines) - 1 else "name", _HEAD + place * _ROW
        return (
            f'<text class="{style}" x="12" y="{y + 25}">{shown}</text>'
            f'<g transform="translate({self._names:.1f},{y})">{"".join(self._cells(name, loads))}</g>'
        )

    def _cells(self, name: str, loads: dict[date, Load]) -> Iterator[str]:
        weeks = "week" if self._several == 1 else f"{self._several} weeks"
        for place, first in enumerate(self._weeks):
            among = (first + timedelta(weeks=each) for each in range(self._several))
            load = sum((loads[each] for each in among if each in loads), Load())
            told = escaped(f"{name}, {weeks} from {day_of(first)}: {load.told()}")
            yield (
                f'<g transform="translate({place * self._cell:.1f},0)"><title>{told}</title>'
                f"{_square(load, self._cell)}{_written(load, self._cell)}</g>"
            )


def _runs(weeks: list[date], key: Callable[[date], tuple[int, ...]]) -> Iterator[tuple[int, int, date]]:
    """Columns that belong together: the place of the first, how many, and its day."""
    place = 0
    for _, days in groupby(weeks, key):
        among = list(days)
        yield place, len(among), among[0]
        place += len(among)


def _square(load: Load, cell: float) -> str:
    shape = f'x="2" y="3" width="{cell - 4:.1f}" height="{_ROW - 6}" rx="4"'
    if load.over:
        return f'<rect class="over" {shape}/>'
    if not load.minutes:
        return f'<rect class="free" {shape}/>'
    part = load.minutes / load.capacity
    opacity = next(shade for most, shade in _SHADES if part <= most)
    return f'<rect class="load" fill-opacity="{opacity}" {shape}/>'


def _written(load: Load, cell: float) -> str:
    if cell < _WITH_PERCENT:
        return ""
    on = " on" if load.over else "" if load.minutes else " soft"
    middle, hours = f'x="{cell / 2:.1f}"', cell >= _WITH_HOURS and load.minutes
    percent = f'<text class="mid strong{on}" {middle} y="{18 if hours else 24}">{load.percent}</text>'
    return (
        f'{percent}<text class="mid small{on}" {middle} y="31">{duration(load.minutes)}</text>'
        if hours
        else percent
    )


def _signs(several: int) -> Iterator[tuple[str, str]]:
    for most, shade in _SHADES:
        square = f'<rect class="load" fill-opacity="{shade}" width="26" height="14" rx="3"/>'
        yield square, f"up to {most * 100:.0f} %"
    yield '<rect class="over" width="26" height="14" rx="3"/>', "more than there is time for"
    yield '<rect class="free" width="26" height="14" rx="3"/>', "nothing to do, or away"
    if several > 1:
        yield "", f"a column is {several} weeks"
