"""The task, what links tasks, and what is said about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import attrs

from taskcore.errors import Fault
from taskcore.tasks.planning import (
    MOST_CANDIDATES,
    NewConstraint,
    TaskConstraint,
    constraint_faults,
    estimate_faults,
    expected_seconds,
    skill_faults,
)
from taskcore.tasks.rank import rank_faults
from taskcore.values import (
    NOT_STARTED,
    CommentId,
    DependencyType,
    EstimateKind,
    EstimateKindWord,
    LagUnit,
    Priority,
    PriorityWord,
    ProjectId,
    Status,
    StatusWord,
    TaskId,
    TeamId,
    UserId,
    ViewId,
    integer_faults,
    text_faults,
)

MAX_LEVELS = 8
"""How deep subtasks may nest, the topmost task included."""
MOST_OF_RECURRENCE = 2000
"""Characters."""
TRASH_DAYS = 30
"""How long a deleted task can be restored."""


@attrs.frozen(slots=True)
class Lease:
    """Who holds a claimed task, and until when."""

    user_id: UserId
    until: datetime


@attrs.frozen(slots=True)
class Task:
    """
    The unit of work, whole: what every read returns and every command changes.

    `blocked` and `overdue` are derived when the task is read, never stored. `labels` are names,
    sorted. The constructor trusts its values, since a list of tasks is built on every read; the
    verbs in `lifecycle` check them before anything is saved.
    """

    id: TaskId
    team_id: TeamId
    number: int
    key: str
    title: str
    created_by: UserId
    rank: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    status: Status = Status.OPEN
    priority: Priority = Priority.NONE
    project_id: ProjectId | None = None
    parent_id: TaskId | None = None
    assignee_id: UserId | None = None
    labels: tuple[str, ...] = ()
    followers: tuple[UserId, ...] = ()
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
    """What is left to do of it, where somebody has said so."""
    candidates: tuple[UserId, ...] = ()
    """Any one of them may do it, where it has no assignee."""
    required_skills: tuple[str, ...] = ()
    """Any member who has all of them may do it, where it has neither assignee nor candidates."""
    splittable: bool = False
    """Whether it may pause for what is more pressing, and not only outside working time."""
    constraints: tuple[TaskConstraint, ...] = ()
    planned_for: tuple[UserId, ...] = ()
    """Who is to do it in the plan that is applied, as `planned_start` and `planned_finish` are when."""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    planned_start: datetime | None = None
    planned_finish: datetime | None = None
    external_source: str | None = None
    external_id: str | None = None
    lease: Lease | None = None
    version: int = 1
    deleted_at: datetime | None = None
    deleted_by: UserId | None = None
    blocked: bool = False
    overdue: bool = False

    @property
    def started(self) -> bool:
        return self.started_at is not None or self.status not in NOT_STARTED | {Status.CANCELLED}

    @property
    def expected_seconds(self) -> int | None:
        """How long it takes by its estimate, in what `estimate_kind` counts; None where nobody has said."""
        if self.estimate_kind is EstimateKind.MILESTONE:
            return 0
        return expected_seconds(
            self.estimate_optimistic_minutes, self.estimate_minutes, self.estimate_pessimistic_minutes
        )


DERIVED = frozenset({"blocked", "overdue"})
"""Fields of a task that are computed when it is read."""
PLANNING = (
    *("estimate_kind", "estimate_optimistic_minutes", "estimate_pessimistic_minutes", "remaining_minutes"),
    *("candidates", "required_skills", "splittable", "constraints", "planned_for"),
)
"""Fields that few tasks have set: only a plan asks for them, and no query selects by them."""


class TaskDetails(TypedDict, total=False):
    """What a caller may set on a task besides its title. Absent means untouched, None clears."""

    description: str | None
    status: StatusWord
    priority: PriorityWord | None
    project_id: ProjectId | None
    parent_id: TaskId | str | None
    assignee_id: UserId | None
    labels: Sequence[str] | None
    start_at: datetime | None
    due_at: datetime | None
    due_on: date | None
    estimate_minutes: int | None
    spent_minutes: int | None
    recurrence: str | None
    estimate_kind: EstimateKindWord | None
    estimate_optimistic_minutes: int | None
    estimate_pessimistic_minutes: int | None
    remaining_minutes: int | None
    candidates: Sequence[UserId] | None
    required_skills: Sequence[str] | None
    splittable: bool | None
    constraints: Sequence[NewConstraint] | None
    rank: str
    external_source: str | None
    external_id: str | None


class TaskFields(TaskDetails, total=False):
    """What a caller may set on a task: the body of a creation or a change."""

    title: str


def task_faults(task: Task) -> list[Fault]:
    """Everything wrong with a task's own values, whatever else exists."""
    faults = text_faults("title", task.title, least=1, most=500)
    faults += text_faults("description", task.description, most=100_000)
    faults += integer_faults("estimate_minutes", task.estimate_minutes)
    faults += integer_faults("spent_minutes", task.spent_minutes)
    faults += rank_faults(task.rank)
    faults += text_faults("recurrence", task.recurrence or "", most=MOST_OF_RECURRENCE)
    for field in ("external_source", "external_id"):
        faults += text_faults(field, getattr(task, field) or "", most=500)
    if (task.external_source is None) != (task.external_id is None):
        faults.append(Fault("external_id", "goes with external_source: give both or neither"))
    return faults + _planning_faults(task)


