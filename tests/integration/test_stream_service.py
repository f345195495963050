"""A service that tells a real broker of everything, killed in the middle of it."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import taskcore
from taskcore.core import Acting
from taskcore.delivery.cloudevents import encoded, event_of
from taskcore.testing.stream import once
from taskcore.values import TeamId
from tests.contract.brokers import NatsBroker, nats_broker
from tests.servers import die_with_parent

EVENTS = 300
PATIENCE_SECONDS = 90


@pytest.fixture
def broker() -> Iterator[NatsBroker]:
    with nats_broker() as running:
        yield running


@contextmanager
def service(store: str, stream: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """It is killed at the end of the block, if not before, and never told to end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TASKCORE_")}
    settings = {"STORE": store, "STREAM": stream, "SECRET": secrets.token_hex(32)}
    environment |= {f"TASKCORE_{name}": value for name, value in settings.items()}
    as_our_own = [sys.executable, "-IS", die_with_parent.__file__, str(os.getpid()), ""]
    serve = [sys.executable, "-m", "uvicorn", "--factory", "taskcore_http:create_app", "--port", "0"]
    with (folder / "service.log").open("ab") as log:
        process = subprocess.Popen([*as_our_own, *serve], env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


async def work(me: Acting, team: TeamId, count: int) -> None:
    for number in range(count):
        await me.tasks.create(team, f"Task {number}")


async def until(broker: NatsBroker, teams: list[TeamId], count: int) -> None:
    """Once so many events have come, whatever came twice."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if len(once(await broker.bodies(teams))) >= count:
                return
            await asyncio.sleep(0.02)  # between one look and the next


@pytest.mark.slow
async def test_a_service_that_is_killed_midway_loses_nothing_and_keeps_the_order(
    broker: NatsBroker, tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path}/tasks.db"
    async with taskcore.open(store, hasher="scrypt://") as core:
        ada = await core.users.register("ada@example.org", name="Ada", password=None)
        me = core.acting_as(ada.id)
        teams = [(await me.teams.create(f"Team {key}", key=key)).id for key in ("ONE", "TWO", "THREE")]
        await asyncio.gather(*(work(me, team, EVENTS // 6) for team in teams))
        with service(store, broker.url, tmp_path) as running:
            await until(broker, teams, EVENTS // 6)
            working = [asyncio.create_task(work(me, team, EVENTS // 6)) for team in teams]
            await until(broker, teams, EVENTS // 3)
            running.kill()
            running.wait()
        await asyncio.gather(*working)
        logs = {team: await me.events.list(team, limit=200) for team in teams}
        count = sum(len(log.items) for log in logs.values())
        with service(store, broker.url, tmp_path):
            await until(broker, teams, count)
            told = {team: once(await broker.bodies([team])) for team in teams}

    assert count >= EVENTS
    for team, log in logs.items():
        assert [event_of(body).seq for body in told[team]] == list(range(1, len(log.items) + 1))
        assert told[team] == [encoded(event) for event in sorted(log.items, key=lambda each: each.seq)]
