"""`taskcore report`: from a store into PostgreSQL, by processes that are ended at any moment."""

from __future__ import annotations

import asyncio
import csv
import gc
import io
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from taskcore.connect import STORES, STREAMS, resolve
from taskcore.delivery.ports import Stream
from taskcore.events import Event
from taskcore.ports import EventSearch
from taskcore_cli import main
from tests.entry.cli.conftest import COMMAND, Taskcore, opened
from tests.integration.report_tables import in_one_pass, tables
from tests.servers.nats import nats_server
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the servers of the tests are for POSIX")
SECONDS = 60


@pytest.fixture
def another_url(postgres_server: Postgres) -> Iterator[str]:
    name = f"other_{uuid4().hex}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


def work(taskcore: Taskcore, count: int) -> None:
    """So many tasks are made, and half of them done."""
    with opened(taskcore) as core:
        me: Any = core.acting_as(core.users.find("ada@example.org").id)
        for number in range(count):
            task = me.tasks.create("PLAT", f"Task {number}", status="in_progress")
            if number % 2:
                me.tasks.complete(task.id)


async def log_of(taskcore: Taskcore) -> list[Event]:
    """Ada's team's, from the store itself."""
    store = resolve(STORES, taskcore.store)(taskcore.store, blocking=False)
    try:
        (team_id,) = await store.rows().heads()
        log: list[Event] = await store.rows().events(EventSearch(team_id, after=0, limit=100_000))
        return log
    finally:
        await store.close()


def started(taskcore: Taskcore, url: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "report", "project", "--into", url, *words],
        env=taskcore.environment,
        cwd=taskcore.folder,
        stderr=subprocess.PIPE,
        text=True,
    )


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def until(url: str, sql: str, wanted: Callable[[Any], bool]) -> None:
    """Ask until the answer is as wanted."""
    deadline = time.monotonic() + SECONDS
    async with connected(url) as connection:
        while not wanted(await connection.fetchval(sql)):
            assert time.monotonic() < deadline, sql
            await asyncio.sleep(0.02)


HEAD = "SELECT CASE WHEN to_regclass('taskcore_report.positions') IS NULL THEN 0 ELSE 1 END"
SEQ = "SELECT max(seq) FROM taskcore_report.positions"
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
WAITING = f"{OTHERS} AND wait_event_type = 'Lock'"


async def test_killed_in_the_middle_of_a_batch_it_leaves_nothing_of_it(
    taskcore: Taskcore, postgres_url: str, another_url: str
) -> None:
    work(taskcore, 10)
    taskcore("report", "project", "--into", postgres_url, "--once")
    before = await tables(postgres_url)
    work(taskcore, 10)
    async with connected(postgres_url) as holder:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("LOCK TABLE taskcore_report.changes IN ACCESS EXCLUSIVE MODE")
        process = started(taskcore, postgres_url)
        await until(
            postgres_url, WAITING, lambda count: count == 1
        )  # its tasks are written, its figures are not
        process.kill()
        process.communicate()
        await transaction.rollback()
    await until(postgres_url, OTHERS, lambda count: count == 0)

    assert await tables(postgres_url) == before
    taskcore("report", "project", "--into", postgres_url, "--once")
    assert await tables(postgres_url) == await in_one_pass(another_url, [await log_of(taskcore)])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_follows_until_it_is_told_to_end(
    taskcore: Taskcore, postgres_url: str, number: signal.Signals
) -> None:
    work(taskcore, 2)
    head = len(await log_of(taskcore))
    process = started(taskcore, postgres_url)
    await until(postgres_url, HEAD, bool)
    await until(postgres_url, SEQ, lambda seq: seq == head)
    work(taskcore, 1)
    await until(postgres_url, SEQ, lambda seq: seq == head + 1)
    process.send_signal(number)
    _, said = process.communicate(timeout=SECONDS)

    assert process.returncode == 0
    assert said == f"taskcore: {head + 1} events read, 1 teams\n"


