"""What every rate limiter promises, over each adapter, Redis a real one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from taskcore.connect import resolve
from taskcore.errors import Invalid
from taskcore.limits import Rate, RateLimiter, Verdict
from tests.servers.redis import Redis, redis_server

ROOT = Path(__file__).parents[2]
LIMITERS = "taskcore.limiters"
SLOW = Rate(amount=20, seconds=3_600, burst=20)
"""One in three minutes: while a test runs, nothing comes in."""
QUICK = Rate(amount=20, seconds=1, burst=2)
ODD_KEYS = ["", " ", "user:\u00e9\U0001f600", "\ud800", "a\r\nSET b c", "\0", "{x}", "k" * 5_000]


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return "memory://"
    server: Redis = request.getfixturevalue("redis")
    return server.url


@pytest.fixture
async def limiter(
    url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RateLimiter]:
    """A limiter that says nothing: one that counts by itself, because Redis is away, says so."""
    if url.startswith("redis://"):  # a machine as busy as one that tests is no Redis that is away
        monkeypatch.setattr("taskcore_redis.limiter.PATIENCE_SECONDS", 10)
    opened = open_limiter(url)
    yield opened
    await opened.close()
    assert caplog.get_records("call") == []


def open_limiter(url: str) -> RateLimiter:
    limiter: RateLimiter = resolve(LIMITERS, url)(url, blocking=False)
    return limiter


@pytest.fixture
def key() -> str:
    return f"test:{uuid4()}"


async def hits(limiter: RateLimiter, key: str, rate: Rate, count: int) -> list[Verdict]:
    return [await limiter.hit(key, rate) for _ in range(count)]


async def test_a_full_bucket_gives_what_it_holds_and_no_more(limiter: RateLimiter, key: str) -> None:
    verdicts = await hits(limiter, key, SLOW, 25)

    assert [each.allowed for each in verdicts] == [True] * 20 + [False] * 5
    assert [each.remaining for each in verdicts] == [*range(19, -1, -1), 0, 0, 0, 0, 0]


async def test_of_many_at_once_as_many_are_allowed_as_the_bucket_holds(
    limiter: RateLimiter, key: str
) -> None:
    verdicts = await asyncio.gather(*(limiter.hit(key, SLOW) for _ in range(200)))

    assert sum(each.allowed for each in verdicts) == 20


async def test_a_bucket_may_hold_more_than_one_interval_brings(limiter: RateLimiter, key: str) -> None:
    verdicts = await hits(limiter, key, Rate(amount=1, seconds=3_600, burst=50), 60)

    assert sum(each.allowed for each in verdicts) == 50


async def test_what_was_taken_is_told_as_the_time_until_it_is_back(limiter: RateLimiter, key: str) -> None:
    first, second = await hits(limiter, key, SLOW, 2)

    assert first.reset_seconds == pytest.approx(180, abs=0.01)
    assert second.reset_seconds == pytest.approx(360, abs=30)
    assert first.retry_after_seconds == second.retry_after_seconds == 0


async def test_who_is_refused_is_told_when_the_next_one_is_in(limiter: RateLimiter, key: str) -> None:
    last, refused = (await hits(limiter, key, SLOW, 21))[-2:]

    assert last.allowed
    assert last.retry_after_seconds == pytest.approx(180, abs=30)
    assert not refused.allowed
    assert refused.retry_after_seconds == pytest.approx(180, abs=30)
    assert refused.reset_seconds == pytest.approx(3_600, abs=30)


async def test_what_is_refused_takes_nothing(limiter: RateLimiter, key: str) -> None:
    await hits(limiter, key, SLOW, 20)
    first, *_, last = await hits(limiter, key, SLOW, 100)

    assert last.reset_seconds <= first.reset_seconds
    assert last.retry_after_seconds <= first.retry_after_seconds


async def test_the_next_one_is_allowed_when_it_was_told_to_be(limiter: RateLimiter, key: str) -> None:
    await hits(limiter, key, QUICK, 2)
    asked_at = time.monotonic()
    refused = await limiter.hit(key, QUICK)
    while not (await limiter.hit(key, QUICK)).allowed:
        assert time.monotonic() - asked_at < 10
    waited_seconds = time.monotonic() - asked_at

    assert not refused.allowed
    assert waited_seconds >= refused.retry_after_seconds - 0.001


async def test_keys_are_counted_apart(limiter: RateLimiter, key: str) -> None:
    await hits(limiter, key, SLOW, 21)

    assert (await limiter.hit(key + "0", SLOW)).remaining == 19


@pytest.mark.parametrize("odd", ODD_KEYS, ids=range(len(ODD_KEYS)))
async def test_a_key_may_be_any_text(limiter: RateLimiter, odd: str) -> None:
    verdicts = await hits(limiter, odd, SLOW, 2)

    assert [each.remaining for each in verdicts] == [19, 18]


async def test_many_keys_at_once_get_each_their_own_answer(limiter: RateLimiter, key: str) -> None:
    """More than fit into one trip, and the same key several times in one."""
    asked = [(f"{key}:{number % 150}", number // 150) for number in range(600)]
    verdicts = await asyncio.gather(*(limiter.hit(name, SLOW) for name, _ in asked))

    assert [each.remaining for each in verdicts] == [19 - times for _, times in asked]


async def test_a_request_that_is_given_up_costs_the_others_nothing(limiter: RateLimiter, key: str) -> None:
    tasks = [asyncio.create_task(limiter.hit(key, SLOW)) for _ in range(10)]
    given_up = tasks[4]
    await asyncio.sleep(0)
    given_up.cancel()
    verdicts = await asyncio.gather(*tasks, return_exceptions=True)

    assert sum(isinstance(each, Verdict) and each.allowed for each in verdicts) >= 9


async def test_a_limiter_can_be_closed_before_anything_came(url: str) -> None:
    await open_limiter(url).close()


@pytest.mark.parametrize(
    "wrong",
    ["memory://host", "memory:///x", "memory://?x=1", "redis://:hunter2@host:port/0", "redis://h?db=hunter2"],
)
def test_a_limiter_refuses_what_it_does_not_understand(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        resolve(LIMITERS, wrong)(wrong, blocking=False)

    assert "hunter2" not in str(refused.value)


IN_ANOTHER_PROCESS = """
import asyncio, sys
from taskcore.connect import resolve
from taskcore.limits import Rate

url, key = sys.argv[1:]

async def main():
    limiter = resolve("taskcore.limiters", url)(url, blocking=False)
    await limiter.hit("warm", Rate(1, 1, 1))
    print("ready", flush=True)
    sys.stdin.readline()
    verdicts = await asyncio.gather(*(limiter.hit(key, Rate(20, 3600, 20)) for _ in range(50)))
    await limiter.close()
    print(sum(each.allowed for each in verdicts))

asyncio.run(main())
"""


def test_four_processes_together_allow_what_one_bucket_holds(redis: Redis, key: str) -> None:
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, redis.url, key]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  ourselves
        for _ in range(4)
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    counts = [int(each.communicate()[0]) for each in running]

    assert sum(counts) == 20
    assert [each.returncode for each in running] == [0] * 4
