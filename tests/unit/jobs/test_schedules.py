"""Each tick queues one job, whoever looks and whenever; what is missed is made up for as its schedule says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from taskcore.errors import Invalid
from taskcore.events import instant_text
from taskcore.jobs import registry
from taskcore.jobs.model import Job, JobSchedule
from taskcore.jobs.registry import Schedule
from taskcore.jobs.schedules import FORGOTTEN_AFTER, Ticks
from taskcore.jobs.states import completed
from taskcore.ports import Unit
from taskcore.testing import World
from taskcore_memory import open_store

HOURLY = Schedule("report", "0 * * * *", "Europe/Berlin", "report.make", {"of": "all"})
EACH = attrs.evolve(HOURLY, catch_up=True)


async def queued(world: World) -> list[Job]:
    return await world.store.rows().find(Job)


async def ticks_of(world: World) -> list[str]:
    return [job.payload["tick"] for job in await queued(world)]


async def rows_of(world: World) -> list[JobSchedule]:
    return await world.store.rows().find(JobSchedule)


async def all_end(world: World) -> None:
    """What is queued is done, so that another may have its key."""

    async def work(unit: Unit) -> None:
        await unit.save([completed(job, world.clock.now) for job in await unit.find(Job)])

    await world.core.store.transact(work)


def at(world: World, hour: int, minute: int = 0) -> None:
    world.clock.now = datetime(2026, 11, 2, hour, minute, tzinfo=UTC)


async def test_a_tick_queues_one_job_of_its_kind(world: World) -> None:
    at(world, 9, 30)
    ticks = Ticks(world.core, [HOURLY])
    before = await ticks.step()
    at(world, 10)
    steps = [await ticks.step() for _ in range(2)]
    (job,) = await queued(world)

    assert (before, steps) == (0, [1, 0])
    assert (job.kind, job.payload) == ("report.make", {"of": "all", "tick": "2026-11-02T10:00:00.000000Z"})
    assert (job.unique_key, job.due_at) == ("report@2026-11-02T10:00:00.000000Z", world.clock.now)


async def test_many_workers_queue_each_tick_once() -> None:
    at(world := World(open_store("memory://")), 9, 30)
    workers = [Ticks(world.core, [HOURLY]) for _ in range(5)]
    for hour in range(9, 14):
        at(world, hour, 59)
        await asyncio.gather(*(each.step() for each in workers))
        at(world, hour + 1)
        await asyncio.gather(*(each.step() for each in workers))

    assert await ticks_of(world) == [f"2026-11-02T{hour}:00:00.000000Z" for hour in range(10, 15)]


@pytest.mark.parametrize(("schedule", "hours"), [(HOURLY, [13]), (EACH, [10, 11, 12, 13])])
async def test_what_was_missed_is_made_up_for(world: World, schedule: Schedule, hours: list[int]) -> None:
    at(world, 9, 30)
    await Ticks(world.core, [schedule]).step()
    at(world, 13, 20)
    later = Ticks(world.core, [schedule])
    while await later.step():
        pass

    assert await ticks_of(world) == [f"2026-11-02T{hour}:00:00.000000Z" for hour in hours]
    assert [instant_text(row.due_at) for row in await rows_of(world)] == ["2026-11-02T14:00:00.000000Z"]


async def test_another_cron_takes_effect_at_the_next_start(world: World) -> None:
    at(world, 9, 30)
    await Ticks(world.core, [attrs.evolve(HOURLY, cron="0 3 * * *")]).step()
    await Ticks(world.core, [attrs.evolve(HOURLY, cron="45 9 * * *", time_zone="UTC")]).step()
    at(world, 9, 45)
    await Ticks(world.core, [attrs.evolve(HOURLY, cron="45 9 * * *", time_zone="UTC")]).step()

    assert await ticks_of(world) == ["2026-11-02T09:45:00.000000Z"]


async def test_a_start_queues_no_tick_again_that_a_clock_ahead_has_queued(world: World) -> None:
    at(world, 9, 30)
    ticks = Ticks(world.core, [HOURLY])
    await ticks.step()
    at(world, 10)
    await ticks.step()
    await all_end(world)
    world.clock.advance(seconds=-1)
    await Ticks(world.core, [HOURLY]).step()
    at(world, 10)
    await Ticks(world.core, [HOURLY]).step()

    assert await ticks_of(world) == ["2026-11-02T10:00:00.000000Z"]


async def test_a_schedule_that_is_no_more_goes_once_nobody_knows_it(world: World) -> None:
    at(world, 9, 30)
    await Ticks(world.core, [HOURLY]).step()
    world.clock.advance(hours=2)
    await Ticks(world.core, []).step()
    kept = await rows_of(world)
    world.clock.advance(seconds=FORGOTTEN_AFTER.total_seconds())
    await Ticks(world.core, []).step()

    assert (len(kept), await rows_of(world), await queued(world)) == (1, [], [])


async def test_who_is_second_to_save_a_schedule_leaves_it(world: World) -> None:
    at(world, 9, 30)
    first, second = Ticks(world.core, [HOURLY]), Ticks(world.core, [HOURLY])
    row = JobSchedule("report", world.clock.now)
    await first._save(row)
    await second._save(row)
    await second._save(attrs.evolve(row, version=3))

    assert await rows_of(world) == [row]


@pytest.mark.parametrize(
    ("about", "error"), [({"cron": "no"}, Invalid), ({"time_zone": "No/Where"}, ValueError)]
)
def test_a_schedule_that_cannot_be_is_refused_at_the_start(
    world: World, about: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Ticks(world.core, [attrs.evolve(HOURLY, **about)])


def test_every_schedule_there_is_has_a_handler_that_can_be_imported(world: World) -> None:
    Ticks(world.core)
    kinds = {schedule.kind for schedule in registry.SCHEDULES}

    assert kinds <= registry.HANDLERS.keys()
    assert all(callable(world.core.handlers.of(kind)) for kind in registry.HANDLERS)
    assert registry.TIMEOUTS.keys() <= registry.HANDLERS.keys()


def test_schedules_are_named_once() -> None:
    names = [schedule.name for schedule in registry.SCHEDULES]

    assert len(names) == len(set(names))