def _planning_faults(task: Task) -> list[Fault]:
    three = task.estimate_optimistic_minutes, task.estimate_minutes, task.estimate_pessimistic_minutes
    faults = [
        fault
        for field in ("estimate_optimistic_minutes", "estimate_pessimistic_minutes", "remaining_minutes")
        for fault in integer_faults(field, getattr(task, field))
    ]
    faults = faults or estimate_faults(*three)
    if len(task.candidates) > MOST_CANDIDATES:
        faults.append(Fault("candidates", f"must be at most {MOST_CANDIDATES}"))
    return faults + skill_faults(task.required_skills) + constraint_faults(task.constraints)


def snapshot(task: Task) -> dict[str, Any]:
    """What an event says of its task, as it then is."""
    project = str(task.project_id) if task.project_id is not None else None
    return {"key": task.key, "title": task.title, "version": task.version, "project_id": project}


@attrs.frozen(slots=True)
class Dependency:
    """`predecessor_id` → `successor_id`, in one team. A negative lag lets them overlap."""

    team_id: TeamId
    predecessor_id: TaskId
    successor_id: TaskId
    created_at: datetime
    type: DependencyType = DependencyType.FS
    lag_minutes: int = 0
    lag_unit: LagUnit = LagUnit.WORKING
    version: int = 1

    def obstructs(self, predecessor: Task, successor: Task) -> bool:
        """Whether the predecessor now stands in the way of the successor."""
        if predecessor.deleted_at is not None or predecessor.status is Status.CANCELLED:
            return False
        if self.type in (DependencyType.FS, DependencyType.FF):
            return not predecessor.status.finished
        if predecessor.started:
            return False
        return self.type is DependencyType.SF or not successor.started


MAX_LAG_MINUTES = 10 * 366 * 24 * 60


def dependency_faults(dependency: Dependency) -> list[Fault]:
    return integer_faults("lag_minutes", dependency.lag_minutes, least=-MAX_LAG_MINUTES, most=MAX_LAG_MINUTES)


@attrs.frozen(slots=True)
class Comment:
    """Markdown on a task. A deleted comment keeps its place, not its words."""

    id: CommentId
    team_id: TeamId
    task_id: TaskId
    author_id: UserId
    body: str
    created_at: datetime
    mentions: tuple[UserId, ...] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int = 1


def comment_faults(comment: Comment) -> list[Fault]:
    return text_faults("body", comment.body, least=1, most=100_000)


@attrs.frozen(slots=True)
class SavedView:
    """A named `TaskQuery`, of one user or, when shared, for the whole team."""

    id: ViewId
    team_id: TeamId
    owner_id: UserId
    name: str
    created_at: datetime
    updated_at: datetime
    query: Mapping[str, Any] = attrs.field(factory=dict)
    shared: bool = False
    version: int = 1


def view_faults(view: SavedView) -> list[Fault]:
    return text_faults("name", view.name, least=1, most=200)


TaskRef = UUID | str
"""A task by its id or its key (`PLAT-42`)."""
