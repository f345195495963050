"""
A cumulative flow diagram: how many tasks were in each status at the end of each day, one on the other.

The height of a band is how much there is, and how long it is from the edge of one to that of another on a level is
about how long tasks take. Source: D. J. Anderson, "Kanban" (2010), chapter 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from taskcore.planning.pictures.document import MARGIN, TOP, bounded, document, nothing, titles
from taskcore.planning.pictures.style import Theme
from taskcore.planning.pictures.text import escaped, line
from taskcore.reporting.measures import Day

BANDS = ("done", "in_review", "in_progress", "open", "backlog")
"""From below."""
_LIGHT = ("#7cc4a4", "#f2a65a", "#f6c98f", "#9dbdf2", "#d5dce6")
_DARK = ("#2f7d60", "#b5651d", "#8a5a24", "#34598f", "#3a4554")
_HIGH, _AXIS, _NAMES = 340, 40, 132
"""Of the bands; what stands left of them, and right."""
_DAY_NAMES = 90
"""Pixels between two days that are named, at least."""


def flow_svg(days: Sequence[Day], *, width: int = 1200, theme: Theme = "auto") -> str:
    """The days of one team, in order, as an SVG document of that width, from 320 to 8,000 pixels."""
    wide = bounded(width)
    inner = wide - 2 * MARGIN
    team = days[0].team if days else ""
    title = f"How work flows in {team}" if team else "How work flows"
    if any(_sums(day)[-1] for day in days):
        flow = _Flow(days, inner)
        drawn, high = "".join([_style(theme), *flow.grid(), *flow.bands(), *flow.names()]), _HIGH + 24
    else:
        drawn, high = nothing(inner, "No task was there in these days.")
    below = f"Tasks by status at the end of each day (UTC), {days[0].day} to {days[-1].day}" if days else ""
    content = f'{titles(title, below, inner)}<g transform="translate({MARGIN},{TOP})">{drawn}</g>'
    return document(wide, TOP + high + MARGIN, theme, title, told(days), content, name="flow")


def told(days: Sequence[Day]) -> str:
    """What it shows, in words."""
    if not days:
        return "No days."
    last = days[-1]
    flow = f"{sum(day.created for day in days)} created and {sum(day.completed for day in days)} completed"
    parts = ", ".join(f"{getattr(last, name)} {_word(name)}" for name in reversed(BANDS))
    return f"From {days[0].day} to {last.day}: {flow}. At the end: {parts}."


@attrs.frozen
class _Flow:
    days: Sequence[Day]
    inner: int

    @property
    def most(self) -> int:
        return max(_sums(day)[-1] for day in self.days)

    def x(self, place: int) -> float:
        return _AXIS + (self.inner - _AXIS - _NAMES) * place / max(len(self.days) - 1, 1)

    def y(self, count: float) -> float:
        return _HIGH * (1 - count / self.most)

    def bands(self) -> Iterator[str]:
        before = [0] * len(self.days)
        for number, name in enumerate(BANDS):
            edge = [_sums(day)[number] for day in self.days]
            there = [f"{self.x(place):.1f},{self.y(count):.1f}" for place, count in enumerate(edge)]
            back = [f"{self.x(place):.1f},{self.y(count):.1f}" for place, count in enumerate(before)]
            yield f'<path class="{name}" d="M{" ".join(there)} {" ".join(reversed(back))}z"/>'
            before = edge

    def grid(self) -> Iterator[str]:
        right = self.x(len(self.days) - 1)
        for count in range(0, self.most + 1, step(self.most)):
            y = self.y(count)
            yield f'<path class="grid" d="M{_AXIS},{y:.1f}H{right:.1f}"/>'
            yield f'<text class="soft small end" x="{_AXIS - 8}" y="{y + 4:.1f}">{count}</text>'
        every = max(int(_DAY_NAMES * len(self.days) / (right - _AXIS + 1)) + 1, 1)
        for place in range(0, len(self.days), every):
            x, day = self.x(place), self.days[place].day
            yield f'<text class="soft small mid" x="{x:.1f}" y="{_HIGH + 18}">{day}</text>'

    def names(self) -> Iterator[str]:
        """Each beside its band, as far apart as they have to be read."""
        lowest, x = float(_HIGH), self.x(len(self.days) - 1) + 10
        below = 0
        for name, above in zip(BANDS, _sums(self.days[-1]), strict=True):
            y = min(self.y((below + above) / 2) + 4, lowest)
            yield f'<rect class="{name}" x="{x:.1f}" y="{y - 9:.1f}" width="10" height="10" rx="2"/>'
            count = getattr(self.days[-1], name)
            yield f'<text class="small" x="{x + 16:.1f}" y="{y:.1f}">{escaped(line(_word(name)))} {count}</text>'
            lowest, below = y - 16, above


def _sums(day: Day) -> list[int]:
    """The upper edge of each band."""
    edges, total = [], 0
    for name in BANDS:
        total += getattr(day, name)
        edges.append(total)
    return edges


def step(most: int) -> int:
    """Between two lines, of which there are some five: 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for each in (power, 2 * power, 5 * power):
            if most / each <= 6:
                return each
        power *= 10


def _word(name: str) -> str:
    return name.replace("_", " ")


def _style(theme: Theme) -> str:
    light, dark = (
        "".join(f".{name}{{fill:{colour}}}" for name, colour in zip(BANDS, colours, strict=True))
        for colours in (_LIGHT, _DARK)
    )
    rules = {"light": light, "dark": dark}.get(theme, f"{light}@media (prefers-color-scheme:dark){{{dark}}}")
    return f"<style>{rules}</style>"
