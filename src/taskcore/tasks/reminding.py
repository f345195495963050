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
    anchor = {
        ReminderAnchor.DUE: task.due_at,
        ReminderAnchor.PLANNED_START: task.planned_start,
        ReminderAnchor.PLANNED_FINISH: task.planned_finish,
        ReminderAnchor.ABSOLUTE: reminder.at,
    }[reminder.anchor]
    if anchor is None or task.status.finished:
        return attrs.evolve(reminder, fires_at=None)
    return attrs.evolve(reminder, fires_at=_fires_at(reminder, seconds_of(anchor), calendar))


def _fires_at(reminder: Reminder, anchor: int, calendar: WorkingCalendar) -> datetime | None:
    rule = reminders.Reminder(
        str(reminder.id),
        Anchor(reminder.anchor),
        Delay(reminder.offset_minutes * 60, reminder.offset_unit),
        anchor if reminder.anchor is ReminderAnchor.ABSOLUTE else None,
    )
    try:
        return instant_of(rule.fires_at(anchor, calendar))
    except (OverflowError, Conflict):  # beyond the calendar, or where nobody works
        return None
