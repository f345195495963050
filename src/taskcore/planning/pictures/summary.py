"""A plan in a few sentences."""

from __future__ import annotations

from collections.abc import Sequence

from taskcore.planning.model import Schedule
from taskcore.planning.pictures.words import LocalTimes, count, duration, quality, span

_KEYS = 12


def told(schedule: Schedule) -> str:
    """All of it, for who does not see the picture."""
    if not schedule.tasks:
        return "There is nothing to plan."
    times = LocalTimes.of(schedule)
    when = f"from {times.moment(schedule.start)} to {times.moment(schedule.finish)}"
    critical = [task.key for task in schedule.tasks if task.critical and not task.container]
    late = [task.key for task in schedule.tasks if task.late_minutes > 0]
    sentences = [f"{count(len(schedule.tasks), 'task')} {when}, {quality(schedule)}."]
    if critical:
        sentences.append(f"Critical: {_some(critical)}.")
    if late:
        sentences.append(f"Late: {_some(late)}.")
    lost = sum(each.constraint is not None for each in schedule.conflicts)
    if lost:
        sentences.append(f"{count(lost, 'constraint')} could not be kept.")
    if put := [each.key for each in schedule.conflicts if each.constraint is None]:
        sentences.append(f"Put where something would have it later: {_some(put)}.")
    if schedule.unstaffed:
        sentences.append(nobody(schedule))
    return " ".join(sentences)


def nobody(schedule: Schedule) -> str:
    return f"Nobody in the team can do {_some(schedule.unstaffed)}."


def _some(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _KEYS} more" if len(keys) > _KEYS else ""
    return ", ".join(keys[:_KEYS]) + more


def subtitle(schedule: Schedule) -> str:
    """What is in it, by number."""
    late = sum(task.late_minutes > 0 for task in schedule.tasks)
    numbers = [
        count(len(schedule.tasks), "task"),
        count(len(schedule.people), "person", "people"),
        f"{late} late",
        count(len(schedule.conflicts), "conflict"),
    ]
    shown = [each for each in numbers if schedule.tasks and not each.startswith("0 ")]
    applied = ["applied"] if schedule.applied else []
    return " · ".join([*shown, *applied, f"times in {schedule.time_zone}"])


def ending(schedule: Schedule) -> str:
    return f"Ends {LocalTimes.of(schedule).moment(schedule.finish)}, {quality(schedule)}"


def compared(schedule: Schedule) -> str:
    """What the what-if changes; empty where the plan is none."""
    than = schedule.comparison
    if than is None:
        return ""
    delta = than.finish_delta_minutes
    ends = f"{span(delta)} {'sooner' if delta < 0 else 'later'} than" if delta else "At the same time as"
    late = f"{duration(than.late_minutes)} late in all, {duration(than.late_minutes_before)} before"
    return f"{ends} without the change; {count(len(than.moved), 'task')} moved; {late}"
