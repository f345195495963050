"""
The verbs of a task: pure functions from a task, and what surrounds it, to the task as it is
afterwards and the events that tell of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import attrs

from taskcore.errors import Conflict, Fault, Invalid, PreconditionFailed, invalid, refuse
from taskcore.events import Event, Stamp, difference, plain
from taskcore.fields import in_utc
from taskcore.identity.model import User
from taskcore.tasks.model import (
    DERIVED,
    MAX_LEVELS,
    Dependency,
    Lease,
    Task,
    TaskFields,
    snapshot,
    task_faults,
)
from taskcore.tasks.planning import constraints_of
from taskcore.tasks.rank import last_rank
from taskcore.tasks.recurring import recurrence_faults
from taskcore.teams.model import Membership, Project, Team
from taskcore.values import (
    WORKERS,
    EstimateKind,
    Priority,
    Status,
    TaskId,
    UserId,
    end_of_day,
)

Changed = tuple[Task, list[Event]]


@attrs.frozen(slots=True)
class Surroundings:
    """What a change of a task is judged by, as far as the change needs it loaded."""

    team: Team | None = None
    assignee: User | None = None
    assignee_membership: Membership | None = None
    project: Project | None = None
    lineage: tuple[Task, ...] = ()
    """The new parent, its parent, and so on to the top."""
    height: int = 1
    """Levels of the task's own subtree, itself included."""
    labels: frozenset[str] = frozenset()
    """Those of the named labels that the team has."""
    candidates: frozenset[UserId] = frozenset()
    """Those of the named candidates who work in the team."""
    predecessors: tuple[tuple[Dependency, Task], ...] | None = None
    unfinished_subtasks: tuple[str, ...] = ()
    """Keys of the task's unfinished subtasks."""


def task_event(stamp: Stamp, kind: str, task: Task, **data: Any) -> Event:
    """An event about `task`, with what a reader needs to show it."""
    return stamp.event(kind, task.team_id, "task", task.id, {**data, "task": snapshot(task)}, task_id=task.id)


def numbered(task: Task, key: str, number: int, events: Sequence[Event]) -> Changed:
    """A new task, and its events, with the number that its store gave it; other events as they are."""
    told = [_with_key(event, key) if event.task_id == task.id else event for event in events]
    values = list(_VALUES(task))
    values[_KEY], values[_NUMBER] = key, number
    return Task(*values), told


_NAMES = [field.name for field in attrs.fields(Task)]
_VALUES = attrgetter(*_NAMES)
_KEY, _NUMBER = _NAMES.index("key"), _NAMES.index("number")
"""By place: an import numbers many tasks at once, and `attrs.evolve` looks every field up by name."""


def _with_key(event: Event, key: str) -> Event:
    data = {**event.data, "task": {**event.data["task"], "key": key}}
    return Event(
        id=event.id,
        team_id=event.team_id,
        kind=event.kind,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        at=event.at,
        actor_id=event.actor_id,
        task_id=event.task_id,
        data=data,
        seq=event.seq,
    )


_UNTOLD = DERIVED | {"version", "updated_at"}
_NOT_SET = DERIVED | {"id", "team_id", "number", "key", "version", "updated_at", "created_at", "created_by"}


def create(team: Team, fields: TaskFields, around: Surroundings, stamp: Stamp) -> Changed:
    """A new task; its number and key are given when it is saved. Raises `Invalid`."""
    task_id = TaskId(stamp.new_id())
    blank = Task(
        id=task_id,
        team_id=team.id,
        number=0,
        key="",
        title="",
        created_by=stamp.actor_id,
        rank=last_rank(task_id),
        created_at=stamp.now,
        updated_at=stamp.now,
    )
    task = _with_fields(blank, fields, around, stamp.now)
    refuse(_faults(task, fields, around))
    return task, [created(task, stamp)]


def created(task: Task, stamp: Stamp, **extra: Any) -> Event:
    """The event of a new task, with every field that differs from a bare one's, and when it was made if
    that was not now."""
    if task.created_at != stamp.now:
        extra["created_at"] = {"from": None, "to": plain(task.created_at)}
    return task_event(stamp, "task.created", task, **_set_fields(task), **extra)


_SETTABLE = {field.name: field.default for field in attrs.fields(Task) if field.name not in _NOT_SET}
_settable = attrgetter(*_SETTABLE)


def _set_fields(task: Task) -> dict[str, Any]:
    pairs = zip(_SETTABLE.items(), _settable(task), strict=True)
    return {name: {"from": None, "to": plain(value)} for (name, default), value in pairs if value != default}


def edit(
    task: Task,
    fields: TaskFields,
    around: Surroundings,
    stamp: Stamp,
    *,
    stale: PreconditionFailed | None = None,
    force: bool = False,
) -> Changed:
    """
    The task with `fields` changed; itself, and no event, where nothing changes.

    Raises: Invalid, with every fault; `stale`, the caller's failed precondition; Conflict `cycle`;
    Conflict `blocked` or `unfinished_subtasks`, when it is to be done too early, unless `force`;
    that it was used is written to the log. In this order, so that a fault is told before a race.
    """
    changed = _with_fields(task, fields, around, stamp.now)
    refuse(_faults(changed, fields, around))
    if stale is not None:
        raise stale
    if fields.get("parent_id") is not None:
        refuse_parent_cycle(task, around)
    obstacles = _obstacles(task, around) if changed.status is Status.DONE is not task.status else None
    if obstacles and not force:
        raise obstacles
    return told(task, changed, stamp, **({"force": True} if obstacles else {}))


