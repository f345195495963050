"""`taskcore worker`: a process that tells webhooks of what happens, and ends well."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest

from taskcore.connect import assemble
from taskcore.core import TaskCore
from tests.entry.cli.conftest import ADA, CHEAP, COMMAND, Taskcore
from tests.servers.endpoint import Endpoint, answers, endpoint

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing")

LOOPBACK = "127.0.0.0/8"
TAKEN = answers("HTTP/1.1 204 No Content\r\n\r\n")
PATIENCE_SECONDS = 60


@asynccontextmanager
async def working(taskcore: Taskcore, **environ: str) -> AsyncIterator[Process]:
    """A worker that says it is at work."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "worker",
        env={**taskcore.environment, "TASKCORE_WEBHOOK_NETWORKS": LOOPBACK, **environ},
        cwd=taskcore.folder,
        stderr=PIPE,
    )
    try:
        assert process.stderr is not None
        line = (await process.stderr.readline()).decode()
        assert line == f"taskcore: at work on {taskcore.store}\n", (
            line + (await process.stderr.read()).decode()
        )
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def library(taskcore: Taskcore) -> TaskCore:
    """On the same store, in this process; it may name endpoints of this machine."""
    return assemble(taskcore.store, hasher_url=CHEAP, webhook_networks=[ip_network(LOOPBACK)])


async def so(is_so: Callable[[], bool]) -> None:
    """Once another process has made it so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110  nothing here is told of it
            await asyncio.sleep(0.02)


async def titles(there: Endpoint, count: int) -> list[str]:
    """What the endpoint was told of, once that is so much."""
    await so(lambda: len(there.asked) >= count)
    return [json.loads(asked.body)["data"]["data"]["task"]["title"] for asked in there.asked]


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_what_happens_is_told_whether_it_runs_meanwhile_or_starts_afterwards(
    taskcore: Taskcore, told: signal.Signals
) -> None:
    async with endpoint(TAKEN) as there, library(taskcore) as core:
        me = core.acting_as((await core.users.find(ADA)).id)
        await me.webhooks.create("PLAT", f"http://127.0.0.1:{there.port}/", kinds=["task.created"])
        await me.tasks.create("PLAT", "Before")
        async with working(taskcore) as process:
            await titles(there, 1)
            await me.tasks.create("PLAT", "Meanwhile")
            told_of = await titles(there, 2)
            process.send_signal(told)
            _, said = await process.communicate()

    assert told_of == ["Before", "Meanwhile"]
    assert (process.returncode, said) == (0, b"")


async def test_it_ends_in_time_though_an_endpoint_does_not_answer_and_the_next_one_tells_it_again(
    taskcore: Taskcore,
) -> None:
    async with endpoint() as silent, library(taskcore) as core:
        me = core.acting_as((await core.users.find(ADA)).id)
        await me.webhooks.create("PLAT", f"http://127.0.0.1:{silent.port}/", kinds=["task.created"])
        await me.tasks.create("PLAT", "Unanswered")
        async with working(taskcore) as process:
            await so(lambda: silent.connections > 0)
            process.terminate()
            _, said = await process.communicate()
        delivery = (await me.webhooks.deliveries((await me.webhooks.list("PLAT")).items[0].id)).items[0]

    assert (process.returncode, said) == (0, b"")
    assert delivery.next_attempt_at is not None


SLOW_TO_END = """
import asyncio
from taskcore_cli.working import ended_by_signals

async def main():
    told = ended_by_signals()
    print("at work", flush=True)
    await told.wait()
    print("ending", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once_and_without_a_word(told: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_TO_END], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(told)
    second = process.stdout.readline()
    process.send_signal(told)
    _, said = process.communicate()

    assert (first, second) == ("at work\n", "ending\n")
    assert (process.returncode, said) == (-told, "")


NEVER_ENDS = """
import asyncio, threading
from taskcore_cli.working import end_at_the_latest_in

async def stubborn():
    end_at_the_latest_in(0.1)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue

threading.Thread(target=threading.Event().wait).start()
asyncio.run(stubborn())
"""


def test_its_grace_time_ends_it_whatever_still_goes_on() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", NEVER_ENDS],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )

    assert (ended.returncode, ended.stderr.count("did not end in time")) == (7, 1)


async def test_a_store_of_one_process_has_nothing_to_tell(taskcore: Taskcore) -> None:
    done = taskcore("--store", "memory://", "worker", exits=2)

    assert "memory://" in done.stderr


async def test_a_store_that_is_no_use_is_told_at_once(taskcore: Taskcore) -> None:
    assert "tasks.db" in taskcore("--store", "sqlite:////nowhere/tasks.db", "worker", exits=7).stderr
