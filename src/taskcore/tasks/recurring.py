"""When a recurring task comes again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import attrs

from taskcore.errors import Fault, Invalid
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.notation import IntervalText, Moment, RuleText, parsed
from taskcore.scheduling.recurrence import Missed, following
from taskcore.scheduling.spans import instant_of, local_seconds
from taskcore.tasks.model import Task
from taskcore.values import zone


@attrs.frozen(slots=True)
class Occurrence:
    """The dates of the next task of a series."""

    recurrence: str
    """The text that the next task has: a rule's says by now where the series began."""
    start_at: datetime | None = None
    due_at: datetime | None = None
    due_on: date | None = None


def recurrence_faults(text: str | None) -> list[Fault]:
    """What is wrong with the text of a recurrence."""
    try:
        parsed(text or "")
    except Invalid as error:
        return [Fault("recurrence", str(fault)) for fault in error.faults]
    return []


def next_occurrence(
    task: Task,
    completed_at: datetime,
    *,
    time_zone: str,
    calendar: WorkingCalendar | None = None,
    missed: Missed = Missed.SKIP_TO_NEXT,
) -> Occurrence | None:
    """
    When a task that was finished comes again; None, if never.

    A task that is due by an instant, or has only a start, comes at instants; any other on days. A rule that does not
    say where it starts does so with this task, in `time_zone`: that of its assignee, else of its team. What starts
    before it is due does so as many local days before as now.

    Raises: Invalid, for working days or working time without a calendar.
    """
    try:
        text = parsed(task.recurrence or "")
    except Invalid:  # none, or the words of another program from before they were read
        return None
    local = zone(text.zone or time_zone)
    anchor = _anchor(task, local)
    if isinstance(text, IntervalText):
        at = anchor.time() if isinstance(anchor, datetime) else time.min
        upcoming = text.recurrence(at, time_zone, calendar).next_after(completed_at)
        days = not isinstance(anchor, datetime) and text.at is None
    else:
        text, upcoming = _ruled(text, anchor, completed_at, time_zone, missed)
        days = not isinstance(text.dtstart, datetime)
    return None if upcoming is None else _dates(task, str(text), upcoming.astimezone(local), days=days)


def _ruled(
    text: RuleText, anchor: Moment, completed_at: datetime, time_zone: str, missed: Missed
) -> tuple[RuleText, datetime | None]:
    """The text, which says by now where it starts, and the next occurrence."""
    if text.dtstart is None:
        timed = isinstance(anchor, datetime) or text.rule.frequency.by_the_clock
        anchor = _wall(anchor, time.min) if timed else anchor
        text = attrs.evolve(text, dtstart=anchor, zone=time_zone if timed else None)
    whole_day = isinstance(text.dtstart, datetime) and not isinstance(anchor, datetime)
    wall = _wall(anchor, LAST if whole_day else time.min)
    current = instant_of(local_seconds(zone(text.zone or time_zone), wall))
    return text, following(text.recurrence(anchor, time_zone), current, completed_at, missed)


LAST = time(23, 59, 59)
"""Of a day: what is due on it is the occurrence of that day, whenever in it that was."""


def _wall(moment: Moment, clock: time) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, clock)


def _anchor(task: Task, local: ZoneInfo) -> Moment:
    """Where this occurrence is, locally: due, else started, else on the day on which it was made."""
    if task.due_on is not None:
        return task.due_on
    if (at := task.due_at or task.start_at) is not None:
        return at.astimezone(local).replace(tzinfo=None, microsecond=0)
    return task.created_at.astimezone(local).date()


def _dates(task: Task, text: str, upcoming: datetime, *, days: bool) -> Occurrence:
    """Of an occurrence, which is in local time."""
    if task.start_at is None:
        start = None
    elif task.due_at is None and not days:
        return Occurrence(text, start_at=upcoming.astimezone(UTC))
    else:
        start = _moved(task.start_at, task.due_on or task.due_at or task.start_at, upcoming)
    if days:
        return Occurrence(text, start_at=start, due_on=upcoming.date())
    return Occurrence(text, start_at=start, due_at=upcoming.astimezone(UTC))


def _moved(start_at: datetime, due: Moment, upcoming: datetime) -> datetime:
    """A start, as many days later as the due date, and at the same time of day."""
    local = upcoming.tzinfo or UTC
    day = due.astimezone(local).date() if isinstance(due, datetime) else due
    wall = start_at.astimezone(local).replace(tzinfo=None) + (upcoming.date() - day)
    return instant_of(local_seconds(local, wall))
