"""The contract of `Queue`; of one that processes share; and of one that hands out ids."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from taskcore.jobs.model import Job, JobPriority
from taskcore.jobs.ports import Queue
from taskcore.jobs.states import new_job
from taskcore.system import uuid7_ids
from taskcore.values import JobId

AT_ONCE = 0.05
LONG_SECONDS = 60.0
"""What a test of waking waits at most: who is not woken is a failure by then."""
QUIET_SECONDS = 0.15
MOST = 100
_new_id = uuid7_ids()


def waiting(priority: JobPriority = JobPriority.NORMAL, *, due: timedelta = timedelta(seconds=-1)) -> Job:
    """A job that nobody has taken; by default one that is due."""
    now = datetime.now(UTC)
    return new_job(_new_id(), "test", now, at=now + due, priority=priority)


async def drained(queue: Queue) -> None:
    """Take what there is, until nothing wakes: it is connected then, and has looked at what it had missed."""
    while await queue.take(MOST, AT_ONCE) or await woken(queue, QUIET_SECONDS) < QUIET_SECONDS * 0.9:
        pass


async def woken(queue: Queue, within: float = LONG_SECONDS) -> float:
    """How many seconds a `take` has waited that may wait so long."""
    began = time.monotonic()
    async with asyncio.timeout(LONG_SECONDS * 2):
        await queue.take(1, within)
    return time.monotonic() - began


async def handed_out(queue: Queue, count: int, most: int = MOST) -> list[JobId]:
    """So many ids, in the order in which they come."""
    ids: list[JobId] = []
    async with asyncio.timeout(LONG_SECONDS):
        while len(ids) < count:
            ids += await queue.take(most, 1.0) or ()
    return ids


class QueueContract:
    """Behaviours of one queue. A subclass gives the fixture `queue`, on which nobody else offers."""

    async def test_who_waits_is_woken_by_an_offer(self, queue: Queue) -> None:
        await drained(queue)
        taking = asyncio.create_task(woken(queue))
        await asyncio.sleep(0)
        queue.offer([waiting()])

        assert await taking < LONG_SECONDS

    async def test_what_was_offered_before_is_known_to_who_comes(self, queue: Queue) -> None:
        await drained(queue)
        queue.offer([waiting()])

        assert await woken(queue) < LONG_SECONDS

    async def test_where_nothing_is_offered_it_waits_as_long_as_it_may_and_no_longer(
        self, queue: Queue
    ) -> None:
        await drained(queue)
        began = time.monotonic()
        async with asyncio.timeout(LONG_SECONDS):
            taken = await queue.take(MOST, QUIET_SECONDS)

        assert not taken
        assert time.monotonic() - began >= QUIET_SECONDS * 0.9

    async def test_nothing_offered_wakes_nobody(self, queue: Queue) -> None:
        await drained(queue)
        queue.offer([])
        began = time.monotonic()
        await queue.take(MOST, QUIET_SECONDS)

        assert time.monotonic() - began >= QUIET_SECONDS * 0.9

    async def test_who_waits_may_be_cancelled_and_come_again(self, queue: Queue) -> None:
        await drained(queue)
        taking = asyncio.create_task(queue.take(1, LONG_SECONDS))
        await asyncio.sleep(AT_ONCE)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        queue.offer([waiting()])

        assert await woken(queue) < LONG_SECONDS

    async def test_a_great_many_can_be_offered_at_once(self, queue: Queue) -> None:
        await drained(queue)
        queue.offer([waiting() for _ in range(5_000)])

        assert await woken(queue) < LONG_SECONDS

    def test_an_offer_needs_no_event_loop_and_raises_nothing(self, queue: Queue) -> None:
        queue.offer([waiting()])

    async def test_it_can_be_closed_before_anything_came_and_told_something_after(self, queue: Queue) -> None:
        await queue.close()
        queue.offer([waiting()])


class SharedQueueContract:
    """What the workers of one process hear of what another queued. A subclass gives `queue` and `other`."""

    async def test_a_worker_is_woken_by_what_another_process_offers(self, queue: Queue, other: Queue) -> None:
        await drained(queue)
        taking = asyncio.create_task(woken(queue))
        await asyncio.sleep(AT_ONCE)
        other.offer([waiting()])

        assert await taking < LONG_SECONDS

    async def test_what_is_offered_at_the_end_arrives(self, queue: Queue, other: Queue) -> None:
        await drained(queue)
        taking = asyncio.create_task(woken(queue))
        await asyncio.sleep(AT_ONCE)
        other.offer([waiting()])
        await other.close()

        assert await taking < LONG_SECONDS


class FeedContract:
    """Behaviours of a queue that hands out ids (`feeds`). A subclass gives the fixtures `queue` and `other`."""

    @pytest.fixture(autouse=True)
    async def _empty(self, queue: Queue) -> None:
        await drained(queue)

    async def test_each_id_is_handed_out_once(self, queue: Queue, other: Queue) -> None:
        jobs = [waiting() for _ in range(1_000)]
        queue.offer(jobs)
        here, there = await asyncio.gather(
            *(handed_out(each, 300, most=7) for each in (queue, other)),
        )
        rest = await handed_out(queue, 1_000 - len(here) - len(there))

        assert sorted([*here, *there, *rest]) == sorted(job.id for job in jobs)
        assert not await queue.take(MOST, AT_ONCE)

    async def test_a_job_offered_twice_is_there_once(self, queue: Queue, other: Queue) -> None:
        job, last = waiting(), waiting(JobPriority.LOW)
        queue.offer([job, job])
        queue.offer([job])
        other.offer([job])
        await other.close()
        queue.offer([last])

        assert await handed_out(queue, 2) == [job.id, last.id]

    async def test_the_most_urgent_goes_first_and_among_equals_what_was_due_first(self, queue: Queue) -> None:
        late = [waiting(each, due=timedelta(hours=-1)) for each in JobPriority]
        early = [waiting(each, due=timedelta(days=-400)) for each in JobPriority]
        queue.offer([*late, *early][::-1])
        wanted = [job.id for pair in zip(early, late, strict=True) for job in pair]

        assert await handed_out(queue, len(wanted), most=2) == wanted

    async def test_no_more_are_taken_than_asked_for(self, queue: Queue) -> None:
        queue.offer([waiting() for _ in range(10)])
        sizes = [len(await handed_out(queue, 3, most=3)) for _ in range(3)]

        assert sizes == [3, 3, 3]
        assert len(await handed_out(queue, 1)) == 1

    async def test_what_is_due_later_is_not_handed_out(self, queue: Queue) -> None:
        queue.offer([waiting(due=timedelta(hours=1)), now := waiting(JobPriority.LOW)])

        assert await handed_out(queue, 1) == [now.id]
        assert not await queue.take(MOST, AT_ONCE)

    async def test_what_was_handed_out_can_be_offered_again(self, queue: Queue) -> None:
        job = waiting()
        queue.offer([job])
        first = await handed_out(queue, 1)
        queue.offer([job])

        assert first == await handed_out(queue, 1) == [job.id]
