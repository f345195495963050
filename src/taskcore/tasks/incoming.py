"""A task as another program gave it, and the task that it becomes here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

import attrs

from taskcore.errors import Fault
from taskcore.events import Stamp
from taskcore.identity.model import User
from taskcore.tasks.model import Comment, Task, comment_faults, task_faults
from taskcore.tasks.planning import TaskConstraint
from taskcore.tasks.rank import last_rank
from taskcore.teams.model import Team
from taskcore.values import CommentId, EstimateKind, Priority, ProjectId, Status, TaskId, end_of_day


@attrs.frozen(slots=True)
class Note:
    """Something said about a task elsewhere."""

    at: datetime | None
    """None: nobody knows when, so when it came in."""
    text: str


@attrs.frozen(slots=True)
class Incoming:
    """A task as another program gave it. `line` says where in its file, for reports."""

    line: int
    external_source: str
    external_id: str
    title: str
    description: str = ""
    status: Status = Status.OPEN
    priority: Priority = Priority.NONE
    project: str | None = None
    labels: tuple[str, ...] = ()
    start_at: datetime | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    estimate_minutes: int | None = None
    spent_minutes: int = 0
    recurrence: str | None = None
    estimate_kind: EstimateKind = EstimateKind.EFFORT
    estimate_optimistic_minutes: int | None = None
    estimate_pessimistic_minutes: int | None = None
    remaining_minutes: int | None = None
    candidates: tuple[str, ...] = ()
    """Names or addresses of members."""
    required_skills: tuple[str, ...] = ()
    splittable: bool = False
    constraints: tuple[TaskConstraint, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None
    notes: tuple[Note, ...] = ()
    predecessors: tuple[str, ...] = ()
    """External ids, of the same source, of the tasks that come before it."""
    parent: str | None = None
    """External id of the task it is part of."""
    assignee: str | None = None
    """Name or address of a member, whose task it is then."""
    created_by: str | None = None
    """Likewise, who made it; whoever takes it in, where it is nobody here."""

    @property
    def pair(self) -> tuple[str, str]:
        return self.external_source, self.external_id


@attrs.frozen(slots=True)
class Refusal:
    """A line that was not taken, or not whole, and why."""

    line: int
    reason: str


@attrs.frozen(slots=True)
class Outcome:
    """What became of a line, or in a dry run would."""

    line: int
    outcome: str
    """`created`, `known` or `refused`."""
    what: str
    reason: str | None = None


@attrs.frozen(slots=True)
class Place:
    """What of a team a task from elsewhere comes to."""

    team: Team
    project_id: ProjectId | None = None
    assignee: User | None = None
    created_by: User | None = None
    candidates: tuple[User, ...] = ()


def task_of(item: Incoming, place: Place, stamp: Stamp) -> Task:
    """The new task; its number and key are given when it is saved."""
    task_id = TaskId(stamp.new_id())
    return Task(
        id=task_id,
        team_id=place.team.id,
        number=0,
        key="",
        title=item.title,
        created_by=place.created_by.id if place.created_by else stamp.actor_id,
        rank=last_rank(task_id),
        created_at=item.created_at or stamp.now,
        updated_at=item.updated_at or stamp.now,
        description=item.description,
        status=item.status,
        priority=item.priority,
        project_id=place.project_id,
        assignee_id=place.assignee.id if place.assignee else None,
        labels=tuple(sorted(set(item.labels))),
        start_at=item.start_at,
        due_at=item.due_at or due_at(item, place),
        due_on=item.due_on,
        estimate_minutes=item.estimate_minutes,
        spent_minutes=item.spent_minutes,
        recurrence=item.recurrence,
        estimate_kind=item.estimate_kind,
        estimate_optimistic_minutes=item.estimate_optimistic_minutes,
        estimate_pessimistic_minutes=item.estimate_pessimistic_minutes,
        remaining_minutes=item.remaining_minutes,
        candidates=tuple(sorted({each.id for each in place.candidates})),
        required_skills=item.required_skills,
        splittable=item.splittable,
        constraints=item.constraints,
        started_at=item.started_at,
        completed_at=item.completed_at,
        deleted_at=item.deleted_at,
        deleted_by=stamp.actor_id if item.deleted_at else None,
        external_source=item.external_source,
        external_id=item.external_id,
    )


def due_at(item: Incoming, place: Place) -> datetime | None:
    """When the day ends on which it is due, where its assignee is, else the team."""
    if item.due_on is None or item.due_on == date.max:
        return None
    return end_of_day(item.due_on, (place.assignee or place.team).time_zone)


def comments_of(item: Incoming, task: Task, stamp: Stamp) -> list[Comment]:
    """Its notes, as if the importing user had written them when they were made."""
    return [
        Comment(
            CommentId(stamp.new_id()), task.team_id, task.id, stamp.actor_id, note.text, note.at or stamp.now
        )
        for note in item.notes
    ]


def incoming_faults(
    item: Incoming,
    task: Task,
    comments: Collection[Comment],
    projects: Mapping[str, ProjectId],
    labels: Collection[str],
) -> list[Fault]:
    """Everything wrong with a task from elsewhere, names that no project or label can have included."""
    faults = task_faults(task)
    if task.due_on == date.max:
        faults.append(Fault("due_on", "lies outside the years 1 to 9999"))
    for comment in comments:
        faults += comment_faults(comment)
    if item.project and item.project not in projects:
        faults.append(Fault("project", f"no sound name: {item.project[:60]!r}"))
    faults += [
        Fault("labels", f"no sound label: {name[:60]!r}") for name in item.labels if name not in labels
    ]
    return faults
