"""Who has how much to do in which week, of what they can do."""

from __future__ import annotations

from taskcore.planning.model import Schedule
from taskcore.planning.pictures.document import MARGIN, TOP, bounded, document, nothing, titles
from taskcore.planning.pictures.heatmap import HeatMap, Load, day_of
from taskcore.planning.pictures.rows import names
from taskcore.planning.pictures.style import Theme
from taskcore.planning.pictures.words import count


def workload_svg(schedule: Schedule, *, width: int = 1200, theme: Theme = "auto") -> str:
    """The plan's workload as an SVG document of that width, from 320 to 8,000 pixels; otherwise as `gantt_svg`."""
    wide = bounded(width)
    inner = wide - 2 * MARGIN
    title = f"Workload of {schedule.team_key}"
    if schedule.workload:
        drawn, high = HeatMap(schedule, inner).drawn()
    else:
        drawn, high = nothing(inner, f"Nobody of {schedule.team_key} has planned work.")
    content = (
        f'{titles(title, _subtitle(schedule), inner)}<g transform="translate({MARGIN},{TOP})">{drawn}</g>'
    )
    return document(wide, TOP + high + MARGIN, theme, title, told(schedule), content, name="workload")


def _subtitle(schedule: Schedule) -> str:
    weeks = len({each.week for each in schedule.workload})
    people = len({each.user_id for each in schedule.workload})
    return f"{count(people, 'person', 'people')}, {count(weeks, 'week')}, in working time"


def told(schedule: Schedule) -> str:
    """All of it that calls for something to be done."""
    called = names(schedule)
    loads = [(each, Load(each.minutes, each.capacity_minutes)) for each in schedule.workload]
    over = [
        f"{called.get(each.user_id, '')} from {day_of(each.week)}: {load.told()}"
        for each, load in loads
        if load.over
    ]
    if not over:
        return "Nobody has more to do in a week than there is time for."
    return (
        f"More to do than there is time for: {'; '.join(over[:12])}{' and more' if len(over) > 12 else ''}."
    )