def told(task: Task, changed: Task, stamp: Stamp, **extra: Any) -> Changed:
    """The changed task and its one event; the task as it was, and none, where nothing changed."""
    changes = difference(task, changed, _UNTOLD)
    if not changes:
        return task, []
    changed = attrs.evolve(changed, version=task.version + 1, updated_at=stamp.now)
    return changed, [task_event(stamp, _kind(changes, changed), changed, **changes, **extra)]


def _with_fields(task: Task, fields: TaskFields, around: Surroundings, now: datetime) -> Task:
    new: dict[str, Any] = {
        name: _CLEARED.get(name) if value is None else value for name, value in fields.items()
    }
    for name in ("labels", "required_skills", "candidates"):
        if name in new:
            new[name] = tuple(sorted(set(new[name])))
    if "constraints" in new:
        new["constraints"] = constraints_of(new["constraints"])
    for name in ("start_at", "due_at"):
        if new.get(name) is not None:
            new[name] = in_utc(name, new[name])
    if "status" in new and new["status"] is not task.status:
        new |= _status(task, new["status"], now)
        if _reopened_for_nobody(task, new, around):
            new["assignee_id"] = None
    new |= _due(task, new, around)
    if task.lease is not None and _ends_lease(task, new):
        new["lease"] = None
    return derived(attrs.evolve(task, **new), around.predecessors, now)


def _ends_lease(task: Task, new: dict[str, Any]) -> bool:
    """Whether whoever holds the task has done with it, or it is given to somebody else."""
    given = "assignee_id" in new and new["assignee_id"] != task.assignee_id
    return given or bool(new.get("status", task.status).finished)


_CLEARED = {
    "description": "",
    "labels": (),
    "spent_minutes": 0,
    "priority": Priority.NONE,
    "estimate_kind": EstimateKind.EFFORT,
    "candidates": (),
    "required_skills": (),
    "splittable": False,
    "constraints": (),
}
"""What None makes of the fields that always have a value (RFC 7396: null removes)."""


def _reopened_for_nobody(task: Task, new: dict[str, Any], around: Surroundings) -> bool:
    """Whether an unfinished task would go to somebody who has left the team meanwhile."""
    taken_up = task.status.finished and not new["status"].finished
    return taken_up and task.assignee_id is not None and "assignee_id" not in new and not _works_here(around)


def _works_here(around: Surroundings) -> bool:
    membership, user = around.assignee_membership, around.assignee
    return membership is not None and membership.role in WORKERS and user is not None and user.active


