"""A plan as one SVG: the chart, when it ends and how good that is, what the signs mean, which constraints lost."""

from __future__ import annotations

from collections.abc import Iterator

from taskcore.planning.model import Schedule
from taskcore.planning.pictures.chart import HEAD, Chart
from taskcore.planning.pictures.document import MARGIN, TOP, bounded, document, nothing, titles, wrapped
from taskcore.planning.pictures.legend import flowed, items
from taskcore.planning.pictures.style import Theme
from taskcore.planning.pictures.summary import compared, ending, subtitle, told
from taskcore.planning.pictures.text import escaped
from taskcore.planning.pictures.words import conflict, count

_CONFLICTS = 8
"""So many are told in the picture."""
_WIDEST_NAMES = 460
_BELOW = 18


def gantt_svg(schedule: Schedule, *, width: int = 1200, theme: Theme = "auto") -> str:
    """
    The plan as an SVG document of that width in pixels, within 320 and 8,000; its height follows from the tasks.

    It needs nothing from elsewhere, and runs no script. Hostile texts in it are texts.
    """
    wide = bounded(width)
    inner = wide - 2 * MARGIN
    title = f"Plan of {schedule.team_key}"
    if schedule.tasks:
        drawn, high = _chart(schedule, inner)
    else:
        drawn, high = nothing(
            inner, f"{schedule.team_key} has no unfinished task. The next one will stand here."
        )
    content = (
        f'{titles(title, subtitle(schedule), inner)}<g transform="translate({MARGIN},{TOP})">{drawn}</g>'
    )
    return document(wide, TOP + high + MARGIN, theme, title, told(schedule), content)


def _chart(schedule: Schedule, inner: int) -> tuple[str, int]:
    """The chart with what stands below it, and the height of both."""
    chart = Chart(schedule, min(int(inner * 0.38), _WIDEST_NAMES), lambda names, _: inner - names)
    names, high = chart.names.width, chart.height
    time = f'<svg x="{names}" width="{inner - names}" overflow="hidden"'
    foot, foot_high = _foot(chart, inner)
    below = HEAD + high + _BELOW
    drawn = (
        f'{time} y="{HEAD}" height="{high}">{chart.behind()}</svg>'
        f'<g transform="translate(0,{HEAD})">{chart.rules(inner)}{chart.lines(inner)}</g>'
        f'{time} y="{HEAD}" height="{high}">{chart.front()}</svg>'
        f'{chart.column()}{time} height="{HEAD}">{chart.header()}</svg>'
        f'<path class="edge" d="M0,{HEAD}H{inner}M{names},0V{HEAD + high}"/>'
        f'<rect class="frame" x=".5" y=".5" width="{inner - 1}" height="{HEAD + high}" rx="6"/>'
        f'<g transform="translate(0,{below})">{foot}</g>'
    )
    return drawn, below + foot_high


def _foot(chart: Chart, inner: int) -> tuple[str, int]:
    """The end, the conflicts and the signs, and how high that is."""
    drawn, y = [], 12
    for style, text in statements(chart):
        for part in wrapped(text, inner - 20, bold=style == "strong"):
            drawn.append(f'<text class="{style}" y="{y}">{escaped(part)}</text>')
            y += 19
    signs, high = flowed(list(items(chart)), inner)
    drawn.append(f'<g transform="translate(0,{y - 4})">{signs}</g>')
    return "".join(drawn), y + high - 6


def statements(chart: Chart) -> Iterator[tuple[str, str]]:
    """What is said below, each with its style."""
    schedule = chart.schedule
    yield "strong", ending(schedule)
    if schedule.comparison is not None:
        yield "soft", compared(schedule)
    for each in schedule.conflicts[:_CONFLICTS]:
        yield "alarm", f"\N{WARNING SIGN}\N{VARIATION SELECTOR-15} {conflict(each, chart.times)}"
    if len(schedule.conflicts) > _CONFLICTS:
        yield "alarm", f"and {count(len(schedule.conflicts) - _CONFLICTS, 'more conflict')}"
