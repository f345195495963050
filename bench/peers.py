"""
No-op jobs a second, beside the libraries that we do not use: procrastinate's own worker on PostgreSQL and SAQ's own on
Redis, in one run, in turn. One process, ten at once; all are queued before the clock starts, and it stops when the last
is recorded as done.

    pip install -e '.[bench]'
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from taskcore.jobs.runner import Runner
from tests.servers.labour import all_ended, enqueue
from tests.servers.labourer import Told, open_core, teach
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.redis import redis_server

JOBS, ROUNDS, SLOTS = 2_000, 5, 10
GOAL = 0.8
PATIENCE_SECONDS = 300.0


class Watch:
    """The time that passes, and that this process works."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def taken(self) -> tuple[float, float]:
        """The seconds of each since it was made."""
        return time.perf_counter() - self._began[0], time.process_time() - self._began[1]


Round = Callable[[int], Awaitable[tuple[float, float]]]
"""Runs so many jobs; gives what they took, queuing them aside."""


def throughput(arguments: list[str]) -> bool:
    """`[JOBS] [ROUNDS]`. Whether ours reaches `GOAL` of each."""
    if missing := [name for name in ("procrastinate", "saq") if find_spec(name) is None]:
        sys.stdout.write(f"NOT RUN: {' and '.join(missing)} is not here: pip install -e '.[bench]'\n")
        return True
    jobs, rounds = (int(each) for each in (*arguments, *(str(JOBS), str(ROUNDS))[len(arguments) :]))
    with postgres_server() as postgres, redis_server() as redis, tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_compared(postgres, redis.url, Path(folder), jobs, rounds))


async def _compared(postgres: Postgres, redis_url: str, folder: Path, jobs: int, rounds: int) -> bool:
    async with (
        _taskcore(postgres.create("ours"), postgres.url("ours"), folder) as by_postgres,
        _taskcore(postgres.create("fed"), redis_url, folder) as by_redis,
        _procrastinate(postgres.create("theirs")) as procrastinate,
        _saq(redis_url) as saq,
    ):
        contenders: dict[str, Round] = {
            "taskcore, postgresql://": by_postgres,
            "procrastinate": procrastinate,
            "taskcore, redis://": by_redis,
            "SAQ, Redis": saq,
        }
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        cpu: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, run in contenders.items():
                passed, worked = await run(jobs)
                seconds[name].append(passed)
                cpu[name].append(worked)
    rate = {name: jobs / median(taken) for name, taken in seconds.items()}
    for name, each in rate.items():
        spread = f"{jobs / max(seconds[name]):,.0f} to {jobs / min(seconds[name]):,.0f}"
        sys.stdout.write(
            f"{name:26} {each:8,.0f} jobs/s ({spread}), {1e6 * median(cpu[name]) / jobs:.0f} us of CPU each\n"
        )
    ratios = (
        rate["taskcore, postgresql://"] / rate["procrastinate"],
        rate["taskcore, redis://"] / rate["SAQ, Redis"],
    )
    sys.stdout.write(f"ours to procrastinate {ratios[0]:.2f}, to SAQ {ratios[1]:.2f} (at least {GOAL})\n")
    return min(ratios) >= GOAL


@asynccontextmanager
async def _taskcore(store_url: str, queue_url: str, folder: Path) -> AsyncIterator[Round]:
    core = open_core(store_url, queue_url)
    teach(core, Told(folder))
    async with core:
        await core.store.upgrade()

        async def run(count: int) -> tuple[float, float]:
            await enqueue(core, count, "nothing")
            runner = Runner(core, slots=SLOTS)
            watch = Watch()
            running = asyncio.create_task(runner.run())
            await all_ended(core, PATIENCE_SECONDS)
            taken = watch.taken()
            await runner.stop(1)
            await running
            return taken

        yield run


@asynccontextmanager
async def _procrastinate(url: str) -> AsyncIterator[Round]:
    procrastinate: Any = import_module("procrastinate")
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="nothing")  # type: ignore[untyped-decorator]  # it may not be here
    async def nothing() -> None:
        """Done at once."""

    async with app.open_async():
        await app.schema_manager.apply_schema_async()

        async def run(count: int) -> tuple[float, float]:
            await nothing.batch_defer_async(*({} for _ in range(count)))
            watch = Watch()
            await app.run_worker_async(concurrency=SLOTS, wait=False, install_signal_handlers=False)
            return watch.taken()

        yield run


@asynccontextmanager
async def _saq(url: str) -> AsyncIterator[Round]:
    saq: Any = import_module("saq")
    queue = saq.Queue.from_url(url)
    await queue.connect()
    left, over = 0, asyncio.Event()

    async def nothing(_context: object) -> None:
        """Done at once."""

    async def after_process(_context: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            over.set()

    async def run(count: int) -> tuple[float, float]:
        nonlocal left
        left = count
        over.clear()
        for begin in range(0, count, 100):
            await asyncio.gather(*(queue.enqueue("nothing") for _ in range(min(100, count - begin))))
        worker = saq.Worker(
            queue, functions=[("nothing", nothing)], concurrency=SLOTS, after_process=after_process
        )
        watch = Watch()
        working = asyncio.create_task(worker.start())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await over.wait()
        taken = watch.taken()
        await worker.stop()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        return taken

    yield run
    await queue.disconnect()


if __name__ == "__main__":
    sys.exit(0 if throughput(sys.argv[1:]) else 1)
