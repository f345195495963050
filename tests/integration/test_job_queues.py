"""What a queue does while its server is away, forgets, stands still, and comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from taskcore.connect import QUEUES, resolve
from taskcore.errors import Unavailable
from taskcore.jobs.ports import Queue
from taskcore.testing.queue import LONG_SECONDS, drained, handed_out, waiting, woken
from tests.servers.faulty_proxy import FAULTS, Fault, faulty_proxy
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis, redis_server


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


def open_queue(url: str) -> Queue:
    queue: Queue = resolve(QUEUES, url)(url, blocking=False)
    return queue


@pytest.fixture
async def fed(redis: Redis) -> AsyncIterator[Queue]:
    queue = open_queue(redis.url)
    await drained(queue)
    yield queue
    await queue.close()


async def offered_until_handed_out(queue: Queue) -> None:
    """As the store does that still has the job, which may be lost at any time."""
    job = waiting()
    async with asyncio.timeout(LONG_SECONDS):
        while True:
            queue.offer([job])
            try:
                if job.id in (await queue.take(10, 0.05) or ()):
                    return
            except Unavailable:
                await asyncio.sleep(0.01)


async def test_after_redis_was_away_it_is_fed_again(redis: Redis, fed: Queue) -> None:
    redis.stop()
    fed.offer([waiting()])
    with pytest.raises(Unavailable):
        await fed.take(1, 0.1)
    redis.start()

    await offered_until_handed_out(fed)


async def test_what_redis_forgot_can_be_offered_again(redis: Redis, fed: Queue) -> None:
    job = waiting()
    fed.offer([job])
    await offered_until_handed_out(fed)
    redis.ask("FLUSHALL")
    fed.offer([job])

    assert job.id in await handed_out(fed, 1)


async def test_a_redis_that_stands_still_holds_nobody_up(redis: Redis, fed: Queue) -> None:
    with redis.paused():
        fed.offer([waiting()])
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await fed.take(1, 0.1)
        with pytest.raises(Unavailable):
            await fed.take(1, 0)
        waited = time.monotonic() - began
        await fed.close()

    assert waited < LONG_SECONDS


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_line_to_postgresql_that_breaks_is_made_anew(postgres_server: Postgres, fault: Fault) -> None:
    port = int(postgres_server.url().rpartition(":")[2].partition("/")[0])
    async with faulty_proxy(port) as proxy:
        there = open_queue(postgres_server.url().replace(f":{port}/", f":{proxy.port}/"))
        here = open_queue(postgres_server.url())
        await drained(there)
        proxy.cut(fault)
        async with asyncio.timeout(LONG_SECONDS):
            while (
                await woken(there, 0.3) >= 0.3 * 0.9
            ):  # until it is told: what is told meanwhile may be lost
                here.offer([waiting()])

        for queue in (here, there):
            await queue.close()


async def test_without_postgresql_a_process_tells_itself() -> None:
    queue = open_queue("postgresql://127.0.0.1:1/nobody")
    queue.offer([waiting()])

    assert await woken(queue) < LONG_SECONDS
    assert await queue.take(1, 0.01) is None
    await queue.close()
