"""Reminders of one task: what one is, and when it is due to be told."""

from __future__ import annotations

from datetime import datetime

import attrs

from taskcore.errors import Conflict, Fault
from taskcore.scheduling import reminders
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.reminders import Anchor, Delay
from taskcore.scheduling.spans import instant_of, seconds_of
from taskcore.tasks.model import MAX_LAG_MINUTES, Task
from taskcore.values import LagUnit, ReminderAnchor, ReminderId, TaskId, TeamId, UserId, integer_faults


@attrs.frozen(slots=True)
class Reminder:
    """
    When to tell somebody of a task: so long after its anchor, or before it, where `offset_minutes` are negative.

    It belongs to one user, and is nobody else's to see. `fires_at` is derived when it is read, never stored: None
    while the task has no such date, and of a task that is finished.
    """

    id: ReminderId
    team_id: TeamId
    task_id: TaskId
    user_id: UserId
    anchor: ReminderAnchor
    created_at: datetime
    offset_minutes: int = 0
    offset_unit: LagUnit = LagUnit.ELAPSED
    at: datetime | None = None
    """The instant of an absolute one."""
    version: int = 1
    fires_at: datetime | None = None


def reminder_faults(reminder: Reminder) -> list[Fault]:
    most = MAX_LAG_MINUTES
    faults = integer_faults("offset_minutes", reminder.offset_minutes, least=-most, most=most)
    if (reminder.anchor is ReminderAnchor.ABSOLUTE) != (reminder.at is not None):
        faults.append(Fault("at", "goes with the anchor absolute, and is needed there"))
    return faults


def armed(reminder: Reminder, task: Task, calendar: WorkingCalendar) -> Reminder:
    """The reminder with the instant at which it is to be told; `calendar` is its user's."""
    rule = rule_of(reminder)
    anchor = anchors_of(task).get(rule.anchor) if rule.at is None else rule.at
    if anchor is None or task.status.finished:
        return attrs.evolve(reminder, fires_at=None)
    try:
        fires_at = instant_of(rule.fires_at(anchor, calendar))
    except (OverflowError, Conflict):  # beyond the calendar, or where nobody works
        return attrs.evolve(reminder, fires_at=None)
    return attrs.evolve(reminder, fires_at=fires_at)


def anchors_of(task: Task) -> dict[Anchor, int]:
    """The dates of a task beside which reminders stand."""
    dates = {
        Anchor.DUE: task.due_at,
        Anchor.PLANNED_START: task.planned_start,
        Anchor.PLANNED_FINISH: task.planned_finish,
    }
    return {anchor: seconds_of(date) for anchor, date in dates.items() if date is not None}


def rule_of(reminder: Reminder) -> reminders.Reminder:
    """What `scheduling.reminders` makes of it."""
    return reminders.Reminder(
        str(reminder.id),
        Anchor(reminder.anchor),
        Delay(reminder.offset_minutes * 60, reminder.offset_unit),
        None if reminder.at is None else seconds_of(reminder.at),
    )
