"""Loading what a change of a task is judged by: only what the change touches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from taskcore.identity.model import User
from taskcore.permissions import Actor
from taskcore.ports import Unit
from taskcore.tasks.lifecycle import Surroundings
from taskcore.tasks.model import MAX_LEVELS, Dependency, Task, TaskFields, TaskRef
from taskcore.teams.model import Label, Membership, Project, Team
from taskcore.values import WORKERS, Status, TaskId, TeamId, UserId


async def surroundings(
    unit: Unit, team_id: TeamId, fields: TaskFields, actor: Actor, task: Task | None = None
) -> Surroundings:
    """What `fields` refer to and, for a task that changes, what its rules look at."""
    found: dict[str, Any] = {}
    assignee_id = fields.get("assignee_id", task.assignee_id if task else None)
    reopens = task is not None and task.status.finished and "status" in fields
    if "due_on" in fields or "assignee_id" in fields or reopens:
        found["team"] = next(iter(await unit.find(Team, id=team_id)), None)
        if assignee_id is not None:
            found |= await _assignee(unit, team_id, assignee_id)
    if fields.get("project_id") is not None:
        projects = await unit.find(Project, team_id=team_id, id=fields["project_id"])
        found["project"] = next(iter(projects), None)
    if names := fields.get("labels"):
        labels = await unit.find(Label, team_id=team_id, name=tuple(names))
        found["labels"] = frozenset(label.name for label in labels)
    if fields.get("candidates"):
        found["candidates"] = await _working(unit, team_id, fields["candidates"] or ())
    if fields.get("parent_id") is not None:
        await unit.lock(team_id)
        found["lineage"] = await lineage(unit, team_id, fields["parent_id"], actor)
        found["height"] = await height(unit, task) if task else 1
    if task is not None and "status" in fields:
        found["predecessors"] = await predecessors(unit, task)
        if fields["status"] is Status.DONE:
            found["unfinished_subtasks"] = await _unfinished_subtasks(unit, task)
    return Surroundings(**found)


async def lock_team_of(unit: Unit, ref: TaskRef) -> None:
    """
    Hold the lock of a task's team before the task's own.

    Every command that walks a graph of tasks begins with it: taken in one order, no two locks wait
    for each other.
    """
    try:
        named: dict[str, Any] = {"id": ref if isinstance(ref, UUID) else UUID(ref)}
    except ValueError:
        named = {"key": str(ref).upper()}
    for task in await unit.find(Task, **named):
        await unit.lock(task.team_id)


async def _assignee(unit: Unit, team_id: TeamId, assignee_id: UserId) -> dict[str, Any]:
    memberships = await unit.find(Membership, team_id=team_id, user_id=assignee_id)
    users = await unit.find(User, id=assignee_id) if memberships else []
    return {"assignee_membership": next(iter(memberships), None), "assignee": next(iter(users), None)}


async def _working(unit: Unit, team_id: TeamId, ids: Iterable[UserId]) -> frozenset[UserId]:
    """Those of some people who can be given a task of the team."""
    memberships = await unit.find(Membership, team_id=team_id, user_id=tuple(ids))
    workers = tuple(each.user_id for each in memberships if each.role in WORKERS)
    users = await unit.find(User, id=workers) if workers else []
    return frozenset(user.id for user in users if user.active)


async def lineage(
    unit: Unit, team_id: TeamId, parent_ref: UUID | str | None, actor: Actor
) -> tuple[Task, ...]:
    """The task named, its parent, and so on to the top; empty where it is not in the team."""
    found: list[Task] = []
    if parent_ref is None:
        return ()
    parent = (await unit.see(Task, parent_ref, actor)).thing
    while parent is not None and parent.team_id == team_id and len(found) <= MAX_LEVELS:
        found.append(parent)
        above = await unit.find(Task, team_id=team_id, id=parent.parent_id) if parent.parent_id else []
        parent = next(iter(above), None)
    return tuple(found)


async def subtree(unit: Unit, task: Task) -> list[list[Task]]:
    """The task and its subtasks, level by level, the trash included."""
    levels = [[task]]
    while levels[-1]:
        ids = tuple(parent.id for parent in levels[-1])
        levels.append(await unit.find(Task, team_id=task.team_id, parent_id=ids))
    return levels[:-1]


async def height(unit: Unit, task: Task) -> int:
    return len(await subtree(unit, task))


async def predecessors(unit: Unit, task: Task) -> tuple[tuple[Dependency, Task], ...]:
    links = await unit.find(Dependency, team_id=task.team_id, successor_id=task.id)
    others = await tasks_by_id(unit, task.team_id, [link.predecessor_id for link in links])
    return tuple((link, others[link.predecessor_id]) for link in links if link.predecessor_id in others)


async def tasks_by_id(unit: Unit, team_id: TeamId, ids: Iterable[TaskId]) -> dict[TaskId, Task]:
    wanted = tuple(ids)
    tasks = await unit.find(Task, team_id=team_id, id=wanted) if wanted else []
    return {task.id: task for task in tasks}


async def _unfinished_subtasks(unit: Unit, task: Task) -> tuple[str, ...]:
    subtasks = await unit.find(Task, team_id=task.team_id, parent_id=task.id)
    return tuple(sub.key for sub in subtasks if not sub.status.finished and sub.deleted_at is None)


def resolved(fields: TaskFields, around: Surroundings) -> TaskFields:
    """`fields` with the parent by its id, however the caller named it."""
    if fields.get("parent_id") is None or not around.lineage:
        return fields
    return {**fields, "parent_id": around.lineage[0].id}
