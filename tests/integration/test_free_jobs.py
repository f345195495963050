"""On PostgreSQL units of work are open side by side: who takes jobs gets those that no other has locked, and waits
for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from taskcore.connect import STORES, resolve
from taskcore.jobs.model import Job
from taskcore.ports import Store, Unit
from taskcore.testing.jobs import NOW, a_job, claims, kept, saved
from taskcore.values import JobId

SECONDS = 30


pytestmark = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    opened: Store = resolve(STORES, store_url)(store_url)
    yield opened
    await opened.close()


async def test_of_two_open_units_each_gets_what_the_other_has_not(store: Store) -> None:
    jobs = await saved(store, *(a_job() for _ in range(5)))
    has_three, may_end = asyncio.Event(), asyncio.Event()

    async def hold(unit: Unit) -> list[JobId]:
        mine = await unit.find(Job, due=NOW, free=True, limit=3)
        has_three.set()
        await may_end.wait()
        return [job.id for job in mine]

    async with asyncio.timeout(SECONDS):
        holding = asyncio.create_task(store.transact(hold))
        await has_three.wait()
        others = await claims(store, "other", 3)
        by_id = await _free_of(store, jobs)
        may_end.set()
        held = await holding

    assert held == [job.id for job in jobs[:3]]
    assert [job.id for job in others] == [job.id for job in jobs[3:]]
    assert by_id == [job.id for job in jobs[3:]]


async def test_what_a_unit_had_that_failed_is_free_again(store: Store) -> None:
    jobs = await saved(store, *(a_job() for _ in range(3)))

    async def fail(unit: Unit) -> None:
        await unit.find(Job, due=NOW, free=True)
        raise LookupError

    with pytest.raises(LookupError):
        await store.transact(fail)

    assert [job.id for job in await claims(store, "next", 3)] == [job.id for job in jobs]
    assert {job.attempts for job in await kept(store, *jobs)} == {1}


async def _free_of(store: Store, jobs: list[Job]) -> list[JobId]:
    async def work(unit: Unit) -> list[JobId]:
        found = await unit.find(Job, id=tuple(job.id for job in jobs), free=True)
        return [job.id for job in found]

    return await store.transact(work)