async def test_it_shows_each_day(taskcore: Taskcore, postgres_url: str) -> None:
    work(taskcore, 4)
    told = taskcore("report", "project", "--once", TASKCORE_REPORTS=postgres_url)
    today = datetime.now(UTC).date()
    shown = taskcore.json("report", "show", "--into", postgres_url, "--team", "plat")["items"]
    since = ["--since", str(today - timedelta(days=1))]
    cells = list(
        csv.DictReader(
            io.StringIO(taskcore("report", "show", "--into", postgres_url, *since, "--csv").stdout)
        )
    )
    before = str(today - timedelta(days=2)), str(today - timedelta(days=1))
    quiet = taskcore(
        "report", "show", "--into", postgres_url, "--since", before[0], "--until", before[1], "--quiet"
    )
    table = taskcore(
        "report", "show", "--into", postgres_url, *since, "--svg", "flow.svg"
    ).stdout.splitlines()

    assert told.stderr == f"taskcore: {len(await log_of(taskcore))} events read, 1 teams\n"
    assert (len(shown), shown[-1]["day"]) == (30, str(today))
    figures = ("created", "completed", "wip", "in_progress", "done", "reopened")
    assert [shown[-1][name] for name in figures] == [4, 2, 2, 2, 2, 0]
    assert shown[-1]["cycle_p85_hours"] == shown[-1]["lead_p50_hours"] == 0
    assert [(each["day"], each["team"], each["completed"]) for each in cells[-1:]] == [
        (str(today), "PLAT", "2")
    ]
    assert table[0].split()[:4] == ["DAY", "TEAM", "CREATED", "COMPLETED"]
    assert len(table) == 3
    assert quiet.stdout.split() == [*before]
    assert "done 2" in (taskcore.folder / "flow.svg").read_text(encoding="utf-8")


def test_what_it_cannot_do_is_told(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TASKCORE_STORE", f"sqlite:///{tmp_path.as_posix()}/tasks.db")
    into = ("--into", postgres_url)
    for words, exits, why in [
        (["project", "--once"], 2, "reports: say where they are"),
        (["show"], 2, "reports: say where they are"),
        (["show", *into], 3, "no reports yet"),
        (["project", "--into", "file:///x", "--once"], 2, "no adapter for file://"),
        (["project", *into, "--from", "carrier://pigeon", "--once"], 2, "no adapter for carrier://"),
        (["project", *into, "--from", "stream", "--once"], 2, "stream: is not set"),
        (["project", *into, "--from", "memory://", "--once"], 2, "memory:// is"),
        (["show", *into, "--since", "tomorrow"], 2, "since: must be a day"),
        (["show", *into, "--since", "0001-01-01"], 2, "since: must be a day of the last"),
        (["show", *into, "--until", "9999-01-01"], 2, "until: must be a day of the last"),
        (["show", *into, "--until", "2026-01-02", "--since", "2026-01-03"], 2, "up to 2026-01-02"),
        (["project", *into, "--once"], 0, "0 events read"),
        (["show", *into, "--team", "OPS"], 3, "no team 'OPS'"),
        (["show", *into, "--svg", "flow.svg"], 2, "svg: is of one team"),
    ]:
        assert main(["report", *words]) == exits
        said = capsys.readouterr().err
        assert why in said
        assert exits == 0 or "events read" not in said
    gc.enable()  # the command, which is to end with it, has turned it off


@pytest.fixture(scope="module")
def nats_url() -> Iterator[str]:
    with nats_server() as server:
        yield server.url


async def test_from_a_broker_it_is_the_same_whoever_is_killed(
    taskcore: Taskcore, postgres_url: str, another_url: str, nats_url: str
) -> None:
    work(taskcore, 10)
    log = await log_of(taskcore)
    stream: Stream = resolve(STREAMS, nats_url)(nats_url)
    await stream.publish(log[:12])
    source = ("--from", f"{nats_url}?again=1&consumer=killed")
    taskcore("report", "project", "--into", postgres_url, *source, "--once")
    before = await tables(postgres_url)
    await stream.publish(log[8:])
    await stream.close()
    async with connected(postgres_url) as holder:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("LOCK TABLE taskcore_report.changes IN ACCESS EXCLUSIVE MODE")
        process = started(taskcore, postgres_url, *source)
        await until(postgres_url, WAITING, lambda count: count == 1)
        process.kill()
        process.communicate()
        await transaction.rollback()
    await until(postgres_url, OTHERS, lambda count: count == 0)

    assert await tables(postgres_url) == before
    taskcore("report", "project", "--into", postgres_url, *source, "--once")
    assert await tables(postgres_url) == await in_one_pass(another_url, [log])


async def test_what_a_broker_does_not_have_is_told_and_read_from_the_store(
    taskcore: Taskcore, postgres_url: str, another_url: str, nats_url: str
) -> None:
    work(taskcore, 3)
    log = await log_of(taskcore)
    stream: Stream = resolve(STREAMS, nats_url)(f"{nats_url}?stream=late&subject=late")
    await stream.publish(log[2:])
    await stream.close()
    source = ("--from", f"{nats_url}?stream=late&subject=late&consumer=late&again=1")
    refused = taskcore("report", "project", "--into", postgres_url, *source, "--once", exits=5)

    assert f"events 1 to 2 of team {log[0].team_id} are missing" in refused.stderr
    assert "--from store --from-start" in refused.stderr
    taskcore("report", "project", "--into", postgres_url, "--from", "store", "--from-start", "--once")
    taskcore("report", "project", "--into", postgres_url, *source, "--once")
    assert await tables(postgres_url) == await in_one_pass(another_url, [log])
