"""The contract of `Store` where it is the queue: jobs saved with what they are for, and taken by one worker each."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import chain
from random import Random
from typing import Any
from uuid import uuid4

import attrs
import pytest

from taskcore.errors import Conflict, PreconditionFailed
from taskcore.jobs.model import Job, JobPriority
from taskcore.jobs.states import claimed, completed, new_job
from taskcore.ports import Store, Unit
from taskcore.system import uuid7_ids
from taskcore.values import JobId, TeamId, UserId

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LEASE = timedelta(seconds=30)
WORKERS = 10
_new_id = uuid7_ids()


class Undone(Exception):
    """Raised by a test inside a unit of work, to have it undone."""


def a_job(**fields: Any) -> Job:
    return new_job(_new_id(), "test", NOW, **fields)


async def saved(store: Store, *jobs: Job) -> list[Job]:
    async def work(unit: Unit) -> list[Job]:
        return await unit.save(jobs)

    return await store.transact(work)


async def claims(store: Store, worker: str, most: int) -> list[Job]:
    """What a worker takes, as one does."""

    async def work(unit: Unit) -> list[Job]:
        free = await unit.find(Job, due=NOW, free=True, limit=most)
        return await unit.save([claimed(job, worker, NOW, LEASE) for job in free])

    return await store.transact(work)


async def kept(store: Store, *jobs: Job) -> list[Job]:
    found = await store.rows().find(Job, id=tuple(job.id for job in jobs))
    return sorted(found, key=lambda job: job.id)


class JobContract:
    """Behaviours of jobs in a store. A subclass gives the fixture `store`, which is empty."""

    async def test_a_job_comes_back_as_it_was_saved(self, store: Store) -> None:
        whole = a_job(
            payload={"text": "Grüße \U0001f600", "deep": [1, {"a": None}]},
            user_id=UserId(uuid4()),
            team_id=TeamId(uuid4()),
            at=NOW + timedelta(hours=1),
            unique_key="digest 7",
            priority=JobPriority.HIGH,
            max_attempts=3,
        )
        await saved(store, whole)

        assert await kept(store, whole) == [whole]

    async def test_what_is_due_is_found_the_earliest_first_and_nothing_else(self, store: Store) -> None:
        later, early, due, ended = (
            a_job(at=NOW + timedelta(seconds=1)),
            a_job(at=NOW - timedelta(days=1)),
            a_job(),
            completed(a_job(), NOW),
        )
        await saved(store, later, due, early, attrs.evolve(ended, version=1))

        assert await store.rows().find(Job, due=NOW) == [early, due]
        assert await store.rows().find(Job, due=NOW, limit=1) == [early]

    async def test_jobs_are_found_by_kind_and_state(self, store: Store) -> None:
        first, other = (attrs.evolve(a_job(), kind=kind) for kind in ("test.one", "test.other"))
        await saved(store, first, other)

        assert await store.rows().find(Job, kind="test.other", state=first.state) == [other]
        assert await store.rows().find(Job, kind=("test.one", "test.none")) == [first]
        assert await store.transact(lambda unit: unit.find(Job, kind="test.one", free=True)) == [first]

    async def test_many_are_changed_at_once_and_each_is_one_version_on(self, store: Store) -> None:
        jobs = await saved(store, *(a_job() for _ in range(40)))
        changed = await saved(
            store, *(claimed(job, f"w{place}", NOW, LEASE) for place, job in enumerate(jobs))
        )

        assert await kept(store, *jobs) == changed
        assert {job.version for job in changed} == {2}

    async def test_of_many_that_are_changed_one_stale_undoes_all(self, store: Store) -> None:
        jobs = await saved(store, *(a_job() for _ in range(10)))
        taken = [claimed(job, "late", NOW, LEASE) for job in jobs]
        (other,) = await saved(store, claimed(jobs[7], "first", NOW, LEASE))
        with pytest.raises(PreconditionFailed):
            await saved(store, *taken)

        assert await kept(store, *jobs) == [*jobs[:7], other, *jobs[8:]]

    async def test_no_two_jobs_that_have_not_ended_share_a_unique_key(self, store: Store) -> None:
        (first,) = await saved(store, a_job(unique_key="digest 7"))
        with pytest.raises(Conflict) as refused:
            await saved(store, a_job(unique_key="digest 7"))
        await saved(store, completed(first, NOW))
        await saved(store, a_job(unique_key="digest 7"))

        assert (refused.value.code, refused.value.data["field"]) == ("already_exists", "unique_key")

    async def test_there_are_as_many_jobs_as_units_that_were_committed(self, store: Store) -> None:
        """Of a hundred, of which three in ten are undone after they have saved; a thousand in `bench.jobs`."""
        committed = await enqueued_in_many_units(store, 100, seed=7)
        found = await store.rows().find(Job)

        assert {job.id for job in found} == committed
        assert 50 < len(committed) < 90


class JobRaces:
    """Behaviours of jobs in a store whose coroutines can meet. A subclass gives the fixture `store`."""

    async def test_each_job_is_taken_by_one_worker(self, store: Store) -> None:
        jobs = await saved(store, *(a_job() for _ in range(200)))

        async def work(worker: str) -> list[Job]:
            mine: list[Job] = []
            while taken := await claims(store, worker, 7):
                mine += taken
            return mine

        taken = await asyncio.gather(*(work(f"w{place}") for place in range(WORKERS)))
        missed = await work("last")  # all that were left may have been locked by one that took fewer

        assert sorted(job.id for job in [*chain(*taken), *missed]) == [job.id for job in jobs]
        assert {job.attempts for job in await kept(store, *jobs)} == {1}

    async def test_of_racing_jobs_with_one_unique_key_exactly_one_is_there(self, store: Store) -> None:
        async def enqueue() -> bool:
            try:
                await saved(store, a_job(unique_key="digest 7"))
            except Conflict:
                return False
            return True

        won = await asyncio.gather(*(enqueue() for _ in range(WORKERS)))

        assert sum(won) == 1
        assert len(await store.rows().find(Job, unique_key="digest 7")) == 1


async def enqueued_in_many_units(store: Store, count: int, *, seed: int) -> set[JobId]:
    """The ids of the jobs whose units were committed: three in ten are not."""
    chance, committed = Random(seed), set[JobId]()
    for _ in range(count):
        job, is_undone = a_job(), chance.random() < 0.3

        async def work(unit: Unit, job: Job = job, is_undone: bool = is_undone) -> None:  # noqa: FBT001  bound here
            await unit.save([job])
            if is_undone:
                raise Undone

        try:
            await store.transact(work)
            committed.add(job.id)
        except Undone:
            pass
    return committed
