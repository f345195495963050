"""A burn-up chart: how much there is to do, and how much of it is done, week by week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from taskcore.planning.pictures.document import MARGIN, TOP, bounded, document, nothing, titles
from taskcore.planning.pictures.style import Theme
from taskcore.planning.pictures.text import escaped, line
from taskcore.planning.pictures.words import LocalTimes, count
from taskcore.reporting.picture import step
from taskcore.status.model import Burnt

_HIGH, _AXIS, _NAMES = 220, 40, 110
_LIGHT, _DARK = ("#7cc4a4", "#2f6bd8"), ("#2f7d60", "#6ea8ff")
"""Of what is done, and of all there is."""


def burn_up_svg(
    points: Sequence[Burnt], times: LocalTimes, *, width: int = 1100, theme: Theme = "auto"
) -> str:
    """The weeks as an SVG document of that width, from 320 to 8,000 pixels."""
    wide = bounded(width)
    inner = wide - 2 * MARGIN
    if any(point.scope for point in points):
        chart = _Chart(points, times, inner)
        drawn, high = "".join([_style(theme), *chart.grid(), *chart.areas(), *chart.names()]), _HIGH + 24
    else:
        drawn, high = nothing(inner, "No task was there in these weeks.")
    content = f'{titles("Burn-up", told(points), inner)}<g transform="translate({MARGIN},{TOP})">{drawn}</g>'
    return document(wide, TOP + high + MARGIN, theme, "Burn-up", told(points), content, name="burnup")


def told(points: Sequence[Burnt]) -> str:
    first, last = points[0], points[-1]
    weeks = count(len(points) - 1, "week")
    return (
        f"In {weeks} from {first.done} of {first.scope} done to {last.done} of {last.scope}: "
        f"{last.done - first.done} more done, {last.scope - first.scope:+} in scope"
    )


@attrs.frozen
class _Chart:
    points: Sequence[Burnt]
    times: LocalTimes
    inner: int

    @property
    def most(self) -> int:
        return max(point.scope for point in self.points)

    def x(self, place: int) -> float:
        return _AXIS + (self.inner - _AXIS - _NAMES) * place / max(len(self.points) - 1, 1)

    def y(self, number: float) -> float:
        return _HIGH * (1 - number / self.most)

    def areas(self) -> Iterator[str]:
        right = self.x(len(self.points) - 1)
        done = " ".join(
            f"{self.x(place):.1f},{self.y(each.done):.1f}" for place, each in enumerate(self.points)
        )
        yield f'<path class="burnt" d="M{done} {right:.1f},{_HIGH} {_AXIS},{_HIGH}z"/>'
        scope = " ".join(
            f"{self.x(place):.1f},{self.y(each.scope):.1f}" for place, each in enumerate(self.points)
        )
        yield f'<path class="scope" d="M{scope}"/>'

    def grid(self) -> Iterator[str]:
        right = self.x(len(self.points) - 1)
        for number in range(0, self.most + 1, step(self.most)):
            y = self.y(number)
            yield f'<path class="grid" d="M{_AXIS},{y:.1f}H{right:.1f}"/>'
            yield f'<text class="soft small end" x="{_AXIS - 8}" y="{y + 4:.1f}">{number}</text>'
        every = max(int(72 * len(self.points) / (right - _AXIS + 1)) + 1, 1)
        for place in range(len(self.points) - 1, -1, -every):
            day = escaped(line(self.times.short(self.points[place].at)))
            yield f'<text class="soft small mid" x="{self.x(place):.1f}" y="{_HIGH + 18}">{day}</text>'

    def names(self) -> Iterator[str]:
        x, last = self.x(len(self.points) - 1) + 10, self.points[-1]
        scope = min(self.y(last.scope) + 4, _HIGH - 16)
        yield f'<text class="small strong" x="{x:.1f}" y="{scope:.1f}">{last.scope} in all</text>'
        done = min(max(self.y(last.done) + 4, scope + 16), _HIGH)
        yield f'<text class="small strong" x="{x:.1f}" y="{done:.1f}">{last.done} done</text>'


def _style(theme: Theme) -> str:
    light, dark = (
        f".burnt{{fill:{done}}}.scope{{fill:none;stroke:{scope};stroke-width:2}}"
        for done, scope in (_LIGHT, _DARK)
    )
    rules = {"light": light, "dark": dark}.get(theme, f"{light}@media (prefers-color-scheme:dark){{{dark}}}")
    return f"<style>{rules}</style>"
