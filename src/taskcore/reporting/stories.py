"""
What the log tells of where a task is: its status, its project, and whether it is there at all.

A story is a set of steps, in the order of the task's versions. What is counted is a function of that set, so
it is the same however often a stretch of the log was read, and wherever reading began anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import attrs

from taskcore.events import Event
from taskcore.values import NOT_STARTED, ProjectId, Status

PURGED = "task.purged"
GONE = {"task.deleted": True, "task.restored": False, PURGED: True}
"""Kinds of events that take a task away, or bring it back."""
_MOST = 2**31 - 1


@attrs.frozen(slots=True)
class Step:
    """What one event tells, or a part of it where it tells of several instants."""

    version: int
    """Of the task, after the event: histories that are brought in come late, with the versions of then."""
    seq: int
    place: int
    """Among the steps of one event."""
    at: datetime
    status: Status | None = None
    """None: as before, as with `gone`."""
    moved: bool = False
    """Whether `project_id` is where the task is from now on."""
    project_id: ProjectId | None = None
    gone: bool | None = None
    born: bool = False
    """Whether the task began with it."""

    @property
    def order(self) -> tuple[int, int, int]:
        return self.version, self.seq, self.place


Story = tuple[Step, ...]
"""Of one task, in order."""


def told(event: Event) -> tuple[Step, ...]:
    """The steps of an event; none, where it is not about where a task is.

    A log may hold what somebody brought in from elsewhere: what cannot be read there is passed over.
    """
    if event.subject_type != "task" or event.task_id is None:
        return ()
    step = Step(_version(event), event.seq, 0, event.at)
    if event.kind == "task.created":
        return tuple(
            attrs.evolve(each, place=place)
            for place, each in enumerate(_beginning(event, attrs.evolve(step, born=True)))
        )
    if event.kind == PURGED:  # which leaves the version as it was; after it there is none
        step = attrs.evolve(step, version=step.version + 1)
    moved, project = _project(event)
    step = attrs.evolve(
        step, status=_status(event), moved=moved, project_id=project, gone=GONE.get(event.kind)
    )
    return (step,) if step.status or step.moved or step.gone is not None else ()


def joined(story: Iterable[Step], steps: Iterable[Step]) -> Story:
    """The story with more steps; those that it has already are there once."""
    return tuple(
        sorted({step.order: step for step in (*story, *steps)}.values(), key=lambda step: step.order)
    )


def _beginning(event: Event, born: Step) -> Iterator[Step]:
    """What a task that came from elsewhere has behind it: as far as its fields tell, it is told as it was."""
    status = _status(event) or Status.OPEN
    started, finished = _instant(event, "started_at"), _instant(event, "completed_at")
    _, project = _project(event)
    known = started is not None or (status.finished and finished is not None)
    first = Status.OPEN if known or status.finished else status
    yield attrs.evolve(
        born, at=_instant(event, "created_at") or event.at, status=first, moved=True, project_id=project
    )
    later = attrs.evolve(born, born=False)
    if started is not None:
        yield attrs.evolve(later, at=started, status=Status.IN_PROGRESS)
    if status.finished:
        yield attrs.evolve(later, at=finished or event.at, status=status)
    elif started is not None and (status in NOT_STARTED or status is Status.IN_REVIEW):
        yield attrs.evolve(later, status=status)
    deleted = _instant(event, "deleted_at")
    if deleted is not None:
        yield attrs.evolve(later, at=deleted, gone=True)


def change(event: Event, field: str) -> tuple[bool, Any]:
    """Whether the event changes a field, and to what."""
    value = event.data.get(field)
    if isinstance(value, Mapping) and "to" in value:
        return True, value["to"]
    return False, None


def _status(event: Event) -> Status | None:
    _, word = change(event, "status")
    return Status(word) if isinstance(word, str) and word in set(Status) else None


def _project(event: Event) -> tuple[bool, ProjectId | None]:
    moved, text = change(event, "project_id")
    try:
        return moved, ProjectId(UUID(text)) if isinstance(text, str) else None
    except ValueError:
        return False, None


def _instant(event: Event, field: str) -> datetime | None:
    """Not later than it was told: what is to happen yet has not happened."""
    _, text = change(event, field)
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return min(found.astimezone(UTC), event.at) if found is not None and found.tzinfo is not None else None


def _version(event: Event) -> int:
    subject = event.data.get("task")
    version = subject.get("version") if isinstance(subject, Mapping) else None
    return version if type(version) is int and 0 <= version <= _MOST else 0
