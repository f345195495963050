"""What holds of tasks that are watched by many at once; for stores whose coroutines can meet."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from taskcore.delivery.inbox import Notification, Reason
from taskcore.ports import Store
from taskcore.tasks.succession import successor_id
from taskcore.testing.samples import log_of
from taskcore.testing.world import World
from taskcore.values import Status
from taskcore.watching.loops import arming, waking
from taskcore.watching.model import Watch

LOOPS = 4


class WatchRaces:
    """Loops that race for the same tasks, and people who change them meanwhile."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_however_many_look_each_thing_is_told_once(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        now = await _now(world)
        tasks = [await ada.me.tasks.create(team.id, str(number)) for number in range(12)]
        for task in tasks:
            await ada.me.reminders.add(task.id, "absolute", at=now - timedelta(minutes=1))
            await ada.me.tasks.edit(task.id, due_at=now - timedelta(minutes=2))
        loops = [waking(world.core) for _ in range(LOOPS)]
        followers = [arming(world.core) for _ in range(LOOPS)]
        for step in range(5):
            edits = (ada.me.tasks.edit(task.id, description=f"{step}") for task in tasks)
            looks, follows = (each.step() for each in loops), (each.step() for each in followers)
            await asyncio.gather(*edits, *looks, *follows)
        await self._settle(world)

        told = await world.store.rows().find(Notification, user_id=ada.user.id)
        assert Counter((each.task_id, each.reason) for each in told) == {
            (task.id, reason): 1 for task in tasks for reason in (Reason.REMINDER, Reason.OVERDUE)
        }
        fired = Counter(each.task_id for each in await log_of(world, team) if each.kind == "reminder.fired")
        assert fired == {task.id: 1 for task in tasks}

    async def test_who_wants_to_be_reminded_waits_for_nobody_and_is(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        now = await _now(world)
        task = await ada.me.tasks.create(team.id, "x", due_at=now + timedelta(days=30))
        adding = (
            ada.me.reminders.add(task.id, "absolute", at=now + timedelta(hours=hours))
            for hours in range(1, 11)
        )
        await asyncio.gather(*adding, *(arming(world.core).step() for _ in range(LOOPS)))
        (watch,) = await world.store.rows().find(Watch, team_id=team.id)

        assert watch.wakes_at is not None
        assert abs(watch.wakes_at - (now + timedelta(hours=1))) < timedelta(seconds=1)

    async def test_a_rule_moves_a_task_once_while_others_change_it(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        await ada.me.escalations.create(team.id, "Hurry", "unassigned", [{"action": "raise_priority"}])
        task = await ada.me.tasks.create(team.id, "x")
        await arming(world.core).step()
        edits = (ada.me.tasks.edit(task.id, title=f"x {number}") for number in range(8))
        await asyncio.gather(*edits, *(waking(world.core).step() for _ in range(LOOPS)))
        await self._settle(world)

        assert (await ada.me.tasks.get(task.id)).priority == "low"

    async def test_a_task_that_many_finish_is_followed_by_one(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "x", recurrence="RRULE:FREQ=DAILY")
        again = [
            ada.me.tasks.edit(task.id, status=status)
            for status in (Status.DONE, Status.OPEN, Status.DONE, Status.DONE, Status.OPEN, Status.DONE)
        ]
        await asyncio.gather(*again)
        await ada.me.tasks.complete(task.id)
        found = (await ada.me.tasks.list(team=str(team.id), status="open")).items

        assert [each.id for each in found] == [successor_id(task.id)]

    async def _settle(self, world: World) -> None:
        for _ in range(20):
            if not await arming(world.core).step() + await waking(world.core).step():
                return
        raise AssertionError("it never comes to rest")


async def _now(world: World) -> datetime:
    """By the clock that the loops go by."""
    return await world.store.now() or world.clock.now
