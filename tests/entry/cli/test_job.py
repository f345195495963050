"""`taskcore job` on a store: what its operator sees, and how jobs that failed are tried again or thrown away."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from taskcore import blocking
from taskcore import open as opened
from taskcore.jobs.model import Job
from taskcore.jobs.ports import GiveUp, Run
from taskcore.jobs.runner import Runner
from tests.entry.cli.conftest import ADA, CHEAP
from tests.entry.cli.twins import Ran, ran

SECRET = "the merger is off"


@attrs.frozen
class Command:
    """`taskcore --store …`, in this process."""

    store: str
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *words: str, typed: str = "", exits: int = 0) -> Ran:
        done = ran(["--store", self.store, *words], self.capsys, self.monkeypatch, typed)
        assert done.code == exits, (words, done)
        return done

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json").out)


@pytest.fixture
def taskcore(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """With Ada alone in its store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TASKCORE_HASHER", CHEAP)
    store = f"sqlite:///{tmp_path.as_posix()}/tasks.db"
    with blocking.open(store, hasher=CHEAP) as core:
        core.users.register(ADA, name="Ada", password=None, is_admin=True)
    return Command(store, capsys, monkeypatch)


async def _fail(store: str, *kinds: str) -> list[Job]:
    """Have a job of each kind given up."""

    async def never(run: Run) -> None:
        await run.progress(3, 10, SECRET)
        raise GiveUp(SECRET)

    async with opened(store, hasher=CHEAP) as core:
        ada = await core.users.find(ADA)
        for kind in kinds:
            core.jobs.handle(kind, never)
            await core.jobs.enqueue(kind, {"title": SECRET}, user_id=ada.id)
        await Runner(core).step()
        return (await core.jobs.list()).items


@pytest.fixture
def failed(taskcore: Command) -> list[Job]:
    """Three jobs that are dead, of two kinds, the newest first."""
    return asyncio.run(_fail(taskcore.store, "a.b", "a.b", "c.d"))


@pytest.mark.usefixtures("failed")
def test_people_see_what_is_dead_and_why(taskcore: Command) -> None:
    heading, first, *_ = taskcore("job", "dead").out.splitlines()

    assert heading.split() == ["KIND", "STATE", "ATTEMPTS", "PROGRESS", "CREATED", "ENDED", "ERROR", "ID"]
    assert first.split()[:4] == ["c.d", "dead", "1/20", "3/10"]
    assert SECRET not in taskcore("job", "dead", "--json").out
    assert taskcore.json("job", "list", "--kind", "a.b", "--limit", "1")["next_cursor"] is not None
    assert taskcore("job", "list", "--state", "waiting").out == ""


def test_the_operator_sees_all_of_a_job_on_its_store(taskcore: Command, failed: list[Job]) -> None:
    shown, whole = (taskcore("job", "show", str(failed[0].id), *more).out for more in ((), ("--whole",)))

    assert SECRET not in shown
    assert "payload   title" in shown
    assert f'payload   {{"title": "{SECRET}"}}' in whole
    assert f"error     {SECRET}" in whole
    assert taskcore.json("job", "show", str(failed[0].id), "--whole")["payload"] == {"title": SECRET}


def test_jobs_are_retried_one_by_one_and_the_rest_goes_on(taskcore: Command, failed: list[Job]) -> None:
    first, second, _ = (str(each.id) for each in failed)
    tried = taskcore("job", "retry", first, "--dry-run")
    some = taskcore("job", "retry", first, "nonsense", second, "--quiet", exits=6)
    piped = taskcore("job", "retry", "-", typed=f"{first}\n", exits=5)

    assert "state dead → waiting" in tried.err
    assert some.out.split() == [first, second]
    assert "no such job nonsense" in some.err
    assert "has not ended" in piped.err
    assert taskcore("job", "cancel", first).out.split()[:2] == ["c.d", "cancelled"]
    assert [each["state"] for each in taskcore.json("job", "list")["items"]] == [
        "cancelled",
        "waiting",
        "dead",
    ]


@pytest.mark.usefixtures("failed")
def test_all_of_a_kind_are_retried_or_dropped_once_that_is_meant(taskcore: Command) -> None:
    tried = taskcore("job", "retry", "--all", "--kind", "a.b", "--dry-run")
    retried = taskcore("job", "retry", "--all", "--kind", "a.b")
    refused = taskcore("job", "drop", "--all", "--kind", "c.d", exits=2)
    dropped = taskcore("job", "drop", "--all", "--yes")

    assert "2 jobs would be retried" in tried.err
    assert "2 jobs retried" in retried.err
    assert "Drop all jobs that are dead kind c.d, for good?" in refused.err
    assert "1 job dropped" in dropped.err
    assert [each["kind"] for each in taskcore.json("job", "list")["items"]] == ["a.b", "a.b"]


@pytest.mark.parametrize(
    "words", [("retry",), ("retry", "--all", "x"), ("drop", "--state", "done", "x"), ("cancel",)]
)
def test_which_jobs_are_meant_is_said_in_one_way(taskcore: Command, words: tuple[str, ...]) -> None:
    assert taskcore("job", *words, exits=2).out == ""


def test_the_operator_is_nobody_who_could_repeat_under_a_key(taskcore: Command) -> None:
    assert "through a service" in taskcore("--idempotency-key", "k", "job", "list", exits=2).err


@pytest.mark.usefixtures("failed")
def test_one_sees_one_s_own(taskcore: Command) -> None:
    mine = taskcore.json("me", "jobs", "--kind", "c.d")["items"]
    shown = taskcore("me", "job", mine[0]["id"]).out

    assert [each["state"] for each in mine] == ["dead"]
    assert "progress  3/10 the merger is off" in shown
    assert taskcore("me", "cancel", mine[0]["id"], exits=5).out == ""


@pytest.mark.usefixtures("failed")
def test_the_doctor_tells_of_the_dead_and_of_what_nobody_takes(taskcore: Command) -> None:
    asyncio.run(_left_lying(taskcore.store, datetime.now(UTC) - timedelta(hours=3, minutes=5)))
    found = {each["name"]: each for each in taskcore.json("doctor")["items"]}["jobs"]

    assert found["verdict"] == "warning"
    assert "3 dead: taskcore job dead" in found["detail"]
    assert "x.y waits for 3 h" in found["detail"]


async def _left_lying(store: str, since: datetime) -> None:
    async with opened(store, hasher=CHEAP) as core:
        await core.jobs.enqueue("x.y", at=since)
