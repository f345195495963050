"""A team whose tasks are watched, and the two loops that watch them, step by step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from taskcore.delivery.inbox import Notification
from taskcore.jobs.model import Job
from taskcore.jobs.ports import Stopped
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import TaskId
from taskcore.watching.arming import REARM, rearm
from taskcore.watching.loops import arming, waking
from taskcore.watching.model import Watch

START = datetime.fromisoformat("2026-11-02T09:30:00.123456Z")
"""A Monday, as the clock of a `World` begins."""


class OneRun:
    """What a handler has of one attempt, which nobody stops."""

    def __init__(self, job: Job, world: World, *, stopped_after: int | None = None) -> None:
        self.job = job
        self.outside = world.core._outside
        self.told: list[int] = []
        self._stopped_after = stopped_after

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:  # noqa: ARG002
        self.told.append(done)
        if self._stopped_after is not None and len(self.told) >= self._stopped_after:
            raise Stopped

    async def finish(self, work: Any) -> Any:
        return await self.outside.store.transact(work)


@attrs.define
class Place:
    world: World
    owner: Person
    team: Team

    async def task(self, title: str = "Ship it", **fields: Any) -> Task:
        return await self.owner.me.tasks.create(self.team.id, title, **fields)

    async def pass_by(self, **units: float) -> None:
        """Let time pass, and then what is due happen."""
        self.world.clock.advance(**units)
        await self.settle()

    async def settle(self) -> None:
        """Let all happen that is to happen now."""
        for _ in range(20):
            armed = await arming(self.world.core).step()
            done = await self.run_jobs()
            if not armed and not done and not await waking(self.world.core).step():
                return
        raise AssertionError("it never comes to rest")

    async def run_jobs(self) -> int:
        """Those that arm anew, each once."""
        waiting = await self.world.store.rows().find(Job, state="waiting")
        jobs = [job for job in waiting if job.kind == REARM]
        for job in jobs:
            await rearm(OneRun(job, self.world))

            async def done(unit: Any, job: Job = job) -> None:
                await unit.save([], removed=[job])

            await self.world.store.transact(done)
        return len(jobs)

    async def told(self, person: Person | None = None, *reasons: str) -> list[str]:
        """Reasons and texts of what somebody was told, in order; by default the owner."""
        found = await self.world.store.rows().find(Notification, user_id=(person or self.owner).user.id)
        return [f"{each.reason}: {each.text}" for each in found if not reasons or each.reason in reasons]

    async def watch(self, task_id: TaskId) -> Watch | None:
        found = await self.world.store.rows().find(Watch, team_id=self.team.id, task_id=task_id)
        return found[0] if found else None


async def place(world: World, **fields: Any) -> Place:
    ada = await world.person(**fields)
    return Place(world, ada, await world.team(ada))
