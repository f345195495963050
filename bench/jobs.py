"""
What becomes of jobs while those who run them are killed, stopped and cut off; and how fast they go.

`python -m bench jobs [WHAT] [NUMBERS …]`, WHAT of `kills [JOBS] [KILLS]`, `stopped`, `ticks [KILLS]`, `term [SIGNALS]`,
`flush [TIMES]`, `cut [SECONDS]`, `units [COUNT]` and `throughput [JOBS] [ROUNDS]`; all of them without.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peers import throughput
from taskcore.jobs.model import Job
from taskcore.testing.jobs import enqueued_in_many_units
from tests.servers.faulty_proxy import faulty_proxy
from tests.servers.labour import Outcome, cut_off, kept_on, stood_still, ticked_on
from tests.servers.labourer import open_core
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.redis import Redis, redis_server

SLOTS = 4
MOST_LATE_SECONDS = 10.0


class Place:
    """A PostgreSQL and a Redis; a database of its own for each trial."""

    def __init__(self, postgres: Postgres, redis: Redis, folder: Path) -> None:
        self.postgres = postgres
        self.redis = redis
        self._folder = folder
        self._trials = 0

    def trial(self) -> tuple[str, Path]:
        """A store with our schema, and an empty folder."""
        self._trials += 1
        url = self.postgres.create(f"trial_{self._trials}")
        asyncio.run(_upgraded(url))
        folder = self._folder / str(self._trials)
        folder.mkdir()
        return url, folder

    def queues(self, store_url: str) -> dict[str, str]:
        return {"postgresql": store_url, "redis": self.redis.url}


async def _upgraded(url: str) -> None:
    async with open_core(url, "inline://") as core:
        await core.store.upgrade()


def kills(place: Place, numbers: list[int]) -> bool:
    """At random moments, while there is work in hand."""
    jobs, count = [*numbers, *(10_000, 100)[len(numbers) :]]
    return _on_each(place, jobs, count, signal.SIGKILL)


def term(place: Place, numbers: list[int]) -> bool:
    """Told to end under load."""
    (count,) = numbers or [50]
    return _on_each(place, 100 * count, count, signal.SIGTERM)


def flush(place: Place, numbers: list[int]) -> bool:
    """Redis forgets everything, again and again, while workers are killed."""
    (count,) = numbers or [20]
    return _kept_on(
        place, "redis", 100 * count, count, signal.SIGKILL, lambda _: _forget(place.redis), what="FLUSHALL, "
    )


def _forget(redis: Redis) -> None:
    redis.ask("FLUSHALL")


def _on_each(place: Place, jobs: int, count: int, number: signal.Signals) -> bool:
    good = [_kept_on(place, queue, jobs, count, number) for queue in ("postgresql", "redis")]
    return all(good)


def _kept_on(
    place: Place,
    queue: str,
    jobs: int,
    count: int,
    number: signal.Signals,
    meanwhile: Callable[[int], None] = lambda _: None,
    *,
    what: str = "",
) -> bool:
    url, folder = place.trial()
    began = time.monotonic()
    came = asyncio.run(
        kept_on(
            *(url, place.queues(url)[queue], folder),
            jobs=jobs,
            signals=count,
            number=number,
            slots=SLOTS,
            meanwhile=meanwhile,
        )
    )
    return _told(f"{what}{number.name}, {queue}", came, count * SLOTS, time.monotonic() - began)


def _told(what: str, came: Outcome, most_extra: int, seconds: float) -> bool:
    _say(f"{what}: {came} (at most {most_extra}), {seconds:.0f} s")
    return came.is_good(most_extra)


def stopped(place: Place, _numbers: list[int]) -> bool:
    """SIGSTOP for longer than the lease."""
    good = True
    for queue in ("postgresql", "redis"):
        url, folder = place.trial()
        came = asyncio.run(stood_still(url, place.queues(url)[queue], folder, lease_seconds=2))
        _say(f"SIGSTOP, {queue}: {came.effects} effect, of attempt {came.attempt}; the first {came.said}")
        good &= (came.effects, came.attempt, came.said[-1]) == (1, 2, "refused")
    return good


def ticks(place: Place, numbers: list[int]) -> bool:
    """Three who tick each second."""
    (count,) = numbers or [20]
    url, folder = place.trial()
    came = asyncio.run(ticked_on(url, place.redis.url, folder, kills=count, tick_seconds=1))
    _say(f"ticks: {came}")
    return not (came.missing or came.twice)


def cut(place: Place, numbers: list[int]) -> bool:
    """The way to the database is cut."""
    (seconds,) = numbers or [30]
    url, folder = place.trial()

    async def trial() -> tuple[float, Outcome]:
        port = int(url.rpartition(":")[2].partition("/")[0])
        async with faulty_proxy(port) as proxy:
            proxied = url.replace(f":{port}/", f":{proxy.port}/")
            return await cut_off(url, proxied, folder, proxy, seconds=seconds)

    late, came = asyncio.run(trial())
    _say(
        f"database cut for {seconds} s: work again {late:.2f} s after (at most {MOST_LATE_SECONDS:.0f}), {came}"
    )
    return late <= MOST_LATE_SECONDS and came.is_good(2 * SLOTS)


def units(place: Place, numbers: list[int]) -> bool:
    """Three in ten are undone after they have saved a job."""
    (count,) = numbers or [1_000]
    url, _ = place.trial()

    async def trial() -> tuple[int, int]:
        async with open_core(url, place.redis.url) as core:
            committed = await enqueued_in_many_units(core.store, count, seed=7)
            found = {job.id for job in await core.store.rows().find(Job)}
            return len(committed), len(committed ^ found)

    committed, differing = asyncio.run(trial())
    _say(f"{count} units, {committed} committed: {differing} jobs too many or missing")
    return not differing


TRIALS: dict[str, Callable[[Place, list[int]], bool]] = {
    each.__name__: each for each in (units, stopped, ticks, term, flush, cut, kills)
}


def main(arguments: list[str]) -> int:
    names = arguments[:1] or [*TRIALS, "throughput"]
    numbers = [int(each) for each in arguments[1:]]
    good = True
    _say(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name in names:
        if name == "throughput":
            good &= throughput(arguments[1:])
            continue
        with _place() as place:
            good &= TRIALS[name](place, numbers)
    return 0 if good else 1


@contextmanager
def _place() -> Iterator[Place]:
    with postgres_server() as postgres, redis_server() as redis, tempfile.TemporaryDirectory() as folder:
        yield Place(postgres, redis, Path(folder))


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
