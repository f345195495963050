"""Every queue keeps the contract, on a real PostgreSQL and a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from taskcore.connect import QUEUES, resolve
from taskcore.errors import Invalid
from taskcore.jobs.ports import Queue
from taskcore.testing import FeedContract, QueueContract, SharedQueueContract
from taskcore.testing.queue import drained, handed_out, waiting
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis, redis_server


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


def open_queue(url: str) -> Queue:
    queue: Queue = resolve(QUEUES, url)(url, blocking=False)
    return queue


class _Opened:
    """Two queues of one place, as two processes have them."""

    @pytest.fixture
    async def queue(self, url: str) -> AsyncIterator[Queue]:
        opened = open_queue(url)
        yield opened
        await opened.close()

    @pytest.fixture
    async def other(self, url: str) -> AsyncIterator[Queue]:
        opened = open_queue(url)
        yield opened
        await opened.close()


class TestInline(_Opened, QueueContract):
    """Within one process."""

    @pytest.fixture
    def url(self) -> str:
        return "inline://"


class TestInPostgres(_Opened, QueueContract, SharedQueueContract):
    """Woken by notifications."""

    @pytest.fixture
    def url(self, postgres_server: Postgres) -> str:
        return postgres_server.url()


class TestInRedis(_Opened, QueueContract, SharedQueueContract, FeedContract):
    """Fed with ids."""

    @pytest.fixture
    def url(self, redis: Redis) -> str:
        return redis.url


async def test_instances_of_one_redis_are_kept_apart_by_their_namespaces(redis: Redis) -> None:
    ours, theirs = open_queue(f"{redis.url}?namespace=a"), open_queue(f"{redis.url}?namespace=b.2")
    await drained(ours)
    ours.offer([mine := waiting()])
    theirs.offer([other := waiting()])

    assert await handed_out(theirs, 1) == [other.id]
    assert await handed_out(ours, 1) == [mine.id]
    for queue in (ours, theirs):
        await queue.close()


@pytest.mark.parametrize(
    "wrong",
    [
        "inline://host",
        "inline:///x",
        "postgresql://ada:hunter2@host:port/tasks",
        "redis://:hunter2@host:port/0",
        "redis://h?db=hunter2",
        "redis://:hunter2@h/0?namespace=",
        "redis://:hunter2@h/0?namespace=a:b",
    ],
)
def test_a_queue_refuses_what_it_does_not_understand(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_queue(wrong)

    assert "hunter2" not in str(refused.value)
    assert refused.value.faults[0].field == "queue"


@pytest.mark.parametrize(
    ("url", "in_service", "feeds"),
    [
        ("inline://", True, False),
        ("worker://", False, False),
        ("postgresql://ada@host/tasks?pool_size=3&rls=off", False, False),
        ("rediss://host", False, True),
    ],
)
async def test_what_a_queue_says_of_itself(url: str, in_service: bool, feeds: bool) -> None:  # noqa: FBT001  a table's columns
    queue = open_queue(url)

    assert (queue.in_service, queue.feeds) == (in_service, feeds)
    await queue.close()
