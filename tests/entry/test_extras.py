"""One extra alone: what it brings works, and what is missing names the command that installs it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest

import taskcore
from taskcore.connect import open_solver, open_typesetter, resolve
from taskcore.events import Event
from taskcore.limits import Rate
from taskcore.scheduling.leveling import Budget, Problem
from taskcore.values import EventId, TeamId

HERE = os.environ.get("TASKCORE_ONLY_EXTRA", "")
NOBODY_LISTENS = "postgresql://127.0.0.1:1/taskcore"
NO_REDIS = "redis://127.0.0.1:1/0"

BROKERS = {
    "nats": "nats",
    "redis": "redis",
    "rediss": "redis",
    "amqp": "rabbitmq",
    "amqps": "rabbitmq",
    "kafka": "kafka",
}
EVENT = Event(
    id=EventId(UUID(int=1)),
    team_id=TeamId(UUID(int=2)),
    kind="task.created",
    subject_type="task",
    subject_id=UUID(int=3),
    at=datetime(2026, 3, 1, tzinfo=UTC),
)

if not HERE:
    pytest.skip("wants an environment with one extra alone: nox -s extras", allow_module_level=True)


def without(extra: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(extra == HERE, reason=f"{extra} is here")


def with_only(extra: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(extra != HERE, reason=f"{extra} is not here")


async def test_a_store_in_memory_needs_no_extra() -> None:
    async with taskcore.open("memory://") as core:
        ada = await core.users.register("ada@example.org", name="Ada", password="correct horse battery")

    assert ada.name == "Ada"


@without("sqlite")
async def test_sqlite_names_its_extra(tmp_path: Path) -> None:
    with pytest.raises(taskcore.TaskCoreError) as refused:
        async with taskcore.open(f"sqlite:///{tmp_path}/tasks.db"):
            pass

    assert "pip install 'taskcore[sqlite]'" in str(refused.value)


@without("postgres")
async def test_postgresql_names_its_extra() -> None:
    with pytest.raises(taskcore.TaskCoreError) as refused:
        async with taskcore.open(NOBODY_LISTENS):
            pass

    assert "pip install 'taskcore[postgres]'" in str(refused.value)


@without("redis")
@pytest.mark.parametrize("url", [NO_REDIS, NO_REDIS.replace("redis", "rediss")])
def test_redis_names_its_extra(url: str) -> None:
    with pytest.raises(taskcore.TaskCoreError) as refused:
        resolve("taskcore.limiters", url)

    assert "pip install 'taskcore[redis]'" in str(refused.value)


@without("http")
@without("cli")  # which brings what posts along
async def test_posting_names_its_extra() -> None:
    poster = resolve("taskcore.posters", "https://")("https://")(())
    with pytest.raises(taskcore.TaskCoreError) as refused:
        await poster.post("https://example.org/", {}, b"")

    assert "pip install 'taskcore[http]'" in str(refused.value)


@pytest.mark.parametrize(("scheme", "extra"), BROKERS.items())
async def test_a_broker_is_asked_or_names_its_extra(scheme: str, extra: str) -> None:
    url = f"{scheme}://127.0.0.1:1"
    with pytest.raises(taskcore.TaskCoreError) as refused:
        await resolve("taskcore.streams", url)(url, blocking=False).publish([EVENT])

    expected = "did not confirm" if extra == HERE else f"pip install 'taskcore[{extra}]'"
    assert expected in str(refused.value)


@pytest.mark.parametrize(("scheme", "extra"), BROKERS.items())
async def test_reading_a_broker_back_is_tried_or_names_its_extra(scheme: str, extra: str) -> None:
    url = f"{scheme}://127.0.0.1:1?timeout=2"
    with pytest.raises(taskcore.TaskCoreError) as refused:
        await anext(
            resolve("taskcore.sources", url)(url, blocking=False).read({}, once=True, from_start=False)
        )

    expected = "gives no events" if extra == HERE else f"pip install 'taskcore[{extra}]'"
    assert expected in str(refused.value)


@without("postgres")
def test_reports_name_their_extra() -> None:
    with pytest.raises(taskcore.TaskCoreError) as refused:
        resolve("taskcore.reports", NOBODY_LISTENS)

    assert "pip install 'taskcore[postgres]'" in str(refused.value)


@without("ortools")
def test_ortools_names_its_extra() -> None:
    with pytest.raises(taskcore.TaskCoreError) as refused:
        open_solver("ortools://")

    assert "pip install 'taskcore[ortools]'" in str(refused.value)


@without("pdf")
def test_pdf_names_its_extra() -> None:
    with pytest.raises(taskcore.TaskCoreError) as refused:
        open_typesetter()

    assert "pip install 'taskcore[pdf]'" in str(refused.value)


@with_only("ortools")
def test_ortools_proves() -> None:
    one_of_two_at_a_time = Problem([2, 3], [[1], [1]], [[], []], [1])

    assert open_solver("ortools://").solve(one_of_two_at_a_time, Budget(seconds=5)).optimal


@without("numpy")
@without("ortools")  # which brings numpy along
def test_numpy_names_its_extra() -> None:
    with pytest.raises(taskcore.TaskCoreError) as refused:
        resolve("taskcore.networks", "numpy://")

    assert "pip install 'taskcore[numpy]'" in str(refused.value)


@with_only("numpy")
def test_numpy_finds_the_longest_path() -> None:
    network = resolve("taskcore.networks", "numpy://")([8, 16], [(0, 1, 8)])

    assert network.dates().finish == 24


@without("cli")
def test_the_command_names_its_extra() -> None:
    done = run_taskcore("--help")

    assert done.returncode == 1
    assert "pip install 'taskcore[cli]'" in done.stderr
    assert "Traceback" not in done.stderr


@with_only("sqlite")
async def test_sqlite_works(tmp_path: Path) -> None:
    async with taskcore.open(f"sqlite:///{tmp_path}/tasks.db") as core:
        ada = await core.users.register("ada@example.org", name="Ada", password="correct horse battery")

    assert ada.name == "Ada"


@with_only("postgres")
async def test_postgresql_is_asked() -> None:
    with pytest.raises(taskcore.TaskCoreError) as unanswered:
        async with taskcore.open(NOBODY_LISTENS) as core:
            await core.users.register("ada@example.org", name="Ada", password="correct horse battery")

    assert "pip install" not in str(unanswered.value)


@with_only("redis")
async def test_redis_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    limiter = resolve("taskcore.limiters", NO_REDIS)(NO_REDIS, blocking=False)
    verdict = await limiter.hit("somebody", Rate(amount=20, seconds=60, burst=20))
    await limiter.close()

    assert verdict.allowed
    assert "Redis does not answer" in caplog.text


@with_only("http")
def test_the_service_can_be_imported() -> None:
    assert import_module("taskcore_http").__name__ == "taskcore_http"


@with_only("cli")
def test_the_command_explains_itself() -> None:
    done = run_taskcore("--help")

    assert done.returncode == 0, done.stderr


@with_only("cli")
def test_serving_names_its_extra() -> None:
    done = run_taskcore("--store", "memory://", "serve")

    assert done.returncode == 1
    assert "pip install 'taskcore[http]'" in done.stderr
    assert "Traceback" not in done.stderr


def run_taskcore(*words: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("taskcore")
    return subprocess.run([command, *words], check=False, capture_output=True, text=True)
