"""A plan as calendar events, which calendar programs subscribe to: iCalendar (RFC 5545)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import attrs

from taskcore.planning.model import PlanAssignment, PlannedTask, Schedule
from taskcore.planning.pictures.rows import names
from taskcore.planning.pictures.text import line
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
    writer = _Events(schedule, names(schedule), LocalTimes.of(schedule), person)
    found = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//taskcore//plan//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}",
    ]  # fmt: skip
    for task in schedule.tasks:
        if not task.container:
            found += writer.of(task)
    return "".join(f"{_folded(each)}\r\n" for each in [*found, "END:VCALENDAR"])


@attrs.frozen
class _Events:
    schedule: Schedule
    names: dict[UserId, str]
    times: LocalTimes
    person: UserId | None

    def of(self, task: PlannedTask) -> Iterator[str]:
        """The events of a task: one for each who works on it, from their first to their last hour."""
        parts: dict[UserId | None, list[PlanAssignment]] = {}
        for each in task.assignments:
            parts.setdefault(each.user_id, []).append(each)
        if not parts:
            parts[task.assignee_id] = []
        for worker, assigned in parts.items():
            if self.person is None or worker == self.person:
                start = min((each.start for each in assigned), default=task.start)
                finish = max((each.finish for each in assigned), default=task.finish)
                yield from self._event(task, worker, _instant(start), _instant(finish))

    def _event(self, task: PlannedTask, worker: UserId | None, start: str, finish: str) -> Iterator[str]:
        name = self.names.get(worker, "") if worker else ""
        title = f"{task.key} {task.title}"
        told = "\n".join(map(line, lines(task, name, self.times)))
        yield "BEGIN:VEVENT"
        yield f"UID:{task.task_id}{f'.{worker}' if worker else ''}@taskcore"
        yield f"DTSTAMP:{_instant(self.schedule.now)}"
        yield f"DTSTART:{start}"
        if finish > start:  # one that takes no time ends when it starts (3.6.1)
            yield f"DTEND:{finish}"
        yield f"SUMMARY:{_text(line(f'{title} ({name})' if name and self.person is None else title))}"
        yield f"DESCRIPTION:{_text(told)}"
        yield f"PRIORITY:{_PRIORITIES[task.priority]}"
        if task.critical or task.late_minutes > 0:
            yield f"CATEGORIES:{','.join(['Critical'] * task.critical + ['Late'] * (task.late_minutes > 0))}"
        yield f"STATUS:{'CONFIRMED' if self.schedule.applied else 'TENTATIVE'}"
        yield "TRANSP:TRANSPARENT"
        yield "END:VEVENT"


def _instant(at: datetime) -> str:
    """A time in UTC, form 2 of 3.3.5; whole seconds."""
    return re.sub(r"[-:]|\.\d+", "", at.astimezone(UTC).replace(tzinfo=None).isoformat()) + "Z"


def _text(text: str) -> str:
    """A clean text as the value of a TEXT (3.3.11)."""
    return text.translate(_ESCAPES)


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
