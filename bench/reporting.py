"""
`python -m bench reporting [KILLS] [EVENTS]`: reports are fed from NATS while their reader is killed, again and again, at any
moment; in the end the tables are those of one pass. Exit code 1, where they are not.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from taskcore import blocking
from taskcore.connect import STORES, STREAMS, resolve
from taskcore.events import Event
from taskcore.ports import EventSearch
from taskcore.values import Status
from tests.integration.report_tables import in_one_pass, tables
from tests.servers.nats import nats_server
from tests.servers.postgres import postgres_server

CHANCE = Random(45)  # noqa: S311  the same story each time
COMMAND = (sys.executable, "-m", "taskcore_cli", "report", "project")
ATTEMPTS = 20


def main(arguments: list[str]) -> int:
    kills, count = (int(each) for each in (*arguments, *("50", "1000")[len(arguments) :]))
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres, nats_server() as nats:
        store = f"sqlite:///{Path(folder).as_posix()}/tasks.db"
        log = asyncio.run(_log(store, count))
        source = f"{nats.url}?again=1"
        environ = {**os.environ, "TASKCORE_STORE": store}
        command = [*COMMAND, "--into", postgres.create("reports"), "--from", source]
        begun = time.monotonic()
        asyncio.run(_killed(command, environ, nats.url, log, kills))
        runs = _finished([*command, "--once"], environ)
        found = asyncio.run(tables(postgres.url("reports")))
        wanted = asyncio.run(in_one_pass(postgres.create("wanted"), [log]))
        equal = found == wanted
        seconds = time.monotonic() - begun
        said = f"{len(log)} events, {kills} kills, {runs} more to the end, {seconds:.0f} s: tables "
        print(said + ("equal those of one pass" if equal else "DIFFER"))  # noqa: T201  a benchmark's word
        return 0 if equal else 1


async def _log(url: str, count: int) -> list[Event]:
    """Of one team, lived through on a real store."""
    await asyncio.to_thread(_live, url, count)
    store: Any = resolve(STORES, url)(url)
    (team_id,) = await store.rows().heads()
    log: list[Event] = await store.rows().events(EventSearch(team_id, after=0, limit=count))
    await store.close()
    return log


def _live(url: str, count: int) -> None:
    with blocking.open(url, hasher="scrypt://?n=2") as core:
        ada = core.users.register("ada@example.org", name="Ada", password="correct horse battery")  # noqa: S106
        me = core.acting_as(ada.id)
        me.teams.create("Platform", key="PLAT")
        tasks = [me.tasks.create("PLAT", "Ship it").id]
        for _ in range(count):
            if CHANCE.random() < 0.4:
                tasks.append(me.tasks.create("PLAT", "Ship it").id)
            else:
                me.tasks.edit(CHANCE.choice(tasks), status=CHANCE.choice([*Status]), force=True)


async def _killed(
    command: list[str], environ: dict[str, str], broker: str, log: list[Event], kills: int
) -> None:
    """A reader after the other, while more is published."""
    stream: Any = resolve(STREAMS, broker)(broker)
    for number in range(kills):
        process = await asyncio.create_subprocess_exec(*command, env=environ, stderr=subprocess.DEVNULL)
        await stream.publish(log[number * len(log) // kills : (number + 1) * len(log) // kills])
        await asyncio.sleep(CHANCE.uniform(0.5, 1.5))
        process.kill()
        await process.wait()
    await stream.close()


def _finished(command: list[str], environ: dict[str, str]) -> int:
    """How many runs it takes to the end: one, unless what a dead reader had is long in coming again."""
    for number in range(1, ATTEMPTS):
        if subprocess.run(command, env=environ, check=False).returncode == 0:  # noqa: S603  our own words
            return number
    raise RuntimeError("the reports do not come to the end")
