"""A plan as a page: the chart to scroll in, what it comes to, and every date and reason as a table."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator

from taskcore.planning.model import PlannedTask, Schedule
from taskcore.planning.pictures.chart import HEAD, Chart
from taskcore.planning.pictures.heatmap import HeatMap
from taskcore.planning.pictures.legend import items
from taskcore.planning.pictures.rows import Row
from taskcore.planning.pictures.style import Theme, page_stylesheet
from taskcore.planning.pictures.summary import compared, subtitle, told
from taskcore.planning.pictures.text import escaped, line
from taskcore.planning.pictures.words import LocalTimes, conflict, count, duration, progress, quality
from taskcore.planning.pictures.workload import told as workload_told

_WIDEST_NAMES = 430
_NARROWEST, _WIDEST, _DAY = 780, 3200, 28
"""Of the time, in pixels, and what a day takes between them."""
_WORKLOAD = 1100


def gantt_html(schedule: Schedule, *, theme: Theme = "auto") -> str:
    """
    The plan as one HTML file, for people and for printers.

    It needs nothing from elsewhere, runs no script, and keeps to `page_policy`, which stands in it as well.
    """
    title = escaped(line(f"Plan of {schedule.team_key}"))
    parts = _plan(schedule) if schedule.tasks else [f"<p>{title}: there is no unfinished task.</p>"]
    policy = escaped(page_policy(theme))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{page_stylesheet(theme)}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1><p>{escaped(line(subtitle(schedule)))}</p></header>\n<main>\n"
        f"{chr(10).join(parts)}\n</main>\n</body>\n</html>\n"
    )


def page_policy(theme: Theme = "auto") -> str:
    """The Content-Security-Policy of the page: its own style by its hash, and nothing else."""
    digest = hashlib.sha256(page_stylesheet(theme).encode()).digest()
    style = base64.b64encode(digest).decode()
    return f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"


def _plan(schedule: Schedule) -> Iterator[str]:
    chart = Chart(schedule, _WIDEST_NAMES, lambda _, days: min(max(int(days * _DAY), _NARROWEST), _WIDEST))
    yield _facts(chart)
    yield _chart(chart)
    yield _signs(chart)
    yield from _conflicts(chart)
    yield from _workload(schedule)
    yield "<h2>In words</h2>"
    yield _folded(f"All {count(len(chart.rows), 'task')}, their dates and why", _dates(chart))
    if schedule.moves:
        yield _folded(f"What applying it moves: {count(len(schedule.moves), 'task')}", _moves(schedule))


def _facts(chart: Chart) -> str:
    schedule = chart.schedule
    late = sum(task.late_minutes > 0 for task in schedule.tasks)
    critical = sum(task.critical and not task.container for task in schedule.tasks)
    facts = [
        ("", chart.times.moment(schedule.finish), "end of the plan"),
        ("", quality(schedule), "how good that is"),
        ("", count(critical, "task"), "critical: a delay moves the end, or what is due"),
        ("late" if late else "", count(late, "task"), "late: done after they are due"),
    ]
    shown = "".join(
        f'<li class="{style or "fact"}"><b>{escaped(value)}</b>{about}</li>' for style, value, about in facts
    )
    change = f"<p>{escaped(compared(schedule))}</p>" if schedule.comparison is not None else ""
    return f'<ul class="facts">{shown}</ul>{change}'


def _chart(chart: Chart) -> str:
    names, wide, high = chart.names.width, int(chart.scale.width), HEAD + chart.height
    column = (
        f'{chart.column()}<g transform="translate(0,{HEAD})">{chart.rules(names)}'
        f'{chart.lines(names, told=False)}</g><path class="edge" d="M0,{HEAD}H{names}"/>'
    )
    time = (
        f'<g transform="translate(0,{HEAD})">{chart.behind()}{chart.rules(wide)}{chart.lines(wide, named=False)}'
        f'{chart.front()}</g>{chart.header()}<path class="edge" d="M0,{HEAD}H{wide}"/>'
    )
    return (
        f'<div class="chart"><div class="names">{_svg(names, high, column)}</div>'
        '<div class="wide" tabindex="0" role="region" aria-label="Chart">'
        f"{_svg(wide, high, time, told(chart.schedule))}</div></div>"
    )


def _svg(wide: int, high: int, content: str, label: str = "") -> str:
    """A picture; without a label it says nothing that does not stand elsewhere."""
    seen = f'role="img" aria-label="{escaped(line(label))}"' if label else 'aria-hidden="true"'
    return f'<svg width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" {seen}>{content}</svg>'


def _signs(chart: Chart) -> str:
    shown = "".join(f"<li>{_svg(26, 14, sample)}{escaped(text)}</li>" for sample, text in items(chart))
    return f'<ul class="signs">{shown}</ul>'


def _conflicts(chart: Chart) -> Iterator[str]:
    if chart.schedule.conflicts:
        shown = "".join(
            f"<li>{escaped(line(conflict(each, chart.times)))}</li>" for each in chart.schedule.conflicts
        )
        yield f'<h2>Constraints that could not be kept</h2><ul class="conflicts">{shown}</ul>'


def _workload(schedule: Schedule) -> Iterator[str]:
    if schedule.workload:
        drawn, high = HeatMap(schedule, _WORKLOAD).drawn()
        drawn = _svg(_WORKLOAD, high, drawn, workload_told(schedule))
        yield f'<h2>Workload</h2><div class="wide" tabindex="0" role="region" aria-label="Workload">{drawn}</div>'


def _folded(summary: str, content: str) -> str:
    return f'<details><summary>{escaped(summary)}</summary><div class="wide">{content}</div></details>'


def _table(heading: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """Cells are markup."""
    head = "".join(f'<th scope="col">{each}</th>' for each in heading)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n" for cells in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def _dates(chart: Chart) -> str:
    heading = ("Key", "Task", "Who", "Start", "Finish", "Slack", "Due", "Why not sooner")
    return _table(heading, (_cells(row, chart.times) for row in chart.rows))


def _cells(row: Row, times: LocalTimes) -> Iterator[str]:
    task = row.task
    yield escaped(line(task.key))
    title = f"<bdi>{escaped(line(task.title))}</bdi>"
    yield f"{title} ({progress(task)} done)" if task.progress > 0 else title
    yield escaped(", ".join(row.people))
    yield times.moment(task.start)
    yield times.moment(task.finish)
    yield _slack(task)
    yield _due(task, times)
    yield _why(task)


def _slack(task: PlannedTask) -> str:
    parts = [duration(task.total_slack_minutes)] if task.total_slack_minutes or not task.critical else []
    return ", ".join([*parts, "critical"] if task.critical else parts)


def _due(task: PlannedTask, times: LocalTimes) -> str:
    if task.due_at is None:
        return ""
    late = (
        f' <span class="late-text">{duration(task.late_minutes)} late</span>' if task.late_minutes > 0 else ""
    )
    return f"{times.moment(task.due_at)}{late}"


def _why(task: PlannedTask) -> str:
    """The reason that binds; those behind it when asked."""
    first, *others = [escaped(line(each.text)) for each in task.reasons] or [""]
    if not others:
        return first
    return f"<details><summary>{first}</summary><ul><li>{'</li><li>'.join(others)}</li></ul></details>"


def _moves(schedule: Schedule) -> str:
    times = LocalTimes.of(schedule)
    return _table(
        ("Key", "Before", "Now", "Why"),
        (
            (
                escaped(line(each.key)),
                times.between(each.start_before, each.finish_before)
                if each.start_before and each.finish_before
                else "not planned",
                times.between(each.start, each.finish),
                escaped(line(each.reason.text)),
            )
            for each in schedule.moves
        ),
    )
