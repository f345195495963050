"""A plan as calendar events, which calendar programs subscribe to: iCalendar (RFC 5545)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from taskcore.planning.model import PlanAssignment, PlannedTask, Schedule
from taskcore.planning.pictures.text import clean, line
from taskcore.planning.pictures.words import LocalTimes, lines
from taskcore.values import Priority, UserId

_OCTETS = 75
"""The most a line may have, without its end (3.1)."""
_PRIORITIES = {Priority.URGENT: 1, Priority.HIGH: 3, Priority.MEDIUM: 5, Priority.LOW: 7, Priority.NONE: 0}
"""By 3.8.1.9, where 0 says nothing."""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def plan_ics(schedule: Schedule, *, person: UserId | None = None) -> str:
    """
    An event for each task without subtasks and each person who works on it; of one person's only, where one is named.

    An event is known again by its UID when the plan has changed. It blocks nobody's time: a task takes as long as the
    nights between its hours. Where nobody is assigned the event is the task's alone.
    """
    name = line(f"Plan of {schedule.team_key}")
    found = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//taskcore//plan//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}",
    ]  # fmt: skip
    for task in schedule.tasks:
        if not task.container:
            found += _events(task, schedule, person)
    return "".join(f"{_folded(each)}\r\n" for each in [*found, "END:VCALENDAR"])


def _events(task: PlannedTask, schedule: Schedule, person: UserId | None) -> Iterator[str]:
    parts: dict[UserId | None, list[PlanAssignment]] = {}
    for each in task.assignments:
        parts.setdefault(each.user_id, []).append(each)
    if not parts:
        parts[task.assignee_id] = []
    for worker, assigned in parts.items():
        if person is None or worker == person:
            start = min((each.start for each in assigned), default=task.start)
            finish = max((each.finish for each in assigned), default=task.finish)
            yield from _event(task, schedule, worker, (start, finish), named=person is None)


def _event(
    task: PlannedTask,
    schedule: Schedule,
    worker: UserId | None,
    dates: tuple[datetime, datetime],
    *,
    named: bool,
) -> Iterator[str]:
    name = next((line(each.name) for each in schedule.people if each.user_id == worker), "")
    title = f"{task.key} {task.title}"
    start, finish = map(_instant, dates)
    yield "BEGIN:VEVENT"
    yield f"UID:{task.task_id}{f'.{worker}' if worker else ''}@taskcore"
    yield f"DTSTAMP:{_instant(schedule.now)}"
    yield f"DTSTART:{start}"
    if finish > start:  # one that takes no time ends when it starts (3.6.1)
        yield f"DTEND:{finish}"
    yield f"SUMMARY:{_text(line(f'{title} ({name})' if name and named else title))}"
    yield f"DESCRIPTION:{_text(clean(chr(10).join(map(line, lines(task, name, LocalTimes.of(schedule))))))}"
    yield f"PRIORITY:{_PRIORITIES[task.priority]}"
    if task.critical or task.late_minutes > 0:
        yield f"CATEGORIES:{','.join(['Critical'] * task.critical + ['Late'] * (task.late_minutes > 0))}"
    yield f"STATUS:{'CONFIRMED' if schedule.applied else 'TENTATIVE'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    """A time in UTC, form 2 of 3.3.5; whole seconds."""
    return re.sub(r"[-:]|\.\d+", "", at.astimezone(UTC).replace(tzinfo=None).isoformat()) + "Z"


def _text(text: str) -> str:
    """As the value of a TEXT (3.3.11)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_ESCAPES)


def _folded(content: str) -> str:
    """A line in parts of at most 75 octets, none of which ends within a character (3.1)."""
    octets = content.encode()
    found, begin, room = [], 0, _OCTETS
    while len(octets) - begin > room:
        end = begin + room
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        found.append(octets[begin:end].decode())
        begin, room = end, _OCTETS - 1
    return "\r\n ".join([*found, octets[begin:].decode()])
