"""Processes that run jobs are killed, stopped, told to end and cut off: nothing is lost, and each effect is there once.
At full size in `bench/jobs.py`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.faulty_proxy import faulty_proxy
from tests.servers.labour import cut_off, kept_on, stood_still, ticked_on
from tests.servers.redis import Redis, redis_server

SLOTS = 4
LEASE_SECONDS = 1.0

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)]
"""Each starts interpreters, a second of work each."""


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


async def test_jobs_outlive_those_who_run_them_and_what_redis_forgets(
    store_url: str, redis: Redis, tmp_path: Path
) -> None:
    came = await kept_on(
        *(store_url, redis.url, tmp_path),
        jobs=60,
        signals=1,
        workers=2,
        slots=SLOTS,
        lease_seconds=LEASE_SECONDS,
        meanwhile=lambda _: _forget(redis),
    )

    assert came.is_good(SLOTS), str(came)


def _forget(redis: Redis) -> None:
    redis.ask("FLUSHALL")


async def test_who_is_told_to_end_gives_back_what_they_have(store_url: str, tmp_path: Path) -> None:
    came = await kept_on(
        *(store_url, store_url, tmp_path),
        jobs=60,
        signals=1,
        number=signal.SIGTERM,
        workers=1,
        slots=SLOTS,
        lease_seconds=60,  # what is not given back would be missing
        patience_seconds=55,
    )

    assert came.is_good(SLOTS), str(came)


async def test_who_stood_still_past_their_lease_cannot_complete_a_job(store_url: str, tmp_path: Path) -> None:
    came = await stood_still(store_url, store_url, tmp_path, lease_seconds=LEASE_SECONDS)

    assert (came.effects, came.attempt, came.said[-1]) == (1, 2, "refused")


async def test_each_tick_comes_once_whoever_dies(store_url: str, tmp_path: Path) -> None:
    came = await ticked_on(store_url, store_url, tmp_path, kills=1, tick_seconds=1, workers=2)

    assert (came.missing, came.twice) == (0, 0), str(came)


async def test_work_goes_on_once_the_store_is_there_again(store_url: str, tmp_path: Path) -> None:
    port = int(store_url.rpartition(":")[2].partition("/")[0])
    async with faulty_proxy(port) as proxy:
        proxied = store_url.replace(f":{port}/", f":{proxy.port}/")
        late, came = await cut_off(store_url, proxied, tmp_path, proxy, seconds=1, jobs=60, workers=1)

    assert late < 10
    assert came.is_good(SLOTS), str(came)
