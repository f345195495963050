"""When somebody has to look at a task next: kept up to date with what happens to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from taskcore.events import Event
from taskcore.jobs.model import Job
from taskcore.jobs.ports import Run
from taskcore.jobs.states import new_job
from taskcore.ports import Unit
from taskcore.tasks.model import Dependency, Task
from taskcore.tasks.reminding import Reminder
from taskcore.teams.model import Membership
from taskcore.values import UNFINISHED, Clock, Ids, LagUnit, TaskId, TeamId, UserId
from taskcore.watching.looking import BEFORE_ALL, looked
from taskcore.watching.model import Watch
from taskcore.watching.situation import situations

CONSUMER = "watches"
"""The name among those who read the log."""
REARM = "watches.rearm"
"""The kind of the job that looks at tasks again, a team's or a user's, for something that is about many of them."""
BATCH = 100
"""Tasks of one unit of work."""
_FREEING = frozenset(
    {"task.completed", "task.cancelled", "task.reopened", "task.started", "task.deleted", "task.restored"}
)
"""What changes whether successors are blocked."""
_OF_ALL = frozenset({"suspended_at", "deleted_at", "time_zone", "hours", "exceptions"})
"""What of a team is about all its tasks."""


async def armed(unit: Unit, team_id: TeamId, ids: Collection[TaskId]) -> list[Watch]:
    """The watches of these tasks that are new, or to be changed. The team's lock is held, so that each is made once."""
    known = (
        {each.task_id: each for each in await unit.find(Watch, team_id=team_id, task_id=tuple(ids))}
        if ids
        else {}
    )
    changed = []
    for about in await situations(unit, team_id, ids):
        before = known.get(about.task.id)
        after = looked(about, before or Watch(team_id, about.task.id), BEFORE_ALL).watch
        if before is None and after.wakes_at is not None:
            changed.append(after)
        elif before is not None and after != before:
            changed.append(attrs.evolve(after, version=before.version + 1))
    return changed


async def woken(unit: Unit, task: Task, at: datetime | None) -> list[Watch]:
    """What to save so that somebody looks at a task at that instant at the latest. The team's lock is held."""
    if at is None:
        return []
    for watch in await unit.find(Watch, team_id=task.team_id, task_id=task.id):
        if watch.wakes_at is not None and watch.wakes_at <= at:
            return []
        return [attrs.evolve(watch, wakes_at=at, version=watch.version + 1)]
    return [Watch(task.team_id, task.id, at)]


def moved(user_id: UserId, now: datetime, new_id: Ids) -> Job:
    """The job to save with a user who lives in another time zone: what is theirs is due in other mornings."""
    return new_job(new_id(), REARM, now, {"assignee_id": str(user_id)}, user_id=user_id)


@attrs.frozen
class Arming:
    """What follows from events of a team for when somebody has to look at its tasks."""

    clock: Clock
    new_id: Ids

    async def apply(self, unit: Unit, events: Sequence[Event]) -> None:
        """As `Consumer` calls it."""
        team_id = events[0].team_id
        await unit.lock(team_id)
        concerned = {each.task_id: None for each in events if _is_concerned(each)}
        ids = {task_id: None for task_id in concerned if task_id is not None}
        ids |= dict.fromkeys(await _successors(unit, team_id, events))
        changed: list[Watch | Job] = []
        for batch in _batches(list(ids)):
            changed += await armed(unit, team_id, batch)
        await unit.save([*changed, *self._jobs(team_id, events)])

    def _jobs(self, team_id: TeamId, events: Sequence[Event]) -> list[Job]:
        """One for all, or one for each member who works at other times."""
        if any(_is_about_all(event) for event in events):
            return [self._job(team_id)]
        members = {str(each.subject_id) for each in events if each.kind == "member.capacity_changed"}
        return [self._job(team_id, user_id=user_id) for user_id in sorted(members)]

    def _job(self, team_id: TeamId, **more: str) -> Job:
        payload = {"team_id": str(team_id), **more}
        return new_job(self.new_id(), REARM, self.clock(), payload, team_id=team_id)


def _is_concerned(event: Event) -> bool:
    noun = event.kind.partition(".")[0]
    return noun == "dependency" or (noun == "task" and event.kind != "task.purged")


def _is_about_all(event: Event) -> bool:
    changed = event.kind == "team.updated" and not _OF_ALL.isdisjoint(event.data)
    return changed or event.kind in ("escalation.created", "escalation.updated")


async def _successors(unit: Unit, team_id: TeamId, events: Sequence[Event]) -> list[TaskId]:
    freeing = tuple({each.task_id for each in events if each.kind in _FREEING or "status" in each.data})
    if not freeing:
        return []
    links = await unit.find(Dependency, team_id=team_id, predecessor_id=freeing)
    return [link.successor_id for link in links]


def _batches(ids: Sequence[TaskId]) -> list[Sequence[TaskId]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


async def rearm(run: Run) -> dict[str, int]:
    """The job `watches.rearm`: looks at all unfinished tasks of a team, at those of which a member is reminded in
    working time, or at all that are assigned to a user. It may be done twice; a unit of work for each `BATCH` tasks."""
    payload = run.job.payload
    if "assignee_id" in payload:
        assignee_id, done = UserId(UUID(payload["assignee_id"])), 0
        for membership in await run.outside.store.rows().find(Membership, user_id=assignee_id):
            done = await _unfinished(run, done, membership.team_id, assignee_id=assignee_id)
        return {"tasks": done}
    team_id, user_id = TeamId(UUID(payload["team_id"])), payload.get("user_id")
    store, rows, done = run.outside.store, run.outside.store.rows(), 0
    if user_id is not None:
        found = await rows.find(
            Reminder, team_id=team_id, user_id=UserId(UUID(user_id)), offset_unit=LagUnit.WORKING
        )
        for batch in _batches(list(dict.fromkeys(each.task_id for each in found))):
            await store.transact(_Rearming(team_id, batch))
            done += len(batch)
        return {"tasks": done}
    return {"tasks": await _unfinished(run, done, team_id)}


async def _unfinished(run: Run, done: int, team_id: TeamId, **which: UserId) -> int:
    """Looks at those of a team's unfinished tasks; how many were looked at, with the `done` before."""
    store, last = run.outside.store, None
    wanted: dict[str, Any] = {"status": tuple(UNFINISHED), "deleted_at": None, **which}
    while tasks := await store.rows().find(Task, team_id=team_id, **wanted, after=last, limit=BATCH):
        await store.transact(_Rearming(team_id, [task.id for task in tasks]))
        last, done = tasks[-1].id, done + len(tasks)
        await run.progress(done)
    return done


@attrs.frozen
class _Rearming:
    """A unit of work of it."""

    team_id: TeamId
    ids: Sequence[TaskId]

    async def __call__(self, unit: Unit) -> None:
        await unit.lock(self.team_id)
        await unit.save(await armed(unit, self.team_id, self.ids))
