"""The deletion of a team through the command line, by workers that are killed."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from typing import Any

import pytest

from taskcore.core import TaskCore
from taskcore.sagas.model import SagaSummary
from tests.entry.cli.conftest import ADA, Taskcore
from tests.entry.cli.test_worker import PATIENCE_SECONDS, library, working

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there signals are another thing"),
    pytest.mark.slow,
]


def saga(taskcore: Taskcore) -> Any:
    (only,) = taskcore.json("saga", "list")["items"]
    return only


async def until(core: TaskCore, is_so: Callable[[SagaSummary], bool]) -> None:
    """Once it is so of the saga."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so((await core.sagas.list())[0]):  # noqa: ASYNC110  nothing here is told of it
            await asyncio.sleep(0.02)


async def killed(process: Process) -> None:
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def test_what_killed_workers_began_the_next_one_ends(taskcore: Taskcore) -> None:
    taskcore("--as", ADA, "add", "Precious", "--team", "PLAT")
    taskcore("--as", ADA, "team", "rm", "PLAT", "--yes")
    async with library(taskcore) as core:
        async with working(taskcore) as process:
            await until(core, lambda saga: saga.state == "waiting")
            (waiting,) = await core.sagas.list()
            await core.sagas.hasten(waiting.id)
            await until(core, lambda saga: saga.step != "wait")
            await killed(process)  # in the midst of whatever it does by now
        async with working(taskcore):
            await until(core, lambda saga: saga.state == "done")
        (ended,) = await core.sagas.list()
    taskcore("saga", "export", str(ended.id), "export.json")
    kept = json.loads((taskcore.folder / "export.json").read_text(encoding="utf-8"))
    steps = [each["step"] for each in taskcore.json("saga", "show", str(ended.id), "--log")["items"]]

    assert steps == ["hide", "export", "wait", "wait", "files", "purge", "tell"]
    assert [task["title"] for task in kept["tasks"]][-1] == "Precious"
    assert taskcore.json("--as", ADA, "team", "list")["items"] == []
    assert taskcore.json("--as", ADA, "me", "sagas")["items"][0]["state"] == "done"


def test_the_operator_brings_a_team_back(taskcore: Taskcore) -> None:
    taskcore("--as", ADA, "team", "rm", "PLAT", "--yes")
    cancelled = taskcore.json("saga", "cancel", saga(taskcore)["id"])
    shown = taskcore.json("--as", ADA, "team", "show", "PLAT")

    assert cancelled["state"] == "compensating"
    assert shown["key"] == "PLAT"


def test_an_owner_brings_a_team_back(taskcore: Taskcore) -> None:
    taskcore("--as", ADA, "team", "rm", "PLAT", "--yes")
    restored = taskcore.json("--as", ADA, "team", "restore", "PLAT")

    assert restored["key"] == "PLAT"
    assert taskcore("--as", ADA, "team", "show", "PLAT").stdout
