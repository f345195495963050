"""The chart itself: its lines, the header above them, free time behind, arrows and bars on top."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import attrs

from taskcore.planning.model import PlanLink, Schedule
from taskcore.planning.pictures.arrows import ARROWHEADS, arrows
from taskcore.planning.pictures.bands import Band, bands
from taskcore.planning.pictures.bars import Bars, Dates
from taskcore.planning.pictures.names import Names
from taskcore.planning.pictures.rows import Row, rows
from taskcore.planning.pictures.scale import DAY, DAYS_FROM, LABEL, Cell, Scale, Unit
from taskcore.planning.pictures.text import clean, escaped, line, width
from taskcore.planning.pictures.words import LocalTimes, lines
from taskcore.values import TaskId, zone

HEAD = 46
_TIER = HEAD // 2
_LINE, _DENSE_LINE, _DENSE = 28, 22, 150
_BEFORE, _BEHIND = 16, 112
"""Pixels left free at the sides; what is told beside a bar needs some."""
_LEAST = 8 * 3600


@attrs.frozen
class Chart:
    schedule: Schedule
    names_most: int
    """The widest that the column of names may be."""
    time_width: Callable[[int, float], int]
    """How wide the time is, beside names of that width, and for that many days."""

    @cached_property
    def rows(self) -> list[Row]:
        return rows(self.schedule)

    @cached_property
    def names(self) -> Names:
        return Names(self.rows, self.names_most)

    @cached_property
    def times(self) -> LocalTimes:
        return LocalTimes.of(self.schedule)

    @cached_property
    def line(self) -> int:
        """The height of one."""
        return _DENSE_LINE if len(self.rows) > _DENSE else _LINE

    @property
    def height(self) -> int:
        """Of the lines, without the header."""
        return len(self.rows) * self.line

    @cached_property
    def scale(self) -> Scale:
        begin, end = span(self.schedule)
        wide = self.time_width(self.names.width, (end - begin) / DAY)
        behind = min(_BEHIND, wide / 3)
        pixel = (end - begin) / (wide - _BEFORE - behind)
        return Scale(begin - _BEFORE * pixel, end + behind * pixel, wide, zone(self.schedule.time_zone))

    @cached_property
    def links(self) -> list[PlanLink]:
        """Those between tasks of the plan."""
        known = {task.task_id for task in self.schedule.tasks}
        return [
            each
            for each in self.schedule.links
            if each.predecessor_id in known and each.successor_id in known
        ]

    @cached_property
    def free(self) -> list[Band]:
        return bands(self.schedule.free_time, self.scale)

    def lines(self, width: float, *, named: bool = True, told: bool = True) -> str:
        """What is felt under the pointer: each line with all there is to say of its task, or, on its names, its title."""
        return "".join(self._line(row, width, named=named, told=told) for row in self.rows)

    def _line(self, row: Row, width: float, *, named: bool, told: bool) -> str:
        said, felt = row.task.title, ""
        if told:
            said = "\n".join(map(line, lines(row.task, ", ".join(row.people), self.times)))
            felt = f'<rect class="hit" width="{width:.0f}" height="{self.line}"/>'
        names = self.names.drawn(row, self.line) if named else ""
        return (
            f'<g class="row" transform="translate(0,{row.place * self.line})">'
            f"<title>{escaped(clean(said))}</title>{felt}{names}</g>"
        )

    def column(self) -> str:
        """The header of the names."""
        who = f'<text class="note end" x="{self.names.width - 12}" y="{HEAD - 8}">Who</text>'
        return (
            f'<rect class="head" width="{self.names.width}" height="{HEAD}"/>'
            f'<text class="note" x="12" y="{HEAD - 8}">Task</text>{who if self.names.people else ""}'
        )

    def behind(self) -> str:
        """Free time and the grid."""
        coarse, fine = self._tiers
        return (
            f"{self._bands(0, self.height)}{self._verticals('grid', fine, 0, self.height)}"
            f"{self._verticals('edge', coarse, 0, self.height)}"
        )

    def rules(self, width: float) -> str:
        """The lines between lines."""
        drawn = "".join(f"M0,{row.place * self.line + 0.5}H{width:.0f}" for row in self.rows[1:])
        return f'<path class="rule" d="{drawn or "M0,0"}"/>'

    def front(self) -> str:
        """Arrows, bars, and the present."""
        bars = Bars(self.scale, self.line, self.free, self.times, before(self.schedule))
        anchors = {row.task.task_id: bars.anchor(row) for row in self.rows}
        return (
            f"<defs>{ARROWHEADS}</defs><g>{''.join(arrows(self.links, anchors))}</g>"
            f'<g class="bars">{"".join(map(bars.drawn, self.rows))}{self._now()}</g>'
        )

    def header(self) -> str:
        coarse, fine = self._tiers
        texts = [*self._fine_texts(fine), *self._coarse_texts(coarse)]
        return (
            f'<g class="scale"><rect class="head" width="{self.scale.width:.0f}" height="{HEAD}"/>'
            f"{self._bands(_TIER, HEAD)}{self._verticals('edge', coarse, 0, HEAD)}{self._verticals('grid', fine, _TIER, HEAD)}"
            f"{''.join(texts)}</g>"
        )

    @cached_property
    def _tiers(self) -> tuple[list[Cell], list[Cell]]:
        coarse, fine = self.scale.tiers
        return self._cells(coarse), self._cells(fine)

    def _cells(self, unit: Unit | None) -> list[Cell]:
        return [] if unit is None else self.scale.cells(unit)

    def _bands(self, top: int, bottom: int) -> str:
        drawn = "".join(f"M{left:.1f},{top}H{right:.1f}V{bottom}H{left:.1f}z" for left, right in self.free)
        return f'<path class="free" d="{drawn}"/>' if drawn else ""

    def _verticals(self, style: str, cells: list[Cell], top: int, bottom: int) -> str:
        drawn = "".join(f"M{cell.left:.1f},{top}V{bottom}" for cell in cells[1:])
        return f'<path class="{style}" d="{drawn}"/>' if drawn else ""

    def _coarse_texts(self, cells: list[Cell]) -> Iterator[str]:
        """At the beginning of large cells, where the eye looks for them."""
        for cell in cells:
            if cell.label:
                yield f'<text class="coarse" x="{cell.left + 6:.1f}" y="{_TIER - 7}">{cell.label}</text>'

    def _fine_texts(self, cells: list[Cell]) -> Iterator[str]:
        """In the middle of what they name, or where it begins; today is marked."""
        now = self.scale.x(self.schedule.now)
        for cell in cells:
            if not cell.label:
                continue
            x, style = (cell.left + cell.right) / 2, "cell mid"
            if cell.names_begin:
                x, style = cell.left + 5, "cell"
            elif cell.left <= now < cell.right and self.scale.pixels_a_day >= DAYS_FROM:
                wide, style = max(width(cell.label, LABEL) + 8, 18), "cell mid on strong"
                yield f'<rect class="dot" x="{x - wide / 2:.1f}" y="{_TIER + 3}" width="{wide:.1f}" height="17" rx="8"/>'
            yield f'<text class="{style}" x="{x:.1f}" y="{HEAD - 8}">{cell.label}</text>'

    def _now(self) -> str:
        at = self.scale.x(self.schedule.now)
        if not 0 <= at <= self.scale.width:
            return ""
        return f'<path class="now" d="M{at:.1f},0V{self.height}"/><circle class="dot" cx="{at:.1f}" cy="3" r="3.5"/>'


def span(schedule: Schedule) -> tuple[float, float]:
    """From when to when it is shown, in seconds; what began long ago takes no more than a third."""
    now = schedule.now.timestamp()
    begin = min(now, schedule.start.timestamp())
    end = max(now, schedule.finish.timestamp(), *(task.finish.timestamp() for task in schedule.tasks))
    first = min((task.start.timestamp() for task in schedule.tasks), default=begin)
    end = max(end, begin + _LEAST)
    return max(min(begin, first), begin - (end - begin) / 2), end


def before(schedule: Schedule) -> dict[TaskId, Dates]:
    """Other dates that tasks had: those of the plan without the what-if, else those last applied."""
    if schedule.comparison is not None:
        moves = schedule.comparison.moved
        found = {each.task_id: (each.start_before, each.finish_before) for each in moves}
    else:
        found = {task.task_id: (task.planned_start, task.planned_finish) for task in schedule.tasks}
    dates = {task.task_id: (task.start, task.finish) for task in schedule.tasks}
    return {
        task: (start, finish)
        for task, (start, finish) in found.items()
        if start is not None and finish is not None and (start, finish) != dates.get(task)
    }
