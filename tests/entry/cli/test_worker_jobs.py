"""`taskcore worker` and `taskcore serve` run jobs; a worker gives back what it cannot end, and says whether it is well."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from taskcore.core import TaskCore
from taskcore.errors import Invalid
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.states import new_job
from taskcore.ports import Unit
from taskcore_cli.nouns.worker import _address
from tests.entry.cli.conftest import Taskcore
from tests.entry.cli.test_worker import PATIENCE_SECONDS, library
from tests.servers.holding import KIND

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing")

ROOT = Path(__file__).parents[3]
HOLDING = (sys.executable, "-m", "tests.servers.holding")


@asynccontextmanager
async def at_work(taskcore: Taskcore, *words: str, **environ: str) -> AsyncIterator[tuple[Process, str]]:
    """It, once it has said so, and what else it said in that line."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    process = await asyncio.create_subprocess_exec(
        *HOLDING,
        *words,
        env={**taskcore.environment, "PYTHONPATH": path, **environ},
        cwd=taskcore.folder,
        stderr=PIPE,
    )
    try:
        assert process.stderr is not None
        line = (await process.stderr.readline()).decode()
        assert "at work on" in line or "http://" in line, line + (await process.stderr.read()).decode()
        yield process, line.strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def queued(core: TaskCore, count: int = 1, *, at_once: bool = False) -> Sequence[Job]:
    now = core._outside.clock()
    jobs = [new_job(core._outside.ids(), KIND, now, {"at_once": at_once}) for _ in range(count)]

    async def work(unit: Unit) -> None:
        await unit.save(jobs)

    await core.store.transact(work)
    return jobs


async def until(core: TaskCore, state: JobState, count: int) -> list[Job]:
    """Once so many are in this state, by another process."""
    found: list[Job] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(found) < count:
            found = await core.store.rows().find(Job, kind=KIND, state=state)
            await asyncio.sleep(0.02)
    return found


@pytest.mark.slow
async def test_a_worker_told_to_end_gives_back_what_it_has_and_the_next_one_does_it_at_once(
    taskcore: Taskcore,
) -> None:
    async with library(taskcore) as core:
        await queued(core, 6)
        async with at_work(taskcore, "worker", "--slots", "3", "--grace", "2") as (process, _):
            running = await until(core, JobState.RUNNING, 3)
            process.send_signal(signal.SIGTERM)
            _, said = await process.communicate()
        given_back = await core.store.rows().find(Job, kind=KIND, state=JobState.WAITING)
        async with at_work(taskcore, "worker", "--slots", "6"):
            again = await until(core, JobState.DONE, 3)

    assert (process.returncode, said, len(running), len(given_back)) == (0, b"", 3, 6)
    assert {job.id for job in again} == {job.id for job in running}
    assert {(job.attempts, job.failures) for job in again} == {(2, ())}


@pytest.mark.slow
async def test_a_part_of_a_worker_does_its_own_work_alone(taskcore: Taskcore) -> None:
    async with library(taskcore) as core:
        await queued(core, at_once=True)
        async with at_work(taskcore, "worker", "--only", "relay", "--only", "timers"):
            async with at_work(taskcore, "worker", "--only", "jobs"):
                (done,) = await until(core, JobState.DONE, 1)
            (left,) = await queued(core, at_once=True)
        (still,) = await core.store.rows().find(Job, id=left.id)

    assert (done.attempts, still.state) == (1, JobState.WAITING)


async def test_a_worker_says_whether_it_is_well(taskcore: Taskcore) -> None:
    async with at_work(taskcore, "worker", "--health", "127.0.0.1:0") as (process, line):
        address = f"http://127.0.0.1:{line.rpartition(' ')[2]}"
        async with httpx.AsyncClient(base_url=address) as http:
            well, elsewhere = await http.get("/healthz"), await http.get("/")
            refused, head = await http.post("/healthz"), await http.head("/healthz?verbose")
        process.terminate()
        await process.communicate()

    assert (well.status_code, well.text, process.returncode) == (200, "well\n", 0)
    assert (elsewhere.status_code, refused.status_code, head.status_code, head.text) == (404, 405, 200, "")


@pytest.mark.parametrize("wrong", ["8080", ":8080", "localhost:", "localhost:70000", "localhost:x"])
def test_a_place_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid, match="--health"):
        _address(wrong)


@pytest.mark.parametrize(
    ("text", "place"), [("10.0.0.1:80", ("10.0.0.1", 80)), ("[::1]:0", ("::1", 0)), ("h:1", ("h", 1))]
)
def test_a_place_is_a_host_and_a_port(text: str, place: tuple[str, int]) -> None:
    assert _address(text) == place


@pytest.mark.slow
async def test_a_service_runs_jobs_itself(taskcore: Taskcore) -> None:
    async with library(taskcore) as core:
        await queued(core, at_once=True)
        async with at_work(taskcore, "serve", "--port", "0"):
            (done,) = await until(core, JobState.DONE, 1)

    assert done.attempts == 1
