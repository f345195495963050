"""The column beside the chart: key, title and who does it."""

from __future__ import annotations

from functools import cached_property
from math import ceil

import attrs

from taskcore.planning.pictures.rows import Row
from taskcore.planning.pictures.text import cut, escaped, line, width

TITLE = 12
SMALL = 11
_MARGIN = 12
_GAP = 9
_INDENT, _LITTLE_INDENT, _DEEPEST = 14, 8, 8
_WITH_PEOPLE, _WITH_KEYS = 280, 170
"""Columns that are narrower have none."""


@attrs.frozen
class Names:
    """The column, no wider than its texts and than it may be; where it is narrow people are left out."""

    rows: list[Row]
    most: int

    @cached_property
    def width(self) -> int:
        return min(ceil(self._titles + self._widest_title + self.people + _MARGIN), self.most)

    def drawn(self, row: Row, height: int) -> str:
        """The texts of a line whose top is at 0."""
        task, y = row.task, height / 2 + 4
        left = self._titles + self._indent(row)
        room = self.width - left - self.people - _MARGIN
        title = cut(line(task.title), room, TITLE, bold=task.container)
        parts = [
            f'<text class="{"box" if task.container else "name"}" x="{left:.0f}" y="{y}">{escaped(title)}</text>',
        ]
        if self._keys:
            key = escaped(cut(line(task.key), self._keys - _GAP, SMALL))
            parts.append(f'<text class="key" x="{_MARGIN}" y="{y}">{key}</text>')
        if self.people and row.people:
            who = escaped(self._person(row))
            parts.append(f'<text class="person end" x="{self.width - _MARGIN}" y="{y}">{who}</text>')
        return "".join(parts)

    def _person(self, row: Row) -> str:
        more = f" +{len(row.people) - 1}" if len(row.people) > 1 else ""
        return cut(row.people[0], self.people - _GAP - width(more, SMALL), SMALL) + more

    @cached_property
    def _keys(self) -> float:
        """The width of their column with the gap behind it."""
        if self.most < _WITH_KEYS:
            return 0
        return min(max(width(line(row.task.key), SMALL) for row in self.rows), 84) + _GAP

    @cached_property
    def _titles(self) -> float:
        return _MARGIN + self._keys

    @cached_property
    def _widest_title(self) -> float:
        return max(
            width(line(row.task.title)[:80], TITLE, bold=row.task.container) + self._indent(row)
            for row in self.rows
        )

    @cached_property
    def people(self) -> float:
        """The width of their column with the gap before it."""
        names = {name for row in self.rows for name in row.people}
        if self.most < _WITH_PEOPLE or not names:
            return 0
        return min(max(width(name, SMALL) for name in names) + 18, 104) + _GAP

    def _indent(self, row: Row) -> int:
        step = _INDENT if self.most >= _WITH_PEOPLE else _LITTLE_INDENT
        return min(row.depth, _DEEPEST) * step
