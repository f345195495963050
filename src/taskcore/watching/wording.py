"""What people are told of a task at its time, on one line."""

from __future__ import annotations

from taskcore.values import LagUnit, zone
from taskcore.watching.effects import Telling
from taskcore.watching.looking import About
from taskcore.watching.model import EscalationTrouble

_TROUBLE = {
    EscalationTrouble.UNASSIGNED: "has been nobody's",
    EscalationTrouble.OVERDUE: "has been overdue",
    EscalationTrouble.BLOCKED: "has been blocked",
}
_SPANS = ((1440, "day"), (60, "hour"), (1, "minute"))


def of_reminder(about: About) -> str:
    due = f", due {when_due(about)}" if about.task.due_at is not None else ""
    return f"{_named(about)}: your reminder{due}"


def of_due(about: About) -> str:
    return f"{_named(about)} is due {when_due(about)}"


def of_overdue(about: About) -> str:
    return f"{_named(about)} was due {when_due(about)}"


def of_step(about: About, telling: Telling) -> str:
    due, rule = telling.due, telling.due.rule
    lasted = span(rule.after_minutes + due.step.after_minutes, rule.after_unit)
    told = f"{_named(about)} {_TROUBLE[rule.trouble]}{lasted} ({rule.name})"
    if telling.failed:
        return f"{told}; nobody is there to whom it could be given"
    return f"{told}; meant for {telling.missed}, who cannot be told" if telling.missed else told


def when_due(about: About) -> str:
    """A day, or an instant where the assignee lives, else the team."""
    task = about.task
    if task.due_on is not None or task.due_at is None:
        return f"{task.due_on}"
    return f"{task.due_at.astimezone(zone(about.time_zone)):%Y-%m-%d %H:%M} ({about.time_zone})"


def span(minutes: int, unit: LagUnit) -> str:
    """` for 3 days`; nothing for no time."""
    if not minutes:
        return ""
    size, name = next(each for each in _SPANS if minutes % each[0] == 0)
    many = minutes // size
    worked = " of work" if unit is LagUnit.WORKING else ""
    return f" for {many} {name}{'s' if many != 1 else ''}{worked}"


def _named(about: About) -> str:
    return f"{about.task.key} {about.task.title}"
