"""When somebody has to look at a task next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from taskcore.jobs.model import Job
from taskcore.jobs.ports import Stopped
from taskcore.testing import World
from taskcore.watching import arming as module
from taskcore.watching.arming import REARM, rearm
from taskcore.watching.loops import arming
from tests.unit.watching.places import START, OneRun, place


async def queued(world: World) -> list[Job]:
    return [each for each in await world.store.rows().find(Job) if each.kind == REARM]


async def test_what_is_about_all_tasks_is_done_by_one_job(world: World) -> None:
    there = await place(world)
    me = there.owner.me
    await me.teams.edit(there.team.id, name="Other")
    await arming(world.core).step()
    none = await queued(world)
    await me.teams.edit(there.team.id, time_zone="Asia/Tokyo")
    await me.escalations.create(there.team.id, "x", "overdue", [{"action": "raise_priority"}])
    await arming(world.core).step()

    assert none == []
    assert [job.payload for job in await queued(world)] == [{"team_id": str(there.team.id)}]


async def test_it_goes_through_a_team_in_units_and_can_be_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    there = await place(world)
    tasks = [await there.task(str(number)) for number in range(5)]
    await arming(world.core).step()
    await there.owner.me.escalations.create(
        there.team.id, "x", "unassigned", [{"action": "raise_priority"}], after_minutes=60
    )
    await arming(world.core).step()
    (job,) = await queued(world)
    stopped = OneRun(job, world, stopped_after=2)
    with pytest.raises(Stopped):
        await rearm(stopped)
    half = [await there.watch(task.id) for task in tasks]
    whole = OneRun(job, world)
    results = [await rearm(whole), await rearm(whole)]
    watches = [await there.watch(task.id) for task in tasks]

    assert [each is not None for each in half] == [True] * 4 + [False]
    assert results == [{"tasks": 5}] * 2
    assert whole.told == [2, 4, 5] * 2
    assert {each.wakes_at for each in watches if each is not None} == {
        START.replace(microsecond=0) + timedelta(hours=1)
    }
    assert {each.version for each in watches if each is not None} == {1}


async def test_a_member_who_works_at_other_times_is_looked_at_alone(world: World) -> None:
    there = await place(world)
    watched: Any = await there.task(due_at=START + timedelta(days=9))
    await there.task(due_at=START + timedelta(days=9))
    for minutes in (-60, -30):
        await there.owner.me.reminders.add(watched.id, offset_minutes=minutes, offset_unit="working")
    await arming(world.core).step()
    await there.owner.me.calendars.put_member(
        there.team.id, there.owner.user.id, {"hours": {"mon": ["09:00-10:00"]}}
    )
    await arming(world.core).step()
    (job,) = await queued(world)

    assert await rearm(OneRun(job, world)) == {"tasks": 1}


async def test_a_watch_that_wakes_in_time_is_left_alone(world: World) -> None:
    there = await place(world)
    task = await there.task(due_at=START + timedelta(days=9))
    await arming(world.core).step()
    await there.owner.me.reminders.add(task.id, offset_minutes=60)
    later = await there.watch(task.id)
    await there.owner.me.reminders.add(task.id, "absolute", at=START + timedelta(days=1))
    sooner = await there.watch(task.id)
    await there.owner.me.reminders.add(task.id, "planned_start")

    assert later is not None
    assert sooner is not None
    assert (later.version, sooner.version) == (1, 2)
    assert sooner.wakes_at == START.replace(microsecond=0) + timedelta(days=1)
    assert await there.watch(task.id) == sooner
