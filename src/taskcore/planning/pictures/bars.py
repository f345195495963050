"""A task on its line: a bar, a bracket over a container's tasks, or a milestone's diamond, and what is told beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from taskcore.planning.model import PlannedTask
from taskcore.planning.pictures.arrows import Anchor
from taskcore.planning.pictures.bands import Band, worked
from taskcore.planning.pictures.rows import Row
from taskcore.planning.pictures.scale import LABEL, Scale
from taskcore.planning.pictures.text import width
from taskcore.planning.pictures.words import LocalTimes, duration
from taskcore.values import TaskId

Dates = tuple[datetime, datetime]
_NARROWEST = 3.0
_DIAMOND = 7.0
_ASIDE = 12
"""Pixels between a bar and what is said of it: arrows turn there."""


@attrs.frozen
class Bars:
    """The bars of a chart whose lines are `height` high."""

    scale: Scale
    height: int
    free: list[Band]
    times: LocalTimes
    was: dict[TaskId, Dates]
    """Dates of before, by task."""

    def anchor(self, row: Row) -> Anchor:
        left, right = self._ends(row.task)
        middle = row.place * self.height + self.height / 2
        half = _DIAMOND if row.task.milestone else self._thickness / 2
        return Anchor(row.task.key, left, right, middle, middle - half, middle + half, self.height / 2)

    def drawn(self, row: Row) -> str:
        """The bar and all that belongs to it; its line's top is at 0."""
        task = row.task
        style = "critical" if task.critical else "plain"
        parts = [*self._before(task), *self._slack(task), *self._shape(task), *self._due(task)]
        return f'<g class="{style}" transform="translate(0,{row.place * self.height})">{"".join(parts)}</g>'

    @property
    def _thickness(self) -> int:
        return self.height // 2

    @property
    def _top(self) -> int:
        return (self.height - self._thickness) // 2

    def _ends(self, task: PlannedTask) -> tuple[float, float]:
        left, right = self.scale.within(task.start), self.scale.within(task.finish)
        if task.milestone:
            return right - _DIAMOND, right + _DIAMOND
        return left, max(right, left + _NARROWEST)

    def _shape(self, task: PlannedTask) -> Iterator[str]:
        left, right = self._ends(task)
        if task.milestone:
            yield self._diamond(task, right - _DIAMOND)
        elif task.container:
            yield self._bracket(left, right)
        else:
            yield from self._bar(task, left, right)

    def _diamond(self, task: PlannedTask, at: float) -> str:
        style = "milestone critical" if task.critical else "milestone"
        middle, side = self.height / 2, _DIAMOND
        return f'<path class="{style}" d="M{at - side:.1f},{middle}l{side},-{side}l{side},{side}l-{side},{side}z"/>'

    def _bracket(self, left: float, right: float) -> str:
        """A beam with a foot at each end."""
        foot, beam = min(6.0, (right - left) / 2), self._thickness * 0.36
        down = self._thickness * 0.85 - beam
        top = self.height / 2 - self._thickness * 0.36
        return (
            f'<path class="bracket" d="M{left:.1f},{top:.1f}H{right:.1f}v{beam + down:.1f}l-{foot:.1f},-{down:.1f}'
            f'H{left + foot:.1f}l-{foot:.1f},{down:.1f}z"/>'
        )

    def _bar(self, task: PlannedTask, left: float, right: float) -> Iterator[str]:
        top, thick = self._top, self._thickness
        shape = f'y="{top}" height="{thick}" rx="3"'
        yield f'<rect class="body" x="{left:.1f}" width="{right - left:.1f}" {shape}/>'
        parts = worked(left, right, self.free)
        if task.progress > 0:
            done = _reached(parts, min(task.progress, 1.0)) - left if parts else 0.0
            yield f'<rect class="part" x="{left:.1f}" width="{done:.1f}" {shape}/>'
        gaps = "".join(
            f"M{begin:.1f},{top - 1}H{end:.1f}v{thick + 2}H{begin:.1f}z"
            for begin, end in _between(left, right, parts)
        )
        if gaps:
            yield f'<path class="gap" d="{gaps}"/>'

    def _before(self, task: PlannedTask) -> Iterator[str]:
        """A thin line below, from where to where it was."""
        if task.task_id in self.was:
            left, right = map(self.scale.within, self.was[task.task_id])
            wide = max(right - left, _NARROWEST)
            below = self._top + self._thickness + 2
            yield f'<rect class="was" x="{left:.1f}" y="{below}" width="{wide:.1f}" height="3" rx="1.5"/>'

    def _slack(self, task: PlannedTask) -> Iterator[str]:
        """How far it can slip, behind it; a container's is that of its tasks."""
        begin, end = self._ends(task)[1], self.scale.within(task.late_finish)
        if end - begin > 2 and task.late_finish > task.finish and not task.container:
            middle = self.height / 2
            yield (
                f'<path class="slack" d="M{begin + 3:.1f},{middle}H{end:.1f}"/>'
                f'<path class="limit" d="M{end:.1f},{middle - 4}v8"/>'
            )

    def _due(self, task: PlannedTask) -> Iterator[str]:
        """A flag where it is due; what is said in words stands where there is room."""
        late = task.late_minutes > 0
        begin, end = self._ends(task)
        begin = begin if task.milestone else min(begin, self.scale.within(task.start))
        if not task.container and task.late_finish > task.finish:
            end = max(end, self.scale.within(task.late_finish))
        if task.due_at is not None and (late or self.scale.x(task.due_at) <= self.scale.width):
            at, style = self.scale.within(task.due_at), " late" if late else ""
            yield f'<path class="due{style}" d="M{at:.1f},2V{self.height - 2}"/>'
            yield f'<path class="flag{style}" d="M{at:.1f},2h7l-2,3l2,3h-7z"/>'
            begin, end = min(begin, at), max(end, at + 7)
        said = [self.times.short(task.finish)] if task.milestone else []
        if late:
            said.append(f"{duration(task.late_minutes)} late")
        if said:
            yield self._note(", ".join(said), begin, end, " late" if late else "")

    def _note(self, text: str, begin: float, end: float, style: str) -> str:
        at, side = end + _ASIDE, ""
        if at + width(text, LABEL) > self.scale.width:
            at, side = begin - _ASIDE, " end"
        return f'<text class="note{style}{side}" x="{at:.1f}" y="{self.height / 2 + 4}">{text}</text>'


def _between(left: float, right: float, parts: list[Band]) -> Iterator[Band]:
    """What is left of a bar without those parts of it."""
    begins = [left, *(end for _, end in parts)]
    ends = [*(begin for begin, _ in parts), right]
    return ((begin, end) for begin, end in zip(begins, ends, strict=True) if begin < end)


def _reached(parts: list[Band], part: float) -> float:
    """Where so much of the working time is over."""
    left = sum(end - begin for begin, end in parts) * part
    for begin, end in parts:
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return parts[-1][1]