def _due(task: Task, new: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    """`due_on` and `due_at` together: the day counts to its end where the assignee lives."""
    if new.get("due_on") is not None and new.get("due_at") is not None:
        raise Invalid(faults=[Fault("due_on", "give due_on or due_at, not both")])
    if new.get("due_at") is not None:
        return {"due_on": None}
    if "due_on" in new or "due_at" in new:
        day = new.get("due_on")
    elif task.due_on is not None and "assignee_id" in new:
        day = task.due_on
    else:
        return {}
    if day is None:
        return {"due_on": None, "due_at": None}
    home = around.assignee or around.team
    zone_name = home.time_zone if home else "UTC"
    try:
        return {"due_on": day, "due_at": end_of_day(day, zone_name)}
    except ValueError as error:
        raise invalid("due_on", str(error)) from error


def _status(task: Task, status: Status, now: datetime) -> dict[str, Any]:
    new: dict[str, Any] = {"completed_at": now if status.finished else None}
    if status is Status.IN_PROGRESS and task.started_at is None:
        new["started_at"] = now
    return new


_stored = attrgetter(*(field.name for field in attrs.fields(Task) if field.name not in DERIVED))


def derived(task: Task, predecessors: Sequence[tuple[Dependency, Task]] | None, now: datetime) -> Task:
    """The task with what follows from the rest of it; `blocked` as it was where predecessors is None."""
    overdue = is_overdue(task, now)
    blocked = task.blocked if predecessors is None else is_blocked(task, predecessors)
    if (overdue, blocked) == (task.overdue, task.blocked):
        return task
    values: tuple[Any, ...] = (*_stored(task), blocked, overdue)
    return Task(*values)


def is_overdue(task: Task, now: datetime) -> bool:
    return task.due_at is not None and task.due_at < now and not task.status.finished


def is_free(task: Task, user_id: UserId, now: datetime) -> bool:
    """Whether somebody could claim the task: whoever held it does so no longer, or it is theirs or nobody's."""
    if task.lease is not None:
        return task.lease.until <= now
    return task.assignee_id in (None, user_id)


def claim(task: Task, until: datetime, around: Surroundings, stamp: Stamp) -> Changed:
    """The task in the hands of whoever acts, until then. Raises: Invalid, for who works in no team."""
    changed = _with_fields(task, {"assignee_id": stamp.actor_id}, around, stamp.now)
    refuse(_faults(changed, {"assignee_id": stamp.actor_id}, around))
    return told(task, attrs.evolve(changed, lease=Lease(stamp.actor_id, until)), stamp)


def is_blocked(task: Task, predecessors: Sequence[tuple[Dependency, Task]]) -> bool:
    """Whether a predecessor stands in the way; nothing stands in the way of a finished task."""
    return not task.status.finished and any(link.obstructs(other, task) for link, other in predecessors)


def _faults(task: Task, fields: TaskFields, around: Surroundings) -> list[Fault]:
    """What is wrong with a task's values, and with what the given fields refer to."""
    faults = task_faults(task)
    if "assignee_id" in fields and task.assignee_id is not None and not _works_here(around):
        faults.append(Fault("assignee_id", "must be an active owner, admin or member of the team"))
    if fields.get("project_id") is not None and around.project is None:
        faults.append(Fault("project_id", "no such project in this team"))
    if fields.get("parent_id") is not None:
        faults += _parent_faults(task, around)
    faults += [
        Fault("labels", f"no such label in this team: {name}")
        for name in sorted(set(fields.get("labels") or ()) - around.labels)
    ]
    if set(fields.get("candidates") or ()) - around.candidates:
        faults.append(Fault("candidates", "must be active owners, admins or members of the team"))
    if fields.get("recurrence") is not None:
        faults += recurrence_faults(task.recurrence)
    return faults


def _parent_faults(task: Task, around: Surroundings) -> list[Fault]:
    """What is wrong with the new parent, a cycle apart, which is a conflict however deep it is."""
    if not around.lineage:
        return [Fault("parent_id", "no such task in this team")]
    if around.lineage[0].deleted_at is not None:
        return [Fault("parent_id", "is in the trash")]
    too_deep = len(around.lineage) + around.height > MAX_LEVELS
    if too_deep and task.id not in {ancestor.id for ancestor in around.lineage}:
        return [Fault("parent_id", f"subtasks nest at most {MAX_LEVELS} levels deep")]
    return []


def refuse_parent_cycle(task: Task, around: Surroundings) -> None:
    """Raise `Conflict` (`cycle`) if the task is among its own ancestors, naming the way round."""
    ids = [ancestor.id for ancestor in around.lineage]
    if task.id in ids:
        way = [ancestor.key for ancestor in around.lineage[: ids.index(task.id) + 1]]
        raise cycle([task.key, *way])


def cycle(keys: Sequence[str]) -> Conflict:
    return Conflict(f"that would close a cycle: {' → '.join(keys)}", code="cycle", cycle=list(keys))


def _obstacles(task: Task, around: Surroundings) -> Conflict | None:
    """Why the task, as it is before, may not be done now."""
    blockers = [other.key for link, other in around.predecessors or () if link.obstructs(other, task)]
    if blockers:
        return Conflict(f"{task.key} is blocked by {', '.join(blockers)}", code="blocked", blockers=blockers)
    open_keys = list(around.unfinished_subtasks)
    if open_keys:
        return Conflict(
            f"{task.key} has unfinished subtasks: {', '.join(open_keys)}",
            code="unfinished_subtasks",
            subtasks=open_keys,
        )
    return None


def _kind(changes: dict[str, Any], changed: Task) -> str:
    """The first that fits, in the order in which the kinds matter to a reader."""
    if "status" in changes:
        if changed.status is Status.DONE:
            return "task.completed"
        if changed.status is Status.CANCELLED:
            return "task.cancelled"
        if Status(changes["status"]["from"]).finished:
            return "task.reopened"
        if changed.status is Status.IN_PROGRESS:
            return "task.started"
    if "assignee_id" in changes:
        return "task.assigned"
    return "task.moved" if changes.keys() & {"project_id", "rank"} else "task.updated"


def follow(task: Task, user_id: UserId, stamp: Stamp) -> Changed:
    followers = tuple(sorted({*task.followers, user_id}))
    return told(task, attrs.evolve(task, followers=followers), stamp)


def unfollow(task: Task, user_id: UserId, stamp: Stamp) -> Changed:
    return told(task, _without_follower(task, user_id), stamp)


def part(
    task: Task, user_id: UserId, around: Surroundings, stamp: Stamp, *, unassign: bool, unfollow: bool
) -> Changed:
    """The task without somebody who works on it, or sees it, no longer; one event for both."""
    changed = _with_fields(task, {"assignee_id": None}, around, stamp.now) if unassign else task
    return told(task, _without_follower(changed, user_id) if unfollow else changed, stamp)


def _without_follower(task: Task, user_id: UserId) -> Task:
    return attrs.evolve(task, followers=tuple(other for other in task.followers if other != user_id))


def unlinked(task: Task, stamp: Stamp, **cleared: Any) -> Changed:
    """The task without a label or project that went away; whatever else holds, holds."""
    return told(task, attrs.evolve(task, **cleared), stamp)
