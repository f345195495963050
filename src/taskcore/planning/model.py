"""
A team's plan as its readers see it: dates, slack, who works when, and why.

Durations are whole minutes, and slack is counted by the working time of the team. Everything in it is plain values, so
that each door shows the same.
"""

from __future__ import annotations

from datetime import date, datetime

import attrs

from taskcore.scheduling.activities import Cause, Rule
from taskcore.values import DependencyType, LagUnit, Priority, ProjectId, Status, TaskId, TeamId, UserId


@attrs.frozen(slots=True)
class PlanAssignment:
    """A person works on a task from `start` to `finish`, within their working hours."""

    user_id: UserId
    start: datetime
    finish: datetime
    rate: float
    """Work done in a working minute: the person's units times their efficiency."""


@attrs.frozen(slots=True)
class PlanReason:
    """Why a task does not start before `at`. `text` says it in a sentence."""

    cause: Cause
    at: datetime
    text: str
    task_id: TaskId | None = None
    """The predecessor, the child, or what else the person works on until then."""
    task_key: str | None = None
    user_id: UserId | None = None
    """Whose calendar or capacity it is; of the team's calendar nobody's."""
    link_type: DependencyType | None = None
    lag_minutes: int | None = None
    constraint: Rule | None = None


@attrs.frozen(slots=True)
class PlannedTask:
    """A task in the plan."""

    task_id: TaskId
    key: str
    title: str
    status: Status
    priority: Priority
    start: datetime
    finish: datetime
    early_start: datetime
    """Were there people without end; as `early_finish`."""
    early_finish: datetime
    late_start: datetime
    """The latest that moves neither the end of all nor a deadline; as `late_finish`."""
    late_finish: datetime
    total_slack_minutes: int
    free_slack_minutes: int
    critical: bool
    project_id: ProjectId | None = None
    parent_id: TaskId | None = None
    assignee_id: UserId | None = None
    planned_start: datetime | None = None
    """As applied before; as `planned_finish`."""
    planned_finish: datetime | None = None
    due_at: datetime | None = None
    late_minutes: int = 0
    """Working time by which it misses its due date; where nobody works in between, time."""
    begun: bool = False
    container: bool = False
    milestone: bool = False
    progress: float = 0.0
    """The part of the work that is done, from 0 to 1."""
    assignments: tuple[PlanAssignment, ...] = ()
    reasons: tuple[PlanReason, ...] = ()
    """The first one binds."""


@attrs.frozen(slots=True)
class PlanLink:
    """A dependency between two tasks of the plan."""

    predecessor_id: TaskId
    successor_id: TaskId
    type: DependencyType
    lag_minutes: int
    lag_unit: LagUnit
    critical: bool = False
    """Both ends are critical, and the successor waits for the predecessor."""


@attrs.frozen(slots=True)
class PlanConflict:
    """A constraint that lost. The plan came out all the same."""

    task_id: TaskId
    key: str
    constraint: Rule | None
    """None of a task that stands where it was put, though something would have it later."""
    at: datetime
    """What was asked for; of a task that was put somewhere, its start."""
    minutes: int
    """Working time by which it is broken; where nobody works in between, time."""
    reason: PlanReason


@attrs.frozen(slots=True)
class PlanMove:
    """A task whose dates are others than before, and what moved it."""

    task_id: TaskId
    key: str
    start_before: datetime | None
    finish_before: datetime | None
    start: datetime
    finish: datetime
    reason: PlanReason


@attrs.frozen(slots=True)
class Workload:
    """What a person has to do in a week, and can do."""

    user_id: UserId
    week: date
    """Its Monday."""
    minutes: int
    capacity_minutes: int


@attrs.frozen(slots=True)
class PlanPerson:
    """Who does work of the plan; somebody tried out has an id of the moment."""

    user_id: UserId
    name: str
    tried: bool = False
    """Whether the person is only in the what-if."""


@attrs.frozen(slots=True)
class PlanComparison:
    """The plan beside that of the team as it is."""

    finish_before: datetime
    finish_delta_minutes: int
    """Elapsed; negative where the plan ends sooner."""
    late_minutes_before: int
    """Working time over all tasks."""
    late_minutes: int
    moved: tuple[PlanMove, ...] = ()
    newly_late: tuple[str, ...] = ()
    """Keys, as of those critical."""
    newly_critical: tuple[str, ...] = ()


@attrs.frozen(slots=True)
class FreeTime:
    """Nobody works by the team's calendar."""

    start: datetime
    finish: datetime


@attrs.frozen(slots=True)
class Schedule:
    """A plan of a team's unfinished work."""

    team_id: TeamId
    team_key: str
    time_zone: str
    now: datetime
    start: datetime
    finish: datetime
    finish_bound: datetime | None
    """No plan ends before: proven. None for a guest, as `gap`: it would tell of what is not shared."""
    gap: float | None
    """By how much, at most, the plan is longer than the best one; 0 is optimal."""
    schedules: int
    """Plans tried."""
    tasks: tuple[PlannedTask, ...] = ()
    links: tuple[PlanLink, ...] = ()
    people: tuple[PlanPerson, ...] = ()
    conflicts: tuple[PlanConflict, ...] = ()
    unstaffed: tuple[str, ...] = ()
    """Keys of tasks that nobody can do: no candidate is left, or nobody has the skills. They are planned as done by
    nobody, in the team's hours."""
    moves: tuple[PlanMove, ...] = ()
    """What applying it changes."""
    workload: tuple[Workload, ...] = ()
    free_time: tuple[FreeTime, ...] = ()
    """Of the team's calendar, from `start` to `finish`."""
    comparison: PlanComparison | None = None
    """Of a what-if."""
    applied: bool = False

    @property
    def optimal(self) -> bool:
        return self.finish_bound is not None and self.finish <= self.finish_bound
