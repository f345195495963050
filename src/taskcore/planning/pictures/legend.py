"""What the signs mean, of those that are in the picture, in as many lines as they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskcore.planning.pictures.chart import Chart, before
from taskcore.planning.pictures.scale import LABEL
from taskcore.planning.pictures.text import width

_SAMPLE, _GAP, _LINE = 26, 18, 22
Item = tuple[str, str]
"""Its drawing, 26 wide and 14 high, and what it says."""
_BODY = '<rect class="body" x="1" y="1" width="24" height="12" rx="3"/>'


def items(chart: Chart) -> Iterator[Item]:
    tasks = chart.schedule.tasks
    work = [task for task in tasks if not task.container and not task.milestone]
    if any(not task.critical for task in work):
        yield f"{_BODY}", "task"
    if any(task.progress > 0 for task in work):
        style = "critical" if all(task.critical for task in work) else "plain"
        done = '<rect class="part" x="1" y="1" width="14" height="12" rx="3"/>'
        yield f'<g class="{style}">{_BODY}{done}</g>', "done of it"
    if any(task.critical for task in tasks):
        yield (
            f'<g class="critical">{_BODY}</g>',
            "critical (thick edge): a delay moves the end, or what is due",
        )
    if any(task.container for task in tasks):
        yield '<path class="bracket" d="M1,3H25v8l-5,-4H6l-5,4z"/>', "container"
    if any(task.milestone for task in tasks):
        yield '<path class="milestone" d="M6,7l7,-7l7,7l-7,7z"/>', "milestone"
    if any(task.late_finish > task.finish and not task.container for task in tasks):
        yield '<path class="slack" d="M1,7H21"/><path class="limit" d="M21,3v8"/>', "slack"
    if any(task.due_at for task in tasks):
        yield '<path class="due" d="M9,0V14"/><path class="flag" d="M9,0h7l-2,3l2,3h-7z"/>', "due"
    if any(task.late_minutes > 0 for task in tasks):
        yield (
            '<path class="due late" d="M9,0V14"/><path class="flag late" d="M9,0h7l-2,3l2,3h-7z"/>',
            "missed, by working time",
        )
    if chart.links:
        yield '<path class="link" d="M1,7H20"/><path class="arrow" d="M19,3.5L25,7L19,10.5z"/>', "waits for"
    if before(chart.schedule):
        yield '<rect class="was" x="1" y="6" width="24" height="3" rx="1.5"/>', "before"
    if chart.free:
        yield '<rect class="free" width="26" height="14"/>', "nobody works"
    yield (
        '<path class="now" d="M13,0V14"/><circle class="dot" cx="13" cy="3" r="3.5"/>',
        f"now, {chart.times.moment(chart.schedule.now)}",
    )


def flowed(all_: Sequence[Item], wide: float) -> tuple[str, int]:
    """The items one after the other, in lines of that width, and the height they take."""
    drawn, x, y = [], 0.0, 0
    for sample, text in all_:
        takes = _SAMPLE + 7 + width(text, LABEL)
        if x and x + takes > wide:
            x, y = 0.0, y + _LINE
        drawn.append(
            f'<g transform="translate({x:.0f},{y})">{sample}<text class="soft" x="{_SAMPLE + 7}" y="11">{text}</text></g>'
        )
        x += takes + _GAP
    return f'<g class="legend">{"".join(drawn)}</g>', y + _LINE
