"""Rate limits in Redis when Redis is restarted, stands still, or is of no use: no request fails, none waits long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from taskcore.limits import Rate
from taskcore_redis import RedisLimiter, open_limiter
from tests.servers.redis import Redis, redis_server

SLOW = Rate(amount=20, seconds=3_600, burst=20)
NOBODY_LISTENS = "redis://127.0.0.1:1/0"
GONE = "Redis does not answer"
BACK = "Redis answers again"
SECONDS_TO_COME_BACK = 30
SECONDS_OF_ONE_TRIP = 5
"""Twenty times what one may take, since the machine may be busy."""


@pytest.fixture
def redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


@pytest.fixture
async def limiter(redis: Redis) -> AsyncIterator[RedisLimiter]:
    opened = open_limiter(redis.url)
    yield opened
    await opened.close()


@pytest.fixture
def key() -> str:
    return f"test:{uuid4()}"


async def allowed(limiter: RedisLimiter, key: str, count: int) -> int:
    return sum([(await limiter.hit(key, SLOW)).allowed for _ in range(count)])


async def told(limiter: RedisLimiter, caplog: pytest.LogCaptureFixture, what: str) -> None:
    """Ask for something else until the log says it."""
    deadline = time.monotonic() + SECONDS_TO_COME_BACK
    while what not in caplog.text:
        await limiter.hit("meanwhile", SLOW)
        await asyncio.sleep(0)
        assert time.monotonic() < deadline, caplog.text


async def test_the_count_is_in_redis_until_its_bucket_is_full(
    redis: Redis, limiter: RedisLimiter, key: str
) -> None:
    await limiter.hit(key, SLOW)
    lifetime = int(redis.ask("PTTL", f"taskcore:rate:{key}").strip(":\r\n"))

    assert 150_000 < lifetime <= 180_000


async def test_a_script_that_redis_forgot_is_sent_again(
    redis: Redis, limiter: RedisLimiter, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    await limiter.hit(key, SLOW)
    redis.ask("SCRIPT", "FLUSH")

    assert (await limiter.hit(key, SLOW)).remaining == 18
    assert caplog.text == ""


async def test_counts_that_redis_forgot_start_anew(
    redis: Redis, limiter: RedisLimiter, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    await allowed(limiter, key, 25)
    redis.ask("FLUSHALL")

    assert (await limiter.hit(key, SLOW)).remaining == 19
    assert caplog.text == ""


async def test_a_clock_that_was_set_back_keeps_nobody_out_for_longer_than_an_empty_bucket(
    redis: Redis, limiter: RedisLimiter, key: str
) -> None:
    redis.ask("SET", f"taskcore:rate:{key}", "99999999999999999")

    refused = await limiter.hit(key, SLOW)

    assert not refused.allowed
    assert refused.retry_after_seconds == pytest.approx(180)
    assert refused.remaining == 0


async def test_while_redis_is_down_this_process_counts_on_from_what_it_knew(
    redis: Redis, limiter: RedisLimiter, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = await allowed(limiter, key, 5)
    redis.stop()
    after = await allowed(limiter, key, 40)

    assert before + after == 20
    assert caplog.text.count(GONE) == 1


async def test_a_limit_holds_for_many_at_once_while_redis_is_down(
    redis: Redis, limiter: RedisLimiter, key: str
) -> None:
    redis.stop()
    verdicts = await asyncio.gather(*(limiter.hit(key, SLOW) for _ in range(500)))

    assert sum(each.allowed for each in verdicts) == 20


async def test_redis_counts_again_once_it_is_back(
    redis: Redis, limiter: RedisLimiter, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    redis.stop()
    await told(limiter, caplog, GONE)
    redis.start()
    await told(limiter, caplog, BACK)
    await limiter.hit(key, SLOW)

    assert redis.ask("EXISTS", f"taskcore:rate:{key}") == ":1\r\n"
    assert caplog.text.count(GONE) == caplog.text.count(BACK) == 1


async def test_while_redis_stands_still_one_request_waits_a_moment_and_the_others_not_at_all(
    redis: Redis, limiter: RedisLimiter, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    await limiter.hit(key, SLOW)
    with redis.paused():
        started = time.monotonic()
        after = await allowed(limiter, key, 1_000)
        seconds = time.monotonic() - started
    await told(limiter, caplog, BACK)

    assert after == 19
    assert seconds < SECONDS_OF_ONE_TRIP
    assert caplog.text.count(GONE) == 1


async def test_those_who_wait_when_redis_stops_answering_all_get_an_answer(
    redis: Redis, limiter: RedisLimiter, key: str
) -> None:
    await limiter.hit("warm", SLOW)
    with redis.paused():
        started = time.monotonic()
        verdicts = await asyncio.gather(*(limiter.hit(key, SLOW) for _ in range(10_000)))
        seconds = time.monotonic() - started

    assert sum(each.allowed for each in verdicts) == 20
    assert seconds < SECONDS_OF_ONE_TRIP


async def test_an_answer_that_came_too_late_is_not_taken_for_another(
    redis: Redis, limiter: RedisLimiter, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    await allowed(limiter, key, 3)
    with redis.paused():
        await told(limiter, caplog, GONE)
    await told(limiter, caplog, BACK)

    assert (await limiter.hit("of its own", SLOW)).remaining == 19
    assert (await limiter.hit(key, SLOW)).remaining == 16


@pytest.mark.slow
async def test_a_redis_that_answers_and_takes_no_change_counts_as_away(
    redis: Redis, limiter: RedisLimiter, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    redis.ask("REPLICAOF", "127.0.0.1", "1")
    before = await allowed(limiter, key, 25)
    looked_at = time.monotonic()
    while time.monotonic() - looked_at < 2.5:  # long enough for it to look again twice
        await limiter.hit(key, SLOW)
        await asyncio.sleep(0)

    assert before == 20
    assert caplog.text.count(GONE) == 1
    assert BACK not in caplog.text


async def test_a_redis_that_never_was_there_makes_nobody_fail(key: str) -> None:
    limiter = open_limiter(NOBODY_LISTENS)

    assert await allowed(limiter, key, 25) == 20

    await limiter.close()


async def test_closing_does_not_wait_for_a_redis_that_stands_still(
    redis: Redis, limiter: RedisLimiter, key: str
) -> None:
    await limiter.hit(key, SLOW)
    with redis.paused():
        asked = asyncio.create_task(limiter.hit(key, SLOW))
        await asyncio.sleep(0)
        started = time.monotonic()
        await limiter.close()
        seconds = time.monotonic() - started

    assert seconds < SECONDS_OF_ONE_TRIP
    assert (await asked).remaining == 18


async def test_a_password_is_not_told_when_a_server_refuses_it(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = open_limiter(redis.url.replace("redis://", "redis://ada:hunter2@"))
    count = await allowed(limiter, "test", 25)
    await limiter.close()

    assert count == 20
    assert GONE in caplog.text
    assert "hunter2" not in caplog.text
